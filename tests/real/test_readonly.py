#!/usr/bin/env python3
"""What was given to be read is not changed, whatever way a guest opens, links or moves
it (W01, W02), and times that no program expects (W07): rows of design/security.md.
"""

import ctypes
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from agent import Agent         # noqa: E402
from rows import end, row, same # noqa: E402
from run import Place           # noqa: E402

READ_ONLY = {"off": (["--ask=off", "--dir", "ro:ro"], 3, ""), "asking": (["--dir", "ro:ro"], 4, "ro/")}
# Two directories: how the guest names something in the one that may only be read, and in the other.
PAIRS = {"off": (["--ask=off", "--dir", "ro:ro", "--dir", "rw"], (3, ""), (4, "")), "asking": (["--dir", "ro:ro", "--dir", "rw"], (4, "ro/"), (4, "rw/")),
         "off, nested": (["--ask=off", "--dir", ".", "--dir", "ro:ro"], (4, ""), (3, "rw/")), "asking, nested": (["--dir", ".", "--dir", "ro:ro"], (4, "ro/"), (4, "rw/"))}
TREE = {"ro/a": b"not to be changed\n", "ro/empty": b"", "ro/d/b": b"nor this\n", "ro/l": ("a",), "ro/dangling": ("none",), "ro/e": None, "rw/x": b"mine\n", "rw/d/y": b"y"}


def state(p, under=""):
    """Everything that a change would change, of each object: bytes, size, mode, times but atime, names."""
    found = {}
    for base, dirs, files in os.walk(p / under if under else p.path):
        for name in [".", *dirs, *files]:
            path = os.path.join(base, name)
            st = os.lstat(path)
            data = ""
            if os.path.isfile(path) and not os.path.islink(path):
                with open(path, "rb") as f:
                    data = f.read()
            found[path] = (st.st_ino, st.st_mode, st.st_size, st.st_nlink, st.st_mtime_ns, st.st_ctime_ns, data)
    return found


# ---- W01 ---------------------------------------------------------------------

def w01(mode):
    options, fd, prefix = READ_ONLY[mode]
    with Place(TREE) as p, Agent(options, cwd=p.path) as guest:
        before = state(p)
        for name in ("a", "empty", "d/b", "l", "dangling", "none", "e", "e/none", "d", ".", "a/", "e/", "d/../a"):
            answer = guest.do(f"{fd} ways {prefix}{name}")
            row(answer.startswith("ok opened ") and answer.endswith(f"refused {4096 - int(answer.split()[2])}"), f"W01 4,096 ways to open {name}, {mode}", answer)
        row(guest.do(f"{fd} open r {prefix}a") == "ok file ok not%20to%20be%20changed%0a", f"W01 and it is read, {mode}")
        same(f"W01 bytes, sizes and times are as before, {mode}", state(p), before)


# ---- W02 ---------------------------------------------------------------------

def w02(mode):
    options, (ro, at), (rw, to) = PAIRS[mode]
    with Place(TREE) as p, Agent(options, cwd=p.path) as guest:
        before = state(p, "ro")
        wrong = []
        moves = [(f"{ro} {call} {rw} {at}{source} {to}{target}", source) for call in ("linkto", "renameto") for source in ("a", "d/b", "l", "d", "e", "empty", "d/../a")
                 for target in ("got", "x", "d/got", "d")]
        moves += [(f"{rw} {call} {ro} {to}{source} {at}{target}", source) for call in ("linkto", "renameto") for source in ("x", "d", "d/y") for target in ("got", "a", "e", "d/b", "l")]
        moves += [(f"{ro} {call} {ro} {at}{source} {at}{target}", source) for call in ("linkto", "renameto") for source in ("a", "d", "l") for target in ("got", "empty", "d/b", "e")]
        for line, _ in moves:
            answer = guest.do(line)
            if answer.startswith("ok"):
                wrong.append(f"{line}: {answer}")
        row(not wrong, f"W02 {len(moves)} links and renames between what may be read and what may be written: refused, {mode}", "\n".join(wrong))
        # Whatever did arrive is written through the directory that may be written.
        for name in ("got", "x", "d/got", "d/y"):
            guest.do(f"{rw} open wt {to}{name}")
        same(f"W02 nothing of the one changed through the other, {mode}", state(p, "ro"), before)
        row(guest.do(f"{rw} renameto {rw} {to}x {to}z") == "ok" and guest.do(f"{rw} linkto {rw} {to}z {to}zz") == "ok", f"W02 within the one that may be written it works, {mode}")


