//! `application/x-www-form-urlencoded` bodies.

use std::collections::BTreeMap;

/// The members of a form; of one that is there twice, the last.
pub(super) fn read(body: &[u8]) -> BTreeMap<String, String> {
    body.split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let mut parts = pair.splitn(2, |byte| *byte == b'=');
            (decode(parts.next().unwrap_or_default()), decode(parts.next().unwrap_or_default()))
        })
        .collect()
}

fn decode(text: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let escaped = if *first == b'%' { after.split_at_checked(2) } else { None };
        let value = escaped.and_then(|(hex, after)| {
            let value = u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()?;
            Some((value, after))
        });
        if let Some((value, after)) = value {
            bytes.push(value);
            rest = after;
        } else {
            bytes.push(if *first == b'+' { b' ' } else { *first });
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn forms_are_decoded() {
        let form = read(b"Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam&Name=a+b%2");
        let values: Vec<&str> = form.values().map(String::as_str).collect();
        assert_eq!(values, ["AssumeRole", "a b%2", "arn:aws:iam"]);
    }
}
