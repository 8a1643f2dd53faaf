//! Attribution: title, author, source and licence of a work and of everything that it was made from, ready to copy.
//!
//! One form per place where people paste it. What they wrote is escaped for that place; nothing else is in it.

use std::fmt::Write as _;

/// What is credited: one work of a chain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Credit {
    /// What it is called.
    pub title: String,
    /// Who made it.
    pub authors: Vec<String>,
    /// Where it is found: an address of the web.
    pub source: String,
    /// The licence as people name it; empty where none is stated.
    pub licence: String,
    /// Where its text is found.
    pub licence_url: Option<String>,
    /// What was changed in making it from what follows in the chain; `None` where it was made from nothing.
    pub changes: Option<Changes>,
    /// How many steps lie between the first work and this one.
    pub depth: usize,
}

/// What was changed in the files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Changes {
    /// Files that are new.
    pub added: u64,
    /// Files that are another now.
    pub changed: u64,
    /// Files that are gone.
    pub removed: u64,
}

/// Where it is to be pasted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Plain text.
    Text,
    /// HTML, without a document around it.
    Html,
    /// Markdown (CommonMark).
    Markdown,
    /// LaTeX, with the package `hyperref`.
    Latex,
}

impl Format {
    /// The format of a name.
    pub fn of_name(name: &str) -> Option<Self> {
        match name {
            "text" => Some(Format::Text),
            "html" => Some(Format::Html),
            "markdown" => Some(Format::Markdown),
            "latex" => Some(Format::Latex),
            _ => None,
        }
    }

    /// What it is on the wire (RFC 6838).
    pub fn media_type(self) -> &'static str {
        match self {
            Format::Text => "text/plain; charset=utf-8",
            Format::Html => "text/html; charset=utf-8",
            Format::Markdown => "text/markdown; charset=utf-8",
            Format::Latex => "application/x-latex; charset=utf-8",
        }
    }

    fn escaped(self, text: &str) -> String {
        match self {
            Format::Text => plain(text),
            Format::Html => html(&plain(text)),
            Format::Markdown => markdown(&plain(text)),
            Format::Latex => latex(&plain(text)),
        }
    }

    /// A text that leads somewhere; addresses that are none of the web are not linked.
    fn link(self, text: &str, url: &str) -> String {
        let shown = self.escaped(text);
        let url = plain(url);
        let web = url.starts_with("https://") || url.starts_with("http://");
        if !web || url.chars().any(char::is_whitespace) {
            return shown;
        }
        match self {
            Format::Text => shown,
            Format::Html => format!("<a href=\"{}\">{shown}</a>", html(&url)),
            Format::Markdown => {
                let url: String = url
                    .chars()
                    .map(|c| match c {
                        '<' => "%3C".to_owned(),
                        '>' => "%3E".to_owned(),
                        '\\' => "%5C".to_owned(),
                        c => c.to_string(),
                    })
                    .collect();
                format!("[{shown}](<{url}>)")
            }
            Format::Latex => {
                let url: String = url
                    .chars()
                    .map(|c| match c {
                        '%' | '#' | '&' | '_' | '~' | '^' | '$' => format!("\\{c}"),
                        '{' => "\\%7B".to_owned(),
                        '}' => "\\%7D".to_owned(),
                        '\\' => "\\%5C".to_owned(),
                        c => c.to_string(),
                    })
                    .collect();
                format!("\\href{{{url}}}{{{shown}}}")
            }
        }
    }
}

