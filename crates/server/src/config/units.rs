//! Durations and sizes as people write them: `90 d`, `10m`, `64 KiB`. A bare number counts seconds or bytes. Owns
//! reading and printing; bounds belong to the setting.

use doorward_protocol::time::Lifetime;

/// Largest first, so that printing finds the roundest unit.
const TIME: &[(&str, i64)] = &[("d", 86_400), ("h", 3_600), ("min", 60), ("m", 60), ("s", 1)];
const SIZE: &[(&str, i64)] = &[("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("bytes", 1), ("B", 1)];

/// Reads a duration.
pub(crate) fn read_lifetime(text: &str) -> Option<Lifetime> {
    read(text, TIME).map(Lifetime)
}

/// Reads a size in bytes.
pub(crate) fn read_size(text: &str) -> Option<i64> {
    read(text, SIZE)
}

/// Prints a duration in the largest unit that divides it.
pub(crate) fn show_lifetime(lifetime: Lifetime) -> String {
    show(lifetime.0, TIME)
}

/// Prints a size in the largest unit that divides it.
pub(crate) fn show_size(bytes: i64) -> String {
    show(bytes, SIZE)
}

fn read(text: &str, units: &[(&str, i64)]) -> Option<i64> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor = match unit.trim_start() {
        "" => 1,
        unit => units.iter().find(|(name, _)| *name == unit)?.1,
    };
    number.parse::<i64>().ok()?.checked_mul(factor)
}

fn show(amount: i64, units: &[(&str, i64)]) -> String {
    units
        .iter()
        .find(|(_, factor)| amount != 0 && amount % factor == 0)
        .map_or_else(|| amount.to_string(), |(name, factor)| format!("{} {name}", amount / factor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_sizes_are_read_with_and_without_a_unit() {
        assert_eq!(read_lifetime("600"), Some(Lifetime(600)));
        assert_eq!(read_lifetime("10min"), Some(Lifetime(600)));
        assert_eq!(read_lifetime(" 10 m "), Some(Lifetime(600)));
        assert_eq!(read_lifetime("90 d"), Some(Lifetime::days(90)));
        assert_eq!(read_size("64 KiB"), Some(65_536));
        assert_eq!(read_size("512 bytes"), Some(512));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "s", "-1", "1.5 h", "10 S", "10 weeks", "1 h 30 m", "9223372036854775807 d", "١٠"]
        {
            assert_eq!(read_lifetime(text), None, "{text:?}");
        }
        assert_eq!(read_size("64 KB"), None);
    }

    #[test]
    fn what_is_printed_reads_back_as_the_same_amount() {
        for amount in [0, 1, 59, 60, 90, 600, 3_600, 86_400, 7_776_000] {
            assert_eq!(read_lifetime(&show_lifetime(Lifetime(amount))), Some(Lifetime(amount)));
        }
        assert_eq!(show_lifetime(Lifetime(600)), "10 min");
        assert_eq!(show_size(65_536), "64 KiB");
        assert_eq!(read_size(&show_size(1_000)), Some(1_000));
    }
}
