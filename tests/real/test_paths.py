#!/usr/bin/env python3
"""Hostile paths, from inside a guest: rows of design/security.md, by their names.

Classic preopens (--ask=off) and asking with nobody there; what must not be made or
read is looked for on the host afterwards.
"""

import ctypes
import errno
import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from agent import Agent, GONE, HUNG     # noqa: E402
from rows import end, row, same         # noqa: E402
from run import WASK, Place, environment     # noqa: E402

REFUSED = {"acces", "perm", "noent", "notcapable", "loop", "xdev"}
# How each mode is started with a directory granted, and the descriptor through which the guest names what is in it.
MODES = {"off": (["--ask=off", "--dir", "."], 3), "asking": (["--dir", "."], 4)}
SECRET = b"host secret\n"


def refused(name, answer, also=()):
    row(answer.split(" ")[0] in REFUSED | set(also), name, answer)


def place():
    return Place({"in/a.txt": b"inside\n", "in/d/b.txt": b"deeper\n", "in/e": None, "in/out": ("../secret.txt",), "in/absolute": ("/etc/passwd",),
                  "in/up": ("..",), "in/dangling": ("../made.txt",), "in/within": ("d/new.txt",), "secret.txt": SECRET})


def nothing_escaped(name, p):
    outside = {n: what for n, what in p.snapshot().items() if not n.startswith("in")}
    same(name, outside, {"secret.txt": ("file", 0o644, SECRET)})


# ---- W16: NUL in a path ------------------------------------------------------

NULS = ["a.txt%00", "%00a.txt", "a.txt%00/../../secret.txt", "%00"]
ONE_PATH = ["open r {}", "open wc {}", "stat {}", "lstat {}", "mkdir {}", "rmdir {}", "unlink {}", "readlink {}", "times {}", "ltimes {}",
            "symlink a.txt {}", "symlink {} l", "rename {} b", "rename a.txt {}", "link {} b", "link a.txt {}"]


def w16(mode, options, fd):
    with place() as p, Agent(options, cwd=p / "in") as guest:
        before = p.snapshot()
        wrong = [f"{line}: {answer}" for nul in NULS for op in ONE_PATH
                 for line in [f"{fd} {op.format(nul)}"] for answer in [guest.do(line)] if answer != "inval"]
        row(not wrong, f"W16 path with NUL: inval in every call, {mode}", "\n".join(wrong))
        same(f"W16 path with NUL: nothing done, {mode}", p.snapshot(), before)


# ---- W17: absolute paths -----------------------------------------------------

def w17():
    with place() as p, Agent(["--ask=off", "--dir", "."], cwd=p / "in") as guest:
        for op in ("open rf", "stat", "lstat", "readlink", "mkdir", "unlink", "rmdir", "times"):
            same(f"W17 absolute path: {op.split()[0]} is perm", guest.do(f"3 {op} /etc/passwd"), "perm")
        same("W17 absolute path: rename from is perm", guest.do("3 rename /etc/passwd x"), "perm")
        same("W17 absolute path: rename to is perm", guest.do(f"3 rename a.txt {p / 'x'}"), "perm")
        same("W17 absolute target of symlink is perm", guest.do("3 symlink /etc/passwd l"), "perm")
        same("W17 stepping outside and back is perm", guest.do("3 stat ../in/a.txt"), "perm")
        same("W17 stepping outside and back, deeper, is perm", guest.do("3 open r d/../../in/a.txt"), "perm")
        same("W17 up and down within is fine", guest.do("3 open r d/../a.txt"), "ok file ok inside%0a")
        row(not p.has("in/l") and not p.has("x"), "W17 nothing was made")
    with place() as p, Agent(["--dir", "."], cwd=p / "in") as guest:
        same("W17 absolute target of symlink is perm, asking", guest.do("4 symlink /etc/passwd l"), "perm")
        row(not p.has("in/l"), "W17 nothing was made, asking")


# ---- W18: links that the guest makes -----------------------------------------

def back(name, mode, answer):
    """With asking on, a link that leaves is a hole for its target (decisions.md 4.5), and this target was given."""
    if mode == "off":
        refused(name, answer)
    else:
        row(answer.startswith("ok"), name, answer)


