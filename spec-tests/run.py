#!/usr/bin/env python3
"""Runs the WebAssembly test suite through `bls wast` and judges every command against what is expected.

Usage: run.py (--bin DIR | --wasm FILE) [--suite DIR] [--group NAMES] [--mode NAMES] [--third N] [--bless] [--write-counts]

--bin: the folder of a native `bls`, each script in a process of its own; --wasm: the engine compiled to wasm32-wasi,
inside Node (engines.py). Every script runs in every mode (back end and memory strategy) the engine has, with the
features of its group. A crash or a hang fails all commands of the script. The rules:

* counts.json holds how many commands of each kind every script has; run + not run must be exactly that.
  When the suite comes with counts of its own, both must agree.
* expectations/GROUP.txt lists the deviations: `FILE LINES MODES REASON`, LINES separated by commas, MODES `*` or
  names separated by commas. A command that fails, or refuses a module in other words than the script's, is an
  error unless it is listed; so is a listed one that does neither. `wording:` before the reason says the latter.

The suite is $BLESS_TESTSUITE, else ../shared/testsuite beside the project, else a clone made by
spec-tests/fetch. Own scripts are in spec-tests/own. --bless rewrites the expectations from what
happens. Lines that begin with `| ` are the table, which ./dev test shows. The last line is
`N passed, N failed`, by commands.
"""

import argparse
import collections
import json
import os
import subprocess
import sys
import time
import zlib

from engines import CannotRun, InNode, Native

HERE = os.path.dirname(os.path.abspath(__file__))
EXPECTATIONS = os.path.join(HERE, "expectations")
COUNTS = os.path.join(HERE, "counts.json")
WORDING = "wording:"

# These two are about WebAssembly 1.0 with threads: they expect several tables or memories to be refused and use a form of
# segments that is gone. They pass as that; a group of its own shows, command by command, where they contradict 3.0.
OF_1_0 = ("proposals/threads/imports.wast", "proposals/threads/memory.wast")


class Group:
    def __init__(self, name, folders, features="-custom-descriptors", special=(), only=None):
        """features: of --features, None when the group is off; special: {script: its features}."""
        self.name, self.folders, self.features, self.only = name, folders, features, only
        self.special = dict(special)

    def scripts(self, suite):
        """Names relative to the suite, and paths."""
        for folder in self.folders:
            base = os.path.join(HERE, folder) if folder == "own" else os.path.join(suite, folder)
            for name in sorted(os.listdir(base)) if os.path.isdir(base) else ():
                script = os.path.join(folder, name)
                if name.endswith(".wast") and (self.only is None or script in self.only):
                    yield script, os.path.join(base, name)

    def features_of(self, script):
        return self.special.get(script, self.features)


