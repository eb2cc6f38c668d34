//! The password: its one form, and what it takes to be accepted (NIST SP 800-63B-4 §3.1.1). Owns the rules and a sentence
//! for each refusal; what is guessed first stands in [`guessable`], the hash in [`hash`], and the threads that make hashes
//! in `hashing`.
//!
//! **One form.** The same letters typed on two machines may arrive as different bytes: a password is brought into Unicode's
//! form NFC first, so that an `é` of one key equals an `e` followed by its accent. Nothing else is changed: no letter is
//! folded, no space trimmed, nothing cut off.
//!
//! **No more rules than these.** Length, and that it is not among the first guesses. Nothing is said about digits, capitals
//! or signs: such rules make passwords alike, not strong.

pub mod guessable;
pub mod hash;

use crate::identity::password::guessable::Guessable;
use doorward_protocol::secret::Secret;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// NIST SP 800-63B-4 §3.1.1.2: characters (code points in NFC) of a password that is the only factor.
pub const LEAST: usize = 15;
/// The same where a second factor is asked for.
pub const LEAST_WITH_SECOND_FACTOR: usize = 8;
/// The longest password, in bytes: more would only make work.
pub const LONGEST: usize = 1024;

/// Composing a text makes it three times shorter at most, or longer: nothing beyond this can become short enough.
const LONGEST_UNCOMPOSED: usize = 4 * LONGEST;

/// A password in its one form: NFC, and within [`LONGEST`]. Wiped when dropped; it cannot be printed.
#[derive(Clone)]
pub struct Password(Secret);

/// What is known of an account, as far as it bears on its password.
#[derive(Clone, Copy, Debug, Default)]
pub struct Account<'a> {
    /// The user name.
    pub username: &'a str,
    /// The e-mail address.
    pub email: Option<&'a str>,
    /// The host of the service.
    pub host: &'a str,
    /// Whether a second factor is asked for beside the password.
    pub second_factor: bool,
}

/// Why a password is not accepted. Each reads on from "The password".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It has fewer characters than this.
    #[error("needs at least {0} characters; a few unrelated words are long and easy to remember")]
    TooShort(usize),
    /// It is longer than [`LONGEST`].
    #[error("is too long: {LONGEST} bytes are the most")]
    TooLong,
    /// No form could carry it.
    #[error("holds a line break or a NUL character, which the sign-in form could not send")]
    Untypable,
    /// It would be guessed early.
    #[error(transparent)]
    Guessable(#[from] Guessable),
}

impl Unfit {
    /// The whole sentence, for a page.
    #[must_use]
    pub fn sentence(&self) -> String {
        format!("The password {self}.")
    }
}

impl Password {
    /// Takes a text as a password, whether a good one or not.
    ///
    /// # Errors
    /// [`Unfit::TooLong`]: such a text is nobody's password.
    pub fn new(text: &str) -> Result<Self, Unfit> {
        if text.len() > LONGEST_UNCOMPOSED {
            return Err(Unfit::TooLong);
        }
        let composed = composed(text);
        if composed.expose().len() > LONGEST { Err(Unfit::TooLong) } else { Ok(Self(composed)) }
    }

    /// Why it cannot become the password of this account; nothing when it can.
    #[must_use]
    pub fn findings(&self, account: &Account<'_>) -> Vec<Unfit> {
        let text = self.0.expose();
        let least = if account.second_factor { LEAST_WITH_SECOND_FACTOR } else { LEAST };
        let short = (text.chars().count() < least).then_some(Unfit::TooShort(least));
        let untypable = text.contains(['\0', '\r', '\n']).then_some(Unfit::Untypable);
        // A short one is guessable by its length alone: one sentence says it.
        let guessable =
            if short.is_none() { guessable::look(text, account).map(Unfit::Guessable) } else { None };
        [short, untypable, guessable].into_iter().flatten().collect()
    }

    /// What is hashed.
    fn bytes(&self) -> &[u8] {
        self.0.expose().as_bytes()
    }
}

