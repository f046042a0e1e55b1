"""What the bench prints and keeps: tables of ratios, and each promised limit, ok or MISSED."""

import os
import platform
import statistics
import time

from hosts import OURS

DATA = ("pread", "write", "printf", "clock", "random")          # rows that need no path
PROCESS = ("hello, warm", "rg --version, warm")
ENGINE = ("CPU-bound program", "cold compile of CPython")
BEYOND = ("through a link", "through ..")                       # rows that may be behind a peer
NOISE = 1.05

PLAIN = ("open+close 1 deep", "open+close 4 deep", "stat 1 deep", "stat 4 deep",
         "readdir of 2,000", "readdir of 20,000", "create+rename+unlink", "mkdir+rmdir")
MISSES = ("open miss 1 deep", "open miss 4 deep", "stat miss 1 deep", "stat miss 4 deep")
OFF_LIMITS = (
    ("open+close 1 deep", 2), ("open+close 4 deep", 2), ("open miss 1 deep", 2), ("open miss 4 deep", 2),
    ("stat 1 deep", 2), ("stat miss 1 deep", 2), ("stat miss 4 deep", 2), ("stat 4 deep", 3), ("create+rename+unlink", 2),
    ("readdir of 2,000", 1.3), ("readdir of 20,000", 1.3), ("pread 64 B", 1.7), ("write 64 B", 1.7), ("writev 2x32 B", 1.7),
    ("pread 64 KiB", 1.15), ("printf line to a file", 2), ("printf line to a pipe", 2), ("printf line at once to a file", 2), ("printf line at once to a pipe", 2),
    ("clock", 2.5),
)


