//! An approval on the program's own page, about to be recorded: the person, a session of its own, their consent, and the
//! code. Owns what of it may be new, and who may not approve any more.

use crate::access::consent::Consent;
use crate::context::draft::Draft;
use crate::endpoint::consent;
use crate::grant::standing;
use crate::identity::session::Session;
use crate::identity::user::User;
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::ticket::code::Code;
use doorward_protocol::error::{ErrorCode, OAuthError};
use doorward_protocol::id::Id;

/// What an approval records; it may run again.
pub(super) struct Approval {
    /// The owner, as they are written down if nobody knows them yet.
    pub(super) user: User,
    /// Whether they are, then.
    pub(super) made: bool,
    /// The session that the approval is.
    pub(super) session: Session,
    /// What they have agreed to.
    pub(super) consent: Consent,
    /// Whether the client needs their consent.
    pub(super) asks: bool,
    /// What the client gets.
    pub(super) code: Code,
    /// That the session has begun.
    pub(super) begun: Draft,
    /// That they have agreed.
    pub(super) given: Draft,
}

impl Approval {
    pub(super) fn record(&self, tx: &mut dyn Tx) -> Result<(), Stop<OAuthError>> {
        let user = self.owner(tx)?;
        let session = Session { user: user.id, user_generation: user.generation, ..self.session.clone() };
        tx.insert_session(&session)?;
        self.begun.of_user(user.id).within(user.organization).record(tx)?;
        let consent = if self.asks { Some(self.given(&user, tx)?) } else { None };
        let code = Code { user: user.id, user_generation: user.generation, consent, ..self.code.clone() };
        Ok(tx.insert_code(&code)?)
    }

    /// The owner, written down at first sight; whoever was switched off approves nothing.
    fn owner(&self, tx: &mut dyn Tx) -> Result<User, Stop<OAuthError>> {
        let known = match tx.user_known_as(&self.user.source, &self.user.external_id)? {
            Some(id) if tx.hold_user(id)? => tx.user(id)?,
            _ => None,
        };
        match known {
            Some(user) if user.is_active() && standing::admits(user.organization, tx)? => Ok(user),
            Some(_) => Err(denied("this account is switched off")),
            None if self.made => {
                tx.insert_user(&self.user).map_err(Fault::into_race)?;
                Ok(self.user.clone())
            }
            None => Err(denied("the owner is not known")),
        }
    }

    /// The program's page has asked; the answer is kept where the person can take it back.
    fn given(&self, user: &User, tx: &mut dyn Tx) -> Result<(Id, i64), Fault> {
        self.given.of_user(user.id).within(user.organization).record(tx)?;
        let user = user.id;
        consent::give(&Consent { user, ..self.consent.clone() }, tx)?;
        let stands = tx.consent(user, self.consent.client, self.consent.api)?;
        stands.map(|stands| (stands.id, stands.generation)).ok_or(Fault::Raced)
    }
}

/// The owner cannot approve.
pub(super) fn denied(what: &'static str) -> Stop<OAuthError> {
    Stop::Refuse(OAuthError::new(ErrorCode::AccessDenied, what))
}
