//! The pages of a repository: what it is, its files at any branch or tag, its last changes.

use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, Uri, header},
    response::{IntoResponse, Response},
};
use commun_forge::{
    git::{Blob, Browse, BrowseError, Commit, Entry, EntryKind},
    render::{Target, markdown_to_html},
    resource::{content_disposition, media_type},
};
use maud::{Markup, PreEscaped, html};

use super::{
    Page, component, encode_path,
    item::{headline, licence, provenance, warnings},
    parameter,
    preview::{lowered, resolve},
    wanted,
};
use crate::{
    http::{
        Web, content, name,
        problem::Problem,
        text::{day, number, plain, size, visible},
        words::fill,
    },
    items::{Ref, Repository, Shown},
};

/// Commits on the front page, and on the page of commits.
const FEW_COMMITS: usize = 8;
const MANY_COMMITS: usize = 100;
/// Largest file shown in place, in bytes.
const MAX_SHOWN: u64 = 512 << 10;
/// Largest file handed out outside Git, in bytes: it is read into memory; clone what is larger.
const MAX_RAW: u64 = 20 << 20;
/// Branches and tags listed on the front page.
const MAX_REFS: usize = 50;

/// What the front page reads from Git.
struct Overview {
    entries: Vec<Entry>,
    commits: Vec<Commit>,
    readme: Option<(String, Vec<u8>)>,
}

impl From<BrowseError> for Problem {
    fn from(error: BrowseError) -> Self {
        match error {
            BrowseError::NotFound | BrowseError::WrongKind(_) => {
                Problem::not_found("there is no such branch, folder or file")
            }
            BrowseError::Unreadable => {
                Problem::new(axum::http::StatusCode::NOT_IMPLEMENTED, error.to_string())
            }
            BrowseError::Broken(_) => Problem::internal(&error),
        }
    }
}

/// Reads from a repository on a thread that may block; `None` where it is not here or has no commit yet.
async fn read<T: Send + 'static>(
    web: &Web,
    item: &Shown,
    work: impl FnOnce(&Browse) -> Result<T, BrowseError> + Send + 'static,
) -> Result<Option<T>, Problem> {
    let id = item.id;
    web.ask(move |site| match site.repository(&id)? {
        Some(browse) => Ok(Some(work(&browse)?)),
        None => Ok(None),
    })
    .await
}

/// `GET /{handle}/{slug}` of a repository.
pub(super) async fn overview(page: &Page<'_>, item: Shown, uri: &Uri) -> Result<Response, Problem> {
    let rev = parameter(uri, "ref");
    let explicit = rev.clone();
    let found = read(page.web, &item, move |git| {
        let rev = rev.as_deref();
        match git.resolve(rev) {
            // A default branch that nobody pushed to yet is not an error.
            Err(BrowseError::NotFound) if rev.is_none() => return Ok(None),
            other => other?,
        };
        Ok(Some(Overview {
            entries: git.tree(rev, "")?,
            commits: git.commits(rev, None, 0, FEW_COMMITS)?,
            readme: git.readme(rev)?,
        }))
    })
    .await?;
    let title = item.title(&page.wanted.tags()).1.to_owned();
    let main = front(page, &item, explicit.as_deref(), found.flatten().as_ref());
    Ok(page.finish(&title, Some(""), main))
}

/// `GET /{handle}/{slug}/(tree|blob|raw|commits)/PATH?ref=…`.
pub(super) async fn below(
    State(web): State<Web>,
    Path((handle, slug, rest)): Path<(String, String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let nothing = || Problem::not_found("there is nothing at this address");
    let wanted = wanted(&uri, &headers);
    let (view, path) = rest.split_once('/').unwrap_or((&rest, ""));
    let path = path.trim_end_matches('/').to_owned();
    if !matches!(view, "tree" | "blob" | "raw" | "commits") {
        return Err(nothing());
    }
    let item = web.item(name(&handle, &slug)?).await?;
    if item.repository.is_none() {
        return Err(nothing());
    }
    let page = Page::new(&web, &wanted, &uri);
    let rev = parameter(&uri, "ref");
    let at = At {
        item: &item,
        rev: rev.as_deref(),
        path: &path,
    };
    let (rev, sought) = (rev.clone(), path.clone());
    let main = match view {
        "tree" => {
            let entries = read(&web, &item, move |git| git.tree(rev.as_deref(), &sought)).await?;
            folder_page(&page, at, &entries.ok_or_else(nothing)?)
        }
        "commits" => {
            let commits = read(&web, &item, move |git| {
                git.commits(
                    rev.as_deref(),
                    (!sought.is_empty()).then_some(&*sought),
                    0,
                    MANY_COMMITS,
                )
            });
            commits_page(&page, at, &commits.await?.ok_or_else(nothing)?)
        }
        "raw" => {
            let blob = read(&web, &item, move |git| {
                git.blob(rev.as_deref(), &sought, MAX_RAW)
            })
            .await?;
            return raw(&path, blob.ok_or_else(nothing)?);
        }
        _ => {
            let blob = read(&web, &item, move |git| {
                git.blob(rev.as_deref(), &sought, MAX_SHOWN)
            })
            .await?;
            file_page(&page, at, &blob.ok_or_else(nothing)?)
        }
    };
    let title = if path.is_empty() {
        item.name()
    } else {
        format!("{path} · {}", item.name())
    };
    Ok(page.finish(&title, Some(""), main))
}

/// A place in a repository.
#[derive(Clone, Copy)]
struct At<'a> {
    item: &'a Shown,
    rev: Option<&'a str>,
    path: &'a str,
}

