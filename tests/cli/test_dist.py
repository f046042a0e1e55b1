"""make dist: the program of the tarball, where there is nothing but /proc and a module."""

import glob
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from rows import end, has, row, same
from run import B, SANITIZED, Place, command, module

PARTS = ("bin/wask", "share/man/man1/wask.1", "share/man/man1/wask-compile.1", "share/bash-completion/completions/wask", "share/zsh/site-functions/_wask",
         "share/fish/vendor_completions.d/wask.fish", "LICENSE", "README.md", "THIRD-PARTY")
BECOME = ["unshare", "-m"] if os.getuid() == 0 else ["unshare", "-rm"]


def inside(p, *words):
    """WORDS in a root of their own; /proc is there because Linux is."""
    script = 'mount --rbind /proc "$0/proc" && exec chroot "$0" "$@"'
    return command([*BECOME, "sh", "-c", script, p.path, *words], env={"PATH": os.environ["PATH"], "HOME": "/home/u"})


def in_empty_root(tarball):
    with Place({"proc/x": None, "home/u": None, "notes.txt": b"one\nheld at the call\n"}) as p:
        os.rmdir(p / "proc/x")
        subprocess.run(["tar", "-C", p.path, "-xzf", tarball], check=True)
        top = os.path.basename(tarball).removesuffix(".tar.gz")
        same("the tarball has what it should", [part for part in PARTS if not p.has(f"{top}/{part}")], [])
        has("THIRD-PARTY names what is in it", p.read(f"{top}/THIRD-PARTY").decode(errors="replace"), "cranelift-codegen", "wasmtime", "Apache-2.0", "nettle", "jansson", "utf8proc")
        shutil.copy(module("rg"), p / "rg.wasm")
        wask = f"/{top}/bin/wask"
        same("it is a static program", command(["ldd", p / wask[1:]]).status != 0, True)
        if not usable(p):
            print("skip: this user may not make a root of its own", flush=True)
            return
        version = inside(p, wask, "--version")
        row(version.status == 0 and version.out.startswith(b"wask "), "in an empty root: --version", version)
        for options in ([], ["--ask=off", "--dir", "/"], ["--dir", "/"]):
            got = inside(p, wask, *options, "/rg.wasm", "held", "/notes.txt")
            same(f"in an empty root: ripgrep finds what is there ({' '.join(options) or 'named'})", (got.status, got.out), (0, b"held at the call\n"))
        kept = inside(p, wask, "compile", "/rg.wasm")
        row(kept.status == 0 or b"NOT kept" in kept.err, "in an empty root: wask compile says what it did", kept)
    with Place({"home/u": None}) as p:
        subprocess.run(["tar", "-C", p.path, "-xzf", tarball], check=True)
        shutil.copy(module("rg"), p / "rg.wasm")
        got = command([*BECOME, "sh", "-c", 'exec chroot "$0" "$@"', p.path, wask, "/rg.wasm", "--version"], env={"PATH": os.environ["PATH"], "HOME": "/home/u"})
        row(got.status == 126 and b"/proc must be mounted" in got.err, "without /proc it says what is missing", got)


def usable(p):
    shell = command([*BECOME, "sh", "-c", 'mount --rbind /proc "$0/proc" && chroot "$0" /nothing', p.path], env={"PATH": os.environ["PATH"]})
    return shell.status == 127


tarballs = glob.glob(f"{B}/dist/wask-*-linux-*.tar.gz")
if SANITIZED:
    row(True, "a sanitized build is not distributed")
elif row(len(tarballs) == 1, "make dist made one tarball", tarballs):
    in_empty_root(tarballs[0])
end()
