#!/usr/bin/env python3
"""What leans on a host: small calls without end, a sink that does not read, one pipe for
two runs, standard descriptors closed and taken again, names that are no text."""

import fcntl
import os
import select
import struct
import subprocess
import sys
import termios

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tty"))
from guests import guest                                            # noqa: E402
from harness import Terminal                                        # noqa: E402
from rows import end, row, same                                     # noqa: E402
from run import LIMIT, SANITIZED, WASK, Place, command, environment, wask     # noqa: E402

LOTS = guest("lots")
MODES = {"off": ["--ask=off", "--dir", "."], "asking": ["--dir", "."]}
ROUNDS = 20_000 if SANITIZED else 80_000        # of twelve calls, and seven more in each eighth: a million; 10 million take ten times as long and say the same
SLACK = 64                                      # KiB that a process may grow by
ENV = environment(**({"ASAN_OPTIONS": "quarantine_size_mb=0:thread_local_quarantine_size_kb=0"} if SANITIZED else {}))


class Guest:
    """lots.c under wask, its input and output pipes of ours."""

    def __init__(self, options, *words, cwd, **more):
        self.child = subprocess.Popen([WASK, "run", *options, LOTS, *words], cwd=cwd, env=ENV, start_new_session=True,
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, **more)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.child.returncode is None:
            self.child.kill()
        self.child.wait()
        self.child.stdin.close()
        self.child.stdout.close()

    def processes(self):
        """Monitor and worker."""
        with open(f"/proc/{self.child.pid}/task/{self.child.pid}/children") as f:
            return [self.child.pid, *map(int, f.read().split())]

    def line(self):
        got = b""
        while not got.endswith(b"\n"):
            if not select.select([self.child.stdout], [], [], 4 * LIMIT)[0] or not (piece := os.read(self.child.stdout.fileno(), 1)):
                break
            got += piece
        return got


def memory(pid):
    """KiB of its own that are in memory: what is mapped of files does not count."""
    with open(f"/proc/{pid}/status") as f:
        fields = dict(line.split(":", 1) for line in f)
    return int(fields["RssAnon"].split()[0])


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


# ---- many calls --------------------------------------------------------------

def many_calls(mode, options):
    with Place() as p, Guest(options, "rounds", cwd=p.path) as g:
        g.child.stdin.write(b"2000\n")
        warm = g.line() == b"done\n"
        row(warm, f"L04 the first rounds, {mode}")
        if not warm:
            return
        before = [(memory(pid), descriptors(pid)) for pid in g.processes()]
        g.child.stdin.write(b"%d\n" % ROUNDS)
        same(f"L04 {ROUNDS} rounds of small calls, {mode}: none went wrong", g.line(), b"done\n")
        after = [(memory(pid), descriptors(pid)) for pid in g.processes()]
        row(all(now[0] <= then[0] + SLACK for then, now in zip(before, after)), f"L04 constant memory, {mode}", f"{before} {after}")
        same(f"L04 constant descriptors, {mode}", [fds for _, fds in after], [fds for _, fds in before])
        g.child.stdin.write(b"0\n")
        g.child.stdin.close()
        same(f"L04 status, {mode}", g.child.wait(LIMIT), 0)


# ---- a sink that does not read -----------------------------------------------

def waiting_to_read(fd):
    return struct.unpack("i", fcntl.ioctl(fd, termios.FIONREAD, b"\0" * 4))[0]


def is_full(fd):
    """Nothing more goes into the pipe that we read from: no writer could, of a page."""
    return waiting_to_read(fd) > fcntl.fcntl(fd, fcntl.F_GETPIPE_SZ) - 4096


def slow_sink(mode, options):
    """It writes for ever, and we do not read: the pipe fills, and nothing else does."""
    with Place() as p, Guest(options, "flood", cwd=p.path) as g:
        fd, check = g.child.stdout.fileno(), select.poll()
        check.register(fd, select.POLLIN)
        check.poll(4 * LIMIT * 1000)
        row(until(lambda: is_full(fd)), f"L07 a full pipe, {mode}", waiting_to_read(fd))
        worker = g.processes()[-1]
        before = memory(worker)
        taken = b""
        while len(taken) < 1 << 20:                 # sixteen times as much as the pipe holds
            taken += os.read(fd, 65536)
        row(until(lambda: is_full(fd)), f"L07 and full again, {mode}", waiting_to_read(fd))
        row(memory(worker) <= before + SLACK, f"L07 what is not read is not kept, {mode}", f"{before} {memory(worker)}")
        while len(taken) % 8:
            taken += os.read(fd, 8 - len(taken) % 8)
        numbers = struct.unpack(f"<{len(taken) // 8}Q", taken)
        row(numbers == tuple(range(len(numbers))), f"L07 every byte once and in order, {mode}")


