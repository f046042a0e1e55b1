#!/usr/bin/env python3
"""Two processes and how they end: killed in the middle, interrupted, without standard
descriptors, with a broken pipe, with a directory as input; and what the worker holds."""

import itertools
import os
import select
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from agent import Agent                             # noqa: E402
from guests import guest                            # noqa: E402
from rows import end, has, row, same                # noqa: E402
from run import LIMIT, WASK, Place, command, environment, module, wask     # noqa: E402

MODES = {"off": ["--ask=off", "--dir", "."], "asking": ["--dir", "."]}


# ---- who ends whom -----------------------------------------------------------

def worker_killed(mode, options, number):
    with Place({"a.txt": b"a"}) as p, Agent(options, cwd=p.path) as guest_:
        guest_.do("0 fds")
        os.kill(guest_.worker(), number)
        result = guest_.end()
        same(f"worker killed by signal {number}, {mode}: status", result.status, 128 + number)
        row(not result.hung and b"hello" not in result.out, f"worker killed by signal {number}, {mode}: a clean end", result)


def monitor_killed(mode, options, state):
    """The worker ends by itself: its standard output, which we hold, comes to an end."""
    with Place({"a.txt": b"a"}) as p:
        guest_ = Agent(options, cwd=p.path)
        guest_.do("0 fds")
        worker = guest_.worker()
        if state == "spinning":
            guest_.send("0 spin")
        os.kill(guest_.monitor(), signal.SIGKILL)
        ended = comes_to_its_end(guest_.child.stdout)
        row(ended, f"monitor killed, guest {state}, {mode}: the worker ends at once")
        if not ended:
            os.kill(worker, signal.SIGKILL)
        same(f"monitor killed, guest {state}, {mode}: status", guest_.end().status, 128 + signal.SIGKILL)


def comes_to_its_end(file, limit=10):
    while select.select([file], [], [], limit)[0]:
        if not os.read(file.fileno(), 65536):
            return True
    return False


# ---- interrupted -------------------------------------------------------------

def interrupted(mode, options, state, number):
    """As the terminal does it: to the whole process group."""
    with Place() as p:
        guest_ = Agent(options, cwd=p.path)
        guest_.do("0 fds")
        if state == "spinning":
            guest_.send("0 spin")
        os.killpg(guest_.monitor(), number)
        ended = comes_to_its_end(guest_.child.stdout)
        result = guest_.end()
        row(ended and result.signalled and result.status == 128 + number, f"{signal.Signals(number).name}, guest {state}, {mode}: death by it", result)


def ended_while_compiling(what, who, number):
    """With a cache of its own, so that it does compile; python.wasm takes seconds. WHO of its processes gets the signal: a list of them."""
    with Place() as p:
        env = environment(XDG_CACHE_HOME=p.path, HOME=p.path)
        child = subprocess.Popen([WASK, "run", module("python"), "-c", "pass"], cwd=p.path, start_new_session=True, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env)
        with child:
            processes = until_busy(child)
            row(processes, f"{what} while compiling: it does compile")
            for pid in who(processes):
                os.kill(pid, number)
            row(comes_to_its_end(child.stdout), f"{what} while compiling: every process ends")
        again = wask(module("python"), "-c", "print(6*7)", cwd=p.path, env=env)
        same(f"{what} while compiling: the next run works", (again.status, again.out, again.err), (0, b"42\n", b""))
        return child.returncode


