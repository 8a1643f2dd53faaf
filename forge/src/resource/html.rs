//! The text of an HTML page, in one pass: for the index only, never shown as HTML again.

/// What separates words when it is a tag; other tags stand inside words.
const INLINE: [&str; 19] = [
    "a", "abbr", "b", "bdi", "cite", "code", "del", "em", "font", "i", "ins", "mark", "q", "s",
    "small", "span", "strong", "u", "wbr",
];

/// Elements whose content is not text.
const DROPPED: [&str; 7] = [
    "script", "style", "template", "noscript", "svg", "iframe", "object",
];

/// Text without tags, scripts and styles, entities resolved. Linear in its input.
pub fn to_text(html: &str) -> String {
    let mut out = String::with_capacity(html.len() / 2);
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        push_text(&rest[..at], &mut out);
        rest = skip_tag(&rest[at..], &mut out);
    }
    push_text(rest, &mut out);
    out
}

/// Skips what begins with `<`, with the whole element where its content is not text.
fn skip_tag<'a>(rest: &'a str, out: &mut String) -> &'a str {
    if let Some(comment) = rest.strip_prefix("<!--") {
        return comment.find("-->").map_or("", |end| &comment[end + 3..]);
    }
    let body = &rest[1..];
    let closing = body.starts_with('/');
    let name_at = usize::from(closing);
    let name_len = body[name_at..]
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(body.len() - name_at);
    if name_len == 0 && !body.starts_with(['!', '?', '/']) {
        // A lone `<`, as in « a < b ».
        out.push('<');
        return body;
    }
    let name = body[name_at..name_at + name_len].to_ascii_lowercase();
    if !INLINE.contains(&name.as_str()) {
        out.push(if matches!(name.as_str(), "td" | "th" | "img" | "input") {
            ' '
        } else {
            '\n'
        });
    }
    let after = &body[tag_end(body)..];
    if !closing && DROPPED.contains(&name.as_str()) {
        return skip_element(after, &name);
    }
    after
}

/// Where a tag ends: after the first `>` outside quotation marks, or at the end of the page.
pub(crate) fn tag_end(tag: &str) -> usize {
    let mut quote = None;
    for (at, byte) in tag.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            // Quotation marks count after `=` only: `<p don't>` is a tag too.
            (None, b'"' | b'\'') if tag[..at].trim_end().ends_with('=') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    tag.len()
}

fn skip_element<'a>(mut rest: &'a str, name: &str) -> &'a str {
    while let Some(at) = rest.find("</") {
        rest = &rest[at + 2..];
        if rest
            .get(..name.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(name))
        {
            return &rest[tag_end(rest)..];
        }
    }
    ""
}

/// Appends text with its entities resolved.
pub(crate) fn push_text(mut text: &str, out: &mut String) {
    /// The longest entity looked for, in bytes.
    const MAX_ENTITY_BYTES: usize = 12;
    while let Some(at) = text.find('&') {
        out.push_str(&text[..at]);
        text = &text[at + 1..];
        let end = text.bytes().take(MAX_ENTITY_BYTES).position(|b| b == b';');
        match end.and_then(|end| Some((end, entity(&text[..end])?))) {
            Some((end, c)) => {
                out.push(c);
                text = &text[end + 1..];
            }
            None => out.push('&'),
        }
    }
    out.push_str(text);
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code);
    }
    NAMED
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, c)| *c)
}

/// The entities of French, German, Spanish and mathematical pages.
const NAMED: [(&str, char); 78] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", ' '),
    ("laquo", '«'),
    ("raquo", '»'),
    ("eacute", 'é'),
    ("egrave", 'è'),
    ("ecirc", 'ê'),
    ("euml", 'ë'),
    ("agrave", 'à'),
    ("acirc", 'â'),
    ("auml", 'ä'),
    ("aacute", 'á'),
    ("aring", 'å'),
    ("atilde", 'ã'),
    ("ccedil", 'ç'),
    ("igrave", 'ì'),
    ("iacute", 'í'),
    ("icirc", 'î'),
    ("iuml", 'ï'),
    ("ntilde", 'ñ'),
    ("ograve", 'ò'),
    ("oacute", 'ó'),
    ("ocirc", 'ô'),
    ("ouml", 'ö'),
    ("otilde", 'õ'),
    ("ugrave", 'ù'),
    ("uacute", 'ú'),
    ("ucirc", 'û'),
    ("uuml", 'ü'),
    ("oelig", 'œ'),
    ("aelig", 'æ'),
    ("szlig", 'ß'),
    ("Eacute", 'É'),
    ("Egrave", 'È'),
    ("Ecirc", 'Ê'),
    ("Agrave", 'À'),
    ("Acirc", 'Â'),
    ("Auml", 'Ä'),
    ("Ccedil", 'Ç'),
    ("Icirc", 'Î'),
    ("Iuml", 'Ï'),
    ("Ocirc", 'Ô'),
    ("Ouml", 'Ö'),
    ("Ugrave", 'Ù'),
    ("Ucirc", 'Û'),
    ("Uuml", 'Ü'),
    ("OElig", 'Œ'),
    ("AElig", 'Æ'),
    ("rsquo", '’'),
    ("lsquo", '‘'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("hellip", '…'),
    ("bull", '•'),
    ("middot", '·'),
    ("deg", '°'),
    ("euro", '€'),
    ("copy", '©'),
    ("times", '×'),
    ("minus", '−'),
    ("plusmn", '±'),
    ("le", '≤'),
    ("ge", '≥'),
    ("ne", '≠'),
    ("infin", '∞'),
    ("sum", '∑'),
    ("int", '∫'),
    ("radic", '√'),
    ("alpha", 'α'),
    ("beta", 'β'),
    ("lambda", 'λ'),
    ("pi", 'π'),
];
