//! From when ages are counted.
//!
//! Ages are counted from the newest statement of the commons and not from a clock, so that all nodes count alike. But who
//! makes a statement dates it, and nobody else can say that the date is wrong: were the newest one of all taken, a single
//! institution that dates an item years ahead would make the items of all others old. So the second newest is taken of
//! the institutions' newest: one institution alone moves nothing but its own age, and in a commons of several some
//! other one has stated something lately. Where there is only one institution, its own newest counts.

use std::collections::BTreeMap;

use tantivy::columnar::Column;
use tantivy::{DocId, SegmentReader};

use super::facet::Facet;
use super::schema::UPDATED;

/// The newest statements of an institution in a segment: their time, in Unix seconds, and how many documents have it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Latest {
    time: u64,
    documents: u64,
}

/// The newest statement of each institution about the documents of a segment that are in force.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Newest(BTreeMap<String, Latest>);

impl Newest {
    /// Reads all documents in force.
    pub(crate) fn of(segment: &SegmentReader) -> tantivy::Result<Newest> {
        let columns = Columns::of(segment)?;
        let mut all = vec![Latest::default(); columns.names.len()];
        for doc in segment.doc_ids_alive() {
            let (place, time) = columns.read(doc);
            let latest = &mut all[place];
            if time > latest.time || latest.documents == 0 {
                *latest = Latest { time, documents: 0 };
            }
            latest.documents += u64::from(time == latest.time);
        }
        let named = columns.names.into_iter().zip(all);
        Ok(Newest(
            named.filter(|(_, latest)| latest.documents > 0).collect(),
        ))
    }

    /// What is left once more documents of the segment are not in force any more. Reads all documents again only where an
    /// institution has lost the last of its newest.
    pub(crate) fn without(
        &self,
        segment: &SegmentReader,
        gone: impl Iterator<Item = DocId>,
    ) -> tantivy::Result<Newest> {
        let columns = Columns::of(segment)?;
        let mut left = self.clone();
        for doc in gone {
            let (place, time) = columns.read(doc);
            if let Some(latest) = left.0.get_mut(&columns.names[place])
                && latest.time == time
            {
                latest.documents = latest.documents.saturating_sub(1);
                if latest.documents == 0 {
                    return Newest::of(segment);
                }
            }
        }
        Ok(left)
    }
}

/// The time from which ages are counted, in Unix seconds; 0 where there is nothing.
pub(crate) fn confirmed<'a>(segments: impl Iterator<Item = &'a Newest>) -> u64 {
    let mut newest: BTreeMap<&str, u64> = BTreeMap::new();
    for (institution, latest) in segments.flat_map(|segment| &segment.0) {
        let time = newest.entry(institution).or_default();
        *time = latest.time.max(*time);
    }
    let mut times: Vec<u64> = newest.into_values().collect();
    times.sort_unstable_by(|a, b| b.cmp(a));
    times.get(1).or(times.first()).copied().unwrap_or(0)
}

/// Who has stated what when, in a segment.
struct Columns {
    institutions: Option<Column<u64>>,
    updated: Column<u64>,
    /// The institutions in the order of their numbers; at last nobody.
    names: Vec<String>,
}

impl Columns {
    fn of(segment: &SegmentReader) -> tantivy::Result<Columns> {
        let columns = segment.fast_fields();
        let institutions = columns.str(Facet::Institution.name())?;
        let mut names = Vec::new();
        if let Some(column) = &institutions {
            let mut values = column.dictionary().stream()?;
            while values.advance() {
                names.push(String::from_utf8_lossy(values.key()).into_owned());
            }
        }
        names.push(String::new());
        Ok(Columns {
            institutions: institutions.map(|column| column.ords().clone()),
            updated: columns.u64(UPDATED)?,
            names,
        })
    }

    /// Which institution has published a document, by its place among the names, and the time of its newest statement.
    fn read(&self, doc: DocId) -> (usize, u64) {
        let nobody = self.names.len() - 1;
        let place = self.institutions.as_ref().and_then(|all| all.first(doc));
        let place = place.map_or(nobody, |place| (place as usize).min(nobody));
        (place, self.updated.first(doc).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn newest(all: &[(&str, u64)]) -> Newest {
        let latest = |time| Latest { time, documents: 1 };
        let all = all.iter();
        Newest(
            all.map(|(name, time)| ((*name).to_owned(), latest(*time)))
                .collect(),
        )
    }

    #[test]
    fn ages_are_counted_from_what_a_second_institution_confirms() {
        let of = |segments: &[&[(&str, u64)]]| {
            let segments: Vec<Newest> = segments.iter().map(|all| newest(all)).collect();
            confirmed(segments.iter())
        };
        assert_eq!(of(&[]), 0);
        assert_eq!(of(&[&[("a", 7)], &[("a", 9)]]), 9);
        assert_eq!(of(&[&[("a", 7), ("b", 3)], &[("b", 5)]]), 5);
        // One that is ahead, in however many segments, moves nothing.
        assert_eq!(
            of(&[&[("a", 7), ("ahead", 1_000)], &[("ahead", 2_000), ("b", 5)]]),
            7
        );
    }
}
