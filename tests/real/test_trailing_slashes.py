#!/usr/bin/env python3
"""P22: what a slash at the end of a name means, for each call and each kind of object.

Compared row by row with Linux's own answer on a plain directory and with the wasmtime
CLI; tests/oracles.txt says where they differ. (node is no oracle here: it folds names
lexically.)
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from guests import guest                    # noqa: E402
from linux import agent                     # noqa: E402
from oracles import Differences, wasmtime   # noqa: E402
from rows import end, row, same             # noqa: E402
from run import Place, wask                 # noqa: E402

KINDS = {
    "file": lambda at: {f"{at}/x": b"content"},
    "dir": lambda at: {f"{at}/x": None},
    "filelink": lambda at: {f"{at}/x": ("f",)},
    "dirlink": lambda at: {f"{at}/x": ("d",)},
    "dangling": lambda at: {f"{at}/x": ("none",)},
    "absent": lambda at: {f"{at}/y": b""},
}
OPS = ["open r {x}", "open rf {x}", "open d {x}", "open df {x}", "open wc {x}", "open wcf {x}", "open wcx {x}", "open wt {x}", "open w {x}",
       "stat {x}", "lstat {x}", "mkdir {x}", "rmdir {x}", "unlink {x}", "readlink {x}", "times {x}", "ltimes {x}", "list {x}",
       "rename {x} {at}/z", "rename {f} {x}", "rename {d} {x}", "rename {x} {at}/z/", "symlink f {x}", "link {x} {at}/z", "link {f} {x}"]
MODES = {"off": ["--ask=off", "--dir", "."], "asking": ["--dir", "."]}


def cases():
    """(row's name, line without the descriptor, tree) of every kind, call and slash."""
    for kind, tree in KINDS.items():
        for op in OPS:
            for slash in ("/", "//", "/."):
                at = f"{kind}{len(seen)}"
                seen.append(at)
                line = op.format(x=f"{at}/x{slash}", at=at, f=f"{at}/f", d=f"{at}/d")
                yield op.format(x=kind + slash, at="", f="file", d="directory"), line, {f"{at}/f": b"other", f"{at}/d": None, **tree(at)}


seen = []
table = list(cases())
names = {line: name for name, line, _ in table}


def whole_tree():
    return Place({name: what for _, _, tree in table for name, what in tree.items()})


def rows_of(out, fd):
    """The agent's answers under the names of the table."""
    found = []
    for text in out.decode(errors="replace").splitlines():
        line, answer = text.split(": ", 1)
        found.append(f"{names[line.removeprefix(f'{fd} ')]}: {answer}")
    return "\n".join(found).encode()


def script(fd):
    return "".join(f"{fd} {line}\n" for _, line, _ in table).encode()


differences = Differences()
ours = {}
for mode, options in MODES.items():
    fd = 3 if mode == "off" else 4
    with whole_tree() as p:
        result = wask(*options, guest("agent"), stdin=script(fd), cwd=p.path)
        same(f"P22 the guest did all of it, {mode}", (result.status, len(result.out.splitlines())), (0, len(table)))
        ours[mode] = (rows_of(result.out, fd), p.snapshot())
hosts = {"linux": lambda p: agent(script(3), p.path),
         "wasmtime": lambda p: wasmtime(guest("agent"), dirs=[(".", ".")], stdin=script(3), cwd=p.path).out}
for host, run_on in hosts.items():
    with whole_tree() as p:
        theirs = rows_of(run_on(p), 3)
        for mode in MODES:
            wrong = differences.compare("slashes", host, theirs, ours[mode][0])
            row(not wrong, f"P22 trailing slashes like {host}, {mode}", wrong)
        if host == "linux":
            same("P22 the same files are left as by Linux", ours["off"][1], p.snapshot())
same("P22 the same files are left in both modes", ours["off"][1], ours["asking"][1])
unused = differences.unused(["slashes"])
row(not unused, "P22 every difference in tests/oracles.txt is still one", "\n".join(unused))
end()