def descendants(pid):
    """PID and all processes under it; those that end meanwhile are left out."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as f:
            return [pid] + [d for child in f.read().split() for d in descendants(int(child))]
    except (FileNotFoundError, ProcessLookupError):
        return []


def processor_time(pid):
    try:
        with open(f"/proc/{pid}/stat") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (FileNotFoundError, ProcessLookupError):
        return 0


def until_busy(child):
    """Until one of its processes has used a fifth of a second of processor time: then it compiles. All of them; none: it ended before."""
    while child.poll() is None:
        processes = descendants(child.pid)
        if any(processor_time(pid) >= 0.2 for pid in processes):
            return processes
        select.select([], [], [], 0.005)
    return []


# ---- standard descriptors ----------------------------------------------------

def closed_descriptors():
    with Place({"a.txt": b"text\n"}) as p:
        for closed in (c for n in (1, 2, 3) for c in itertools.combinations((0, 1, 2), n)):
            what = "closed " + ", ".join(map(str, closed))
            shell = " ".join(f"{n}{'<' if n == 0 else '>'}&-" for n in closed)
            for mode, options in MODES.items():
                argv = ["sh", "-c", f'exec "$@" {shell}', "sh", WASK, "run", *options, guest("process"), "return"]
                same(f"{what}, {mode}: status is the guest's", command(argv, cwd=p.path).status, 5)
                argv[-2:] = [guest("files"), ".", "look"]
                result = command(argv, cwd=p.path)
                same(f"{what}, {mode}: a guest that opens files", result.status, 7)
                same(f"{what}, {mode}: files are as they were", p.snapshot(), {"a.txt": ("file", 0o644, b"text\n")})


def closed_as_the_guest_sees_it():
    with Place({"a.txt": b"text\n"}) as p:
        argv = ["sh", "-c", 'exec "$@" <&-', "sh", WASK, "run", "--ask=off", "--dir", ".", guest("process"), "say"]
        has("closed standard input: badf", command(argv, cwd=p.path).out.decode(), "standard input: EBADF")


def directory_as_input():
    with Place() as p:
        fd = os.open(p.path, os.O_RDONLY)
        for mode, options in MODES.items():
            result = wask(*options, guest("process"), "say", cwd=p.path, stdin=fd)
            same(f"wask < dir, {mode}: status", result.status, 0)
            has(f"wask < dir, {mode}: standard input is closed", result.out.decode(), "standard input: EBADF")
        os.close(fd)


def broken_pipe():
    """The reader goes away; the guest gets `pipe` and lives on to say so."""
    for mode, options in MODES.items():
        with Place() as p, Agent(options, cwd=p.path) as guest_:
            guest_.send("1 flood")
            row(os.read(guest_.child.stdout.fileno(), 10) != b"", f"broken pipe, {mode}: it writes")
            guest_.child.stdout.close()
            said = guest_.child.stderr.readline()
            guest_.child.stdout = open(os.devnull, "rb")
            same(f"broken pipe, {mode}: errno", said, b"flood ended: pipe\n")
            same(f"broken pipe, {mode}: status is the guest's", guest_.end().status, 0)


# ---- P29: what the worker holds ----------------------------------------------

# What any descriptor of the worker may be. The guest's own 0 to 2 are pipes here.
ALLOWED = ("pipe:[", "socket:[", "/dev/null", "anon_inode:", "/memfd:", "/proc/self/fd")


def worker_descriptors():
    with Place({"granted/a.txt": b"a", "elsewhere/b.txt": b"b"}) as p:
        leak = os.open(p / "elsewhere", os.O_RDONLY)
        os.set_inheritable(leak, True)
        for mode, options in {"off": ["--ask=off", "--dir", "granted"], "asking": ["--dir", "granted"]}.items():
            with Agent(options, cwd=p.path, close_fds=False) as guest_:
                guest_.do("0 fds")
                held = descriptors(guest_.worker())
                strange = {fd: what for fd, what in held.items() if not what.startswith(ALLOWED) and what not in (p / "granted", guest("agent"))
                           and not private_tmp(what) and not is_code(guest_.worker(), fd, what)}
                row(not strange, f"P29 the worker holds only what it may, {mode}", f"strange: {strange}\nall: {held}")
                row(p / "elsewhere" not in held.values(), f"P29 an inherited directory does not reach the worker, {mode}", held)
                lost = [fd for fd, what in held.items() if fd > 2 and not flags_of(guest_.worker(), fd) & os.O_CLOEXEC]
                row(not lost, f"P29 every descriptor of the worker closes on exec, {mode}", lost)
                for n in range(3, 12):
                    answer = guest_.do(f"{n} stat b.txt")
                    row(not answer.startswith("ok"), f"P29 no guest descriptor {n} leads to it, {mode}", answer)
        os.close(leak)


def private_tmp(what):
    return what.startswith(("/tmp/", os.environ.get("TMPDIR", "/tmp"))) and "wask" in os.path.basename(what)


def is_code(pid, fd, what):
    """The compiled module, which the engine has mapped: an entry of the cache, open for reading."""
    return what.endswith(".cwasm") and "/wask/" in what and flags_of(pid, fd) & os.O_ACCMODE == os.O_RDONLY


def descriptors(pid):
    return {int(fd): os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")}


def flags_of(pid, fd):
    with open(f"/proc/{pid}/fdinfo/{fd}") as f:
        return int(next(line for line in f if line.startswith("flags:")).split()[1], 8)


def no_terminal_in_the_worker():
    """Even where there is somebody to ask, the worker does not hold the terminal by which they are asked."""
    pid, master = os.forkpty()
    if pid == 0:
        os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
        os.dup2(os.open("/dev/null", os.O_WRONLY), 1)
        os.execvpe(WASK, [WASK, "run", guest("agent_wait")], environment())
    said = b""
    while b"waiting" not in said and select.select([master], [], [], LIMIT)[0]:
        said += os.read(master, 4096)
    with open(f"/proc/{pid}/task/{pid}/children") as f:
        worker = int(f.read().split()[0])
    held = {fd: what for fd, what in descriptors(worker).items() if fd > 2 and what.startswith(("/dev/pts", "/dev/tty", "/dev/ptmx"))}
    row(not held, "P29 the worker does not hold the terminal of questions", held)
    os.kill(worker, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(master)


signal.alarm(350)
for mode, options in MODES.items():
    for number in (signal.SIGKILL, signal.SIGABRT, signal.SIGTERM):
        worker_killed(mode, options, number)
    for state in ("waiting for input", "spinning"):
        monitor_killed(mode, options, state)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            interrupted(mode, options, state, number)
same("Ctrl-C while compiling: death by it", ended_while_compiling("Ctrl-C", lambda all_: all_, signal.SIGINT), -signal.SIGINT)
same("worker killed while compiling: status", ended_while_compiling("worker killed", lambda all_: all_[1:2], signal.SIGKILL), 128 + signal.SIGKILL)
same("monitor killed while compiling: status", ended_while_compiling("monitor killed", lambda all_: all_[:1], signal.SIGKILL), -signal.SIGKILL)
closed_descriptors()
closed_as_the_guest_sees_it()
directory_as_input()
broken_pipe()
worker_descriptors()
no_terminal_in_the_worker()
end()
