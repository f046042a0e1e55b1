"""asked - wask run on a terminal, with somebody who answers each question.

    with Asked(["--dir", "."], module, args, cwd=place.path) as run:
        while (text := run.question()):
            run.answer("y")
"""

import os
import re
import sys

from run import ROOT, WASK, environment

sys.path.insert(0, f"{ROOT}/tests/tty")
from harness import PROMPT, Terminal, plain     # noqa: E402


class Asked(Terminal):
    """Standard output may go elsewhere (stdout=a descriptor); questions come to the terminal all the same."""

    def __init__(self, options, module, args=(), env=None, **more):
        more.setdefault("columns", 240)
        super().__init__([WASK, "run", *options, module, *args], env=env or environment(TERM="xterm", **variables), **more)

    def question(self):
        """The text of the next question up to its prompt, which answer() then takes; None: the program ended without another."""
        start = self._at
        self._wait(lambda: self.status or re.compile(PROMPT).search(self.seen, start), "a question or the end")
        found = re.compile(PROMPT).search(self.seen, start)
        if not found:
            return None
        return plain(self.seen[start:found.end()])

    def exit_status(self):
        """As a shell has it."""
        how, number = self.wait().split()
        return int(number) + (128 if how == "signal" else 0)


variables = {k: os.environ[k] for k in ("LC_ALL",) if k in os.environ}
