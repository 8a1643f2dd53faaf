use super::*;

/// What the child is to receive, from where.
const FULL: &str = "COMMUN_TEST_FULL";

#[tokio::test(flavor = "multi_thread")]
async fn receive_in_a_process_that_may_write_no_large_file() {
    let Ok(task) = std::env::var(FULL) else {
        return;
    };
    let [folder, address, key, hash] = task.split(' ').collect::<Vec<_>>().try_into().unwrap();
    let here = Blobs::open(Path::new(folder)).await.unwrap();
    let (node, client) = (key.parse().unwrap(), peer(9).await);
    let server = [address.parse().unwrap()];
    let connection = data::dial(&client.endpoint, &node, &server, Protocol::Blobs)
        .await
        .unwrap();
    let hash = hash.parse().unwrap();
    let came = here.receive(&connection, &hash, u64::MAX).await;
    assert!(matches!(came, Err(ReceiveError::Store(_))), "{came:?}");
    assert!(!here.has(&hash).await);
    assert_eq!(here.total().await.unwrap(), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_written_is_not_held_and_what_could_is_not_sent_again() {
    const SIZE: usize = 6 << 20;
    let (_a, there) = open().await;
    let (hash, max) = there.add_bytes(noise(SIZE)).await.unwrap();
    let server = honest(1, &there).await;
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().join("blobs");
    // The system refuses to make a file longer than 1 or 2 MiB, as the shell counts.
    let limited = "trap '' XFSZ; ulimit -f 2048; exec \"$@\"";
    let name = "blobs::tests::full_disk::receive_in_a_process_that_may_write_no_large_file";
    let task = format!(
        "{} {} {} {hash}",
        here.display(),
        server.address,
        server.key
    );
    let mut child = Command::new("sh");
    child
        .args(["-c", limited, "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", name])
        .env(FULL, task);
    let child = tokio::task::spawn_blocking(move || child.output());
    let child = child.await.unwrap().unwrap();
    assert!(child.status.success(), "{child:?}");

    let here = Blobs::open(&here).await.unwrap();
    assert!(!here.has(&hash).await);
    let client = peer(2).await;
    let connection = connect(&client, &server).await;
    let got = here.receive(&connection, &hash, max).await.unwrap();
    assert!(got.transferred < SIZE as u64, "{got:?}");
    assert_eq!(here.total().await.unwrap(), (1, SIZE as u64));
}
