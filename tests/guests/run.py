#!/usr/bin/env python3
"""Runs our WASI guests: programs that check preview 1 (and preview 0) from inside and print what they found.

    tests/guests/run.py                       our engine, build/release/bin/bls run
    tests/guests/run.py --engine node         Node; what Node is known to answer otherwise is excused
    tests/guests/run.py --only symlinks --extra-flags '--tier interp' --verbose

Each guest runs in a fresh folder with prepared files (cases.py). It prints `ok NAME` or `FAIL NAME detail` per
check and closes with `N passed, N failed`; a guest that ends early has failed. The closing line of this driver
counts single checks. What the checks hold to are the answers decided for this project; node_differs.txt lists
those that Node answers otherwise, with the reason.
"""

import argparse
import re
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import cases  # noqa: E402
from kit import fetch, toolchain  # noqa: E402
from kit.engine import Engine  # noqa: E402

LINE = re.compile(r"(ok|FAIL) (.*)")
CLOSING = re.compile(r"(\d+) passed, (\d+) failed")


def node_differs():
    """Check names as regular expressions over `run/check`, with the reason."""
    found = []
    for line in (HERE / "node_differs.txt").read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            pattern, _, reason = line.partition("  ")
            found.append((re.compile(pattern), reason.strip()))
    return found


class Tally:
    def __init__(self, excused, verbose: bool):
        self.passed = self.failed = self.excused = 0
        self.known = excused
        self.verbose = verbose

    def add(self, run: str, name: str, problem: str | None):
        if problem is None:
            self.passed += 1
            if self.verbose:
                print(f"  ok {run}/{name}")
            return
        for pattern, reason in self.known:
            if pattern.fullmatch(f"{run}/{name}"):
                self.excused += 1
                if self.verbose:
                    print(f"  excused {run}/{name}: {reason}")
                return
        self.failed += 1
        print(f"  FAIL {run}/{name} {problem}".rstrip(), flush=True)


def judge(case, outcome, tally: Tally, expected_checks: bool):
    """Counts the guest's own lines, then what the case says about status and output."""
    lines = outcome.out.decode(errors="replace").splitlines()
    tail = outcome.err.decode(errors="replace").strip()[-400:]
    if outcome.status is None:
        tally.add(case.name, "ends", f"still running after {outcome.seconds:.0f} s")
        return
    if expected_checks:
        checks = [match.groups() for match in map(LINE.fullmatch, lines) if match]
        for verdict, text in checks:
            # Passed or failed, a check has the same name: the detail behind it is not part of it.
            name = re.split(r" errno -?\d|: | is \d+, | \(errno ", text)[0] if verdict == "FAIL" else text
            tally.add(case.name, name, None if verdict == "ok" else text[len(name):])
        closing = CLOSING.fullmatch(lines[-1]) if lines else None
        counted = (sum(c[0] == "ok" for c in checks), sum(c[0] == "FAIL" for c in checks))
        whole = closing and tuple(map(int, closing.groups())) == counted and sum(counted) > 0
        status = 0 if counted[1] == 0 else 1
        problem = None
        if not whole:
            problem = f"ended early, status {outcome.status}, last line {lines[-1:]}\n{tail}"
        elif outcome.status != status:
            problem = f"status {outcome.status}, expected {status}\n{tail}"
        tally.add(case.name, "runs to its end", problem)
    for name, problem in case.judge(outcome):
        tally.add(case.name, name, problem)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", default="bls", help="bls (default), node, or a command line ending in run")
    parser.add_argument("--extra-flags", default="", metavar="FLAGS")
    parser.add_argument("--only", action="append", metavar="RUN", help="runs whose name starts so; may be repeated")
    parser.add_argument("--list", action="store_true", help="print the names of the runs")
    parser.add_argument("--verbose", action="store_true", help="print checks that pass or are excused too")
    options = parser.parse_args()
    chosen = [case for case in cases.all() if not options.only or case.name.startswith(tuple(options.only))]
    if options.list:
        print("\n".join(f"{case.name:24} {case.guest}" for case in chosen))
        return 0
    try:
        engine = Engine(options.engine, options.extra_flags)
        reason = engine.missing()
    except fetch.FetchError as error:
        reason = str(error)
    if reason:
        print(f"{reason}\n0 passed, 1 failed")
        return 1
    tally = Tally(node_differs() if engine.is_node else [], options.verbose)
    for case in chosen:
        try:
            module = toolchain.build(Path(case.guest).stem, cases.GUESTS[case.guest], HERE)
        except (fetch.FetchError, toolchain.BuildError) as error:
            tally.add(case.name, "builds", str(error))
            continue
        before = (tally.passed, tally.failed)
        with tempfile.TemporaryDirectory(prefix="bls-guest-") as scratch:
            outcome = case.run(engine, module, Path(scratch))
            judge(case, outcome, tally, case.checks)
        print(f"{outcome.seconds:7.2f} s  {case.name}: {tally.passed - before[0]} passed, "
              f"{tally.failed - before[1]} failed", flush=True)
    if tally.excused:
        print(f"{tally.excused} excused (node_differs.txt)")
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 0 if tally.passed and not tally.failed else 1


if __name__ == "__main__":
    sys.exit(main())
