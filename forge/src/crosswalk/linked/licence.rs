//! Licences by the addresses that AMB's schema takes: Creative Commons, GNU, Apache, MIT, BSD and no others.

use commun_specs::licence::Licence;

/// Address without scheme, `www.`, ending and final slash; SPDX id. The first of each id is written.
const ADDRESSES: [(&str, &str, &str); 22] = [
    ("https://www.", "gnu.org/licenses/gpl-3.0", "GPL-3.0-only"),
    ("https://www.", "gnu.org/licenses/gpl", "GPL-3.0-only"),
    (
        "https://www.",
        "gnu.org/licenses/old-licenses/gpl-2.0",
        "GPL-2.0-only",
    ),
    ("https://www.", "gnu.org/licenses/gpl-2.0", "GPL-2.0-only"),
    (
        "https://www.",
        "gnu.org/licenses/old-licenses/lgpl-2.1",
        "LGPL-2.1-only",
    ),
    ("https://www.", "gnu.org/licenses/lgpl-2.1", "LGPL-2.1-only"),
    ("https://www.", "gnu.org/licenses/lgpl-3.0", "LGPL-3.0-only"),
    ("https://www.", "gnu.org/licenses/lgpl", "LGPL-3.0-only"),
    ("https://www.", "gnu.org/licenses/agpl-3.0", "AGPL-3.0-only"),
    ("https://www.", "gnu.org/licenses/agpl", "AGPL-3.0-only"),
    ("https://www.", "gnu.org/licenses/fdl-1.3", "GFDL-1.3-only"),
    ("https://www.", "gnu.org/licenses/fdl", "GFDL-1.3-only"),
    ("https://www.", "gnu.org/copyleft/fdl", "GFDL-1.3-only"),
    (
        "https://www.",
        "apache.org/licenses/LICENSE-2.0",
        "Apache-2.0",
    ),
    ("https://", "opensource.org/licenses/MIT", "MIT"),
    ("https://", "opensource.org/license/mit", "MIT"),
    (
        "https://www.",
        "opensource.org/licenses/BSD-3-Clause",
        "BSD-3-Clause",
    ),
    (
        "https://www.",
        "opensource.org/license/bsd-3-clause",
        "BSD-3-Clause",
    ),
    (
        "https://www.",
        "opensource.org/licenses/BSD-2-Clause",
        "BSD-2-Clause",
    ),
    (
        "https://www.",
        "opensource.org/license/bsd-2-clause",
        "BSD-2-Clause",
    ),
    (
        "https://",
        "opensource.org/licenses/Apache-2.0",
        "Apache-2.0",
    ),
    ("https://", "opensource.org/licenses/MPL-2.0", "MPL-2.0"),
];

/// Host and path of an address; of an address with more behind it, none: that may take back what it allows.
fn bare(address: &str) -> Option<&str> {
    let address = address.trim_end_matches(['.', ',', ';', ')', '>']);
    let rest = address
        .strip_prefix("https://")
        .or_else(|| address.strip_prefix("http://"))?;
    if rest.contains("://") || rest.contains(char::is_whitespace) {
        return None;
    }
    let rest = rest.strip_prefix("www.").unwrap_or(rest);
    let rest = rest.split(['?', '#']).next()?.trim_end_matches('/');
    let endings = [".en.html", ".html", ".txt", ".php"];
    let cut = endings.iter().find_map(|ending| rest.strip_suffix(ending));
    Some(cut.unwrap_or(rest))
}

/// The licence that is meant by an address, an SPDX id or a name. The text of a GNU licence does not say whether later
/// versions may be used, so its address means that they may not.
pub(in super::super) fn parse(written: &str) -> Option<Licence> {
    let text = written.trim();
    // Copied from the line of a browser that does not show it.
    let hosts = ["creativecommons.org/", "www.creativecommons.org/"];
    let headless = hosts.iter().any(|host| text.starts_with(host));
    let whole = if headless {
        format!("https://{text}")
    } else {
        String::new()
    };
    let text = if headless { whole.as_str() } else { text };
    // An old spelling of the path that AMB's schema takes.
    let respelt = text.replacen(
        "creativecommons.org/licences/",
        "creativecommons.org/licenses/",
        1,
    );
    if let Ok(licence) = Licence::parse(&respelt) {
        return Some(licence);
    }
    let bare = bare(text)?;
    let known = ADDRESSES
        .iter()
        .find(|(_, address, _)| address.eq_ignore_ascii_case(bare));
    if let Some((_, _, id)) = known {
        return Licence::parse(id).ok();
    }
    let shipped = commun_specs::vocab::by_address(commun_specs::vocab::Scheme::Licence, text);
    shipped.and_then(|id| Licence::parse(id).ok())
}

/// Whether what is written is an address that leads to whichever version is the newest: which one was meant is a guess.
pub(in super::super) fn is_guess(written: &str) -> bool {
    let Some(bare) = bare(written.trim()) else {
        return false;
    };
    let gnu = [
        "licenses/gpl",
        "licenses/lgpl",
        "licenses/agpl",
        "licenses/fdl",
        "copyleft/fdl",
    ];
    let bare = bare.to_ascii_lowercase();
    bare.strip_prefix("gnu.org/")
        .is_some_and(|path| gnu.contains(&path))
        || (bare.starts_with("etalab.gouv.fr/") && !bare.contains(|c: char| c.is_ascii_digit()))
}

/// An address of this licence that AMB's schema takes; whether it says all of it.
pub(super) fn address(licence: &str) -> Option<(String, bool)> {
    let only = licence.replace("-or-later", "-only");
    if let Some((head, address, _)) = ADDRESSES.iter().find(|(_, _, id)| *id == only) {
        let address = format!("{head}{address}");
        return is_allowed(&address).then_some((address, only == licence));
    }
    let address = Licence::parse(licence).ok()?.url()?;
    // Only what is read back as the same licence.
    let same = parse(&address).is_some_and(|back| back.as_str() == licence);
    (same && is_allowed(&address)).then_some((address, true))
}

/// Whether AMB's schema takes an address (`schemas/license.json`).
pub(in super::super) fn is_allowed(address: &str) -> bool {
    let Some(rest) = address
        .strip_prefix("https://")
        .or_else(|| address.strip_prefix("http://"))
        .filter(|rest| !rest.contains(char::is_whitespace))
    else {
        return false;
    };
    [
        "creativecommons.org/licenses/",
        "creativecommons.org/licences/",
        "creativecommons.org/publicdomain/",
        "www.gnu.org/licenses/",
        "www.apache.org/licenses/",
        "opensource.org/licenses/MIT",
        "www.opensource.org/licenses/BSD",
    ]
    .iter()
    .any(|head| rest.starts_with(head))
}
