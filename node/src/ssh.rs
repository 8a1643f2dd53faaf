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
mod strangers;
mod talk;
mod wire;

use std::{
    borrow::Cow,
    collections::HashMap,
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

use crate::{app::App, http::lang::TerminalLang};
use limits::{
    FINISH, IDLE, KEEPALIVE, LOGIN, MAX_CONNECTIONS, MAX_REFUSALS, MAX_RUNNING, MAX_RUNNING_OF_ONE,
    REFUSAL, TURN, WINDOW,
};
use strangers::{Stranger, Strangers};
use talk::{State, Talk};
use wire::Cut;

/// What all connections share.
struct Shared {
    app: App,
    running: Arc<Semaphore>,
    of_one: Mutex<HashMap<StatementId, Arc<Semaphore>>>,
    /// Places for people who are in.
    room: Arc<Semaphore>,
}

/// Leave to run one Git process.
struct Turn {
    _own: OwnedSemaphorePermit,
    _all: OwnedSemaphorePermit,
}

impl Shared {
    /// The language of people whose program names none.
    fn language(&self) -> TerminalLang {
        self.app
            .ssh
            .as_ref()
            .map_or(TerminalLang::Fr, |ssh| ssh.language)
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

/// Serves until `stop`; then running commands have a few seconds to finish.
pub async fn serve(app: App, listener: TcpListener, key: SecretKey, stop: CancellationToken) {
    let config = Arc::new(config(&key));
    let shared = Arc::new(Shared {
        app,
        running: Arc::new(Semaphore::new(MAX_RUNNING)),
        of_one: Mutex::default(),
        room: Arc::new(Semaphore::new(MAX_CONNECTIONS)),
    });
    let connections = TaskTracker::new();
    listen(&listener, &stop, |socket, stranger| {
        let (config, shared, stop) = (config.clone(), shared.clone(), stop.clone());
        connections.spawn(connection(config, shared, socket, stranger, stop));
    })
    .await;
    connections.close();
    let _ = timeout(FINISH, connections.wait()).await;
}

/// Takes connections until `stop`, each as a stranger's.
async fn listen(
    listener: &TcpListener,
    stop: &CancellationToken,
    mut took: impl FnMut(TcpStream, Stranger),
) {
    let strangers = Strangers::default();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            // Who comes from where too many come from is closed without a word.
            Ok((socket, peer)) => {
                if let Some(stranger) = strangers.admit(peer.ip()) {
                    took(socket, stranger);
                }
            }
            Err(e) => {
                // Out of descriptors, mostly: what is open ends some time.
                tracing::warn!("ssh: cannot take a connection: {e}");
                tokio::time::sleep(REFUSAL).await;
            }
        }
    }
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
    let talk = Talk::new(shared.clone(), state.clone(), cut.clone());
    let late = tokio::time::sleep(LOGIN);
    tokio::pin!(late);
    let session = tokio::select! {
        session = server::run_stream(config, Cut::new(socket, cut.clone()), talk) => session,
        () = &mut late => return,
        () = stranger.sent_away() => return,
        () = stop.cancelled() => return,
    };
    let session = match session {
        Ok(session) => session,
        Err(e) => return tracing::debug!("ssh: {e}"),
    };
    let handle = session.handle();
    tokio::pin!(session);
    tokio::select! {
        _ = &mut session => return,
        () = stop.cancelled() => return,
        () = late => return,
        () = stranger.sent_away() => return,
        () = state.logged_in() => drop(stranger),
    }
    let (why, said) = match shared.room.clone().try_acquire_owned() {
        Ok(_place) => {
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
            (Disconnect::ByApplication, "good bye")
        }
        Err(_) => (
            Disconnect::TooManyConnections,
            "too many people are connected; try again in a moment",
        ),
    };
    let bye = handle.disconnect(why, said.into(), "en".into());
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

#[cfg(test)]
mod tests;
