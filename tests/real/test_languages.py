#!/usr/bin/env python3
"""The same kind of program in C++ (fstream), Rust (std::fs), Go (os) and AssemblyScript,
compiled by tools/setup languages: given a directory, each says and leaves what it does
on the wasmtime CLI, with asking off and on; given nothing, it is refused and goes on.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from oracles import wasmtime                    # noqa: E402
from rows import end, row, same                 # noqa: E402
from run import Place, setup_path, wask         # noqa: E402

LANGUAGES = setup_path("languages")
TREE = {"notes.txt": b"one\ntwo\n", "data/a.csv": b"1,2\n", "data/deeper/b.txt": b"deep\n", "link": ("notes.txt",)}
STDIN = b"a line\nanother\n"
# How a host gives the directory, and where else it must be told: Go takes names from PWD, and sees only "/".
GIVEN = {"cpp": (".", {}), "rust": (".", {}), "go": ("/", {"PWD": "/"}), "as": (".", {})}
# What each can tell of a directory that is refused.
REFUSED = {"cpp": "read: not opened", "rust": "read: PermissionDenied", "go": "read: permission", "as": "read: errno"}


def variables(env):
    return [word for k, v in env.items() for word in ("--env", f"{k}={v}")]


def like_wasmtime(language):
    module, (at, env) = f"{LANGUAGES}/{language}.wasm", GIVEN[language]
    env = {"GREETING": "hello there", **env}
    args = ["first", "second word"]
    with Place(TREE) as p:
        oracle = wasmtime(module, args, dirs=((".", at),), env=env, cwd=p.path, stdin=STDIN)
        theirs = (oracle.status, oracle.out, oracle.err, p.snapshot())
    row(oracle.status == 3 and b"read: " in oracle.out and b"one" in oracle.out, f"{language}: the wasmtime CLI runs it", oracle)
    modes = {"off": ["--ask=off", "--dir", f".::{at}", *variables(env)], "asking": ["--dir", ".", *variables({"GREETING": env["GREETING"]})]}
    for mode, options in modes.items():
        with Place(TREE) as p:
            ours = wask(*options, module, *args, cwd=p.path, stdin=STDIN)
            same(f"{language}: says the same and leaves the same, {mode}", (ours.status, ours.out, ours.err, p.snapshot()), theirs)


def given_nothing(language):
    with Place(TREE) as p:
        before = p.snapshot()
        ours = wask(f"{LANGUAGES}/{language}.wasm", cwd=p.path, stdin=STDIN)
        row(ours.status == 3 and REFUSED[language].encode() in ours.out, f"{language}: refused when nobody is there, and it goes on to its end", ours)
        row(b"refused, because nobody could be asked" in ours.err and b"notes.txt" in ours.err, f"{language}: the list at the end names what was refused", ours.err)
        same(f"{language}: nothing was changed", p.snapshot(), before)


for language in GIVEN:
    like_wasmtime(language)
    given_nothing(language)
end()
