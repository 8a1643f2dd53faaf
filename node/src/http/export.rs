//! `GET /api/v1/items/{item}/export` and `GET /api/v1/export`: items in the standards and packages of others.

use std::io::{self, Read, Write};

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, Uri, header},
    response::{IntoResponse, Response},
    routing::get,
};
use bytes::{Buf, Bytes};
use commun_forge::{
    attribution,
    package::{
        bag,
        write::{Keeper, Sink, Tar, Zip, gzip, members},
    },
    resource::content_disposition,
};
use commun_specs::{files::FileEntry, id::StatementId};
use futures::StreamExt as _;
use tokio::{runtime::Handle, sync::Semaphore};
use url::form_urlencoded;

use super::{
    Web, api, files,
    lang::Wanted,
    name, pages, pieces,
    place::{self, Place, is_whole_id},
    problem::Problem,
    search,
    site::{ByteStream, Which},
    talk::At,
};
use crate::{
    adapt,
    app::App,
    export::{Asked, Content, Format, Plan, Selection, Wish, plan::Credited, select::MAX_ITEMS},
    items::Shown,
};

/// Exports that are made at once; who comes then is asked to come back.
static TURNS: Semaphore = Semaphore::const_new(4);

/// The routes.
pub fn routes(web: Web, app: App) -> Router {
    Router::new()
        .route("/api/v1/export", get(selection))
        .route("/api/v1/items/{id}/export", get(one))
        .route("/api/v1/items/{id}/{slug}/export", get(one))
        .with_state(At { web, app })
}

/// How the members of an archive are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    Zip,
    Tar,
    TarGz,
}

impl Packing {
    fn ending(self) -> &'static str {
        match self {
            Packing::Zip => ".zip",
            Packing::Tar => ".tar",
            Packing::TarGz => ".tar.gz",
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            Packing::Zip => "application/zip",
            Packing::Tar => "application/x-tar",
            Packing::TarGz => "application/gzip",
        }
    }
}

/// What an address asks for.
struct Question {
    asked: Asked,
    wish: Wish,
    packing: Packing,
    /// Only the report.
    report: bool,
}

/// `GET /api/v1/items/{item}/export?format=F`.
async fn one(
    State(at): State<At>,
    Path(place): Path<Place>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    // An item may be called so.
    if place.slug.is_none() && !is_whole_id(&place.id) && name(&place.id, "export").is_ok() {
        let path = Path((place.id, "export".to_owned()));
        return api::item_of_name(State(at.web), path, uri, headers).await;
    }
    let which = place::which(&place.id, place.slug.as_deref())?;
    let mut question = question(&uri, &headers)?;
    let with = pages::parameter(&uri, "members").is_some_and(|v| v != "false");
    question.asked = Asked {
        items: vec![which],
        query: None,
        members: with || !question.wish.format.is_record(),
    };
    answer(at, question, &headers).await
}

/// `GET /api/v1/export?format=F&item=A&item=B…`, or with the parameters of a search.
async fn selection(
    State(at): State<At>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut question = question(&uri, &headers)?;
    let wanted = pages::wanted(&uri, &headers);
    let mut items = Vec::new();
    let raw = uri.query().unwrap_or_default();
    let mut searched = false;
    for (key, value) in form_urlencoded::parse(raw.as_bytes()) {
        if key == "item" {
            items.push(which(&value)?);
            if items.len() > MAX_ITEMS {
                return Err(Problem::too_large(format!(
                    "an export has at most {MAX_ITEMS} items"
                )));
            }
        }
        searched |= key == "q";
    }
    let mut search = search::Asked::read(&uri, &wanted)?;
    // Here `format` is what is to be written, and no filter of what is found.
    search.query.formats.clear();
    question.asked = Asked {
        items,
        query: (searched || search.is_filtered()).then_some(search.query),
        members: true,
    };
    if question.asked.items.is_empty() && question.asked.query.is_none() {
        return Err(Problem::bad_request(
            "say what to export: item=, or q= and the filters of a search",
        ));
    }
    answer(at, question, &headers).await
}

