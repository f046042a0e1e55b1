#!/usr/bin/env python3
"""Kernels that lack what wask stands on, and resources that run out (P03, P05, W05):
it refuses to start and says why, or an errno comes and the guest goes on.
"""

import ctypes
import errno
import os
import resource
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from agent import Agent, GONE, HUNG     # noqa: E402
from guests import guest as compiled    # noqa: E402
from rows import end, row, same         # noqa: E402
from run import SANITIZED, WASK, Place, command, environment, wask   # noqa: E402
from seccomp import refusing            # noqa: E402

MODES = {"off": (["--ask=off", "--dir", "."], 3), "asking": (["--dir", "."], 4), "never": (["--ask=never", "--dir", "."], 4), "blind": (["--ask=blind", "--dir", "."], 4)}


# ---- P03, P05: no openat2 ----------------------------------------------------

def errno_of_openat2(error):
    """What a child that lacks it is told."""
    pid = os.fork()
    if pid == 0:
        refusing("openat2", error)()
        libc = ctypes.CDLL(None, use_errno=True)
        libc.syscall(437, -100, b".", b"\0" * 24, 24)
        os._exit(ctypes.get_errno())
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def no_openat2(row_id, name, error):
    with Place({"a": b"content\n"}) as p:
        same(f"{row_id} openat2 fails with {name} here", errno_of_openat2(error), error)
        before = p.snapshot()
        for mode, (options, fd) in MODES.items():
            result = wask(*options, compiled("agent"), stdin=f"{fd} open r a\n{fd} open wc b\n".encode(), cwd=p.path, preexec_fn=refusing("openat2", error))
            row(result.status not in (0, 134) and not result.signalled and result.out == b"", f"{row_id} {name}: refuses to start, {mode}", result)
            row(f"(openat2): {os.strerror(error)}\n".encode() in result.err and result.err.count(b"\n") == 1, f"{row_id} {name}: one line that says what is missing and why, {mode}", result)
        same(f"{row_id} {name}: nothing was done", p.snapshot(), before)


# ---- P02: an openat2 that never stops saying EAGAIN ---------------------------

AGAIN = 64              # times that it is tried (security.md 9)


def always_again():
    """The first of each process go through, and from then on none: the guest is told, and it goes on."""
    with Place({"a": b"content\n", "in/x": b""}) as p:
        start = ["strace", "-f", "-qq", "-o", p / "trace", "-e", "trace=openat2", "-e", "inject=openat2:error=EAGAIN:when=5+", WASK, "run", "--ask=off", "--dir", "."]
        with Agent(command=start, cwd=p.path, env=environment(ASAN_OPTIONS="detect_leaks=0")) as guest:
            before = guest.do("3 opens 4 in/../a")
            answer = guest.do("3 open r in/../a")
            same("P02 EAGAIN without end: again, and not before", (before, answer), ("ok c=4", "again"))
            same("P02 it goes on", guest.do("3 mkdir new"), "ok")
            same("P02 and ends as it should", guest.end().status, 0)
        tries = p.read("trace").decode(errors="replace").count("EAGAIN")
        same("P02 tried so often", tries, AGAIN)


# ---- descriptors -------------------------------------------------------------

def limited(n):
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (n, n))


def flood(guest, fd, most):
    """Opens and keeps until it is refused; the descriptors and the refusal."""
    kept = []
    for _ in range(most):
        answer = guest.do(f"{fd} open rk a")
        if not answer.startswith("ok "):
            return kept, answer
        kept.append(answer.split()[1])
    return kept, "never refused"


def descriptors(mode):
    options, fd = MODES[mode]
    for what, limit in {"the guest's own limit": None, "128 on the host": 128}.items():
        with Place({"a": b"content\n", "d/b": b"b"}) as p, Agent(options, cwd=p.path, preexec_fn=limited(limit) if limit else None) as guest:
            kept, answer = flood(guest, fd, 2000)
            row(answer in ("mfile", "nfile") and len(kept) > 5, f"W05 descriptors run out at {what}: {answer}, {mode}", f"{answer} after {len(kept)}")
            while_full = [guest.do(f"{fd} {line}") for line in ("open r a", "open wc new", "list d", "open r d/../a", "stat a")]
            row(GONE not in while_full and HUNG not in while_full, f"W05 it goes on with {what} reached, {mode}", while_full)
            for number in kept:
                guest.do(f"{number} close")
            same(f"W05 closed, there is room again after {what}, {mode}", [guest.do(f"{fd} {line}") for line in ("open r a", "list d", "open wcx d/new")],
                 ["ok file ok content%0a", "ok . .. b", "ok file ok 5"])
            same(f"W05 as many fit as before, {what}, {mode}", len(flood(guest, fd, 2000)[0]), len(kept))


def hardly_any():
    """Whatever does not suffice is said, and never ends in a signal."""
    with Place({"a": b"content\n"}) as p:
        wrong = []
        for limit in range(3, 40):
            result = wask("--dir", ".", compiled("agent"), stdin=b"4 open r a\n", cwd=p.path, preexec_fn=limited(limit))
            if result.signalled or result.hung or result.status == 134 or not (result.out or result.err):
                wrong.append(f"{limit}: {result}")
        row(not wrong, "W05 3 to 39 descriptors for all of it: works, or says that it cannot", "\n".join(wrong[:5]))


