#!/usr/bin/env python3
"""Somebody else renames while a guest opens (P02, P04): nothing outside is ever reached,
and it ends in bounded time. Another process does it, without pause, all the while.
"""
# alone: its time is measured

import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from agent import Agent         # noqa: E402
from rows import end, row       # noqa: E402
from run import Place           # noqa: E402

MODES = {"off": (["--ask=off", "--dir", "."], 3), "asking": (["--dir", "."], 4)}
OPENS = 30_000
STORM = 100_000         # of P02
MOST = 90               # seconds that they may take
EXPECTED = {"again", "noent", "notdir", "perm", "acces", "xdev", "loop"}


class Meddler:
    """A process that repeats STEP until it is told to stop; how often it did."""

    def __init__(self, step):
        self.read, write = os.pipe()
        self.pid = os.fork()
        if self.pid:
            os.close(write)
            return
        os.close(self.read)
        turns, stop = 0, []
        signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
        while not stop:
            step(turns)
            turns += 1
        os.write(write, str(turns).encode())
        os._exit(0)

    def stop(self):
        os.kill(self.pid, signal.SIGTERM)
        turns = int(os.read(self.read, 32) or b"0")
        os.close(self.read)
        os.waitpid(self.pid, 0)
        return turns


def outcome(answer):
    """Errno and first letter -> how often."""
    return {k: int(n) for k, n in (word.split("=") for word in answer.split()[1:])}


def raced(name, mode, step, path, tree, opens=OPENS, inside="I"):
    """PATH opened and read again and again; what comes of it starts with INSIDE or is an errno."""
    options, fd = MODES[mode]
    with Place(tree) as p, Agent(options, cwd=p / "in", limit=MOST + 10) as guest:
        guest.do(f"{fd} opens 1 {path}")
        meddler = Meddler(lambda turn: step(p, turn))
        start = time.monotonic()
        answer = guest.do(f"{fd} opens {opens} {path}")
        took = time.monotonic() - start
        turns = meddler.stop()
        seen = outcome(answer) if answer.startswith("ok") else {}
        others = {k for k in seen if k != inside} - EXPECTED
        row(sum(n for k, n in seen.items()) >= opens and not others, f"{name}: inside or refused, {mode}", f"{answer}\n{turns} turns")
        row(took < MOST and turns >= 10, f"{name}: bounded, {mode}", f"{took:.1f} s, {turns} turns")
        return seen


# ---- P02: a storm of renames somewhere else on the system ---------------------

def elsewhere(p, turn):
    os.rename(p / f"beside/{turn % 2}", p / f"beside/{1 - turn % 2}")


def p02(mode):
    tree = {"beside/0": b"", "b": b"OUT\n", "in/b": b"IN\n", "in/a/x": b"x", "in/l": ("a",)}
    for path in ("a/../b", "l/../b", "a/../../b"):
        seen = raced(f"P02 a storm of renames while {path} is opened", mode, elsewhere, path, tree, STORM)
        if path != "a/../../b":
            row(seen.get("I", 0) > STORM // 2, f"P02 {path} is mostly found all the same, {mode}", seen)


# ---- P04: a directory on the way moves out of the grant and back --------------

def out_and_back(p, _):
    os.rename(p / "in/d", p / "out/d")
    os.rename(p / "out/d", p / "in/d")


def replaced_by_a_link(p, _):
    os.rename(p / "in/d", p / "in/kept")
    os.symlink("../out", p / "in/d")
    os.unlink(p / "in/d")
    os.rename(p / "in/kept", p / "in/d")


def p04(mode):
    tree = {"out/secret": b"OUT\n", "secret": b"OUT\n", "out/e/secret": b"OUT\n", "in/secret": b"IN\n", "in/d/secret": b"IN\n", "in/d/e/secret": b"IN\n"}
    raced("P04 d moves out and back, d/../secret", mode, out_and_back, "d/../secret", tree)
    raced("P04 d moves out and back, d/e/../../secret", mode, out_and_back, "d/e/../../secret", tree)
    raced("P04 d moves out and back, d/e/../secret", mode, out_and_back, "d/e/../secret", tree)
    raced("P04 d turns into a link out and back, d/secret", mode, replaced_by_a_link, "d/secret", tree)
    raced("P04 d turns into a link out and back, d/e/../secret", mode, replaced_by_a_link, "d/e/../secret", tree)


signal.alarm(380)
for mode in MODES:
    p02(mode)
    p04(mode)
end()