/// An item as people name it.
fn which(text: &str) -> Result<Which, Problem> {
    match text.split_once('/') {
        Some((handle, slug)) => name(handle, slug),
        None => api::item_id(text),
    }
}

fn question(uri: &Uri, headers: &HeaderMap) -> Result<Question, Problem> {
    let names: Vec<&str> = Format::all().map(Format::as_str).collect();
    let wrong = || Problem::bad_request(format!("format: one of {}", names.join(", ")));
    let format = pages::parameter(uri, "format").ok_or_else(wrong)?;
    let format = Format::parse(&format).ok_or_else(wrong)?;
    let form = pages::parameter(uri, "as");
    let (mut packing, mut credits) = (Packing::Zip, attribution::Format::Text);
    let mut archive = false;
    match (&form, format) {
        (None, _) => {}
        (Some(form), Format::Attribution) => {
            credits = attribution::Format::of_name(form)
                .ok_or_else(|| Problem::bad_request("as: one of text, html, markdown, latex"))?;
        }
        (Some(form), _) if format.is_record() || format == Format::Bagit => {
            archive = true;
            packing = match form.as_str() {
                "zip" => Packing::Zip,
                "tar" => Packing::Tar,
                "tar.gz" => Packing::TarGz,
                _ => return Err(Problem::bad_request("as: one of zip, tar, tar.gz")),
            };
        }
        // The others have one form.
        (Some(_), _) => {}
    }
    Ok(Question {
        asked: Asked::default(),
        wish: Wish {
            format,
            credits,
            archive,
            lang: pages::wanted(uri, headers).lang.tag(),
        },
        packing,
        report: pages::parameter(uri, "report").is_some_and(|v| v != "false"),
    })
}

async fn answer(at: At, question: Question, headers: &HeaderMap) -> Result<Response, Problem> {
    let Question {
        asked,
        wish,
        packing,
        report,
    } = question;
    let app = at.app.clone();
    // Laying out what is more than one document takes a while, too.
    let one = asked.items.len() == 1 && asked.query.is_none() && !asked.members;
    let turn = match one && !wish.archive && wish.format.is_record() {
        true => None,
        false => {
            let turn = TURNS.try_acquire();
            let busy = |_| Problem::busy("too many exports are being made; try again", 10);
            Some(turn.map_err(busy)?)
        }
    };
    // The turn goes with the work: who leaves does not make room for more of it.
    let (plan, turn) = at
        .web
        .ask(move |site| {
            let selection = Selection::find(site, &asked)?;
            let crediting = |item: &Shown| credited(&app, &item.id, wish.lang);
            let plan = Plan::of(site, &app.url, &crediting, selection, &wish)?;
            Ok((plan, turn))
        })
        .await?;
    if report {
        return Ok(told(&plan, &wish, headers));
    }
    let disposition = |ending: &str| content_disposition(&format!("{}{ending}", plan.name));
    match &plan.content {
        Content::Text(bytes) => {
            let body = Body::from(bytes.clone());
            Ok(response(body, &plan.media_type, &disposition(&plan.ending)))
        }
        Content::File(file) => {
            let disposition = disposition(&plan.ending);
            files::send(
                &at.web,
                file,
                headers,
                &file.media_type,
                &disposition,
                false,
            )
            .await
        }
        Content::Members(_) | Content::Bag(..) => {
            let (ending, media_type) = match wish.format {
                Format::Imscc => (".imscc", "application/zip"),
                _ => (packing.ending(), packing.media_type()),
            };
            let disposition = disposition(ending);
            let web = at.web.clone();
            let body = pieces::body(move |out| {
                let _turn = turn;
                write(&web, &plan, packing, out)
            });
            Ok(response(body, media_type, &disposition))
        }
    }
}

