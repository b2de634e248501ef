//! The command line, and the server that it asks for.

use std::io::Write as _;
use std::net::SocketAddr;

use chrono::{DateTime, Utc};
use clap::Parser;
use fake_ecr::{Clock, DEFAULT_ACCOUNT, EventTarget, Options, Server, Settings, generate, shop};

/// A server that behaves as Amazon ECR does.
#[derive(Debug, Parser)]
#[command(name = "fake-ecr", version)]
struct Arguments {
    /// Where to listen; port 0 is any free one.
    #[arg(long, default_value = "127.0.0.1:4510")]
    listen: SocketAddr,
    /// Lay a generated registry of this many repositories into each region of each account.
    #[arg(long, value_name = "N")]
    repositories: Option<usize>,
    /// How many images each generated repository has.
    #[arg(long, value_name = "M", default_value_t = 100)]
    images_per_repository: usize,
    /// Another seed, other generated images.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Load the registry of the demonstration into the first region of the first account.
    #[arg(long)]
    shop: bool,
    /// An account that things are loaded into; more than one is allowed. Access keys that nobody set are of the first.
    #[arg(long, default_values_t = [String::from(DEFAULT_ACCOUNT)])]
    account: Vec<String>,
    /// A region of each account that things are loaded into; more than one is allowed.
    #[arg(long, value_name = "R", default_values_t = [String::from("ap-northeast-2")])]
    region: Vec<String>,
    /// What time it is, as 2026-11-23T10:00:00Z; the clock then stands still.
    #[arg(long, value_name = "T")]
    clock: Option<DateTime<Utc>>,
    /// Where events go: a file that they are appended to, or an http:// URL that they are posted to.
    #[arg(long, value_name = "FILE|URL")]
    events: Option<String>,
    /// Whose an access key is; more than one is allowed.
    #[arg(long, value_name = "KEY=ACCOUNT=ARN")]
    principal: Vec<String>,
}

impl Arguments {
    fn first_account(&self) -> String {
        self.account.first().map_or_else(|| DEFAULT_ACCOUNT.to_owned(), Clone::clone)
    }
}

/// Writes a line on stderr.
pub(crate) fn say(line: &str) {
    // Nobody reads it: nothing to be done.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Starts the server and says where it listens.
pub(crate) fn start() -> Result<Server, String> {
    let arguments = Arguments::parse();
    let events = arguments.events.as_ref().map(|target| {
        if target.starts_with("http://") {
            EventTarget::Post(target.clone())
        } else {
            EventTarget::File(target.into())
        }
    });
    let server = Server::start(Options {
        listen: arguments.listen,
        default_account: arguments.first_account(),
        clock: arguments.clock.map_or_else(Clock::default, Clock::Fixed),
        settings: Settings::default(),
        events,
    })
    .map_err(|error| format!("{} cannot be listened on: {error}", arguments.listen))?;
    for principal in &arguments.principal {
        let mut parts = principal.splitn(3, '=');
        let (Some(key), Some(account), Some(arn)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(format!("`{principal}` is not KEY=ACCOUNT=ARN"));
        };
        server.registry().add_principal(key, account, arn);
    }
    load(&server, &arguments);
    say(&format!("fake-ecr listens on {}", server.url()));
    Ok(server)
}

fn load(server: &Server, arguments: &Arguments) {
    let fake = server.registry();
    let now = fake.now();
    if let Some(repositories) = arguments.repositories {
        let places = arguments
            .account
            .iter()
            .flat_map(|account| arguments.region.iter().map(move |region| (account, region)));
        for ((account, region), seed) in places.zip(arguments.seed..) {
            let options = generate::Options {
                repositories,
                images_per_repository: arguments.images_per_repository,
                seed,
                now,
            };
            fake.attach_generated(account, region, generate::Registry::new(options));
        }
    }
    if let (true, Some(region)) = (arguments.shop, arguments.region.first()) {
        shop::load(fake, &arguments.first_account(), region, now, arguments.seed);
    }
}
