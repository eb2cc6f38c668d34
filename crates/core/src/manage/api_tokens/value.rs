//! The value of an API token. Owns how one is made and put in another's place; that it is told once, to whoever makes it, is its
//! callers' part.

use crate::context::Context;
use crate::keys::pepper::PepperVersion;
use crate::manage::api_tokens::owner::Owner;
use crate::store::fault::Fault;
use crate::token::api_token::{ApiToken, PreviousValue};
use crate::token::mint;
use doorward_protocol::access::level::AccessList;
use doorward_protocol::id::Id;
use doorward_protocol::secret::{Digest, Secret};
use doorward_protocol::time::{Lifetime, Seconds};
use doorward_protocol::token_text::TokenType;

/// A new value, as far as it is kept.
#[derive(Clone)]
pub(super) struct Value {
    digest: Digest,
    pepper: PepperVersion,
    last_four: String,
}

impl Value {
    /// A new value of a kind, and its text.
    pub(super) fn draw(kind: TokenType, context: &Context<'_>) -> Result<(Secret, Self), Fault> {
        let random = context.random.secret().map_err(Fault::broken)?;
        let (text, pepper, digest) = mint::secret(kind, &random, context.peppers);
        let last_four = text.expose()[text.expose().len() - 4..].to_owned();
        Ok((text, Self { digest, pepper, last_four }))
    }

    /// A token of this owner's with nothing but the value.
    pub(super) fn blank(&self, id: Id, owner: &Owner, (now, expires_at): (Seconds, Seconds)) -> ApiToken {
        ApiToken {
            id,
            digest: self.digest,
            pepper: self.pepper,
            owner: owner.id(),
            owner_generation: owner.generation(),
            name: String::new(),
            description: String::new(),
            last_four: self.last_four.clone(),
            access: AccessList::default(),
            allowed_ips: vec![],
            created_by_user: None,
            created_by_client: None,
            generation: 0,
            previous: None,
            issued_at: now,
            created_at: now,
            updated_at: now,
            expires_at,
            revoked_at: None,
            inactive_reason: None,
        }
    }

    /// The token with this value in place of the one it has, which goes on beside it for so long, though never for longer than it
    /// would have anyway. Of a value before that nothing is left.
    pub(super) fn replacing(
        &self,
        token: &ApiToken,
        overlap: Lifetime,
        (now, expires_at): (Seconds, Seconds),
    ) -> ApiToken {
        let until = token.expires_at.min(now + overlap);
        let previous = PreviousValue { digest: token.digest, pepper: token.pepper, expires_at: until };
        ApiToken {
            digest: self.digest,
            pepper: self.pepper,
            last_four: self.last_four.clone(),
            generation: token.generation + 1,
            previous: (until > now).then_some(previous),
            issued_at: now,
            updated_at: now.max(token.updated_at),
            expires_at,
            ..token.clone()
        }
    }
}
