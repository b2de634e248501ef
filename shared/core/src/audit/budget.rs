//! Budgets of images: how large one may be, how many tags it may have, and for which platforms it has to be there.
//!
//! They are judged when a tag is pushed, by what is known then. Of what is not known nothing is said but that: an image
//! whose manifest was not read lacks no platform. Leaves out how any of it is found out.

use std::fmt;
use std::str::FromStr;

use crate::{Manifest, Platform, Wildcard};

/// A budget of the images of some repositories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// Names of the repositories.
    pub repositories: Wildcard,
    /// Bytes that an image may have, as ECR gives its size: compressed, and of an index that of its largest platform.
    pub max_bytes: Option<u64>,
    /// Tags that an image may have.
    pub max_tags: Option<u32>,
    /// Platforms for which an image has to be there; none: whichever it has.
    pub platforms: Vec<WantedPlatform>,
}

/// A platform that is asked for, such as `linux/arm64` or `linux/arm/v7`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WantedPlatform {
    /// The operating system.
    pub os: String,
    /// The processor.
    pub architecture: String,
    /// Its variant; none: any.
    pub variant: Option<String>,
}

/// A text that names no platform.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` names no platform: one looks like `linux/amd64` or `linux/arm/v7`")]
pub struct PlatformError {
    text: String,
}

impl FromStr for WantedPlatform {
    type Err = PlatformError;

    fn from_str(text: &str) -> Result<Self, PlatformError> {
        let is_word = |word: &str| {
            !word.is_empty()
                && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        };
        let parts: Vec<&str> = text.split('/').collect();
        let (os, architecture, variant) = match parts[..] {
            [os, architecture] => (os, architecture, None),
            [os, architecture, variant] => (os, architecture, Some(variant)),
            _ => return Err(PlatformError { text: text.to_owned() }),
        };
        if ![Some(os), Some(architecture), variant].into_iter().flatten().all(is_word) {
            return Err(PlatformError { text: text.to_owned() });
        }
        Ok(Self {
            os: os.to_owned(),
            architecture: architecture.to_owned(),
            variant: variant.map(str::to_owned),
        })
    }
}

impl fmt::Display for WantedPlatform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        match &self.variant {
            Some(variant) => write!(f, "/{variant}"),
            None => Ok(()),
        }
    }
}

impl WantedPlatform {
    /// Whether an image for this platform is what is asked for.
    pub fn is(&self, platform: &Platform) -> bool {
        self.os == platform.os
            && self.architecture == platform.architecture
            && self.variant.as_ref().is_none_or(|variant| platform.variant.as_ref() == Some(variant))
    }
}

/// What is known of an image that got a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaggedImage {
    /// Its size, where ECR gives one.
    pub size_bytes: Option<u64>,
    /// How many tags it has.
    pub tags: u32,
    /// For which platforms it is there.
    pub platforms: Platforms,
}

/// For which platforms an image is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Platforms {
    /// It is an index with images for these.
    Of(Vec<Platform>),
    /// It is an index with images for these, and with others of which it does not say for which platform they are.
    AtLeast(Vec<Platform>),
    /// It is one image for one platform, which stands in its configuration, and that was not read.
    One,
    /// It is no image that would run: a chart, a signature, a list of parts.
    None,
    /// Its manifest was not read, for this reason: a lowercase fragment.
    NotRead(String),
}

impl Platforms {
    /// The platforms of a manifest.
    pub fn of(manifest: &Manifest) -> Self {
        if manifest.kind.is_index() {
            let images = || manifest.children.iter().filter(|child| !child.is_attestation());
            let platforms = images().filter_map(|child| child.platform.clone()).collect();
            let is_said = images().all(|child| child.platform.is_some());
            return if is_said { Self::Of(platforms) } else { Self::AtLeast(platforms) };
        }
        match &manifest.config {
            Some(config) if is_of_image(&config.media_type) && manifest.subject.is_none() => Self::One,
            Some(_) | None => Self::None,
        }
    }
}

/// Whether a configuration of this type is that of an image that runs.
///
/// Source: OCI image specification 1.1 and Docker image manifest version 2 schema 2, read 2026-11-24.
fn is_of_image(media_type: &str) -> bool {
    matches!(
        media_type,
        "application/vnd.oci.image.config.v1+json" | "application/vnd.docker.container.image.v1+json"
    )
}

/// How an image is beyond its budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Overrun {
    /// It is too large.
    Size {
        /// Its size.
        bytes: u64,
        /// What it may have.
        max_bytes: u64,
    },
    /// It has too many tags.
    Tags {
        /// How many.
        tags: u32,
        /// How many it may have.
        max_tags: u32,
    },
    /// It is not there for these platforms.
    Platforms {
        /// The platforms, in the order of the budget.
        missing: Vec<WantedPlatform>,
    },
    /// It is one image, which is for one platform, and several are asked for: which of them is missing is not known.
    SinglePlatform {
        /// The platforms that are asked for.
        wanted: Vec<WantedPlatform>,
    },
}

