//! Adapting and collecting over the API: derivations, comparisons, credits and citations, collections.

use axum::{
    Json, Router,
    body::Body,
    extract::{
        DefaultBodyLimit, FromRequest, Multipart, Path, Request, State, rejection::JsonRejection,
    },
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use commun_forge::attribution::{Format, attribution};
use commun_specs::{
    fold::{Item, ItemKind},
    id::StatementId,
    name::Handle,
};
use serde_json::{Value, json};

use super::{
    admin::{self, given},
    auth, pages,
    place::{Place, item},
    problem::Problem,
    publish,
    talk::At,
};
use crate::{
    adapt::{self, Comparison, DeriveError, Here, NewDerivation, Sides},
    collections::{self, CollectionError, Edit, Member, NewCollection, OPEN_MEMBERS},
    core::Written,
    resources::UploadedFile,
    takedown::Standing,
};

/// Collections that one answer names.
const MAX_LISTED: usize = 1_000;

/// The routes of this page.
pub fn routes(web: super::Web, app: crate::app::App) -> Router {
    let mut routes = Router::new().route("/api/v1/collections", get(list).post(create));
    for item in ["/api/v1/items/{id}", "/api/v1/items/{id}/{slug}"] {
        let at = |below: &str| format!("{item}/{below}");
        routes = routes
            .route(
                &at("derive"),
                post(derive).layer(DefaultBodyLimit::disable()),
            )
            .route(&at("compare"), get(compare))
            .route(&at("attribution"), get(credits))
            .route(&at("citation"), get(citation))
            .route(&at("members"), get(members).post(edit))
            .route(&at("fork"), post(fork));
    }
    routes.with_state(At { web, app })
}

fn failed(e: impl std::fmt::Display) -> Problem {
    Problem::internal(&e)
}

/// `POST …/derive`: `multipart/form-data` as for publishing (its part `metadata` is what to derive, files go on top), or
/// that JSON alone.
async fn derive(
    State(at): State<At>,
    Path(place): Path<Place>,
    request: Request<Body>,
) -> Result<Response, Problem> {
    let headers = request.headers().clone();
    let token = auth::token(&headers).ok_or_else(|| {
        Problem::unauthorised("this needs an access token (Authorization: Bearer …)")
    })?;
    let person = auth::publisher(&at.app, &token)?;
    let item = item(&at.app, &place)?;
    let lang = pages::wanted(request.uri(), &headers).lang.tag();
    let kind = headers.get(header::CONTENT_TYPE);
    let form = kind.is_some_and(|k| k.as_bytes().starts_with(b"multipart/form-data"));
    // The folder with the files goes when this is dropped.
    let upload = if form {
        let form = Multipart::from_request(request, &())
            .await
            .map_err(|e| Problem::bad_request(e.body_text()))?;
        publish::receive(&at.web, form, 0, 0).await?
    } else {
        let bytes = axum::body::to_bytes(request.into_body(), super::MAX_BODY)
            .await
            .map_err(|_| Problem::too_large("what to derive is a short JSON document"))?;
        publish::Upload::new(
            bytes.to_vec(),
            Vec::new(),
            tempfile::tempdir_in(at.web.data()).map_err(failed)?,
        )
    };
    let new: NewDerivation = serde_json::from_slice(&upload.metadata)
        .map_err(|e| Problem::bad_request(format!("what to derive cannot be read: {e}")))?;
    let files = upload.files.iter().map(|file| UploadedFile {
        path: file.path.to_string(),
        temp: file.temp.clone(),
        size: file.size,
    });
    let files = files.collect();
    let app = at.app.clone();
    // On a task of its own: a reader who leaves now must not stop a publication half-way.
    let deriving = tokio::spawn(async move {
        let here = Here {
            core: &app.core,
            blobs: &app.blobs,
            resources: &app.resources,
        };
        let made = adapt::derive(here, &person, &item, new, files, lang).await;
        drop(upload);
        made
    });
    let made = deriving.await.map_err(failed)?.map_err(derive_problem)?;
    let answer = json!({"id": made.id, "name": made.name, "version": made.version, "position": made.position});
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

fn derive_problem(error: DeriveError) -> Problem {
    match error {
        DeriveError::Licence(why) => {
            Problem::unprocessable(&*why).with_error("licence", why.clone(), "")
        }
        DeriveError::Invalid(field, ref what) => {
            Problem::unprocessable(error.to_string()).with_error(field, what.clone(), "")
        }
        DeriveError::Gone => Problem::new(StatusCode::GONE, error.to_string()),
        DeriveError::NotYet => Problem::busy(error.to_string(), 5),
        DeriveError::Publish(e) => crate::site::problem(e),
        DeriveError::Store(e) => failed(e),
    }
}

/// `GET …/compare?from=VERSION&to=VERSION`: two versions of the item. Without `from`, of what was derived: the version that
/// it was made from and the newest of that item.
async fn compare(
    State(at): State<At>,
    Path(place): Path<Place>,
    uri: Uri,
) -> Result<Response, Problem> {
    let item = item(&at.app, &place)?;
    let (from, to) = (version(&uri, "from")?, version(&uri, "to")?);
    let Sides { item, from, to } = adapt::sides(&at.app.core, &item, from, to)
        .map_err(|none| Problem::not_found(none.to_string()))?;
    let found = adapt::compare(&at.app.core, &at.app.blobs, &from, &to)
        .await
        .map_err(failed)?
        .ok_or_else(|| Problem::not_found("one of the versions is not here"))?;
    let mut answer = comparison(&found);
    answer["from"] = json!(from);
    answer["to"] = json!(to);
    answer["item"] = json!({"id": item.id, "name": format!("{}/{}", item.owner, item.slug)});
    Ok(Json(answer).into_response())
}

/// The id of a version that a parameter names.
pub(super) fn version(uri: &Uri, name: &str) -> Result<Option<StatementId>, Problem> {
    let Some(text) = pages::parameter(uri, name) else {
        return Ok(None);
    };
    let wrong = || Problem::bad_request(format!("{name}: the id of a version"));
    Ok(Some(text.parse().map_err(|_| wrong())?))
}

pub(super) fn comparison(found: &Comparison) -> Value {
    let file = |(path, size): &(String, u64)| json!({"path": path, "size": size});
    json!({
        "files": found.files_here.then(|| json!({
            "added": found.added.iter().map(file).collect::<Vec<_>>(),
            "removed": found.removed.iter().map(file).collect::<Vec<_>>(),
            "changed": found.changed.iter().map(|(path, before, after)| json!({
                "path": path, "size_before": before, "size": after,
            })).collect::<Vec<_>>(),
        })),
        "metadata": found.fields.iter().map(|(name, before, after)| json!({
            "field": name, "before": before, "after": after,
        })).collect::<Vec<_>>(),
    })
}

fn not_gone(item: &Item) -> Result<(), Problem> {
    match item.withdrawn {
        None => Ok(()),
        Some(_) => Err(Problem::new(
            StatusCode::GONE,
            "its institution has withdrawn this item; its page says why",
        )),
    }
}

/// `GET …/attribution?format=text|html|markdown|latex`.
async fn credits(
    State(at): State<At>,
    Path(place): Path<Place>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let item = item(&at.app, &place)?;
    not_gone(&item)?;
    let name = pages::parameter(&uri, "format").unwrap_or_else(|| "text".to_owned());
    let format = Format::of_name(&name)
        .ok_or_else(|| Problem::bad_request("format: one of text, html, markdown, latex"))?;
    let lang = pages::wanted(&uri, &headers).lang.tag();
    let chain = adapt::credits(&at.app.core, &at.app.blobs, &item, &at.app.url, lang)
        .await
        .map_err(failed)?;
    Ok(text(format.media_type(), attribution(&chain, format, lang)))
}

/// Text that is downloaded rather than run, whatever is in it.
fn text(media_type: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Language"));
    response
}

/// `GET …/citation?format=csl|bibtex|ris`.
async fn citation(
    State(at): State<At>,
    Path(place): Path<Place>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let item = item(&at.app, &place)?;
    not_gone(&item)?;
    let lang = pages::wanted(&uri, &headers).lang.tag();
    let cited = adapt::cited(&at.app.core, &item, &at.app.url, lang).map_err(failed)?;
    match pages::parameter(&uri, "format").as_deref() {
        None | Some("csl") => {
            let body = json!([cited.csl()]).to_string();
            Ok(text("application/vnd.citationstyles.csl+json", body))
        }
        Some("bibtex") => Ok(text("application/x-bibtex; charset=utf-8", cited.bibtex())),
        Some("ris") => Ok(text("application/x-research-info-systems", cited.ris())),
        Some(_) => Err(Problem::bad_request("format: csl, bibtex or ris")),
    }
}

fn collection_problem(error: CollectionError) -> Problem {
    match error {
        CollectionError::Invalid(field, ref what) => {
            Problem::unprocessable(error.to_string()).with_error(field, what.clone(), "")
        }
        CollectionError::NotAllowed(why) => Problem::forbidden(why),
        CollectionError::Conflict(why) => Problem::conflict(why),
        CollectionError::Write(e) => admin::write_problem(&e),
        CollectionError::Failed(why) => failed(why),
    }
}

fn made(at: &At, written: &Written, id: Option<StatementId>) -> Value {
    let id = id.unwrap_or(written.id);
    let state = at.app.core.state();
    let found = state.catalogue().item(&id);
    json!({
        "id": id,
        "name": found.map(|i| format!("{}/{}", i.owner, i.slug)),
        "version": written.id,
        "position": written.position,
    })
}

async fn create(
    State(at): State<At>,
    headers: HeaderMap,
    body: Result<Json<NewCollection>, JsonRejection>,
) -> Result<Response, Problem> {
    let person = auth::person(&at.app, &headers)?;
    let written = collections::create(&at.app.core, &person, given(body)?)
        .await
        .map_err(collection_problem)?;
    Ok((StatusCode::CREATED, Json(made(&at, &written, None))).into_response())
}

async fn fork(
    State(at): State<At>,
    Path(place): Path<Place>,
    headers: HeaderMap,
    body: Result<Json<NewCollection>, JsonRejection>,
) -> Result<Response, Problem> {
    let person = auth::person(&at.app, &headers)?;
    let origin = item(&at.app, &place)?;
    let written = collections::fork(&at.app.core, &person, &origin, given(body)?)
        .await
        .map_err(collection_problem)?;
    Ok((StatusCode::CREATED, Json(made(&at, &written, None))).into_response())
}

async fn edit(
    State(at): State<At>,
    Path(place): Path<Place>,
    headers: HeaderMap,
    body: Result<Json<Edit>, JsonRejection>,
) -> Result<Response, Problem> {
    let person = auth::person(&at.app, &headers)?;
    let collection = item(&at.app, &place)?.id;
    let written = collections::edit(&at.app.core, &person, &collection, given(body)?)
        .await
        .map_err(collection_problem)?;
    let mut answer = made(&at, &written, Some(collection));
    let all = collections::members(&at.app.core, &collection, 0..OPEN_MEMBERS).map_err(failed)?;
    answer["members"] = all.unwrap_or_default().iter().map(member).collect();
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

pub(super) fn member(member: &Member) -> Value {
    json!({
        "id": member.item.id,
        "name": (!member.item.name.is_empty()).then_some(&member.item.name),
        "title": member.item.title,
        "type": member.kind.map(ItemKind::as_str),
        "state": member.state.as_str(),
    })
}

async fn members(State(at): State<At>, Path(place): Path<Place>) -> Result<Response, Problem> {
    let item = item(&at.app, &place)?;
    // All titles: thousands of reads, where they keep nobody waiting.
    let core = at.app.core.clone();
    let reading = move || collections::members(&core, &item.id, 0..collections::MAX_MEMBERS);
    let all = tokio::task::spawn_blocking(reading).await.map_err(failed)?;
    let all = all.map_err(failed)?;
    let all = all.ok_or_else(|| Problem::not_found("the item is no collection"))?;
    let all: Vec<Value> = all.iter().map(member).collect();
    Ok(Json(json!({ "members": all })).into_response())
}

/// `GET /api/v1/collections?institution=H`: by name.
async fn list(State(at): State<At>, uri: Uri) -> Result<Response, Problem> {
    let of = match pages::parameter(&uri, "institution") {
        None => None,
        Some(handle) => {
            Some(Handle::new(&handle).map_err(|_| Problem::bad_request("institution: a handle"))?)
        }
    };
    let core = &at.app.core;
    let items: Vec<Item> = {
        let state = core.state();
        let catalogue = state.catalogue();
        let all = catalogue.standing(ItemKind::Collection);
        let all = all.filter_map(|id| catalogue.copy_of(id));
        all.filter(|i| of.as_ref().is_none_or(|h| i.owner == *h))
            .collect()
    };
    let mut lines = Vec::new();
    let shown = |i: &&Item| crate::takedown::standing(core, i) == Standing::Shown;
    for item in items.iter().filter(shown).take(MAX_LISTED) {
        let count = core
            .state()
            .catalogue()
            .members(&item.id)
            .map_or(0, <[_]>::len);
        lines.push(json!({
            "id": item.id,
            "name": format!("{}/{}", item.owner, item.slug),
            "title": crate::items::title(core, item).map_err(failed)?,
            "members": count,
        }));
    }
    lines.sort_by_key(|l| l["name"].to_string());
    Ok(Json(json!({ "collections": lines })).into_response())
}
