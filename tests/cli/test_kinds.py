"""What a module may be: programs, libraries and --invoke, foreign imports, components, what is damaged."""

import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from guests import component, content, guest, wat
from rows import end, has, row, same
from run import PEERS, SANITIZED, WASK, Place, command, module

LIBRARY = wat("library", """(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "\\40\\00\\00\\00\\03\\00\\00\\00")
  (data (i32.const 128) "hi\\n")
  (global $ready (mut i32) (i32.const 0))
  (func (export "_initialize") (global.set $ready (i32.const 41)))
  (func (export "ready") (result i32) (i32.add (global.get $ready) (i32.const 1)))
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "add64") (param i64 i64) (result i64) (i64.add (local.get 0) (local.get 1)))
  (func (export "half") (param f64) (result f64) (f64.div (local.get 0) (f64.const 2)))
  (func (export "twice") (param f32) (result f32) (f32.mul (local.get 0) (f32.const 2)))
  (func (export "pair") (param i32) (result i32 f64) (local.get 0) (f64.const 0.5))
  (func (export "hi") (i32.store (i32.const 0) (i32.const 128)) (i32.store (i32.const 4) (i32.const 3))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32))))
  (func (export "argc") (result i32) (drop (call $sizes (i32.const 0) (i32.const 4))) (i32.load (i32.const 0)))
  (func (export "leave") (param i32) (call $exit (local.get 0)))
  (func (export "fall") unreachable)
  (func (export "wide") (param v128)))""")
ODD_START = wat("odd-start", '(module (func (export "_start") (param i32)) (func (export "f") (result i64) (i64.const 7)))')
ODD_INITIALIZE = wat("odd-initialize", '(module (func (export "_initialize") (result i32) (i32.const 1)) (func (export "f")))')
EMPTY = wat("empty-module", "(module)")
LOADED = wat("foreign", """(module (import "env" "there" (func $f (param i32 f64) (result i64))) (import "env" "never" (func))
  (import "wasi_snapshot_preview1" "no_such_call" (func)) (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start") (call $exit (i32.const 4))) (func (export "call") (drop (call $f (i32.const 1) (f64.const 2)))))""")
FOREIGN_MEMORY = wat("foreign-memory", '(module (import "env" "memory" (memory 1)) (import "env" "table" (table 1 funcref)) (func (export "_start")))')
MANY = wat("many-foreign", "(module " + "".join(f'(import "env" "f{i}" (func))' for i in range(100)) + '(func (export "_start")))')


def wask(*args, **more):
    return command([WASK, *args], **more)


def said(result):
    return result.err.decode(errors="replace")


def libraries():
    plain = wask(LIBRARY)
    row(plain.status == 126 and plain.out == b"" and plain.err.count(b"\n") == 1, "a library as a program: 126, in one line", plain)
    has("and it says what it is, and what can be called", said(plain), "it is a library", "--invoke NAME", "add(i32, i32) -> (i32)", "half(f64) -> (f64)",
        "pair(i32) -> (i32, f64)", "and 3 others")
    for words, out in ((("ready",), "42"), (("add", "2", "3"), "5"), (("add", "-1", "0x10"), "15"), (("add64", "9223372036854775807", "1"), "-9223372036854775808"),
                       (("half", "1"), "0.5"), (("half", "1e300"), None), (("twice", "0.05"), "0.1"), (("pair", "3"), "3\n0.5"), (("hi",), "hi")):
        got = wask("--invoke", words[0], LIBRARY, *words[1:])
        text = got.out.decode().removesuffix("\n")
        same(f"--invoke {' '.join(words)}", (got.status, text if out else float(text)), (0, out or 5e299))
    same("--invoke: its arguments are the program's too", wask("--invoke=argc", LIBRARY, "1", "2").out, b"3\n")
    same("--invoke: proc_exit is its status", wask("--invoke", "leave", LIBRARY, "9").status, 9)
    with open("/dev/full", "w") as full:
        lost = wask("--invoke", "add", LIBRARY, "1", "2", stdout=full)
    row(lost.status == 126 and "its result could not be written: No space left" in said(lost), "--invoke: a result that cannot be written is no success", lost)
    lost = command(["sh", "-c", 'exec "$0" "$@" >&-', WASK, "--invoke", "add", LIBRARY, "1", "2"])
    row(lost.status == 126 and "its result could not be written: Bad file" in said(lost), "--invoke: nor with standard output closed", lost)
    fall = wask("--invoke", "fall", LIBRARY)
    row(fall.status == 134 and "unreachable" in said(fall), "--invoke: a trap is a trap", fall)


def wrong_calls():
    for name, words, parts in (("no such function", ("nope",), ("no function nope", "add(i32, i32)")), ("a memory is no function", ("memory",), ("no function memory",)),
                               ("an argument missing", ("add", "1"), ("add(i32, i32) -> (i32)", "1 of 2 arguments")),
                               ("an argument too many", ("add", "1", "2", "3"), ("add(i32, i32) -> (i32)", "3 arguments, it takes 2")),
                               ("a word that is no number", ("add", "1", "x"), ("add(i32, i32)", '"x" is no i32')),
                               ("a number that is too large", ("add", "1", "4294967296"), ("is no i32",)),
                               ("a type that has no words", ("wide", "1"), ("wide(v128)", "v128 cannot be given"))):
        got = wask("--invoke", words[0], LIBRARY, *words[1:])
        row(got.status == 126 and got.out == b"" and got.err.count(b"\n") == 1 and all(p in said(got) for p in parts), f"--invoke: {name}", got)
    odd = wask(ODD_START)
    row(odd.status == 126 and "its _start takes or gives back values" in said(odd), "a _start of another type: 126, and why", odd)
    same("and its other functions can be called", wask("--invoke", "f", ODD_START).out, b"7\n")
    odd = wask("--invoke", "f", ODD_INITIALIZE)
    row(odd.status == 126 and "_initialize" in said(odd), "an _initialize of another type: 126, and why", odd)
    empty = wask(EMPTY)
    row(empty.status == 126 and "nothing to run" in said(empty), "a module with nothing in it: 126, and why", empty)
    same("--invoke on a program", wask("--invoke", "_start", guest("process"), "exit:3").status, 3)


