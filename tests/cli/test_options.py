"""The command line: options, help, what goes to the guest, exit statuses (decisions.md 12)."""

import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from agent import Agent
from guests import guest, wat
from rows import end, has, row, same
from run import ROOT, WASK, Place, command, environment

PROCESS, AGENT = guest("process"), guest("agent")
WHY = b"(wask run --help lists the options)\n"


def wask(*args, **more):
    """Without `run`: that is what most people type."""
    return command([WASK, *args], **more)


def usage(name, *args, words=()):
    result = wask(*args)
    text = result.err.decode()
    same(f"{name}: status", result.status, 125)
    row(result.out == b"" and result.err.endswith(WHY) and result.err.count(b"\n") == 2 and all(w in text for w in words),
        f"{name}: one line that says what is wrong", result)


def usages():
    usage("no module", words=["no module"])
    usage("run without a module", "run", words=["no module"])
    usage("an option alone", "--raw-tty", words=["no module"])
    usage("an option that is none", "--nonsense", PROCESS, words=["--nonsense"])
    usage("an option in one letter that is none", "-x", PROCESS, words=["-x"])
    usage("a value missing", "--env", words=["--env", "value"])
    usage("a value too many", "--raw-tty=yes", PROCESS, words=["--raw-tty=yes"])
    usage("a mode that is none", "--ask=maybe", PROCESS, words=["needs, blind, never, off"])
    usage("a mode that is empty", "--ask=", PROCESS, words=["needs, blind, never, off"])
    usage("a variable without a name", "--env", "=x", PROCESS, words=["name"])
    usage("a directory without a name", "--dir", "", PROCESS, words=["name"])
    usage("a directory without a name, read-only", "--dir=:ro", PROCESS, words=["name"])
    usage("a directory without a name for the guest", "--dir", ".::", PROCESS, words=["name"])
    usage("a directory with nothing but ro for the guest", "--dir", ".:::ro", PROCESS, words=["name"])
    usage("--no-args takes no value", "--no-args=yes", PROCESS, words=["--no-args=yes"])
    usage("a prefix of an option is none", "--di", ".", PROCESS, words=["--di"])
    for words in (("--timeout", "10x"), ("--timeout=10x",), ("--max-memory", "64MB"), ("--ask", "maybe")):
        usage(f"{' '.join(words)}: shown as it was typed", *words, PROCESS, words=[" ".join(words) + ": it is "])
    for words in (("--timeout", "1.5"), ("--max-memory", "64MB")):
        usage(f"{' '.join(words)}: a whole number", *words, PROCESS, words=["whole number"])
    usage("standard input as a module", "-", words=["must be a file"])
    with Place({"a": None}) as p:
        for word, said in (("serve", True), ("rnu", True), ("serve.wasm", False), ("./serve", False)):
            got = wask(word, "a.wasm", cwd=p.path)
            row(got.status == 127 and (b"; nor a command (wask --help)\n" in got.err) == said and got.err.count(b"\n") == 1, f"{word}: no such file{', nor a command' if said else ''}", got)
    got = wask("completions", "tcsh")
    row(got.status == 125 and got.err.endswith(b"(wask completions --help lists the options)\n"), "completions of no shell: where their help is", got)
    escaped = wask("--\x1b[2J\xff", PROCESS)
    row(escaped.status == 125 and b"\x1b" not in escaped.err and b"\\x1b[2J" in escaped.err, "what was typed is shown escaped", escaped)


