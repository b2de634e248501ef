//! Runs over several accounts: which are read, by which role, and what becomes of those that cannot be.

use std::collections::{BTreeMap, BTreeSet};

use demurrage_aws::accounts::{AccountSessions, AssumedRole};
use demurrage_contract::documents::{RegistryDocument, RunDocument, ShareDocument, WorkloadsDocument, names};
use demurrage_contract::{
    DiscoverInput, FailureKind, RunId, RunRequest, Status, WorkLine, WorkloadsInput, WorkloadsLine,
};
use demurrage_core::in_use::SourceState;
use fake_ecr::{Fault, FaultKind, FaultTimes, MemberAccount, Organization, Unit, generate};

use crate::clients::Clients;
use crate::run::{Steps, execution};
use crate::settings::Covered;
use crate::workloads;
use crate::world::{ACCOUNT, DUBLIN, SEOUL, World, call, calls_after, number, started_at};

pub(crate) const OTHER: &str = "210987654321";
const THIRD: &str = "345678901234";
const FOURTH: &str = "456789012345";
const FIFTH: &str = "567890123456";

/// The role that each account has.
pub(crate) fn role() -> AssumedRole {
    AssumedRole {
        name: "demurrage-read".to_owned(),
        external_id: Some("finops".to_owned()),
        session_name: "demurrage-tests".to_owned(),
    }
}

/// The same world, whose functions are new processes that may assume the role of other accounts.
pub(crate) fn with_role(mut world: World) -> World {
    world.clients = Clients::new(AccountSessions::new(world.session().clone(), Some(role())));
    world
}

/// These accounts have so many repositories in Seoul; the first is the deployment's own.
async fn world(accounts: &[(&str, usize)]) -> World {
    let mut world = World::of(accounts[0].1, 2).await;
    for (seed, &(account, repositories)) in (90..).zip(accounts).skip(1) {
        let options = generate::Options { repositories, images_per_repository: 2, seed, now: started_at() };
        world.fake().attach_generated(account, SEOUL, generate::Registry::new(options));
    }
    world.discover.accounts = listed(accounts.iter().map(|(account, _)| *account));
    with_role(world)
}

fn listed<'a>(accounts: impl Iterator<Item = &'a str>) -> Covered {
    Covered::Listed(accounts.map(str::to_owned).collect())
}

fn refuse(world: &World, account: &str) {
    world.fake().add_fault(Fault {
        operation: "AssumeRole".to_owned(),
        account: Some(account.to_owned()),
        region: None,
        kind: FaultKind::AccessDenied,
        times: FaultTimes::Every(1),
    });
}

fn run_document(world: &World, run: &RunId) -> RunDocument {
    world.documents(run).read(names::RUN).unwrap().unwrap()
}

/// Account and region of each registry that is read.
fn read(document: &RunDocument) -> Vec<(&str, &str)> {
    document.registries.iter().map(|one| (&*one.account, &*one.region)).collect()
}

/// How often an operation was called, by account.
fn calls_of(world: &World, operation: &str) -> BTreeMap<String, u64> {
    let calls = world.fake().calls();
    let mut counted = BTreeMap::new();
    for (key, count) in calls.into_iter().filter(|(key, _)| key.operation == operation) {
        *counted.entry(key.account).or_default() += count.calls;
    }
    counted
}

