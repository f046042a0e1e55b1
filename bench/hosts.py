"""The hosts that the bench compares: how each is installed, named and started.

A host is a name and a function from (program, arguments, absolute) to an argument
vector: it gives the working directory whole, as `.`, and with `absolute` under its
full path too, if it must be told. What cannot be installed is left out, and said.
"""

import json
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OURS = ("wask off", "wask")


def setup(what):
    """The directory of WHAT, made first if it is not there; None when it cannot be."""
    tool = os.path.join(ROOT, "tools/setup")
    if subprocess.run([tool, what]).returncode:
        return None
    return subprocess.check_output([tool, "path", what], text=True).strip()


def version_of(*argv):
    out = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout
    return out.splitlines()[0].strip() if out else "?"


def engine_version():
    with open(os.path.join(ROOT, "engine/Cargo.lock")) as lock:
        lines = lock.read().splitlines()
    return lines[lines.index('name = "wasmtime"') + 1].split('"')[1]


class Hosts:
    """self.table: name -> command(program, args, absolute); self.versions; self.notes."""

    def __init__(self, build, top, modules):
        self.top, self.modules = top, modules
        self.table, self.versions, self.notes, self.cold_table = {}, {}, [], {}
        self.wask = os.path.join(build, "wask")
        self.cache = os.path.join(top, "cache")
        os.mkdir(self.cache)
        self.add("native", version_of("gcc", "--version"), self.native)
        self.add("wask off", f"this tree, on wasmtime {engine_version()}", self.wask_off)
        self.add("wask", "the same, asking on", self.wask_ask)
        self.add_wasmtime()
        self.add_wazero()
        if shutil.which("node"):
            self.add("node", "node:wasi of node " + version_of("node", "--version"), self.node)
        else:
            self.missing("node")

    def add(self, name, version, command, cold=None):
        self.table[name] = command
        self.versions[name] = version
        if cold:
            self.cold_table[name] = cold

    def missing(self, what):
        self.notes.append(f"not installed here, and left out: {what}")
        print(f"bench: {self.notes[-1]}", file=sys.stderr)

    def module(self, program):
        return os.path.join(self.modules, program + ".wasm") if program in ("rg", "python") else f"{self.top}/{program}.wasm"

    # ---- how each is started ----

    def native(self, program, args=(), absolute=None):
        return [f"{self.top}/{program}", *args]

    def wask_off(self, program, args=(), absolute=None):
        extra = ["--dir", absolute] if absolute else []
        return [self.wask, "run", "--cache", f"{self.cache}/wask", "--ask=off", "--dir", ".", *extra, self.module(program), *args]

    def wask_ask(self, program, args=(), absolute=None):
        return [self.wask, "run", "--cache", f"{self.cache}/wask", "--dir", ".", self.module(program), *args]

    def add_wasmtime(self):
        newest, older = setup("peers"), setup("bench-peers")
        for directory, name in ((newest, "wasmtime"), (older, "wasmtime 48")):
            if directory:
                self.add_one_wasmtime(name, os.path.join(directory, "bin/wasmtime"))
            else:
                self.missing(name)
        if older:
            self.add_wamr(os.path.join(older, "bin"))

    def add_one_wasmtime(self, name, binary):
        config = f"{self.cache}/{name.replace(' ', '-')}.toml"
        with open(config, "w") as out:
            out.write(f'[cache]\ndirectory = "{config[:-5]}"\n')

        def command(program, args=(), absolute=None):
            extra = ["--dir", absolute] if absolute else []
            return [binary, "run", "-C", "cache=y", "-C", f"cache-config={config}", "--dir", ".", *extra, self.module(program), *args]

        self.add(name, version_of(binary, "--version"), command, lambda program, args: [binary, "run", "-C", "cache=n", self.module(program), *args])

    def add_wazero(self):
        directory = setup("wazero")
        if not directory:
            self.missing("wazero")
            return
        binary = os.path.join(directory, "wazero")

        def command(program, args=(), absolute=None):
            extra = [f"-mount={absolute}:{absolute}"] if absolute else []
            return [binary, "run", f"-cachedir={self.cache}/wazero", "-mount=.:/", *extra, self.module(program), *args]

        self.add("wazero", "wazero " + version_of(binary, "version"), command,
                 lambda program, args: [binary, "run", self.module(program), *args])

    def node(self, program, args=(), absolute=None):
        preopens = {".": ".", **({absolute: absolute} if absolute else {})}
        what = {"module": self.module(program), "args": [program, *args], "env": {}, "preopens": preopens}
        return [shutil.which("node"), "--no-warnings", os.path.join(ROOT, "tests/lib/node-wasi.mjs"), json.dumps(what)]

    def add_wamr(self, directory):
        """It runs only what its compiler made before, and has no way to give a directory."""
        binary, compiler = os.path.join(directory, "wamr"), os.path.join(directory, "wamrc")

        def command(program, args=(), absolute=None):
            made = f"{self.cache}/{program}.cwasm"
            if not os.path.exists(made):
                quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
                subprocess.run([compiler, "compile", self.module(program), "-o", made], **quiet)
            return [binary, "run", made, *args]

        self.add("wamr", version_of(binary, "version") + " (compiled beforehand)", command)

    def cold(self, name):
        """A command that compiles anew, or None for a host that has no such thing."""
        if name == "wask off":
            return lambda program, args: [self.wask, "run", "--no-cache", "--ask=off", self.module(program), *args]
        return self.cold_table.get(name)
