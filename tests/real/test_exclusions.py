#!/usr/bin/env python3
"""Exclusions (decisions.md 4.8): a program that was given its whole home, and what of
it that does not cover: secrets, by any path, link, descriptor, listing and rename.

With nobody there, with somebody who says no and yes, and with --ask=off (I7).
"""

import os
import socket
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from agent import Agent                     # noqa: E402
from asked import Asked                     # noqa: E402
from guests import guest                    # noqa: E402
from rows import end, row, same             # noqa: E402
from run import Place, environment          # noqa: E402

SECRET = b"the secret\n"
TREE = {
    ".ssh/id": SECRET, ".ssh/config": SECRET, ".aws/credentials": SECRET, ".netrc": SECRET, ".config/gh/hosts.yml": SECRET, ".config/app/x": b"x",
    ".bashrc": b"rc", ".cargo/registry/x": b"x", "bin/tool": b"tool",
    "p/a.txt": b"a", "p/.env": SECRET, "p/.env.local": SECRET, "p/.env.example": b"example", "p/id_rsa": SECRET, "p/x.pem": SECRET, "p/X.KEY": SECRET,
    "p/cacert.pem": b"ca", "p/sub/y.pem": SECRET, "p/sub/b.txt": b"b", "p/.git/HEAD": b"ref", "p/.git/hooks/pre": b"hook", "p/.github/workflows/w": b"w",
    "l/ssh": ("../.ssh",), "l/key": ("../.ssh/id",), "l/env": ("../p/.env",), "l/p": ("../p",), "l/two": ("ssh",), "l/a": ("../p/a.txt",), "l/new": ("../p/made",),
    "l/hooks": ("../p/.git/hooks",), "l/up": ("..",), "lp": ("p",), "lssh": (".ssh",), "lconfig": (".config",),
}

# Nothing of this is there, whoever looks, reads or lists.
NOT_THERE = [
    "p/.env", "p/.env.local", "p/id_rsa", "p/x.pem", "p/X.KEY", "p/sub/y.pem", ".netrc", ".ssh/id", ".ssh/absent", ".SSH/id", ".aws/credentials", ".config/gh/hosts.yml",
    "./p//.env", "p/../p/.env", "p/sub/../.env", "p/sub/../../.ssh/id", ".config/app/../gh/hosts.yml", ".ssh/../p/a.txt", ".pki/../p/a.txt", "p/../.aws/x/../../p/a.txt",
    "l/ssh/id", "l/ssh/absent", "l/key", "l/env", "l/p/.env", "l/p/sub/y.pem", "l/two/id", "l/up/.ssh/id", "l/p/../.ssh/id", "lp/x.pem", "lp/sub/../id_rsa", "lssh/id", "lconfig/gh/hosts.yml",
]
LOOKS = ["stat {}", "open rf {}", "open rdf {}", "open rwf {}"]
THERE = ["p/a.txt", "p/.env.example", "p/cacert.pem", "p/sub/b.txt", ".bashrc", "bin/tool", ".config/app/x", "p/.git/HEAD", "p/.git/hooks/pre", "p/../p/a.txt",
         "l/p/a.txt", "l/a", "l/p/sub/../a.txt", "lp/a.txt", "lp/../p/sub/b.txt", "l/up/p/a.txt", "lconfig/app/x", "l/hooks/pre", ".cargo/registry/x"]