impl fmt::Display for Overrun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |platforms: &[WantedPlatform]| {
            platforms.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        };
        match self {
            Self::Size { bytes, max_bytes } => write!(f, "it has {bytes} bytes of at most {max_bytes}"),
            Self::Tags { tags, max_tags } => write!(f, "it has {tags} tags of at most {max_tags}"),
            Self::Platforms { missing } => write!(f, "it is not there for {}", list(missing)),
            Self::SinglePlatform { wanted } => {
                write!(f, "it is one image for one platform, and has to be there for {}", list(wanted))
            }
        }
    }
}

/// What a budget says about an image.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BudgetVerdict {
    /// How it is beyond the budget.
    pub overruns: Vec<Overrun>,
    /// What could not be judged, as lowercase fragments.
    pub unjudged: Vec<String>,
}

/// Judges an image by a budget.
pub fn judge(budget: &Budget, image: &TaggedImage) -> BudgetVerdict {
    let mut verdict = BudgetVerdict::default();
    match (budget.max_bytes, image.size_bytes) {
        (Some(max_bytes), Some(bytes)) if max_bytes < bytes => {
            verdict.overruns.push(Overrun::Size { bytes, max_bytes });
        }
        (Some(_), None) => verdict.unjudged.push("the size is not known".to_owned()),
        (Some(_), Some(_)) | (None, _) => {}
    }
    if let Some(max_tags) = budget.max_tags.filter(|&max_tags| max_tags < image.tags) {
        verdict.overruns.push(Overrun::Tags { tags: image.tags, max_tags });
    }
    platforms(budget, &image.platforms, &mut verdict);
    verdict
}

fn platforms(budget: &Budget, platforms: &Platforms, verdict: &mut BudgetVerdict) {
    let wanted = &budget.platforms;
    match (platforms, wanted.as_slice()) {
        (_, []) | (Platforms::None, _) => {}
        (Platforms::Of(there), _) => {
            let missing = missing(wanted, there);
            if !missing.is_empty() {
                verdict.overruns.push(Overrun::Platforms { missing });
            }
        }
        (Platforms::AtLeast(there), _) => {
            let missing: Vec<String> = missing(wanted, there).iter().map(ToString::to_string).collect();
            if !missing.is_empty() {
                verdict.unjudged.push(format!(
                    "whether it is there for {} is not known: its index does not say for which platforms some images are",
                    missing.join(", ")
                ));
            }
        }
        (Platforms::One, [only]) => {
            verdict.unjudged.push(format!("whether its one platform is {only} stands in its configuration"));
        }
        (Platforms::One, _) => verdict.overruns.push(Overrun::SinglePlatform { wanted: wanted.clone() }),
        (Platforms::NotRead(reason), _) => {
            verdict.unjudged.push(format!("its platforms are not known: {reason}"));
        }
    }
}

