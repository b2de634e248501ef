//! The 40 repositories of the shop: a shop in Seoul, its payments, data and tools.
//!
//! The four large ones show what years of pipelines leave; the others show one habit or one mistake each.

use super::{
    family::{
        Attachment::{CosignTag, OrphanSignature, Sbom, Signature},
        Family,
        Naming::{
            BuildNumber, Cache, Commit, Date, Feature, PublicVersion, PullRequest, Sha, Untagged, Version,
        },
        Pulls::{Never, Popular},
        Shape::{
            BuildCache, Chart, DockerList, IndexArchived, IndexRemoved, Lambda, MultiArch, Nested,
            PulledThrough,
        },
        Storage::{Activating, Archived, Restored},
        attached, builds, deployed, leftovers, plain_releases, releases,
    },
    layers::{self, Stack},
    policies,
    policy::Policy,
    repository::{
        Lifecycle::{self, NotRead},
        Manifests,
        Mutability::{self, Immutable, LatestMoves, Mutable, PipelineMoves, ReleasesFixed},
        Repository,
    },
};

/// Every repository, ordered as a person would list them.
pub(super) static CATALOGUE: &[Repository] = &[
    row("shop/checkout-api", layers::GO_SERVICE, PipelineMoves, policy(&policies::PER_PREFIX), CHECKOUT),
    row("shop/catalog", layers::JVM_SERVICE, Mutable, policy(&policies::KEEP_100), CATALOG),
    row("shop/search", layers::JVM_SERVICE, LatestMoves, policy(&policies::KEEP_30), SEARCH)
        .with(Manifests::NotRead),
    row("shop/cart", layers::GO_SERVICE, ReleasesFixed, policy(&policies::PROD_THEN_30_DAYS), CART),
    row("shop/order-api", layers::GO_SERVICE, Mutable, policy(&policies::AND_MEANT_OR), ORDER),
    row("shop/inventory", layers::NODE_SERVICE, PipelineMoves, policy(&policies::SHADOWED), INVENTORY),
    row("shop/promotion", layers::NODE_SERVICE, Mutable, policy(&policies::UNCAPPED), PROMOTION),
    row("shop/review-api", layers::GO_SERVICE, LatestMoves, policy(&policies::ONLY_LATEST_PROTECTED), REVIEW),
    row("payments/ledger", layers::JVM_SERVICE, LatestMoves, policy(&policies::ARCHIVE_90_THEN_365), LEDGER),
    row("payments/gateway", layers::GO_SERVICE, LatestMoves, policy(&policies::PER_PREFIX), GATEWAY),
    row("payments/fraud-detector", layers::PYTHON_SERVICE, Mutable, policy(&policies::WINDOW_FILLED), FRAUD),
    row("payments/settlement", layers::JVM_SERVICE, LatestMoves, Lifecycle::None, SETTLEMENT),
    row("web/storefront", layers::NODE_SERVICE, PipelineMoves, policy(&policies::KEEP_500), STOREFRONT),
    row("web/admin", layers::NODE_SERVICE, LatestMoves, policy(&policies::PROD_THEN_30_DAYS), ADMIN)
        .with(Manifests::NotRead),
    row("web/mobile-bff", layers::NODE_SERVICE, Mutable, policy(&policies::STAR_IN_PREFIX), MOBILE_BFF),
    row("web/seller-center", layers::NODE_SERVICE, PipelineMoves, policy(&policies::PER_PREFIX), SELLER),
    row("platform/base-python", layers::BASE_IMAGE, Mutable, policy(&policies::KEEP_30), BASE_PYTHON),
    row("platform/base-node", layers::NODE_SERVICE, Mutable, Lifecycle::None, BASE_OTHER),
    row("platform/base-jre", layers::JVM_SERVICE, Mutable, NotRead, BASE_OTHER),
    row("platform/ci-runner", layers::CI_RUNNER, Mutable, policy(&policies::KEEP_500), CI_RUNNER),
    row(
        "platform/nightly-tools",
        layers::NIGHTLY_TOOL,
        Mutable,
        policy(&policies::ARCHIVE_SHARED_LAYERS),
        NIGHTLY,
    ),
    row("platform/envoy-sidecar", layers::SMALL_TOOL, LatestMoves, policy(&policies::KEEP_30), ENVOY),
    row("platform/charts", layers::SMALL_TOOL, Immutable, Lifecycle::None, CHARTS),
    row("platform/otel-collector", layers::SMALL_TOOL, LatestMoves, policy(&policies::KEEP_30), OTEL),
    row("data/etl", layers::PYTHON_SERVICE, Mutable, policy(&policies::DATES_60_DAYS), ETL),
    row("data/airflow", layers::PYTHON_SERVICE, Mutable, policy(&policies::KEEP_30), AIRFLOW),
    row("data/spark-batch", layers::JVM_SERVICE, Mutable, policy(&policies::ARCHIVE_90_THEN_365), SPARK)
        .with(Manifests::ReadWhileActive),
    row("data/clickstream", layers::JVM_SERVICE, Mutable, policy(&policies::DATES_60_DAYS), CLICKSTREAM),
    row("ml/recommender", layers::PYTHON_MODEL, Mutable, policy(&policies::ARCHIVE_90_THEN_365), RECOMMENDER),
    row("ml/ranking-trainer", layers::PYTHON_MODEL, Mutable, policy(&policies::ARCHIVE_90_THEN_365), TRAINER),
    row("ml/embedding-server", layers::PYTHON_MODEL, LatestMoves, Lifecycle::None, EMBEDDING),
    row("lambda/thumbnailer", layers::LAMBDA_FUNCTION, Immutable, policy(&policies::KEEP_10_BUILDS), LAMBDA),
    row("lambda/order-webhook", layers::LAMBDA_FUNCTION, Mutable, policy(&policies::KEEP_10_BUILDS), WEBHOOK),
    row("lambda/slack-notifier", layers::LAMBDA_FUNCTION, Immutable, policy(&policies::EMPTIES), NOTIFIER),
    row(
        "logistics/tracking-api",
        layers::GO_SERVICE,
        Mutable,
        policy(&policies::PROD_THEN_30_DAYS),
        TRACKING,
    ),
    row("logistics/warehouse-sync", layers::GO_SERVICE, Mutable, NotRead, WAREHOUSE),
    row("cache/buildkit-checkout", layers::GO_SERVICE, Mutable, policy(&policies::CACHE_14_DAYS), CACHE_A),
    row("cache/buildkit-web", layers::NODE_SERVICE, Mutable, Lifecycle::None, CACHE_B),
    row("legacy/coupon-batch", layers::JVM_SERVICE, Mutable, policy(&policies::EMPTIES), LEGACY),
    row("docker-hub/library/nginx", layers::SMALL_TOOL, Mutable, policy(&policies::FETCHED_30_DAYS), NGINX),
];

