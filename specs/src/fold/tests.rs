pub(crate) mod federation;
pub(crate) mod histories;
mod properties;
mod rules;
