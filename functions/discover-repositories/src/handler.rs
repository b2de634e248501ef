//! Accounts and regions to registries, registries to shares, shares to lines of work.
//!
//! Each registry is written down when it was read, so that a call that follows goes on where one stopped; what a
//! run is about is written last, and from then on every call gives the same answer.

use demurrage_aws::accounts::AccountSessions;
use demurrage_contract::documents::{RunDocument, names};
use demurrage_contract::{DiscoverInput, DiscoverOutput, Failure, RunId};
use demurrage_serve::{Call, price_list};
use demurrage_store::{Documents, InventoryNames, Store};
use tokio::task::block_in_place;
use tracing::info;

use crate::covered::{self, Accounts};
use crate::settings::Settings;
use crate::surveying::{Place, Surveyor, survey_all};
use crate::{layout, lines, plan};

pub(crate) async fn handle(
    store: &Store,
    sessions: &AccountSessions,
    settings: &Settings,
    input: &DiscoverInput,
    call: &Call,
) -> Result<DiscoverOutput, Failure> {
    let run = RunId::of(&input.execution, input.started_at);
    let documents = store.documents(&[names::RUNS, run.as_str()])?;
    if let Some(found) = block_in_place(|| documents.read::<RunDocument>(names::RUN))? {
        return Ok(output(&documents, input, &run, Some(&found)));
    }
    // What is set now holds for the whole run: half of a plan by other settings would not fit the other half.
    let settings = &block_in_place(|| documents.agree(names::SETTINGS, settings.clone()))?;
    block_in_place(|| keep_prices(store, &documents))?;
    let request = &input.request;
    let regions = settings.regions_of(request.regions.as_deref())?;
    let asked = request.accounts.as_deref();
    let Accounts { accounts, inactive } =
        covered::accounts(sessions.own(), settings, asked, &documents).await?;
    let places: Vec<Place> = accounts
        .iter()
        .flat_map(|account| {
            regions.iter().map(|region| Place { account: account.clone(), region: region.clone() })
        })
        .collect();
    let inventories = if request.settings_only {
        InventoryNames::default()
    } else {
        block_in_place(|| store.inventory_names())?
    };
    let surveyor = Surveyor::new((store, sessions, settings), (&run, &documents), inventories);
    if !survey_all(surveyor, &places, call).await? {
        return Ok(output(&documents, input, &run, None));
    }
    let planned = plan_run(store, &documents, settings, input, &run, &places, call).await?;
    let Some(planned) = planned else { return Ok(output(&documents, input, &run, None)) };
    let planned = RunDocument { accounts_inactive: inactive, ..planned };
    let planned = block_in_place(|| documents.agree(names::RUN, planned))?;
    info!(shares = planned.shares, registries = planned.registries.len(), "planned");
    Ok(output(&documents, input, &run, Some(&planned)))
}

/// One price list for all of the run: the newest of the store, or the program's own.
fn keep_prices(store: &Store, documents: &Documents) -> Result<(), Failure> {
    documents.put_new(names::PRICES, price_list(store)?.to_json().as_bytes())?;
    Ok(())
}

/// The answer; without what is planned one that asks to be called again.
fn output(
    documents: &Documents,
    input: &DiscoverInput,
    run: &RunId,
    planned: Option<&RunDocument>,
) -> DiscoverOutput {
    let (bucket, work) = documents.object(names::WORK);
    let (_, parts) = documents.object(names::PARTS);
    DiscoverOutput {
        run: run.clone(),
        bucket,
        work,
        lines: planned.map_or(0, |planned| planned.lines),
        parts,
        shares: planned.map_or(0, |planned| planned.shares),
        settings_only: input.request.settings_only,
        more: planned.is_none(),
    }
}

/// Writes shares and lines; nothing where the time was up before all of them were there.
async fn plan_run(
    store: &Store,
    documents: &Documents,
    settings: &Settings,
    input: &DiscoverInput,
    run: &RunId,
    places: &[Place],
    call: &Call,
) -> Result<Option<RunDocument>, Failure> {
    let settings_only = input.request.settings_only;
    let laid_out =
        block_in_place(|| layout::agree(documents, places, (!settings_only).then_some(settings), call))?;
    let counts: Vec<usize> = laid_out.registries.iter().map(|registry| registry.ends.len()).collect();
    let steps = plan::steps(&counts);
    let numbers = plan::numbers(&steps, counts.len());
    let shares = u32::try_from(counts.iter().sum::<usize>()).unwrap_or(u32::MAX);
    let lines = if settings_only {
        block_in_place(|| lines::of_settings(documents, run, &laid_out))?
    } else {
        let shares_of = (&laid_out, &*numbers);
        if !layout::write_shares(store, documents, (run, input.started_at), shares_of, call).await? {
            return Ok(None);
        }
        block_in_place(|| lines::of_images(documents, settings, run, &laid_out, &steps))?
    };
    let planned = RunDocument {
        run: run.clone(),
        started_at: input.started_at,
        registries: Vec::new(),
        unread: Vec::new(),
        shares,
        lines,
        settings_only,
        accounts_inactive: 0,
    };
    Ok(Some(lines::planned(laid_out, numbers, planned)))
}
