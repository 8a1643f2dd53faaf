//! Where the record that came in goes out again, untouched.
//!
//! It does as long as it says all that is known here and is true of what is given: the version that is displayed is the
//! import itself, nobody has corrected or declared anything since, the item has no files and no origin here, and the
//! record says itself where the thing that it describes is. An item with files of this commons, or a record without an
//! address, is written anew: its readers would not find what it describes. The identifiers in an untouched record are
//! those of its source; `/oai` says its own in the header.

use commun_forge::crosswalk::untouched::untouched;
use commun_specs::{
    id::ContentHash,
    metadata::{Method, Record, View},
};

/// The largest original that is read for this, in bytes: what a harvester takes as one record.
pub const MAX_ORIGINAL: u64 = 1 << 20;

/// An original that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its standard: `lom`, `oai_dc`.
    pub scheme: String,
    /// Its media type.
    pub media_type: String,
    /// Where it is.
    pub hash: ContentHash,
    /// How many bytes.
    pub size: u64,
}

/// What a version says of where it came from.
#[derive(Clone, Copy, Debug)]
pub struct Version<'a> {
    /// The record that its head names.
    pub named: Option<ContentHash>,
    /// How many files it has.
    pub files: u64,
    /// Whether it was made from another item.
    pub derived: bool,
    /// All that is known.
    pub record: &'a Record,
    /// What is shown of it.
    pub view: &'a View,
}

/// The original that the displayed version came in as, whatever happened since.
pub fn kept(version: Version<'_>) -> Option<Kept> {
    let hash = version.named?;
    let text = hash.to_string();
    let mut originals = version.record.original.iter();
    let original = originals.find(|kept| kept.v.blake3 == text)?;
    Some(Kept {
        scheme: original.v.scheme.clone(),
        media_type: original.v.media_type.clone(),
        hash,
        size: original.v.size,
    })
}

/// The original that may stand for all that is known of the item, if there is one.
pub fn whole(version: Version<'_>) -> Option<Kept> {
    let kept = kept(version).filter(|kept| kept.size <= MAX_ORIGINAL)?;
    let by_people = |method| matches!(method, Method::Corrected | Method::Declared);
    let since = version
        .record
        .sources()
        .iter()
        .any(|src| by_people(src.method));
    let view = version.view;
    let elsewhere =
        !view.aliases.is_empty() || view.links.iter().any(|link| link.kind == "location");
    (!since && version.files == 0 && !version.derived && elsewhere).then_some(kept)
}

/// Whether an original of a standard could be a record of this format.
pub fn is_of(kept: &Kept, format: &str) -> bool {
    match kept.scheme.as_str() {
        "lom" => matches!(format, "lom" | "lomfr" | "suplomfr"),
        scheme => scheme == format,
    }
}

/// The original's one element, where it is right in this very format.
pub fn element<'a>(format: &str, bytes: &'a [u8]) -> Option<&'a str> {
    untouched(format, bytes).map(|untouched| untouched.element)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use commun_specs::metadata::{Original, Source, Value};

    use super::*;

    fn source(method: Method) -> Arc<Source> {
        Arc::new(Source {
            scheme: "lom".into(),
            origin: None,
            date: None,
            method,
            by: None,
        })
    }

    fn imported(hash: ContentHash) -> Record {
        let mut record = Record::default();
        record.original.push(Value {
            v: Original {
                scheme: "lom".into(),
                media_type: "application/xml".into(),
                blake3: hash.to_string(),
                size: 10,
            },
            lang: None,
            path: "original".into(),
            src: source(Method::Mapped),
        });
        record.aliases.push(Value {
            v: "https://a.example/1".into(),
            lang: None,
            path: "lom".into(),
            src: source(Method::Mapped),
        });
        record
    }

    #[test]
    fn an_original_stands_for_an_item_until_somebody_knows_better() {
        let hash = ContentHash::of(b"original");
        let record = imported(hash);
        let view = record.view();
        let version = Version {
            named: Some(hash),
            files: 0,
            derived: false,
            record: &record,
            view: &view,
        };
        assert_eq!(whole(version).unwrap().hash, hash);
        assert!(is_of(&whole(version).unwrap(), "suplomfr"));
        assert!(!is_of(&whole(version).unwrap(), "oai_dc"));
        let other = ContentHash::of(b"published by hand");
        for not in [
            Version {
                named: Some(other),
                ..version
            },
            Version {
                named: None,
                ..version
            },
            Version {
                files: 1,
                ..version
            },
            Version {
                derived: true,
                ..version
            },
            Version {
                view: &View::default(),
                ..version
            },
        ] {
            assert_eq!(whole(not), None);
        }
        let mut corrected = record.clone();
        corrected.title.push(Value {
            v: "Un".into(),
            lang: Some("fr".into()),
            path: "title".into(),
            src: source(Method::Corrected),
        });
        let corrected = Version {
            record: &corrected,
            ..version
        };
        assert_eq!(whole(corrected), None);
        // It is still what came in.
        assert!(kept(corrected).is_some());
    }
}
