//! Why a certificate is not taken, and what to do, in the pusher's language.

use commun_specs::key::PublicKey;

use super::WINDOW;
use crate::http::lang::TerminalLang;

/// A certificate that holds, and that this node does not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It does not fit a statement.
    TooLarge,
    /// It names an address that is none of ours; these are.
    OtherNode(String, Vec<String>),
    /// It names another repository.
    OtherRepository(String),
    /// Not the person's key; theirs is this one.
    OtherKey(PublicKey),
    /// The person's key is kept by the node, which signs no pushes.
    KeptKey,
    /// The person's enrolment is past its date.
    Expired,
    /// A nonce that this node did not give out, for this repository, since it started.
    NotOurs,
    /// A nonce that is too old.
    Late,
    /// A nonce that was used.
    Used,
    /// More nonces were used than are remembered.
    TooMany,
}

impl Refusal {
    /// One line for the pusher.
    pub fn text(&self, lang: TerminalLang) -> String {
        let fr = lang == TerminalLang::Fr;
        let pick = |en: &str, french: &str| if fr { french } else { en }.to_owned();
        match self {
            Refusal::TooLarge => pick(
                "the push certificate is larger than a statement takes (256 KiB); push fewer refs at once, or with --no-signed",
                "le certificat est plus grand que ce qu’une déclaration accepte (256 Kio) ; poussez moins de branches à la fois, ou avec --no-signed",
            ),
            Refusal::OtherNode(theirs, ours) => {
                let ours = ours.join(if fr { " ou " } else { " or " });
                if fr {
                    format!(
                        "le certificat est pour un autre nœud ({theirs}) ; celui-ci est {ours} : poussez à cette adresse, ou avec --no-signed"
                    )
                } else {
                    format!(
                        "the certificate is for another node ({theirs}); this one is {ours}: push to that address, or with --no-signed"
                    )
                }
            }
            Refusal::OtherRepository(theirs) => {
                if fr {
                    format!("le certificat est pour un autre dépôt : {theirs}")
                } else {
                    format!("the certificate is for another repository: {theirs}")
                }
            }
            Refusal::OtherKey(key) => {
                if fr {
                    format!(
                        "le push est signé par une autre clé que celle qui est enregistrée pour vous ({key}) ; mettez celle-là dans user.signingKey, ou poussez avec --no-signed"
                    )
                } else {
                    format!(
                        "the push is signed with another key than the one that is enrolled for you ({key}); set user.signingKey to that one, or push with --no-signed"
                    )
                }
            }
            Refusal::KeptKey => pick(
                "the push is signed with your own key, but this node keeps the one that is enrolled for you; have your own enrolled (commun person add --key), or push with --no-signed",
                "le push est signé par votre propre clé, mais ce nœud garde celle qui est enregistrée pour vous ; faites enregistrer la vôtre (commun person add --key), ou poussez avec --no-signed",
            ),
            Refusal::Expired => pick(
                "your enrolment is past its date; ask your administrator",
                "votre enregistrement a expiré ; adressez-vous à votre administrateur",
            ),
            Refusal::NotOurs => pick(
                "this node gave out no such nonce (it may have started anew); push again",
                "ce nœud n’a pas donné ce nombre (il a peut-être redémarré) ; poussez de nouveau",
            ),
            Refusal::Late => {
                if fr {
                    format!(
                        "le push a été signé plus de {WINDOW} secondes après son début ; poussez de nouveau"
                    )
                } else {
                    format!(
                        "the push was signed more than {WINDOW} seconds after it began; push again"
                    )
                }
            }
            Refusal::Used => pick(
                "this certificate was used before, and serves once only; push again",
                "ce certificat a déjà servi, et ne sert qu’une fois ; poussez de nouveau",
            ),
            Refusal::TooMany => pick(
                "too many signed pushes in five minutes; push again later",
                "trop de push signés en cinq minutes ; poussez de nouveau plus tard",
            ),
        }
    }
}
