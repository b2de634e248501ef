//! The server: a thread with a runtime of its own, which stops when the value goes.
//!
//! For: tests, benchmarks and the program. Assumes: plain HTTP/1.1 on a socket of this machine.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Request, Response, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tower::ServiceExt as _;

use crate::distribution;
use crate::fake::Fake;
use crate::http;
use crate::state::{Clock, DEFAULT_ACCOUNT, EventTarget, Settings, State};
use crate::wire::http_date;

/// How a server starts.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where it listens; port 0 is any free one.
    pub listen: SocketAddr,
    /// The account of access keys that nobody set.
    pub default_account: String,
    /// What time it says it is.
    pub clock: Clock,
    /// What a test can set.
    pub settings: Settings,
    /// Where events go; none keeps the last of them in memory only.
    pub events: Option<EventTarget>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            default_account: DEFAULT_ACCOUNT.to_owned(),
            clock: Clock::default(),
            settings: Settings::default(),
            events: None,
        }
    }
}

/// A server that runs.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    fake: Fake,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a server. Fails if the address cannot be had or a file for events cannot be opened.
    pub fn start(options: Options) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind(options.listen)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let url = format!("http://{address}");
        let fake = Fake::new(State::new(url, &options.default_account, options.clock, options.settings));
        if let Some(target) = options.events {
            fake.send_events(target)?;
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let router = http::router(fake.clone()).merge(distribution::router(fake.clone()));
        let (stop, stopped) = oneshot::channel();
        let shared = fake.clone();
        let thread = std::thread::spawn(move || {
            runtime.block_on(async move {
                if let Ok(listener) = TcpListener::from_std(listener) {
                    tokio::select! {
                        () = accept(listener, router, shared) => {}
                        _ = stopped => {}
                    }
                }
            });
            // What still hangs is dropped.
            runtime.shutdown_background();
        });
        Ok(Self { address, fake, stop: Some(stop), thread: Some(thread) })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it holds.
    pub fn registry(&self) -> &Fake {
        &self.fake
    }

    /// Waits until it stops, which it does not by itself.
    pub fn wait(mut self) {
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has nothing more to say.
            let _ = thread.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn accept(listener: TcpListener, router: Router, fake: Fake) {
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            let (router, fake) = (router.clone(), fake.clone());
            tokio::spawn(async move {
                // A connection that ends badly concerns its client alone.
                let _ = serve(stream, router, fake).await;
            });
        }
    }
}

/// Serves a connection; a response that is marked for it ends the connection with a reset.
async fn serve(stream: TcpStream, router: Router, fake: Fake) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let stream = stream.into_std()?;
    let twin = stream.try_clone()?;
    let stream = TcpStream::from_std(stream)?;
    let reset = AtomicBool::new(false);
    let service = service_fn(|request: Request<Incoming>| {
        let (router, fake, reset) = (router.clone(), &fake, &reset);
        async move { respond(router, fake, reset, request).await }
    });
    // However it ended: only a reset is of interest.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
    if reset.load(Ordering::Relaxed) {
        TcpStream::from_std(twin)?.set_zero_linger()?;
    }
    Ok(())
}

async fn respond(
    router: Router,
    fake: &Fake,
    reset: &AtomicBool,
    request: Request<Incoming>,
) -> io::Result<Response<Body>> {
    let answered: Result<_, Infallible> = router.oneshot(request.map(Body::new)).await;
    let mut response = match answered {
        Ok(response) => response,
        Err(never) => match never {},
    };
    if response.extensions().get::<http::Reset>().is_some() {
        reset.store(true, Ordering::Relaxed);
        return Err(io::Error::from(io::ErrorKind::ConnectionReset));
    }
    if !response.headers().contains_key(header::DATE)
        && let Ok(date) = HeaderValue::from_str(&http_date(fake.now()))
    {
        response.headers_mut().insert(header::DATE, date);
    }
    Ok(response)
}
