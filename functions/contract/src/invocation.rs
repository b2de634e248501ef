//! What one call of a function is about.

use crate::{
    ApplyInput, ApplyPhase, AuditInput, AuditTask, ComputeInput, DiscoverInput, EvaluateInput, InventoryLine,
    PlanInput, ReportInput, RunId, SettingsLine, WorkLine, WorkloadsInput, WorkloadsLine,
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
        match self {
            Self::Inventory(line) => line.run(),
            Self::Workloads(line) => line.run(),
            Self::Settings(line) => line.run(),
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Inventory(line) => line.name(),
            Self::Workloads(line) => line.name(),
            Self::Settings(line) => line.name(),
        }
    }

    fn registry(&self) -> Option<(&str, &str)> {
        match self {
            Self::Inventory(line) => line.registry(),
            Self::Workloads(line) => line.registry(),
            Self::Settings(line) => line.registry(),
        }
    }
}

impl Invocation for InventoryLine {
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

impl Invocation for WorkloadsLine {
    fn run(&self) -> Option<RunId> {
        Some(self.run.clone())
    }

    fn name(&self) -> String {
        format!("workloads-{:05}", self.registry)
    }

    fn registry(&self) -> Option<(&str, &str)> {
        Some((&self.account, &self.region))
    }
}

impl Invocation for SettingsLine {
    fn run(&self) -> Option<RunId> {
        Some(self.run.clone())
    }

    fn name(&self) -> String {
        format!("settings-{:05}", self.registry)
    }

    fn registry(&self) -> Option<(&str, &str)> {
        Some((&self.account, &self.region))
    }
}

impl Invocation for WorkloadsInput {
    fn run(&self) -> Option<RunId> {
        match self {
            Self::Line(line) => line.run(),
            Self::Settle(run) => Some(run.clone()),
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Line(line) => line.name(),
            Self::Settle(_) => "workloads-settle".to_owned(),
        }
    }

    fn registry(&self) -> Option<(&str, &str)> {
        match self {
            Self::Line(line) => line.registry(),
            Self::Settle(_) => None,
        }
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

impl Invocation for AuditTask {
    fn run(&self) -> Option<RunId> {
        match self {
            Self::Share(input) => input.run(),
            Self::Settings(line) => line.run(),
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Share(input) => input.name(),
            Self::Settings(line) => line.name(),
        }
    }

    fn registry(&self) -> Option<(&str, &str)> {
        match self {
            Self::Share(input) => input.registry(),
            Self::Settings(line) => line.registry(),
        }
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
    /// The run that it is made after; none where it is made by hand.
    fn run(&self) -> Option<RunId> {
        self.run.clone()
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
        match (self.phase, self.part) {
            (None, _) => format!("apply-{}", self.hash),
            (Some(ApplyPhase::Admit), _) => format!("admit-{}", self.hash),
            (Some(ApplyPhase::Part), part) => format!("apply-{}-{}", self.hash, part.unwrap_or_default()),
            (Some(ApplyPhase::Verify), _) => format!("verify-{}", self.hash),
        }
    }
}
