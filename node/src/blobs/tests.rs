mod full_disk;

use std::{net::SocketAddr, process::Command, sync::Arc, time::Duration};

use commun_specs::key::{PublicKey, SecretKey};
use futures::StreamExt as _;
use iroh::{Endpoint, endpoint::Connection};
use tempfile::TempDir;
use tokio::io::AsyncReadExt as _;

use super::{receive::ReceiveError, small::Many, *};
use crate::net::data::{self, Protocol};

/// Bytes that no compression and no repetition makes shorter.
fn noise(len: usize) -> Vec<u8> {
    let mut out = vec![0; len];
    blake3::Hasher::new()
        .update(b"noise")
        .finalize_xof()
        .fill(&mut out);
    out
}

async fn open() -> (TempDir, Blobs) {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(&folder.path().join("blobs")).await.unwrap();
    (folder, blobs)
}

struct Peer {
    key: PublicKey,
    address: SocketAddr,
    endpoint: Endpoint,
}

async fn peer(seed: u8) -> Peer {
    let secret = SecretKey::from_seed([seed; 32]);
    let endpoint = data::bind(&secret, &["127.0.0.1:0".parse().unwrap()])
        .await
        .unwrap();
    Peer {
        key: secret.public(),
        address: endpoint.bound_sockets()[0],
        endpoint,
    }
}

