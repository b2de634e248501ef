//! Everything that a plan is decided from, read once.

use chrono::{DateTime, TimeDelta, Utc};
use demurrage_config::Configuration;
use demurrage_core::RegistryKind;
use demurrage_core::in_use::KnownUses;
use demurrage_core::lifecycle::{Policy, Switches};
use demurrage_core::plan::{Hold, Mode, PolicyText, Question, Rulebook, Source};
use demurrage_store::{InventoryEntry, Store, sha256};

use super::AskedArgs;
use crate::failure::Failure;
use crate::known_uses::{known_uses, say_unsaid};
use crate::selected::{announce, entries};
use crate::{policy_file, talk};

/// Everything that a plan is decided from.
pub(super) struct Basis {
    pub(super) store: Store,
    pub(super) now: DateTime<Utc>,
    pub(super) configuration: Configuration,
    /// The file of the configuration, where there is one.
    pub(super) configuration_source: Option<Source>,
    /// The policy that chooses, where one was given.
    policy: Option<GivenPolicy>,
    switches: Switches,
    /// How far ahead of now it is asked.
    ahead: TimeDelta,
    pub(super) uses: KnownUses,
    pub(super) holds: Vec<Hold>,
    /// The newest inventory of each private registry.
    pub(super) entries: Vec<InventoryEntry>,
}

/// A policy of a file.
struct GivenPolicy {
    /// The name of the file, without its folder.
    name: String,
    text: String,
    policy: Policy,
}

impl Basis {
    /// Reads it; says on stderr which inventories they are.
    pub(super) fn read(asked: &AskedArgs) -> Result<Self, Failure> {
        let now = asked.now.now();
        let read = asked.config.configuration()?;
        let policy = asked.policy.as_deref().map(GivenPolicy::read).transpose()?;
        if policy.is_none() && read.configuration.retention.rules.is_empty() {
            return Err(Failure::usage(
                "there are no rules to plan by",
                "write `[[retention]]` into `demurrage.toml` (docs/RETENTION.md), or add `--policy FILE`",
            ));
        }
        let store = asked.store.open()?;
        let mut entries = entries(&store, asked.region.as_deref())?;
        let all = entries.len();
        entries.retain(|entry| entry.kind == RegistryKind::Private);
        if entries.len() < all {
            talk::say("registries of ECR Public are left out: nothing is planned there");
        }
        entries.iter().for_each(announce);
        let uses = known_uses(&store, &asked.in_use, &read.configuration.in_use.rules)?;
        say_unsaid(&store, &uses)?;
        let holds = store.holds(now)?;
        Ok(Self {
            now,
            configuration: read.configuration,
            configuration_source: read.source,
            policy,
            switches: asked.switches.switches(),
            ahead: TimeDelta::zero(),
            uses,
            holds,
            entries,
            store,
        })
    }

    /// The question that it is decided by.
    pub(super) fn question(&self, now: DateTime<Utc>, mode: Mode) -> Question<'_> {
        Question {
            now,
            mode,
            rulebook: match &self.policy {
                Some(given) => Rulebook::Policy {
                    name: &given.name,
                    policy: PolicyText { policy: &given.policy, text: &given.text },
                    switches: self.switches,
                },
                None => Rulebook::Retention(&self.configuration.retention),
            },
            rules: &self.configuration.plan,
            uses: &self.uses,
            use_max_age: self.use_max_age(),
            holds: &self.holds,
        }
    }

    /// Lets what is known of use be older by so much, for a question about a later time.
    pub(super) fn age_by(&mut self, ahead: TimeDelta) {
        self.ahead += ahead;
    }

    /// How long ago use may have been read.
    fn use_max_age(&self) -> TimeDelta {
        self.configuration.in_use.rules.max_age + self.ahead
    }

    /// The rules, by name and hash. Plans of the same name are about the same.
    pub(super) fn rules_source(&self) -> Source {
        match (&self.policy, &self.configuration_source) {
            (Some(given), _) => {
                let switches = format!("{:?}", self.switches);
                let hash = sha256(format!("{}\n{switches}", given.text).as_bytes()).to_string();
                Source { name: format!("policy {}", given.name), hash }
            }
            (None, Some(source)) => Source { name: "retention rules".to_owned(), hash: source.hash.clone() },
            (None, None) => Source { name: "retention rules".to_owned(), hash: sha256(b"").to_string() },
        }
    }

    /// The holds, by hash.
    pub(super) fn holds_source(&self) -> Source {
        let text: String = self.holds.iter().map(Hold::to_json).collect();
        Source { name: "holds".to_owned(), hash: sha256(text.as_bytes()).to_string() }
    }
}

impl GivenPolicy {
    fn read(path: &std::path::Path) -> Result<Self, Failure> {
        let text = policy_file::read_text(path)?;
        let policy = Policy::parse(&text)
            .map_err(|rejection| Failure::Policy { path: path.to_owned(), rejection: Box::new(rejection) })?;
        let name =
            path.file_name().map_or_else(|| path.display().to_string(), |name| name.display().to_string());
        Ok(Self { name, text, policy })
    }
}
