//! Commands that are planned: their names are promised, and they say that they are not built.

use std::ffi::OsString;

use crate::failure::{Code, Failure};

/// Says that a command is not built yet.
pub fn not_built(command: &str, instead: &str) -> Failure {
    Failure::new(
        Code::NotBuilt,
        format!("`commun {command}` is not built yet{instead}."),
    )
}

macro_rules! planned {
    ($($(#[doc = $help:literal])* $name:ident, $command:literal, $instead:literal;)*) => {$(
        $(#[doc = $help])*
        #[derive(clap::Args, Debug)]
        pub struct $name {
            /// Not read: the command only says that it is not built.
            #[arg(hide = true, trailing_var_arg = true, allow_hyphen_values = true)]
            rest: Vec<OsString>,
        }
        impl $name {
            /// Says that it is not built yet.
            pub fn run(self) -> Result<(), Failure> {
                Err(not_built($command, $instead))
            }
        }
    )*};
}

planned! {
    /// Remove an institution from the commons (not built yet)
    CharterRemove, "charter remove", "";
    /// Propose another charter (not built yet)
    CharterPropose, "charter propose", "";
    /// List the charter's amendments (not built yet)
    CharterLog, "charter log", "; `commun charter show` has the charter in force";
}
