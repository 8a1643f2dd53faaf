//! Item pages for programs: the record as JSON-LD in the page and by content negotiation, and links in the header to the
//! other forms (Signposting, <https://signposting.org/FAIR/>).

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use commun_forge::crosswalk::dublin_core;
use commun_index::Kind;
use commun_specs::licence::Licence;

use super::{Web, pages::encode_path, problem::Problem};
use crate::{
    export::{Format, format::Place, view},
    items::Shown,
};

/// Authors and files that the header names; the record has all.
const MAX_LINKS: usize = 10;
/// The profile of AMB.
const AMB: &str = "https://w3id.org/kim/amb/";
/// Longest header `Accept` that is read: browsers send two hundred bytes.
const MAX_ACCEPT: usize = 2_000;

/// What an item's address may answer with, the one that is best where nothing is preferred first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// The page.
    Page,
    /// schema.org in JSON-LD.
    JsonLd,
    /// AMB, which is JSON-LD too.
    Amb,
    /// The document of the API.
    Json,
    /// LOM.
    Xml,
    /// Dublin Core.
    OaiDc,
    /// A citation for programs.
    Csl,
    /// A citation for LaTeX.
    Bibtex,
}

impl Form {
    /// Forms, their media types, and the profile (RFC 6906) by which those are asked for that share their type with one
    /// further down.
    const TYPES: [(Form, &'static str, Option<&'static str>); 11] = [
        (Form::Page, "text/html", None),
        (Form::Page, "application/xhtml+xml", None),
        (Form::Amb, "application/ld+json", Some(AMB)),
        (Form::JsonLd, "application/ld+json", None),
        (Form::Json, "application/json", None),
        (Form::OaiDc, "application/xml", Some(dublin_core::WRAPPER)),
        (Form::Xml, "application/xml", None),
        (Form::Xml, "text/xml", None),
        (Form::Csl, "application/vnd.citationstyles.csl+json", None),
        (Form::Bibtex, "application/x-bibtex", None),
        (Form::Bibtex, "text/x-bibliography", None),
    ];

    /// What a reader prefers (RFC 9110, 12.5.1); the page where they name none of these.
    pub(super) fn wanted(headers: &HeaderMap) -> Form {
        let accept = headers.get(header::ACCEPT).and_then(|a| a.to_str().ok());
        let Some(accept) = accept.filter(|a| a.len() <= MAX_ACCEPT) else {
            return Form::Page;
        };
        let parts = outside_quotes(accept, ',').into_iter();
        let ranges: Vec<Range<'_>> = parts.filter_map(Range::read).collect();
        // The most exact range that fits a type says how much it is wanted; one for a profile of another form says nothing.
        let of_another = |r: &Range<'_>| {
            let mut profiles = Form::TYPES.iter().filter_map(|(_, _, profile)| *profile);
            profiles.any(|profile| r.has(profile))
        };
        let quality = |of: &str, profile: Option<&str>| {
            let exact = |r: &&Range<'_>| r.media.eq_ignore_ascii_case(of);
            if let Some(profile) = profile {
                let found = ranges.iter().filter(exact).find(|r| r.has(profile));
                return found.map_or(0.0, |r| r.weight);
            }
            let group = of.split('/').next().unwrap_or_default();
            let plain = |r: &&Range<'_>| exact(r) && !of_another(r);
            let found = ranges.iter().filter(plain);
            let found = found.max_by(|a, b| a.weight.total_cmp(&b.weight));
            let grouped = |r: &&Range<'_>| r.media.strip_suffix("/*") == Some(group);
            let found = found.or_else(|| ranges.iter().find(grouped));
            let found = found.or_else(|| ranges.iter().find(|r| r.media == "*/*"));
            found.map_or(0.0, |r| r.weight)
        };
        let mut best = (Form::Page, 0.0);
        for (form, of, profile) in Form::TYPES {
            let q = quality(of, profile);
            if q > best.1 {
                best = (form, q);
            }
        }
        best.0
    }
}

/// What a reader takes (RFC 9110, 12.5.1).
struct Range<'a> {
    media: &'a str,
    weight: f32,
    /// Addresses of profiles, separated by spaces (RFC 6906, 3.1).
    profiles: &'a str,
}

/// A weight from 0 to 1; what is none counts as not said.
fn weight(text: &str) -> f32 {
    let weight: f32 = text.trim().parse().unwrap_or(1.0);
    match (0.0..=1.0).contains(&weight) {
        true => weight,
        false => 1.0,
    }
}

impl<'a> Range<'a> {
    fn read(part: &'a str) -> Option<Self> {
        let mut pieces = outside_quotes(part, ';').into_iter().map(str::trim);
        let media = pieces.next().filter(|range| range.contains('/'))?;
        let mut range = Self {
            media,
            weight: 1.0,
            profiles: "",
        };
        for (name, value) in pieces.filter_map(|p| p.split_once('=')) {
            match name.trim().to_ascii_lowercase().as_str() {
                "q" => range.weight = weight(value),
                "profile" => range.profiles = value.trim().trim_matches('"'),
                _ => {}
            }
        }
        Some(range)
    }

