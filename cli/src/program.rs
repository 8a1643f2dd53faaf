//! The programs beside this one, which do what touches a data folder.

use std::{
    ffi::OsString,
    io,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::failure::{Code, Failure};

/// Becomes the program `name` of this program's own folder, after a check that both are of one release. Signals and
/// the terminal then are that program's. Returns only if that did not work.
pub fn become_program(name: &str, arguments: Vec<OsString>) -> Failure {
    match find(name) {
        Ok(path) => {
            let cause = Command::new(&path).args(arguments).exec();
            Failure::new(
                Code::Fail,
                format!("Cannot execute {}: {cause}", path.display()),
            )
        }
        Err(failure) => failure,
    }
}

/// The program's path, if it is there and of this release.
fn find(name: &str) -> Result<PathBuf, Failure> {
    let here = std::env::current_exe().map_err(|cause| {
        Failure::new(
            Code::Fail,
            format!("Cannot find this program's folder: {cause}"),
        )
    })?;
    let path = here.parent().unwrap_or(Path::new("/")).join(name);
    let expected = format!("{name} {}", env!("CARGO_PKG_VERSION"));
    let output = Command::new(&path)
        .arg("--version")
        .stdin(Stdio::null())
        .output();
    let output = output.map_err(|cause| match cause.kind() {
        io::ErrorKind::NotFound => Failure::new(Code::Fail, format!("The program {name} is not beside this one: {}", path.display()))
            .hint("All programs of Commun belong into one folder; install them together (`cargo build --workspace` makes all)."),
        _ => Failure::new(Code::Fail, format!("Cannot execute {}: {cause}", path.display())),
    })?;
    let said = String::from_utf8_lossy(&output.stdout);
    if output.status.success() && said.trim() == expected {
        return Ok(path);
    }
    let said = said.lines().next().unwrap_or("nothing").trim();
    Err(Failure::new(
        Code::Fail,
        format!("The programs are not of one release: this one is {}, and {name} says it is \"{said}\".", env!("CARGO_PKG_VERSION")),
    )
    .hint("Install all programs of one release into one folder."))
}
