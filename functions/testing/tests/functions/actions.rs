//! What functions may do is what the AWS edge says that it does for them.

use std::collections::BTreeSet;

use demurrage_aws::{accounts, apply, collect, ledger, publish, workloads};
use demurrage_contract::Function;

#[test]
fn each_function_may_do_what_the_aws_edge_does_for_it_and_nothing_else() {
    for function in Function::ALL {
        let of_the_edge: &[&[&str]] = match function {
            Function::DiscoverRepositories => {
                &[&collect::SURVEY_ACTIONS, &accounts::ORGANIZATION_ACTIONS, &accounts::ASSUME_ACTIONS]
            }
            Function::CollectInventory => &[&collect::SHARE_ACTIONS, &accounts::ASSUME_ACTIONS],
            Function::CollectWorkloads => &[workloads::WORKLOAD_ACTIONS, &accounts::ASSUME_ACTIONS],
            Function::ReportMetrics => &[&publish::ACTIONS],
            Function::AuditImmutability => &[&ledger::RECONCILE_ACTIONS, &ledger::LOAD_ACTIONS],
            Function::OnImagePush => &[
                &ledger::EVENT_ACTIONS,
                &collect::LOOK_UP_ACTIONS,
                &publish::ACTIONS,
                &accounts::ASSUME_ACTIONS,
            ],
            // They read the store alone.
            Function::EvaluateLifecycle | Function::ComputeCosts | Function::BuildPlan => &[],
            // What is in use is read again, and so is what tags were on.
            Function::ApplyPlan => &[
                &apply::APPLY_ACTIONS,
                &apply::LEASE_ACTIONS,
                &ledger::LOAD_ACTIONS,
                workloads::WORKLOAD_ACTIONS,
                &accounts::ASSUME_ACTIONS,
            ],
        };
        let of_the_edge: BTreeSet<&str> = of_the_edge.iter().flat_map(|some| some.iter().copied()).collect();
        let of_the_edge: Vec<&str> = of_the_edge.into_iter().collect();
        assert_eq!(function.actions(), of_the_edge, "{}", function.name());
        let each: BTreeSet<&str> = function.actions().iter().copied().collect();
        assert_eq!(each.len(), function.actions().len(), "{}: none is named twice", function.name());
    }
}
