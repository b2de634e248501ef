//! Repositories on their way into the store: they are read ahead, and recorded in the order of their names.

use demurrage_store::{RowsWriter, StoreError};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet, spawn_blocking};

use super::in_flight::{InFlight, Reading, in_flight};
use super::memory::Recalled;
use super::recorder::{self, Totals};
use super::room::{Place, Room};
use super::until::Until;
use super::{CollectError, Progress, Stop};

/// Repositories that are read at a time.
const REPOSITORIES_AHEAD: usize = 16;

/// Repositories on their way into the files of `W`.
pub(super) struct Recording<W> {
    into: mpsc::Sender<InFlight>,
    recorder: JoinHandle<Result<(W, Totals), CollectError>>,
    /// Ends with this value, and with it what is being read.
    pub(super) tasks: JoinSet<()>,
    room: Room,
    /// Repositories that were handed on.
    begun: usize,
}

/// That the next repository may be handed on.
pub(super) struct Turn(mpsc::OwnedPermit<InFlight>);

impl<W: AsMut<RowsWriter> + Send + 'static> Recording<W> {
    pub(super) fn begin(writer: W, recalled: Recalled, progress: &Progress) -> Self {
        let (into, coming) = mpsc::channel(REPOSITORIES_AHEAD);
        let (room, counted) = (Room::default(), progress.clone());
        let freed = room.clone();
        let recorder = spawn_blocking(move || recorder::record(writer, recalled, coming, &freed, &counted));
        Self { into, recorder, tasks: JoinSet::new(), room, begun: 0 }
    }

    /// Waits for the turn of the next repository. There is none when the recorder takes no more, or where the time
    /// to begin is over, but for the first.
    pub(super) async fn turn(&self, begin: Until) -> Option<Turn> {
        let free = self.into.clone().reserve_owned();
        let free = if self.begun == 0 { Some(free.await) } else { begin.wait(free).await };
        free?.ok().map(Turn)
    }

    /// Hands on the next repository, in the order of names: where its reader sends what it reads, and its place in
    /// the room.
    pub(super) fn hand_on(&mut self, turn: Turn) -> (Reading, Place) {
        while self.tasks.try_join_next().is_some() {}
        let (sending, coming) = in_flight();
        turn.0.send(coming);
        self.begun += 1;
        (sending, self.room.place(self.begun - 1))
    }

    /// Hands on what `feed` hands on, and waits until it is recorded. Where that does not come to its end, the
    /// writer is dropped, and nothing is left in the store.
    pub(super) async fn run(
        mut self,
        feed: impl AsyncFnOnce(&mut Self) -> Result<(), CollectError>,
        stop: &Stop,
    ) -> Result<(W, Totals), CollectError> {
        let outcome = tokio::select! {
            outcome = feed(&mut self) => outcome,
            () = stop.asked() => Err(CollectError::Interrupted),
        };
        let Self { into, mut recorder, mut tasks, .. } = self;
        drop(into);
        if outcome.is_err() {
            tasks.abort_all();
        }
        let recorded = tokio::select! {
            recorded = &mut recorder => recorded,
            () = stop.asked(), if outcome.is_ok() => {
                tasks.abort_all();
                recorder.await
            }
        };
        // Why the recorder stopped says more than that it takes nothing any more.
        match recorded.unwrap_or(Err(CollectError::Interrupted)) {
            Ok(recorded) => outcome.map(|()| recorded),
            Err(CollectError::Interrupted) => {
                let unasked = if stop.is_asked() { CollectError::Interrupted } else { CollectError::Broken };
                Err(outcome.err().unwrap_or(unasked))
            }
            Err(error @ (CollectError::Store(_) | CollectError::Call(_) | CollectError::Broken)) => {
                Err(error)
            }
        }
    }
}

/// Ends what was recorded, on a thread that may wait for the store.
pub(super) async fn finish<T: Send + 'static>(
    end: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, CollectError> {
    Ok(spawn_blocking(end).await.map_err(|_| CollectError::Broken)??)
}
