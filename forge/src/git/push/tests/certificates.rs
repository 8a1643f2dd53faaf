use commun_specs::certificate::{Certificate, armour};
use commun_specs::key::SecretKey;

use super::*;

const HEAD: &str = "certificate version 0.1\npusher me 1700000000 +0000\npushee https://node.example/aa/tool.git\nnonce 1-a\n\n";

fn signed(commands: &[(&str, &str, &str)]) -> String {
    let mut text = HEAD.to_owned();
    for (old, new, name) in commands {
        text.push_str(&format!("{old} {new} {name}\n"));
    }
    let signature = SecretKey::from_seed([1; 32]).sign_git(text.as_bytes());
    format!("{text}{}", armour(&signature))
}

/// A request as Git's client writes it: the certificate line by line, then `after`, and what follows the flush.
fn request(certificate: &str, after: &[&str], rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    pktline::write(
        &mut body,
        b"push-cert\0 report-status side-band-64k agent=test",
    );
    for line in certificate.split_inclusive('\n') {
        pktline::write(&mut body, line.as_bytes());
    }
    for line in after {
        pktline::write(&mut body, line.as_bytes());
    }
    pktline::flush(&mut body);
    body.extend_from_slice(rest);
    body
}

const CLOSED: &str = "push-cert-end\n";

async fn try_push(
    to: &Repository,
    hook: &HookEnv,
    judge: &Judge<'_>,
    body: &[u8],
) -> (Outcome, String) {
    let mut answer = Vec::new();
    let push = to.receive_pack(hook).certified(judge);
    let outcome = push.run(body, &mut answer, STALL).await.unwrap();
    (outcome, String::from_utf8_lossy(&answer).into_owned())
}

/// The pack of a plain push, without its commands.
fn pack(bench: &Bench, from: &Repository, oid: &Oid) -> Vec<u8> {
    let plain = bench.push_request(from, &[(ZERO, oid.as_str(), "refs/heads/x")], oid.as_str());
    let at = plain.windows(4).position(|w| w == b"PACK").unwrap();
    plain[at..].to_vec()
}

#[tokio::test]
async fn git_is_handed_the_commands_that_were_signed_and_nothing_of_the_certificate() {
    let bench = Bench::new();
    let (from, to, oid) = pair(&bench).await;
    let hook = bench.hook(TAKE_ALL);
    let commands = [
        (ZERO, oid.as_str(), "refs/heads/main"),
        (ZERO, oid.as_str(), "refs/tags/v1"),
    ];
    let text = signed(&commands);
    let seen = std::sync::Mutex::new(Vec::new());
    let judge = |certificate: &Certificate, said: &str| {
        seen.lock()
            .unwrap()
            .push((certificate.nonce.clone(), said.to_owned()));
        Ok(())
    };
    let body = request(&text, &[CLOSED], &pack(&bench, &from, &oid));
    let (outcome, answer) = try_push(&to, &hook, &judge, &body).await;
    assert_eq!(outcome, Outcome::Done, "{answer}");
    assert!(answer.contains("ok refs/tags/v1"), "{answer}");
    assert_eq!(*seen.lock().unwrap(), [("1-a".to_owned(), text)]);
    let refs = to.refs().await.unwrap();
    assert_eq!(refs.len(), 2);
    // Commit, tree, file: no object is the certificate.
    let objects = bench.git(&to, &["cat-file", "--batch-check", "--batch-all-objects"]);
    assert_eq!(objects.lines().count(), 3, "{objects}");
    assert_eq!(bench.git(&to, &["fsck", "--strict", "--unreachable"]), "");

    // A signed deletion sends no pack.
    let gone = signed(&[(oid.as_str(), ZERO, "refs/tags/v1")]);
    let (_, answer) = try_push(&to, &hook, &judge, &request(&gone, &[CLOSED], b"")).await;
    assert!(answer.contains("ok refs/tags/v1"), "{answer}");
    assert_eq!(to.refs().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_certificate_that_does_not_hold_stores_and_moves_nothing() {
    let bench = Bench::new();
    let (from, to, oid) = pair(&bench).await;
    let hook = bench.hook(TAKE_ALL);
    let before = bench.objects(&to);
    let pack = pack(&bench, &from, &oid);
    let good = signed(&[(ZERO, oid.as_str(), "refs/heads/main")]);
    let plain = format!("{ZERO} {oid} refs/heads/unsigned");
    let pgp = good.replace("SSH SIGNATURE", "PGP SIGNATURE");
    let cases: [(&str, &[&str], &str); 8] = [
        (&good, &[CLOSED, &plain], "beside the certificate"),
        (&good, &[], "does not end"),
        (
            &good,
            &[CLOSED, "push-cert", &good, CLOSED],
            "beside the certificate",
        ),
        (
            &good.replace("refs/heads/main", "refs/heads/evil"),
            &[CLOSED],
            "signature",
        ),
        (
            &good.replace("pusher me", "pusher m\0e"),
            &[CLOSED],
            "not lines of text",
        ),
        (&format!("{good}{plain}\n"), &[CLOSED], "R-09-06"),
        (&pgp, &[CLOSED], "gpg.format ssh"),
        (
            &signed(&[(ZERO, &"1".repeat(64), "refs/heads/main")]),
            &[CLOSED],
            "R-09-05",
        ),
    ];
    let take = |_: &Certificate, _: &str| Ok(());
    for (certificate, after, why) in cases {
        let body = request(certificate, after, &pack);
        let (outcome, answer) = try_push(&to, &hook, &take, &body).await;
        assert!(matches!(outcome, Outcome::Refused(_)), "{why}: {answer}");
        assert!(answer.contains(why), "{why}: {answer}");
    }
    let no = |_: &Certificate, _: &str| Err("not yours".to_owned());
    let (outcome, answer) = try_push(&to, &hook, &no, &request(&good, &[CLOSED], &pack)).await;
    assert_eq!(outcome, Outcome::Refused("not yours".to_owned()));
    assert!(answer.contains("not yours"), "{answer}");
    assert_eq!(bench.objects(&to), before);
    assert!(to.refs().await.unwrap().is_empty());
}