def help_and_version():
    text = wask("--help").out.decode()
    with open(f"{ROOT}/tests/cli/sentences.txt") as f:
        sentences = f.read().split("\n")
    flat = " ".join(text.split())
    for i, sentence in enumerate(filter(None, sentences), 1):
        row(sentence in flat, f"--help has sentence {i} of the five", text)
    for name, text in (("--help", text), ("run --help", wask("run", "--help").out.decode())):
        has(f"{name}: that the worker is not confined", " ".join(text.split()), "not confined yet") if name == "--help" else None
        row(text.endswith("\n") and max(map(len, text.split("\n"))) <= 110, f"{name}: lines that fit", text)
    same("help for run, both ways", wask("help", "run").out, wask("run", "--help").out)
    same("-h after an option", wask("--raw-tty", "-h").out, wask("run", "--help").out)
    for option in ("--dir", "--env", "--argv0", "--ask", "--cache", "--no-cache", "--no-args", "--raw-tty", "--help"):
        has(f"run --help lists {option}", wask("run", "--help").out.decode(), f"\n  {option}")
    flat = " ".join(wask("run", "--help").out.decode().split())
    has("run --help says what :ro gives", flat, "ro gives read, list and stat: what it lacks is asked (refused with --ask=off)")
    for word in ("--version", "-V"):
        result = wask(word)
        row(re.fullmatch(rb"wask \d+\.\d+\.\d+ \(wasmtime \d+\.\d+\.\d+\)\n", result.out) and result.status == 0, f"{word}: ours and the engine's", result)
    for words in (["--help"], ["help"], ["help", "compile"], ["run", "--help"], ["compile", "--help"], ["completions", "bash"], ["completions", "--help"], ["--version"]):
        with open("/dev/full", "w") as full:
            got = wask(*words, stdout=full)
        row(got.status == 126 and got.err == b"wask: standard output: No space left on device\n", f"{' '.join(words)} to a full disk: 126, and it is said", got)
    for word in ("nosuch", "a.wasm"):
        got = wask("help", word)
        row(got.status == 125 and got.out == b"" and got.err == f"wask: help {word}: there is no such command\n(wask --help lists the commands)\n".encode(), f"help {word}: no such command", got)
    same("help for help, both ways", wask("help", "help").out, wask("--help").out)


def lines(result, start):
    return [line for line in result.out.decode().split("\n") if line.startswith(start)]


def what_is_the_guests():
    with Place() as p:
        for way in ([], ["run"]):
            result = wask(*way, PROCESS, "say", "--dir", ".", "--help", "--", "-x", cwd=p.path)
            same(f"after MODULE all is the guest's ({' '.join(way) or 'no command'})", lines(result, "argv"),
                 ["argv 0: 'process.wasm'", "argv 1: 'say'", "argv 2: '--dir'", "argv 3: '.'", "argv 4: '--help'", "argv 5: '--'", "argv 6: '-x'"])
        same("-- ends the options", lines(wask("--", PROCESS, "say"), "argv 0"), ["argv 0: 'process.wasm'"])
        for words in (["--argv0", "other"], ["--argv0=other"]):
            same(f"{' '.join(words)}: the guest's own name", lines(wask(*words, PROCESS, "say"), "argv 0"), ["argv 0: 'other'"])
        os.symlink(PROCESS, p / "run")
        same("a first word that is a command is one", wask("run", "run", "say", cwd=p.path).status, 0)
        same("a file of that name needs ./", lines(wask("./run", "say", cwd=p.path), "argv 0"), ["argv 0: 'run'"])


def environment_of(*options, **variables):
    result = wask(*options, PROCESS, "say", env=environment(**variables))
    return {line.split(":", 1)[0][4:]: line.split(": ", 1)[1][2:-1] for line in lines(result, "env")}


def variables():
    plain = environment_of(SECRET_TOKEN="s", LANG="C.UTF-8")
    row("SECRET_TOKEN" not in plain and "HOME" not in plain and plain.get("LANG") == "C.UTF-8", "A7 the environment is hidden, but for some of it", plain)
    same("--env NAME=VALUE", environment_of("--env", "A=b=c").get("A"), "b=c")
    same("--env=NAME=VALUE", environment_of("--env=A=b").get("A"), "b")
    same("--env NAME= : empty", environment_of("--env", "A=").get("A"), "")
    same("--env NAME: ours", environment_of("--env", "SECRET_TOKEN", SECRET_TOKEN="s").get("SECRET_TOKEN"), "s")
    row("NOT_THERE" not in environment_of("--env", "NOT_THERE"), "--env NAME that we have not: absent")
    same("--env twice: both", {k: v for k, v in environment_of("--env", "A=1", "--env", "B=2").items() if k in "AB"}, {"A": "1", "B": "2"})
    same("--ask=off: nothing but --env", environment_of("--ask=off", "--env", "A=1", LANG="C"), {"A": "1"})


