//! The running node: what starts in which order, and what stops in which.

use std::{fmt::Display, io::Write, sync::Arc, time::Duration};

use commun_forge::{
    git::{Cache, Git, Limits, Repos},
    text::worker,
};
use commun_index::Index;
use tokio::{net::TcpListener, signal::unix};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    app::{App, Parts, Ssh},
    blobs::Blobs,
    bricks::Bricks,
    config::Config,
    core::{Core, WriteError, now},
    corrections::Corrections,
    data,
    describe::Describer,
    door,
    drawings::{self, Drawings},
    follow::{self, Providers},
    harvest::Harvests,
    http::{self, Web, hosts::Hosts},
    imports::Imports,
    init,
    maintenance::Maintenance,
    memory,
    net::{self, Net},
    oai::Provider,
    pushes::Pushes,
    quality::Quality,
    quota::{Quota, Quotas},
    resources::Resources,
    site::NodeSite,
    ssh,
    takedown::Eraser,
    talk::Talk,
};

/// How long tasks may take to finish when the node stops.
const STOP: Duration = Duration::from_secs(10);
/// How long after the start a write waits for leave to sign: the 10 seconds in which the others are asked, and a little.
const PATIENCE: Duration = Duration::from_secs(12);
/// The node's enrolment is renewed when less than this is left, in seconds.
const RENEW: u64 = 30 * 86_400;

/// Why a command ends without having done its work, with the exit code of INTERFACES.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub code: u8,
    /// One or two sentences for the person who typed it.
    pub message: String,
}

impl Failure {
    /// 2: the command line or the settings.
    pub fn usage(why: &dyn Display) -> Self {
        Self {
            code: 2,
            message: why.to_string(),
        }
    }

    /// 1: the answer is no.
    pub fn no(why: &dyn Display) -> Self {
        Self {
            code: 1,
            message: why.to_string(),
        }
    }

    /// 3: a node that is needed does not answer.
    pub fn unreachable(why: &dyn Display) -> Self {
        Self {
            code: 3,
            message: why.to_string(),
        }
    }

    /// 4: refused.
    pub fn refused(why: &dyn Display) -> Self {
        Self {
            code: 4,
            message: why.to_string(),
        }
    }

    /// 5: the node fails.
    pub fn node(why: &dyn Display) -> Self {
        Self {
            code: 5,
            message: why.to_string(),
        }
    }
}

/// Runs a future on the node's runtime: two workers, because a node is small and shares its machine.
pub fn block_on<T>(future: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|e| Failure::node(&e))?;
    let done = runtime.block_on(future);
    runtime.shutdown_timeout(Duration::from_secs(1));
    done
}

