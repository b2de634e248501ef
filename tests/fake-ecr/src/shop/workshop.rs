//! Makes the images of one repository from its families.

use super::{
    clock::{self, DAY_SECONDS},
    digest::Digest,
    family::{Attachment, Family, Shape},
    image::{DOCKER_LIST, DOCKER_MANIFEST, Image, Life, OCI_INDEX, OCI_MANIFEST, When},
    layers::{self, Layer},
    manifest::{self, Entry, Role},
    naming::Tags,
    random::Random,
    repository::Repository,
    schedule,
};
use chrono::{DateTime, Utc};

/// What `docker buildx build --platform linux/arm64,linux/amd64` makes.
const PLATFORMS: [&str; 2] = ["arm64", "amd64"];
/// Other platforms of public images, in their index but not in the pull-through cache.
const NEVER_PULLED: [&str; 4] = ["arm64", "386", "ppc64le", "s390x"];

const SLSA: &str = "https://slsa.dev/provenance/v0.2";
const SPDX: &str = "https://spdx.dev/Document";
const NOTATION: &str = "application/vnd.cncf.notary.signature";
const SPDX_JSON: &str = "application/spdx+json";
const COSIGN_LAYER: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
const CHART_CONFIG: &str = "application/vnd.cncf.helm.config.v1+json";
const CHART_LAYER: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
const CACHE_CONFIG: &str = "application/vnd.buildkit.cacheconfig.v0";
const CACHE_LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// The images of the repository, ordered by digest.
pub(super) fn images(repository: &Repository, now: DateTime<Utc>, seed: u64) -> Vec<Image> {
    let mut workshop = Workshop {
        repository,
        now,
        seed,
        random: Random::seeded(seed, repository.name),
        tags: Tags::new(repository.mutability),
        images: Vec::new(),
    };
    let mut families = repository.families;
    while let [family, older @ ..] = families {
        workshop.make(family, older);
        families = older;
    }
    workshop.images.sort_unstable_by_key(|image| image.digest);
    workshop.images
}

struct Workshop<'a> {
    repository: &'a Repository,
    now: DateTime<Utc>,
    seed: u64,
    random: Random,
    tags: Tags,
    images: Vec<Image>,
}

