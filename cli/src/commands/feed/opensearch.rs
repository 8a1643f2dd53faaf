//! `commun feed opensearch`.

use std::{collections::HashMap, time::SystemTime};

use commun_client::{
    Action, Changes, Client, Credentials, Engine, EngineError, Error, ItemRef, Noted, Outcome,
    Status,
};
use serde_json::{Value, json};

use super::{
    document::{self, document},
    patience::Patience,
};
use crate::{
    failure::{Code, Failure},
    settings::Settings,
    terminal,
};

/// Most bytes of one bulk request: engines advise 5 to 15 MB, and refuse 100 MB.
const MAX_BYTES: usize = 5 << 20;
/// Seconds of a long poll: what a node waits at most.
const WAIT: u64 = 30;
/// How often an index is taken over from another feed that writes in between.
const MAX_LOOKS: u32 = 10;
/// Most refused items that are named at once.
const MAX_NAMED: usize = 5;

/// Keep an OpenSearch or Elasticsearch index current with all that the node shows
///
/// URL is that of the index, such as https://engine.example:9200/commun; the index is made where it is not there, with
/// mappings of its own (French and English analysis, strict). What is published, changed, withdrawn, erased or
/// hidden at the node is put into it or deleted from it by bulk requests; then the command waits for what comes next, until it is
/// stopped. It may be stopped or killed at any moment: the index itself notes how far it is (in the document
/// commun-feed), and the next start goes on from there.
///
/// Credentials come from COMMUN_FEED_API_KEY, or COMMUN_FEED_USER and COMMUN_FEED_PASSWORD, or from the URL
/// (https://user:password@…, which others on this machine can see); they are never printed.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The index
    #[arg(required_unless_present = "print_index", hide_env_values = true)]
    url: Option<String>,
    /// End when the index has all that there is
    #[arg(long)]
    once: bool,
    /// The languages of titles and summaries, as browsers ask
    #[arg(long, value_name = "L", default_value = "fr, en;q=0.5")]
    language: String,
    /// Most documents of one bulk request
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u16).range(1..=5000))]
    batch: u16,
    /// Print the settings and mappings of the index as JSON, for whoever makes it with other shards, and end
    #[arg(long, conflicts_with_all = ["url", "once"])]
    print_index: bool,
    /// Print what was done as JSON
    #[arg(long, requires = "once")]
    json: bool,
}

/// Feeds until everything is there, or until somebody stops it.
pub fn run(settings: &Settings, args: Args) -> Result<(), Failure> {
    if args.print_index {
        terminal::json(&document::index());
        return Ok(());
    }
    let url = args.url.as_deref().unwrap_or_default();
    let engine = Engine::new(url, credentials()?.as_ref())?;
    if engine.is_exposed() {
        terminal::talk(
            "Note: the credentials travel unencrypted; use the engine's https URL if it has one.",
        );
    }
    let client = settings.reader()?.with_languages(&args.language);
    let mut feed = Feed::open(client, engine, &args)?;
    while feed.go_on()? {}
    let index = feed.engine.place();
    let Done { put, deleted } = feed.done;
    let position = feed.position();
    if args.json {
        terminal::json(
            &json!({"index": index, "put": put, "deleted": deleted, "position": position}),
        );
    } else {
        terminal::data(&format!(
            "{put} put, {deleted} deleted; the index is at {position}"
        ));
    }
    Ok(())
}

/// The credentials of the environment.
fn credentials() -> Result<Option<Credentials>, Failure> {
    let set = |name: &str| match std::env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(Failure::new(Code::Usage, format!("{name} is not UTF-8.")))
        }
    };
    if let Some(key) = set("COMMUN_FEED_API_KEY")? {
        return Ok(Some(Credentials::Key(key.trim().to_owned())));
    }
    let (user, password) = (set("COMMUN_FEED_USER")?, set("COMMUN_FEED_PASSWORD")?);
    Ok(user.map(|user| Credentials::User(user, password.unwrap_or_default())))
}

/// How much was done.
#[derive(Default)]
struct Done {
    put: u64,
    deleted: u64,
}

/// An item, and what is to be done with its document.
struct Work {
    action: Action,
    name: String,
}

/// One index on its way.
struct Feed {
    client: Client,
    engine: Engine,
    /// What the index said of itself last.
    noted: Noted,
    /// What stands in each note beside the position.
    about: Value,
    once: bool,
    batch: usize,
    done: Done,
}

