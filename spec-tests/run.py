#!/usr/bin/env python3
"""Runs the WebAssembly test suite through `bls wast` and judges every command against what is expected.

Usage: run.py --bin DIR [--suite DIR] [--group NAME] [--mode NAME] [--bless] [--write-counts] [--wording]

Each script runs in a process of its own, in every mode (back end and memory strategy), with the
features of its group. A crash or a hang fails all commands of the script. The rules:

* counts.json holds how many commands of each kind every script has; run + not run must be exactly that.
  When the suite comes with counts of its own, both must agree.
* expectations/*.txt lists the commands that may fail: `FILE LINES MODES REASON`, LINES separated by
  commas, MODES `*` or names separated by commas. A failure that is not listed is an error, and so is
  a listed one that passes.

The suite is $BLESS_TESTSUITE, else ../shared/testsuite beside the project, else a clone made by
spec-tests/fetch. Own scripts are in spec-tests/own. --bless rewrites the expectations from what
happens. The last line is `N passed, N failed`, by commands.
"""

import argparse
import collections
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
EXPECTATIONS = os.path.join(HERE, "expectations")
COUNTS = os.path.join(HERE, "counts.json")
SECONDS_PER_SCRIPT = 60

# name, folders of the suite (own: ours), features; None: the group is off
GROUPS = (
    ("core", ("", "custom"), "-custom-descriptors"),
    ("threads", ("proposals/threads",), "profile-1.0,threads"),
    ("legacy-exceptions", ("legacy",), "-custom-descriptors"),
    ("wide-arithmetic", ("proposals/wide-arithmetic",), "-custom-descriptors"),
    ("custom-page-sizes", ("proposals/custom-page-sizes",), "-custom-descriptors"),
    ("custom-descriptors", ("proposals/custom-descriptors",), None),
    ("own", ("own",), "-custom-descriptors"),
)
MODES = (
    ("tail-guard", ("--dispatch=tail", "--memory-mode=guard")),
    ("tail-checked", ("--dispatch=tail", "--memory-mode=checked")),
    ("loop-checked", ("--dispatch=loop", "--memory-mode=checked")),
    ("gc-stress-loop", ("--dispatch=loop", "--gc-stress")),
    ("round-trip", ("--round-trip",)),  # default back end; every module printed and read back
    ("gc-stress", ("--gc-stress",)),  # a collection at every allocation
)


def find_suite(given):
    """The folder of the suite, or None."""
    for place in (given, os.environ.get("BLESS_TESTSUITE"),
                  os.path.join(HERE, "..", "..", "shared", "testsuite")):
        if place and os.path.exists(os.path.join(place, "i32.wast")):
            return os.path.normpath(place)
    fetched = subprocess.run([os.path.join(HERE, "fetch")], stdout=subprocess.PIPE, text=True,
                             check=False)
    return fetched.stdout.strip() if fetched.returncode == 0 else None


def scripts_of(suite, folders):
    """Names relative to the suite, and paths."""
    for folder in folders:
        base = os.path.join(HERE, folder) if folder == "own" else os.path.join(suite, folder)
        if not os.path.isdir(base):
            continue
        for name in sorted(os.listdir(base)):
            if name.endswith(".wast"):
                yield os.path.join(folder, name), os.path.join(base, name)


class Expectations:
    """What may fail: {file: {line: (modes, reason)}}."""

    def __init__(self):
        self.rows = collections.defaultdict(dict)
        for name in sorted(os.listdir(EXPECTATIONS)) if os.path.isdir(EXPECTATIONS) else ():
            if name.endswith(".txt"):
                self.read(os.path.join(EXPECTATIONS, name))

    def read(self, path):
        with open(path, encoding="utf-8") as file:
            for text in file:
                words = text.split("#")[0].split(None, 3)
                if not words:
                    continue
                script, lines, modes, reason = words
                for line in lines.split(","):
                    self.rows[script][int(line)] = (modes.split(","), reason.strip())

    def of(self, script, mode):
        """Lines that may fail in a mode, with their reasons."""
        return {line: reason for line, (modes, reason) in self.rows.get(script, {}).items()
                if modes == ["*"] or mode in modes}


def run_script(binary, path, features, mode_options):
    """The report of `bls wast --json`, or a text that says what happened instead."""
    command = [binary, "wast", "--json", f"--features={features}", *mode_options, path]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=SECONDS_PER_SCRIPT, check=False)
    except subprocess.TimeoutExpired:
        return f"no end after {SECONDS_PER_SCRIPT} seconds"
    if done.returncode not in (0, 255):
        return f"ended with status {done.returncode}: {done.stderr.decode(errors='replace')[-200:]}"
    report = json.loads(done.stdout)[0]
    return report["error"] if "error" in report else report


def reason_of(message):
    """A short reason for an expectations file."""
    for mark in ("which this build does not execute yet", "does not execute"):
        if mark in message and "uses " in message:
            return "not executed yet: " + message.split("uses ")[1].split(",")[0]
    if "there is no such instance" in message:
        return "its module is not executed yet"
    if "unknown import" in message or "incompatible import" in message:
        return "imports from a module that is not executed yet"
    return message[:120]


