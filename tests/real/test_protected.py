#!/usr/bin/env python3
"""The judge is not for sale (decisions.md I9; B18): the cache, the module file and
our binary, beneath a directory that was given whole, by any path and link.
"""

import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from agent import Agent             # noqa: E402
from guests import guest            # noqa: E402
from rows import end, row           # noqa: E402
from run import WASK, Place, environment, wask  # noqa: E402

MODES = {"off": (["--ask=off", "--dir", "."], 3), "asking": (["--dir", "."], 4)}
REFUSED = ("acces", "perm", "noent", "xdev")

# Nothing at all with the cache, by its name, through a link, by "..".
CACHE = ["open rf c/wask", "open rf c/wask/{entry}", "open rf to-cache/{entry}", "open rf d/../c/wask/{entry}", "open wf c/wask/{entry}",
         "open wc c/wask/new", "open wcx to-cache/new", "open wt c/wask/{entry}", "stat c/wask/{entry}", "times c/wask/{entry}", "mkdir c/wask/new", "times c/wask",
         "unlink c/wask/{entry}", "symlink x c/wask/new", "rename c/wask/{entry} taken", "rename a.txt c/wask/new", "link c/wask/{entry} taken",
         "link a.txt c/wask/new", "rename c/wask moved", "rename c moved", "rmdir c/wask", "rename d c/wask"]
# The module may be read, never changed, moved or given another name.
MODULE = ["open w m/agent.wasm", "open wc m/agent.wasm", "open wt m/agent.wasm", "open w hard.wasm", "times m/agent.wasm", "unlink m/agent.wasm",
          "rename m/agent.wasm m/b.wasm", "rename a.txt m/agent.wasm", "link m/agent.wasm m/b.wasm", "link hard.wasm d/b.wasm", "rename m moved"]


def tried(mode, options, fd):
    with Place({"a.txt": b"mine\n", "d/x": b"x", "m": None, "c": None, "to-cache": ("c/wask",)}) as p:
        module, cache = p / "m/agent.wasm", p / "c/wask"
        shutil.copyfile(guest("agent"), module)
        os.link(module, p / "hard.wasm")
        wask("--cache", cache, module, cwd=p.path)              # fills the cache
        entry = next(name for name in sorted(os.listdir(cache)) if name.endswith(".cwasm"))
        with Agent(["--cache", cache, *options], cwd=p.path, module=module) as agent:
            before = p.snapshot()
            for line in CACHE:
                answer = agent.do(f"{fd} " + line.format(entry=entry))
                row(answer.split(" ")[0] in REFUSED, f"B18 {mode}, the cache: {line}", answer)
            for line in MODULE:
                answer = agent.do(f"{fd} " + line)
                row(answer.split(" ")[0] in REFUSED, f"B18 {mode}, the module: {line}", answer)
            row(p.snapshot() == before, f"B18 {mode}: nothing of it has changed", sorted(p.snapshot()))
            row(agent.do(f"{fd} open rf m/agent.wasm").startswith("ok"), f"I9 {mode}: the module may be read")
            row(agent.do(f"{fd} open wcf d/new").startswith("ok") and p.has("d/new"), f"I9 {mode}: and beside it all is as given")
            row(agent.do(f"{fd} rename a.txt d/a.txt").startswith("ok") and p.has("d/a.txt"), f"I9 {mode}: also by two names")


def absent():
    """Protected by name while it is absent, also where a link leads to where it will be."""
    with Place({"real/a.txt": b"", "link": ("real",)}) as p:
        with Agent(["--cache", p / "link/c", "--dir", "."], cwd=p / "real") as agent:
            row(agent.do("4 mkdir c/x").split(" ")[0] in REFUSED, "I9 a cache that is absent, through a link: nothing is made in it")


def elsewhere():
    """What this run does not use is protected too: another run goes by it. And a link that leads there is not replaced."""
    for name, options in {"--no-cache": ["--no-cache"], "--cache elsewhere": ["--cache", "other"], "the cache behind a link": []}.items():
        with Place({"home/x": b"", "scratch/wask/e.cwasm": b"code", "other": None}) as p:
            if options:
                os.makedirs(p / "home/.cache/wask")
                shutil.copyfile(p / "scratch/wask/e.cwasm", p / "home/.cache/wask/e.cwasm")
            else:
                os.symlink("../scratch", p / "home/.cache")
            own = {**environment(), "HOME": p / "home"}
            own.pop("XDG_CACHE_HOME", None)
            for mode, (given, fd) in {"off": (["--ask=off", "--dir", "home"], 3), "asking": (["--dir", "home::home"], 4)}.items():
                at = "" if mode == "off" else "home/"
                with Agent([*options, *given], cwd=p.path, env=own) as agent:
                    for line in (f"open rf {at}.cache/wask/e.cwasm", f"open wc {at}.cache/wask/new", f"unlink {at}.cache", f"rename {at}.cache {at}moved",
                                 f"rename {at}.cache/wask {at}moved", f"open wt {at}.cache/wask/e.cwasm"):
                        answer = agent.do(f"{fd} {line}")
                        row(answer.split(" ")[0] in (*REFUSED, "isdir"), f"I9 {mode}, {name}: {line}", answer)