def does(options, *steps, cwd):
    """What the agent says to each step."""
    result = wask(*options, AGENT, stdin="".join(f"{s}\n" for s in steps).encode(), cwd=cwd)
    said = result.out.decode().split("\n")
    return [line.split(": ", 1)[-1] for line in said if line] or [str(result)]


def first_words(answers):
    return [a.split(" ")[0] for a in answers]


def directories():
    with Place({"in/a.txt": b"text", "in/:ro/b.txt": b"ro", "link": ("in",), "other/up": None}) as p:
        at = {"cwd": p.path}
        same("--dir: read and written", first_words(does(["--dir", "in"], "4 open r in/a.txt", "4 open rwc in/new.txt", **at)), ["ok", "ok"])
        same("--dir H:ro: read, not written", first_words(does(["--dir=in:ro"], "4 open r in/a.txt", "4 open w in/a.txt", "4 open wc in/n", **at))[0], "ok")
        answers = first_words(does(["--dir=in:ro"], "4 open w in/a.txt", "4 open wc in/n.txt", "4 unlink in/a.txt", "4 mkdir in/d", **at))
        row("ok" not in answers and not p.has("in/n.txt") and not p.has("in/d") and p.has("in/a.txt"), "--dir H:ro: nothing changes", answers)
        same("--dir H::G: there", first_words(does(["--dir", "in::/data"], "3 open r /data/a.txt", **at)), ["ok"])
        same("--dir H::G, relative to the cwd", first_words(does(["--dir", "in::data/x"], "4 open r data/x/a.txt", **at)), ["ok"])
        answers = first_words(does(["--dir", "in::/data:ro"], "3 open r /data/a.txt", "3 open wc /data/m.txt", **at))
        row(answers[0] == "ok" and answers[1] != "ok" and not p.has("in/m.txt"), "--dir H::G:ro: the final :ro is cut", answers)
        same("--dir H::ro: cut at the first ::, the guest's name is ro", first_words(does(["--dir", "in::ro"], "4 open r ro/a.txt", "4 open wc ro/n2.txt", **at)), ["ok", "ok"])
        row(p.has("in/n2.txt"), "--dir H::ro: it is written", p.snapshot())
        same("--dir H::ro:ro", first_words(does(["--dir", "in::ro:ro"], "4 open r ro/a.txt", "4 open wc ro/n3.txt", **at))[:1], ["ok"])
        row(not p.has("in/n3.txt"), "--dir H::ro:ro: it is not", p.snapshot())
        same("--dir by a link", first_words(does(["--dir", "link"], "4 open r link/a.txt", **at)), ["ok"])
        same("--dir that goes up", first_words(does(["--dir", "other/up/../../in::/d"], "3 open r /d/a.txt", **at)), ["ok"])
        same("--dir by its absolute name", first_words(does(["--dir", p / "in"], f"3 open r {p / 'in/a.txt'}", "4 open r in/a.txt", **at)), ["ok", "ok"])
        at_root = ("4 open r a.txt", "4 open r ./a.txt", "3 open r /a.txt", "4 open wc new-%s", "4 open r ../../a.txt", "3 open r /new-%s", "4 list .")
        for mode in ("needs", "blind", "never"):
            answers = does([f"--ask={mode}", "--dir", "in::/"], *(step.replace("%s", mode) for step in at_root), **at)
            row(first_words(answers) == ["ok"] * 7 and p.has(f"in/new-{mode}") and "a.txt" in answers[6], f"--ask={mode} --dir H::/: the program stands at its /", answers)
        same("--dir H::/: and so says PWD", lines(wask("--dir", "in::/", PROCESS, "say", **at), "env PWD"), ["env PWD: '=/'"])
        given = command([WASK, "--dir", "in::/", AGENT, "-o", "made.o", p / "in/a.txt"], stdin=b"4 open wc made.o\n4 open r a.txt\n", **at)
        row(given.out.count(b": ok") == 2 and p.has("in/made.o"), "--dir H::/: an output that an argument names lies there too", given)
        own = does(["--dir", "in::/", "--dir", "."], "4 open r in/a.txt", "3 open r /a.txt", **at)
        same("--dir H::/ and --dir .: it stands in the latter", first_words(own), ["ok", "ok"])
        same("--dir /::/ moves nothing", first_words(does(["--dir", "/::/"], "4 open r in/a.txt", f"3 open r {p / 'in/a.txt'}", **at)), ["ok", "ok"])
        for what, word in (("missing", "missing"), ("no directory", "in/a.txt")):
            result = wask("--dir", word, AGENT, cwd=p.path)
            row(result.status == 125 and result.err.startswith(b"wask: --dir ") and word.encode() in result.err and result.err.count(b"\n") == 1,
                f"--dir, {what}: 125 and one line", result)
        for mode in ("needs", "blind", "never", "off"):
            same(f"--ask={mode}: --dir is given", first_words(does([f"--ask={mode}", "--dir", "in"], f"{3 if mode == 'off' else 4} open r {'' if mode == 'off' else 'in/'}a.txt", **at)), ["ok"])
        answer = does(["--ask=off"], "3 open r in/a.txt", "4 open r in/a.txt", **at)
        same("W20 --ask=off without --dir: nothing at all", first_words(answer), ["badf", "badf"])


