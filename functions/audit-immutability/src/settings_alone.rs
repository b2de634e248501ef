//! The settings of a registry and of its repositories under audit, as they were listed: no image is looked at, and the ledger
//! learns nothing.

use demurrage_contract::documents::{
    AuditedDocument, DescribedRepository, RegistryDocument, RunDocument, names,
};
use demurrage_contract::{AuditOutput, AuditTask, Failure, FailureKind, SettingsLine, Status};
use demurrage_core::audit::{RegistrySettings, RegistryUnder, RepositoryUnder, audit_repository};
use demurrage_core::lifecycle::{Relations, Switches};
use demurrage_core::{Listing, RegistryFacts, RegistryKind};
use demurrage_serve::{Call, configuration_of_run, log_registry, readers_in, sized};
use demurrage_store::Store;
use tracing::info;

use crate::auditing::{Settings, audited};

/// Why audits of images have no answer.
const NO_IMAGES: &str = "the run is about settings alone, and looks at no image";
/// What a repository takes with what the audits say about it, at most.
const REPOSITORY_BYTES: u64 = 16 * 1024;

pub(crate) fn handle(
    store: &Store,
    settings: &Settings,
    line: &SettingsLine,
    call: &Call,
) -> Result<AuditOutput, Failure> {
    let documents = store.documents(&[names::RUNS, line.run.as_str()])?;
    log_registry(&line.account, &line.region);
    let name = names::settings(&line.account, &line.region);
    let there = documents.read::<AuditedDocument>(&name)?;
    let document = match there {
        Some(document) => document,
        None => documents.agree(&name, audit(store, settings, line, call)?)?,
    };
    let findings: usize = document.repositories.iter().map(|repository| repository.findings.len()).sum();
    info!(repositories = document.repositories.len(), findings, "audited settings");
    Ok(AuditOutput {
        run: line.run.clone(),
        status: Status::Complete,
        more: false,
        next: AuditTask::Settings(line.clone()),
    })
}

fn audit(
    store: &Store,
    settings: &Settings,
    line: &SettingsLine,
    call: &Call,
) -> Result<AuditedDocument, Failure> {
    let documents = store.documents(&[names::RUNS, line.run.as_str()])?;
    let missing = |what: &str| {
        let message = format!("the run has no {what} of {} {}", line.account, line.region);
        Failure::new(FailureKind::BadInput, message)
    };
    let run = documents.read::<RunDocument>(names::RUN)?.ok_or_else(|| missing("description"))?;
    let registry = documents.read::<RegistryDocument>(&names::registry(&line.account, &line.region))?;
    let registry = registry.ok_or_else(|| missing("registry"))?;
    let listed =
        documents.read::<Vec<DescribedRepository>>(&names::repositories(&line.account, &line.region))?;
    let listed = listed.ok_or_else(|| missing("list of repositories"))?;
    sized("the list of repositories", listed.len() as u64 * REPOSITORY_BYTES, call.memory_bytes)?;
    let of_registry = RegistrySettings::of(&RegistryFacts::from(&registry.facts));
    let configuration = configuration_of_run(store, &documents)?;
    let readers = readers_in(&line.account, &settings.readers);
    let under = RegistryUnder {
        kind: RegistryKind::Private,
        account: Some(&line.account),
        region: &line.region,
        settings: &of_registry,
        rules: &configuration.rules,
        now: run.started_at,
        switches: Switches::default(),
        readers: &readers,
        uses: None,
    };
    let relations = Relations::of(&[]);
    let repositories = listed.iter().map(|described| {
        let mut repository = described.repository();
        repository.listing = Listing::Failed(NO_IMAGES.to_owned());
        let verdict = audit_repository(&RepositoryUnder {
            registry: &under,
            repository: &repository,
            relations: &relations,
            replicas: &[],
            ledger: None,
        });
        audited(&repository.name, &verdict)
    });
    Ok(AuditedDocument { repositories: repositories.collect(), ..AuditedDocument::default() })
}
