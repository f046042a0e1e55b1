//! Copies wasmtime's C headers to where WASK_ENGINE_INCLUDE says, if it is set.
//! They come from the dependency's own build, so that the conf.h among them
//! names exactly the features that were compiled in. Writes nowhere else.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=WASK_ENGINE_INCLUDE");
    let Some(to) = env::var_os("WASK_ENGINE_INCLUDE") else {
        return Ok(());
    };
    // Set by cargo because the dependency says `links = "wasmtime-c-api"`.
    let from = env::var_os("DEP_WASMTIME_C_API_INCLUDE").expect("headers of wasmtime-c-api-impl");
    copy_tree(&PathBuf::from(from), &PathBuf::from(to))
}

fn copy_tree(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
