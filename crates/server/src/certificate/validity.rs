//! Until when a certificate is valid (RFC 5280 §4.1.2.5). Reads just enough of it to know.

use doorward_protocol::time::Seconds;

const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;

/// RFC 5280 §4.1: `Certificate ::= SEQUENCE { SEQUENCE { [0] version, serialNumber, signature, issuer, validity { notBefore,
/// notAfter }, …`.
pub(super) fn ends(certificate: &[u8]) -> Option<Seconds> {
    let (certificate, _) = element(certificate, SEQUENCE)?;
    let (mut rest, _) = element(certificate, SEQUENCE)?;
    if let Some((_, after)) = element(rest, VERSION) {
        rest = after;
    }
    for tag in [INTEGER, SEQUENCE, SEQUENCE] {
        (_, rest) = element(rest, tag)?;
    }
    let (validity, _) = element(rest, SEQUENCE)?;
    let (_, validity) = time(validity)?;
    time(validity).map(|(ends, _)| ends)
}

/// RFC 5280 §4.1.2.5: years until 2049 have two digits, times are in UTC and end with a Z.
fn time(bytes: &[u8]) -> Option<(Seconds, &[u8])> {
    if let Some((text, rest)) = element(bytes, UTC_TIME) {
        let (year, text) = number(text, 2)?;
        return Some((instant(if year < 50 { 2000 } else { 1900 } + year, text)?, rest));
    }
    let (text, rest) = element(bytes, GENERALIZED_TIME)?;
    let (year, text) = number(text, 4)?;
    Some((instant(year, text)?, rest))
}

fn instant(year: i64, text: &[u8]) -> Option<Seconds> {
    let (month, text) = number(text, 2)?;
    let (day, text) = number(text, 2)?;
    let (hour, text) = number(text, 2)?;
    let (minute, text) = number(text, 2)?;
    let (second, text) = number(text, 2)?;
    let sound =
        (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 61;
    (sound && text == b"Z")
        .then(|| Seconds(((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second))
}

/// Days from 1970 on. A year that begins with March has its leap day at the end.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let of_years = year * 365 + year / 4 - year / 100 + year / 400;
    of_years + (153 * month + 2) / 5 + day - 1 - 719_468
}

fn number(text: &[u8], digits: usize) -> Option<(i64, &[u8])> {
    let (number, rest) = text.split_at_checked(digits)?;
    let digit = |sum: i64, byte: &u8| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0'));
    Some((number.iter().try_fold(0, digit)?, rest))
}

/// The content of a DER element with this tag, and what follows it.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let [found, first, rest @ ..] = bytes else { return None };
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81..=0x84 => {
            let (length, rest) = rest.split_at_checked(usize::from(*first & 0x7f))?;
            (length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    (*found == tag && rest.len() >= length).then(|| rest.split_at(length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn der(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = u8::try_from(content.len()).unwrap();
        [&[tag, 0x81, length], content].concat()
    }

    /// A certificate in outline, up to its validity.
    fn certificate(version: &[u8], from: (u8, &str), to: (u8, &str)) -> Vec<u8> {
        let validity = [der(from.0, from.1.as_bytes()), der(to.0, to.1.as_bytes())].concat();
        let body = [
            version.to_vec(),
            der(INTEGER, &[7]),
            der(SEQUENCE, b"signature"),
            der(SEQUENCE, b"issuer"),
            der(SEQUENCE, &validity),
        ];
        der(SEQUENCE, &der(SEQUENCE, &body.concat()))
    }

    fn ending(tag: u8, text: &str) -> Option<i64> {
        let version = der(VERSION, &der(INTEGER, &[2]));
        ends(&certificate(&version, (UTC_TIME, "250101000000Z"), (tag, text))).map(|ends| ends.0)
    }

    /// RFC 5280 §4.1.2.5.1, §4.1.2.5.2: two forms of time, of which the shorter ends in 2049.
    #[test]
    fn the_end_is_read_in_both_forms() {
        assert_eq!(ending(UTC_TIME, "700101000000Z"), Some(0));
        assert_eq!(ending(UTC_TIME, "261126204314Z"), Some(1_795_725_794));
        assert_eq!(ending(UTC_TIME, "240229120000Z"), Some(1_709_208_000));
        assert_eq!(ending(GENERALIZED_TIME, "20000301000000Z"), Some(951_868_800));
        assert_eq!(ending(GENERALIZED_TIME, "99991231235959Z"), Some(253_402_300_799));
        assert_eq!(ending(UTC_TIME, "500101000000Z"), Some(-631_152_000));
    }

    /// RFC 5280 §4.1.2.1: a certificate of the first version does not say which one it is.
    #[test]
    fn a_version_may_be_missing() {
        let utc = |text| (UTC_TIME, text);
        let certificate = certificate(&[], utc("250101000000Z"), utc("700101000001Z"));
        assert_eq!(ends(&certificate), Some(Seconds(1)));
    }

    #[test]
    fn what_is_cut_off_or_no_time_has_no_end() {
        for text in ["", "7001010000Z", "700101000000", "701301000000Z", "70010100000xZ", "700101000000+0100"]
        {
            assert_eq!(ending(UTC_TIME, text), None, "{text}");
        }
        let whole = certificate(&[], (UTC_TIME, "250101000000Z"), (UTC_TIME, "260101000000Z"));
        assert!((0..whole.len()).all(|end| ends(&whole[..end]).is_none()));
        assert_eq!(ends(&[SEQUENCE, 0x80, 0, 0]), None);
    }
}
