//! Pushes in flight: Git's hook asks, the node decides, and one push becomes one statement.
//!
//! `git receive-pack` runs `commun-node hook`, which connects to the socket in `<data>/run/` and says which push
//! it is (a secret that the node gave to this one process) and what it wants to move. Under the repository's lock the node compares with the catalogue,
//! checks with Git what contains what, appends one `refs` statement (the commit point), moves the refs, and answers
//! for each ref.

use std::{
    collections::{BTreeMap, HashMap},
    os::fd::AsRawFd,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use commun_forge::git::{
    HookEnv, Oid, RefMove, RefName, Repos, Verdict,
    proc_receive::{Answer, Command, Session},
};
use commun_specs::{
    fold::Item,
    id::{StatementId, base32},
    json::{Object, Value},
    list,
    statement::Change,
};
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{UnixListener, UnixStream},
};
use tokio_util::sync::CancellationToken;

use crate::core::{Author, Core, Draft, Person, WriteError};

/// The variable in which a hook finds the socket.
pub const SOCKET_VAR: &str = "COMMUN_HOOK_SOCKET";
/// The variable in which a hook finds which push it is.
pub const PUSH_VAR: &str = "COMMUN_HOOK_PUSH";
/// Most changes that a head carries; more travel as a list (FORMATS, section 2).
const MAX_INLINE: usize = 100;
/// Largest question of a hook: 500 refs of 300 bytes and room, in JSON.
const MAX_QUESTION: u64 = 1 << 20;
/// How long a hook may take to ask.
const ASK: Duration = Duration::from_secs(10);

/// What a hook asks.
#[derive(Debug, Serialize, Deserialize)]
pub struct Question {
    /// The secret of the push.
    pub push: String,
    /// What to move.
    pub commands: Vec<Asked>,
    /// Whether all or nothing is wanted.
    pub atomic: bool,
}

/// One ref of a push.
#[derive(Debug, Serialize, Deserialize)]
pub struct Asked {
    /// The full ref name.
    pub name: String,
    /// The oid that the client saw.
    pub old: Option<String>,
    /// The oid that it wants.
    pub new: Option<String>,
}

/// What the node answers for a ref: nothing, or why not.
#[derive(Debug, Serialize, Deserialize)]
pub struct Answered {
    /// `None` = moved.
    pub refused: Option<String>,
}

#[derive(Clone)]
struct Pusher {
    item: StatementId,
    person: Person,
    /// The body of the statement: what the person signed.
    body: Option<Vec<u8>>,
}

/// The pushes in flight.
#[derive(Clone)]
pub struct Pushes(Arc<Inner>);

struct Inner {
    core: Core,
    repos: Repos,
    hooks: PathBuf,
    socket: PathBuf,
    flying: Mutex<HashMap<String, Pusher>>,
    locks: Mutex<HashMap<StatementId, Arc<tokio::sync::Mutex<()>>>>,
}

/// A push that has begun; forgotten when dropped.
pub struct Flying {
    secret: String,
    inner: Arc<Inner>,
    /// What its `receive-pack` must be started with.
    pub hook: HookEnv,
}

impl Drop for Flying {
    fn drop(&mut self) {
        self.inner
            .flying
            .lock()
            .expect("a thread that panics ends the process")
            .remove(&self.secret);
    }
}

impl Flying {
    /// Says what goes into the body of the push's statement: the certificate that was checked.
    pub fn put_body(&self, body: Vec<u8>) {
        let mut flying = self
            .inner
            .flying
            .lock()
            .expect("a thread that panics ends the process");
        if let Some(pusher) = flying.get_mut(&self.secret) {
            pusher.body = Some(body);
        }
    }
}

