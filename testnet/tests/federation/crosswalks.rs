//! `commun import` of records in JSON, YAML and pages: what they are is told by what they hold, and the originals are kept.

use std::fs;

use anyhow::{Result, ensure};
use commun_testnet::{
    commun::Typist,
    federation::{Federation, wait_until},
    http,
};

use super::turn::turn;

/// Two records of AMB in one file; a licence that is no object, which the schema wants.
const AMB: &str = r#"[
  {"@context": ["https://w3id.org/kim/amb/context.jsonld", {"@language": "fr"}], "id": "https://cours.example/",
   "type": ["LearningResource"], "name": "Biologie des mousses", "license": {"id": "https://creativecommons.org/licenses/by-sa/4.0/"},
   "inLanguage": ["fr"], "creator": [{"type": "Person", "name": "Anne Essai"}]},
  {"@context": ["https://w3id.org/kim/amb/context.jsonld", {"@language": "fr"}], "id": "https://cours.example/lichens",
   "type": ["LearningResource"], "name": "Biologie des lichens", "license": "https://creativecommons.org/licenses/by/4.0/"}
]"#;
const PAGE: &str = r#"<!DOCTYPE html><html lang="fr"><head><title>Fougères</title>
  <script type="application/ld+json">{"@context": "https://schema.org", "@type": "Course", "name": "Biologie des fougères",
   "url": "https://cours.example/fougeres", "license": "https://creativecommons.org/licenses/by/4.0/", "inLanguage": "fr"}</script></head></html>"#;
const YAML: &str = "'@context': https://schema.org/\ntype: LearningResource\nname: Biologie des prêles\n\
    id: https://cours.example/preles\nlicense: https://creativecommons.org/licenses/by/4.0/deed.fr\ninLanguage: [fr]\n";
const CODEMETA: &str = r#"{"@context": "https://w3id.org/codemeta/3.0", "type": "SoftwareSourceCode", "name": "Herbier de biologie",
  "codeRepository": "https://git.example/herbier", "license": "https://spdx.org/licenses/EUPL-1.2", "copyrightHolder": "Institut des fougères"}"#;

#[test]
fn records_in_json_yaml_and_pages_are_taken_in() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(1)?;
    let here = tempfile::tempdir()?;
    let operator = Typist::operator(&f.nodes[0])?;
    for (name, text, format, added, errors, media, place) in [
        (
            "cours.json",
            AMB,
            "amb",
            2,
            1,
            "application/ld+json",
            "https://cours.example/",
        ),
        (
            "page.html",
            PAGE,
            "schemaorg",
            1,
            0,
            "text/html",
            "https://cours.example/fougeres",
        ),
        (
            "metadata.yml",
            YAML,
            "amb",
            1,
            0,
            "application/yaml",
            "https://cours.example/preles",
        ),
        (
            "codemeta.json",
            CODEMETA,
            "codemeta",
            1,
            0,
            "application/ld+json",
            "https://git.example/herbier",
        ),
    ] {
        fs::write(here.path().join(name), text)?;
        let dry = operator
            .done(here.path(), &["import", name, "--dry-run", "--json"])?
            .json()?;
        ensure!(
            dry["format"] == format && dry["added"] == added,
            "{name}: {dry}"
        );
        let said = operator
            .done(here.path(), &["import", name, "--json"])?
            .json()?;
        ensure!(
            said["added"] == added && said["errors"] == errors,
            "{name}: {said}"
        );
        let item = said["items"][0]["name"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let shown = operator
            .done(here.path(), &["show", &item, "--json"])?
            .json()?;
        let kept = shown["metadata"]["original"][0]["media_type"].as_str();
        ensure!(kept == Some(media), "{name}: {shown}");
        // Only the record is here: its page leads to the resource.
        let page = http::get(f.nodes[0].ports().http, &format!("/{item}?lang=fr"), &[])?.text();
        ensure!(
            page.contains(&format!("class=\"button\" href=\"{place}"))
                && page.contains("Ouvrir la ressource")
                && !page.contains("id=\"files\""),
            "{name}: {page}"
        );
        if format == "codemeta" {
            // Nobody is named as its author: who holds the rights is credited, not who took the record in.
            let path = format!("/api/v1/items/{item}/attribution?format=text&lang=fr");
            let credit = http::get(f.nodes[0].ports().http, &path, &[])?.text();
            ensure!(credit.contains("Institut des fougères"), "{credit}");
        }
        let again = operator
            .done(here.path(), &["import", name, "--json"])?
            .json()?;
        ensure!(
            again["unchanged"] == added && again["added"] == 0,
            "{name}: {again}"
        );
    }
    wait_until("all five are found", || {
        let listed = operator
            .done(here.path(), &["search", "biologie", "--json"])?
            .json()?;
        Ok(listed["total"] == 5)
    })?;
    f.stop()
}
