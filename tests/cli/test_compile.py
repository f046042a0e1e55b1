"""wask compile and the cache; completions; what a killed run leaves; options of wasmtime's."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from agent import Agent
from guests import guest
from rows import end, has, row, same
from run import ROOT, WASK, Place, command, environment, module

PROCESS, AGENT = guest("process"), guest("agent")


def wask(*args, **more):
    return command([WASK, *args], **more)


def said(result):
    return result.err.decode(errors="replace")


def compiles():
    with Place() as p:
        env = environment(HOME=p.path, XDG_CACHE_HOME=p / "cache")
        got = wask("compile", PROCESS, env=env)
        row(got.status == 0 and got.out == b"" and "compiled in " in said(got) and p / "cache/wask" in said(got) and got.err.count(b"\n") == 1,
            "wask compile: says how long it took and where it is kept", got)
        files = sorted(name.split(".")[-1] for name in os.listdir(p / "cache/wask"))
        row({"cwasm", "sum"} <= set(files) and not any(n.startswith("tmp-") for n in os.listdir(p / "cache/wask")), "wask compile: the cache has it", files)
        entries = {n: os.stat(p / f"cache/wask/{n}").st_ino for n in os.listdir(p / "cache/wask") if n.endswith(".cwasm")}
        same("wask compile: and then the run", wask(PROCESS, "exit:3", env=env).status, 3)
        same("which compiled nothing", {n: os.stat(p / f"cache/wask/{n}").st_ino for n in os.listdir(p / "cache/wask") if n.endswith(".cwasm")}, entries)
        again = wask("compile", PROCESS, env=env)
        row(again.status == 0 and "was compiled before" in said(again), "wask compile: twice", again)
        got = wask("compile", "missing.wasm", AGENT, env=env, cwd=p.path)
        row(got.status == 127 and "missing.wasm" in said(got) and "compiled in" in said(got), "wask compile: one that is not there, and the others all the same", got)
        p.write("text.wasm", "(module)")
        got = wask("compile", "text.wasm", env=env, cwd=p.path)
        row(got.status == 126 and "text form" in said(got), "wask compile: no module: 126", got)
        os.mkdir(p / "open")
        os.chmod(p / "open", 0o777)
        got = wask("compile", f"--cache={p / 'open'}", PROCESS, env=env)
        row(got.status == 126 and "NOT kept" in said(got) and os.listdir(p / "open") == [], "wask compile: a directory that others may write: said, and nothing is there", got)
        for words in (("-o", "x.cwasm"), ("--output=x.cwasm",), ("-ox.cwasm",)):
            got = wask("compile", *words, PROCESS, env=env, cwd=p.path)
            row(got.status == 125 and "cache" in said(got) and not p.has("x.cwasm"), f"wask compile {words[0]}: no such thing, and why", got)
        for words in ((), ("--dir", ".", PROCESS), ("--nonsense", PROCESS)):
            got = wask("compile", *words, env=env)
            row(got.status == 125 and got.err.endswith(b"\n(wask compile --help lists the options)\n"), f"wask compile {' '.join(words[:1]) or 'of nothing'}: wrong usage, and where its help is", got)
        for words in (["-W", "simd,gc=y"], ["-O", "opt-level=2"], ["-S", "cli"], ["-C", "parallel-compilation=y"]):
            same(f"wask compile, of wasmtime: {' '.join(words)} is taken", wask("compile", *words, PROCESS, env=env).status, 0)
        for words, advice in ((["--target", "x"], "leave it out"), (["-O", "opt-level=0"], "leave it out"), (["--emit-clif", "d"], "not there"), (["-C", "compiler=winch"], "leave it out"),
                              (["-W", "timeout=1s"], "of wask run"), (["-C", "cache=n"], "of wask run"), (["-W", "threads"], "not yet"), (["--config", "x"], "no configuration")):
            got = wask("compile", *words, PROCESS, env=env)
            row(got.status == 125 and advice in said(got) and "wask compile --help" in said(got), f"wask compile, of wasmtime: {' '.join(words)}: 125, and what to type", got)
        helped = wask("compile", "--help")
        row(helped.status == 0 and b"--cache" in helped.out and b"--dir" not in helped.out and helped.out == wask("help", "compile").out, "compile --help, both ways", helped)


def killed_compilations():
    """What a killed compilation leaves is gone with the next one."""
    with Place() as p:
        env = environment(HOME=p.path, XDG_CACHE_HOME=p / "cache")
        os.mkdir(p / "cache")
        child = subprocess.Popen([WASK, "compile", module("python")], env=env, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        cache = p / "cache/wask"
        while time.monotonic() < deadline and not (os.path.isdir(cache) and any(n.startswith("tmp-") for n in os.listdir(cache))):
            os.sched_yield()
        child.kill()
        child.wait()
        left = [n for n in os.listdir(cache) if n.startswith("tmp-")]
        same("a compilation killed: something is left", len(left), 1)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:      # the worker and its compiler die with the monitor, a moment later
            wask("compile", "--cache", cache, PROCESS, env=env)
            if not any(n in os.listdir(cache) for n in left):
                break
            for name in os.listdir(cache):
                if not name.startswith("tmp-"):
                    os.unlink(f"{cache}/{name}")
        row(not any(n in os.listdir(cache) for n in left), "a compilation killed: the next one removes it", os.listdir(cache))


def private_directories():
    return {n for n in os.listdir("/tmp") if n.startswith("wask-") and len(n) == 21 and os.stat(f"/tmp/{n}").st_uid == os.getuid()}


def killed_runs():
    """The private /tmp of a killed run is removed by the next run that makes one; that of a live run is not."""
    with Place(dir="/var/tmp") as p:
        before = private_directories()
        with Agent(cwd=p.path) as dead:
            same("a private /tmp is made", dead.do("4 mkdir tmp/deep").split(" ")[0], "ok")
            dead.do("4 mkdir tmp/deep/er")
            made = private_directories() - before
            row(len(made) == 1, "it is a directory of its own", made)
            dead.child.kill()
            dead.child.wait()
            dead.end()
        with Agent(cwd=p.path) as alive:
            alive.do("4 mkdir tmp/mine")
            now = private_directories()
            row(not made & now, "what a killed run left in /tmp is removed by the next", (made, now))
            with Agent(cwd=p.path) as other:
                other.do("4 mkdir tmp/other")
                row(private_directories() > now - before, "and that of a live run stays", private_directories())
                same("with what is in it", alive.do("4 stat tmp/mine").split(" ")[0], "ok")
        row(not (private_directories() & (now - before)), "it is gone with its run", private_directories())


# ---- completions ----

def complete(script, line):
    """What bash completes of LINE, with SCRIPT sourced."""
    test = f"""source {script}
