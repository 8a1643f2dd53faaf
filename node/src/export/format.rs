//! The forms in which items go out.

use commun_forge::crosswalk::{Written, amb, dublin_core, lom, metadata_yml, schema_org};
use commun_specs::metadata::View;

/// A form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// LOM, the strict binding.
    Lom,
    /// LOM with what LOMFR adds.
    LomFr,
    /// LOM with what SupLOMFR adds.
    SupLomFr,
    /// Simple Dublin Core.
    OaiDc,
    /// AMB, JSON-LD.
    Amb,
    /// schema.org, JSON-LD.
    SchemaOrg,
    /// AMB as YAML, for a folder in Git.
    MetadataYml,
    /// Citations for reference managers.
    Csl,
    /// Citations for LaTeX.
    Bibtex,
    /// Ready credits, over the whole chain.
    Attribution,
    /// IMS Common Cartridge 1.3.
    Imscc,
    /// The package as it came in, else a ZIP file of the files with the metadata.
    Package,
    /// A bag with everything (RFC 8493).
    Bagit,
}

/// A form's name, the ending of its files, its media type.
type Row = (Format, &'static str, &'static str, &'static str);

const TABLE: [Row; 13] = [
    (Format::Lom, "lom", "lom.xml", "application/xml"),
    (Format::LomFr, "lomfr", "lomfr.xml", "application/xml"),
    (
        Format::SupLomFr,
        "suplomfr",
        "suplomfr.xml",
        "application/xml",
    ),
    (Format::OaiDc, "oai_dc", "dc.xml", "application/xml"),
    (Format::Amb, "amb", "amb.json", amb::MEDIA_TYPE),
    (
        Format::SchemaOrg,
        "schemaorg",
        "schema.json",
        schema_org::MEDIA_TYPE,
    ),
    (
        Format::MetadataYml,
        "metadata-yml",
        "metadata.yml",
        metadata_yml::MEDIA_TYPE,
    ),
    (
        Format::Csl,
        "csl-json",
        "csl.json",
        "application/vnd.citationstyles.csl+json",
    ),
    (
        Format::Bibtex,
        "bibtex",
        "bib",
        "application/x-bibtex; charset=utf-8",
    ),
    (
        Format::Attribution,
        "attribution",
        "txt",
        "text/plain; charset=utf-8",
    ),
    (Format::Imscc, "imscc", "imscc", "application/zip"),
    (Format::Package, "package", "zip", "application/zip"),
    (Format::Bagit, "bagit", "zip", "application/zip"),
];

/// What a record does not say of itself.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The address of the item's page.
    pub url: &'a str,
    /// The name of its institution.
    pub institution: &'a str,
    /// The address that the paths of its files follow, with its final slash.
    pub files: &'a str,
}

impl Format {
    /// All.
    pub fn all() -> impl Iterator<Item = Format> {
        TABLE.iter().map(|row| row.0)
    }

    fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }

    /// Its name.
    pub fn as_str(self) -> &'static str {
        self.row().1
    }

    /// The form of a name.
    pub fn parse(name: &str) -> Option<Format> {
        TABLE.iter().find(|row| row.1 == name).map(|row| row.0)
    }

    /// How its files end, without the first dot.
    pub fn ending(self) -> &'static str {
        self.row().2
    }

    /// What it is on the wire.
    pub fn media_type(self) -> &'static str {
        self.row().3
    }

    /// Whether it is a record of metadata: one document for each item.
    pub fn is_record(self) -> bool {
        !matches!(
            self,
            Format::Csl
                | Format::Bibtex
                | Format::Attribution
                | Format::Imscc
                | Format::Package
                | Format::Bagit
        )
    }

    /// Writes a record; `None` for what is none.
    pub fn write(self, view: &View, place: Place<'_>) -> Option<Written> {
        let lom = |profile| {
            let place = lom::Place {
                url: Some(place.url),
                institution: Some(place.institution),
            };
            Some(lom::write(view, place, profile))
        };
        let linked = amb::Place {
            url: Some(place.url),
            institution: Some(place.institution),
            files: Some(place.files),
        };
        match self {
            Format::Lom => lom(lom::Profile::Lom),
            Format::LomFr => lom(lom::Profile::LomFr),
            Format::SupLomFr => lom(lom::Profile::SupLomFr),
            Format::OaiDc => {
                let place = dublin_core::Place {
                    url: Some(place.url),
                    institution: Some(place.institution),
                };
                Some(dublin_core::write(view, place))
            }
            Format::Amb => Some(amb::write(view, linked)),
            Format::SchemaOrg => Some(schema_org::write(view, linked)),
            Format::MetadataYml => Some(metadata_yml::write(view, linked)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_has_its_row() {
        for format in Format::all() {
            assert_eq!(format.row().0, format);
            assert_eq!(Format::parse(format.as_str()), Some(format));
            let place = Place {
                url: "https://a.example/u/r",
                institution: "U",
                files: "https://a.example/files/",
            };
            let written = format.write(&View::default(), place);
            assert_eq!(written.is_some(), format.is_record(), "{format:?}");
        }
    }
}
