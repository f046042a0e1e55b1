#!/usr/bin/env python3
"""sequences - random file calls, made by a guest under wask and, line for line, as
plain system calls on a directory of the same content (model.c); what each call says
and what is left must be the same.

    tests/fuzz/sequences.py [--seconds N] [--seed S] [MODE...]

Where wask differs from the kernel for a reason, tests/oracles.txt says so (guest
"sequence", host "model"). A failure prints its seed and the shortest sequence found.
"""

import argparse
import fnmatch
import os
import random
import re
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
from guests import content, digest, guest, headers, made    # noqa: E402
from oracles import Differences                             # noqa: E402
from run import Place, command, environment, wask                        # noqa: E402

MODES = {"off": (["--ask=off", "--dir", "."], "3"), "asking": (["--dir", "."], "4")}
CALLS = 70              # in a sequence
SLOTS = 6
GIVEN = "1/2/3/4/5/6/in"        # deep: no ".." of a sequence gets as far as /tmp, which is the guest's own with asking on
TREE = {
    **{f"1/2/3/4/5/6/{name}": what for name, what in {"secret": b"not given\n", "beside/x": b"nor this\n"}.items()},
    **{f"{GIVEN}/{name}": what for name, what in {
        "a": b"0123456789", "d/e/f": b"x" * 5000, "l": ("a",), "dl": ("d",), "out": ("../secret",), "up": ("..",), "loop": ("loop",),
        "dangling": ("d/none",), "absolute": ("/etc/passwd",), "deep": ("d/../d/e",), "back": ("d/e/../../a",)}.items()},
}


def model():
    """tests/guests/sequence.c on the kernel itself."""
    sources = [f"{HERE}/../guests/sequence.c", f"{HERE}/model.c"]

    def build(to):
        result = command(["cc", "-O1", "-g", "-D_GNU_SOURCE", f"-I{HERE}/../guests", *sources, "-o", to])
        if result.status:
            raise RuntimeError(f"model: {result.err.decode()}")
    return made(f"model-{digest(*map(content, [*sources, *headers()]))}/model", build)


# ---- what to do --------------------------------------------------------------

COMPONENTS = ["a"] * 5 + ["b"] * 4 + ["d"] * 5 + ["e"] * 4 + ["f", "f", "l", "l", "dl", "dl", "out", "up", "loop", "dangling", "absolute", "deep", "back",
                                                            "..", "..", ".", "n" * 255, "n" * 256, "%ff%01", "g%20h"]
LETTERS = ["r", "w", "rw", "rwc", "wc", "wcx", "rwcx", "wct", "wt", "t", "rwa", "wca", "rd", "d", "", "rwcl", "wl", "cd", "wd", "rt", "ct", "cx", "rws", "rwn", "dl", "rwct"]
SIZES = [0, 1, 2, 3, 10, 100, 4096, 5001, 70000]
OFFSETS = [0, 0, 1, 5, 100, 4095, 70000, (1 << 31) - 1, 1 << 32, (1 << 40), (1 << 63) - 1, 1 << 63, (1 << 64) - 1, (1 << 63) - 70000]
TIMES = [0, 1, 10**9, 10**18, 1234567890123456789, (1 << 63) - 1, (1 << 64) - 1]


