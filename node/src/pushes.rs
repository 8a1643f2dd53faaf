//! Pushes in flight: Git's hook asks, the node decides, and one push becomes one statement.
//!
//! `git receive-pack` runs `commun-node hook`, which connects to the socket in `<data>/run/` and says which push
//! it is (a secret that the node gave to this one process) and what it wants to move. Under the repository's lock the node compares with the catalogue,
//! checks with Git what contains what, appends one `refs` statement (the commit point), moves the refs, and answers
//! for each ref.

mod beside;
mod dialogue;
mod faults;
mod plan;
mod proposals;
mod rights;
mod words;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use commun_forge::git::{
    HookEnv, Judged, Oid, RefMove, RefName, Repos, Repository, proc_receive::Command,
};
use commun_specs::{
    fold::{Item, RefState},
    id::{StatementId, base32},
    json::{Object, Value},
    list,
    name::Handle,
    statement::{self, Change},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
};
use tokio_util::sync::CancellationToken;

use crate::{
    core::{Author, Core, Draft, Person, now},
    follow::projection::{self, Projected},
    http::lang::TerminalLang,
    quota::Quotas,
    talk::Talk,
};

pub use dialogue::{Answered, Answers, Asked, PUSH_VAR, Place, Question, SOCKET_VAR, hook};
pub use faults::text as fault_text;
pub use rights::{Admitted, Denied};

use beside::Beside;
use dialogue::bind;
use plan::{Plan, Why, plan};
use words::Note;

/// Most changes that a head carries; more travel as a list (FORMATS, section 2).
const MAX_INLINE: usize = 100;
/// Largest question of a hook: 500 refs of 300 bytes and room, in JSON.
const MAX_QUESTION: u64 = 1 << 20;
/// How long a hook may take to ask.
const ASK: Duration = Duration::from_secs(10);

/// Who pushes what.
#[derive(Debug, Clone)]
pub struct Pusher {
    /// The repository.
    pub item: StatementId,
    /// Who was logged in.
    pub person: Person,
    /// The language in which they are answered.
    pub lang: TerminalLang,
    /// What goes into the body of the push's statement: the certificate of a signed push, once it was checked.
    pub body: Option<Vec<u8>>,
}

/// The pushes in flight.
#[derive(Clone)]
pub struct Pushes(Arc<Inner>);