class Group:
    """Runs one group in one mode and keeps the tally."""

    def __init__(self, name, mode):
        self.name, self.mode = name, mode
        self.run = self.expected = self.wording = 0
        self.problems = []
        self.failures = {}  # file: {line: message}

    def problem(self, script, line, text):
        self.problems.append(f"{script}:{line}: {text}" if line else f"{script}: {text}")

    def script(self, name, report, counted, expected):
        total = sum(counted.values())
        self.run += total
        self.failures[name] = {}
        if isinstance(report, str):
            for _ in range(total):
                self.problem(name, 0, report)
            return
        if report["run"] != counted:
            self.problem(name, 0, f"ran {report['run']}, counted {counted}")
        self.wording += len(report["wording"])
        seen = set()
        for failure in report["failures"]:
            line = failure["line"]
            seen.add(line)
            self.failures[name].setdefault(line, failure["message"])
            if line in expected:
                self.expected += 1
            else:
                self.problem(name, line, f"{failure['kind']}: {failure['message']}")
        for line in sorted(set(expected) - seen):
            self.problem(name, line, f"passes, but is expected to fail ({expected[line]})")


def count_all(binary, suite):
    """Our own counter: what the script reader finds, without judging any outcome."""
    files = {}
    for _, folders, features in GROUPS:
        for name, path in scripts_of(suite, folders):
            report = run_script(binary, path, features or "all", ("--dispatch=loop",))
            if isinstance(report, str):
                sys.exit(f"{name}: {report}")
            files[name] = report["run"]
    return files


def write_counts(binary, suite):
    files = count_all(binary, suite)
    rows = ",\n".join(f'  {json.dumps(name)}: {json.dumps(kinds, sort_keys=True)}'
                      for name, kinds in sorted(files.items()))
    with open(COUNTS, "w", encoding="utf-8") as out:
        out.write("{\n" + rows + "\n}\n")


def check_counts(counts, suite):
    """Differences to the counts the suite itself comes with."""
    path = os.path.join(suite, "counts.json")
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        theirs = json.load(file)["files"]
    ours = {name: kinds for name, kinds in counts.items() if not name.startswith("own/")}
    wrong = [f"counts.json: {name}: ours {ours.get(name)}, the suite's {row['kinds']}"
             for name, row in theirs.items() if ours.get(name) != row["kinds"]]
    return wrong + [f"counts.json: {name} is not in the suite's counts" for name in set(ours) - set(theirs)]


def bless(results):
    """Rewrites the expectations: failures of all modes in one row, others with their modes."""
    os.makedirs(EXPECTATIONS, exist_ok=True)
    groups = collections.defaultdict(lambda: collections.defaultdict(dict))
    for group in results:
        for script, failures in group.failures.items():
            for line, message in failures.items():
                modes, _ = groups[group.name][script].get(line, ([], ""))
                groups[group.name][script][line] = (modes + [group.mode], reason_of(message))
    for name, _, features in GROUPS:
        path = os.path.join(EXPECTATIONS, name + ".txt")
        rows = collections.defaultdict(list)
        for script, lines in groups[name].items():
            for line, (modes, reason) in lines.items():
                key = "*" if len(modes) == len(MODES) else ",".join(modes)
                rows[(script, key, reason)].append(line)
        if features is None or not rows:
            if os.path.exists(path):
                os.remove(path)
            continue
        with open(path, "w", encoding="utf-8") as out:
            out.write("# Commands that fail: FILE LINES MODES REASON. Made by run.py --bless.\n")
            for (script, modes, reason), lines in sorted(rows.items()):
                out.write(f"{script} {','.join(map(str, sorted(lines)))} {modes} {reason}\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True, help="folder of the programs")
    parser.add_argument("--suite")
    parser.add_argument("--group")
    parser.add_argument("--mode")
    parser.add_argument("--bless", action="store_true")
    parser.add_argument("--write-counts", action="store_true")
    parser.add_argument("--wording", action="store_true")
    args = parser.parse_args()
    binary = os.path.join(args.bin, "bls")
    suite = find_suite(args.suite)
    if suite is None:
        print("#### THE WEBASSEMBLY TEST SUITE CANNOT BE HAD: THE SPEC STAGE IS NOT RUN ####")
        print("set BLESS_TESTSUITE to a checkout of WebAssembly/testsuite")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    if args.write_counts:
        write_counts(binary, suite)
    with open(COUNTS, encoding="utf-8") as file:
        counts = json.load(file)
    problems = check_counts(counts, suite)
    expectations = Expectations()
    results = []
    for name, folders, features in GROUPS:
        if args.group not in (None, name):
            continue
        scripts = list(scripts_of(suite, folders))
        if features is None:
            held = sum(sum(counts.get(script, {}).values()) for script, _ in scripts)
            print(f"{name:20} off ({held} commands)")
            continue
        for mode, options in MODES:
            if args.mode not in (None, mode):
                continue
            group = Group(name, mode)
            for script, path in scripts:
                report = run_script(binary, path, features, options)
                if script not in counts:
                    group.problem(script, 0, "is not in counts.json")
                    continue
                group.script(script, report, counts[script], expectations.of(script, mode))
            results.append(group)
            print(f"{name:20} {mode:13} {group.run:6} commands run, {group.expected:5} fail as expected, "
                  f"{len(group.problems)} unexpected, 0 skipped, {group.wording} worded otherwise",
                  flush=True)
    if args.bless:
        bless(results)
        print("expectations rewritten")
        return 0
    for group in results:
        problems += [f"{group.mode}: {text}" for text in group.problems]
    for text in problems[:200]:
        print(f"FAILED {text}")
    run = sum(group.run for group in results)
    print(f"{run - len(problems)} passed, {len(problems)} failed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
