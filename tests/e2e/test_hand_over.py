"""A share that takes longer than a function may: the state machine calls the function again, and again."""

import pytest

import machine
from papers import canonical, papers_of
from tables import count, fetch


@pytest.fixture(scope="module")
def slow(small):
    """A run in which no share can be collected within one call; its manifests are known from one before."""
    small.relay.no_moments()
    before = machine.run(small.stack)
    assert before.status == "SUCCEEDED", before
    # Ninety repositories at twenty a second, and half of six seconds to begin them in.
    undo = [
        small.stack.configure(
            "discover-repositories", timeout_seconds=60, environment={"DEMURRAGE_CALLS_PER_SECOND": "20"}
        ),
        small.stack.configure("collect-inventory", timeout_seconds=6),
    ]
    execution = machine.run(small.stack)
    for one in undo:
        one()
    return execution, papers_of(small, execution)


def test_a_share_is_handed_on_within_its_execution_and_the_run_is_whole(small, slow):
    execution, papers = slow
    assert execution.status == "SUCCEEDED", (execution.error, execution.cause)
    children = machine.children(small.stack, execution.arn, "inventory")
    assert len(children) == len(papers.shares) == len(small.registries.regions)
    segments = [name.split("-")[0] for name in papers.documents("collected")]
    for share in papers.shares:
        assert 2 <= segments.count(f"{share:05}"), "the time was enough for the whole share"
    for done in ("evaluated", "costed", "audited"):
        assert set(papers.documents("collected")) == {
            name.rpartition("-")[0] + ".json" for name in papers.documents(done)
        }, done


def test_the_segments_together_are_the_registry(small, slow, folder):
    _, papers = slow
    for region in small.registries.regions:
        files = fetch(
            small.cloud, small.stack.bucket, papers.athena_list("images", region), folder / "segments"
        )
        assert 2 <= len(files)
        assert count(files) == sum(
            registry["images"] for registry in papers.summary["registries"] if registry["region"] == region
        )
    expected = small.desk.preview(small.desk.collect(), papers.now)
    assert canonical(one for region in papers.previews.values() for one in region) == canonical(expected)
    assert small.desk.preview(small.store, papers.now) == expected
    for region in small.registries.regions:
        assert list(papers.costed[region]) == small.registries.repository_names(region)
        said = small.desk.cost(small.store, papers.now, region)
        assert papers.costs(region)["storageUsdPerMonth"] == said["total"]["storage_usd_per_month"]
