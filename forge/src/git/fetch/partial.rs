//! The bytes of a pack that broke off, kept beside the repository.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};

use super::super::command::Error;
use super::super::{Oid, give::Wish};

/// A pack is kept once this much of it came, bytes: what is smaller is soon sent again, and needs no file.
const WORTH_KEEPING: usize = 1 << 20;

/// How much is read at a time, bytes.
const CHUNK: u64 = 256 << 10;

const BYTES: &str = "incoming.pack";
const ABOUT: &str = "incoming.json";

/// Whose bytes these are, and what was asked: the same question must be put again.
#[derive(Debug, Serialize, Deserialize)]
struct About {
    pack: String,
    holder: String,
    wants: Vec<String>,
    haves: Vec<String>,
}

/// A pack on its way, and the file that it leaves when it breaks off.
#[derive(Debug)]
pub(super) struct Partial {
    folder: PathBuf,
    about: About,
    /// Bytes that came, the last time included.
    len: u64,
    /// What is not written yet, while it is not worth a file.
    waiting: Vec<u8>,
    file: Option<File>,
    /// Up to where the last time's bytes are to be read again.
    replay: u64,
    replayed: u64,
}

impl Partial {
    /// What is there from this holder.
    pub(super) fn find(folder: &Path, holder: &str) -> Option<Self> {
        let about = read(folder)?;
        let len = fs::metadata(folder.join(BYTES)).ok()?.len();
        (about.holder == holder && len > 0).then(|| Self::new(folder, about, len))
    }

    /// From whom something is there.
    pub(super) fn holder(folder: &Path) -> Option<String> {
        read(folder).map(|about| about.holder)
    }

    /// The question that was put.
    pub(super) fn wish(&self) -> Result<Wish, Error> {
        let parse = |oids: &[String]| {
            oids.iter()
                .map(|oid| Oid::parse(oid))
                .collect::<Result<Vec<_>, _>>()
                .map_err(|_| Error::io("read incoming.json")(io::ErrorKind::InvalidData.into()))
        };
        Ok(Wish {
            pack: Some((self.about.pack.clone(), self.len)),
            wants: parse(&self.about.wants)?,
            haves: parse(&self.about.haves)?,
        })
    }

    /// A pack that begins, or goes on when the peer says that it does.
    pub(super) fn go_on(
        folder: &Path,
        wish: &Wish,
        holder: &str,
        pack: &str,
        offset: u64,
    ) -> Result<Self, Error> {
        let goes_on = wish
            .pack
            .as_ref()
            .is_some_and(|(id, from)| id == pack && *from == offset);
        if !goes_on && offset > 0 {
            return Err(Error::io("go on in a pack")(
                io::ErrorKind::InvalidData.into(),
            ));
        }
        if !goes_on {
            Self::forget(folder);
        }
        let oids = |oids: &[Oid]| oids.iter().map(Oid::to_string).collect();
        let about = About {
            pack: pack.to_owned(),
            holder: holder.to_owned(),
            wants: oids(&wish.wants),
            haves: oids(&wish.haves),
        };
        let mut partial = Self::new(folder, about, offset);
        partial.replay = offset;
        Ok(partial)
    }

    fn new(folder: &Path, about: About, len: u64) -> Self {
        Self {
            folder: folder.to_owned(),
            about,
            len,
            waiting: Vec::new(),
            file: None,
            replay: 0,
            replayed: 0,
        }
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// The next of the bytes that came the last time; `None` when there are no more.
    pub(super) async fn replay(&mut self) -> Result<Option<Vec<u8>>, Error> {
        if self.replayed == self.replay {
            return Ok(None);
        }
        let path = self.folder.join(BYTES);
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(
                File::options()
                    .read(true)
                    .write(true)
                    .open(path)
                    .await
                    .map_err(Error::io("read incoming.pack"))?,
            ),
        };
        let mut bytes = Vec::new();
        let most = CHUNK.min(self.replay - self.replayed);
        file.take(most)
            .read_to_end(&mut bytes)
            .await
            .map_err(Error::io("read incoming.pack"))?;
        if bytes.is_empty() {
            return Err(Error::io("read incoming.pack")(
                io::ErrorKind::UnexpectedEof.into(),
            ));
        }
        self.replayed += bytes.len() as u64;
        if self.replayed == self.replay {
            // Anything after it is not what the peer goes on with.
            file.set_len(self.replay)
                .await
                .map_err(Error::io("write incoming.pack"))?;
            file.seek(io::SeekFrom::Start(self.replay))
                .await
                .map_err(Error::io("write incoming.pack"))?;
        }
        Ok(Some(bytes))
    }

    /// Keeps what came. Not flushed to the disk: what a power cut damages is found when the pack is checked.
    pub(super) async fn keep(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.len += bytes.len() as u64;
        // A pack without a name cannot be asked for again.
        if self.about.pack == "-" {
            return Ok(());
        }
        if let Some(file) = &mut self.file {
            return file
                .write_all(bytes)
                .await
                .map_err(Error::io("write incoming.pack"));
        }
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() < WORTH_KEEPING {
            return Ok(());
        }
        let about = serde_json::to_vec(&self.about).expect("texts are JSON");
        fs::write(self.folder.join(ABOUT), about).map_err(Error::io("write incoming.json"))?;
        let mut file = File::create(self.folder.join(BYTES))
            .await
            .map_err(Error::io("write incoming.pack"))?;
        file.write_all(&std::mem::take(&mut self.waiting))
            .await
            .map_err(Error::io("write incoming.pack"))?;
        self.file = Some(file);
        Ok(())
    }

    /// Removes what is there.
    pub(super) fn forget(folder: &Path) {
        for name in [ABOUT, BYTES] {
            let _ = fs::remove_file(folder.join(name));
        }
    }

    /// Removes what did not grow for `age`.
    pub(super) fn forget_older(folder: &Path, age: Duration) {
        let grown = fs::metadata(folder.join(BYTES)).and_then(|file| file.modified());
        let old = |grown: SystemTime| grown.elapsed().is_ok_and(|since| since > age);
        if grown.is_ok_and(old) {
            Self::forget(folder);
        }
    }
}

/// What cannot be read is as good as not there.
fn read(folder: &Path) -> Option<About> {
    serde_json::from_slice(&fs::read(folder.join(ABOUT)).ok()?).ok()
}
