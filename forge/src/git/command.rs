//! The system's `git`, and the settings under which we run it.

use std::ffi::OsStr;
use std::io;
use std::os::fd::RawFd;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::process::Command;
use tokio::sync::OnceCell;

use super::ObjectFormat;
use super::places::{Place, Places};
use super::running::{End, Running};
use super::service::ServiceError;
use super::sys::{self, Confinement};

/// The oldest Git that we run: the first with `bundle-uri`, and later than all that we call.
const MIN_VERSION: (u32, u32) = (2, 38);

/// The first release of each line with the fixes of July 2025 (CVE-2025-48384, -48385, -48386).
const FIXED: [(u32, u32, u32); 8] = [
    (2, 43, 7),
    (2, 44, 4),
    (2, 45, 4),
    (2, 46, 4),
    (2, 47, 3),
    (2, 48, 2),
    (2, 49, 1),
    (2, 50, 1),
];

/// How long a short command (moving refs, listing them) may take. They take milliseconds; a disk that
/// hangs must not hold a repository's lock for ever.
pub(super) const SHORT_COMMAND: Duration = Duration::from_secs(60);

/// The most that a short command may answer, in bytes: 500,000 refs of 128 bytes.
pub(super) const MAX_ANSWER: u64 = 64 << 20;

/// What a push or a fetch may cost. Everything beyond is refused, never cut short in silence.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Memory that a process which takes objects in may map, bytes. A push of 1,368 bytes that unpacks
    /// to 1 GiB fails here instead of taking the machine down.
    pub address_space: u64,
    /// The same for processes that serve what was already checked, bytes.
    pub serve_address_space: u64,
    /// Processor time of one process, seconds.
    pub cpu_seconds: u64,
    /// The largest file that a process may write, bytes; room for a whole push with the bases that a
    /// thin pack leaves out.
    pub file_size: u64,
    /// The largest push, bytes as sent (packed).
    pub max_push: u64,
    /// The largest conversation in which a repository comes from another node, bytes as sent. It bounds what one
    /// peer can write to the disk before anything is checked; it is no push's limit, because many allowed
    /// pushes make one long history.
    pub max_fetch: u64,
    /// The largest object, bytes unpacked.
    pub max_object: u64,
    /// The most objects in one push.
    pub max_objects: u32,
    /// The most objects in one fetch: what Git indexes within `address_space` (about 150 bytes each).
    pub max_fetch_objects: u32,
    /// The most refs that one push names.
    pub max_refs_per_push: usize,
    /// The largest request to upload-pack (wants and haves), bytes.
    pub max_negotiation: u64,
    /// The longest that one process may run.
    pub wall: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            address_space: 1 << 30,
            serve_address_space: 4 << 30,
            cpu_seconds: 600,
            file_size: 4 << 30,
            max_push: 2 << 30,
            max_fetch: 64 << 30,
            max_object: 100_000_000,
            max_objects: 2_000_000,
            max_fetch_objects: 4_000_000,
            max_refs_per_push: 500,
            max_negotiation: 16 << 20,
            wall: Duration::from_secs(3600),
        }
    }
}

/// Why Git could not do what it was told.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No `git` in the search path.
    #[error("git is not installed; install git 2.47.3 or later")]
    Missing,
    /// Older than 2.38.
    #[error("git {0} is too old; install git 2.47.3 or later")]
    TooOld(String),
    /// The disk or the system.
    #[error("cannot {action}")]
    Io {
        /// What was being done.
        action: &'static str,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Git refused.
    #[error("git {command} failed: {message}")]
    Refused {
        /// The subcommand.
        command: String,
        /// The last of what it wrote to standard error, bounded and without control characters.
        message: String,
    },
    /// A command took longer, or answered more, than its limit.
    #[error("git {0} was stopped at its limit")]
    Limit(String),
    /// Not an item id.
    #[error("not a repository's id: {0:?}")]
    BadId(String),
    /// Not a name that a branch may have.
    #[error("not a branch name")]
    BadBranch(#[source] super::RefNameError),
    /// There is no such repository here.
    #[error("no repository {0}")]
    NotHere(String),
}

impl Error {
    /// For `map_err`: says what was being done when the system failed.
    pub(super) fn io(action: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, source }
    }
}

