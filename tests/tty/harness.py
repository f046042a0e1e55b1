"""harness - a program on a terminal of its own, and a person or a rogue at it.

Each Terminal has a small job-control shell (a fork of this process) as its session
leader and the program as a job under it: it can be stopped, continued, put into the
background, hung up. All terminals of a test are served together, whichever one is
waited for. Nothing here sleeps: every wait is for something to appear.
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

LIMIT = 30                      # seconds that anything may take to appear
PROMPT = rb"(?:^|\n)allow\?[^\n]*  > "

# What a terminal answers by itself, and to what. A rogue's terminal adds to it: Terminal(answers=...).
QUERIES = [
    (rb"\x1b\[6n", b"\x1b[1;1R"),                               # where is the cursor
    (rb"\x1b\[c", b"\x1b[?64;1;2;6c"),                          # what are you
    (rb"\x1bP\$q[^\x1b]*\x1b\\", b"\x1bP1$r0m\x1b\\"),          # DECRQSS: what is set
    (rb"\x1b\]1[01];\?(?:\x07|\x1b\\)", b"\x1b]10;rgb:ff/ff/ff\x07"),
    (rb"\x1b\]52;[a-z]*;\?(?:\x07|\x1b\\)", b"\x1b]52;c;eQo=\x07"),    # the clipboard: "y\n"
]

_live = []


class NotSeen(Exception):
    pass


class Terminal:
    """argv on a new terminal. stdout: another descriptor for its output; modes: changes them first; typed: before it starts."""

    def __init__(self, argv, columns=80, rows=24, cwd=None, env=None, stdin=None, stdout=None, stderr=None,
                 modes=None, typed=b"", background=False, ignore=(), answers=b"", delay=0.0):
        self.answers, self.delay = answers, delay
        self.seen = b""                 # all that the program wrote
        self.queries = 0                # that reached the terminal
        self.status = None              # "exit 0", "signal 2"
        self.stopped = False
        self._at = self._scanned = 0    # in seen: looked at by expect, by the emulator
        self._events = b""
        self._out = bytearray()         # typed, not yet taken
        self._due = []                  # (when, bytes) the terminal will say
        self._stuck = None              # (when, bytes, seconds): a key that repeats
        self.master, slave = pty.openpty()
        self.resize(columns, rows)
        if modes:
            modes(slave)
        self.modes_before = self.modes()
        os.write(self.master, typed)
        control, self._control = os.pipe()
        self._event, events = os.pipe()
        files = [slave if fd is None else fd for fd in (stdin, stdout, stderr)]
        self.shell = os.fork()
        if self.shell == 0:
            _shell(argv, slave, files, control, events, cwd, env, background, ignore)
        for fd in (slave, control, events):
            os.close(fd)
        os.set_blocking(self.master, False)
        os.set_blocking(self._event, False)
        _live.append(self)
        self.pid = int(self._wait(lambda: self._word("pid"), "a process"))

    # ---- what a person does

    def send(self, data):
        self._out += data if isinstance(data, bytes) else data.encode()

    def answer(self, line):
        """Waits for the prompt, then types LINE and Enter."""
        self.expect(PROMPT)
        self.send(line if isinstance(line, bytes) else line.encode())
        self.send(b"\n")

    def hold_key(self, data, every=0.02):
        """DATA again and again, until the end."""
        self._stuck = (time.monotonic(), data, every)

    def resize(self, columns, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def hang_up(self):
        os.close(self.master)
        self.master = -1

    def to_background(self):
        os.write(self._control, b"b")

    def go_on(self, foreground=True):
        """Continues a stopped program."""
        self.stopped = False
        os.write(self._control, b"f" if foreground else b"c")

    def signal(self, number):
        os.kill(self.pid, number)

    # ---- what is waited for

    def expect(self, pattern, limit=LIMIT):
        """The first match of PATTERN after the last one that was expected."""
        found = self.expect_or_end(pattern, limit)
        if not found:
            raise NotSeen(f"no {pattern!r} in {self.seen[self._at:]!r}, and then it ended: {self.status}")
        return found

    def expect_or_end(self, pattern, limit=LIMIT):
        """The same, or None when the program ends without it."""
        found = self._wait(lambda: self._look(pattern) or self.status, f"{pattern!r} in {self.seen[self._at:]!r}, nor the end", limit)
        if isinstance(found, str):
            self._drain()
            found = self._look(pattern)
        return found

    def wait(self, limit=LIMIT):
        """The program's end, and all that it wrote before."""
        self._wait(lambda: self.status, f"the end; unread: {self.seen[self._at:]!r}", limit)
        self._drain()
        return self.status

    def wait_stopped(self):
        self._wait(lambda: self.stopped, f"a stop; unread: {self.seen[self._at:]!r}")

    def wait_typed(self):
        """Until the terminal has taken all that was sent."""
        self._wait(lambda: not self._out, "the input to be taken")

    # ---- what there is to see

    def modes(self):
        return termios.tcgetattr(self.master)

    def restored(self):
        return self.modes() == self.modes_before

    def text(self):
        return plain(self.seen)

    def close(self):
        if self in _live:
            _live.remove(self)
        if self.status is None:
            _kill(-self.pid)
        _kill(self.shell)
        os.waitpid(self.shell, 0)
        for fd in (self.master, self._control, self._event):
            if fd >= 0:
                os.close(fd)
        self.master = -1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # ---- inside

    def _wait(self, done, what, limit=LIMIT):
        end = time.monotonic() + limit
        while not (result := done()):
            if time.monotonic() >= end:
                raise NotSeen(f"no {what}")
            _serve(end)
        return result

    def _drain(self):
        while self.master >= 0 and self._read_master():
            pass

    def _look(self, pattern):
        match = re.compile(pattern, re.S).search(self.seen, self._at)
        if match:
            self._at = match.end()
        return match

    def _word(self, key):
        match = re.search(rf"^{key} (.*)\n".encode(), self._events, re.M)
        return match and match[1].decode()

    def _read_events(self):
        got = _read(self._event)
        self._events += got
        if got.endswith(b"stopped\n"):
            self.stopped = True
        self.status = self.status or self._word("end")
        return got

    def _read_master(self):
        got = _read(self.master)
        self.seen += got
        for query, reply in QUERIES:
            for match in re.finditer(query, self.seen[self._scanned:]):
                self.queries += 1
                self._due.append((time.monotonic() + self.delay, reply + self.answers))
        # A query may be cut in two by reading; none is longer than this.
        self._scanned = max(self._scanned, len(self.seen) - 16) if not self._due else len(self.seen)
        return got

    def _type(self):
        try:
            del self._out[:os.write(self.master, self._out[:4096])]
        except BlockingIOError:
            pass
        except OSError:
            self._out.clear()


