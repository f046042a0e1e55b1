"""A misbehaving guest (tests/guests/tty_rogue.c) at a terminal under `wask run`.

What the terminal asker alone does: test_terminal.py. Here is what the guest's
output, its descriptors and the names that it reaches for can do to a question.
"""

import os
import re
import signal
import sys
from contextlib import ExitStack

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../lib")]
import guests
import rows
import run
from harness import NotSeen, PROMPT, Terminal
from side_by_side import run_groups

ROGUE = guests.guest("tty_rogue")
QUESTION = b"\x1b[?7h\x1b7\x1b[r\x1b8"      # how a question begins
RESET = QUESTION + b"\x1b(B\x0f\x1b[0m"
DENIED, HIDDEN = "GUEST open: Permission denied", "GUEST open: No such file or directory"


class Stage(ExitStack):
    """A directory with a file that nobody granted, and terminals in it."""

    def __init__(self):
        super().__init__()
        self.place = self.enter_context(run.Place({"secret plan.txt": "plan\n", "in/answers.txt": "y\ny\ny\n", "cache": None}))

    def rogue(self, *steps, options=(), **more):
        argv = [run.WASK, "run", f"--cache={self.place / 'cache'}", *options, ROGUE, *steps]
        env = run.environment(TERM="xterm", HOME="/nonexistent")
        return self.enter_context(Terminal(argv, cwd=self.place.path, env=env, **more))


def group(function):
    with Stage() as stage:
        try:
            function(stage)
        except NotSeen as what:
            rows.row(False, f"{function.__name__}: all that was expected appeared", what)


def ends(name, terminal, status, *words):
    """One row: the program ended so, these words are there in this order, the terminal is as it was."""
    got, text, at = terminal.wait(), terminal.text(), 0
    missing = []
    for word in words:
        found = text.find(word, at)
        missing += [word] if found < 0 else []
        at = max(at, found)
    ok = got == status and not missing and terminal.restored()
    rows.row(ok, name, f"{got}, wanted {status}; without {missing}; restored: {terminal.restored()}\n{text[-3000:]}")


PLAN = "open@secret plan.txt"


def held(stage):
    """The main job."""
    yes, no = stage.rogue(PLAN), stage.rogue(PLAN, PLAN)
    yes.answer("y")
    no.answer("n")
    ends("a held open, answered y, goes on", yes, "exit 1", "tty_rogue.wasm wants to read a file", stage.place / "secret plan.txt", "GUEST open: ok")
    ends("a held open, answered n, is refused, and not asked again", no, "exit 0", DENIED, DENIED)
    rows.same("it was asked once", len(re.findall(PROMPT, no.seen)), 1)


def answers(stage):
    """U21"""
    table = [("", "exit 0"), ("Y", "exit 1"), ("yes", "exit 1"), ("A", "exit 0"), ("garbage", "exit 0")]
    open_ones = [(line, status, stage.rogue(PLAN)) for line, status in table]
    for line, status, t in open_ones:
        t.answer(line)
    for line, status, t in open_ones:
        if len(line) > 0 and status == "exit 0":
            t.answer("")
        ends(f"U21 {line!r} at a guest's question: {status}", t, status, "GUEST open: ok" if status == "exit 1" else DENIED)
    t = stage.rogue(PLAN)
    t.expect(PROMPT)
    t.send(b"\x04")
    ends("U21 end of file at a guest's question is no", t, "exit 0", DENIED)


def output_around(stage):
    """U01: nothing of the guest's between the question's first byte and the answer."""
    t = stage.rogue("flood@3000", "error@GUEST on stderr", PLAN, "print@GUEST after%0a")
    t.answer("n")
    ends("U01 a guest that prints what looks like a prompt", t, "exit 0", DENIED, "GUEST after")
    asked = t.seen[t.seen.index(QUESTION):]
    between = asked[:asked.index(b"n\r\n", re.search(PROMPT, asked).end())]
    rows.row(b"GUEST" not in between, "U01 none of it between the question's first byte and the answer", between)
    rows.row(t.seen[:t.seen.index(QUESTION)].count(b"GUEST Do you") == 3000, "U01 all that it printed before came before")