/// The platforms that are asked for and are not there, in their order.
fn missing(wanted: &[WantedPlatform], there: &[Platform]) -> Vec<WantedPlatform> {
    let is_missing = |wanted: &&WantedPlatform| !there.iter().any(|platform| wanted.is(platform));
    wanted.iter().filter(is_missing).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::{Budget, Overrun, Platforms, TaggedImage, WantedPlatform, judge};
    use crate::{Platform, Wildcard, parse_manifest};

    fn platform(text: &str) -> Platform {
        let WantedPlatform { os, architecture, variant } = text.parse().unwrap();
        Platform { os, architecture, variant }
    }

    fn budget(platforms: &[&str]) -> Budget {
        Budget {
            repositories: Wildcard::new("*"),
            max_bytes: Some(100),
            max_tags: Some(3),
            platforms: platforms.iter().map(|text| text.parse().unwrap()).collect(),
        }
    }

    fn image(platforms: Platforms) -> TaggedImage {
        TaggedImage { size_bytes: Some(100), tags: 3, platforms }
    }

    #[test]
    fn what_is_just_within_a_budget_is_within_and_one_more_is_beyond() {
        let within = judge(&budget(&[]), &image(Platforms::None));
        assert_eq!((within.overruns, within.unjudged), (vec![], vec![]));
        let beyond =
            judge(&budget(&[]), &TaggedImage { size_bytes: Some(101), tags: 4, platforms: Platforms::None });
        let wanted = [Overrun::Size { bytes: 101, max_bytes: 100 }, Overrun::Tags { tags: 4, max_tags: 3 }];
        assert_eq!(beyond.overruns, wanted);
    }

    #[test]
    fn an_image_without_a_size_is_not_judged_by_it() {
        let verdict = judge(&budget(&[]), &TaggedImage { size_bytes: None, ..image(Platforms::None) });
        assert_eq!((verdict.overruns.len(), verdict.unjudged.len()), (0, 1));
    }

    #[test]
    fn an_index_has_to_have_every_platform_and_a_variant_only_where_it_is_asked_for() {
        let both = budget(&["linux/amd64", "linux/arm64"]);
        let of = |there: &[&str]| Platforms::Of(there.iter().map(|text| platform(text)).collect());
        assert_eq!(judge(&both, &image(of(&["linux/arm64/v8", "linux/amd64"]))).overruns, []);
        let missing = vec!["linux/arm64".parse().unwrap()];
        let found = judge(&both, &image(of(&["linux/amd64", "windows/arm64"]))).overruns;
        assert_eq!(found, [Overrun::Platforms { missing }]);
        let seven = budget(&["linux/arm/v7"]);
        assert_eq!(judge(&seven, &image(of(&["linux/arm/v6"]))).overruns.len(), 1);
        assert_eq!(judge(&seven, &image(of(&["linux/arm/v7"]))).overruns, []);
    }

    #[test]
    fn an_index_that_does_not_say_all_its_platforms_lacks_none_for_certain() {
        let of = |there: &[&str]| Platforms::AtLeast(there.iter().map(|text| platform(text)).collect());
        let verdict = judge(&budget(&["linux/amd64", "linux/arm64"]), &image(of(&["linux/amd64"])));
        assert_eq!((verdict.overruns, verdict.unjudged.len()), (vec![], 1));
        let verdict = judge(&budget(&["linux/amd64"]), &image(of(&["linux/amd64"])));
        assert_eq!((verdict.overruns, verdict.unjudged), (vec![], vec![]));
        let index = serde_json::json!({
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
            "manifests": [{"mediaType": "application/vnd.oci.image.manifest.v1+json", "size": 2,
                           "digest": format!("sha256:{}", "a".repeat(64))}],
        });
        let manifest = parse_manifest(&index.to_string(), None).unwrap();
        assert_eq!(Platforms::of(&manifest), Platforms::AtLeast(Vec::new()));
    }

    #[test]
    fn one_image_lacks_one_of_two_platforms_for_certain_and_whether_it_is_the_only_one_is_not_known() {
        let two = judge(&budget(&["linux/amd64", "linux/arm64"]), &image(Platforms::One));
        assert!(matches!(&two.overruns[..], [Overrun::SinglePlatform { wanted }] if wanted.len() == 2));
        let one = judge(&budget(&["linux/amd64"]), &image(Platforms::One));
        assert_eq!((one.overruns.len(), one.unjudged.len()), (0, 1));
    }

    #[test]
    fn what_was_not_read_lacks_nothing_and_says_so() {
        let verdict =
            judge(&budget(&["linux/amd64"]), &image(Platforms::NotRead("pulls leave a trace".to_owned())));
        assert_eq!(verdict.overruns, []);
        assert_eq!(verdict.unjudged, ["its platforms are not known: pulls leave a trace"]);
    }

    #[test]
    fn attestations_are_no_platforms_and_what_does_not_run_has_none() {
        let child = |os: &str, architecture: &str| {
            serde_json::json!({
                "mediaType": "application/vnd.oci.image.manifest.v1+json", "size": 2,
                "digest": format!("sha256:{}", "a".repeat(64)),
                "platform": {"os": os, "architecture": architecture},
            })
        };
        let index = serde_json::json!({
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
            "manifests": [child("linux", "arm64"), child("unknown", "unknown")],
        });
        let manifest = parse_manifest(&index.to_string(), None).unwrap();
        assert_eq!(Platforms::of(&manifest), Platforms::Of(vec![platform("linux/arm64")]));
        let of_config = |media_type: &str| {
            let config = serde_json::json!({
                "mediaType": media_type, "size": 2, "digest": format!("sha256:{}", "b".repeat(64)),
            });
            let image = serde_json::json!({
                "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "config": config, "layers": [],
            });
            Platforms::of(&parse_manifest(&image.to_string(), None).unwrap())
        };
        assert_eq!(of_config("application/vnd.oci.image.config.v1+json"), Platforms::One);
        assert_eq!(of_config("application/vnd.cncf.helm.config.v1+json"), Platforms::None);
    }

    #[test]
    fn a_text_that_names_no_platform_is_refused() {
        for text in ["", "linux", "linux/", "/amd64", "linux/arm/v7/x", "linux/amd 64"] {
            assert!(text.parse::<WantedPlatform>().is_err(), "{text}");
        }
        assert_eq!("linux/arm/v7".parse::<WantedPlatform>().unwrap().to_string(), "linux/arm/v7");
    }
}
