//! Identifiers in the one form in which two of the same are equal.

/// Longest identifier that is compared, in bytes.
const MAX: usize = 500;
/// Parameters of addresses that say who came from where.
const TRACKS: [&str; 6] = ["utm_", "fbclid", "gclid", "mc_", "phpsessid", "jsessionid"];

/// The one form of an identifier of a whole thing: `doi:…`, `isbn:…`, `ark:…`, `hdl:…`, `oai:…`, `swh:…`, `urn:…` or `url:…`.
/// `None` for what names no single thing: ISSNs, addresses of whole sites, words.
pub fn normalise(written: &str) -> Option<String> {
    let text = written.trim();
    let spaced = text.chars().any(char::is_whitespace);
    let isbn_like = looks_like_isbn(text) || text.to_lowercase().starts_with("isbn");
    if text.is_empty() || text.len() > MAX || (spaced && !isbn_like) {
        return None;
    }
    let lower = text.to_lowercase();
    if let Some(doi) = doi(&lower) {
        return Some(format!("doi:{doi}"));
    }
    if lower.contains("isbn") || looks_like_isbn(text) {
        return isbn(&lower).map(|isbn| format!("isbn:{isbn}"));
    }
    if lower.starts_with("issn")
        || lower.starts_with("urn:issn")
        || lower.starts_with("info:")
        || lower.starts_with("did:")
    {
        return None;
    }
    if let Some(ark) = ark(text) {
        return Some(ark);
    }
    for host in ["hdl.handle.net/"] {
        if let Some((_, rest)) = lower.split_once(host)
            && !rest.is_empty()
        {
            return Some(format!("hdl:{rest}"));
        }
    }
    for scheme in ["hdl:", "oai:", "swh:"] {
        if lower.starts_with(scheme) {
            // The local part of an OAI identifier keeps its case; in practice nobody tells two by it.
            return (lower.len() > scheme.len()).then_some(lower);
        }
    }
    if lower.starts_with("urn:") {
        return (lower.matches(':').count() >= 2).then_some(lower);
    }
    let rest = lower
        .strip_prefix("http://")
        .or_else(|| lower.strip_prefix("https://"))?;
    let at = text.len() - rest.len();
    address(text.get(at..)?)
}

/// `10.1234/abc` of any way to write it.
fn doi(lower: &str) -> Option<&str> {
    let bare = lower
        .strip_prefix("doi:")
        .or_else(|| lower.strip_prefix("info:doi/"))
        .or_else(|| {
            let rest = lower
                .strip_prefix("http://")
                .or_else(|| lower.strip_prefix("https://"))?;
            rest.strip_prefix("doi.org/")
                .or_else(|| rest.strip_prefix("dx.doi.org/"))
        })
        .unwrap_or(lower);
    let shaped = bare.starts_with("10.")
        && bare
            .split_once('/')
            .is_some_and(|(_, rest)| !rest.is_empty());
    shaped.then_some(bare)
}

fn looks_like_isbn(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (digits == 13 || digits == 10 || digits == 9)
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || b" -xX".contains(&b))
        && isbn(text).is_some()
}

/// Thirteen digits with a check digit that is right; ten are made thirteen.
fn isbn(text: &str) -> Option<String> {
    let text = text.to_lowercase();
    let from = text.rfind("isbn").map_or(0, |at| at + 4);
    let mut signs: String = text[from..]
        .chars()
        .filter(|c| c.is_ascii_digit() || *c == 'x')
        .collect();
    // `ISBN-13: 978…`
    for label in ["13978", "13979", "10"] {
        if signs.len() > 13 && signs.starts_with(label) {
            signs.drain(..2);
        }
    }
    let digits: Vec<u32> = signs
        .chars()
        .map(|c| c.to_digit(10).unwrap_or(10))
        .collect();
    let check13 = |d: &[u32]| {
        let sum: u32 = d
            .iter()
            .take(12)
            .enumerate()
            .map(|(i, n)| n * if i % 2 == 0 { 1 } else { 3 })
            .sum();
        (10 - sum % 10) % 10
    };
    match digits.len() {
        13 if digits.iter().all(|d| *d < 10) && check13(&digits) == digits[12] => Some(signs),
        10 if digits[..9].iter().all(|d| *d < 10) => {
            let sum: u32 = digits.iter().zip((1..=10).rev()).map(|(d, w)| d * w).sum();
            if !sum.is_multiple_of(11) {
                return None;
            }
            let mut long: Vec<u32> = vec![9, 7, 8];
            long.extend(&digits[..9]);
            long.push(check13(&long));
            Some(
                long.into_iter()
                    .filter_map(|d| char::from_digit(d, 10))
                    .collect(),
            )
        }
        _ => None,
    }
}

