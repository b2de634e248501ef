//! Two who apply one plan at the same time.

use demurrage_aws::apply::{Lease, LeaseError};

use crate::registry::image;
use crate::world::{app, expire};

#[tokio::test(flavor = "multi_thread")]
async fn the_second_is_told_and_does_nothing_and_comes_when_the_first_is_done() {
    let (old, newest) = (image("old", &["old"], 100), image("newest", &["newest"], 1));
    let world = app(&[&old, &newest]).await;
    let plan = world.plan(&[("app", expire(&[&old]))]).await;
    let hash = plan.plan.hash.to_string();
    let first = Lease::of_folder(&world.store, &hash).unwrap();
    let second = Lease::of_folder(&world.store, &hash).unwrap_err();
    assert!(matches!(second, LeaseError::Folder(_)), "{second}");
    assert!(second.to_string().contains(&format!("process {}", std::process::id())), "{second}");
    drop(first);
    assert!(world.apply(&plan).await.is_ok());
    // It is let go of at the end.
    assert!(Lease::of_folder(&world.store, &hash).is_ok());
}