/// Answers every connection with `serve`.
async fn provider<F>(seed: u8, serve: impl Fn(Connection) -> F + Send + 'static) -> Peer
where
    F: Future<Output = ()> + Send + 'static,
{
    let peer = peer(seed).await;
    let endpoint = peer.endpoint.clone();
    tokio::spawn(async move {
        while let Some(incoming) = endpoint.accept().await {
            let connection = incoming.accept().unwrap().await.unwrap();
            tokio::spawn(serve(connection));
        }
    });
    peer
}

async fn honest(seed: u8, blobs: &Blobs) -> Peer {
    let blobs = blobs.clone();
    provider(seed, move |c| {
        let blobs = blobs.clone();
        async move { blobs.serve(c).await }
    })
    .await
}

async fn connect(from: &Peer, to: &Peer) -> Connection {
    data::dial(&from.endpoint, &to.key, &[to.address], Protocol::Blobs)
        .await
        .unwrap()
}

/// What a provider sends for all of a blob.
async fn encoded(blobs: &Blobs, hash: &ContentHash) -> Vec<u8> {
    let whole = blobs.0.stacks.whole(hash).unwrap().unwrap();
    let pieces = whole.pieces();
    let mut bytes = vec![0; pieces.size() as usize];
    whole.read(0, &mut bytes).unwrap();
    [&pieces.size().to_le_bytes(), pieces.list(), &bytes].concat()
}

/// Answers each request of a connection with `all`, piece by piece.
async fn answer(connection: Connection, all: Arc<Vec<u8>>, pause: Duration) {
    while let Ok((mut send, mut recv)) = connection.accept_bi().await {
        let _ = recv.read_to_end(1 << 20).await;
        let mut pieces = all.chunks(64 << 10).peekable();
        while let Some(piece) = pieces.next() {
            let _ = send.write_all(piece).await;
            if pieces.peek().is_some() {
                tokio::time::sleep(pause).await;
            }
        }
        let _ = send.finish();
    }
}

#[tokio::test]
async fn what_was_added_is_read_back_whole_and_in_parts() {
    let (folder, blobs) = open().await;
    for len in [0, 1, 1_024, 16_384, 16_385, (1 << 20) + 7] {
        let bytes = noise(len);
        let (hash, size) = blobs.add_bytes(bytes.clone()).await.unwrap();
        assert_eq!((hash, size), (ContentHash::of(&bytes), len as u64));
        let file = folder.path().join("file");
        std::fs::write(&file, &bytes).unwrap();
        assert_eq!(blobs.add_file(&file).await.unwrap(), (hash, size));
        assert!(blobs.has(&hash).await);
        let size = size as usize;
        for (from, to) in [
            (0, size),
            (0, size / 2),
            (size / 3, size),
            (size / 3, size / 2),
            (size, size),
        ] {
            let mut part = Vec::new();
            let len = Some((to - from) as u64);
            let mut reader = blobs.read(&hash, from as u64, len).await.unwrap();
            assert_eq!(reader.remaining(), (to - from) as u64);
            reader.read_to_end(&mut part).await.unwrap();
            assert_eq!(part, bytes[from..to], "{from}..{to} of {size}");
        }
        let copy = folder.path().join("copy");
        assert_eq!(blobs.export(&hash, &copy).await.unwrap(), size as u64);
        assert_eq!(std::fs::read(copy).unwrap(), bytes);
        assert!(matches!(
            blobs.read(&hash, size as u64 + 1, None).await,
            Err(Error::Range { .. })
        ));
    }
    let (count, bytes) = blobs.total().await.unwrap();
    assert_eq!(
        (count, bytes),
        (6, 1 + 1_024 + 16_384 + 16_385 + (1 << 20) + 7)
    );
    blobs.add_bytes(noise(77)).await.unwrap();
    blobs.add_bytes(noise(77)).await.unwrap();
    assert_eq!(blobs.total().await.unwrap(), (count + 1, bytes + 77));
    let unknown = ContentHash::of(b"unknown");
    assert!(!blobs.has(&unknown).await);
    assert!(matches!(
        blobs.read(&unknown, 0, None).await,
        Err(Error::NotHeld(_))
    ));
}

#[tokio::test]
async fn what_was_added_is_there_after_a_restart() {
    let (folder, blobs) = open().await;
    let (large, _) = blobs.add_bytes(noise(100_000)).await.unwrap();
    let (small, _) = blobs.add_bytes(noise(10)).await.unwrap();
    drop(blobs);
    let blobs = Blobs::open(&folder.path().join("blobs")).await.unwrap();
    assert_eq!(blobs.size(&large).await.unwrap(), Some(100_000));
    assert_eq!(blobs.size(&small).await.unwrap(), Some(10));
}

#[tokio::test]
async fn bytes_that_changed_on_disk_are_never_given_out() {
    let (folder, blobs) = open().await;
    let bytes = noise(1 << 20);
    let (hash, _) = blobs.add_bytes(bytes.clone()).await.unwrap();
    let path = blobs.0.stacks.data(&hash);
    let mut stored = std::fs::read(&path).unwrap();
    stored[500_000] ^= 1;
    std::fs::write(&path, &stored).unwrap();

    let mut whole = Vec::new();
    let mut reader = blobs.read(&hash, 0, None).await.unwrap();
    let error = reader.read_to_end(&mut whole).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    assert!(whole.len() <= 500_000 && whole == bytes[..whole.len()]);
    let copy = folder.path().join("copy");
    assert!(matches!(
        blobs.export(&hash, &copy).await,
        Err(Error::Damaged(_))
    ));
    assert!(!copy.exists());
    // Another part of it is still what it was.
    let mut part = Vec::new();
    blobs
        .read(&hash, 600_000, Some(100))
        .await
        .unwrap()
        .read_to_end(&mut part)
        .await
        .unwrap();
    assert_eq!(part, bytes[600_000..600_100]);
}

#[tokio::test]
async fn a_blob_comes_from_a_peer_once_and_not_above_its_size() {
    let ((_a, there), (_b, here)) = (open().await, open().await);
    let (hash, size) = there.add_bytes(noise(300_000)).await.unwrap();
    let (small, _) = there.add_bytes(noise(9)).await.unwrap();
    let (server, client) = (honest(1, &there).await, peer(2).await);
    let connection = connect(&client, &server).await;
    let refused = here.receive(&connection, &hash, size - 1).await;
    assert!(
        matches!(refused, Err(ReceiveError::TooLarge { size: 300_000, .. })),
        "{refused:?}"
    );
    assert!(!here.has(&hash).await);
    let got = here.receive(&connection, &hash, size).await.unwrap();
    assert_eq!(
        got,
        Received {
            size,
            transferred: size
        }
    );
    let again = here.receive(&connection, &hash, size).await.unwrap();
    assert_eq!(again.transferred, 0);
    assert_eq!(here.receive(&connection, &small, 9).await.unwrap().size, 9);
    let unknown = here
        .receive(&connection, &ContentHash::of(b"unknown"), 9)
        .await;
    assert!(
        matches!(
            unknown,
            Err(ReceiveError::NotHeld(_) | ReceiveError::Broken(_))
        ),
        "{unknown:?}"
    );
}

#[tokio::test]
async fn a_peer_that_sends_wrong_bytes_is_refused_and_an_honest_one_completes() {
    let ((_a, there), (_b, here)) = (open().await, open().await);
    let (hash, max) = there.add_bytes(noise(1 << 20)).await.unwrap();
    let mut all = encoded(&there, &hash).await;
    let middle = all.len() / 2;
    all[middle] ^= 1;
    let all = Arc::new(all);
    let liar = provider(1, move |c| answer(c, all.clone(), Duration::ZERO)).await;
    let garbage = provider(2, |c| answer(c, Arc::new(noise(100_000)), Duration::ZERO)).await;
    let (server, client) = (honest(3, &there).await, peer(4).await);

    let wrong = here
        .receive(&connect(&client, &liar).await, &hash, max)
        .await;
    assert!(matches!(wrong, Err(ReceiveError::Wrong(_))), "{wrong:?}");
    assert!(!here.has(&hash).await);
    let wrong = here
        .receive(&connect(&client, &garbage).await, &hash, max)
        .await;
    assert!(wrong.is_err() && !here.has(&hash).await);
    let got = here
        .receive(&connect(&client, &server).await, &hash, max)
        .await
        .unwrap();
    assert!(
        got.transferred < max,
        "what was verified from the liar was kept: {got:?}"
    );
    assert_eq!(here.size(&hash).await.unwrap(), Some(max));
}

#[tokio::test]
async fn a_peer_that_says_nothing_is_left() {
    let (_a, here) = open().await;
    let silent = provider(1, |c| async move {
        c.closed().await;
    })
    .await;
    let client = peer(2).await;
    let began = std::time::Instant::now();
    let stalled = here
        .receive(&connect(&client, &silent).await, &ContentHash::of(b"x"), 9)
        .await;
    assert!(matches!(stalled, Err(ReceiveError::Stalled)), "{stalled:?}");
    assert!(began.elapsed() < Duration::from_secs(6));
}

const CHILD: &str = "COMMUN_TEST_RECEIVE";

/// Run as another process by the test below; does nothing by itself.
#[tokio::test]
async fn receive_in_a_process_that_will_be_killed() {
    let Ok(task) = std::env::var(CHILD) else {
        return;
    };
    let [folder, address, key, hash] = task.split(' ').collect::<Vec<_>>().try_into().unwrap();
    let here = Blobs::open(Path::new(folder)).await.unwrap();
    let (node, client) = (key.parse().unwrap(), peer(9).await);
    let server = [address.parse().unwrap()];
    let connection = data::dial(&client.endpoint, &node, &server, Protocol::Blobs)
        .await
        .unwrap();
    here.receive(&connection, &hash.parse().unwrap(), u64::MAX)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_transfer_that_was_killed_continues_where_it_was() {
    const SIZE: usize = 12 << 20;
    let (_a, there) = open().await;
    let (hash, max) = there.add_bytes(noise(SIZE)).await.unwrap();
    let all = Arc::new(encoded(&there, &hash).await);
    let pause = Duration::from_millis(20);
    let slow = provider(1, move |c| answer(c, all.clone(), pause)).await;
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().join("blobs");

    let task = format!("{} {} {} {hash}", here.display(), slow.address, slow.key);
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "blobs::tests::receive_in_a_process_that_will_be_killed",
        ])
        .env(CHILD, task)
        .spawn()
        .unwrap();
    let name = data_encoding::HEXLOWER.encode(&hash.0);
    let data = here.join("data").join(format!("{name}.part"));
    let enough = async {
        let mut often = tokio::time::interval(Duration::from_millis(10));
        while std::fs::metadata(&data).map_or(0, |m| m.len()) < (SIZE / 3) as u64 {
            assert!(
                child.try_wait().unwrap().is_none(),
                "the process ended by itself"
            );
            often.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), enough)
        .await
        .expect("a third arrived");
    // SIGKILL: nothing is flushed, nobody says good-bye.
    child.kill().unwrap();
    child.wait().unwrap();

    let here = Blobs::open(&here).await.unwrap();
    assert!(!here.has(&hash).await);
    let (server, client) = (honest(3, &there).await, peer(4).await);
    let got = here
        .receive(&connect(&client, &server).await, &hash, max)
        .await
        .unwrap();
    assert!(got.transferred < (SIZE - SIZE / 4) as u64, "{got:?}");
    let mut reader = here.read(&hash, 0, None).await.unwrap();
    let mut copy = blake3::Hasher::new();
    while let Some(piece) = reader.next().await {
        copy.update(&piece.unwrap());
    }
    assert_eq!(*copy.finalize().as_bytes(), hash.0);
}