def w18(mode, options, fd):
    with place() as p, Agent(options, cwd=p / "in") as guest:
        same(f"W18 a link out may be made, {mode}", guest.do(f"{fd} symlink ../../x l"), "ok")
        guest.do(f"{fd} symlink ../secret.txt s")
        guest.do(f"{fd} symlink .. dd")
        for flags in ("rf", "wf", "wcf", "wctf", "rwaf", "wcxf"):
            refused(f"W18 guest-made link out, open {flags}, {mode}", guest.do(f"{fd} open {flags} l"), ("exist",))
            refused(f"W18 guest-made link to what exists, open {flags}, {mode}", guest.do(f"{fd} open {flags} s"), ("exist",))
        for op in ("stat s", "open rf dd/secret.txt", "open wcf dd/made", "mkdir dd/made", "unlink dd/secret.txt", "rename dd/secret.txt got",
                   "rename a.txt dd/made", "list dd", "times s", "symlink x dd/made", "link a.txt dd/made"):
            refused(f"W18 through a guest-made link: {op}, {mode}", guest.do(f"{fd} {op}"))
        back(f"W18 through a guest-made link, out and back, {mode}", mode, guest.do(f"{fd} readlink dd/in/out"))
        same(f"W18 the link itself may be read, {mode}", guest.do(f"{fd} readlink l"), "ok ../../x")
        same(f"W18 the link itself may be removed, {mode}", guest.do(f"{fd} unlink l"), "ok")
        row(not p.has("in/got"), f"W18 nothing came in, {mode}")
        nothing_escaped(f"W18 nothing changed outside, {mode}", p)


# ---- W20: nothing is given by default ----------------------------------------

def w20():
    with place() as p:
        with Agent(["--ask=off"], cwd=p / "in") as guest:
            same("W20 --ask=off without --dir: no preopen", guest.do("3 prestat"), "badf")
            same("W20 --ask=off without --dir: only standard descriptors", guest.do("0 fds").split()[1:], [f"{n}:{t}" for n, t in zip(range(3), guest_types(guest))])
            for fd in (3, 4):
                same(f"W20 --ask=off without --dir: open on {fd}", guest.do(f"{fd} open r a.txt"), "badf")
        before = p.snapshot()
        for mode in ("never", "blind"):
            with Agent([f"--ask={mode}"], cwd=p / "in") as guest:
                if mode == "blind":
                    same("W20 no grants, --ask=blind: where it stands is empty", guest.do("4 list ."), "ok . ..")
                for op in ("open r a.txt", "open w a.txt", "open wc new.txt", "mkdir new", "unlink a.txt", "rmdir e", "rename a.txt b.txt", "list e",
                           "times a.txt", "symlink x l", "link a.txt l", "open r /etc/passwd", "open wct a.txt"):
                    refused(f"W20 no grants, --ask={mode}: {op}", guest.do(f"4 {op}"))
                if mode == "never":
                    refused("W20 no grants, --ask=never: list .", guest.do("4 list ."))
                said = guest.end()
            same(f"W20 no grants, --ask={mode}: an ordinary end", said.status, 0)
        same("W20 no grants: nothing changed", p.snapshot(), before)


def guest_types(guest):
    return [guest.do(f"{n} fdstat").split()[1] for n in range(3)]


def untouched():
    """I1: what is secret or quiet is decided by its name; no process of a run mentions it to the kernel."""
    names = ["etc/shadow", "etc/hostname", "etc/ssh/ssh_host_rsa_key", "proc/1/environ", "usr/share/dict/words", "root/.ssh/id_rsa", "home/x/.ssh/id_rsa",
             "home/x/.config/thing", "opt/thing", "var/lib/thing"]
    calls = ["open r {}", "open rf {}", "stat {}", "lstat {}", "readlink {}", "list {}", "unlink {}", "rmdir {}", "times {}", "open w {}", "rename {} x"]
    with place() as p:
        for mode in ("needs", "never", "blind"):
            with Agent([f"--ask={mode}"], cwd=p / "in", command=["strace", "-f", "-qq", "-s", "4096", "-o", p / "trace", "-e", "trace=%file", WASK, "run", f"--ask={mode}"],
                       env=environment(HOME="/home/x", XDG_CACHE_HOME=os.environ.get("XDG_CACHE_HOME", p.path), ASAN_OPTIONS="detect_leaks=0")) as guest:
                wrong = [f"{line}: {answer}" for name in names for op in calls for line in [f"3 {op.format(name)}"]
                         for answer in [guest.do(line)] if answer not in ("noent", "acces")]
                row(not wrong, f"I1 secret and quiet names are not there, --ask={mode}", "\n".join(wrong))
                alive = guest.do("4 open r a.txt")
                row(alive in ("acces", "noent"), f"I1 it goes on, --ask={mode}", alive)
            trace = (p.read("trace") or b"").decode(errors="replace")
            seen = "execve" in trace and ('"a.txt"' in trace or 'in/a.txt"' in trace) == (mode != "blind")
            row(seen, f"I1 the trace shows what is looked at, --ask={mode}", trace[-500:])
            touched = [line for line in trace.splitlines() if any(f'"/{name}"' in line or f'"{name}"' in line for name in names)]
            row(not touched, f"I1 the host was not touched to decide, --ask={mode}", "\n".join(touched[:10]))


