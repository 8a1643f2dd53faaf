//! What is derived can be derived again, and is the same.

use std::process::Command;

use anyhow::{Result, ensure};
use commun_testnet::{federation::Federation, process::program};
use serde_json::json;

use super::{
    deeds::{hits, publish, push_new_repository, the_same_answers_everywhere},
    turn::turn,
};

const QUERIES: [&str; 6] = [
    "",
    "algèbre",
    "version",
    "vectoriel troisième",
    "item",
    "espace",
];

#[test]
fn a_rebuilt_node_answers_as_before_and_as_the_others() -> Result<()> {
    let _turn = turn();
    let mut f = Federation::temporary(2)?;
    let here = tempfile::tempdir()?;
    push_new_repository(&f.nodes[0], "outils", here.path())?;
    for (n, word) in ["algèbre", "analyse", "géométrie", "espace vectoriel"]
        .iter()
        .enumerate()
    {
        let slug = format!("item-{n}");
        for (version, ordinal) in ["première", "deuxième", "troisième"].iter().enumerate() {
            let metadata = json!({
                "slug": slug, "title": {"fr": format!("Cours {word}, {ordinal} version")}, "language": ["fr"],
                "description": {"fr": format!("Un item sur l'{word}, {ordinal} état de {}.", "texte ".repeat(n + version))},
                "licence": "CC-BY-4.0",
            });
            let name = format!("univ-angers/{slug}");
            let text = format!(
                "# {word}\n\n{}{}",
                "espace vectoriel ".repeat(version * (4 - n) + 1),
                if version == 2 { "crépuscule" } else { "" }
            );
            publish(
                &f.nodes[0],
                (version > 0).then_some(name.as_str()),
                &metadata,
                &[("cours.md", text.as_bytes())],
            )?;
        }
    }
    // What is read out of a file is stated after it was published: the catalogue is as it will be once the last text is.
    f.wait("the text of every last version was read", |f| {
        Ok(hits(&f.nodes[0], "crepuscule")?.len() == 4)
    })?;
    the_same_answers_everywhere(&f, &QUERIES)?;
    let root = f.converge()?;
    let before: Vec<Vec<String>> = QUERIES
        .iter()
        .map(|q| hits(&f.nodes[1], q))
        .collect::<Result<_>>()?;
    ensure!(
        before[0].len() == 5,
        "{} items are found, not 5",
        before[0].len()
    );

    // The second node derives everything again; the first has seen every version come.
    f.nodes[1].stop()?;
    let said = Command::new(program("commun-node")?)
        .args(["rebuild", "--data"])
        .arg(&f.nodes[1].data)
        .output()?;
    ensure!(
        said.status.success(),
        "rebuild ended with {}: {}",
        said.status,
        String::from_utf8_lossy(&said.stderr)
    );
    f.nodes[1].start()?;
    ensure!(f.converge()? == root, "the catalogue's root is another one");
    the_same_answers_everywhere(&f, &QUERIES)?;
    let after: Vec<Vec<String>> = QUERIES
        .iter()
        .map(|q| hits(&f.nodes[1], q))
        .collect::<Result<_>>()?;
    ensure!(
        before == after,
        "the answers are others: {before:?} {after:?}"
    );
    f.stop()
}
