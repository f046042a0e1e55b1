"""What a person at a terminal can do to a question, and what happens when nobody does.

Through driver.c: the terminal asker alone. With a guest and wask around it:
test_guest.py. The terminals of a group run side by side.
"""

import os
import re
import signal
import sys
import termios
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../lib")]
import rows
import run
from driven import DRIVER, EARLY, PASTED, UNKNOWN, ends, group, unescape
from harness import PROMPT, Terminal, plain
from side_by_side import run_groups


# ---- answers

def answers(start):
    """U21: only a whole line that says yes is yes."""
    table = [
        ("y", "run"), ("Y", "run"), ("yes", "run"), ("YES", "run"), ("  y \t", "run"), ("run", "run"),
        ("x\x7fy", "run"), ("garbage\x15yes", "run"),
        ("", "no"), (" ", "no"), ("n", "no"), ("N", "no"), ("no", "no"), ("No ", "no"), ("y\x7f", "no"),
    ]
    open_ones = [(line, want, start()) for line, want in table]
    for line, _, t in open_ones:
        t.answer(line)
    for line, want, t in open_ones:
        ends(f"U21 answer {line!r} is {want}", t, want)


def unknown_answers(start):
    table = ["A", "a", "always", "ye", "yy", "y y", "y.", "yes!", "1", "2 y", "1y", "0", "??", "-y", "true", "ok", "да", "ｙ",
             "\x1b[Cy", "y\u200b", "y" + 100 * " " + "y", "\xff"]
    open_ones = [(line, start()) for line in table]
    for line, t in open_ones:
        t.answer(line.encode("latin-1") if line == "\xff" else line)
    for line, t in open_ones:
        t.expect(UNKNOWN)
        t.answer("")
        ends(f"U21 answer {line!r} is not one: asked again, and Enter is no", t, "no")


def three_lines(start):
    t = start()
    for _ in range(3):
        t.answer("what?")
    ends("U21 the third line that is no answer is no", t, "no")
    t = start()
    t.answer("what?")
    t.answer("y")
    ends("U21 a yes after one line that is no answer counts", t, "run")


def secrets(start):
    by_letter, by_word, typed_out = (start("-s", "1") for _ in range(3))
    by_letter.answer("y")
    by_word.answer("yes")
    typed_out.answer("run")
    for t, what in ((by_letter, "y"), (by_word, "yes")):
        t.expect(UNKNOWN)
        t.answer("n")
        ends(f"U21 {what} does not give a secret", t, "no")
    ends("U21 a secret is given by the word that the prompt names, typed out", typed_out, "run")
    rows.has("U21 the prompt names that word", typed_out.text(), "type run:")


# ---- time

def too_early(start):
    """What is typed before the prompt never counts, in whatever pieces."""
    def row(name, t):
        t.expect(PROMPT)
        t.send("n\n")
        rows.row(EARLY in t.seen, f"{name} is not counted, and that is said", t.text())
        ends(f"{name} is not the answer", t, "no")

    ahead = start()
    ahead.send("y\n")
    line, letter, word = start(), start(), start()
    for t in (line, letter, word):
        t.expect(rb"wants to read")
    line.send("y\n")
    letter.send("y")
    word.send("yes\ny\nrun\n")
    row("U06 a line typed right after the question was drawn", line)
    row("U06 a letter typed right after the question was drawn", letter)
    row("U06 several lines typed right after the question was drawn", word)
    ahead.expect(PROMPT)
    ahead.send("\n")
    ends("U06 a line typed ahead of the question is not the answer", ahead, "no")


def pace(start):
    before = time.monotonic()
    t = start("-n", "2")
    t.expect(PROMPT)
    first = time.monotonic() - before
    before = time.monotonic()
    t.send("y\n")
    t.answer("y")
    second = time.monotonic() - before
    ends("two questions, two answers", t, "run", "run")
    rows.row(first >= 0.65, "U06 no prompt before 150 ms of silence and 500 ms on the screen", f"after {first:.3f} s")
    rows.row(second >= 0.150 + 0.400 + 0.500, "U20 the next question comes 400 ms later at the earliest", f"after {second:.3f} s")


