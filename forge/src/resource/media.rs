//! Media types by file name. Content is never trusted to say what it is: a browser gets it sandboxed.

/// Types that teaching and code need and the general table lacks or names after something else.
const OWN: [(&str, &str); 22] = [
    ("md", "text/markdown"),
    ("markdown", "text/markdown"),
    ("qmd", "text/markdown"),
    ("ipynb", "application/x-ipynb+json"),
    ("tex", "text/x-tex"),
    ("bib", "text/x-bibtex"),
    ("csv", "text/csv"),
    ("tsv", "text/tab-separated-values"),
    ("py", "text/x-python"),
    ("r", "text/x-r"),
    ("rs", "text/x-rust"),
    ("ts", "text/x-typescript"),
    ("typ", "text/x-typst"),
    ("adoc", "text/asciidoc"),
    ("rst", "text/x-rst"),
    ("yml", "text/yaml"),
    ("yaml", "text/yaml"),
    ("toml", "text/x-toml"),
    ("srt", "text/x-subrip"),
    ("vtt", "text/vtt"),
    ("ggb", "application/vnd.geogebra.file"),
    ("h5p", "application/zip"),
];

/// Files that have no extension and are text.
const TEXTS: [&str; 9] = [
    "readme",
    "license",
    "licence",
    "copying",
    "authors",
    "changelog",
    "contributing",
    "makefile",
    "notice",
];

/// The media type of a file by its name, lower case, without parameters; `application/octet-stream` when unknown.
pub fn media_type(file_name: &str) -> String {
    let name = file_name.to_lowercase();
    let extension = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty());
    let Some((_, extension)) = extension else {
        let text = TEXTS.contains(&name.as_str());
        return if text {
            "text/plain"
        } else {
            "application/octet-stream"
        }
        .into();
    };
    if let Some((_, own)) = OWN.iter().find(|(known, _)| *known == extension) {
        return (*own).into();
    }
    mime_guess::from_ext(extension)
        .first_raw()
        .map_or_else(|| "application/octet-stream".into(), str::to_lowercase)
}