/// What a process does with objects; decides its memory limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Reads objects that somebody else made.
    Ingest,
    /// The same, where a whole history may come at once.
    Replicate,
    /// Reads a repository.
    Serve,
    /// Packs a repository anew.
    Maintain,
}

/// The system's Git: found, its version checked, and ready to be run under limits. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Git {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    program: PathBuf,
    version: (u32, u32, u32),
    limits: Limits,
    /// What upload-pack can do, for SHA-1 and SHA-256.
    capabilities: [OnceCell<Vec<u8>>; 2],
    places: Places,
}

impl Git {
    /// Finds `git` in the search path and checks that its version is 2.38 or later. Logs a warning when it
    /// lacks the fixes of July 2025. Runs one process; call it once.
    pub fn new(limits: Limits) -> Result<Self, Error> {
        let program = std::env::var_os("PATH")
            .into_iter()
            .flat_map(|path| std::env::split_paths(&path).collect::<Vec<_>>())
            .map(|folder| folder.join("git"))
            .find(|file| file.is_file())
            .ok_or(Error::Missing)?;
        let output = std::process::Command::new(&program)
            .arg("--version")
            .env_clear()
            .output()
            .map_err(Error::io("run git"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let version = parse_version(&text).ok_or_else(|| Error::TooOld(clean(&output.stdout)))?;
        if (version.0, version.1) < MIN_VERSION {
            return Err(Error::TooOld(format!(
                "{}.{}.{}",
                version.0, version.1, version.2
            )));
        }
        let git = Self {
            inner: Arc::new(Inner {
                program,
                version,
                limits,
                capabilities: Default::default(),
                places: Places::default(),
            }),
        };
        if let Some(advice) = git.advice() {
            tracing::warn!(target: "git", "{advice}");
        }
        Ok(git)
    }

    /// Major, minor and patch of the program found.
    pub fn version(&self) -> (u32, u32, u32) {
        self.inner.version
    }

    /// What an operator should hear about this version, if anything.
    pub fn advice(&self) -> Option<String> {
        let (major, minor, patch) = self.inner.version;
        let fixed = (major, minor) > (2, 50)
            || FIXED
                .iter()
                .any(|&(a, b, c)| (a, b) == (major, minor) && patch >= c);
        (!fixed).then(|| {
            format!(
                "Git {major}.{minor}.{patch} lacks the security fixes of July 2025; \
                 install 2.47.3, 2.49.1, 2.50.1 or later"
            )
        })
    }

    /// The limits under which processes run.
    pub fn limits(&self) -> &Limits {
        &self.inner.limits
    }

    /// How many processes may run for others.
    pub(super) fn places(&self) -> &Places {
        &self.inner.places
    }

    /// The same Git with other numbers of places: for tests.
    #[cfg(test)]
    pub(super) fn with_places(&self, places: Places) -> Self {
        Self {
            inner: Arc::new(Inner {
                program: self.inner.program.clone(),
                version: self.inner.version,
                limits: self.inner.limits.clone(),
                capabilities: Default::default(),
                places,
            }),
        }
    }

    /// What upload-pack can do with repositories of a format, once it was asked.
    pub(super) fn capabilities(&self, format: ObjectFormat) -> &OnceCell<Vec<u8>> {
        &self.inner.capabilities[usize::from(format == ObjectFormat::Sha256)]
    }

    /// A command on the repository in `repository`, with nothing of our own environment, under limits.
    ///
    /// `config` comes after the hardened settings and wins. Its process is not ended on drop unless it is
    /// held in a [`Running`].
    pub(super) fn command(
        &self,
        role: Role,
        repository: &Path,
        config: &[(&str, &str)],
        inherit: Option<RawFd>,
    ) -> Command {
        let limits = &self.inner.limits;
        let mut command = Command::new(&self.inner.program);
        command
            .env_clear()
            .env("PATH", self.search_path())
            .env("HOME", "/nonexistent")
            .env("LC_ALL", "C")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_ADVICE", "0")
            // Each arena reserves 64 MiB of address space; RLIMIT_AS counts them.
            .env("MALLOC_ARENA_MAX", "2")
            .env("GIT_DIR", repository)
            .current_dir(repository)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let max_push = limits.max_push.to_string();
        let own = repository.to_string_lossy();
        let computed = [
            ("receive.maxInputSize", &*max_push),
            ("safe.directory", &*own),
        ];
        let settings = HARDENED.iter().chain(&computed).chain(config);
        let mut count = 0;
        for (key, value) in settings {
            command.env(format!("GIT_CONFIG_KEY_{count}"), key);
            command.env(format!("GIT_CONFIG_VALUE_{count}"), value);
            count += 1;
        }
        command.env("GIT_CONFIG_COUNT", count.to_string());
        let address_space = match role {
            Role::Ingest | Role::Replicate => limits.address_space,
            Role::Serve | Role::Maintain => limits.serve_address_space,
        };
        // A history is larger than a push, and Git needs the longer to index it.
        let (cpu_seconds, file_size) = match role {
            Role::Replicate | Role::Maintain => (
                limits.cpu_seconds.max(limits.wall.as_secs()),
                limits.file_size.max(limits.max_fetch),
            ),
            Role::Ingest | Role::Serve => (limits.cpu_seconds, limits.file_size),
        };
        let confinement = Confinement {
            address_space,
            cpu_seconds,
            file_size,
        };
        sys::confine(&mut command, confinement, inherit);
        command
    }

    /// Runs a short command with `input` on its standard input and answers its standard output.
    pub(super) async fn run(
        &self,
        command: Command,
        what: &str,
        input: &[u8],
    ) -> Result<Vec<u8>, Error> {
        self.run_for(command, what, input, None).await
    }

    /// The same for others: the place is free again when the process has ended.
    pub(super) async fn run_at(
        &self,
        command: Command,
        what: &str,
        input: &[u8],
        place: Place,
    ) -> Result<Vec<u8>, Error> {
        self.run_for(command, what, input, Some(place)).await
    }

    async fn run_for(
        &self,
        mut command: Command,
        what: &str,
        input: &[u8],
        place: Option<Place>,
    ) -> Result<Vec<u8>, Error> {
        command.stdin(Stdio::piped());
        let mut running = Running::spawn(&mut command, End::Now)?;
        if let Some(place) = place {
            running = running.keeping(place);
        }
        let answer = tokio::time::timeout(SHORT_COMMAND, running.finish(input)).await;
        let Ok(output) = answer else {
            return Err(Error::Limit(what.to_owned()));
        };
        let output = output.map_err(Error::io("run git"))?;
        if !output.status.success() {
            return Err(Error::Refused {
                command: what.to_owned(),
                message: clean(&output.stderr),
            });
        }
        if output.stdout.len() as u64 > MAX_ANSWER {
            return Err(Error::Limit(what.to_owned()));
        }
        Ok(output.stdout)
    }

    /// Runs a command whose standard output is a file of at most `max_bytes`. The future ends with the process, and
    /// ends it when dropped.
    pub(super) fn run_into(
        &self,
        mut command: Command,
        file: std::fs::File,
        max_bytes: u64,
        input: Vec<u8>,
        place: Place,
    ) -> Result<impl Future<Output = Result<(), ServiceError>> + Send + 'static, ServiceError> {
        command.stdin(Stdio::piped()).stdout(file);
        sys::at_most(&mut command, max_bytes);
        let running = Running::spawn(&mut command, End::Now)?.keeping(place);
        // It holds the file open.
        drop(command);
        let wall = self.inner.limits.wall;
        Ok(async move {
            let finish = tokio::time::timeout(wall, running.finish(&input));
            let Ok(output) = finish.await else {
                return Err(Error::Limit("pack".to_owned()).into());
            };
            let output = output.map_err(Error::io("run git"))?;
            match output.status.success() {
                true => Ok(()),
                false => Err(ServiceError::Failed(clean(&output.stderr))),
            }
        })
    }

    fn search_path(&self) -> std::ffi::OsString {
        let own = self.inner.program.parent().unwrap_or(Path::new("/usr/bin"));
        let folders = [own, Path::new("/usr/bin"), Path::new("/bin")];
        std::env::join_paths(folders).unwrap_or_else(|_| OsStr::new("/usr/bin:/bin").to_owned())
    }
}

/// Settings of every process. What a setting is against: see the threat model, T20 to T25.
const HARDENED: &[(&str, &str)] = &[
    // Nothing in a repository runs a program.
    ("core.hooksPath", "/dev/null"),
    ("core.fsmonitor", "false"),
    ("core.pager", "cat"),
    ("protocol.allow", "never"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("receive.autogc", "false"),
    // Objects are checked when they come in.
    ("transfer.fsckObjects", "true"),
    ("receive.fsckObjects", "true"),
    ("fetch.fsckObjects", "true"),
    ("core.protectHFS", "true"),
    ("core.protectNTFS", "true"),
    // A pack stays a pack: one file to make durable, nothing half-unpacked.
    ("transfer.unpackLimit", "1"),
    ("receive.unpackLimit", "1"),
    ("fetch.unpackLimit", "1"),
    // Memory: large blobs are streamed, and files are mapped in windows that fit the address space.
    ("core.bigFileThreshold", "16m"),
    ("core.packedGitWindowSize", "32m"),
    ("core.packedGitLimit", "256m"),
    ("pack.windowMemory", "64m"),
    ("pack.threads", "2"),
    // A power cut loses nothing: packs, their indexes and refs reach the disk.
    ("core.fsync", "objects,pack-metadata,reference"),
    ("core.fsyncMethod", "fsync"),
    // The whole push is handed to our hook once, and the hook alone decides.
    ("receive.procReceiveRefs", "refs"),
    ("receive.advertisePushOptions", "false"),
    ("receive.advertiseAtomic", "true"),
    ("receive.updateServerInfo", "false"),
    // What refs left behind is nobody's to see or to move.
    ("transfer.hideRefs", "refs/commun"),
    ("receive.denyCurrentBranch", "ignore"),
    ("receive.denyDeletes", "false"),
    ("receive.denyNonFastForwards", "false"),
    // Serving: the filters that bitmaps make cheap, and no ids beyond what refs reach.
    ("uploadpack.allowFilter", "true"),
    ("uploadpackfilter.allow", "false"),
    ("uploadpackfilter.blob:none.allow", "true"),
    ("uploadpackfilter.blob:limit.allow", "true"),
    ("uploadpackfilter.tree.allow", "true"),
    ("uploadpackfilter.tree.maxDepth", "0"),
    ("uploadpack.allowAnySHA1InWant", "false"),
    // More often than a waiting node loses patience (4 s): who counts objects for long is seen to live.
    ("uploadpack.keepAlive", "1"),
    ("transfer.advertiseSID", "false"),
    ("core.logAllRefUpdates", "false"),
    ("fetch.writeCommitGraph", "false"),
    ("submodule.recurse", "false"),
];

/// Whether a ref is kept but not served, by the settings above.
pub(super) fn hidden(name: &str) -> bool {
    HARDENED
        .iter()
        .filter(|(key, _)| ["transfer.hideRefs", "uploadpack.hideRefs"].contains(key))
        .any(|(_, prefix)| {
            name.strip_prefix(prefix).is_some_and(|rest| {
                rest.is_empty() || rest.starts_with('/') || prefix.ends_with('/')
            })
        })
}

/// One line of printable text out of what a program said: for messages and logs.
pub(super) fn clean(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let line = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("; ");
    line.chars()
        .map(|c| if c.is_control() { '?' } else { c })
        .take(500)
        .collect()
}

/// Reads `git version 2.47.3`, also with a vendor's suffix.
fn parse_version(text: &str) -> Option<(u32, u32, u32)> {
    let mut numbers = text
        .strip_prefix("git version ")?
        .split(['.', ' ', '\n', '-'])
        .map_while(|part| part.parse().ok());
    Some((
        numbers.next()?,
        numbers.next()?,
        numbers.next().unwrap_or(0),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_with_and_without_suffixes() {
        assert_eq!(parse_version("git version 2.47.3\n"), Some((2, 47, 3)));
        assert_eq!(
            parse_version("git version 2.39.5 (Apple Git-154)"),
            Some((2, 39, 5))
        );
        assert_eq!(parse_version("git version 2.50.rc1"), Some((2, 50, 0)));
        assert_eq!(parse_version("hg 6"), None);
    }

    #[test]
    fn messages_carry_no_control_characters() {
        assert_eq!(
            clean(b"fatal: \x1b[31mno\n\nhint\n"),
            "fatal: ?[31mno; hint"
        );
    }
}
