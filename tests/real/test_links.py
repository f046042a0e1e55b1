#!/usr/bin/env python3
"""Links and "..", from inside a guest: rows of design/security.md, by their names.

W19 W21 W22 W25 P12 P17 P23 L08, with classic preopens (--ask=off) and asking with
nobody there. What the kernel itself says on the same directory is the measure.
"""

import itertools
import os
import shutil
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from agent import Agent, GONE, HUNG         # noqa: E402
from guests import guest as compiled        # noqa: E402
from linux import agent as linux            # noqa: E402
from rows import end, has, row, same        # noqa: E402
from run import ROOT, Place, wask           # noqa: E402

MODES = {"off": (["--ask=off", "--dir", "."], 3), "asking": (["--dir", "."], 4)}
SECRET = b"host secret\n"
# Every oflags, following or not, for reading, writing, both or neither, appending, not waiting.
FLAGS = ["".join(letters) for letters in itertools.product(("", "c"), ("", "x"), ("", "t"), ("", "d"), ("", "f"), ("", "r", "w", "rw"), ("", "a"), ("", "n"))]


class Deep(Place):
    """Far enough down that no ".." of a test gets to /tmp, which with asking on is the guest's own."""

    def __init__(self, tree):
        super().__init__()
        self.top, self.path = self.path, os.path.join(self.path, "1/2/3")
        os.makedirs(self.path)
        self.fill(tree)

    def __exit__(self, *_):
        shutil.rmtree(self.top, ignore_errors=True)


def said(mode, lines, cwd):
    """The answers to many lines at once: line -> answer. A line stands without its descriptor."""
    options, fd = MODES[mode]
    result = wask(*options, compiled("agent"), stdin="".join(f"{fd} {line}\n" for line in lines).encode(), cwd=cwd)
    answers = [text.split(": ", 1)[1] for text in result.out.decode(errors="replace").splitlines()]
    if result.status or len(answers) != len(lines):
        row(False, f"the guest did all of it, {mode}", result)
    return list(zip(lines, answers))


def outside(p):
    """All that is not in the grant, with its times."""
    found = {}
    for base, dirs, files in os.walk(p.path):
        dirs[:] = [d for d in dirs if os.path.join(base, d) != p / "in"]
        for name in [*dirs, *files]:
            st = os.lstat(os.path.join(base, name))
            found[os.path.join(base, name)] = (st.st_mode, st.st_size, st.st_mtime_ns, st.st_nlink)
    return found


def none_ok(name, answers, also=()):
    wrong = [f"{line}: {answer}" for line, answer in answers if answer.startswith("ok") and (line, answer) not in also or answer in (HUNG, GONE)]
    row(answers and not wrong, name, "\n".join(wrong[:20]))


# ---- W19: links that lead out, and links that lead round ----------------------

OUT = {"out": "../secret", "absolute": "/etc/passwd", "made": "../made", "through": "d/up/../../secret", "chain": "out", "turn": "./d/../d/../../secret", "slash": "../beside/"}
UNDER = ["up/secret", "up/made", "d/far/made", "slash/made", "out/", "up/in/../secret"]


def w19_out(mode):
    tree = {"secret": SECRET, "beside/x": b"x", "in/d/a": b"a", "in/up": ("..",), "in/d/up": ("..",), "in/d/far": ("../../beside",),
            **{f"in/{name}": (to,) for name, to in OUT.items()}}
    with Deep(tree) as p:
        before, inside = outside(p), p.snapshot()
        answers = said(mode, [f"open {flags} {path}" for path in [*OUT, *UNDER] for flags in FLAGS], p / "in")
        # With asking on, what is above where it stands is a directory that may be looked at, and only that.
        looked = [(line, answer) for line, answer in answers if mode == "asking" and answer == "ok directory" and line.endswith(("up", "slash"))]
        none_ok(f"W19 {len(OUT) + len(UNDER)} ways out x {len(FLAGS)} sets of flags: refused, {mode}", answers, looked)
        same(f"W19 nothing changed outside, {mode}", outside(p), before)
        same(f"W19 nothing came of it inside, {mode}", p.snapshot(), inside)


def loop_of(n):
    return {f"in/loop{n}/{i}": (f"{(i + 1) % n}",) for i in range(n)}