def replies_of_the_terminal(start):
    """U04: a terminal that answers queries with a yes, early and late."""
    delays = [0.0, 0.05, 0.1, 0.14, 0.16, 0.2, 0.3, 0.4, 0.5]
    open_ones = [(delay, start("-q", answers=b"y\n", delay=delay)) for delay in delays]
    for _, t in open_ones:
        t.expect(PROMPT)
    for delay, t in open_ones:
        rows.row(t.queries == 6, f"U04 six queries reached the terminal ({delay} s)", f"{t.queries}")
        t.send("\n")
        ends(f"U04 the terminal's own replies with 'y' after {delay} s are not the answer", t, "no")


# ---- much

def paste_before(start):
    t = start(columns=20)
    t.send(b"y\n" * (1 << 19))
    t.answer("")
    ends("U06 1 MiB of 'y' pasted before the question is not the answer", t, "no")


def paste_during(start):
    t = start(columns=20)
    t.expect(PROMPT)
    t.send(b"y\n" * (1 << 19))
    t.expect(PASTED)
    t.answer("")
    ends("U06 1 MiB of 'y' pasted at the prompt is not the answer", t, "no")
    t = start()
    t.expect(PROMPT)
    t.send(b"y\necho pasted\n")
    t.expect(PASTED)
    t.answer("y")
    ends("U06 two pasted lines are not the answer, a typed one afterwards is", t, "run")


def long_lines(start):
    exact, over = start(), start()
    exact.expect(PROMPT)
    exact.send(b" " * 1023 + b"y\n")
    ends("U06 an answer of 1 KiB is read", exact, "run")
    over.expect(PROMPT)
    over.send(b" " * 1024 + b"y\n")
    over.expect(UNKNOWN)
    over.answer("")
    ends("U06 a line over 1 KiB is thrown away whole", over, "no")


def never_silent(start):
    """`yes` at the terminal: no silence ever, so no question, and no yes."""
    t = start()
    t.hold_key(b"y\n")
    t.expect(rb"no answer: not allowed")
    ends("U06 a keyboard that is never silent is nobody", t, "unavailable")
    rows.row(b"wants to read" not in t.seen, "U06 the question was not even drawn")


def long_names(start):
    narrow = start("/home/" + 13 * ("d" * 255 + "/") + "end", "/g/" + "n" * 65536, columns=20)
    narrow.answer("y")
    ends("U06 long names on 20 columns: asked and answered", narrow, "run")
    text = narrow.text()
    rows.has("U06 the true path is shown whole, the program's words are cut with their length", text,
             13 * ("d" * 255 + "/") + "end", "n" * 253 + "... (65539 bytes)\n")
    too_long = start("/" + "n" * 65536)
    ends("U06 what cannot be shown whole is refused", too_long, "unavailable")
    rows.has("U06 and that is said", too_long.text(), "too long to be shown")
    many = start("-l", "3", "/a b", "/c")
    many.answer("y")
    ends("three needs in one question", many, "run")
    rows.has("they are numbered, the program's words come last", many.text(),
             "rg.wasm wants 3 things\n  1  read  /a b  (3.2 KB)\n", "\n  3  read  /a b", "\n  3  the program calls it: /c\nallow?")


def resize(start):
    t = start()
    t.expect(PROMPT)
    t.resize(20, 5)
    t.signal(signal.SIGWINCH)
    t.send("y\n")
    ends("U06 a resized terminal goes on", t, "run")
    half = start()
    half.expect(PROMPT)
    half.send("ye")
    half.wait_typed()
    for size in ((200, 60), (1, 1), (40, 10)):
        half.resize(*size)
        half.signal(signal.SIGWINCH)
    half.send("s\n")
    ends("U06 resized in the middle of an answer, it counts", half, "run")