impl Pushes {
    /// Installs the hook and listens for it. `program`: this executable.
    pub fn start(
        core: Core,
        repos: Repos,
        data: &Path,
        program: &Path,
        stop: CancellationToken,
    ) -> std::io::Result<Self> {
        let run = data.join("run");
        std::fs::create_dir_all(&run)?;
        let hooks = run.join("hooks");
        commun_forge::git::install_hooks(&hooks, program)?;
        let socket = run.join("hook.sock");
        let listener = bind(&socket)?;
        let hooks = std::fs::canonicalize(hooks)?;
        let socket = std::fs::canonicalize(run)?.join("hook.sock");
        let inner = Inner {
            core,
            repos,
            hooks,
            socket,
            flying: Mutex::default(),
            locks: Mutex::default(),
        };
        let pushes = Self(Arc::new(inner));
        let answering = pushes.clone();
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = stop.cancelled() => return,
                    asked = listener.accept() => match asked {
                        Ok((stream, _)) => {
                            let pushes = answering.clone();
                            tokio::spawn(async move { pushes.serve(stream).await });
                        }
                        Err(e) => {
                            tracing::error!("the hook's socket: {e}");
                            tokio::time::sleep(Duration::from_millis(100)).await;
                        }
                    }
                }
            }
        });
        Ok(pushes)
    }

    /// Begins a push of a person to a repository.
    pub fn begin(&self, item: StatementId, person: Person) -> Flying {
        let secret = base32(&rand::random::<[u8; 20]>());
        self.0
            .flying
            .lock()
            .expect("a thread that panics ends the process")
            .insert(
                secret.clone(),
                Pusher {
                    item,
                    person,
                    body: None,
                },
            );
        let vars = vec![
            (
                SOCKET_VAR.to_owned(),
                self.0.socket.to_string_lossy().into_owned(),
            ),
            (PUSH_VAR.to_owned(), secret.clone()),
        ];
        Flying {
            secret,
            inner: self.0.clone(),
            hook: HookEnv {
                hooks: self.0.hooks.clone(),
                vars,
            },
        }
    }

    /// The lock under which a repository's refs move.
    pub fn lock(&self, item: &StatementId) -> Arc<tokio::sync::Mutex<()>> {
        self.0
            .locks
            .lock()
            .expect("a thread that panics ends the process")
            .entry(*item)
            .or_default()
            .clone()
    }

    async fn serve(&self, mut stream: UnixStream) {
        let mut bytes = Vec::new();
        let read = tokio::time::timeout(
            ASK,
            (&mut stream).take(MAX_QUESTION).read_to_end(&mut bytes),
        )
        .await;
        let Ok(Ok(_)) = read else { return };
        let Ok(question) = serde_json::from_slice::<Question>(&bytes) else {
            return;
        };
        let pusher = self
            .0
            .flying
            .lock()
            .expect("a thread that panics ends the process")
            .get(&question.push)
            .cloned();
        let answers = match pusher {
            Some(p) => self.decide(&p, &question).await,
            None => refuse_all(
                question.commands.len(),
                "this push is not known to the node",
            ),
        };
        let json = serde_json::to_vec(&answers).expect("answers are JSON");
        if let Err(e) = stream.write_all(&json).await {
            // The statement stands all the same: the follower moves the refs.
            tracing::warn!("the answer to a push did not reach Git: {e}");
        }
    }

    async fn decide(&self, pusher: &Pusher, question: &Question) -> Vec<Answered> {
        let lock = self.lock(&pusher.item);
        let _held = lock.lock().await;
        match self.push(pusher, question).await {
            Ok(answers) => answers,
            Err(why) => refuse_all(question.commands.len(), &why),
        }
    }

    async fn push(&self, pusher: &Pusher, question: &Question) -> Result<Vec<Answered>, String> {
        let core = &self.0.core;
        let repository = self
            .0
            .repos
            .get(&pusher.item.to_string())
            .map_err(|e| e.to_string())?;
        let item = core
            .state()
            .catalogue()
            .item(&pusher.item)
            .cloned()
            .ok_or("the repository is not in the catalogue")?;
        let commands = question
            .commands
            .iter()
            .map(|c| {
                let oid = |t: &Option<String>| {
                    t.as_deref()
                        .map(Oid::parse)
                        .transpose()
                        .map_err(|e| e.to_string())
                };
                Ok(Command {
                    name: c.name.clone(),
                    old: oid(&c.old)?,
                    new: oid(&c.new)?,
                })
            })
            .collect::<Result<Vec<_>, String>>()?;
        let verdicts = repository
            .check_push(&commands, &known_heads(&item))
            .await
            .map_err(|e| e.to_string())?;
        let mut answers = Vec::with_capacity(commands.len());
        let mut changes = Vec::new();
        let mut moves = Vec::new();
        for (command, verdict) in commands.iter().zip(verdicts) {
            let state = item.refs.get(&command.name);
            let served = state.and_then(|r| r.served.clone());
            let saw = command.old.as_ref().map(|o| o.as_str().to_owned());
            let refused = match verdict {
                Verdict::Refused(why) => Some(why),
                _ if served != saw => {
                    Some("the branch has moved meanwhile; fetch first, then push again".to_owned())
                }
                Verdict::Unchanged => None,
                verdict => {
                    let over = over(state);
                    // A tag that is there is replaced or deleted by force only (R-05-10), and Git itself asks for none
                    // where one is deleted.
                    let tag = command.name.starts_with("refs/tags/") && !over.is_empty();
                    changes.push(Change {
                        name: command.name.clone(),
                        over,
                        old: saw,
                        new: command.new.as_ref().map(|o| o.as_str().to_owned()),
                        forced: tag || verdict == Verdict::Forced,
                    });
                    if let Ok(name) = RefName::parse(&command.name) {
                        moves.push(RefMove {
                            name,
                            old: command.old.clone(),
                            new: command.new.clone(),
                        });
                    }
                    None
                }
            };
            answers.push(Answered { refused });
        }
        if question.atomic && answers.iter().any(|a| a.refused.is_some()) {
            for a in &mut answers {
                a.refused.get_or_insert_with(|| {
                    "another ref of this atomic push was refused".to_owned()
                });
            }
            return Ok(answers);
        }
        if changes.is_empty() {
            return Ok(answers);
        }
        repository.make_durable().map_err(|e| e.to_string())?;
        let mut draft = refs_draft(&item, &changes)?;
        draft.body = pusher.body.clone();
        let entry = core
            .compose(draft, &Author::NodeFor(pusher.person.enrolment))
            .map_err(|e| e.to_string())?;
        let written = core.write(entry).await.map_err(|e| refusal(&e))?;
        tracing::info!(statement = %written.id, item = %pusher.item, "a push of {} refs is accepted", changes.len());
        // The statement is durable: what fails now is done again by the follower, never undone.
        if let Err(e) = repository.update_refs(&moves).await {
            tracing::warn!(item = %pusher.item, "moving refs after a push failed and is tried again: {e}");
        }
        Ok(answers)
    }
}

