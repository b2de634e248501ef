//! To whom the repository policy of a creation template grants something, beside those who are allowed.

use crate::access::{AccountId, Certainty, Grant, Reach, grants, reach};
use crate::audit::settings::parse_policy;
use crate::audit::{Confidence, CreationTemplate, Flaw, Rules, Severity};

/// The worst that the policy grants somebody who is not allowed, in the order of severity and then of confidence; nothing
/// where it grants nobody else anything.
///
/// # Errors
/// Why nobody knows: a lowercase fragment.
pub(super) fn opened(
    template: &CreationTemplate,
    rules: &Rules,
    account: Option<&str>,
) -> Result<Option<Flaw>, String> {
    let Some(text) = &template.repository_policy else { return Ok(None) };
    let policy =
        parse_policy(text).map_err(|cause| format!("the repository policy cannot be read: {cause}"))?;
    let Some(owner) = account.and_then(|account| AccountId::parse(account).ok()) else {
        return Err("the account of the registry is not known".to_owned());
    };
    let grants = grants(&policy, &owner);
    let flaws = grants.iter().filter_map(|grant| {
        let (severity, who) = outsider(reach(grant, &owner, &rules.access))?;
        let statement = grant.statement.index.saturating_add(1);
        let message = format!("statement {statement} of its repository policy grants {who} something");
        let flaw = Flaw::new(severity, confidence(grant), message);
        Some(flaw.with("statement", statement.to_string()).with("principal", grant.who.to_string()))
    });
    // Of several alike, the first.
    Ok(flaws.reduce(|worst, flaw| {
        let rank = |flaw: &Flaw| (flaw.severity, flaw.confidence);
        if rank(&worst) < rank(&flaw) { flaw } else { worst }
    }))
}

fn outsider(reach: Reach) -> Option<(Severity, String)> {
    match reach {
        Reach::Nobody | Reach::Own | Reach::Allowed => None,
        Reach::Anyone => Some((Severity::High, "anyone".to_owned())),
        Reach::AnyoneFrom { .. } => Some((Severity::Medium, "anyone from a network".to_owned())),
        Reach::OtherAccount { outsiders } => {
            let more = if outsiders.len() == 1 { "" } else { " and others" };
            outsiders.first().map(|first| (Severity::Medium, format!("`{first}`{more}, not allowed,")))
        }
    }
}

fn confidence(grant: &Grant) -> Confidence {
    match grant.certainty() {
        Certainty::Certain => Confidence::Certain,
        Certainty::MayBe => Confidence::Likely,
    }
}
