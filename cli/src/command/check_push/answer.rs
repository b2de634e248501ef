//! What a push would do, decided from how things are.

use demurrage_aws::{CreateOnPush, PushTarget, TaggedImage};
use demurrage_core::audit::Promise;
use demurrage_core::{Digest, Fact, ImageStatus, Repository, Tag, instant};

/// What somebody wants to push.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) repository: &'a str,
    pub(super) tag: &'a Tag,
    /// What would be pushed, where that is known.
    pub(super) digest: Option<&'a Digest>,
    /// What the rules promise of the tags of the repository.
    pub(super) promise: Option<&'a Promise>,
}

/// What a push would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// Nothing has the tag.
    New,
    /// There is no repository, and ECR makes it by this template.
    CreatedOnPush { prefix: String },
    /// There is no repository, and ECR refuses.
    NoRepository,
    /// The tag is on the very image, which can be pulled.
    AlreadyThere { image: TaggedImage },
    /// The tag is on the very image, which is archived and comes back.
    Restores { image: TaggedImage },
    /// The tag moves away from this image, and may.
    Moves { image: TaggedImage },
    /// The tag would move, and the rules promise that it never does.
    BreaksPromise { image: TaggedImage },
    /// ECR refuses, because the tag cannot move.
    Refused { image: TaggedImage },
    /// What decides is not known, for this reason.
    Unknown { image: Option<TaggedImage>, reason: String },
}

/// What a push would do.
pub(super) fn answer(target: &PushTarget, wanted: &Wanted<'_>) -> Answer {
    match target {
        PushTarget::NoRepository(CreateOnPush::Template { prefix }) => {
            Answer::CreatedOnPush { prefix: prefix.clone() }
        }
        PushTarget::NoRepository(CreateOnPush::No) => Answer::NoRepository,
        PushTarget::NoRepository(CreateOnPush::Unknown(error)) => {
            Answer::Unknown { image: None, reason: format!("there is no such repository, and {error}") }
        }
        PushTarget::Repository { image: None, .. } => Answer::New,
        PushTarget::Repository { repository, image: Some(image) } => onto(repository, *image, wanted),
    }
}

/// What a push onto a tag that is there would do.
fn onto(repository: &Repository, image: TaggedImage, wanted: &Wanted<'_>) -> Answer {
    let is_same = wanted.digest == Some(&image.digest);
    let can_be_pulled = image.status == ImageStatus::Active;
    if is_same && can_be_pulled {
        return Answer::AlreadyThere { image };
    }
    let unknown = |reason: String| Answer::Unknown { image: Some(image), reason };
    let freedom = match &repository.tag_mutability {
        Fact::Present(setting) => setting.freedom().map_err(|error| error.to_string()),
        Fact::Absent | Fact::NotEvaluated => Err("tag mutability is not stated".to_owned()),
    };
    match freedom {
        Err(reason) => unknown(reason),
        Ok(freedom) if !freedom.lets_move(wanted.tag.as_str()) => Answer::Refused { image },
        Ok(_) if is_same => Answer::Restores { image },
        Ok(_) if wanted.promise.is_some_and(|promise| !promise.lets_move(wanted.tag.as_str())) => {
            Answer::BreaksPromise { image }
        }
        Ok(_) => Answer::Moves { image },
    }
}

impl Answer {
    /// The name for programs.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::New => "NEW",
            Self::CreatedOnPush { .. } => "CREATED_ON_PUSH",
            Self::NoRepository => "NO_REPOSITORY",
            Self::AlreadyThere { .. } => "ALREADY_THERE",
            Self::Restores { .. } => "RESTORES",
            Self::Moves { .. } => "MOVES",
            Self::BreaksPromise { .. } => "BREAKS_PROMISE",
            Self::Refused { .. } => "REFUSED",
            Self::Unknown { .. } => "UNKNOWN",
        }
    }

    /// The image that the tag is on, where it is on one.
    pub(super) const fn image(&self) -> Option<&TaggedImage> {
        match self {
            Self::New | Self::CreatedOnPush { .. } | Self::NoRepository => None,
            Self::AlreadyThere { image }
            | Self::Restores { image }
            | Self::Moves { image }
            | Self::BreaksPromise { image }
            | Self::Refused { image } => Some(image),
            Self::Unknown { image, .. } => image.as_ref(),
        }
    }

    /// For people.
    pub(super) fn sentence(&self, wanted: &Wanted<'_>) -> String {
        let Wanted { repository, tag, .. } = wanted;
        let at = format!("{repository}:{tag}");
        match self {
            Self::New => format!("push: {at} is new"),
            Self::CreatedOnPush { prefix } => format!(
                "push: there is no repository {repository}, and ECR makes it by the creation template `{prefix}`"
            ),
            Self::NoRepository => format!(
                "do not push: there is no repository {repository}, and no creation template makes it: ECR would refuse"
            ),
            Self::AlreadyThere { image } => {
                format!("nothing to push: {at} is on {} already, pushed {}", image.digest, pushed(image))
            }
            Self::Restores { image } => format!(
                "push: {at} is on the same image, {}, which is archived and cannot be pulled: pushing restores it",
                image.digest
            ),
            Self::Moves { image } => format!("push: {at} moves away from {}{}", image.digest, status(image)),
            Self::BreaksPromise { image } => format!(
                "do not push: {at} is on {} since {}, and the rules promise that it never moves; ECR would let it{}",
                image.digest,
                pushed(image),
                status(image)
            ),
            Self::Refused { image } => format!(
                "do not push: {at} is on {} and cannot move: ECR would refuse with ImageTagAlreadyExistsException, even the \
                 same image{}",
                image.digest,
                status(image)
            ),
            Self::Unknown { reason, .. } => format!("nobody knows what a push to {at} would do: {reason}"),
        }
    }
}