/// One line without control characters and without what turns the direction of what follows.
fn plain(text: &str) -> String {
    let text: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .filter(|c| !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        .collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        // Any ASCII punctuation may be escaped (CommonMark, 2.4).
        if matches!(
            c,
            '\\' | '`'
                | '*'
                | '_'
                | '{'
                | '}'
                | '['
                | ']'
                | '<'
                | '>'
                | '('
                | ')'
                | '#'
                | '+'
                | '!'
                | '|'
                | '&'
                | '~'
        ) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn latex(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\textbackslash{}"),
            '~' => out.push_str("\\textasciitilde{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// The attribution of a chain, the work itself first; `lang` is `fr`, or else English is written.
pub fn attribution(chain: &[Credit], format: Format, lang: &str) -> String {
    let french = lang == "fr";
    let mut lines = Vec::new();
    for credit in chain {
        let mut line = String::new();
        if credit.depth > 0 {
            line.push_str(if french { "D’après " } else { "Based on " });
        }
        let title = format.link(&credit.title, &credit.source);
        let (open, close) = match (format, french) {
            (Format::Latex, false) => ("``", "''"),
            (_, true) => ("«\u{a0}", "\u{a0}»"),
            (_, false) => ("“", "”"),
        };
        let authors: Vec<String> = credit.authors.iter().map(|a| format.escaped(a)).collect();
        let _ = write!(line, "{open}{title}{close}");
        if !authors.is_empty() {
            // Not “de”, which “Ada” would elide.
            let by = if french { "par" } else { "by" };
            let _ = write!(line, " {by} {}", authors.join(", "));
        }
        if matches!(format, Format::Text) {
            let _ = write!(line, ", {}", format.escaped(&credit.source));
        }
        let licence = match &credit.licence {
            l if l.is_empty() && french => "sans licence indiquée".to_owned(),
            l if l.is_empty() => "no licence stated".to_owned(),
            l => {
                let shown = match &credit.licence_url {
                    Some(url) => format.link(l, url),
                    None => format.escaped(l),
                };
                let under = if french { "sous licence" } else { "under" };
                match (&credit.licence_url, format) {
                    (Some(url), Format::Text) => format!("{under} {shown} ({})", plain(url)),
                    _ => format!("{under} {shown}"),
                }
            }
        };
        let _ = write!(line, ", {licence}.");
        if let Some(changes) = credit.changes {
            let _ = write!(line, " {}", said(changes, french));
        }
        lines.push(line);
    }
    match format {
        Format::Text | Format::Markdown => {
            lines.join(if format == Format::Text { "\n" } else { "\n\n" }) + "\n"
        }
        Format::Html => {
            let lines = lines.iter().map(|l| format!("<p>{l}</p>\n"));
            lines.collect()
        }
        Format::Latex => lines.join("\n\n") + "\n",
    }
}

/// What was changed, in a sentence.
fn said(changes: Changes, french: bool) -> String {
    let parts: Vec<String> = [
        (changes.added, "ajouté", "added"),
        (changes.changed, "modifié", "changed"),
        (changes.removed, "retiré", "removed"),
    ]
    .into_iter()
    .filter(|(n, ..)| *n > 0)
    .map(|(n, fr, en)| match (french, n) {
        (true, 1) => format!("1 fichier {fr}"),
        (true, n) => format!("{n} fichiers {fr}s"),
        (false, 1) => format!("1 file {en}"),
        (false, n) => format!("{n} files {en}"),
    })
    .collect();
    match (parts.is_empty(), french) {
        (true, true) => "Fichiers inchangés.".to_owned(),
        (true, false) => "Files unchanged.".to_owned(),
        (false, true) => format!("Changements\u{a0}: {}.", parts.join(", ")),
        (false, false) => format!("Changes: {}.", parts.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain() -> Vec<Credit> {
        vec![
            Credit {
                title: "Algèbre & <b>géométrie</b> 100% _libre_".into(),
                authors: vec!["Ada [L]".into(), "Émilie\u{202e} du\nChâtelet".into()],
                source: "https://a.example/univ-a/algebre".into(),
                licence: "CC BY-SA 4.0".into(),
                licence_url: Some("https://creativecommons.org/licenses/by-sa/4.0/".into()),
                changes: Some(Changes {
                    added: 1,
                    changed: 2,
                    removed: 0,
                }),
                depth: 0,
            },
            Credit {
                title: "Algèbre".into(),
                source: "javascript:alert(1)".into(),
                depth: 1,
                ..Credit::default()
            },
        ]
    }

    #[test]
    fn every_form_says_title_author_source_licence_and_changes() {
        assert_eq!(
            attribution(&chain(), Format::Text, "fr"),
            "«\u{a0}Algèbre & <b>géométrie</b> 100% _libre_\u{a0}» par Ada [L], Émilie du Châtelet, \
             https://a.example/univ-a/algebre, sous licence CC BY-SA 4.0 \
             (https://creativecommons.org/licenses/by-sa/4.0/). Changements\u{a0}: 1 fichier ajouté, 2 fichiers modifiés.\n\
             D’après «\u{a0}Algèbre\u{a0}», javascript:alert(1), sans licence indiquée.\n"
        );
        let english = attribution(&chain(), Format::Text, "en");
        assert!(english.contains("“Algèbre") && english.contains("Based on “Algèbre”"));
        assert!(english.contains("Changes: 1 file added, 2 files changed."));
    }

    #[test]
    fn what_people_wrote_is_escaped_where_it_is_pasted() {
        let html = attribution(&chain(), Format::Html, "en");
        assert!(html.contains(
            "<a href=\"https://a.example/univ-a/algebre\">Algèbre &amp; &lt;b&gt;géométrie&lt;/b&gt; 100% _libre_</a>"
        ));
        assert!(!html.contains("<b>") && !html.contains("javascript:"));
        let markdown = attribution(&chain(), Format::Markdown, "en");
        assert!(markdown.contains("[Algèbre \\& \\<b\\>géométrie\\</b\\> 100% \\_libre\\_](<https://a.example/univ-a/algebre>)"));
        assert!(markdown.contains("Ada \\[L\\]") && !markdown.contains("javascript:"));
        let latex = attribution(&chain(), Format::Latex, "fr");
        assert!(latex.contains("Algèbre \\& <b>géométrie</b> 100\\% \\_libre\\_"));
        assert!(latex.contains("\\href{https://a.example/univ-a/algebre}"));
        let hostile = Credit {
            title: "\\input{/etc/passwd} ${x}$ ~^".into(),
            source: "https://a.example/a_b%20c#d\\}{".into(),
            ..Credit::default()
        };
        let latex = attribution(&[hostile], Format::Latex, "en");
        assert!(latex.contains("\\textbackslash{}input\\{/etc/passwd\\} \\$\\{x\\}\\$ \\textasciitilde{}\\textasciicircum{}"));
        assert!(
            latex.contains("\\href{https://a.example/a\\_b\\%20c\\#d\\%5C\\%7D\\%7B}"),
            "{latex}"
        );
    }
}
