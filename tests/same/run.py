#!/usr/bin/env python3
"""One set of programs in every build, tier and memory mode: each must give what expected.json holds.

    tests/same/run.py --engine build/release/bin/bls [--agree build/release/tests/agree_corpus]
    tests/same/run.py --engine 'qemu-aarch64 … build/a64-cross/bin/bls' --emulated [--agree 'qemu-aarch64 …']
    tests/same/run.py --wasm build/wasm/bin/bls.wasm
    tests/same/run.py --engine … --bless          writes expected.json from the first mode

Scripts (wast) have several instances. Of every program: exit status, output, fuel, a hash of its memories, and when it traps the kind, the place, the number of
frames (for endless recursion: how deep it gets) and a hash of the trace. --agree adds the hash of what generated
programs do. As all builds compare with the same file, they agree with each other. Closing line: `N passed, N failed`.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "guests"))

from kit import report  # noqa: E402

EXPECTED = HERE / "expected.json"
FUEL = 1_000_000_000
COMMON = ["--deterministic", "--stats=digest"]
GENERATED = 200  # programs of agree_corpus
NATIVE = {
    "tail/guard": ["--tier=interp", "--dispatch=tail", "--memory-mode=guard"],
    "loop/checked": ["--tier=interp", "--dispatch=loop", "--memory-mode=checked"],
    "baseline/guard": ["--tier=baseline", "--memory-mode=guard"],
    "baseline/checked": ["--tier=baseline", "--memory-mode=checked"],
    "mixed/guard": ["--tier=baseline", "--stress=mix", "--memory-mode=guard"],
    "auto": ["--tier=auto"],
    "auto, soon/checked": ["--tier=auto", "--compile-at-call=2", "--compile-at-loop=3", "--memory-mode=checked"],
    "auto, at loops": ["--tier=auto", "--compile-at-call=0", "--compile-at-loop=1"],
}
# What the machine adds is its compiler; guard memories are slow to reserve under an emulator.
EMULATED = ("baseline/checked", "auto, soon/checked")
IN_NODE = {"in Node": []}

DEEP = ("plain", "locals", "operands", "vectors", "ping", "indirect", "reference", "objects", "guarded", "tail")
TRAPS = ("load", "store", "divide", "overflow", "convert", "null", "undefined", "signature", "field", "cast", "copy")


def cases():
    """{name: (words behind the mode's flags, the command first)}; files are relative to the root of the tree."""
    def program(file, entry, *args, fuel=FUEL, flags=()):
        path = file if "/" in file else f"tests/same/programs/{file}"
        return ["run", *COMMON, f"--limited-fuel={fuel}", *flags, *(["--invoke", entry] if entry else []), path, "--", *map(str, args)]

    yield "hello", program("examples/hello.wat", None)
    yield "system", program("system.wat", None, "one", "two words", flags=["--env", "LANG=C", "--env", "A=b", "--seed", "7"])
    yield "integers", program("integers.wat", "run", 20000)
    yield "floats", program("floats.wat", "run", 60)
    yield "memories", program("memories.wat", "run", 4000)
    yield "calls", program("calls.wat", "run", 3000)
    yield "tables", program("tables.wat", "run", 60)
    yield "exceptions", program("exceptions.wat", "run", 600)
    yield "exception nobody catches", program("exceptions.wat", "uncaught", 50)
    yield "vectors", program("vectors.wat", "run", 2000)
    yield "atomics", program("atomics.wat", "run", 2000)
    yield "objects", program("tests/gc/gc_work.wat", "run", 60)
    yield "objects thrown", program("tests/gc/gc_work.wat", "exceptions", 2000)
    yield "objects, little memory", program("tests/gc/gc_work.wat", "lists", 100000, flags=["--total-memory=1048576"])
    for name in DEEP:
        yield f"deep {name}", program("deep.wat", name, 1)
        yield f"deep {name}, 100 KB", program("deep.wat", name, 1, flags=["--stack-size=100000"])
    for name in TRAPS:
        yield f"trap {name}", program("traps.wat", name)
    yield "trap unreachable", program("traps.wat", "unreachable", 3)
    for fuel in (1, 1000, 54321):
        yield f"endless, {fuel} units", program("traps.wat", "endless", fuel=fuel)
    yield "calls, 30000 units", program("calls.wat", "run", 3000, fuel=30000)
    yield "across instances", ["wast", "tests/same/programs/across.wast"]


def record(status, out, err):
    """What is compared, of one run; a text when there is nothing to compare."""
    lines = err.splitlines()
    if "commands, " in out:
        return {"status": status, "out": out, "errors": err}  # a script
    stats = [line for line in lines if line.startswith('{"fuel"')]
    if len(stats) != 1:
        return f"status {status}: {err[-400:]}"
    stats = json.loads(stats[0])
    words = [line for line in lines if not line.startswith('{"fuel"')]
    found = {"status": status, "out": out, "fuel": stats["fuel"]["used"], "memory": stats["memory"]["digest"],
             "trap": stats["exit"]["trap"]}
    if stats["exit"]["trap"] == "all fuel consumed":
        return found  # in which place of a loop is up to a tier
    if words:
        frames = [line for line in words if re.match(r" +\d+: ", line)]
        more = re.search(r"\((\d+) more\)", frames[-1]) if frames else None
        found["place"] = words[0]
        found["frames"] = len(frames) + int(more[1]) if more else len(frames)
        found["trace"] = hashlib.sha256("\n".join(words).encode()).hexdigest()[:16]
    return found


def run_native(command, flags, words):
    try:
        done = subprocess.run([*command, words[0], *flags, *words[1:]], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=300)
    except subprocess.TimeoutExpired:
        return "still running after 300 s"
    return record(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))


def run_in_node(wasm, jobs):
    from kit import fetch, toolchain
    try:
        node = toolchain.node()
    except fetch.FetchError as error:
        return [f"no Node: {error}"] * len(jobs)
    done = subprocess.run([node, "--no-warnings", str(HERE.parent / "fuel" / "node_runner.mjs"), wasm, str(ROOT)],
                          input=json.dumps([{"args": words, "out": True} for words in jobs]),
                          capture_output=True, text=True)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    found = [record(one["status"], one["stdout"], one["stderr"]) for one in found]
    return found + [f"Node ended with {done.returncode}: {done.stderr[-300:]}"] * (len(jobs) - len(found))


def differences(want, have):
    if want is None:
        return ["nothing recorded: run with --bless"]
    if isinstance(have, str):
        return [have]
    return [f"{key}: expected {want.get(key)!r}, got {have.get(key)!r}"
            for key in sorted({*want, *have}) if want.get(key) != have.get(key)]


def digest_of_generated(command):
    """The hash of what generated programs do, or what went wrong. All tiers of the build have to agree on the way."""
    done = subprocess.run([*command, "--seed", "1", "--count", str(GENERATED), "--cover-every", "1000000"],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    digest = re.search(r"^digest of what they did: ([0-9a-f]{16})$", done.stdout, re.M)
    if done.returncode or digest is None:
        return f"agree_corpus ended with {done.returncode}: {done.stderr[-300:]}"
    return digest[1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    place = parser.add_mutually_exclusive_group(required=True)
    place.add_argument("--engine", help="command of a native bls")
    place.add_argument("--wasm", help="bls.wasm, run inside Node")
    parser.add_argument("--emulated", action="store_true", help="only the modes that are cheap under an emulator")
    parser.add_argument("--agree", help="command of agree_corpus")
    parser.add_argument("--bless", action="store_true", help="write expected.json")
    options = parser.parse_args()
    programs = dict(cases())
    expected = {"programs": {}, "generated": None}
    if not options.bless:
        expected = json.loads(EXPECTED.read_text(encoding="utf-8"))
    modes, found = IN_NODE, {}
    if options.wasm:
        for name, one in zip(programs, run_in_node(options.wasm, list(programs.values()))):
            found["in Node", name] = one
    else:
        command = shlex.split(options.engine)
        compiles = "baseline" in subprocess.run([*command, "--version"], capture_output=True, text=True).stdout
        modes = {mode: flags for mode, flags in NATIVE.items()
                 if (compiles or "--tier=interp" in flags) and (not options.emulated or mode in EMULATED)}
        keys = [(mode, name) for mode in modes for name in programs]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            found = dict(zip(keys, pool.map(lambda key: run_native(command, modes[key[0]], programs[key[1]]), keys)))
    generated = digest_of_generated(shlex.split(options.agree)) if options.agree else None
    if options.bless:
        expected["generated"] = {"count": GENERATED, "digest": generated}
        expected["programs"] = {name: found[next(iter(modes)), name] for name in programs}
        EXPECTED.write_text(json.dumps(expected, indent=1) + "\n", encoding="utf-8")
    lines = report.Report()
    for (mode, name), have in found.items():
        lines.add(f"{name}: {mode}", differences(expected["programs"].get(name), have))
    for name in sorted(set(expected["programs"]) - set(programs)):
        lines.add(name, ["is expected, but there is no such program"])
    if options.agree:
        want = (expected["generated"] or {}).get("digest")
        lines.add(f"{GENERATED} generated programs", [] if generated == want else [f"expected {want}, got {generated}"])
    return lines.finish()


if __name__ == "__main__":
    sys.exit(main())
