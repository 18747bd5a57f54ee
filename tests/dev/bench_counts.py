#!/usr/bin/env python3
"""Instruction counts under callgrind as a watch: two counts of one build are alike, and one kernel that does 5 % more work is found.

Run by tests/full; by hand, after ./dev bench counts: python3 tests/dev/bench_counts.py. Ends with `N passed, N failed`. The slower kernel
is a copy of the guest (bench/inside/core.wat) whose loop turns 5 % more often; the engine is the same.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
import closing  # noqa: E402  (the path is set above)

CASES = ("spin", "call direct", "call from host")
COUNTS, COMPARE = ROOT / "bench" / "counts.py", ROOT / "bench" / "compare"
SLOWER = "(local.set 0 (i32.div_u (i32.mul (local.get 0) (i32.const 21)) (i32.const 20)))"
HEAD = re.compile(r'(\(func \(export "spin"\) \(type \$unary\) \(local \$value i32\)\n)')


class Counts:
    def __init__(self, folder):
        self.folder = folder

    def count(self, name, *words):
        """A result file of the cases."""
        path = os.path.join(self.folder, name)
        done = subprocess.run([sys.executable, str(COUNTS), "--out", path, *words, *CASES], capture_output=True, text=True)
        assert done.returncode == 0 and done.stdout.count("each") == 2 * len(CASES), done.stdout + done.stderr
        return path

    def compared(self, before, after):
        done = subprocess.run([str(COMPARE), before, after], capture_output=True, text=True)
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def test_two_counts_of_one_build_are_alike(self):
        done = self.compared(self.count("a.json"), self.count("b.json"))
        assert done.returncode == 0 and f"{2 * len(CASES)} figures compared: 0 worse, 0 better" in done.stdout, done.stdout

    def test_one_kernel_five_percent_slower_is_found(self):
        guest = os.path.join(self.folder, "slower.wat")
        text, times = HEAD.subn(lambda found: found.group(1) + "    " + SLOWER + "\n", (ROOT / "bench" / "inside" / "core.wat").read_text())
        assert times == 1, "the kernel has another head now"
        pathlib.Path(guest).write_text(text)
        done = self.compared(self.count("c.json"), self.count("d.json", "--guest", f"core={guest}"))
        worse = [line for line in done.stdout.splitlines() if line.startswith("WORSE")]
        assert done.returncode == 1 and len(worse) == 2 and all(" spin " in line and "+5.0 %" in line for line in worse), done.stdout
        assert "2 worse, 0 better" in done.stdout, done.stdout


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="bless-counts-test-") as scratch:
        tests = Counts(scratch)
        sys.exit(closing.run_all((name, getattr(tests, name)) for name in sorted(dir(tests)) if name.startswith("test_")))
