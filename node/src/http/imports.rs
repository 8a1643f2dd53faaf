//! `/api/v1/imports`: documents, packages and folders taken in, and the sources that are harvested.

mod bundle;
mod form;
mod records;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{
        DefaultBodyLimit, Path, Query, Request, State,
        rejection::{JsonRejection, QueryRejection},
    },
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use commun_forge::{
    crosswalk::{
        Origin, Report,
        format::{self, Format, Unread},
        table,
    },
    oai,
};
use serde::Deserialize;
use serde_json::{Value as Json_, json};

use super::{
    auth, lang,
    problem::Problem,
    publish::{self, skim},
    talk::At,
};
use crate::{
    app::App,
    core::{Person, now, rfc3339},
    harvest::{Asked, Error, Harvests, Job, file_name, is_page},
    http::Web,
    imports::{Became, Deletions, ImportError},
};
use bundle::Received;

/// Largest document of records, in bytes: it is held in memory while it is read. Packages and folders are not, and have the
/// limits of files.
const MAX_DOCUMENT: usize = 32 << 20;
/// The space of identifiers of records that no source gave.
const SPACE: &str = "";
/// Items that an answer names; the counts are of all.
const MAX_NAMED: usize = 10_000;
/// The shortest time between two visits of a source, in seconds, and the longest.
const EVERY: std::ops::RangeInclusive<u64> = 60..=366 * 86_400;

/// The routes.
pub fn routes(web: Web, app: App) -> Router {
    Router::new()
        .route(
            "/api/v1/imports",
            // Documents are bounded by us, packages by what a file may be.
            post(import).layer(DefaultBodyLimit::disable()),
        )
        .route("/api/v1/imports/sources", get(sources).post(add))
        .route("/api/v1/imports/sources/{id}", get(source))
        .route("/api/v1/imports/sources/{id}/report", get(report))
        .route("/api/v1/imports/sources/{id}/visit", post(visit))
        .route("/api/v1/imports/sources/{id}/remove", post(remove))
        .with_state(At { web, app })
}

/// How something is to be taken in.
#[derive(Deserialize)]
pub struct How {
    format: Option<String>,
    #[serde(default)]
    dry_run: bool,
    name: Option<String>,
    slug: Option<String>,
    /// Where the node fetches it from: there is no body, or it is the mapping.
    url: Option<String>,
    /// The body is a form: the mapping of a table's columns, then the table.
    #[serde(default)]
    mapping: bool,
}

/// `POST /api/v1/imports`: a document of records or a package as the body or at an address, or a form with files.
pub async fn import(
    State(at): State<At>,
    Query(mut how): Query<How>,
    mut request: Request,
) -> Result<Response, Problem> {
    let headers = request.headers().clone();
    let person = match librarian(&at, &headers) {
        Ok(person) => person,
        Err(problem) => {
            skim(request).await;
            return Err(problem);
        }
    };
    publish::has_room(&at.web, &headers)?;
    if let Some(url) = how.url.take() {
        let mapping = axum::body::to_bytes(request.into_body(), form::MAX_MAPPING).await;
        let mapping = mapping.map_err(|_| {
            Problem::too_large("with url there is no body but a mapping of half a mebibyte")
        })?;
        if !how.mapping && !mapping.is_empty() {
            return Err(Problem::unprocessable(
                "with url the node fetches the records, and the body is not read: leave it out, or say mapping=true if it \
                 is the mapping of a table",
            ));
        }
        let body = at_address(&at, &mut how, &url).await?;
        if how.mapping {
            return document(&at, &headers, person, how, body.into(), Some(mapping)).await;
        }
        request = Request::new(body.into());
    } else if how.mapping {
        let (mapping, body) = form::given(request, MAX_DOCUMENT).await?;
        return document(&at, &headers, person, how, body, Some(mapping)).await;
    }
    match bundle::receive(&at.web, &how, request, MAX_DOCUMENT).await? {
        Received::Document(body) => document(&at, &headers, person, how, body, None).await,
        Received::Files(files) if records::are(&how, &files) => {
            let files = files.into_parts();
            records::take(&at, &headers, person, how, files).await
        }
        Received::Files(files) => {
            let taken = bundle::take(&at, person, &how, files).await?;
            let more = Some((taken.format, how.dry_run, taken.became));
            Ok(answer(&headers, &taken.report, more))
        }
    }
}