class Words:
    """Picks the words of a line."""

    def __init__(self, r, mode):
        self.r, self.mode, self.above = r, mode, True

    def slot(self):
        return str(self.r.randrange(1, SLOTS))

    def at(self):
        """Of a directory that was opened, wask with asking on uses ".." by its name, the kernel by its object: not compared."""
        at = "0" if self.r.random() < 0.7 else self.slot()
        self.above = at == "0" or self.mode == "off"
        return at

    def path(self):
        path = self.any_path()
        return path if self.above else path.replace("..", "e")

    def any_path(self):
        if self.r.random() < 0.01:
            return self.r.choice(["", "/", "/a", "%00", "a%00b", "/" * 20, "d/" * 2100, "." * 4095])
        path = self.r.choice(["/", "/", "/", "//", "/./"]).join(self.r.choice(COMPONENTS) for _ in range(self.r.choice([1, 1, 1, 2, 2, 3])))
        return path + (self.r.choice(["/", "//", "/.", "/.."]) if self.r.random() < 0.08 else "")

    def target(self):
        return self.r.choice(["a", "d", "e", "../a", "..", "../..", "d/e", "../secret", "/etc/passwd", "l", "", ".", "dl/e", "../d/../a", "x" * 300]) if self.r.random() < 0.7 else self.path()

    def flags(self):
        return self.r.choice(LETTERS) + ("f" if self.r.random() < 0.6 else "")

    def size(self):
        return str(self.r.choice(SIZES))

    def offset(self):
        return str(self.r.choice(OFFSETS))

    def by(self):
        """Never near 2^63: where a file system's largest offset lies is its own affair, and a seek does not ask it."""
        return str(self.r.choice([0, 1, 5, -1 % (1 << 64), -5 % (1 << 64), -70000 % (1 << 64), 1 << 33, 1 << 63]))

    def whence(self):
        return str(self.r.choice([0, 1, 2, 0, 1, 2, 3]))

    def seed(self):
        return str(self.r.randrange(100))

    def look(self):
        return str(self.r.randrange(2))

    def no_look(self):
        return str(int(self.r.random() < 0.1))

    def time(self):
        return str(self.r.choice(TIMES))

    def fst(self):
        return str(self.r.choice([5, 4, 1, 10, 8, 2, 0, 3, 12, 15, 16, 31]))

    def fdflags(self):
        return str(self.r.choice([0, 1, 4, 5, 1, 0, 16, 32]))

    def buffer(self):
        return str(self.r.choice([1, 23, 24, 25, 26, 30, 60, 100, 4096, 65536]))

    def short(self):
        return str(self.r.choice([0, 1, 3, 100, 4096]))

    def cookie(self):
        return str(self.r.choice([0, 1, 2, 3, 5, 100, 1 << 63, (1 << 64) - 1]))

    def advice(self):
        return str(self.r.choice([0, 1, 2, 3, 4, 5, 6]))

    def few(self):
        """Allocation takes room: as much as a few of them may."""
        return str(self.r.choice([0, 1, 100, 5000, 1 << 63, (1 << 64) - 1]))

    def start(self):
        return str(self.r.choice([0, 1, 5000, (1 << 63) - 1, 1 << 63]))


# A call, how often, and its words.
CALL = [
    ("open", 26, "slot at flags path"), ("close", 3, "slot"), ("renumber", 2, "slot slot"), ("read", 4, "slot size"), ("pread", 3, "slot size offset"),
    ("write", 5, "slot size seed"), ("pwrite", 3, "slot size seed offset"), ("seek", 5, "slot by whence"), ("tell", 2, "slot"), ("fdstat", 1, "slot"),
    ("fstat", 3, "slot"), ("setflags", 2, "slot fdflags"), ("size", 3, "slot offset"), ("allocate", 2, "slot start few"), ("advise", 1, "slot offset size advice"),
    ("sync", 0.2, "slot"), ("datasync", 0.2, "slot"), ("ftimes", 2, "slot time time fst"), ("readdir", 4, "slot buffer"), ("entries", 2, "slot cookie"),
    ("stat", 6, "at look path"), ("times", 3, "at look path time time fst"), ("mkdir", 5, "at path"), ("rmdir", 4, "at path"), ("unlink", 4, "at path"),
    ("rename", 9, "at path at path"), ("link", 5, "at no_look path at path"), ("symlink", 5, "at target path"), ("readlink", 3, "at short path"),
]


def sequence(mode, seed):
    words = Words(random.Random(seed), mode)
    calls = words.r.choices(CALL, [weight for _, weight, _ in CALL], k=CALLS)
    lines = [" ".join([op, *(getattr(words, kind)() for kind in kinds.split())]) for op, _, kinds in calls]
    return ["open 1 0 rwf a", "open 2 0 rdf d", "link 0 0 . 0 d", *lines]


# ---- doing it, and comparing -------------------------------------------------

def left_in(p):
    """All that is there: kind, permission bits, names it has, size and how it starts."""
    found = {}
    for base, dirs, files in os.walk(p.path):
        for name in [*dirs, *files]:
            path = os.path.join(base, name)
            st = os.lstat(path)
            what = [st.st_mode, 0 if os.path.isdir(path) and not os.path.islink(path) else st.st_nlink]
            if os.path.islink(path):
                what.append(os.readlink(path))
            elif os.path.isfile(path):
                with open(path, "rb") as f:
                    what += [st.st_size, f.read(1 << 17)]
            found[os.path.relpath(path, p.path)] = what
    return found


def on_wask(mode, lines):
    options, preopen = MODES[mode]
    with Place(TREE) as p:
        result = wask(*options, guest("sequence"), preopen, cwd=p / GIVEN, stdin="".join(f"{line}\n" for line in lines).encode())
        return result, result.out.decode(errors="replace").splitlines(), left_in(p)


