#!/usr/bin/env python3
"""Leaves out the checks of compiled code one by one, and demands that a test fails each time.

  mutate_checks.py --bin FOLDER [--cpu x64|a64] [--emulator COMMAND] [--only NAME,...] [--suite DIR]

FOLDER holds a `bls` built with BLS_MUTATE, and beside it tests/codegen_test. The sites are the CHECK_SITE and
CHECK_SITE_OR of codegen/*.h and of the CPU's folder (codegen/check_site.h). First every test has to pass with no site
left out. Then, for each site, the tests run in the order of TESTS, quickest first, until one fails: a wrong answer, a
crash or a hang. A site that no test notices is a survivor, and needs a test. A line of the table for every site; last
the closing line: `N passed, N failed`, survivors being failures.
"""

import argparse
import glob
import os
import re
import subprocess
import sys
import time

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
SITE = re.compile(r"\bCHECK_SITE(?:_OR)?\((\w+)\b")
SCRIPT = os.path.join("spec-tests", "own", "checks.wast")
FEATURES = "--features=-custom-descriptors"
# Sites that a shared source has for the sake of the other CPU.
NOT_EMITTED = {"x64": {"StoreProbe", "VectorStoreProbe"}, "a64": set()}
# A test that takes longer hangs; five times as long under an emulator.
SECONDS = 120


def sites(cpu):
    """{name: [file:line]}; a name belongs to one file."""
    found = {}
    for path in sorted(glob.glob(os.path.join(ROOT, "codegen", "*.h")) + glob.glob(os.path.join(ROOT, "codegen", cpu, "*"))):
        if path.endswith("check_site.h"):
            continue
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                for name in SITE.findall(line):
                    found.setdefault(name, []).append(f"{os.path.relpath(path, ROOT)}:{number}")
    for name, places in found.items():
        if len({place.split(":")[0] for place in places}) != 1:
            sys.exit(f"the name {name} is used in several files: {places}")
    return found


class Tests:
    def __init__(self, args):
        folder = os.path.abspath(args.bin)
        emulator = args.emulator.split() if args.emulator else []
        bls = [*emulator, os.path.join(folder, "bls")]
        unit = [*emulator, os.path.join(os.path.dirname(folder), "tests", "codegen_test")]
        baseline = [*bls, "wast", FEATURES, "--tier=baseline"]
        self.output = ""
        self.seconds = SECONDS * 5 if emulator else SECONDS
        self.all = [
            ("checks, checked", [*baseline, "--memory-mode=checked", SCRIPT]),
            ("checks, guard", [*baseline, "--memory-mode=guard", SCRIPT]),
            ("unit", [*unit, "--gtest_brief=1"]),
            ("suite", [sys.executable, "spec-tests/run.py", "--bin", folder, "--mode", "baseline-checked,baseline-guard",
                       *(["--suite", args.suite] if args.suite else [])]),
        ]
        if args.cpu == "x64":  # for what no program can see: the clamps against speculation
            self.all.append(("listings", [sys.executable, "tests/codegen/golden/run.py", "--bin", folder]))
        if emulator:  # the suite takes minutes
            probes = ("store probes", [*unit, "--gtest_brief=1", "--gtest_filter=StoreProbe.*"])
            self.all = [*self.all[:2], probes, self.all[2]]

    def run(self, command, site):
        """None when the test passes, else how it ended."""
        env = dict(os.environ)
        env.pop("BLS_MUTATE_SITE", None)
        if site:
            env["BLS_MUTATE_SITE"] = site
        try:
            done = subprocess.run(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, timeout=self.seconds, check=False)
        except subprocess.TimeoutExpired:
            return "time"
        if done.returncode == 0:
            return None
        self.output = done.stdout.decode("utf-8", "replace")
        return f"signal {-done.returncode}" if done.returncode < 0 else f"status {done.returncode}"

    def killer(self, site):
        """(name of the test that fails, how), or None."""
        for name, command in self.all:
            how = self.run(command, site)
            if how:
                return name, how
        return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True)
    parser.add_argument("--cpu", default="x64")
    parser.add_argument("--emulator", default="")
    parser.add_argument("--only", default="")
    parser.add_argument("--suite", default="")
    args = parser.parse_args()
    begin = time.monotonic()
    tests = Tests(args)
    for name, command in tests.all:
        how = tests.run(command, None)
        if how:
            print(tests.output[-2000:])
            print(f"FAILED {name}: {how}, with every check in place")
            print("0 passed, 1 failed")
            return 1
    wanted = set(args.only.split(",")) if args.only else None
    chosen = {name: places for name, places in sites(args.cpu).items()
              if name not in NOT_EMITTED[args.cpu] and (wanted is None or name in wanted)}
    killed = 0
    for name, places in chosen.items():
        start = time.monotonic()
        found = tests.killer(name)
        killed += found is not None
        what = f"killed by {found[0]} ({found[1]})" if found else "SURVIVED"
        print(f"{name:18} {what}, {time.monotonic() - start:.1f} s, {' '.join(places)}", flush=True)
    left = len(chosen) - killed
    print(f"| {args.cpu}: sites {len(chosen)}, killed {killed}, survivors {left}, {time.monotonic() - begin:.0f} seconds")
    print(f"{killed} passed, {left} failed")
    return 1 if left or not killed else 0


if __name__ == "__main__":
    sys.exit(main())
