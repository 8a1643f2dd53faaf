//! The people whom the node's institution has enrolled.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    client::{Client, Reply},
    error::Error,
};

/// `GET /api/v1/persons`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Persons {
    /// Everybody enrolled.
    pub persons: Vec<Person>,
}

/// Somebody enrolled.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Person {
    /// The id of the first enrolment.
    pub id: String,
    /// The name, if the node has it.
    pub name: Option<String>,
    /// What the person may do.
    pub roles: Vec<String>,
    /// The person's key.
    pub key: String,
    /// The key's fingerprint, as `ssh` prints it.
    pub fingerprint: String,
    /// Until when the enrolment is good, in seconds since 1970.
    pub expires: Option<u64>,
    /// Who keeps the key: `self` or `node`.
    pub custody: String,
}

/// What an enrolment made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Enrolled {
    /// The person's id.
    pub id: String,
    /// The person's key.
    pub key: String,
    /// Its fingerprint, as `ssh` prints it.
    pub fingerprint: String,
    /// Who keeps it: `self` or `node`.
    pub custody: String,
}

impl Client {
    /// Everybody enrolled here.
    pub fn persons(&self) -> Result<Reply<Persons>, Error> {
        self.get(&self.url(&["api", "v1", "persons"]), true)
    }

    /// Enrols a person. `key` is an OpenSSH public key line or a `did:key`; without one the node makes a key
    /// and keeps it.
    pub fn enrol(
        &self,
        name: &str,
        roles: &[&str],
        key: Option<&str>,
    ) -> Result<Reply<Enrolled>, Error> {
        let mut body = json!({ "name": name, "roles": roles });
        if let Some(key) = key {
            body["key"] = key.into();
        }
        self.post(&self.url(&["api", "v1", "persons"]), &body)
    }

    /// Ends a person's enrolment, for good.
    pub fn revoke(&self, person: &str) -> Result<Reply<Value>, Error> {
        let url = self.url(&["api", "v1", "persons", person, "revoke"]);
        self.post(&url, &json!({}))
    }

    /// Gives a person another key: an OpenSSH public key line or a `did:key`.
    pub fn replace_key(&self, person: &str, key: &str) -> Result<Reply<Enrolled>, Error> {
        let url = self.url(&["api", "v1", "persons", person, "key"]);
        self.post(&url, &json!({ "key": key }))
    }
}
