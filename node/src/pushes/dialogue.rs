//! What Git's hook and the node say to each other, and the hook's half of it.

use std::{
    os::fd::AsRawFd,
    path::{Path, PathBuf},
};

use commun_forge::git::{
    Oid,
    proc_receive::{Answer, Elsewhere, Session},
};
use serde::{Deserialize, Serialize};
use tokio::net::UnixListener;

/// The variable in which a hook finds the socket.
pub const SOCKET_VAR: &str = "COMMUN_HOOK_SOCKET";
/// The variable in which a hook finds which push it is.
pub const PUSH_VAR: &str = "COMMUN_HOOK_PUSH";

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

/// What the node answers.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Answers {
    /// For each command, in their order.
    pub refs: Vec<Answered>,
    /// What the pusher reads besides, in lines.
    pub said: String,
}

/// What the node answers for a ref.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Answered {
    /// Why not; `None` = it was taken.
    pub refused: Option<String>,
    /// Where it went, if not to the ref that was named.
    pub elsewhere: Option<Place>,
}

impl Answered {
    /// It was not taken.
    pub fn refused(why: impl Into<String>) -> Self {
        Self {
            refused: Some(why.into()),
            elsewhere: None,
        }
    }
}

/// A ref that moved in place of the one that was named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Its full name.
    pub name: String,
    /// What it was.
    pub old: Option<String>,
    /// What it is.
    pub new: Option<String>,
}

impl From<Answered> for Answer {
    fn from(answered: Answered) -> Self {
        let oid = |text: Option<String>| text.and_then(|t| Oid::parse(&t).ok());
        match (answered.refused, answered.elsewhere) {
            (Some(why), _) => Answer::Refused(why),
            (None, None) => Answer::Ok,
            (None, Some(place)) => Answer::Elsewhere(Elsewhere {
                name: place.name,
                old: oid(place.old),
                new: oid(place.new),
            }),
        }
    }
}

/// Binds a socket whatever the length of its path: the kernel takes at most 107 bytes, so the folder is named by
/// its open descriptor.
pub(super) fn bind(socket: &Path) -> std::io::Result<UnixListener> {
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
    let answers: Answers = serde_json::from_slice(&bytes).context("the node broke off")?;
    // Git passes on what its hook says to standard error, each line after `remote:`.
    std::io::stderr().write_all(answers.said.as_bytes())?;
    let refs: Vec<Answer> = answers.refs.into_iter().map(Answer::from).collect();
    session.finish(&refs)?;
    Ok(())
}
