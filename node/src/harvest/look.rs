//! What is at an address that somebody named: a source of records, one file of them, or something else. Whoever named it
//! waits, and is told; nothing of it is noted.

use std::{sync::Arc, time::Duration};

use commun_client::{Fetched, Fetcher};
use commun_forge::{
    crosswalk::format::{self, Format},
    oai::{Harvest, Heard, Step},
};

use super::{Error, Harvests, MAX_PAGE, PATIENCE, PREVIEW_ASKS, Place};

impl Harvests {
    /// Does something at an address with one of the places for it, and not for longer than a visit.
    pub(super) async fn in_time<T>(
        &self,
        what: impl AsyncFnOnce(Place) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let free = self.looks.clone().try_acquire_owned();
        let place = Arc::new(free.map_err(|_| Error::Busy)?);
        let done = tokio::time::timeout(self.visit, what(place)).await;
        done.unwrap_or_else(|_| {
            let why = format!(
                "what is at this address did not come within {} s; try again later",
                self.visit.as_secs()
            );
            Err(Error::Refused(why))
        })
    }

    /// Asks a source who it is; a short pause that it asks for is sat through.
    ///
    /// # Errors
    /// [`Error::Refused`]: what is there instead, and what to do.
    pub(super) async fn identified(
        &self,
        harvest: &mut Harvest,
        place: Place,
    ) -> Result<(), Error> {
        for _ in 0..PREVIEW_ASKS {
            let Some(url) = harvest.ask() else {
                return Ok(());
            };
            match self.fetch(url.clone(), MAX_PAGE, Some(place.clone())).await {
                Ok(Fetched::Body(bytes)) => {
                    return match harvest.heard(Heard::Answer(&bytes)) {
                        Step::Go => Ok(()),
                        _ => Err(Error::Refused(instead(&bytes, &url))),
                    };
                }
                Ok(Fetched::Status(status @ (429 | 500..=599), after)) => {
                    match harvest.heard(Heard::Status(status, after)) {
                        Step::Wait(seconds) if seconds <= PATIENCE => {
                            tokio::time::sleep(Duration::from_secs(seconds)).await;
                        }
                        Step::Wait(seconds) => {
                            return Err(Error::Refused(format!(
                                "the source gives no answer now: HTTP {status}; try again in {seconds} s"
                            )));
                        }
                        _ => break,
                    }
                }
                other => return Err(nothing(other)),
            }
        }
        let why = "the source gives no answer now; try again later";
        Err(Error::Refused(why.to_owned()))
    }

    /// One file, as it is at its address. `most`: its largest size, in bytes.
    ///
    /// # Errors
    /// [`Error::Refused`]: nothing is there, or not in time; [`Error::TooLarge`]; [`Error::Busy`].
    pub async fn file(&self, url: &str, most: u64) -> Result<Vec<u8>, Error> {
        Fetcher::check(url).map_err(|e| Error::Refused(e.to_string()))?;
        let fetched = self
            .in_time(async |place| Ok(self.fetch(url.to_owned(), most, Some(place)).await))
            .await?;
        match fetched {
            Ok(Fetched::Body(bytes)) => Ok(bytes),
            other => Err(nothing(other)),
        }
    }
}

/// Why nothing came from an address.
fn nothing(fetched: Result<Fetched, commun_client::FetchError>) -> Error {
    use commun_client::FetchError::TooLarge;
    match fetched {
        Err(TooLarge(most)) => Error::TooLarge(format!(
            "what is at this address has more than {} MiB; download it and import the file, records in documents of at most 32 MiB",
            most >> 20
        )),
        Ok(Fetched::Status(status @ (401 | 403), _)) => Error::Refused(format!(
            "HTTP {status}: this address is not for guests; download the file and import it"
        )),
        Ok(Fetched::Status(status @ (404 | 410), _)) => Error::Refused(format!(
            "HTTP {status}: nothing is at this address; look whether it is written correctly"
        )),
        Ok(Fetched::Status(status, _)) => Error::Refused(format!(
            "HTTP {status} instead of an answer; look at the address, or try again later"
        )),
        Ok(Fetched::Body(_)) => Error::Refused("the answer cannot be read".to_owned()),
        Err(e) => Error::Refused(format!(
            "nothing comes from this address: {e}; look at the address, or try again later"
        )),
    }
}

/// Whether these bytes begin as a web page does.
pub fn is_page(bytes: &[u8]) -> bool {
    format::detect(bytes, "") == Some(Format::SchemaOrg)
        && bytes.trim_ascii_start().first() != Some(&b'{')
        && bytes.trim_ascii_start().first() != Some(&b'[')
}

/// The name of the file at an address, as a browser would save it; empty where the address names none.
pub fn file_name(url: &str) -> String {
    let parsed = url::Url::parse(url).ok();
    let last = parsed
        .as_ref()
        .and_then(|url| url.path_segments()?.next_back());
    let last = last.unwrap_or_default();
    // Read as one field of a form, which decodes it: what has a meaning in forms stays as it is.
    let field = last
        .replace('+', "%2B")
        .replace('&', "%26")
        .replace('=', "%3D");
    let pairs = url::form_urlencoded::parse(field.as_bytes());
    let name = pairs.map(|(name, _)| name.into_owned()).next();
    // What was hidden behind codes leads to no other folder.
    let last = name
        .as_deref()
        .and_then(|name| name.rsplit(['/', '\\']).next());
    last.unwrap_or_default().to_owned()
}

/// What is at an address that should be a source, and what to do about it.
fn instead(bytes: &[u8], url: &str) -> String {
    if is_page(bytes) {
        return "at this address is a web page and no OAI-PMH source; give the address of the source, which often ends in /oai, or \
                take in what the page says of itself with --format schemaorg"
            .to_owned();
    }
    match format::detect(bytes, &file_name(url)) {
        Some(Format::OaiPmh) => match commun_forge::oai::identity(bytes) {
            Err(problem) => format!("{}; {}", problem.what("en"), problem.fix("en")),
            Ok(_) => "the source does not say what it is".to_owned(),
        },
        Some(format) => format!(
            "at this address is a file that looks like {name} and no OAI-PMH source; take it in with --format {name}",
            name = format.as_str()
        ),
        None => format!(
            "no OAI-PMH source is at this address; {}; look at the address, or say with --format what the file is",
            format::unknown(bytes, &file_name(url))
        ),
    }
}
