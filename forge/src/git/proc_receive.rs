//! The dialogue of Git's `proc-receive` hook (githooks(5), gitformat-pack's pkt-lines).
//!
//! ```text
//! git: version=1\0<capabilities>  flush        hook: version=1  flush
//! git: <old> <new> <ref> …        flush        hook: ok <ref> [option …] | ng <ref> <reason> …  flush
//! ```
//!
//! A ref that was taken and stands under another name than the pusher gave is reported by options (report-status-v2):
//! a client that knows them shows the other name, an older one shows the push as done.
//!
//! The hook is called once per push, after the objects have left quarantine, with all commands.
//! [`Session`] is synchronous: the hook is a small process of its own.

use std::io::{self, Read, Write};

use super::command::clean;
use super::pktline::{self, Malformed};
use super::{ObjectFormat, Oid};

/// The most commands that are read; above every limit on refs per push, so that the limit is what speaks.
const MAX_COMMANDS: usize = 10_000;

/// One ref that a push wants to change, as Git sent it: the name is not checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// What the pusher believes the ref to be; `None` means not there.
    pub old: Option<Oid>,
    /// What it shall be; `None` deletes it.
    pub new: Option<Oid>,
    /// The full name.
    pub name: String,
}

/// What the node decided about one ref.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The ref has its new value.
    Ok,
    /// It was taken, and what it made stands elsewhere.
    Elsewhere(Elsewhere),
    /// It has not, and why: one short line that the pusher reads.
    Refused(String),
}

/// What a command moved in place of the ref that it named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// The full name of the ref that has the new value.
    pub name: String,
    /// What that ref was; `None` means not there.
    pub old: Option<Oid>,
    /// What it is now.
    pub new: Option<Oid>,
}

/// Git did not speak as its manual says, or went away.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The pipe to Git broke.
    #[error("cannot talk to git")]
    Io(#[from] io::Error),
    /// Not the dialogue of version 1.
    #[error("git speaks another proc-receive dialogue: {0}")]
    Dialogue(&'static str),
}

impl From<Malformed> for Error {
    fn from(_: Malformed) -> Self {
        Self::Dialogue("malformed packet line")
    }
}

/// A push that waits for its verdict. Dropped without one, Git reports every ref as failed.
#[derive(Debug)]
pub struct Session<W> {
    output: W,
    commands: Vec<Command>,
    atomic: bool,
}

impl<W: Write> Session<W> {
    /// Agrees on the version and reads the commands.
    pub fn begin(mut input: impl Read, mut output: W) -> Result<Self, Error> {
        let hello = section(&mut input, 16)?;
        let first = hello.first().ok_or(Error::Dialogue("no version"))?;
        let text = String::from_utf8_lossy(first);
        let (version, capabilities) = text
            .trim_end()
            .split_once('\0')
            .unwrap_or((text.trim_end(), ""));
        if version != "version=1" {
            return Err(Error::Dialogue("version is not 1"));
        }
        let atomic = capabilities.split(' ').any(|word| word == "atomic");
        let mut answer = Vec::new();
        pktline::write(
            &mut answer,
            if atomic {
                b"version=1\0atomic"
            } else {
                b"version=1"
            },
        );
        pktline::flush(&mut answer);
        output.write_all(&answer)?;
        output.flush()?;
        let lines = section(&mut input, MAX_COMMANDS)?;
        let commands = lines
            .iter()
            .map(|line| command(line))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            output,
            commands,
            atomic,
        })
    }

    /// What the push wants.
    pub fn commands(&self) -> &[Command] {
        &self.commands
    }

    /// Whether the pusher said `--atomic`: one refusal must refuse all.
    pub fn atomic(&self) -> bool {
        self.atomic
    }

    /// Tells Git the answers, one per command in their order; a command without one is refused.
    pub fn finish(mut self, answers: &[Answer]) -> Result<(), Error> {
        let mut out = Vec::new();
        for (index, command) in self.commands.iter().enumerate() {
            let line = match answers.get(index) {
                Some(Answer::Ok | Answer::Elsewhere(_)) => format!("ok {}", command.name),
                Some(Answer::Refused(why)) => {
                    format!("ng {} {}", command.name, reason(why))
                }
                None => format!("ng {} no answer from the node", command.name),
            };
            pktline::write(&mut out, line.as_bytes());
            if let Some(Answer::Elsewhere(there)) = answers.get(index) {
                let zero = zero(command);
                let oid = |oid: &Option<Oid>| oid.as_ref().map_or(zero, Oid::as_str).to_owned();
                for option in [
                    format!("option refname {}", there.name),
                    format!("option old-oid {}", oid(&there.old)),
                    format!("option new-oid {}", oid(&there.new)),
                ] {
                    pktline::write(&mut out, option.as_bytes());
                }
            }
        }
        pktline::flush(&mut out);
        self.output.write_all(&out)?;
        self.output.flush()?;
        Ok(())
    }
}

