//! Why a command did not do what was asked, what to do about it, and the exit code.

use commun_client::Error;

use crate::terminal;

/// The exit codes that are promised; 0 is success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The answer is no: not found, verification failed.
    No = 1,
    /// The command line is wrong.
    Usage = 2,
    /// No node answers.
    Unreachable = 3,
    /// Not allowed, or over a limit.
    Refuse = 4,
    /// The node, or a program that should do the work, failed.
    Fail = 5,
    /// Not built yet.
    NotBuilt = 6,
}

/// A command's end that is not success.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub code: Code,
    /// What is wrong, in a sentence.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

impl Failure {
    /// A failure without a hint.
    pub fn new(code: Code, message: impl Into<String>) -> Failure {
        Failure {
            code,
            message: message.into(),
            hint: None,
        }
    }

    /// Says what to do about it.
    pub fn hint(mut self, hint: impl Into<String>) -> Failure {
        self.hint = Some(hint.into());
        self
    }

    /// Writes it to stderr. The message may hold words from the network.
    pub fn print(&self) {
        terminal::talk(&format!("Error: {}", self.message));
        if let Some(hint) = &self.hint {
            terminal::talk(&format!("Hint: {hint}"));
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        let code = match error.exit_code() {
            1 => Code::No,
            2 => Code::Usage,
            3 => Code::Unreachable,
            4 => Code::Refuse,
            6 => Code::NotBuilt,
            _ => Code::Fail,
        };
        let message = match &error {
            Error::Unreachable { .. } | Error::Url { .. } | Error::Token => {
                sentence(&error.to_string())
            }
            Error::Problem(problem) => match problem.status {
                500.. => format!("The node answers {}: {problem}", problem.status),
                _ => sentence(&problem.to_string()),
            },
            Error::Answer { .. } | Error::Local { .. } => sentence(&error.to_string()),
        };
        let failure = Failure::new(code, message);
        match (&error, error.status()) {
            (Error::Unreachable { .. }, _) => failure.hint("Start it with `commun node run`, or name another node with --node URL or COMMUN_NODE."),
            (Error::Url { .. }, _) => {
                failure.hint("Give --node or COMMUN_NODE a URL such as http://127.0.0.1:8470.")
            }
            (Error::Token, _) => failure.hint("Look at COMMUN_TOKEN, or at keys/admin.token of the data folder."),
            (_, Some(401)) => failure.hint("Put a valid access token into COMMUN_TOKEN; the node's operator makes one with `commun token create`."),
            (Error::Problem(p), Some(403)) if p.detail.as_deref().is_some_and(|d| d.contains("scope")) => failure.hint("Make a token that is good for it: `commun token create PERSON --scope SCOPE`, or one without --scope."),
            (Error::Problem(p), Some(403)) if p.detail.as_deref().is_some_and(|d| d.contains("belongs to")) => failure,
            (_, Some(403)) => failure.hint("Ask the node's operator for the role that allows it (`commun person list` shows yours)."),
            (Error::Answer { .. }, _) => failure.hint("Make sure that the address is a Commun node's, and that both have the same release."),
            _ => failure,
        }
    }
}

/// A library's message as a sentence begins.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}