/// Runs the node until SIGINT or SIGTERM.
pub async fn run(config: Config) -> Result<(), Failure> {
    logging(&config);
    let claimed = data::claim(&config.data).map_err(|e| Failure::refused(&e))?;
    let listener = TcpListener::bind(config.http.value)
        .await
        .map_err(|e| Failure::node(&format!("cannot listen on {}: {e}", config.http.value)))?;
    let http = listener.local_addr().map_err(|e| Failure::node(&e))?;
    let ssh = match config.ssh.value {
        Some(addr) => Some(
            TcpListener::bind(addr)
                .await
                .map_err(|e| Failure::node(&format!("cannot listen on {addr}: {e}")))?,
        ),
        None => None,
    };
    let core = Core::open(&config.data).map_err(|e| match e {
        crate::core::OpenError::NotInitialised => Failure::usage(&e),
        e => Failure::node(&e),
    })?;
    init::complete(&core).await.map_err(|e| Failure::node(&e))?;
    core.be_patient(PATIENCE);
    let stop = CancellationToken::new();
    let tasks = TaskTracker::new();

    let git = Git::new(Limits {
        max_push: config.max_push.value,
        ..Limits::default()
    })
    .map_err(|e| Failure::node(&e))?;
    if let Some(advice) = git.advice() {
        tracing::warn!("{advice}");
    }
    let mut repos = Repos::open(git, config.data.join("git")).map_err(|e| Failure::node(&e))?;
    if config.pack_cache.value > 0 {
        let packs = config.data.join("run/packs");
        let cache = Cache::open(packs, config.pack_cache.value).map_err(|e| Failure::node(&e))?;
        repos = repos.with_cache(cache);
    }
    match repos.sweep() {
        Ok(0) => {}
        Ok(n) => tracing::info!("removed {n} leftovers of interrupted pushes"),
        Err(e) => tracing::warn!("leftovers of interrupted pushes stay: {e}"),
    }
    if let Err(e) = http::publish::sweep(&config.data) {
        tracing::warn!("leftovers of interrupted uploads stay: {e}");
    }
    let blobs = Blobs::open(&config.data.join("blobs"))
        .await
        .map_err(|e| Failure::node(&e))?;
    blobs.set_guard(Arc::new(core.clone()));
    let serve_git = Arc::new(door::Repositories(core.clone(), repos.clone()));
    let net = Net::start(
        network(&config, &core)?,
        door::of(&core),
        serve_git,
        blobs.clone(),
    )
    .await
    .map_err(|e| Failure::node(&e))?;
    let program = std::env::current_exe().map_err(|e| Failure::node(&e))?;
    let quota = Quota {
        bytes: config.quota_bytes.value,
        statements: config.quota_statements.value,
    };
    let quotas = Quotas::new(core.clone(), repos.clone(), config.data.clone(), quota);
    let maintenance = Maintenance::new(repos.clone(), quotas.clone());
    let talk = Talk::new(core.clone(), repos.clone());
    let pushes = Pushes::start(
        core.clone(),
        repos.clone(),
        talk.clone(),
        quotas.clone(),
        &config.data,
        &program,
        stop.clone(),
    )
    .map_err(|e| Failure::node(&e))?;
    let git = follow::GitFollower::start(
        core.clone(),
        repos.clone(),
        net.clone(),
        pushes.clone(),
        quotas.clone(),
        &tasks,
        stop.clone(),
    );
    let index = Index::open(&config.data.join("index")).map_err(|e| Failure::node(&e))?;
    if index
        .cursor()
        .is_some_and(|seq| seq > core.changes_cursor())
    {
        tracing::warn!("the index is ahead of log.db; deriving it again");
        index.clear().map_err(|e| Failure::node(&e))?;
    }
    let index = follow::IndexFollower::start(
        core.clone(),
        blobs.clone(),
        Arc::new(index),
        &tasks,
        stop.clone(),
    );
    Eraser::start(
        core.clone(),
        blobs.clone(),
        index.clone(),
        &tasks,
        stop.clone(),
    );
    let providers = Arc::new(Providers::new(net.clone()));
    let content = follow::ContentFollower::start(
        core.clone(),
        blobs.clone(),
        providers,
        index.clone(),
        Some(quotas.clone()),
        &tasks,
        stop.clone(),
    );
    // The program that runs, also when a newer one has taken its place on the disk.
    let program = if cfg!(target_os = "linux") {
        std::path::PathBuf::from("/proc/self/exe")
    } else {
        std::env::current_exe().map_err(|e| Failure::node(&e))?
    };
    let workers = worker::Workers::new(&program, &["extract"], worker::Limits::default());
    let drawers = worker::Workers::new(program, &["extract"], drawings::LIMITS);
    let drawings = Drawings::new(blobs.clone(), drawers);
    Describer::start(
        core.clone(),
        blobs.clone(),
        repos.clone(),
        workers.clone(),
        &tasks,
        stop.clone(),
    );
    let bricks = Bricks::start(core.clone(), &tasks, stop.clone());
    let oai = Provider::start(core.clone(), &config.data, &tasks, stop.clone())
        .map_err(|e| Failure::node(&e))?
        .with_originals(blobs.clone());
    let quality = Quality::start(
        core.clone(),
        blobs.clone(),
        &config.data,
        config.harvest_private.value,
        &who(&config, &core),
        &tasks,
        stop.clone(),
    )
    .map_err(|e| Failure::node(&e))?;
    let imports = Imports::new(core.clone(), blobs.clone());
    let harvests = Harvests::start(
        core.clone(),
        imports.clone(),
        &config.data,
        config.harvest_private.value,
        &tasks,
        stop.clone(),
    )
    .map_err(|e| Failure::node(&e))?;
    let resources = Resources::new(core.clone(), blobs.clone(), repos.clone());
    let corrections = Corrections::new(core.clone(), resources.clone());
    let ssh = match ssh {
        Some(listener) => {
            let key = core.keys().ssh().map_err(|e| Failure::node(&e))?;
            let socket = listener.local_addr().map_err(|e| Failure::node(&e))?;
            let reached = Ssh::new(&config, socket, &key.public());
            Some((listener, key, reached))
        }
        None => None,
    };
    let app = App::new(
        &config,
        http,
        ssh.as_ref().map(|(_, _, reached)| reached.clone()),
        Parts {
            core: core.clone(),
            repos,
            blobs: blobs.clone(),
            net: net.clone(),
            pushes,
            git,
            content,
            index,
            bricks,
            resources,
            quotas,
            workers,
            drawings,
            maintenance: maintenance.clone(),
            talk,
            oai,
            quality,
            imports,
            corrections,
            harvests,
        },
    );
    app.talk.set_url(&app.url);
    let every = Duration::from_secs(config.maintenance.value);
    tasks.spawn(maintenance.run(every, stop.clone()));
    memory::give_back();
    tasks.spawn(keep_log(app.clone(), stop.clone()));
    let hosts = Hosts {
        main: app.url.clone(),
        content: app.content_url.clone(),
    };
    let web = Web::new(
        Arc::new(NodeSite::new(app.clone())),
        hosts,
        config.data.clone(),
    );
    let more = http::git::routes(app.clone())
        .merge(http::admin::routes(app.clone()))
        .merge(http::api::adoption_routes(app.clone()))
        .merge(http::api::review_routes(app.clone()))
        .merge(http::repositories::routes(app.clone()))
        .merge(http::adapt_routes(web.clone(), app.clone()))
        .merge(http::export::routes(web.clone(), app.clone()))
        .merge(http::sitemap::routes(web.clone(), app.clone()))
        .merge(http::takedown::routes(app.clone()))
        .merge(http::talk::routes(web.clone(), app.clone()))
        .merge(http::oai::routes(web.clone(), app.clone()))
        .merge(http::imports::routes(web.clone(), app.clone()))
        .merge(http::corrections::routes(web.clone(), app.clone()))
        .merge(http::duplicates::routes(web.clone(), app.clone()))
        .merge(http::quality::routes(web.clone(), app.clone()))
        .merge(http::tokens::routes(app.clone()));
    let serving = tokio::spawn(http::server::serve(
        listener,
        http::router(web, more),
        stop.clone(),
    ));
    if let Some((listener, key, _)) = ssh {
        tasks.spawn(ssh::serve(app.clone(), listener, key, stop.clone()));
    }
    claimed.announce(&app.url).map_err(|e| Failure::node(&e))?;
    let signals = Signals::listen().map_err(|e| Failure::node(&e))?;
    ready(&app);

    signals.any().await;
    tracing::info!("stopping");
    // In this order: no new work comes in, what has begun is finished, the log is closed, the transports say goodbye.
    claimed.silence();
    stop.cancel();
    let _ = tokio::time::timeout(STOP, serving).await;
    tasks.close();
    if tokio::time::timeout(STOP, tasks.wait()).await.is_err() {
        tracing::warn!("some tasks did not finish in time");
    }
    core.close();
    net.shutdown().await;
    Ok(())
}