/// Fetches a file. It is refused where a page is in its place: of a lost file, of a login, of an error.
async fn at_address(at: &At, how: &mut How, url: &str) -> Result<Vec<u8>, Problem> {
    let fetched = at.app.harvests.file(url, MAX_DOCUMENT as u64).await;
    let bytes = fetched.map_err(failed)?;
    let format = how.format.as_deref().and_then(Format::parse);
    if let Some(format) = format.filter(|format| *format != Format::SchemaOrg)
        && is_page(&bytes)
    {
        return Err(Problem::unprocessable(format!(
            "at this address is a web page and not {name}; look at the address, or take in what the page says of itself with \
             format schemaorg",
            name = format.as_str()
        )));
    }
    if how.name.is_none() {
        how.name = Some(file_name(url));
    }
    Ok(bytes)
}

async fn document(
    at: &At,
    headers: &HeaderMap,
    person: Person,
    how: How,
    body: Bytes,
    mapping: Option<Bytes>,
) -> Result<Response, Problem> {
    let name = how.name.unwrap_or_default();
    let format = match &how.format {
        Some(named) => Format::parse(named).ok_or_else(|| {
            Problem::bad_request(format!("there is no format {named:?}: {}", names()))
        })?,
        None if mapping.is_some() => Format::Csv,
        None => format::detect(&body, &name).ok_or_else(|| {
            Problem::unprocessable(format!(
                "{}; or say what it is with format: {}",
                format::unknown(&body, &name),
                names()
            ))
        })?,
    };
    if matches!(format, Format::Folder | Format::Git) {
        let what = "a folder, or what stands at the top of a repository, is sent as a form: the part metadata, then file parts";
        return Err(Problem::unprocessable(what));
    }
    if mapping.is_some() && format != Format::Csv {
        return Err(Problem::unprocessable("a mapping is for tables (csv)"));
    }
    let (report, became) = taken(
        at.app.clone(),
        person,
        format,
        &name,
        body,
        mapping,
        how.dry_run,
    )
    .await?;
    Ok(answer(
        headers,
        &report,
        Some((format, how.dry_run, became)),
    ))
}

/// Reads a document and takes its records in, on a task of its own: parsing hostile bytes takes a while, and a reader who
/// leaves must not stop a publication half-way.
async fn taken(
    app: App,
    person: Person,
    format: Format,
    name: &str,
    body: Bytes,
    mapping: Option<Bytes>,
    dry_run: bool,
) -> Result<(Report, Vec<Became>), Problem> {
    let origin = Origin {
        name: Some(name.chars().take(200).collect()).filter(|n: &String| !n.is_empty()),
        date: rfc3339(now()),
    };
    let read = tokio::task::spawn_blocking(move || match mapping {
        Some(mapping) => Ok(table::document(&body, Some(&mapping), &origin)?),
        None => format::read(format, &body, &origin),
    })
    .await;
    let mut report = Report::default();
    match read.map_err(|e| Problem::internal(&e))? {
        Err(Unread::NotBuilt(format)) => Err(Problem::new(
            StatusCode::NOT_IMPLEMENTED,
            format!("importing {} is not built yet", format.as_str()),
        )),
        Err(Unread::Faulty(problem)) => {
            report.records += 1;
            report.refused += 1;
            report.push(name, *problem);
            Ok((report, Vec::new()))
        }
        Ok(format::Document { found, problems }) => {
            for (record, problem) in problems {
                report.found(&record, problem);
            }
            let taking = tokio::spawn(async move {
                let done = app
                    .imports
                    .take(&person, SPACE, found, dry_run, &mut report)
                    .await;
                (done, report)
            });
            let (done, report) = taking.await.map_err(|e| Problem::internal(&e))?;
            Ok((report, done.map_err(refusal)?))
        }
    }
}

fn names() -> String {
    Format::NAMES.map(|(_, name)| name).join(" ")
}

