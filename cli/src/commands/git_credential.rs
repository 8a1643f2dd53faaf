//! `commun git-credential`: gives Git a short access token when it asks for a password (gitcredentials(7)).
//!
//! The token comes from the person's SSH key: the node asks for a signature, `ssh-keygen` makes it (so that agents and
//! passphrases work), and the node gives a token that is good for pushing for a quarter of an hour. Without a key, the
//! token of the settings is given, to the settings' own node only.

use std::{
    io::{Read, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use clap::ValueEnum;
use commun_client::{Answer, Client};
use commun_specs::{
    key::{PublicKey, SSH_NAMESPACE},
    token::TokenRequest,
};

use super::person::read_key;
use crate::{
    failure::{Code, Failure},
    settings::Settings,
    terminal,
};

/// Largest description that Git gives, in bytes: it has a few lines.
const MAX_ASKED: u64 = 64 << 10;
/// Largest answer of `git config` and `ssh-keygen` that is read, in bytes.
const MAX_SAID: usize = 16 << 10;
/// What the token is good for: Git only ever pushes with it.
const SCOPE: &str = "repository";

/// Give Git a short access token, made with your SSH key
///
/// Git runs this: git config --global credential.https://node.example.helper '!commun git-credential'
///
/// The key is that of --key or COMMUN_KEY, else Git's user.signingkey where gpg.format is ssh. An agent
/// that holds it, or a passphrase, works as with any use of it. Without a key, the access token of
/// COMMUN_TOKEN or of the data folder is given, but only to the node that they are for.
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// File with the SSH key (ed25519), or its public half where an agent has the other
    #[arg(long, value_name = "FILE", env = "COMMUN_KEY", hide_env_values = true)]
    key: Option<PathBuf>,
    /// What Git asks
    #[arg(value_enum)]
    operation: Operation,
}

/// What Git asks of a helper.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    /// A password
    Get,
    /// To keep one: nothing is kept, the next is as quick
    Store,
    /// To forget one: nothing was kept
    Erase,
    /// What else helpers can do: nothing
    Capability,
}

/// Where Git wants to go.
#[derive(Debug, Default, PartialEq, Eq)]
struct Asked {
    protocol: String,
    host: String,
}

/// Does what Git asks.
pub fn run(settings: &Settings, args: Args) -> Result<(), Failure> {
    let mut text = String::new();
    std::io::stdin()
        .take(MAX_ASKED)
        .read_to_string(&mut text)
        .map_err(|cause| Failure::new(Code::Usage, format!("Git's question: {cause}")))?;
    if args.operation != Operation::Get {
        return Ok(());
    }
    let asked = read(&text);
    if !["http", "https"].contains(&asked.protocol.as_str()) || asked.host.is_empty() {
        return Ok(());
    }
    let base = format!("{}://{}/", asked.protocol, asked.host);
    let given = match args.key.clone().or_else(signing_key) {
        Some(key) => Some(with_key(&base, &key)?),
        None => settings.token_for(&base)?.map(|token| (token, None)),
    };
    let Some((token, expires)) = given else {
        // Git asks the next helper, then the person.
        return Ok(());
    };
    if asked.protocol == "http" && !Client::new(&base, None).is_ok_and(|c| is_loopback(&c)) {
        terminal::talk(
            "Note: the access token travels unencrypted; use the node's https URL if it has one.",
        );
    }
    let mut answer = format!("username=commun\npassword={token}\n");
    if let Some(expires) = expires {
        answer.push_str(&format!("password_expiry_utc={expires}\n"));
    }
    let mut out = std::io::stdout().lock();
    // Git that has gone needs no password.
    let _ = out.write_all(answer.as_bytes()).and_then(|()| out.flush());
    Ok(())
}

/// Git's description: lines of `name=value`, ended by an empty one.
fn read(text: &str) -> Asked {
    let mut asked = Asked::default();
    for line in text.lines().take_while(|line| !line.is_empty()) {
        match line.split_once('=') {
            Some(("protocol", value)) => asked.protocol = value.to_owned(),
            Some(("host", value)) => asked.host = value.to_owned(),
            _ => {}
        }
    }
    asked
}

fn is_loopback(client: &Client) -> bool {
    crate::settings::is_local(client)
}

