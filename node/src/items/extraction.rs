//! What a description says besides words: a first picture, and which files could not be read.

use commun_forge::resource::FileEntry;
use commun_specs::{files::FilePath, metadata::Record, statement::PictureBlob};

use crate::describe::UNREAD;

/// The largest picture that is shown, bytes.
pub(crate) const MAX_PICTURE: u64 = 1 << 20;
/// Types that are shown: pixels only.
const PICTURES: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];
/// The most files named as not read.
const MAX_UNREAD: usize = 50;

/// What was found in files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extraction {
    /// A first picture, as a file that can be sent.
    pub picture: Option<FileEntry>,
    /// Files whose words are not searched.
    pub unread: Vec<Unread>,
}

/// A file that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Its path.
    pub file: String,
    /// Why: `damaged`, `encrypted`, `too-large`, `refused`, `too-slow`, `crashed`, or a word of a later release.
    pub why: String,
}

impl Extraction {
    /// Adds what one description says; what is there stays.
    pub(super) fn add(&mut self, picture: Option<PictureBlob>, record: &Record) {
        let shown =
            picture.filter(|p| p.size <= MAX_PICTURE && PICTURES.contains(&p.media_type.as_str()));
        if let (None, Some(picture)) = (&self.picture, shown) {
            let end = picture.media_type.trim_start_matches("image/");
            self.picture = FilePath::new(&format!("picture.{end}"))
                .ok()
                .map(|path| FileEntry {
                    path,
                    size: picture.size,
                    media_type: picture.media_type,
                    blake3: picture.blake3,
                });
        }
        let files = record.unknown.get(UNREAD).and_then(|list| list.as_array());
        for one in files.into_iter().flatten().take(MAX_UNREAD) {
            let word = |name: &str| one.get(name).and_then(|word| word.as_str());
            if let (Some(file), Some(why)) = (word("file"), word("why"))
                && self.unread.iter().all(|known| known.file != file)
            {
                let (file, why) = (file.to_owned(), why.to_owned());
                self.unread.push(Unread { file, why });
            }
        }
    }
}
