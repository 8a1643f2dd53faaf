//! The ref names of the shared collection, pushed to a running node: `COMMUN_SHARED` names the folder that holds
//! `data/hostile`.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result, ensure};
use commun_testnet::{
    content::{git, git_said},
    federation::Federation,
    http,
    process::Node,
};
use data_encoding::BASE64;
use serde_json::Value;

use super::{
    deeds::{encoded, push_new_repository},
    git::pack,
    hostile::calm,
    kills::sound,
    turn::turn,
};

const NAME: &str = "univ-angers/atelier";

/// Every ref that a node serves.
fn served(node: &Node, here: &Path) -> Result<BTreeMap<String, String>> {
    let url = format!("{}/{NAME}.git", node.url());
    let all = git(here, None, &["ls-remote", &url])?;
    let pair = |line: &str| {
        let (oid, name) = line.split_once('\t')?;
        Some((name.to_owned(), oid.to_owned()))
    };
    Ok(all.lines().filter_map(pair).collect())
}

/// The request that makes two refs of one commit, the first name as bytes.
fn request(oid: &str, name: &[u8], second: &str, pack: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    let mut packet = |payload: &[u8]| {
        body.extend(format!("{:04x}", payload.len() + 4).bytes());
        body.extend(payload);
    };
    let command = format!("{} {oid} ", "0".repeat(40));
    packet(&[command.as_bytes(), name, b"\0 report-status"].concat());
    packet(format!("{command}{second}").as_bytes());
    body.extend(b"0000");
    body.extend(pack);
    body
}

#[test]
#[ignore = "needs COMMUN_SHARED"]
fn acceptance_hostile_ref_names_are_pushed_and_nothing_breaks() -> Result<()> {
    let _turn = turn();
    let shared = std::env::var_os("COMMUN_SHARED").context("COMMUN_SHARED")?;
    let list = Path::new(&shared).join("data/hostile/lists/evil-refs.json");
    let list: Value = serde_json::from_slice(&fs::read(list)?)?;
    let here = tempfile::tempdir()?;
    let mut f = Federation::temporary(2)?;
    let oid = push_new_repository(&f.nodes[0], "atelier", here.path())?;
    let local = here.path().join("atelier");
    let pack = pack(&local, &here.path().join("all.bundle"))?;
    let node = &f.nodes[0];
    let port = node.ports().http;
    let (url, token) = (format!("{}/{NAME}.git", node.url()), node.token()?);
    let basic = format!(
        "Authorization: Basic {}",
        BASE64.encode(format!("x:{token}").as_bytes())
    );
    let kind = "Content-Type: application/x-git-receive-pack-request";
    let mut faults = Vec::new();
    let mut wanted = served(node, here.path())?;
    let (mut by_git, mut by_hand) = (0, 0);
    for (n, case) in list.as_array().context("a list")?.iter().enumerate() {
        let what = case["what"].as_str().unwrap_or_default();
        let accept = case["expect"] == "accept";
        // All or nothing: beside each name goes one that is in order.
        let second = format!("refs/heads/beside-{n}");
        let text = case["ref"].as_str();
        // What does not begin with refs/ Git takes for the end of a branch's name.
        if let Some(name) = text
            && name.starts_with("refs/")
            && git_said(&local, None, &[], &["check-ref-format", name])?.done
        {
            by_git += 1;
            let both = [format!("main:{name}"), format!("main:{second}")];
            let args = ["push", "--quiet", &url, &both[0], &both[1]];
            let said = git_said(&local, Some(&token), &[], &args)?;
            if said.done != accept {
                faults.push(format!("{what}: Git says {}", said.err));
            }
            if accept {
                wanted.insert(name.to_owned(), oid.clone());
                wanted.insert(second.clone(), oid.clone());
            }
        }
        // Without Git's own rules in between. What is there already has moved on: refused as well.
        by_hand += 1;
        let raw = case["ref_b64"].as_str().unwrap_or_default();
        let bytes = match text {
            Some(name) => name.as_bytes().to_vec(),
            None => BASE64.decode(raw.as_bytes())?,
        };
        let path = format!("/{NAME}.git/git-receive-pack");
        let body = request(&oid, &bytes, &second, &pack);
        let answer = http::request(port, "POST", &path, &[&basic, kind], &body)?;
        let refused = answer.status == 400
            || (answer.status == 200
                && answer.text().contains("ng ")
                && !answer.text().contains("ok refs/"));
        if !refused {
            faults.push(format!("{what}: {}: {}", answer.status, answer.text()));
        }
        let now = served(node, here.path())?;
        if now != wanted {
            faults.push(format!("{what}: the refs are {now:?}"));
            wanted = now;
        }
        // As an address, a name that is none is a page that is not there.
        if let Some(name) = text {
            let short = name.strip_prefix("refs/heads/").unwrap_or(name);
            let page = format!("/{NAME}/tree/{}", encoded(short));
            let status = http::get(port, &page, &[])?.status;
            if status >= 500 || (accept && status != 200) {
                faults.push(format!("{what}: {page:.100} answers {status}"));
            }
        }
    }
    ensure!(by_git > 20 && by_hand > 50, "{by_git} and {by_hand} pushes");
    ensure!(faults.is_empty(), "{}", faults.join("\n"));

    // The other node has the same refs, and Git finds nothing wrong on either.
    f.converge()?;
    f.wait("the other node serves the same", |f| {
        Ok(served(&f.nodes[1], here.path())? == wanted)
    })?;
    for node in &mut f.nodes {
        node.stop()?;
        sound(&node.data)?;
        calm(node)?;
        let log = fs::read_to_string(node.log_path())?;
        let raw = |c: char| (c.is_control() && c != '\n') || "\u{202e}\u{200b}\u{feff}".contains(c);
        ensure!(
            !log.contains(raw),
            "{} logged a name as it came",
            node.handle
        );
    }
    f.stop()
}
