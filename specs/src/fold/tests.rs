pub(crate) mod federation;
mod histories;
mod properties;
mod rules;
