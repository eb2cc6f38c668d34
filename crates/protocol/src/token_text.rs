//! The text of Doorward's own tokens: `dw_<type>_<43 base62><6 base62 CRC32>`. Owns writing and checking that form; what a
//! token means, and whether it lives, is for the store to say.
//!
//! The prefix lets secret scanners find a leaked token, the checksum lets them (and us) discard a mistyped one without
//! asking a database, and the constant length means that no truncation of a token is a token.

use crate::secret::Secret;
use std::fmt::Write;

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BODY: usize = 43;
const CHECKSUM: usize = 6;

/// What a token is for; each has its own prefix, so that one kind is never mistaken for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenType {
    /// `at`: an opaque access token.
    AccessToken,
    /// `cs`: a client secret.
    ClientSecret,
    /// `rt`: a refresh token.
    RefreshToken,
    /// `pat`: a user's API token.
    PersonalAccessToken,
    /// `key`: an API account's token.
    ApiAccountToken,
    /// `ac`: an authorization code.
    AuthorizationCode,
    /// `ss`: a browser's session.
    Session,
    /// `br`: a browser before anybody has signed in.
    Browser,
    /// `in`: an interaction on its way through the pages.
    Interaction,
    /// `su`: a set-up link.
    SetupLink,
}

/// Why a text is not a token of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAToken {
    /// It does not begin with `dw_`, or its type is unknown.
    #[error("not a token of this server: unknown prefix")]
    Prefix,
    /// Its length or alphabet is wrong.
    #[error("a token's body is 49 letters and digits")]
    Body,
    /// Its last six characters do not match the rest.
    #[error("the token's checksum does not match: it was mistyped or cut")]
    Checksum,
}

impl TokenType {
    const ALL: [Self; 10] = [
        Self::AccessToken,
        Self::ClientSecret,
        Self::RefreshToken,
        Self::PersonalAccessToken,
        Self::ApiAccountToken,
        Self::AuthorizationCode,
        Self::Session,
        Self::Browser,
        Self::Interaction,
        Self::SetupLink,
    ];

    /// The text before the body, `dw_at_` for an access token.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::AccessToken => "dw_at_",
            Self::ClientSecret => "dw_cs_",
            Self::RefreshToken => "dw_rt_",
            Self::PersonalAccessToken => "dw_pat_",
            Self::ApiAccountToken => "dw_key_",
            Self::AuthorizationCode => "dw_ac_",
            Self::Session => "dw_ss_",
            Self::Browser => "dw_br_",
            Self::Interaction => "dw_in_",
            Self::SetupLink => "dw_su_",
        }
    }
}

/// Writes 256 random bits as a token of this type.
#[must_use]
pub fn write(kind: TokenType, random: &[u8; 32]) -> Secret {
    let mut text = String::with_capacity(kind.prefix().len() + BODY + CHECKSUM);
    text.push_str(kind.prefix());
    push_base62(&mut text, random);
    let checksum = checksum(&text);
    text.push_str(&checksum);
    Secret::new(text)
}

/// Tells the type of a well-formed token. A checksum is not a proof: it only spares the database a look-up.
///
/// # Errors
/// [`NotAToken`], with the first thing that is wrong.
pub fn read(text: &str) -> Result<TokenType, NotAToken> {
    let kind =
        TokenType::ALL.into_iter().find(|kind| text.starts_with(kind.prefix())).ok_or(NotAToken::Prefix)?;
    let body = &text[kind.prefix().len()..];
    if body.len() != BODY + CHECKSUM || !body.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(NotAToken::Body);
    }
    let (signed, shown) = text.split_at(text.len() - CHECKSUM);
    if checksum(signed) != shown { Err(NotAToken::Checksum) } else { Ok(kind) }
}