    /// Whether it names a profile, however its address is written: with or without the last slash and the lock.
    fn has(&self, profile: &str) -> bool {
        let bare = |address: &str| -> String {
            let address = address.trim_end_matches('/');
            let address = address
                .strip_prefix("http://")
                .or(address.strip_prefix("https://"));
            address.unwrap_or_default().to_ascii_lowercase()
        };
        let mut named = self.profiles.split_ascii_whitespace();
        named.any(|address| bare(address) == bare(profile))
    }
}

/// The parts between separators that stand in no quoted string (RFC 9110, 5.6.4).
fn outside_quotes(text: &str, separator: char) -> Vec<&str> {
    let (mut quoted, mut escaped) = (false, false);
    let parts = text.split(|c| {
        let ends = c == separator && !quoted;
        if !escaped && c == '"' {
            quoted = !quoted;
        }
        escaped = !escaped && quoted && c == '\\';
        ends
    });
    parts.collect()
}

/// An item as JSON-LD, which may stand in a page as it is: nothing in it ends the element that it stands in. As
/// schema.org, and a resource as AMB too.
pub(super) fn documents(web: &Web, item: &Shown) -> Result<Vec<String>, Problem> {
    let mut documents = vec![document(web, item, Format::SchemaOrg)?];
    if item.kind == Kind::Resource {
        documents.push(document(web, item, Format::Amb)?);
    }
    Ok(documents)
}

fn document(web: &Web, item: &Shown, format: Format) -> Result<String, Problem> {
    let main = &web.hosts().main;
    let institutions = web.site().institutions()?;
    let own = institutions.iter().find(|i| i.handle == item.handle);
    let url = format!("{main}/{}", item.name());
    let files = format!("{main}/api/v1/items/{}/files/", item.name());
    let place = Place {
        url: &url,
        institution: own.map_or(item.handle.as_str(), |i| &i.name),
        files: &files,
    };
    let written = format.write(&view::told(item, main), place);
    let bytes = written.ok_or_else(Problem::failed)?.bytes;
    String::from_utf8(bytes).map_err(|e| Problem::internal(&e))
}

/// The answer in another form than a page; `None` where the page is wanted.
pub(super) fn negotiated(
    web: &Web,
    item: &Shown,
    headers: &HeaderMap,
) -> Result<Option<Response>, Problem> {
    let form = Form::wanted(headers);
    if form == Form::Page {
        return Ok(None);
    }
    if item.withdrawn.is_some() {
        return Err(super::api::gone(item));
    }
    let api = format!("{}/api/v1/items/{}", web.hosts().main, item.name());
    let linked = |format: Format| -> Result<_, Problem> {
        let place = format!("{api}/export?format={}", format.as_str());
        Ok((place, Some(document(web, item, format)?)))
    };
    let (place, document) = match form {
        Form::Page => return Ok(None),
        Form::JsonLd => linked(Format::SchemaOrg)?,
        Form::Amb => linked(Format::Amb)?,
        Form::Json => (api, None),
        Form::Xml => (format!("{api}/export?format=lom"), None),
        Form::OaiDc => (format!("{api}/export?format=oai_dc"), None),
        Form::Csl => (format!("{api}/citation?format=csl"), None),
        Form::Bibtex => (format!("{api}/citation?format=bibtex"), None),
    };
    let mut response = Response::new(Body::empty());
    let set = |response: &mut Response, name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    };
    match document {
        Some(text) => {
            *response.body_mut() = Body::from(text);
            let kind = commun_forge::crosswalk::schema_org::MEDIA_TYPE;
            let kind = match form {
                Form::Amb => format!("{kind};profile=\"{AMB}\""),
                _ => kind.to_owned(),
            };
            set(&mut response, header::CONTENT_TYPE, &kind);
            set(&mut response, header::CONTENT_LOCATION, &place);
        }
        None => {
            // The page is about the item; this is another document about it.
            *response.status_mut() = StatusCode::SEE_OTHER;
            set(&mut response, header::LOCATION, &place);
        }
    }
    set(&mut response, header::CACHE_CONTROL, "no-cache");
    describe(web, item, &mut response);
    Ok(Some(response))
}

/// Says in the header where the other forms are, and that they are chosen by `Accept`.
pub(super) fn describe(web: &Web, item: &Shown, response: &mut Response) {
    let headers = response.headers_mut();
    headers.insert(
        header::VARY,
        HeaderValue::from_static("Accept, Accept-Language"),
    );
    if item.withdrawn.is_some() {
        return;
    }
    if let Ok(links) = HeaderValue::from_str(&links(web, item).join(", ")) {
        headers.insert(header::LINK, links);
    }
}

