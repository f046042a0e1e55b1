#!/usr/bin/env python3
"""Random file calls with fixed seeds (tests/fuzz/sequences.py): what wask says to each
is what the kernel says on a plain directory, and the same files are left.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fuzz"))
from sequences import CALLS, MODES, Table, check    # noqa: E402
from rows import end, row                           # noqa: E402
from run import SANITIZED                           # noqa: E402

SEEDS = range(20 if SANITIZED else 300)

table = Table()
for mode in MODES:
    wrong = ""
    for seed in SEEDS:
        wrong = wrong or check(table, mode, seed)
    row(not wrong, f"{len(SEEDS)} sequences of {CALLS} calls as the kernel does them, {mode}", wrong)
unused = [] if SANITIZED else table.unused([f"sequence {mode}" for mode in MODES])
row(not unused, "every difference in tests/oracles.txt is still one", "\n".join(unused))
end()
