//! Files, pictures, captions and trailers on the way in.

use commun_specs::metadata::{FileNote, Image};
use serde_json::{Map, Value as Json};

use super::read::{Reader, called, get, leads};
use crate::crosswalk::text::{Room, fit};

/// The largest size that every reader of JSON keeps exactly.
const MAX_SIZE: u64 = (1 << 53) - 1;

/// A media type, where it is one.
fn media(written: &str) -> Option<String> {
    let text = written.trim().to_ascii_lowercase();
    let bare = text
        .rsplit_once("mediatypes/")
        .map_or(&*text, |(_, rest)| rest);
    let essence = bare.split(';').next().unwrap_or_default().trim();
    let part = |p: &str| {
        !p.is_empty()
            && p.len() <= 80
            && p.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
    };
    let (kind, subtype) = essence.split_once('/')?;
    (part(kind) && part(subtype)).then(|| essence.to_owned())
}

impl Reader {
    pub(super) fn media(&mut self, top: &Map<String, Json>) {
        for name in ["encoding", "associatedMedia"] {
            for (path, item) in self.items(top, name) {
                match self.file(item, &path) {
                    Some(file) => self.put(|r| &mut r.files, file, &path),
                    None => self.whole(&path, item),
                }
            }
        }
        for name in ["encodingFormat", "fileFormat"] {
            for (path, item) in self.items(top, name) {
                match called(item).as_deref().and_then(media) {
                    Some(media) => self.put(|r| &mut r.formats, media, &path),
                    None => self
                        .draft
                        .keep(&path, &called(item).unwrap_or_else(|| item.to_string())),
                }
            }
        }
        for name in ["contentSize", "fileSize"] {
            for (path, item) in self.items(top, name) {
                let text = called(item).unwrap_or_else(|| item.to_string());
                match self.size(&text, &path) {
                    Some(size) => self.put(|r| &mut r.size, size, &path),
                    None => self.draft.keep(&path, &text),
                }
            }
        }
        // A video is a file itself.
        for (path, item) in self.items(top, "contentUrl") {
            if let Some(url) = leads(item).and_then(|url| self.draft.address(&url, &path)) {
                let file = FileNote {
                    url: Some(url),
                    ..FileNote::default()
                };
                self.put(|r| &mut r.files, file, &path);
            }
        }
        for (path, item) in self.items(top, "caption") {
            let Some(url) = leads(item).filter(|url| item.is_object() || url.contains("://"))
            else {
                self.draft.keep(&path, &called(item).unwrap_or_default());
                continue;
            };
            let tag = item
                .as_object()
                .and_then(|object| get(object, "inLanguage"));
            let tag = tag
                .and_then(called)
                .and_then(|tag| self.draft.language(&tag, &path));
            if let Some(url) = self.draft.address(&url, &path) {
                self.link("caption", &url, tag, &path);
            }
        }
        for (path, item) in self.items(top, "trailer") {
            self.trailer(item, &path);
        }
        for (path, item) in self.items(top, "image") {
            let Some(url) = leads(item).and_then(|url| self.draft.address(&url, &path)) else {
                continue;
            };
            let shows = item.as_object().and_then(|object| get(object, "caption"));
            let mut alt = Vec::new();
            if let Some(shows) = shows {
                for (lang, text) in self.spoken(shows, &path) {
                    let lang = lang.unwrap_or_else(|| "und".into());
                    self.draft.label(&mut alt, lang, &text, Room::Prose, &path);
                }
            }
            self.put(|r| &mut r.image, Image { url, alt }, &path);
        }
    }

    /// Bytes, in digits.
    fn size(&mut self, text: &str, path: &str) -> Option<u64> {
        match text.trim().parse::<u64>() {
            Ok(size) if size <= MAX_SIZE => Some(size),
            _ => {
                self.draft.warn("lom-size", path, text, "");
                None
            }
        }
    }

    fn file(&mut self, item: &Json, path: &str) -> Option<FileNote> {
        if let Json::String(url) = item {
            let url = self.draft.address(url, path)?;
            return Some(FileNote {
                url: Some(url),
                ..FileNote::default()
            });
        }
        let object = item.as_object()?;
        let word = |name: &str| get(object, name).and_then(called);
        let url = word("contentUrl").or_else(|| word("url"));
        let url = url.and_then(|url| self.draft.address(&url, &format!("{path}.contentUrl")));
        let embed = word("embedUrl");
        let embed = embed.and_then(|url| self.draft.address(&url, &format!("{path}.embedUrl")));
        if url.is_none() && embed.is_none() {
            return None;
        }
        let sha256 = word("sha256").map(|hash| hash.trim().to_ascii_lowercase());
        let good = |hash: &String| hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
        let bitrate = word("bitrate").map(|rate| fit(&rate, Room::Line).text);
        let swhid = word("identifier").filter(|id| id.starts_with("swh:1:"));
        let format = word("encodingFormat").or_else(|| word("fileFormat"));
        let size = word("contentSize");
        let size = size.and_then(|size| self.size(&size, &format!("{path}.contentSize")));
        Some(FileNote {
            path: String::new(),
            media_type: format.as_deref().and_then(media).unwrap_or_default(),
            size: size.unwrap_or(0),
            url,
            embed,
            sha256: sha256.filter(good),
            swhid: swhid.filter(|id| commun_specs::metadata::is_target(id)),
            bitrate: bitrate.filter(|rate| !rate.is_empty()),
        })
    }

    /// Where a trailer is, and where it plays.
    fn trailer(&mut self, item: &Json, path: &str) {
        let Some(file) = self.file(item, path) else {
            return;
        };
        let format = Some(file.media_type).filter(|media| !media.is_empty());
        if let Some(url) = &file.url {
            self.link("trailer", url, format, path);
        }
        if let Some(url) = &file.embed {
            self.link("trailer", url, Some("embed".into()), path);
        }
        for (name, value) in [
            (
                "contentSize",
                (file.size > 0).then(|| file.size.to_string()),
            ),
            ("sha256", file.sha256),
            ("bitrate", file.bitrate),
        ] {
            if let Some(value) = value {
                self.draft.keep(&format!("{path}.{name}"), &value);
            }
        }
    }
}
