#!/usr/bin/env python3
"""Runs the test stages, prints the seconds of each, and sums them up. Started by `./dev test`.

Usage: run_tests.py [--full] [--only STAGE[,STAGE]] [--list]

A stage builds one preset (through `./dev build PRESET`) and runs the ctest tests with one label.
A test that is a suite of its own (a Python driver) ends with the line `N passed, N failed`, and
those numbers count; so do those of a GoogleTest program that runs all its tests; any other ctest test counts as one. `--full`
adds the stages of FULL_STAGES and every tests/full/*.sh, in the order of their names, each one a stage with such a
closing line.

tests/counts.txt holds the least number of passed tests for each stage and suite. Fewer is a failure:
a test that silently stops running must not look like success. The last line printed is
`N passed, N failed`; the exit status is 0 only if nothing failed.
"""

import argparse
import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
TABLE = re.compile(r"^\| .*", re.MULTILINE)  # lines of a suite's output that are shown when it passes too
CLOSING = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$", re.MULTILINE)
GTEST = re.compile(r"^\[  (PASSED|FAILED|SKIPPED) +\] (\d+) tests?(?:\.|, listed below:)$", re.MULTILINE)

# name, preset, label of the ctest tests (None: all of that build; !LABEL: all others), what it is
STAGES = (
    ("unit", "release", "unit", "unit tests of every layer"),
    ("program", "release", "program", "the programs as processes"),
    ("spec", "release", "spec", "the WebAssembly test suite, every back end"),
    ("wasm", "wasm", None, "the portable core as wasm"),
    ("sanitize", "asan-ubsan", "sanitize", "address and undefined-behaviour sanitizers"),
    ("fuzz", "asan-ubsan", "fuzz", "short seeded runs of the fuzz targets"),
    ("a64", "a64-cross", "a64", "AArch64 under qemu: a third of the suite, generated programs"),
)
# Stages that need no more than these targets.
TARGETS = {"a64": ("bls", "agree_corpus")}
NO_PACKAGES = 75  # status of `./dev build` when this machine cannot have the packages of a preset
# Only with --full, or named by --only.
FULL_STAGES = (
    ("threads", "tsan", "sanitize", "thread sanitizer"),
    ("a64-all", "a64-cross", "!a64", "AArch64 under qemu: the unit tests and the rest"),
    ("clang", "clang", "unit|interp", "unit tests built with clang, whose tail calls are musttail"),
    ("minimal", "minimal", None, "a build without compiling tiers"),
)


