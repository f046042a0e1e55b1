"""wask run --broker: whole runs whose questions somebody else answers over a socket: well, badly, late, or never."""

import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from agent import Agent
from guests import content, guest
from rows import end, has, row, same
from run import B, LIMIT, ROOT, SANITIZED, WASK, Place, command, environment, wask

signal.alarm(240)       # what hangs, ends
CC = "clang-14" if "clang" in os.path.basename(B) else "gcc"
HELLO = {"type": "hello", "protocol": 1}


class Connection:
    """One run, from the broker's end."""

    def __init__(self, sock):
        self.sock, self.buffer = sock, b""
        sock.settimeout(LIMIT)

    def hear(self):
        """The next message; None: the run hung up."""
        while b"\n" not in self.buffer:
            try:
                got = self.sock.recv(65536)
            except ConnectionResetError:
                got = b""
            if not got:
                return None
            self.buffer += got
        line, self.buffer = self.buffer.split(b"\n", 1)
        return json.loads(line)

    def wait(self, kind):
        """The next message of that type."""
        while (message := self.hear()) and message["type"] != kind:
            pass
        return message

    def say(self, message):
        try:
            self.sock.sendall(message if isinstance(message, bytes) else json.dumps(message).encode() + b"\n")
        except OSError:
            pass        # the run hung up

    def answer(self, question, **how):
        self.say({"type": "answer", "id": question["id"], **how})

    def close(self):
        self.sock.close()


class Broker:
    """A socket in a place of its own."""

    def __init__(self, place):
        self.path = str(place / "broker.sock")
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.bind(self.path)
        self.sock.listen(64)
        self.sock.settimeout(LIMIT)
        self.open = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for connection in self.open:
            connection.close()
        self.sock.close()
        os.unlink(self.path)

    def accept(self, hello=HELLO):
        connection = Connection(self.sock.accept()[0])
        self.open.append(connection)
        connection.hello = connection.hear()
        connection.say(hello)
        return connection


class Run:
    """A guest that takes orders, and its broker's connection."""

    def __init__(self, place, broker, options=(), args=(), hello=HELLO):
        self.guest = Agent(["--broker", broker.path, *options], cwd=place.path, args=args)
        self.broker = broker.accept(hello)

    def reach(self, line):
        """Sends LINE, which is to be asked about: the question."""
        self.guest.send(line)
        self.line = line
        return self.broker.wait("ask")

    def said(self):
        return self.guest.answer(self.line)

    def close(self):
        result = self.guest.end()
        self.broker.close()
        return result


def conversation(p, broker):
    run = Run(p, broker, args=["a b\n", "x"])
    hello, path = run.broker.hello, str(p / "notes.txt")
    same("hello names the program, its bytes, arguments and place",
         [hello["type"], hello["protocol"], hello["program"], hello["args"], hello["cwd"], hello["chain"]],
         ["hello", 1, {"name": "agent.wasm", "sha256": hashlib.sha256(content(guest("agent"))).hexdigest()}, ["agent.wasm", "a b\\x0a", "x"], str(p.path), []])
    row(re.fullmatch("[0-9a-f]{32}", hello["run"]), "and the run by a random number", hello)
    question = run.reach("4 open rf notes.txt")
    need = question["needs"][0]
    same("a question: what is needed", {k: need[k] for k in ("kind", "access", "guest", "path", "call", "class", "exists", "filetype", "size", "reason")},
         {"kind": "file", "access": ["read"], "guest": path, "path": path, "call": "path_open", "class": "near", "exists": True, "filetype": "regular_file", "size": 5, "reason": None})
    same("and as the program spelled it", need["name"], "notes.txt")
    same("and the rule that each option is", [o["rules"] for o in question["options"] if o["id"] in ("run", "no")],
         [[f"allow read {path} for run"], [f"deny read {path} for run"]])
    same("kinds are the Agent Client Protocol's", {o["id"]: o["kind"] for o in question["options"]}["run"], "allow_once")
    run.broker.answer(question, option="run")
    has("answered: the same call goes on", run.said(), "ok file ok text")
    same("what the answer became is told", {k: v for k, v in run.broker.hear().items() if k != "grant"}, {"type": "grant", "rule": f"allow read {path} for run"})
    has("asked once", run.guest.do("4 open rf notes.txt"), "ok file ok text")
    question = run.reach("4 open wc made.txt")
    same("a new file: parent and name, nothing is there", [question["needs"][0][k] for k in ("path", "exists", "filetype", "size")], [str(p / "made.txt"), False, None, None])
    run.broker.answer(question, option="no")
    same("refused: the same call goes on", (run.said(), p.has("made.txt")), ("acces", False))
    result, last = run.guest.end(), run.broker.wait("end")
    row(result.status == 0, "the run ends as it would", result)
    same("and the broker is told how, with all needs", (last["status"], sorted((n["name"], n["outcome"], n["by"]) for n in last["needs"] if n["call"] == "path_open")),
         (0, [("made.txt", "denied", "broker"), ("notes.txt", "granted", "broker")]))
    same("then it hangs up", run.broker.hear(), None)