def no_args():
    """Sentence 1 is off; the words are the program's all the same."""
    with Place({"a.txt": b"text", "sub/b.txt": b"text"}) as p:
        def opened(*options):
            result = wask(*options, AGENT, "a.txt", "out.txt", stdin=b"4 open r a.txt\n4 open wc out.txt\n", cwd=p.path)
            return [line.split(": ")[1].split(" ")[0] for line in result.out.decode().splitlines()], result.err.decode()

        answers, list_ = opened("--no-args")
        row(answers == ["acces", "acces"] and not p.has("out.txt"), "--no-args: what is named is asked, and nobody is there", (answers, list_))
        row("--dir" in list_ and "as an argument" not in list_, "--no-args: nobody is told to name it", list_)
        same("without it what is named is read and created", opened()[0], ["ok", "ok"])
        same("--no-args: argv is as it was", lines(wask("--no-args", PROCESS, "say", "a.txt", cwd=p.path), "argv"),
             ["argv 0: 'process.wasm'", "argv 1: 'say'", "argv 2: 'a.txt'"])


def read_only_descriptors():
    """A file opened for reading, by every way there is to have one: nothing of it changes through it."""
    changes = ("ftimes", "size 0", "size 100", "allocate 100", "setflags 1", "write x")
    ways = {"--dir H": (["--dir", "in"], (), 4, "in/"), "--dir H:ro": (["--dir", "in:ro"], (), 4, "in/"), "an argument": ([], ("in/a.txt",), 4, "in/"),
            "--ask=off": (["--ask=off", "--dir", "in"], (), 3, ""), "--ask=off, :ro": (["--ask=off", "--dir", "in:ro"], (), 3, "")}
    for way, (options, args, at, where) in ways.items():
        with Place({"in/a.txt": b"text"}) as p:
            before = os.stat(p / "in/a.txt")
            with Agent(options, cwd=p.path, args=args) as agent:
                opened = agent.do(f"{at} open rk {where}a.txt").split(" ")
                if not row(opened[0] == "ok" and len(opened) == 2, f"W33 {way}: opened for reading", opened):
                    continue
                for change in changes:
                    same(f"W33 {way}: {change}", agent.do(f"{opened[1]} {change}"), "notcapable")
                same(f"W33 {way}: it is read", agent.do(f"{opened[1]} read 10"), "ok text")
            after = os.stat(p / "in/a.txt")
            same(f"W33 {way}: size and times are as before", (after.st_size, after.st_mtime_ns, after.st_ctime_ns), (before.st_size, before.st_mtime_ns, before.st_ctime_ns))