def _serve(end):
    """One round for all terminals."""
    poll, readers, now = select.poll(), {}, time.monotonic()
    for t in _live:
        for when, what in [due for due in t._due if due[0] <= now]:
            t._due.remove((when, what))
            t.send(what)
        if t._stuck and t._stuck[0] <= now:
            t.send(t._stuck[1])
            t._stuck = (now + t._stuck[2], *t._stuck[1:])
        end = min([end, *(when for when, _ in t._due), *([t._stuck[0]] if t._stuck else [])])
        for fd, reader in ((t.master, t._read_master), (t._event, t._read_events)):
            if fd >= 0:
                poll.register(fd, select.POLLIN | (select.POLLOUT if fd == t.master and t._out else 0))
                readers[fd] = (t, reader)
    for fd, what in poll.poll(max(0, end - now) * 1000 + 1):
        t, reader = readers[fd]
        if what & select.POLLOUT:
            t._type()
        if what & select.POLLIN:
            reader()
        elif what & select.POLLHUP and fd == t.master:
            # Nobody has it open any more: what is left was read, the end is told by the other pipe.
            os.close(t.master)
            t.master = -1


def _read(fd):
    try:
        return os.read(fd, 65536)
    except (BlockingIOError, OSError):
        return b""




def _kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


# ---- the shell: session leader, one job, a letter at a time