def until(condition):
    for _ in range(4 * LIMIT * 100):
        if condition():
            return True
        select.select([], [], [], 0.01)             # somebody else's turn: there is nothing to wait for in a pipe that fills
    return False


# ---- one pipe, two runs ------------------------------------------------------

def two_readers():
    for mode, options in MODES.items():
        shell = ' '.join(['printf "ab\\ncd\\n" |', '(', '"$0" run', *options, '"$1" take 3;', 'echo "--";', '"$0" run', *options, '"$1" rest )'])
        with Place() as p:
            same(f"W37 the second run reads what the first left, {mode}", command(["sh", "-c", shell, WASK, LOTS], cwd=p.path).out, b"ab\n--\ncd\n")
            p.write("input", b"abcdefgh")
            shell = ' '.join(['exec <input; "$0" run', *options, '"$1" take 3; echo; cat'])
            same(f"W37 of a file too, {mode}", command(["sh", "-c", shell, WASK, LOTS], cwd=p.path).out, b"abc\ndefgh")


# ---- 0 to 2, closed and taken again ------------------------------------------

TAKEN = {"c0.txt": b"y\ny\nalways\n", "c1.txt": b"to one\n", "c2.txt": b"to two\n"}


def closed():
    for mode, options in MODES.items():
        with Place({"here/a": b"", "secret.txt": b"secret\n"}, dir="/var/tmp") as p:     # what lies in /tmp is not there for a guest
            result = wask(*options, LOTS, "closed", cwd=p / "here")
            same(f"W28 0 to 2 closed and taken again, {mode}: nothing reached ours", (result.out, [line for line in result.err.splitlines() if b"to two" in line]), (b"", []))
            same(f"W28 what was written is in the files, {mode}", {n: p.read(f"here/{n}") for n in TAKEN}, TAKEN)
            same(f"W28 what is not granted stays so, {mode}", result.status, 20)


def closed_at_a_terminal():
    """Somebody is asked, at the terminal that the guest closed: what the guest put at 0 is no answer."""
    for answer, status in (("n", "exit 20"), ("y", "exit 21")):
        with Place({"here/a": b"", "secret.txt": b"secret\n", "cache": None}, dir="/var/tmp") as p:
            argv = [WASK, "run", f"--cache={p / 'cache'}", "--dir", ".", LOTS, "closed"]
            with Terminal(argv, cwd=p / "here", env=environment(TERM="xterm", HOME="/nonexistent")) as t:
                t.answer(answer)
                same(f"W28 a question after 0 to 2 were closed, answered {answer}", t.wait(), status)
                row(t.restored() and "to one" not in t.text() and "to two" not in t.text(), f"W28 the terminal saw the question alone, answered {answer}", t.text())
            same(f"W28 the guest's files took what it wrote, answered {answer}", {n: p.read(f"here/{n}") for n in TAKEN}, TAKEN)


# ---- bytes -------------------------------------------------------------------

NAMES = [b"\xff\xfe", b"\xe2\x82", b"a\x80 b", "ä".encode(), b"new\nline"]


def bytes_as_they_are():
    for mode, options in {"off": ["--ask=off", "--dir", "."]}.items():
        with Place() as p:
            for name in NAMES:
                with open(os.path.join(p.path.encode(), name), "wb"):
                    pass
            argv = [WASK.encode(), b"run", *(o.encode() for o in options), b"--env", b"NAME=\xff\x80x", LOTS.encode(), b"bytes", *NAMES]
            lines = [bytes.fromhex(line.decode()) for line in command(argv, cwd=p.path).out.split()]
            same(f"W30 arguments that are not UTF-8, {mode}", lines[0].split(b"\0")[2:-1], NAMES)
            row(b"NAME=\xff\x80x\0" in lines[1], f"W30 a variable that is not UTF-8, {mode}", lines[1])
            same(f"W30 names that are not UTF-8, {mode}", sorted(entries(lines[2])), sorted([b".", b"..", *NAMES]))


def entries(listing):
    at = 0
    while at + 24 <= len(listing):
        length, = struct.unpack_from("<I", listing, at + 16)
        yield listing[at + 24:at + 24 + length]
        at += 24 + length


for mode, options in MODES.items():
    many_calls(mode, options)
    slow_sink(mode, options)
two_readers()
closed()
closed_at_a_terminal()
bytes_as_they_are()
end()
