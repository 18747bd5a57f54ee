#!/usr/bin/env python3
"""Leaves out checks of accesses (codegen/check_site.h) and demands that the verifier reports the code.

  verify_mutants.py --bin FOLDER     FOLDER/verified/bls and FOLDER/bin/bls are built with BLS_MUTATE

Only compilation counts: no function of the scripts' modules has to run. Then the same fault is looked for by
tools/dev/jit_bisect.py in a program. The last line is `N passed, N failed`.
"""

import argparse
import os
import subprocess
import sys
import tempfile

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
SCRIPT = os.path.join("spec-tests", "own", "checks.wast")
FAULTY = 17

# Site, memory mode, words of the report. The other sites of codegen/baseline_memory.h leave an access that is right.
SITES = (
    ("MemoryBounds", "checked", "is not checked"),
    ("SumWrap", "checked", "may have wrapped"),
    ("OffsetWrap", "checked", ""),
    ("AccessWidth", "checked", "is not checked"),
    ("GuardFirst", "guard", "another memory's base"),
    ("GuardIndex", "guard", "without a guard"),
    ("GuardPage", "guard", "without a guard"),
    ("GuardReach", "guard", "beyond the guard"),
    ("GuardConstant", "guard", ""),
)


def run(command, site):
    env = dict(os.environ)
    env.pop("BLS_MUTATE_SITE", None)
    if site:
        env["BLS_MUTATE_SITE"] = site
    return subprocess.run(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          errors="replace", timeout=300, check=False)


def verifier_reports(folder, site, mode, words):
    command = [os.path.join(folder, "verified", "bls"), "wast", "--features=-custom-descriptors", "--tier=baseline",
               "--compile=eager", f"--memory-mode={mode}", SCRIPT]
    whole = run(command, None)
    assert whole.returncode == 0, f"with every check in place: {whole.stderr[-300:]}"
    done = run(command, site)
    lines = [line for line in done.stderr.splitlines() if line.startswith("function ")]
    assert done.returncode != 0 and lines and words in lines[0], f"{done.returncode}: {done.stderr[-300:]}"
    print(f"{site}, {mode}: {lines[0]}")


def bisect_finds(folder):
    functions = "".join(f"(func (result i32) (i32.load (i32.const {131072 if i == FAULTY else 64})))" for i in range(50))
    calls = "".join(f"(drop (call {i}))" for i in range(50))
    with tempfile.TemporaryDirectory() as temp:
        module = os.path.join(temp, "fifty.wat")
        with open(module, "w", encoding="utf-8") as file:
            file.write(f'(module (memory 1) {functions} (func (export "_start") {calls}))')
        done = run([sys.executable, "tools/dev/jit_bisect.py", "--", os.path.join(folder, "bin", "bls"), "run",
                    "--tier=baseline", "--memory-mode=checked", module], "MemoryBounds")
    last = done.stdout.splitlines()[-1:]
    assert last == [f"functions: {FAULTY}"], f"{done.returncode}: {done.stdout[-500:]}{done.stderr[-300:]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True)
    folder = os.path.abspath(parser.parse_args().bin)
    tests = [(site, lambda s=site, m=mode, w=words: verifier_reports(folder, s, m, w)) for site, mode, words in SITES]
    tests.append(("bisect", lambda: bisect_finds(folder)))
    failed = 0
    for name, test in tests:
        try:
            test()
        except AssertionError as why:
            failed += 1
            print(f"FAILED {name}: {why}")
    print(f"{len(tests) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