# Each is refused, and nothing happens. {} before a name: where home is.
CHANGES = [
    "open wcx {}.ssh/new", "open wc {}p/.env", "open wct {}p/.env", "open wcx {}p/new.pem", "open wc {}l/p/new.pem", "open wc {}p/sub/../new.pem", "open wc {}lssh/new", "open wcf {}l/env",
    "mkdir {}.gnupg", "mkdir {}p/.husky", "mkdir {}l/p/x.key", "unlink {}p/.env", "unlink {}lp/x.pem", "rmdir {}.ssh", "rmdir {}lssh/", "times {}p/.env", "times {}l/key",
    "symlink x {}.gnupg", "symlink x {}p/.env.y", "symlink ../p {}.local", "symlink x {}p/.git/config",
    "link {}p/.env {}taken", "link {}p/a.txt {}p/b.pem", "link {}.bashrc {}taken", "link {}.ssh/id {}p/taken", "link {}p/.git/hooks/pre {}taken", "link {}lssh/id {}taken",
    "rename {}p/.env {}taken", "rename {}p/a.txt {}p/a.pem", "rename {}lp/.env {}taken", "rename {}p/a.txt {}.netrc", "rename {}p {}.ssh", "rename {}.ssh {}taken", "rename {}lssh/id {}taken",
    "rename {}.config {}taken", "rename {}.cargo {}taken", "rename {}lconfig/gh {}taken", "rename {}p/sub {}.local", "rename {}p/.git {}taken", "rename {}p/.git/hooks {}taken", "rename {}p {}p.git/../.github",
    "rename {}p/sub {}p/.vscode", "rmdir {}.config",
    "open wf {}.bashrc", "open wc {}bin/evil", "open wct {}bin/tool", "unlink {}bin/tool", "rename {}bin {}taken", "open wc {}p/.git/hooks/evil", "open wc {}l/hooks/evil", "open wc {}l/p/.git/config",
    "times {}p/.git", "times {}.bashrc", "open w {}p/.github/workflows/w",
]


class Home(Place):
    """A home, with a socket in it."""

    def __init__(self):
        super().__init__(TREE, dir="/var/tmp")
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(self / "p/agent.sock")

    def env(self):
        return environment(HOME=self.path)

    def agent(self, *options, **more):
        return Agent(["--cache", os.environ.get("XDG_CACHE_HOME", "/var/tmp") + "/wask", *options], cwd="/", env=self.env(), **more)


def listed(answer):
    words = answer.split(" ")
    return sorted(words[1:]) if words[0] == "ok" else answer


LISTINGS = {
    ".": [".", "..", ".bashrc", ".cargo", ".config", "bin", "l", "lconfig", "lp", "p"],
    "p": [".", "..", ".env.example", ".git", ".github", "a.txt", "cacert.pem", "sub"],
    "l": [".", "..", "a", "hooks", "new", "p", "up"],
    "p/sub": [".", "..", "b.txt"],
    ".config": [".", "..", "app"],
    "l/p": [".", "..", ".env.example", ".git", ".github", "a.txt", "cacert.pem", "sub"],
    "p/../p/sub": [".", "..", "b.txt"],
    "p/.git": [".", "..", "HEAD", "hooks"],
}


def nobody():
    with Home() as home, home.agent("--ask=never", "--dir", home.path) as g:
        at = home.path[1:] + "/"
        before = home.snapshot()
        for name in NOT_THERE:
            wrong = [f"{op.format(name)}: {answer}" for op in LOOKS for answer in [g.do("3 " + op.format(at + name))] if answer != "noent"]
            row(not wrong, f"4.8 not there: {name}", "\n".join(wrong))
        for name in THERE:
            answer = g.do(f"3 open rf {at}{name}")
            row(answer.startswith("ok file ok "), f"4.8 as given: {name}", answer)
        for change in CHANGES:
            answer = g.do("3 " + change.format(at, at))
            row(answer.split(" ")[0] in ("acces", "noent", "exist", "notdir"), f"4.8 refused: {change.format('~/', '~/')}", answer)
        same("4.8 nothing of all that happened", home.snapshot(), before)
        for name, want in LISTINGS.items():
            same(f"4.8 a listing of {name}", listed(g.do(f"3 list {at}{name}")), want)
        row(g.do(f"3 stat {at}p/agent.sock") == "noent", "10 a socket is a secret")
        row(g.do(f"3 list {at}.ssh") == "noent" and g.do(f"3 list {at}lssh") == "noent", "4.8 no listing of a secret directory, by its name or through a link")
        row(g.do(f"3 readlink {at}lssh") == "ok .ssh", "P14 a link to a secret is a link: its text says nothing that it does not say")
        row(g.do(f"3 open wcf {at}l/new").startswith("ok") and home.has("p/made"), "4.7 what a link leads to that is no secret is made there")


