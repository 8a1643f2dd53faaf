//! Which of the standards on top of IMS Content Packaging a manifest follows.

use roxmltree::Node;

use crate::crosswalk::format::Format;
use crate::crosswalk::{Draft, xml};

/// The family that a manifest belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// IMS Common Cartridge.
    Cartridge,
    /// IMS Thin Common Cartridge.
    Thin,
    /// SCORM, any edition.
    Scorm,
    /// IMS Content Packaging and nothing more.
    Plain,
}

impl Dialect {
    pub(super) fn format(self) -> Format {
        match self {
            Dialect::Cartridge => Format::Imscc,
            Dialect::Thin => Format::ThinCc,
            Dialect::Scorm | Dialect::Plain => Format::Scorm,
        }
    }

    pub(super) fn is_cartridge(self) -> bool {
        matches!(self, Dialect::Cartridge | Dialect::Thin)
    }

    /// The scheme's name in the provenance of values.
    pub(super) fn scheme(self) -> &'static str {
        match self {
            Dialect::Cartridge | Dialect::Thin => "imscc",
            Dialect::Scorm => "scorm",
            Dialect::Plain => "imscp",
        }
    }
}

/// The dialect and the version, by what the manifest declares, else by its namespaces.
pub(super) fn of(root: Node<'_, '_>) -> (Dialect, String) {
    let meta = xml::child(root, "metadata");
    let said = |name: &'static str| {
        let text = meta.and_then(|meta| xml::child_text(meta, name));
        text.map(|text| text.chars().take(60).collect::<String>())
            .unwrap_or_default()
    };
    let schema = said("schema").to_ascii_lowercase();
    let version = said("schemaversion");
    let own = root.tag_name().namespace().unwrap_or_default();
    let adl = root
        .namespaces()
        .find(|space| space.uri().to_ascii_lowercase().contains("/adlcp_"))
        .map(|space| space.uri().to_ascii_lowercase());
    let minor = cartridge_minor(own);
    if schema.contains("common cartridge") || minor.is_some() {
        let thin = schema.contains("thin") || own.contains("imsthincc");
        let dialect = if thin {
            Dialect::Thin
        } else {
            Dialect::Cartridge
        };
        let parts: Vec<&str> = version.split('.').collect();
        let short = match parts[..] {
            [major, minor, "0"] => format!("{major}.{minor}"),
            [""] => minor.map_or(String::new(), |minor| format!("1.{minor}")),
            _ => version,
        };
        return (dialect, short);
    }
    if schema.contains("scorm") || (schema.is_empty() && adl.is_some()) {
        let old = adl.as_deref().is_some_and(|adl| adl.contains("rootv1p2"));
        let named = match &*version.to_ascii_lowercase() {
            "1.2" => "SCORM 1.2".to_owned(),
            "" | "1.3" if old => "SCORM 1.2".to_owned(),
            "" | "1.3" => "SCORM 2004".to_owned(),
            "cam 1.3" => "SCORM 2004 (CAM 1.3)".to_owned(),
            _ if version.to_ascii_uppercase().starts_with("SCORM") => version,
            _ => format!("SCORM {version}"),
        };
        return (Dialect::Scorm, named);
    }
    let named = match version.is_empty() {
        true => "IMS Content Packaging".to_owned(),
        false => format!("IMS Content Packaging {version}"),
    };
    (Dialect::Plain, named)
}

/// The digit after `1.` that the namespace of a cartridge's manifest says.
fn cartridge_minor(space: &str) -> Option<u8> {
    let space = space.to_ascii_lowercase();
    if space.contains("/xsd/imscc/imscp") {
        return Some(0);
    }
    let (_, rest) = space
        .split_once("imsccv1p")
        .or_else(|| space.split_once("imsthincc_v1p"))?;
    rest.chars().next()?.to_digit(10).map(|digit| digit as u8)
}

/// What is to be said of the declaration itself.
pub(super) fn check(draft: &mut Draft, root: Node<'_, '_>, dialect: Dialect, version: &str) {
    let own = root.tag_name().namespace().unwrap_or_default();
    if !own.to_ascii_lowercase().contains("imscp") && !own.contains("imscc") {
        let want = "http://www.imsglobal.org/xsd/imscp_v1p1";
        draft.warn("wrong-namespace", "manifest", own, want);
    }
    let meta = xml::child(root, "metadata");
    let said = |name: &'static str| meta.and_then(|meta| xml::child_text(meta, name));
    for name in ["schema", "schemaversion"] {
        if dialect != Dialect::Plain && said(name).is_none() {
            let path = format!("manifest.metadata.{name}");
            draft.warn("package-no-version", &path, "", name);
        }
    }
    let path = "manifest.metadata.schemaversion";
    let known = match dialect {
        Dialect::Cartridge | Dialect::Thin => {
            let known = ["1.0", "1.1", "1.2", "1.3", "1.4"].contains(&version);
            let space = cartridge_minor(own).map(|minor| format!("1.{minor}"));
            if let Some(space) = space.filter(|space| known && space != version) {
                draft.warn("package-version-differs", path, version, &space);
            }
            known || version.is_empty()
        }
        Dialect::Scorm => [
            "SCORM 1.2",
            "SCORM 2004",
            "SCORM 2004 (CAM 1.3)",
            "SCORM 2004 2nd Edition",
            "SCORM 2004 3rd Edition",
            "SCORM 2004 4th Edition",
        ]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(version)),
        Dialect::Plain => true,
    };
    if !known {
        draft.warn("package-version", path, version, "");
    }
}

/// What a resource of a cartridge is, as far as readers are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Files that a browser shows.
    Web,
    /// A link, in a file.
    Link,
    /// A tool to be launched with LTI.
    Tool,
    /// What a learning platform shows: discussion, quiz, assignment.
    Platform,
    /// Files that others need.
    Associated,
    /// Nothing that is known.
    Unknown,
}

/// The kind that a `type` names.
pub(super) fn kind(written: &str) -> Kind {
    let word = written.trim().to_ascii_lowercase();
    if word == "webcontent" {
        Kind::Web
    } else if word.starts_with("associatedcontent/") {
        Kind::Associated
    } else if word.starts_with("imswl_") {
        Kind::Link
    } else if word.starts_with("imsbasiclti_") || word.starts_with("imslti_") {
        Kind::Tool
    } else if ["imsdt_", "imsqti_", "imsqtiv2", "assignment_", "imsapip_"]
        .iter()
        .any(|start| word.starts_with(start))
    {
        Kind::Platform
    } else if word.starts_with("idpfepub_") || word.starts_with("imsiwb_") {
        Kind::Associated
    } else {
        Kind::Unknown
    }
}