#[tokio::test]
async fn a_peer_that_trickles_is_left_and_what_it_gave_is_kept() {
    let ((_a, there), (_b, here)) = (open().await, open().await);
    let (hash, max) = there.add_bytes(noise(1 << 20)).await.unwrap();
    let all = Arc::new(encoded(&there, &hash).await);
    // 64 KiB at a time, but too seldom.
    let slow = provider(1, move |c| {
        answer(c, all.clone(), Duration::from_millis(6_500))
    })
    .await;
    let client = peer(2).await;
    let stalled = here
        .receive(&connect(&client, &slow).await, &hash, max)
        .await;
    assert!(matches!(stalled, Err(ReceiveError::Stalled)), "{stalled:?}");
}

#[tokio::test]
async fn what_is_erased_is_in_no_file_and_what_is_not_stays() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(dir.path()).await.unwrap();
    let small = b"a short secret of somebody".repeat(3);
    let large: Vec<u8> = (0..200_000u32).flat_map(|n| n.to_be_bytes()).collect();
    let kept = b"what everybody may read".repeat(9);
    let mut hashes = Vec::new();
    for bytes in [&small, &large, &kept] {
        hashes.push(blobs.add_bytes(bytes.clone()).await.unwrap().0);
    }
    assert_eq!(blobs.total().await.unwrap().0, 3);
    blobs.erase(&hashes[..2]).await.unwrap();
    assert!(!blobs.has(&hashes[0]).await && !blobs.has(&hashes[1]).await);
    assert!(blobs.has(&hashes[2]).await);
    assert_eq!(blobs.total().await.unwrap(), (1, kept.len() as u64));
    blobs.erase(&hashes[..1]).await.unwrap();
    let needles = [&small[..64], &large[40_000..40_064]];
    assert!(!crate::testing::found_in(dir.path(), &needles));
    assert!(crate::testing::found_in(dir.path(), &[&kept[..64]]));
}

