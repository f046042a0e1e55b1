"""A program without any grant (W20, W39): whatever it calls, no name reaches the kernel;
and what wask itself opens for it is its module and the cache (W38).

The guest is generated: each function of preview1, with names and descriptors where it
takes some, between two sched_yield by which it is found in the trace.
"""

import os
import re
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from guests import component, guest, wat
from rows import end, row, same
from run import ROOT, SANITIZED, WASK, Place, command, environment

# One letter a parameter: f descriptor, p name, n its length, o somewhere to put things, v vector of one, 1 one, 0 zero, I zero of 64 bits.
CALLS = """args_get:oo args_sizes_get:oo environ_get:oo environ_sizes_get:oo clock_res_get:0o clock_time_get:0Io fd_advise:fII0 fd_allocate:fII fd_datasync:f
fd_fdstat_get:fo fd_fdstat_set_flags:f0 fd_fdstat_set_rights:fII fd_filestat_get:fo fd_filestat_set_size:fI fd_filestat_set_times:fII0 fd_pread:fv1Io fd_prestat_get:fo
fd_prestat_dir_name:fon fd_pwrite:fv1Io fd_read:fv1o fd_readdir:fonIo fd_renumber:ff fd_seek:fI0o fd_sync:f fd_tell:fo fd_write:fv1o path_create_directory:fpn
path_filestat_get:f0pno path_filestat_set_times:f0pnII0 path_link:f0pnfpn path_open:f0pn0II0o path_readlink:fpnono path_remove_directory:fpn path_rename:fpnfpn
path_symlink:pnfpn path_unlink_file:fpn poll_oneoff:oo0o proc_raise:0 random_get:on sock_accept:f0o sock_recv:fv10oo sock_send:fv10o sock_shutdown:f1 fd_close:f"""
CALLS = dict(word.split(":") for word in CALLS.split())
MAKES = ("path_create_directory", "path_link", "path_rename", "path_symlink")    # creating asks, and what is asked about is opened first
NAMES = ("a.txt", "./a.txt", "../x", "/etc/passwd", "etc/passwd", "home/u/.ssh/id_rsa", "/proc/self/maps", "link/a.txt")
QUIET = ("/etc/passwd", "home/u/.ssh/id_rsa", "/proc/self/maps", "usr/bin/env", "etc/shadow")


def module(names, calls, fds):
    at, data, places = 1024, [], {}
    for name in names:
        places[name] = (at, len(name))
        data.append(f'(data (i32.const {at}) "{name}")')
        at += 64
    signatures = {"sched_yield": ""} | {name: CALLS[name] for name in calls}
    imports = [f'(import "wasi_snapshot_preview1" "{name}" (func ${name} {"".join("(param i64)" if c == "I" else "(param i32)" for c in letters)} (result i32)))'
               for name, letters in signatures.items()]
    body = []
    for fd in fds:
        for call in calls:
            for name in names if "p" in CALLS[call] else names[:1]:
                value = {"f": fd, "p": places[name][0], "n": places[name][1], "o": 4096, "v": 64, "1": 1, "0": 0}
                words = " ".join("(i64.const 0)" if c == "I" else f"(i32.const {value[c]})" for c in CALLS[call])
                body.append(f"(drop (call ${call} {words}))")
    return ('(module ' + " ".join(imports) + ' (memory (export "memory") 1) (data (i32.const 64) "\\00\\08\\00\\00\\01\\00\\00\\00") ' + " ".join(data)
            + ' (func (export "_start") (drop (call $sched_yield)) ' + "\n".join(body) + " (drop (call $sched_yield))))")


def trace(p, wasm, *options):
    """The lines about names and sockets between the two marks, of both processes."""
    command([WASK, "compile", "--cache", CACHE.path, wasm])     # a compiler has threads, and they yield
    got = command(["strace", "-f", "-qq", "-s", "256", "-o", CACHE / "trace", "-e", "trace=%file,%net,sched_yield", WASK, "--cache", CACHE.path, *options, wasm], cwd=p.path,
                  env=environment(HOME=p / "home/u", ASAN_OPTIONS="detect_leaks=0"), stdin=b"")
    text = CACHE.read("trace").decode(errors="replace")
    marks = [m.start() for m in re.finditer(r"sched_yield\(", text)]
    if not row(len(marks) == 2, f"{' '.join(options)}: it ran from mark to mark", f"{got}\n{text[-2000:]}"):
        return []
    own = re.compile(r'^\d+ +(<\.\.\. |sendmsg\(|recvmsg\(|sendto\([0-9]+, "|recvfrom\(|newfstatat\([0-9]+, "", |shutdown\([0-2], |--- |\+\+\+ )')   # the door between the two; what is open already
    return [line for line in text[marks[0]:marks[1]].splitlines()[1:-1] if not own.match(line)]