fn links(web: &Web, item: &Shown) -> Vec<String> {
    let api = format!("{}/api/v1/items/{}", web.hosts().main, item.name());
    let mut links = Vec::new();
    let mut link = |url: &str, rel: &str, more: &str| {
        // What would end the header's parts is left out: no address that is one has it.
        let fits = |c: char| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"' | '\\');
        if url.chars().all(fits) && (url.starts_with("https://") || url.starts_with("http://")) {
            links.push(format!("<{url}>; rel=\"{rel}\"{more}"));
        }
    };
    let doi = item.view.aliases.iter().find_map(|alias| {
        let bare = alias.strip_prefix("doi:");
        let bare = bare.or_else(|| alias.strip_prefix("https://doi.org/"))?;
        Some(encode_path(bare))
    });
    if let Some(doi) = doi {
        link(&format!("https://doi.org/{doi}"), "cite-as", "");
    }
    for (format, profile) in [
        (Format::SchemaOrg, "https://schema.org/"),
        (Format::Amb, AMB),
        (Format::Lom, commun_forge::crosswalk::lom::NAMESPACE),
        (Format::OaiDc, dublin_core::WRAPPER),
    ] {
        let url = format!("{api}/export?format={}", format.as_str());
        let more = format!("; type=\"{}\"; profile=\"{profile}\"", format.media_type());
        link(&url, "describedby", &more);
    }
    link(&api, "alternate", "; type=\"application/json\"");
    let kind = match item.kind {
        Kind::Repository => "https://schema.org/SoftwareSourceCode",
        Kind::Collection => "https://schema.org/Collection",
        Kind::Resource => "https://schema.org/LearningResource",
    };
    link("https://schema.org/AboutPage", "type", "");
    link(kind, "type", "");
    let licence = item.view.licence.as_deref();
    let licence = licence.and_then(|l| Licence::parse(l).ok()?.url());
    if let Some(url) = licence {
        link(&url, "license", "");
    }
    for orcid in item
        .view
        .creators
        .iter()
        .filter_map(|c| c.orcid.as_ref())
        .take(MAX_LINKS)
    {
        link(&format!("https://orcid.org/{orcid}"), "author", "");
    }
    for file in item
        .files
        .iter()
        .flat_map(|list| list.files())
        .take(MAX_LINKS)
    {
        let url = format!("{api}/files/{}", encode_path(file.path.as_str()));
        let kind = file.media_type.as_str();
        let plain = kind
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "/+-.".contains(c));
        let more = format!("; type=\"{kind}\"");
        link(&url, "item", if plain { &more } else { "" });
    }
    links
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(accept: &str) -> Form {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().unwrap());
        Form::wanted(&headers)
    }

    #[test]
    fn readers_get_what_they_prefer_and_else_the_page() {
        let firefox = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        assert_eq!(of(firefox), Form::Page);
        assert_eq!(of("*/*"), Form::Page);
        assert_eq!(of("image/png"), Form::Page);
        assert_eq!(of(""), Form::Page);
        assert_eq!(Form::wanted(&HeaderMap::new()), Form::Page);
        assert_eq!(of("application/ld+json"), Form::JsonLd);
        assert_eq!(of("application/ld+json, text/html;q=0.5"), Form::JsonLd);
        assert_eq!(of("application/ld+json;q=0.5, text/html"), Form::Page);
        assert_eq!(of("application/json"), Form::Json);
        assert_eq!(of("Application/JSON; q=1"), Form::Json);
        assert_eq!(of("text/xml"), Form::Xml);
        assert_eq!(of("application/*"), Form::Page);
        assert_eq!(
            of("application/*, text/html;q=0, application/xhtml+xml;q=0"),
            Form::JsonLd
        );
        assert_eq!(of("application/vnd.citationstyles.csl+json"), Form::Csl);
        assert_eq!(of("application/x-bibtex"), Form::Bibtex);
        assert_eq!(of("text/html;q=nonsense"), Form::Page);
        assert_eq!(
            of("application/ld+json;q=NaN, text/html;q=0.5"),
            Form::JsonLd
        );
        for amb in [
            "application/ld+json;profile=\"https://w3id.org/kim/amb/\"",
            "application/ld+json; Profile=https://w3id.org/kim/amb; q=0.9",
            "application/ld+json;profile=\"https://a.example/,;x http://w3id.org/kim/amb/\", text/html;q=0.5",
            "application/ld+json;q=0.5, application/ld+json;profile=\"https://w3id.org/kim/amb/\"",
        ] {
            assert_eq!(of(amb), Form::Amb, "{amb}");
        }
        for linked in [
            "application/ld+json;profile=\"https://schema.org/\"",
            "application/ld+json;profile=\"https://a.example/unknown\"",
            "application/ld+json;profile=\"https://w3id.org/kim/amb/\";q=0.1, application/ld+json",
            "application/ld+json;profile=\"https://w3id.org/kim/amb/\";q=0.5, application/ld+json;profile=\"https://schema.org/\"",
            "application/ld+json;profile=\"https://schema.org/\", application/ld+json;profile=\"https://w3id.org/kim/amb/\";q=0.5",
        ] {
            assert_eq!(of(linked), Form::JsonLd, "{linked}");
        }
        let open = "application/json;profile=\"never closed, text/html";
        assert_eq!(of(open), Form::Json);
        let dublin = format!("application/xml;profile=\"{}\"", dublin_core::WRAPPER);
        assert_eq!(of(&dublin), Form::OaiDc);
    }
}
