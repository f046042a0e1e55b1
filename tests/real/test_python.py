#!/usr/bin/env python3
"""CPython, unmodified: reads, writes, lists, imports from its directory, makes temporary
files like on the wasmtime CLI that is given everything; and is held, answered, goes on."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from asked import Asked                 # noqa: E402
from oracles import wasmtime            # noqa: E402
from rows import end, has, row, same    # noqa: E402
from run import Place, module, wask     # noqa: E402

PYTHON = module("python")
TREE = {
    "notes.txt": "one\ntwo\nthr\u00e9e\n".encode(), "data/a.csv": b"1,2\n3,4\n", "data/deeper/b.bin": bytes(range(256)),
    "mod.py": b"X = 5\n", "pkg/__init__.py": b"from .inner import Y\n", "pkg/inner.py": b"Y = 6\n",
    "main.py": b"import sys, mod, pkg\nprint(sys.argv, mod.X, pkg.Y, mod.__file__)\n",
    "cat.py": b"import sys\nfor name in sys.argv[1:]:\n    print(open(name, encoding='utf-8').read(), end='')\n",
}
CODE = {
    "reads": "print(open('notes.txt', encoding='utf-8').read()); print(open('data/deeper/b.bin', 'rb').read()[250:])",
    "reads, what is not there": "open('none.txt')",
    "reads, a directory": "open('data')",
    "writes": "f = open('new.txt', 'w'); print(f.write('text\\n')); f.close(); open('new.txt', 'a').write('more\\n'); print(open('new.txt').read())",
    "writes, what is there": "open('notes.txt', 'r+').write('ONE'); print(open('notes.txt', encoding='utf-8').read())",
    "writes, exclusively": "open('notes.txt', 'x')",
    "writes and seeks": "f = open('b', 'w+b'); f.write(b'0123456789'); f.seek(-3, 2); print(f.read()); f.truncate(4); f.seek(0); print(f.read(), f.tell())",
    "lists": "import os; print(sorted(os.listdir('.')), sorted(e.name for e in os.scandir('data') if e.is_dir()))",
    "walks": "import os; print(sorted((d, sorted(a), sorted(b)) for d, a, b in os.walk('data')))",
    "globs": "import glob; print(sorted(glob.glob('**/*.*', recursive=True)))",
    "stats": "import os; s = os.stat('notes.txt'); print(s.st_size, s.st_mtime, s.st_nlink, os.path.isdir('data'), os.path.exists('none'), os.path.islink('data'))",
    "makes and removes": "import os, shutil; os.makedirs('x/y/z'); open('x/y/f', 'w').close(); os.rename('x/y/f', 'x/g'); print(os.listdir('x')); "
                         "os.remove('x/g'); os.rmdir('x/y/z'); print(sorted(os.listdir('x'))); shutil.rmtree('x'); print(os.path.exists('x'))",
    "links": "import os; os.symlink('notes.txt', 'l'); os.link('notes.txt', 'h'); print(os.readlink('l'), os.stat('h').st_nlink, open('l', 'rb').read(3))",
    "sets times": "import os; os.utime('notes.txt', (1e9, 1e9)); print(os.stat('notes.txt').st_mtime)",
    "copies": "import shutil; shutil.copytree('data', 'copy'); shutil.copy('notes.txt', 'copy'); print(sorted(__import__('os').listdir('copy')))",
    "changes directory": "import os; os.chdir('data'); print(os.getcwd(), sorted(os.listdir()), open('a.csv').read())",
    "imports": "import mod, pkg; print(mod.X, pkg.Y)",
    "zips": "import zipfile; z = zipfile.ZipFile('z.zip', 'w'); z.writestr(zipfile.ZipInfo('n'), b'x' * 1000); z.close(); print(zipfile.ZipFile('z.zip').read('n')[:5])",
    "reads standard input": "import sys; print(len(sys.stdin.read()))",
    "exits": "import sys; print('last words'); sys.exit(3)",
    "fails": "raise ValueError('no')",
    "random and time": "import os, time, random; print(len(os.urandom(10000)), time.time() > 1.7e9, time.monotonic() >= 0, 0 <= random.random() < 1)",
}
TEMPORARY = ("import tempfile, os\nwith tempfile.TemporaryDirectory() as d:\n    open(d + '/x', 'w').write('hi')\n    print(d[:5], os.listdir(d))\n"
             "print(os.path.exists(d))\nwith tempfile.NamedTemporaryFile() as f:\n    f.write(b'1'); f.flush(); print(os.stat(f.name).st_size)\n"
             "print(tempfile.gettempdir())\n")
ENV = {"PYTHONHASHSEED": "0"}
SET = ["--env", "PYTHONHASHSEED=0"]


def compared(what, args, options, dirs=((".", "."),), stdin=b"x" * 99999, missed=False):
    """MISSED: nobody was there for something that it can do without, which the list at the end says."""
    with Place(TREE) as p, Place(TREE) as q:
        ours = wask(*options, *SET, PYTHON, *args, cwd=p.path, stdin=stdin)
        oracle = wasmtime(PYTHON, args, dirs=dirs, env=ENV, cwd=q.path, stdin=stdin)
        same(f"python, {what}: status and standard output", (ours.status, ours.out), (oracle.status, oracle.out))
        if missed:
            row(ours.err.startswith(b"wask: refused"), f"python, {what}: only the list on standard error", ours.err)
        else:
            same(f"python, {what}: standard error", ours.err, oracle.err)
        same(f"python, {what}: files made", p.snapshot(), q.snapshot())


def with_grants():
    for mode, options in {"off": ["--ask=off", "--dir", "."], "asking, --dir .": ["--dir", "."]}.items():
        for what, code in CODE.items():
            compared(f"{what}, {mode}", ["-c", code], options)
        compared(f"a program that imports from its directory, {mode}", ["main.py", "a", "b"], options)
        compared(f"a program with arguments, {mode}", ["cat.py", "notes.txt", "data/a.csv"], options)
    with Place() as tmp:
        compared("temporary files, off", ["-c", TEMPORARY], ["--ask=off", "--dir", ".", "--dir", f"{tmp.path}::/tmp"], [(".", "."), (tmp.path, "/tmp")])
        compared("temporary files, asking", ["-c", TEMPORARY], ["--dir", "."], [(".", "."), (tmp.path, "/tmp")])
        same("python, temporary files: nothing is left", tmp.snapshot(), {})


def arguments_only():
    compared("reads what its arguments name", ["cat.py", "notes.txt", "data/a.csv"], [])
    compared("-c, reads what its arguments name", ["-c", "import sys; print(open(sys.argv[1]).read())", "data/a.csv"], [])
    compared("lists what its arguments name", ["-c", "import os, sys; print(sorted(os.listdir(sys.argv[1])))", "data"], [])
    with Place() as tmp:
        # To find the module it first lists where it stands, which was not named.
        compared("temporary files, nothing granted", ["-c", TEMPORARY], [], [(".", "."), (tmp.path, "/tmp")], missed=True)


def nobody_there():
    """What was not named is refused at once, with Python's own exception, and the list says so."""
    cases = {"reads what is near": ("open('notes.txt')", "PermissionError", "notes.txt"),
             "creates": ("open('new.txt', 'w')", "PermissionError", "new.txt"),
             "removes": ("import os; os.remove('notes.txt')", "PermissionError", "notes.txt")}
    for what, (code, exception, name) in cases.items():
        with Place(TREE) as p:
            before = p.snapshot()
            ours = wask(PYTHON, "-c", code, cwd=p.path)
            same(f"python, {what}, nobody there: status", ours.status, 1)
            has(f"python, {what}, nobody there: its own exception, and the list", ours.err.decode(), exception, p / name)
            same(f"python, {what}, nobody there: nothing was done", p.snapshot(), before)
    with Place(TREE) as p:
        ours = wask(PYTHON, "-c", "open('/etc/hostname')", cwd=p.path)
        has("python, a system place: as if it were not there", ours.err.decode(), "FileNotFoundError")