const CHECKOUT: &[Family] = &[
    releases(110, 0, 640),
    builds(Commit, 640, 0, 300),
    builds(PullRequest, 360, 0, 210),
    deployed("prod", 80, 0, 420),
    deployed("staging", 70, 0, 180),
    leftovers(120, 1, 200),
    attached(CosignTag, 15),
    attached(Signature, 20),
    attached(Sbom, 20),
];
const CATALOG: &[Family] = &[
    releases(80, 1, 720),
    builds(Commit, 600, 0, 400),
    builds(PullRequest, 300, 0, 240),
    builds(Feature, 150, 2, 300),
    leftovers(200, 0, 400),
    plain_releases(12, 20, 200).shaped(IndexRemoved),
];
const SEARCH: &[Family] = &[releases(38, 3, 500)];
const CART: &[Family] = &[
    plain_releases(30, 2, 400),
    deployed("prod", 40, 1, 700),
    builds(Commit, 70, 0, 120),
    builds(PullRequest, 30, 0, 60),
    leftovers(12, 3, 80),
];
const ORDER: &[Family] = &[
    deployed("prod", 45, 1, 400),
    deployed("staging", 40, 0, 200),
    builds(Commit, 60, 0, 90),
    releases(10, 5, 150),
];
const INVENTORY: &[Family] = &[
    builds(Version, 40, 6, 520),
    builds(PullRequest, 110, 0, 330),
    builds(Feature, 60, 1, 340),
    leftovers(25, 1, 120),
];
const PROMOTION: &[Family] = &[
    builds(Commit, 150, 0, 500),
    builds(Feature, 60, 1, 450),
    releases(26, 2, 380),
    builds(PullRequest, 20, 0, 50),
];
const REVIEW: &[Family] = &[releases(34, 4, 430), attached(Signature, 12), builds(PullRequest, 25, 0, 100)];
const LEDGER: &[Family] = &[
    releases(30, 5, 330),
    plain_releases(14, 340, 900).stored(Archived),
    attached(Signature, 18),
    attached(Sbom, 18),
    attached(OrphanSignature, 3),
];
const GATEWAY: &[Family] = &[releases(46, 2, 600), deployed("prod", 75, 2, 600), attached(CosignTag, 20)];
const FRAUD: &[Family] = &[deployed("prod", 60, 0, 12), builds(Commit, 70, 0, 90), leftovers(10, 1, 60)];
const SETTLEMENT: &[Family] = &[releases(28, 9, 800), attached(Signature, 10)];
const STOREFRONT: &[Family] = &[
    releases(90, 0, 500),
    builds(Sha, 700, 0, 260),
    builds(PullRequest, 350, 0, 200),
    leftovers(120, 0, 180),
];
const ADMIN: &[Family] = &[releases(8, 1, 60), plain_releases(30, 64, 420)];
const MOBILE_BFF: &[Family] = &[deployed("prod", 50, 1, 320), builds(Commit, 80, 0, 150)];
const SELLER: &[Family] = &[
    plain_releases(35, 3, 460),
    builds(Commit, 90, 0, 200),
    builds(PullRequest, 50, 0, 120),
    builds(Feature, 30, 4, 160),
    leftovers(20, 2, 90),
];
const BASE_PYTHON: &[Family] = &[
    plain_releases(24, 12, 700).pulled(Popular),
    builds(PublicVersion, 2, 15, 80).shaped(Nested).pulled(Popular),
    builds(Date, 45, 3, 400).pulled(Popular),
];
const BASE_OTHER: &[Family] = &[
    plain_releases(18, 20, 650).pulled(Popular),
    builds(Date, 30, 5, 300).pulled(Popular),
    leftovers(8, 30, 200),
];
const CI_RUNNER: &[Family] = &[
    builds(Sha, 900, 0, 420).pulled(Popular),
    builds(Date, 160, 1, 480).pulled(Popular),
    leftovers(490, 0, 420).pulled(Never),
];
const NIGHTLY: &[Family] = &[
    builds(Date, 150, 0, 230).pulled(Never),
    builds(Date, 40, 235, 420).pulled(Never).stored(Archived),
    builds(Date, 5, 240, 420).pulled(Never).stored(Restored),
];
const ENVOY: &[Family] = &[plain_releases(32, 10, 500), builds(PullRequest, 18, 2, 90)];
const CHARTS: &[Family] = &[builds(PublicVersion, 60, 4, 500).shaped(Chart)];
const OTEL: &[Family] = &[plain_releases(20, 25, 480), leftovers(20, 10, 400).shaped(IndexRemoved)];
const ETL: &[Family] = &[builds(Date, 170, 0, 260), leftovers(24, 0, 40), builds(Feature, 16, 5, 200)];
const AIRFLOW: &[Family] = &[builds(Version, 50, 8, 600), builds(Date, 70, 1, 300), leftovers(18, 2, 200)];
const SPARK: &[Family] = &[
    builds(Version, 60, 3, 380),
    builds(Date, 50, 390, 800).stored(Archived),
    builds(Version, 20, 400, 900).stored(Archived),
];
const CLICKSTREAM: &[Family] = &[builds(Date, 95, 1, 180), leftovers(12, 1, 90)];
const RECOMMENDER: &[Family] = &[
    builds(Version, 60, 2, 300),
    builds(Sha, 40, 10, 420).pulled(Never),
    builds(Date, 30, 300, 700).stored(Archived),
    builds(Feature, 6, 250, 500).stored(Restored),
    builds(BuildNumber, 1, 330, 330).stored(Activating),
    plain_releases(3, 210, 320).shaped(IndexArchived).stored(Archived),
];
const TRAINER: &[Family] = &[builds(Sha, 70, 4, 360), builds(Date, 18, 200, 500).stored(Archived)];
const EMBEDDING: &[Family] = &[builds(Version, 30, 7, 400), builds(Sha, 25, 3, 200)];
const LAMBDA: &[Family] = &[builds(BuildNumber, 70, 2, 500).shaped(Lambda)];
const WEBHOOK: &[Family] =
    &[builds(BuildNumber, 44, 5, 380).shaped(Lambda), leftovers(16, 1, 200).shaped(Lambda)];
