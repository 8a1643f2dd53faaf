//! What a client may ask for: one of two programs with the name of a repository.

use commun_forge::git::ServiceKind;

/// Longest command: both names are bounded, and no shell reads the rest.
const MAX_COMMAND: usize = 512;

/// Why a command is not run, in a sentence for whoever typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoCommand {
    /// Another program.
    #[error("this node runs git-upload-pack and git-receive-pack over SSH, and nothing else")]
    Program,
    /// A program of Git that is not served.
    #[error(
        "git archive is not served over SSH; clone the repository, or load an archive over HTTP"
    )]
    Archive,
    /// What follows is not the name of a repository.
    #[error("not the path of a repository: write ssh://git@HOST:PORT/handle/slug.git")]
    Path,
}

/// A command that is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Which side of Git's protocol.
    pub kind: ServiceKind,
    /// The first part of the repository's name, in form only.
    pub handle: String,
    /// The second.
    pub slug: String,
}

/// Reads a command as Git's clients send it: `git-upload-pack '/handle/slug.git'`.
pub fn read(command: &[u8]) -> Result<Asked, NoCommand> {
    let text = std::str::from_utf8(command)
        .ok()
        .filter(|text| text.len() <= MAX_COMMAND)
        .ok_or(NoCommand::Program)?;
    // Very old clients write a space where newer ones write a hyphen.
    let text = text.strip_prefix("git ").or(text.strip_prefix("git-"));
    let (program, path) = text
        .map(|text| text.split_once(' ').unwrap_or((text, "")))
        .ok_or(NoCommand::Program)?;
    let kind = match program {
        "upload-pack" => ServiceKind::UploadPack,
        "receive-pack" => ServiceKind::ReceivePack,
        "upload-archive" => return Err(NoCommand::Archive),
        _ => return Err(NoCommand::Program),
    };
    let (handle, slug) = name(path).ok_or(NoCommand::Path)?;
    Ok(Asked { kind, handle, slug })
}

/// The name in a path, quoted as Git quotes or not at all. A name has no character that a shell would read.
fn name(path: &str) -> Option<(String, String)> {
    let bare = match path.strip_prefix('\'') {
        Some(rest) => rest.strip_suffix('\'')?,
        None => path,
    };
    let bare = bare.strip_prefix('/').unwrap_or(bare);
    let bare = bare.strip_suffix('/').unwrap_or(bare);
    let bare = bare.strip_suffix(".git").unwrap_or(bare);
    let (handle, slug) = bare.split_once('/')?;
    let plain = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    (plain(handle) && plain(slug)).then(|| (handle.to_owned(), slug.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_of_git_clients_are_read() {
        let asked = |kind| {
            Ok(Asked {
                kind,
                handle: "univ-a".to_owned(),
                slug: "algebre".to_owned(),
            })
        };
        for path in [
            "'/univ-a/algebre.git'",
            "'univ-a/algebre.git'",
            "'/univ-a/algebre'",
            "'/univ-a/algebre/'",
            "/univ-a/algebre.git",
        ] {
            let upload = format!("git-upload-pack {path}");
            assert_eq!(
                read(upload.as_bytes()),
                asked(ServiceKind::UploadPack),
                "{path}"
            );
        }
        assert_eq!(
            read(b"git receive-pack '/univ-a/algebre.git'"),
            asked(ServiceKind::ReceivePack)
        );
    }

    #[test]
    fn nothing_else_is() {
        let long = format!("git-upload-pack '/{}/bb.git'", "a".repeat(600));
        for (command, why) in [
            ("", NoCommand::Program),
            ("sh", NoCommand::Program),
            ("scp -t /", NoCommand::Program),
            ("git-shell", NoCommand::Program),
            (&long, NoCommand::Program),
            ("git-upload-archive '/aa/bb.git'", NoCommand::Archive),
            ("git-upload-pack", NoCommand::Path),
            ("git-upload-pack ''", NoCommand::Path),
            ("git-upload-pack '/aa'", NoCommand::Path),
            ("git-upload-pack '/aa/bb/cc.git'", NoCommand::Path),
            ("git-upload-pack '/../etc/passwd'", NoCommand::Path),
            ("git-upload-pack '/aa/../bb.git'", NoCommand::Path),
            ("git-upload-pack --strict '/aa/bb.git'", NoCommand::Path),
            ("git-upload-pack '/aa/bb.git'; id", NoCommand::Path),
            ("git-upload-pack '/aa/bb.git' '/aa/cc.git'", NoCommand::Path),
            ("git-upload-pack '/aa/$(id).git'", NoCommand::Path),
            ("git-upload-pack '/aa/bb.git", NoCommand::Path),
            ("git-upload-pack  '/aa/bb.git'", NoCommand::Path),
        ] {
            assert_eq!(read(command.as_bytes()), Err(why), "{command:?}");
        }
        assert_eq!(
            read(b"git-upload-pack '/aa/\xff.git'"),
            Err(NoCommand::Program)
        );
    }
}
