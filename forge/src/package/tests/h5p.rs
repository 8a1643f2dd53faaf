use serde_json::{Value, json};

use super::{errors, packed, rules};
use crate::crosswalk::format::Format;
use crate::package::Package;
use crate::problem::Problem;

pub(super) fn about() -> Value {
    json!({
        "title": "Vent et sable", "language": "fr", "mainLibrary": "H5P.TrueFalse", "embedTypes": ["div"],
        "license": "CC BY-SA", "licenseVersion": "4.0",
        "authors": [{"name": "Zoé Lefèvre", "role": "Author"}, {"name": "Omar Haddad", "role": "Editor"}],
        "source": "https://dunes.example/h5p", "yearsFrom": "2021", "licenseExtras": "Merci de nous citer",
        "changes": [{"date": "12-01-25 10:00:00", "author": "Ana", "log": "relecture"}],
        "preloadedDependencies": [{"machineName": "H5P.TrueFalse", "majorVersion": 1, "minorVersion": "8"}],
    })
}

fn with(about: &Value, more: &[(&str, &[u8])]) -> Result<Package, Box<Problem>> {
    let about = about.to_string();
    let content = br#"{"question": "<p>Le sable vole.</p>"}"#;
    let mut files = vec![("h5p.json", about.as_bytes())];
    if !more.iter().any(|(name, _)| *name == "content/content.json") {
        files.push(("content/content.json", content));
    }
    files.extend_from_slice(more);
    packed(&files)
}

#[test]
fn an_h5p_says_who_made_it_when_and_under_which_licence() {
    let package = with(&about(), &[]).unwrap();
    assert_eq!(package.format, Format::H5p);
    assert_eq!(package.version, "H5P.TrueFalse 1.8");
    assert!(rules(&package).is_empty(), "{:?}", package.reading.problems);
    let view = package.reading.record.view();
    assert_eq!(view.titles, [("fr".to_owned(), "Vent et sable".to_owned())]);
    assert_eq!(view.licence.as_deref(), Some("CC-BY-SA-4.0"));
    assert_eq!(view.licence_statements[0].1, "Merci de nous citer");
    assert_eq!(view.creators[0].name, "Zoé Lefèvre");
    let others: Vec<_> = view
        .contributors
        .iter()
        .map(|c| (&*c.name, c.role.as_deref()))
        .collect();
    assert_eq!(
        others,
        [
            ("Omar Haddad", Some("editor")),
            ("Ana", Some("contributor"))
        ]
    );
    assert_eq!(
        (view.created.as_deref(), view.modified.as_deref()),
        (Some("2021"), Some("2025-01-12"))
    );
    assert_eq!(view.resource_types, ["drill_and_practice"]);
    assert_eq!(view.links[0].url, "https://dunes.example/h5p");
}

#[test]
fn a_licence_that_is_not_open_or_not_certain_is_told_and_not_made_up() {
    let coded = |code: &str, version: &str| {
        let mut about = about();
        about["license"] = code.into();
        about["licenseVersion"] = version.into();
        with(&about, &[]).unwrap()
    };
    for (code, version, rule) in [
        ("U", "4.0", "licence-undisclosed"),
        ("C", "", "licence-reserved"),
        ("CC BY", "", "licence-no-version"),
        ("Beerware", "", "licence-unknown"),
    ] {
        let package = coded(code, version);
        assert_eq!(rules(&package), [rule], "{code}");
        assert!(package.reading.record.licence.is_empty(), "{code}");
    }
    let mut none = about();
    none.as_object_mut().unwrap().remove("license");
    assert_eq!(rules(&with(&none, &[]).unwrap()), ["no-licence"]);
}