impl At<'_> {
    fn href(&self, page: &Page<'_>, view: &str, path: &str) -> String {
        let mut address = format!("/{}/{view}", self.item.name());
        if !path.is_empty() {
            address.push('/');
            address.push_str(&encode_path(path));
        }
        if let Some(rev) = self.rev {
            address.push_str("?ref=");
            address.push_str(&encode_path(rev).replace('/', "%2F"));
        }
        page.href(&address)
    }
}

fn raw(path: &str, blob: Blob) -> Result<Response, Problem> {
    if !blob.complete {
        return Err(Problem::too_large(
            "this file is too large to be handed out here: clone the repository",
        ));
    }
    let mut response = Body::from(blob.bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/octet-stream"),
    );
    if let Ok(value) = HeaderValue::from_str(&content_disposition(path)) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// A picture of a repository, for the content host.
pub(in crate::http) async fn picture(
    web: &Web,
    item: &Shown,
    rev: Option<String>,
    path: String,
) -> Result<Response, Problem> {
    let kind = media_type(&path);
    if !content::is_picture(&kind) {
        return Err(Problem::not_found("only pictures are shown here"));
    }
    let blob = read(web, item, move |git| {
        git.blob(rev.as_deref(), &path, MAX_RAW)
    })
    .await?;
    let blob = blob
        .filter(|blob| blob.complete)
        .ok_or_else(|| Problem::not_found("there is no such picture"))?;
    let mut response = Body::from(blob.bytes).into_response();
    if let Ok(kind) = HeaderValue::from_str(&kind) {
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    Ok(response)
}

fn front(page: &Page<'_>, item: &Shown, rev: Option<&str>, found: Option<&Overview>) -> Markup {
    let words = page.words;
    let tags = page.wanted.tags();
    let at = At {
        item,
        rev,
        path: "",
    };
    let described = item
        .view
        .summary_for(&tags)
        .or_else(|| item.view.description_for(&tags));
    html! {
        div.inner.item {
            (headline(page, item))
            (warnings(page, item))
            @if let Some(repository) = &item.repository { (troubles(page, item, repository)) }
            div.body {
                @if let Some((lang, text)) = described {
                    p.lead dir="auto" lang=[crate::http::text::foreign(lang, page.lang())] { (visible(text)) }
                }
                @match found {
                    None => { p.notice { (words.empty_repository) } }
                    Some(found) => {
                        section aria-labelledby="tree" {
                            h2 id="tree" { (words.tree_title) @if let Some(rev) = rev { " " span.quiet { (PreEscaped(fill(words.at_ref, &[&plain(rev).into_string()]))) } } }
                            (folder(page, at, &found.entries))
                        }
                        @match &found.readme {
                            Some((name, bytes)) => {
                                section aria-labelledby="readme" {
                                    h2 id="readme" { (words.readme_title) }
                                    (readme(page, at, name, bytes))
                                }
                            }
                            None => { p.quiet { (words.readme_none) } }
                        }
                        (component::bricks(page, item))
                        (component::problems(page, item))
                        section aria-labelledby="commits" {
                            h2 id="commits" { (words.commits_title) }
                            (commits(page, &found.commits))
                            p { a.more href=(at.href(page, "commits", "")) { (words.commits_all) } }
                        }
                    }
                }
            }
            div.side {
                (clone(page, item))
                @if let Some(repository) = &item.repository { (refs(page, at, repository)) }
                (component::card(page, item))
                (licence(page, item))
                (provenance(page, item))
            }
        }
    }
}

fn clone(page: &Page<'_>, item: &Shown) -> Markup {
    let words = page.words;
    html! {
        section.card aria-labelledby="clone" {
            h2 id="clone" { (words.clone_title) }
            p.quiet { (words.clone_help) }
            pre.command tabindex="0" { code { "git clone " (page.web.hosts().main) "/" (item.name()) ".git" } }
        }
    }
}

/// What keeps this node from showing the newest state as one line: several heads, or objects on their way.
fn troubles(page: &Page<'_>, item: &Shown, repository: &Repository) -> Markup {
    let words = page.words;
    let behind = repository
        .refs
        .iter()
        .any(|r| r.served.as_deref() != Some(&r.oid));
    html! {
        @if behind { div.notice role="status" { p { (words.objects_missing) } } }
        @for r in repository.refs.iter().filter(|r| !r.diverged.is_empty()) {
            div.notice.bad role="note" {
                p { strong { (words.diverged_title) } }
                p { (PreEscaped(fill(words.diverged_text, &[&plain(r.short()).into_string(), &plain(r.by.as_str()).into_string()]))) }
                ul { @for (handle, _) in &r.diverged { li { code { "refs/diverged/" (handle) "/" (visible(r.name.trim_start_matches("refs/"))) } } } }
                p { (words.diverged_fix) }
                @for (handle, _) in &r.diverged {
                    pre.command tabindex="0" { code {
                        "git fetch " (page.web.hosts().main) "/" (item.name()) ".git refs/diverged/" (handle) "/" (visible(r.name.trim_start_matches("refs/"))) "\n"
                        "git merge FETCH_HEAD"
                    } }
                }
            }
        }
    }
}

fn refs(page: &Page<'_>, at: At<'_>, repository: &Repository) -> Markup {
    let words = page.words;
    let list = |refs: Vec<&Ref>| {
        html! {
            ul.plainlist { @for r in refs.iter().take(MAX_REFS) {
                @let there = At { rev: Some(r.short()), ..at };
                li {
                    a href=(there.href(page, "tree", "")) aria-current=[(at.rev == Some(r.short())).then_some("true")] { (plain(r.short())) }
                    @if r.is_branch() && r.short() == repository.default_branch { " " span.tag { (words.branch_default) } }
                    @if r.served.as_deref() != Some(&r.oid) { " " span.tag { (words.branch_behind) } }
                }
            } }
        }
    };
    let branches: Vec<&Ref> = repository.refs.iter().filter(|r| r.is_branch()).collect();
    let tags: Vec<&Ref> = repository.refs.iter().filter(|r| !r.is_branch()).collect();
    html! {
        @if !repository.refs.is_empty() {
            section.card aria-labelledby="branches" {
                h2 id="branches" { (words.branches) }
                (list(branches))
                @if !tags.is_empty() { h3 { (words.tags) } (list(tags)) }
            }
        }
    }
}

fn folder(page: &Page<'_>, at: At<'_>, entries: &[Entry]) -> Markup {
    let words = page.words;
    let join = |name: &str| {
        if at.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}/{name}", at.path)
        }
    };
    html! {
        div.scroll { table.tree {
            caption.hidden { (words.tree_label) }
            thead.hidden { tr { th scope="col" { (words.file_name) } th.size scope="col" { (words.file_size) } } }
            tbody {
                @if let Some((parent, _)) = at.path.rsplit_once('/').or((!at.path.is_empty()).then_some(("", ""))) {
                    tr { th scope="row" { a href=(at.href(page, "tree", parent)) { (words.parent_folder) } } td {} }
                }
                @for entry in entries {
                    tr {
                        th scope="row" {
                            @match entry.kind {
                                EntryKind::Folder => a.folder href=(at.href(page, "tree", &join(&entry.name))) { span.hidden { (words.folder) " " } (plain(&entry.name)) },
                                EntryKind::Submodule => span { (plain(&entry.name)) },
                                _ => a href=(at.href(page, "blob", &join(&entry.name))) { (plain(&entry.name)) },
                            }
                        }
                        td.size { @if let Some(bytes) = entry.size { (size(page.lang(), bytes)) } }
                    }
                }
            }
        } }
    }
}

