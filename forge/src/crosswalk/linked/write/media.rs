//! Files, pictures, captions and trailers on the way out.

use commun_specs::metadata::{FileNote, Link};
use serde_json::{Map, Value as Json};

use super::Out;

/// The first parts of media types that AMB's schema takes.
const TREES: [&str; 10] = [
    "application",
    "audio",
    "example",
    "font",
    "image",
    "message",
    "model",
    "multipart",
    "text",
    "video",
];

/// A media type as AMB's schema takes it.
pub(in super::super::super) fn media_type(written: &str) -> Option<&str> {
    let essence = written.split(';').next().unwrap_or_default().trim();
    let (tree, rest) = essence.split_once('/')?;
    let fits = rest
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"-+_.".contains(&b));
    (TREES.contains(&tree) && fits && !rest.is_empty()).then_some(essence)
}

/// The media type that the end of an address tells.
fn guessed(url: &str) -> Option<&'static str> {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    if path.ends_with(".vtt") {
        return Some("text/vtt");
    }
    mime_guess::from_path(path).first_raw()
}

impl Out<'_> {
    pub(super) fn media(&mut self) {
        let view = self.view;
        for (at, file) in view.files.iter().enumerate() {
            match self.media_object(file) {
                Some(made) => self.add("encoding", made),
                None => {
                    let told = self.told("files", at);
                    self.lost("files", &told);
                }
            }
        }
        for link in view.links.iter().filter(|link| link.kind == "caption") {
            self.caption(link);
        }
        self.trailer();
        let mut images = Vec::new();
        for image in &view.images {
            let url = match image.url.contains("://") {
                true => Some(image.url.clone()),
                false => self.file_address(&image.url),
            };
            match url {
                Some(url) if !self.amb() || images.is_empty() => images.push(url),
                _ => self.lost("image", &image.url),
            }
            for (_, alt) in &image.alt {
                self.lost("image", alt);
            }
        }
        match images.len() {
            0 => {}
            1 => self.set("image", images.remove(0)),
            _ => self.set("image", images),
        }
    }

    /// Where a file of the item is.
    fn file_address(&self, path: &str) -> Option<String> {
        let base = self.place.files?;
        let mut out = base.to_owned();
        for byte in path.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                    out.push(byte.into());
                }
                byte => out.push_str(&format!("%{byte:02X}")),
            }
        }
        Some(out)
    }

    fn media_object(&mut self, file: &FileNote) -> Option<Map<String, Json>> {
        let mut made = self.thing("MediaObject");
        let url = match &file.url {
            Some(url) => Some(url.clone()),
            None if !file.path.is_empty() => self.file_address(&file.path),
            None => None,
        };
        if url.is_none() && file.embed.is_none() {
            return None;
        }
        for (name, value) in [
            ("contentUrl", url.as_deref()),
            ("embedUrl", file.embed.as_deref()),
            ("sha256", file.sha256.as_deref()),
        ] {
            if let Some(value) = value {
                made.insert(name.into(), value.into());
            }
        }
        let media = match self.amb() {
            true => media_type(&file.media_type),
            false => Some(file.media_type.as_str()).filter(|m| !m.is_empty()),
        };
        if let Some(media) = media {
            made.insert("encodingFormat".into(), media.into());
        }
        if file.size > 0 {
            made.insert("contentSize".into(), file.size.to_string().into());
        }
        if let Some(rate) = &file.bitrate {
            let digits = !rate.is_empty() && rate.bytes().all(|b| b.is_ascii_digit());
            match digits || !self.amb() {
                true => {
                    made.insert("bitrate".into(), rate.as_str().into());
                }
                false => self.lost("files", rate),
            }
        }
        if let Some(swhid) = &file.swhid {
            made.insert("identifier".into(), swhid.as_str().into());
        }
        Some(made)
    }

    fn caption(&mut self, link: &Link) {
        let mut made = self.thing("MediaObject");
        let key = if self.amb() { "id" } else { "contentUrl" };
        made.insert(key.into(), link.url.as_str().into());
        if let Some(media) = guessed(&link.url) {
            made.insert("encodingFormat".into(), media.into());
        }
        if let Some(tag) = &link.title {
            let known = match self.amb() {
                true => super::amb_language(tag),
                false => Some(tag.as_str()),
            };
            match known {
                Some(tag) => {
                    made.insert("inLanguage".into(), tag.into());
                }
                None => self.lost("links", tag),
            }
        }
        self.add("caption", made);
    }

    /// One trailer: where it is, and where it plays.
    fn trailer(&mut self) {
        let view = self.view;
        let trailers = view.links.iter().filter(|link| link.kind == "trailer");
        let (plays, is): (Vec<&Link>, Vec<&Link>) =
            trailers.partition(|link| link.title.as_deref() == Some("embed"));
        let Some(first) = is.first().or(plays.first()) else {
            return;
        };
        let format = first
            .title
            .as_deref()
            .and_then(media_type)
            .or_else(|| guessed(&first.url));
        let sound = format.is_some_and(|format| format.starts_with("audio/"));
        let mut made = self.thing(if sound { "AudioObject" } else { "VideoObject" });
        if let Some(link) = is.first() {
            made.insert("contentUrl".into(), link.url.as_str().into());
        }
        if let Some(link) = plays.first() {
            made.insert("embedUrl".into(), link.url.as_str().into());
        }
        if let Some(format) = format {
            made.insert("encodingFormat".into(), format.into());
        }
        self.set("trailer", made);
        for link in is.iter().skip(1).chain(plays.iter().skip(1)) {
            self.lost("links", &format!("trailer {}", link.url));
        }
    }
}
