"""A question about several things: answers to some of them, the options, what they mean, pages.

Through driver.c, as test_terminal.py.
"""

import os
import re
import signal
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../lib")]
import rows
from driven import EARLY, PASTED, UNKNOWN, ends, group
from harness import PROMPT
from side_by_side import run_groups

ALL = ("-o", "yoadns")
MORE = rb"-- Enter or space: more   q: enough --"


def options(start):
    table = [("y", "run"), ("o", "once"), ("a", "always"), ("dirs", "dirs"), ("n", "no"), ("s", "stop"), ("stop", "stop")]
    open_ones = [(line, want, start(*ALL)) for line, want in table]
    letter = start(*ALL)
    for line, _, t in open_ones:
        t.answer(line)
    letter.answer("d")
    letter.expect(UNKNOWN)
    letter.answer("")
    for line, want, t in open_ones:
        ends(f"the option {line!r} is {want}", t, want)
    ends("U21 dirs is typed out, its letter is no answer", letter, "no")
    rows.has("U21 the prompt says what dirs gives, and to type it", letter.text(), "     dirs: allow read,list,stat /home/ada/notes/ for run\nallow?", "  type dirs  ")


def decisions(start):
    table = [("y", "granted: read /home/ada/notes/todo.txt for this run\n"), ("o", "granted: read /home/ada/notes/todo.txt for this call alone\n"),
             ("a", "granted: read /home/ada/notes/todo.txt, remembered\n"), ("dirs", "granted: read,list,stat /home/ada/notes/ for this run\n"),
             ("n", "refused\n"), ("", "refused\n"), ("s", "refused, and nothing more is asked in this run\n")]
    open_ones = [(line, want, start(*ALL)) for line, want in table]
    for line, _, t in open_ones:
        t.answer(line)
    for line, want, t in open_ones:
        t.wait()
        rows.has(f"after {line!r} one line says what came of it", t.text(), f"> {line}\n".replace("> \n", ">\n") + want + "reply")


def some_of_them(start):
    def run(name, lines, want, *more, needs=5):
        t = start("-l", str(needs), "-m", *ALL, *more)
        open_ones.append((name, t, want))
        for line in lines:
            t.answer(line)
        return t

    open_ones = []
    some = run("1,3 y and then no", ["1,3 y", "n"], "run,no,run,no,no")
    run("a range and Enter", ["2-4 y", ""], "no,run,run,run,no")
    run("each its own option", ["1 y", "2 o", "3 a", "4 dirs", "5 n"], "run,once,always,dirs,no")
    run("no to one, yes to what is left", ["3 n", "y"], "run,run,no,run,run")
    run("a yes, and then stop", ["2 y", "s"], "stop,run,stop,stop,stop")
    run("all at once", ["y"], "run")
    run("one after the other until nothing is left", ["1 n", "2 n"], "no", needs=2)
    for name, t, want in open_ones:
        ends(f"several needs: {name}", t, want)
    text = some.text()
    rows.has("all are numbered; the prompt says how to answer some", text, "rg.wasm wants 5 things\n  1  read  /home/ada/notes/todo.txt1  (3.2 KB)\n",
             "  5  read  /home/ada/notes/todo.txt5", "  1,3 y some  ? help  > 1,3 y\n")
    again = text[text.index("> 1,3 y"):]
    rows.has("what is left is asked again, under its numbers", again, "3 of 5 are open\n  2  read", "  4  read", "  5  read", "  2,5 y some")
    rows.row("  1  read" not in again and "  3  read" not in again, "what was answered is not", again)
    rows.has("and what came of it all is said", text, "granted: 1,3 (run); refused: 2,4-5\n")


def wrong_numbers(start):
    table = ["6 y", "0 y", "1-6 y", "3-1 y", "1, y", "1,3", "1 3 y", "1-99999999999 y", "1,3y", "y 1", "1,2 s", "1,2 ?"]
    open_ones = [(line, start("-l", "5", "-m", *ALL)) for line in table]
    again = start("-l", "5", "-m", *ALL)
    for line, t in open_ones:
        t.answer(line)
    again.answer("2 n")
    again.answer("1-3 y")
    again.expect(UNKNOWN)
    again.answer("2 y")
    again.expect(UNKNOWN)
    again.answer("")
    for line, t in open_ones:
        t.expect(UNKNOWN)
        t.answer("")
        ends(f"U21 {line!r} is no answer to five needs", t, "no")
    ends("U21 what was refused is not given by a later line", again, "no")


def secrets(start):
    letter, word, other = (start("-l", "3", "-m", "-s", "2", *ALL) for _ in range(3))
    letter.answer("y")
    word.answer("run")
    other.answer("1 y")
    for t in (letter, other):
        t.expect(UNKNOWN)
        t.answer("1,3 run")
        t.answer("")
    ends("U21 a secret among three: the letter gives nothing", letter, "run,no,run")
    ends("U21 a secret among three: the word gives", word, "run")
    ends("U21 a secret among three: not even another by its letter", other, "run,no,run")
    rows.has("U21 it is marked", word.text(), "todo.txt2  (3.2 KB, secret)\n", "  type run: yes, this run  type once: this call alone")


def pasted(start):
    t = start("-l", "3", "-m")
    t.expect(PROMPT)
    t.send("1 y\n2 y\n3 y\n")
    t.expect(PASTED)
    t.answer("1 y")
    t.expect(rb"2 of 3 are open")
    t.send("y\n")
    t.expect(EARLY)
    t.answer("")
    ends("U06 pasted answers to some are none; one typed before the rest is drawn is not counted", t, "run,no,no")


