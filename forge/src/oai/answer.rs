//! Writing an answer.

use super::{Error, Granularity, NAMESPACE, SCHEMA, Stamp, Verb};
use crate::crosswalk::xml::Writer;

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// What stands before a record, or instead of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The record's identifier.
    pub identifier: String,
    /// When it was last changed, seconds since 1970.
    pub stamp: u64,
    /// The sets that it is in.
    pub sets: Vec<String>,
    /// Whether it is gone.
    pub deleted: bool,
}

/// How a list goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResumptionToken {
    /// What to send; empty on the last page.
    pub value: String,
    /// How many the whole list has.
    pub complete: u64,
    /// How many came before this page.
    pub cursor: u64,
}

/// Writes one answer from top to bottom.
#[derive(Debug)]
pub struct Answer {
    w: Writer,
}

impl Answer {
    /// Begins an answer. `asked`: the arguments to repeat; none where they were not understood.
    pub fn new(base: &str, now: u64, asked: &[(String, String)]) -> Answer {
        let mut w = Writer::new();
        let schema = format!("{NAMESPACE} {SCHEMA}");
        w.open(
            "OAI-PMH",
            &[
                ("xmlns", NAMESPACE),
                ("xmlns:xsi", XSI),
                ("xsi:schemaLocation", &schema),
            ],
        );
        w.newline();
        w.leaf("responseDate", &[], &Stamp::write(now, Granularity::Second))
            .newline();
        let asked: Vec<(&str, &str)> = asked
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        w.leaf("request", &asked, base).newline();
        Answer { w }
    }

    /// The answer to a request that fails.
    pub fn error(mut self, error: &Error) -> String {
        self.w
            .leaf("error", &[("code", error.code.as_str())], &error.what);
        self.finish()
    }

    /// Opens the element of a verb.
    pub fn begin(&mut self, verb: Verb) -> &mut Self {
        self.w.open(verb.as_str(), &[]).newline();
        self
    }

    /// An element with text, for `Identify`.
    pub fn say(&mut self, name: &str, text: &str) -> &mut Self {
        self.w.leaf(name, &[], text).newline();
        self
    }

    /// A format, for `ListMetadataFormats`.
    pub fn format(&mut self, prefix: &str, schema: &str, namespace: &str) {
        self.w.open("metadataFormat", &[]);
        self.w.leaf("metadataPrefix", &[], prefix);
        self.w.leaf("schema", &[], schema);
        self.w.leaf("metadataNamespace", &[], namespace);
        self.w.close().newline();
    }

    /// A set, for `ListSets`.
    pub fn set(&mut self, spec: &str, name: &str) {
        self.w.open("set", &[]);
        self.w.leaf("setSpec", &[], spec).leaf("setName", &[], name);
        self.w.close().newline();
    }

    /// A header, for `ListIdentifiers`.
    pub fn header(&mut self, header: &Header) {
        let status: &[(&str, &str)] = if header.deleted {
            &[("status", "deleted")]
        } else {
            &[]
        };
        self.w.open("header", status);
        self.w.leaf("identifier", &[], &header.identifier);
        self.w.leaf(
            "datestamp",
            &[],
            &Stamp::write(header.stamp, Granularity::Second),
        );
        for set in &header.sets {
            self.w.leaf("setSpec", &[], set);
        }
        self.w.close().newline();
    }

    /// A record: its header, and its metadata as XML unless it is gone.
    pub fn record(&mut self, header: &Header, metadata: &str) {
        self.w.open("record", &[]);
        self.header(header);
        if !header.deleted {
            self.w.open("metadata", &[]).raw(metadata).close();
        }
        self.w.close().newline();
    }

    /// How the list goes on; to be left out where all of it is on one page.
    pub fn token(&mut self, token: &ResumptionToken) {
        let (complete, cursor) = (token.complete.to_string(), token.cursor.to_string());
        let attributes = [
            ("completeListSize", complete.as_str()),
            ("cursor", cursor.as_str()),
        ];
        self.w
            .leaf("resumptionToken", &attributes, &token.value)
            .newline();
    }

    /// How many bytes there are so far.
    pub fn len(&self) -> usize {
        self.w.len()
    }

    /// Whether nothing was written; never so.
    pub fn is_empty(&self) -> bool {
        self.w.is_empty()
    }

    /// Closes everything.
    pub fn finish(self) -> String {
        self.w.finish()
    }
}
