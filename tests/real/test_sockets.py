#!/usr/bin/env python3
"""--listen: a real program finds the socket, and real TCP clients talk to it."""

import os
import selectors
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from agent import Agent                 # noqa: E402
from guests import guest                # noqa: E402
from rows import end, has, row, same    # noqa: E402
from run import Place                   # noqa: E402

MODES = {"off": (["--ask=off"], 3), "off, a directory": (["--ask=off", "--dir", "."], 4), "asking": ([], 5), "asking, a directory": (["--dir", "."], 5)}
LOOPBACK = {"127.0.0.1": socket.AF_INET, "::1": socket.AF_INET6}
LONG = 30


def free_port(host):
    with socket.socket(LOOPBACK[host]) as s:
        s.bind((host, 0))
        return s.getsockname()[1]


def has_loopback(host):
    try:
        free_port(host)
        return True
    except OSError:
        return False


def client(where):
    return socket.create_connection(where, timeout=LONG)


def all_of(s):
    """Until the other side is done."""
    got = b""
    while piece := s.recv(65536):
        got += piece
    return got


def talk_through(s, data):
    """Sends all and reads all, both at once: neither side can wait for the other for ever."""
    s.setblocking(False)
    got, sent = b"", 0
    with selectors.DefaultSelector() as selector:
        selector.register(s, selectors.EVENT_READ | selectors.EVENT_WRITE)
        while True:
            for _, events in selector.select(LONG):
                if events & selectors.EVENT_READ:
                    piece = s.recv(65536)
                    if not piece:
                        return got
                    got += piece
                if events & selectors.EVENT_WRITE and sent < len(data):
                    sent += s.send(data[sent:sent + 65536])
                    if sent == len(data):
                        s.shutdown(socket.SHUT_WR)
                        selector.modify(s, selectors.EVENT_READ)


def line_after(g, wanted):
    """Reads what the guest says up to that line."""
    while line := g.child.stdout.readline():
        if line == wanted:
            return True
        g.said = getattr(g, "said", b"") + line
    return False


def served(mode, options, number, host):
    where = (host, free_port(host))
    spelled = f"[{host}]:{where[1]}" if ":" in host else f"{host}:{where[1]}"
    what = f"{mode}, {host}"
    data = os.urandom(300_000)
    with Place() as p, Agent(cwd=p.path, module=guest("server"), options=["--listen", spelled, *options]) as g:
        same(f"{what}: the first socket after the preopens", g.child.stdout.readline(), b"listening on %d\n" % number)
        with client(where) as s:
            row(talk_through(s, data) == data, f"{what}: sock_recv and sock_send, 300,000 bytes there and back")
        with client(where) as s:
            row(line_after(g, b"waits\n"), f"{what}: a connection that does not wait says so")
            s.sendall(b"one")
            first = s.recv(3)
            s.sendall(b"two")
            s.shutdown(socket.SHUT_WR)
            same(f"{what}: fd_read, fd_write and poll_oneoff, without waiting", first + all_of(s), b"onetwo")
        with client(where) as s:
            same(f"{what}: what the guest says before it shuts down its half", all_of(s), b"hello\n")
            s.sendall(b"and you")
        result = g.end()
        has(f"{what}: what the guest saw", (g.said + result.out).decode(), "echo: ok 300000 bytes", "polled: ok 6 bytes, it waited: 1",
            "greet: ok, shutdown ok, write after it pipe, heard ok and you", "nobody else: again", "a listener is not read: 1")
        same(f"{what}: status", result.status, 0)


def none_handed_in():
    with Place() as p, Agent(cwd=p.path, module=guest("server"), options=[]) as g:
        same("without --listen: no socket", g.end().out, b"no socket\n")


def two():
    ports = [free_port("127.0.0.1"), free_port("127.0.0.1")]
    options = [word for port in ports for word in ("--listen", f"127.0.0.1:{port}")]
    with Place() as p, Agent(cwd=p.path, options=["--ask=off", *options]) as g:
        has("two sockets: both are there, in their order", g.do("0 fds"), "stream")
        for number in (3, 4):
            has(f"descriptor {number} is a stream", g.do(f"{number} fdstat"), "ok stream")
        has("and no third", g.do("5 fdstat"), "badf")
        for port in ports:
            client(("127.0.0.1", port)).close()
        row(True, "both take connections")


for host in filter(has_loopback, LOOPBACK):
    for mode, (options, number) in MODES.items():
        served(mode, options, number, host)
none_handed_in()
two()
end()
