//! Whole runs over two hundred repositories in two regions, and what they come to when nobody lets them finish.

use demurrage_contract::Status;
use demurrage_contract::documents::names;
use serde_json::Value;

use crate::run::Steps;
use crate::world::{DUBLIN, SEOUL, World, number};

async fn two_hundred() -> World {
    let mut world = World::of_regions(&[(SEOUL, 140, 8), (DUBLIN, 60, 8)]).await;
    world.discover.share_images = number(3_000);
    world
}

/// What a run came to, without when that was.
fn figures(world: &World, run: &demurrage_contract::RunId) -> Value {
    let mut summary: Value = world.documents(run).read(names::SUMMARY_JSON).unwrap().unwrap();
    for name in ["run", "endedAt", "durationSeconds"] {
        summary.as_object_mut().unwrap().remove(name).unwrap();
    }
    summary
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_in_shares_is_the_inventories_that_two_collections_would_make() {
    let world = two_hundred().await;
    let output = world.go("whole", Steps::without_end()).await.unwrap();
    assert_eq!((output.status, output.more), (Status::Complete, false));
    assert_eq!(world.lines(&output.run).len(), 10);
    for region in [SEOUL, DUBLIN] {
        assert!(world.inventory(&output.run, region) == world.collected_at_once(region).await, "{region}");
    }
}

/// The one that makes the calls is gone after the first, after the second, and so on, and each time another begins at
/// the beginning.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_stopped_after_every_step_and_begun_again_comes_to_the_same_end_and_asks_nothing_twice()
{
    let smooth = two_hundred().await;
    let wanted = smooth.go("smooth", Steps::without_end()).await.unwrap();
    let asked = smooth.counted();

    let world = two_hundred().await;
    let mut steps = 0;
    let output = loop {
        if let Some(output) = world.go("stopped", Steps::at_most(steps)).await {
            break output;
        }
        steps += 1;
    };
    assert_eq!(steps, 42, "one plan, ten shares that are read, evaluated, priced and audited, one report");
    assert_eq!((output.status, output.more), (wanted.status, wanted.more));
    assert_eq!(world.counted(), asked);
    assert_eq!(figures(&world, &output.run), figures(&smooth, &wanted.run));
    for line in smooth.lines(&wanted.run) {
        for name in [names::costed(line.share, 0, 0), names::audited(line.share, 0, 0)] {
            let of = |world: &World, run| world.documents(run).get(&name).unwrap().unwrap();
            assert!(of(&world, &output.run) == of(&smooth, &wanted.run), "{name}");
        }
    }
    for region in [SEOUL, DUBLIN] {
        assert!(world.inventory(&output.run, region) == smooth.inventory(&wanted.run, region), "{region}");
    }
    assert_eq!(world.recorder.notices().len(), 1);
}