def w19_loops(mode):
    lengths = (1, 2, 40, 41)
    with Place({"in/a": b"a", **{k: v for n in lengths for k, v in loop_of(n).items()}}) as p:
        before = p.snapshot()
        answers = said(mode, [f"open {flags} loop{n}/0{more}" for n in lengths for more in ("", "/", "/x") for flags in FLAGS], p / "in")
        none_ok(f"W19 loops of 1, 2, 40 and 41 links x {len(FLAGS)} sets of flags: refused, {mode}", answers)
        others = {answer for line, answer in answers if "c" not in line.split()[1] and "d" not in line.split()[1]}
        same(f"W19 loops: loop is what they are called, {mode}", others, {"loop"})
        same(f"W19 loops: nothing came of it, {mode}", p.snapshot(), before)
        calls = [f"{op} loop{n}/0" for n in lengths for op in ("stat", "list", "times")] + [f"{op} loop{n}/0/x" for n in lengths for op in (
            "stat", "lstat", "mkdir", "rmdir", "unlink", "readlink", "symlink a", "rename a", "link a")]
        same(f"W19 loops: loop in every call, {mode}", {answer for _, answer in said(mode, calls, p / "in")}, {"loop"})


# ---- L08: how many links, how long a name ------------------------------------

def chain_of(n):
    return {f"in/chain{n}/{i}": (f"{i + 1}",) for i in range(n)} | {f"in/chain{n}/{n}": b"end of it\n"}


