//! What AWS Lambda may run: the image of `$LATEST` and of every published version of each function.
//!
//! An alias names a version, so that all of theirs are in; which aliases do is told with the use. It assumes
//! that a published version keeps its image, so that it is asked about once. Leaves out functions without an image, and what
//! a function runs while it is being updated, where Lambda names the new image already.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::operation::get_function::GetFunctionOutput;
use aws_sdk_lambda::types::{AliasConfiguration, FunctionConfiguration, PackageType};
use chrono::{DateTime, Utc};
use demurrage_core::in_use::{ImageReference, UseSource};
use demurrage_core::instant;
use futures::StreamExt;

use super::client::{ServiceClient, service_client};
use super::found::Found;
use super::known_functions::{KnownFunction, KnownFunctionVersions};
use super::pages::{self, Listed};
use crate::call_error::CallErrorKind;
use crate::{CallError, Session, Tally};

/// Calls per second of each list. All of the control plane but `GetFunction` may make fifteen together; the deployments of the
/// account need some of them.
///
/// Source: Lambda developer guide, "Lambda quotas", API requests, read 2026-11-25.
const LISTS_PER_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(4);
/// Calls per second of `GetFunction`, which may make a hundred.
const FUNCTIONS_PER_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(14);
/// Most entries of a page of functions; more are not given, whatever is asked for.
///
/// Source: API reference, `ListFunctions`, `ListVersionsByFunction` and `ListAliases`, read 2026-11-25.
const PAGE_ENTRIES: i32 = 50;
/// Functions that are read at a time.
const AT_ONCE: usize = 8;
/// The version that is not published.
const LATEST: &str = "$LATEST";

/// A client of AWS Lambda.
#[derive(Debug)]
pub(super) struct Lambda {
    lists: ServiceClient<Client>,
    functions: ServiceClient<Client>,
}

/// A function with an image.
struct Function {
    arn: String,
    name: String,
}

impl Lambda {
    pub(super) fn new(session: &Session) -> Self {
        Self {
            lists: service_client!(aws_sdk_lambda, session, LISTS_PER_SECOND),
            functions: service_client!(aws_sdk_lambda, session, FUNCTIONS_PER_SECOND),
        }
    }

    pub(super) fn calls(&self) -> BTreeMap<String, Tally> {
        let mut calls = self.lists.calls("lambda");
        calls.extend(self.functions.calls("lambda"));
        calls
    }

    /// All functions, and what is known of them afterwards.
    pub(super) async fn read(
        &self,
        versions_back: u32,
        known: &KnownFunctionVersions,
    ) -> (Found, KnownFunctionVersions) {
        let listed = pages::read("lambda:ListFunctions", |marker| self.page_of_functions(marker)).await;
        let mut found = Found::new(UseSource::Lambda);
        found.gap_of("functions", listed.failure.as_ref());
        // What was not listed may be there all the same: it stays known.
        let mut now_known =
            if listed.failure.is_some() { known.clone() } else { KnownFunctionVersions::default() };
        let functions: Vec<Function> = listed.entries.into_iter().filter_map(Function::with_image).collect();
        let of_functions = futures::stream::iter(&functions)
            .map(|function| self.read_function(function, known.of(&function.arn), versions_back))
            .buffered(AT_ONCE);
        let of_functions: Vec<(Found, KnownFunction)> = of_functions.collect().await;
        for (function, (of_function, known)) in functions.into_iter().zip(of_functions) {
            found.add(of_function);
            now_known.insert(function.arn, known);
        }
        (found, now_known)
    }

    async fn page_of_functions(
        &self,
        marker: Option<String>,
    ) -> Result<(Option<Vec<FunctionConfiguration>>, Option<String>), CallError> {
        let send = |client: Client| {
            client.list_functions().max_items(PAGE_ENTRIES).set_marker(marker.clone()).send()
        };
        let page = self.lists.call("lambda:ListFunctions", send).await?;
        Ok((page.functions, page.next_marker))
    }

    async fn read_function(
        &self,
        function: &Function,
        known: Option<&KnownFunction>,
        versions_back: u32,
    ) -> (Found, KnownFunction) {
        let mut known = known.cloned().unwrap_or_default();
        let mut found = Found::new(UseSource::Lambda);
        let (versions, aliases) = tokio::join!(self.versions(function), self.aliases(function));
        let failures = [("versions", &versions.failure), ("aliases", &aliases.failure)];
        for (what, failure) in failures {
            // A function that is gone has none.
            let failure = failure.as_ref().filter(|failure| failure.kind != CallErrorKind::NotFound);
            found.gap_of(&format!("{what} of function `{}`", function.name), failure);
        }
        let named = named_by_aliases(&aliases.entries);
        let mut asked: BTreeSet<String> =
            versions.entries.iter().filter_map(|it| it.version.clone()).collect();
        asked.extend(named.keys().cloned());
        asked.insert(LATEST.to_owned());
        let numbers: BTreeSet<u64> = asked.iter().filter_map(|version| version.parse().ok()).collect();
        let mut digest_of_latest = false;
        for version in &asked {
            let evidence = evidence(function, version, named.get(version));
            let by_digest = self.read_version(function, version, evidence, &mut known, &mut found).await;
            digest_of_latest |= version == LATEST && by_digest;
        }
        let gone = known.versions.keys().filter(|number| !numbers.contains(number)).copied();
        let gone: Vec<u64> = gone.collect();
        let back = usize::try_from(versions_back).unwrap_or(usize::MAX);
        // Where versions were not all listed, the others may be there.
        let back_of_gone = if versions.failure.is_some() { usize::MAX } else { back };
        let forgotten = gone.len().saturating_sub(back_of_gone);
        for (place, number) in gone.iter().enumerate() {
            if place < forgotten {
                known.versions.remove(number);
            } else if let Some(image) = known.versions.get(number) {
                let evidence =
                    format!("version {number} of function `{}`, which was there before", function.name);
                found.image(image, evidence, None);
            }
        }
        known.latest.truncate(back.saturating_add(1));
        for image in known.latest.iter().skip(usize::from(digest_of_latest)) {
            let evidence = format!("`$LATEST` of function `{}`, as it was before", function.name);
            found.image(image, evidence, None);
        }
        (found, known)
    }

