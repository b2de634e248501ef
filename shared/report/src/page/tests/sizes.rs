//! From no repository to more than any registry has: the page stays small, and nothing is missing from the sums.

use super::super::{PAGE_BYTES_MAX, PAGE_DETAILS_MAX, PAGE_REPOSITORIES_MAX, PageImages, PageRepository};
use super::{MIB, World, data, repository};

const MANY: usize = 100_000;

#[test]
fn a_page_of_a_hundred_thousand_repositories_has_at_most_five_megabytes_and_all_of_them_in_its_sums() {
    let world = World::new();
    // Each as large as real ones are on paper: with a policy, rules that act, a finding, images in plenty.
    let shapes: Vec<_> =
        (1..=20).map(|images| world.repository(&repository("", images, Some(2), world.now))).collect();
    let large = repository("", 200, Some(40), world.now);
    let detail = PageImages::of(&world.about(), &large, None);
    let large = world.repository(&large);
    let numbered = |place: usize| {
        let of = if place < PAGE_DETAILS_MAX { &large } else { shapes.get(place % shapes.len()).unwrap() };
        let name = format!("division-{}/team-{}/a-service-with-a-long-name-{place}", place % 7, place % 1000);
        let mut it: PageRepository = of.clone();
        it.row.name.clone_from(&name);
        it.promise.repository.clone_from(&name);
        for rule in &mut it.next_rules {
            rule.repository.clone_from(&name);
        }
        it
    };
    let repositories: Vec<PageRepository> = (0..MANY).map(numbered).collect();
    let names: Vec<String> = repositories.iter().map(|it| it.row.name.clone()).collect();
    let stored: u128 = repositories.iter().map(|it| it.row.stored_bytes).sum();
    let images: u64 = repositories.iter().filter_map(|it| it.row.images).sum();
    let mut maker = world.maker();
    maker.registry(&world.head(MANY), repositories);
    let largest = maker.largest(PAGE_DETAILS_MAX);
    let mut looked_into = 0;
    for name in names.iter().filter(|name| largest.contains(&world.about(), name)) {
        maker.images(&world.about(), name, detail.clone());
        looked_into += 1;
    }
    assert_eq!(looked_into, PAGE_DETAILS_MAX);
    let html = maker.finish().html().unwrap();
    assert!(html.len() <= PAGE_BYTES_MAX, "{} bytes", html.len());
    let data = data(&html);
    assert_eq!(data["totals"]["repositories"], MANY);
    assert_eq!(data["totals"]["images"], images);
    let rows = data["repositories"].as_array().unwrap();
    assert_eq!(rows.len(), PAGE_REPOSITORIES_MAX);
    assert_eq!(data["rest_repositories"], MANY - PAGE_REPOSITORIES_MAX);
    let sum = |lines: &serde_json::Value| -> u128 {
        lines.as_array().unwrap().iter().map(|it| u128::from(it["stored_bytes"].as_u64().unwrap())).sum()
    };
    assert_eq!(sum(&data["repositories"]) + sum(&data["rest"]), stored, "areas add up to what is stored");
    let opened = rows.iter().filter(|row| row.get("detail").is_some()).count();
    assert_eq!(opened, PAGE_DETAILS_MAX, "all of the largest open, with as many images as fit");
    assert_eq!(data["details_left_out"], 0);
    let each = data["detail_images_max"].as_u64().unwrap();
    assert!(10 <= each, "{each} images of each");
    assert_eq!(data["sweeps"].as_array().unwrap().len(), PAGE_DETAILS_MAX);
}

#[test]
fn a_registry_of_nothing_has_a_page() {
    let world = World::new();
    let html = world.page(&[]).html().unwrap();
    let data = data(&html);
    assert_eq!(data["totals"]["repositories"], 0);
    assert_eq!(data["totals"]["stored_bytes"], 0);
    assert_eq!(data["totals"]["usd_per_month"], "0.0000000000");
}

#[test]
fn the_largest_of_two_thousand_are_those_that_store_most() {
    let world = World::new();
    let small =
        (0..PAGE_REPOSITORIES_MAX).map(|place| repository(&format!("small-{place:05}"), 1, None, world.now));
    let all: Vec<_> = small.chain([repository("the-large-one", 9, None, world.now)]).collect();
    let data = data(&world.page(&all).html().unwrap());
    assert_eq!(data["repositories"][0]["name"], "the-large-one");
    assert_eq!(data["repositories"][0]["stored_bytes"], 9 * MIB);
    assert_eq!(data["rest"][0]["repositories"], 1);
    assert_eq!(data["rest"][0]["name"], "others");
}
