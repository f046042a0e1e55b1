"""driven - the driver (driver.c) on terminals, and what came of it."""

import os
import re
from contextlib import ExitStack

import rows
import run
from harness import NotSeen, Terminal

DRIVER = f"{run.B}/tests/tty/driver"
EARLY = rb"typed before"
PASTED = rb"pasted: not counted"
UNKNOWN = rb"no answer to this"
ESCAPED = re.compile(rb"\\x([0-9a-f]{2})")


def asked(*args, **more):
    return Terminal([DRIVER, *args], env=run.environment(TERM="xterm"), **more)


def ends(name, terminal, *replies, status="exit 0"):
    """One row: the program ended, these are its replies, and the terminal is as it was."""
    got_status = terminal.wait()
    got = [line[6:] for line in terminal.text().splitlines() if line.startswith("reply ")]
    restored = terminal.restored()
    ok = got == list(replies) and got_status == status and restored
    rows.row(ok, name, f"{got_status}, replies {got}, wanted {status}, {list(replies)}; restored: {restored}\n{terminal.text()}")


def group(function):
    """Runs FUNCTION with a way to start terminals that are all closed afterwards."""
    with ExitStack() as stack:
        try:
            function(lambda *args, **more: stack.enter_context(asked(*args, **more)))
        except NotSeen as what:
            rows.row(False, f"{function.__name__}: all that was expected appeared", what)


def unescape(shown):
    """The bytes that SHOWN, a name on the screen, stands for."""
    return ESCAPED.sub(lambda match: bytes([int(match[1], 16)]), shown if isinstance(shown, bytes) else os.fsencode(shown))
