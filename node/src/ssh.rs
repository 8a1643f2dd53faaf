//! Git over SSH, for people enrolled here.
//!
//! The only way in is the key of a person whose enrolment is in force; the only thing to do is Git's own two
//! programs, under the same rules and limits as over HTTP ([`crate::http::auth`], [`crate::pushes`]). There is no
//! shell, no terminal, no forwarding of anything, no subsystem. Everybody else reads over HTTP.
//!
//! [`talk`] answers what a client asks for, [`serve`] runs it, [`limits`] says how much of it, [`hostkey`] by which
//! key people recognise the node.

mod command;
pub mod hostkey;
mod limits;
mod serve;
mod talk;
mod wire;

use std::{
    borrow::Cow,
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex},
};

use commun_specs::{id::StatementId, key::SecretKey};
use russh::{
    Disconnect, MethodKind, MethodSet, Preferred, SshId,
    keys::Algorithm,
    server::{self, Config},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{app::App, http::lang::Lang};
use limits::{
    FINISH, IDLE, KEEPALIVE, LOGIN, MAX_CONNECTIONS, MAX_REFUSALS, MAX_RUNNING, MAX_RUNNING_OF_ONE,
    MAX_STRANGERS_OF_ONE, REFUSAL, TURN, WINDOW,
};
use talk::{State, Talk};
use wire::Cut;

/// What all connections share.
struct Shared {
    app: App,
    running: Arc<Semaphore>,
    of_one: Mutex<HashMap<StatementId, Arc<Semaphore>>>,
    strangers: Mutex<HashMap<IpAddr, usize>>,
}

/// Leave to run one Git process.
struct Turn {
    _own: OwnedSemaphorePermit,
    _all: OwnedSemaphorePermit,
}

impl Shared {
    /// The language of people whose program names none.
    fn language(&self) -> Lang {
        self.app.ssh.as_ref().map_or(Lang::Fr, |ssh| ssh.language)
    }

    /// Waits for a turn; `None`: there are too many for too long.
    async fn turn(&self, person: StatementId) -> Option<Turn> {
        let own = {
            let mut of_one = self
                .of_one
                .lock()
                .expect("a thread that panics ends the process");
            of_one.retain(|_, s| {
                s.available_permits() < MAX_RUNNING_OF_ONE || Arc::strong_count(s) > 1
            });
            of_one
                .entry(person)
                .or_insert_with(|| Arc::new(Semaphore::new(MAX_RUNNING_OF_ONE)))
                .clone()
        };
        let both = async {
            Some(Turn {
                _own: own.acquire_owned().await.ok()?,
                _all: self.running.clone().acquire_owned().await.ok()?,
            })
        };
        timeout(TURN, both).await.ok().flatten()
    }
}

/// A connection that has shown no accepted key yet; its address has room again when this is dropped.
struct Stranger {
    shared: Arc<Shared>,
    address: IpAddr,
}

impl Stranger {
    /// `None`: the address has too many.
    fn new(shared: &Arc<Shared>, address: IpAddr) -> Option<Self> {
        let mut all = shared
            .strangers
            .lock()
            .expect("a thread that panics ends the process");
        let count = all.entry(address).or_default();
        if *count >= MAX_STRANGERS_OF_ONE {
            return None;
        }
        *count += 1;
        Some(Self {
            shared: shared.clone(),
            address,
        })
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        let mut all = self
            .shared
            .strangers
            .lock()
            .expect("a thread that panics ends the process");
        if let Some(count) = all.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                all.remove(&self.address);
            }
        }
    }
}

/// Serves until `stop`; then running commands have a few seconds to finish.
pub async fn serve(app: App, listener: TcpListener, key: SecretKey, stop: CancellationToken) {
    let config = Arc::new(config(&key));
    let shared = Arc::new(Shared {
        app,
        running: Arc::new(Semaphore::new(MAX_RUNNING)),
        of_one: Mutex::default(),
        strangers: Mutex::default(),
    });
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (socket, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(e) => {
                // Out of descriptors, mostly: what is open ends some time.
                tracing::warn!("ssh: cannot take a connection: {e}");
                tokio::time::sleep(REFUSAL).await;
                continue;
            }
        };
        let Ok(place) = room.clone().try_acquire_owned() else {
            tracing::debug!("ssh: a connection is closed because there are {MAX_CONNECTIONS}");
            continue;
        };
        let Some(stranger) = Stranger::new(&shared, peer.ip()) else {
            continue;
        };
        let (config, shared, stop) = (config.clone(), shared.clone(), stop.clone());
        connections.spawn(async move {
            connection(config, shared, socket, stranger, stop).await;
            drop(place);
        });
    }
    connections.close();
    let _ = timeout(FINISH, connections.wait()).await;
}

async fn connection(
    config: Arc<Config>,
    shared: Arc<Shared>,
    socket: TcpStream,
    stranger: Stranger,
    stop: CancellationToken,
) {
    // Small packets go both ways in turns: waiting to fill one would only delay.
    let _ = socket.set_nodelay(true);
    let cut = CancellationToken::new();
    // However this ends, the socket and whatever runs for it end too.
    let _guard = cut.clone().drop_guard();
    let state = Arc::new(State::default());
    let talk = Talk::new(shared, state.clone(), cut.clone());
    let login = async {
        let session = server::run_stream(config, Cut::new(socket, cut.clone()), talk).await?;
        Ok::<_, russh::Error>(session)
    };
    let session = match timeout(LOGIN, login).await {
        Ok(Ok(session)) => session,
        Ok(Err(e)) => return tracing::debug!("ssh: {e}"),
        Err(_) => return,
    };
    let handle = session.handle();
    tokio::pin!(session);
    tokio::select! {
        _ = &mut session => return,
        () = stop.cancelled() => return,
        () = tokio::time::sleep(LOGIN) => return,
        () = state.logged_in() => drop(stranger),
    }
    tokio::select! {
        ended = &mut session => {
            if let Err(e) = ended {
                tracing::debug!("ssh: {e}");
            }
            return;
        }
        () = state.idle(IDLE) => {}
        () = async { stop.cancelled().await; state.finished().await } => {}
    }
    let bye = handle.disconnect(Disconnect::ByApplication, "good bye".into(), "en".into());
    if bye.await.is_ok() {
        let _ = timeout(REFUSAL, &mut session).await;
    }
}

fn config(key: &SecretKey) -> Config {
    let methods = [MethodKind::PublicKey, MethodKind::KeyboardInteractive];
    Config {
        server_id: SshId::Standard(Cow::Borrowed("SSH-2.0-commun")),
        // The second never lets anybody in: it is how a client is told what to do instead ([`talk`]).
        methods: MethodSet::from(&methods[..]),
        auth_rejection_time: REFUSAL,
        auth_rejection_time_initial: Some(std::time::Duration::ZERO),
        keys: vec![hostkey::private(key)],
        window_size: WINDOW,
        preferred: Preferred {
            key: Cow::Borrowed(&[Algorithm::Ed25519]),
            ..Preferred::default()
        },
        max_auth_attempts: MAX_REFUSALS,
        // Ours are finer: see `connection` and `serve`.
        inactivity_timeout: None,
        keepalive_interval: Some(KEEPALIVE),
        keepalive_max: 3,
        nodelay: true,
        ..Config::default()
    }
}
