//! `commun get`.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use commun_client::{Client, Error, ItemRef, StoredFile};
use commun_specs::{
    files::{FileEntry, FileList, FilePath},
    id::{ContentHash, StatementId},
    name::Slug,
};
use indicatif::ProgressBar;

use crate::{
    failure::{Code, Failure},
    progress,
    settings::Settings,
    terminal,
};

/// Bytes that are read, hashed and written at once.
const PIECE: usize = 128 << 10;
/// How often a connection that broke is made again, as long as bytes come in between.
const MAX_ATTEMPTS: usize = 5;

/// Fetch the files of an item, every one verified while it comes
///
/// Run it again after an interruption: it goes on where it stopped. A file has its name only once
/// its hash holds; until then it is beside it, with a name that ends in .part. What is there
/// already and equal is left alone.
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The item
    item: ItemRef,
    /// Folder to write to; it is made if it is not there [default: the item's slug]
    dir: Option<PathBuf>,
    /// Replace files that are there and differ
    #[arg(long)]
    force: bool,
}

/// Fetches what is missing.
pub fn run(settings: &Settings, args: Args) -> Result<(), Failure> {
    let client = settings.reader()?;
    let item = client.item(&client.resolve(&args.item)?)?;
    if item.kind == "repository" {
        let message = format!("This is a Git repository: {}", terminal::line(&item.name));
        return Err(Failure::new(Code::Refuse, message).hint(format!(
            "git clone {}",
            super::show::clone_url(&client, &item.name)
        )));
    }
    let id: StatementId = item
        .id
        .parse()
        .map_err(|_| hostile(format!("the item has no valid id: {}", item.id)))?;
    let reference = ItemRef::Id(id);
    let dir = match args.dir {
        Some(dir) => dir,
        None => default_folder(&item.name)?,
    };
    let list = list(client.files(&reference)?.value.files)?;
    let fetcher = Fetcher {
        client: &client,
        item: &reference,
        dir: &dir,
        force: args.force,
        bar: progress::bar(list.total_size(), "fetching"),
    };
    let result = list.files().iter().try_for_each(|file| fetcher.fetch(file));
    fetcher.bar.finish_and_clear();
    result?;
    terminal::talk(&format!(
        "{} files ({}) of {} are in {}, all verified",
        list.count(),
        terminal::size(list.total_size()),
        terminal::line(&item.name),
        dir.display()
    ));
    Ok(())
}

/// The item's slug. The name comes from the network, so it is checked before it becomes a folder's.
fn default_folder(name: &str) -> Result<PathBuf, Failure> {
    let slug = name.rsplit('/').next().unwrap_or_default();
    let slug = Slug::new(slug).map_err(|cause| hostile(cause.to_string()))?;
    Ok(PathBuf::from(slug.as_str()))
}

/// The node says something that no honest node says.
fn hostile(what: String) -> Failure {
    Failure::new(
        Code::Refuse,
        format!("What the node offers is refused: {what}"),
    )
}

/// The list of files by the rules of specs: none leaves the folder, none hides another.
pub fn list(files: Vec<StoredFile>) -> Result<FileList, Failure> {
    let mut entries = Vec::with_capacity(files.len());
    for file in files {
        let path = FilePath::new(&file.path)
            .map_err(|cause| hostile(format!("{:?}: {cause}", file.path)))?;
        let blake3: ContentHash = file
            .blake3
            .parse()
            .map_err(|_| hostile(format!("{path} has no valid hash")))?;
        entries.push(FileEntry {
            path,
            size: file.size,
            media_type: file.media_type,
            blake3,
        });
    }
    FileList::new(entries).map_err(|cause| hostile(cause.to_string()))
}

/// What one run needs for every file.
struct Fetcher<'a> {
    client: &'a Client,
    item: &'a ItemRef,
    dir: &'a Path,
    force: bool,
    bar: ProgressBar,
}

