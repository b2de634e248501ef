//! Lifecycle policies: what teams write, with every count type, action and storage class among them.

use super::stream::Stream;

/// The text of a policy that ECR accepts; none for one repository in eight.
pub(super) fn text(stream: &mut Stream) -> Option<String> {
    if stream.chance(12) {
        return None;
    }
    let (days, many) = (stream.pick(&[7, 14, 30, 60, 90, 180]), stream.pick(&[10, 20, 30, 50, 100, 500]));
    let untagged = rule(1, "Untagged images", UNTAGGED, &pushed(stream.pick(&[1, 7, 14, 30])), EXPIRE);
    let rules = match stream.below(12) {
        0 => vec![untagged, rule(2, "Keep the newest", ANY, &count(many), EXPIRE)],
        1 => vec![untagged],
        2 => vec![rule(1, "Keep the newest of all", ANY, &count(many), EXPIRE)],
        kind @ 3..8 => deleting(kind - 3, days, many),
        kind => archiving(kind - 8, days, many),
    };
    Some(laid_out(stream.chance(50), &rules))
}

const ANY: &str = r#""tagStatus":"any""#;
const UNTAGGED: &str = r#""tagStatus":"untagged""#;
const EXPIRE: &str = r#"{"type":"expire"}"#;
const ARCHIVE: &str = r#"{"type":"transition","targetStorageClass":"archive"}"#;
const ARCHIVED: &str = r#""storageClass":"archive""#;
const ANY_ARCHIVED: &str = r#""tagStatus":"any","storageClass":"archive""#;

/// Policies that delete.
fn deleting(kind: u64, days: u64, many: u64) -> Vec<String> {
    match kind {
        0 => vec![
            rule(1, "What went to production stays", &patterns(r#""prod*""#), &count(9_999), EXPIRE),
            rule(2, "The rest", ANY, &pushed(days), EXPIRE),
        ],
        1 => per_prefix(days, many),
        2 => vec![
            rule(1, "Both were meant", &patterns(r#""main-*","prod-*""#), &count(many), EXPIRE),
            rule(2, "Pull requests", &prefixes(r#""pr-""#), &pushed(14), EXPIRE),
        ],
        3 => vec![
            rule(10, "Nightly builds", &patterns(r#""nightly-20*-*-*""#), &pushed(days), EXPIRE),
            rule(20, "Everything that has a tag", &patterns(r#""*""#), &pushed(days + 180), EXPIRE),
        ],
        _ => vec![
            rule(1, "Builds for functions", &prefixes(r#""build-""#), &count(many), EXPIRE),
            rule(2, "Untagged images", UNTAGGED, &count(1), EXPIRE),
        ],
    }
}

/// Policies that archive, and delete from the archive.
fn archiving(kind: u64, days: u64, many: u64) -> Vec<String> {
    match kind {
        0 => vec![
            rule(1, "Archive what nobody pulls", ANY, &pulled(90), ARCHIVE),
            rule(2, "After a year in the archive", ANY_ARCHIVED, &transitioned(365), EXPIRE),
        ],
        1 => {
            let archived = format!("{},{ARCHIVED}", prefixes(r#""v""#));
            let untagged = format!("{UNTAGGED},\"storageClass\":\"standard\"");
            vec![
                rule(1, "Archive old releases", &prefixes(r#""v""#), &pushed(days + 60), ARCHIVE),
                rule(2, "Archived releases", &archived, &transitioned(180), EXPIRE),
                rule(5, "Untagged images", &untagged, &pushed(7), EXPIRE),
            ]
        }
        2 => vec![
            rule(1, "Keep some at hand", ANY, &count(many), ARCHIVE),
            rule(2, "No longer than needed", ANY_ARCHIVED, &transitioned(90), EXPIRE),
        ],
        _ => vec![
            rule(3, "latest", &patterns(r#""latest""#), &count(1), EXPIRE),
            rule(4, "Branches", &prefixes(r#""feature-""#), &pushed(days), EXPIRE),
            rule(9, "Cold images", ANY, &pulled(days), ARCHIVE),
        ],
    }
}

/// A limit for each kind of tag.
fn per_prefix(days: u64, many: u64) -> Vec<String> {
    vec![
        rule(10, "Production", &prefixes(r#""prod-""#), &count(many), EXPIRE),
        rule(20, "Releases", &prefixes(r#""v""#), &count(many), EXPIRE),
        rule(30, "Pull requests", &prefixes(r#""pr-""#), &pushed(14), EXPIRE),
        rule(40, "Branches", &prefixes(r#""feature-""#), &pushed(days), EXPIRE),
        rule(50, "Main", &prefixes(r#""main-""#), &count(many), EXPIRE),
        rule(60, "Untagged images", UNTAGGED, &pushed(7), EXPIRE),
        rule(70, "Anything else", ANY, &pushed(days + 90), EXPIRE),
    ]
}

fn rule(priority: u64, description: &str, selects: &str, limit: &str, action: &str) -> String {
    format!(
        r#"{{"rulePriority":{priority},"description":"{description}","selection":{{{selects},{limit}}},"action":{action}}}"#
    )
}

fn patterns(list: &str) -> String {
    format!(r#""tagStatus":"tagged","tagPatternList":[{list}]"#)
}

fn prefixes(list: &str) -> String {
    format!(r#""tagStatus":"tagged","tagPrefixList":[{list}]"#)
}

fn count(images: u64) -> String {
    format!(r#""countType":"imageCountMoreThan","countNumber":{images}"#)
}

fn pushed(days: u64) -> String {
    since("sinceImagePushed", days)
}

fn pulled(days: u64) -> String {
    since("sinceImagePulled", days)
}

fn transitioned(days: u64) -> String {
    since("sinceImageTransitioned", days)
}

fn since(count_type: &str, days: u64) -> String {
    format!(r#""countType":"{count_type}","countUnit":"days","countNumber":{days}"#)
}

/// On one line, as programs write, or a rule on each line, as people do.
fn laid_out(compact: bool, rules: &[String]) -> String {
    if compact {
        format!(r#"{{"rules":[{}]}}"#, rules.join(","))
    } else {
        format!("{{\n  \"rules\": [\n    {}\n  ]\n}}", rules.join(",\n    "))
    }
}
