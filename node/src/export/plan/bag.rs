//! A bag with everything that is known of items.

use std::collections::{BTreeMap, BTreeSet};

use commun_forge::{
    attribution::{self, attribution},
    package::write::{Bytes, Member},
    problem::Severity,
};
use commun_specs::{files::FileEntry, name::Handle};
use serde_json::{Value, json};

use super::{Content, Planner, package};
use crate::{
    export::{evidence, format::Format, original, record},
    http::{api, date, problem::Problem},
    items::Shown,
};

impl Planner<'_> {
    pub(super) fn bag(&mut self, all: &[&Shown]) -> Result<Content, Problem> {
        let mut members = Vec::new();
        let mut places: BTreeMap<Handle, BTreeSet<u64>> = BTreeMap::new();
        for item in all {
            self.bagged(item, &mut members, &mut places)?;
            super::bounded(&members)?;
        }
        let places = places
            .into_iter()
            .map(|(log, all)| (log, all.into_iter().collect()));
        let evidence = evidence::evidence(self.site, &places.collect())?;
        members.push(Member::here("README.txt", evidence::README));
        members.push(Member::here("evidence.json", pretty(&evidence)?));
        members.push(Member::here(
            "report.csv",
            self.report.to_csv(self.wish.lang),
        ));
        members.sort_by(|a, b| a.path.cmp(&b.path));
        let me = self.site.me();
        let name = self.institutions.get(&me.handle);
        let newest = all.iter().map(|item| item.updated).max().unwrap_or(0);
        let titles: Vec<String> = all.iter().take(10).map(|item| self.title(item)).collect();
        let mut info = vec![
            (
                "Source-Organization",
                name.cloned().unwrap_or_else(|| me.handle.to_string()),
            ),
            // The newest item's day: the same items give the same bag.
            ("Bagging-Date", date(newest)[..10].to_owned()),
            ("External-Description", titles.join("; ")),
            (
                "Bag-Software-Agent",
                concat!("Commun ", env!("CARGO_PKG_VERSION")).to_owned(),
            ),
        ];
        for item in all.iter().take(100) {
            info.push(("External-Identifier", self.address(item)));
        }
        Ok(Content::Bag(members, info))
    }

    fn bagged(
        &mut self,
        item: &Shown,
        members: &mut Vec<Member<FileEntry>>,
        places: &mut BTreeMap<Handle, BTreeSet<u64>>,
    ) -> Result<(), Problem> {
        let name = item.name();
        let at = |below: &str| format!("{name}/{below}");
        for file in self.files(item)? {
            members.push(package::kept(at(&format!("files/{}", file.path)), file));
        }
        self.give(item, &[], None);
        for format in Format::all().filter(|format| format.is_record()) {
            if let Some(written) = self.written(item, format)? {
                for loss in &written.losses {
                    let mut problem = loss.problem();
                    problem.file = format.as_str().to_owned();
                    self.report.push(&name, problem);
                }
                let path = at(&format!("records/{}", format.ending()));
                members.push(Member::here(path, written.bytes));
            }
        }
        let credited = (self.crediting)(item)?;
        let csl = json!([credited.cited.csl()]);
        members.push(Member::here(at("records/csl.json"), csl.to_string()));
        members.push(Member::here(
            at("records/citation.bib"),
            credited.cited.bibtex(),
        ));
        let text = attribution(&credited.chain, attribution::Format::Text, self.wish.lang);
        members.push(Member::here(at("records/attribution.txt"), text));
        members.push(Member::here(
            at("metadata.json"),
            pretty(&record::metadata(item))?,
        ));
        members.push(Member::here(
            at("known.json"),
            pretty(&api::known(&item.record))?,
        ));
        self.original(item, members)?;
        let mut statements = Vec::new();
        for statement in self.site.statements(&item.id)? {
            let log = places.entry(statement.log.clone()).or_default();
            log.insert(statement.position);
            statements.push(api::evidence(&statement)?);
        }
        members.push(Member::here(
            at("statements.json"),
            pretty(&Value::Array(statements))?,
        ));
        if item.repository.is_some() {
            let url = self.clone_url(item);
            self.say(item, Severity::Warning, "git-elsewhere", &url);
        }
        Ok(())
    }

    /// What the item came in as, where it did.
    fn original(&self, item: &Shown, members: &mut Vec<Member<FileEntry>>) -> Result<(), Problem> {
        let Some((file, name)) = original_of(item) else {
            return Ok(());
        };
        self.held(item, &file)?;
        let size = file.size;
        members.push(Member {
            path: format!("{}/original/{name}", item.name()),
            bytes: Bytes::Kept(file, size),
        });
        Ok(())
    }
}

/// What an item came in as, where it did, and the name of its file.
pub(super) fn original_of(item: &Shown) -> Option<(FileEntry, String)> {
    let kept = original::kept(record::version(item))?;
    let ending = match package::stored(item).filter(|file| file.blake3 == kept.hash) {
        Some(file) => package::ending(&file),
        None if kept.media_type.contains("json") => ".json".to_owned(),
        None if kept.media_type.contains("xml") => ".xml".to_owned(),
        None => String::new(),
    };
    let file = record::entry(kept.hash, kept.size, &kept.media_type);
    let plain = |c: &char| c.is_ascii_alphanumeric() || *c == '_' || *c == '-';
    let scheme: String = kept.scheme.chars().filter(plain).collect();
    Some((file, format!("{scheme}{ending}")))
}

fn pretty(value: &Value) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec_pretty(value).map_err(|e| Problem::internal(&e))
}