/// How a transfer ended that did not bring the whole file.
enum Ended {
    /// The connection broke; what came is kept.
    Broken(Failure),
    /// What came is not the file.
    Wrong(Failure),
    /// Trying again does not help.
    Final(Failure),
}

impl Fetcher<'_> {
    /// Makes sure that one file is there.
    fn fetch(&self, file: &FileEntry) -> Result<(), Failure> {
        let path = self.dir.join(file.path.as_str());
        self.make_folders(file)?;
        if let Some(there) = kind_of(&path)? {
            if there.is_file() && there.len() == file.size && hash_of(&path)? == file.blake3 {
                self.bar.inc(file.size);
                return Ok(());
            }
            if !self.force || !there.is_file() {
                return Err(Failure::new(
                    Code::Refuse,
                    format!("Something else is there already: {}", path.display()),
                )
                .hint("Choose another folder, move it away, or add --force to replace files."));
            }
        }
        let part = part(&path, file);
        let mut failure = None;
        let mut wrong = 0;
        for _ in 0..MAX_ATTEMPTS {
            let before = kind_of(&part)?.map_or(0, |there| there.len());
            match self.transfer(file, &part) {
                Ok(()) => {
                    fs::rename(&part, &path).map_err(|cause| local(&path, cause))?;
                    return Ok(());
                }
                Err(Ended::Final(cause)) => return Err(cause),
                Err(Ended::Wrong(cause)) => {
                    // Perhaps what was kept from last time was bad: once more, from the beginning.
                    fs::remove_file(&part).map_err(|cause| local(&part, cause))?;
                    wrong += 1;
                    if wrong == 2 || before == 0 {
                        return Err(cause);
                    }
                }
                Err(Ended::Broken(cause)) => {
                    let after = kind_of(&part)?.map_or(0, |there| there.len());
                    failure = Some(cause);
                    if after <= before {
                        break;
                    }
                }
            }
        }
        let failure = failure
            .unwrap_or_else(|| Failure::new(Code::Unreachable, "The connection broke too often."));
        Err(Failure {
            hint: Some("What came is kept; run the same command again to go on.".into()),
            ..failure
        })
    }

    /// Makes the folders above a file, and refuses to go through a link.
    fn make_folders(&self, file: &FileEntry) -> Result<(), Failure> {
        fs::create_dir_all(self.dir).map_err(|cause| local(self.dir, cause))?;
        let mut folder = self.dir.to_owned();
        let mut names: Vec<&str> = file.path.as_str().split('/').collect();
        names.pop();
        for name in names {
            folder.push(name);
            match kind_of(&folder)? {
                Some(there) if there.is_dir() => {}
                Some(_) => {
                    return Err(Failure::new(
                        Code::Refuse,
                        format!("This should be a folder and is not: {}", folder.display()),
                    )
                    .hint("Choose another folder."));
                }
                None => fs::create_dir(&folder).map_err(|cause| local(&folder, cause))?,
            }
        }
        Ok(())
    }

    /// Brings the rest of a file into its part. What the part has is hashed again first.
    fn transfer(&self, file: &FileEntry, part: &Path) -> Result<(), Ended> {
        let failed = |cause| Ended::Final(local(part, cause));
        let mut options = OpenOptions::new();
        options.read(true).write(true);
        match kind_of(part).map_err(Ended::Final)? {
            None => options.create_new(true),
            Some(there) if there.is_file() => &mut options,
            Some(_) => {
                let message = format!("Something else is there already: {}", part.display());
                return Err(Ended::Final(Failure::new(Code::Refuse, message)));
            }
        };
        let mut out = options.open(part).map_err(failed)?;
        let mut hasher = blake3::Hasher::new();
        let mut have = hash_into(&mut hasher, &mut out, file.size).map_err(failed)?;
        // More than the file has: not its beginning.
        let longer = out.metadata().map_err(failed)?.len() > file.size;
        if have < file.size || longer {
            let mut download =
                match self
                    .client
                    .file(self.item, file.path.as_str(), if longer { 0 } else { have })
                {
                    Ok(download) => download,
                    Err(error @ Error::Unreachable { .. }) => {
                        return Err(Ended::Broken(error.into()));
                    }
                    Err(error) if error.status() == Some(416) => {
                        return Err(Ended::Wrong(error.into()));
                    }
                    Err(error) => return Err(Ended::Final(error.into())),
                };
            if longer || download.offset != have {
                out.set_len(0).map_err(failed)?;
                io::Seek::rewind(&mut out).map_err(failed)?;
                hasher.reset();
                have = 0;
            }
            self.bar
                .set_message(terminal::cut(&terminal::line(file.path.as_str()), 40));
            let moved = self.bar.position();
            self.bar.inc(have);
            let mut piece = vec![0; PIECE];
            let broken = loop {
                let count = match download.read(&mut piece) {
                    Ok(0) if have < file.size => {
                        break Some("the node ended the file early".to_owned());
                    }
                    Ok(0) => break None,
                    Ok(count) => count,
                    Err(cause) => break Some(cause.to_string()),
                };
                if count as u64 > file.size - have {
                    return Err(Ended::Wrong(mismatch(file)));
                }
                out.write_all(&piece[..count]).map_err(failed)?;
                hasher.update(&piece[..count]);
                have += count as u64;
                self.bar.inc(count as u64);
            };
            if let Some(cause) = broken {
                self.bar.set_position(moved);
                let message = format!(
                    "The connection broke at {}: {cause}",
                    terminal::line(file.path.as_str())
                );
                return Err(Ended::Broken(Failure::new(Code::Unreachable, message)));
            }
        } else {
            self.bar.inc(file.size);
        }
        if ContentHash(*hasher.finalize().as_bytes()) != file.blake3 {
            return Err(Ended::Wrong(mismatch(file)));
        }
        out.sync_all().map_err(failed)
    }
}

