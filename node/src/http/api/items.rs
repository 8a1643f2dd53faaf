//! `GET /api/v1/items/…`: an item, its statements, its files.
//!
//! `{item}` is an id (or its beginning) or `handle/slug`. Slugs are never `files`, `statements` or `versions`, so a
//! second segment that is one of these belongs to an id.

use axum::{
    extract::{Path, State},
    http::{HeaderMap, Method, StatusCode, Uri},
    response::Response,
};
use commun_forge::resource::content_disposition;
use commun_specs::{
    id::base32,
    licence::Licence,
    metadata::{Record, TABLE, View},
};
use data_encoding::BASE64;
use serde_json::{Map, Value, json};

use super::component;
use crate::{
    http::{
        Web, content, files, hosts::Hosts, name, pages, place::is_whole_id, problem::Problem,
        site::Which, subtitles, text::rfc3339, vocabularies,
    },
    items::{Evidence, Shown, Version, Withdrawal, Words},
};

/// Fewest and most characters of an id, or of the beginning of one.
const ID_CHARS: std::ops::RangeInclusive<usize> = 8..=commun_specs::id::CHARS;

pub(super) async fn by_id(
    State(web): State<Web>,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    item(&web, self::id(&id)?, &uri, &headers).await
}

/// `{id}/files`, `{id}/statements`, or `{handle}/{slug}`.
pub(in crate::http) async fn below_or_name(
    State(web): State<Web>,
    Path((first, second)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    match second.as_str() {
        "files" => list(&web, id(&first)?).await,
        "statements" => statements(&web, id(&first)?).await,
        // No handle is as long as an id, and slugs may be called so.
        "component" if is_whole_id(&first) => {
            component::component(&web, id(&first)?, &uri, &headers).await
        }
        "similar" if is_whole_id(&first) => {
            super::similar::similar(&web, id(&first)?, &uri, &headers).await
        }
        // A repository may be called so; no handle is as long as an id.
        "history" if is_whole_id(&first) => super::history::history(&web, id(&first)?, &uri).await,
        _ => item(&web, name(&first, &second)?, &uri, &headers).await,
    }
}

/// `{id}/files/PATH`, or below `{handle}/{slug}`.
pub(super) async fn rest(
    State(web): State<Web>,
    Path((first, second, rest)): Path<(String, String, String)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (which, below) = if second == "files" {
        (id(&first)?, format!("files/{rest}"))
    } else {
        (name(&first, &second)?, rest)
    };
    match below.as_str() {
        "files" => list(&web, which).await,
        "statements" => statements(&web, which).await,
        "component" => component::component(&web, which, &uri, &headers).await,
        "history" => super::history::history(&web, which, &uri).await,
        "similar" => super::similar::similar(&web, which, &uri, &headers).await,
        _ => match (
            below.strip_prefix("files/"),
            below.strip_prefix("subtitles/"),
        ) {
            (Some(path), _) => file(&web, which, path, &method, &headers).await,
            (_, Some(path)) => subtitles::subtitles(&web, which, path).await,
            _ => Err(Problem::not_found(
                "an item has files, statements, similar ones and, if it is a repository, a history below it",
            )),
        },
    }
}

/// An id of an address.
pub(in crate::http) fn id(text: &str) -> Result<Which, Problem> {
    let fits = ID_CHARS.contains(&text.len())
        && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7'));
    if fits {
        Ok(Which::Id(text.to_owned()))
    } else {
        Err(Problem::not_found(
            "an item is handle/slug, an id, or the first 8 characters or more of one",
        ))
    }
}

async fn item(
    web: &Web,
    which: Which,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let wanted = pages::wanted(uri, headers);
    let mut item = web.item(which).await?;
    vocabularies::label(web, &mut item).await;
    let document = document(&item, &wanted.tags(), wanted.lang.tag(), web.hosts());
    Ok(super::json(StatusCode::OK, &document))
}

async fn list(web: &Web, which: Which) -> Result<Response, Problem> {
    let item = web.item(which).await?;
    let files = file_list(&item)?;
    let files = files.iter().map(|file| {
        json!({"path": file.path.as_str(), "size": file.size, "type": file.media_type,
            "blake3": file.blake3.to_string()})
    });
    Ok(super::json(
        StatusCode::OK,
        &json!({"files": files.collect::<Vec<_>>()}),
    ))
}

/// The problem that an item was withdrawn: 410, with the reason.
pub(in crate::http) fn gone(item: &Shown) -> Problem {
    let why = item.withdrawn.as_ref().map(Withdrawal::sentence);
    Problem::new(StatusCode::GONE, why.unwrap_or_default())
}

/// The files of the current version; a repository has none here (its files are in Git).
fn file_list(item: &Shown) -> Result<&[commun_specs::files::FileEntry], Problem> {
    if item.withdrawn.is_some() {
        return Err(gone(item));
    }
    match (&item.files, &item.repository) {
        (Some(files), _) => Ok(files.files()),
        (None, Some(_)) => Ok(&[]),
        (None, None) if item.members.is_some() => Ok(&[]),
        (None, None) if item.words == Words::Erased => Err(Problem::new(
            StatusCode::GONE,
            "its institution has erased this content",
        )),
        (None, None) => Err(Problem::busy(
            "this node has not received the list of files yet; try again",
            5,
        )),
    }
}

async fn file(
    web: &Web,
    which: Which,
    path: &str,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let item = web.item(which).await?;
    if item.withdrawn.is_some() {
        return Err(gone(&item));
    }
    let file = file_list(&item)?
        .iter()
        .find(|file| file.path.as_str() == path);
    let file = file.ok_or_else(|| Problem::not_found("the item has no file of this path"))?;
    let disposition = content_disposition(file.path.as_str());
    files::send(
        web,
        file,
        headers,
        &file.media_type,
        &disposition,
        method == Method::HEAD,
    )
    .await
}

async fn statements(web: &Web, which: Which) -> Result<Response, Problem> {
    let item = web.item(which).await?;
    let all = web.ask(move |site| Ok(site.statements(&item.id)?)).await?;
    let all: Result<Vec<Value>, Problem> = all.iter().map(evidence).collect();
    Ok(super::json(StatusCode::OK, &all?))
}

/// A statement with what is needed to verify it.
pub(crate) fn evidence(statement: &Evidence) -> Result<Value, Problem> {
    let envelope: Value =
        serde_json::from_slice(&statement.envelope).map_err(|e| Problem::internal(&e))?;
    // The strict JSON of an envelope has one spelling, so handing it out as a value loses no byte of it.
    let mut value = json!({
        "institution": statement.log,
        "position": statement.position,
        "envelope": envelope,
    });
    if let Some((salt, body)) = &statement.body {
        value["salt"] = base32(salt).into();
        value["body"] = match std::str::from_utf8(body) {
            Ok(text) => text.into(),
            Err(_) => BASE64.encode(body).into(),
        };
    }
    Ok(value)
}

fn document(item: &Shown, tags: &[&str], lang: &str, hosts: &Hosts) -> Value {
    let (origin, content_origin) = (&hosts.main, &hosts.content);
    let (title_language, title) = item
        .view
        .title_for(tags)
        .unwrap_or(("", item.slug.as_str()));
    let summary = item.view.summary_for(tags).map(|(_, text)| text);
    let current = item.versions.iter().find(|version| version.current);
    let mut value = json!({
        "id": item.id,
        "name": item.name(),
        "type": item.kind.as_str(),
        "title": title,
        "title_language": title_language,
        "summary": summary,
        "institution": item.handle,
        "licence": item.view.licence,
        "licence_terms": item.view.licence.as_deref().and_then(|l| Licence::parse(l).ok()).map(|licence| json!({
            "label": licence.label(lang),
            "class": licence.class().as_str(),
            "sentence": licence.sentence(lang),
            "url": licence.url(),
        })),
        "updated": rfc3339(item.updated),
        "url": format!("{origin}/{}", item.name()),
        "state": if item.withdrawn.is_some() { "withdrawn" } else { "in-force" },
        "withdrawn": item.withdrawn.as_ref().map(|w| &w.code),
        "withdrawal": item.withdrawn.as_ref().map(|w| json!({
            "statement": w.statement, "institution": w.institution, "by": w.by, "time": rfc3339(w.time),
            "code": w.code, "reason": w.reason,
        })),
        "metadata": metadata(&item.view),
        "known": known(&item.record),
        "versions": item.versions.iter().map(version).collect::<Vec<_>>(),
        "derived_from": item.derived_from.iter().map(|source| json!({
            "item": source.item, "name": source.name, "title": source.title,
            "version": source.version, "behind": source.behind, "newest": source.newest,
        })).collect::<Vec<_>>(),
        "same_as": item.twins.iter().map(|(kind, other)| {
            let mut told = component::neighbour(other);
            told["kind"] = kind.as_str().into();
            told
        }).collect::<Vec<_>>(),
        "derived_into": item.derived_into.iter().map(component::neighbour).collect::<Vec<_>>(),
        "collected_in": item.collected_in.iter().map(component::neighbour).collect::<Vec<_>>(),
        "provenance": current.map(|v| json!({
            "institution": v.log,
            "position": v.position,
            "statement": v.statement,
            "author": v.author.to_string(),
            "author_name": v.author_name,
            "custody": if v.custody_self { "self" } else { "node" },
        })),
        "holders": item.holders,
        "copies": item.holders.len(),
        "local": item.local,
        // A statement is stored only after its form and its signatures were checked; so is a file after its hash.
        "verification": {
            "signatures": "verified",
            "words": match item.words { Words::Here => "here", Words::Withheld => "withheld", Words::Erased => "erased" },
            "content": if item.local { "verified" } else { "not here" },
        },
    });
    value["adoptions"] = item.adoptions.len().into();
    value["reviews"] = json!({"count": item.reviews.total, "approving": item.reviews.approving});
    if let Some(members) = &item.members {
        value["members"] = members.iter().map(crate::http::adapt::member).collect();
    }
    if let Some(picture) = &item.extraction.picture {
        let path = content::picture_path(&item.name(), picture);
        value["picture"] = json!({"url": format!("{content_origin}{path}"), "type": picture.media_type, "size": picture.size});
    }
    let outline = crate::items::outline(&item.record);
    if !outline.is_empty() {
        let lines = outline.iter();
        value["outline"] = lines
            .map(|line| match &line.url {
                Some(url) => json!({"title": line.title, "depth": line.depth, "url": url}),
                None => json!({"title": line.title, "depth": line.depth}),
            })
            .collect();
    }
    if !item.extraction.unread.is_empty() {
        let unread = item.extraction.unread.iter();
        value["unread"] = unread
            .map(|u| json!({"file": u.file, "why": u.why}))
            .collect();
    }
    if let Some(component) = &item.component {
        let report = component.reading.as_ref().map(|r| r.report.counts());
        let (errors, warnings) = report.unwrap_or_default();
        value["component"] = json!({
            "described": component.reading.is_some(),
            "errors": errors,
            "warnings": warnings,
            "release": component.newest().map(|release| &release.version),
        });
    }
    if let Some(repository) = &item.repository {
        value["repository"] = json!({
            "clone_url": format!("{origin}/{}.git", item.name()),
            "default_branch": repository.default_branch,
            "object_format": repository.object_format,
            "pushers": repository.pushers,
            "refs": repository.refs.iter().map(|r| json!({
                "name": r.name, "oid": r.oid, "institution": r.by, "served": r.served,
                "diverged": r.diverged.iter().map(|(by, oid)| json!({"institution": by, "oid": oid})).collect::<Vec<_>>(),
            })).collect::<Vec<_>>(),
        });
    }
    value
}

fn version(version: &Version) -> Value {
    json!({
        "id": version.statement,
        "institution": version.log,
        "position": version.position,
        "time": rfc3339(version.time),
        "author": version.author.to_string(),
        "author_name": version.author_name,
        "current": version.current,
        "files": version.files.map(|f| json!({"blake3": f.root.to_string(), "count": f.count, "size": f.bytes})),
    })
}

/// The metadata in the form that people write (`specs/metadata.md`): what is not known is left out. Files are listed at
/// their own address, with their hashes.
pub(crate) fn metadata(view: &View) -> Value {
    let mut out = view.to_json();
    out.remove("files");
    let subjects = view.subjects.iter().zip(
        out.get_mut("subject")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten(),
    );
    for (subject, written) in subjects {
        if subject.scheme == "iscedf" && subject.label.is_empty() {
            *written = subject.id().into();
        }
    }
    Value::Object(out)
}

/// Every value of every field with where it came from, and whether it is shown.
pub(crate) fn known(record: &Record) -> Value {
    let mut out = Map::new();
    for field in TABLE {
        let values = record.values(field.name);
        if values.is_empty() || field.name == "files" {
            continue;
        }
        let shown = record.which_shown(field.name);
        let values = values.into_iter().zip(shown).map(|(value, shown)| {
            let mut told = json!({"value": value.v, "method": value.src.method.as_str(), "scheme": value.src.scheme,
                "shown": shown});
            let members = [
                ("language", value.lang.as_ref()),
                ("path", Some(&value.path).filter(|path| !path.is_empty())),
                ("origin", value.src.origin.as_ref()),
                ("date", value.src.date.as_ref()),
                ("by", value.src.by.as_ref()),
            ];
            for (name, member) in members {
                if let Some(text) = member {
                    told[name] = text.as_str().into();
                }
            }
            told
        });
        out.insert(field.name.to_owned(), values.collect());
    }
    Value::Object(out)
}