/// Writes a 256-bit number in 43 digits of base 62, most significant first (62^43 is a little more than 2^256).
///
/// Five digits at a time come off the number, as 62^5 is the largest power whose remainder, shifted by a limb, stays
/// within 64 bits.
fn push_base62(text: &mut String, number: &[u8; 32]) {
    const STEP: u64 = 62 * 62 * 62 * 62 * 62;
    let mut limbs = [0_u32; 8];
    for (limb, bytes) in limbs.iter_mut().zip(number.chunks_exact(4)) {
        *limb = bytes.iter().fold(0, |limb, byte| limb << 8 | u32::from(*byte));
    }
    let mut digits = [b'0'; 45];
    for group in digits.rchunks_exact_mut(5) {
        let mut rest = divide(&mut limbs, STEP);
        for digit in group.iter_mut().rev() {
            *digit = BASE62[(rest % 62) as usize];
            rest /= 62;
        }
    }
    text.extend(digits[45 - BODY..].iter().map(|digit| char::from(*digit)));
}

/// Divides the number in place and gives the remainder; limbs are most significant first.
fn divide(limbs: &mut [u32; 8], by: u64) -> u64 {
    limbs.iter_mut().fold(0, |remainder, limb| {
        let value = remainder << 32 | u64::from(*limb);
        // The quotient fits a limb, because the remainder so far is smaller than the divisor.
        *limb = (value / by) as u32;
        value % by
    })
}

fn checksum(text: &str) -> String {
    let mut rest = crc32fast::hash(text.as_bytes());
    let mut digits = [b'0'; CHECKSUM];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[(rest % 62) as usize];
        rest /= 62;
    }
    digits.iter().fold(String::with_capacity(CHECKSUM), |mut text, digit| {
        let _ = text.write_char(char::from(*digit));
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_form_is_prefix_then_43_then_6_characters() {
        let token = write(TokenType::AccessToken, &[0xff; 32]);
        assert_eq!(token.expose().len(), "dw_at_".len() + 49);
        assert_eq!(read(token.expose()), Ok(TokenType::AccessToken));
        assert!(
            write(TokenType::ClientSecret, &[0; 32])
                .expose()
                .starts_with(&format!("dw_cs_{}", "0".repeat(43)))
        );
    }

    /// RFC 6749 §10.10: 256 random bits give 2^256 different texts, none shorter than another.
    #[test]
    fn every_bit_of_the_random_number_shows_in_the_text() {
        let zero = write(TokenType::AccessToken, &[0; 32]);
        for bit in 0..256 {
            let mut random = [0_u8; 32];
            random[bit / 8] = 1 << (bit % 8);
            assert_ne!(write(TokenType::AccessToken, &random).expose(), zero.expose(), "bit {bit}");
        }
    }

    proptest! {
        #[test]
        fn base62_is_the_number_itself(random: [u8; 32]) {
            let token = write(TokenType::ApiAccountToken, &random);
            let body = &token.expose()["dw_key_".len()..][..BODY];
            let mut number = [0_u8; 33];
            for digit in body.bytes() {
                let mut carry = BASE62.iter().position(|b| *b == digit).unwrap();
                for byte in number.iter_mut().rev() {
                    carry += usize::from(*byte) * 62;
                    *byte = (carry % 256) as u8;
                    carry /= 256;
                }
            }
            prop_assert_eq!(&number[1..], &random[..]);
        }

        #[test]
        fn a_changed_or_cut_token_is_refused(random: [u8; 32], at in 0_usize..55, by in 1_u8..62) {
            let token = write(TokenType::AccessToken, &random);
            let mut text = token.expose().as_bytes().to_vec();
            if let Some(digit) = BASE62.iter().position(|b| *b == text[at]) {
                text[at] = BASE62[(digit + usize::from(by)) % 62];
                prop_assert!(read(std::str::from_utf8(&text).unwrap()) != Ok(TokenType::AccessToken));
            }
            prop_assert!(read(&token.expose()[..at]).is_err());
        }

        #[test]
        fn reading_never_panics(text: String) {
            let _ = read(&text);
        }
    }
}