def explained(start):
    t = start("-l", "2", "-m", *ALL, rows=60)
    t.answer("?")
    t.expect(rb"asked because: not named on the command line \(other\)")
    t.expect(rb"y or run: yes, this run\r\n     allow read /home/ada/notes/todo.txt1 for run\r\n     allow read /home/ada/notes/todo.txt2 for run\r\n")
    t.expect(rb"dirs, typed out: what lies around it too\r\n     allow read,list,stat /home/ada/notes/ for run\r\nn or no")
    t.expect(rb"wants 2 things")
    t.answer("1 y")
    t.answer("?")
    shown = t.expect(rb"  2  asked because.*?with|  2  asked because.*?" + PROMPT)[0]
    rows.row(b"todo.txt1" not in shown, "help for what is left is about that alone", shown)
    t.send("o\n")
    ends("? shows what each option means, and the question again", t, "run,once")


def to_prompt(t, key):
    """Turns pages with KEY until the prompt; how many there were."""
    pages = 0
    while not t.expect(MORE + b"|" + PROMPT)[0].endswith(b"> "):
        pages += 1
        t.send(key)
    return pages


def pages(start):
    space, enter, wide, tall = (start("-l", "32", "-m", columns=c, rows=r) for c, r in ((80, 24), (80, 24), (20, 5), (80, 100)))
    for t, key, name, least, most in ((space, " ", "space", 3, 6), (enter, "\n", "Enter", 3, 6), (wide, " ", "on 20 columns and 5 rows", 32, 64), (tall, " ", "100 rows", 0, 0)):
        got = to_prompt(t, key)
        t.send("y\n")
        ends(f"32 needs, {name}: paged, asked and answered", t, "run")
        rows.row(least <= got <= most, f"32 needs, {name}: as many pages as that takes", f"{got} pages")
        lines = re.findall(r"^(?:-- [^\n]*--)?  ?(\d+)  read  /home/ada/notes/todo.txt(\d+)  \(3.2 KB\)$", t.text(), re.M)
        rows.same(f"32 needs, {name}: every one is shown, once, in order", lines, [(str(i), str(i)) for i in range(1, 33)])


def pages_left(start):
    q, other, early, first = (start("-l", "32", "-m") for _ in range(4))
    q.expect(MORE)
    q.send(" ")
    q.expect(MORE)
    q.send("q")
    q.expect(PROMPT)
    q.send("y\n")
    q.wait()
    reply = re.search(r"^reply (.*)$", q.text(), re.M)[1].split(",")
    seen = re.findall(r"(\d+)  read  ", q.text())
    rows.same("what was not seen is not granted", reply, ["run" if str(i) in seen else "no" for i in range(1, 33)])
    rows.row(10 < len(seen) < 32 and q.restored(), "enough after two pages: the rest was not drawn", seen)
    other.expect(MORE)
    for keys in ("y", "run", "\x1b[B", "1", "\x7f"):
        other.send(keys)
    other.wait_typed()
    other.send(" ")
    to_prompt(other, " ")
    other.send("\n")
    ends("U21 other keys between pages say nothing", other, "no")
    early.send("y\nqqq   \n\n\n")
    pages = to_prompt(early, "\n")
    early.send("\n")
    ends("U06 keys typed ahead turn no page and answer nothing", early, "no")
    rows.row(pages >= 3, "U06 all pages waited", pages)
    first.expect(MORE)
    first.send("  ")
    first.expect(MORE)
    first.resize(30, 8)
    first.signal(signal.SIGWINCH)
    first.send(" ")
    got = to_prompt(first, " ")
    first.send("y\n")
    ends("resized between pages: asked and answered", first, "run")
    rows.row(got > 5, "and the later pages have the new size", got)


def pages_end(start):
    end, interrupt, stop, gone = (start("-l", "32", "-m") for _ in range(4))
    for t in (end, interrupt, stop, gone):
        t.expect(MORE)
    end.send("\x04")
    interrupt.send("\x03")
    stop.send("\x1a")
    gone.to_background()
    ends("U16 end of file between pages is no answer", end, "unavailable")
    ends("U16 Ctrl-C between pages interrupts, the terminal restored", interrupt, "interrupted")
    ends("U16 put into the background between pages: no answer", gone, "unavailable")
    stop.wait_stopped()
    rows.row(stop.restored(), "U16 Ctrl-Z between pages stops, the terminal restored")
    stop.go_on()
    stop.expect(rb"wants 32 things")
    to_prompt(stop, " ")
    stop.send("\n")
    ends("U16 continued, it begins at the first page", stop, "no")


def unfinished(start):
    end, interrupt, stop = (start("-l", "3", "-m") for _ in range(3))
    for t in (end, interrupt, stop):
        t.answer("1 y")
        t.expect(PROMPT)
    end.send("\x04")
    interrupt.send("\x03")
    stop.send("\x1a")
    ends("U16 an answer to some and end of file: nothing is given", end, "unavailable")
    ends("U16 an answer to some and Ctrl-C: nothing is given", interrupt, "interrupted")
    stop.wait_stopped()
    stop.go_on()
    stop.expect(rb"wants 3 things")
    stop.answer("2 y")
    stop.answer("")
    ends("U16 an answer to some, Ctrl-Z, continued: all are asked afresh", stop, "no,run,no")


if __name__ == "__main__":
    run_groups(group, (explained, pages, pages_left, pages_end, options, decisions, some_of_them, wrong_numbers, secrets, pasted, unfinished))
    rows.end()
