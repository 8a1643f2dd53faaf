//! Two halves that do not reach each other, and heal.

use anyhow::{Result, ensure};
use commun_testnet::{
    federation::{Federation, INSTITUTIONS, wait_until},
    process::Node,
    wire::Wire,
};

use super::{
    deeds::{
        commit, head, names, publish_note, push, push_new_repository, the_same_answers_everywhere,
    },
    turn::turn,
};

/// Everybody reaches the nodes of the second half through wires, and these reach the first half through wires too.
#[test]
fn two_halves_cut_apart_and_healed_agree() -> Result<()> {
    let _turn = turn();
    let here = tempfile::tempdir()?;
    let mut f = Federation::empty()?;
    let mut wires = Vec::new();
    for (handle, name) in &INSTITUTIONS[..2] {
        let mut node = Node::new(&f.dir, handle, name)?;
        let wire = Wire::to(node.ports())?;
        node.set_env("COMMUN_ANNOUNCE", &wire.announced());
        wires.push(wire);
        f.add(node)?;
    }
    f.connected()?;
    let begun = push_new_repository(&f.nodes[0], "commun-a-deux", here.path())?;
    let name = "univ-angers/commun-a-deux";
    f.wait("the other half serves the repository", |f| {
        Ok(head(&f.nodes[1], name, here.path())? == begun)
    })?;
    f.converge()?;

    for w in &wires {
        w.cut();
    }
    f.wait("each half notices that the other is away", |f| {
        for n in &f.nodes {
            if n.client()?.status()?.peers.iter().any(|p| p.connected) {
                return Ok(false);
            }
        }
        Ok(true)
    })?;
    // Both go on, and neither knows of the other.
    publish_note(&f.nodes[0], "note-de-gauche", "Note de gauche")?;
    publish_note(&f.nodes[1], "note-de-droite", "Note de droite")?;
    let local = here.path().join("commun-a-deux");
    let pushed = commit(&local, "apart.txt", "apart\n", "While they were apart")?;
    push(&f.nodes[0], name, &local, &["main"])?;
    for (node, own, other) in [
        (
            0,
            "univ-angers/note-de-gauche",
            "univ-lorraine/note-de-droite",
        ),
        (
            1,
            "univ-lorraine/note-de-droite",
            "univ-angers/note-de-gauche",
        ),
    ] {
        wait_until("a half finds its own note", || {
            Ok(names(&f.nodes[node], "note")?.iter().any(|n| n == own))
        })?;
        ensure!(
            !names(&f.nodes[node], "note")?.iter().any(|n| n == other),
            "the halves are not apart"
        );
    }
    ensure!(
        head(&f.nodes[1], name, here.path())? == begun,
        "the halves are not apart"
    );

    for w in &wires {
        w.mend();
    }
    f.connected()?;
    f.wait("the other half has the commit", |f| {
        Ok(head(&f.nodes[1], name, here.path())? == pushed)
    })?;
    f.converge()?;
    the_same_answers_everywhere(&f, &["", "note"])?;
    f.stop()
}