fn asking(name: &str, request: RunRequest) -> DiscoverInput {
    DiscoverInput { request, ..execution(name) }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_accounts_are_read_by_their_role_and_the_own_one_without() {
    let mut world = world(&[(ACCOUNT, 3), (OTHER, 5)]).await;
    world.discover.regions = vec![SEOUL.to_owned(), DUBLIN.to_owned()];
    world.counted();
    let (run, lines) = world.planned("both").await;
    let document = run_document(&world, &run);
    let wanted = [(ACCOUNT, SEOUL), (ACCOUNT, DUBLIN), (OTHER, SEOUL), (OTHER, DUBLIN)];
    assert_eq!(read(&document), wanted);
    assert_eq!(document.unread, []);
    assert_eq!(calls_of(&world, "AssumeRole"), [(OTHER.to_owned(), 1)].into(), "once for all regions");
    let surveyed = calls_of(&world, "DescribeRegistry");
    assert_eq!(surveyed, [(ACCOUNT.to_owned(), 2), (OTHER.to_owned(), 2)].into());
    let shares: Vec<ShareDocument> = lines.iter().map(|line| world.share(&run, line.share)).collect();
    let found: BTreeMap<&str, usize> =
        shares.iter().map(|share| (&*share.account, share.repositories.len())).collect();
    assert_eq!(found, [(ACCOUNT, 3), (OTHER, 5)].into());
    // And so are its images.
    let report = Box::pin(world.go("both", Steps::without_end())).await.unwrap();
    assert_eq!(report.status, Status::Complete);
    let entry = world.store.find(&names::inventory(&run, OTHER, SEOUL)).unwrap();
    let inventory = world.store.read(&entry, |_| true).unwrap();
    assert_eq!(inventory.registry_id.as_deref(), Some(OTHER));
    let images: usize = inventory.repositories.iter().map(|repository| repository.images.len()).sum();
    assert_eq!((inventory.repositories.len(), images), (5, 10));
    assert_eq!(calls_of(&world, "DescribeImages").keys().collect::<Vec<_>>(), [ACCOUNT, OTHER]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_whose_role_is_refused_is_named_in_each_region_and_hides_no_other() {
    let mut world = world(&[(ACCOUNT, 2), (OTHER, 2), (THIRD, 2)]).await;
    world.discover.regions = vec![SEOUL.to_owned(), DUBLIN.to_owned()];
    refuse(&world, OTHER);
    world.counted();
    let (run, lines) = world.planned("refused").await;
    let document = run_document(&world, &run);
    let wanted = [(ACCOUNT, SEOUL), (ACCOUNT, DUBLIN), (THIRD, SEOUL), (THIRD, DUBLIN)];
    assert_eq!(read(&document), wanted);
    assert!(lines.iter().all(|line| line.account != OTHER));
    let unread: Vec<_> = document.unread.iter().map(|one| (one.account.as_deref(), &*one.region)).collect();
    assert_eq!(unread, [(Some(OTHER), SEOUL), (Some(OTHER), DUBLIN)]);
    for unread in &document.unread {
        let wanted = "the role `arn:aws:iam::210987654321:role/demurrage-read` of account 210987654321 could not be assumed";
        assert!(unread.problem.contains(wanted), "{}", unread.problem);
        assert!(!unread.problem.contains("is the region enabled"), "{}", unread.problem);
    }
    assert_eq!(calls_of(&world, "AssumeRole")[OTHER], 1, "a refusal is believed for a while");
    // The run ends with what could be read, and says the rest.
    let report = Box::pin(world.go("refused", Steps::without_end())).await.unwrap();
    assert_eq!(report.status, Status::Partial);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_every_role_is_refused_the_call_is_and_with_one_of_them_it_works() {
    let mut world = world(&[(ACCOUNT, 1), (OTHER, 1), (THIRD, 1)]).await;
    world.discover.accounts = listed([OTHER, THIRD].into_iter());
    for account in [OTHER, THIRD] {
        refuse(&world, account);
    }
    let failure = world.discover(&execution("none"), &call("one")).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused, "{failure}");
    assert!(failure.message.starts_with("account 210987654321 in ap-northeast-2: "), "{failure}");
    world.fake().clear_faults();
    refuse(&world, OTHER);
    // Another process, which remembers no refusal.
    let world = with_role(world);
    let (run, _) = world.planned("none").await;
    let document = run_document(&world, &run);
    assert_eq!((read(&document), document.unread.len()), (vec![(THIRD, SEOUL)], 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_role_other_accounts_are_said_not_to_be_reached() {
    let mut world = world(&[(ACCOUNT, 1), (OTHER, 1)]).await;
    world.clients = Clients::new(AccountSessions::new(world.session().clone(), None));
    world.counted();
    let (run, _) = world.planned("roleless").await;
    let document = run_document(&world, &run);
    assert_eq!(read(&document), [(ACCOUNT, SEOUL)]);
    let [unread] = &document.unread[..] else { panic!("{:?}", document.unread) };
    assert!(
        unread.problem.contains("there is no role by which account 210987654321 could be read"),
        "{unread:?}"
    );
    assert_eq!(calls_of(&world, "AssumeRole"), BTreeMap::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_accounts_that_are_covered_those_that_were_asked_for_are_read_and_no_other() {
    let mut world = world(&[(ACCOUNT, 1), (OTHER, 1), (THIRD, 1)]).await;
    world.discover.excluded = vec![THIRD.to_owned()];
    world.counted();
    let of = |accounts: &[&str]| RunRequest {
        accounts: Some(accounts.iter().map(|&account| account.to_owned()).collect()),
        ..RunRequest::default()
    };
    for (name, accounts) in [("excluded", &[OTHER, THIRD][..]), ("nobody", &[FOURTH]), ("none", &["12"])] {
        let failure = world.discover(&asking(name, of(accounts)), &call("one")).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::BadInput, "{failure}");
        assert!(failure.message.contains(accounts[accounts.len() - 1]), "{failure}");
    }
    assert_eq!(world.counted(), BTreeMap::new(), "nobody was asked");
    let output = world.discover(&asking("other", of(&[OTHER, OTHER])), &call("one")).await.unwrap();
    assert_eq!(read(&run_document(&world, &output.run)), [(OTHER, SEOUL)]);
    // All of them but the one that is excluded.
    let (run, _) = world.planned("all").await;
    assert_eq!(read(&run_document(&world, &run)), [(ACCOUNT, SEOUL), (OTHER, SEOUL)]);
}

fn member(id: &str, state: &str) -> MemberAccount {
    MemberAccount { id: id.to_owned(), state: state.to_owned() }
}

/// The own account at the root; below it a unit with an account of each state, in which there is another unit, and one
/// beside it.
fn organization() -> Organization {
    let inner = Unit {
        id: "ou-ab12-inner".to_owned(),
        accounts: vec![member(THIRD, "ACTIVE"), member("999999999991", "SUSPENDED")],
        units: Vec::new(),
    };
    let outer = Unit {
        id: "ou-ab12-outer".to_owned(),
        accounts: vec![
            member(OTHER, "ACTIVE"),
            member("999999999992", "PENDING_CLOSURE"),
            member("999999999993", "CLOSED"),
            member("999999999994", "PENDING_ACTIVATION"),
        ],
        units: vec![inner],
    };
    let beside =
        Unit { id: "ou-ab12-beside".to_owned(), accounts: vec![member(FOURTH, "ACTIVE")], units: Vec::new() };
    Organization {
        root: Unit {
            id: "r-ab12".to_owned(),
            accounts: vec![member(FIFTH, "ACTIVE"), member(ACCOUNT, "ACTIVE")],
            units: vec![outer, beside],
        },
        listed_by: vec![ACCOUNT.to_owned()],
        page_entries: 1,
        has_empty_pages: true,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_of_an_organization_are_found_page_by_page_in_units_within_units() {
    let mut world = with_role(World::of(1, 1).await);
    world.fake().set_organization(organization());
    let mut runs = 0;
    let mut found = async |units: &[&str], excluded: &[&str]| {
        world.discover.accounts =
            Covered::Organization { units: units.iter().map(|&unit| unit.to_owned()).collect() };
        world.discover.excluded = excluded.iter().map(|&account| account.to_owned()).collect();
        runs += 1;
        let (run, _) = world.planned(&format!("run{runs}")).await;
        let document = run_document(&world, &run);
        let accounts: Vec<String> = document.registries.iter().map(|one| one.account.clone()).collect();
        (accounts, document.accounts_inactive)
    };
    let all = [ACCOUNT, OTHER, THIRD, FOURTH, FIFTH];
    assert_eq!(found(&[], &[]).await, (all.map(str::to_owned).to_vec(), 4), "empty pages do not end a list");
    let below = ([OTHER, THIRD].map(str::to_owned).to_vec(), 4);
    assert_eq!(found(&["ou-ab12-outer"], &[]).await, below);
    assert_eq!(found(&["ou-ab12-inner", "ou-ab12-outer"], &[]).await, below, "each once");
    assert_eq!(found(&["ou-ab12-inner"], &[]).await, (vec![THIRD.to_owned()], 1));
    assert_eq!(found(&["r-ab12"], &[]).await, (all.map(str::to_owned).to_vec(), 4));
    let without = found(&["ou-ab12-outer", "ou-ab12-beside"], &[OTHER, "999999999991"]).await;
    assert_eq!(without, ([THIRD, FOURTH].map(str::to_owned).to_vec(), 3), "what is excluded counts nowhere");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organization_that_cannot_be_listed_whole_is_an_error_and_no_smaller_organization() {
    let mut world = with_role(World::of(1, 1).await);
    world.discover.accounts = Covered::Organization { units: Vec::new() };
    let failure = world.discover(&execution("none"), &call("one")).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused, "{failure}");
    assert!(failure.message.contains("organizations:ListAccounts"), "{failure}");
    world.fake().set_organization(organization());
    // The third page.
    world.fault(None, "ListAccounts", FaultKind::AccessDenied, FaultTimes::Every(3));
    let failure = world.discover(&execution("cut"), &call("one")).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused, "{failure}");
    world.fake().clear_faults();
    world.discover.accounts = Covered::Organization { units: vec!["ou-ab12-nowhere".to_owned()] };
    let failure = world.discover(&execution("nowhere"), &call("one")).await.unwrap_err();
    assert!(failure.message.contains("ou-ab12-nowhere"), "{failure}");
    // Nothing of it is remembered.
    world.discover.accounts = Covered::Organization { units: Vec::new() };
    let (run, _) = world.planned("whole").await;
    assert_eq!(run_document(&world, &run).registries.len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_accounts_of_a_run_are_those_that_its_first_call_found() {
    let mut world = with_role(World::of(1, 1).await);
    // One page, because there is little time.
    let organization = || Organization { page_entries: 20, has_empty_pages: false, ..organization() };
    world.fake().set_organization(organization());
    world.discover.accounts = Covered::Organization { units: Vec::new() };
    let hurried = calls_after(61, &["one"]).await;
    let first = world.discover(&execution("long"), &hurried[0]).await.unwrap();
    assert!(first.more);
    let mut smaller = organization();
    smaller.root.units.clear();
    world.fake().set_organization(smaller);
    let second = world.discover(&execution("long"), &call("two")).await.unwrap();
    assert!(!second.more);
    assert_eq!(run_document(&world, &second.run).registries.len(), 5);
    let surveyed = calls_of(&world, "DescribeRegistry");
    assert!(surveyed.len() == 5 && surveyed.values().all(|&calls| calls == 1), "{surveyed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_of_all_accounts_are_interleaved_and_each_account_has_a_rate_of_its_own() {
    let accounts: Vec<String> = (0..12).map(|number| format!("{}", 600_000_000_000_u64 + number)).collect();
    let of: Vec<(&str, usize)> = [(ACCOUNT, 30)]
        .into_iter()
        .chain(accounts.iter().enumerate().map(|(place, account)| (&**account, 3 + 3 * (place % 2))))
        .collect();
    let mut world = world(&of).await;
    // Three repositories of which nothing is known.
    world.discover.share_images = number(450);
    world.discover.concurrency = number(6);
    world.discover.calls_per_second = number(20);
    let (run, lines) = world.planned("many").await;
    assert_eq!(lines.len(), 10 + 6 + 2 * 6);
    for at_a_time in lines.windows(6) {
        let mut together: BTreeMap<&str, f64> = BTreeMap::new();
        for line in at_a_time {
            *together.entry(&line.account).or_default() += line.calls_per_second;
        }
        assert!(together.values().all(|rate| *rate <= 20.0 + 1e-6), "{together:?}");
        assert!(2 <= together.len(), "no account holds the others up: {together:?}");
    }
    // An account with one share has all of its rate: another account's shares take nothing from it.
    let single = lines.iter().find(|line| line.account == accounts[0]).unwrap();
    assert!((single.calls_per_second - 20.0).abs() < 1e-6, "{single:?}");
    let mut begun = BTreeSet::new();
    let mut read = BTreeSet::new();
    for line in world.work_lines(&run) {
        match line {
            WorkLine::Workloads(line) => assert!(read.insert(line.account), "once for each"),
            WorkLine::Inventory(line) => {
                assert!(read.contains(&line.account), "what is in use comes first: {line:?}");
                begun.insert(line.account);
            }
            WorkLine::Settings(line) => panic!("{line:?}"),
        }
        assert!(read.len() <= begun.len() + 1, "and not long before");
    }
    assert_eq!((read.len(), begun.len()), (13, 13));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_role_is_refused_by_then_it_is_put_down_that_nobody_knows_what_runs() {
    let world = world(&[(ACCOUNT, 1), (OTHER, 1)]).await;
    let (run, _) = world.planned("later").await;
    refuse(&world, OTHER);
    let world = with_role(world);
    let line =
        WorkloadsLine { run: run.clone(), registry: 1, account: OTHER.to_owned(), region: SEOUL.to_owned() };
    let (input, call) = (WorkloadsInput::Line(line), call("one"));
    let output = Box::pin(workloads::handle(&world.store, &world.clients.accounts, &input, &call)).await;
    let output = output.unwrap();
    assert_eq!((output.status, output.known, output.unknown), (Status::Partial, 0, 1));
    let name = names::workloads(OTHER, SEOUL);
    let document: WorkloadsDocument = world.documents(&run).read(&name).unwrap().unwrap();
    assert!(document.failures()[0].contains("role/demurrage-read"), "{document:?}");
    let uses = world.store.uses().unwrap();
    let [(_, record)] = &uses[..] else { panic!("{uses:?}") };
    assert_eq!(record.account.as_deref(), Some(OTHER));
    assert!(record.sources.iter().all(|source| matches!(source.state, SourceState::Failed(_))), "{record:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_about_settings_reads_registries_and_their_lists_and_no_image() {
    let world = world(&[(ACCOUNT, 4), (OTHER, 2)]).await;
    world.go("images", Steps::without_end()).await.unwrap();
    world.counted();
    let request = RunRequest { settings_only: true, ..RunRequest::default() };
    let input = asking("settings", request);
    let output = world.discover(&input, &call("one")).await.unwrap();
    assert_eq!((output.settings_only, output.shares, output.lines, output.more), (true, 0, 2, false));
    let lines = world.work_lines(&output.run);
    let about: Vec<(u32, &str)> = lines
        .iter()
        .map(|line| match line {
            WorkLine::Settings(line) => (line.registry, &*line.account),
            WorkLine::Inventory(_) | WorkLine::Workloads(_) => panic!("{line:?}"),
        })
        .collect();
    assert_eq!(about, [(0, ACCOUNT), (1, OTHER)]);
    let documents = world.documents(&output.run);
    assert_eq!(documents.get(names::PARTS).unwrap().unwrap(), b"");
    assert_eq!(documents.get(&names::share(0)).unwrap(), None);
    let registry: RegistryDocument = documents.read(&names::registry(ACCOUNT, SEOUL)).unwrap().unwrap();
    assert_eq!((registry.repositories, registry.earlier.len()), (4, 0), "no inventory was looked at");
    assert!(documents.get(&names::repositories(OTHER, SEOUL)).unwrap().is_some());
    let run = run_document(&world, &output.run);
    assert!(run.settings_only && run.registries.iter().all(|registry| registry.shares.is_empty()));
    let counted = world.counted();
    for operation in ["DescribeImages", "ListImages", "BatchGetImage", "GetLifecyclePolicy"] {
        assert_eq!(counted.get(operation), None);
    }
    let files = world.files();
    assert_eq!(world.discover(&input, &call("two")).await.unwrap(), output);
    assert!(world.files() == files);
    assert_eq!(world.counted(), BTreeMap::new());
}
