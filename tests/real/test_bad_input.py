#!/usr/bin/env python3
"""What is no module that can be run, and a cache that is damaged: one line that says
what it is and what to do, status 126 (127: not there), never a crash or a hang."""

import os
import shutil
import signal
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from guests import component, content, guest, wat   # noqa: E402
from rows import end, row, same                     # noqa: E402
from run import SANITIZED, WASK, Place, command, environment, module, wask    # noqa: E402

HELLO = content(guest("hello"))


def not_runnable(name, file, p, *words, status=126, args=()):
    """One line on standard error, which names the file and holds one of each of WORDS (alternatives: a|b)."""
    result = wask(*args, file, cwd=p.path)
    text = result.err.decode(errors="replace")
    same(f"{name}: status", result.status, status)
    row(text.count("\n") == 1 and text.endswith("\n") and result.out == b"", f"{name}: one line", result)
    missing = [w for w in (os.path.basename(file), *words) if not any(part in text for part in w.split("|"))]
    row(not missing, f"{name}: says what it is", f"without {missing}: {text}")


def section(number, data):
    return bytes([number, len(data)]) + data


def with_code(body):
    """A module of one function, whose code is BODY."""
    return b"\0asm\1\0\0\0" + section(1, b"\1\x60\0\0") + section(3, b"\1\0") + section(10, b"\1" + bytes([len(body)]) + body)


MOST = b"\xff\xff\xff\xff\x0f"     # 2^32-1
COUNTS = {
    "targets of a br_table": with_code(b"\0\x41\0\x0e" + MOST + b"\0\0\x0b"),
    "locals": with_code(b"\1" + MOST + b"\x7f\x0b"),
    "groups of locals": with_code(MOST + b"\1\x7f\x0b"),
    "types": b"\0asm\1\0\0\0" + section(1, MOST + b"\x60\0\0"),
    "functions": b"\0asm\1\0\0\0" + section(1, b"\1\x60\0\0") + section(3, MOST + b"\0"),
    "bytes of a section": b"\0asm\1\0\0\0\1" + MOST,
    "segments of data": b"\0asm\1\0\0\0" + section(11, MOST + b"\1\0"),
}


def corrupted(data, n):
    """DATA with its Nth of a hundred places turned over."""
    at = 8 + (len(data) - 9) * n // 100
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1:]