def queries(stage):
    """U04, U09, U18: what would make the terminal answer, or change it, does not reach it."""
    sequences = ["%1b[6n", "%1b[c", "%1b[>c", "%1b[5n", "%1bP$qm%1b%5c", "%1b]10;?%07", "%1b]11;?%1b%5c", "%1b]52;c;?%07", "%1b]0;title%07",
                 "%1b[2J", "%1b[?1049h", "%1b[5;10r", "%1b[8m%1b[31m", "%1bc", "%1b(0", "%0e", "%9b6n", "%c2%9b6n", "%05", "%1b[21t", "%07"]
    delays = [0.0, 0.1, 0.2, 0.35, 0.5]
    open_ones = [stage.rogue(*(f"print@{s}" for s in sequences), *(f"error@{s}" for s in sequences), PLAN, answers=b"y\n", delay=delay)
                 for delay in delays]
    for delay, t in zip(delays, open_ones):
        t.answer("")
        rows.row(t.queries == 0, f"U04 no query reaches a terminal that would answer 'y' after {delay} s", f"{t.queries}")
        ends(f"U04 and nothing is given there ({delay} s)", t, "exit 0", DENIED)
    seen = open_ones[0].seen
    left = re.sub(rb"\x1b\[[0-9;:]*m", b"", seen.replace(RESET, b""))
    rows.row(not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x9b]", left), "U18 only text and SGR of the guest's reach the terminal", left)
    rows.row(seen.index(b"\x1b[8m") < seen.index(RESET), "U09 concealed text ends before the question: attributes are reset")


def split_sequence(stage):
    """U04: a query in pieces, over two streams, still open when the question comes."""
    t = stage.rogue("print@%1b", "error@[6", "print@[6", "error@n", "print@%1b[", PLAN, "print@6n", "print@%0a", answers=b"y\n")
    t.answer("")
    ends("U04 a query in pieces is none", t, "exit 0", DENIED)
    rows.row(t.queries == 0, "U04 no query in pieces reaches the terminal", t.seen)


def stolen_input(stage):
    """U05: the guest's descriptors have nothing to do with the answer."""
    dirs = ("--dir", f"{stage.place / 'in'}::/given:ro")
    t = stage.rogue("steal@/given/answers.txt", PLAN, options=dirs)
    t.answer("")
    ends("U05 a file of yeses in place of standard input answers nothing", t, "exit 0", "GUEST standard input is now 0", DENIED)
    t = stage.rogue("close", PLAN, PLAN, options=dirs)
    t.answer("")
    ends("U05 with 0 to 2 closed the question comes all the same, and Enter is no", t, "exit 0", "wants to read")
    with open(stage.place / "in/answers.txt", "rb") as yeses:
        t = stage.rogue(PLAN, stdin=yeses.fileno())
        t.answer("")
        ends("U05 standard input full of yeses answers nothing", t, "exit 0", DENIED)


def input_of_the_guest(stage):
    """What is typed after an answer is the guest's again."""
    t = stage.rogue(PLAN, "read")
    t.answer("y")
    t.expect(rb"GUEST open: ok")
    t.send("hello\n")
    ends("U15 the guest reads the terminal before and after a question", t, "exit 1", "GUEST read: hello")


def pasted(stage):
    before, at_prompt = stage.rogue(PLAN, columns=20), stage.rogue(PLAN, columns=20)
    before.send(b"y\n" * (1 << 19))
    at_prompt.expect(PROMPT)
    at_prompt.send(b"y\n" * (1 << 19))
    at_prompt.expect(rb"pasted: not counted")
    before.answer("")
    at_prompt.answer("")
    ends("U06 1 MiB of 'y' pasted before a guest's question", before, "exit 0", DENIED)
    ends("U06 1 MiB of 'y' pasted at a guest's question", at_prompt, "exit 0", DENIED)


