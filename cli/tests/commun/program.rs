//! The programs under test, with an environment of their own.

use std::{
    path::Path,
    process::{Command, Output},
};

pub const COMMUN: &str = env!("CARGO_BIN_EXE_commun");
pub const GIT_REMOTE: &str = env!("CARGO_BIN_EXE_git-remote-commun");

/// A program that sees nothing of the caller's settings.
pub fn clean(program: &Path, home: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("HOME", home)
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .current_dir(home);
    command
}

/// `commun` with a node and a token.
pub fn commun(home: &Path, node: &str) -> Command {
    let mut command = clean(Path::new(COMMUN), home);
    command
        .env("COMMUN_NODE", node)
        .env("COMMUN_TOKEN", "secret");
    command
}

/// What a run left: exit code, stdout, stderr.
pub fn run(command: &mut Command) -> (i32, String, String) {
    // A program that was just copied is busy while another test's child, not yet a program of its own, still shares
    // the descriptor that wrote it: milliseconds.
    let Output {
        status,
        stdout,
        stderr,
    } = loop {
        match command.output() {
            Err(e) if e.kind() == std::io::ErrorKind::ExecutableFileBusy => {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            done => break done.unwrap(),
        }
    };
    (
        status.code().expect("the program ended by itself"),
        String::from_utf8(stdout).unwrap(),
        String::from_utf8(stderr).unwrap(),
    )
}

/// Runs words as a shell would split them, without quotes.
pub fn type_in(home: &Path, node: &str, line: &str) -> (i32, String, String) {
    run(commun(home, node).args(line.split_whitespace()))
}
