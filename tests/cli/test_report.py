"""The list at the end (sentence 5): when it is printed, what it says, and that it is true.

Each row of the list says what to type; here it is typed, by a shell, and the next
run passes without a word.
"""

import os
import re
import subprocess
import sys

sys.path[:0] = [os.path.join(os.path.dirname(os.path.abspath(__file__)), part) for part in ("../lib", "../tty")]
from guests import guest
from harness import PROMPT, Terminal
from rows import end, has, row, same
from run import WASK, Place, command, environment, module

AGENT = guest("agent")
TITLE = "wask: refused, because nobody could be asked:"


def agent(*options, steps, cwd, args=(), env=None):
    return command([WASK, *options, AGENT, *args], stdin="".join(f"{s}\n" for s in steps).encode(), cwd=cwd, env=env)


def listed(result):
    """The rows of the list: (verb, path, class, advice)."""
    found = re.findall(r"^  (\S+(?: \S+)*)  +(\S+|\".*?\")  +(\w+)  +(.*)$", result.err.decode(), re.M)
    return found


def answers(result):
    return [line.split(": ", 1)[1].split(" ")[0] for line in result.out.decode().splitlines()]


def made_true(name, step, place, want, options=()):
    """STEP is refused and listed; the option that is advised, besides OPTIONS, makes it pass."""
    refused = agent(*options, steps=[step], cwd=place.path)
    found = listed(refused)
    if not row(len(found) == 1 and found[0][0] == want and TITLE in refused.err.decode() and answers(refused) != ["ok"],
               f"{name}: listed", refused):
        return
    advice = re.search(r"--dir .*$", found[0][3])
    row(advice, f"{name}: an option is advised", found)
    again = subprocess.run(["sh", "-c", f'module=$1; shift; exec "$0" "$@" {advice[0]} "$module"', WASK, AGENT, *options], input=f"{step}\n".encode(), capture_output=True,
                           cwd=place.path, env=environment())
    row(b": ok" in again.stdout and again.stderr == b"", f"{name}: what is advised ({advice[0]}) makes it pass", (again, found))


def advice():
    with Place({"near.txt": b"near", "sub/x.txt": b"x", "sp ace/it's.txt": b"q", "sp ace/y.txt": b"y", "$HOME;x/z.txt": b"z", "d/f": b"f", "d:ro/x": b"x"}) as p:
        made_true("read", "4 open r near.txt", p, "read")
        made_true("read beneath", "4 open r sub/x.txt", p, "read")
        made_true("create", "4 open wc new.txt", p, "create")
        made_true("create beneath", "4 open wc sub/new.txt", p, "create")
        made_true("change", "4 open w near.txt", p, "change")
        made_true("mkdir", "4 mkdir made", p, "make")
        made_true("unlink", "4 unlink sub/x.txt", p, "remove")
        made_true("a name with a space", "4 open r sp%20ace/y.txt", p, "read")
        made_true("a name that a shell would expand", "4 open r $HOME;x/z.txt", p, "read")
        made_true("a directory that ends in :ro", "4 open wc d:ro/f", p, "create")
        named = agent(steps=["4 open r near.txt"], args=["near.txt"], cwd=p.path)
        row(answers(named) == ["ok"] and named.err == b"", "named as an argument: it passes", named)


def beneath_another_name():
    """Where the guest's name is not the host's, the advice has both."""
    with Place({"other/f": b"f", "other/d/e": b"e", "cwd/x": b"x", "o:ro/f": b"f"}) as p, Place({"f": b"f"}) as q:
        given = ["--dir", f"{p / 'other'}::/x:ro"]
        made_true("create beneath a read-only mount of another name", "3 open wc /x/new", p, "create", given)
        made_true("change there", "3 open w /x/f", p, "change", given)
        made_true("change deeper", "3 open w /x/d/e", p, "change", given)
        made_true("mkdir there", "3 mkdir /x/made", p, "make", given)
        made_true("create, :ro in the name of the host", "3 open wc /x/new", p, "create", ["--dir", f"{p / 'o:ro'}::/x:ro"])
        made_true("create, :ro in the name of the guest", "3 open wc /x:ro/new2", p, "create", ["--dir", f"{p / 'o:ro'}::/x:ro:ro"])
        made_true("a read-only mount of its own name", f"3 open w {q / 'f'}", p, "change", ["--dir", f"{q.path}:ro"])
        same("and there the name is written once", [f[3] for f in listed(agent("--dir", f"{q.path}:ro", steps=[f"3 unlink {q / 'f'}"], cwd=p.path))], [f"--dir {q.path}"])


def not_for_dir():
    """A name with "::" in it cannot be given to --dir: what is said instead works."""
    with Place({"a::b/f": b"f", "x": b"x"}) as p:
        for step, options, want, way in (("4 open r a::b/f", [], "name it as an argument", {"args": ["a::b/f"]}), ("4 open r a::b/f", ["--no-args"], "name it as an argument, without --no-args", {"args": ["a::b/f"]}),
                                         ("4 list a::b", [], "name it as an argument", {"args": ["a::b"]}), ("4 open w a::b/f", [], "give one above it", {"options": ["--dir", "."]})):
            found = [f[3] for f in listed(agent(*options, steps=[step], cwd=p.path))]
            same(f"a directory with :: in its name, {' '.join([*options, step])}", found, [f"its name cannot be given to --dir: {want}"])
            again = agent(*way.get("options", ()), steps=[step], args=way.get("args", ()), cwd=p.path)
            row(answers(again) == ["ok"] and again.err == b"", "and that makes it pass", again)