/// Unicode Standard Annex #15: the form NFC.
fn composed(text: &str) -> Secret {
    if is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return Secret::new(text.to_owned());
    }
    // Room for the longest outcome, so that growing leaves no copy behind that nobody wipes.
    let mut composed = String::with_capacity(3 * text.len());
    composed.extend(text.nfc());
    Secret::new(composed)
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) const ALICE: Account<'static> = Account {
        username: "alice.liddell",
        email: Some("wonder@example.com"),
        host: "login.looking-glass.example",
        second_factor: false,
    };

    fn findings(text: &str) -> Vec<Unfit> {
        Password::new(text).map_or_else(|unfit| vec![unfit], |password| password.findings(&ALICE))
    }

    /// NIST SP 800-63B-4 §3.1.1.2: at least 15 characters, no composition rules, spaces and Unicode welcome.
    #[test]
    fn a_password_is_judged_by_its_length_and_not_by_its_letters() {
        for good in [
            "tidy kettle moss",
            "vbkqzmwrtplxhgd",
            "GRANITELAMPOTTER",
            "ключ под ковриком у двери",
            "三匹の猫が屋根の上で眠っている夜",
            "🦊🪵🧭🫖🪑🧶🪞🥾🛶🪴🧲🪁🧺🥁🎻",
            "    spaces    at    both    ends    ",
            &"kV9".repeat(30),
        ] {
            let expected = if good.starts_with("kV9") { 1 } else { 0 };
            assert_eq!(findings(good).len(), expected, "{good}: {:?}", findings(good));
        }
        assert_eq!(findings("tidy kettle mos").len(), 0, "exactly 15");
        assert_eq!(findings("tidy kettle mo"), [Unfit::TooShort(15)]);
        assert_eq!(findings("Aa1!Aa1!"), [Unfit::TooShort(15)], "signs make up for nothing");
        assert_eq!(findings(""), [Unfit::TooShort(15)]);
    }

    #[test]
    fn a_second_factor_makes_eight_characters_enough() {
        let account = Account { second_factor: true, ..ALICE };
        let findings = |text: &str| Password::new(text).unwrap().findings(&account);
        assert_eq!(findings("kettle m"), []);
        assert_eq!(findings("kettle "), [Unfit::TooShort(8)]);
        assert_eq!(findings("password").len(), 1);
        assert_eq!(findings("12345678").len(), 1);
    }

    #[test]
    fn characters_are_counted_and_not_bytes() {
        assert_eq!(findings("žluťoučký kůň ú"), [], "15 characters");
        assert_eq!(findings("žluťoučký kůň "), [Unfit::TooShort(15)], "14 characters in 20 bytes");
        let apart = "e\u{301}".repeat(7) + "abcdefg";
        assert_eq!(findings(&apart), [Unfit::TooShort(15)], "21 code points as typed, 14 in NFC");
    }

    #[test]
    fn a_password_has_at_most_a_kibibyte_in_nfc() {
        let words = |bytes: usize| "tidy kettle moss, ".repeat(64)[..bytes].to_owned();
        assert!(Password::new(&words(1024)).is_ok());
        assert_eq!(findings(&words(1025)), [Unfit::TooLong]);
        assert!(Password::new(&"e\u{301}".repeat(512)).is_ok(), "1536 bytes as typed, 1024 in NFC");
        assert_eq!(findings(&"e\u{301}".repeat(513)), [Unfit::TooLong]);
        assert_eq!(findings(&"x".repeat(10_000_000)), [Unfit::TooLong]);
    }

    #[test]
    fn what_no_form_can_send_is_no_password() {
        for text in ["tidy\0kettle mosses", "tidy\nkettle mosses", "tidy\rkettle mosses"] {
            assert_eq!(findings(text), [Unfit::Untypable], "{text:?}");
        }
        assert_eq!(findings("tidy\tkettle mosses"), []);
    }

    #[test]
    fn a_refusal_is_a_sentence() {
        assert_eq!(
            Unfit::TooShort(15).sentence(),
            "The password needs at least 15 characters; a few unrelated words are long and easy to remember."
        );
        assert_eq!(Unfit::TooLong.sentence(), "The password is too long: 1024 bytes are the most.");
    }
}