/// A token for a signature, and its end.
fn with_key(base: &str, key: &Path) -> Result<(String, Option<u64>), Failure> {
    let line = public(key)?;
    let public = match line.starts_with("did:key:") {
        true => line.parse(),
        false => PublicKey::from_openssh(&line),
    };
    let public = public.map_err(|cause| {
        Failure::new(Code::Usage, format!("{}: {cause}", key.display()))
            .hint("Use an ed25519 key, as it is enrolled.")
    })?;
    let client = Client::new(base, None)?;
    let host = host(&client);
    let challenge = client.challenge(&line)?;
    let odd = |what: &str| {
        Failure::new(
            Code::Fail,
            format!("The answer from {base} cannot be used: {what}"),
        )
    };
    let request = TokenRequest {
        commons: challenge
            .commons
            .parse()
            .map_err(|_| odd("its commons is no id"))?,
        node: challenge
            .node
            .parse()
            .map_err(|_| odd("its node is no key"))?,
        // What this program asked for, never what the answer says: see `commun_specs::token`.
        host: &host,
        key: public,
        nonce: &challenge.nonce,
        scopes: SCOPE,
        seconds: challenge.seconds,
    };
    let message = request.message().ok_or_else(|| odd("its nonce is none"))?;
    let signature = sign(key, &message)?;
    let token = client.answer(&Answer {
        key: &line,
        nonce: &challenge.nonce,
        signature: &signature,
        scope: SCOPE,
        expires_in: challenge.seconds,
    })?;
    // What Git reads line by line holds no line of its own.
    let plain = !token.token.is_empty() && token.token.bytes().all(|b| b.is_ascii_graphic());
    if !plain {
        return Err(odd("its token is none"));
    }
    Ok((token.token.clone(), token.expires))
}

/// The host as the client names it in its requests: with the port, unless it is the scheme's own.
fn host(client: &Client) -> String {
    let base = client.base();
    let name = base.host_str().unwrap_or_default();
    match base.port() {
        Some(port) => format!("{name}:{port}"),
        None => name.to_owned(),
    }
}

/// The public half of a key file: the file itself, or the one beside it.
fn public(key: &Path) -> Result<String, Failure> {
    let mut beside = key.as_os_str().to_owned();
    beside.push(".pub");
    let beside = PathBuf::from(beside);
    if beside.is_file() {
        return read_key(&beside);
    }
    read_key(key)
}

/// Signs with `ssh-keygen`, which knows agents and asks for passphrases.
fn sign(key: &Path, message: &[u8]) -> Result<String, Failure> {
    let failed = |what: String| {
        Failure::new(Code::Fail, format!("ssh-keygen cannot sign: {what}")).hint(
            "It signs with the key file, or with the agent that has the key; `ssh-add -l` lists what that has.",
        )
    };
    let mut child = Command::new("ssh-keygen")
        .args(["-q", "-Y", "sign", "-n", SSH_NAMESPACE, "-f"])
        .arg(key)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|cause| failed(cause.to_string()))?;
    // The message is shorter than a pipe holds, so writing it before reading cannot wait for ever.
    if let Some(mut input) = child.stdin.take() {
        let _ = input.write_all(message);
    }
    let done = child
        .wait_with_output()
        .map_err(|cause| failed(cause.to_string()))?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr);
        return Err(failed(terminal::line(said.trim())));
    }
    String::from_utf8(done.stdout)
        .ok()
        .filter(|text| text.len() <= MAX_SAID)
        .ok_or_else(|| failed("it prints no signature".to_owned()))
}

/// The key that Git signs with, if that is an SSH key in a file.
fn signing_key() -> Option<PathBuf> {
    let setting = |args: &[&str]| {
        let done = Command::new("git")
            .args(["config", "--get"])
            .args(args)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output()
            .ok()?;
        let text = String::from_utf8(done.stdout).ok()?;
        let text = text.trim_end_matches('\n').to_owned();
        (done.status.success() && !text.is_empty() && text.len() <= MAX_SAID).then_some(text)
    };
    if setting(&["gpg.format"])? != "ssh" {
        return None;
    }
    // A key that is written out in the settings is in no file: the agent's, which --key can name.
    let path = PathBuf::from(setting(&["--type=path", "user.signingkey"])?);
    path.is_file().then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_description_ends_with_an_empty_line() {
        let text = "protocol=https\nhost=git.example:8470\nusername=x\n\nhost=other\n";
        let asked = read(text);
        assert_eq!(
            (asked.protocol.as_str(), asked.host.as_str()),
            ("https", "git.example:8470")
        );
        assert_eq!(read("nonsense"), Asked::default());
    }

    #[test]
    fn the_host_is_the_one_of_the_request() {
        for (url, expected) in [
            ("https://git.example:443/", "git.example"),
            ("https://git.example:8470/", "git.example:8470"),
            ("http://[::1]:80/", "[::1]"),
        ] {
            assert_eq!(host(&Client::new(url, None).unwrap()), expected);
        }
    }
}
