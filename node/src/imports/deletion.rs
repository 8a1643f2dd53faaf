//! Records that a source deleted, and those that it has again.
//!
//! Only a source that says so of a record deletes it: an answer without records, and a record that is in no list any more, take
//! nothing away. What somebody published over the record by hand stays whatever the source says.

use commun_forge::{
    crosswalk::{Report, format::Found},
    problem::{Problem, Severity},
};
use commun_specs::fold::{Item, ItemKind};
use futures::{StreamExt as _, stream};

use super::{Became, ImportError, Imports, PARALLEL, Stop, others, refuse, slug, version::Version};
use crate::{
    core::Person,
    takedown::{TakedownError, withdraw_with_source},
};

/// What is done about a record that its source deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Deletions {
    /// The report says so, the item stays.
    #[default]
    Report,
    /// The item is withdrawn, until the source has the record again.
    Withdraw,
}

impl Deletions {
    /// The word in JSON and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Withdraw => "withdraw",
        }
    }

    /// What a word means.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Report, Self::Withdraw]
            .into_iter()
            .find(|known| known.as_str() == word)
    }
}

/// An item whose record is gone.
pub(super) struct Gone {
    record: String,
    item: Item,
}

fn line(rule: &str, given: &str) -> Problem {
    Problem::new(Severity::Info, rule, "", given, "")
}

impl Imports {
    /// Says in the report that a record is gone; gives the item that is to follow it.
    pub(super) async fn gone(
        &self,
        space: &str,
        found: Found,
        deletions: Deletions,
        report: &mut Report,
    ) -> Result<Option<Gone>, ImportError> {
        report.deleted += 1;
        let record = found.record;
        let me = &self.core.identity().handle;
        let item = {
            let state = self.core.state();
            let catalogue = state.catalogue();
            catalogue
                .by_name(me, &slug(space, &record))
                .and_then(|id| catalogue.copy_of(&id))
        };
        let ours = |item: &Item| {
            item.owner == *me && item.kind == ItemKind::Resource && item.withdrawn.is_none()
        };
        let withdraws = deletions == Deletions::Withdraw && !space.is_empty();
        let Some(item) = item.filter(|item| withdraws && ours(item)) else {
            report.push(&record, line("record-deleted", ""));
            return Ok(None);
        };
        let version = Version::displayed(&self.core, &item).await?;
        if !version.is_some_and(|version| version.is_of(space)) {
            let name = format!("{me}/{}", item.slug);
            report.push(&record, line("deleted-kept", &name));
            return Ok(None);
        }
        Ok(Some(Gone { record, item }))
    }

    /// Withdraws the items of records that are gone, many at a time.
    pub(super) async fn withdraw(
        &self,
        person: &Person,
        space: &str,
        gone: Vec<Gone>,
        dry_run: bool,
        report: &mut Report,
        became: &mut Vec<Became>,
    ) -> Result<(), ImportError> {
        let withdrawing = stream::iter(gone).map(|Gone { record, item }| async move {
            let done = match dry_run {
                true => Ok(()),
                false => withdraw_with_source(&self.core, person, &item, space)
                    .await
                    .map(drop),
            };
            (record, item, done)
        });
        let mut withdrawing = std::pin::pin!(withdrawing.buffer_unordered(PARALLEL));
        let mut stopped = None;
        while let Some((record, item, done)) = withdrawing.next().await {
            let name = format!("{}/{}", self.core.identity().handle, item.slug);
            match done.map_err(stop) {
                Ok(()) => {
                    report.push(&record, line("withdrawn-with-source", &name));
                    became.push(Became {
                        fields: Vec::new(),
                        record,
                        id: Some(item.id),
                        name,
                        what: "withdrawn",
                    });
                }
                Err(Stop::Refused(why)) => {
                    refuse(report, &record, super::problem("not-stated", "", &why));
                }
                Err(Stop::Stale) => stopped = Some(others()),
                Err(Stop::Now(e)) => stopped = Some(e),
            }
        }
        stopped.map_or(Ok(()), Err)
    }
}

fn stop(e: TakedownError) -> Stop {
    match e {
        TakedownError::Write(e) => Stop::of(e),
        TakedownError::NotAllowed(why) => Stop::Now(ImportError::NotAllowed(why)),
        TakedownError::Failed(why) => Stop::Now(ImportError::Failed(why)),
        e => Stop::Refused(e.to_string()),
    }
}
