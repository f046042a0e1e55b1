//! What a Rust program does with files through std: a line for each thing it tried.
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};

fn say<T: std::fmt::Debug>(name: &str, result: io::Result<T>) {
    match result {
        Ok(value) => println!("{name}: {value:?}"),
        Err(error) => println!("{name}: {:?}", error.kind()),
    }
}

fn names(path: &str) -> io::Result<BTreeSet<(String, bool)>> {
    fs::read_dir(path)?
        .map(|entry| {
            let entry = entry?;
            Ok((entry.file_name().into_string().unwrap(), entry.file_type()?.is_dir()))
        })
        .collect()
}

fn seeks() -> io::Result<(String, u64)> {
    let mut file = OpenOptions::new().read(true).write(true).create(true).open("made/new.txt")?;
    file.write_all(b"0123456789")?;
    file.seek(SeekFrom::End(-3))?;
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    file.set_len(4)?;
    file.sync_all()?;
    Ok((text, file.metadata()?.len()))
}

fn main() {
    println!("args: {:?}", std::env::args().skip(1).collect::<Vec<_>>());
    println!("env: {:?}", std::env::var("GREETING"));
    say("read", fs::read_to_string("notes.txt"));
    say("lines", File::open("notes.txt").map(|f| BufReader::new(f).lines().count()));
    say("read beneath", fs::read_to_string("data/deeper/b.txt"));
    say("read up and down", fs::read_to_string("data/../notes.txt"));
    say("read through a link", fs::read_to_string("link"));
    say("read link", fs::read_link("link"));
    say("absent", fs::read_to_string("none.txt"));
    say("list", names("."));
    say("list beneath", names("data"));
    say("list absent", names("none"));
    say("stat", fs::metadata("notes.txt").map(|m| (m.is_file(), m.len())));
    say("stat a directory", fs::metadata("data").map(|m| m.is_dir()));
    say("stat a link", fs::symlink_metadata("link").map(|m| m.file_type().is_symlink()));
    say("mkdir", fs::create_dir_all("made/deep"));
    say("mkdir again", fs::create_dir("made"));
    say("create, seek, cut", seeks());
    say("create what is there", OpenOptions::new().write(true).create_new(true).open("made/new.txt").map(|_| ()));
    say("append", OpenOptions::new().append(true).open("made/new.txt").and_then(|mut f| f.write(b"more")));
    say("appended", fs::read_to_string("made/new.txt"));
    say("copy", fs::copy("notes.txt", "made/copy.txt"));
    say("rename", fs::rename("made/copy.txt", "made/deep/moved.txt"));
    say("hard link", fs::hard_link("made/new.txt", "made/hard.txt"));
    say("remove what is not empty", fs::remove_dir("made/deep"));
    say("remove", fs::remove_file("made/deep/moved.txt"));
    say("remove a directory", fs::remove_dir("made/deep"));
    say("write over", fs::write("made/over.txt", b"over"));
    say("remove all", fs::remove_dir_all("made/none"));
    say("end", names("made"));
    say("standard input", io::stdin().lock().lines().next().unwrap());
    std::process::exit(3);
}
