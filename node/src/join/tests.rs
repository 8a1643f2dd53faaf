use commun_specs::{join::Peer, key::SecretKey};

use super::*;
use crate::testing::Node;

fn flags() -> Flags {
    Flags {
        ssh: None,
        http: None,
        listen: vec!["/ip4/127.0.0.1/tcp/2".to_owned()],
        alone: true,
    }
}

/// What a killed process leaves: the file with its tables, and nothing in it.
fn empty_log(data: &Path) {
    Store::open(&data.join("log.db")).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_log_does_not_keep_a_commons_from_being_begun_with_the_flags() {
    let dir = tempfile::tempdir().unwrap();
    let handle = Handle::new("univ-a").unwrap();
    empty_log(dir.path());
    let refused = found(dir.path(), &flags(), "", "Université", &handle).await;
    assert_eq!(refused.unwrap_err().code, 2);
    assert!(
        !dir.path().join(SETTINGS).exists(),
        "what began nothing leaves no settings"
    );
    found(dir.path(), &flags(), "Essai", "Université", &handle)
        .await
        .unwrap();
    let config = Config::load(dir.path(), &Flags::default()).unwrap();
    assert_eq!(
        (config.listen.value, config.alone.value),
        (flags().listen, true)
    );
    let again = found(dir.path(), &flags(), "Essai", "Université", &handle).await;
    assert_eq!(again.unwrap_err().code, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn joining_goes_on_over_an_empty_log_and_completes_a_begun_one() {
    let a = Node::first().await;
    let invitation = Invitation {
        peers: vec![Peer {
            node: SecretKey::from_seed([3; 32]).public(),
            addrs: Vec::new(),
        }],
        ..a.core.invite(Vec::new()).await.unwrap()
    };
    let text = invitation.to_string();
    let handle = Handle::new("univ-b").unwrap();
    let dir = tempfile::tempdir().unwrap();
    empty_log(dir.path());
    let asked = join(dir.path(), &flags(), &text, "Deux", &handle).await;
    assert_eq!(asked.unwrap_err().code, 3, "it asks, and nobody answers");
    // A folder whose making came past the charter and lost its settings.
    let begun = tempfile::tempdir().unwrap();
    found(begun.path(), &flags(), "Essai", "Deux", &handle)
        .await
        .unwrap();
    fs::remove_file(begun.path().join(SETTINGS)).unwrap();
    join(begun.path(), &flags(), &text, "Deux", &handle)
        .await
        .unwrap();
    let config = Config::load(begun.path(), &Flags::default()).unwrap();
    assert_eq!(
        (config.listen.value, config.peers.value),
        (flags().listen, invitation.peers)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn papers_that_do_not_verify_are_refused() {
    let (a, b) = Node::two().await;
    let papers = {
        let state = a.core.state();
        Papers {
            charter: state.chain().envelopes(0).collect(),
            drafts: Vec::new(),
            successions: state
                .all_successions()
                .values()
                .flat_map(|s| s.envelopes().collect::<Vec<_>>())
                .collect(),
        }
    };
    let invitation = a.core.invite(Vec::new()).await.unwrap();
    let key = b.core.keys().institution().unwrap().public();
    let handle = b.core.identity().handle.clone();
    let check = |papers: &Papers| verified(papers, &invitation, &handle, &key).map_err(|e| e.code);
    assert_eq!(check(&papers), Ok(invitation.commons));
    let bend = |bytes: &mut Vec<u8>| {
        let at = bytes.len() / 2;
        bytes[at] ^= 1;
    };
    let mut bent = papers.clone();
    bend(&mut bent.charter[1]);
    assert_eq!(check(&bent), Err(4));
    let mut bent = papers.clone();
    bend(&mut bent.successions[0]);
    assert_eq!(check(&bent), Err(4));
    let mut short = papers.clone();
    short.charter.truncate(1);
    assert_eq!(check(&short), Err(4), "not a member yet");
    short.charter.clear();
    assert_eq!(check(&short), Err(4));
    let other = SecretKey::from_seed([9; 32]).public();
    assert!(verified(&papers, &invitation, &handle, &other).is_err());
    let stranger = Node::first().await;
    let elsewhere = stranger.core.invite(Vec::new()).await.unwrap();
    assert!(verified(&papers, &elsewhere, &handle, &key).is_err());
}
