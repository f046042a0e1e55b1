#!/usr/bin/env python3
"""What is no ordinary file, whatever it is called (W36); bytes that a library of ours
might not take (W06); a directory of a million entries (W25).
"""
# alone: its time is measured

import os
import signal
import socket
import stat
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from agent import Agent    # noqa: E402
from guests import guest as compiled    # noqa: E402
from rows import end, row, same         # noqa: E402
from run import SANITIZED, WASK, Place, command, wask   # noqa: E402

MODES = {"off": (["--ask=off", "--dir", "."], 3), "asking": (["--dir", "."], 4)}
REFUSED = {"acces", "perm", "noent", "notcapable", "loop", "xdev", "inval", "nxio", "notsup", "nodev", "notdir", "exist", "isdir"}


def encoded(name):
    return "".join(f"%{b:02x}" if b <= 0x20 or b >= 0x7F or b == 0x25 else chr(b) for b in name)


# ---- W36: by what it is, never by its name -----------------------------------

ODD = [b"COM1", b"com\xc2\xb9", b"LPT\xc2\xb2", b"nul", b"CON.txt", b"aux", b"prn", b"a:b", b"a\\b", b"trailing ", b"trailing.", b"~", b"-", b"--", b"*", b"\xff\xfe", b"new\nline",
       b"\x1b[2J", b"...", b"\xe2\x80\xae", b"a.wasm"]


def make_special(p):
    """Each kind under an ordinary and an odd name: name -> what a stat calls it. Devices: where this user may make them."""
    made = {}
    for name in ("plain.txt", "COM\u00b9"):
        os.mkfifo(p / f"fifo-{name}")
        made[f"fifo-{name}"] = "unknown"
        with socket.socket(socket.AF_UNIX) as s:
            here = os.getcwd()
            os.chdir(p.path)
            s.bind(f"socket-{name}")
            os.chdir(here)
        made[f"socket-{name}"] = "stream"
        for kind, mode, numbers in (("null", stat.S_IFCHR, (1, 3)), ("tty", stat.S_IFCHR, (5, 0)), ("zero", stat.S_IFCHR, (1, 5)), ("loop", stat.S_IFBLK, (7, 0))):
            try:
                os.mknod(p / f"{kind}-{name}", mode | 0o666, os.makedev(*numbers))
            except OSError:
                continue
            made[f"{kind}-{name}"] = "block" if mode == stat.S_IFBLK else "char"
    return made


def w36(mode):
    options, fd = MODES[mode]
    with Place() as p:
        for name in ODD:
            with open(os.path.join(p.path.encode(), name), "wb") as f:
                f.write(b"ordinary")
        special = make_special(p)
        for name in list(special):
            os.symlink(name, p / f"link-{name}")
        with Agent(options, cwd=p.path) as guest:
            wrong = [(name, answer) for name in ODD for answer in [guest.do(f"{fd} open r {encoded(name)}")] if answer != "ok file ok ordinary"]
            row(not wrong, f"W36 {len(ODD)} ordinary files with odd names are read, {mode}", wrong)
            secret = [name for name in special if name.startswith("socket-") and mode == "asking"]
            wrong = [(name, answer) for name, kind in special.items() for answer in [guest.do(f"{fd} stat {encoded(name.encode())}")]
                     if not answer.startswith("noent" if name in secret else f"ok {kind} ")]
            row(not wrong, f"W36 a stat says what it is, and sockets are secrets, {mode}", wrong)
            wrong, slowest = [], 0.0
            for name in special:
                for path in (name, f"link-{name}", f"./link-{name}", f"{name}/", f"{name}/x"):
                    for flags in ("rf", "wf", "rwf", "wcf", "wctf", "f", "rnf", "wanf", "rdf", "wcxf"):
                        start = time.monotonic()
                        answer = guest.do(f"{fd} open {flags} {encoded(path.encode())}", limit=10)
                        slowest = max(slowest, time.monotonic() - start)
                        if answer.split()[0] not in REFUSED:
                            wrong.append(f"open {flags} {path}: {answer}")
            row(not wrong, f"W36 {len(special)} devices, FIFOs and sockets, in any way, also through links: refused, {mode}", "\n".join(wrong[:20]))
            row(slowest < 1, f"W36 none of it took a second, {mode}", slowest)
            wrong = [name for name in special if name not in secret and guest.do(f"{fd} rename {encoded(name.encode())} moved") + guest.do(f"{fd} unlink moved") != "okok"]
            row(not wrong, f"W36 their names are names like any other, {mode}", wrong)