def on_model(mode, lines):
    tree = {"MODEL_TREE": "1"} if mode == "asking" else {}
    with Place(TREE) as p:
        result = command([model()], cwd=p / GIVEN, env=environment(**tree), stdin="".join(f"{line}\n" for line in lines).encode())
        return result, result.out.decode(errors="replace").splitlines(), left_in(p)


class Table(Differences):
    """Rows for sequences; a row's name is the call with its words, what a host says its first word or * for all of it."""

    def explains(self, mode, line, theirs, ours):
        for number, g, n, h, t, o, _ in self.rows:
            if (g in (f"sequence {mode}", "sequence") and h == "model" and fnmatch.fnmatchcase(line, n)
                    and fnmatch.fnmatchcase(theirs, t) and fnmatch.fnmatchcase(ours, o)):
                self.used.add(number)
                return True
        return False


# With asking on, what leaves the directory is a name like any other: nobody is there, so it is refused,
# in whatever words fit what may be known of it; above it stand directories that are made up, to be looked at.
LEFT = {"noent", "acces", "exist", "isdir", "notdir", "inval", "busy", "xdev", "notempty", "loop", "nametoolong"}
MADE_UP = ("open ", "stat ")


def leaves(mode, line, theirs, ours):
    """None: the two differ for no such reason; else whether the line did something all the same."""
    if mode != "asking" or theirs != "perm":
        return None
    if line.startswith(MADE_UP) and ours.startswith("ok type 3"):
        return True
    return False if ours in LEFT else None


def renamed(mode, line, ours, before):
    """As Words.at says, through a link this time."""
    return mode == "asking" and ours == "noent" and re.search(r" [1-5] ", line) and any(line.startswith("rename ") for line in before)


def difference(table, mode, lines):
    """Where the two part, as text; empty: nowhere."""
    theirs_result, theirs, theirs_left = on_model(mode, lines)
    result, ours, left = on_wask(mode, lines)
    for i, line in enumerate(lines):
        a, b = (said[i] if i < len(said) else "(nothing)" for said in (theirs, ours))
        if a == b or table.explains(mode, line, a, b):
            continue
        left_it = leaves(mode, line, a, b)
        if left_it or renamed(mode, line, b, lines[:i]):
            return difference(table, mode, lines[:i] + lines[i + 1:])
        if left_it is None:
            return f"call {i}: {line}\n  the kernel says: {a}\n  wask says:       {b}" + ("" if i < len(ours) else f"\n{result}")
    if theirs_result.status or result.status or result.hung:
        return f"ended: the model with {theirs_result}\nwask with {result}"
    if left != theirs_left:
        names = sorted(n for n in {*left, *theirs_left} if left.get(n) != theirs_left.get(n))
        return "\n".join(f"left: {n}\n  by the kernel: {str(theirs_left.get(n))[:300]}\n  by wask:       {str(left.get(n))[:300]}" for n in names)
    return ""


def shortened(table, mode, lines, seconds=20):
    """LINES without what does not matter to the failure, as far as the time goes."""
    until = time.monotonic() + seconds
    step = max(1, len(lines) // 2)
    while step and time.monotonic() < until:
        at = 0
        while at < len(lines) and time.monotonic() < until:
            fewer = lines[:at] + lines[at + step:]
            if fewer and difference(table, mode, fewer):
                lines = fewer
            else:
                at += step
        step //= 2
    return lines


def check(table, mode, seed):
    """What went wrong with a seed, as text to print; empty: nothing."""
    lines = sequence(mode, seed)
    wrong = difference(table, mode, lines)
    if not wrong:
        return ""
    lines = shortened(table, mode, lines)
    wrong = difference(table, mode, lines) or f"not so when it was repeated:\n{wrong}"
    return f"tests/fuzz/sequences.py --seed {seed} {mode}\n{wrong}\n" + "\n".join(f"    {line[:300]}" for line in lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int)
    parser.add_argument("modes", nargs="*", metavar="MODE")
    args = parser.parse_args()
    table, failed, passed = Table(), 0, 0
    for mode in args.modes or MODES:
        until = time.monotonic() + args.seconds
        seeds = iter([args.seed]) if args.seed is not None else iter(lambda: random.getrandbits(48), None)
        for seed in seeds:
            wrong = check(table, mode, seed)
            failed += bool(wrong)
            passed += not wrong
            if wrong:
                print(f"not ok {mode}\n{wrong}", flush=True)
            if time.monotonic() > until or failed > 9:
                break
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
