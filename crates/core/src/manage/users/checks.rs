//! The rules for a user's members. Owns what can be a user name or an address, and looks up what members name; each finding
//! points at its member.

use super::Members;
use crate::identity::user::{DIRECTORY, User, Username};
use crate::manage::call::Call;
use crate::manage::groups::BuiltIn;
use crate::manage::{Findings, LONGEST_NAME, LONGEST_TEXT, Refused, clients, groups, organizations, text};
use crate::store::fault::Stop;
use crate::store::tx::Tx;
use doorward_protocol::id::Id;

/// RFC 5321 §4.5.3.1.3: a path has at most 256 bytes, angle brackets included.
const LONGEST_EMAIL: usize = 254;
/// More groups than that are a mistake, and would not fit a token.
const MOST_GROUPS: usize = 100;
/// The same of clients.
const MOST_CLIENTS: usize = 100;

/// The user with other members, checked.
pub(super) fn changed(
    user: &User,
    members: &Members,
    built_in: &BuiltIn,
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<User, Stop<Refused>> {
    let mut findings = Findings::default();
    let username = check(members, &mut findings).unwrap_or_else(|| user.username.clone());
    let own = user.source == DIRECTORY;
    if !own && username != user.username {
        findings.add("/username", format!("is given by '{}', not here", user.source));
    }
    findings.refuse()?;
    let external_id = if own { username.to_string() } else { user.external_id.clone() };
    with(members, User { username, external_id, ..user.clone() }, built_in, call, tx)
}

/// The user with these members; what they name is looked up.
pub(super) fn with(
    members: &Members,
    user: User,
    built_in: &BuiltIn,
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<User, Stop<Refused>> {
    let mut findings = Findings::default();
    let organization = organizations::named(members.organization.as_deref(), call, &mut findings, tx)?;
    let groups = groups::named(&members.groups, organization, built_in, call, &mut findings, tx)?;
    let clients = clients::named(&members.clients, &user.clients, call, &mut findings, tx)?;
    findings.refuse()?;
    // An address is known to be somebody's only as long as it is the same one.
    let email_verified = user.email_verified && user.email == members.email;
    Ok(User {
        name: members.name.clone(),
        email: members.email.clone(),
        email_verified,
        contact: members.contact.clone(),
        status: members.status,
        organization,
        groups,
        clients,
        ..user
    })
}

pub(super) fn check(members: &Members, findings: &mut Findings) -> Option<Username> {
    let username: Option<Username> = findings.check("/username", members.username.parse());
    if members.username.trim().to_uppercase().parse::<Id>().is_ok() {
        findings.add("/username", "must not be shaped like an identifier");
    }
    text("/name", &members.name, LONGEST_NAME, findings);
    if members.name.contains('\n') {
        findings.add("/name", "is a single line");
    }
    if members.email.as_deref().is_some_and(|email| !is_email(email)) {
        findings.add("/email", "is an e-mail address, such as alice@example.com");
    }
    text("/contact", members.contact.as_deref().unwrap_or_default(), LONGEST_TEXT, findings);
    if members.clients.len() > MOST_CLIENTS {
        findings.add("/clients", format!("has at most {MOST_CLIENTS} clients"));
    }
    if members.groups.len() > MOST_GROUPS {
        findings.add("/groups", format!("has at most {MOST_GROUPS} groups"));
    }
    username
}

/// RFC 5321 §2.3.11: a local part and a domain. Whether mail arrives there is for mail to show.
fn is_email(text: &str) -> bool {
    let odd = |c: char| c.is_whitespace() || c.is_control() || "<>\"\\,;".contains(c);
    let halves = text.split_once('@');
    text.len() <= LONGEST_EMAIL
        && !text.contains(odd)
        && halves
            .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'))
}