fn readme(page: &Page<'_>, at: At<'_>, name: &str, bytes: &[u8]) -> Markup {
    let text = String::from_utf8_lossy(bytes);
    html! {
        @if name.to_ascii_lowercase().ends_with(".md") || name.to_ascii_lowercase().ends_with(".markdown") {
            div.prose.paper dir="auto" { (PreEscaped(markdown(page, at, &text))) }
        } @else {
            pre.paper tabindex="0" dir="auto" { code { (visible(&text)) } }
        }
    }
}

/// Markdown of a repository, its links leading to its files here and its pictures to the content host.
fn markdown(page: &Page<'_>, at: At<'_>, text: &str) -> String {
    let name = at.item.name();
    let folder = at
        .path
        .rsplit_once('/')
        .map_or(String::new(), |(folder, _)| folder.to_owned());
    let origin = page.web.hosts().content.clone();
    let rev = at
        .rev
        .map(|rev| format!("?ref={}", encode_path(rev).replace('/', "%2F")))
        .unwrap_or_default();
    let rewrite = move |target: Target<'_>| {
        let (Target::Link(written) | Target::Image(written)) = target;
        let path = encode_path(&resolve(&folder, written)?);
        Some(match target {
            Target::Link(_) => format!("/{name}/blob/{path}{rev}"),
            Target::Image(_) => format!("{origin}/{name}/git/{path}{rev}"),
        })
    };
    lowered(&markdown_to_html(text, rewrite).html)
}

