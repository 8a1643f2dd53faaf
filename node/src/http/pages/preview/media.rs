//! Videos and sounds: played by the browser from the content host, which answers for parts; subtitles from ours.

use commun_specs::files::FileEntry;
use maud::{Markup, html};

use super::super::Page;
use crate::{
    http::{
        content,
        lang::Lang,
        search::Facet,
        subtitles::{Track, is_video, tracks},
        text::{plain, visible},
    },
    items::Shown,
};

/// The player.
pub(super) fn show(page: &Page<'_>, item: &Shown, file: &FileEntry) -> Markup {
    let path = file.path.as_str();
    let source = format!(
        "{}{}",
        page.web.hosts().content,
        content::path(&item.name(), path)
    );
    let tracks = tracks(item, file);
    // Switched on where they are in the reader's language and the words of the video may not be.
    let own = |track: &Track| {
        let language = track.language.as_deref();
        language.and_then(Lang::of_tag) == Some(page.lang())
    };
    let first = tracks.iter().position(own);
    html! {
        @if is_video(&file.media_type) {
            video.player controls preload="metadata" src=(source) aria-label=(visible(path)) {
                @for (at, track) in tracks.iter().enumerate() {
                    track kind="subtitles" src=(track.address(item)) srclang=(track.language.as_deref().unwrap_or("und"))
                        label=(label(page, track)) default[first == Some(at)];
                }
            }
        } @else {
            audio.player controls preload="metadata" src=(source) aria-label=(visible(path)) {}
        }
        @if !tracks.is_empty() {
            p.quiet {
                (page.words.say("preview-subtitles")) " "
                @for (at, track) in tracks.iter().enumerate() {
                    @if at > 0 { ", " }
                    a href=(track.address(item)) { (plain(&label(page, track))) }
                }
            }
        }
    }
}

/// What a track is called: its language, or else its file.
fn label(page: &Page<'_>, track: &Track) -> String {
    match &track.language {
        Some(tag) => Facet::Language.label(tag, page.lang().tag()),
        None => visible(&track.path),
    }
}
