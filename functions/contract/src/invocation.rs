//! What one call of a function is about.

use crate::{
    ApplyInput, AuditInput, ComputeInput, DiscoverInput, EvaluateInput, PlanInput, ReportInput, RunId,
    WorkLine, WorkloadsInput,
};

/// What one call of a function is about, for logs and for the record of failures.
pub trait Invocation {
    /// The run; none where it is not known yet.
    fn run(&self) -> Option<RunId>;
    /// A name that no other call of the run has, such as `collect-00003-000`.
    fn name(&self) -> String;
    /// The account and the region, where it is about one registry.
    fn registry(&self) -> Option<(&str, &str)> {
        None
    }
}

impl Invocation for DiscoverInput {
    fn run(&self) -> Option<RunId> {
        Some(RunId::of(&self.execution, self.started_at))
    }

    fn name(&self) -> String {
        "discover".to_owned()
    }
}

impl Invocation for WorkLine {
    fn run(&self) -> Option<RunId> {
        Some(self.run.clone())
    }

    fn name(&self) -> String {
        format!("collect-{:05}-{:03}", self.share, self.segment)
    }

    fn registry(&self) -> Option<(&str, &str)> {
        Some((&self.account, &self.region))
    }
}

impl Invocation for WorkloadsInput {
    fn run(&self) -> Option<RunId> {
        Some(self.run.clone())
    }

    fn name(&self) -> String {
        format!("workloads-{:03}", self.registry)
    }
}

impl Invocation for EvaluateInput {
    fn run(&self) -> Option<RunId> {
        Some(self.run.clone())
    }

    fn name(&self) -> String {
        format!("evaluate-{:05}-{:03}-{:05}", self.share, self.segment, self.from)
    }
}

impl Invocation for ComputeInput {
    fn run(&self) -> Option<RunId> {
        Some(self.run.clone())
    }

    fn name(&self) -> String {
        format!("compute-{:05}-{:03}-{:05}", self.share, self.segment, self.from)
    }
}

impl Invocation for AuditInput {
    fn run(&self) -> Option<RunId> {
        Some(self.run.clone())
    }

    fn name(&self) -> String {
        format!("audit-{:05}-{:03}-{:05}", self.share, self.segment, self.from)
    }
}

impl Invocation for ReportInput {
    fn run(&self) -> Option<RunId> {
        Some(self.run.clone())
    }

    fn name(&self) -> String {
        "report".to_owned()
    }
}

impl Invocation for PlanInput {
    /// It is no part of a run.
    fn run(&self) -> Option<RunId> {
        None
    }

    fn name(&self) -> String {
        "plan".to_owned()
    }
}

impl Invocation for ApplyInput {
    /// It is no part of a run.
    fn run(&self) -> Option<RunId> {
        None
    }

    fn name(&self) -> String {
        format!("apply-{}", self.hash)
    }
}
