//! Events whose source is not ECR itself, because a deployment says so: a test, or a bus that sends on what came.

use std::borrow::Cow;

use serde_json::Value;

/// The source of ECR's own events.
const ECR: &str = "aws.ecr";

/// The event as ECR would have sent it, where its source is the one that the deployment names. Any other is left as it
/// is, and refused by its reader.
pub(crate) fn as_of_ecr<'e>(event: &'e str, named: Option<&str>) -> Cow<'e, str> {
    let Some(named) = named.filter(|&named| named != ECR) else { return Cow::Borrowed(event) };
    let Ok(mut value) = serde_json::from_str::<Value>(event) else { return Cow::Borrowed(event) };
    match value.get_mut("source") {
        Some(Value::String(source)) if source == named => ECR.clone_into(source),
        Some(_) | None => return Cow::Borrowed(event),
    }
    Cow::Owned(value.to_string())
}

#[cfg(test)]
mod tests {
    use super::as_of_ecr;

    #[test]
    fn the_named_source_and_no_other_is_taken_for_ecr() {
        let event = r#"{"source":"team.registry"}"#;
        assert_eq!(as_of_ecr(event, Some("team.registry")), r#"{"source":"aws.ecr"}"#);
        assert_eq!(as_of_ecr(event, Some("another")), event);
        assert_eq!(as_of_ecr(event, None), event);
        assert_eq!(as_of_ecr("no JSON", Some("team.registry")), "no JSON");
    }
}