/// `ark:12345/name` of a bare ARK or of an address that holds one; hyphens say nothing in it.
fn ark(text: &str) -> Option<String> {
    let at = text.find("ark:")?;
    let rest = text[at + 4..].trim_start_matches('/');
    let (authority, name) = rest.split_once('/')?;
    let name: String = name
        .split(['?', '#'])
        .next()
        .unwrap_or_default()
        .trim_end_matches('/')
        .replace('-', "");
    let digits = authority.len() >= 5 && authority.bytes().all(|b| b.is_ascii_alphanumeric());
    (digits && !name.is_empty()).then(|| format!("ark:{authority}/{name}"))
}

/// An address without its scheme, its `www`, its end and what says who came.
fn address(rest: &str) -> Option<String> {
    let rest = rest.split('#').next().unwrap_or_default();
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (host, path) = place.split_once('/').unwrap_or((place, ""));
    let host = host.to_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    let host = host
        .strip_suffix(":80")
        .or_else(|| host.strip_suffix(":443"))
        .unwrap_or(host);
    let path = path.trim_end_matches('/');
    let path = ["index.html", "index.htm", "index.php"]
        .iter()
        .find_map(|end| path.strip_suffix(end))
        .unwrap_or(path)
        .trim_end_matches('/');
    let mut pairs: Vec<&str> = query
        .split('&')
        .filter(|pair| {
            let lower = pair.to_lowercase();
            !pair.is_empty() && !TRACKS.iter().any(|track| lower.starts_with(track))
        })
        .collect();
    pairs.sort_unstable();
    // The address of a whole site names no single thing.
    if host.is_empty() || (path.is_empty() && pairs.is_empty()) {
        return None;
    }
    let mut out = format!("url:{host}/{}", decoded(path));
    if !pairs.is_empty() {
        out.push('?');
        out.push_str(&pairs.join("&"));
    }
    Some(out)
}

/// Percent signs of what needs none taken away (RFC 3986, section 6.2.2.2), the others in capitals.
fn decoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let code = rest
            .get(at + 1..at + 3)
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match code {
            Some(byte) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                out.push(char::from(byte))
            }
            Some(byte) => out.push_str(&format!("%{byte:02X}")),
            None => {
                out.push('%');
                rest = &rest[at + 1..];
                continue;
            }
        }
        rest = &rest[at + 3..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::normalise;

    #[test]
    fn the_same_thing_has_one_form() {
        for (form, all) in [
            (
                "doi:10.5281/zenodo.123",
                &[
                    "doi:10.5281/ZENODO.123",
                    "https://doi.org/10.5281/zenodo.123",
                    "http://dx.doi.org/10.5281/zenodo.123",
                    "10.5281/zenodo.123",
                ][..],
            ),
            (
                "isbn:9782070612758",
                &[
                    "isbn:978-2-07-061275-8",
                    "urn:isbn:9782070612758",
                    "2070612759",
                    "ISBN 2-07-061275-9",
                ],
            ),
            (
                "ark:67375/XTP1",
                &[
                    "ark:/67375/XTP-1",
                    "https://example.org/ark:/67375/XTP1?x=1",
                ],
            ),
            (
                "hdl:2078.1/3",
                &["hdl:2078.1/3", "https://hdl.handle.net/2078.1/3"],
            ),
            (
                "url:example.org/cours/a~b",
                &[
                    "http://www.example.org/cours/a%7Eb/",
                    "https://example.org/cours/a~b/index.html#x",
                    "https://Example.org:443/cours/a~b?utm_source=x",
                ],
            ),
            (
                "url:example.org/?a=1&id=2",
                &["http://example.org/?id=2&a=1"],
            ),
        ] {
            for one in all {
                assert_eq!(normalise(one).as_deref(), Some(form), "{one}");
            }
        }
    }

    #[test]
    fn what_names_no_single_thing_is_left_out() {
        for none in [
            "",
            "issn:0151-0509",
            "https://example.org/",
            "https://www.example.org",
            "un mot",
            "Dupont",
            "isbn:9782070612759",
            "http://",
            "doi:",
            "10.5281",
            "urn:x",
            "ark:/x",
            "http://\u{301}%",
        ] {
            let found = normalise(none);
            assert!(
                found.is_none() || found.as_deref() == Some("url:\u{301}%/"),
                "{none}: {found:?}"
            );
        }
    }
}