# What a guest makes in a directory of its own to find out whether dd.key, dd.key/in and .env are there, and l.key, a link.
LINKS = {
    "D": "dd.key", "M": "dd.key/../n", "E": "D/../n", "F": "D/in", "L": ".env", "S": ".env/", "U": "sub/../.env", "V": "dd.key/../sub/..", "W": "dd.key/in", "T": "L", "Q": "F",
    "G": "l.key", "H": "l.key/b", "J": "l.key/../n", "N": "dd.key/../L", "A": "dd.key/../absent", "sub/D": "../dd.key", "sub/L": "../.env", "sub/M": "../dd.key/../n", "sub/E": "D/../n", "P": "sub", "O": "sub/E",
}
THROUGH = [*LINKS, "L/", "D/", "D/.", "D/..", "D/../n", "D/../absent", "D/in", "D/in/..", "D/x/../../n", "L/..", "L/../n", "E/", "M/..", "V/n", "T/", "T/..", "P/D/../n", "P/L", "P/L/", "P/M", "P/E", "G/b", "G/../n", "P/../H",
           "sub/D/..", "sub/../D/../n", "P/../D/../n", "dd.key/../n", "dd.key/../../p/n", "sub/../dd.key/../../p/n", "../p/D/../n", "../p/dd.key/../n", ".env/../../p/n"]
ASKED = ["stat {}", "lstat {}", "open rf {}", "open r {}", "open rdf {}", "open f {}", "readlink {}", "list {}", "times {}", "open wcx {}", "open wc {}", "open wcf {}", "open wf {}", "mkdir {}", "symlink x {}",
         "link {} taken", "link a.txt {}", "rename {} {}", "rmdir {}/in"]


def trace(secret, *options):
    """All that a guest is told, from fd 4, fd 3 and an opened directory, with and without secrets there; it is stopped at nothing it could undo."""
    with Place({"p/n": b"n", "p/a.txt": b"a", "p/sub/b": b"b"}, dir="/var/tmp") as place:
        if secret:
            place.fill({"p/dd.key/in": SECRET, "p/.env": SECRET, "p/l.key": ("sub",)})
        with Agent(["--cache", os.environ.get("XDG_CACHE_HOME", "/var/tmp") + "/wask", *options, "--dir", place / "p"], cwd=place.path, env=environment(HOME="/nowhere")) as g:
            said = {}
            for name, to in LINKS.items():
                said[f"symlink {to} {name}"] = g.do(f"4 symlink {to} p/{name}")
            opened = g.do("4 open kdf p").split(" ")[1]
            ways = [("4", "p/"), ("3", f"{place.path[1:]}/p/"), (opened, "")]
            for fd, at in ways:
                for line in [op.replace("{}", name) for name in THROUGH for op in ASKED]:
                    words = line.split(" ")
                    names = [i for i in range(1, len(words)) if i == len(words) - 1 or words[0] in ("link", "rename")]
                    for i in names:
                        words[i] = at + words[i]
                    shown = f"{'an opened directory' if fd == opened else 'fd ' + fd}: {line}"
                    said[shown] = g.do(f"{fd} {' '.join(words)}")
                    for name in ("n", "absent"):        # what was written or made through a link goes back to what it was
                        if os.path.isfile(place / f"p/{name}"):
                            os.unlink(place / f"p/{name}")
                    place.write("p/n", b"n")
                for name in (".", "sub", "P", "D", "V"):
                    said[f"{fd} list {name}"] = listed(g.do(f"{fd} list {at}{name}"))
        return said


def untold():
    """Whether a secret is there shows in no answer, whatever leads through its name."""
    for options in (["--ask=never"], []):
        there, absent = trace(True, *options), trace(False, *options)
        wrong = [f"{line}: {there[line]}, without the secret {absent[line]}" for line in there if there[line] != absent[line]]
        row(not wrong, f"I1 {len(there)} answers through links and \"..\" are the same with and without the secret, {' '.join(options) or 'asking'}", f"{len(wrong)}\n" + "\n".join(wrong[:60]))
        ok = sum(str(answer).startswith(("ok", "[")) for answer in there.values())
        row(ok > 100, "I1 and many of them are about what is given", str(ok))


