//! Where an index is, and who asks.

use data_encoding::BASE64;
use url::Url;

use super::EngineError;

/// The index where none is named.
const INDEX: &str = "commun";
/// Longest name of an index, in bytes, as the engines have it.
const MAX_INDEX: usize = 255;

/// Who asks. Neither of the two is ever shown.
#[derive(Clone)]
pub enum Credentials {
    /// A user and a password (HTTP Basic).
    User(String, String),
    /// A key of the engine's, in the form that it gives it out (`ApiKey`).
    Key(String),
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials")
    }
}

impl Credentials {
    /// The value of the `Authorization` header.
    pub(super) fn header(&self) -> Result<String, EngineError> {
        match self {
            Credentials::User(user, _) if user.contains(':') => Err(EngineError::Address(
                "the name of a user cannot have a colon".into(),
            )),
            Credentials::User(user, password) => {
                let both = BASE64.encode(format!("{user}:{password}").as_bytes());
                Ok(format!("Basic {both}"))
            }
            Credentials::Key(key)
                if key.is_empty() || !key.bytes().all(|b| b.is_ascii_graphic()) =>
            {
                Err(EngineError::Address(
                    "the key is not one line of printable ASCII".into(),
                ))
            }
            Credentials::Key(key) => Ok(format!("ApiKey {key}")),
        }
    }
}

/// Reads an address: without credentials, and with the name of an index at its end; beside it, the credentials.
pub(super) fn read(text: &str) -> Result<(Url, Option<Credentials>), EngineError> {
    // What was given is not repeated: there may be a password in it.
    let bad = |what: &str| EngineError::Address(what.to_owned());
    let mut url = Url::parse(text.trim())
        .map_err(|_| bad("not an address such as https://engine.example:9200/commun"))?;
    if !["http", "https"].contains(&url.scheme()) || url.host_str().is_none_or(str::is_empty) {
        return Err(bad("the address must begin with http:// or https://"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(bad(
            "the address has a ? or # in it; it ends with the name of the index",
        ));
    }
    let (user, password) = (url.username(), url.password());
    let named = (!user.is_empty() || password.is_some())
        .then(|| {
            let whole =
                |part: &str| decoded(part).ok_or_else(|| bad("user and password must be UTF-8"));
            Ok::<_, EngineError>(Credentials::User(
                whole(user)?,
                whole(password.unwrap_or_default())?,
            ))
        })
        .transpose()?;
    let cleared = url.set_username("").and_then(|()| url.set_password(None));
    cleared.map_err(|()| bad("the address cannot be used"))?;
    let path = url.path().trim_end_matches('/').to_owned();
    match path.rsplit('/').next().filter(|index| !index.is_empty()) {
        Some(index) => {
            check(index).map_err(|what| bad(&what))?;
            url.set_path(&path);
        }
        None => url.set_path(INDEX),
    }
    Ok((url, named))
}

/// The rules for names of indexes that both engines have; those with a dot in front are the engines' own.
fn check(index: &str) -> Result<(), String> {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b);
    if index.len() <= MAX_INDEX && index.bytes().all(fits) && !index.starts_with(['-', '_', '.']) {
        return Ok(());
    }
    Err("the name of the index, at the end of the address, has small letters, digits and - _ . and begins with a letter or digit".into())
}

/// Undoes %XX.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(b) = rest.next() {
        if b != b'%' {
            bytes.push(b);
            continue;
        }
        let digit = |b: Option<u8>| char::from(b?).to_digit(16);
        let (high, low) = (digit(rest.next())?, digit(rest.next())?);
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(text: &str) -> Option<String> {
        read(text).unwrap().1.map(|c| c.header().unwrap())
    }

    #[test]
    fn the_index_stands_at_the_end_of_the_address() {
        let place = |text: &str| read(text).unwrap().0.to_string();
        assert_eq!(
            place("http://127.0.0.1:9200"),
            "http://127.0.0.1:9200/commun"
        );
        assert_eq!(
            place("http://127.0.0.1:9200/portail/"),
            "http://127.0.0.1:9200/portail"
        );
        assert_eq!(
            place("https://e.example/os/a-b"),
            "https://e.example/os/a-b"
        );
        for bad in [
            "e.example",
            "ftp://e.example/x",
            "http://e.example/Großes",
            "http://e.example/_all",
            "http://e.example/.kibana",
            "http://e.example/a,b",
            "http://e.example/a*",
            "http://e.example/x?q=1",
        ] {
            assert!(read(bad).is_err(), "{bad} was taken");
        }
    }

    #[test]
    fn a_user_in_the_address_is_taken_out_of_it() {
        let (url, named) = read("https://portail:p%40ss%3Aw%C3%B6rd@e.example:9200/x").unwrap();
        assert_eq!(url.as_str(), "https://e.example:9200/x");
        let expected = BASE64.encode("portail:p@ss:wörd".as_bytes());
        assert_eq!(
            named.unwrap().header().unwrap(),
            format!("Basic {expected}")
        );
        assert_eq!(header("https://e.example/x"), None);
        assert!(read("https://a%ff:b@e.example/x").is_err());
        let said = read("https://geheim:geheim@").unwrap_err().to_string();
        assert!(!said.contains("geheim"), "{said}");
    }

    #[test]
    fn a_key_is_one_word() {
        assert_eq!(
            Credentials::Key("abc==".into()).header().unwrap(),
            "ApiKey abc=="
        );
        for bad in ["", "a b", "a\r\nX: y"] {
            assert!(Credentials::Key(bad.into()).header().is_err());
        }
        assert!(
            Credentials::User("a:b".into(), String::new())
                .header()
                .is_err()
        );
        assert_eq!(
            format!("{:?}", Credentials::Key("abc".into())),
            "Credentials"
        );
    }
}
