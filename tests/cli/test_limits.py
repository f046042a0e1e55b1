"""--timeout, --max-memory, the stack: what a program may use, and what is said when it wanted more."""

import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from agent import Agent
from guests import guest, wat
from rows import end, has, row, same
from run import SANITIZED, WASK, Place, command, environment, module

LOOP = wat("loop", '(module (memory (export "memory") 1) (func (export "_start") (loop (br 0))))')
FILL = wat("fill", '(module (memory (export "memory") 65536) (func (export "_start") (loop (memory.fill (i32.const 0) (i32.const 1) (i32.const -1)) (br 0))))')
COPY = wat("copy", '(module (memory (export "memory") 16384) (func (export "_start") (loop (memory.copy (i32.const 0) (i32.const 1) (i32.const 0x3ffffff0)) (br 0))))')
TABLE = wat("table-copy", '(module (table $t 1000000 funcref) (memory (export "memory") 1)'
            ' (func (export "_start") (loop (table.copy $t $t (i32.const 0) (i32.const 1) (i32.const 999999)) (br 0))))')
RANDOM = wat("random", '(module (import "wasi_snapshot_preview1" "random_get" (func $r (param i32 i32) (result i32))) (memory (export "memory") 1024)'
             ' (func (export "_start") (loop (if (call $r (i32.const 0) (i32.const 0x4000000)) (then unreachable)) (br 0))))')
RECURSION = wat("recursion", '(module (memory (export "memory") 1) (func $r (param i32) (result i32) (i32.add (call $r (i32.add (local.get 0) (i32.const 1))) (local.get 0)))'
                ' (func (export "_start") (drop (call $r (i32.const 0)))))')
GROW = wat("grow", """(module (memory (export "memory") 1)
  (func (export "pages") (result i32) (block (loop (br_if 1 (i32.eq (memory.grow (i32.const 1)) (i32.const -1))) (br 0))) (memory.size))
  (func (export "by") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "fail") (drop (memory.grow (i32.const 1000))) (if (i32.eq (memory.grow (i32.const 65535)) (i32.const -1)) (then unreachable))))""")
EXIT = wat("grow-exit", '(module (import "wasi_snapshot_preview1" "proc_exit" (func $e (param i32))) (memory (export "memory") 1)'
           ' (func (export "_start") (drop (memory.grow (i32.const 1000))) (call $e (i32.const 3))))')
TABLES = wat("tables", """(module (table $t 10 funcref) (memory (export "memory") 1)
  (func (export "grow") (param i32) (result i32) (table.grow $t (ref.null func) (local.get 0))))""")
HUGE_TABLE = wat("huge-table", '(module (table 0xffffffff funcref) (memory (export "memory") 1) (func (export "_start")))')
HUGE_MEMORY = wat("huge-memory", '(module (memory (export "memory") 65536) (func (export "_start")))')
MEMORY64 = wat("memory64", """(module (memory (export "memory") i64 1 0x1000000000000)
  (func (export "by") (param i64) (result i64) (memory.grow (local.get 0))))""")
HUGE_MEMORY64 = wat("huge-memory64", '(module (memory (export "memory") i64 0x1000000000000) (func (export "_start")))')
TABLE64 = wat("table64", '(module (table $t i64 0x7fffffffffff funcref) (memory (export "memory") 1) (func (export "_start")))')
BIG = ("--max-memory", "4G")


def wask(*args, **more):
    return command([WASK, *args], **more)


def said(result):
    return result.err.decode(errors="replace")


def ended_in_time(name, *args, **more):
    start = time.monotonic()
    got = wask(*args, **more)
    took = time.monotonic() - start
    row(got.status == 124 and "(--timeout)" in said(got) and took < 20, f"{name}: ended, 124, and it is said", f"{took:.1f} s\n{got}")


def timeouts():
    ended_in_time("--timeout: a loop", "--timeout", "200ms", LOOP)
    ended_in_time("--timeout=N is seconds", "--timeout=1", LOOP)
    ended_in_time("-W timeout=", "-W", "timeout=200ms", LOOP)
    ended_in_time("--wasm timeout=", "--wasm=timeout=1s", LOOP)
    ended_in_time("L03 --timeout within memory.fill of 4 GiB", *BIG, "--timeout=300ms", FILL)
    ended_in_time("L03 --timeout within memory.copy of 1 GiB", *BIG, "--timeout=300ms", COPY)
    ended_in_time("L03 --timeout within table.copy", "--timeout=300ms", TABLE)
    ended_in_time("L06 --timeout within random_get of 64 MiB", "--timeout=300ms", RANDOM)
    reader, writer = os.pipe()
    ended_in_time("L03 --timeout within a read that never ends", "--timeout=300ms", guest("agent"), stdin=reader)
    os.close(reader)
    os.close(writer)
    got = wask("--timeout=100s", guest("process"), "exit:3")
    row(got.status == 3 and got.err == b"", "--timeout: who is faster has its own status", got)
    got = wask("--timeout=1ns", guest("process"), "exit:3")
    row(got.status in (3, 124), "--timeout of next to nothing: either of the two", got)
    with Place({"in/a.txt": b"x"}) as p:
        with Agent(["--timeout=1s", "--dir", "in"], cwd=p.path) as guest_:
            guest_.do("4 open r in/a.txt")
            guest_.do("4 open r other.txt")
            result = guest_.child.wait(30)
        same("--timeout between two calls", result, 124)
    for word in ("", "0", "x", "1x", "-1", "1.5", "99999999999999999999", "0ms"):
        same(f"--timeout {word!r}: wrong usage", wask(f"--timeout={word}", LOOP).status, 125)


