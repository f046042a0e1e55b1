"""rows - enough for every test in Python: what tests/test.h is for those in C.

A test has rows; each prints "ok NAME" or "not ok NAME" with why beneath. end()
checks that no descriptor was left open and no child is alive, grandchildren
that lost their parent among them, prints the counts and exits.
"""

import ctypes
import os
import sys

PR_SET_CHILD_SUBREAPER = 36

passed = 0
failed = 0


def open_fds():
    return sorted(int(n) for n in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{n}"))


def row(ok, name, why=""):
    """One row. WHY is shown, indented, when it failed."""
    global passed, failed
    print(("ok " if ok else "not ok ") + name, flush=True)
    if ok:
        passed += 1
        return True
    failed += 1
    for line in str(why).splitlines():
        print("    " + line, flush=True)
    return False


def same(name, got, want):
    """One row: GOT is WANT."""
    return row(got == want, name, f"got:  {shown(got)}\nwant: {shown(want)}")


def has(name, text, *words):
    """One row: each of WORDS stands in TEXT."""
    missing = [w for w in words if w not in text]
    return row(not missing, name, f"without {missing}:\n{shown(text)}")


def shown(value, most=4000):
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= most else text[:most] + f"... ({len(text)} in all)"


def children_alive():
    """Reaps what ended; what is still running is returned (and killed, so that it harms no other test)."""
    alive = []
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return alive
        if pid:
            continue
        for pid in list_children():
            alive.append((pid, command_of(pid)))
            os.kill(pid, 9)
            os.waitpid(pid, 0)


def list_children():
    with open(f"/proc/self/task/{os.getpid()}/children") as f:
        return [int(pid) for pid in f.read().split()]


def command_of(pid):
    with open(f"/proc/{pid}/cmdline", "rb") as f:
        return f.read().replace(b"\0", b" ").decode(errors="replace").strip()


def end():
    alive = children_alive()
    row(not alive, "no child alive", alive)
    left = [n for n in open_fds() if n not in fds_at_start]
    row(not left, "no descriptor left", left)
    print(f"{passed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed else 0)


ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
fds_at_start = open_fds()
