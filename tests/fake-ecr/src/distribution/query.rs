//! The parameters after the `?` of a path.

use std::fmt::Write as _;

/// The value of the parameter, decoded; none when it is not there.
pub(super) fn parameter(query: Option<&str>, name: &str) -> Option<String> {
    let mut pairs = query?.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| decoded(value))
}

/// `%3A` as `:` and `+` as a space; what is not hexadecimal stays as it is.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let (byte, after) = match (first, tail) {
            (b'%', [high, low, after @ ..]) => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => (high << 4 | low, after),
                _ => (b'%', tail),
            },
            (b'+', _) => (b' ', tail),
            (byte, _) => (*byte, tail),
        };
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// A value as it can stand in a query: what is not a letter, a digit or one of `-._~` as `%3A`.
pub(super) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{encoded, parameter};

    #[test]
    fn parameters_are_decoded_and_encoded_again() {
        let query = Some("mount=sha256%3Aab&from=team%2Fapp&n=10&odd=%zz%4");
        assert_eq!(parameter(query, "mount").as_deref(), Some("sha256:ab"));
        assert_eq!(parameter(query, "from").as_deref(), Some("team/app"));
        assert_eq!(parameter(query, "odd").as_deref(), Some("%zz%4"));
        assert_eq!(parameter(query, "digest"), None);
        assert_eq!(parameter(None, "n"), None);
        assert_eq!(encoded("team/app:1"), "team%2Fapp%3A1");
    }
}
