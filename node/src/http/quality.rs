//! `/api/v1/institutions/{handle}/quality`: what is to be mended in the records of an institution.

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use commun_forge::{crosswalk::report::cell, problem::Severity};
use commun_specs::name::Role;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Web, auth, institution,
    lang::{self, Lang},
    pages,
    problem::Problem,
    talk::At,
    words::{
        Words,
        known::field_name,
        quality::{fix, what},
    },
};
use crate::{
    app::App,
    core::rfc3339,
    quality::{Checks, Error, FIELDS, Fault, Field, Line, Quality, Rule},
};

/// Lines of each rule that the report shows; all of them come by page, or as CSV.
pub(super) const FIRST: u64 = 100;
/// Lines of one rule in one answer.
const MAX_PAGE: u64 = 1_000;
/// Lines of a table: what a spreadsheet opens.
const MAX_ROWS: u64 = 200_000;

/// The routes.
pub fn routes(web: Web, app: App) -> Router {
    Router::new()
        .route("/api/v1/institutions/{handle}/quality", get(report))
        .route("/api/v1/institutions/{handle}/quality/links", post(links))
        .route("/{handle}/quality", get(pages::quality::page))
        .with_state(At { web, app })
}

/// The report of an institution.
pub(super) struct Report {
    pub(super) items: u64,
    /// How many lack each field.
    pub(super) fields: Vec<(&'static Field, u64)>,
    pub(super) checks: Checks,
    /// Each rule with how many items it is about and the first lines; rules without any are left out.
    pub(super) rules: Vec<(Rule, u64, Vec<Line>)>,
}

impl Report {
    /// Reads it, with so many lines of each rule, or of one rule alone from `offset` on.
    pub(super) fn read(
        quality: &Quality,
        handle: &str,
        only: Option<Rule>,
        limit: u64,
        offset: u64,
    ) -> Result<Report, Error> {
        let book = quality.book();
        let missing = book.missing(handle)?;
        let mut rules = Vec::new();
        for rule in Rule::all().filter(|rule| only.is_none_or(|only| only == *rule)) {
            let (count, mut lines) = book.lines(handle, rule, limit, offset)?;
            lines.retain(|line| quality.shows(&line.item));
            if count > 0 {
                rules.push((rule, count, lines));
            }
        }
        Ok(Report {
            items: book.items(handle)?,
            fields: FIELDS.iter().zip(missing).collect(),
            checks: book.checks(handle)?,
            rules,
        })
    }
}

/// The command that mends a line, or shows more of it.
pub(super) fn command(rule: Rule, line: &Line) -> String {
    let name = &line.item.name;
    match (rule, rule.field()) {
        (Rule::Duplicate, _) => {
            let pair = line
                .detail
                .rsplit_once('(')
                .map_or("", |(_, end)| end.trim_end_matches(')'));
            format!("commun duplicates accept {pair}")
        }
        (Rule::DeadLink, _) => format!("commun edit {name}"),
        (Rule::Fault(Fault::Behind), _) => format!("commun derive --compare {name}"),
        (_, Some(field @ ("title" | "description" | "usage" | "keywords"))) => {
            format!("commun edit {name} --set \"{field}[fr]=…\"")
        }
        (_, Some(field)) => format!("commun edit {name} --set {field}=…"),
        _ => format!("commun edit {name}"),
    }
}

/// A field's name for people.
pub(super) fn field(name: &str, lang: Lang) -> String {
    let known = FIELDS.iter().find(|field| field.name == name);
    known
        .map_or(name, |field| field_name(field.name, lang))
        .to_lowercase()
}

/// What part of the report.
#[derive(Deserialize)]
struct Asked {
    rule: Option<String>,
    limit: Option<u64>,
    offset: Option<u64>,
}

async fn member(at: &At, handle: String) -> Result<String, Problem> {
    let one = at.web.ask(move |site| institution(site, &handle));
    Ok(one.await?.handle.to_string())
}

/// `GET …/quality`: JSON, or all lines as `text/csv`.
async fn report(
    State(at): State<At>,
    Path(handle): Path<String>,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let handle = member(&at, handle).await?;
    let lang = lang::Wanted::read(None, &headers).lang;
    let only = match asked.rule.as_deref() {
        None => None,
        Some(id) => Some(Rule::parse(id).ok_or_else(|| {
            let all: Vec<String> = Rule::all().map(Rule::id).collect();
            Problem::bad_request(format!("rule: one of {}", all.join(" ")))
        })?),
    };
    let accept = headers.get(header::ACCEPT).and_then(|a| a.to_str().ok());
    let quality = at.app.quality.clone();
    if accept.is_some_and(|accept| accept.contains("text/csv")) {
        let table = at
            .web
            .ask(move |_| table(&quality, &handle, only, lang).map_err(|e| Problem::internal(&e)))
            .await?;
        let mut response = table.into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/csv; charset=utf-8"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert(
            header::VARY,
            HeaderValue::from_static("Accept, Accept-Language"),
        );
        return Ok(response);
    }
    let limit = asked.limit.unwrap_or(FIRST).min(MAX_PAGE);
    let offset = asked.offset.unwrap_or(0).min(i64::MAX as u64);
    let answer = at
        .web
        .ask(move |_| {
            let report = Report::read(&quality, &handle, only, limit, offset);
            let report = report.map_err(|e| Problem::internal(&e))?;
            Ok(told(&report, &handle, lang))
        })
        .await?;
    Ok(Json(answer).into_response())
}

