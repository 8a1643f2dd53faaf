//! The rows of a catalogue and their sum (R-04-30 to R-04-32).

use crate::{
    id::{CatalogueRoot, CharterId, StatementId, TreeRoot, base32, sha256},
    json::Value,
    name::{Handle, Slug},
};

/// One fact of a catalogue.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Row {
    /// What became of an entry.
    Statement {
        /// Whose log.
        handle: Handle,
        /// The entry's position.
        position: u64,
        /// Its id; absent where the entry is malformed.
        id: Option<StatementId>,
        /// The state's name.
        state: &'static str,
    },
    /// A name and the item that it stands for.
    Slug {
        /// Whose name.
        handle: Handle,
        /// The name.
        slug: Slug,
        /// The item.
        item: StatementId,
    },
    /// A ref, its heads in their order, and the oid that every node serves.
    Ref {
        /// The repository.
        item: StatementId,
        /// The ref's full name.
        name: String,
        /// The heads, the served one first.
        heads: Vec<StatementId>,
        /// The oid served; absent where the ref is deleted.
        served: Option<String>,
    },
}

impl Row {
    /// The row's strict JSON.
    pub fn to_bytes(&self) -> Vec<u8> {
        let id = |i: &StatementId| Value::from(i.to_string());
        let list = match self {
            Row::Statement {
                handle,
                position,
                id: statement,
                state,
            } => vec![
                "s".into(),
                handle.as_str().into(),
                Value::Int(*position),
                statement.as_ref().map_or("".into(), id),
                (*state).into(),
            ],
            Row::Slug { handle, slug, item } => vec![
                "slug".into(),
                handle.as_str().into(),
                slug.as_str().into(),
                id(item),
            ],
            Row::Ref {
                item,
                name,
                heads,
                served,
            } => vec![
                "ref".into(),
                id(item),
                name.as_str().into(),
                heads.iter().map(id).collect::<Vec<_>>().into(),
                served.as_deref().unwrap_or_default().into(),
            ],
        };
        Value::List(list)
            .to_bytes()
            .expect("handles, ids, slugs and checked ref names hold no control characters")
    }
}

/// Σ SHA-256(row) mod 2^256, big-endian: rows are added and removed in any order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sum([u8; 32]);

impl Sum {
    /// Adds a row.
    pub fn add(&mut self, row: &Row) {
        let hash = sha256(&[&row.to_bytes()]);
        let mut carry = 0u16;
        for (mine, theirs) in self.0.iter_mut().zip(hash).rev() {
            let n = u16::from(*mine) + u16::from(theirs) + carry;
            *mine = n as u8;
            carry = n >> 8;
        }
    }

    /// Takes away a row that was added.
    pub fn remove(&mut self, row: &Row) {
        let hash = sha256(&[&row.to_bytes()]);
        let mut borrow = 0i16;
        for (mine, theirs) in self.0.iter_mut().zip(hash).rev() {
            let n = i16::from(*mine) - i16::from(theirs) - borrow;
            *mine = n as u8;
            borrow = i16::from(n < 0);
        }
    }

    /// The 32 bytes.
    pub fn to_bytes(self) -> [u8; 32] {
        self.0
    }
}

/// How long a log is, and its root: what a catalogue covers of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tip {
    /// The epoch.
    pub epoch: u64,
    /// The number of entries.
    pub size: u64,
    /// The tree root at that size.
    pub root: TreeRoot,
}

/// The text whose SHA-256 is the catalogue root.
pub fn root_text<'a>(
    fold: u64,
    charter: &CharterId,
    tips: impl IntoIterator<Item = (&'a Handle, &'a Tip)>,
    sum: Sum,
) -> String {
    let mut text = format!("commun-catalogue/1\n{fold}\n{charter}\n");
    for (handle, tip) in tips {
        text.push_str(&format!(
            "{handle} {} {} {}\n",
            tip.epoch, tip.size, tip.root
        ));
    }
    text.push_str(&base32(&sum.to_bytes()));
    text.push('\n');
    text
}

/// SHA-256 of [`root_text`].
pub fn root(text: &str) -> CatalogueRoot {
    CatalogueRoot(sha256(&[text.as_bytes()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(n: u64) -> Row {
        Row::Statement {
            handle: Handle::new("aa").unwrap(),
            position: n,
            id: None,
            state: "void",
        }
    }

    #[test]
    fn a_sum_forgets_the_order_and_what_was_taken_away() {
        //= R-04-31
        let (mut one, mut two) = (Sum::default(), Sum::default());
        for n in 0..300 {
            one.add(&row(n));
            two.add(&row(299 - n));
        }
        assert_eq!(one, two);
        for n in (0..300).rev() {
            one.remove(&row((n * 7) % 300));
        }
        assert_eq!(one, Sum::default());
    }
}