GROUPS = (
    Group("core", ("", "custom"), features="-custom-descriptors,-custom-page-sizes"),
    Group("threads", ("proposals/threads",), special={name: "profile-1.0,threads" for name in OF_1_0}),
    Group("threads-on-3.0", ("proposals/threads",), only=OF_1_0),
    Group("legacy-exceptions", ("legacy",)),
    Group("wide-arithmetic", ("proposals/wide-arithmetic",)),
    Group("custom-page-sizes", ("proposals/custom-page-sizes",)),
    Group("custom-descriptors", ("proposals/custom-descriptors",), features=None),
    Group("own", ("own",)),
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


class Expectations:
    """Deviations of a group: {script: {line: (modes, reason)}}."""

    def __init__(self, group):
        self.rows = collections.defaultdict(dict)
        path = os.path.join(EXPECTATIONS, group + ".txt")
        if not os.path.exists(path):
            return
        with open(path, encoding="utf-8") as file:
            for text in file:
                words = text.split("#")[0].split(None, 3)
                if not words:
                    continue
                script, lines, modes, reason = words
                for line in lines.split(","):
                    self.rows[script][int(line)] = (modes.split(","), reason.strip())

    def of(self, script, mode):
        """Lines that deviate in a mode, with their reasons."""
        return {line: reason for line, (modes, reason) in self.rows.get(script, {}).items()
                if modes == ["*"] or mode in modes}


class Outcome:
    """One group in one mode."""

    def __init__(self, group, mode):
        self.group, self.mode = group, mode
        self.run = self.skipped = 0
        self.problems = []
        self.deviations = []  # (script, line, kind, message, reason), those that are expected
        self.found = []       # (script, line, reason for an expectations file), all

    def passed(self):
        """Commands with the expected outcome; those that only differ in wording belong to them."""
        failing = sum(not reason.startswith(WORDING) for *_, reason in self.deviations)
        return max(0, self.run - len(self.problems) - failing)

    def problem(self, script, line, text):
        self.problems.append(f"{script}:{line}: {text}" if line else f"{script}: {text}")

    def script(self, name, report, counted, expected):
        total = sum(counted.values())
        if isinstance(report, str):
            self.run += total
            for _ in range(total):
                self.problem(name, 0, report)
            return
        ran = sum(report["run"].values())
        self.run += ran
        self.skipped += max(0, total - ran)
        if report["run"] != counted:
            self.problem(name, 0, f"ran {report['run']}, counted {counted}")
        seen = set()
        for kind, deviations in (("", report["failures"]), (WORDING, report["wording"])):
            for one in deviations:
                line = one["line"]
                reason = expected.get(line)
                self.found.append((name, line, reason or f"{kind} {one['message']}".strip()[:120]))
                if reason is None or reason.startswith(WORDING) != (kind == WORDING):
                    self.problem(name, line, f"{one['kind']}: {kind} {one['message']}")
                elif line not in seen:
                    self.deviations.append((name, line, one["kind"], reason))
                seen.add(line)
        for line in sorted(set(expected) - seen):
            self.problem(name, line, f"passes, but is expected to deviate ({expected[line]})")


def third_of(text):
    """0, 1 or 2: of --third; `commit` takes it from the hash of the commit, so that in time everything runs."""
    if text != "commit":
        return int(text) % 3
    found = subprocess.run(["git", "-C", HERE, "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    return int(found.stdout.strip() or "0", 16) % 3


def run_group(group, mode, engine, suite, counts, third=None):
    outcome = Outcome(group.name, mode)
    expectations = Expectations(group.name)
    for script, path in group.scripts(suite):
        if script in engine.leaves_out or third is not None and zlib.crc32(script.encode()) % 3 != third:
            continue
        if script not in counts:
            outcome.problem(script, 0, "is not in counts.json")
            continue
        report = engine.run(path, group.features_of(script), mode)
        outcome.script(script, report, counts[script], expectations.of(script, mode))
    return outcome


def write_counts(engine, suite):
    """Our own counter: what the script reader finds, without judging any outcome."""
    files = {}
    for group in GROUPS:
        for name, path in group.scripts(suite):
            report = engine.run(path, group.features or "all", "loop-checked")
            if isinstance(report, str):
                sys.exit(f"{name}: {report}")
            files[name] = report["run"]
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


def bless(outcomes, modes):
    """Rewrites the expectations of the groups that ran: what deviates in all modes in one row, else with its modes."""
    os.makedirs(EXPECTATIONS, exist_ok=True)
    for group in sorted({outcome.group for outcome in outcomes}):
        path = os.path.join(EXPECTATIONS, group + ".txt")
        in_modes = collections.defaultdict(list)
        for outcome in outcomes:
            for row in outcome.found if outcome.group == group else ():
                in_modes[row].append(outcome.mode)
        rows = collections.defaultdict(set)
        for (script, line, reason), names in in_modes.items():
            rows[(script, "*" if set(names) == set(modes) else ",".join(names), reason)].add(line)
        if os.path.exists(path):
            os.remove(path)
        if rows:
            with open(path, "w", encoding="utf-8") as out:
                out.write("# What deviates: FILE LINES MODES REASON (see README.md).\n")
                for (script, names, reason), lines in sorted(rows.items()):
                    out.write(f"{script} {','.join(map(str, sorted(lines)))} {names} {reason}\n")


def table(outcomes, modes, groups, counts, suite, engine):
    """The lines of the table: commands run/failed/skipped/deviating, by group and mode."""
    cells = {(one.group, one.mode): one for one in outcomes}
    yield "commands run/failed/skipped/deviating".ljust(40) + "".join(mode.rjust(19) for mode in modes)
    sums = {mode: [0, 0, 0, 0] for mode in modes}
    for group in groups:
        if group.features is None:
            held = sum(sum(counts.get(script, {}).values()) for script, _ in group.scripts(suite))
            yield f"{group.name}: off ({held} commands)"
            continue
        row = group.name.ljust(40)
        for mode in modes:
            one = cells[group.name, mode]
            numbers = (one.run, len(one.problems), one.skipped, len(one.deviations))
            sums[mode] = [a + b for a, b in zip(sums[mode], numbers)]
            row += "/".join(map(str, numbers)).rjust(19)
        yield row
    yield "total".ljust(40) + "".join("/".join(map(str, sums[mode])).rjust(19) for mode in modes)
    for script, reason in sorted(engine.leaves_out.items()):
        yield f"left out: {script}: {sum(counts[script].values())} commands: {reason}"
    deviations = collections.defaultdict(list)
    for one in outcomes:
        for deviation in one.deviations:
            deviations[(one.group, *deviation)].append(one.mode)
    rows = collections.defaultdict(list)
    for (group, script, line, kind, reason), names in sorted(deviations.items()):
        where = "" if len(names) == len(modes) else " in " + ", ".join(names)
        rows[f"deviation: {group}: {script}:%s: {kind}{where}: {reason}"].append(str(line))
    for row, lines in rows.items():
        yield row % ",".join(lines)


def chosen(text, names):
    """The names of a comma list, in their order; all without a list."""
    wanted = text.split(",") if text else names
    unknown = set(wanted) - set(names)
    if unknown:
        sys.exit(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    return [name for name in names if name in wanted]


def not_run(why):
    print(f"#### {why}: THE SPEC STAGE IS NOT RUN ####")
    print("0 passed, 0 failed, 1 skipped")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    place = parser.add_mutually_exclusive_group(required=True)
    place.add_argument("--bin", help="folder of the programs")
    place.add_argument("--wasm", help="bls.wasm, run inside Node")
    parser.add_argument("--suite")
    parser.add_argument("--group", help="only these groups, comma between")
    parser.add_argument("--mode", help="only these modes, comma between")
    parser.add_argument("--third", help="only a third of the scripts: 0, 1, 2, or `commit`, by its hash")
    parser.add_argument("--bless", action="store_true", help="rewrite the expectations")
    parser.add_argument("--write-counts", action="store_true", help="rewrite counts.json")
    args = parser.parse_args()
    suite = find_suite(args.suite)
    if suite is None:
        print("set BLESS_TESTSUITE to a checkout of WebAssembly/testsuite")
        return not_run("THE WEBASSEMBLY TEST SUITE CANNOT BE HAD")
    try:
        engine = Native(args.bin) if args.bin else InNode(args.wasm, suite)
    except CannotRun as error:
        return not_run(f"NODE CANNOT BE HAD ({error})")
    if args.write_counts:
        write_counts(engine, suite)
    with open(COUNTS, encoding="utf-8") as file:
        counts = json.load(file)
    names = chosen(args.group, [group.name for group in GROUPS])
    groups = [group for group in GROUPS if group.name in names]
    modes = chosen(args.mode, list(engine.modes))
    start = time.monotonic()
    third = third_of(args.third) if args.third else None
    outcomes = [run_group(group, mode, engine, suite, counts, third)
                for group in groups if group.features is not None for mode in modes]
    engine.close()
    if args.bless:
        bless(outcomes, modes)
        print("expectations rewritten")
        return 0
    problems = check_counts(counts, suite)
    problems += [f"{one.mode}: {text}" for one in outcomes for text in one.problems]
    if third is not None:
        print(f"| scripts: third {third} of 0, 1, 2")
    for line in table(outcomes, modes, groups, counts, suite, engine):
        print("| " + line)
    print(f"took {time.monotonic() - start:.1f} s")
    for text in problems[:200]:
        print(f"FAILED {text}")
    passed = sum(one.passed() for one in outcomes)
    print(f"{passed} passed, {len(problems)} failed")
    return 1 if problems or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