# ---- P01: what the kernel promises, and the guest's view of it ----------------

def openat2(dirfd, path, resolve):
    how = (ctypes.c_uint64 * 3)(os.O_RDONLY | os.O_CLOEXEC, 0, resolve)
    libc = ctypes.CDLL(None, use_errno=True)
    fd = libc.syscall(437, dirfd, path.encode(), how, ctypes.sizeof(how))
    if fd >= 0:
        os.close(fd)
        return "opened"
    return errno.errorcode[ctypes.get_errno()]


def p01():
    beneath, no_magic = 0x08, 0x02
    with place() as p:
        fd = os.open(p / "in", os.O_PATH | os.O_DIRECTORY)
        root = os.open("/", os.O_PATH | os.O_DIRECTORY)
        same("P01 kernel: .. beneath", openat2(fd, "../secret.txt", beneath | no_magic), "EXDEV")
        same("P01 kernel: absolute beneath", openat2(fd, "/etc/passwd", beneath | no_magic), "EXDEV")
        same("P01 kernel: absolute link beneath", openat2(fd, "absolute", beneath | no_magic), "EXDEV")
        same("P01 kernel: magic link", openat2(root, "proc/self/root", beneath | no_magic), "ELOOP")
        same("P01 kernel: inside", openat2(fd, "d/../a.txt", beneath | no_magic), "opened")
        os.close(fd)
        os.close(root)
        for mode, (options, n) in MODES.items():
            with Agent(options, cwd=p / "in") as guest:
                for path in ("../secret.txt", "d/../../secret.txt", "out", "absolute", "up/secret.txt", "./../secret.txt", "d/../up/secret.txt"):
                    refused(f"P01 guest: {path}, {mode}", guest.do(f"{n} open rf {path}"))
                    refused(f"P01 guest: stat {path}, {mode}", guest.do(f"{n} stat {path}"))
                back(f"P01 guest: up/in/a.txt, {mode}", mode, guest.do(f"{n} open rf up/in/a.txt"))
                back(f"P01 guest: stat up/in/a.txt, {mode}", mode, guest.do(f"{n} stat up/in/a.txt"))
                for path in ("../made", "up/made", "dangling"):
                    refused(f"P01 guest: create {path}, {mode}", guest.do(f"{n} open wcf {path}"))
            nothing_escaped(f"P01 nothing changed outside, {mode}", p)


# ---- P06, P08: pseudo-files and terminals are no files ------------------------

PROC = ["proc/self/mem", "proc/self/environ", "proc/self/maps", "proc/self/fd/0", "proc/self/root", "proc/self/cwd", "proc/self/root/etc/passwd",
        "proc/self/cwd/secret.txt", "proc/1/environ", "proc/version", "proc/sysrq-trigger", "sys/kernel/uevent_helper", "sys/kernel/notes",
        "proc/self", "proc", "sys", "proc/self/fd", "proc/thread-self/root/etc/passwd"]
ROOTS = {"off": ["--ask=off", "--dir", "/"], "asking": ["--dir", "/"]}


