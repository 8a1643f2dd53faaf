//! Reading a request as strictly as the protocol wants it.

use super::{Code, Error, Stamp, Verb};

/// Longest value of an argument, in bytes: a token of ours has some 300.
const MAX_VALUE: usize = 2_000;

/// Longest name of a set, in bytes: two names of ours with what joins them.
const MAX_SET: usize = 200;

/// A request that is well formed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// `Identify`.
    Identify,
    /// `ListMetadataFormats`, of one record or of all.
    Formats(Option<String>),
    /// `ListSets`.
    Sets,
    /// `ListIdentifiers` or `ListRecords`: the beginning of a list.
    List(Verb, List),
    /// `ListSets`, `ListIdentifiers` or `ListRecords`: how a list goes on.
    Resume(Verb, String),
    /// `GetRecord`.
    Record {
        /// Which.
        identifier: String,
        /// In which format.
        prefix: String,
    },
}

/// What a list holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// The format.
    pub prefix: String,
    /// The first second, seconds since 1970.
    pub from: Option<u64>,
    /// The last second.
    pub until: Option<u64>,
    /// The set.
    pub set: Option<String>,
}

/// Reads the arguments of a request, in their order, names and values decoded.
///
/// # Errors
/// `badVerb` or `badArgument`; an answer to them does not repeat the arguments.
pub fn request(arguments: &[(String, String)]) -> Result<(Verb, Request), Error> {
    let bad = |what: String| Error::new(Code::BadArgument, what);
    let verbs: Vec<&str> = arguments
        .iter()
        .filter(|(name, _)| name == "verb")
        .map(|(_, v)| v.as_str())
        .collect();
    let verb = match verbs[..] {
        [] => return Err(Error::new(Code::BadVerb, "the argument verb is missing")),
        [one] => Verb::parse(one).ok_or_else(|| {
            Error::new(Code::BadVerb, format!("there is no verb {}", quoted(one)))
        })?,
        _ => {
            return Err(Error::new(
                Code::BadVerb,
                "the argument verb is there more than once",
            ));
        }
    };
    let known: &[&str] = match verb {
        Verb::Identify => &[],
        Verb::ListMetadataFormats => &["identifier"],
        Verb::ListSets => &["resumptionToken"],
        Verb::ListIdentifiers | Verb::ListRecords => {
            &["metadataPrefix", "from", "until", "set", "resumptionToken"]
        }
        Verb::GetRecord => &["identifier", "metadataPrefix"],
    };
    let mut seen: Vec<&str> = Vec::new();
    for (name, value) in arguments.iter().filter(|(name, _)| name != "verb") {
        let name = name.as_str();
        if !known.contains(&name) {
            return Err(bad(format!(
                "{} takes no argument {}",
                verb.as_str(),
                quoted(name)
            )));
        }
        if seen.contains(&name) {
            return Err(bad(format!("the argument {name} is there more than once")));
        }
        if name == "resumptionToken" && value.is_empty() {
            return Err(Error::new(Code::BadResumptionToken, "the token is empty"));
        }
        if value.is_empty() || value.len() > MAX_VALUE {
            return Err(bad(format!("the argument {name} is empty or too long")));
        }
        if name == "metadataPrefix" && !is_word(value) {
            return Err(bad(format!(
                "{} is not the name of a format",
                quoted(value)
            )));
        }
        if name == "set" && !is_set(value) {
            return Err(bad(format!("{} is not the name of a set", quoted(value))));
        }
        seen.push(name);
    }
    let get = |name: &str| {
        let found = arguments.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.clone())
    };
    let need = |name: &str| get(name).ok_or_else(|| bad(format!("the argument {name} is missing")));
    if let Some(token) = get("resumptionToken") {
        return match seen.len() {
            1 => Ok((verb, Request::Resume(verb, token))),
            _ => Err(bad("resumptionToken stands alone beside verb".into())),
        };
    }
    let request = match verb {
        Verb::Identify => Request::Identify,
        Verb::ListMetadataFormats => Request::Formats(get("identifier")),
        Verb::ListSets => Request::Sets,
        Verb::GetRecord => Request::Record {
            identifier: need("identifier")?,
            prefix: need("metadataPrefix")?,
        },
        Verb::ListIdentifiers | Verb::ListRecords => {
            let prefix = need("metadataPrefix")?;
            let stamp = |name: &str| match get(name) {
                None => Ok(None),
                Some(text) => Stamp::parse(&text).map(Some).ok_or_else(|| {
                    bad(format!(
                        "{name} is not a day or a second in UTC: {}",
                        quoted(&text)
                    ))
                }),
            };
            let (from, until) = (stamp("from")?, stamp("until")?);
            if let (Some(from), Some(until)) = (from, until) {
                if from.granularity != until.granularity {
                    return Err(bad("from and until are not of the same granularity".into()));
                }
                if until.seconds < from.seconds {
                    return Err(bad("until is before from".into()));
                }
            }
            Request::List(
                verb,
                List {
                    prefix,
                    from: from.map(|stamp| stamp.seconds),
                    until: until.map(Stamp::last),
                    set: get("set"),
                },
            )
        }
    };
    Ok((verb, request))
}

/// Whether a text is the name of a set as the protocol writes it: words with colons between them (section 2.6).
pub fn is_set(text: &str) -> bool {
    text.len() <= MAX_SET && text.split(':').all(is_word)
}

/// Letters, digits and the marks that an address leaves as they are (RFC 2396, 2.3).
fn is_word(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&b);
    !text.is_empty() && text.bytes().all(plain)
}

fn quoted(text: &str) -> String {
    crate::problem::quoted(text)
}