const NOTIFIER: &[Family] = &[builds(BuildNumber, 22, 47, 620).shaped(Lambda)];
const TRACKING: &[Family] = &[
    deployed("prod", 36, 3, 500),
    builds(Commit, 70, 0, 130),
    plain_releases(14, 6, 300),
    attached(CosignTag, 10),
];
const WAREHOUSE: &[Family] = &[plain_releases(22, 8, 400), builds(Commit, 60, 1, 180)];
const CACHE_A: &[Family] = &[
    builds(Cache, 40, 0, 45).shaped(BuildCache),
    builds(Untagged, 70, 0, 60).shaped(BuildCache).pulled(Never),
];
const CACHE_B: &[Family] = &[
    builds(Cache, 30, 0, 120).shaped(BuildCache),
    builds(Untagged, 60, 0, 240).shaped(BuildCache).pulled(Never),
];
const LEGACY: &[Family] =
    &[builds(Version, 24, 410, 1_100).shaped(DockerList), builds(Untagged, 6, 420, 900)];
const NGINX: &[Family] = &[
    builds(PublicVersion, 12, 3, 260).shaped(PulledThrough).pulled(Popular),
    builds(Untagged, 4, 40, 200).shaped(MultiArch { attested: false }),
];

const fn row(
    name: &'static str,
    stack: Stack,
    mutability: Mutability,
    lifecycle: Lifecycle,
    families: &'static [Family],
) -> Repository {
    Repository { name, stack, mutability, lifecycle, manifests: Manifests::Read, families }
}

const fn policy(policy: &'static Policy) -> Lifecycle {
    Lifecycle::Policy(policy)
}