impl Feed {
    /// Looks at both ends, makes the index where it is not there, and takes it over from whoever fed it before.
    fn open(client: Client, engine: Engine, args: &Args) -> Result<Self, Failure> {
        let mut patience = Patience::new(!args.once);
        let status = ask_node(&mut patience, || client.status())?.value;
        match ask_engine(&mut patience, || engine.mappings())? {
            None => ask_engine(&mut patience, || engine.create(&document::index()))?,
            Some(mappings) => fits(&mappings)?,
        }
        let about = json!({
            "commons": status.commons.id, "node": status.node, "language": args.language,
            "version": document::VERSION, "feeder": feeder(),
        });
        let mut looks = 0;
        let noted = loop {
            let last = ask_engine(&mut patience, || engine.noted())?;
            let position = match &last {
                Some(last) => resume(&last.note, &about, &status)?,
                None => 0,
            };
            let mut note = about.clone();
            note["position"] = position.into();
            looks += 1;
            let taken = ask_engine(&mut patience, || {
                match noting(&engine, &note, last.as_ref()) {
                    // Whoever feeds it still has just noted something: once more, from there.
                    Err(EngineError::Conflict(_)) if looks < MAX_LOOKS => Ok(None),
                    other => other.map(Some),
                }
            })?;
            if let Some(noted) = taken {
                break noted;
            }
        };
        Ok(Self {
            client,
            engine,
            noted,
            about,
            once: args.once,
            batch: args.batch.into(),
            done: Done::default(),
        })
    }

    /// Up to where the index has everything.
    fn position(&self) -> u64 {
        self.noted.note["position"].as_u64().unwrap_or_default()
    }

    /// Takes the next page of changes to the index; `false` at the end, where there is one.
    fn go_on(&mut self) -> Result<bool, Failure> {
        let since = self.position();
        let wait = (!self.once).then_some(WAIT);
        let mut patience = Patience::new(!self.once);
        let page = ask_node(&mut patience, || self.client.changes(since, wait))?.value;
        if page.next < since {
            terminal::talk("The node has another past than before: everything is sent again.");
            self.note(0)?;
            return Ok(true);
        }
        if page.changes.is_empty() {
            return Ok(!self.once);
        }
        self.still_ours()?;
        let work = self.gather(&page)?;
        let (before_put, before_deleted) = (self.done.put, self.done.deleted);
        let mut batch: Vec<Work> = Vec::new();
        let mut bytes = 0;
        for next in work {
            let more = next.action.bytes();
            if !batch.is_empty() && (batch.len() >= self.batch || bytes + more > MAX_BYTES) {
                self.send(std::mem::take(&mut batch))?;
                bytes = 0;
            }
            bytes += more;
            batch.push(next);
        }
        self.send(batch)?;
        self.note(page.next)?;
        terminal::talk(&format!(
            "{} put, {} deleted, up to {}",
            self.done.put - before_put,
            self.done.deleted - before_deleted,
            page.next
        ));
        Ok(true)
    }

    /// What is to be done for a page of changes: each item once, as it is now.
    fn gather(&self, page: &Changes) -> Result<Vec<Work>, Failure> {
        let mut last: HashMap<&str, usize> = HashMap::new();
        for (at, change) in page.changes.iter().enumerate() {
            last.insert(&change.item, at);
        }
        let changes = page.changes.iter().enumerate();
        let changes = changes.filter(|(at, change)| last.get(change.item.as_str()) == Some(at));
        changes
            .map(|(_, change)| {
                let found = match change.op.as_str() {
                    "put" => self.item(&change.item)?,
                    _ => None,
                };
                Ok(match found {
                    Some((name, document)) => Work {
                        action: Action::index(&change.item, &document),
                        name,
                    },
                    None => Work {
                        action: Action::delete(&change.item),
                        name: change.item.clone(),
                    },
                })
            })
            .collect()
    }

    /// The name and the document of an item; none if it is not shown (any more).
    fn item(&self, id: &str) -> Result<Option<(String, Value)>, Failure> {
        let item: ItemRef = id.parse().map_err(|_| {
            Failure::new(
                Code::Fail,
                "The node's changes name something that is no item.",
            )
        })?;
        let mut patience = Patience::new(!self.once);
        let found = ask_node(&mut patience, || match self.client.item(&item) {
            Err(error) if matches!(error.status(), Some(404 | 410 | 451)) => Ok(None),
            other => other.map(Some),
        })?;
        Ok(found.and_then(|item| Some((item.name.clone(), document(&item.json)?))))
    }

