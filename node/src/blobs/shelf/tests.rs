use super::*;

fn blob(n: u32, len: usize) -> (ContentHash, Bytes) {
    let mut bytes = vec![0; len];
    blake3::Hasher::new()
        .update(&n.to_le_bytes())
        .finalize_xof()
        .fill(&mut bytes);
    (ContentHash::of(&bytes), bytes.into())
}

fn open(dir: &tempfile::TempDir) -> Shelf {
    Shelf::open(dir.path(), Guarded::default()).unwrap()
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
    let shelf = open(&dir);
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
        let shelf = open(&dir);
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
    let shelf = open(&dir);
    let (first, second) = (blob(1, 3_000), blob(2, 5_000));
    shelf.add(vec![first.clone()]).await.unwrap();
    close(shelf);
    let index = std::fs::read(dir.path().join("index.db")).unwrap();
    let shelf = open(&dir);
    shelf.add(vec![second.clone()]).await.unwrap();
    shelf.add(vec![blob(3, 9_000)]).await.unwrap();
    close(shelf);
    // The index is as it was before the second; of the third, a part is on the disk.
    std::fs::write(dir.path().join("index.db"), index).unwrap();
    let path = pack_file(&dir);
    let all = std::fs::read(&path).unwrap();
    std::fs::write(&path, &all[..all.len() - 4_000]).unwrap();
    let shelf = open(&dir);
    for (hash, content) in [&first, &second] {
        assert_eq!(shelf.get(hash).unwrap().as_ref(), Some(content));
    }
    assert_eq!(shelf.get(&blob(3, 9_000).0).unwrap(), None);
    assert_eq!(shelf.total().unwrap(), (2, 8_000));
    // What comes next stands behind what is whole.
    shelf.add(vec![blob(4, 100)]).await.unwrap();
    close(shelf);
    assert_eq!(std::fs::read(&path).unwrap().len(), 3 * 36 + 8_100);
    let shelf = open(&dir);
    assert!(shelf.get(&blob(4, 100).0).unwrap().is_some());
}

#[tokio::test]
async fn what_is_erased_is_zeros_in_the_pack_and_comes_back_from_no_scan() {
    let dir = tempfile::tempdir().unwrap();
    let shelf = open(&dir);
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
    let shelf = open(&dir);
    assert_eq!(shelf.total().unwrap(), (8, 8_000));
    assert_eq!(shelf.get(&blobs[9].0).unwrap(), None);
    // It may come again.
    shelf.add(vec![blobs[9].clone()]).await.unwrap();
    assert_eq!(shelf.get(&blobs[9].0).unwrap(), Some(blobs[9].1.clone()));
}

#[tokio::test]
async fn bytes_that_changed_in_the_pack_are_never_given_out() {
    let dir = tempfile::tempdir().unwrap();
    let shelf = open(&dir);
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
    let shelf = open(&dir);
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
    let shelf = open(&dir);
    assert_eq!(shelf.total().unwrap(), total);
    assert!(shelf.get(&blob(last, len).0).unwrap().is_some());
}

#[tokio::test]
async fn a_damaged_record_takes_no_other_one_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let shelf = open(&dir);
    let blobs: Vec<_> = (0..12).map(|n| blob(n, 1_000)).collect();
    shelf.add(blobs.clone()).await.unwrap();
    let empty = (ContentHash::of(b""), Bytes::new());
    shelf.add(vec![empty.clone(), blob(50, 9)]).await.unwrap();
    shelf.erase(vec![empty.0]).await.unwrap();
    close(shelf);
    let path = pack_file(&dir);
    let whole = std::fs::read(&path).unwrap();
    // A bit of the content, of the hash, of the length: longer, much longer, shorter.
    for (place, bit) in [(500, 1), (9, 1), (0, 1), (2, 0x80), (1, 2)] {
        let mut stored = whole.clone();
        stored[4 * 1_036 + place] ^= bit;
        // And a blanking that was cut off.
        stored[7 * 1_036 + 4..7 * 1_036 + 90].fill(0);
        std::fs::write(&path, &stored).unwrap();
        std::fs::remove_file(dir.path().join("index.db")).unwrap();
        let shelf = open(&dir);
        for (n, (hash, content)) in blobs.iter().enumerate() {
            let here = shelf.get(hash).unwrap();
            let lost = n == 4 || n == 7;
            assert_eq!(here.as_ref(), (!lost).then_some(content), "{n} {place}");
        }
        assert_eq!(shelf.get(&blob(50, 9).0).unwrap(), Some(blob(50, 9).1));
        close(shelf);
        assert_eq!(std::fs::read(&path).unwrap(), stored, "nothing is changed");
    }
}

