//! One file, one node: changes share commits in the writer's thread, questions are answered on the caller's. Owns all that
//! a file on a disk asks for: the order of changes, the log and its checkpoints, and what to do when the disk is full.

pub(crate) mod ballast;
pub(crate) mod batch;
pub(crate) mod checkpoint;
pub(crate) mod file;
pub(crate) mod reader;
pub(crate) mod store;
pub(crate) mod writer;
