//! Subtitles of videos and sounds: which files they are, and their words as WebVTT that is made anew
//! (`GET /api/v1/items/{item}/subtitles/PATH`). They come from the host of the pages, where browsers ask for no leave to
//! show them; nothing of the file but times and words is in the answer.

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::Response,
};
use commun_forge::subtitles::{MAX_BYTES, webvtt};
use commun_specs::{files::FileEntry, metadata::normalise_language};

use super::{Web, api, pages, problem::Problem, site::Which};
use crate::items::Shown;

/// The most tracks of one video.
const MAX_TRACKS: usize = 20;

/// Subtitles of a video.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Track {
    /// The file.
    pub(super) path: String,
    /// Its language (BCP 47), where its name says it.
    pub(super) language: Option<String>,
}

impl Track {
    /// Where its words are served.
    pub(super) fn address(&self, item: &Shown) -> String {
        let path = pages::encode_path(&self.path);
        format!("/api/v1/items/{}/subtitles/{path}", item.name())
    }
}

/// Whether a file has subtitles, by its name.
fn is_subtitles(file: &FileEntry) -> bool {
    let name = file.path.file_name().to_ascii_lowercase();
    name.ends_with(".vtt") || name.ends_with(".srt")
}

/// The subtitles of a video or sound: files beside it whose names begin as its own does (`film.mp4`, `film.fr.vtt`); all
/// subtitles where it is the only one.
pub(super) fn tracks(item: &Shown, media: &FileEntry) -> Vec<Track> {
    let files = || item.files.iter().flat_map(|list| list.files());
    let plays = |file: &&FileEntry| is_media(&file.media_type);
    let alone = files().filter(plays).count() == 1;
    let stem = media.path.as_str();
    let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
    let track = |file: &FileEntry| {
        let path = file.path.as_str();
        let own = &path[..path.len() - ".vtt".len()];
        let said = match own.strip_prefix(stem) {
            Some("") => Some(""),
            Some(rest) => rest.strip_prefix(['.', '-', '_']),
            None => None,
        };
        let said = match said {
            Some(said) => said,
            None if alone => own.rsplit(['.', '-', '_', '/']).next().unwrap_or_default(),
            None => return None,
        };
        Some(Track {
            path: path.to_owned(),
            language: language(said),
        })
    };
    let found = files().filter(|file| is_subtitles(file)).filter_map(track);
    found.take(MAX_TRACKS).collect()
}

/// The language that a piece of a file's name states: `fr`, `pt-BR`.
fn language(said: &str) -> Option<String> {
    let first = said.split(['.', '_', ' ']).next().unwrap_or_default();
    let primary = first.split('-').next().unwrap_or_default();
    let short =
        (2..=3).contains(&primary.len()) && primary.bytes().all(|b| b.is_ascii_alphabetic());
    short.then(|| normalise_language(first).ok()).flatten()
}

/// Whether a file of this type is played in place: what browsers know how to play, and nothing that is more than pictures
/// and sounds.
pub(super) fn is_media(media_type: &str) -> bool {
    is_video(media_type)
        || matches!(
            media_type,
            "audio/mpeg"
                | "audio/ogg"
                | "audio/wav"
                | "audio/x-wav"
                | "audio/mp4"
                | "audio/aac"
                | "audio/flac"
                | "audio/webm"
                | "audio/m4a"
                | "audio/x-m4a"
                | "audio/opus"
        )
}

/// Whether a file of this type is a video that is played in place.
pub(super) fn is_video(media_type: &str) -> bool {
    matches!(media_type, "video/mp4" | "video/webm" | "video/ogg")
}

/// `GET /api/v1/items/{item}/subtitles/PATH`.
pub(super) async fn subtitles(web: &Web, which: Which, path: &str) -> Result<Response, Problem> {
    let item = web.item(which).await?;
    if item.withdrawn.is_some() {
        return Err(api::gone(&item));
    }
    let file = item.files.as_ref().and_then(|files| files.find(path));
    let file = file
        .filter(|file| is_subtitles(file))
        .ok_or_else(|| Problem::not_found("the item has no subtitles of this path"))?;
    if let Some(problem) = web.site().blocked(file) {
        return Err(problem);
    }
    let bytes = web.site().read(file, MAX_BYTES as u64).await?;
    let bytes = bytes
        .ok_or_else(|| Problem::busy("this node has not received the file yet; try again", 5))?;
    let words = web.make(&item.handle, move || webvtt(&bytes)).await?;
    let words =
        words.ok_or_else(|| Problem::not_found("the file has no subtitles that can be read"))?;
    let mut response = Response::new(Body::from(words));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/vtt; charset=utf-8"),
    );
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, no-cache"),
    );
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_read_from_names() {
        for (said, tag) in [
            ("fr", Some("fr")),
            ("pt-BR", Some("pt-BR")),
            ("en.auto", Some("en")),
            ("", None),
            ("sous-titres", None),
            ("1", None),
        ] {
            assert_eq!(language(said).as_deref(), tag, "{said}");
        }
    }
}