def listings():
    """I8: a directory that stands for itself is listed without a question; the record has it, the list at the end does not."""
    with Place({"a.txt": b"a"}) as p:
        result = agent(steps=["3 list /", "3 list /"], cwd=p.path)
        row(answers(result) == ["ok", "ok"] and result.err == b"", "what was given is not listed as missed", result)


def when():
    with Place({"near.txt": b"near", ".env": b"s", "many/d": None}) as p:
        nothing = agent(steps=["4 stat near.txt"], cwd=p.path)
        same("nothing was missed: no list", nothing.err, b"")
        hidden = agent(steps=["4 open r .env", "4 stat /etc/passwd", "4 open r /etc/passwd"], cwd=p.path)
        same("only hidden, and stderr no terminal: no list", hidden.err, b"")
        for options in ([], ["--ask=never"], ["--ask=needs"]):
            refused = agent(*options, steps=["4 open r near.txt", "4 open r near.txt"], cwd=p.path)
            same(f"an ask refused for want of anybody: listed, once ({' '.join(options) or 'default'})",
                 [f[:3] for f in listed(refused)], [("read", p / "near.txt", "near")])
        off = agent("--ask=off", "--dir", ".::x:ro", steps=["3 open wc new.txt", "3 open r near.txt"], cwd=p.path)
        same("--ask=off: no list", off.err, b"")
        many = agent(steps=[f"4 open wc many/{i}" for i in range(100)], cwd=p.path)
        row(many.err.count(b"\n") <= 30 and b"  and 80 others" in many.err, "a long list is cut, and says by how much", many)
        escaped = agent(steps=["4 open wc a%1b[2J%0ab"], cwd=p.path)
        row(b"\x1b" not in escaped.err and b"\\x1b[2J\\x0ab" in escaped.err, "U02 names in the list are escaped", escaped)
        secret = agent(steps=["4 open r .env"], args=[".env"], cwd=p.path)
        row("secret" in secret.err.decode() and "--dir" not in secret.err.decode(), "a named secret: no option is promised that would not do", secret)


def on_a_terminal():
    with Place({"near.txt": b"near", ".env": b"s"}) as p, open(p / "steps", "w+b") as steps:
        steps.write(b"4 open r .env\n4 open r not-there\n")
        steps.seek(0)
        with Terminal([WASK, "--ask=never", AGENT], cwd=p.path, stdin=steps.fileno(), env=environment(TERM="xterm")) as terminal:
            terminal.wait()
            text = terminal.text()
        has("hidden, and stderr a terminal: listed", text, "wask: hidden", p / ".env")
        row("not-there" not in text.split("wask:")[-1], "what does not exist was not missed", text)


def unanswered():
    """What was asked and not answered is no question that was not put; what was said no to is neither."""
    steps = {"4 open r near.txt": "read", "4 open wc near.txt": "change or replace", "4 unlink near.txt": "remove", "4 mkdir d": "make", "4 rename near.txt 4 far.txt": "rename"}
    for step, verb in steps.items():
        with Place({"near.txt": b"near"}) as p, open(p / "steps", "w+b") as file:
            file.write(f"{step}\n".encode())
            file.seek(0)
            with Terminal([WASK, AGENT], cwd=p.path, stdin=file.fileno(), env=environment(TERM="xterm")) as terminal:
                terminal.expect(PROMPT)
                terminal.send(b"\x04")
                terminal.wait()
                asked, _, said = terminal.text().replace("\r", "").partition("wask: refused, because nobody answered:\n")
            row(f"wants to {verb} " in asked and said.startswith(f"  {verb} ") and "without a question" not in said and "you said no" not in said,
                f"end of file at a question ({step}): listed so, in the words of the question", (asked, said))


def compiling():
    with Place() as p:
        argv = [WASK, f"--cache={p / 'c'}", module("python"), "-c", "print(6 * 7)"]
        with Terminal(argv, cwd=p.path, env=environment(TERM="xterm")) as terminal:
            terminal.expect(rb"Compiling python.wasm, 26 MB \.\.\.\r?\n")
            terminal.expect(rb"42\r?\n")
            same("a long compilation says so on a terminal", terminal.wait(), "exit 0")
        with Terminal(argv, cwd=p.path, env=environment(TERM="xterm")) as terminal:
            same("and from the cache nothing", (terminal.wait(), "Compiling" in terminal.text()), ("exit 0", False))
        with Place() as q:
            quiet = command([WASK, f"--cache={q / 'c'}", module("rg"), "--version"])
            row(quiet.status == 0 and quiet.err == b"", "and nothing where nobody looks", quiet)


advice()
beneath_another_name()
not_for_dir()
listings()
when()
on_a_terminal()
unanswered()
compiling()
end()