/// A reason as one line; an empty one would make the line unreadable for Git.
pub(super) fn reason(why: &str) -> String {
    match clean(why.as_bytes()) {
        line if line.is_empty() => "refused".to_owned(),
        line => line,
    }
}

/// How Git writes "not there" in the repository that a command is for.
fn zero(command: &Command) -> &'static str {
    const ZEROS: &str = "0000000000000000000000000000000000000000000000000000000000000000";
    let some = command.new.as_ref().or(command.old.as_ref());
    &ZEROS[..some.map_or(40, |oid| oid.as_str().len())]
}

/// Reads lines to the flush.
fn section(input: &mut impl Read, max: usize) -> Result<Vec<Vec<u8>>, Error> {
    let mut lines = Vec::new();
    loop {
        let mut digits = [0; 4];
        input.read_exact(&mut digits)?;
        let Some(length) = pktline::header(digits)? else {
            return Ok(lines);
        };
        if lines.len() == max {
            return Err(Error::Dialogue("too many lines"));
        }
        let mut line = vec![0; length];
        input.read_exact(&mut line)?;
        lines.push(line);
    }
}

fn command(line: &[u8]) -> Result<Command, Error> {
    let text = std::str::from_utf8(line).map_err(|_| Error::Dialogue("a ref name is not UTF-8"))?;
    let mut parts = text.trim_end_matches('\n').splitn(3, ' ');
    let (Some(old), Some(new), Some(name)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(Error::Dialogue("a command is not 'old new ref'"));
    };
    let format = if old.len() == 64 {
        ObjectFormat::Sha256
    } else {
        ObjectFormat::Sha1
    };
    let oid = |digits| {
        Oid::parse_wire(digits, format).map_err(|_| Error::Dialogue("an object id is malformed"))
    };
    Ok(Command {
        old: oid(old)?,
        new: oid(new)?,
        name: name.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "1111111111111111111111111111111111111111";
    const ZERO: &str = "0000000000000000000000000000000000000000";

    fn lines(all: &[&str]) -> Vec<u8> {
        let mut out = Vec::new();
        for line in all {
            match *line {
                "" => pktline::flush(&mut out),
                line => pktline::write(&mut out, line.as_bytes()),
            }
        }
        out
    }

    #[test]
    fn a_whole_push_is_read_and_answered_ref_by_ref() {
        let input = lines(&[
            "version=1\0push-options atomic",
            "",
            &format!("{ZERO} {ONE} refs/heads/main"),
            &format!("{ONE} {ZERO} refs/tags/v 1\n"),
            &format!("{ZERO} {ONE} refs/heads/side"),
            "",
        ]);
        let mut output = Vec::new();
        let session = Session::begin(&input[..], &mut output).unwrap();
        assert!(session.atomic());
        assert_eq!(session.commands()[0].new.as_ref().unwrap().as_str(), ONE);
        assert_eq!(session.commands()[1].name, "refs/tags/v 1");
        assert_eq!(session.commands()[1].new, None);
        let refused = Answer::Refused("not\nyours".to_owned());
        let elsewhere = Answer::Elsewhere(Elsewhere {
            name: "refs/waiting/a/heads/side".to_owned(),
            old: None,
            new: Some(Oid::parse(ONE).unwrap()),
        });
        session.finish(&[Answer::Ok, refused, elsewhere]).unwrap();
        let expected = lines(&[
            "version=1\0atomic",
            "",
            "ok refs/heads/main",
            "ng refs/tags/v 1 not; yours",
            "ok refs/heads/side",
            "option refname refs/waiting/a/heads/side",
            &format!("option old-oid {ZERO}"),
            &format!("option new-oid {ONE}"),
            "",
        ]);
        assert_eq!(output, expected);
    }

    #[test]
    fn a_dialogue_that_is_not_gits_is_refused() {
        let short = format!("{ZERO} 12 refs/heads/main");
        let many = vec!["x"; 20];
        for bad in [
            lines(&["version=2", ""]),
            lines(&[""]),
            lines(&["version=1", "", &short, ""]),
            lines(&["version=1", "", ONE, ""]),
            lines(&many),
            lines(&["version=1"]),
        ] {
            assert!(Session::begin(&bad[..], Vec::new()).is_err());
        }
    }
}