struct Inner {
    core: Core,
    repos: Repos,
    talk: Talk,
    quotas: Quotas,
    hooks: PathBuf,
    socket: PathBuf,
    flying: Mutex<HashMap<String, Pusher>>,
    locks: Mutex<HashMap<StatementId, Arc<tokio::sync::Mutex<()>>>>,
    /// Repositories whose newest objects no node gave.
    forsaken: Mutex<BTreeSet<StatementId>>,
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
        talk: Talk,
        quotas: Quotas,
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
            talk,
            quotas,
            hooks,
            socket,
            flying: Mutex::default(),
            locks: Mutex::default(),
            forsaken: Mutex::default(),
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
    pub fn begin(&self, pusher: Pusher) -> Flying {
        let secret = base32(&rand::random::<[u8; 20]>());
        self.0
            .flying
            .lock()
            .expect("a thread that panics ends the process")
            .insert(secret.clone(), pusher);
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

    /// Notes whether the newest objects of a repository are wanted and no connected node gives them: then a push
    /// goes beside the heads that they are, because nobody's silence stops others.
    pub fn forsake(&self, item: &StatementId, forsaken: bool) {
        let mut all = self
            .0
            .forsaken
            .lock()
            .expect("a thread that panics ends the process");
        if forsaken {
            all.insert(*item);
        } else {
            all.remove(item);
        }
    }

    fn is_forsaken(&self, item: &StatementId) -> bool {
        self.0
            .forsaken
            .lock()
            .expect("a thread that panics ends the process")
            .contains(item)
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
        // All of it now: a client that goes away while the push waits for its turn takes nothing of it along.
        let pusher = self
            .0
            .flying
            .lock()
            .expect("a thread that panics ends the process")
            .get(&question.push)
            .cloned();
        let answers = match pusher {
            Some(p) => self.decide(&p, &question).await,
            None => refuse_all(&question, "this push is not known to the node"),
        };
        let json = serde_json::to_vec(&answers).expect("answers are JSON");
        if let Err(e) = stream.write_all(&json).await {
            // The statement stands all the same: the follower moves the refs.
            tracing::warn!("the answer to a push did not reach Git: {e}");
        }
    }

    /// Decides about a push, under the repository's lock: of Git's hook, or of somebody who merges over the API. The
    /// objects are in the repository.
    pub async fn decide(&self, pusher: &Pusher, question: &Question) -> Answers {
        let lock = self.lock(&pusher.item);
        let _held = lock.lock().await;
        let (proposals, others) = proposals::part(question);
        if proposals.is_empty() {
            return self.refs(pusher, question).await;
        }
        if question.atomic && !others.commands.is_empty() {
            // A proposal and a branch are two statements: together they are not one step.
            return refuse_all(question, &Why::Atomic.text(pusher.lang));
        }
        let said = self.propose(pusher, question, &proposals).await;
        if others.commands.is_empty() {
            return said;
        }
        let refs = self.refs(pusher, &others).await;
        proposals::joined(question, said, refs)
    }

    async fn refs(&self, pusher: &Pusher, question: &Question) -> Answers {
        match self.push(pusher, question).await {
            Ok(answers) => answers,
            Err(why) => refuse_all(question, &why.text(pusher.lang)),
        }
    }

    async fn push(&self, pusher: &Pusher, question: &Question) -> Result<Answers, Why> {
        let core = &self.0.core;
        let lang = pusher.lang;
        let repository = self
            .0
            .repos
            .get(&pusher.item.to_string())
            .map_err(Why::failed)?;
        let item = self.item(&pusher.item)?;
        // Asked before the push began; meanwhile the owner may have spoken.
        self.may(&item, &pusher.person)?;
        let policy = core
            .policy(&item)
            .map_err(Why::failed)?
            .ok_or(Why::Behind)?;
        let commands = commands(question)?;
        let me = &core.identity().handle;
        let mut refs = item.refs.clone();
        let beside = if self.is_forsaken(&item.id) {
            beside::pass_over(&repository, &mut refs, &commands, me)
                .await
                .map_err(Why::failed)?
        } else {
            BTreeMap::new()
        };
        let judged = repository
            .check_push(&commands, &known_heads(&refs))
            .await
            .map_err(Why::failed)?;
        let plans: Vec<Plan> = commands
            .iter()
            .zip(&judged)
            .map(|(command, judged)| {
                let rule = policy.protected.iter().find(|r| r.covers(&command.name));
                plan(command, judged, refs.get(&command.name), rule, me)
            })
            .collect();
        let refused = plans.iter().any(|p| matches!(p, Plan::Refuse(_)));
        let mut notes = Vec::new();
        let mut answers: Vec<Answered> = plans
            .iter()
            .map(|plan| match plan {
                Plan::Refuse(why) => {
                    notes.extend(why.note());
                    Answered::refused(why.text(lang))
                }
                _ if question.atomic && refused => Answered::refused(Why::Atomic.text(lang)),
                _ => Answered::default(),
            })
            .collect();
        for ((command, plan), answer) in commands.iter().zip(&plans).zip(&mut answers) {
            let state = refs.get(&command.name);
            if let (Plan::Nothing, Some(state)) = (plan, state) {
                notes.extend(Note::waits(&command.name, state, me));
                answer.elsewhere = waits_already(command, state, me);
            }
        }
        let changes: Vec<Change> = plans.into_iter().filter_map(Plan::change).collect();
        if changes.is_empty() || (question.atomic && refused) {
            return Ok(Answers {
                refs: answers,
                said: words::said(&notes, lang),
            });
        }
        repository.make_durable().map_err(Why::failed)?;
        if item.refs.is_empty() {
            // What came with a ref that is refused is not for others.
            let heads = commands.iter().filter_map(|c| c.new.clone());
            let all = changes.len() == commands.len();
            let heads: Vec<_> = heads.filter(|_| all).collect();
            repository.note_whole(&heads).await;
        }
        let mut draft = refs_draft(&item, &changes).map_err(Why::Failed)?;
        draft.body.clone_from(&pusher.body);
        let mut entry = core
            .compose(draft, &Author::NodeFor(pusher.person.enrolment))
            .map_err(Why::failed)?;
        entry.beside = beside.keys().copied().collect();
        let written = core.write(entry).await?;
        tracing::info!(statement = %written.id, item = %pusher.item, "a push of {} refs is accepted", changes.len());
        // The statement is durable: what fails now is done again by the follower, never undone.
        let after = self.item(&pusher.item).unwrap_or_else(|_| item.clone());
        let moved = self
            .project(&repository, &item, &after, &policy, &changes, &judged)
            .await;
        let (before, now) = match moved {
            Ok(both) => both,
            Err(e) => {
                tracing::warn!(item = %pusher.item, "moving refs after a push failed and is tried again: {e}");
                return Ok(Answers {
                    refs: answers,
                    said: words::said(&notes, lang),
                });
            }
        };
        for (answer, command) in answers.iter_mut().zip(&commands) {
            if answer.refused.is_none() && changes.iter().any(|c| c.name == command.name) {
                answer.elsewhere = elsewhere(command, me, &before, &now);
            }
        }
        for change in &changes {
            let state = after.refs.get(&change.name);
            notes.extend(state.and_then(|s| Note::waits(&change.name, s, me)));
        }
        notes.extend(diverged(&after, &commands, &beside));
        Ok(Answers {
            refs: answers,
            said: words::said(&notes, lang),
        })
    }

    fn item(&self, id: &StatementId) -> Result<Item, Why> {
        let state = self.0.core.state();
        let item = state.catalogue().copy_of(id);
        item.ok_or(Why::Behind)
    }

    /// Moves in Git what a push moved in the catalogue, in one transaction: the refs that it named, and the other
    /// heads beside them. Answers what is served before and after.
    async fn project(
        &self,
        repository: &Repository,
        item: &Item,
        after: &Item,
        policy: &statement::Repository,
        changes: &[Change],
        judged: &[Judged],
    ) -> Result<(Projected, Projected), commun_forge::git::Error> {
        let held = projection::held_beside(repository, [item, after]).await?;
        let before = projection::project(item, policy, &held);
        let now = projection::project(after, policy, &held);
        self.keep_what_leaves(repository, item, changes, judged, (&before, &now))
            .await?;
        let gone = before
            .refs
            .iter()
            .filter(|(n, _)| !now.refs.contains_key(*n));
        let set = now
            .refs
            .iter()
            .filter(|(n, p)| before.refs.get(*n).is_none_or(|b| b.oid != p.oid));
        let moves: Vec<RefMove> = gone
            .map(|(n, _)| (n, None))
            .chain(set.map(|(n, p)| (n, Some(p.oid.clone()))))
            .map(|(name, new)| RefMove {
                name: name.clone(),
                old: None,
                new,
            })
            .collect();
        repository.update_refs(&moves).await?;
        Ok((before, now))
    }

    /// What a forced push or a deletion takes from a ref is held for a while, and what waited and was replaced.
    async fn keep_what_leaves(
        &self,
        repository: &Repository,
        item: &Item,
        changes: &[Change],
        judged: &[Judged],
        (before, then): (&Projected, &Projected),
    ) -> Result<(), commun_forge::git::Error> {
        let contained: Vec<&Oid> = judged.iter().flat_map(|j| &j.contains).collect();
        let mut leaving: Vec<(Oid, Option<Oid>)> = changes
            .iter()
            .filter(|c| c.forced || c.new.is_none())
            .flat_map(|c| {
                let heads = item.refs.get(&c.name).into_iter().flat_map(|r| &r.heads);
                heads
                    .filter(|h| c.over.contains(&h.id))
                    .filter_map(|h| Oid::parse(h.oid.as_deref()?).ok())
                    .filter(|oid| !contained.contains(&oid))
                    .map(|oid| (oid, None))
            })
            .collect();
        let stays: BTreeSet<&Oid> = then.refs.values().map(|p| &p.oid).collect();
        let waited = before.refs.iter().filter(|(name, p)| {
            name.as_str().starts_with("refs/waiting/") && !stays.contains(&p.oid)
        });
        leaving.extend(waited.map(|(name, p)| {
            let next = then.refs.get(name).map(|p| p.oid.clone());
            (p.oid.clone(), next)
        }));
        if leaving.is_empty() {
            return Ok(());
        }
        let left = repository.left_behind(&leaving).await?;
        repository.keep(&left, now() / 86_400).await
    }
}

/// The commands of a question, as the forge reads them.
fn commands(question: &Question) -> Result<Vec<Command>, Why> {
    let oid = |text: &Option<String>| text.as_deref().map(Oid::parse).transpose();
    question
        .commands
        .iter()
        .map(|c| {
            Ok(Command {
                name: c.name.clone(),
                old: oid(&c.old).map_err(Why::failed)?,
                new: oid(&c.new).map_err(Why::failed)?,
            })
        })
        .collect()
}

/// Where a command's change stands, if not under the name that it gave.
fn elsewhere(command: &Command, me: &Handle, before: &Projected, now: &Projected) -> Option<Place> {
    let new = command.new.as_ref()?;
    let own = RefName::parse(&command.name).ok()?;
    if now.refs.get(&own).is_some_and(|p| p.oid == *new) {
        return None;
    }
    let (name, placed) = now
        .refs
        .iter()
        .find(|(_, p)| p.of == command.name && p.institution == *me && p.oid == *new)?;
    Some(Place {
        name: name.to_string(),
        old: before.refs.get(name).map(|p| p.oid.to_string()),
        new: Some(placed.oid.to_string()),
    })
}

/// Where a commit stands that this institution pushed before and that waits for others: the branch did not move now.
fn waits_already(command: &Command, state: &RefState, me: &Handle) -> Option<Place> {
    let oid = command.new.as_ref()?.as_str();
    let mut waiting = state.waiting.iter().map(|w| &w.head);
    waiting.find(|h| h.institution == *me && h.oid.as_deref() == Some(oid))?;
    let rest = command.name.strip_prefix("refs/").unwrap_or(&command.name);
    Some(Place {
        name: format!("refs/waiting/{me}/{rest}"),
        old: Some(oid.to_owned()),
        new: Some(oid.to_owned()),
    })
}

/// What to say of the branches that have several heads: those that were pushed first.
fn diverged(item: &Item, commands: &[Command], beside: &Beside) -> Vec<Note> {
    let pushed = |name: &str| commands.iter().find(|c| c.name == name);
    let mut all: Vec<(&String, &RefState)> = item
        .refs
        .iter()
        // People copy what is said into a shell: names that this node would not take are not said.
        .filter(|(name, _)| name.starts_with("refs/heads/") && RefName::parse(name).is_ok())
        .collect();
    all.sort_by_key(|(name, _)| pushed(name).is_none());
    all.into_iter()
        .filter_map(|(name, state)| {
            let passed = state.heads.iter().find(|h| beside.contains_key(&h.id));
            if let Some(head) = passed {
                return Some(Note::forsaken(&head.institution, name));
            }
            let mine = pushed(name).and_then(|c| c.new.as_ref()).map(Oid::as_str);
            Note::diverged(name, state, mine)
        })
        .collect()
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

/// The oids of each ref's heads, as the catalogue knows them; where none is held, what is served in their place.
fn known_heads(refs: &BTreeMap<String, RefState>) -> BTreeMap<RefName, Vec<Oid>> {
    refs.iter()
        .filter_map(|(name, state)| {
            let named = state.heads.iter().filter_map(|h| h.oid.as_deref());
            let served = state.served.as_deref().filter(|_| state.heads.is_empty());
            let oids = named.chain(served).filter_map(|oid| Oid::parse(oid).ok());
            Some((RefName::parse(name).ok()?, oids.collect()))
        })
        .collect()
}

fn refuse_all(question: &Question, why: &str) -> Answers {
    let refs = question.commands.iter().map(|_| Answered::refused(why));
    Answers {
        refs: refs.collect(),
        said: String::new(),
    }
}
