#!/usr/bin/env python3
"""ripgrep, unmodified: searches like on the wasmtime CLI that is given everything, with
classic preopens, asking beneath a grant, and with nobody there and nothing but its arguments."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from oracles import wasmtime                    # noqa: E402
from rows import end, has, row, same            # noqa: E402
from run import Place, module, wask             # noqa: E402

RG = module("rg")
TREE = {"src/main.c": b"int main(void)\n{\n\treturn needle();\n}\n", "src/deep/er/x.txt": b"no\nneedle here\nno\nneedle there\n",
        "src/skipped.log": b"needle\n", "src/.gitignore": b"*.log\n", "src/.hidden": b"needle\n", "src/binary": b"needle\0\1\2", "src/.ignore": b"*.log\n",
        "src/latin.txt": b"caf\xe9 needle\n", "src/crlf.txt": b"needle\r\n", "notes.txt": b"a needle\nin a haystack\n", "empty/x": b""}
# What is asked of it; each with the paths that it names.
NAMED = {
    "one file": ["-n", "needle", "notes.txt"],
    "a directory": ["-n", "--sort=path", "needle", "src"],
    "a directory, hidden too": ["-n", "--sort=path", "-uu", "needle", "src"],
    "a count": ["-c", "--sort=path", "needle", "src", "notes.txt"],
    "context": ["-n", "-C1", "needle", "src/deep/er/x.txt"],
    "names only": ["--files", "--sort=path", "src"],
    "nothing found": ["nowhere to be found", "src"],
    "json": ["--json", "-n", "needle", "src/main.c"],
    "a bad pattern": ["(", "notes.txt"],
    "a replacement": ["needle", "-r", "pin", "notes.txt"],
    "multiline": ["-U", "-n", r"needle\nin", "notes.txt"],
    "version": ["--version"],
}
UNNAMED = {"here": ["-n", "--sort=path", "needle", "./"], "globs": ["-n", "--sort=path", "-g", "*.c", "needle", "./"],
           "what is not there": ["needle", "none.txt"]}


def compared(what, args, options, p, **more):
    ours = wask(*options, RG, *args, cwd=p.path)
    oracle = wasmtime(RG, args, dirs=[(".", ".")], cwd=p.path)
    same(f"ripgrep, {what}: standard output", without_time(ours.out), without_time(oracle.out))
    same(f"ripgrep, {what}: status", ours.status, oracle.status)
    return ours, oracle


def without_time(out):
    """--json says how long things took."""
    return b"\n".join(line for line in out.split(b"\n") if b'"elapsed' not in line)


with Place(TREE) as p:
    before = p.snapshot()
    for what, args in {**NAMED, **UNNAMED}.items():
        for mode, options in {"off": ["--ask=off", "--dir", "."], "asking": ["--dir", "."]}.items():
            ours, oracle = compared(f"{what}, {mode}", args, options, p)
            same(f"ripgrep, {what}, {mode}: standard error", ours.err, oracle.err)
    for what, args in NAMED.items():
        compared(f"{what}, its arguments only", args, [], p)
    ours = wask(RG, "needle", "notes.txt", "--pre=cat", cwd=p.path)
    row(not ours.signalled and not ours.hung, "ripgrep, a process it cannot start: a clean end", ours)
    same("ripgrep from standard input", wask(RG, "-n", "needle", "-", stdin=b"no\nneedle\n", cwd=p.path).out, b"2:needle\n")
    # Nobody there: a directory that is not named may be looked at but not searched, and the list says what was missed.
    ours = wask("--ask=never", RG, "-n", "needle", "./", cwd=p / "src")
    has("ripgrep, here, nobody there: the list names what was missed", ours.err.decode(), "main.c")
    row(b"needle()" not in ours.out, "ripgrep, here, nobody there: nothing was read", ours)
    same("ripgrep: nothing was changed", p.snapshot(), before)
end()