def true_paths(start):
    """The true path is shown whole and means itself: 4,095 bytes of every value, on any width."""
    every = bytes(range(1, 256)) * 16
    paths = [("every byte value", b"/" + every[:4094]), ("invalid bytes alone", b"/" + b"\xff" * 4094), ("spaces alone", b"/" + b" " * 4094),
             ("backslashes alone", b"/" + b"\\" * 4094)]
    open_ones = [(name, path, columns, start(path, columns=columns)) for name, path in paths for columns in (20, 80)]
    for name, path, columns, t in open_ones:
        # What is over 16 KiB has a second page.
        while not t.expect(rb"-- Enter or space: more|" + PROMPT)[0].endswith(b"> "):
            t.send(" ")
        t.send("y\n")
        ends(f"U03 {name}, {columns} columns: asked and answered", t, "run")
        shown = plain(re.sub(rb"(?:\r\n)?-- Enter or space: more   q: enough --\r\x1b\[K", b"", t.seen)).replace("\n", "")
        first = shown.index("  1  read  ") + len("  1  read  ")
        rows.same(f"U03 {name}, {columns} columns: unescaped, what is shown is the path", unescape(shown[first:shown.index("  (3.2 KB)")]), path)
        rows.row(max(t.seen) < 0x7f and set(t.seen) <= set(range(32, 127)) | set(b"\r\n\x1b\x0f"), f"U02 {name}, {columns} columns: nothing but text", t.seen)


def invisible(start):
    """U07: what reorders or hides."""
    points = [0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069, 0x200e, 0x200f, 0x061c,
              0x200b, 0x200c, 0x200d, 0x2060, 0xfeff, 0xe0041, 0x2028, 0x2029, 0x00ad, 0x0085, 0x009b, 0x3164, 0x2800, 0x00a0]
    path = "/tmp/" + "a".join(map(chr, points))
    t = start(path, path + "!", "-r", path, "-t", path)
    t.answer("n")
    ends("U07 invisible and reordering characters are asked about", t, "no")
    rows.row(set(t.seen) <= set(range(32, 127)) | set(b"\r\n\x1b\x0f"), "U07 none of them reaches the terminal", t.seen)
    rows.row(t.text().count("\\xe2\\x80\\xae") == 4, "U07 each is shown as its bytes, in the path, the name, the reason and the title", t.text())
    mixed = start("/h\u043eme/\uff0f")
    mixed.answer("?")
    mixed.answer("n")
    ends("U08 look-alikes are asked about", mixed, "no")
    rows.has("U08 they are marked, and their bytes are shown on request", mixed.text(), "letters that look like others", "its bytes: /h\\xd0\\xbeme/\\xef\\xbc\\x8f")


def reasons(start):
    """U31: the program's words are last, on one line, quoted, cut."""
    reason = 'Granted.\n\nallow?  y yes  > y"\n  2  read  /harmless\n' + "x" * 10240
    t = start("-r", reason, "-t", "Weekly report\x1b[8m")
    t.answer("n")
    ends("U31 a reason that looks like an answer is none", t, "no")
    text = t.text()
    rows.row(text.index("not named on the command line") < text.index('the program says: "Granted.\\x0a\\x0aallow? \\x20y yes \\x20> y\\x22\\x0a \\x202'),
             "U31 the reason stands behind the facts, quoted and labelled", text)
    rows.has("U31 it is cut with its length, and so is no long title needed", text, f"x... ({len(reason)} bytes)\"\n",
             'the program says of it all: "Weekly report\\x1b[8m"\nallow?')


# ---- what the screen shows

def hostile_names(start):
    rogue = "/tmp/a\x1b[2J\x1b]0;t\x07\r\nallow?  > y\u202e\u200b\u2028\\x41" + 60 * " " + "  2  read  /harmless"
    t = start(rogue, rogue + "!")
    t.answer("n")
    ends("U02 a hostile name is asked about", t, "no")
    drawn = t.seen[t.seen.index(b"rg.wasm"):]
    rows.row(b"\x1b" not in drawn and b"\a" not in drawn, "U02 no control character of a name reaches the terminal", drawn)
    rows.has("U03 what is shown is what is meant", t.text(), "/tmp/a\\x1b[2J\\x1b]0;t\\x07\\x0d\\x0aallow? \\x20> y",
             "\\xe2\\x80\\xae\\xe2\\x80\\x8b\\xe2\\x80\\xa8\\x5cx41 \\x20\\x20")
    rows.row("  2  read  /harmless" not in t.text(), "U06 a name cannot pad itself to a line of its own", t.text())


