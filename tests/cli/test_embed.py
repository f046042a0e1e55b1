"""The examples, against the installed tree: the engine linked (embed.c), and PyPI's through ctypes (embed.py)."""

import os
import re
import resource
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from guests import guest
from rows import end, has, row, same
from run import B, MODULES, PEERS, ROOT, SANITIZED, Place, command, environment, module, setup_path

CC = "clang-14" if "clang" in os.path.basename(B) else "gcc"
SANITIZE = ["-fsanitize=address,undefined", "-no-pie"] if SANITIZED else []
LEAKS = {"ASAN_OPTIONS": "detect_leaks=1"}


def installed(p):
    """What `make install` gives, under PREFIX = a directory of ours; without a Makefile (another user's copy) the same by hand."""
    if os.path.exists(f"{ROOT}/Makefile"):
        made = subprocess.run(["make", "-C", ROOT, "install", f"B={B}", f"PREFIX={p / 'usr'}", f"CC={CC}", *(["SAN=1"] if SANITIZED else [])],
                              capture_output=True, env=environment(WASK_BUILD=os.path.dirname(MODULES)))
        row(made.returncode == 0, "make install", made.stderr.decode())
    else:
        os.makedirs(p / "usr/lib")
        os.symlink(f"{ROOT}/include", p / "usr/include")
        for name, to in (("libwask.a", "libwask.a"), ("libwask.so", "libwask.so.0")):
            os.symlink(f"{B}/{name}", p / f"usr/lib/{to}")
    return p / "usr"


def made_of_c(p, usr, name="embed"):
    engine = setup_path("engine")
    argv = [CC, "-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", *SANITIZE, f"-I{usr}/include", "-isystem", f"{engine}/include",
            f"{ROOT}/examples/{name}.c", f"{usr}/lib/libwask.a", f"{engine}/libwasmtime.a",
            "-ljansson", "-lutf8proc", "-lnettle", "-lpthread", "-ldl", "-lm", "-o", p / name]
    made = subprocess.run(argv, capture_output=True, text=True)
    return row(made.returncode == 0 and made.stderr == "", f"{name}.c compiles and links against it", made.stderr)


def agent(p, *steps):
    return command([p / "embed", guest("agent")], stdin="".join(f"{s}\n" for s in steps).encode(), cwd=p.path, env=environment(**LEAKS))


def in_c(p):
    result = agent(p, "4 open r notes.txt", "4 open r notes.txt", "4 open wc made.txt", "4 open r no-such-file", "3 open r /etc/passwd")
    said = [line.split(": ", 1)[1].split(" ")[0] for line in result.out.decode().splitlines() if ": " in line and line[0].isdigit()]
    same("embed.c: answered and going on, refused and going on", said, ["ok", "ok", "acces", "noent", "noent"])
    same("embed.c: asked once for what was answered", result.out.decode().count(f"held: agent.wasm wants to read {p / 'notes.txt'}: yes"), 1)
    has("embed.c: asked for what is created", result.out.decode(), f"held: agent.wasm wants to create {p / 'made.txt'}: no")
    row(result.status == 0 and not p.has("made.txt") and result.err == b"", "embed.c: a clean end, and nothing made", result)
    for way, status in (("exit:7", 7), ("return", 5), ("trap", 134)):
        ended = command([p / "embed", guest("process"), way], cwd=p.path, env=environment(**LEAKS))
        row(ended.status == status and b"Sanitizer" not in ended.err, f"embed.c: {way} is status {status}", ended)


def many(p):
    """Held guests on one thread: 10,000, unless this user may not have the descriptors (two each)."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    n = 300 if SANITIZED else min(10000, (most - 100) // 2) if most > 0 else 10000
    result = command([p / "many", guest("held"), str(n)], cwd=p.path, env=environment(**LEAKS))
    said = re.fullmatch(rb"(\d+) guests held, ([\d.]+) KiB .*\n(\d+) answered, (\d+) of them did as they were told, .*\n", result.out)
    row(result.status == 0 and said and [int(said[i]) for i in (1, 3, 4)] == [n] * 3 and result.err == b"",
        f"many.c: {n} guests held on one thread, answered in random order", result)
    if said and not SANITIZED:
        row(float(said[2]) < 64, f"many.c: under 64 KiB each: {float(said[2])}", result)


def in_python(p, usr):
    with open(f"{ROOT}/examples/embed.py") as f:
        same("embed.py: under 40 lines", sum(1 for _ in f) < 40, True)
    argv = ["python3", f"{ROOT}/examples/embed.py", f"{usr}/lib/libwask.so.0", module("python")]
    env = environment(PYTHONPATH=PEERS)
    result = command([*argv, "notes.txt"], cwd=p.path, env=env)
    same("embed.py: CPython on another engine: held, answered in Python, going on",
         (result.status, result.out.decode(), result.err), (0, f"held: python.wasm wants to read {p / 'notes.txt'}: yes\ntext\n", b""))
    result = command([*argv, "no-such-file"], cwd=p.path, env=env)
    row(result.status == 1 and b"held" not in result.out and b"FileNotFoundError" in result.err, "embed.py: what is not there is not asked about", result)


with Place({"notes.txt": b"text\n", "held.txt": b"held\n"}) as place:
    prefix = installed(place)
    if made_of_c(place, prefix):
        in_c(place)
    if made_of_c(place, prefix, "many"):
        many(place)
    if not SANITIZED:       # that python would have to be built with the sanitizer too
        in_python(place, prefix)
end()
