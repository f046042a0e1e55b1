"""run - where things are, and how a test runs wask and its oracles.

tests/run says which build (WASK_B) and where tools/setup put things (WASK_BUILD);
by hand, python3 tests/real/test_x.py takes ./build. Nothing here compares anything.
"""

import os
import shutil
import subprocess
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LIMIT = 60      # seconds that one program may take, compilation included; what hangs fails


def setup_path(what):
    return subprocess.run([f"{ROOT}/tools/setup", "path", what], check=True, capture_output=True, text=True).stdout.strip()


B = os.path.abspath(os.environ.get("WASK_B", f"{ROOT}/build"))
WASK = f"{B}/wask"
MODULES = setup_path("modules")
PEERS = setup_path("peers")
NODE = os.environ.get("WASK_NODE", "node")
SANITIZED = B.endswith("-san") or "-san-" in B


class Result:
    """What a program said: status is as the shell has it (128 + signal); out and err are bytes."""

    def __init__(self, status, out, err, hung=False):
        self.status = 128 - status if status < 0 else status
        self.signalled = status < 0
        self.out, self.err, self.hung = out, err, hung

    def __repr__(self):
        hung = " (hung, killed)" if self.hung else ""
        return f"status {self.status}{hung}\nstdout: {self.out[-3000:]!r}\nstderr: {self.err[-3000:]!r}"


def environment(**more):
    """A small environment, so that runs do not depend on who runs them."""
    env = {k: os.environ[k] for k in ("PATH", "HOME", "XDG_CACHE_HOME", "ASAN_OPTIONS", "UBSAN_OPTIONS") if k in os.environ}
    env.update(more)
    return env


def command(argv, cwd=None, env=None, stdin=b"", limit=LIMIT, **more):
    """Runs ARGV with no terminal in a session of its own; all that it started is gone afterwards."""
    feed = {"input": stdin} if isinstance(stdin, bytes) else {"stdin": stdin}
    child = subprocess.Popen(argv, cwd=cwd, env=environment() if env is None else env, start_new_session=True,
                             stdin=subprocess.PIPE if "input" in feed else stdin,
                             stdout=more.pop("stdout", subprocess.PIPE), stderr=more.pop("stderr", subprocess.PIPE), **more)
    with child:
        try:
            out, err = child.communicate(feed.get("input"), timeout=limit)
            return Result(child.returncode, out or b"", err or b"")
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, 9)
            out, err = child.communicate()
            return Result(child.returncode, out or b"", err or b"", hung=True)


def wask(*args, **more):
    """wask run ARGS, with nobody there to ask."""
    return command([WASK, "run", *map(str, args)], **more)


def module(name):
    """A real program of tools/setup modules: "rg", "esbuild", "python", ..."""
    return f"{MODULES}/{name}.wasm"


class Place:
    """A directory of a test's own, removed with it. TREE maps names to bytes, None (a directory) or a tuple (a link)."""

    STAMP = 1_600_000_000       # every file's times: the same in each place, so that outputs can be compared

    def __init__(self, tree=None, **more):
        self.path = os.path.realpath(tempfile.mkdtemp(prefix="wask-test-", **more))
        self.fill(tree or {})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)

    def __truediv__(self, name):
        return os.path.join(self.path, name)

    def fill(self, tree):
        for name, what in tree.items():
            path = self / name
            os.makedirs(os.path.dirname(path), exist_ok=True)
            if what is None:
                os.makedirs(path, exist_ok=True)
            elif isinstance(what, tuple):
                os.symlink(what[0], path)
            else:
                self.write(name, what)
        for base, dirs, files in os.walk(self.path, topdown=False):
            for name in [*dirs, *files, "."]:
                os.utime(os.path.join(base, name), (self.STAMP, self.STAMP), follow_symlinks=False)

    def write(self, name, data):
        with open(self / name, "wb") as f:
            f.write(data.encode() if isinstance(data, str) else data)

    def read(self, name):
        """What is in it; None: no such file."""
        if not os.path.isfile(self / name):
            return None
        with open(self / name, "rb") as f:
            return f.read()

    def has(self, name):
        return os.path.lexists(self / name)

    def snapshot(self):
        """All that is here: name -> (kind, permission bits, content)."""
        found = {}
        for base, dirs, files in os.walk(self.path):
            for name in [*dirs, *files]:
                path = os.path.join(base, name)
                found[os.path.relpath(path, self.path)] = describe(path)
        return found


def describe(path):
    st = os.lstat(path)
    mode = st.st_mode & 0o7777
    if os.path.islink(path):
        return ("link", 0, os.readlink(path))
    if os.path.isdir(path):
        return ("directory", mode, "")
    if not os.path.isfile(path):
        return ("special", mode, "")
    with open(path, "rb") as f:
        return ("file", mode, f.read())
