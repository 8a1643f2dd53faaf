//! Bags (BagIt 1.0, RFC 8493): files with the sums by which anybody can check that they are whole, with programs that know
//! nothing of Commun.

use std::io::{self, Read};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256, Sha512};

use super::write::{Keeper, Member, Sink, members};

/// The declaration (2.1.1).
const DECLARATION: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

/// Writes a bag into a folder `name`: `payload` below `data/`, what is said of it (`info`: label and text) in `bag-info.txt`,
/// and the sums of everything by SHA-256 and SHA-512. Sums are made while the bytes go by.
///
/// # Errors
/// Reading or writing fails.
pub fn write<K>(
    name: &str,
    payload: &[Member<K>],
    info: &[(&str, String)],
    keeper: &mut dyn Keeper<K>,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    let mut bag = Bag {
        sink,
        name,
        below: "data/",
        lines: [String::new(), String::new()],
        octets: 0,
        streams: 0,
    };
    members(payload, keeper, &mut bag)?;
    let oxum = format!("{}.{}", bag.octets, bag.streams);
    let manifests = std::mem::take(&mut bag.lines);
    bag.below = "";
    bag.text("bagit.txt", DECLARATION)?;
    let mut told = String::new();
    for (label, text) in info {
        told.push_str(&line(label, text));
    }
    told.push_str(&line("Payload-Oxum", &oxum));
    bag.text("bag-info.txt", &told)?;
    bag.text("manifest-sha256.txt", &manifests[0])?;
    bag.text("manifest-sha512.txt", &manifests[1])?;
    let [sha256, sha512] = std::mem::take(&mut bag.lines);
    bag.text("tagmanifest-sha256.txt", &sha256)?;
    bag.text("tagmanifest-sha512.txt", &sha512)
}

/// `Label: text` on one line (2.2.2).
fn line(label: &str, text: &str) -> String {
    let text: Vec<&str> = text.split_whitespace().collect();
    format!("{label}: {}\n", text.join(" "))
}

/// Puts files into a bag's folder and notes their sums.
struct Bag<'a> {
    sink: &'a mut dyn Sink,
    name: &'a str,
    below: &'static str,
    /// Lines of the manifests of SHA-256 and SHA-512.
    lines: [String; 2],
    octets: u64,
    streams: u64,
}

impl Bag<'_> {
    fn text(&mut self, path: &str, text: &str) -> io::Result<()> {
        self.add(path, text.len() as u64, &mut text.as_bytes())
    }
}

impl Sink for Bag<'_> {
    fn add(&mut self, path: &str, size: u64, from: &mut dyn Read) -> io::Result<()> {
        let path = format!("{}{path}", self.below);
        let mut summed = Summed {
            from,
            sha256: Sha256::new(),
            sha512: Sha512::new(),
        };
        self.sink
            .add(&format!("{}/{path}", self.name), size, &mut summed)?;
        let sums = [
            HEXLOWER.encode(&summed.sha256.finalize()),
            HEXLOWER.encode(&summed.sha512.finalize()),
        ];
        for (lines, sum) in self.lines.iter_mut().zip(sums) {
            lines.push_str(&format!("{sum}  {}\n", encoded(&path)));
        }
        self.octets += size;
        self.streams += 1;
        Ok(())
    }
}

/// A path in a manifest: what would end the line, and the sign that begins such an escape, are encoded (2.1.3).
fn encoded(path: &str) -> String {
    path.replace('%', "%25")
        .replace('\n', "%0A")
        .replace('\r', "%0D")
}

/// Sums what goes by.
struct Summed<'a> {
    from: &'a mut dyn Read,
    sha256: Sha256,
    sha512: Sha512,
}

impl Read for Summed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(buffer)?;
        self.sha256.update(&buffer[..count]);
        self.sha512.update(&buffer[..count]);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Keeps what it is given.
    #[derive(Default)]
    struct Folder(BTreeMap<String, Vec<u8>>);

    impl Sink for Folder {
        fn add(&mut self, path: &str, size: u64, from: &mut dyn Read) -> io::Result<()> {
            let mut bytes = Vec::new();
            from.read_to_end(&mut bytes)?;
            assert_eq!(bytes.len() as u64, size);
            assert!(self.0.insert(path.to_owned(), bytes).is_none());
            Ok(())
        }
    }

    #[test]
    fn every_file_has_its_sums_and_every_sum_its_file() {
        let payload: [Member<()>; 2] = [
            Member::here("a/été 100%.txt", "été"),
            Member::here("b.txt", "abc"),
        ];
        let info = [("Source-Organization", "Université\nd’Angers".to_owned())];
        let mut folder = Folder::default();
        write("bag", &payload, &info, &mut (), &mut folder).unwrap();
        let text =
            |name: &str| String::from_utf8(folder.0[&format!("bag/{name}")].clone()).unwrap();
        assert_eq!(text("bagit.txt"), DECLARATION);
        assert_eq!(
            text("bag-info.txt"),
            "Source-Organization: Université d’Angers\nPayload-Oxum: 8.2\n"
        );
        // FIPS 180-4: the sums of "abc".
        assert!(text("manifest-sha256.txt").ends_with(
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  data/b.txt\n"
        ));
        assert!(text("manifest-sha512.txt").contains(
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f  data/b.txt"
        ));
        assert!(text("manifest-sha256.txt").contains("  data/a/été 100%25.txt\n"));
        let named: Vec<String> = text("tagmanifest-sha256.txt")
            .lines()
            .map(|l| l.split_once("  ").unwrap().1.to_owned())
            .collect();
        assert_eq!(
            named,
            [
                "bagit.txt",
                "bag-info.txt",
                "manifest-sha256.txt",
                "manifest-sha512.txt"
            ]
        );
        assert_eq!(folder.0.len(), 8);
    }
}