class Report:
    def __init__(self, bench, memory):
        self.ns, self.faults, self.escapes = bench.ns, bench.faults, bench.escapes
        self.table, self.hosts, self.memory = list(bench.table), bench.hosts, memory
        self.rows = list(dict.fromkeys(row for row, _ in self.ns))
        self.lines = []

    def say(self, *lines):
        self.lines.extend(lines)

    def grid(self, head, rows):
        self.say("", "| " + " | ".join(head) + " |", "|---" + "|--:" * (len(head) - 1) + "|")
        self.say(*("| " + " | ".join(row) + " |" for row in rows))

    def ratio(self, row, host, to="native"):
        if (row, host) not in self.ns or (row, to) not in self.ns:
            return None
        return self.ns[row, host] / self.ns[row, to]

    # ---- who counts ----

    def needs_path(self, row):
        return row not in PROCESS + ENGINE and not row.startswith(DATA)

    def counts(self, row, host):
        """Whether HOST is a peer that does the job of ROW correctly."""
        if host == "native" or host in OURS or (row, host) not in self.ns or (row, host) in self.faults:
            return False
        if row in PROCESS:
            return all((one, host) in self.ns for one in PROCESS)
        return not self.needs_path(row) or self.escapes[host] == []

    def best_peer(self, row):
        peers = [host for host in self.table if self.counts(row, host)]
        return min(peers, key=lambda host: self.ns[row, host]) if peers else None

    # ---- tables ----

    def cell(self, row, host):
        ratio = self.ratio(row, host)
        if ratio is None:
            return "-"
        fault = self.faults.get((row, host))
        mark = f" ({fault})" if fault else "*" if self.needs_path(row) and self.escapes[host] else ""
        return f"{ratio:.2f}{mark}"

    def calls_table(self):
        hosts = [host for host in self.table if host != "native" and ("clock", host) in self.ns]
        rows = [row for row in self.rows if (row, "native") in self.ns and (row, "wask") in self.ns
                and row not in PROCESS and row != "CPU-bound program"]
        self.say("", "## Calls: time beside the native build", "",
                 "Best of all rounds. `*`: the escape guest got out of this host, so it does less for a path and does not count.",
                 "(short): it wrote only the first of two pieces. printf line: nearly all of it is the guest's own printf, wasi-libc's",
                 "as the host's compiler made it, beside glibc's; at once: flushed, one write a line.")
        self.grid(["row", "native ns", *hosts], [[row, f"{self.ns[row, 'native']:,.0f}", *(self.cell(row, host) for host in hosts)] for row in rows])

    def process_table(self):
        rows = [row for row in (*PROCESS, *ENGINE) if (row, "wask off") in self.ns]
        hosts = [host for host in self.table if any((row, host) in self.ns for row in rows)]
        self.say("", "## Whole programs: milliseconds", "",
                 "Medians; of the last two rows the best (the CPU-bound program times itself). Warm: with the cache of compiled code of each that has one;",
                 "node has none, wamr runs what was compiled beforehand. A native program that does nothing at all: "
                 f"{self.ns['empty static C', 'native'] / 1e6:.2f} ms.")
        self.grid(["row", *hosts], [[row, *(f"{self.ns[row, host] / 1e6:,.2f}" if (row, host) in self.ns else "-" for host in hosts)] for row in rows])

    def memory_table(self):
        names = {"peak hello": "hello: peak of its larger process", "peak rg": "rg --version: peak of its larger process",
                 "waiting": "hello, waiting: all its processes' share (PSS)"}
        hosts = [host for host in self.table if any(host in self.memory[name] for name in names)]
        self.say("", "## Memory: KiB")
        self.grid(["", *hosts], [[what, *(f"{self.memory[name][host]:,}" if host in self.memory[name] else "-" for host in hosts)] for name, what in names.items()])
        self.grid(["ten million calls", "before", "after"],
                  [[f"{host}: KiB, descriptors", *("{:,}, {}".format(*one) for one in seen)] for host, seen in self.memory["calls"].items()])

    def versions(self):
        with open("/proc/cpuinfo") as lines:
            cpu = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())
        self.say("# Results of `make bench`", "", f"{time.strftime('%Y-%m-%d %H:%M')}, Linux {platform.release()}, {cpu}, {os.cpu_count()} cores, tmpfs.", "")
        for host, version in self.hosts.versions.items():
            escapes = self.escapes[host]
            fate = "no way to give a directory" if escapes is None else f"the escape guest gets out by {', '.join(escapes)}" if escapes else "no escape"
            self.say(f"- **{host}**: {version}" + ("" if host == "native" else f"; {fate}"))
        self.say(*(f"- {note}" for note in self.hosts.notes))

    # ---- limits ----

    def limit(self, what, value, most, form="{:.2f}"):
        if value is None:
            return [what, "-", form.format(most), "not measured"]
        return [what, form.format(value), form.format(most), "ok" if value <= most else "MISSED"]

    def off_limits(self):
        for row, most in OFF_LIMITS:
            yield self.limit(f"off: {row}", self.ratio(row, "wask off"), most)
        yield self.limit("off: random 16 B, ns", self.ns.get(("random 16 B", "wask off")), 60, "{:.0f}")
        for host in OURS:
            yield self.limit(f"{host}: readdir of 20,000 to that of 2,000, both to native",
                             self.ratio("readdir of 20,000", host) / self.ratio("readdir of 2,000", host), 1.2)

    def ask_limits(self):
        for row in PLAIN:
            yield self.limit(f"asking, to off: {row}", self.ratio(row, "wask", "wask off"), 1.1)
        for row in MISSES:
            yield self.limit(f"asking: {row}", self.ratio(row, "wask"), 3)
        for row in self.rows:
            if row.endswith(", absolute"):
                yield self.limit(f"asking: {row}", self.ratio(row, "wask"), 3)
            if row.endswith(BEYOND):
                yield self.limit(f"asking: {row}", self.ratio(row, "wask"), 5)

    def peer_limits(self):
        for host in OURS:
            behind = [f"{row} ({best} {self.ratio(row, host, best):.2f})" for row in self.rows if (row, host) in self.ns
                      and row not in ENGINE and not row.endswith(BEYOND)
                      for best in [self.best_peer(row)] if best and self.ratio(row, host, best) > NOISE]
            yield [f"{host}: rows behind the best peer", "; ".join(behind) or "none", "none", "MISSED" if behind else "ok"]
            gains = [self.ratio(row, "wasmtime", host) for row in self.rows if row not in ENGINE]
            gains = [gain for gain in gains if gain is not None]
            median = statistics.median(gains) if gains else 0
            yield [f"{host}: median gain over wasmtime's CLI, {len(gains)} rows", f"{median:.2f}", "1.50 or more", "ok" if median >= 1.5 else "MISSED"]
            yield self.limit(f"{host}: hello, warm, to wasmtime", self.ratio("hello, warm", host, "wasmtime"), 0.5)
        for row in ENGINE:
            yield self.limit(f"{row}, to wasmtime 48", self.ratio(row, "wask off", "wasmtime 48"), 1.05)
        for host, (before, after) in self.memory["calls"].items():
            yield self.limit(f"{host}: ten million calls, KiB more", after[0] - before[0], 64, "{:.0f}")
            yield self.limit(f"{host}: ten million calls, descriptors more", after[1] - before[1], 0, "{:.0f}")

    def limits_table(self):
        rows = [row for part in (self.off_limits(), self.ask_limits(), self.peer_limits()) for row in part]
        self.say("", "## Limits", "", f"{sum(row[3] == 'ok' for row in rows)} of {len(rows)} kept. "
                 f"Ratios to the native build where nothing else is said; behind a peer is more than {NOISE:.2f} of its time.")
        self.grid(["limit", "measured", "at most", ""], rows)

    def worst(self):
        rows = [(self.ratio(row, host), row, host) for row in self.rows for host in OURS if row not in PROCESS and self.ratio(row, host)]
        self.say("", "The five worst: " + "; ".join(f"{row} on {host} {ratio:.2f}" for ratio, row, host in sorted(rows, reverse=True)[:5]) + ".")


def text(bench, memory):
    report = Report(bench, memory)
    report.versions()
    report.calls_table()
    report.worst()
    report.process_table()
    report.memory_table()
    report.limits_table()
    return "\n".join(report.lines) + "\n"
