//! The peer for Git over HTTP: Git's own `http-backend` behind Apache.

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, ensure};

use super::processor::{self, BACKEND, COUNTED, LOG};
use crate::{content::git, federation::wait_until, http, process::die_with_parent};

/// Where Debian has Apache's modules.
const MODULES: &str = "/usr/lib/apache2/modules";

/// Where a repository is served.
#[derive(Debug)]
pub(super) struct Served {
    /// By Git's own program.
    pub(super) url: String,
    /// By the same, its processor time noted.
    pub(super) counted: String,
}

/// A running Apache that serves the bare repositories of a folder, for reading and writing.
#[derive(Debug)]
pub(super) struct Apache {
    child: Child,
    port: u16,
    folder: tempfile::TempDir,
    user: Option<&'static str>,
}

impl Apache {
    /// Starts it on a free port.
    pub(super) fn start() -> Result<Self> {
        let program = ["/usr/sbin/apache2", "/usr/bin/apache2"]
            .iter()
            .map(Path::new)
            .find(|p| p.is_file());
        let program = program.context("apache2 is not installed (run .ci/setup bench)")?;
        ensure!(
            Path::new(MODULES).is_dir(),
            "Apache's modules are not in {MODULES}"
        );
        let backend = PathBuf::from(git(Path::new("/"), None, &["--exec-path"])?.trim());
        ensure!(
            backend.join("git-http-backend").is_file(),
            "this Git comes without git-http-backend"
        );
        let folder = tempfile::Builder::new()
            .prefix("commun-apache-")
            .tempdir()?;
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
        fs::create_dir(folder.path().join("git"))?;
        fs::copy(std::env::current_exe()?, folder.path().join(COUNTED))?;
        let log = folder.path().join("processor.log");
        fs::write(&log, "")?;
        fs::set_permissions(&log, fs::Permissions::from_mode(0o666))?;
        // Apache gives up root's rights, and refuses to keep them.
        // SAFETY: geteuid has no preconditions and touches no memory.
        #[allow(unsafe_code, reason = "std has no user ids")]
        let user = (unsafe { libc::geteuid() } == 0).then_some("www-data");
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let config = folder.path().join("apache.conf");
        fs::write(&config, configuration(folder.path(), &backend, port, user))?;
        let mut command = Command::new(program);
        command.arg("-f").arg(&config).arg("-DFOREGROUND");
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        die_with_parent(&mut command);
        let child = command.spawn().context("apache2")?;
        let it = Self {
            child,
            port,
            folder,
            user,
        };
        wait_until("Apache answers", || Ok(http::get(port, "/", &[]).is_ok())).with_context(
            || fs::read_to_string(it.folder.path().join("error.log")).unwrap_or_default(),
        )?;
        Ok(it)
    }

    /// The process that answers.
    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Processor seconds of all CGI programs whose time is noted.
    pub(super) fn noted(&self) -> Result<f64> {
        processor::noted(&self.folder.path().join("processor.log"))
    }

    /// Sets something of a repository that is served.
    pub(super) fn configure(&self, name: &str, key: &str, value: &str) -> Result<()> {
        let folder = self.folder.path().join("git").join(name);
        let safe = format!("safe.directory={}", folder.display());
        git(&folder, None, &["-c", &safe, "config", key, value])?;
        Ok(())
    }

    /// Serves a bare copy of a local repository; gives its addresses.
    pub(super) fn serve(&self, local: &Path, name: &str) -> Result<Served> {
        let copy = self.folder.path().join("git").join(name);
        git(
            self.folder.path(),
            None,
            &[
                "clone",
                "--quiet",
                "--bare",
                "--no-local",
                &local.to_string_lossy(),
                &copy.to_string_lossy(),
            ],
        )?;
        git(&copy, None, &["config", "http.receivepack", "true"])?;
        // As durable as the node is.
        git(&copy, None, &["config", "core.fsync", "committed"])?;
        if let Some(user) = self.user {
            let done = Command::new("chown")
                .args(["-R", user])
                .arg(&copy)
                .status()?;
            ensure!(done.success(), "chown {user}: {done}");
        }
        Ok(Served {
            url: format!("http://127.0.0.1:{}/{name}", self.port),
            counted: format!("http://127.0.0.1:{}/counted/{name}", self.port),
        })
    }
}

impl Drop for Apache {
    fn drop(&mut self) {
        crate::process::terminate(self.child.id());
        let _ = self.child.wait();
    }
}

fn configuration(folder: &Path, backend: &Path, port: u16, user: Option<&str>) -> String {
    let (folder, backend) = (folder.display(), backend.display());
    let user = user.map_or(String::new(), |u| format!("User {u}\nGroup {u}\n"));
    let modules: String = [
        "mpm_event",
        "authz_core",
        "cgid",
        "alias",
        "setenvif",
        "env",
    ]
    .iter()
    .map(|m| format!("LoadModule {m}_module {MODULES}/mod_{m}.so\n"))
    .collect();
    format!(
        "ServerRoot {folder}\nServerName localhost\nListen 127.0.0.1:{port}\nPidFile {folder}/apache.pid\n\
         ErrorLog {folder}/error.log\n{modules}ScriptSock {folder}/cgi.sock\n{user}\
         SetEnv GIT_PROJECT_ROOT {folder}/git\nSetEnv GIT_HTTP_EXPORT_ALL 1\nSetEnv GIT_CONFIG_NOSYSTEM 1\n\
         SetEnv GIT_CONFIG_GLOBAL /dev/null\nSetEnv GIT_CONFIG_COUNT 1\nSetEnv GIT_CONFIG_KEY_0 safe.directory\n\
         SetEnv GIT_CONFIG_VALUE_0 *\nSetEnvIf Git-Protocol \".*\" GIT_PROTOCOL=$0\n\
         SetEnv {BACKEND} {backend}/git-http-backend\nSetEnv {LOG} {folder}/processor.log\n\
         ScriptAlias /counted/ {folder}/{COUNTED}/\nScriptAlias / {backend}/git-http-backend/\n\
         <Directory \"{backend}\">\nRequire all granted\nOptions +ExecCGI\n</Directory>\n\
         <Directory \"{folder}\">\nRequire all granted\nOptions +ExecCGI\n</Directory>\n"
    )
}