def l08(mode):
    chains = (39, 40, 41)
    tree = {"in/a": b"a", **{k: v for n in chains for k, v in chain_of(n).items()}}
    with Deep(tree) as p, Deep(tree) as q:
        lines = [f"{op} chain{n}/0" for n in chains for op in ("open rf", "stat", "open wf", "times")]
        lines += [f"open rf chain{n}/../a" for n in chains]
        native = dict(line.decode().split(": ", 1) for line in linux("".join(f"3 {line}\n" for line in lines).encode(), q / "in").splitlines())
        same(f"L08 chains of 39, 40 and 41 links as the kernel, {mode}", dict(said(mode, lines, p / "in")), {line[2:]: answer for line, answer in native.items()})
    with Place({"in/a": b"a", "in/d/a": b"deep"}) as p:
        same(f"L08 a path of 4,095 bytes, {mode}", said(mode, ["open r " + "./" * 2047 + "a"], p / "in")[0][1], "ok file ok a")
        # With asking on, a name of which something remains is one with where it stands: both together have 4,095 bytes.
        room = 4095 if mode == "off" else 4095 - len(p / "in/")
        for n, wanted in ((room, "ok file ok a"), (4096, "nametoolong")):
            name = "d/../" * (n // 5 - 2) + "./" * ((n - 1 - 5 * (n // 5 - 2)) // 2) + "a"
            name = name if len(name) == n else name[:-1] + "/a"
            same(f"L08 a path of {'4,096' if n > room else '4,095'} bytes, down and up, {mode}", (len(name), said(mode, [f"open r {name}"], p / "in")[0][1]), (n, wanted))
        same(f"L08 2,048 components, {mode}", said(mode, ["open r " + "/".join(["."] * 2047 + ["a"])], p / "in")[0][1], "ok file ok a")
        for n in (4096, 65536):
            name = "./" * (n // 2 - 1) + "/a"
            calls = ("open r", "stat", "mkdir", "unlink", "rmdir", "readlink", "times", "rename a", "link a", "symlink a", "symlink", "list")
            lines = [f"{op} {name}" if op != "symlink" else f"symlink {name} l" for op in calls]
            same(f"L08 a path of {len(name)} bytes: nametoolong in every call, {mode}", {answer for _, answer in said(mode, lines, p / "in")}, {"nametoolong"})
        for n, wanted in ((255, "ok"), (256, "nametoolong")):
            same(f"L08 a component of {n} bytes, {mode}", said(mode, ["mkdir " + "n" * n], p / "in")[0][1], wanted)
        row(p.has("in/" + "n" * 255) and not p.has("in/l"), f"L08 made where it was not too long, {mode}")


# ---- W21, W22: out by a guest's own link, and by ".." -------------------------

def w21(mode):
    options, fd = MODES[mode]
    with Place({"in/a": b"a", "secret": SECRET}) as p, Agent(options, cwd=p / "in") as guest:
        up = "../" * 20
        for target in (f"{up}etc/passwd", "../secret", "..", f"{up}etc"):
            guest.do(f"{fd} unlink l")
            same(f"W21 the guest makes a link to {target[-12:]}, {mode}", guest.do(f"{fd} symlink {target} l"), "ok")
            for name in ("l", "l/", "l/passwd", "l/secret"):
                answer = guest.do(f"{fd} open rf {name}")
                row(not answer.startswith("ok") or answer == "ok directory" and mode == "asking", f"W21 and reads {name} through it: refused, {mode}", answer)


def w21_in_writing():
    """Only in a checkout: the tree of an ordinary user's round has no pages."""
    if os.path.exists(f"{ROOT}/README.md"):
        with open(f"{ROOT}/README.md") as f:
            has("W21 the boundary is written down", " ".join(f.read().split()), "an escape from the file policy is a vulnerability")


CORPUS = ["..", "../", "../.", "../secret", "../none", "./../secret", "d/../../secret", "d/e/../../../secret", "../in/../secret", "..//secret", ".././../secret",
          "d/./../../secret", "dl/../../secret", "up/secret", "up/../secret", "d/up/../secret", "self/../secret", "self/self/../secret", "self/../in/a", "../in/a",
          "../../..", "../" * 40 + "etc/passwd", "d/../../../etc/passwd", "self/" * 39 + "../secret", "../beside/x", "../beside"]
CALLS = ["open r {}", "open rf {}", "open wf {}", "open wcf {}", "open wcxf {}", "open wtf {}", "open df {}", "stat {}", "lstat {}", "list {}", "mkdir {}", "mkdir {}/new",
         "rmdir {}", "unlink {}", "readlink {}", "times {}", "ltimes {}", "symlink a {}", "symlink a {}/new", "rename {} got", "rename a {}", "rename a {}/new",
         "rename d {}/new", "link {} got", "link a {}", "link a {}/new"]


def w22(mode):
    tree = {"secret": SECRET, "beside/x": b"x", "in/a": b"a", "in/d/e/f": b"f", "in/dl": ("d",), "in/up": ("..",), "in/d/up": ("..",), "in/self": (".",)}
    with Deep(tree) as p:
        before, inside = outside(p), p.snapshot()
        lines = [call.format(path) for path in CORPUS for call in CALLS]
        answers = said(mode, lines, p / "in")
        # With asking on the tree goes on above: directories there are made up and show nothing but themselves; what leads back in is in.
        fine = [(line, answer) for line, answer in answers if mode == "asking" and (
            answer == "ok directory" or answer.startswith("ok directory size 0 nlink 0") or line.startswith("list ") and "secret" not in answer
            or "in/a" in line)]
        none_ok(f"W22 {len(CORPUS)} ways up x {len(CALLS)} calls: refused, {mode}", answers, fine)
        same(f"W22 nothing changed outside, {mode}", outside(p), before)
        kept = {k: v for k, v in p.snapshot().items() if mode == "off" or k not in ("in/a", "in/got")}
        same(f"W22 nothing changed inside, {mode}", kept, {k: v for k, v in inside.items() if k in kept})


# ---- W25: chains of "self -> .", follow and nofollow --------------------------

def w25(mode):
    options, fd = MODES[mode]
    tree = {"secret": SECRET, "in/a": b"a", "in/self": (".",), "in/d/back": ("..",), "in/l": ("a",), "in/out": ("../secret",)}
    with Place(tree) as p:
        before = outside(p)
        up = [f"{op} {'self/' * n}{'d/back/' * m}../secret" for n in (0, 1, 2, 20) for m in (0, 1, 5) for op in ("open rf", "stat", "lstat", "times", "ltimes", "unlink")]
        none_ok(f"W25 self -> . and .. in every mixture: refused, {mode}", said(mode, up, p / "in"))
        inside = [f"open r {'self/' * n}{'d/back/' * m}a" for n in (0, 1, 20) for m in (0, 1, 9)]
        same(f"W25 and what stays within is read, {mode}", {answer for _, answer in said(mode, inside, p / "in")}, {"ok file ok a"})
        with Agent(options, cwd=p / "in") as guest:
            same(f"W25 stat follows or not as told, {mode}", [guest.do(f"{fd} {op} l").split()[1] for op in ("stat", "lstat")], ["file", "link"])
            for op in ("times", "ltimes"):
                guest.do(f"{fd} {op} out")
            same(f"W25 setting times follows or not as told, {mode}", (guest.do(f"{fd} ltimes l"), guest.do(f"{fd} mtim a") == "ok 1000000000"), ("ok", False))
            same(f"W25 and when it follows, {mode}", (guest.do(f"{fd} times l"), guest.do(f"{fd} mtim a")), ("ok", "ok 1000000000"))
        same(f"W25 nothing changed outside, {mode}", outside(p), before)


# ---- P12, P17, P23 -----------------------------------------------------------

SIBLINGS = ["allowed-evil/x", "allowed.txt", "allowedx/x", "allowed /x", "allow/x", "Allowed/x", "allowed\u0301/x"]


def p12():
    tree = {"in/allowed/x": b"given\n", **{f"in/{name}": SECRET for name in SIBLINGS}}
    words = [name.replace(" ", "%20") for name in SIBLINGS]
    with Place(tree) as p:
        before = p.snapshot()
        for options, fd, prefix, given in ((["--ask=off", "--dir", "allowed"], 3, "../", "x"), (["--dir", "allowed"], 4, "", "allowed/x"), (["--dir", "allowed"], 4, "allowed/../", "allowed/x"),
                                           (["--dir", "allowed::/data"], 3, "data/../", "data/x"), (["--dir", "allowed::/data"], 3, "", "data/x")):
            with Agent(options, cwd=p / "in") as guest:
                what = f"{' '.join(options)}, {prefix or 'plain'}"
                same(f"P12 what was given is read: {what}", guest.do(f"{fd} open r {given}"), "ok file ok given%0a")
                names = [*words, "data-evil/x", "data.txt"] if "::" in options[-1] else words
                answers = [(name, guest.do(f"{fd} {op} {prefix}{name}")) for name in names for op in ("open r", "open w", "open wc", "unlink", "rename x")]
                none_ok(f"P12 names that only start alike are not: {what}", answers)
        same("P12 nothing was changed", p.snapshot(), before)


def p17(mode):
    """A hard link has no path: it is the directory's own. But nobody can make one out of what was not given."""
    options, fd = MODES[mode]
    with Place({"in/a": b"a", "secret": SECRET}) as p:
        os.link(p / "secret", p / "in/hard")
        with Agent(options, cwd=p / "in") as guest:
            same(f"P17 a hard link that was there is a file of the directory, {mode}", guest.do(f"{fd} open r hard"), "ok file ok host%20secret%0a")
            none_ok(f"P17 none is made to what is outside, {mode}", [(f"link {name}", guest.do(f"{fd} link {name} got")) for name in ("../secret", "../secret/", "../in/../secret")])
        row(not p.has("in/got") and p.read("secret") == SECRET, f"P17 nothing came in, {mode}")


def p17_of_a_file():
    with Place({"in/a": b"a", "in/b": b"b"}) as p:
        with Agent(["--ask=never"], cwd=p / "in", args=["a"]) as guest:
            same("P17 a named file is read", guest.do("4 open r a"), "ok file ok a")
            none_ok("P17 but not linked", [(line, guest.do(f"4 {line}")) for line in ("link a got", "link a b", "link b a", "symlink a got")])
        same("P17 nothing was made", sorted(os.listdir(p / "in")), ["a", "b"])


def p23(mode):
    options, fd = MODES[mode]
    tree = {"in/x": b"not this\n", "in/d/x": b"this\n", "in/d/e/y": b"y", "in/l": ("d/e",), "in/m": ("l",), "in/n": ("m/../e",)}
    with Place(tree) as p, Agent(options, cwd=p / "in") as guest:
        for name in ("l/../x", "m/../x", "./l/.././x", "n/../x", "l/../e/../x", "d/e/../x"):
            with open(p / f"in/{name}") as f:
                same(f"P23 {name} is what the kernel says it is, {mode}", guest.do(f"{fd} open r {name}"), "ok file ok " + f.read().replace(" ", "%20").replace("\n", "%0a"))
        same(f"P23 unlink l/../x takes that one, {mode}", (guest.do(f"{fd} unlink l/../x"), p.has("in/d/x"), p.has("in/x")), ("ok", False, True))


def p23_in_questions():
    tree = {"x": b"not this\n", "d/x": b"this\n", "d/e/y": b"y", "l": ("d/e",)}
    with Place(tree) as p:
        result = wask("--ask=never", compiled("agent"), stdin=b"4 open r l/../x\n", cwd=p.path)
        has("P23 what is refused is called by its true path", result.err.decode(), p / "d/x")
        row(f" {p / 'x'} " not in result.err.decode(), "P23 and not by what folding the name gives", result.err)
        for named in ("x", "l/../x"):
            result = wask("--ask=never", compiled("agent"), named, stdin=b"4 open r l/../x\n4 open r d/x\n", cwd=p.path)
            same(f"P23 naming {named} gives no other file", result.out.decode(), "4 open r l/../x: acces\n4 open r d/x: acces\n")


signal.alarm(300)
for mode in MODES:
    w19_out(mode)
    w19_loops(mode)
    l08(mode)
    w21(mode)
    w22(mode)
    w25(mode)
    p17(mode)
    p23(mode)
w21_in_writing()
p12()
p17_of_a_file()
p23_in_questions()
end()
