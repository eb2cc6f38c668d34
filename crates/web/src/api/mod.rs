//! The management API over HTTP. Owns the JSON in which its resources are told, the command line's `--json` among them; what is
//! managed, and who may, is decided in core's `manage`.

pub mod resources;
