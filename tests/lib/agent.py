"""agent - tests/guests/agent.c, driven a line at a time: what a guest does, step by step.

    with Agent(["--ask=off", "--dir", "."], cwd=place.path) as guest:
        guest.do("3 open rf notes.txt")     # -> "ok file ok notes"
"""

import os
import select
import subprocess
import time

from guests import guest
from run import LIMIT, WASK, Result, environment

HUNG = "(no answer)"
GONE = "(gone)"


class Agent:
    """A guest that waits for orders. OPTIONS are those of wask run; COMMAND replaces wask by another host, MODULE is a copy of it."""

    def __init__(self, options=(), cwd=None, args=(), libc="debian", command=None, env=None, limit=LIMIT, module=None, **more):
        module = module or guest("agent", libc)
        argv = [*command, module, *args] if command else [WASK, "run", *options, module, *args]
        self.limit = limit
        self.buffer = b""
        self.child = subprocess.Popen(argv, cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                      env=env or environment(), start_new_session=True, **more)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.child.returncode is None:
            self.end()

    def send(self, line):
        self.child.stdin.write(line.encode() + b"\n")
        self.child.stdin.flush()

    def answer(self, line, limit=None):
        """The answer to LINE, without the line itself."""
        deadline = time.monotonic() + (limit or self.limit)
        while b"\n" not in self.buffer:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.child.stdout], [], [], left)[0]:
                return HUNG
            got = os.read(self.child.stdout.fileno(), 65536)
            if not got:
                return GONE
            self.buffer += got
        text, self.buffer = self.buffer.split(b"\n", 1)
        text = text.decode(errors="replace")
        return text[len(line) + 2:] if text.startswith(line + ": ") else f"(unexpected) {text}"

    def do(self, line, limit=None):
        try:
            self.send(line)
        except BrokenPipeError:
            return GONE
        return self.answer(line, limit)

    def end(self, limit=None):
        """Closes its input, waits; what it said at the end."""
        try:
            self.child.stdin.close()
        except BrokenPipeError:
            pass
        self.child.stdin = None
        hung = False
        try:
            out, err = self.child.communicate(timeout=limit or self.limit)
        except subprocess.TimeoutExpired:
            os.killpg(self.child.pid, 9)
            out, err = self.child.communicate()
            hung = True
        return Result(self.child.returncode, self.buffer + out, err, hung)

    def monitor(self):
        return self.child.pid

    def worker(self):
        """The process that runs the guest: the monitor's only child."""
        with open(f"/proc/{self.child.pid}/task/{self.child.pid}/children") as f:
            children = f.read().split()
        return int(children[0]) if len(children) == 1 else None
