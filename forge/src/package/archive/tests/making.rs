//! Archives made by hand, right and wrong.

use std::io::Write;

use flate2::write::{DeflateEncoder, GzEncoder};
use flate2::{Compression, Crc};

/// A file of a ZIP, and the lies about it.
#[derive(Clone, Default)]
pub struct ZipFile {
    pub name: Vec<u8>,
    pub bytes: Vec<u8>,
    pub utf8: bool,
    pub stored: bool,
    pub flags: u16,
    pub method: Option<u16>,
    pub mode: u32,
    pub sizes_after: bool,
    pub wide: bool,
    pub local_name: Option<Vec<u8>>,
    pub local_size: Option<u32>,
    pub claimed_size: Option<u32>,
    pub unicode_name: Option<String>,
    pub packed: Option<Vec<u8>>,
    pub same_place_as_first: bool,
    /// Listed at this place, written nowhere.
    pub at: Option<u32>,
    pub unlisted: bool,
}

impl ZipFile {
    pub fn new(name: &str, bytes: &[u8]) -> ZipFile {
        ZipFile {
            name: name.into(),
            bytes: bytes.into(),
            utf8: true,
            mode: 0o100_644,
            ..ZipFile::default()
        }
    }

    fn crc(&self) -> u32 {
        let mut crc = Crc::new();
        crc.update(&self.bytes);
        crc.sum()
    }

    fn packed(&self) -> Vec<u8> {
        if let Some(packed) = &self.packed {
            return packed.clone();
        }
        if self.stored {
            return self.bytes.clone();
        }
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(6));
        encoder.write_all(&self.bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn size(&self) -> u32 {
        self.claimed_size.unwrap_or(self.bytes.len() as u32)
    }

    fn extra(&self) -> Vec<u8> {
        let mut extra = Vec::new();
        if self.wide {
            extra.extend([1, 0, 16, 0]);
            extra.extend(u64::from(self.size()).to_le_bytes());
            extra.extend((self.packed().len() as u64).to_le_bytes());
        }
        if let Some(name) = &self.unicode_name {
            let mut crc = Crc::new();
            crc.update(&self.name);
            extra.extend(0x7075u16.to_le_bytes());
            extra.extend((name.len() as u16 + 5).to_le_bytes());
            extra.push(1);
            extra.extend(crc.sum().to_le_bytes());
            extra.extend(name.as_bytes());
        }
        extra
    }

    /// Version to the end of the sizes and lengths, as both headers have it.
    fn facts(&self, local: bool) -> Vec<u8> {
        let mut flags = self.flags;
        flags |= if self.utf8 { 1 << 11 } else { 0 };
        flags |= if self.sizes_after { 1 << 3 } else { 0 };
        let mut facts = Vec::new();
        for value in [
            20,
            flags,
            self.method.unwrap_or(if self.stored { 0 } else { 8 }),
            0,
            0x5a21,
        ] {
            facts.extend(value.to_le_bytes());
        }
        let later = local && self.sizes_after;
        let narrow = |value: u32| {
            if later {
                0
            } else if self.wide {
                u32::MAX
            } else {
                value
            }
        };
        facts.extend(if later { 0 } else { self.crc() }.to_le_bytes());
        facts.extend(narrow(self.packed().len() as u32).to_le_bytes());
        let size = self.local_size.filter(|_| local).unwrap_or(self.size());
        facts.extend(narrow(size).to_le_bytes());
        let name = self
            .local_name
            .as_ref()
            .filter(|_| local)
            .unwrap_or(&self.name);
        facts.extend((name.len() as u16).to_le_bytes());
        facts.extend((self.extra().len() as u16).to_le_bytes());
        facts
    }

    fn local(&self) -> Vec<u8> {
        let mut out = b"PK\x03\x04".to_vec();
        out.extend(self.facts(true));
        out.extend(self.local_name.as_ref().unwrap_or(&self.name));
        out.extend(self.extra());
        out.extend(self.packed());
        if self.sizes_after {
            out.extend(b"PK\x07\x08");
            out.extend(self.crc().to_le_bytes());
            out.extend((self.packed().len() as u32).to_le_bytes());
            out.extend(self.size().to_le_bytes());
        }
        out
    }

    fn listed(&self, at: u32) -> Vec<u8> {
        let mut out = b"PK\x01\x02\x1e\x03".to_vec();
        out.extend(self.facts(false));
        // Length of the comment, disk, internal attributes.
        out.extend([0; 6]);
        out.extend((self.mode << 16).to_le_bytes());
        out.extend(at.to_le_bytes());
        out.extend(&self.name);
        out.extend(self.extra());
        out
    }
}

/// A ZIP file, and the lies about it.
#[derive(Clone, Default)]
pub struct Zip {
    pub files: Vec<ZipFile>,
    pub comment: Vec<u8>,
    pub counted: Option<u16>,
    pub before: Vec<u8>,
    pub wide_end: bool,
}

impl Zip {
    pub fn of(files: &[(&str, &[u8])]) -> Zip {
        let files = files
            .iter()
            .map(|(name, bytes)| ZipFile::new(name, bytes))
            .collect();
        Zip {
            files,
            ..Zip::default()
        }
    }

