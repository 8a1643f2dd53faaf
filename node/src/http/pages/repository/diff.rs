//! A difference, file by file; commits, comparisons and merge requests show it.

use commun_forge::git::{Change, Diff, FileDiff, Folded, Hunk, Line, LineKind};
use maud::{Markup, html};

use crate::http::{
    lang::Lang,
    text::{plain, visible},
    words::Words,
};

/// Files with more changed lines than this are shown closed.
const MAX_OPEN: usize = 400;
/// Files that are shown open; the rest is closed.
const MAX_OPEN_FILES: usize = 40;

/// A difference as a part of a page: how much, which files, and their lines, each file in a part that opens and
/// closes without a script. `file` makes the address of a file as it is now.
pub(in crate::http::pages) fn diff_view(
    diff: &Diff,
    lang: Lang,
    file: &dyn Fn(&str) -> String,
) -> Markup {
    let words = Words::of(lang);
    html! {
        section.diff aria-label=(words.say("code-changed-list")) {
            @if diff.changed == 0 { p.quiet { (words.say("code-diff-empty")) } } @else {
                p {
                    strong { (words.say_with("code-changed", [("count", (diff.changed as u64).into())])) } ", "
                    (words.say_with("code-changed-counts", [("added", diff.added.into()), ("removed", diff.removed.into())]))
                }
                @if diff.files.len() > 1 {
                    details { summary { (words.say("code-changed-list")) }
                        ul.plainlist { @for (n, changed) in diff.files.iter().enumerate() {
                            li { a href={ "#file-" (n + 1) } { (plain(&changed.path)) } " " (counts(changed)) }
                        } }
                    }
                }
                @for (n, changed) in diff.files.iter().enumerate() {
                    @let open = n < MAX_OPEN_FILES && changed.added + changed.removed <= MAX_OPEN;
                    (one(changed, lang, n + 1, open, file))
                }
                @if !diff.complete() { p.notice { (words.say_with("code-diff-incomplete", [("shown", diff.files.len().into()), ("all", diff.changed.into())])) } }
            }
        }
    }
}

fn counts(changed: &FileDiff) -> Markup {
    html! { span.plus { "+" (changed.added) } " " span.minus { "−" (changed.removed) } }
}

fn one(
    changed: &FileDiff,
    lang: Lang,
    n: usize,
    open: bool,
    file: &dyn Fn(&str) -> String,
) -> Markup {
    let words = Words::of(lang);
    let what = match changed.change {
        Change::Added => Some(words.say("code-diff-added").to_owned()),
        Change::Removed => Some(words.say("code-diff-removed").to_owned()),
        Change::Renamed => Some(words.say_with(
            "code-diff-renamed",
            [("old", visible(&changed.old_path).into())],
        )),
        Change::Changed if changed.kind != changed.old_kind => {
            Some(words.say("code-diff-mode").to_owned())
        }
        Change::Changed => None,
    };
    html! {
        details.changed id={ "file-" (n) } open[open] {
            summary {
                code { (plain(&changed.path)) } " " (counts(changed))
                @if let Some(what) = what { " " span.tag { (what) } }
            }
            @if changed.change != Change::Removed && !changed.path.contains('\u{fffd}') {
                p.quiet { a href=(file(&changed.path)) { (words.say("code-diff-open")) } }
            }
            @match changed.folded {
                Some(Folded::Binary) => { p.quiet { (words.say("code-diff-binary")) } }
                Some(Folded::Large) => { p.quiet { (words.say("code-diff-large")) } }
                None => {
                    @if !changed.hunks.is_empty() {
                        div.scroll.code-frame tabindex="0" role="region" aria-label=(words.say_with("code-diff-lines", [("file", visible(&changed.path).into())])) {
                            table.code.changes { @for hunk in &changed.hunks { (part(hunk, words)) } }
                        }
                    }
                }
            }
        }
    }
}

fn part(hunk: &Hunk, words: Words) -> Markup {
    html! {
        tbody {
            tr.hunk { td.n {} td.n {} td.sign {} td.l { code { (visible(&hunk.header)) } } }
            @for line in &hunk.lines { (row(line, words)) }
        }
    }
}

fn row(line: &Line, words: Words) -> Markup {
    let (class, sign) = match line.kind {
        LineKind::Context => (None, ""),
        LineKind::Added => (Some("add"), "+"),
        LineKind::Removed => (Some("del"), "−"),
        LineKind::NoNewline => (Some("hunk"), ""),
    };
    html! {
        tr class=[class] {
            td.n { @if let Some(n) = line.old { (n) } }
            td.n { @if let Some(n) = line.new { (n) } }
            td.sign { (sign) }
            td.l {
                @if line.kind == LineKind::NoNewline { span.quiet { (words.say("code-diff-no-newline")) } }
                @else { code { (visible(&line.text)) } }
            }
        }
    }
}