fn told(report: &Report, handle: &str, lang: Lang) -> Value {
    let words = Words::of(lang);
    let fields: Vec<Value> = report
        .fields
        .iter()
        .map(|(field, missing)| {
            json!({
                "field": field.name, "label": field_name(field.name, lang), "need": field.need.as_str(),
                "filled": report.items.saturating_sub(*missing), "missing": missing,
            })
        })
        .collect();
    let rules: Vec<Value> = report
        .rules
        .iter()
        .map(|(rule, count, lines)| {
            let items: Vec<Value> = lines
                .iter()
                .map(|line| {
                    json!({
                        "id": line.item.id, "name": line.item.name, "title": line.item.title,
                        "detail": line.detail, "command": command(*rule, line),
                    })
                })
                .collect();
            json!({
                "rule": rule.id(), "severity": rule.severity().as_str(), "items": count,
                "what": what(words, *rule, |name| field(name, lang)), "fix": fix(words, *rule), "lines": items,
            })
        })
        .collect();
    let checks = &report.checks;
    json!({
        "institution": handle,
        "items": report.items,
        "fields": fields,
        "rules": rules,
        "links": {
            "links": checks.links, "checked": checks.checked, "waiting": checks.waiting,
            "last": checks.last.and_then(rfc3339),
        },
    })
}

/// Every line, worst first.
fn table(quality: &Quality, handle: &str, only: Option<Rule>, lang: Lang) -> Result<String, Error> {
    let words = Words::of(lang);
    let mut out = "rule,severity,name,title,detail,what,fix,command,item\r\n".to_owned();
    let mut rows = 0;
    for severity in [Severity::Error, Severity::Warning, Severity::Info] {
        let rules = Rule::all().filter(|rule| rule.severity() == severity);
        for rule in rules.filter(|rule| only.is_none_or(|only| only == *rule)) {
            let what = what(words, rule, |name| field(name, lang));
            let mut offset = 0;
            loop {
                // A lock for each page: others have their turn between two.
                let (_, lines) = quality.book().lines(handle, rule, MAX_PAGE, offset)?;
                for line in lines.iter().filter(|line| quality.shows(&line.item)) {
                    let cells = [
                        rule.id().as_str(),
                        severity.as_str(),
                        &line.item.name,
                        &line.item.title,
                        &line.detail,
                        &what,
                        fix(words, rule),
                        &command(rule, line),
                        &line.item.id.to_string(),
                    ]
                    .map(str::to_owned);
                    for (at, text) in cells.iter().enumerate() {
                        if at > 0 {
                            out.push(',');
                        }
                        cell(text, &mut out);
                    }
                    out.push_str("\r\n");
                }
                let read = lines.len() as u64;
                (offset, rows) = (offset + read, rows + read);
                if read < MAX_PAGE || rows >= MAX_ROWS {
                    break;
                }
            }
        }
    }
    Ok(out)
}

/// `POST …/quality/links`: has the links of this institution's items looked at.
async fn links(
    State(at): State<At>,
    Path(handle): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let person = auth::person(&at.app, &headers)?;
    let handle = member(&at, handle).await?;
    let me = at.app.core.identity().handle.as_str();
    if handle != me {
        return Err(Problem::forbidden(format!(
            "this node looks at the links of {me} only; ask the node of {handle}"
        )));
    }
    if !person.may(&[Role::Librarian]) {
        return Err(Problem::forbidden(
            "having links looked at needs the role librarian; ask an admin of your institution",
        ));
    }
    let quality = at.app.quality.clone();
    let waiting = at
        .web
        .ask(move |_| quality.check_links().map_err(|e| Problem::internal(&e)))
        .await?;
    Ok((StatusCode::ACCEPTED, Json(json!({"waiting": waiting}))).into_response())
}