COMP_LINE=$1; COMP_WORDS=(); for w in $1; do w=${{w//=/ = }}; COMP_WORDS+=($w); done
case $1 in *' ') COMP_WORDS+=('') ;; esac
COMP_CWORD=$((${{#COMP_WORDS[@]}}-1)); COMP_POINT=${{#1}}
_wask 2>/dev/null; printf '%s\\n' "${{COMPREPLY[@]}}" """
    return set(subprocess.run(["bash", "-c", test, "bash", line], capture_output=True, text=True).stdout.split())


def completions():
    with Place({"a.wasm": b"", "b.txt": b"", "dir/x": b""}) as p:
        for shell in ("bash", "zsh", "fish"):
            got = wask("completions", shell)
            p.write(shell, got.out)
            row(got.status == 0 and all(word in got.out.decode() for word in ("max-memory", "needs blind never off", "compile")), f"completions for {shell}", got)
            if shutil.which(shell):
                check = command([shell, "--no-execute" if shell == "fish" else "-n", p / shell])
                row(check.status == 0 and check.err == b"", f"{shell} can read them", check)
        here = os.getcwd()
        os.chdir(p.path)
        try:
            options = {line.split()[0] for line in wask("run", "--help").out.decode().splitlines() if line.startswith("  --")}
            same("bash: wask run --", complete(p / "bash", "wask run --"), options)
            same("bash: wask --", complete(p / "bash", "wask --") >= options, True)
            same("bash: wask compile --", complete(p / "bash", "wask compile --"), {"--cache", "--help"})
            same("bash: --ask=n", complete(p / "bash", "wask --ask=n"), {"needs", "never"})
            same("bash: --ask b", complete(p / "bash", "wask run --ask b"), {"blind"})
            same("bash: --dir d", complete(p / "bash", "wask --dir d"), {"dir"})
            same("bash: a module", complete(p / "bash", "wask run a"), {"a.wasm"})
            same("bash: no text file is a module", complete(p / "bash", "wask run b"), set())
            same("bash: after the module, files", complete(p / "bash", "wask a.wasm b"), {"b.txt", "bash"})
            same("bash: after the module, no option of ours", complete(p / "bash", "wask --dir . a.wasm --d"), set())
            same("bash: the first word", complete(p / "bash", "wask c"), {"compile", "completions"})
        finally:
            os.chdir(here)
    for words in ((), ("tcsh",), ("bash", "zsh")):
        same(f"completions {' '.join(words) or 'of nothing'}: wrong usage", wask("completions", *words).status, 125)


# ---- what users of wasmtime type ----

def of_wasmtime():
    for words in (["-S", "cli"], ["-Scli=y,inherit-stdout"], ["-S", "preview2=n"], ["-W", "simd,bulk-memory=y"], ["--wasm=gc"], ["-C", "cache=y"], ["-C", "cache=n"], ["-O", "opt-level=2"],
                  ["-W", "unknown-imports-trap=y"], ["-W", "max-memory-size=10000000"], ["-D", "debug-info=n"], ["--disable-cache"], ["--codegen", "parallel-compilation"],
                  ["-S", "tcp=n"], ["-W", "timeout=50s"], ["--wasm-timeout", "50s"]):
        got = wask(*words, PROCESS, "exit:3")
        row(got.status == 3 and got.err == b"", f"of wasmtime: {' '.join(words)} is taken", got)
    for words, advice in ((["--mapdir", "a::b"], "--dir HOST::GUEST"), (["--mapdir=a::b"], "--dir HOST::GUEST"), (["--preload", "a=b.wasm"], "not yet"),
                          (["--allow-precompiled"], "leave it out"), (["-W", "fuel=100"], "--timeout"), (["-W", "threads=y"], "not yet"), (["-S", "inherit-network"], "--listen"),
                          (["-S", "http"], "not in preview 1"), (["-O", "opt-level=0"], "leave it out"), (["-C", "compiler=winch"], "leave it out"), (["-W", "simd=n"], "cannot be turned off"),
                          (["-W", "nonsense"], "no such thing"), (["-W", "fuel"], "--timeout"), (["-S", "cli,http,tcp"], "http"), (["-S"], "value is missing"), (["-C", "cache-config=x"], "--cache"),
                          (["-W", "timeout"], "value is missing"), (["-W", "timeout=x"], "seconds"), (["-S", "\x1b[2J"], "\\x1b"), (["--gdbstub", "1"], "not there"), (["-g", "1234"], "a debugger: not there"), (["-g1234"], "a debugger: not there"), (["-R", "path=x"], "recording: not there"),
                          (["-o", "x"], "cache"), (["--listenfd"], "--listen")):
        got = wask(*words, *([PROCESS] if words != ["-S"] else []))
        row(got.status == 125 and advice in said(got) and got.err.count(b"\n") == 2 and b"\x1b" not in got.err, f"of wasmtime: {' '.join(words)!r}: 125, and what to type", got)
    got = wask("-S", "inherit-env", "--env", "A=2", PROCESS, "say", env=environment(A="1", B="x y"))
    row(b"env B: '=x y'" in got.out, "of wasmtime: -S inherit-env gives all", got)
    got = wask(PROCESS, "-S", "inherit-env", "--mapdir")
    same("of wasmtime: after the module they are the program's", got.status == 125 and got.err.startswith(b"wask: option"), False)


def listening():
    for word in ("", "8080", "host:80", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "::1:80", "[::1]", "[::1:80", "1.2.3:80", "127.0.0.1:-1", "300.1.1.1:80"):
        got = wask(f"--listen={word}", PROCESS)
        row(got.status == 125 and "ADDRESS:PORT" in said(got), f"--listen {word!r}: 125, and how it is written", got)
    got = wask("--listen", "203.0.113.7:80", PROCESS)
    row(got.status == 126 and "203.0.113.7:80" in said(got) and "assign" in said(got), "--listen where we are not: 126, the address and the reason", got)
    for word in ("127.0.0.1:0", "localhost:0"):
        got = wask("--listen", word, PROCESS, "exit:3")
        row(got.status == 3 and re.fullmatch(rf"wask: --listen {word}: it is 127\.0\.0\.1:[1-9]\d*\n", said(got)), f"--listen {word}: opened, and where is said", got)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        got = wask("--listen", f"127.0.0.1:{taken.getsockname()[1]}", PROCESS)
        row(got.status == 126 and "in use" in said(got), "--listen where somebody listens: 126, and why", got)
    got = wask(*["--listen=127.0.0.1:0"] * 17, PROCESS)
    row(got.status == 125 and "too many" in said(got), "--listen: at most 16", got)


def documents():
    """W23: the boundary is stated where people read; every option has its place in the manual."""
    if not os.path.exists(f"{ROOT}/README.md"):
        return
    for name, words in (("README.md", ("not confined", "SECURITY.md", "vulnerability")), ("SECURITY.md", ("vulnerability",)), ("man/wask.1", ("not confined",))):
        with open(f"{ROOT}/{name}") as f:
            has(f"W23 {name} states the boundary", " ".join(f.read().split()), *words)
    with open(f"{ROOT}/man/wask.1") as f:
        manual = f.read().replace("\\", "")
    options = [line.split()[0] for line in wask("run", "--help").out.decode().splitlines() if line.startswith("  --")]
    same("man wask has every option of --help", [o for o in options if o not in manual and o != "--help"], [])
    for number in ("124", "125", "126", "127", "134", "128+"):
        has(f"man wask has the status {number}", manual.replace("fIN", ""), number)
    same("there is a manual for wask compile", os.path.exists(f"{ROOT}/man/wask-compile.1"), True)


compiles()
killed_compilations()
killed_runs()
completions()
of_wasmtime()
listening()
documents()
end()
