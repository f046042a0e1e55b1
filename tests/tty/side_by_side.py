"""side_by_side - groups of rows at the same time, because most of what they do is wait."""

import os
import sys
import tempfile
import traceback

import rows


def _child(group, function, out):
    try:
        os.dup2(out, 1)
        group(function)
    except BaseException:
        rows.row(False, f"{function.__name__} ran to its end", traceback.format_exc())
    finally:
        sys.stdout.flush()
        os._exit(0)


def _print(out):
    out.seek(0)
    for line in out.read().splitlines():
        print(line)
        rows.passed += line.startswith("ok ")
        rows.failed += line.startswith("not ok ")


def run_groups(group, functions, at_once=8):
    """group(function) for each, AT_ONCE of them in processes of their own; their rows in order."""
    waiting, running, done = list(functions), {}, {}
    while waiting or running:
        while waiting and len(running) < at_once:
            function = waiting.pop(0)
            done[function] = tempfile.TemporaryFile("w+", errors="replace")
            sys.stdout.flush()
            pid = os.fork()
            if pid == 0:
                _child(group, function, done[function].fileno())
            running[pid] = function
        pid, status = os.wait()
        if pid in running and status != 0:
            rows.row(False, f"{running[pid].__name__} ended well", status)
        running.pop(pid, None)
    for function in functions:
        with done[function] as out:
            _print(out)