def p06():
    with Place({"self": ("/proc/self",), "far/self": ("../../../../../../../../../../proc/self",), "secret.txt": SECRET}) as p:
        for mode, options in ROOTS.items():
            with Agent(options, cwd=p.path) as guest:
                for path in PROC:
                    flags = ("r", "rf", "rd", "w") if path != "proc/sysrq-trigger" else ("r",)
                    for f in flags:
                        refused(f"P06 grant on /, open {f} {path}, {mode}", guest.do(f"3 open {f} {path}"), ("inval", "notdir", "isdir", "nxio", "notsup"))
                    refused(f"P06 grant on /, list {path}, {mode}", guest.do(f"3 list {path}"), ("notdir", "inval", "notsup"))
                for link in ("self", "far/self"):
                    for file in ("environ", "mem", "root/etc/passwd", "cwd/secret.txt"):
                        refused(f"P06 through a link: {link}/{file}, {mode}", guest.do(f"3 open rf {p.path[1:]}/{link}/{file}"), ("inval", "notsup"))


def p08(pts):
    for mode, options in {"off": ["--ask=off", "--dir", "/dev"], "asking": ["--dir", "/dev"]}.items():
        with Agent(options, cwd="/") as guest:
            for name in ("tty", "ptmx", "console", "tty0", f"pts/{pts}", "pts/ptmx", "kmsg", "mem", "sda", "vda", "full", "random"):
                for flags in ("r", "w", "rw", "rf"):
                    path = name if mode == "off" else f"dev/{name}"
                    refused(f"P08 grant on /dev, open {flags} {name}, {mode}", guest.do(f"3 open {flags} {path}"), ("inval", "nxio", "notsup", "nodev"))


# ---- P09, P10 ----------------------------------------------------------------

def p09(mode, options, fd):
    with place() as p:
        os.mkfifo(p / "in/fifo")
        with Agent(options, cwd=p / "in") as guest:
            for flags in ("r", "w", "rw", "rn", "wn", "wc", "wct", "wa", "rd"):
                start = time.monotonic()
                answer = guest.do(f"{fd} open {flags} fifo", limit=10)
                took = time.monotonic() - start
                row(answer not in (HUNG, GONE) and not answer.startswith("ok") and took < 1, f"P09 FIFO, open {flags}: refused within a second, {mode}",
                    f"{answer} after {took:.2f} s")
            row(guest.do(f"{fd} stat fifo").startswith("ok unknown"), f"P09 FIFO: its stat says so, {mode}")


def terminal_of(pid):
    with open(f"/proc/{pid}/stat") as f:
        return int(f.read().rsplit(")", 1)[1].split()[4])


def p10(pts):
    for mode, options in {"off": ["--ask=off", "--dir", "/dev"], "asking": ["--dir", "/dev"]}.items():
        with Agent(options, cwd="/") as guest:       # in a session of its own, without a terminal
            guest.do(f"3 open rw pts/{pts}")
            guest.do(f"3 open rw dev/pts/{pts}")
            guest.do(f"3 open rw tty")
            same(f"P10 no controlling terminal was acquired, {mode}", [terminal_of(pid) for pid in (guest.monitor(), guest.worker())], [0, 0])


# ---- P13: dangling links -----------------------------------------------------

def p13(mode, options, fd):
    with place() as p, Agent(options, cwd=p / "in") as guest:
        for flags in ("wcf", "wctf", "rwcf", "wcxf", "wc"):
            refused(f"P13 dangling link out, open {flags}, {mode}", guest.do(f"{fd} open {flags} dangling"), ("exist",))
        refused(f"P13 mkdir on a dangling link, {mode}", guest.do(f"{fd} mkdir dangling"), ("exist",))
        same(f"P13 exclusive create on a link within, {mode}", guest.do(f"{fd} open wcxf within"), "exist")
        same(f"P13 create through a link within, {mode}", guest.do(f"{fd} open wcf within"), "ok file ok 5")
        same(f"P13 made where the link leads, {mode}", p.read("in/d/new.txt"), b"agent")
        nothing_escaped(f"P13 nothing was made outside, {mode}", p)


signal.alarm(300)
for mode, (options, fd) in MODES.items():
    w16(mode, options, fd)
    w18(mode, options, fd)
    p09(mode, options, fd)
    p13(mode, options, fd)
w17()
w20()
untouched()
p01()
p06()
master, slave = os.openpty()
p08(os.path.basename(os.ttyname(slave)))
p10(os.path.basename(os.ttyname(slave)))
os.close(master)
os.close(slave)
end()