def main():
    definition = f"{ROOT}/src/wasi/preview1.def"
    if os.path.exists(definition):
        with open(definition) as f:
            rows = dict(re.findall(r'^P1\((\w+),\s*"(\w*)"', f.read(), re.M))
        same("W39 each function of preview1 is called", set(CALLS) | {"sched_yield", "proc_exit"}, set(rows))
        same("W39 with the parameters that it has", {n: "".join("I" if c == "I" else "i" for c in s) for n, s in CALLS.items()},
             {n: s for n, s in rows.items() if n in CALLS})
    if not shutil.which("strace"):
        row(False, "strace is there (tools/setup packages test)")
        return
    everything = list(CALLS)
    quiet = [name for name in CALLS if name not in MAKES]
    with Place({"a.txt": b"text", "link": ("/etc",), "home/u/.ssh/id_rsa": b"key"}, dir="/var/tmp") as p:   # beneath /tmp, "../x" would be in the private one
        before = p.snapshot()
        for fds in ((3, 4, 5), (0, 1, 2)):
            lines = trace(p, wat(f"no-grant-{fds[0]}", module(NAMES, everything, fds)), "--ask=off")
            row(not lines, f"W39 W20 --ask=off, nothing given, descriptors {fds}: no name reaches the kernel", "\n".join(lines[:20]))
        for mode in ("blind", "needs", "never"):
            lines = trace(p, wat("no-grant-quiet", module(QUIET, [n for n in quiet if "p" in CALLS[n]], (3, 4))), f"--ask={mode}")
            row(not lines, f"W39 W20 --ask={mode}: secret and quiet names do not reach the kernel", "\n".join(lines[:20]))
        lines = trace(p, wat("no-grant-blind", module(NAMES, [n for n in quiet if "p" in CALLS[n]], (3, 4))), "--ask=blind")
        row(not lines, "W39 W20 --ask=blind: no name reaches the kernel", "\n".join(lines[:20]))
        same("W20 and nothing of it had an effect", p.snapshot(), before)


# ---- W38: what opens a file by itself ------------------------------------------

# Of the system: what is mounted, how many threads a compiler may have, and what is open already.
SYSTEM = re.compile(r"/proc/\d+/(mountinfo|cgroup)|/sys/(fs/cgroup|devices/system/cpu)(/.*)?|/dev/null|memfd:wask-\w+( \(deleted\))?")


def opened(p, *argv):
    """The true paths of all that is opened to be read or written; who holds what says strace."""
    got = command(["strace", "-f", "-qq", "-y", "-z", "-o", p / "trace", "-e", "trace=open,openat,openat2,creat,open_by_handle_at", WASK, *argv], cwd=p / "here",
                  env=environment(HOME=p / "home"))
    found = re.findall(r"^\d+ +\w+\((.*)\) = \d+<(.*)>$", p.read("trace").decode(errors="replace"), re.M)
    return got, {path.replace("/memfd:", "memfd:") for words, path in found if "O_PATH" not in words}


def own_files():
    """Each feature that opens one, with nothing given."""
    with Place({"here": None, "home/.ssh/id": b"key", "home/.config/wask/x": b"x"}, dir="/var/tmp") as p:
        for name, source in (("hello", guest("hello")), ("component", component(guest("hello")))):
            shutil.copy(source, p / f"{name}.wasm")
        for what, argv, name, cached in (("a module, compiled", ["hello.wasm"], "hello", True), ("out of the cache", ["hello.wasm"], "hello", True),
                                         ("with --ask=off", ["--ask=off", "hello.wasm"], "hello", True), ("without a cache", ["--no-cache", "hello.wasm"], "hello", False),
                                         ("compiled ahead", ["hello.wasm"], "hello", True), ("a component", ["component.wasm"], "component", True)):
            argv = [*(["compile"] if "ahead" in what else ["run"]), "--cache", p / "cache", *argv[:-1], p / argv[-1]]
            got, paths = opened(p, *argv)
            strange = {path for path in paths if path != p / f"{name}.wasm" and not (cached and (path + "/").startswith(p / "cache/")) and not SYSTEM.fullmatch(path)}
            row(p / f"{name}.wasm" in paths and not strange, f"W38 {what}: the module and the cache are opened, and nothing else", f"{strange}\n{sorted(paths)}\n{got}")


with Place() as CACHE:
    main()
if shutil.which("strace") and not SANITIZED:    # a sanitizer opens what it likes
    own_files()
end()
