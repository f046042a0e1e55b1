"""linux - the path calls of tests/guests/agent.c made on a plain directory by this
process: what the kernel itself says, as a host among the oracles."""

import errno
import os
import stat

TYPES = {stat.S_IFDIR: "directory", stat.S_IFREG: "file", stat.S_IFLNK: "link", stat.S_IFBLK: "block", stat.S_IFCHR: "char"}


def shown(data):
    data = data if isinstance(data, bytes) else data.encode()
    return " " + "".join(chr(c) if 0x20 < c < 0x7F and c != 0x25 else f"%{c:02x}" for c in data)


def stat_of(st):
    kind = TYPES.get(stat.S_IFMT(st.st_mode), "unknown")
    return f" {kind} size {st.st_size if kind == 'file' else 0} nlink {0 if kind == 'directory' else st.st_nlink}"


def flags_of(letters):
    flags = os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC
    flags |= {(0, 1): os.O_WRONLY, (1, 1): os.O_RDWR}.get(("r" in letters, "w" in letters), os.O_RDONLY)
    for letter, flag in {"c": os.O_CREAT, "x": os.O_EXCL, "t": os.O_TRUNC, "d": os.O_DIRECTORY, "a": os.O_APPEND}.items():
        flags |= flag if letter in letters else 0
    return flags if "f" in letters else flags | os.O_NOFOLLOW


def do_open(letters, path):
    fd = os.open(path, flags_of(letters), 0o666)
    try:
        kind = TYPES.get(stat.S_IFMT(os.fstat(fd).st_mode), "unknown")
        said = f" {kind}"
        if kind != "directory":
            said += " ok" + shown(os.read(fd, 40)) if "r" in letters else ""
            said += f" ok {os.write(fd, b'agent')}" if "w" in letters else ""
        return said
    finally:
        os.close(fd)


OPS = {
    "open": do_open,
    "list": lambda path: "".join(shown(n) for n in [".", "..", *os.listdir(path)]),
    "stat": lambda path: stat_of(os.stat(path)),
    "lstat": lambda path: stat_of(os.lstat(path)),
    "readlink": lambda path: shown(os.readlink(path)),
    "mkdir": os.mkdir,
    "rmdir": os.rmdir,
    "unlink": os.unlink,
    "rename": os.rename,
    "symlink": os.symlink,
    "link": lambda a, b: os.link(a, b, follow_symlinks=False),
    "times": lambda path: os.utime(path, (1, 1)),
    "ltimes": lambda path: os.utime(path, (1, 1), follow_symlinks=False),
}


def agent(script, cwd):
    """The agent's answers to SCRIPT, as its standard output has them."""
    before, said = os.getcwd(), []
    os.chdir(cwd)
    try:
        for line in script.decode().splitlines():
            _, op, *words = line.split(" ")
            try:
                answer = "ok" + (OPS[op](*words) or "")
            except OSError as error:
                answer = errno.errorcode[error.errno][1:].lower()
            said.append(f"{line}: {answer}\n")
    finally:
        os.chdir(before)
    return "".join(said).encode()
