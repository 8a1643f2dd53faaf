//! Who answers for this node before the law, as its operator states it. What is not stated is empty: pages then say
//! that it is not, and nothing is made up.

use crate::config::{Config, Source};

/// What French law asks of everybody who publishes on the web (LCEN, article 1-1): publisher, director of publication,
/// hosting; and where people write to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Operator {
    /// Who publishes: name, form, address, telephone.
    pub publisher: String,
    /// The director of publication.
    pub director: String,
    /// Who hosts: name, address, telephone.
    pub hosting: String,
    /// The mail address that the operator states.
    pub mail: String,
}

impl Operator {
    /// As the settings say it.
    pub fn new(config: &Config) -> Self {
        // The default is an address that may not exist: nobody has stated it.
        let mail = Some(&config.mail).filter(|mail| mail.from != Source::Default);
        Self {
            publisher: config.publisher.value.clone(),
            director: config.director.value.clone(),
            hosting: config.hosting.value.clone(),
            mail: mail.map(|mail| mail.value.clone()).unwrap_or_default(),
        }
    }

    /// The settings that are to be stated still, by their names in `commun.toml`.
    pub fn missing(&self) -> Vec<&'static str> {
        let all = [
            ("publisher", &self.publisher),
            ("director", &self.director),
            ("hosting", &self.hosting),
            ("mail", &self.mail),
        ];
        let empty = all.into_iter().filter(|(_, value)| value.is_empty());
        empty.map(|(name, _)| name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Flags;

    #[test]
    fn what_nobody_stated_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("commun.toml");
        let read = || Operator::new(&Config::load(folder.path(), &Flags::default()).unwrap());
        assert_eq!(
            read().missing(),
            ["publisher", "director", "hosting", "mail"]
        );
        let text = "publisher = \"Université\\n2 rue X\"\ndirector = \"La présidente\"\nmail = \"a@univ.example\"\n";
        std::fs::write(&file, text).unwrap();
        assert_eq!(read().missing(), ["hosting"]);
        assert_eq!(read().publisher, "Université\n2 rue X");
        std::fs::write(&file, "publisher = \"a\\u0007\"\n").unwrap();
        assert!(Config::load(folder.path(), &Flags::default()).is_err());
    }
}
