//! Goes through a run as the state machine does.

use demurrage_contract::{
    AuditInput, AuditOutput, AuditTask, CollectOutput, ComputeInput, ComputeOutput, DiscoverInput,
    DiscoverOutput, EvaluateInput, EvaluateOutput, Failure, InventoryLine, ReportInput, ReportOutput, RunId,
    RunRequest, WorkLine,
};
use demurrage_serve::Call;
use tokio::task::block_in_place;

use crate::world::{World, call, started_at};
use crate::{audit, collect, compute, discover, evaluate, report};

/// How many calls of functions are made before whoever makes them is gone.
pub(crate) struct Steps(usize);

impl Steps {
    pub(crate) const fn at_most(steps: usize) -> Self {
        Self(steps)
    }

    pub(crate) const fn without_end() -> Self {
        Self(usize::MAX)
    }

    /// Takes one; nothing where none is left.
    fn take(&mut self) -> Option<()> {
        self.0 = self.0.checked_sub(1)?;
        Some(())
    }
}

pub(crate) fn execution(name: &str) -> DiscoverInput {
    DiscoverInput { execution: name.to_owned(), started_at: started_at(), request: RunRequest::default() }
}

/// The share that a line of the work is about.
pub(crate) fn inventory(line: WorkLine) -> InventoryLine {
    let WorkLine::Inventory(line) = line else { panic!("{line:?}") };
    line
}

impl World {
    pub(crate) async fn discover(
        &self,
        input: &DiscoverInput,
        call: &Call,
    ) -> Result<DiscoverOutput, Failure> {
        discover::handle(&self.store, &self.clients.accounts, &self.discover, input, call).await
    }

    pub(crate) async fn collect(&self, line: &InventoryLine, call: &Call) -> Result<CollectOutput, Failure> {
        let line = WorkLine::Inventory(line.clone());
        collect::handle(&self.store, &self.clients, self.extent, &line, call).await
    }

    pub(crate) fn evaluate(&self, input: &EvaluateInput, call: &Call) -> Result<EvaluateOutput, Failure> {
        block_in_place(|| evaluate::handle(&self.store, input, call))
    }

    pub(crate) fn compute(&self, input: &ComputeInput, call: &Call) -> Result<ComputeOutput, Failure> {
        block_in_place(|| compute::handle(&self.store, input, call))
    }

    pub(crate) async fn audit(&self, input: &AuditInput, call: &Call) -> Result<AuditOutput, Failure> {
        self.audit_task(&AuditTask::Share(input.clone()), call).await
    }

    pub(crate) async fn audit_task(&self, task: &AuditTask, call: &Call) -> Result<AuditOutput, Failure> {
        audit::handle(&self.store, &self.ledger, &self.audit, task, call).await
    }

    pub(crate) async fn report(&self, run: &RunId, call: &Call) -> Result<ReportOutput, Failure> {
        let input = ReportInput { run: run.clone(), plan: None };
        report::handle(&self.store, &self.publisher, &self.report, &input, call).await
    }

    /// Plans a run, and returns its lines.
    pub(crate) async fn planned(&self, name: &str) -> (RunId, Vec<InventoryLine>) {
        let output = self.discover(&execution(name), &call("d")).await.unwrap();
        assert!(!output.more);
        let lines = self.lines(&output.run);
        (output.run, lines)
    }

    /// Collects, evaluates, prices and audits a share to its end; nothing where there are no steps left.
    pub(crate) async fn work(&self, line: &InventoryLine, steps: &mut Steps) -> Option<()> {
        let mut line = line.clone();
        loop {
            steps.take()?;
            let collected = self.collect(&line, &call("c")).await.unwrap();
            let mut input = collected.evaluate;
            loop {
                steps.take()?;
                let evaluated = self.evaluate(&input, &call("e")).unwrap();
                if !evaluated.more {
                    break;
                }
                input = evaluated.next;
            }
            let mut input = collected.compute;
            loop {
                steps.take()?;
                let computed = self.compute(&input, &call("p")).unwrap();
                if !computed.more {
                    break;
                }
                input = computed.next;
            }
            let mut input = collected.audit;
            loop {
                steps.take()?;
                let audited = self.audit(&input, &call("a")).await.unwrap();
                if !audited.more {
                    break;
                }
                input = share_of(audited.next);
            }
            if !collected.more {
                return Some(());
            }
            line = inventory(collected.next);
        }
    }

    /// Goes through all of a run; nothing where there are no steps left.
    pub(crate) async fn go(&self, name: &str, mut steps: Steps) -> Option<ReportOutput> {
        steps.take()?;
        let (run, lines) = self.planned(name).await;
        for line in &lines {
            self.work(line, &mut steps).await?;
        }
        steps.take()?;
        Some(self.report(&run, &call("r")).await.unwrap())
    }
}

/// What a call goes on with that audits a share.
pub(crate) fn share_of(task: AuditTask) -> AuditInput {
    match task {
        AuditTask::Share(input) => input,
        AuditTask::Settings(line) => panic!("no share: {line:?}"),
    }
}