def statuses():
    with Place() as p:
        for n, want in ((0, 0), (1, 1), (77, 77), (125, 125), (255, 255), (256, 255), (65537, 255)):
            same(f"exit({n})", wask(PROCESS, f"exit:{n}", cwd=p.path).status, want)
        same("return from main", wask(PROCESS, "return").status, 5)
        trapped = wask(PROCESS, "trap")
        same("a trap: status", trapped.status, 134)
        has("a trap: what it was, and the guest's frames by name", trapped.err.decode(), "wask: process.wasm: ", "unreachable", "\n    0: ", "_start")
        row(b"WASMTIME_" not in trapped.err and trapped.err.count(b"\n") < 30, "a trap: no advice that is not ours", trapped)
        same("no such module", wask("missing.wasm", cwd=p.path).status, 127)
        same("a module beneath a file", wask(f"{PROCESS}/x.wasm").status, 127)
        p.write("none.wasm", b"nothing")
        same("no module", wask("none.wasm", cwd=p.path).status, 126)
        module = wat("proc-exit-large", '(module (import "wasi_snapshot_preview1" "proc_exit" (func $e (param i32))) (memory (export "memory") 1)'
                     ' (func (export "_start") i32.const -1 call $e))')
        same("proc_exit(2^32 - 1)", wask(module).status, 255)


def caches():
    with Place({"home/.cache": None}) as p:
        env = environment(HOME=p / "home")
        env.pop("XDG_CACHE_HOME", None)

        def kept(path):
            return sorted(name.split(".")[-1] for name in os.listdir(path)) if os.path.isdir(path) else None

        wask("--no-cache", PROCESS, "return", env=env)
        same("--no-cache keeps nothing", kept(p / "home/.cache/wask"), None)
        wask(PROCESS, "return", env=env)
        row({"cwasm", "sum"} <= set(kept(p / "home/.cache/wask") or []), "~/.cache/wask", p.snapshot())
        wask("--cache=here", PROCESS, "return", env=env, cwd=p.path)
        row("cwasm" in (kept(p / "here") or []), "--cache DIR, relative", p.snapshot())
        os.mkdir(p / "open", 0o777)
        os.chmod(p / "open", 0o777)
        got = wask("--cache=open", PROCESS, "return", env=env, cwd=p.path)
        row(got.status == 5 and got.err == b"wask: --cache open: nothing is kept there: it is no directory of yours alone\n" and kept(p / "open") == [],
            "--cache DIR that others may write: it runs, and it is said", got)
        got = wask("--cache=here", PROCESS, "return", env=env, cwd=p.path)
        same("--cache DIR of our own: nothing is said", got.err, b"")
        wask(PROCESS, "return", env={**env, "XDG_CACHE_HOME": p / "xdg"})
        row("cwasm" in (kept(p / "xdg/wask") or []), "$XDG_CACHE_HOME/wask, made with its parent", p.snapshot())
        wask(PROCESS, "return", env={**env, "XDG_CACHE_HOME": "relative"}, cwd=p.path)
        row(not p.has("relative"), "a relative $XDG_CACHE_HOME is ignored", p.snapshot())
        answer = does([f"--cache={p / 'here'}", "--dir", "."], "4 open r here", cwd=p.path)
        row(not answer[0].startswith("ok"), "I9 the cache is nobody's, under a grant too", answer)


usages()
help_and_version()
what_is_the_guests()
variables()
directories()
no_args()
read_only_descriptors()
statuses()
caches()
end()