fn mismatch(file: &FileEntry) -> Failure {
    Failure::new(
        Code::No,
        format!(
            "What the node sends is not the published file, its hash differs: {}",
            terminal::line(file.path.as_str())
        ),
    )
    .hint("Nothing of it was kept. Try another node, and tell the operator of this one.")
}

fn local(path: &Path, cause: io::Error) -> Failure {
    Failure::new(Code::Refuse, format!("{}: {cause}", path.display()))
}

/// What is at a path, links not followed.
fn kind_of(path: &Path) -> Result<Option<fs::Metadata>, Failure> {
    match fs::symlink_metadata(path) {
        Ok(there) => Ok(Some(there)),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(local(path, cause)),
    }
}

/// Where a file is until its hash holds. Its hash is in the name, so that parts of two versions never mix, and the name
/// is cut so that no file system refuses it.
fn part(path: &Path, file: &FileEntry) -> PathBuf {
    const MAX_NAME: usize = 200;
    let mut end = file.path.file_name().len().min(MAX_NAME);
    while !file.path.file_name().is_char_boundary(end) {
        end -= 1;
    }
    let hash = file.blake3.to_string();
    path.with_file_name(format!(
        "{}.{}.part",
        &file.path.file_name()[..end],
        &hash[..12]
    ))
}

fn hash_of(path: &Path) -> Result<ContentHash, Failure> {
    let mut hasher = blake3::Hasher::new();
    let mut file = File::open(path).map_err(|cause| local(path, cause))?;
    hash_into(&mut hasher, &mut file, u64::MAX).map_err(|cause| local(path, cause))?;
    Ok(ContentHash(*hasher.finalize().as_bytes()))
}

/// Hashes at most `most` bytes, and says how many.
fn hash_into(hasher: &mut blake3::Hasher, file: &mut File, most: u64) -> io::Result<u64> {
    let mut piece = vec![0; PIECE];
    let mut reader = file.take(most);
    let mut all = 0;
    loop {
        let count = reader.read(&mut piece)?;
        if count == 0 {
            return Ok(all);
        }
        hasher.update(&piece[..count]);
        all += count as u64;
    }
}
