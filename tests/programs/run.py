#!/usr/bin/env python3
"""Runs real programs under an engine and compares every byte with what Node gave (expected.json).

    tests/programs/run.py                         our engine, build/release/bin/bls run
    tests/programs/run.py --engine node           Node itself: checks the suite, not an engine
    tests/programs/run.py --engine 'CMD run'      another engine that takes our command line
    tests/programs/run.py --only sqlite --extra-flags '--dispatch loop'

One line per program with its seconds, then `N passed, N failed`. A package that cannot be fetched or a
guest that does not build is a failure of that program, with the reason. See README.md.
"""

import argparse
import json
import sys
import time

import programs
from kit import fetch, report, toolchain
from kit.engine import Engine


def shown(description) -> str:
    return json.dumps(description, ensure_ascii=False)


def differences(expected: dict, observed: dict) -> list[str]:
    """What differs between two records, one text per difference."""
    found = []
    for key in ("status", "stdout", "stderr"):
        want, have = expected.get(key), observed.get(key)
        if isinstance(want, dict) and "starts" in want:
            same = isinstance(have, dict) and have.get("starts", "").startswith(want["starts"])
        else:
            same = want == have
        if not same:
            found.append(f"{key}: expected {shown(want)}\n{' ' * len(key)}       got {shown(have)}")
    for name in sorted({*expected.get("files", {}), *observed.get("files", {})}):
        want, have = expected.get("files", {}).get(name), observed.get("files", {}).get(name)
        if want != have:
            found.append(f"file {name}: expected {shown(want)}, got {shown(have)}")
    return found


def check(program, engine, expected: dict, lines: report.Report):
    start = time.monotonic()
    try:
        program.prepare()
    except (fetch.FetchError, toolchain.BuildError, OSError) as error:
        lines.add(program.name, [f"cannot be prepared: {error}"])
        return
    prepared = time.monotonic() - start
    problems, seconds, parts = [], 0.0, []
    recorded = expected.get(program.name, {})
    for step, observed, outcome in program.run_steps(engine):
        seconds += outcome.seconds
        parts.append(f"{step['name']} {outcome.seconds:.2f}")
        if outcome.status is None:
            problems.append(f"{step['name']}: still running after {outcome.seconds:.0f} s")
        elif step["name"] not in recorded:
            problems.append(f"{step['name']}: nothing recorded; run record.py --only {program.name}")
        else:
            found = differences(recorded[step["name"]], observed)
            if found and "stderr" not in "".join(found) and outcome.err:
                found.append("stderr: " + outcome.err.decode(errors="replace")[:600])
            problems += [f"{step['name']}: {text}" for text in found]
    note = ", ".join(parts) + (f"; prepared in {prepared:.1f} s" if prepared >= 1 else "")
    lines.add(program.name, problems, seconds, note)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", default="bls", help="bls (default), node, or a command line ending in run")
    parser.add_argument("--extra-flags", default="", metavar="FLAGS", help="flags put before --dir, as one word")
    parser.add_argument("--only", action="append", metavar="NAME", help="this program only; may be repeated")
    parser.add_argument("--prepare", action="store_true", help="fetch and build everything, run nothing")
    parser.add_argument("--list", action="store_true", help="print the names of the programs")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of lines")
    options = parser.parse_args()

    chosen = programs.load()
    if options.list:
        for program in chosen:
            print(f"{program.name:16} {program.entry['about']}")
        return 0
    if options.only:
        unknown = set(options.only) - {program.name for program in chosen}
        if unknown:
            parser.error(f"no program {', '.join(sorted(unknown))}; --list names them")
        chosen = [program for program in chosen if program.name in options.only]
    lines = report.Report(options.json)
    if options.prepare:
        for program in chosen:
            start = time.monotonic()
            try:
                program.prepare()
                lines.add(program.name, [], time.monotonic() - start)
            except (fetch.FetchError, toolchain.BuildError, OSError) as error:
                lines.add(program.name, [str(error)])
        return lines.finish()
    try:
        engine = Engine(options.engine, options.extra_flags)
        reason = engine.missing()
    except fetch.FetchError as error:
        reason = str(error)
    if reason:
        lines.add("engine", [reason])
        return lines.finish()
    with open(programs.HERE / "expected.json", encoding="utf-8") as file:
        expected = json.load(file)
    for program in chosen:
        check(program, engine, expected, lines)
    return lines.finish()


if __name__ == "__main__":
    sys.exit(main())
