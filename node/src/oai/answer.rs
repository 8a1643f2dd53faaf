//! From a question to the XML that answers it.

use commun_forge::oai::{
    Answer, Code, Error, Granularity, Header, List, Request, ResumptionToken, Stamp, Verb, request,
};
use commun_specs::{charter::Amendment, id::StatementId};
use tokio::{io::AsyncReadExt, runtime::Handle};

use super::{
    FORMATS, Format, Provider,
    format::Place as Shown,
    known::{self, Known},
    listing::{Entry, Part},
    sets,
    token::Place,
};
use crate::{
    core::now,
    export::original::{self, Kept, MAX_ORIGINAL},
    store,
};

/// How often a record whose statement is being written is looked at before it is told without its words: half a second.
const MAX_WAITS: u32 = 10;

/// What an answer says of the node.
pub struct Node<'a> {
    /// The address of its pages, without a slash at the end.
    pub url: &'a str,
    /// Where people write to.
    pub mail: &'a str,
}

/// What happened while a question was answered.
enum Fault {
    /// The harvester is told.
    Told(Error),
    /// The node fails.
    Failed(super::Error),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Fault::Told(error)
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Fault::Failed(error.into())
    }
}

impl From<store::Error> for Fault {
    fn from(error: store::Error) -> Self {
        Fault::Failed(error.into())
    }
}

fn told(code: Code, what: impl Into<String>) -> Fault {
    Fault::Told(Error::new(code, what))
}

fn told_none() -> Fault {
    told(
        Code::NoRecordsMatch,
        "no record is in this set and between these dates",
    )
}

impl Provider {
    /// Answers a question: arguments in their order, decoded. What the protocol calls an error is an answer too.
    ///
    /// # Errors
    /// The node's files fail.
    pub fn answer(
        &self,
        node: &Node<'_>,
        arguments: &[(String, String)],
    ) -> Result<String, super::Error> {
        let base = format!("{}/oai", node.url);
        let said = match request(arguments) {
            Ok((_, request)) => self.say(node, &base, arguments, request),
            Err(e) => Err(Fault::Told(e)),
        };
        match said {
            Ok(text) => Ok(text),
            Err(Fault::Failed(e)) => Err(e),
            Err(Fault::Told(e)) => {
                let asked = if e.code.hides_arguments() {
                    &[]
                } else {
                    arguments
                };
                let now = self.listing().now(now())?;
                Ok(Answer::new(&base, now, asked).error(&e))
            }
        }
    }

