//! Tables: comma-separated values as spreadsheets write and read them, into records by a mapping.
//!
//! [`Sheet`] is the rows of a file, whatever its encoding and delimiter; [`Mapping`] says which column is which field;
//! [`document`] makes one record of each row. Our own tables need no mapping: their headers name fields (`title[fr]`).

mod mapping;
mod read;
mod sheet;

pub use mapping::Mapping;
pub use read::document;
pub use sheet::{MAX_BYTES, MAX_ROWS, Row, Sheet, plain, write_row};

#[cfg(test)]
mod tests;