#[tokio::test]
async fn small_blobs_come_together_up_to_the_first_that_is_not_there() {
    let ((_a, there), (_b, here)) = (open().await, open().await);
    let mut wanted = Vec::new();
    for len in [0, 1, 1_024, 16_384, 16_385, 40_000, 65_536] {
        let (hash, size) = there.add_bytes(noise(len)).await.unwrap();
        wanted.push((hash, size));
    }
    let (server, client) = (honest(1, &there).await, peer(2).await);
    let connection = connect(&client, &server).await;
    let sizes = |many: &Many| many.received.iter().map(|r| r.size).collect::<Vec<_>>();
    let many = here.receive_many(&connection, &wanted[..4]).await;
    assert!(many.why.is_none(), "{:?}", many.why);
    assert_eq!(sizes(&many), [0, 1, 1_024, 16_384]);
    // The same twice is given twice; what is larger than was said, or unknown, ends the answer.
    let again = [
        wanted[4],
        wanted[4],
        wanted[5],
        (wanted[6].0, 65_535),
        wanted[0],
    ];
    let many = here.receive_many(&connection, &again).await;
    assert_eq!(sizes(&many), [16_385, 16_385, 40_000]);
    assert!(matches!(many.why, Some(ReceiveError::TooLarge { .. })));
    let unknown = (ContentHash::of(b"unknown"), 9);
    let many = here.receive_many(&connection, &[wanted[6], unknown]).await;
    assert_eq!(sizes(&many), [65_536]);
    assert!(
        matches!(many.why, Some(ReceiveError::NotHeld(_))),
        "{:?}",
        many.why
    );
    for (hash, size) in wanted.clone() {
        let mut bytes = Vec::new();
        let mut reader = here.read(&hash, 0, None).await.unwrap();
        reader.read_to_end(&mut bytes).await.unwrap();
        assert_eq!((ContentHash::of(&bytes), bytes.len() as u64), (hash, size));
    }
    // One by one, as a node of an older release asks.
    let (_c, third) = open().await;
    for (hash, size) in [wanted[3], wanted[4], wanted[6]] {
        let got = third.receive(&connection, &hash, size).await.unwrap();
        assert_eq!(got.size, size);
    }
}