def timeout_is_of_the_run():
    """Compiling is not counted: what it allows does not depend on what is in the cache."""
    start = time.monotonic()
    got = wask("--no-cache", "--timeout=1s", module("rg"), "--version")
    row(got.status == 0 and b"ripgrep" in got.out, f"--timeout: compiling does not count ({time.monotonic() - start:.1f} s in all)", got)


def ignored_signals():
    """With SIGTERM ignored, as under some supervisors, the clock works, and SIGTERM stays ignored."""
    got = command(["sh", "-c", 'trap "" TERM; exec "$0" "$@"', WASK, "--timeout=300ms", LOOP])
    same("--timeout with SIGTERM ignored", got.status, 124)
    child = subprocess.Popen(["sh", "-c", 'trap "" TERM; exec "$0" "$@"', WASK, "--timeout=60", guest("agent")], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, env=environment())
    child.stdin.write(b"4 stat x\n")
    child.stdin.flush()
    child.stdout.readline()
    child.terminate()
    child.stdin.write(b"4 stat x\n")
    child.stdin.flush()
    answer = child.stdout.readline()
    child.stdin.close()
    row(answer.startswith(b"4 stat x") and child.wait(30) == 0, "and an ignored SIGTERM ends nothing", (answer, child.returncode))
    child.stdout.close()


def memory():
    for option, pages in ((("--max-memory", "64M"), 1024), (("--max-memory=1048576",), 16), (("-W", "max-memory-size=131072"), 2), (("--max-memory=100K",), 1), ((), 16384)):
        same(f"L02 memory grows to the limit and no further ({' '.join(option) or 'the usual 1 GiB'})", wask("--invoke", "pages", *option, GROW).out, f"{pages}\n".encode())
    for by, got in (("0", "1"), ("15", "1"), ("16", "-1"), ("65535", "-1"), ("4294967295", "-1")):
        same(f"L02 memory.grow by {by} of at most 16 pages", wask("--max-memory=1M", "--invoke", "by", GROW, by).out, f"{got}\n".encode())
    for by, got in (("15", "1"), ("16", "-1"), ("281474976710655", "-1"), ("9223372036854775807", "-1"), ("-1", "-1")):
        same(f"L02 64-bit memory.grow by {by} of at most 16 pages", wask("--max-memory=1M", "--invoke", "by", MEMORY64, by).out, f"{got}\n".encode())
    for by, got in (("1048566", "10"), ("1048567", "-1"), ("4294967295", "-1")):
        same(f"L02 table.grow by {by} of at most 1048576 elements", wask("--invoke", "grow", TABLES, by).out, f"{got}\n".encode())
    for name, what in (("a memory of 4 GiB", HUGE_MEMORY), ("a 64-bit memory of 16 EiB", HUGE_MEMORY64), ("a table of 4 G elements", HUGE_TABLE), ("a 64-bit table", TABLE64)):
        got = wask(what)
        row(got.status == 126 and got.err.count(b"\n") == 1 and not got.signalled, f"L02 {name}, from the start: not runnable, in one line", got)
    has("and of a memory it says what to type", said(wask(HUGE_MEMORY)), "--max-memory")
    same("--max-memory 4G: then it runs", wask(*BIG, HUGE_MEMORY).status, 0)


def memory_is_named():
    got = wask("--max-memory=64M", "--invoke", "fail", GROW)
    row(got.status == 134 and re.match(r"wask: grow\.wasm: .*unreachable.*; its memory had grown to \d+ MiB of at most 64 MiB: --max-memory gives it more\n    0: ", said(got)),
        "a trap with most of the memory taken: the limit is named, before the backtrace", got)
    got = wask("--max-memory=64M", EXIT)
    row(got.status == 3 and "of at most 64 MiB: --max-memory" in said(got) and got.err.count(b"\n") == 1, "a failure with most of the memory taken: the limit is named", got)
    got = wask("--max-memory=1G", EXIT)
    row(got.status == 3 and got.err == b"", "a failure with little memory taken: nothing is said of it", got)
    for word in ("", "0", "x", "1T", "-1", "1.5G", "99999999999999999999", "18446744073709551615G"):
        same(f"--max-memory {word!r}: wrong usage", wask(f"--max-memory={word}", LOOP).status, 125)


def stack():
    """However small the stack of the process is: the guest traps before it ends."""
    for limit in ("unlimited", "8192", "1024", "512", "300", "160"):
        got = command(["sh", "-c", f'ulimit -S -s {limit} && exec "$0" "$@"', WASK, RECURSION])
        row(got.status == 134 and "call stack exhausted" in said(got), f"recursion without end, ulimit -s {limit}: a trap", got)
    if not SANITIZED:
        got = command(["sh", "-c", 'ulimit -S -s 512 && exec "$0" "$@"', WASK, "--no-cache", module("rg"), "--version"])
        row(got.status == 0 and b"ripgrep" in got.out, "a real program is compiled and run with ulimit -s 512", got)


timeouts()
timeout_is_of_the_run()
ignored_signals()
memory()
memory_is_named()
stack()
end()