def clean_screen(start):
    t = start("-q")
    t.answer("n")
    ends("U09 asked", t, "no")
    before = t.seen[:t.seen.index(b"rg.wasm")]
    rows.row(before.endswith(b"\x1b[?7h\x1b7\x1b[r\x1b8\x1b(B\x0f\x1b[0m\r\n"), "U09 wrapping, scroll region, character set and attributes are reset first", before)


# ---- ends and interruptions

def nobody(start):
    eof, half = start(), start()
    eof.expect(PROMPT)
    eof.send(b"\x04")
    ends("U16 end of file is no answer", eof, "unavailable")
    half.expect(PROMPT)
    half.send(b"y\x04\x04")
    ends("U16 half a line and end of file is no answer", half, "unavailable")
    behind = start(background=True)
    ends("U16 in the background nobody is asked, and nothing stops", behind, "unavailable")
    rows.row(b"wants" not in behind.seen, "U16 and nothing is drawn", behind.text())
    moved = start()
    moved.expect(PROMPT)
    moved.to_background()
    ends("U16 put into the background at the question: no answer", moved, "unavailable")


def hang_up(start):
    def with_pipe(**more):
        read, write = os.pipe()
        t = start(stdout=write, **more)
        os.close(write)
        t.expect(PROMPT)
        t.send("y")                     # half an answer
        t.wait_typed()
        t.hang_up()
        status = t.wait()
        with os.fdopen(read, "rb") as out:
            return status, out.read()

    # The terminal's end is seen, or the shell's signal comes first: neither answers.
    got = with_pipe()
    rows.row(got in (("signal 1", b""), ("signal 1", b"reply unavailable\n"), ("exit 0", b"reply unavailable\n")),
             "U16 hang-up at the question: no answer", got)
    rows.same("U16 hang-up with the signal ignored: no answer", with_pipe(ignore=(signal.SIGHUP,)), ("exit 0", b"reply unavailable\n"))


def interrupts(start):
    keys = [("Ctrl-C", b"\x03"), ("a letter and Ctrl-C", b"y\x03"), ("Ctrl-\\", b"\x1c"), ("a quoted Ctrl-C", b"y\x16\x03\n")]
    typed = [(name, data, start()) for name, data in keys]
    sent = [(number, start()) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP)]
    early = start()
    early.expect(rb"wants to read")
    early.send(b"\x03")
    ends("U16 Ctrl-C before the prompt interrupts, the terminal is restored", early, "interrupted")
    for _, data, t in typed:
        t.expect(PROMPT)
        t.send(data)
    for number, t in sent:
        t.expect(PROMPT)
        t.signal(number)
    for name, _, t in typed:
        ends(f"U16 {name} at the question interrupts, the terminal is restored", t, "interrupted")
    for number, t in sent:
        ends(f"U16 {number.name} at the question ends the program, the terminal is restored", t, status=f"signal {int(number)}")


def eintr(start):
    t = start("-u")
    t.expect(PROMPT)
    t.send("y")
    t.wait_typed()
    for _ in range(3):
        t.signal(signal.SIGUSR1)
        t.expect(rb"signal\r\n")
    t.send("\x15\n")
    ends("U16 a signal's handler at the question answers nothing", t, "no")


def stopping(start):
    t = start()
    t.expect(PROMPT)
    t.send(b"y\x1a")
    t.wait_stopped()
    rows.row(t.restored(), "U16 Ctrl-Z at the question stops, with the terminal restored", t.modes())
    t.go_on()
    t.expect(rb"wants to read")
    t.answer("")
    ends("U16 continued, it asks afresh: what was half typed is gone", t, "no")
    t = start()
    t.expect(PROMPT)
    t.send(b"\x1a")
    t.wait_stopped()
    t.go_on(foreground=False)
    ends("U16 continued in the background: no answer", t, "unavailable")