#[tokio::test]
async fn one_that_gives_other_bytes_for_a_small_blob_is_not_believed() {
    let (_b, here) = open().await;
    let liar = provider(1, |c| async move {
        while let Ok((mut send, mut recv)) = c.accept_bi().await {
            let _ = recv.read_to_end(1 << 20).await;
            let _ = send.write_all(&5_u64.to_le_bytes()).await;
            let _ = send.write_all(b"wrong").await;
            let _ = send.finish();
        }
    })
    .await;
    let client = peer(2).await;
    let wanted = [(ContentHash::of(b"right"), 5)];
    let many = here
        .receive_many(&connect(&client, &liar).await, &wanted)
        .await;
    assert!(many.received.is_empty());
    assert!(
        matches!(many.why, Some(ReceiveError::Wrong(_))),
        "{:?}",
        many.why
    );
    assert!(!here.has(&wanted[0].0).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_taken_in_while_it_comes_is_written_once_and_goes_if_nobody_adds_it() {
    let (folder, blobs) = open().await;
    let bytes = noise(3 << 20);
    let hash = ContentHash::of(&bytes);
    let data = blobs.0.stacks.data(&hash);
    let gone = async || {
        for _ in 0..500 {
            if !data.exists() && blobs.0.stacks.temp().read_dir().unwrap().next().is_none() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("it is here still");
    };
    for add in [false, true] {
        let name = folder.path().join(format!("upload-{add}"));
        let mut keeping = blobs.keep();
        for piece in bytes.chunks(1 << 20) {
            keeping.put(piece.to_vec().into()).await.unwrap();
        }
        let kept = keeping.finish(&name).await.unwrap();
        assert_eq!(std::fs::read(&name).unwrap(), bytes);
        if add {
            let added = blobs.add_file(&name).await.unwrap();
            assert_eq!(added, (hash, bytes.len() as u64));
        }
        std::fs::remove_file(&name).unwrap();
        drop(kept);
        if !add {
            gone().await;
        }
    }
    // One that broke off leaves nothing, and what was added stays.
    let mut keeping = blobs.keep();
    keeping.put(noise(2 << 20).into()).await.unwrap();
    drop(keeping);
    let other = blobs.0.stacks.data(&ContentHash::of(&noise(2 << 20)));
    for _ in 0..500 {
        if !other.exists() && blobs.0.stacks.temp().read_dir().unwrap().next().is_none() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(!other.exists() && blobs.has(&hash).await);
    assert_eq!(blobs.total().await.unwrap(), (1, bytes.len() as u64));
}

#[tokio::test]
async fn a_file_in_the_place_of_one_that_came_is_not_taken_for_it() {
    let (folder, blobs) = open().await;
    let (first, second) = (noise(1 << 20), noise(1 << 21).split_off(1 << 20));
    let name = folder.path().join("upload");
    let mut keeping = blobs.keep();
    keeping.put(first.clone().into()).await.unwrap();
    let kept = keeping.finish(&name).await.unwrap();
    assert!(blobs.0.coming.find(&name).is_some());
    // Of the same size, in the same inode: more than chance would do.
    std::fs::write(&name, &second).unwrap();
    assert!(blobs.0.coming.find(&name).is_none());
    let (hash, _) = blobs.add_file(&name).await.unwrap();
    assert_eq!(hash, ContentHash::of(&second));
    // And in any that comes after the name was removed.
    std::fs::remove_file(&name).unwrap();
    for n in 0..20 {
        let other = folder.path().join(format!("other-{n}"));
        std::fs::write(&other, &second).unwrap();
        assert!(blobs.0.coming.find(&other).is_none());
    }
    drop(kept);
    assert!(!blobs.has(&ContentHash::of(&first)).await);
}

#[tokio::test]
async fn what_somebody_publishes_is_erased_when_that_has_ended() {
    let (folder, blobs) = open().await;
    let bytes = noise(1 << 20);
    let (name, hash) = (folder.path().join("upload"), ContentHash::of(&bytes));
    let mut keeping = blobs.keep();
    keeping.put(bytes.into()).await.unwrap();
    let kept = keeping.finish(&name).await.unwrap();
    blobs.add_file(&name).await.unwrap();
    assert!(blobs.erase(&[hash]).await.is_err() && blobs.has(&hash).await);
    drop(kept);
    blobs.erase(&[hash]).await.unwrap();
    assert!(!blobs.has(&hash).await);
    assert_eq!(blobs.total().await.unwrap(), (0, 0));
}

#[test]
fn what_the_system_says_of_a_full_disk_goes_through() {
    let full = || std::io::Error::from_raw_os_error(28);
    let file = Error::File {
        what: "write",
        path: "x".into(),
        source: full(),
    };
    for error in [super::store(full()), file] {
        assert!(error.to_string().contains("(os error 28)"), "{error}");
    }
}

#[tokio::test]
async fn erasing_takes_what_came_in_part_and_leaves_the_empty_blob() {
    let (_folder, blobs) = open().await;
    let hash = ContentHash::of(&noise(100_000));
    let data = blobs.0.stacks.data(&hash);
    let files = ["data", "part", "pieces"].map(|kind| data.with_extension(kind));
    for file in &files {
        std::fs::write(file, noise(100)).unwrap();
    }
    let (empty, _) = blobs.add_bytes(Vec::new()).await.unwrap();
    blobs.erase(&[empty, hash]).await.unwrap();
    assert!(files.iter().all(|f| !f.exists()));
    assert!(blobs.has(&empty).await);
}

/// Blocks everything from some moment on.
#[derive(Default)]
struct Late(std::sync::atomic::AtomicBool);

impl Guard for Late {
    fn blocked(&self, _: &ContentHash) -> Option<String> {
        self.0.load(Ordering::Relaxed).then(|| "erased".to_owned())
    }

    fn not_for_peers(&self, _: &ContentHash) -> bool {
        false
    }
}

#[tokio::test]
async fn what_is_taken_down_while_it_comes_does_not_stay() {
    let ((_a, there), (_b, here)) = (open().await, open().await);
    let (hash, max) = there.add_bytes(noise(1 << 20)).await.unwrap();
    let all = Arc::new(encoded(&there, &hash).await);
    let slow = provider(1, move |c| {
        answer(c, all.clone(), Duration::from_millis(50))
    })
    .await;
    let guard = Arc::new(Late::default());
    here.set_guard(guard.clone());
    let client = peer(2).await;
    let connection = connect(&client, &slow).await;
    let receiving = here.receive(&connection, &hash, max);
    let blocking = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        guard.0.store(true, Ordering::Relaxed);
    };
    let (came, ()) = tokio::join!(receiving, blocking);
    let blocked = matches!(came, Err(ReceiveError::Store(Error::Blocked(_))));
    assert!(blocked, "{came:?}");
    assert!(here.received() > 0 && !here.has(&hash).await);
    assert!(!here.0.stacks.is_coming(&hash));
}

#[tokio::test]
async fn a_list_that_is_lost_is_made_anew_and_a_file_that_is_damaged_is_replaced_when_it_comes_again()
 {
    let (folder, blobs) = open().await;
    let bytes = noise(700_000);
    let (hash, size) = blobs.add_bytes(bytes.clone()).await.unwrap();
    let data = blobs.0.stacks.data(&hash);
    for list in [None, Some(&b"no list"[..])] {
        let path = data.with_extension("pieces");
        match list {
            None => std::fs::remove_file(&path).unwrap(),
            Some(list) => std::fs::write(&path, list).unwrap(),
        }
        let again = Blobs::open(&folder.path().join("blobs")).await.unwrap();
        assert_eq!(again.total().await.unwrap(), (1, size));
        let copy = folder.path().join("copy");
        assert_eq!(again.export(&hash, &copy).await.unwrap(), size);
        assert_eq!(std::fs::read(copy).unwrap(), bytes);
        assert!(std::fs::metadata(&path).unwrap().len() > 100);
    }
    // Shorter than it was: no part of it is given out as if it were all.
    std::fs::write(&data, &bytes[..300_000]).unwrap();
    let damaged = blobs.read(&hash, 0, None).await;
    assert!(matches!(damaged, Err(Error::Damaged(_))));
    let name = folder.path().join("upload");
    let mut keeping = blobs.keep();
    keeping.put(bytes.clone().into()).await.unwrap();
    let _kept = keeping.finish(&name).await.unwrap();
    for _ in 0..2 {
        assert_eq!(blobs.add_file(&name).await.unwrap(), (hash, size));
        let mut whole = Vec::new();
        let mut reader = blobs.read(&hash, 0, None).await.unwrap();
        reader.read_to_end(&mut whole).await.unwrap();
        assert_eq!(whole, bytes);
        assert_eq!(blobs.total().await.unwrap(), (1, size));
    }
    assert!(blobs.0.stacks.temp().read_dir().unwrap().next().is_none());
}

#[tokio::test]
async fn what_was_lost_of_a_part_comes_again_and_the_rest_does_not() {
    let ((_a, there), (_b, here)) = (open().await, open().await);
    let bytes = noise((1 << 20) + 5_000);
    let (hash, size) = there.add_bytes(bytes.clone()).await.unwrap();
    // As after a loss of power: pages of zeros within, and bytes missing at the end; once with the list, once without.
    let piece = stacks::pieces::PIECE;
    let mut part = bytes[..6 * piece as usize + 700].to_vec();
    part[2 * piece as usize..][..4096].fill(0);
    let (server, client) = (honest(1, &there).await, peer(2).await);
    let connection = connect(&client, &server).await;
    for listed in [true, false] {
        let data = here.0.stacks.data(&hash);
        std::fs::write(data.with_extension("part"), &part).unwrap();
        if listed {
            let from = there.0.stacks.data(&hash).with_extension("pieces");
            std::fs::copy(from, data.with_extension("pieces")).unwrap();
        }
        let got = here.receive(&connection, &hash, size).await.unwrap();
        let lost = piece + (size - 6 * piece);
        assert_eq!((got.size, got.transferred), (size, lost), "{listed}");
        assert_eq!(std::fs::read(&data).unwrap(), bytes);
        here.erase(&[hash]).await.unwrap();
    }
}

#[tokio::test]
async fn one_that_lies_about_the_size_brings_nothing_and_the_next_one_all() {
    let ((_a, there), (_b, here)) = (open().await, open().await);
    let (hash, size) = there.add_bytes(noise(4 << 20)).await.unwrap();
    let all = encoded(&there, &hash).await;
    let (server, client) = (honest(1, &there).await, peer(2).await);
    // A shorter blob, by the hashes of the upper level, and one with another last piece.
    let piece = stacks::pieces::PIECE as usize;
    let list = &all[8..][..32 * 32];
    let (values, _) = list.as_chunks::<32>();
    let pairs = values.as_chunks::<2>().0.iter().map(|[left, right]| {
        let mode = blake3::hazmat::Mode::Hash;
        blake3::hazmat::merge_subtrees_non_root(left, right, mode)
    });
    let upper = pairs.collect::<Vec<_>>().concat();
    let half = (16 * piece as u64).to_le_bytes();
    let shorter = [&half[..], &upper, &all[8 + list.len()..]].concat();
    let mut less = all.clone();
    less[..8].copy_from_slice(&(size - 1).to_le_bytes());
    for (n, lie) in [shorter, less].into_iter().enumerate() {
        let lie = Arc::new(lie);
        let liar = provider(3 + n as u8, move |c| answer(c, lie.clone(), Duration::ZERO)).await;
        let wrong = here
            .receive(&connect(&client, &liar).await, &hash, size)
            .await;
        assert!(matches!(wrong, Err(ReceiveError::Wrong(_))), "{wrong:?}");
        assert!(!here.has(&hash).await);
    }
    // Whatever stands behind the end is not taken.
    let more = Arc::new([all, noise(3 << 20)].concat());
    let liar = provider(7, move |c| answer(c, more.clone(), Duration::ZERO)).await;
    let (_c, third) = open().await;
    let connection = connect(&client, &liar).await;
    let got = third.receive(&connection, &hash, size).await.unwrap();
    assert_eq!((got.size, got.transferred), (size, size));
    let connection = connect(&client, &server).await;
    let got = here.receive(&connection, &hash, size).await.unwrap();
    assert!(got.transferred <= piece as u64, "{got:?}");
    let mut whole = Vec::new();
    let mut reader = here.read(&hash, 0, None).await.unwrap();
    reader.read_to_end(&mut whole).await.unwrap();
    assert_eq!(ContentHash::of(&whole), hash);
}

#[tokio::test]
async fn two_who_want_a_blob_at_once_get_it_once() {
    let ((_a, there), (_b, here)) = (open().await, open().await);
    let (hash, size) = there.add_bytes(noise(3 << 20)).await.unwrap();
    let (one, other) = (honest(1, &there).await, honest(2, &there).await);
    let client = peer(3).await;
    let (one, other) = (connect(&client, &one).await, connect(&client, &other).await);
    let (a, b) = tokio::join!(
        here.receive(&one, &hash, size),
        here.receive(&other, &hash, size)
    );
    assert_eq!(a.unwrap().transferred + b.unwrap().transferred, size);
    assert_eq!(here.total().await.unwrap(), (1, size));
}

#[tokio::test]
async fn what_no_node_would_ask_is_not_answered() {
    let (_a, there) = open().await;
    let (hash, size) = there.add_bytes(noise(300_000)).await.unwrap();
    let (server, client) = (honest(1, &there).await, peer(2).await);
    let connection = connect(&client, &server).await;
    let one = |start, end| wire::Request::One(hash, std::ops::Range { start, end }).encode();
    for (asked, answered) in [
        (Vec::new(), 0),
        (vec![9; 100_000], 0),
        (one(0, 0), 8 + 3 * 32),
        (one(size, u64::MAX), 8 + 3 * 32),
        (one(u64::MAX, 0), 8 + 3 * 32),
        (one(size - 1, u64::MAX), 8 + 3 * 32 + 1),
    ] {
        let (mut send, mut recv) = connection.open_bi().await.unwrap();
        let _ = send.write_all(&asked).await;
        let _ = send.finish();
        let got = recv.read_to_end(1 << 20).await.unwrap_or_default();
        assert_eq!(got.len(), answered, "{} bytes", asked.len());
    }
}

#[tokio::test]
async fn what_the_former_store_left_is_taken_over_whole_or_as_a_part() {
    let ((_a, there), folder) = (open().await, tempfile::tempdir().unwrap());
    let (whole, part) = (noise(300_000), noise(900_000));
    let (hash, size) = there.add_bytes(part.clone()).await.unwrap();
    let at = folder.path().join("data");
    std::fs::create_dir_all(&at).unwrap();
    let name = |bytes: &[u8], kind| at.join(format!("{}.{kind}", blake3::hash(bytes).to_hex()));
    std::fs::write(name(&whole, "data"), &whole).unwrap();
    std::fs::write(name(&whole, "obao4"), "a tree").unwrap();
    std::fs::write(name(&part, "data"), &part[..500_000]).unwrap();
    std::fs::write(name(&part, "bitfield"), "its bits").unwrap();
    std::fs::write(folder.path().join("blobs.db"), "its database").unwrap();
    let here = Blobs::open(folder.path()).await.unwrap();
    let (held, copy) = (ContentHash::of(&whole), folder.path().join("copy"));
    assert_eq!(here.export(&held, &copy).await.unwrap(), 300_000);
    assert_eq!(here.total().await.unwrap(), (1, 300_000));
    let (server, client) = (honest(1, &there).await, peer(2).await);
    let connection = connect(&client, &server).await;
    let got = here.receive(&connection, &hash, size).await.unwrap();
    let kept = 500_000 / stacks::pieces::PIECE * stacks::pieces::PIECE;
    assert_eq!(got.transferred, size - kept);
    let mut kinds: Vec<_> = at.read_dir().unwrap().collect();
    kinds.retain(|f| {
        let name = f.as_ref().unwrap().file_name().into_string().unwrap();
        !name.ends_with(".data") && !name.ends_with(".pieces")
    });
    assert!(kinds.is_empty() && !folder.path().join("blobs.db").exists());
}