def somebody_there():
    """The main thing: held at that very call, decided by somebody, and the same call returns."""
    code = "print(open('notes.txt', encoding='utf-8').read())"
    with Place(TREE) as p:
        with Asked([], PYTHON, ["-c", code], cwd=p.path) as run:
            text = run.question()
            row(text and p / "notes.txt" in text and "read" in text, "python, held: the question shows the true path", text)
            run.answer("y")
            same("python, held, answered yes: no second question", run.question(), None)
            same("python, held, answered yes: status", run.exit_status(), 0)
            has("python, held, answered yes: the same call went on", run.text(), "one", "thr\u00e9e")
        with Asked([], PYTHON, ["-c", code], cwd=p.path) as run:
            run.question()
            run.answer("n")
            same("python, held, answered no: no second question", run.question(), None)
            same("python, held, answered no: status", run.exit_status(), 1)
            has("python, held, answered no: its own PermissionError", run.text(), "PermissionError")
        twice = "open('notes.txt').read(); open('notes.txt').read(); open('./notes.txt').read(); print('read' + 'thrice')"
        with Asked([], PYTHON, ["-c", twice], cwd=p.path) as run:
            run.question()
            run.answer("y")
            same("python, I6: one question for one object", run.question(), None)
            has("python, I6: it was read three times", run.text(), "readthrice")
        with Asked([], PYTHON, ["-c", "open('made.txt', 'w').write('made'); print(open('made.txt').read() + '!')"], cwd=p.path) as run:
            row("made.txt" in (run.question() or ""), "python, creating is held")
            run.answer("y")
            same("python, what it made it may read", run.question(), None)
            has("python, what it made it may read: and does", run.text(), "made!")
        same("python, created after a yes", p.read("made.txt"), b"made")


with_grants()
arguments_only()
nobody_there()
somebody_there()
end()
