//! What a record is known by: the slug that its identifier makes, and what is noted of where it came from.

use commun_specs::{
    id::ContentHash,
    metadata::{Identifier, Notice, Original, Record, Source, Value as Stated, is_target},
    name::Slug,
};
use data_encoding::BASE32_NOPAD;

/// The readable part of a slug, in characters.
const READABLE: usize = 40;
/// The part of a slug that tells identifiers apart, in characters: 50 bits.
const TELLING: usize = 10;

/// An original as it is kept.
pub(super) struct Kept<'a> {
    /// Its bytes.
    pub(super) blake3: &'a ContentHash,
    /// How many.
    pub(super) size: u64,
    /// What they are.
    pub(super) media_type: &'a str,
}

/// Says in the record where it came from: its identifier at the source, and its original.
pub(super) fn note(
    values: &mut Record,
    id: Option<&str>,
    original: Option<Kept<'_>>,
    source: Source,
) {
    let scheme = source.scheme.clone();
    let src = std::sync::Arc::new(source);
    let stated = |path: &str| (path.to_owned(), src.clone());
    if let Some(id) = id {
        let (path, src) = stated("header.identifier");
        let identifier = Identifier {
            catalog: if id.starts_with("oai:") {
                "oai".to_owned()
            } else {
                String::new()
            },
            entry: id.to_owned(),
        };
        let notice = Notice {
            identifiers: vec![identifier],
            schemas: vec![scheme.clone()],
            ..Notice::default()
        };
        values.record.push(Stated {
            v: notice,
            lang: None,
            path: path.clone(),
            src: src.clone(),
        });
        if is_target(id) && !values.aliases.iter().any(|a| a.v == id) {
            values.aliases.push(Stated {
                v: id.to_owned(),
                lang: None,
                path,
                src,
            });
        }
    }
    let Some(original) = original else {
        return;
    };
    let (path, src) = stated("original");
    let kept = Original {
        scheme,
        media_type: original.media_type.to_owned(),
        blake3: original.blake3.to_string(),
        size: original.size,
    };
    values.original.push(Stated {
        v: kept,
        lang: None,
        path,
        src,
    });
}

/// The slug of an identifier: what can be read of it, and enough of its hash to tell it from all others.
pub(super) fn slug(space: &str, id: &str) -> Slug {
    slug_like(id, space, id)
}

/// As [`slug`], with what can be read of another name.
pub(super) fn slug_like(name: &str, space: &str, id: &str) -> Slug {
    let hash = blake3::derive_key("commun import slug 1", format!("{space}\n{id}").as_bytes());
    let telling = BASE32_NOPAD.encode(&hash).to_ascii_lowercase();
    let bare = name.split_once("://").map_or(name, |(_, rest)| rest);
    let bare = bare.strip_prefix("oai:").unwrap_or(bare);
    let mut readable = String::new();
    for c in bare.chars() {
        match c.to_ascii_lowercase() {
            c @ ('a'..='z' | '0'..='9') => readable.push(c),
            _ if !readable.is_empty() && !readable.ends_with('-') => readable.push('-'),
            _ => {}
        }
    }
    // The end of an identifier tells more than its beginning, which is the repository's.
    let from = readable.len().saturating_sub(READABLE);
    let readable = readable[from..].trim_matches('-');
    let text = match readable {
        "" => telling[..TELLING].to_owned(),
        readable => format!("{readable}-{}", &telling[..TELLING]),
    };
    Slug::new(&text).expect("letters, digits and single hyphens, 10 to 51 of them")
}