    /// The use by one version, which is asked about unless it is known; whether its image is known by digest.
    async fn read_version(
        &self,
        function: &Function,
        version: &str,
        evidence: String,
        known: &mut KnownFunction,
        found: &mut Found,
    ) -> bool {
        let number = version.parse::<u64>().ok();
        if let Some(image) = number.and_then(|number| known.versions.get(&number)) {
            found.image(image, evidence, None);
            return true;
        }
        let send =
            |client: Client| client.get_function().function_name(&function.name).qualifier(version).send();
        let answer = match self.functions.call("lambda:GetFunction", send).await {
            Ok(answer) => answer,
            Err(failure) => {
                // What went away since it was listed runs nothing.
                let failure = Some(&failure).filter(|failure| failure.kind != CallErrorKind::NotFound);
                found.gap_of(&evidence, failure);
                return false;
            }
        };
        let Some((image, by_digest)) = image(&answer) else {
            let is_a_file = answer.code.is_some_and(|code| code.repository_type.as_deref() == Some("S3"));
            if !is_a_file {
                found.gap(format!("{evidence}: Lambda names no image"));
            }
            return false;
        };
        let since = if by_digest { None } else { modified(&answer) };
        found.image(&image, evidence, since);
        match number {
            _ if !by_digest => {}
            Some(number) => drop(known.versions.insert(number, image)),
            None => known.has_latest(image),
        }
        by_digest
    }

    async fn versions(&self, function: &Function) -> Listed<FunctionConfiguration> {
        let page = async |marker: Option<String>| {
            let send = |client: Client| {
                let list = client.list_versions_by_function().function_name(&function.name);
                list.max_items(PAGE_ENTRIES).set_marker(marker.clone()).send()
            };
            let page = self.lists.call("lambda:ListVersionsByFunction", send).await?;
            Ok((page.versions, page.next_marker))
        };
        pages::read("lambda:ListVersionsByFunction", page).await
    }

    async fn aliases(&self, function: &Function) -> Listed<AliasConfiguration> {
        let page = async |marker: Option<String>| {
            let send = |client: Client| {
                let list = client.list_aliases().function_name(&function.name);
                list.max_items(PAGE_ENTRIES).set_marker(marker.clone()).send()
            };
            let page = self.lists.call("lambda:ListAliases", send).await?;
            Ok((page.aliases, page.next_marker))
        };
        pages::read("lambda:ListAliases", page).await
    }
}

impl Function {
    /// A function that may have an image: one that says nothing of its kind is asked.
    fn with_image(configuration: FunctionConfiguration) -> Option<Self> {
        if configuration.package_type == Some(PackageType::Zip) {
            return None;
        }
        let name = configuration.function_name?;
        let arn = configuration.function_arn.unwrap_or_else(|| name.clone());
        Some(Self { arn, name })
    }
}

impl KnownFunction {
    /// `$LATEST` has this image now.
    fn has_latest(&mut self, image: String) {
        self.latest.retain(|before| *before != image);
        self.latest.insert(0, image);
    }
}

/// The image of an answer, and whether that is one by digest.
fn image(answer: &GetFunctionOutput) -> Option<(String, bool)> {
    let code = answer.code.as_ref()?;
    let given = [&code.resolved_image_uri, &code.image_uri].into_iter().flatten();
    let image = given.filter(|image| !image.is_empty()).map(String::clone).next()?;
    let by_digest = image.parse::<ImageReference>().is_ok_and(|reference| reference.digest.is_some());
    Some((image, by_digest))
}

/// When the function was last changed: a tag was resolved then.
fn modified(answer: &GetFunctionOutput) -> Option<DateTime<Utc>> {
    let modified = answer.configuration.as_ref()?.last_modified.as_deref()?;
    // Lambda writes `+0000`, without the colon of RFC 3339.
    let parsed = DateTime::parse_from_str(modified, "%Y-%m-%dT%H:%M:%S%.f%z").ok().map(|time| time.to_utc());
    parsed.or_else(|| instant::parse(modified))
}

/// By version, the aliases that name it, in words.
fn named_by_aliases(aliases: &[AliasConfiguration]) -> BTreeMap<String, BTreeSet<String>> {
    let mut named: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for alias in aliases {
        let name = alias.name.as_deref().unwrap_or_default();
        if let Some(version) = &alias.function_version {
            named.entry(version.clone()).or_default().insert(format!("alias `{name}`"));
        }
        let weights =
            alias.routing_config.as_ref().and_then(|routing| routing.additional_version_weights.as_ref());
        for (version, weight) in weights.into_iter().flatten() {
            let told = format!("alias `{name}` with the weight {weight}");
            named.entry(version.clone()).or_default().insert(told);
        }
    }
    named
}

fn evidence(function: &Function, version: &str, aliases: Option<&BTreeSet<String>>) -> String {
    let mut told = match version {
        LATEST => format!("`$LATEST` of function `{}`", function.name),
        version => format!("version {version} of function `{}`", function.name),
    };
    for alias in aliases.into_iter().flatten() {
        told.push_str(", ");
        told.push_str(alias);
    }
    told
}
