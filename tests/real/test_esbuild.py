#!/usr/bin/env python3
"""esbuild, unmodified (Go: reads PWD, lists every ancestor, opens with broad rights):
bundles like on the wasmtime CLI that is given all of /; beneath a grant without a
question; without one it is held at what it was not given, answered, and goes on."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from asked import Asked                 # noqa: E402
from oracles import settled, wasmtime   # noqa: E402
from rows import end, has, row, same    # noqa: E402
from run import Place, module, wask     # noqa: E402

ESBUILD = module("esbuild")
TREE = {"src/main.ts": b'import {a} from "./lib/a";\nimport data from "./data.json";\nconsole.log(a(data.x));\n',
        "src/lib/a.ts": b'import "./b.js";\nexport const a = (n: number): string => `${n}`;\n', "src/lib/b.js": b'console.log("b");\n',
        "src/data.json": b'{"x": 1}\n', "src/alone.ts": b'export enum E { One, Two }\nconsole.log(E.One as number);\n',
        "src/broken.ts": b"let = ;\n", "src/lost.ts": b'import "./nowhere";\n'}
QUIET = ["--log-level=warning", "--color=false"]
TASKS = {
    "a bundle": ["src/main.ts", "--bundle", "--outfile=out/bundle.js", *QUIET],
    "a bundle, minified, with a map": ["src/main.ts", "--bundle", "--minify", "--sourcemap", "--outdir=out", *QUIET],
    "one file": ["src/alone.ts", "--outfile=out/alone.js", *QUIET],
    "one file to standard output": ["src/alone.ts", *QUIET],
    "a syntax error": ["src/broken.ts", *QUIET],
    "an import that is not there": ["src/lost.ts", "--bundle", *QUIET],
}


def compared(what, args, options):
    with Place(TREE) as p, Place(TREE) as q:
        ours = wask(*options(p), ESBUILD, *args, cwd=p.path)
        oracle = settled(wasmtime, ESBUILD, args, dirs=[("/", "/")], env={"PWD": q.path}, cwd=q.path)
        same(f"esbuild, {what}: status and standard output", (ours.status, ours.out), (oracle.status, oracle.out))
        same(f"esbuild, {what}: standard error", ours.err.replace(p.path.encode(), b"."), oracle.err.replace(q.path.encode(), b"."))
        same(f"esbuild, {what}: files made", p.snapshot(), q.snapshot())


for what, args in TASKS.items():
    compared(f"{what}, off", args, lambda p: ["--ask=off", "--dir", "/", "--env", f"PWD={p.path}"])
    compared(f"{what}, asking, --dir .", args, lambda p: ["--dir", "."])

# Nobody there: where it looks for its files was not named, so it fails, nothing is written, and what the list says makes the next run pass.
with Place(TREE) as p, Place(TREE) as q:
    before = p.snapshot()
    ours = wask(ESBUILD, *TASKS["a bundle"], cwd=p.path)
    row(ours.status == 1 and not ours.hung, "esbuild, a bundle, nobody there: its own failure", ours)
    same("esbuild, a bundle, nobody there: nothing was made or changed", p.snapshot(), before)
    advice = [word for words in map(bytes.split, ours.err.splitlines()) if b"--dir" in words for word in words[words.index(b"--dir"):]]
    row(advice, "esbuild, a bundle, nobody there: the list says what to type", ours)
    ours = wask(*(word.decode() for word in advice), ESBUILD, *TASKS["a bundle"], cwd=p.path)
    oracle = settled(wasmtime, ESBUILD, TASKS["a bundle"], dirs=[("/", "/")], env={"PWD": q.path}, cwd=q.path)
    same("esbuild, a bundle, with what the list said: status", ours.status, oracle.status)
    same("esbuild, a bundle, with what the list said: files made", p.snapshot(), q.snapshot())

# Somebody there: each file that it imports holds it once.
with Place(TREE) as p, Place(TREE) as q:
    asked = []
    with Asked([], ESBUILD, TASKS["a bundle"], cwd=p.path) as run:
        while (text := run.question()):
            asked.append(text)
            run.answer("y")
        status = run.exit_status()
    oracle = settled(wasmtime, ESBUILD, TASKS["a bundle"], dirs=[("/", "/")], env={"PWD": q.path}, cwd=q.path)
    same("esbuild, a bundle, answered yes: status", status, oracle.status)
    same("esbuild, a bundle, answered yes: files made", p.snapshot(), q.snapshot())
    same("esbuild, a bundle, answered yes: no question came twice", len(set(asked)), len(asked))
end()
