//! What an image in use keeps, by examples and by a literal reading over generated repositories.

use proptest::prelude::*;

use super::super::{Protection, Use, UseGraph, UseSource};
use crate::lifecycle::Relations;
use crate::{Child, Descriptor, Digest, Image, Manifest, ManifestKind, RegistryKind, Repository, Tag};

fn digest(number: u32) -> Digest {
    format!("sha256:{number:064x}").parse().unwrap()
}

fn image(number: u32, tags: &[&str]) -> Image {
    let mut image = Image::new(digest(number));
    image.tags = tags.iter().map(|tag| Tag::as_given(tag)).collect();
    image
}

fn index(number: u32, tags: &[&str], children: &[u32]) -> Image {
    let mut index = image(number, tags);
    let child = |&number: &u32| Child {
        descriptor: Descriptor { digest: digest(number), media_type: String::new(), size_bytes: 1 },
        platform: None,
        attests: None,
    };
    let mut manifest = Manifest::new(ManifestKind::OciIndex);
    manifest.children = children.iter().map(child).collect();
    index.manifest_media_type = Some(manifest.kind.media_type().to_owned());
    index.manifest = Some(Box::new(manifest));
    index
}

fn referrer(number: u32, subject: u32) -> Image {
    Image { subject: Some(digest(subject)), ..image(number, &[]) }
}

/// Why each image has to stay when these references are in use.
fn protections_of(
    kind: RegistryKind,
    name: &str,
    images: Vec<Image>,
    references: &[&str],
) -> Vec<Option<Protection>> {
    let used = |text: &&str| Use {
        reference: text.parse().unwrap(),
        evidence: (*text).to_owned(),
        source: UseSource::References,
        since: None,
    };
    let repository = Repository { images, ..Repository::new(name) };
    let relations = Relations::of(&repository.images);
    let graph = UseGraph::of(references.iter().map(used).collect());
    graph.of_repository(kind, &repository, &relations).protections
}

fn protections(images: Vec<Image>, references: &[&str]) -> Vec<Option<Protection>> {
    protections_of(RegistryKind::Private, "shop/cart", images, references)
}

fn in_use() -> Protection {
    Protection::InUse(vec![0])
}

#[test]
fn use_of_a_child_keeps_its_index_its_siblings_and_their_signatures() {
    let images = vec![
        index(1, &["1.0"], &[2, 3]),
        image(2, &[]),
        image(3, &[]),
        referrer(4, 1),
        image(5, &[&format!("sha256-{}.sig", digest(1).to_string().trim_start_matches("sha256:"))]),
        index(6, &["0.9"], &[3, 7]),
        image(7, &[]),
    ];
    let running = format!("123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/shop/cart@{}", digest(2));
    let of_two = Some(Protection::PartOf(1));
    assert_eq!(
        protections(images, &[&running]),
        [of_two.clone(), Some(in_use()), of_two.clone(), of_two.clone(), of_two, None, None],
        "an older index that shares a child is not in use"
    );
}

#[test]
fn a_signature_of_two_images_stays_while_either_is_in_use() {
    let tag = |of| format!("sha256-{}.sig", digest(of).to_string().trim_start_matches("sha256:"));
    let images = || vec![image(1, &["1.0"]), image(2, &["2.0"]), image(3, &[&tag(1), &tag(2)])];
    let part = |of| Some(Protection::PartOf(of));
    assert_eq!(protections(images(), &["shop/cart:1.0"]), [Some(in_use()), None, part(0)]);
    assert_eq!(protections(images(), &["shop/cart:2.0"]), [None, Some(in_use()), part(1)]);
}

#[test]
fn use_of_what_refers_to_an_image_keeps_the_image_because_it_would_go_with_it() {
    let images = vec![image(1, &["1.0"]), referrer(2, 1)];
    assert_eq!(protections(images, &[&digest(2).to_string()]), [Some(Protection::PartOf(1)), Some(in_use())]);
}