/// A `refs` statement of these changes.
fn refs_draft(item: &Item, changes: &[Change]) -> Result<Draft, String> {
    let mut fields = Object::from([("policy".to_owned(), Value::from(item.policy.to_string()))]);
    let mut lists = Vec::new();
    if changes.len() <= MAX_INLINE {
        fields.insert(
            "changes".to_owned(),
            Value::List(changes.iter().map(Change::to_value).collect()),
        );
    } else {
        let bytes = list::write_changes(changes).map_err(|e| e.to_string())?;
        let named = Object::from([
            (
                "sha256".to_owned(),
                Value::from(list::hash(&bytes).to_string()),
            ),
            ("size".to_owned(), Value::Int(bytes.len() as u64)),
        ]);
        fields.insert("list".to_owned(), Value::Object(named));
        lists.push(bytes);
    }
    Ok(Draft {
        kind: "refs",
        item: Some(item.id),
        fields,
        lists,
        ..Draft::default()
    })
}

/// The oids of each ref's heads, as the catalogue knows them.
pub fn known_heads(item: &Item) -> BTreeMap<RefName, Vec<Oid>> {
    item.refs
        .iter()
        .filter_map(|(name, state)| {
            let oids = state
                .heads
                .iter()
                .filter_map(|h| Oid::parse(h.oid.as_deref()?).ok())
                .collect();
            Some((RefName::parse(name).ok()?, oids))
        })
        .collect()
}

fn over(state: Option<&commun_specs::fold::RefState>) -> Vec<StatementId> {
    let mut ids: Vec<_> = state
        .map(|r| r.heads.iter().map(|h| h.id).collect())
        .unwrap_or_default();
    ids.sort();
    ids.dedup();
    ids
}

fn refusal(e: &WriteError) -> String {
    e.to_string()
}

fn refuse_all(n: usize, why: &str) -> Vec<Answered> {
    (0..n)
        .map(|_| Answered {
            refused: Some(why.to_owned()),
        })
        .collect()
}

/// Binds a socket whatever the length of its path: the kernel takes at most 107 bytes, so the folder is named by
/// its open descriptor.
fn bind(socket: &Path) -> std::io::Result<UnixListener> {
    let (_folder, short) = short_path(socket)?;
    match std::fs::remove_file(socket) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    UnixListener::bind(short)
}

fn short_path(socket: &Path) -> std::io::Result<(std::fs::File, PathBuf)> {
    let folder = std::fs::File::open(socket.parent().unwrap_or(Path::new(".")))?;
    let name = socket.file_name().ok_or(std::io::ErrorKind::InvalidInput)?;
    let short = Path::new("/proc/self/fd")
        .join(folder.as_raw_fd().to_string())
        .join(name);
    Ok((folder, short))
}

/// The hook's half, run by Git as `commun-node hook`: asks the node and passes the answers on.
///
/// # Errors
/// Git's dialogue or the node's socket breaks; Git then refuses the push as a whole.
pub fn hook() -> anyhow::Result<()> {
    use std::io::{Read, Write};

    use anyhow::Context;

    let session = Session::begin(std::io::stdin().lock(), std::io::stdout())?;
    let socket = std::env::var_os(SOCKET_VAR)
        .context("this program is run by the node's Git, not by hand")?;
    let question = Question {
        push: std::env::var(PUSH_VAR)
            .context("this program is run by the node's Git, not by hand")?,
        commands: session
            .commands()
            .iter()
            .map(|c| Asked {
                name: c.name.clone(),
                old: c.old.as_ref().map(|o| o.as_str().to_owned()),
                new: c.new.as_ref().map(|o| o.as_str().to_owned()),
            })
            .collect(),
        atomic: session.atomic(),
    };
    let (_folder, short) = short_path(Path::new(&socket))?;
    let mut stream =
        std::os::unix::net::UnixStream::connect(short).context("the node does not answer")?;
    stream.write_all(&serde_json::to_vec(&question)?)?;
    stream.shutdown(std::net::Shutdown::Write)?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let answers: Vec<Answered> = serde_json::from_slice(&bytes).context("the node broke off")?;
    let answers: Vec<Answer> = answers
        .into_iter()
        .map(|a| match a.refused {
            None => Answer::Ok,
            Some(why) => Answer::Refused(why),
        })
        .collect();
    session.finish(&answers)?;
    Ok(())
}