impl Workshop<'_> {
    /// Makes one family; `older` are the ones after it, whose versions have smaller numbers.
    fn make(&mut self, family: &Family, older: &[Family]) {
        if let Shape::Attached(attachment) = family.shape {
            self.attach(attachment, family.count);
            return;
        }
        let same = older.iter().filter(|older| older.naming == family.naming);
        let count = u64::from(family.count) + same.map(|older| u64::from(older.count)).sum::<u64>();
        let times = schedule::times(family, self.now, &mut self.random);
        // The oldest first: of two images of one day the later one gets a number after its date.
        for (place, when) in (0..family.count).zip(times).rev() {
            let place = u64::from(place);
            let tags = self.tags.of_member(family.naming, (place, count), when.pushed, &mut self.random);
            self.member(family.shape, when, tags);
        }
    }

    fn member(&mut self, shape: Shape, when: When, tags: Vec<String>) {
        match shape {
            Shape::Single(platform) => {
                self.image(platform, OCI_MANIFEST, when, tags);
            }
            Shape::Lambda => {
                self.image("arm64", DOCKER_MANIFEST, when, tags);
            }
            Shape::MultiArch { attested } => {
                let mut children = self.children(OCI_MANIFEST, when);
                if attested {
                    children.extend(self.attestations(&children, when));
                }
                self.index(OCI_INDEX, &children, when, tags);
            }
            Shape::DockerList => {
                let children = self.children(DOCKER_MANIFEST, when);
                self.index(DOCKER_LIST, &children, when, tags);
            }
            Shape::IndexRemoved => {
                self.children(OCI_MANIFEST, when);
            }
            Shape::IndexArchived => {
                let children = self.children(OCI_MANIFEST, When { life: Life::Active, ..when });
                self.index(OCI_INDEX, &children, when, tags);
            }
            Shape::Nested => self.nested(when, tags),
            Shape::PulledThrough => self.pulled_through(when, tags),
            Shape::Chart => self.chart(when, tags),
            Shape::BuildCache => self.build_cache(when, tags),
            // Made by `attach`: it needs the images of all other families.
            Shape::Attached(_) => {}
        }
    }

    /// An image for one platform.
    fn image(
        &mut self,
        platform: &'static str,
        media_type: &'static str,
        when: When,
        tags: Vec<String>,
    ) -> (Entry, u64) {
        let age_days = when.ago_seconds / DAY_SECONDS;
        let place = (self.seed, self.repository.name);
        let layers =
            layers::layers(self.repository.stack, place, platform, age_days, &mut self.random.fork());
        let config = layers::layer(&mut self.random, 2_400, 11_000);
        let artifact_type =
            if media_type == DOCKER_MANIFEST { manifest::DOCKER_CONFIG } else { manifest::OCI_CONFIG };
        let manifest = manifest::image(media_type, config, &layers);
        let image = Image {
            digest: self.digest_of(&manifest),
            tags,
            when,
            media_type,
            artifact_type: Some(artifact_type),
            manifest,
            bytes: layers.iter().map(|layer| layer.bytes).sum(),
            subject: None,
            children: Vec::new(),
        };
        self.push(image, Role::Platform(platform))
    }

    /// The platforms of an index, without tags, pushed some seconds before it.
    fn children(&mut self, media_type: &'static str, when: When) -> Vec<(Entry, u64)> {
        let mut children = Vec::new();
        for platform in PLATFORMS {
            let pulled = when.pulled.filter(|_| platform == "arm64" || self.random.chance(70));
            let pushed = clock::earlier(when.pushed, self.random.between(2, 9));
            children.push(self.image(platform, media_type, When { pushed, pulled, ..when }, Vec::new()));
        }
        children
    }

    /// What buildx adds for each platform.
    fn attestations(&mut self, platforms: &[(Entry, u64)], when: When) -> Vec<(Entry, u64)> {
        let when = When { pushed: clock::earlier(when.pushed, 1), pulled: None, ..when };
        platforms.iter().map(|(entry, _)| self.attestation(entry.digest, when)).collect()
    }

    fn attestation(&mut self, of: Digest, when: When) -> (Entry, u64) {
        let config = layers::layer(&mut self.random, 160, 250);
        let mut statements = vec![(SLSA, layers::layer(&mut self.random, 3_000, 20_000))];
        if self.random.chance(30) {
            statements.push((SPDX, layers::layer(&mut self.random, 90_000, 900_000)));
        }
        let manifest = manifest::attestation(config, &statements);
        let image = Image {
            digest: self.digest_of(&manifest),
            tags: Vec::new(),
            when,
            media_type: OCI_MANIFEST,
            artifact_type: Some(manifest::OCI_CONFIG),
            manifest,
            bytes: statements.iter().map(|(_, layer)| layer.bytes).sum(),
            subject: None,
            children: Vec::new(),
        };
        self.push(image, Role::AttestationOf(of))
    }

    fn index(
        &mut self,
        media_type: &'static str,
        children: &[(Entry, u64)],
        when: When,
        tags: Vec<String>,
    ) -> (Entry, u64) {
        let entries: Vec<Entry> = children.iter().map(|(entry, _)| entry.clone()).collect();
        let manifest = manifest::index(media_type, &entries);
        let image = Image {
            digest: self.digest_of(&manifest),
            tags,
            when,
            media_type,
            artifact_type: None,
            manifest,
            bytes: children.iter().map(|(_, bytes)| *bytes).max().unwrap_or(0),
            subject: None,
            children: entries.iter().map(|entry| entry.digest).collect(),
        };
        self.push(image, Role::Nested)
    }

    fn nested(&mut self, when: When, tags: Vec<String>) {
        let mut indexes = Vec::new();
        for variant in ["slim", "alpine"] {
            let tags = tags.first().map(|tag| self.tags.claim(&format!("{tag}-{variant}")));
            let when = When { pushed: clock::earlier(when.pushed, 30), ..when };
            let children = self.children(OCI_MANIFEST, when);
            indexes.push(self.index(OCI_INDEX, &children, when, tags.into_iter().collect()));
        }
        self.index(OCI_INDEX, &indexes, when, tags);
    }

    fn pulled_through(&mut self, when: When, tags: Vec<String>) {
        let mut children = vec![self.image("amd64", OCI_MANIFEST, when, Vec::new())];
        for platform in NEVER_PULLED {
            let entry = Entry {
                digest: self.random.digest(),
                media_type: OCI_MANIFEST,
                manifest_bytes: self.random.between(1_100, 2_300),
                role: Role::Platform(platform),
            };
            children.push((entry, 0));
        }
        self.index(OCI_INDEX, &children, when, tags);
    }

    fn chart(&mut self, when: When, tags: Vec<String>) {
        let config = layers::layer(&mut self.random, 300, 900);
        let archive = layers::layer(&mut self.random, 9_000, 70_000);
        self.artifact((CHART_CONFIG, config), CHART_LAYER, &[archive], when, tags);
    }

    fn build_cache(&mut self, when: When, tags: Vec<String>) {
        let age_days = when.ago_seconds / DAY_SECONDS;
        let place = (self.seed, self.repository.name);
        let mut own = self.random.fork();
        let mut layers = layers::layers(self.repository.stack, place, "amd64", age_days, &mut own);
        let steps = own.between(3, 9);
        layers.extend((0..steps).map(|_| layers::layer(&mut own, 200_000, 160_000_000)));
        let config = layers::layer(&mut own, 1_200, 6_000);
        self.artifact((CACHE_CONFIG, config), CACHE_LAYER, &layers, when, tags);
    }

    fn artifact(
        &mut self,
        config: (&'static str, Layer),
        layer_type: &str,
        layers: &[Layer],
        when: When,
        tags: Vec<String>,
    ) {
        let manifest = manifest::artifact(config, layer_type, layers);
        let image = Image {
            digest: self.digest_of(&manifest),
            tags,
            when,
            media_type: OCI_MANIFEST,
            artifact_type: Some(config.0),
            manifest,
            bytes: layers.iter().map(|layer| layer.bytes).sum(),
            subject: None,
            children: Vec::new(),
        };
        self.push(image, Role::Platform("unknown"));
    }

    /// Attaches one artifact to each of the newest `count` roots that are still in the standard class.
    fn attach(&mut self, attachment: Attachment, count: u32) {
        let has_indexes = self.images.iter().any(Image::is_index);
        let mut roots: Vec<(When, Entry)> = self
            .images
            .iter()
            .filter(|image| image.is_index() == has_indexes && !image.tags.is_empty())
            .filter(|image| matches!(image.when.life, Life::Active))
            .map(|image| (image.when, entry(image, Role::Nested)))
            .collect();
        // Not by the times, whose order within a week depends on the day on which it is looked at.
        roots.sort_unstable_by_key(|(when, entry)| (when.ago_seconds, entry.digest));
        for (root_when, root) in roots.iter().take(usize::try_from(count).unwrap_or(usize::MAX)) {
            let pushed = clock::later(root_when.pushed, self.random.between(40, 200));
            let when = When { pushed, pulled: None, life: Life::Active, ..*root_when };
            match attachment {
                Attachment::CosignTag => self.cosign_tag(root, when),
                Attachment::Signature => self.referrer(NOTATION, 2_000, 4_000, root, when),
                Attachment::Sbom => self.referrer(SPDX_JSON, 60_000, 900_000, root, when),
                Attachment::OrphanSignature => {
                    let gone = Entry { digest: self.random.digest(), ..root.clone() };
                    self.referrer(NOTATION, 2_000, 4_000, &gone, when);
                }
            }
        }
    }

    fn cosign_tag(&mut self, root: &Entry, when: When) {
        let config = layers::layer(&mut self.random, 230, 350);
        let payload = layers::layer(&mut self.random, 240, 290);
        let tag = self.tags.claim(&format!("sha256-{}.sig", root.digest.hex()));
        self.artifact((manifest::OCI_CONFIG, config), COSIGN_LAYER, &[payload], when, vec![tag]);
    }

    fn referrer(&mut self, artifact_type: &'static str, least: u64, most: u64, root: &Entry, when: When) {
        let layer = layers::layer(&mut self.random, least, most);
        let manifest = manifest::referrer(artifact_type, layer, root);
        let image = Image {
            digest: self.digest_of(&manifest),
            tags: Vec::new(),
            when,
            media_type: OCI_MANIFEST,
            artifact_type: Some(artifact_type),
            manifest,
            bytes: layer.bytes,
            subject: Some(root.digest),
            children: Vec::new(),
        };
        self.push(image, Role::Nested);
    }

    /// Takes the four steps of a random digest, so that how a text reads moves nothing that comes after it.
    fn digest_of(&mut self, manifest: &str) -> Digest {
        self.random.digest();
        Digest::of(manifest)
    }

    /// Adds the image; returns how an index names it, and its bytes.
    fn push(&mut self, image: Image, role: Role) -> (Entry, u64) {
        let named = (entry(&image, role), image.bytes);
        self.images.push(image);
        named
    }
}

fn entry(image: &Image, role: Role) -> Entry {
    Entry {
        digest: image.digest,
        media_type: image.media_type,
        manifest_bytes: u64::try_from(image.manifest.len()).unwrap_or(u64::MAX),
        role,
    }
}