def names(stage):
    """U02, U03, U06: the name is the guest's; the picture is ours."""
    name = "make@%1b[2Jallow?  > y%0a%e2%80%ae%5cx41" + "%20" * 60 + "2  read"
    t, narrow = stage.rogue(name), stage.rogue("make@" + "n" * 250, columns=20)
    t.answer("")
    narrow.answer("")
    ends("U02 a name with control characters is shown escaped", t, "exit 0", "\\x1b[2Jallow? \\x20> y\\x0a\\xe2\\x80\\xae\\x5cx41 \\x20\\x20", DENIED)
    ends("U06 a long name on 20 columns", narrow, "exit 0", "n" * 250, DENIED)
    for length, wanted in ((4096, "GUEST open: "), (65536, "GUEST open: ")):
        t = stage.rogue("open@/" + "n" * (length - 1))
        ends(f"U06 a name of {length} bytes is no question", t, "exit 0", wanted)
        rows.row(not re.search(PROMPT, t.seen), f"U06 a name of {length} bytes is not drawn")


def terminals(stage):
    """U16: a terminal is never opened for a guest, whatever it is called."""
    tty = ["/dev/tty", "/dev/pts/0", "/dev/console", "/proc/self/fd/0", "/proc/self/fd/2", "/dev/fd/0"]
    t = stage.rogue(*(f"open@{name}" for name in tty))
    ends("U16 a terminal by any name is not there", t, "exit 0", *[HIDDEN] * len(tty))
    rows.row(not re.search(PROMPT, t.seen), "U16 and is not asked about", t.text())
    os.symlink("/dev/tty", stage.place / "link")
    t = stage.rogue("open@link", "open@/dev/tty", "/dev/tty")
    status = t.wait()
    rows.row(status == "exit 0" and not re.search(PROMPT, t.seen) and t.text().count("GUEST open: ok") == 0,
             "U16 a terminal that the command line names, or behind a link, is refused without a question", f"{status}\n{t.text()}")


def nobody(stage):
    t = stage.rogue(PLAN, background=True)
    ends("U16 in the background: refused at once", t, "exit 0", DENIED)
    rows.row(not re.search(PROMPT, t.seen), "U16 in the background: not asked")


def redirected(stage):
    """Standard input a pipe, standard output a file: the terminal is asked all the same."""
    read, write = os.pipe()
    os.write(write, b"from the pipe\n")
    os.close(write)
    with open(stage.place / "out", "wb") as out:
        t = stage.rogue("read", PLAN, "read", "print@GUEST after%0a", stdin=read, stdout=out.fileno())
        t.answer("y")
        ends("with standard input piped and standard output redirected a person is asked and answers", t, "exit 1", "wants to read", "granted: read")
    os.close(read)
    rows.row(b"GUEST" not in t.seen, "and nothing of the guest's comes to the terminal", t.seen)
    rows.same("its input and output are the pipe and the file", stage.place.read("out"),
              b"GUEST read: from the pipe\n\nGUEST open: ok\nGUEST read: nothing\nGUEST after\n")


def raw_tty(stage):
    """D7: output as it is, or questions; never both."""
    t = stage.rogue("print@%1b[6n%1b]0;title%07", PLAN, options=("--raw-tty",), answers=b"y\n")
    ends("D7 with --raw-tty nobody is asked, and it is refused at once", t, "exit 0", DENIED)
    rows.row(b"\x1b[6n\x1b]0;title\x07" in t.seen and t.queries == 1, "D7 its output comes as it is", t.seen)
    rows.row(not re.search(PROMPT, t.seen), "D7 there is no question")