def w02_of_a_file():
    """What is named may be read: neither given another name nor moved to where more may be done with it."""
    with Place(TREE) as p, Agent(["--ask=never", "--dir", "rw"], args=["ro/a"], cwd=p.path) as guest:
        before = state(p, "ro")
        same("W02 a named file is read", guest.do("4 open r ro/a"), "ok file ok not%20to%20be%20changed%0a")
        answers = [guest.do(f"4 {line}") for line in ("link ro/a rw/got", "rename ro/a rw/got", "rename rw/x ro/a", "link rw/x ro/a", "rename ro/a ro/z")]
        row(not any(answer.startswith("ok") for answer in answers), "W02 but neither linked nor moved", answers)
        same("W02 and is as it was", state(p, "ro"), before)


# ---- W07 ---------------------------------------------------------------------

LIBC = ctypes.CDLL(None, use_errno=True)
NS = 10**9
U64 = 2**64 - 1
# Seconds of mtime: what a file system can hold of them is its own affair.
SECONDS = [-2**63, -2**31 - 1, -2**31, -1, 0, 1, 2**31 - 1, 2**31, 2**33, 15032385535, 15032385536, 18446744073, 18446744074, 2**62, 2**63 - 1]


def utimens(path, seconds, ns=0):
    """utimensat without Python's own limits; False: this file system or kernel would not."""
    times = (ctypes.c_int64 * 4)(seconds, ns, seconds, ns)
    return LIBC.utimensat(-100, path.encode(), times, 0) == 0


def nanoseconds(path):
    """What a guest must be shown: nothing before 1970, and no more than there is."""
    return min(max(os.stat(path).st_mtime_ns, 0), U64)


def w07(mode, where):
    options, fd = {"off": (["--ask=off", "--dir", "."], 3), "asking": (["--dir", "."], 4)}[mode]
    with Place({"a": b"a", "d/x": b"x"}, dir=where) as p, Agent(options, cwd=p.path) as guest:
        shown, wanted = [], []
        for seconds in SECONDS:
            if utimens(p / "a", seconds, 999999999) and utimens(p / "d", seconds):
                shown += [guest.do(f"{fd} mtim {name}") for name in ("a", "d")]
                wanted += [f"ok {nanoseconds(p / name)}" for name in ("a", "d")]
                guest.do(f"{fd} list d")
        same(f"W07 {len(wanted)} host times on {where or 'this file system'}, saturated, {mode}", shown, wanted)
        row(len(wanted) > 8 and "ok 0" in wanted, f"W07 also those before 1970, on {where or 'this file system'}, {mode}", wanted)
        wrong = []
        for ns in (0, 1, NS - 1, 2**63 - 1, 2**63, U64 - 1, U64):
            answer = guest.do(f"{fd} settimes a {ns}")
            host = os.stat(p / "a").st_mtime_ns
            if answer != "ok" or (host != ns and host > ns):
                wrong.append(f"{ns}: {answer}, on the host {host}")
            if guest.do(f"{fd} mtim a") != f"ok {min(max(host, 0), U64)}":
                wrong.append(f"{ns}: set, and then {guest.do(f'{fd} mtim a')} where the host has {host}")
        row(not wrong, f"W07 times up to 2^64-1 ns set by the guest, on {where or 'this file system'}, {mode}", "\n".join(wrong))


signal.alarm(300)
for mode in READ_ONLY:
    w01(mode)
for mode in PAIRS:
    w02(mode)
w02_of_a_file()
for mode in READ_ONLY:
    for where in (None, *(d for d in ("/dev/shm",) if os.access(d, os.W_OK))):
        w07(mode, where)
end()
