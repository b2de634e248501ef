//! Numbers of bytes as people write them: `2 GiB`.

use toml::Spanned;

use crate::problems::Problems;

/// What a unit stands for.
const UNITS: [(&str, u64); 9] = [
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("B", 1),
];

/// A number of bytes, such as `2 GiB` or `500 MB`.
pub(crate) fn number_of_bytes(given: &Spanned<String>, problems: &mut Problems<'_>) -> Option<u64> {
    let bytes = parse(given.get_ref());
    if bytes.is_none() {
        let message = format!("`{}` is no number of bytes", given.get_ref());
        problems.add(given.span(), message, "write a whole number with a unit, such as `2 GiB` or `500 MB`");
    }
    bytes
}

fn parse(text: &str) -> Option<u64> {
    let text = text.trim();
    let (number, unit_bytes) = UNITS
        .into_iter()
        .find_map(|(unit, unit_bytes)| Some((text.strip_suffix(unit)?.trim_end(), unit_bytes)))?;
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    number.parse::<u64>().ok()?.checked_mul(unit_bytes).filter(|&bytes| 0 < bytes)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_number_of_bytes_has_a_unit() {
        assert_eq!(parse("2 GiB"), Some(2_147_483_648));
        assert_eq!(parse("500MB"), Some(500_000_000));
        assert_eq!(parse("7 B"), Some(7));
        for text in ["", "2", "GiB", "0 B", "-1 MB", "1.5 GB", "2 gib", "99999999999 TiB"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