class Tally:
    """Passed, failed and skipped tests, by suite."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.suites = {}
        self.ran = set()      # suites of which something passed or failed
        self.failures = []

    def add(self, suite, passed, failed, skipped=0):
        self.passed += passed
        self.failed += failed
        self.skipped += skipped
        self.suites[suite] = self.suites.get(suite, 0) + passed
        if passed or failed:
            self.ran.add(suite)

    def not_run(self):
        """Suites of which everything was skipped: what they test cannot be had, and the summary says so."""
        return set(self.suites) - self.ran if self.skipped else set()

    def fail(self, reason):
        self.failed += 1
        self.failures.append(reason)


def read_junit(path, tally):
    """Adds the results of one ctest run."""
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        name = case.get("name")
        suite = name.split(".")[0]
        status = case.get("status")
        output = case.findtext("system-out") or ""
        closing = CLOSING.findall(output)
        programs = dict(GTEST.findall(output))
        if not closing and programs:
            closing = [tuple(programs.get(word, "0") for word in ("PASSED", "FAILED", "SKIPPED"))]
        for line in TABLE.findall(output):
            print(line)
        if closing:
            passed, failed, skipped = (int(number or 0) for number in closing[-1])
            if status != "run" and not failed:
                failed = 1
            tally.add(suite, passed, failed, skipped)
            if failed:
                tally.failures.append(f"{name}: {failed} failed")
        elif status == "run":
            tally.add(suite, 1, 0)
        elif status in ("notrun", "disabled") and case.find("skipped") is not None:
            tally.add(suite, 0, 0, 1)
        else:
            tally.add(suite, 0, 0)
            tally.fail(f"{name}: {status}")


def read_counts(path):
    """{"stage": minimum, "stage/suite": minimum}; `#` starts a comment."""
    counts = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            words = line.split("#")[0].split()
            if words:
                counts[words[0]] = int(words[1])
    return counts


def check_counts(stage, tally, counts):
    if tally.passed == 0 and tally.failed == 0 and tally.skipped:
        return  # what it tests cannot be had; the summary says so
    if tally.passed == 0:
        tally.fail(f"{stage}: no test passed")
    missing = tally.not_run()
    for key, least in counts.items():
        name, _, suite = key.partition("/")
        if name == stage:
            have = tally.suites.get(suite, 0) if suite else tally.passed
            if suite in missing:
                continue
            if not suite:
                least -= sum(counts.get(f"{stage}/{gone}", 0) for gone in missing)
            if have < least:
                tally.fail(f"{key}: {have} passed, at least {least} expected (tests/counts.txt)")


def run(command, **kwargs):
    return subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=False, **kwargs)


def ctest_stage(name, preset, label, tally):
    build = os.path.join(ROOT, "build", preset)
    built = run(["./dev", "build", preset, *TARGETS.get(name, ())]).returncode
    if built == NO_PACKAGES:
        print(f"#### {name}: ITS PACKAGES CANNOT BE INSTALLED: NOT RUN ####")
        tally.add(name, 0, 0, 1)
        return
    if built:
        tally.fail(f"building {preset} failed")
        return
    junit = os.path.join(build, "results.xml")
    if os.path.exists(junit):
        os.remove(junit)
    command = ["ctest", "--test-dir", build, "--output-on-failure", "-j", str(os.cpu_count()),
               "--output-junit", junit, "--test-output-size-passed", "1000000",
               "--test-output-size-failed", "1000000", "--test-output-truncation", "head"]
    if label:
        command += ["-LE", label[1:]] if label[0] == "!" else ["-L", label]
    log_path = os.path.join(build, f"ctest-{name}.log")
    with open(log_path, "w+", encoding="utf-8", errors="replace") as log:
        status = run(command, stdout=log, stderr=subprocess.STDOUT).returncode
        if status:
            log.seek(0)
            lines = [x for x in log if not re.search(r"^ *\d+/\d+ .* Passed |^ +Start +\d+:", x)]
            sys.stdout.write("".join(lines[-400:]))
    if os.path.exists(junit):
        read_junit(junit, tally)
    if status and not tally.failed:
        tally.fail(f"ctest ended with status {status}")


def script_stage(script, tally):
    result = run(["sh", script], stdout=subprocess.PIPE, text=True, errors="replace")
    sys.stdout.write(result.stdout)
    closing = CLOSING.findall(result.stdout)
    if closing:
        tally.add(os.path.basename(script), *(int(number or 0) for number in closing[-1]))
    if result.returncode or not closing:
        tally.fail(f"{script}: status {result.returncode}, "
                   + ("some tests failed" if closing else "no closing line"))


def full_scripts():
    folder = os.path.join(ROOT, "tests", "full")
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    return [os.path.join("tests", "full", name) for name in names if name.endswith(".sh")]


def main():
    parser = argparse.ArgumentParser(prog="./dev test", description="Build and run the tests.")
    parser.add_argument("--full", action="store_true", help="the long suites in tests/full too")
    parser.add_argument("--only", metavar="STAGE", help="run only these stages (comma between)")
    parser.add_argument("stage", nargs="*", help="the same as --only")
    parser.add_argument("--list", action="store_true", help="name the stages and end")
    args = parser.parse_args()
    if args.stage:
        args.only = ",".join(([args.only] if args.only else []) + args.stage)

    stages = [(name, text, lambda t, n=name, p=preset, l=label: ctest_stage(n, p, l, t))
              for name, preset, label, text in STAGES + (FULL_STAGES if args.full or args.only else ())]
    if args.full:
        stages += [(os.path.basename(s)[:-3], s, lambda t, s=s: script_stage(s, t))
                   for s in full_scripts()]
    if args.list:
        for name, text, _ in stages:
            print(f"{name:12} {text}")
        return 0
    if args.only:
        wanted = args.only.split(",")
        unknown = set(wanted) - {name for name, _, _ in stages}
        if unknown:
            parser.error(f"no stage {', '.join(sorted(unknown))}")
        stages = [stage for stage in stages if stage[0] in wanted]

    counts = read_counts(os.path.join(ROOT, "tests", "counts.txt"))
    passed = failed = 0
    failures = []
    not_run = []
    begin = time.monotonic()
    for name, text, body in stages:
        print(f"== {name}: {text}", flush=True)
        start = time.monotonic()
        tally = Tally()
        body(tally)
        check_counts(name, tally, counts)
        skipped = f", {tally.skipped} skipped" if tally.skipped else ""
        if tally.passed or tally.failed:
            not_run += [f"{name}/{suite}" for suite in sorted(tally.not_run())]
        elif tally.skipped:
            not_run.append(name)
        print(f"== {name}: {tally.passed} passed, {tally.failed} failed{skipped} "
              f"in {time.monotonic() - start:.1f} s", flush=True)
        passed += tally.passed
        failed += tally.failed
        failures += [f"{name}: {reason}" for reason in tally.failures]
    for name in not_run:
        print(f"NOT RUN {name}")
    for reason in failures:
        print(f"FAILED {reason}")
    print(f"total {time.monotonic() - begin:.1f} s")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