def nested():
    """A narrower grant stays what it is when what is above it is moved."""
    with Place({"deep/ro/f": b"as it was\n"}) as p, Agent(["--dir", ".", "--dir", "deep/ro::deep/ro:ro"], cwd=p.path) as agent:
        row(agent.do("4 rename deep deep2").startswith("busy"), "P20 what another grant hangs beneath is not moved")
        row(not agent.do("4 open w deep/ro/f").startswith("ok") and p.read("deep/ro/f") == b"as it was\n", "I4 and stays read-only")


# By another name of the same object, beneath a mount that does not hold the first.
LINKED = ["open w hard.wasm", "open wt hard.wasm", "times hard.wasm", "unlink hard.wasm", "rename hard.wasm b.wasm", "link hard.wasm b.wasm"]
BOUND = ["open rf {0}{entry}", "open wf {0}{entry}", "open wc {0}new", "unlink {0}{entry}", "stat {0}{entry}", "rename {0}{entry} taken"]
BECOME = ["unshare", "-m"] if os.getuid() == 0 else ["unshare", "-rm"]


def linked(mode, options, fd):
    with Place({"m": None, "h": None}) as p:
        shutil.copyfile(guest("agent"), p / "m/agent.wasm")
        os.link(p / "m/agent.wasm", p / "h/hard.wasm")
        with Agent(options, cwd=p / "h", module=p / "m/agent.wasm") as agent:
            for line in LINKED:
                answer = agent.do(f"{fd} {line}")
                row(answer.split(" ")[0] in REFUSED, f"I9 {mode}, a hard link in a directory of its own: {line}", answer)


def may_mount():
    return subprocess.run([*BECOME, "mount", "-t", "tmpfs", "none", "/mnt"], stderr=subprocess.DEVNULL).returncode == 0


def bound(mode, options, fd):
    """A bind mount shows the cache, and the module, a second time."""
    for what, where in {"c": "wask/", "c/wask": ""}.items():
        with Place({"m": None, "c": None, "b": None}) as p:
            shutil.copyfile(guest("agent"), p / "m/agent.wasm")
            wask("--cache", p / "c/wask", p / "m/agent.wasm", cwd=p.path)
            entry = next(name for name in sorted(os.listdir(p / "c/wask")) if name.endswith(".cwasm"))
            script = 'mount --bind "$1" b || exit; cd "$2" || exit; shift 2; exec "$@"'
            # Nothing at all with the cache: not even given as the root of a mount.
            given = [*BECOME, "sh", "-c", script, "sh", what, "b" if where else ".", WASK, "run", "--cache", p / "c/wask",
                     *(options if where else ["b" if o == "." else o for o in options])]
            with Agent(command=given, cwd=p.path, module=p / "m/agent.wasm") as agent:
                for line in BOUND:
                    answer = agent.do(f"{fd} " + line.format(where, entry=entry))
                    row(answer.split(" ")[0] in (*REFUSED, "(gone)"), f"B18 {mode}, a bind mount of {what}: {line.format(where, entry='ENTRY')}", answer)


def bound_module(mode, options, fd):
    with Place({"m": None, "b": None}) as p:
        shutil.copyfile(guest("agent"), p / "m/agent.wasm")
        script = 'mount --bind m b && cd b && exec "$@"'
        with Agent(command=[*BECOME, "sh", "-c", script, "sh", WASK, "run", *options], cwd=p.path, module=p / "m/agent.wasm") as agent:
            for line in ("open w agent.wasm", "unlink agent.wasm", "rename agent.wasm b.wasm"):
                answer = agent.do(f"{fd} {line}")
                row(answer.split(" ")[0] in REFUSED, f"I9 {mode}, a bind mount of the module's directory: {line}", answer)
            row(agent.do(f"{fd} open rf agent.wasm").startswith("ok"), f"I9 {mode}: read it may be")


for mode, (options, fd) in MODES.items():
    tried(mode, options, fd)
    linked(mode, options, fd)
    if may_mount():
        bound(mode, options, fd)
        bound_module(mode, options, fd)
    else:
        print("skipped: nothing may be mounted here")
absent()
elsewhere()
nested()
end()
