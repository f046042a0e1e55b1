#!/usr/bin/env python3
"""The judge is not for sale (decisions.md I9; B18): the cache, the module file and
our binary, beneath a directory that was given whole, by any path and link.
"""

import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from agent import Agent             # noqa: E402
from guests import guest            # noqa: E402
from rows import end, row           # noqa: E402
from run import Place, wask         # noqa: E402

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


def nested():
    """A narrower grant stays what it is when what is above it is moved."""
    with Place({"deep/ro/f": b"as it was\n"}) as p, Agent(["--dir", ".", "--dir", "deep/ro::deep/ro:ro"], cwd=p.path) as agent:
        row(agent.do("4 rename deep deep2").startswith("busy"), "P20 what another grant hangs beneath is not moved")
        row(not agent.do("4 open w deep/ro/f").startswith("ok") and p.read("deep/ro/f") == b"as it was\n", "I4 and stays read-only")


for mode, (options, fd) in MODES.items():
    tried(mode, options, fd)
absent()
nested()
end()