fn pushed(image: &TaggedImage) -> String {
    image.pushed_at.map_or_else(|| "at an unknown time".to_owned(), instant::minute)
}

/// What is to be known of an image that cannot be pulled.
const fn status(image: &TaggedImage) -> &'static str {
    match image.status {
        ImageStatus::Active => "",
        ImageStatus::Archived => {
            "; that image is archived and cannot be pulled: `aws ecr update-image-storage-class` restores it"
        }
        ImageStatus::Activating => {
            "; that image is on the way back from the archive, and cannot be pulled yet"
        }
        ImageStatus::Unrecognised => "; its status is not known to this version",
    }
}

#[cfg(test)]
mod tests {
    use demurrage_aws::{CreateOnPush, PushTarget, TaggedImage};
    use demurrage_core::audit::Rules;
    use demurrage_core::{Digest, ExclusionFilter, Fact, ImageStatus, Repository, Tag, TagMutability};

    use super::{Answer, Wanted, answer};

    const HERE: [u8; 32] = [1; 32];
    const OTHER: [u8; 32] = [2; 32];

    fn target(mode: &str, filters: &[&str], status: Option<ImageStatus>) -> PushTarget {
        let filter =
            |text: &&str| ExclusionFilter { filter_type: "WILDCARD".to_owned(), filter: (*text).to_owned() };
        let exclusion_filters = filters.iter().map(filter).collect();
        let mut repository = Repository::new("team/app");
        repository.tag_mutability = Fact::Present(TagMutability { mode: mode.to_owned(), exclusion_filters });
        let image =
            status.map(|status| TaggedImage { digest: Digest::from_bytes(HERE), status, pushed_at: None });
        PushTarget::Repository { repository: Box::new(repository), image }
    }

    fn name(target: &PushTarget, tag: &str, digest: Option<[u8; 32]>) -> &'static str {
        let rules = Rules::default();
        let (tag, digest): (Tag, _) = (tag.parse().unwrap(), digest.map(Digest::from_bytes));
        let wanted = Wanted {
            repository: "team/app",
            tag: &tag,
            digest: digest.as_ref(),
            promise: rules.promise("team/app"),
        };
        answer(target, &wanted).name()
    }

    #[test]
    fn a_tag_that_is_there_may_move_only_where_the_setting_and_the_rules_let_it() {
        let active = Some(ImageStatus::Active);
        assert_eq!(name(&target("MUTABLE", &[], active), "latest", None), "MOVES");
        assert_eq!(name(&target("MUTABLE", &[], active), "v1", None), "BREAKS_PROMISE");
        assert_eq!(name(&target("IMMUTABLE", &[], active), "latest", None), "REFUSED");
        let excluding = |mode| target(mode, &["latest"], active);
        assert_eq!(name(&excluding("IMMUTABLE_WITH_EXCLUSION"), "latest", None), "MOVES");
        assert_eq!(name(&excluding("IMMUTABLE_WITH_EXCLUSION"), "v1", None), "REFUSED");
        assert_eq!(name(&excluding("MUTABLE_WITH_EXCLUSION"), "latest", None), "REFUSED");
        assert_eq!(name(&target("A_NEW_MODE", &[], active), "v1", None), "UNKNOWN");
    }

    #[test]
    fn the_same_image_needs_no_push_unless_it_is_archived() {
        let active = Some(ImageStatus::Active);
        for mode in ["MUTABLE", "IMMUTABLE"] {
            assert_eq!(name(&target(mode, &[], active), "v1", Some(HERE)), "ALREADY_THERE");
        }
        assert_eq!(name(&target("IMMUTABLE", &[], active), "v1", Some(OTHER)), "REFUSED");
        let archived = Some(ImageStatus::Archived);
        assert_eq!(name(&target("MUTABLE", &[], archived), "v1", Some(HERE)), "RESTORES");
        assert_eq!(name(&target("IMMUTABLE", &[], archived), "v1", Some(HERE)), "REFUSED");
    }

    #[test]
    fn a_tag_or_a_repository_that_is_not_there_is_new_where_a_push_makes_it() {
        assert_eq!(name(&target("IMMUTABLE", &[], None), "v1", None), "NEW");
        let template = CreateOnPush::Template { prefix: "team".to_owned() };
        assert_eq!(name(&PushTarget::NoRepository(template), "v1", None), "CREATED_ON_PUSH");
        let refused = PushTarget::NoRepository(CreateOnPush::No);
        assert_eq!(name(&refused, "v1", None), "NO_REPOSITORY");
        assert_eq!(Answer::NoRepository.image(), None);
    }
}