def files(p):
    p.write("truncated.wasm", HELLO[:len(HELLO) // 2])
    not_runnable("truncated", "truncated.wasm", p, "truncated|damaged|incomplete|ends|not valid|invalid")
    p.write("short.wasm", HELLO[:5])
    not_runnable("only the first five bytes", "short.wasm", p)
    p.write("empty.wasm", b"")
    not_runnable("empty", "empty.wasm", p, "empty")
    p.write("corrupt.wasm", HELLO[:200] + b"\xff" * 100 + HELLO[300:])
    not_runnable("corrupt", "corrupt.wasm", p, "damaged|not valid|invalid|corrupt")
    p.write("text.wat", '(module (func (export "_start")))\n')
    not_runnable("text format", "text.wat", p, "text", "wat2wasm|wasm-tools")
    p.write("comment.wat", ";; a module\n(module)\n")
    not_runnable("text format behind a comment", "comment.wat", p, "text", "wat2wasm|wasm-tools")
    p.write("notes.txt", "just some notes\n" * 100)
    not_runnable("other text", "notes.txt", p)
    p.write("elf.wasm", content("/proc/self/exe")[:4096])
    not_runnable("a native program", "elf.wasm", p)
    p.write("version.wasm", b"\0asm\2\0\0\0")
    not_runnable("a version that nobody knows", "version.wasm", p, "version")
    for what, data in COUNTS.items():
        p.write("count.wasm", data)
        not_runnable(f"W40 2^32-1 {what}", "count.wasm", p, "damaged")
    os.mkdir(p / "dir.wasm")
    not_runnable("a directory", "dir.wasm", p, "directory")
    os.mkfifo(p / "fifo.wasm")
    not_runnable("a FIFO", "fifo.wasm", p)
    with socket.socket(socket.AF_UNIX) as s:
        cwd = os.getcwd()
        os.chdir(p.path)
        s.bind("sock.wasm")
        os.chdir(cwd)
    not_runnable("a socket", "sock.wasm", p)
    not_runnable("a device", "/dev/zero", p)
    not_runnable("not there", "none.wasm", p, status=127)
    not_runnable("beneath what is not there", "none/none.wasm", p, status=127)
    os.symlink("loop.wasm", p / "loop.wasm")
    not_runnable("a loop of links", "loop.wasm", p)
    p.write("new\nline\x1b[2J.wasm", b"")
    result = wask("new\nline\x1b[2J.wasm", cwd=p.path)
    row(result.status == 126 and b"\x1b" not in result.err and result.err.count(b"\n") == 1, "the name of a file is escaped", result)
    if os.getuid():
        p.write("secret.wasm", HELLO)
        os.chmod(p / "secret.wasm", 0)
        not_runnable("unreadable", "secret.wasm", p, "ermission|may not")


def huge(p):
    """Five gigabytes, most of them a hole: not read into memory, not hashed for minutes."""
    with open(p / "huge.wasm", "wb") as f:
        f.write(HELLO)
        f.truncate(5 << 30)
    not_runnable("huge", "huge.wasm", p, "large|big|huge")


def every_corruption(p):
    """Wherever a byte is turned over: it runs, traps or is refused; never a signal, and never without a word."""
    wrong = []
    for n in range(0, 100, 4):
        p.write("c.wasm", corrupted(HELLO, n))
        result = wask("--ask=off", "c.wasm", cwd=p.path)
        if result.signalled or result.hung or result.status not in (0, 126, 134) or (result.status and not result.err):
            wrong.append(f"at {n} %: {result}")
    row(not wrong, "a byte turned over anywhere: a clean end", "\n".join(wrong))


def components_and_others(p):
    shutil.copy(component(guest("hello")), p / "component.wasm")
    same("a component that adapts a program: runs", wask("component.wasm", cwd=p.path).out, b"hello\n")
    p.write("component.wasm", content(p / "component.wasm")[:8])
    not_runnable("a component of another kind", "component.wasm", p, "component", "not yet")
    shutil.copy(wat("no-memory", '(module (import "wasi_snapshot_preview1" "args_sizes_get" (func $f (param i32 i32) (result i32))) (memory 1)'
                    ' (func (export "_start") (drop (call $f (i32.const 0) (i32.const 4)))))'), p / "no-memory.wasm")
    not_runnable("memory that is not exported", "no-memory.wasm", p, "memory")
    shutil.copy(wat("memoryless", '(module (func (export "_start")))'), p / "memoryless.wasm")
    same("no memory, and none needed: runs", wask("memoryless.wasm", cwd=p.path).status, 0)
    shutil.copy(wat("no-start", '(module (memory (export "memory") 1) (func (export "other")))'), p / "no-start.wasm")
    not_runnable("no _start", "no-start.wasm", p, "_start")
    shutil.copy(wat("start-type", '(module (memory (export "memory") 1) (func (export "_start") (param i32)))'), p / "start-type.wasm")
    not_runnable("_start with parameters", "start-type.wasm", p, "_start")
    shutil.copy(wat("start-memory", '(module (memory (export "_start") 1))'), p / "start-memory.wasm")
    not_runnable("_start that is no function", "start-memory.wasm", p, "_start")
    shutil.copy(wat("unknown", '(module (import "env" "host_one" (func)) (import "env" "host_two" (func (param i32))) (memory (export "memory") 1)'
                    ' (func (export "_start")))'), p / "unknown.wasm")
    not_runnable("unknown imports", "unknown.wasm", p, "host_one", "host_two")
    shutil.copy(wat("mistyped", '(module (import "wasi_snapshot_preview1" "fd_close" (func (param i64) (result i32))) (memory (export "memory") 1)'
                    ' (func (export "_start")))'), p / "mistyped.wasm")
    not_runnable("an import of the wrong type", "mistyped.wasm", p, "fd_close")
    shutil.copy(module("quickjs"), p / "quickjs.wasm")
    not_runnable("a reactor with foreign imports", "quickjs.wasm", p, "host_")
    for what, result, advised in (("run", wask("quickjs.wasm", cwd=p.path), False), ("--invoke", wask("--invoke", "abort", "quickjs.wasm", cwd=p.path), True),
                                  ("a program", wask("unknown.wasm", cwd=p.path), True), ("compile", command([WASK, "compile", "unknown.wasm"], cwd=p.path), False)):
        row(result.status == 126 and (b"--trap-unknown" in result.err) == advised, f"unknown imports, {what}: --trap-unknown is advised where it helps", result)
    if not SANITIZED:
        result = command(["sh", "-c", 'ulimit -v 3000000; exec "$@"', "sh", WASK, "run", guest("hello")])
        row(result.status == 126 and b"ulimit -v" in result.err and result.err.count(b"\n") == 1, "too few addresses: what to raise", result)
    shutil.copy(wat("big-memory", '(module (memory (export "memory") 65536) (func (export "_start")))'), p / "big-memory.wasm")
    not_runnable("more memory than it may have", "big-memory.wasm", p, "memory")
    # Called while the module is being made, before its memory is known to anybody.
    shutil.copy(wat("start-call", '(module (import "wasi_snapshot_preview1" "random_get" (func $f (param i32 i32) (result i32)))'
                    ' (memory (export "memory") 1) (func $s (if (call $f (i32.const 65535) (i32.const 1)) (then unreachable))'
                    ' (if (i32.ne (call $f (i32.const 65535) (i32.const 2)) (i32.const 21)) (then unreachable)))'
                    ' (start $s) (func (export "_start")))'), p / "start-call.wasm")
    same("a call out of a start function", wask("start-call.wasm", cwd=p.path).status, 0)


# ---- a damaged cache ---------------------------------------------------------

def cache_files(p):
    return [os.path.join(base, name) for base, _, names in os.walk(p / "cache") for name in names]


def turn_over(path):
    data = bytearray(content(path))
    for at in range(len(data) // 3, len(data), max(1, len(data) // 3)):
        data[at] ^= 0xFF
    overwrite(path, bytes(data))


def overwrite(path, data):
    """In place, so that only times and bytes change."""
    with open(path, "r+b") as f:
        f.truncate(0)
        f.write(data)


def instead(make):
    def damage(path):
        os.unlink(path)
        make(path)
    return damage


DAMAGES = {
    "bytes turned over": turn_over,
    "cut in half": lambda path: os.truncate(path, os.path.getsize(path) // 2),
    "emptied": lambda path: os.truncate(path, 0),
    "longer": lambda path: os.truncate(path, os.path.getsize(path) + 4096),
    "full of noise": lambda path: overwrite(path, os.urandom(os.path.getsize(path))),
    "unreadable": lambda path: os.chmod(path, 0),
    "writable by others": lambda path: os.chmod(path, 0o666),
    "a directory": instead(os.mkdir),
    "a link to nowhere": instead(lambda path: os.symlink("nowhere", path)),
    "a link to a device": instead(lambda path: os.symlink("/dev/zero", path)),
    "a FIFO": instead(os.mkfifo),
    "gone": os.unlink,
}


def damaged_cache(p):
    env = environment(XDG_CACHE_HOME=p / "cache", HOME=p.path)

    def run():
        result = wask(guest("hello"), cwd=p.path, env=env)
        return (result.status, result.out, result.err)

    os.mkdir(p / "cache")
    same("cache: cold", run(), (0, b"hello\n", b""))
    row(cache_files(p), "cache: an entry is kept")
    same("cache: warm", run(), (0, b"hello\n", b""))
    for what, damage in DAMAGES.items():
        for path in cache_files(p):
            damage(path)
        same(f"cache: {what}", run(), (0, b"hello\n", b""))
        same(f"cache: {what}, and once more", run(), (0, b"hello\n", b""))
        shutil.rmtree(p / "cache")
        os.mkdir(p / "cache")
        run()
    for what, prepare in {"not writable": lambda: os.chmod(p / "cache", 0o500), "writable by all": lambda: os.chmod(p / "cache", 0o777),
                          "a file": lambda: (shutil.rmtree(p / "cache"), p.write("cache", b""))}.items():
        prepare()
        same(f"cache directory {what}: it runs all the same", run(), (0, b"hello\n", b""))
    same("no home, no cache: it runs", wask(guest("hello"), cwd=p.path, env={"PATH": os.environ["PATH"]}).out, b"hello\n")


signal.alarm(350)
with Place() as place:
    files(place)
    huge(place)
    every_corruption(place)
    components_and_others(place)
with Place() as place:
    damaged_cache(place)
end()