def descriptors():
    """What is opened stays what it is; names from it are judged by where it is."""
    with Home() as home, home.agent("--ask=never", "--dir", home.path) as g:
        at = home.path[1:] + "/"

        def opened(name):
            return int(g.do(f"3 open kdf {at}{name}").split(" ")[1])

        for directory in ("p", "lp", "l/p", "p/../p"):
            d = opened(directory)
            for name in (".env", "sub/y.pem", "sub/../x.pem", "../.ssh/id", "id_rsa"):
                answer = g.do(f"{d} open rf {name}")
                row(answer == "noent", f"4.8 from a descriptor of {directory}: {name}", answer)
            for name in ("a.txt", "sub/b.txt", "sub/../a.txt", "../bin/tool"):
                answer = g.do(f"{d} open rf {name}")
                row(answer.startswith("ok file"), f"4.8 as given, from a descriptor of {directory}: {name}", answer)
            same(f"4.8 a listing of a descriptor of {directory}", listed(g.do(f"{d} readdir")), LISTINGS["p"])
        d, b, c = opened("p/.git"), opened("bin"), opened(".config")
        for line in (f"{d} open wc hooks/evil", f"{d} open wc config", f"{d} ftimes", f"{d} times .", f"{b} open wc evil", f"{b} open wf tool", f"{b} unlink tool", f"{b} ftimes",
                     f"{c} rename app gcloud", f"{c} mkdir rclone", f"{c} rename gh taken", f"{b} rename tool t"):
            answer = g.do(line)
            row(answer.split(" ")[0] in ("acces", "noent", "notcapable"), f"4.8 from a descriptor of .git, bin, .config: {line[2:]}", answer)
        row(g.do(f"{d} open wc x").startswith("ok"), "4.8 .git itself is not to be changed; in it all but hooks and config is given")
        d = opened("p/sub")
        row(g.do(f"3 rename {at}p/sub {at}p/moved") == "ok", "a directory is moved while it is open")
        row(g.do(f"{d} open rf y.pem") == "noent", "4.8 and a secret in it stays one")
        row(g.do(f"{d} open rf b.txt").startswith("ok file"), "4.8 and what is no secret is given")
        os.rename(home / "p/moved", home / ".ssh/moved")
        row(g.do(f"{d} open rf ../id") != "ok file ok the%20secret%0a", "4.8 \"..\" of a directory that somebody moved among the secrets leads to none of them")


def read_only_file():
    """A file that only changing is secret, opened to be read: the descriptor changes nothing either."""
    with Home() as home, home.agent("--ask=never", "--dir", home.path) as g:
        fd = int(g.do(f"3 open krf {home.path[1:]}/.bashrc").split(" ")[1])
        for op in ("ftimes", "size 0", "allocate 9"):
            answer = g.do(f"{fd} {op}")
            row(not answer.startswith("ok"), f"4.8 .bashrc, opened to be read: {op}", answer)
        same("4.8 .bashrc is as it was", (home.read(".bashrc"), int(os.stat(home / ".bashrc").st_mtime)), (b"rc", Place.STAMP))


def secrets_given():
    """A directory that is a secret itself is given whole; a second grant gives what the first leaves out."""
    with Home() as home, home.agent("--ask=never", "--dir", home.path, "--dir", home / ".ssh", "--dir", home / "p/.git") as g:
        at = home.path[1:] + "/"
        row(g.do(f"3 open rf {at}.ssh/id").startswith("ok file"), "4.8 --dir ~/.ssh: what is in it is given")
        row(g.do(f"3 open wcx {at}.ssh/new").startswith("ok file"), "4.8 --dir ~/.ssh: also to be made")
        same("4.8 --dir ~/.ssh: and listed", listed(g.do(f"3 list {at}.ssh")), [".", "..", "config", "id", "new"])
        row(g.do(f"3 open wc {at}p/.git/hooks/x").startswith("ok file"), "4.8 --dir p/.git: hooks too")
        row(g.do(f"3 open rf {at}p/.env") == "noent", "4.8 and elsewhere it is as it was")


def private_tmp():
    with Home() as home, home.agent("--ask=never", "--dir", home.path) as g:
        row(g.do("3 open wcx tmp/x.pem").startswith("ok") and g.do("3 open rf tmp/x.pem").startswith("ok") and "x.pem" in g.do("3 list tmp"), "4.8 in the private /tmp no name is a secret")