def as_wasmtime_does():
    """The same words to the wasmtime CLI, the same lines out of it."""
    for words in (("ready",), ("add", "2", "-3"), ("add64", "5", "-7"), ("half", "3"), ("half", "1e-7"), ("half", "-0.0"), ("half", "1e21"), ("half", "inf"), ("twice", "1.1"),
                  ("pair", "1"), ("hi",), ("argc", "a", "b")):
        theirs = command([f"{PEERS}/bin/wasmtime", "run", "-C", "cache=n", "--invoke", words[0], LIBRARY, *words[1:]])
        same(f"--invoke {' '.join(words)}: as wasmtime says it", (wask("--invoke", words[0], LIBRARY, *words[1:]).out, 0), (theirs.out, theirs.status))


def foreign():
    got = wask(LOADED)
    row(got.status == 126 and got.err.count(b"\n") == 1, "foreign imports: 126, in one line", got)
    has("foreign imports: each, with its type, and what to type", said(got), "env.there(i32, f64) -> (i64)", "env.never()", "wasi_snapshot_preview1.no_such_call()", "--trap-unknown")
    row("proc_exit" not in said(got), "foreign imports: not what we have", got)
    same("--trap-unknown: it runs", wask("--trap-unknown", LOADED).status, 4)
    called = wask("--trap-unknown", "--invoke", "call", LOADED)
    row(called.status == 134 and "env" in said(called) and "there" in said(called), "--trap-unknown: and traps, by name, when it calls one", called)
    got = wask("--trap-unknown", FOREIGN_MEMORY)
    row(got.status == 126 and "env.memory (a memory), env.table (a table)" in said(got) and "--trap-unknown" not in said(got), "foreign memories have no stand-in", got)
    got = wask(MANY)
    row(got.status == 126 and "env.f23()" in said(got) and "env.f24()" not in said(got) and "and 76 others" in said(got), "a hundred foreign imports: the list is bounded", got)
    got = wask(module("quickjs"))
    row(got.status == 126 and got.err.count(b"\n") == 1 and "env.host_call(" in said(got), "quickjs-wasi: refused clearly", got)
    got = wask("--trap-unknown", module("quickjs"))
    row(got.status == 126 and "it is a library" in said(got), "quickjs-wasi, --trap-unknown: a library, as it says", got)


def components():
    for name in ("hello", "process"):
        plain, adapted = guest(name), component(guest(name))
        args = ("say", "x") if name == "process" else ()
        argv0 = ("--argv0", "same")
        same(f"a component that adapts {name}: as the program itself", wask(*argv0, adapted, *args).out, wask(*argv0, plain, *args).out)
    adapted = component(guest("process"))
    same("a component: its exit status", wask(adapted, "exit:7").status, 7)
    warm = wask(adapted, "exit:7")
    same("a component, warm: the same", warm.status, 7)
    with Place() as p:
        p.write("cut.wasm", content(adapted)[:-5000])
        p.write("empty.wasm", b"\0asm\x0d\0\1\0")
        got = wask("cut.wasm", cwd=p.path)
        row(got.status == 126 and "a component" in said(got), "a component cut short: 126, and what it is", got)
        got = wask("empty.wasm", cwd=p.path)
        row(got.status == 126 and "not yet" in said(got), "a component that is no program: not yet", got)
        p.write("x.cwasm", b"\x7fELF\2\1\1\xc8" + bytes(200))
        got = wask("x.cwasm", cwd=p.path)
        row(got.status == 126 and "that wasmtime compiled" in said(got), "a .cwasm: what to give instead", got)


def hostile_bytes():
    """Bytes of a module and of a component, changed: a status of ours and one line, never a crash."""
    dice = random.Random(40)
    with Place() as p:
        for what, source in (("module", content(guest("hello"))), ("component", content(component(guest("hello")))), ("library", content(LIBRARY))):
            bad, worst = [], None
            for i in range(12 if SANITIZED else 40):
                data = bytearray(source)
                for _ in range(dice.choice((1, 3, 20))):
                    data[dice.randrange(8, len(data))] = dice.choice((0, 0x7F, 0x80, 0xFF, dice.randrange(256)))
                if i % 5 == 0:
                    del data[dice.randrange(8, len(data)):]
                p.write("m.wasm", bytes(data))
                got = wask("--no-cache", "--timeout=10", "--ask=off", "m.wasm", cwd=p.path)
                if got.signalled or got.hung or got.status not in (0, 124, 125, 126, 134) or b"Sanitizer" in got.err or b"panicked" in got.err:
                    bad.append(i)
                    worst = worst or got
            row(not bad, f"W40 hostile bytes in a {what}: an answer each time", f"{bad}: {worst}")


def calls_of_gc():
    module = wat("gc-array", '(module (type $a (array (mut i8))) (memory (export "memory") 1)'
                 ' (func (export "_start") (drop (array.new $a (i32.const 0) (i32.const 2000000000)))))')
    got = wask(module)
    row(got.status == 134 and "its _start" not in said(got), "a GC array beyond what there is: a trap", got)


libraries()
wrong_calls()
as_wasmtime_does()
foreign()
components()
hostile_bytes()
calls_of_gc()
end()
