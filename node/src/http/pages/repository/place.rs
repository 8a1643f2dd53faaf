//! A place in a repository, and its address.

use std::sync::Arc;

use axum::http::Uri;
use commun_forge::git::{Browse, BrowseError, Oid, Resolved};
use maud::{Markup, html};

use super::super::{Page, encode_path, parameter};
use super::{nothing, read};
use crate::{
    http::{
        Web,
        problem::Problem,
        text::{plain, visible},
    },
    items::Shown,
};

/// Branches and tags in the list with which one goes to the same place at another.
const MAX_CHOICES: usize = 40;

/// A place: a repository, a commit under the name by which it was asked for, a path.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) item: &'a Arc<Shown>,
    pub(super) resolved: &'a Resolved,
}

/// Where an address leads.
pub(super) enum Place {
    /// To this commit and path.
    Here(Resolved),
    /// To another address, of which this is the part after the view.
    There(String),
}

/// The address of a view: `rest` is `REF/PATH`.
pub(super) fn address(item: &Shown, view: &str, rest: &str) -> String {
    let mut address = format!("/{}/{view}", item.name());
    if !rest.is_empty() {
        address.push('/');
        address.push_str(&encode_path(rest));
    }
    address
}

/// Ten digits of an id.
pub(super) fn short(oid: &Oid) -> &str {
    &oid.as_str()[..10]
}

/// Finds the place that the part of an address after the view names. Without a ref the default branch is meant,
/// and the reader is sent there; so is who has an address of the form `PATH?ref=REF`.
pub(super) async fn find(web: &Web, item: &Shown, rest: &str, uri: &Uri) -> Result<Place, Problem> {
    let default = item
        .repository
        .as_ref()
        .map_or_else(String::new, |repository| repository.default_branch.clone());
    let (rest, named) = (rest.trim_matches('/').to_owned(), parameter(uri, "ref"));
    let joined = |rev: &str, path: &str| match path {
        "" => rev.to_owned(),
        path => format!("{rev}/{path}"),
    };
    if let Some(rev) = named {
        return Ok(Place::There(joined(&rev, &rest)));
    }
    let found = read(web, item, move |git: &Browse| {
        match git.split_address(&rest) {
            Ok(resolved) => Ok(Place::Here(resolved)),
            Err(BrowseError::NotFound) => {
                let commit = git.resolve(Some(&default))?;
                let path = (!rest.is_empty()).then_some(&*rest);
                if let Some(path) = path {
                    git.entry(&commit, path)?;
                }
                Ok(Place::There(joined(&default, path.unwrap_or_default())))
            }
            Err(other) => Err(other),
        }
    })
    .await?;
    found.ok_or_else(nothing)
}

impl<'a> At<'a> {
    pub(super) fn new(item: &'a Arc<Shown>, resolved: &'a Resolved) -> Self {
        Self { item, resolved }
    }

    /// Makes a part of the page of this place where that holds up no other answer ([`Page::apart`]).
    ///
    /// # Errors
    /// Too much of it is under way.
    pub(super) async fn apart(
        &self,
        page: &Page<'_>,
        make: impl FnOnce(&Page<'_>, At<'_>) -> Markup + Send + 'static,
    ) -> Result<Markup, Problem> {
        let (item, resolved) = (Arc::clone(self.item), self.resolved.clone());
        page.apart(&self.item.handle, move |page| {
            make(page, At::new(&item, &resolved))
        })
        .await
    }

    /// The path.
    pub(super) fn path(&self) -> &'a str {
        &self.resolved.path
    }

    /// A view of a path at the same commit, by the same name.
    pub(super) fn href(&self, page: &Page<'_>, view: &str, path: &str) -> String {
        self.href_at(page, view, &self.resolved.rev, path)
    }

    /// A view of a path under another name.
    pub(super) fn href_at(&self, page: &Page<'_>, view: &str, rev: &str, path: &str) -> String {
        let mut rest = rev.to_owned();
        if !path.is_empty() {
            rest.push('/');
            rest.push_str(path);
        }
        page.href(&address(self.item, view, &rest))
    }

    /// The address of a picture on the content host. It names the commit, so it may be kept.
    pub(super) fn picture(&self, page: &Page<'_>, path: &str) -> String {
        picture(
            &page.web.hosts().content,
            self.item,
            &self.resolved.commit,
            path,
        )
    }

    /// The name of the place for people: the branch or tag, or the beginning of the commit's id.
    pub(super) fn label(&self) -> &str {
        match self.resolved.name {
            Some(_) => &self.resolved.rev,
            None => short(&self.resolved.commit),
        }
    }

    /// What names the place in the browser's tab.
    pub(super) fn title(&self) -> String {
        match self.path() {
            "" => format!("{} · {}", self.label(), self.item.name()),
            path => format!("{path} · {}", self.item.name()),
        }
    }
}

/// The address of a picture of a repository.
pub(super) fn picture(origin: &str, item: &Shown, commit: &Oid, path: &str) -> String {
    format!(
        "{origin}/{}/git/{}?ref={commit}",
        item.name(),
        encode_path(path)
    )
}

/// The path as links to the folders above, as the page's heading.
pub(super) fn trail(page: &Page<'_>, at: At<'_>) -> Markup {
    let mut above = String::new();
    let parts: Vec<(String, String)> = at
        .path()
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
        h1.path {
            @if parts.is_empty() { (plain(at.item.slug.as_str())) }
            @else {
                a href=(at.href(page, "tree", "")) { (plain(at.item.slug.as_str())) }
                span aria-hidden="true" { "/" }
            }
            @for (n, (name, path)) in parts.iter().enumerate() {
                @if n > 0 { span aria-hidden="true" { "/" } }
                @if n == last { (plain(name)) } @else { a href=(at.href(page, "tree", path)) { (plain(name)) } }
            }
        }
    }
}

/// A list, folded away, with which one goes to the same place at another branch or tag.
pub(super) fn switch(page: &Page<'_>, at: At<'_>, view: &str) -> Markup {
    let words = page.words;
    let refs = at.item.repository.iter().flat_map(|r| &r.refs);
    html! {
        details.switcher {
            summary { (words.say_with("code-ref-switch", [("ref", visible(at.label()).into())])) }
            ul {
                @for r in refs.take(MAX_CHOICES) {
                    @let here = at.resolved.name.as_deref() == Some(&r.name);
                    li { a href=(at.href_at(page, view, r.short(), at.path())) aria-current=[here.then_some("true")] { (plain(r.short())) } }
                }
                li { a href=(page.href(&address(at.item, "branches", ""))) { (words.say("code-ref-switch-more")) } }
            }
        }
    }
}
