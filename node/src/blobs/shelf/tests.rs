use super::*;

fn blob(n: u32, len: usize) -> (ContentHash, Bytes) {
    let mut bytes = vec![0; len];
    blake3::Hasher::new()
        .update(&n.to_le_bytes())
        .finalize_xof()
        .fill(&mut bytes);
    (ContentHash::of(&bytes), bytes.into())
}

fn pack_file(dir: &tempfile::TempDir) -> PathBuf {
    dir.path().join("00000001.pack")
}

/// Closes a shelf: its thread has ended, so that it may be opened again.
fn close(shelf: Shelf) {
    drop(shelf.jobs);
    // The index's last connection of the thread is closed when the pack is.
    let pack = Arc::downgrade(&shelf.read.pack);
    drop(shelf.read);
    while pack.strong_count() > 0 {
        std::thread::yield_now();
    }
}

#[tokio::test]
async fn what_is_on_the_shelf_is_there_after_a_restart_also_without_its_index() {
    let dir = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(dir.path()).unwrap();
    let blobs: Vec<_> = (0..200).map(|n| blob(n, n as usize * 7)).collect();
    shelf.add(blobs.clone()).await.unwrap();
    // Twice is once.
    shelf.add(blobs[..50].to_vec()).await.unwrap();
    let bytes = blobs.iter().map(|(_, b)| b.len() as u64).sum();
    assert_eq!(shelf.total().unwrap(), (200, bytes));
    close(shelf);
    for without in [false, true] {
        if without {
            std::fs::write(dir.path().join("index.db"), b"no database, but long enough").unwrap();
        }
        let shelf = Shelf::open(dir.path()).unwrap();
        assert_eq!(shelf.total().unwrap(), (200, bytes));
        for (hash, content) in &blobs {
            assert_eq!(shelf.get(hash).unwrap().as_ref(), Some(content));
            assert_eq!(shelf.size(hash).unwrap(), Some(content.len() as u64));
        }
        assert_eq!(shelf.get(&blob(999, 9).0).unwrap(), None);
        close(shelf);
    }
}

#[tokio::test]
async fn what_a_crash_kept_from_the_index_is_found_and_what_it_cut_off_is_dropped() {
    let dir = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(dir.path()).unwrap();
    let (first, second) = (blob(1, 3_000), blob(2, 5_000));
    shelf.add(vec![first.clone()]).await.unwrap();
    close(shelf);
    let index = std::fs::read(dir.path().join("index.db")).unwrap();
    let shelf = Shelf::open(dir.path()).unwrap();
    shelf.add(vec![second.clone()]).await.unwrap();
    shelf.add(vec![blob(3, 9_000)]).await.unwrap();
    close(shelf);
    // The index is as it was before the second; of the third, a part is on the disk.
    std::fs::write(dir.path().join("index.db"), index).unwrap();
    let path = pack_file(&dir);
    let all = std::fs::read(&path).unwrap();
    std::fs::write(&path, &all[..all.len() - 4_000]).unwrap();
    let shelf = Shelf::open(dir.path()).unwrap();
    for (hash, content) in [&first, &second] {
        assert_eq!(shelf.get(hash).unwrap().as_ref(), Some(content));
    }
    assert_eq!(shelf.get(&blob(3, 9_000).0).unwrap(), None);
    assert_eq!(shelf.total().unwrap(), (2, 8_000));
    // What comes next stands behind what is whole.
    shelf.add(vec![blob(4, 100)]).await.unwrap();
    close(shelf);
    assert_eq!(std::fs::read(&path).unwrap().len(), 3 * 36 + 8_100);
    let shelf = Shelf::open(dir.path()).unwrap();
    assert!(shelf.get(&blob(4, 100).0).unwrap().is_some());
}

#[tokio::test]
async fn what_is_erased_is_zeros_in_the_pack_and_comes_back_from_no_scan() {
    let dir = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(dir.path()).unwrap();
    let blobs: Vec<_> = (0..10).map(|n| blob(n, 1_000)).collect();
    shelf.add(blobs.clone()).await.unwrap();
    let doomed = vec![blobs[3].0, blobs[9].0, blob(77, 5).0];
    shelf.erase(doomed.clone()).await.unwrap();
    shelf.erase(doomed).await.unwrap();
    assert_eq!(shelf.total().unwrap(), (8, 8_000));
    let gone = [&blobs[3], &blobs[9]];
    let needles = gone.map(|(hash, content)| (hash.0, content.slice(..64)));
    let all: Vec<&[u8]> = needles
        .iter()
        .flat_map(|(hash, content)| [&hash[..], &content[..]])
        .collect();
    assert!(!crate::testing::found_in(dir.path(), &all));
    assert!(crate::testing::found_in(dir.path(), &[&blobs[4].1[..64]]));
    close(shelf);
    std::fs::remove_file(dir.path().join("index.db")).unwrap();
    let shelf = Shelf::open(dir.path()).unwrap();
    assert_eq!(shelf.total().unwrap(), (8, 8_000));
    assert_eq!(shelf.get(&blobs[9].0).unwrap(), None);
    // It may come again.
    shelf.add(vec![blobs[9].clone()]).await.unwrap();
    assert_eq!(shelf.get(&blobs[9].0).unwrap(), Some(blobs[9].1.clone()));
}

#[tokio::test]
async fn bytes_that_changed_in_the_pack_are_never_given_out() {
    let dir = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(dir.path()).unwrap();
    let (hash, content) = blob(1, 5_000);
    shelf.add(vec![(hash, content)]).await.unwrap();
    let path = pack_file(&dir);
    let mut stored = std::fs::read(&path).unwrap();
    stored[2_000] ^= 1;
    std::fs::write(&path, stored).unwrap();
    assert!(matches!(shelf.get(&hash), Err(Error::Damaged(h)) if h == hash));
}

#[tokio::test]
async fn a_full_file_is_followed_by_another() {
    let dir = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(dir.path()).unwrap();
    let len = MAX_SHELVED as usize;
    let mut last = 0;
    for part in 0..5 {
        last = part * 256;
        let blobs = (last..last + 256).map(|n| blob(n, len)).collect();
        shelf.add(blobs).await.unwrap();
    }
    assert!(dir.path().join("00000002.pack").exists());
    let total = shelf.total().unwrap();
    assert_eq!(total, (5 * 256, 5 * 256 * MAX_SHELVED));
    close(shelf);
    std::fs::remove_file(dir.path().join("index.db")).unwrap();
    let shelf = Shelf::open(dir.path()).unwrap();
    assert_eq!(shelf.total().unwrap(), total);
    assert!(shelf.get(&blob(last, len).0).unwrap().is_some());
}