def stopped_output(start):
    """Ctrl-S: what is drawn waits; Ctrl-C is still seen, and no answer is."""
    stopped, early, other = start(typed=b"\x13"), start(typed=b"\x13"), start()
    other.expect(PROMPT)                # so long they have waited with the question
    rows.row(not stopped.seen and not early.seen, "nothing is drawn on a stopped terminal", stopped.seen + early.seen)
    stopped.send("\x03")
    early.send("y\n")
    early.wait_typed()
    early.send("y\n\x11")
    other.send("\n")
    early.answer("")
    ends("U16 Ctrl-C on a stopped terminal interrupts, its modes are restored", stopped, "interrupted")
    ends("U16 what was typed while nothing could be drawn is no answer", early, "no")
    ends("U16 and so is nothing", other, "no")


# ---- modes

def raw(fd):
    modes = termios.tcgetattr(fd)
    modes[0] = modes[1] = modes[3] = 0
    modes[6] = [b"\0"] * len(modes[6])
    termios.tcsetattr(fd, termios.TCSANOW, modes)


def no_echo(fd):
    modes = termios.tcgetattr(fd)
    modes[3] &= ~(termios.ECHO | termios.ISIG)
    modes[3] |= termios.TOSTOP
    termios.tcsetattr(fd, termios.TCSANOW, modes)


def other_modes(start):
    wanted = [("y is yes", b"y\n", "run"), ("Enter is no", b"\n", "no"), ("Ctrl-C interrupts", b"\x03", "interrupted")]
    open_ones = [(name, *want, start(modes=modes)) for name, modes in (("raw, VMIN 0, no keys", raw), ("no echo, no signals, TOSTOP", no_echo))
                 for want in wanted]
    for *_, data, _, t in open_ones:
        t.expect(PROMPT)
        t.send(data)
    for name, what, _, want, t in open_ones:
        ends(f"U14 {name}: {what}, and the modes come back", t, want)


def modes_changed_by_another(start):
    t = start()
    t.expect(PROMPT)
    theirs = t.modes()
    theirs[3] &= ~termios.ICANON
    theirs[6][termios.VMIN], theirs[6][termios.VTIME] = 1, 0
    t.send("y")
    t.wait_typed()
    termios.tcsetattr(t.master, termios.TCSANOW, theirs)
    t.modes_before = theirs         # reading them back might already see the answer to it
    t.expect(rb"wants to read")
    t.answer("")
    ends("U15 another program sets modes at the question: asked afresh, its modes are left to it", t, "no")


def two_at_once(start):
    """U15: two that ask at one terminal, in one job, as in `wask a | wask b`."""
    with Terminal(["sh", "-c", f"{DRIVER} /first & {DRIVER} /second; wait"], env=run.environment(TERM="xterm")) as t:
        t.expect(PROMPT)
        rows.row(t.seen.count(b"wants to read") == 1, "U15 one question at a time", t.text())
        t.send("y\n")
        t.expect(rb"reply run")
        t.answer("n")
        ends("U15 each question has its own answer", t, "run", "no")
        text = t.text()
        rows.row(text.count("read  /first") == 1 and text.count("read  /second") == 1, "U15 each was drawn once", text)


def no_terminal():
    """A terminal that is not the controlling one, and something that is none."""
    result = run.command([DRIVER])
    rows.row(result.status == 1 and result.out == b"no terminal\n", "U05 without a controlling terminal nobody is asked", result)


if __name__ == "__main__":
    run_groups(group, (never_silent, answers, unknown_answers, three_lines, secrets, too_early, pace, replies_of_the_terminal, paste_before,
                       paste_during, long_lines, long_names, resize, true_paths, invisible, reasons, hostile_names, clean_screen, nobody, hang_up, interrupts, eintr, stopping,
                       stopped_output, other_modes, modes_changed_by_another, two_at_once))
    no_terminal()
    rows.end()
