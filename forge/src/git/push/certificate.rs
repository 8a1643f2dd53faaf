//! The push certificate in a request: taken out before Git sees it.
//!
//! ```text
//! push-cert\0<capabilities>      then each line of the certificate, each a packet,
//! push-cert-end\n                then a flush
//! ```
//!
//! Git would take the commands out of the certificate, verify nothing, and accept plain commands beside it. So the
//! certificate is read and verified here ([`commun_specs::certificate`]), judged by the node, and Git is handed the
//! very commands that were signed, as a plain push: nothing of the certificate is stored as an object, and no program
//! that Git might start sees it.

use commun_specs::certificate::Certificate;

use super::super::pktline::{self, Packet};
use super::{Command, Oid, Repository};

/// Decides about a certificate whose form and signature hold: the text that the client sent goes with it. The refusal
/// is one line that the pusher reads.
pub type Judge<'a> = dyn Fn(&Certificate, &str) -> Result<(), String> + Send + Sync + 'a;

/// A certificate as it comes in.
#[derive(Debug, Default)]
pub(super) struct Incoming {
    text: Vec<u8>,
    closed: bool,
}

impl Incoming {
    /// Takes the next packet; answers whether the certificate ends with it.
    pub(super) fn packet(&mut self, line: &[u8]) -> bool {
        self.closed = line == b"push-cert-end\n" || line == b"push-cert-end";
        if !self.closed {
            self.text.extend_from_slice(line);
        }
        self.closed
    }

    /// Puts what the person signed into `commands`, and answers why the push is refused, if it is.
    pub(super) fn judged(
        &self,
        repository: &Repository,
        judge: Option<&Judge<'_>>,
        commands: &mut Vec<Command>,
    ) -> Result<(), String> {
        let Some(judge) = judge else {
            return Err("signed pushes are not taken here; push with --no-signed".to_owned());
        };
        if !self.closed {
            return Err("the push certificate does not end".to_owned());
        }
        let certificate = Certificate::read(&self.text).map_err(|why| advice(&why))?;
        let oid = |digits: &Option<String>| {
            let parsed = digits.as_deref().map(Oid::parse).transpose();
            parsed
                .ok()
                .filter(|oid| {
                    oid.as_ref()
                        .is_none_or(|o| o.format() == repository.format())
                })
                .ok_or_else(|| "the certificate names objects by another hash".to_owned())
        };
        *commands = certificate
            .commands
            .iter()
            .map(|command| {
                Ok(Command {
                    old: oid(&command.old)?,
                    new: oid(&command.new)?,
                    name: command.name.clone(),
                })
            })
            .collect::<Result<Vec<_>, String>>()?;
        // Reading has checked that it is text.
        judge(&certificate, &String::from_utf8_lossy(&self.text))
    }
}

/// What to do about a certificate that cannot be read.
fn advice(why: &commun_specs::certificate::Error) -> String {
    use commun_specs::certificate::Error;
    let todo = match why {
        Error::OtherSignature => {
            "sign with an SSH key (git config gpg.format ssh), or push with --no-signed"
        }
        Error::Key(_) => "only ssh-ed25519 keys are taken; or push with --no-signed",
        Error::TooLarge(_) => "push fewer refs at once, or with --no-signed",
        Error::PushOption => "push without options",
        _ => "push with --no-signed",
    };
    format!("{why}; {todo}")
}

/// Adds to the advertisement of receive-pack that certificates are taken, with the nonce that the client must sign.
/// `advertisement` is what Git wrote, with or without the line that names the service. Anything else is given back
/// as it is.
pub fn offer_certificates(advertisement: Vec<u8>, nonce: &str) -> Vec<u8> {
    let mut at = 0;
    while let Ok(Some((packet, length))) = pktline::split(&advertisement[at..]) {
        if let Packet::Data(line) = packet
            && line.contains(&0)
        {
            let plain = line.strip_suffix(b"\n").unwrap_or(line);
            let mut longer = plain.to_vec();
            longer.extend_from_slice(format!(" push-cert={nonce}\n").as_bytes());
            let mut out = advertisement[..at].to_vec();
            pktline::write(&mut out, &longer);
            out.extend_from_slice(&advertisement[at + length..]);
            return out;
        }
        at += length;
    }
    advertisement
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nonce_stands_among_the_capabilities_of_the_first_ref() {
        for (before, after) in [
            ("", ""),
            (
                "# service=git-receive-pack\n",
                "# service=git-receive-pack\n",
            ),
            ("version 1\n", "version 1\n"),
        ] {
            let written = |caps: &str, first: &str| {
                let mut out = Vec::new();
                if !first.is_empty() {
                    pktline::write(&mut out, first.as_bytes());
                    pktline::flush(&mut out);
                }
                pktline::write(
                    &mut out,
                    format!("1234 refs/heads/main\0{caps}\n").as_bytes(),
                );
                pktline::write(&mut out, b"5678 refs/heads/other\n");
                pktline::flush(&mut out);
                out
            };
            assert_eq!(
                offer_certificates(written("atomic", before), "1-a"),
                written("atomic push-cert=1-a", after)
            );
        }
        assert_eq!(offer_certificates(b"0000".to_vec(), "1-a"), b"0000");
        assert_eq!(offer_certificates(b"what".to_vec(), "1-a"), b"what");
    }
}
