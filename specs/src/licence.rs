//! Licences: SPDX expressions, what they allow, and one plain sentence about it.
//!
//! What is stored is an SPDX expression (`CC-BY-SA-4.0`, `MIT OR Apache-2.0`, `LicenseRef-CC-BY-3.0-FR`). What
//! people read is its [`Family`] in their language, and one sentence of its [`Terms`]. Whether an adaptation may have
//! another licence than its originals, [`compatible`] says.

mod alternatives;
mod classes;
mod compatible;
mod family;
mod read;
mod terms;

pub use classes::{ADAPT, UNCLEAR};
pub use compatible::{Reason, Refusal, compatible};
pub(crate) use family::vocabulary;
pub use family::{Class, Family};
pub use read::{Error, MAX_EXPRESSION_BYTES};
pub use terms::Terms;

use spdx::{Expression, LicenseReq};

/// A valid SPDX expression, spelt as the SPDX list spells it.
#[derive(Clone, Debug)]
pub struct Licence {
    text: String,
    expression: Expression,
}

impl Licence {
    /// Reads what people write: an SPDX expression in any case, a Creative Commons name (`CC BY-SA 4.0`) or
    /// the address of a Creative Commons, SPDX or Etalab licence.
    ///
    /// The error says what is wrong and what to write instead.
    pub fn parse(written: &str) -> Result<Licence, Error> {
        read::read(written)
    }

    /// The expression as stored.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The family that says what one may do. Of alternatives (`OR`) the freest counts, of parts (`AND`) the least free.
    pub fn family(&self) -> Family {
        Family::ALL
            .into_iter()
            .find(|family| {
                self.expression
                    .evaluate(|req: &LicenseReq| Family::of(&req.license) <= *family)
            })
            .unwrap_or(Family::Unstated)
    }

    /// The class that searches filter by.
    pub fn class(&self) -> Class {
        self.family().class()
    }

    /// A short name: the licence's own in the language asked for, or the expression where it is compound.
    pub fn label(&self, lang: &str) -> String {
        family::label(&self.text, lang).unwrap_or_else(|| self.text.clone())
    }

    /// The name on the SPDX list (<https://spdx.org/licenses/>), when the expression is one licence of it.
    pub fn full_name(&self) -> Option<&'static str> {
        spdx::license_id(&self.text).map(|id| id.full_name)
    }

    /// One plain sentence: what one may do, and what one must do.
    pub fn sentence(&self, lang: &str) -> &'static str {
        match self.family() {
            // Nothing is known to be allowed, not even copies.
            Family::Unstated => Family::Unstated.sentence(lang),
            _ => self.terms().sentence(lang),
        }
    }

    /// Where the licence's text is, when the expression is one known licence.
    pub fn url(&self) -> Option<String> {
        family::url(&self.text)
    }
}

impl PartialEq for Licence {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Licence {}

impl std::fmt::Display for Licence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// The ids that pages offer first, for forms and for "use one of".
pub fn common_ids() -> impl Iterator<Item = &'static str> {
    [
        "CC-BY-4.0",
        "CC-BY-SA-4.0",
        "CC0-1.0",
        "CC-BY-NC-SA-4.0",
        "CC-BY-NC-4.0",
        "etalab-2.0",
        "EUPL-1.2",
        "MIT",
        "Apache-2.0",
        "GPL-3.0-or-later",
        "AGPL-3.0-or-later",
    ]
    .into_iter()
}

#[cfg(test)]
mod tests;
