//! The licence codes of H5P, which are its own.

/// What a code means together with its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meant {
    /// No code.
    Nothing,
    /// An SPDX id.
    Licence(String),
    /// `U`: nobody chose one.
    Undisclosed,
    /// `C`: all rights reserved.
    Reserved,
    /// A family of licences, by its name.
    NoVersion(String),
    /// Not a code of H5P.
    Unknown,
}

/// Reads a code; a version that stands where it has no meaning is left aside.
pub(super) fn meant(code: &str, version: &str) -> Meant {
    let spdx = |id: &str| Meant::Licence(id.to_owned());
    match code {
        "" => Meant::Nothing,
        "U" => Meant::Undisclosed,
        "C" => Meant::Reserved,
        "CC0 1.0" => spdx("CC0-1.0"),
        "CC PDM" => spdx("CC-PDM-1.0"),
        "ODC PDDL" => spdx("PDDL-1.0"),
        "PD" => match version {
            "CC0 1.0" => spdx("CC0-1.0"),
            "CC PDM" => spdx("CC-PDM-1.0"),
            _ => Meant::NoVersion("Public Domain".into()),
        },
        "GNU GPL" => match version {
            "v1" => spdx("GPL-1.0-only"),
            "v2" => spdx("GPL-2.0-only"),
            "v3" => spdx("GPL-3.0-only"),
            _ => Meant::NoVersion("GNU GPL".into()),
        },
        "CC BY" | "CC BY-SA" | "CC BY-ND" | "CC BY-NC" | "CC BY-NC-SA" | "CC BY-NC-ND" => {
            match version {
                "1.0" | "2.0" | "2.5" | "3.0" | "4.0" => {
                    let name = code.replace(' ', "-");
                    Meant::Licence(format!("{name}-{version}"))
                }
                _ => Meant::NoVersion([code, version].join(" ").trim().to_owned()),
            }
        }
        _ => Meant::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_a_licence_only_with_its_version() {
        let id = |code, version| match meant(code, version) {
            Meant::Licence(id) => {
                let read = commun_specs::licence::Licence::parse(&id).expect("an SPDX id");
                assert_eq!(read.as_str(), id);
                id
            }
            other => panic!("{code}: {other:?}"),
        };
        assert_eq!(id("CC BY-SA", "4.0"), "CC-BY-SA-4.0");
        assert_eq!(id("CC BY-NC-ND", "2.5"), "CC-BY-NC-ND-2.5");
        assert_eq!(id("CC0 1.0", "CC0 1.0"), "CC0-1.0");
        assert_eq!(id("PD", "CC PDM"), "CC-PDM-1.0");
        assert_eq!(id("ODC PDDL", ""), "PDDL-1.0");
        assert_eq!(id("GNU GPL", "v3"), "GPL-3.0-only");
        assert_eq!(meant("CC BY", ""), Meant::NoVersion("CC BY".into()));
        assert_eq!(meant("CC BY", "5.0"), Meant::NoVersion("CC BY 5.0".into()));
        assert_eq!(meant("PD", ""), Meant::NoVersion("Public Domain".into()));
        assert_eq!(meant("U", "4.0"), Meant::Undisclosed);
        assert_eq!(meant("C", ""), Meant::Reserved);
        assert_eq!(meant("MIT", ""), Meant::Unknown);
    }
}
