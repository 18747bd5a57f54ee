#!/usr/bin/env python3
"""Writes expected.json: what each program of manifest.toml gives under the pinned Node.

    tests/programs/record.py [--only NAME]...

Every program runs twice; a difference between the two runs is reported and nothing is written, because
a step whose output is not the same twice cannot be compared with another engine. Read the difference of
expected.json before committing it: this file is what "correct" means.
"""

import argparse
import json
import sys

import programs
from kit.engine import Engine

TRAP = "trap: "  # the line that kit/node_wasi.mjs itself adds after a trap


def without_trap_line(observed: dict) -> dict:
    words = observed.get("stderr", {}).get("starts")
    if words is not None:
        observed["stderr"]["starts"] = "".join(
            line for line in words.splitlines(keepends=True) if not line.startswith(TRAP))
    return observed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", metavar="NAME")
    options = parser.parse_args()
    path = programs.HERE / "expected.json"
    expected = json.loads(path.read_text()) if path.is_file() else {}
    engine = Engine("node")
    chosen = programs.load()
    names = [program.name for program in chosen]
    differing = 0
    for program in chosen:
        if options.only and program.name not in options.only:
            continue
        program.prepare()
        runs = [{step["name"]: without_trap_line(observed) for step, observed, _ in program.run_steps(engine)}
                for _ in range(2)]
        for name in runs[0]:
            if runs[0][name] != runs[1].get(name):
                print(f"{program.name} {name}: differs between two runs\n  {runs[0][name]}\n  {runs[1].get(name)}")
                differing += 1
        expected[program.name] = runs[0]
        print(f"{program.name}: {len(runs[0])} steps recorded")
    if differing:
        print("nothing written")
        return 1
    expected = {name: expected[name] for name in names if name in expected}
    path.write_text(json.dumps(expected, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
