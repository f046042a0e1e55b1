#!/usr/bin/env python3
"""C programs by two compilers and two libcs: the same output, status and files as on
the wasmtime CLI and on node, given everything. What differs is in tests/oracles.txt."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from guests import LIBCS, guest             # noqa: E402
from oracles import HOSTS, Differences      # noqa: E402
from rows import end, has, row, same        # noqa: E402
from run import Place, wask                 # noqa: E402

TREE = {"w/hello.txt": b"hello, world\n", "w/dir/inner.txt": b"inner\n", "w/dir/z": b"", "w/empty": None, "w/link.txt": ("hello.txt",),
        "w/linkdir": ("dir",), "w/dangling": ("made-by-link.txt",), "w/loop": ("loop2",), "w/loop2": ("loop",)}
MODES = {"off": ["--ask=off", "--dir", "."], "asking": ["--dir", "."]}
differences = Differences()


def files(libc, mode, options, host, *only):
    """Both run the file guest in equal places."""
    what = f"files, {libc} libc, {mode}, like {host}"
    with Place(TREE) as mine, Place(TREE) as theirs:
        ours = wask(*options, guest("files", libc), "w", *only, cwd=mine.path)
        oracle = HOSTS[host](guest("files", libc), ["w", *only], dirs=[(".", ".")], cwd=theirs.path)
        wrong = differences.compare(f"files {libc}", host, oracle.out, ours.out)
        row(not wrong and ours.out, f"{what}: output", wrong or ours)
        same(f"{what}: status and standard error", (ours.status, ours.err), (oracle.status, oracle.err))
        same(f"{what}: files made", mine.snapshot(), theirs.snapshot())


def say(libc, options, host):
    words = ["say", "", "two words", "--dir", "ä\u202e"]
    what = f"process, {libc} libc, {' '.join(options) or 'asking'}, like {host}"
    oracle = HOSTS[host](guest("process", libc), words, env={"ONE": "1", "TWO": "a=b"}, stdin=b"x" * 12345)
    ours = wask(*options, "--env", "ONE=1", "--env", "TWO=a=b", guest("process", libc), *words, stdin=b"x" * 12345)
    wrong = differences.compare(f"process {libc}", host, oracle.out, without_pwd(ours.out))
    row(not wrong and ours.out, f"{what}: output", wrong or ours)
    same(f"{what}: standard error", ours.err, oracle.err)
    same(f"{what}: status", ours.status, oracle.status)


def without_pwd(out):
    """With asking on there are PWD and the few variables of decisions.md 11."""
    return b"".join(line + b"\n" for line in out.splitlines() if not line.startswith((b"env PWD:", b"env LC_ALL:", b"env TERM:")))


for libc in LIBCS:
    for host in HOSTS:
        for mode, options in MODES.items():
            files(libc, mode, options, host)
        say(libc, ["--ask=off"], host)
    files(libc, "named only", [], "wasmtime", "look")
    say(libc, [], "wasmtime")
    # design/decisions.md 12: above 255 is 255, a trap is 134.
    for way, status in {"return": 5, "exit:0": 0, "exit:3": 3, "exit:255": 255, "exit:256": 255, "exit:-1": 255, "abort": 134, "trap": 134}.items():
        same(f"status of {way}, {libc} libc", wask("--ask=off", guest("process", libc), way).status, status)
result = wask("--ask=off", guest("process"), "recurse")
same("status of endless recursion", result.status, 134)
has("a trap shows where", result.err.decode(errors="replace"), "recurse")
same("argv[0] is the module's file name", wask(guest("process"), "say").out.split(b"\n")[1], b"argv 0: 'process.wasm'")
same("--argv0", wask("--argv0", "other", guest("process"), "say").out.split(b"\n")[1], b"argv 0: 'other'")
unused = differences.unused([f"{name} {libc}" for name in ("files", "process") for libc in LIBCS] + ["files *", "process *"])
row(not unused, "every difference in tests/oracles.txt is still one", "\n".join(unused))
end()
