//! `/sitemap.xml`, its pages, and `/robots.txt`: what search engines read first (<https://www.sitemaps.org/protocol.html>).

use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};
use commun_forge::crosswalk::xml::escaped;
use commun_index::Query;

use super::{
    Web,
    lang::Lang,
    pages::encode_path,
    problem::Problem,
    search::{Facet, refused},
    talk::At,
    text::rfc3339,
};
use crate::app::App;

/// Addresses of one page: a tenth of what the protocol allows, so that a page is made whole before it is sent.
const PAGE: u64 = 5_000;
/// Pages of the index: the most that the protocol allows.
const MAX_PAGES: u64 = 50_000;
/// The namespace of the pages.
const NAMESPACE: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";

/// The routes.
pub fn routes(web: Web, app: App) -> Router {
    Router::new()
        .route("/sitemap.xml", get(index))
        .route("/sitemap/{page}", get(page))
        .route("/robots.txt", get(robots))
        .with_state(At { web, app })
}

/// `GET /sitemap.xml`: where the pages are, and when something on them changed.
async fn index(State(at): State<At>) -> Result<Response, Problem> {
    let app = at.app.clone();
    let newest = at.web.ask(move |_| {
        let pages = app.oai.newest_of_pages(PAGE);
        pages.map_err(|e| Problem::internal(&e))
    });
    let mut out = format!("{HEAD}<sitemapindex xmlns=\"{NAMESPACE}\">\n");
    for (n, stamp) in newest
        .await?
        .into_iter()
        .take(MAX_PAGES as usize)
        .enumerate()
    {
        out.push_str(&format!(
            "<sitemap><loc>{}/sitemap/{}.xml</loc><lastmod>{}</lastmod></sitemap>\n",
            escaped(&at.app.url),
            n + 1,
            rfc3339(stamp)
        ));
    }
    out.push_str(&format!(
        "<sitemap><loc>{}/sitemap/{PAGES}</loc></sitemap>\n",
        escaped(&at.app.url)
    ));
    out.push_str("</sitemapindex>\n");
    Ok(xml(Body::from(out)))
}

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// The file of the pages that are not of items.
const PAGES: &str = "pages.xml";
/// Those that are always there.
const FIXED: [&str; 6] = [
    "/",
    "/about",
    "/about/commons",
    "/about/legal",
    "/about/accessibility",
    "/about/privacy",
];

/// `GET /sitemap/pages.xml`: about, institutions, and subjects that something is of. Authors are linked from their items.
async fn pages(at: &At) -> Result<Response, Problem> {
    let query = Query {
        facets: true,
        ..Query::default()
    };
    let listed = at.web.ask(move |site| {
        let institutions = site.institutions()?;
        let answer = site.search(&query).map_err(refused)?;
        let subjects = answer.facets.get(Facet::Subject.name());
        let subjects = subjects.into_iter().flatten();
        let fixed = FIXED.iter().map(|path| (*path).to_owned());
        let paths = fixed
            .chain(institutions.iter().map(|one| format!("/{}", one.handle)))
            .chain(subjects.map(|(id, _)| format!("/about/subject/{}", encode_path(id))));
        Ok(paths.collect::<Vec<String>>())
    });
    let url = escaped(&at.app.url);
    let mut out = head();
    for path in listed.await? {
        location(&mut out, &format!("{url}{}", escaped(&path)), None);
    }
    out.push_str("</urlset>\n");
    Ok(xml(Body::from(out)))
}

/// The beginning of a page.
fn head() -> String {
    format!("{HEAD}<urlset xmlns=\"{NAMESPACE}\" xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n")
}

/// An address with its languages.
fn location(out: &mut String, address: &str, changed: Option<u64>) {
    out.push_str(&format!("<url><loc>{address}</loc>"));
    if let Some(changed) = changed {
        out.push_str(&format!("<lastmod>{}</lastmod>", rfc3339(changed)));
    }
    for lang in Lang::ALL {
        let tag = lang.tag();
        out.push_str(&format!(
            "<xhtml:link rel=\"alternate\" hreflang=\"{tag}\" href=\"{address}?lang={tag}\"/>"
        ));
    }
    out.push_str("</url>\n");
}

/// `GET /sitemap/{n}.xml`: addresses of items, each with its languages.
async fn page(State(at): State<At>, Path(name): Path<String>) -> Result<Response, Problem> {
    if name == PAGES {
        return pages(&at).await;
    }
    let missing = || Problem::not_found("there is no such page of the sitemap");
    let number = name
        .strip_suffix(".xml")
        .and_then(|n| n.parse::<u64>().ok());
    let number = number
        .filter(|n| (1..=MAX_PAGES).contains(n))
        .ok_or_else(missing)?;
    let app = at.app.clone();
    let listed = at.web.ask(move |_| {
        let standing = app.oai.standing((number - 1) * PAGE, PAGE);
        let standing = standing.map_err(|e| Problem::internal(&e))?;
        let state = app.core.state();
        let catalogue = state.catalogue();
        let named = standing.into_iter().filter_map(|(id, stamp)| {
            let item = catalogue.item(&id)?;
            Some((format!("{}/{}", item.owner, item.slug), stamp))
        });
        Ok(named.collect::<Vec<_>>())
    });
    let listed = listed.await?;
    if listed.is_empty() {
        return Err(missing());
    }
    let url = escaped(&at.app.url);
    let mut out = head();
    for (name, stamp) in &listed {
        location(&mut out, &format!("{url}/{name}"), Some(*stamp));
    }
    out.push_str("</urlset>\n");
    Ok(xml(Body::from(out)))
}

/// `GET /robots.txt`: where the sitemap is. Everything may be read; searches lead to the same pages.
async fn robots(State(at): State<At>) -> Response {
    let url = &at.app.url;
    let text = format!(
        "User-agent: *\nDisallow: /search\nDisallow: /api/v1/search\n\nSitemap: {url}/sitemap.xml\n"
    );
    text.into_response()
}

fn xml(body: Body) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/xml"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