    /// Sends actions until all of them are done. What the engine was too busy for is sent again, and that alone.
    fn send(&mut self, mut left: Vec<Work>) -> Result<(), Failure> {
        let mut patience = Patience::new(!self.once);
        while !left.is_empty() {
            let actions: Vec<Action> = left.iter().map(|work| work.action.clone()).collect();
            let outcomes = match ask_engine(&mut patience, || match self.engine.bulk(&actions) {
                Err(EngineError::TooLarge) => Ok(None),
                other => other.map(Some),
            })? {
                Some(outcomes) => outcomes,
                None if left.len() == 1 => {
                    let name = terminal::line(&left[0].name);
                    let message =
                        format!("The engine takes no document as large as that of {name}.");
                    return Err(Failure::new(Code::Refuse, message)
                        .hint("Raise the engine's http.max_content_length, and start again."));
                }
                None => {
                    let second = left.split_off(left.len() / 2);
                    self.send(left)?;
                    left = second;
                    continue;
                }
            };
            let count = left.len();
            let mut again = Vec::new();
            let mut refused = Vec::new();
            for (work, outcome) in left.into_iter().zip(outcomes) {
                match outcome {
                    Outcome::Done if work.action.deletes() => self.done.deleted += 1,
                    Outcome::Done => self.done.put += 1,
                    Outcome::Again => again.push(work),
                    Outcome::Refused(why) => refused.push(format!("{}: {why}", work.name)),
                }
            }
            if !refused.is_empty() {
                return Err(refusal(&refused));
            }
            if again.len() < count {
                patience.renew();
            }
            if !again.is_empty() {
                let why = format!(
                    "The engine is too busy for {} of {count} documents",
                    again.len()
                );
                if !patience.wait(&why, None) {
                    return Err(Failure::new(Code::Fail, format!("{why}, and stays so.")));
                }
            }
            left = again;
        }
        Ok(())
    }

    /// Makes sure that the note is the one that this feed wrote last, before something is written after it.
    fn still_ours(&self) -> Result<(), Failure> {
        let mut patience = Patience::new(!self.once);
        let now = ask_engine(&mut patience, || self.engine.noted())?;
        if now.as_ref() == Some(&self.noted) {
            return Ok(());
        }
        Err(taken_over())
    }

    fn note(&mut self, position: u64) -> Result<(), Failure> {
        let mut note = self.about.clone();
        note["position"] = position.into();
        let mut patience = Patience::new(!self.once);
        let last = Some(&self.noted);
        self.noted = ask_engine(&mut patience, || noting(&self.engine, &note, last))?;
        Ok(())
    }
}

/// Writes a note. Where an earlier try arrived and its answer was lost, the note is there already, and ours.
fn noting(engine: &Engine, note: &Value, last: Option<&Noted>) -> Result<Noted, EngineError> {
    match engine.note(note.clone(), last) {
        Err(EngineError::Conflict(why)) => match engine.noted()? {
            Some(noted) if noted.note == *note => Ok(noted),
            _ => Err(EngineError::Conflict(why)),
        },
        other => other,
    }
}

/// A word that no other run of this command has.
fn feeder() -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let nanos = now.map(|d| d.as_nanos()).unwrap_or_default();
    format!("{:x}-{:x}", nanos, std::process::id())
}

/// Whether an index that is there is one that these documents fit.
fn fits(mappings: &Value) -> Result<(), Failure> {
    let message = match document::version(mappings) {
        Some(document::VERSION) => return Ok(()),
        Some(_) => "The index was made by another release, whose documents are others.",
        None => "There is an index of this name, and Commun did not make it.",
    };
    Err(Failure::new(Code::Refuse, message).hint(
        "Delete it, or name another one at the end of the URL; one that you make yourself takes the body that --print-index prints.",
    ))
}

/// From where on the index is to be fed: from where it was left, or from the beginning.
fn resume(note: &Value, about: &Value, status: &Status) -> Result<u64, Failure> {
    if note["commons"] != about["commons"] {
        let message = "The index is fed with another commons.";
        return Err(Failure::new(Code::Refuse, message)
            .hint("Name another index at the end of the URL, or another node with --node."));
    }
    let position = note["position"].as_u64().unwrap_or_default();
    let other = ["node", "language", "version"]
        .iter()
        .find(|member| note[**member] != about[**member]);
    let why = match other {
        Some(&"node") => "It was fed from another node",
        Some(&"language") => "It was fed in other languages",
        Some(_) => "It was fed by another release",
        None if position > status.catalogue.position => "The node has another past than before",
        None => return Ok(position),
    };
    terminal::talk(&format!("{why}: everything is sent again."));
    Ok(0)
}

fn refusal(refused: &[String]) -> Failure {
    let mut message = format!("The engine refuses {} documents:", refused.len());
    for line in refused.iter().take(MAX_NAMED) {
        message.push_str(&format!("\n  {}", terminal::line(line)));
    }
    if refused.len() > MAX_NAMED {
        message.push_str("\n  …");
    }
    Failure::new(Code::Refuse, message).hint(
        "What was sent before stays, and the index notes that it is not complete. Mend its mappings or the item, and start again.",
    )
}

