//! Identifiers: LOM's pair of catalogue and entry, and the one spelling that the model has for what leads somewhere.

use commun_specs::metadata::is_target;

/// What a pair leads to: an address, `doi:`, `urn:isbn:`…; `None` where it is a number in a catalogue only.
pub fn target(catalog: &str, entry: &str) -> Option<String> {
    let entry = entry.trim();
    let catalog = catalog.trim().to_ascii_lowercase();
    let after = |prefix: &str| {
        let head = entry.get(..prefix.len())?;
        head.eq_ignore_ascii_case(prefix)
            .then(|| entry[prefix.len()..].trim())
    };
    let doi = after("doi:").or_else(|| after("info:doi/"));
    let made = if let Some(doi) = doi {
        format!("doi:{doi}")
    } else if entry.starts_with("10.") && entry.contains('/') {
        format!("doi:{entry}")
    } else if let Some(handle) = after("hdl:").or_else(|| after("info:hdl/")) {
        format!("hdl:{handle}")
    } else if let Some(isbn) = after("isbn:").or_else(|| after("isbn ")) {
        format!("urn:isbn:{isbn}")
    } else if entry.contains(':') {
        entry.to_owned()
    } else {
        match catalog.as_str() {
            "isbn" => format!("urn:isbn:{entry}"),
            "issn" => format!("urn:issn:{entry}"),
            "hdl" | "handle" => format!("hdl:{entry}"),
            "ark" if entry.starts_with(|c: char| c.is_ascii_digit()) => format!("ark:/{entry}"),
            _ => return None,
        }
    };
    is_target(&made).then_some(made)
}

/// The pair that says where an address or identifier of the model leads.
pub fn pair(target: &str) -> (&'static str, &str) {
    for (prefix, catalog) in [
        ("doi:", "DOI"),
        ("urn:isbn:", "ISBN"),
        ("urn:issn:", "ISSN"),
        ("hdl:", "HDL"),
    ] {
        if let Some(entry) = target.strip_prefix(prefix) {
            return (catalog, entry);
        }
    }
    match target.split(':').next() {
        Some("ark") => ("ARK", target),
        Some("swh") => ("SWHID", target),
        Some("oai") => ("OAI", target),
        _ => ("URI", target),
    }
}

/// Whether a browser would run it, or open a file of its user.
pub fn runs(text: &str) -> bool {
    let scheme = text.split(':').next().unwrap_or_default().trim();
    text.contains(':')
        && ["javascript", "data", "vbscript", "file", "blob"]
            .iter()
            .any(|bad| scheme.eq_ignore_ascii_case(bad))
}