    /// The files without the list.
    pub fn local_part(&self) -> Vec<u8> {
        self.files.iter().flat_map(ZipFile::local).collect()
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut out = self.before.clone();
        let mut list = Vec::new();
        let mut count = 0;
        for file in &self.files {
            let at = out.len() as u32;
            let at = if file.same_place_as_first {
                0
            } else {
                file.at.unwrap_or(at)
            };
            if file.at.is_none() {
                out.extend(file.local());
            }
            if !file.unlisted {
                list.extend(file.listed(at));
                count += 1;
            }
        }
        let list_at = out.len() as u64;
        out.extend(&list);
        let count = self.counted.unwrap_or(count);
        let mut narrow = (count, list.len() as u32, list_at as u32);
        if self.wide_end {
            let at = out.len() as u64;
            out.extend(b"PK\x06\x06");
            out.extend(44u64.to_le_bytes());
            out.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
            for value in [count.into(), count.into(), list.len() as u64, list_at] {
                out.extend(value.to_le_bytes());
            }
            out.extend(b"PK\x06\x07\0\0\0\0");
            out.extend(at.to_le_bytes());
            out.extend(1u32.to_le_bytes());
            narrow = (u16::MAX, u32::MAX, u32::MAX);
        }
        out.extend(b"PK\x05\x06\0\0\0\0");
        out.extend(narrow.0.to_le_bytes());
        out.extend(narrow.0.to_le_bytes());
        out.extend(narrow.1.to_le_bytes());
        out.extend(narrow.2.to_le_bytes());
        out.extend((self.comment.len() as u16).to_le_bytes());
        out.extend(&self.comment);
        out
    }
}

/// An entry of a tar file.
pub struct TarFile<'a> {
    pub name: &'a str,
    pub kind: u8,
    pub bytes: Vec<u8>,
    pub claimed: Option<u64>,
}

impl<'a> TarFile<'a> {
    pub fn new(name: &'a str, kind: u8, bytes: &[u8]) -> TarFile<'a> {
        TarFile {
            name,
            kind,
            bytes: bytes.into(),
            claimed: None,
        }
    }

    pub fn gnu_long(name: &str) -> TarFile<'a> {
        TarFile::new("././@LongLink", b'L', format!("{name}\0").as_bytes())
    }

    pub fn pax(key: &str, value: &str) -> TarFile<'a> {
        let rest = key.len() + value.len() + 3;
        let length = (rest + 1..)
            .find(|all| all.to_string().len() + rest == *all)
            .unwrap();
        TarFile::new("pax", b'x', format!("{length} {key}={value}\n").as_bytes())
    }
}

pub fn tar_gz(files: &[TarFile<'_>]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::new(6));
    for file in files {
        let mut header = [0u8; 512];
        let mut put = |at: usize, text: &[u8]| header[at..at + text.len()].copy_from_slice(text);
        put(0, file.name.as_bytes());
        put(100, b"0000644");
        let size = file.claimed.unwrap_or(file.bytes.len() as u64);
        put(124, format!("{size:011o}").as_bytes());
        put(148, b"        ");
        put(156, &[file.kind]);
        put(257, b"ustar\x0000");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        out.write_all(&header).unwrap();
        out.write_all(&file.bytes).unwrap();
        out.write_all(&vec![
            0;
            file.bytes.len().next_multiple_of(512)
                - file.bytes.len()
        ])
        .unwrap();
    }
    out.write_all(&[0; 1024]).unwrap();
    out.finish().unwrap()
}