# ---- a full disk -------------------------------------------------------------

def small_disk(at, options):
    """A command that runs wask in 8 MiB of its own, as root or in a user namespace; None: not allowed here."""
    become = ["unshare", "-m"] if os.getuid() == 0 else ["unshare", "-rm"]
    script = 'mount -t tmpfs -o size=8m,nr_inodes=200,mode=777 small "$0" && cd "$0" && exec "$@"'
    if subprocess.run([*become, "sh", "-c", script, at, "true"], stdin=subprocess.DEVNULL, capture_output=True).returncode:
        return None
    return [*become, "sh", "-c", script, at, WASK, "run", *options]


def full_disk(mode):
    options, fd = MODES[mode]
    with Place({"small": None}) as p:
        start = small_disk(p / "small", options)
        if not start:
            print(f"skipped: a full disk, {mode}: nothing may be mounted here")
            return
        with Agent(cwd=p.path, command=start) as guest:
            same(f"full disk: a file of its own, {mode}", guest.do(f"{fd} open wcxk a").split()[0], "ok")
            file = guest.do(f"{fd} open wk a").split()[1]
            same(f"full disk: written until it is full: nospc, {mode}", guest.do(f"{file} flood"), "nospc")
            size = int(guest.do(f"{file} filestat").split()[3])
            row(7 << 20 < size <= 8 << 20, f"full disk: what fitted is there, {mode}", size)
            same(f"full disk: no more fits, {mode}", [guest.do(f"{file} allocate {64 << 20}"), guest.do(f"{file} write x")], ["nospc", "nospc"])
            same(f"full disk: a hole costs nothing, {mode}", guest.do(f"{file} size {1 << 40}"), "ok")
            same(f"full disk: emptied, it takes more, {mode}", [guest.do(f"{file} size 0"), guest.do(f"{file} seek 0 0"), guest.do(f"{file} write again")], ["ok", "ok", "ok 5"])
            answers = [guest.do(f"{fd} mkdir d{i}") for i in range(300)]
            row(answers[0] == "ok" and answers[-1] == "nospc" and set(answers) == {"ok", "nospc"}, f"full disk: no room for names: nospc, {mode}", set(answers))
            same(f"full disk: every way to make one, {mode}", {guest.do(f"{fd} {line}") for line in ("open wcx f", "mkdir f", "symlink a f")}, {"nospc"})
            same(f"full disk: one removed, one made, {mode}", [guest.do(f"{fd} {line}") for line in ("rmdir d0", "open wcx f")], ["ok", "ok file ok 5"])
            result = guest.end()
            same(f"full disk: an ordinary end, {mode}", (result.status, result.err), (0, b"flood ended: nospc\n"))


def full_cache():
    """No room for compiled code: it runs all the same, and wask compile says that it is not kept."""
    with Place({"small": None}) as p:
        start = small_disk(p / "small", [])
        if not start:
            print("skipped: a full cache: nothing may be mounted here")
            return
        start = start[:-2]
        fill = 'head -c 9m /dev/zero >zeros 2>/dev/null; mkdir -m 700 cache; exec "$@"'
        for what, argv, status in (("run", ["run"], 3), ("compile", ["compile"], 126)):
            result = command([*start, "sh", "-c", fill, "sh", WASK, *argv, "--cache", "cache", compiled("process"), *(["exit:3"] if status == 3 else [])])
            row(result.status == status and (result.err == b"") == (status == 3), f"full disk: wask {what} with its cache there", result)
            if status != 3:
                row(b"NOT kept: no room" in result.err, f"full disk: wask {what} says it", result)


# ---- sizes and offsets at 2^63 -----------------------------------------------

def ends_of_files(mode):
    options, fd = MODES[mode]
    top, sizes = 2**63, (2**63 - 1, 2**63, 2**64 - 1)
    with Place({"a": b"content\n"}) as p, Agent(options, cwd=p.path) as guest:
        file = guest.do(f"{fd} open rwk a").split()[1]
        for size in sizes:
            row(guest.do(f"{file} size {size}") in ("inval", "fbig"), f"size {size}: refused, {mode}")
            row(guest.do(f"{file} allocate {size}") in ("inval", "fbig", "nospc", "notsup"), f"allocate {size}: refused, {mode}")
        for whence in (0, 1, 2):
            for by in (top, top + 1, 2**64 - 100):
                row(guest.do(f"{file} seek {by} {whence}") == "inval", f"seek by {by - 2**64} from {whence}: inval, {mode}")
        answers = [guest.do(f"{file} seek {top - 1} 0"), guest.do(f"{file} write x"), guest.do(f"{file} read 1"), guest.do(f"{file} seek 1 1")]
        row(answers[0] in ("ok", "inval") and (answers[0] == "inval" or answers[1] in ("fbig", "inval") and answers[3] == "inval"), f"nothing is written at 2^63-1, {mode}", answers)
        same(f"the file is as it was, {mode}", (p.read("a")[:7], os.path.getsize(p / "a") < 100), (b"content", True))


signal.alarm(300)
no_openat2("P03", "ENOSYS", errno.ENOSYS)
no_openat2("P05", "EPERM", errno.EPERM)
always_again()
for mode in ("off", "asking"):
    descriptors(mode)
    full_disk(mode)
    ends_of_files(mode)
full_cache()
if not SANITIZED:
    hardly_any()
end()