def _shell(argv, slave, files, control, events, cwd, env, background, ignore):
    try:
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        keep = {slave, control, events, *files}
        for fd in range(3, 4096):
            if fd not in keep:
                try:
                    os.close(fd)
                except OSError:
                    pass
        wake_read, wake_write = os.pipe()
        os.set_blocking(wake_write, False)
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        signal.set_wakeup_fd(wake_write)
        for number in (signal.SIGCHLD, signal.SIGHUP):
            signal.signal(number, lambda *_: None)
        go_read, go_write = os.pipe()
        job = os.fork()
        if job == 0:
            _job(argv, slave, files, go_read, cwd, env, ignore)
        os.setpgid(job, job)
        for fd in {*files} - {slave}:
            os.close(fd)
        if not background:
            os.tcsetpgrp(slave, job)
        os.write(events, b"pid %d\n" % job)
        os.write(go_write, b"g")
        _job_control(job, slave, control, events, wake_read)
    finally:
        os._exit(0)


def _job(argv, slave, files, go, cwd, env, ignore):
    try:
        os.setpgid(0, 0)
        os.read(go, 1)
        signal.set_wakeup_fd(-1)
        for number in range(1, 32):
            if number not in (signal.SIGKILL, signal.SIGSTOP):
                signal.signal(number, signal.SIG_IGN if number in ignore else signal.SIG_DFL)
        files = [fcntl.fcntl(fd, fcntl.F_DUPFD, 10) for fd in files]
        for fd, file in enumerate(files):
            os.dup2(file, fd)
        os.closerange(3, 4096)
        if cwd:
            os.chdir(cwd)
        os.execvpe(argv[0], argv, os.environ if env is None else env)
    except BaseException as error:
        os.write(2, f"{argv[0]}: {error}\n".encode())
    finally:
        os._exit(127)


def _job_control(job, slave, control, events, wake):
    while True:
        ready, _, _ = select.select([control, wake], [], [])
        if wake in ready:
            if signal.SIGHUP in os.read(wake, 64):
                os.kill(-job, signal.SIGHUP)
            pid, status = os.waitpid(job, os.WNOHANG | os.WUNTRACED)
            if pid and os.WIFSTOPPED(status):
                os.tcsetpgrp(slave, os.getpgrp())
                os.write(events, b"stopped\n")
            elif pid:
                how = b"signal %d" % os.WTERMSIG(status) if os.WIFSIGNALED(status) else b"exit %d" % os.WEXITSTATUS(status)
                os.write(events, b"end " + how + b"\n")
        if control in ready:
            letter = os.read(control, 1)
            if not letter:
                return
            os.tcsetpgrp(slave, job if letter == b"f" else os.getpgrp())
            if letter in b"fc":
                os.kill(-job, signal.SIGCONT)


# ---- text

_ESCAPES = re.compile(rb"\x1b\[[0-9;?]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1bP[^\x1b]*\x1b\\|\x1b[()][A-Za-z0-9]|\x1b[78=>cM]|[\x0e\x0f]")


def plain(data):
    """What stands on the screen when nothing moves the cursor up: escapes removed, backspace and CR applied."""
    lines = []
    for line in _ESCAPES.sub(b"", data).replace(b"\r\n", b"\n").split(b"\n"):
        cells, at = [], 0
        for char in line.decode("utf-8", "replace"):
            if char == "\r":
                at = 0
            elif char == "\b":
                at = max(0, at - 1)
            elif char != "\a":
                cells[at:at + 1] = [char]
                at += 1
        lines.append("".join(cells).rstrip())
    return "\n".join(lines)