def named():
    """A secret that an argument names asks; a listing shows it, and no other."""
    with Home() as home, home.agent("--ask=never", "--dir", home.path, args=[home / "p/x.pem"]) as g:
        same("4.8 a listing shows a secret that is named", listed(g.do(f"3 list {home.path[1:]}/p")), sorted([*LISTINGS["p"], "x.pem"]))
        row(g.do(f"3 stat {home.path[1:]}/p/x.pem").startswith("ok file"), "6 and a look says what it is")
        row(g.do(f"3 open rf {home.path[1:]}/p/x.pem") == "acces", "6 reading it would be asked")
    with Home() as home, home.agent("--ask=never", "--dir", home.path, args=[home / "p/sub"]) as g:
        same("4.8 what lies beneath a directory that is named, too", listed(g.do(f"3 list {home.path[1:]}/p/sub")), [".", "..", "b.txt", "y.pem"])


def somebody(word):
    """Somebody is there; each line is asked about once, and its outcome is theirs."""
    asks = ["3 open wcx {}p/new.pem", "3 open wf {}.bashrc", "3 mkdir {}p/.husky", "3 rename {}p/a.txt {}p/a.pem", "3 rename {}.cargo {}moved", "3 open wc {}p/.git/config"]
    silent = ["3 open rf {}p/.env", "3 stat {}.ssh", "3 list {}lssh", "3 open rf {}p/a.txt" if word == "n" else "3 open rf {}p/sub/b.txt"]
    with Home() as home, tempfile.TemporaryFile() as script, tempfile.TemporaryFile() as said:
        at = home.path[1:] + "/"
        script.write("".join(line.format(at, at) + "\n" for line in [*asks, *silent]).encode())
        script.seek(0)
        with Asked(["--dir", home.path], guest("agent"), env=environment(HOME=home.path, TERM="xterm", XDG_CACHE_HOME=os.environ.get("XDG_CACHE_HOME", "/var/tmp")),
                   cwd="/", stdin=script.fileno(), stdout=said.fileno(), stderr=None) as run:
            questions = []
            while (text := run.question()):
                questions.append(text)
                run.answer("run" if word == "y" and "type run" in text else word)      # a secret is not given by a letter
            run.exit_status()
        said.seek(0)
        answers = [line.decode().split(": ", 1)[1].strip() for line in said.readlines()]
        row(len(questions) == len(asks), f"4.8 asked about each change of a secret once, and about nothing else; they say {word}", f"{len(questions)}:\n" + "\n".join(questions))
        for line, answer in zip(asks, answers):
            row(answer.startswith("ok") if word == "y" else answer in ("acces", "noent"), f"4.8 they say {word}: {line.format('~/', '~/')}", answer)
        same(f"4.8 what is not asked about, they say {word}", [a.split(" ")[0] for a in answers[len(asks):]], ["noent", "noent", "noent", "ok"])
        done = [home.has("p/new.pem"), home.has("p/.husky"), home.has("p/a.pem"), home.has("moved"), home.read(".bashrc") != b"rc"]
        same(f"4.8 and it was done, or not; they say {word}", done, [word == "y"] * 5)


def off():
    with Home() as home, home.agent("--ask=off", "--dir", home.path) as g:
        for name in NOT_THERE:
            if name.endswith("a.txt"):
                continue
            want = "noent" if name.endswith("absent") or name == ".SSH/id" else "ok file ok the%20secret%0a"
            same(f"I7 --ask=off: {name}", g.do(f"3 open rf {name}"), want)
        same("I7 --ask=off: a listing has all", set(listed(g.do("3 list p"))), {".", "..", *os.listdir(home / "p")})
        row(g.do("3 open wcx p/new.pem").startswith("ok") and g.do("3 rename .cargo moved") == "ok" and g.do("3 link .ssh/id taken") == "ok", "I7 --ask=off: and may be changed")
        row(g.do("3 rename .config taken") == "acces", "I9 --ask=off: but what stands above our own is not moved")


nobody()
untold()
descriptors()
read_only_file()
secrets_given()
private_tmp()
named()
somebody("n")
somebody("y")
off()
end()