#[test]
fn a_tag_is_in_use_in_every_registry_that_has_a_repository_of_that_name() {
    let used = |kind, name, reference: &str| {
        let images = vec![image(1, &["1.0", "latest"]), image(2, &["2.0"])];
        protections_of(kind, name, images, &[reference]) == [Some(in_use()), None]
    };
    let private = |name, reference| used(RegistryKind::Private, name, reference);
    assert!(private("shop/cart", "210987654321.dkr.ecr.us-west-2.amazonaws.com/shop/cart:1.0"));
    assert!(private("shop/cart", "123456789012.dkr.ecr-fips.us-east-1.amazonaws.com/shop/cart"), "latest");
    assert!(private("shop/cart", "registry.example.com/shop/cart:1.0"), "a proxy may stand before ECR");
    assert!(
        private("shop/cart", "harbor.example.com/ecr-proxy/shop/cart:1.0"),
        "and have a prefix of its own"
    );
    assert!(!private("cart", "harbor.example.com/shop-cart:1.0"));
    assert!(private("docker-hub/library/nginx", "docker.io/library/nginx:1.0"), "the upstream of a cache");
    assert!(private("docker-hub/library/nginx", "nginx:1.0"));
    assert!(!private("my-cart", "123456789012.dkr.ecr.us-west-2.amazonaws.com/cart:1.0"));
    assert!(!private("my-cart", "cart:1.0"), "a prefix ends at a slash");
    assert!(!private("x/shop/cart", "123456789012.dkr.ecr.us-west-2.amazonaws.com/shop/cart:1.0"));
    assert!(used(RegistryKind::Public, "shop/cart", "public.ecr.aws/a1b2c3d4/shop/cart:1.0"));
    assert!(private("ecr-public/a1b2c3d4/cart", "public.ecr.aws/a1b2c3d4/cart:1.0"), "a cache of ECR Public");
}

#[test]
fn an_image_that_two_things_use_names_both() {
    let images = vec![image(1, &["1.0"])];
    let uses = [&*digest(1).to_string(), "shop/cart:2.0", "shop/cart:1.0"];
    assert_eq!(protections(images, &uses), [Some(Protection::InUse(vec![0, 2]))]);
}

#[test]
fn what_may_be_a_part_of_something_in_use_may_have_to_stay() {
    let unread = |number, tags: &[&str]| {
        let mut image = index(number, tags, &[]);
        image.manifest = None;
        image
    };
    let images = || vec![unread(1, &["1.0"]), image(2, &[]), image(3, &["other"])];
    assert_eq!(
        protections(images(), &["shop/cart:1.0"]),
        [Some(in_use()), Some(Protection::MayBePartOf(0)), None],
        "a child of an index in use that was not read"
    );
    assert_eq!(
        protections(images(), &[&digest(2).to_string()]),
        [Some(Protection::MayBePartOf(1)), Some(in_use()), None],
        "an index that was not read, of a child in use"
    );
    assert_eq!(protections(images(), &["shop/other:1.0"]), [None, None, None]);
}

type Pairs = Vec<(u32, u32)>;

/// Two lists of pairs: index and child, referrer and subject; and which images are in use.
fn scene() -> impl Strategy<Value = (Pairs, Pairs, Vec<u32>)> {
    let pairs = || prop::collection::vec((0..9_u32, 0..9_u32), 0..8);
    (pairs(), pairs(), prop::collection::vec(0..9_u32, 0..3))
}

/// All that can be reached from these by the steps.
fn reached(from: &[u32], steps: &[(u32, u32)]) -> Vec<u32> {
    let mut reached = from.to_vec();
    while let Some(&(_, next)) =
        steps.iter().find(|(here, next)| reached.contains(here) && !reached.contains(next))
    {
        reached.push(next);
    }
    reached
}

