//! A folder of repositories for tests, and the system's Git as the other side.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Git, HookEnv, Limits, Oid, Repos, Repository};

/// Repositories in a folder that is removed at the end.
pub(super) struct Bench {
    pub(super) repos: Repos,
    folder: tempfile::TempDir,
}

impl Bench {
    pub(super) fn new() -> Self {
        Self::with(Limits::default())
    }

    pub(super) fn with(limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let git = Git::new(limits).unwrap();
        let repos = Repos::open(git, folder.path()).unwrap();
        Self { repos, folder }
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs Git in a repository and answers its output without the last newline.
    pub(super) fn git(&self, repo: &Repository, args: &[&str]) -> String {
        self.git_with(repo, args, b"")
    }

    pub(super) fn git_with(&self, repo: &Repository, args: &[&str], input: &[u8]) -> String {
        let mut child = client(repo.path())
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "git {args:?}");
        String::from_utf8(output.stdout)
            .unwrap()
            .trim_end()
            .to_owned()
    }

    /// Makes a commit with these files on top of a ref (or as its first), and moves the ref there.
    pub(super) fn commit(&self, repo: &Repository, name: &str, files: &[(&str, &[u8])]) -> Oid {
        let mut script =
            format!("commit {name}\ncommitter Ana <ana@example.org> 1700000000 +0000\n");
        script.push_str("data 4\nwork\n");
        let tip = client(repo.path())
            .args(["rev-parse", "-q", "--verify", name])
            .output()
            .unwrap();
        if tip.status.success() {
            script.push_str(&format!("from {name}^0\n"));
        }
        let mut script = script.into_bytes();
        for (path, bytes) in files {
            script.extend(format!("M 100644 inline {path}\ndata {}\n", bytes.len()).bytes());
            script.extend_from_slice(bytes);
            script.push(b'\n');
        }
        self.git_with(repo, &["fast-import", "--quiet"], &script);
        Oid::parse(&self.git(repo, &["rev-parse", name])).unwrap()
    }

    /// Hooks that take every ref, in shell: the dialogue of a push of one ref.
    pub(super) fn hook(&self, script: &str) -> HookEnv {
        let hooks = self.folder().join("hooks");
        let program = self.folder().join("node");
        std::fs::write(&program, script).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&program, mode).unwrap();
        super::install_hooks(&hooks, &program).unwrap();
        HookEnv {
            hooks,
            vars: Vec::new(),
        }
    }

    /// A request that creates or moves one ref, with the objects that `range` names.
    pub(super) fn push_request(
        &self,
        from: &Repository,
        commands: &[(&str, &str, &str)],
        range: &str,
    ) -> Vec<u8> {
        let mut body = Vec::new();
        for (index, (old, new, name)) in commands.iter().enumerate() {
            let caps = if index == 0 {
                "\0 report-status side-band-64k agent=test"
            } else {
                ""
            };
            super::pktline::write(&mut body, format!("{old} {new} {name}{caps}").as_bytes());
        }
        super::pktline::flush(&mut body);
        let mut pack = client(from.path())
            .args(["pack-objects", "--revs", "--stdout", "-q", "--thin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut pack.stdin.take().unwrap(), range.as_bytes()).unwrap();
        body.extend(pack.wait_with_output().unwrap().stdout);
        body
    }

    /// Everything below the repository's `objects`, for "nothing was stored".
    pub(super) fn objects(&self, repo: &Repository) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![repo.path().join("objects")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path.clone());
                }
                found.push(path);
            }
        }
        found.sort();
        found
    }
}

/// The all-zero id of a ref that is not there.
pub(super) const ZERO: &str = "0000000000000000000000000000000000000000";

/// A hook that says ok to the refs of a push, through the real dialogue; it speaks to at most nine refs
/// and reads Git's lines with dd, so that it needs no more than a POSIX shell.
pub(super) const TAKE_ALL: &str = r#"#!/bin/sh
line() {
    length=$(dd bs=1 count=4 2>/dev/null)
    length=$((0x$length))
    text=
    if [ "$length" -gt 4 ]; then text=$(dd bs=1 count=$((length - 4)) 2>/dev/null | tr '\0' ' '); fi
}
say() { printf '%04x%s' $((${#1} + 4)) "$1"; }
line; line
say version=1
printf 0000
names=
line
while [ "$length" -gt 0 ]; do
    set -- $text
    if [ "$2" = 0000000000000000000000000000000000000000 ]
    then git update-ref -d "$3" "$1"
    else git update-ref "$3" "$2" "$1"
    fi
    names="$names $3"
    line
done
for name in $names; do say "ok $name"; done
printf 0000
"#;

fn client(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .current_dir(folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null");
    command
}

/// The node runs these on any thread: this compiles only if they may move.
#[test]
fn every_future_may_move_between_threads() {
    fn movable<T: Send>(_: impl FnOnce(&'static Repository) -> T) {}
    const STALL: std::time::Duration = std::time::Duration::from_secs(1);
    fn stream() -> tokio::io::DuplexStream {
        tokio::io::duplex(64).0
    }
    movable(|repo| repo.refs());
    movable(|repo| repo.update_refs(&[]));
    movable(|repo| repo.holds(&[]));
    movable(|repo| repo.info_refs(super::ServiceKind::UploadPack, None));
    movable(|repo| {
        let ask = super::Ask {
            wanted: &[],
            known: &[],
            holder: "",
            stall: STALL,
        };
        repo.fetch(stream(), ask)
    });
    movable(|repo| repo.give(stream(), STALL));
    movable(|repo| repo.answer(&[]));
    movable(|repo| repo.serve_upload_pack(stream(), STALL));
    movable(|repo| async move {
        repo.check_push(&[], &Default::default()).await.is_ok()
            && repo.set_refs(&Default::default()).await.is_ok()
    });
    movable(|repo| async move {
        let hook = HookEnv::default();
        let none: &[u8] = &[];
        let pushed = repo
            .receive_pack(&hook)
            .run(none, Vec::new(), STALL)
            .await
            .is_ok();
        let served = repo
            .upload_pack(None)
            .await
            .unwrap()
            .run(none, Vec::new(), STALL)
            .await;
        pushed && served.is_ok()
    });
}