fn refusal(e: ImportError) -> Problem {
    match e {
        ImportError::NotAllowed(why) => Problem::forbidden(why),
        ImportError::NotNow(why) => Problem::unavailable(why),
        ImportError::Failed(why) => Problem::internal(&why),
    }
}

fn answer(
    headers: &HeaderMap,
    report: &Report,
    more: Option<(Format, bool, Vec<Became>)>,
) -> Response {
    let mut members = json!({});
    if let Some((format, dry_run, became)) = more {
        members["format"] = format.as_str().into();
        members["dry_run"] = dry_run.into();
        let items = became.into_iter().take(MAX_NAMED);
        members["items"] = items
            .map(|b| json!({"record": b.record, "id": b.id, "name": b.name, "what": b.what}))
            .collect();
    }
    in_form(headers, report, members)
}

/// A report in the form that is asked for: JSON with more members, CSV or text.
pub(super) fn in_form(headers: &HeaderMap, report: &Report, more: Json_) -> Response {
    let wanted = lang::Wanted::read(None, headers).lang.tag();
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|a| a.to_str().ok())
        .unwrap_or_default();
    let typed = |kind: &'static str, text: String| {
        let mut response = text.into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        response
    };
    if accept.contains("text/csv") {
        return typed("text/csv; charset=utf-8", report.to_csv(wanted));
    }
    if accept.contains("text/plain") {
        return typed("text/plain; charset=utf-8", report.to_text(wanted));
    }
    let mut value = report.to_json(wanted);
    value["text"] = report.to_text(wanted).into();
    value["csv"] = report.to_csv(wanted).into();
    if let (Some(value), Json_::Object(more)) = (value.as_object_mut(), more) {
        value.extend(more);
    }
    Json(value).into_response()
}

fn librarian(at: &At, headers: &HeaderMap) -> Result<Person, Problem> {
    let person = auth::person(&at.app, headers)?;
    at.app.imports.may(&person).map_err(refusal)?;
    Ok(person)
}

/// What the harvests answer to a librarian.
async fn harvests<T: Send + 'static>(
    at: &At,
    headers: &HeaderMap,
    ask: impl FnOnce(&Harvests) -> Result<T, Error> + Send + 'static,
) -> Result<T, Problem> {
    librarian(at, headers)?;
    let app = at.app.clone();
    at.web
        .ask(move |_| ask(&app.harvests).map_err(failed))
        .await
}

fn failed(e: Error) -> Problem {
    match e {
        Error::Refused(why) => Problem::unprocessable(why),
        Error::TooLarge(why) => Problem::too_large(why),
        e @ Error::Busy => Problem::busy(e.to_string(), crate::harvest::BUSY),
        e => Problem::internal(&e),
    }
}

/// Whether a source is only to be tried.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Trial {
    dry_run: bool,
}

/// A source to harvest.
#[derive(Deserialize)]
pub struct New {
    url: String,
    prefix: Option<String>,
    set: Option<String>,
    from: Option<String>,
    until: Option<String>,
    every: Option<u64>,
    deletions: Option<String>,
}

/// `POST /api/v1/imports/sources`.
pub async fn add(
    State(at): State<At>,
    headers: HeaderMap,
    trial: Result<Query<Trial>, QueryRejection>,
    body: Result<Json<New>, JsonRejection>,
) -> Result<Response, Problem> {
    let person = librarian(&at, &headers)?;
    let Query(trial) = trial.map_err(|e| Problem::bad_request(e.body_text()))?;
    let Json(new) = body.map_err(|e| Problem::bad_request(e.body_text()))?;
    if let Some(every) = new.every.filter(|every| !EVERY.contains(every)) {
        return Err(Problem::unprocessable(format!(
            "every is between a minute and a year, not {every} s"
        )));
    }
    let text = |text: Option<String>| text.filter(|t| !t.is_empty());
    let deletions = match text(new.deletions) {
        Some(word) => Some(Deletions::parse(&word).ok_or_else(|| {
            Problem::unprocessable(format!("deletions is report or withdraw, not {word:?}"))
        })?),
        None => None,
    };
    let moment = |name: &str, text: Option<String>| {
        match text.filter(|t| !t.is_empty()) {
        None => Ok(None),
        Some(text) => oai::Stamp::parse(&text).map(Some).ok_or_else(|| {
            Problem::unprocessable(format!(
                "{name} is a day, as 2026-01-31, or a moment in UTC, as 2026-01-31T08:00:00Z, not {text:?}"
            ))
        }),
    }
    };
    let from = moment("from", new.from)?.map(|from| from.seconds);
    let until = moment("until", new.until)?.map(oai::Stamp::last);
    if until.is_some_and(|until| from > Some(until)) {
        return Err(Problem::unprocessable("from is after until"));
    }
    let asked = Asked {
        source: oai::Source {
            url: new.url.trim().trim_end_matches('?').to_owned(),
            prefix: text(new.prefix).unwrap_or_else(|| "oai_dc".to_owned()),
            set: text(new.set),
            from,
            until,
        },
        every: new.every,
        person: person.id,
        deletions,
    };
    if trial.dry_run {
        let harvests = at.app.harvests.clone();
        let report = harvests.preview(&asked).await.map_err(failed)?;
        return Ok(answer(&headers, &report, None));
    }
    let job = at.app.harvests.add(&asked).await.map_err(failed)?;
    Ok((StatusCode::CREATED, Json(told(&job))).into_response())
}