/// What this node calls itself where it looks at links: the commons, and where to complain.
fn who(config: &Config, core: &Core) -> String {
    let commons = core.identity().commons.to_string();
    let at = match (config.url.value.as_str(), config.mail.value.as_str()) {
        ("", "") => String::new(),
        ("", mail) => format!(";{mail}"),
        (url, _) => format!(";+{url}"),
    };
    format!("commons-{}{at}", &commons[..16])
}

fn network(config: &Config, core: &Core) -> Result<net::Config, Failure> {
    let me = core.identity();
    let listen = config
        .listen
        .value
        .iter()
        .map(|a| a.parse())
        .collect::<Result<_, _>>()
        .map_err(|e: net::address::Error| Failure::usage(&e))?;
    Ok(net::Config {
        node: me.node.clone(),
        institution: me.handle.clone(),
        listen,
        peers: config.peers.value.clone(),
        alone: config.alone.value,
        cosign_every: Duration::from_secs(config.cosign_every.value),
    })
}

/// The line that scripts wait for.
fn ready(app: &App) {
    let mut line = serde_json::json!({
        "ready": true, "http": app.url, "content": app.content_url, "node": app.core.identity().node.public(),
    });
    if let Some(ssh) = &app.ssh {
        line["ssh"] = ssh.url.as_str().into();
    }
    let mut out = std::io::stdout().lock();
    // Nobody may be reading any more; the node runs all the same.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Keeps this institution's log up to date: the charter it is judged under, and where its node is reached.
async fn keep_log(app: App, stop: CancellationToken) {
    let (mut charter, mut may_sign) = (app.core.charter_changed(), app.core.may_sign());
    loop {
        if *may_sign.borrow_and_update() && app.core.is_writer() {
            charter.borrow_and_update();
            match keep_log_once(&app).await {
                // Leave to sign came and went: the next change of it brings us here again.
                Ok(()) | Err(init::Error::Write(WriteError::NotNow(_))) => {}
                Err(e) => tracing::warn!("this institution's log cannot be kept up to date: {e}"),
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            _ = charter.changed() => {}
            _ = may_sign.changed() => {}
            () = tokio::time::sleep(Duration::from_secs(3600)) => {}
        }
    }
}

async fn keep_log_once(app: &App) -> Result<(), init::Error> {
    init::begin_log(&app.core).await?;
    let me = app.core.identity();
    let (urls, addrs) = (app.urls(), app.addrs());
    let enrolled = app
        .core
        .state()
        .catalogue()
        .enrolments(&me.handle)
        .node(&me.node.public())
        .cloned();
    let current = enrolled
        .as_ref()
        .is_some_and(|n| n.urls == urls && n.addrs == addrs && n.not_after > now() + RENEW);
    if !current {
        init::enrol_node(&app.core, &urls, &addrs, enrolled.map(|n| n.id)).await?;
    }
    Ok(())
}

/// SIGINT and SIGTERM. From its making on they do not end the process at once, which must hold before anybody is told
/// that the node is ready.
struct Signals {
    interrupt: unix::Signal,
    terminate: unix::Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: unix::signal(unix::SignalKind::interrupt())?,
            terminate: unix::signal(unix::SignalKind::terminate())?,
        })
    }

    async fn any(mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Structured logs on standard error; a panic in any task ends the process, loudly: the next start is from what is
/// durable.
fn logging(config: &Config) {
    use tracing_subscriber::{EnvFilter, fmt};
    let filter = EnvFilter::try_new(format!(
        "{},libp2p=warn,iroh=warn,tantivy=warn,noq=warn,russh=error",
        config.log.value
    ))
    .unwrap_or_else(|_| EnvFilter::new("info"));
    let _ = fmt()
        .json()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        hook(info);
        // The index finds out so that its files are damaged, says it, and makes itself anew.
        if commun_index::is_guarded() {
            return;
        }
        tracing::error!("a task panicked: the node stops");
        std::process::abort();
    }));
}