#[tokio::test]
async fn where_no_record_is_found_the_file_is_left_and_another_one_begun() {
    let dir = tempfile::tempdir().unwrap();
    let shelf = open(&dir);
    let (first, second) = (blob(1, 500), blob(2, 500));
    shelf.add(vec![first.clone()]).await.unwrap();
    close(shelf);
    let mut stored = std::fs::read(pack_file(&dir)).unwrap();
    stored.extend(vec![0xff; 2 * MAX_RECORD as usize]);
    std::fs::write(pack_file(&dir), &stored).unwrap();
    let shelf = open(&dir);
    shelf.add(vec![second.clone()]).await.unwrap();
    close(shelf);
    assert_eq!(std::fs::read(pack_file(&dir)).unwrap(), stored);
    std::fs::remove_file(dir.path().join("index.db")).unwrap();
    let shelf = open(&dir);
    for (hash, content) in [first, second] {
        assert_eq!(shelf.get(&hash).unwrap(), Some(content));
    }
}

#[tokio::test]
async fn an_index_that_cannot_be_opened_is_not_thrown_away() {
    let dir = tempfile::tempdir().unwrap();
    let at = dir.path().join("index.db");
    std::os::unix::fs::symlink(dir.path().join("away/index.db"), &at).unwrap();
    assert!(Shelf::open(dir.path(), Guarded::default()).is_err());
    assert!(at.is_symlink());
}

#[tokio::test]
async fn what_is_damaged_is_whole_again_when_it_comes_again() {
    let dir = tempfile::tempdir().unwrap();
    let shelf = open(&dir);
    let (first, second) = (blob(1, 2_000), blob(2, 2_000));
    shelf
        .add(vec![first.clone(), second.clone()])
        .await
        .unwrap();
    let mut stored = std::fs::read(pack_file(&dir)).unwrap();
    stored[1_000] ^= 1;
    std::fs::write(pack_file(&dir), &stored).unwrap();
    shelf
        .add(vec![first.clone(), second.clone()])
        .await
        .unwrap();
    let all = [&first, &second];
    for (hash, content) in all {
        assert_eq!(shelf.get(hash).unwrap().as_ref(), Some(content));
    }
    assert_eq!(shelf.total().unwrap(), (2, 4_000));
    assert_eq!(std::fs::read(pack_file(&dir)).unwrap().len(), 3 * 2_036);
    // Of the damaged copy nothing is left that an erasure could miss.
    shelf.erase(vec![first.0]).await.unwrap();
    assert!(!crate::testing::found_in(dir.path(), &[&first.1[..64]]));
    assert_eq!(shelf.get(&second.0).unwrap(), Some(second.1));
}

struct Blocks(ContentHash);

impl crate::blobs::Guard for Blocks {
    fn blocked(&self, hash: &ContentHash) -> Option<String> {
        (*hash == self.0).then(|| "no".to_owned())
    }

    fn not_for_peers(&self, hash: &ContentHash) -> bool {
        *hash == self.0
    }
}

#[tokio::test]
async fn what_is_blocked_is_not_written_and_what_was_hidden_stays() {
    let dir = tempfile::tempdir().unwrap();
    let guard = Guarded::default();
    let shelf = Shelf::open(dir.path(), guard.clone()).unwrap();
    let (hidden, other) = (blob(1, 700), blob(2, 700));
    shelf.add(vec![hidden.clone()]).await.unwrap();
    let before = std::fs::read(pack_file(&dir)).unwrap();
    assert!(guard.set(Arc::new(Blocks(hidden.0))).is_ok());
    let refused = shelf.add(vec![hidden.clone(), other.clone()]).await;
    assert!(matches!(refused, Err(Error::Blocked(_))), "{refused:?}");
    assert_eq!(shelf.get(&hidden.0).unwrap(), Some(hidden.1.clone()));
    assert_eq!(shelf.get(&other.0).unwrap(), Some(other.1));
    shelf.erase(vec![hidden.0]).await.unwrap();
    let refused = shelf.add(vec![hidden.clone()]).await;
    assert!(matches!(refused, Err(Error::Blocked(_))), "{refused:?}");
    assert_eq!(shelf.get(&hidden.0).unwrap(), None);
    assert_eq!(
        std::fs::read(pack_file(&dir)).unwrap().len(),
        2 * before.len()
    );
}