#[test]
fn what_platforms_refuse_is_refused() {
    let mut none = about();
    none.as_object_mut().unwrap().remove("mainLibrary");
    assert_eq!(with(&none, &[]).unwrap_err().rule, "h5p-no-library");
    let bad: &[(&str, &[u8], &str)] = &[
        ("content/run.exe", b"MZ", "h5p-extension"),
        ("content/page.html", b"<p>", "h5p-extension"),
        ("content/a.js", b"x", "h5p-extension"),
        ("content/LISEZMOI", b"x", "h5p-extension"),
        ("content/content.json", b"{", "h5p-no-content"),
    ];
    for (name, bytes, rule) in bad {
        assert_eq!(
            with(&about(), &[(name, bytes)]).unwrap_err().rule,
            *rule,
            "{name}"
        );
    }
    let good: &[(&str, &[u8])] = &[
        ("content/images/a.PNG", b"x"),
        ("H5P.TrueFalse-1.8/a.js", b"x"),
        ("__MACOSX/._a", b"x"),
        ("content/.DS_Store", b"x"),
    ];
    assert!(rules(&with(&about(), good).unwrap()).is_empty());
    let alone = packed(&[("h5p.json", about().to_string().as_bytes())]).unwrap_err();
    assert_eq!(alone.rule, "h5p-no-content");
    let text = packed(&[("h5p.json", b"bonjour"), ("content/content.json", b"{}")]);
    assert_eq!(text.unwrap_err().rule, "h5p-not-json");
}

#[test]
fn members_that_every_h5p_must_have_are_errors_where_they_are_not() {
    for name in ["title", "language", "embedTypes", "preloadedDependencies"] {
        let mut less = about();
        less.as_object_mut().unwrap().remove(name);
        let package = with(&less, &[]).unwrap();
        assert_eq!(errors(&package), ["h5p-field"], "{name}");
    }
    let mut hostile = about();
    hostile["title"] = "<script>alert(1)</script>".into();
    hostile["language"] = "\" onload=alert(1)".into();
    let package = with(&hostile, &[]).unwrap();
    assert!(package.reading.record.title.is_empty());
    assert!(package.reading.record.language.is_empty());
}

#[test]
fn pieces_with_licences_of_their_own_are_counted() {
    let content = br#"{"a": {"metadata": {"license": "CC BY", "licenseVersion": "2.0"}}, "b": [{"copyright": {"license": "CC BY", "version": "2.0"}}], "c": {"metadata": {"license": "U"}}}"#;
    let package = with(&about(), &[("content/content.json", content)]).unwrap();
    let told = package
        .reading
        .problems
        .iter()
        .find(|p| p.rule == "h5p-parts")
        .unwrap();
    assert_eq!((&*told.given, &*told.wanted), ("2", "CC BY 2.0"));
}

#[test]
fn authors_are_names_too_and_what_is_no_year_is_kept_aside() {
    let mut about = about();
    about["authors"] = json!(["Zoé Lefèvre", {"role": "Author"}, ""]);
    about["yearsFrom"] = json!("vers 2019");
    about["yearsTo"] = json!(2024);
    about["changes"] = json!([]);
    about["defaultLanguage"] = json!("en");
    about["authorComments"] = json!("à revoir");
    about["foo"] = json!({"a": 1});
    let package = with(&about, &[]).unwrap();
    let reading = &package.reading;
    let view = reading.record.view();
    for (name, text) in [
        ("authorComments", "à revoir"),
        ("defaultLanguage", "en"),
        ("foo", r#"{"a":1}"#),
    ] {
        assert_eq!(reading.record.extra["h5p"][name], text);
        let mut told = reading.problems.iter();
        assert!(told.any(|p| p.rule == "kept-aside" && p.path == name));
    }
    assert_eq!(view.creators.len(), 1);
    assert_eq!(
        (view.created, view.modified.as_deref()),
        (None, Some("2024"))
    );
    let told = |rule: &str| reading.problems.iter().filter(|p| p.rule == rule).count();
    assert_eq!((told("person-without-name"), told("not-a-date")), (2, 1));
    assert_eq!(reading.record.extra["h5p"]["yearsFrom"][0], "vers 2019");
    about["changes"] = json!([{"date": "2021-03-01", "author": "Ali", "log": "revu"}]);
    about["license"] = json!("cc by");
    let package = with(&about, &[]).unwrap();
    let record = &package.reading.record;
    assert_eq!(record.extra["h5p"]["yearsTo"][0], "2024");
    assert_eq!(record.view().licence_statements[0].1, "cc by 4.0");
    assert_eq!(reading.record.extra["h5p"]["mainLibrary"], "H5P.TrueFalse");
}
