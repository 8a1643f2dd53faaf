//! Correcting over the API: one item (`…/metadata`), many (`/api/v1/corrections`), and tables for spreadsheets.

mod given;

use std::collections::HashSet;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{
        DefaultBodyLimit, FromRequest as _, Path, Query, Request, State, rejection::JsonRejection,
    },
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use commun_forge::{
    crosswalk::Report,
    problem::{Problem as Line, Severity},
};
use commun_specs::{
    id::StatementId,
    metadata::{Change, Column, Problems},
    name::Role,
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::{
    Web, api, auth, imports, lang,
    place::{Place, item},
    problem::{FieldError, Problem},
    publish::skim,
    talk::At,
};
use crate::{
    app::App,
    core::{Person, rfc3339},
    corrections::{CorrectError, Corrected, Done, How, MAX_ITEMS, MAX_TASKS, Table, place, words},
};

/// Largest batch of corrections, in bytes: as much as an import takes.
const MAX_BATCH: usize = 32 << 20;
/// Largest list of items for a table, in bytes.
const MAX_LIST: usize = 4 << 20;
/// Tables that are made at once: each is a text of up to twenty thousand records.
static TABLES: Semaphore = Semaphore::const_new(2);
/// Items that an answer names; the counts are of all.
const MAX_NAMED: usize = 10_000;

/// The routes of this page.
pub fn routes(web: Web, app: App) -> Router {
    let mut routes = Router::new()
        .route(
            "/api/v1/corrections",
            post(many).layer(DefaultBodyLimit::max(MAX_BATCH)),
        )
        .route(
            "/api/v1/corrections/table",
            post(table).layer(DefaultBodyLimit::max(MAX_LIST)),
        );
    for item in ["/api/v1/items/{id}", "/api/v1/items/{id}/{slug}"] {
        let at = |below: &str| format!("{item}/metadata{below}");
        routes = routes
            .route(&at(""), get(known).patch(correct))
            .route(&at("/history"), get(history))
            .route(&at("/undo"), post(undo));
    }
    routes.with_state(At { web, app })
}

pub(super) fn problem(error: CorrectError) -> Problem {
    let detail = error.to_string();
    match error {
        CorrectError::Invalid(Problems(all)) => {
            let mut problem = Problem::unprocessable("what is to be corrected breaks rules");
            problem.errors = all.into_iter().map(FieldError::from).collect();
            problem
        }
        CorrectError::NotAllowed(_) => Problem::forbidden(detail),
        CorrectError::NoSuchItem => Problem::not_found(detail),
        CorrectError::Nothing(_) => Problem::conflict(detail),
        CorrectError::Gone(_) => Problem::new(StatusCode::GONE, detail),
        CorrectError::Changed { changes, .. } => {
            let mut problem = Problem::conflict(detail);
            for change in &changes {
                let (old, new) = (words(change.old.as_ref()), words(change.new.as_ref()));
                let what = format!("is “{new}” now, was “{old}”");
                let fix = "read the item again, and make the change in what it says now";
                problem = problem.with_error(place(change), what, fix);
            }
            problem
        }
        CorrectError::NotNow(_) | CorrectError::Settling => Problem::unavailable(detail),
        CorrectError::Failed(why) => Problem::internal(&why),
    }
}

fn change(change: &Change) -> Value {
    let mut told = json!({"field": change.field, "old": change.old, "new": change.new});
    if let Some(lang) = &change.lang {
        told["language"] = lang.as_str().into();
    }
    told
}

fn corrected(done: &Corrected) -> Value {
    json!({
        "item": {"id": done.item, "name": done.name},
        "version": done.version,
        "position": done.position,
        "changes": done.changes.iter().map(change).collect::<Vec<_>>(),
        "warnings": done.warnings.iter().map(|w| json!({"field": w.field, "what": w.what, "fix": w.fix}))
            .collect::<Vec<_>>(),
    })
}

/// `GET …/metadata`: what the version that is shown says, every value with where it came from.
async fn known(State(at): State<At>, Path(place): Path<Place>) -> Result<Response, Problem> {
    let app = at.app.clone();
    let answer = move || {
        let item = item(&app, &place)?;
        let standing = app.corrections.standing(&item.id).map_err(problem)?;
        let record = &standing.record;
        let mut metadata = record.view().to_json();
        metadata.remove("files");
        let cleared = record.cleared.iter().map(|clear| {
            json!({"field": clear.v, "language": clear.lang, "date": clear.src.date, "by": clear.src.by})
        });
        Ok(json!({
            "item": {"id": item.id, "name": standing.name()},
            "version": standing.version,
            "metadata": metadata,
            "known": api::known(record),
            "cleared": cleared.collect::<Vec<_>>(),
            "corrected": record.corrections(),
        }))
    };
    Ok(Json(at.web.ask(move |_| answer()).await?).into_response())
}

/// `GET …/metadata/history`: who changed what when, the newest first.
async fn history(State(at): State<At>, Path(place): Path<Place>) -> Result<Response, Problem> {
    let app = at.app.clone();
    let answer = move || {
        let item = item(&app, &place)?;
        let entries = app.corrections.history(&item).map_err(problem)?;
        let entries = entries.iter().map(|entry| {
            json!({
                "version": entry.version,
                "position": entry.position,
                "time": rfc3339(entry.time),
                "by": entry.by,
                "key": entry.key.to_string(),
                "what": entry.what.as_str(),
                "undoes": entry.undoes,
                "current": entry.current,
                "changes": entry.changes.iter().map(change).collect::<Vec<_>>(),
            })
        });
        let name = format!("{}/{}", item.owner, item.slug);
        Ok(json!({
            "item": {"id": item.id, "name": name},
            "versions": entries.collect::<Vec<_>>(),
        }))
    };
    Ok(Json(at.web.ask(move |_| answer()).await?).into_response())
}

/// How corrections are made.
#[derive(Debug, Default, Deserialize)]
struct Asked {
    /// The version that they were made from.
    r#if: Option<String>,
    #[serde(default)]
    dry_run: bool,
    #[serde(default)]
    all: bool,
}

/// `PATCH …/metadata`.
async fn correct(
    State(at): State<At>,
    Path(place): Path<Place>,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
    body: Result<Json<Value>, JsonRejection>,
) -> Result<Response, Problem> {
    let person = auth::person(&at.app, &headers)?;
    let item = item(&at.app, &place)?;
    let (base, edits) = given::changes(super::admin::given(body)?)?;
    let base = match asked.r#if {
        Some(text) => Some(given::version("if", &text)?),
        None => base,
    };
    let corrections = at.app.corrections.clone();
    // On a task of its own: a reader who leaves now must not stop it half-way.
    let correcting = tokio::spawn(async move {
        corrections
            .correct(&person, &item.id, &edits, base, asked.dry_run)
            .await
    });
    let done = correcting.await.map_err(|e| Problem::internal(&e))?;
    Ok(Json(corrected(&done.map_err(problem)?)).into_response())
}