    fn say(
        &self,
        node: &Node<'_>,
        base: &str,
        asked: &[(String, String)],
        request: Request,
    ) -> Result<String, Fault> {
        match request {
            Request::Identify => {
                let (now, earliest) = {
                    let listing = self.listing();
                    (listing.now(now())?, listing.earliest()?)
                };
                let me = self.core.identity().handle.clone();
                let (name, commons) = {
                    let state = self.core.state();
                    let charter = &state.chain().head().0;
                    let own = charter.institutions.iter().find(|i| i.handle == me);
                    (
                        own.map_or_else(|| me.to_string(), |i| i.name.clone()),
                        charter.name.clone(),
                    )
                };
                let mut answer = Answer::new(base, now, asked);
                answer
                    .begin(Verb::Identify)
                    .say("repositoryName", &format!("{commons} ({name})"))
                    .say("baseURL", base)
                    .say("protocolVersion", "2.0")
                    .say("adminEmail", node.mail)
                    .say(
                        "earliestDatestamp",
                        &Stamp::write(earliest.unwrap_or(now), Granularity::Second),
                    )
                    .say("deletedRecord", "persistent")
                    .say("granularity", Granularity::Second.as_str());
                Ok(answer.finish())
            }
            Request::Formats(identifier) => {
                let described = match identifier {
                    None => None,
                    Some(identifier) => {
                        let entry = self.entry(&identifier)?;
                        match known::known(&self.core, &entry.item)? {
                            Known::Here(described) if !entry.deleted => Some(described),
                            Known::Withheld | Known::Later if !entry.deleted => {
                                return Err(Fault::Failed(super::Error::NotYet));
                            }
                            _ => {
                                return Err(told(
                                    Code::NoMetadataFormats,
                                    "this record is deleted and has no formats",
                                ));
                            }
                        }
                    }
                };
                let mut answer = Answer::new(base, self.listing().now(now())?, asked);
                answer.begin(Verb::ListMetadataFormats);
                let place = Shown {
                    url: node.url,
                    institution: "",
                };
                for format in FORMATS {
                    if described
                        .as_ref()
                        .is_none_or(|d| (format.write)(&d.view, &place).is_some())
                    {
                        answer.format(format.prefix, format.schema, format.namespace);
                    }
                }
                Ok(answer.finish())
            }
            Request::Sets => {
                let (now, specs) = {
                    let listing = self.listing();
                    (listing.now(now())?, listing.sets()?)
                };
                let charter = self.core.state().chain().head().0.clone();
                let mut answer = Answer::new(base, now, asked);
                answer.begin(Verb::ListSets);
                // A repository with sets has one at least: that of its own institution, though nothing be in it.
                let own = format!("institution:{}", self.core.identity().handle);
                let first = (!specs.contains(&own)).then_some(&own);
                for spec in first.into_iter().chain(&specs) {
                    answer.set(spec, &sets::label(spec, &charter));
                }
                Ok(answer.finish())
            }
            Request::Resume(Verb::ListSets, _) => Err(told(
                Code::BadResumptionToken,
                "the list of sets is given whole",
            )),
            Request::Resume(verb, text) => {
                let listing = self.listing();
                let place =
                    Place::open(&text, &listing.key).filter(|p| p.verb == Place::letter(verb));
                drop(listing);
                let place = place.ok_or_else(|| {
                    told(
                        Code::BadResumptionToken,
                        "this node gave no such token for this verb",
                    )
                })?;
                self.list(node, base, asked, verb, place)
            }
            Request::List(
                verb,
                List {
                    prefix,
                    from,
                    until,
                    set,
                },
            ) => {
                let part = Part { set, from, until };
                let complete = self.listing().count(&part)?;
                let Part { set, from, until } = part;
                let place = Place {
                    verb: Place::letter(verb),
                    prefix,
                    set,
                    from,
                    until,
                    after: 0,
                    cursor: 0,
                    complete,
                };
                self.list(node, base, asked, verb, place)
            }
            Request::Record { identifier, prefix } => {
                let entry = self.entry(&identifier)?;
                let format = format_of(&prefix)?;
                let (now, topics) = {
                    let listing = self.listing();
                    (listing.now(now())?, listing.topics(entry.serial)?)
                };
                let charter = self.core.state().chain().head().0.clone();
                let record = self.record(node, &charter, &entry, topics, Some(format))?;
                let (header, xml) = record.ok_or(Fault::Failed(super::Error::NotYet))?;
                if xml.is_none() && !header.deleted {
                    return Err(told(
                        Code::CannotDisseminateFormat,
                        format!("this record has no form in {prefix}"),
                    ));
                }
                let mut answer = Answer::new(base, now, asked);
                answer.begin(Verb::GetRecord);
                answer.record(&header, &xml.unwrap_or_default());
                Ok(answer.finish())
            }
        }
    }

    /// One page of a list.
    fn list(
        &self,
        node: &Node<'_>,
        base: &str,
        asked: &[(String, String)],
        verb: Verb,
        place: Place,
    ) -> Result<String, Fault> {
        let format = format_of(&place.prefix)?;
        let limit = if verb == Verb::ListRecords {
            self.pages.records
        } else {
            self.pages.headers
        };
        let (now, key, entries) = {
            let listing = self.listing();
            // The time first: what is learnt after it is told at the next harvest, which begins at this time.
            let now = listing.now(now())?;
            let mut entries = Vec::new();
            // One more than fits, to know whether there is one more.
            for entry in listing.page(&place.part(), place.after, limit + 1)? {
                let topics = listing.topics(entry.serial)?;
                entries.push((entry, topics));
            }
            (now, listing.key, entries)
        };
        if entries.is_empty() && place.cursor == 0 {
            return Err(told_none());
        }
        let charter = self.core.state().chain().head().0.clone();
        let mut answer = Answer::new(base, now, asked);
        answer.begin(verb);
        let (mut after, mut cursor, count) = (place.after, place.cursor, entries.len());
        let begun = answer.len();
        for (entry, topics) in entries.into_iter().take(limit) {
            if answer.len() > self.pages.bytes {
                break;
            }
            (after, cursor) = (entry.serial, cursor + 1);
            if verb == Verb::ListIdentifiers {
                answer.header(&self.header(&entry, &topics));
                continue;
            }
            let Some((header, xml)) = self.record(node, &charter, &entry, topics, Some(format))?
            else {
                // It comes with its next change, which has a stamp of its own.
                continue;
            };
            // A record without this form is not in the list of this format.
            if xml.is_some() || header.deleted {
                answer.record(&header, &xml.unwrap_or_default());
            }
        }
        let told = cursor - place.cursor;
        let more = told < count as u64;
        if !more && place.cursor == 0 && answer.len() == begun {
            return Err(told_none());
        }
        // A list that fits one page has no token; the last page of others has an empty one.
        if more || place.cursor > 0 {
            let next = Place {
                after,
                cursor,
                ..place.clone()
            };
            answer.token(&ResumptionToken {
                value: if more { next.seal(&key) } else { String::new() },
                complete: place.complete.max(cursor),
                cursor: place.cursor,
            });
        }
        Ok(answer.finish())
    }

