//! What was drawn and read of blobs for readers: pictures of pages, words, or that there are none. Derived, never synced; they lie beside the blobs
//! because they go with them when these are erased.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::SystemTime,
};

use commun_forge::text::{Document, Drawn};
use commun_specs::id::ContentHash;
use serde::{Deserialize, Serialize};

use super::{Blobs, Error};

/// What they are kept under; another one where pictures become better, so that the old ones go.
pub(super) const FOLDER: &str = "drawn-1";
/// The most bytes of them; the documents that were drawn longest ago go first.
const MAX_BYTES: u64 = 256 << 20;
/// What is left then.
const LEFT_BYTES: u64 = MAX_BYTES / 2;
/// The longest first line of a file.
const MAX_HEAD: usize = 200;

/// The file of a document's words, beside those of pages.
const WORDS: &str = "words";

/// The first line of a file; a picture follows where there is one.
#[derive(Serialize, Deserialize)]
struct Head {
    pages: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unread: Option<String>,
}

impl Blobs {
    fn drawings(&self, hash: &ContentHash) -> PathBuf {
        let folder = self.0.paths.data_path.parent().unwrap_or(Path::new("."));
        folder.join(FOLDER).join(hash.to_string())
    }

    /// A page as it was drawn, or the word for why it is not; nothing where nobody has tried. Blocks.
    pub(crate) fn drawing(&self, hash: &ContentHash, page: u32) -> Option<Result<Drawn, String>> {
        let bytes = fs::read(self.drawings(hash).join(page.to_string())).ok()?;
        let end = bytes.iter().take(MAX_HEAD).position(|b| *b == b'\n')?;
        let head: Head = serde_json::from_slice(&bytes[..end]).ok()?;
        Some(match head.unread {
            Some(why) => Err(why),
            None => Ok(Drawn {
                pages: head.pages,
                png: bytes[end + 1..].to_vec(),
            }),
        })
    }

    /// Keeps what came of drawing a page. Blocks.
    ///
    /// # Errors
    /// The folder cannot be written; then it is drawn again.
    pub(crate) fn keep_drawing(
        &self,
        hash: &ContentHash,
        page: u32,
        drawn: &Result<Drawn, String>,
    ) -> io::Result<()> {
        let folder = self.drawings(hash);
        fs::create_dir_all(&folder)?;
        let head = Head {
            pages: drawn.as_ref().map_or(0, |drawn| drawn.pages),
            unread: drawn.as_ref().err().cloned(),
        };
        let mut file = tempfile::NamedTempFile::new_in(&folder)?;
        serde_json::to_writer(&mut file, &head)?;
        file.write_all(b"\n")?;
        if let Ok(drawn) = drawn {
            file.write_all(&drawn.png)?;
        }
        persist(file, &folder, &page.to_string())
    }

    /// The words of a document as they were read, or the word for why they are not. Blocks.
    pub(crate) fn words(&self, hash: &ContentHash) -> Option<Result<Document, String>> {
        let bytes = fs::read(self.drawings(hash).join(WORDS)).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Keeps what came of reading a document. Blocks.
    ///
    /// # Errors
    /// The folder cannot be written; then it is read again.
    pub(crate) fn keep_words(
        &self,
        hash: &ContentHash,
        read: &Result<Document, String>,
    ) -> io::Result<()> {
        let folder = self.drawings(hash);
        fs::create_dir_all(&folder)?;
        let mut file = tempfile::NamedTempFile::new_in(&folder)?;
        serde_json::to_writer(&mut file, read)?;
        persist(file, &folder, WORDS)
    }

    /// Removes what was drawn of a blob.
    ///
    /// # Errors
    /// The folder cannot be removed.
    pub(crate) fn forget_drawings(&self, hash: &ContentHash) -> Result<(), Error> {
        let path = self.drawings(hash);
        match fs::remove_dir_all(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(Error::File {
                what: "remove",
                path,
                source,
            }),
            _ => Ok(()),
        }
    }
}

/// Puts a file in its place, whole, and sees that there are not too many.
fn persist(file: tempfile::NamedTempFile, folder: &Path, name: &str) -> io::Result<()> {
    file.persist(folder.join(name))?;
    match folder.parent() {
        Some(all) => bound(all, MAX_BYTES, LEFT_BYTES),
        None => Ok(()),
    }
}

/// Removes what is older until `left` bytes remain, where there are more than `most`.
fn bound(all: &Path, most: u64, left: u64) -> io::Result<()> {
    let mut folders: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
    let mut total = 0;
    for folder in fs::read_dir(all)? {
        let path = folder?.path();
        let (mut newest, mut bytes) = (SystemTime::UNIX_EPOCH, 0);
        // What another reader's sweep removes meanwhile counts nothing.
        for file in fs::read_dir(&path).into_iter().flatten().flatten() {
            let Ok(about) = file.metadata() else { continue };
            bytes += about.len();
            newest = newest.max(about.modified().unwrap_or(SystemTime::UNIX_EPOCH));
        }
        total += bytes;
        folders.push((newest, bytes, path));
    }
    if total <= most {
        return Ok(());
    }
    folders.sort();
    for (_, bytes, path) in folders {
        if total <= left {
            break;
        }
        match fs::remove_dir_all(&path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => total -= bytes,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(bytes: usize) -> Result<Drawn, String> {
        Ok(Drawn {
            pages: 3,
            png: vec![b'\n'; bytes],
        })
    }

    #[tokio::test]
    async fn drawings_are_kept_and_go_when_their_blob_is_erased() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(&folder.path().join("blobs")).await.unwrap();
        let (hash, _) = blobs.add_bytes(b"a document".to_vec()).await.unwrap();
        assert_eq!(blobs.drawing(&hash, 1), None);
        blobs.keep_drawing(&hash, 1, &picture(10)).unwrap();
        let damaged = Err("damaged".to_owned());
        blobs.keep_drawing(&hash, 2, &damaged).unwrap();
        assert_eq!(blobs.drawing(&hash, 1), Some(picture(10)));
        assert_eq!(blobs.drawing(&hash, 2), Some(damaged));
        blobs.erase(&[hash]).await.unwrap();
        assert_eq!(blobs.drawing(&hash, 1), None);
        assert!(!blobs.drawings(&hash).exists());
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many() {
        let folder = tempfile::tempdir().unwrap();
        let now = SystemTime::now();
        for n in 0..5u32 {
            let at = folder.path().join(n.to_string());
            fs::create_dir(&at).unwrap();
            let file = fs::File::create(at.join("1")).unwrap();
            file.set_len(100).unwrap();
            let age = std::time::Duration::from_secs(u64::from(10 * (5 - n)));
            file.set_modified(now - age).unwrap();
        }
        bound(folder.path(), 500, 200).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 5);
        bound(folder.path(), 499, 200).unwrap();
        let left = [0, 1, 2, 3, 4].map(|n| folder.path().join(n.to_string()).exists());
        assert_eq!(left, [false, false, false, true, true]);
    }
}