# ---- W06: what a library of ours might not take ------------------------------

def w06():
    """Names are bytes, and what is refused is listed at the end: as text, whatever the guest asked for."""
    names = [bytes([b]) + b"x" for b in range(1, 256) if b not in b"/\n"] + [b"n" * 255, b"\xf0\x9f\x98" * 80, b"\xed\xa0\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80", b"a\xcc\x81" * 80]
    with Place({"f": b"f"}) as p:
        for name in names:
            with open(os.path.join(p.path.encode(), name), "wb") as f:
                f.write(b"x")
        lines = [f"4 {op} {encoded(name)}" for name in names for op in ("open r", "open wc", "mkdir new", "unlink")]
        lines += ["4 open wc " + "/".join(["d" * 250] * 15), "4 open r " + "./" * 2000 + "f"]
        result = wask("--ask=never", compiled("agent"), stdin="".join(f"{line}\n" for line in lines).encode(), cwd=p.path)
        row(result.status == 0 and len(result.out.splitlines()) == len(lines), f"W06 {len(lines)} calls on names of any bytes: to the end", result)
        try:
            text, why = result.err.decode(), ""
        except UnicodeDecodeError as error:
            text, why = "", error
        row(text.startswith("wask: refused") and all(c >= " " or c == "\n" for c in text), "W06 and the list at the end is text", why or result)


def w06_of_the_launcher():
    """Arguments and variables near what a kernel hands over, in bytes that are no text."""
    with Place() as p:
        big = b"\xff\xfe" * 50_000
        result = command([WASK.encode(), b"run", b"--ask=off", b"--env", b"A=" + big, compiled("agent").encode(), big], stdin=b"0 fds\n", cwd=p.path)
        same("W06 100 KB of no text as argument and variable", (result.status, result.out[:9]), (0, b"0 fds: ok"))
        result = command([WASK.encode(), b"run", b"--ask=never", compiled("agent").encode(), *[b"/x\xff%d" % i for i in range(3000)]], stdin=b"0 fds\n", cwd=p.path)
        same("W06 3,000 arguments that look like names", (result.status, result.out[:9]), (0, b"0 fds: ok"))


# ---- W25: a directory of a million entries -----------------------------------

def fill(path, n):
    """Names of one file: the cheapest that there is. A file system that allows few names of a file gets more files."""
    os.mkdir(path)
    fd = os.open(path, os.O_RDONLY)
    source = ""
    for i in range(n):
        try:
            os.link(source, f"{i}", src_dir_fd=fd, dst_dir_fd=fd)
        except OSError:
            source = f"{i}"
            os.close(os.open(source, os.O_CREAT | os.O_WRONLY, dir_fd=fd))
    os.close(fd)


def counted(mode, p, name, n):
    options, fd = MODES[mode]
    with Agent(options, cwd=p.path) as guest:
        opened = guest.do(f"{fd} open rdk {name}").split()[1]
        start = time.monotonic()
        answer = guest.do(f"{opened} count")
        took = time.monotonic() - start
        same(f"W25 {n:,} entries are all there, {mode}", answer, f"ok {n + 2}")
        return took


def w25():
    where = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    many = 100_000 if SANITIZED or os.getuid() else 1_000_000     # once is enough: who counts them does not matter
    with Place(dir=where) as p:
        fill(p / "few", many // 10)
        fill(p / "many", many)
        for mode in MODES:
            few = min(counted(mode, p, "few", many // 10) for _ in range(2))
            took = counted(mode, p, "many", many)
            row(took < 40 * max(few, 0.01), f"W25 and ten times as many take no more than they should, {mode}", f"{few:.3f} s, then {took:.3f} s")


signal.alarm(380)
for mode in MODES:
    w36(mode)
w06()
w06_of_the_launcher()
w25()
end()
