//! A pack that came at once and holds everything behind some heads: it is given to other nodes as it lies here.
//!
//! A node that has nothing of a repository asks for what its heads need. Where they came here in one pack, by the first
//! push or from another node, those bytes are the answer: nothing is counted, packed or written for it, they have the
//! same name on every node, and a transfer that broke goes on in them after a restart, too. When maintenance packs
//! anew, a pack is made as for everybody else: what refs left behind stays here.

use std::fs::{self, File};
use std::io::Read;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::command::{Error, Role};
use super::{Oid, Repository};

/// Packs below this are made anew each time, bytes: it costs less than a file.
const WORTH_NOTING: u64 = 1 << 20;

const ABOUT: &str = "whole.json";

/// The longest note, bytes: as many heads as one question names.
const MAX_NOTE: u64 = super::give::MAX_WANTED as u64 * 80 + 200;

/// What is noted of a pack.
#[derive(Debug, Serialize, Deserialize)]
struct Whole {
    /// The hash in its name.
    pack: String,
    /// The heads whose history it is, sorted.
    heads: Vec<String>,
}

impl Repository {
    /// Notes that what came first, in one pack, is what these heads need and nothing else, if that is so: whoever sent
    /// it may have put more into it, and that would be passed on. Call it when the first push was taken, with no head
    /// where one of its refs was refused, or when a fetch into an empty repository was. Where more than one pack is here,
    /// or the only one is noted already, nothing is changed. That it cannot be noted is no error: a pack is made then.
    pub async fn note_whole(&self, heads: &[Oid]) {
        let Some((pack, bytes)) = self.only_pack() else {
            return;
        };
        let noted = self.read_note().is_some_and(|whole| whole.pack == pack);
        if noted || bytes < WORTH_NOTING || heads.len() > super::give::MAX_WANTED {
            return;
        }
        let heads = sorted(heads);
        if !heads.is_empty() {
            match self.is_all(&pack, &heads).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => return tracing::debug!("a pack is not noted: {error}"),
            }
        }
        let note = serde_json::to_vec(&Whole { pack, heads }).expect("texts are JSON");
        // A torn one is as good as none.
        if let Err(error) = fs::write(self.path.join(ABOUT), note) {
            tracing::debug!("a pack is not noted: {error}");
        }
    }

    /// Whether the only pack holds as many objects as these heads need. They are all here, so in it: then it holds
    /// nothing else.
    async fn is_all(&self, pack: &str, heads: &[String]) -> Result<bool, Error> {
        let file = self.packs().join(format!("pack-{pack}.pack"));
        let mut head = [0; 12];
        File::open(file)
            .and_then(|mut file| file.read_exact(&mut head))
            .map_err(Error::io("read a pack"))?;
        let [.., a, b, c, d] = head;
        let mut command = self.git.command(Role::Serve, &self.path, &[], None);
        command.args(["rev-list", "--objects", "--count", "--stdin"]);
        let answer = self
            .git
            .run(command, "rev-list", (heads.join("\n") + "\n").as_bytes())
            .await?;
        let count = String::from_utf8_lossy(&answer).trim().parse::<u64>();
        Ok(count == Ok(u64::from(u32::from_be_bytes([a, b, c, d]))))
    }

    /// The noted pack, if it is just what these heads need: its name and its bytes.
    pub(super) fn whole_pack(&self, heads: &[Oid]) -> Option<(String, File)> {
        let whole = self.read_note()?;
        let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        let named = whole.pack.len() == self.format().hex_len() && whole.pack.bytes().all(hex);
        if !named || heads.is_empty() || whole.heads != sorted(heads) {
            return None;
        }
        let file = File::open(self.packs().join(format!("pack-{}.pack", whole.pack))).ok()?;
        Some((whole.pack, file))
    }

    fn read_note(&self) -> Option<Whole> {
        let file = File::open(self.path.join(ABOUT)).ok()?;
        let mut note = Vec::new();
        file.take(MAX_NOTE).read_to_end(&mut note).ok()?;
        serde_json::from_slice(&note).ok()
    }

    /// The hash in the name of the only pack, and its bytes; none where there are more, or loose objects.
    fn only_pack(&self) -> Option<(String, u64)> {
        let loose = |name: &str| name.len() == 2;
        for entry in fs::read_dir(self.path.join("objects")).ok()? {
            if loose(&entry.ok()?.file_name().to_string_lossy()) {
                return None;
            }
        }
        let mut only = None;
        for entry in fs::read_dir(self.packs()).ok()? {
            let entry = entry.ok()?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if let Some(pack) = name.strip_suffix(".pack") {
                let hash = pack.strip_prefix("pack-")?.to_owned();
                if only.replace((hash, entry.metadata().ok()?.len())).is_some() {
                    return None;
                }
            }
        }
        only
    }

    fn packs(&self) -> PathBuf {
        self.path.join("objects/pack")
    }
}

fn sorted(heads: &[Oid]) -> Vec<String> {
    let mut heads: Vec<String> = heads.iter().map(Oid::to_string).collect();
    heads.sort();
    heads.dedup();
    heads
}