/// What is taken back.
#[derive(Debug, Default, Deserialize)]
struct Undo {
    /// The version whose corrections; the newest where none is named, or `last`.
    version: Option<String>,
    r#if: Option<String>,
}

/// `POST …/metadata/undo`.
async fn undo(
    State(at): State<At>,
    Path(place): Path<Place>,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
    body: Result<Json<Undo>, JsonRejection>,
) -> Result<Response, Problem> {
    let person = auth::person(&at.app, &headers)?;
    let item = item(&at.app, &place)?;
    let undo = super::admin::given(body)?;
    let version = undo.version.filter(|version| version != "last");
    let version = version.map(|text| given::version("version", &text));
    let version = version.transpose()?;
    let base = undo.r#if.or(asked.r#if);
    let base = base.map(|text| given::version("if", &text)).transpose()?;
    let corrections = at.app.corrections.clone();
    let undoing = tokio::spawn(async move {
        corrections
            .undo(&person, &item.id, version, base, asked.dry_run)
            .await
    });
    let done = undoing.await.map_err(|e| Problem::internal(&e))?;
    Ok(Json(corrected(&done.map_err(problem)?)).into_response())
}

/// `POST /api/v1/corrections`: lines of JSON, or a table that was changed.
async fn many(
    State(at): State<At>,
    Query(asked): Query<Asked>,
    request: Request,
) -> Result<Response, Problem> {
    let headers = request.headers().clone();
    // Who may not correct is told before a batch is held in memory for them.
    let person = match corrector(&at.app, &headers) {
        Ok(person) => person,
        Err(problem) => {
            skim(request).await;
            return Err(problem);
        }
    };
    let body = Bytes::from_request(request, &())
        .await
        .map_err(|e| Problem::new(e.status(), e.body_text()))?;
    let how = How {
        dry_run: asked.dry_run,
        all: asked.all,
    };
    let app = at.app.clone();
    // A batch is long work: it has no turn among the questions, and a reader who leaves must not stop it.
    let read = tokio::task::spawn_blocking(move || {
        let mut report = Report::default();
        let first = body.iter().find(|b| !b.is_ascii_whitespace());
        let tasks = match first {
            Some(b'{' | b'[') => given::lines(&app, &body, &mut report)?,
            _ => app
                .corrections
                .changed_rows(&body, &mut report)
                .map_err(problem)?,
        };
        if tasks.len() > MAX_TASKS {
            return Err(Problem::too_large(format!(
                "at most {MAX_TASKS} items are corrected at once"
            )));
        }
        Ok((tasks, report))
    });
    let (tasks, mut report) = read.await.map_err(|e| Problem::internal(&e))??;
    let corrections = at.app.corrections.clone();
    let correcting = tokio::spawn(async move {
        let done = corrections.many(&person, tasks, how, &mut report).await;
        (done, report)
    });
    let (done, report) = correcting.await.map_err(|e| Problem::internal(&e))?;
    let done = done.map_err(problem)?;
    let items = done
        .iter()
        .take(MAX_NAMED)
        .map(|Done { record, corrected }| {
            let what = match corrected.changes.is_empty() && corrected.position.is_none() {
                true => "unchanged",
                false => "changed",
            };
            json!({"record": record, "id": corrected.item, "name": corrected.name, "what": what,
            "version": corrected.version})
        });
    let items: Vec<Value> = items.collect();
    let more = json!({"dry_run": how.dry_run, "items": items});
    Ok(imports::in_form(&headers, &report, more))
}

