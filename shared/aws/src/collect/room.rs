//! Room for images that are listed and not yet recorded: what bounds the memory of a collection.
//!
//! A reader asks for the room of a page before it asks for the page. The oldest repository that is not
//! recorded yet always gets it: the recorder waits for that one, and everything else waits for the recorder.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// Images that may be listed and not yet recorded, beside those of the oldest repository.
const IMAGES_AHEAD: usize = 30_000;
/// What a page may bring.
const PAGE_IMAGES: usize = 1_000;

/// The room of one collection. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Room(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// Repositories that are recorded; so the number of the oldest that is not.
    recorded: usize,
    held_images: usize,
}

/// What one repository holds of the room.
#[derive(Debug)]
pub(super) struct Place {
    room: Room,
    number: usize,
    held_images: usize,
}

impl Room {
    /// The place of the repository of this number, from 0 in the order in which they are recorded.
    pub(super) fn place(&self, number: usize) -> Place {
        Place { room: self.clone(), number, held_images: 0 }
    }

    /// The oldest repository is recorded, and what it held is free.
    pub(super) fn recorded(&self, place: &Place) {
        let mut state = self.state();
        state.recorded += 1;
        state.held_images = state.held_images.saturating_sub(place.held_images);
        drop(state);
        self.0.changed.notify_waiters();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Waits until a page of images may be held.
    pub(super) async fn page(&mut self) {
        let shared = Arc::clone(&self.room.0);
        loop {
            let mut changed = std::pin::pin!(shared.changed.notified());
            // From here on no change is missed.
            changed.as_mut().enable();
            if self.try_page() {
                return;
            }
            changed.await;
        }
    }

    fn try_page(&mut self) -> bool {
        let mut state = self.room.state();
        let fits = state.held_images + PAGE_IMAGES <= IMAGES_AHEAD;
        let is_oldest = state.recorded == self.number;
        if fits || is_oldest {
            state.held_images += PAGE_IMAGES;
            self.held_images += PAGE_IMAGES;
        }
        fits || is_oldest
    }

    /// The page had so many images, or fewer that are as heavy.
    pub(super) fn had(&mut self, images: usize) {
        let mut state = self.room.state();
        let held = |held: usize| (held + images).saturating_sub(PAGE_IMAGES);
        state.held_images = held(state.held_images);
        self.held_images = held(self.held_images);
        drop(state);
        self.room.0.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::{IMAGES_AHEAD, PAGE_IMAGES, Room};

    const SOON: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn only_the_oldest_repository_goes_on_when_the_room_is_taken() {
        let room = Room::default();
        let (mut oldest, mut second) = (room.place(0), room.place(1));
        for _ in 0..IMAGES_AHEAD / PAGE_IMAGES {
            timeout(SOON, second.page()).await.unwrap();
        }
        assert!(timeout(SOON, second.page()).await.is_err());
        for _ in 0..500 {
            timeout(SOON, oldest.page()).await.unwrap();
        }
        room.recorded(&oldest);
        timeout(SOON, second.page()).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_page_of_heavy_images_takes_more_room_and_gives_all_of_it_back() {
        let room = Room::default();
        let (oldest, mut heavy, mut other) = (room.place(0), room.place(1), room.place(2));
        heavy.page().await;
        heavy.had(IMAGES_AHEAD);
        assert!(timeout(SOON, other.page()).await.is_err());
        room.recorded(&oldest);
        room.recorded(&heavy);
        timeout(SOON, other.page()).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_page_that_was_not_full_makes_room_for_another() {
        let room = Room::default();
        let mut place = room.place(1);
        for _ in 0..IMAGES_AHEAD / PAGE_IMAGES {
            place.page().await;
        }
        let mut other = room.place(2);
        let (waited, ()) = tokio::join!(timeout(SOON, other.page()), async {
            place.had(0);
        });
        waited.unwrap();
    }
}
