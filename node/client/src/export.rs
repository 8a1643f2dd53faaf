//! Items in the standards and packages of others.

use std::io::{self, Read};

use serde::Deserialize;
use url::Url;

use crate::{
    client::{Client, Reply, success},
    error::Error,
};

/// What is to be exported, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// The form: `lom`, `imscc`, `bagit`…
    pub format: String,
    /// How it is put together (`tar`), or for whom (`html`), where there is a choice.
    pub form: Option<String>,
    /// Items by name or id.
    pub items: Vec<String>,
    /// What a search finds.
    pub query: Option<String>,
    /// What these institutions published, of what the search finds.
    pub institutions: Vec<String>,
}

/// What an export could not carry.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Exported {
    /// The items that are given.
    pub items: Vec<ExportedItem>,
    /// How many are not.
    pub errors: u64,
    /// The report as text.
    pub text: String,
    /// The report as CSV.
    pub csv: String,
}

/// An item of an export.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ExportedItem {
    /// Its id.
    pub id: String,
    /// `handle/slug`.
    pub name: String,
    /// Whether its record is the untouched original.
    pub original: bool,
}

/// The bytes of an export. What they say is not verified.
pub struct Export {
    /// What they are.
    pub media_type: String,
    /// The name that the node proposes.
    pub name: Option<String>,
    reader: Box<dyn Read + Send>,
}

impl Read for Export {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader.read(buffer)
    }
}

impl Client {
    fn export_url(&self, selection: &Selection, report: bool) -> Url {
        let mut url = self.url(&["api", "v1", "export"]);
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("format", &selection.format);
            if let Some(form) = &selection.form {
                query.append_pair("as", form);
            }
            for item in &selection.items {
                query.append_pair("item", item);
            }
            if let Some(text) = &selection.query {
                query.append_pair("q", text);
            }
            for institution in &selection.institutions {
                query.append_pair("institution", institution);
            }
            if report {
                query.append_pair("report", "true");
            }
        }
        url
    }

    /// What an export will not carry.
    ///
    /// # Errors
    /// The node's: nothing of it is given, or it is too much.
    pub fn export_report(&self, selection: &Selection) -> Result<Reply<Exported>, Error> {
        self.get(&self.export_url(selection, true), false)
    }

    /// An export.
    ///
    /// # Errors
    /// As [`Client::export_report`]; 503 where the node has not received a file yet.
    pub fn export(&self, selection: &Selection) -> Result<Export, Error> {
        let url = self.export_url(selection, false);
        let mut request = self.agent().get(url.as_str());
        if let Some(languages) = self.languages() {
            request = request.header("Accept-Language", languages);
        }
        let answer = request
            .call()
            .map_err(|cause| Error::of(url.as_str(), cause))?;
        let answer = success(&url, answer)?;
        let header = |name: &str| {
            let value = answer.headers().get(name);
            value
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned)
        };
        let media_type = header("content-type").unwrap_or_default();
        let name = header("content-disposition").and_then(|value| file_name(&value));
        let body = answer.into_body();
        Ok(Export {
            media_type,
            name,
            reader: Box::new(body.into_with_config().limit(u64::MAX).reader()),
        })
    }
}

/// `attachment; filename="x"`, in the form that every program reads.
fn file_name(disposition: &str) -> Option<String> {
    let rest = disposition.split_once("filename=\"")?.1;
    Some(rest.split_once('"')?.0.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selection_is_an_address() {
        let client = Client::new("http://127.0.0.1:1/x", None).unwrap();
        let selection = Selection {
            format: "lom".into(),
            form: Some("tar".into()),
            items: vec!["a-b/c".into(), "d-e/f".into()],
            query: Some("é&x".into()),
            institutions: vec!["a-b".into()],
        };
        assert_eq!(
            client.export_url(&selection, true).as_str(),
            "http://127.0.0.1:1/x/api/v1/export?format=lom&as=tar&item=a-b%2Fc&item=d-e%2Ff&q=%C3%A9%26x&institution=a-b&report=true"
        );
        assert_eq!(
            file_name("attachment; filename=\"a.b.zip\"; filename*=UTF-8''a.b.zip").as_deref(),
            Some("a.b.zip")
        );
        assert_eq!(file_name("inline"), None);
    }
}