    /// `oai:<commons, 16 characters>.commun:<item id>`.
    fn identifier(&self, item: &StatementId) -> String {
        let commons = self.core.identity().commons.to_string();
        format!("oai:{}.commun:{item}", &commons[..16])
    }

    /// The entry that an identifier names.
    fn entry(&self, identifier: &str) -> Result<Entry, Fault> {
        let unknown = || {
            told(
                Code::IdDoesNotExist,
                "this node knows no record of this identifier",
            )
        };
        let (_, id) = identifier.rsplit_once(':').ok_or_else(unknown)?;
        let id: StatementId = id.parse().map_err(|_| unknown())?;
        if self.identifier(&id) != identifier {
            return Err(unknown());
        }
        self.listing().entry(&id)?.ok_or_else(unknown)
    }

    fn header(&self, entry: &Entry, topics: &[String]) -> Header {
        Header {
            identifier: self.identifier(&entry.item),
            stamp: entry.stamp,
            sets: sets::lowest(topics),
            deleted: entry.deleted,
        }
    }

    /// What an item is now; a statement that is being written is waited for.
    fn settled(&self, item: &StatementId) -> Result<Known, Fault> {
        for _ in 0..MAX_WAITS {
            match known::known(&self.core, item)? {
                Known::Later => std::thread::sleep(crate::follow::derived::SOON),
                known => return Ok(known),
            }
        }
        Ok(Known::Later)
    }

    /// A record as it is now. One that was taken back since it was listed is told as deleted; nothing while its words have
    /// not arrived or are being written, which is no deletion.
    fn record(
        &self,
        node: &Node<'_>,
        charter: &Amendment,
        entry: &Entry,
        topics: Vec<String>,
        format: Option<&Format>,
    ) -> Result<Option<(Header, Option<String>)>, Fault> {
        let mut header = self.header(entry, &topics);
        if entry.deleted {
            return Ok(Some((header, None)));
        }
        let described = match self.settled(&entry.item)? {
            Known::Here(described) => described,
            Known::Withheld | Known::Later => return Ok(None),
            Known::Deleted(..) | Known::Unknown => {
                header.deleted = true;
                return Ok(Some((header, None)));
            }
        };
        let item = &described.item;
        let url = format!("{}/{}/{}", node.url, item.owner, item.slug);
        let own = charter.institutions.iter().find(|i| i.handle == item.owner);
        let place = Shown {
            url: &url,
            institution: own.map_or(item.owner.as_str(), |i| &i.name),
        };
        let xml = format.and_then(|format| {
            self.original(format.prefix, described.original.as_ref())
                .or_else(|| (format.write)(&described.view, &place))
        });
        Ok(Some((header, xml)))
    }

    /// The untouched original in this very format, where it may stand for the record and is here. Blocks.
    fn original(&self, prefix: &str, kept: Option<&Kept>) -> Option<String> {
        let kept = kept.filter(|kept| original::is_of(kept, prefix))?;
        let blobs = self.originals.as_ref()?;
        let read = async {
            let reader = blobs.read(&kept.hash, 0, None).await.ok()?;
            let mut bytes = Vec::new();
            let mut reader = AsyncReadExt::take(reader, MAX_ORIGINAL + 1);
            reader.read_to_end(&mut bytes).await.ok()?;
            Some(bytes)
        };
        let bytes = Handle::current().block_on(read)?;
        original::element(prefix, &bytes).map(str::to_owned)
    }
}

fn format_of(prefix: &str) -> Result<&'static Format, Fault> {
    Format::of(prefix).ok_or_else(|| {
        let known: Vec<&str> = FORMATS.iter().map(|f| f.prefix).collect();
        told(
            Code::CannotDisseminateFormat,
            format!("the formats are {}", known.join(", ")),
        )
    })
}