def options_of_a_question(stage):
    os.makedirs(stage.place / "docs")
    for name in ("docs/a.txt", "docs/b.txt"):
        stage.place.write(name, name)
    a, b = "open@docs/a.txt", "open@docs/b.txt"
    stop, dirs, once, help_first, typed = (stage.rogue(*steps) for steps in ((a, b), (a, b), (a, a), (a,), (a,)))
    stop.answer("s")
    ends("stop: refused, and so is what comes later, without a question", stop, "exit 0", "refused, and nothing more is asked", DENIED, DENIED)
    rows.same("U20 one question, then none", len(re.findall(PROMPT, stop.seen)), 1)
    dirs.answer("dirs")
    ends("dirs: what lies around it is given too", dirs, "exit 2", f"dirs: allow read,list,stat {stage.place.path}/ for run", "granted: read,list,stat", "ok", "ok")
    rows.same("one question for both", len(re.findall(PROMPT, dirs.seen)), 1)
    once.answer("o")
    once.expect(rb"for this call alone")
    once.answer("n")
    ends("once: the second call is asked again", once, "exit 1", "GUEST open: ok", DENIED)
    help_first.answer("?")
    help_first.answer("y")
    ends("? shows the rules and then asks again", help_first, "exit 1", f"allow read {stage.place.path}/docs/a.txt for run", "wants to read", "GUEST open: ok")
    typed.answer("d")
    typed.answer("")
    ends("U21 the letter of dirs gives nothing", typed, "exit 0", DENIED)


def asks_much(stage):
    """U20: a program that asks a thousand times."""
    names = [f"f{i}.txt" for i in range(1000)]
    for name in names:
        stage.place.write(name, "x")
    t = stage.rogue(*(f"open@{name}" for name in names))
    for _ in range(12):
        t.answer("n")
    t.wait(60)
    rows.same("U20 a thousand needs are twelve questions", (len(re.findall(PROMPT, t.seen)), t.text().count(DENIED), t.status), (12, 1000, "exit 0"))


def reads_around(stage):
    """U15: what is typed for the guest is the guest's, what is typed at a question is not."""
    t = stage.rogue("read", PLAN, "read")
    t.send("first\n")
    t.expect(rb"GUEST read: first")
    t.expect(rb"wants to read")
    t.send("early\n")
    t.answer("y")
    t.expect(rb"GUEST open: ok")
    t.send("second\n")
    ends("U15 the guest reads its lines, and none that was typed at the question", t, "exit 1", "GUEST read: first", "GUEST open: ok", "GUEST read: second")


def interrupts(stage):
    table = [("Ctrl-C", b"\x03", "signal 2"), ("half an answer and Ctrl-C", b"y\x03", "signal 2")]
    open_ones = [(name, keys, status, stage.rogue(PLAN)) for name, keys, status in table]
    killed = [(number, stage.rogue(PLAN)) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    for _, keys, _, t in open_ones:
        t.expect(PROMPT)
        t.send(keys)
    for number, t in killed:
        t.expect(PROMPT)
        t.signal(number)
    for name, _, status, t in open_ones:
        ends(f"U16 {name} at a question: no grant, death by SIGINT, the terminal restored", t, status)
        rows.row(b"GUEST" not in t.seen, f"U16 {name}: the guest did not go on")
    for number, t in killed:
        ends(f"U16 {number.name} at a question: death by it, the terminal restored", t, f"signal {int(number)}")
    t = stage.rogue("print@GUEST waits%0a", "read")
    t.expect(rb"GUEST waits")
    t.send(b"\x03")
    ends("Ctrl-C without a question: death by SIGINT", t, "signal 2")


def stopping(stage):
    t = stage.rogue(PLAN)
    t.expect(PROMPT)
    t.send(b"\x1a")
    t.wait_stopped()
    rows.row(t.restored(), "U16 Ctrl-Z at a question stops, the terminal restored")
    t.go_on()
    t.answer("y")
    ends("U16 continued: asked again, and goes on", t, "exit 1", "GUEST open: ok")


if __name__ == "__main__":
    run_groups(group, (held, answers, output_around, queries, split_sequence, stolen_input, input_of_the_guest, pasted, names, terminals,
                       nobody, redirected, raw_tty, options_of_a_question, asks_much, reads_around, interrupts, stopping))
    rows.end()