/// Who asks, if they may correct anything at all.
fn corrector(app: &App, headers: &HeaderMap) -> Result<Person, Problem> {
    let person = auth::person(app, headers)?;
    if person.may(&[Role::Publisher, Role::Librarian]) {
        return Ok(person);
    }
    Err(Problem::forbidden(
        "correcting needs the role librarian, or publisher for what one published oneself; ask an admin of your institution",
    ))
}

/// The items and columns of a table.
#[derive(Debug, Deserialize)]
struct NewTable {
    items: Vec<String>,
    #[serde(default)]
    fields: Vec<String>,
    delimiter: Option<String>,
}

/// `POST /api/v1/corrections/table`: items as a table that can be changed and sent back.
async fn table(
    State(at): State<At>,
    headers: HeaderMap,
    body: Result<Json<NewTable>, JsonRejection>,
) -> Result<Response, Problem> {
    corrector(&at.app, &headers)?;
    let turn = TABLES
        .try_acquire()
        .map_err(|_| Problem::busy("too many tables are being made; try again", 10))?;
    let new = super::admin::given(body)?;
    if new.items.len() > MAX_ITEMS {
        let most = format!("a table has at most {MAX_ITEMS} items");
        return Err(Problem::too_large(most));
    }
    let french = lang::Wanted::read(None, &headers).lang == lang::Lang::Fr;
    let delimiter = match new.delimiter.as_deref() {
        // What spreadsheets take for one in these languages.
        None => [',', ';'][usize::from(french)],
        Some(";") => ';',
        Some(",") => ',',
        Some("\t" | "tab") => '\t',
        Some(_) => {
            let what = "is none of , ; tab";
            return Err(
                Problem::unprocessable("there is no such delimiter").with_error(
                    "delimiter",
                    what,
                    "",
                ),
            );
        }
    };
    let mut columns = Vec::new();
    for name in &new.fields {
        let column = name.parse::<Column>();
        columns.push(column.map_err(|e| {
            Problem::unprocessable("a column is not a field").with_error(
                "fields",
                e.to_string(),
                "write fields of the documentation, as title[fr]",
            )
        })?);
    }
    let app = at.app.clone();
    let wanted = lang::Wanted::read(None, &headers).lang.tag();
    let plain = headers
        .get(header::ACCEPT)
        .is_some_and(|accept| accept.as_bytes().starts_with(b"text/csv"));
    let made = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        let mut report = Report::default();
        let mut items: Vec<StatementId> = Vec::new();
        let mut named = HashSet::new();
        for name in &new.items {
            match given::item(&app, name) {
                Ok(item) if !named.insert(item.id) => {}
                Ok(item) => items.push(item.id),
                Err(_) => {
                    report.records += 1;
                    report.refused += 1;
                    report.push(
                        name,
                        Line::new(Severity::Error, "item-unknown", "", name, ""),
                    );
                }
            }
        }
        let table = Table {
            items,
            columns,
            delimiter,
        };
        let text = app
            .corrections
            .table(&table, &mut report)
            .map_err(problem)?;
        Ok::<_, Problem>((text, report))
    });
    let (text, report) = made.await.map_err(|e| Problem::internal(&e))??;
    if plain {
        let mut response = text.into_response();
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/csv; charset=utf-8"),
        );
        return Ok(response);
    }
    let mut value = report.to_json(wanted);
    value["csv"] = text.into();
    Ok(Json(value).into_response())
}