def bad_answers(p, broker):
    run = Run(p, broker)
    question = run.reach("4 open rf notes.txt")
    errors = []
    for how in ({"option": "nonsense"}, {"rules": ["allow everything"]}, {"rules": ["allow read,list /"]}, {}, {"option": "run", "rules": []}, {"values": ["x"]}):
        run.broker.answer(question, **how)
        errors.append(run.broker.hear())
    row(all(e["type"] == "error" and e["id"] == question["id"] and e["message"] for e in errors), "what cannot be given is said back, and the question stays open", errors)
    run.broker.say({"type": "answer", "id": "0" * 32, "option": "run"})
    run.broker.answer(question, rules=[f"allow read {p / 'notes.txt'}"])
    has("U28 an unknown id answers nothing; a rule of its own does", run.said(), "ok file ok text")
    question = run.reach("4 open rf two.txt")
    run.broker.answer(question, option="no")
    run.broker.answer(question, option="run")
    same("U28 the first answer counts, not the second", (run.said(), run.guest.do("4 open rf two.txt")), ("acces", "acces"))
    question = run.reach("4 open rf three.txt")
    run.broker.answer(question, rules=[])
    same("B25 an empty list of rules gives nothing", run.said(), "acces")
    row(run.close().status == 0, "and the run goes on to its end")


def broken(p, broker):
    first = ("4 open rf notes.txt", "4 open rf two.txt")
    rows = {
        "B01 half an answer, then the end": lambda c, q: c.say(json.dumps({"type": "answer", "id": q["id"], "option": "run"}).encode()[:-1]),
        "B01 garbage": lambda c, q: c.say(b"\x00\xff\n"),
        "B01 a line of 1 MiB": lambda c, q: c.say(b"x" * (1 << 20)),
        "B10 no, and in the same line yes": lambda c, q: c.say(f'{{"type":"answer","id":"{q["id"]}","option":"no","option":"run"}}\n'.encode()),
        "B10 a lone surrogate": lambda c, q: c.say(f'{{"type":"answer","id":"{q["id"]}","option":"run","x":"\\ud800"}}\n'.encode()),
        "B02 gone": lambda c, q: None,
    }
    for name, act in rows.items():
        run = Run(p, broker)
        question = run.reach(first[0])
        act(run.broker, question)
        run.broker.close()
        same(f"{name}: no, and no to every later one", (run.said(), run.guest.do(first[1])), ("acces", "acces"))
        result = run.guest.end()
        row(result.status == 0 and not result.hung, f"{name}: the run goes on to its end", result)


def swapped(p, broker):
    run = Run(p, broker)
    question = run.reach("4 open rf swap.txt")
    os.rename(p / "swap.txt", p / "was.txt")
    os.symlink(p / "private/key.pem", p / "swap.txt")
    run.broker.answer(question, option="run")
    said = run.said()
    row("secret" not in said, "U30 the name leads elsewhere by the time of the yes: not what is there now", said)
    run.close()


def ends(p, broker):
    run = Run(p, broker)
    run.reach("4 open rf notes.txt")
    os.kill(run.guest.worker(), signal.SIGKILL)
    said = [m["type"] for m in iter(run.broker.hear, None)]
    result = run.guest.end()
    same("worker killed while it is held: cancelled, and the end is told", (said, result.status), (["cancel", "end"], 128 + 9))
    run = Run(p, broker)
    run.reach("4 open rf notes.txt")
    os.kill(run.guest.monitor(), signal.SIGINT)
    said = [m["type"] for m in iter(run.broker.hear, None)]
    result = run.guest.end()
    same("Ctrl-C while it is held: death by SIGINT, the question cancelled", (said[0], result.status, result.signalled), ("cancel", 128 + 2, True))
    run = Run(p, broker)
    run.reach("4 open rf notes.txt")
    os.kill(run.guest.monitor(), signal.SIGKILL)
    same("monitor killed while it is held: the broker sees the end, the guest is gone", (run.broker.hear(), run.guest.end().out), (None, b""))


def times(p, broker):
    run = Run(p, broker, hello={**HELLO, "deadline_ms": 40})
    question = run.reach("4 open rf notes.txt")
    said, message = run.said(), run.broker.hear()
    same("not answered in its time: no, and cancelled", (said, message["type"], message["id"]), ("acces", "cancel", question["id"]))
    run.broker.answer(question, option="run")
    same("U28 too late is nothing", run.guest.do("4 open rf notes.txt"), "acces")
    run.close()


