//! File names in the `Content-Disposition` header (RFC 6266, RFC 8187).

use std::fmt::Write as _;

/// The longest name offered, in bytes: some systems count the folder too.
const MAX_NAME_BYTES: usize = 200;

/// The name under which a browser may save a file: the last component of its path, without any character that
/// some system refuses or that hides what the file is; `file` when nothing is left.
pub fn safe_file_name(path: &str) -> String {
    let last = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut name: String = last
        .chars()
        .map(|c| if is_unsafe(c) { '_' } else { c })
        .collect();
    while name.len() > MAX_NAME_BYTES {
        // The end of the stem goes, the extension says what the file is.
        let stem = name
            .rfind('.')
            .filter(|at| name.len() - at <= 16 && *at > 0)
            .unwrap_or(name.len());
        match name[..stem].char_indices().next_back() {
            Some((at, _)) => name.remove(at),
            None => break,
        };
    }
    let name = name.trim_matches([' ', '.']);
    if name.is_empty() {
        "file".into()
    } else {
        name.into()
    }
}

fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// The header's value: always an attachment, with an ASCII name for old clients and the whole name for the others.
pub fn content_disposition(path: &str) -> String {
    let name = safe_file_name(path);
    let plain: String = name
        .chars()
        .map(|c| {
            if c.is_ascii() && !matches!(c, '%' | ';' | '\'') {
                c
            } else {
                '_'
            }
        })
        .collect();
    let mut value = format!("attachment; filename=\"{plain}\"");
    if plain != name {
        value.push_str("; filename*=UTF-8''");
        for byte in name.bytes() {
            // attr-char of RFC 8187.
            if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
                value.push(char::from(byte));
            } else {
                write!(value, "%{byte:02X}").expect("a String takes whatever is written");
            }
        }
    }
    value
}
