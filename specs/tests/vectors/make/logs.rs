//! Section 3: checkpoints, trees, charters, successions.

use data_encoding::{BASE64, HEXLOWER};
use serde_json::{Value, json};

use super::case;
use crate::{
    charter::{Amendment, Chain, Institution},
    envelope::{Envelope, PayloadType},
    federation::{handle, key, member, seal_charter},
    id::{CommonsId, SuccessionId, TreeRoot, sha256},
    key::PublicKey,
    note::{Checkpoint, Origin},
    statement::Cut,
    succession::Succession,
    tree,
};

fn utf8(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// The stored hashes of a tree of `count` small entries.
fn hashes(count: u64) -> (Vec<Vec<u8>>, Vec<[u8; 32]>) {
    let entries: Vec<Vec<u8>> = (0..count)
        .map(|n| format!("entry {n}").into_bytes())
        .collect();
    let mut hashes = Vec::new();
    for (n, entry) in entries.iter().enumerate() {
        let mut pending = tree::Pending::on(&hashes, n as u64);
        tree::append(&mut pending, n as u64, tree::leaf_hash(entry)).unwrap();
        let (_, new) = pending.into_new();
        hashes.extend(new);
    }
    (entries, hashes)
}

pub(super) fn notes(out: &mut Vec<Value>) {
    let origin = Origin {
        commons: CommonsId(sha256(&[b"commons"])),
        handle: handle("univ-a"),
        epoch: 3,
    };
    let checkpoint = Checkpoint {
        origin: origin.clone(),
        size: 7,
        root: TreeRoot(sha256(&[b"root"])),
    };
    let writer = key(11);
    let good = utf8(checkpoint.sign(&writer).to_bytes());
    let says = |note: &str, writer: PublicKey| {
        json!({"form": "checkpoint", "note": note, "origin": origin.to_string(),
            "writer": writer.to_string(), "size": 7, "root_hex": HEXLOWER.encode(&checkpoint.root.0)})
    };
    out.push(case(
        "R-03-01",
        "a checkpoint",
        true,
        says(&good, writer.public()),
    ));
    let mut with_two = checkpoint.sign(&writer);
    with_two.cosign(&origin.commons, &handle("univ-b"), &key(12), 1_700_000_000);
    let two = utf8(with_two.to_bytes());
    out.push(case(
        "R-03-01",
        "with a cosignature",
        true,
        says(&two, writer.public()),
    ));
    let text = checkpoint.text();
    let resigned = |text: &str| {
        // The writer's own signature under a text that is no checkpoint.
        let name = origin.to_string();
        let hash = sha256(&[name.as_bytes(), b"\n", &[1], writer.public().as_bytes()]);
        let blob = [&hash[..4], &writer.sign(text.as_bytes())].concat();
        format!("{text}\n— {name} {}\n", BASE64.encode(&blob))
    };
    assert_eq!(resigned(&text), good);
    for (comment, note) in [
        ("an extension line", resigned(&format!("{text}more\n"))),
        (
            "a leading zero in the size",
            resigned(&text.replace("\n7\n", "\n07\n")),
        ),
        (
            "a leading zero in the epoch",
            resigned(&text.replace("/3\n", "/03\n")),
        ),
        (
            "a root of 31 bytes",
            resigned(&text.replace(&BASE64.encode(&checkpoint.root.0), &BASE64.encode(&[1; 31]))),
        ),
        ("no blank line", good.replace("\n\n", "\n")),
        ("no newline at the end", good.trim_end().to_owned()),
        ("a hyphen for the dash", good.replace("— ", "- ")),
        ("CRLF", good.replace('\n', "\r\n")),
    ] {
        let mut more = says(&note, writer.public());
        more["error"] = "form".into();
        out.push(case("R-03-01", comment, false, more));
    }
    let mut other = says(&good, writer.public());
    other["origin"] = origin.to_string().replace("/3", "/4").into();
    other["error"] = "origin".into();
    out.push(case("R-03-02", "of another epoch", false, other));
    let mut more = says(&good, key(12).public());
    more["error"] = "signature".into();
    out.push(case("R-03-03", "signed by another key", false, more));
    let bent = resigned(&text).replace("\n7\n", "\n8\n");
    let mut more = says(&bent, writer.public());
    more["error"] = "signature".into();
    out.push(case(
        "R-03-03",
        "another size under the signature",
        false,
        more,
    ));

    let cosigned = |note: &str, cosigner: &str, key: PublicKey| {
        json!({"form": "cosignature", "note": note, "commons": origin.commons.to_string(),
            "cosigner": cosigner, "key": key.to_string(), "time": 1_700_000_000u64})
    };
    let b = key(12).public();
    out.push(case(
        "R-03-04",
        "a cosignature",
        true,
        cosigned(&two, "univ-b", b),
    ));
    for (comment, mut more) in [
        ("of another institution", cosigned(&two, "univ-c", b)),
        ("by another key", cosigned(&two, "univ-b", writer.public())),
        (
            "over another size",
            cosigned(&two.replace("\n7\n", "\n8\n"), "univ-b", b),
        ),
        ("that is not there", cosigned(&good, "univ-b", b)),
    ] {
        more["error"] = "cosignature".into();
        out.push(case("R-03-04", comment, false, more));
    }

    let (entries, stored) = hashes(20);
    let root = |size: u64| tree::root(&stored, size).unwrap();
    for size in [0, 1, 2, 3, 7, 8, 20] {
        let list: Vec<String> = entries[..size as usize]
            .iter()
            .map(|e| HEXLOWER.encode(e))
            .collect();
        let more = json!({"form": "tree", "entries_hex": list, "root_hex": HEXLOWER.encode(&root(size).0)});
        out.push(case(
            "R-03-07",
            &format!("the root of {size} leaves"),
            true,
            more,
        ));
    }
    let proof = |old: u64, new: u64| {
        let hashes = tree::prove(&stored, new, old).unwrap();
        let list: Vec<String> = hashes.iter().map(|h| BASE64.encode(h)).collect();
        json!({"form": "consistency", "old_size": old, "new_size": new, "proof": list,
            "old_root_hex": HEXLOWER.encode(&root(old).0), "new_root_hex": HEXLOWER.encode(&root(new).0)})
    };
    for (old, new) in [
        (0, 5),
        (1, 2),
        (3, 7),
        (4, 8),
        (6, 13),
        (8, 20),
        (19, 20),
        (20, 20),
    ] {
        let comment = format!("{old} leaves are the beginning of {new}");
        out.push(case("R-03-05", &comment, true, proof(old, new)));
    }
    let mut shorter = proof(6, 13);
    shorter["proof"].as_array_mut().unwrap().pop();
    let mut longer = proof(6, 13);
    let first = longer["proof"][0].clone();
    longer["proof"].as_array_mut().unwrap().push(first);
    let mut other_old = proof(6, 13);
    other_old["old_root_hex"] = proof(5, 13)["old_root_hex"].clone();
    let mut other_new = proof(6, 13);
    other_new["new_root_hex"] = proof(6, 12)["new_root_hex"].clone();
    let mut nothing = proof(0, 5);
    nothing["old_root_hex"] = proof(1, 5)["old_root_hex"].clone();
    for (comment, mut more) in [
        ("a hash is missing", shorter),
        ("a hash too many", longer),
        ("another old root", other_old),
        ("another new root", other_new),
        ("the empty tree has one root only", nothing),
    ] {
        more["error"] = "proof".into();
        out.push(case("R-03-05", comment, false, more));
    }
    let mut backwards = proof(6, 13);
    backwards["old_size"] = 14.into();
    backwards["error"] = "size".into();
    out.push(case(
        "R-03-06",
        "the old tree is the larger one",
        false,
        backwards,
    ));
}

/// aa (seed 1) and bb (seed 2), then cc with two keys (3, 4) of which both are needed.
fn chain_of_three() -> (Chain, Vec<String>) {
    let mut genesis = Amendment::genesis("Essai", 1_700_000_000, member("aa", 1));
    genesis.institutions.push(member("bb", 2));
    let first = seal_charter(&genesis, &[1, 2]);
    let mut chain = Chain::begin(&first).unwrap();
    let mut next = draft(&chain);
    let mut keys = vec![key(3).public(), key(4).public()];
    keys.sort();
    next.institutions.push(Institution {
        keys,
        threshold: 2,
        ror: Some("https://ror.org/04yrqp957".to_owned()),
        uai: Some("0490970N".to_owned()),
        ..member("cc", 3)
    });
    let second = seal_charter(&next, &[1, 2]);
    chain.add(&second).unwrap();
    (chain, vec![utf8(first), utf8(second)])
}

fn draft(chain: &Chain) -> Amendment {
    let (head, id) = chain.head();
    head.successor(id, 1_700_000_100)
}

fn cut(name: &str) -> Cut {
    Cut {
        institution: handle(name),
        epoch: 0,
        size: 0,
        root: TreeRoot::empty(),
    }
}

pub(super) fn charters(out: &mut Vec<Value>) {
    let (chain, before) = chain_of_three();
    let more =
        json!({"before": [], "amendment": before[0], "commons": chain.commons().to_string()});
    out.push(case(
        "R-03-23",
        "charter 0, signed by all that it lists",
        true,
        more,
    ));
    let mut genesis = Amendment::genesis("Essai", 1_700_000_000, member("aa", 1));
    genesis.institutions.push(member("bb", 2));
    let alone = utf8(seal_charter(&genesis, &[1]));
    let more = json!({"before": [], "amendment": alone, "error": "majority"});
    out.push(case(
        "R-03-26",
        "charter 0, signed by one of two",
        false,
        more,
    ));

    let named = |name: &str| Amendment {
        name: name.to_owned(),
        ..draft(&chain)
    };
    let taken = |rule: &str, comment: &str, a: &Amendment, seeds: &[u8], verdict: &str| {
        let more = json!({"before": before, "amendment": utf8(seal_charter(a, seeds)), "verdict": verdict});
        case(rule, comment, true, more)
    };
    let refused = |rule: &str, comment: &str, a: &Amendment, seeds: &[u8], error: &str| {
        let more =
            json!({"before": before, "amendment": utf8(seal_charter(a, seeds)), "error": error});
        case(rule, comment, false, more)
    };
    let next = named("Autre nom");
    out.push(taken("R-03-26", "two of three sign", &next, &[1, 2], "new"));
    out.push(taken(
        "R-03-26",
        "an institution with a threshold of two counts with both keys",
        &next,
        &[1, 3, 4],
        "new",
    ));
    out.push(refused(
        "R-03-26",
        "with one of its two keys it does not",
        &next,
        &[1, 3],
        "majority",
    ));
    out.push(refused("R-03-26", "one of three", &next, &[1], "majority"));
    out.push(refused(
        "R-03-26",
        "a key that no institution has adds nothing",
        &next,
        &[1, 9],
        "majority",
    ));
    let again: Amendment = chain.get(1).unwrap().0.clone();
    out.push(taken(
        "R-03-28",
        "the amendment that is there, with other signatures",
        &again,
        &[1, 2],
        "known",
    ));
    let mut fork = chain
        .get(0)
        .unwrap()
        .0
        .successor(chain.get(0).unwrap().1, 5);
    fork.name = "Fourche".to_owned();
    out.push(taken(
        "R-03-28",
        "a second successor is evidence",
        &fork,
        &[1, 2],
        "fork",
    ));
    let mut far = next.clone();
    far.number = 9;
    out.push(refused(
        "R-03-24",
        "a number that does not follow",
        &far,
        &[1, 2],
        "unlinked",
    ));
    let mut other = next.clone();
    other.prev = Some(chain.get(0).unwrap().1);
    out.push(refused(
        "R-03-24",
        "another predecessor",
        &other,
        &[1, 2],
        "unlinked",
    ));
    let mut foreign = next.clone();
    foreign.commons = Some(CommonsId([1; 32]));
    out.push(refused(
        "R-03-25",
        "of another commons",
        &foreign,
        &[1, 2],
        "commons",
    ));
    let mut gone = draft(&chain);
    gone.institutions.remove(1);
    out.push(refused(
        "R-03-27",
        "an institution is removed without a cut",
        &gone,
        &[1, 2],
        "cut",
    ));
    gone.cuts.push(cut("bb"));
    out.push(taken("R-03-27", "and with one", &gone, &[1, 2], "new"));
    let mut rekeyed = draft(&chain);
    rekeyed.institutions[1].keys = vec![key(20).public()];
    out.push(refused(
        "R-03-27",
        "other keys without a cut",
        &rekeyed,
        &[1, 2],
        "cut",
    ));
    let mut cut_only = draft(&chain);
    cut_only.cuts.push(cut("bb"));
    out.push(refused(
        "R-03-27",
        "a cut that ends nothing",
        &cut_only,
        &[1, 2],
        "cut",
    ));
    let mut round = named("w");
    round.round = 1;
    let failed = |name: &str, seeds: &[u8]| seal_charter(&named(name), seeds);
    round.failed = vec![failed("x", &[1]), failed("y", &[2])];
    out.push(refused(
        "R-03-27",
        "round 1 while cc can still decide round 0",
        &round,
        &[1, 2],
        "round",
    ));
    round.failed.push(failed("z", &[3, 4]));
    out.push(taken(
        "R-03-27",
        "round 1 once nothing of round 0 can reach a majority",
        &round,
        &[1, 2],
        "new",
    ));

    // Payloads that no program of ours writes.
    let raw = |edit: &dyn Fn(&mut Value)| {
        let mut object: Value = serde_json::from_slice(&next.to_payload().unwrap()).unwrap();
        edit(&mut object);
        let (a, b) = (key(1), key(2));
        let payload = object.to_string().into_bytes();
        utf8(Envelope::seal(PayloadType::Charter, payload, &[&a, &b]).to_bytes())
    };
    for (rule, comment, envelope, error) in [
        (
            "R-03-21",
            "a member is missing",
            raw(&|o| {
                o.as_object_mut().unwrap().remove("copies");
            }),
            "schema",
        ),
        (
            "R-03-21",
            "a threshold above the number of keys",
            raw(&|o| o["institutions"][0]["threshold"] = 2.into()),
            "schema",
        ),
        (
            "R-03-22",
            "institutions out of order",
            raw(&|o| o["institutions"].as_array_mut().unwrap().swap(0, 1)),
            "order",
        ),
        (
            "R-03-22",
            "a key of two institutions",
            raw(&|o| {
                let keys = o["institutions"][0]["keys"].clone();
                o["institutions"][1]["keys"] = keys;
            }),
            "key",
        ),
        (
            "R-03-22",
            "a round without proof",
            raw(&|o| o["round"] = 1.into()),
            "round",
        ),
        (
            "R-03-22",
            "a later one without its predecessor",
            raw(&|o| {
                o.as_object_mut().unwrap().remove("prev");
            }),
            "prev",
        ),
    ] {
        let more = json!({"before": before, "amendment": envelope, "error": error});
        out.push(case(rule, comment, false, more));
    }
    let spaced = {
        let payload = utf8(next.to_payload().unwrap())
            .replace(":", ": ")
            .into_bytes();
        utf8(Envelope::seal(PayloadType::Charter, payload, &[&key(1), &key(2)]).to_bytes())
    };
    let more = json!({"before": before, "amendment": spaced, "error": "syntax"});
    out.push(case(
        "R-03-20",
        "a payload that is not strict JSON",
        false,
        more,
    ));
}

pub(super) fn successions(out: &mut Vec<Value>) {
    let (chain, charters) = chain_of_three();
    let seal = |s: &Succession, seeds: &[u8]| {
        let keys: Vec<_> = seeds.iter().map(|n| key(*n)).collect();
        utf8(
            Envelope::seal(
                PayloadType::Succession,
                s.to_payload(),
                &keys.iter().collect::<Vec<_>>(),
            )
            .to_bytes(),
        )
    };
    let id = |s: &Succession| SuccessionId(sha256(&[&s.to_payload()]));
    let first = Succession {
        commons: chain.commons(),
        institution: handle("cc"),
        epoch: 0,
        prev: None,
        charter: chain.head().1,
        size: 0,
        root: TreeRoot::empty(),
        writer: key(13).public(),
    };
    let second = Succession {
        epoch: 1,
        prev: Some(id(&first)),
        size: 5,
        root: TreeRoot([5; 32]),
        writer: key(14).public(),
        ..first.clone()
    };
    let opened = seal(&first, &[3, 4]);
    let none: Vec<String> = Vec::new();
    let some = vec![opened.clone()];
    let two = vec![opened.clone(), seal(&second, &[3, 4])];
    let good = [
        (
            "R-03-12",
            "the first opens the log",
            &none,
            opened.clone(),
            "new",
        ),
        (
            "R-03-12",
            "the second closes epoch 0 at 5",
            &some,
            seal(&second, &[3, 4]),
            "new",
        ),
        (
            "R-03-12",
            "one that is there",
            &some,
            opened.clone(),
            "known",
        ),
        (
            "R-03-15",
            "two of an epoch freeze the log",
            &two,
            seal(
                &Succession {
                    size: 4,
                    ..second.clone()
                },
                &[3, 4],
            ),
            "fork",
        ),
    ];
    for (rule, comment, before, envelope, verdict) in good {
        let more = json!({"charters": charters, "before": before, "succession": envelope, "verdict": verdict});
        out.push(case(rule, comment, true, more));
    }
    let raw = |edit: &dyn Fn(&mut Value)| {
        let mut object: Value = serde_json::from_slice(&first.to_payload()).unwrap();
        edit(&mut object);
        let payload = object.to_string().into_bytes();
        utf8(Envelope::seal(PayloadType::Succession, payload, &[&key(3), &key(4)]).to_bytes())
    };
    let bad = [
        (
            "R-03-14",
            "signed with one of two keys",
            &none,
            seal(&first, &[3]),
            "unsigned",
        ),
        (
            "R-03-14",
            "signed by another institution",
            &none,
            seal(&first, &[1, 2]),
            "unsigned",
        ),
        (
            "R-03-13",
            "under a charter that is not here",
            &none,
            seal(
                &Succession {
                    charter: crate::id::CharterId([1; 32]),
                    ..first.clone()
                },
                &[3, 4],
            ),
            "charter",
        ),
        (
            "R-03-12",
            "of another commons",
            &none,
            seal(
                &Succession {
                    commons: CommonsId([1; 32]),
                    ..first.clone()
                },
                &[3, 4],
            ),
            "commons",
        ),
        (
            "R-03-12",
            "the first at another size",
            &none,
            seal(
                &Succession {
                    size: 1,
                    ..first.clone()
                },
                &[3, 4],
            ),
            "first",
        ),
        (
            "R-03-12",
            "the second before the first",
            &none,
            seal(&second, &[3, 4]),
            "unlinked",
        ),
        (
            "R-03-12",
            "another predecessor",
            &some,
            seal(
                &Succession {
                    prev: Some(SuccessionId([1; 32])),
                    ..second.clone()
                },
                &[3, 4],
            ),
            "unlinked",
        ),
        (
            "R-03-12",
            "a size that goes down",
            &two,
            seal(
                &Succession {
                    epoch: 2,
                    prev: Some(id(&second)),
                    size: 4,
                    ..second.clone()
                },
                &[3, 4],
            ),
            "size",
        ),
        (
            "R-03-11",
            "no writer",
            &none,
            raw(&|o| {
                o.as_object_mut().unwrap().remove("writer");
            }),
            "schema",
        ),
        (
            "R-03-12",
            "another version",
            &none,
            raw(&|o| o["v"] = 2.into()),
            "version",
        ),
    ];
    for (rule, comment, before, envelope, error) in bad {
        let more =
            json!({"charters": charters, "before": before, "succession": envelope, "error": error});
        out.push(case(rule, comment, false, more));
    }
    let spaced = {
        let payload = utf8(first.to_payload()).replace(':', ": ").into_bytes();
        utf8(Envelope::seal(PayloadType::Succession, payload, &[&key(3), &key(4)]).to_bytes())
    };
    let more =
        json!({"charters": charters, "before": none, "succession": spaced, "error": "syntax"});
    out.push(case(
        "R-03-10",
        "a payload that is not strict JSON",
        false,
        more,
    ));
}
