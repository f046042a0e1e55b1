"""oracles - the same program on other hosts that are given everything, and how they differ.

Where a host differs from wask for a reason, tests/oracles.txt says so; what
differs and is not in there is a failure, and so is a row there that no longer
differs.
"""

import fnmatch
import json
import os

from guests import precompiled
from run import NODE, PEERS, ROOT, command


def wasmtime(module, args=(), dirs=(), env=None, argv0=None, **more):
    """The wasmtime CLI. DIRS are (host, guest), ENV what the guest gets."""
    words = [f"{PEERS}/bin/wasmtime", "run", "--allow-precompiled"]
    words += [f"--dir={host}::{guest}" for host, guest in dirs]
    words += [f"--env={k}={v}" for k, v in (env or {}).items()]
    words += ["--argv0", argv0 or os.path.basename(module), precompiled(module), *map(str, args)]
    return command(words, **more)


def node(module, args=(), dirs=(), env=None, argv0=None, **more):
    """node:wasi."""
    cwd = more.get("cwd") or os.getcwd()
    what = {"module": module, "args": [argv0 or os.path.basename(module), *map(str, args)], "env": env or {},
            "preopens": {guest: os.path.join(cwd, host) for host, guest in dirs}}
    return command([NODE, "--no-warnings", f"{ROOT}/tests/lib/node-wasi.mjs", json.dumps(what)], **more)


def settled(oracle, *args, **more):
    """What ORACLE says when it can: wasmtime fails a listing when an entry of it goes away meanwhile, as entries of a shared directory do."""
    for _ in range(8):
        result = oracle(*args, **more)
        if result.status == 0:
            break
    return result


HOSTS = {"wasmtime": wasmtime, "node": node}


def lines_of(out):
    """The "NAME: RESULT" lines of a guest that includes say.h."""
    return dict(line.split(": ", 1) if ": " in line else (line, "") for line in out.decode(errors="replace").splitlines())


class Differences:
    """tests/oracles.txt: guest | row | host | what the host says | what wask says | why. The first three may hold * ? []."""

    def __init__(self, path=f"{ROOT}/tests/oracles.txt"):
        self.rows = []
        with open(path) as f:
            for number, line in enumerate(f, 1):
                if line.strip() and not line.startswith("#"):
                    fields = [field.strip() for field in line.split("|")]
                    if len(fields) != 6 or not all(fields):
                        raise ValueError(f"{path}:{number}: not six fields")
                    self.rows.append((number, *fields))
        self.used = set()

    def explain(self, guest, name, host, theirs, ours):
        for number, g, n, h, t, o, _ in self.rows:
            if all(map(fnmatch.fnmatchcase, (guest, name, host), (g, n, h))) and (theirs, ours) == (t, o):
                self.used.add(number)
                return True
        return False

    def compare(self, guest, host, theirs, ours):
        """What differs between two outputs of a guest and is not in the table, as text; empty: nothing."""
        theirs, ours = lines_of(theirs), lines_of(ours)
        wrong = [f"{name}: {host} says {theirs.get(name)!r}, wask says {ours.get(name)!r}"
                 for name in [*theirs, *(n for n in ours if n not in theirs)]
                 if theirs.get(name) != ours.get(name)
                 and not self.explain(guest, name, host, theirs.get(name, "nothing"), ours.get(name, "nothing"))]
        return "\n".join(wrong[:40] + ([f"and {len(wrong) - 40} more"] if len(wrong) > 40 else []))

    def unused(self, guests):
        """Rows for these guests (exactly so named) that no comparison needed."""
        return [f"tests/oracles.txt:{number}: {g} | {n} | {h}" for number, g, n, h, *_ in self.rows if g in guests and number not in self.used]
