#!/usr/bin/env python3
"""Modules from before 2020, which import wasi_unstable: what differs in its ABI, beside the wasmtime CLI."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from guests import content, digest, guest, made, wat    # noqa: E402
from oracles import lines_of, wasmtime                  # noqa: E402
from rows import end, has, row, same                    # noqa: E402
from run import Place, command, wask, WASK              # noqa: E402

IMPORTS = 2     # the section
OLD, NEW = b"wasi_unstable", b"wasi_snapshot_preview1"
MODES = {"off": ["--ask=off", "--dir", "."], "asking": ["--dir", "."]}

# wasmtime 49 lays the subscriptions out anew in place, at the distance of the old ones: its second is never right.
THEIRS = {"a file and a clock far away, events": "1", "a file and a clock far away, whose": "8", "a file and a clock far away, bytes": "9"}


# ---- the module itself -------------------------------------------------------

def leb(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7f) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def leb_bytes(value):
    out = bytearray()
    while True:
        out.append(value & 0x7f | (0x80 if value > 0x7f else 0))
        value >>= 7
        if not value:
            return bytes(out)


def sections(data):
    at = 8
    while at < len(data):
        size, start = leb(data, at + 1)
        yield data[at], data[start:start + size]
        at = start + size


def renamed(data):
    """The module with every import of NEW made one of OLD: what the libc itself imports too."""
    out = data[:8]
    for kind, body in sections(data):
        if kind == IMPORTS:
            body = body.replace(leb_bytes(len(NEW)) + NEW, leb_bytes(len(OLD)) + OLD)
        out += bytes([kind]) + leb_bytes(len(body)) + body
    return out


def old_guest():
    source = guest("unstable")

    def make(to):
        with open(to, "wb") as f:
            f.write(renamed(content(source)))
    return made(f"unstable-{digest(content(source))}/unstable.wasm", make)


# ---- rows --------------------------------------------------------------------

def abi(module, what):
    with Place() as p:
        theirs = lines_of(wasmtime(module, dirs=[(".", ".")], cwd=p.path).out)
    for mode, options in MODES.items():
        with Place() as p:
            result = wask(*options, module, cwd=p.path)
            ours = lines_of(result.out)
            same(f"{what}, {mode}: status", result.status, 0)
            same(f"{what}, {mode}: nothing is left", p.snapshot(), {})
        for name in ours:
            same(f"wasi_unstable, {what}, {mode}: {name}", ours[name], THEIRS.get(name, theirs.get(name)))
        same(f"{what}, {mode}: as many rows", sorted(ours), sorted(theirs))


def is_old(module):
    imports = b"".join(body for kind, body in sections(content(module)) if kind == IMPORTS)
    row(OLD in imports and NEW not in imports, "the guest imports wasi_unstable and nothing else")


IMPORT = '(module (import "wasi_unstable" "%s" (func (param %s) (result i32))) (memory (export "memory") 1) (func (export "_start")))'


def what_it_had_not():
    """sock_accept came later: a module that imports it from wasi_unstable does not run."""
    with Place() as p:
        result = wask(wat("old_accept", IMPORT % ("sock_accept", "i32 i32 i32")), cwd=p.path)
        same("wasi_unstable had no sock_accept: not runnable", result.status, 126)
        has("and it is named", result.err.decode(), "wasi_unstable.sock_accept")
        same("but it had sock_recv", wask(wat("old_recv", IMPORT % ("sock_recv", "i32 i32 i32 i32 i32 i32")), cwd=p.path).status, 0)


def held():
    """A need is a need, whoever's layout: the same list for both."""
    with Place({"a.txt": b"text\n"}) as p:
        for name, module in (("mixed", guest("unstable")), ("renamed", old_guest())):
            result = command([WASK, "run", "--ask=never", module], cwd=p.path)
            has(f"asking, nothing given, {name}: create is refused and listed", result.out.decode() + result.err.decode(), "create: errno 02", "u.txt")
        same("and nothing was made", p.snapshot().keys(), {"a.txt"})


abi(guest("unstable"), "both modules")
is_old(old_guest())
abi(old_guest(), "one module")
what_it_had_not()
held()
end()
