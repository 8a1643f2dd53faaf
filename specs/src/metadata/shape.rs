//! How values of a field coexist, by the names that the table of fields uses.

/// The plain form of a shape, as [`View`](super::View) has it.
macro_rules! plain {
    (one $type:ty) => { Option<$type> };
    (list $type:ty) => { Vec<$type> };
    (texts $type:ty) => { Vec<(String, String)> };
    (words $type:ty) => { Vec<(String, String)> };
}

pub(super) use plain;

/// How the values of a field coexist and which of them are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One value is shown.
    One,
    /// Several, in order.
    List,
    /// One text per language.
    Texts,
    /// Several words per language.
    Words,
}

/// A field of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name in documents and bodies.
    pub name: &'static str,
    /// How its values coexist.
    pub shape: Shape,
    /// Whether it is a member of the form that people write; the others are read out of files and content.
    pub asked: bool,
}

macro_rules! shape_of {
    (one) => {
        Shape::One
    };
    (list) => {
        Shape::List
    };
    (texts) => {
        Shape::Texts
    };
    (words) => {
        Shape::Words
    };
}

macro_rules! is_asked {
    (asked) => {
        true
    };
    (found) => {
        false
    };
}

macro_rules! table {
    ($($(#[$doc:meta])* $name:ident => $plain:ident: $shape:ident $type:ty, $read:path, $asked:ident;)*) => {
        /// All fields, in the order of the documentation.
        pub const TABLE: &[Field] = &[$(Field {
            name: stringify!($name),
            shape: shape_of!($shape),
            asked: is_asked!($asked),
        }),*];

        /// The names of fields, all of which a charter may require.
        pub const FIELDS: &[&str] = &[$(stringify!($name)),*];
    };
}
super::fields::each_field!(table);
