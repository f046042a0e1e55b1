#!/usr/bin/env python3
"""W27: where a guest may be spoken to is one address, told exactly. Nothing stands for
many, nothing is guessed: an address that is not one is a usage error, and nothing runs.
"""

import os
import signal
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from agent import Agent                 # noqa: E402
from guests import guest as compiled    # noqa: E402
from rows import end, row, same         # noqa: E402
from run import wask                    # noqa: E402

NONE = ["0.0.0.0/0:80", "127.0.0.1/8:80", "127.0.0.1/33:80", "[::/0]:80", "[::1]/128:80", "127.1:80", "127.0.0:80", "0x7f.0.0.1:80", "0177.0.0.1:80", "2130706433:80",
        "::1:80", "[::1:80", "::1]:80", "127.0.0.1", "127.0.0.1:", ":80", "80", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:80x", "127.0.0.1: 80", "127.0.0.1:8e1", "*:80",
        "256.0.0.1:80", "example.org:80", "127.0.0.1%lo:80", "[fe80::1%lo]:80", "", ":", "[]:80", "[:::1]:80", "127.0.0.1:80:80", "1" * 5000]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def reached(address, port):
    try:
        socket.create_connection((address, port), timeout=5).close()
        return True
    except OSError:
        return False


signal.alarm(120)
wrong = []
for where in NONE:
    result = wask("--ask=off", "--listen", where, compiled("agent"), stdin=b"0 fds\n")
    if result.status != 125 or result.out or result.err.count(b"\n") not in (1, 2):
        wrong.append(f"{where[:40]}: {result}")
row(not wrong, f"W27 {len(NONE)} addresses that are none: a usage error, and nothing runs", "\n".join(wrong))
port = free_port()
with Agent(["--ask=off", "--listen", f"127.0.0.1:{port}"]) as guest:
    row("stream" in guest.do("0 fds"), "W27 an address that is one is handed in")
    same("W27 it is reached there, and at no other address of the machine", [reached(a, port) for a in ("127.0.0.1", "127.0.0.2", "::1")], [True, False, False])
end()
