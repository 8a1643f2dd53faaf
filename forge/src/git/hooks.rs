//! The one hook: `proc-receive`, which hands a push to the node.

use std::fs;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::repos::sync_folder;

/// What a push's hook is told.
#[derive(Debug, Clone, Default)]
pub struct HookEnv {
    /// The folder that [`install_hooks`] wrote.
    pub hooks: PathBuf,
    /// Environment of the hook: where the node listens, which push this is, a secret. Names must not begin
    /// with `GIT_`.
    pub vars: Vec<(String, String)>,
}

/// Writes `proc-receive` into `folder`: it runs `<program> hook`. Call it at each start, because the
/// program may have moved. The file is replaced whole, so that a push in flight finds one or the other.
///
/// A script of one `exec` line: it costs under a millisecond, and needs no program that looks at its name.
pub fn install_hooks(folder: &Path, program: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut script = b"#!/bin/sh\nexec ".to_vec();
    quote(program.as_os_str().as_bytes(), &mut script);
    script.extend_from_slice(b" hook\n");
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(&script)?;
    file.as_file()
        .set_permissions(fs::Permissions::from_mode(0o755))?;
    file.as_file().sync_all()?;
    file.persist(folder.join("proc-receive"))?;
    sync_folder(folder)
}

/// Writes `word` in single quotes, as sh reads them.
fn quote(word: &[u8], out: &mut Vec<u8>) {
    out.push(b'\'');
    for byte in word {
        match byte {
            b'\'' => out.extend_from_slice(b"'\\''"),
            _ => out.push(*byte),
        }
    }
    out.push(b'\'');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hook_runs_a_program_whose_path_has_quotes_and_spaces() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("it's a $(node)");
        fs::write(&program, "#!/bin/sh\nprintf '%s' \"$1\"\n").unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let hooks = folder.path().join("hooks");
        install_hooks(&hooks, &program).unwrap();
        install_hooks(&hooks, &program).unwrap();
        let output = std::process::Command::new(hooks.join("proc-receive"))
            .output()
            .unwrap();
        assert_eq!(output.stdout, b"hook");
        assert_eq!(fs::read_dir(&hooks).unwrap().count(), 1);
    }
}
