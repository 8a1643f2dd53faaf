//! The page of an item. A resource is shown here; a repository by [`super::repository`].

use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode, Uri},
    response::Response,
};
use commun_specs::{
    files::FileEntry,
    licence::Licence,
    metadata::{Concept, Creator, View},
    vocab::{self, Scheme},
};
use maud::{Markup, html};

use super::{
    Page, compare, component, encode_path, known, lineage, parameter,
    preview::{self, Preview},
    repository,
    search::kind_name,
    wanted,
};
use crate::{
    export::Format,
    http::{
        Web, content, jsonld,
        lang::Lang,
        name,
        problem::Problem,
        search::Facet,
        text::{date, day, iso_duration, paragraphs, plain, size, spoken, visible},
        vocabularies,
        words::{known::field_name, reason as why_withdrawn, why_unread},
    },
    items::{Shown, Version, Withdrawal, Words},
};

/// Files listed openly; the rest of a large version is folded away.
const OPEN_FILES: usize = 40;
/// Versions listed openly.
const OPEN_VERSIONS: usize = 5;

/// `GET /{handle}/{slug}`.
pub(super) async fn item(
    State(web): State<Web>,
    Path((handle, slug)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let wanted = wanted(&uri, &headers);
    let mut item = web.item(name(&handle, &slug)?).await?;
    vocabularies::label(&web, &mut item).await;
    if let Some(other) = jsonld::negotiated(&web, &item, &headers)? {
        return Ok(other);
    }
    let mut page = Page::new(&web, &wanted, &uri);
    if item.withdrawn.is_none() {
        page.about = Some(jsonld::document(&web, &item)?);
    }
    if item.repository.is_some() {
        let shown = item.clone();
        let mut response = repository::overview(&page, *item, &uri).await?;
        jsonld::describe(&web, &shown, &mut response);
        return Ok(response);
    }
    let part = lineage::part(&web, &mut item, &uri).await?;
    let file = preview::chosen(&item, parameter(&uri, "file").as_deref()).cloned();
    let preview = match &file {
        Some(file) => Some(preview::read(&web, file).await?),
        None => None,
    };
    let main = show(&page, &item, part, file.as_ref(), preview.as_ref());
    let title = item.title(&wanted.tags()).1.to_owned();
    let mut response = page.finish(&title, Some(""), main);
    if item.withdrawn.is_some() {
        *response.status_mut() = StatusCode::GONE;
    }
    jsonld::describe(&web, &item, &mut response);
    Ok(response)
}

fn show(
    page: &Page<'_>,
    item: &Shown,
    part: usize,
    file: Option<&FileEntry>,
    preview: Option<&Preview>,
) -> Markup {
    let words = page.words;
    let tags = page.wanted.tags();
    let summary = item.view.summary_for(&tags);
    let description = item.view.description_for(&tags).filter(|(_, text)| {
        // A summary that was made from the description's beginning says nothing new below it.
        summary.is_none_or(|(_, beginning)| text.trim() != beginning.trim())
    });
    html! {
        div.inner.item {
            (headline(page, item))
            (warnings(page, item))
            div.body {
                (picture(page, item))
                @if let Some((lang, text)) = summary {
                    p.lead dir="auto" lang=[crate::http::text::foreign(lang, page.lang())] { (visible(text)) }
                }
                @if let Some((lang, text)) = description {
                    section aria-labelledby="description" {
                        h2 id="description" { (words.say("description-title")) }
                        div.prose dir="auto" lang=[crate::http::text::foreign(lang, page.lang())] { (paragraphs(text)) }
                    }
                }
                (outline(page, item))
                (lineage::members(page, item, part))
                (files(page, item, file))
                (unread(page, item))
                @if let (Some(file), Some(preview)) = (file, preview) { (preview::show(page, item, file, preview)) }
                (component::adoptions(page, item))
                (versions(page, item))
                (known::block(page, item))
            }
            div.side {
                (licence(page, item))
                (details(page, item))
                (get(page, item))
                (lineage::lineage(page, item))
                (provenance(page, item))
            }
        }
    }
}

/// Where we are, the title, and who made it.
pub(super) fn headline(page: &Page<'_>, item: &Shown) -> Markup {
    let words = page.words;
    let (title_lang, title) = item.title(&page.wanted.tags());
    let kind = match item.view.resource_types.first() {
        Some(kind) => Facet::ResourceType.label(kind, page.lang().tag()),
        None => kind_name(words, item.kind.as_str()).to_owned(),
    };
    let authors: Vec<&str> = item.view.creators.iter().map(|c| c.name.as_str()).collect();
    html! {
        div.headline {
            p.eyebrow {
                span.kind { (kind) } " "
                a href=(page.href(&format!("/{}", item.handle))) { (plain(item.handle.as_str())) }
                span aria-hidden="true" { " / " }
                span.slug { (plain(item.slug.as_str())) }
            }
            h1 { (spoken(title, title_lang, page.lang())) }
            p.facts {
                @if !authors.is_empty() { span { (words.say_html("by-authors", [("authors", plain(&authors.join(", ")).into())])) } }
                span { (words.say("updated-on")) " " (day(page.lang(), item.updated)) }
            }
        }
    }
}

/// The first picture, from the content host.
fn picture(page: &Page<'_>, item: &Shown) -> Markup {
    let words = page.words;
    html! {
        @if let Some(picture) = item.extraction.picture.as_ref().filter(|_| item.withdrawn.is_none()) {
            img.first src={ (page.web.hosts().content) (content::picture_path(&item.name(), picture)) } alt=(words.say("extraction-picture")) loading="lazy" referrerpolicy="no-referrer";
        }
    }
}

/// The table of contents of a package.
fn outline(page: &Page<'_>, item: &Shown) -> Markup {
    let lines = crate::items::outline(&item.record);
    html! {
        @if !lines.is_empty() && item.withdrawn.is_none() {
            section aria-labelledby="outline" {
                h2 id="outline" { (page.words.say("extraction-outline")) }
                ul.outline { @for (title, depth) in &lines { li dir="auto" { ("\u{2003}".repeat(usize::try_from(*depth).unwrap_or(0))) (visible(title)) } } }
            }
        }
    }
}

/// The files whose words are not searched, and why.
fn unread(page: &Page<'_>, item: &Shown) -> Markup {
    let words = page.words;
    html! {
        @if !item.extraction.unread.is_empty() && item.withdrawn.is_none() {
            section aria-labelledby="unread" {
                h2 id="unread" { (words.say("extraction-unread-title")) }
                p.quiet { (words.say("extraction-unread-help")) }
                ul { @for one in &item.extraction.unread { li { (plain(&one.file)) " – " (why_unread(words, &one.why)) } } }
            }
        }
    }
}

/// What a reader must know first.
pub(super) fn warnings(page: &Page<'_>, item: &Shown) -> Markup {
    let words = page.words;
    html! {
        @if let Some(withdrawal) = &item.withdrawn {
            div.notice.bad role="note" {
                p { strong { (words.say("withdrawn-title")) } }
                (withdrawn(page, withdrawal))
            }
        }
        @match item.words {
            Words::Here => {}
            Words::Withheld => { div.notice role="note" { p { (words.say("words-withheld")) } } }
            Words::Erased => {
                div.notice role="note" {
                    p { (words.say("words-erased")) }
                    @if item.repository.is_none() { p { (page.words.say("taking-erased-files")) } }
                }
            }
        }
    }
}

/// By whom, when and why.
fn withdrawn(page: &Page<'_>, withdrawal: &Withdrawal) -> Markup {
    let words = page.words;
    let institution = plain(withdrawal.institution.as_str()).into();
    let on = day(page.lang(), withdrawal.time).into();
    let who = match &withdrawal.by {
        Some(by) => words.say_html(
            "taking-withdrawn-by-on",
            [
                ("institution", institution),
                ("person", plain(by).into()),
                ("date", on),
            ],
        ),
        None => words.say_html(
            "taking-withdrawn-on",
            [("institution", institution), ("date", on)],
        ),
    };
    // What a program wrote is said in the reader's language.
    let by_source = withdrawal.code == crate::takedown::SOURCE_DELETED;
    let reason = withdrawal.reason.as_deref().filter(|_| !by_source);
    let reason = reason.unwrap_or_else(|| why_withdrawn(words, &withdrawal.code));
    html! {
        p { (who) }
        p { (words.say_html("taking-withdrawn-reason", [("reason", plain(reason).into())])) }
    }
}

/// Where a file of the item is downloaded.
pub(super) fn download(item: &Shown, path: &str) -> String {
    format!("/api/v1/items/{}/files/{}", item.name(), encode_path(path))
}

fn files(page: &Page<'_>, item: &Shown, open: Option<&FileEntry>) -> Markup {
    let words = page.words;
    let Some(list) = item.files.as_ref().filter(|_| item.withdrawn.is_none()) else {
        return html! {};
    };
    let total = size(page.lang(), list.total_size());
    let summary = words.say_with(
        "files",
        [("count", list.count().into()), ("size", total.into())],
    );
    let line = |file: &FileEntry| {
        let path = file.path.as_str();
        let shown = open.is_some_and(|open| open.path == file.path);
        let view = format!(
            "/{}?file={}",
            item.name(),
            encode_path(path).replace('/', "%2F")
        );
        html! {
            tr {
                th scope="row" {
                    @if preview::exists(&file.media_type) {
                        a href={ (page.href(&view)) "#preview" } aria-current=[shown.then_some("true")] { (plain(path)) }
                    } @else { (plain(path)) }
                }
                td.type { (plain(&preview::type_name(words, &file.media_type))) }
                td.size { (size(page.lang(), file.size)) }
                td { a href=(download(item, path)) download { (words.say("file-download")) span.hidden { " " (plain(path)) } } }
            }
        }
    };
    let table = |files: &[FileEntry]| {
        html! {
            div.scroll { table {
                thead { tr {
                    th scope="col" { (words.say("file-name")) } th.type scope="col" { (words.say("file-type")) }
                    th.size scope="col" { (words.say("file-size")) } th scope="col" { span.hidden { (words.say("file-download")) } }
                } }
                tbody { @for file in files { (line(file)) } }
            } }
        }
    };
    let (first, rest) = list.files().split_at(list.files().len().min(OPEN_FILES));
    html! {
        section aria-labelledby="files" {
            h2 id="files" { (words.say("files-title")) }
            p.quiet { (summary) }
            (table(first))
            @if !rest.is_empty() {
                details { summary { (words.say_with("filters-more", [("count", rest.len().into())])) } (table(rest)) }
            }
        }
    }
}

fn versions(page: &Page<'_>, item: &Shown) -> Markup {
    let words = page.words;
    let all = item.versions.len();
    let line = |at: usize, version: &Version| {
        html! {
            li {
                strong { (words.say_with("version-number", [("version", ((all - at).to_string()).into())])) } " "
                (day(page.lang(), version.time))
                @if let Some(name) = &version.author_name { ", " (words.say("version-by")) " " (plain(name)) }
                @if let Some(files) = version.files {
                    ", " (words.say_with("files", [("count", files.count.into()), ("size", size(page.lang(), files.bytes).into())]))
                }
                @if version.current { " " span.tag { (words.say("version-current")) } }
                @if let Some(before) = item.versions.get(at + 1).filter(|_| version.files.is_some() && item.withdrawn.is_none()) {
                    " " a href=(compare::address(page, &item.name(), &before.statement, &version.statement)) {
                        (page.words.say("compare-link"))
                        span.hidden { " (" (words.say_with("version-number", [("version", ((all - at).to_string()).into())])) ")" }
                    }
                }
            }
        }
    };
    html! {
        @if all > 1 {
            section aria-labelledby="versions" {
                h2 id="versions" { (words.say("versions-title")) }
                ol.versions { @for (at, version) in item.versions.iter().enumerate().take(OPEN_VERSIONS) { (line(at, version)) } }
                @if all > OPEN_VERSIONS {
                    details {
                        summary { (words.say_with("filters-more", [("count", (all - OPEN_VERSIONS).into())])) }
                        ol.versions { @for (at, version) in item.versions.iter().enumerate().skip(OPEN_VERSIONS) { (line(at, version)) } }
                    }
                }
            }
        }
    }
}

/// May I use it: one sentence, and what to write where one does.
pub(super) fn licence(page: &Page<'_>, item: &Shown) -> Markup {
    let words = page.words;
    let lang = page.lang().tag();
    let stated = item.view.licence.as_deref().unwrap_or_default();
    let licence = Licence::parse(stated).ok();
    let sentence = match &licence {
        Some(licence) => licence.sentence(lang),
        None => commun_specs::licence::Family::Unstated.sentence(lang),
    };
    let label = licence
        .as_ref()
        .map_or_else(|| stated.to_owned(), |l| l.label(lang));
    let may_adapt = licence.as_ref().is_some_and(|l| l.class().may_adapt());
    html! {
        section.card.licence-card.free[may_adapt] aria-labelledby="licence" {
            h2 id="licence" { (words.say("item-licence")) }
            p.verdict { span.sign aria-hidden="true" { @if may_adapt { "✓" } @else { "!" } } span { (sentence) } }
            @if let Some(url) = licence.as_ref().and_then(Licence::url) {
                p { a href=(url) rel="license noreferrer" { (words.say_with("licence-text-link", [("licence", label.as_str().into())])) } }
            } @else if !label.is_empty() { p { (plain(&label)) } }
            @for (tag, text) in &item.view.licence_statements {
                p.quiet { (spoken(text, tag, page.lang())) }
            }
            h3 { (words.say("attribution-title")) }
            p.quiet { (words.say("attribution-help")) }
            blockquote.attribution { (visible(&attribution(page, item, &label))) }
        }
    }
}

/// Title, author, source, licence, in one sentence to copy.
fn attribution(page: &Page<'_>, item: &Shown, licence: &str) -> String {
    let words = page.words;
    let (_, title) = item.title(&page.wanted.tags());
    let authors: Vec<&str> = item.view.creators.iter().map(|c| c.name.as_str()).collect();
    let authors = match authors.is_empty() {
        true => words.say("unknown-author").to_owned(),
        false => authors.join(", "),
    };
    let source = format!("{}/{}", page.web.hosts().main, item.name());
    words.say_with(
        "attribution-text",
        [
            ("title", title.into()),
            ("authors", authors.into()),
            ("licence", licence.into()),
            ("source", source.into()),
        ],
    )
}

fn details(page: &Page<'_>, item: &Shown) -> Markup {
    let words = page.words;
    let lang = page.lang();
    let view: &View = &item.view;
    let values = |facet: Facet, ids: &[String]| {
        html! {
            ul { @for id in ids {
                @let asked = crate::http::search::Asked::default_page().toggled(facet, id);
                li { a href=(page.href(&asked.href())) { (plain(&facet.label(id, lang.tag()))) } }
            } }
        }
    };
    let subjects = view.subjects.iter().map(|subject| {
        let own = subject
            .label
            .iter()
            .find(|(tag, _)| tag == lang.tag())
            .or(subject.label.first());
        (subject.id(), own.map(|(_, text)| text.clone()))
    });
    let subjects: Vec<(String, Option<String>)> = subjects.collect();
    html! {
        section.card aria-labelledby="details" {
            h2 id="details" { (words.say("details-title")) }
            dl {
                @if !view.creators.is_empty() { dt { (words.say("detail-authors")) } dd { (people(&view.creators)) } }
                @if !view.contributors.is_empty() { dt { (words.say("detail-contributors")) } dd { (people(&view.contributors)) } }
                @if !view.resource_types.is_empty() { dt { (words.say("detail-type")) } dd { (values(Facet::ResourceType, &view.resource_types)) } }
                @if !view.levels.is_empty() { dt { (words.say("detail-level")) } dd { (values(Facet::Level, &view.levels)) } }
                @if !subjects.is_empty() {
                    dt { (words.say("detail-subject")) }
                    dd { ul { @for (id, own) in &subjects {
                        @let asked = crate::http::search::Asked::default_page().toggled(Facet::Subject, id);
                        li { a href=(page.href(&asked.href())) { (plain(own.as_deref().unwrap_or(&Facet::Subject.label(id, lang.tag())))) } }
                    } } }
                }
                @if !view.languages.is_empty() { dt { (words.say("detail-language")) } dd { (values(Facet::Language, &view.languages)) } }
                (teaching(view, lang))
                @for (name, when) in [
                    (words.say("detail-published"), &view.published), (words.say("detail-created"), &view.created), (words.say("detail-modified"), &view.modified),
                ] {
                    @if let Some(when) = when { dt { (name) } dd { (date(lang, when)) } }
                }
                @if let Some(version) = &view.version { dt { (words.say("detail-version")) } dd { (plain(version)) } }
                @if !view.keywords.is_empty() {
                    dt { (words.say("detail-keywords")) }
                    dd { ul.inline { @for (tag, word) in keywords(view, lang) { li { (spoken(word, tag, lang)) } } } }
                }
                @if !view.relations.is_empty() {
                    dt { (words.say("detail-related")) }
                    dd { ul { @for relation in &view.relations { li { (link(page, &relation.target, relation.title.as_deref())) } } } }
                }
                @if !view.aliases.is_empty() {
                    dt { (words.say("detail-identifiers")) }
                    dd { ul { @for alias in &view.aliases { li { (link(page, alias, None)) } } } }
                }
            }
        }
    }
}

/// What a teacher asks next: for whom, how long, what before and what after.
fn teaching(view: &View, lang: Lang) -> Markup {
    let labels = |scheme, ids: &[String]| {
        let labels = ids.iter();
        let labels: Vec<&str> = labels
            .map(|id| vocab::label(scheme, id, lang.tag()).unwrap_or(id))
            .collect();
        labels.join(", ")
    };
    let concepts = |list: &[Concept]| {
        let labels: Vec<String> = list
            .iter()
            .map(|concept| concept.label_for(lang.tag()).to_owned())
            .collect();
        labels
    };
    let one = |text: String| {
        if text.is_empty() {
            Vec::new()
        } else {
            vec![text]
        }
    };
    let difficulty = view.difficulty.as_slice();
    let access = view.access.as_slice();
    let lines = [
        ("audience", one(labels(Scheme::Audience, &view.audience))),
        ("difficulty", one(labels(Scheme::Difficulty, difficulty))),
        (
            "learning_time",
            one(view
                .learning_time
                .as_deref()
                .map(|time| iso_duration(lang, time))
                .unwrap_or_default()),
        ),
        ("prerequisites", concepts(&view.prerequisites)),
        ("outcomes", concepts(&view.outcomes)),
        ("access", one(labels(Scheme::Access, access))),
        (
            "accessibility_features",
            one(labels(
                Scheme::AccessibilityFeature,
                &view.accessibility_features,
            )),
        ),
        (
            "publishers",
            view.publishers.iter().map(|p| p.name.clone()).collect(),
        ),
    ];
    html! {
        @for (field, values) in &lines {
            @if !values.is_empty() {
                dt { (field_name(field, lang)) }
                @if let [value] = values.as_slice() { dd { (visible(value)) } }
                @else { dd { ul { @for value in values { li { (visible(value)) } } } } }
            }
        }
    }
}

/// The keywords in the page's language; all of them where there are none.
fn keywords(view: &View, lang: Lang) -> impl Iterator<Item = &(String, String)> {
    let own = move |word: &(String, String)| Lang::of_tag(&word.0) == Some(lang);
    let any = view.keywords.iter().any(own);
    view.keywords.iter().filter(move |word| !any || own(word))
}

/// A target of the metadata: an item of the commons, an address, or an identifier that is only shown.
fn link(page: &Page<'_>, target: &str, title: Option<&str>) -> Markup {
    let shown = title.unwrap_or(target);
    let web = target.starts_with("https://") || target.starts_with("http://");
    let doi = target
        .strip_prefix("doi:")
        .or(target.starts_with("10.").then_some(target));
    let name = target
        .split_once('/')
        .filter(|(handle, slug)| crate::http::name(handle, slug).is_ok());
    html! {
        @if web { a href=(target) rel="nofollow noopener noreferrer" { (plain(shown)) } }
        @else if let Some(doi) = doi { a href={ "https://doi.org/" (encode_path(doi)) } rel="nofollow noopener noreferrer" { (plain(shown)) } }
        @else if name.is_some() { a href=(page.href(&format!("/{target}"))) { (plain(shown)) } }
        @else { (plain(shown)) }
    }
}

fn people(people: &[Creator]) -> Markup {
    html! {
        ul { @for person in people { li {
            (plain(&person.name))
            @if let Some(orcid) = &person.orcid { " " a href={ "https://orcid.org/" (orcid) } rel="noopener noreferrer" { "ORCID" } }
            @if let Some(organisation) = &person.affiliation { br; span.quiet { (plain(&organisation.name)) } }
        } } }
    }
}

/// The item in the forms of others.
fn exports(page: &Page<'_>, item: &Shown) -> Markup {
    let words = page.words;
    html! {
        h3 { (words.say("export-title")) }
        ul.inline {
            @for (format, label) in [
                (Format::Imscc, words.say("export-cartridge")), (Format::Package, words.say("export-package")), (Format::Bagit, words.say("export-bag")),
                (Format::SupLomFr, "SupLOMFR"), (Format::Amb, "AMB"), (Format::Bibtex, "BibTeX"),
            ] {
                li { a href={ "/api/v1/items/" (item.name()) "/export?format=" (format.as_str()) } download { (label) } }
            }
        }
    }
}

fn get(page: &Page<'_>, item: &Shown) -> Markup {
    let words = page.words;
    html! {
        @if item.withdrawn.is_none() {
            section.card aria-labelledby="get" {
                h2 id="get" { (words.say("get-title")) }
                p.quiet { (words.say("get-help")) }
                pre.command tabindex="0" { code { "commun get " (item.name()) } }
                (exports(page, item))
            }
        }
    }
}

/// Who published it, who signed it, where that is written down, and who else has it.
pub(super) fn provenance(page: &Page<'_>, item: &Shown) -> Markup {
    let words = page.words;
    let current = item.versions.iter().find(|version| version.current);
    let holders: Vec<&str> = item.holders.iter().map(|h| h.as_str()).collect();
    html! {
        section.card.provenance aria-labelledby="provenance" {
            h2 id="provenance" { (words.say("provenance-title")) }
            p { (words.say("published-by")) " " a href=(page.href(&format!("/{}", item.handle))) { (plain(item.handle.as_str())) } }
            @if !holders.is_empty() {
                p title=(holders.join(", ")) { span.tag.free { (words.say_with("provenance-copies", [("count", (holders.len() as u64).into())])) } }
            }
            @if let Some(version) = current {
                p { (words.say("provenance-signed")) " "
                    @match &version.author_name {
                        Some(name) => (plain(name)),
                        None => code.key { (version.author) },
                    }
                    ", " (day(page.lang(), version.time))
                    br; span.quiet { (if version.custody_self { words.say("provenance-custody-self") } else { words.say("provenance-custody-node") }) }
                }
                p { span.sign aria-hidden="true" { "✓" } " " (words.say("provenance-verified")) }
                p.quiet {
                    (words.say_with("provenance-position", [("institution", version.log.as_str().into()), ("position", version.position.to_string().into())])) br;
                    a href={ "/api/v1/items/" (item.name()) "/statements" } { (words.say("provenance-record")) }
                }
            }
            p.quiet { (page.words.say("taking-report-hint")) br; code { "commun report " (item.name()) " --text TEXT" } }
            @if item.repository.is_some() {
                p { a.more href=(page.href(&format!("/{}/verification", item.name()))) { (page.words.say("proof-link")) } }
            }
        }
    }
}