fn commits(page: &Page<'_>, commits: &[Commit]) -> Markup {
    let words = page.words;
    html! {
        @if commits.is_empty() { p.quiet { (words.commits_none) } }
        ol.commits { @for commit in commits {
            li {
                span.subject dir="auto" { (visible(&commit.summary)) }
                span.quiet {
                    (PreEscaped(fill(words.commit_by, &[&plain(&commit.author).into_string()]))) " "
                    (day(page.lang(), u64::try_from(commit.time).unwrap_or(0))) " "
                    code { (commit.oid.to_string().chars().take(10).collect::<String>()) }
                }
            }
        } }
    }
}

/// The way back up: the repository and the folders above.
fn trail(page: &Page<'_>, at: At<'_>) -> Markup {
    let mut above = String::new();
    let parts: Vec<(String, String)> = at
        .path
        .split('/')
        .filter(|part| !part.is_empty())
        .map(|part| {
            if !above.is_empty() {
                above.push('/');
            }
            above.push_str(part);
            (part.to_owned(), above.clone())
        })
        .collect();
    let last = parts.len().saturating_sub(1);
    html! {
        p.eyebrow {
            a href=(page.href(&format!("/{}", at.item.name()))) { (plain(&at.item.name())) }
            @if let Some(rev) = at.rev { " " span.tag { (plain(rev)) } }
        }
        h1.path {
            @if parts.is_empty() { (page.words.tree_title) }
            @for (n, (name, path)) in parts.iter().enumerate() {
                @if n > 0 { span aria-hidden="true" { "/" } }
                @if n == last { (plain(name)) } @else { a href=(at.href(page, "tree", path)) { (plain(name)) } }
            }
        }
    }
}

fn folder_page(page: &Page<'_>, at: At<'_>, entries: &[Entry]) -> Markup {
    html! { div.inner.wide { (trail(page, at)) (folder(page, at, entries)) } }
}

fn commits_page(page: &Page<'_>, at: At<'_>, list: &[Commit]) -> Markup {
    let words = page.words;
    html! {
        div.inner.wide {
            p.eyebrow { a href=(page.href(&format!("/{}", at.item.name()))) { (words.back_to_repository) } }
            h1 { (PreEscaped(fill(words.last_commits, &[&plain(at.rev.unwrap_or(at.item.slug.as_str())).into_string()]))) }
            (commits(page, list))
        }
    }
}

fn file_page(page: &Page<'_>, at: At<'_>, blob: &Blob) -> Markup {
    let words = page.words;
    let kind = media_type(at.path);
    let text =
        (blob.complete && !blob.bytes.contains(&0)).then(|| String::from_utf8_lossy(&blob.bytes));
    html! {
        div.inner.wide {
            (trail(page, at))
            @if content::is_picture(&kind) {
                @let rev = at.rev.map(|rev| format!("?ref={}", encode_path(rev).replace('/', "%2F"))).unwrap_or_default();
                p.paper { img src={ (page.web.hosts().content) "/" (at.item.name()) "/git/" (encode_path(at.path)) (rev) } alt=(fill(words.preview_image_alt, &[&visible(at.path)])); }
            } @else if let Some(text) = &text {
                p.quiet { (fill(words.file_lines, &[&number(page.lang(), text.lines().count() as u64), &size(page.lang(), blob.size)])) }
                @if kind == "text/markdown" { div.prose.paper dir="auto" { (PreEscaped(markdown(page, at, text))) } }
                @else { pre.paper tabindex="0" { code { (visible(text)) } } }
            } @else {
                p.quiet { (if blob.complete { words.file_binary } else { words.file_too_large }) }
            }
            p { a.button href=(at.href(page, "raw", at.path)) download { (words.file_raw) " " span.quiet { (size(page.lang(), blob.size)) } } }
        }
    }
}