fn taken_over() -> Failure {
    let message =
        "The index was deleted or restored, or somebody else feeds it, since this command began.";
    Failure::new(Code::Refuse, message)
        .hint("Make sure that one command feeds it, and start that again.")
}

/// Asks the node again while it is away or busy.
fn ask_node<T>(
    patience: &mut Patience,
    mut ask: impl FnMut() -> Result<T, Error>,
) -> Result<T, Failure> {
    loop {
        let error = match ask() {
            Ok(answer) => {
                patience.renew();
                return Ok(answer);
            }
            Err(error) => error,
        };
        let may_pass = matches!(error, Error::Unreachable { .. })
            || matches!(error.status(), Some(429 | 502..=504));
        if !may_pass || !patience.wait(&error.to_string(), None) {
            return Err(error.into());
        }
    }
}

/// Asks the engine again while it is away or busy.
fn ask_engine<T>(
    patience: &mut Patience,
    mut ask: impl FnMut() -> Result<T, EngineError>,
) -> Result<T, Failure> {
    loop {
        let error = match ask() {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        let asked = match &error {
            EngineError::Unreachable { .. } => None,
            EngineError::Busy { retry_after, .. } => *retry_after,
            _ => return Err(error.into()),
        };
        if !patience.wait(&error.to_string(), asked) {
            return Err(error.into());
        }
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Failure {
        let code = match &error {
            EngineError::Address(_) => Code::Usage,
            EngineError::Unreachable { .. } => Code::Unreachable,
            EngineError::Conflict(_) | EngineError::Refused { status: 404, .. } => {
                return taken_over();
            }
            EngineError::TooLarge => Code::Refuse,
            EngineError::Refused { status: ..500, .. } => Code::Refuse,
            EngineError::Busy { .. } | EngineError::Refused { .. } | EngineError::Answer { .. } => {
                Code::Fail
            }
        };
        let text = error.to_string();
        let mut letters = text.chars();
        let first = letters.next().into_iter().flat_map(char::to_uppercase);
        let failure = Failure::new(
            code,
            format!("{}.", first.chain(letters).collect::<String>()),
        );
        match error {
            EngineError::Refused { status: 401 | 403, .. } => failure.hint(
                "Look at COMMUN_FEED_API_KEY, or COMMUN_FEED_USER and COMMUN_FEED_PASSWORD; they must be allowed to create \
                 the index, to read its mappings, and to read and write its documents.",
            ),
            EngineError::Unreachable { .. } => failure.hint("Look at the URL of the index, and whether the engine runs."),
            _ => failure,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(position: u64) -> Status {
        let mut status = Status::default();
        status.catalogue.position = position;
        status
    }

    #[test]
    fn a_feed_goes_on_where_it_was_unless_its_past_is_another() {
        let about =
            json!({"commons": "c", "node": "n", "language": "fr", "version": 1, "feeder": "b"});
        let note = |member: &str, value: Value| {
            let mut note = json!({"commons": "c", "node": "n", "language": "fr", "version": 1, "feeder": "a", "position": 7});
            note[member] = value;
            note
        };
        let from = |note: &Value| resume(note, &about, &status(9)).unwrap();
        assert_eq!(from(&note("feeder", "x".into())), 7);
        assert_eq!(from(&note("node", "m".into())), 0);
        assert_eq!(from(&note("language", "de".into())), 0);
        assert_eq!(from(&note("version", 2.into())), 0);
        assert_eq!(from(&note("position", 10.into())), 0);
        let refused = resume(&note("commons", "d".into()), &about, &status(9)).unwrap_err();
        assert_eq!(refused.code, Code::Refuse);
    }

    #[test]
    fn an_index_of_somebody_else_is_left_alone() {
        assert!(fits(&document::index()["mappings"]).is_ok());
        for other in [json!({}), json!({"_meta": {"commun": {"version": 0}}})] {
            assert_eq!(fits(&other).unwrap_err().code, Code::Refuse, "{other}");
        }
    }

    #[test]
    fn many_refusals_are_told_in_a_few_lines() {
        let many: Vec<String> = (0..500)
            .map(|n| format!("h/item-{n}: no\u{1b}[2J"))
            .collect();
        let failure = refusal(&many);
        assert_eq!(failure.message.lines().count(), MAX_NAMED + 2);
        assert!(failure.message.contains("h/item-0: no\\u{1b}"));
    }
}
