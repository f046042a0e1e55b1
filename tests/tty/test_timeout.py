"""--timeout at a question: the run ends, the terminal is as it was, and no answer counts any more."""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../lib")]
import guests
import rows
import run
from harness import PROMPT, Terminal

ROGUE = guests.guest("tty_rogue")


def at(place, *options):
    argv = [run.WASK, "run", f"--cache={place / 'cache'}", *options, ROGUE, "open@secret plan.txt"]
    return Terminal(argv, cwd=place.path, env=run.environment(TERM="xterm", HOME="/nonexistent"))


with run.Place({"secret plan.txt": "plan\n", "cache": None}) as place:
    run.command([run.WASK, "compile", f"--cache={place / 'cache'}", ROGUE])
    with at(place, "--timeout=3s") as terminal:
        asked = terminal.expect_or_end(PROMPT)
        status = terminal.wait()
        rows.row(asked and status == "exit 124" and "(--timeout)" in terminal.text() and "GUEST" not in terminal.text(),
                 "L03 --timeout at a question: 124, and the program goes no further", f"{status}\n{terminal.text()}")
        text = terminal.text()
        rows.row("wask: refused, because nobody answered:\n" in text.replace("\r", "") and "without a question" not in text, "--timeout at a question: the list says that nobody answered", text)
        rows.row(terminal.restored(), "L03 --timeout at a question: the terminal is as it was", terminal.modes())
    with at(place, "--timeout=60s") as terminal:
        terminal.answer("n")
        status = terminal.wait()
        rows.row(status.startswith("exit ") and status != "exit 124" and "(--timeout)" not in terminal.text(), "--timeout that is not over: the answer counts", f"{status}\n{terminal.text()}")
rows.end()