/// How an item is credited. Blocks.
fn credited(app: &App, id: &StatementId, lang: &str) -> Result<Credited, Problem> {
    let item = app.core.state().catalogue().copy_of(id);
    let item = item.ok_or_else(|| Problem::not_found("there is no such item in this commons"))?;
    let cited =
        adapt::cited(&app.core, &item, &app.url, lang).map_err(|e| Problem::internal(&e))?;
    let chain = adapt::credits(&app.core, &app.blobs, &item, &app.url, lang);
    let chain = Handle::current().block_on(chain);
    Ok(Credited {
        cited,
        chain: chain.map_err(|e| Problem::internal(&e))?,
    })
}

fn told(plan: &Plan, wish: &Wish, headers: &HeaderMap) -> Response {
    let lang = Wanted::read(None, headers).lang.tag();
    let accept = headers.get(header::ACCEPT).and_then(|a| a.to_str().ok());
    let accept = accept.unwrap_or_default();
    let attachment = content_disposition(&format!("{}.report.csv", plan.name));
    if accept.contains("text/csv") {
        let body = Body::from(plan.report.to_csv(lang));
        return response(body, "text/csv; charset=utf-8", &attachment);
    }
    if accept.contains("text/plain") {
        let body = Body::from(plan.text(lang));
        return response(body, "text/plain; charset=utf-8", "inline");
    }
    Json(plan.told(wish.format, lang)).into_response()
}

/// What is downloaded rather than shown, whatever is in it.
fn response(body: Body, media_type: &str, disposition: &str) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, media_type),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, "no-cache"),
        (header::VARY, "Accept-Language"),
    ] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
    response
}

/// Writes an archive. Blocks.
fn write(web: &Web, plan: &Plan, packing: Packing, out: &mut dyn Write) -> io::Result<()> {
    let mut held = Held {
        web: web.clone(),
        runtime: Handle::current(),
    };
    match packing {
        Packing::Zip => {
            let mut zip = Zip::new(out, plan.time);
            fill(plan, &mut held, &mut zip)?;
            zip.finish("")?;
        }
        Packing::Tar => {
            let mut tar = Tar::new(out, plan.time, None)?;
            fill(plan, &mut held, &mut tar)?;
            tar.finish()?;
        }
        Packing::TarGz => {
            let mut tar = Tar::new(gzip(out), plan.time, None)?;
            fill(plan, &mut held, &mut tar)?;
            tar.finish()?.finish()?;
        }
    }
    Ok(())
}

fn fill(plan: &Plan, held: &mut Held, sink: &mut dyn Sink) -> io::Result<()> {
    match &plan.content {
        Content::Members(all) => members(all, held, sink),
        Content::Bag(payload, info) => bag::write(&plan.name, payload, info, held, sink),
        Content::Text(_) | Content::File(_) => Ok(()),
    }
}

/// The files that this node holds.
struct Held {
    web: Web,
    runtime: Handle,
}

impl Keeper<FileEntry> for Held {
    fn open(&mut self, file: &FileEntry) -> io::Result<Box<dyn Read + '_>> {
        let failed = |why: String| io::Error::other(format!("{}: {why}", file.path));
        if let Some(problem) = self.web.site().blocked(file) {
            return Err(failed(problem.detail));
        }
        let opened = self
            .runtime
            .block_on(self.web.site().open(file, 0..file.size));
        let stream = opened.map_err(|e| failed(e.to_string()))?;
        let stream = stream.ok_or_else(|| failed("it is not here any more".to_owned()))?;
        Ok(Box::new(Streamed {
            stream,
            ready: Bytes::new(),
            runtime: self.runtime.clone(),
        }))
    }
}

/// A stream of pieces as bytes to read, on a thread that may wait for them.
struct Streamed {
    stream: ByteStream,
    ready: Bytes,
    runtime: Handle,
}

impl Read for Streamed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.ready.is_empty() {
            match self.runtime.block_on(self.stream.next()) {
                Some(piece) => self.ready = piece?,
                None => return Ok(0),
            }
        }
        let count = self.ready.len().min(buffer.len());
        self.ready.copy_to_slice(&mut buffer[..count]);
        Ok(count)
    }
}
