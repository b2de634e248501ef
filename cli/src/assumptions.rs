//! What people assume about pulls: `--assumptions FILE`, in TOML.
//!
//! ```toml
//! [[pulls]]
//! repository = "shop/*"   # `*` stands for any characters
//! to = "us-east-1"        # a region, or "internet"
//! per_month = 12_000      # without it, the pulls that were counted of each repository
//!
//! [[pulls]]
//! repository = "*"
//! to = "internet"
//! share = "0.25"          # of the counted pulls; without it, all of them
//!
//! [same_region]           # how layers come to who pulls in the same region: "free" (the default) or "nat"
//! layers = "nat"
//! nat_gateway_hours = 730 # in a month, once for each region; without it, gateways are there anyway
//! endpoint_hours = 2_920  # of the interface endpoints of ECR, each in each zone
//! ```
//!
//! Everything else is a mistake, and is shown with its place.

use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::Path;

use demurrage_core::Wildcard;
use demurrage_core::cost::{
    AssumedPulls, LayerPath, PULLS_MAX, PullAssumption, PullShare, PullTarget, SameRegionPath,
};
use serde::Deserialize;
use toml::Spanned;

use crate::failure::Failure;

/// More than this is no file of assumptions.
const BYTES_MAX: u64 = 1 << 20;

const PULLS_HELP: &str = "an assumption is `[[pulls]]` with `repository`, `to` (a region, or \"internet\") and `per_month`, or a `share` \
     of counted pulls";

/// More hours are in no month, also of a thousand gateways in as many zones.
const HOURS_MAX: u64 = 1_000_000_000;

const SAME_REGION_HELP: &str = "`[same_region]` has `layers`, \"nat\" where they come through NAT gateways, or \"free\"; and hours of a month, \
     `nat_gateway_hours` and `endpoint_hours`";

/// What somebody assumes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Assumptions {
    /// Pulls from repositories.
    pub(crate) pulls: Vec<PullAssumption>,
    /// What lies between a repository and who pulls in its region.
    pub(crate) same_region_path: SameRegionPath,
}

/// Reads a file.
pub(crate) fn read(path: &Path) -> Result<Assumptions, Failure> {
    let mut text = String::new();
    let file = File::open(path).map_err(Failure::read(path))?;
    file.take(BYTES_MAX).read_to_string(&mut text).map_err(Failure::read(path))?;
    let wrong = |cause: String, span: Range<usize>| Failure::Place {
        path: path.to_owned(),
        text: text.clone(),
        cause,
        help: help(&text, span.start).to_owned(),
        span,
    };
    let given: Given = toml::from_str(&text).map_err(|error| {
        wrong(error.message().trim_end().replace('\n', ", "), error.span().unwrap_or(0..0))
    })?;
    let mut assumptions = Assumptions::default();
    for pulls in given.pulls {
        let to = PullTarget::parse(pulls.to.get_ref())
            .map_err(|error| wrong(error.to_string(), pulls.to.span()))?;
        let number = number(pulls.per_month, pulls.share).map_err(|(cause, span)| wrong(cause, span))?;
        let repository = Wildcard::new(&pulls.repository);
        assumptions.pulls.push(PullAssumption { repository, to, pulls: number });
    }
    if let Some(way) = given.same_region {
        assumptions.same_region_path = same_region_path(&way).map_err(|(cause, span)| wrong(cause, span))?;
    }
    Ok(assumptions)
}

/// The way within a region; what is wrong with it, and where.
fn same_region_path(given: &GivenSameRegion) -> Result<SameRegionPath, (String, Range<usize>)> {
    let hours = |name: &str, given: Option<&Spanned<i64>>| {
        let Some(given) = given else { return Ok(0) };
        match u64::try_from(*given.get_ref()) {
            Ok(hours) if hours <= HOURS_MAX => Ok(hours),
            Ok(_) => Err((format!("`{name}` is more than {HOURS_MAX}"), given.span())),
            Err(_) => Err((format!("`{name}` is less than 0"), given.span())),
        }
    };
    Ok(SameRegionPath {
        layers: match given.layers {
            GivenLayers::Nat => LayerPath::Nat,
            GivenLayers::Free => LayerPath::Free,
        },
        nat_gateway_hours: hours("nat_gateway_hours", given.nat_gateway_hours.as_ref())?,
        endpoint_hours: hours("endpoint_hours", given.endpoint_hours.as_ref())?,
    })
}

/// How many pulls an assumption is about; what is wrong with them, and where.
fn number(
    per_month: Option<Spanned<i64>>,
    share: Option<Spanned<toml::Value>>,
) -> Result<AssumedPulls, (String, Range<usize>)> {
    match (per_month, share) {
        (Some(per_month), None) => match u64::try_from(*per_month.get_ref()) {
            Ok(pulls) if pulls <= PULLS_MAX => Ok(AssumedPulls::PerMonth(pulls)),
            Ok(_) => Err((format!("`per_month` is more than {PULLS_MAX}"), per_month.span())),
            Err(_) => Err(("`per_month` is less than 0".to_owned(), per_month.span())),
        },
        (None, None) => Ok(AssumedPulls::Counted(PullShare::ALL)),
        (None, Some(share)) => {
            // Only its text counts, whether it is written as one or as a number.
            let text = match share.get_ref() {
                toml::Value::String(text) => text.clone(),
                toml::Value::Integer(number) => number.to_string(),
                toml::Value::Float(number) => number.to_string(),
                other => {
                    let cause = format!("`share` is a decimal, and no {}", other.type_str());
                    return Err((cause, share.span()));
                }
            };
            let parsed = PullShare::parse(&text);
            parsed.map(AssumedPulls::Counted).map_err(|error| (error.to_string(), share.span()))
        }
        (Some(_), Some(share)) => Err((
            "`share` is one of counted pulls, and `per_month` is a number of them".to_owned(),
            share.span(),
        )),
    }
}

/// How to mend what is wrong at this place of the text: it is about the table that it stands in.
fn help(text: &str, at: usize) -> &'static str {
    let lines_before = text.get(..at).unwrap_or_default().matches('\n').count();
    let lines: Vec<&str> = text.lines().take(lines_before + 1).map(str::trim_start).collect();
    let table = lines.iter().rfind(|line| line.starts_with('['));
    let is_inline = lines.last().is_some_and(|line| line.starts_with("same_region"));
    let is_same_region = is_inline || table.is_some_and(|line| line.starts_with("[same_region"));
    if is_same_region { SAME_REGION_HELP } else { PULLS_HELP }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    #[serde(default)]
    pulls: Vec<GivenPulls>,
    same_region: Option<GivenSameRegion>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenPulls {
    repository: String,
    to: Spanned<String>,
    per_month: Option<Spanned<i64>>,
    share: Option<Spanned<toml::Value>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenSameRegion {
    #[serde(default)]
    layers: GivenLayers,
    nat_gateway_hours: Option<Spanned<i64>>,
    endpoint_hours: Option<Spanned<i64>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "lowercase")]
enum GivenLayers {
    Nat,
    #[default]
    Free,
}