/// `GET /api/v1/imports/sources`.
pub async fn sources(State(at): State<At>, headers: HeaderMap) -> Result<Response, Problem> {
    let all = harvests(&at, &headers, move |h| h.all()).await?;
    let all: Vec<Json_> = all.iter().map(told).collect();
    Ok(Json(json!({"sources": all})).into_response())
}

/// `GET /api/v1/imports/sources/{id}`.
pub async fn source(
    State(at): State<At>,
    Path(id): Path<i64>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let one = harvests(&at, &headers, move |h| h.one(id)).await?;
    Ok(Json(told(&one.ok_or_else(none)?)).into_response())
}

fn none() -> Problem {
    Problem::not_found("there is no source of this number")
}

/// `GET /api/v1/imports/sources/{id}/report`.
pub async fn report(
    State(at): State<At>,
    Path(id): Path<i64>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let report = harvests(&at, &headers, move |h| h.report(id)).await?;
    Ok(answer(&headers, &report.ok_or_else(none)?, None))
}

/// `POST /api/v1/imports/sources/{id}/visit`.
pub async fn visit(
    State(at): State<At>,
    Path(id): Path<i64>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let there = harvests(&at, &headers, move |h| h.visit(id)).await?;
    done(there)
}

/// `POST /api/v1/imports/sources/{id}/remove`.
pub async fn remove(
    State(at): State<At>,
    Path(id): Path<i64>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let there = harvests(&at, &headers, move |h| h.remove(id)).await?;
    done(there)
}

fn done(there: bool) -> Result<Response, Problem> {
    match there {
        true => Ok(Json(json!({"done": true})).into_response()),
        false => Err(none()),
    }
}

/// A source as it stands.
fn told(job: &Job) -> Json_ {
    let state = match (&job.progress, &job.error, job.waits) {
        (Some(_), None, Some(until)) if until > now() => "waiting",
        (Some(_), None, _) => "running",
        (_, Some(_), _) => "failed",
        (None, None, _) if job.due.is_some_and(|due| due <= now()) => "waiting",
        _ => "idle",
    };
    let time = |seconds: Option<u64>| seconds.and_then(rfc3339);
    json!({
        "id": job.id,
        "url": job.source.url,
        "prefix": job.source.prefix,
        "set": job.source.set.clone().unwrap_or_default(),
        "since": time(job.source.from),
        "until": time(job.source.until),
        "every": job.every,
        "deletions": job.deletions.as_str(),
        "state": state,
        "due": time(job.due),
        "began": time(job.began),
        "ended": time(job.ended),
        "from": time(job.cursor),
        "waits_until": time(job.waits),
        "pages": job.progress.as_ref().map_or(0, |p| p.pages),
        "complete": job.progress.as_ref().and_then(|p| p.complete),
        "error": job.error.as_ref().map(|e| format!("{}; {}", e.what("en"), e.fix("en"))),
        "report": Report::of(job.counts.clone(), Vec::new(), Vec::new()).summary(),
    })
}