def several(p, broker):
    runs = [Run(p, broker) for _ in range(5)]
    questions = [run.reach("4 open rf notes.txt") for run in runs]
    same("five runs, five questions at once, each with its id", len({q["id"] for q in questions} | {r.broker.hello["run"] for r in runs}), 10)
    for i in (3, 0, 4, 1, 2):
        runs[i].broker.answer(questions[(i + 1) % 5], option="run")       # another run's
        runs[i].broker.answer(questions[i], option="no" if i % 2 else "run")
    same("B05 answered in another order: each its own, and none by another's id", [run.said().split(" ")[0] for run in runs], ["ok", "acces", "ok", "acces", "ok"])
    for run in runs:
        run.close()


def revoked(p, broker):
    run = Run(p, broker)
    run.broker.answer(run.reach("4 open rf notes.txt"), option="run")
    run.said()
    grant = run.broker.wait("grant")["grant"]
    run.broker.say({"type": "revoke", "grant": grant})
    same("a grant is taken back between calls, and that is told", run.broker.hear(), {"type": "change", "grant": grant, "what": "revoked"})
    run.broker.answer(run.reach("4 open rf notes.txt"), option="no")
    same("then it is asked again", run.said(), "acces")
    run.close()


def timed(p, broker):
    """--timeout and SIGTERM while a broker has a question: nobody waits for its answer."""
    for name, options, status, signalled in (("L03 --timeout", ["--timeout=500ms"], 124, None), ("SIGTERM", [], 128 + signal.SIGTERM, signal.SIGTERM)):
        run = Run(p, broker, options)
        run.reach("4 open rf notes.txt")
        if signalled:
            os.kill(run.guest.monitor(), signalled)
        heard = [message["type"] for message in iter(run.broker.hear, None)]
        row(set(heard) <= {"cancel", "end"}, f"{name} at a broker's question: it is told, and hung up", heard)
        result = run.guest.end()
        row(result.status == status and b"ok" not in result.out and (b"(--timeout)" in result.err) == (status == 124), f"{name} at a broker's question: {status}", result)


def refused(p, broker):
    argv = [WASK, "run", "--broker", broker.path, guest("agent")]
    for name, hello in (("another protocol", {**HELLO, "protocol": 2}), ("no hello", {"type": "answer"}), ("garbage", b"220 ready\n"), ("hangs up", None)):
        child = subprocess.Popen(argv, cwd=p.path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
        connection = Connection(broker.sock.accept()[0])
        connection.hear()
        if hello is not None:
            connection.say(hello)
        connection.close()
        out, err = child.communicate(b"4 open rf notes.txt\n", timeout=LIMIT)
        row(child.returncode == 125 and out == b"" and err.startswith(b"wask: the broker at "), f"{name}: 125, and nothing runs", (child.returncode, out, err))
    for name, path in (("no socket", p / "none"), ("a file", p / "notes.txt"), ("B09 an abstract name", "@broker")):
        result = wask("--broker", path, guest("agent"), cwd=p.path)
        row(result.status == 125 and result.out == b"" and b"broker" in result.err, f"{name}: 125, and nothing runs", result)
    result = wask("--ask=off", "--broker", broker.path, guest("agent"), cwd=p.path)
    row(result.status == 125 and b"--ask=off" in result.err, "--broker with --ask=off is a usage error", result)
    result = wask("--broker=", guest("agent"), cwd=p.path)
    row(result.status == 125, "--broker without a name is a usage error", result)


def example(p):
    with open(f"{ROOT}/examples/broker.c") as f:
        same("examples/broker.c: under 200 lines", sum(1 for _ in f) < 200, True)
    sanitize = ["-fsanitize=address,undefined", "-no-pie"] if SANITIZED else []
    made = subprocess.run([CC, "-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", *sanitize, f"{ROOT}/examples/broker.c", "-ljansson", "-o", p / "broker"],
                          capture_output=True, text=True)
    if not row(made.returncode == 0 and made.stderr == "", "it compiles", made.stderr):
        return
    with open(p / "policy", "w") as f:
        f.write(f"allow {p.path}/\ndeny {p.path}/two.txt\n")
    child = subprocess.Popen([p / "broker", p / "sock", p / "policy"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    same("it says when it is ready", child.stdout.readline(), "ready\n")
    result = command([WASK, "run", "--broker", p / "sock", guest("agent")], cwd=p.path, stdin=b"4 open rf notes.txt\n4 open rf two.txt\n")
    row(b"notes.txt: ok file ok text" in result.out and b"two.txt: acces" in result.out and result.status == 0, "it answers as its policy says", result)
    same("and shows what it gave", [child.stdout.readline() for _ in range(2)], [f"agent.wasm: allow read {p / 'notes.txt'} for run\n", "agent.wasm: ended with 0\n"])
    child.terminate()
    child.communicate()


FILES = {"notes.txt": b"text\n", "two.txt": b"two\n", "three.txt": b"3\n", "swap.txt": b"was\n", "private": None, "private/key.pem": b"secret\n"}
for test in (conversation, bad_answers, broken, swapped, ends, times, several, revoked, timed, refused):
    with Place(FILES, dir="/var/tmp") as place, Broker(place) as served:
        test(place, served)
with Place(FILES, dir="/var/tmp") as place:
    example(place)
end()