proptest! {
    #[test]
    fn what_stays_is_what_is_above_an_image_in_use_and_all_that_is_below((parts, subjects, used) in scene()) {
        let subject = |place: u32| subjects.iter().find(|(from, to)| *from == place && from != to).map(|(_, to)| *to);
        let images: Vec<Image> = (0..9)
            .map(|place| {
                let children: Vec<u32> =
                    parts.iter().filter(|(from, to)| *from == place && from != to).map(|(_, to)| *to).collect();
                Image { subject: subject(place).map(digest), ..index(place, &[], &children) }
            })
            .collect();
        let references: Vec<String> = used.iter().map(|&place| digest(place).to_string()).collect();
        let references: Vec<&str> = references.iter().map(String::as_str).collect();
        let found = protections(images, &references);

        let upwards: Vec<(u32, u32)> = parts
            .iter()
            .filter(|(from, to)| from != to)
            .map(|&(index, child)| (child, index))
            .chain((0..9).filter_map(|place| Some((place, subject(place)?))))
            .collect();
        let downwards: Vec<(u32, u32)> = upwards.iter().map(|&(here, above)| (above, here)).collect();
        let staying = reached(&reached(&used, &upwards), &downwards);
        for place in 0..9_u32 {
            let protection = &found[place as usize];
            prop_assert_eq!(protection.is_some(), staying.contains(&place), "image {}", place);
            let is_direct = matches!(protection, Some(Protection::InUse(_)));
            prop_assert_eq!(is_direct, used.contains(&place), "image {}", place);
            if let Some(Protection::PartOf(source)) = protection {
                prop_assert!(used.contains(source), "it stays for an image in use");
            }
        }
    }
}

/// An image of which the manifest was read, with this configuration.
fn configured(number: u32, configuration: u32) -> Image {
    let mut manifest = Manifest::new(ManifestKind::OciImage);
    let digest = digest(configuration);
    manifest.config = Some(Descriptor { digest, media_type: String::new(), size_bytes: 1 });
    Image { manifest: Some(Box::new(manifest)), ..image(number, &[]) }
}

/// Whether each image is in use where a pod runs configuration 90 by this tag.
fn by_configuration(tag: &str, images: Vec<Image>) -> Vec<bool> {
    let pod = |reference: String| Use {
        reference: reference.parse().unwrap(),
        evidence: "pod shop/cart (container app) in prod".to_owned(),
        source: UseSource::Kubernetes,
        since: None,
    };
    let repository = Repository { images, ..Repository::new("shop/cart") };
    let relations = Relations::of(&repository.images);
    let graph = UseGraph::of(vec![pod(digest(90).to_string()), pod(tag.to_owned())]);
    let used = graph.of_repository(RegistryKind::Private, &repository, &relations);
    used.protections.iter().map(Option::is_some).collect()
}

#[test]
fn a_pod_that_is_known_by_the_digest_of_a_configuration_keeps_the_image_that_has_it() {
    let images = || vec![configured(1, 90), configured(2, 91), index(3, &["1"], &[1]), image(4, &[])];
    let here = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/shop/cart:gone";
    assert_eq!(by_configuration(here, images()), [true, false, true, false]);
    assert_eq!(by_configuration("elsewhere/other:1", images()), [true, false, true, false]);
}

#[test]
fn where_a_configuration_is_not_found_every_image_of_the_repository_that_was_not_read_may_have_it() {
    let images = || vec![configured(1, 91), image(2, &[]), index(3, &["1"], &[2]), configured(4, 92)];
    let here = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/shop/cart:gone";
    assert_eq!(by_configuration(here, images()), [false, true, true, false]);
    assert_eq!(by_configuration("elsewhere/other:1", images()), [false; 4], "the cluster uses nothing of it");
    let itself = vec![image(90, &[]), image(2, &[])];
    assert_eq!(by_configuration(here, itself), [true, false], "it was the digest of an image");
}
