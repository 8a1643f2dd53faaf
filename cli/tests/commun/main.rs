//! The programs as people and scripts meet them: exit codes, stdout, stderr, and what reaches the node.

mod codes;
mod fake;
mod getting;
mod git;
mod program;
mod programs;
mod proofs;
mod publishing;
