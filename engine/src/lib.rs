//! Re-exports wasmtime's C API, so that the static library holds its symbols.
//! No code of ours: what wask does is C, in ../src. The headers that belong to
//! this library are copied out by build.rs.

pub use wasmtime_c_api::*;
