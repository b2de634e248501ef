//! Names of repositories, such as `team-014/payment-gateway-03`, and the way back to their numbers.
//!
//! The repositories of a registry are dealt to its teams in turn, about 60 to each; in a team the number
//! says which service it is and which of its copies.

/// What a service is about.
const SUBJECTS: [&str; 16] = [
    "payment",
    "order",
    "checkout",
    "catalog",
    "search",
    "review",
    "coupon",
    "delivery",
    "inventory",
    "member",
    "notification",
    "settlement",
    "seller",
    "recommendation",
    "image",
    "fraud",
];
/// What a service does.
const ROLES: [&str; 5] = ["gateway", "api", "worker", "batch", "web"];
/// How many services have a name of their own: 16 × 5.
const SERVICES: u64 = 80;
/// Shares no divisor with 80, so that multiplying by it goes through all services.
const STRIDE: u64 = 37;
/// 37 × 13 = 481 = 6 × 80 + 1: the way back.
const STRIDE_BACK: u64 = 13;
/// How far the teams' first services are apart.
const TEAM_STRIDE: u64 = 11;
const REPOSITORIES_PER_TEAM: u64 = 60;

/// The name of repository `i` of `repositories`.
pub(super) fn name(repositories: u64, i: u64) -> String {
    let teams = teams(repositories);
    let (team, place) = (i % teams, i / teams);
    // Each team begins with another service.
    let service = (place * STRIDE + team % SERVICES * TEAM_STRIDE) % SERVICES;
    let subject = word(&SUBJECTS, service / 5);
    let role = word(&ROLES, service % 5);
    format!("team-{team:03}/{subject}-{role}-{:02}", place / SERVICES + 1)
}

/// The number of the repository with this name.
pub(super) fn index_of(repositories: u64, wanted: &str) -> Option<u64> {
    let (team, rest) = wanted.strip_prefix("team-")?.split_once('/')?;
    let (service, copy) = rest.rsplit_once('-')?;
    let (subject, role) = service.rsplit_once('-')?;
    let service = number_of(&SUBJECTS, subject)? * 5 + number_of(&ROLES, role)?;
    let (team, copy): (u64, u64) = (team.parse().ok()?, copy.parse().ok()?);
    let first = team % SERVICES * TEAM_STRIDE % SERVICES;
    let service_of_team = (service + SERVICES - first) * STRIDE_BACK % SERVICES;
    let place = copy.checked_sub(1)?.checked_mul(SERVICES)?.checked_add(service_of_team)?;
    let i = place.checked_mul(teams(repositories))?.checked_add(team)?;
    // Other writings of the same numbers, such as `team-14`, are not names.
    (i < repositories && name(repositories, i) == wanted).then_some(i)
}

fn teams(repositories: u64) -> u64 {
    repositories.div_ceil(REPOSITORIES_PER_TEAM).max(1)
}

fn word(words: &[&'static str], place: u64) -> &'static str {
    usize::try_from(place).ok().and_then(|place| words.get(place)).copied().unwrap_or_default()
}

fn number_of(words: &[&str], wanted: &str) -> Option<u64> {
    words.iter().position(|word| *word == wanted).map(super::count)
}
