"""guests - tests/guests/*.c compiled, and wasm files that no compiler makes.

Each lies in GUESTS, outside the checkout, in a directory named by a hash of
all that goes into it, so it is made once. Two libcs: "debian" (clang-14 with the
wasi-libc of 2022) and "newest" (npm's clang with the wasi-libc of today).
"""

import glob
import hashlib
import os
import subprocess

from run import MODULES, NODE, PEERS, ROOT

HERE = f"{ROOT}/tests/guests"
LIBCS = ("debian", "newest")
GUESTS = os.path.join(os.path.dirname(MODULES), "guests")
DEBIAN = ["clang-14", "--target=wasm32-wasi", "-O2", "-Wall", "-Wextra"]


def digest(*parts):
    h = hashlib.sha256()
    for part in parts:
        h.update(part if isinstance(part, bytes) else str(part).encode())
        h.update(b"\0")
    return h.hexdigest()[:16]


def content(path):
    with open(path, "rb") as f:
        return f.read()


def headers():
    return sorted(glob.glob(f"{HERE}/*.h"))


def place_of(name, libc):
    """Where a guest is or will be."""
    compiler = " ".join(DEBIAN) if libc == "debian" else os.path.basename(MODULES) + content(f"{ROOT}/tests/lib/newest-clang.mjs").decode()
    key = digest(libc, compiler, content(f"{HERE}/{name}.c"), *map(content, headers()))
    return f"{GUESTS}/{libc}-{key}/{name}.wasm"


def guest(name, libc="debian"):
    """The path of tests/guests/NAME.c, compiled; CalledProcessError when it does not compile."""
    path = place_of(name, libc)
    if not os.path.exists(path):
        compile_all([(name, libc)])
    return path


def compile_all(wanted):
    """Compiles pairs of (name, libc) that are not there yet."""
    todo = [(name, libc) for name, libc in wanted if not os.path.exists(place_of(name, libc))]
    for name, libc in todo:
        os.makedirs(os.path.dirname(place_of(name, libc)), exist_ok=True)
    for name, libc in todo:
        if libc == "debian":
            compile_debian(name)
    newest = [word for name, libc in todo if libc == "newest" for word in (f"{HERE}/{name}.c", place_of(name, libc))]
    if newest:
        subprocess.run([NODE, "--no-warnings", f"{ROOT}/tests/lib/newest-clang.mjs", MODULES, *headers(), "--", *newest],
                       check=True, stdout=subprocess.DEVNULL)


def compile_debian(name):
    path = place_of(name, "debian")
    tmp = f"{path}.tmp{os.getpid()}"
    subprocess.run([*DEBIAN, f"{HERE}/{name}.c", "-o", tmp], check=True, cwd=HERE)
    os.rename(tmp, path)


def names():
    return sorted(os.path.basename(p)[:-2] for p in glob.glob(f"{HERE}/*.c"))


def prepare():
    """Compiles every guest, many at once; one that does not compile fails the tests that want it."""
    try:
        compile_all([(name, libc) for name in names() for libc in LIBCS])
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"guests: {error}")


def made(path, make):
    """PATH in GUESTS, made by MAKE(tmp path) when it is not there."""
    path = os.path.join(GUESTS, path)
    if not os.path.exists(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        make(f"{path}.tmp{os.getpid()}")
        os.rename(f"{path}.tmp{os.getpid()}", path)
    return path


def by_component_mjs(what, source, to):
    subprocess.run([NODE, "--no-warnings", f"{ROOT}/tests/real/component.mjs", MODULES, what, source, to], check=True)


def component(source):
    """A WASI 0.2 component out of a preview1 command."""
    return made(f"component-{digest(content(source))}/{os.path.basename(source)}", lambda to: by_component_mjs("component", source, to))


def wat(name, text):
    """A core module out of its text."""
    def make(to):
        with open(f"{to}.wat", "w") as f:
            f.write(text)
        by_component_mjs("wat", f"{to}.wat", to)
        os.unlink(f"{to}.wat")
    return made(f"wat-{digest(text)}/{name}.wasm", make)


def precompiled(module):
    """A module as the wasmtime CLI compiled it, so that the oracle is not the slow part."""
    def make(to):
        subprocess.run([f"{PEERS}/bin/wasmtime", "compile", "-C", "cache=n", module, "-o", to], check=True)
    return made(f"cwasm-{digest(os.path.basename(PEERS), content(module))}/{os.path.basename(module)[:-5]}.cwasm", make)
