"""Instructions under callgrind: what our engine executes for fixed work, without timing, so that CI can watch it.

    bench/counts.py [--out FILE] [--guest MODULE=FILE] [NAME...]

Work inside one process (bench/inside) is counted twice with different numbers of operations, and the difference divided by that of
the numbers is told: start and translation are out of it, and nothing is left to chance but address layout (below one in a thousand). Another guest can
stand for one of bench/inside: how a change of the work shows, without a change of the engine.
"""

import argparse
import pathlib
import re
import shutil
import sys
import tempfile
import subprocess

import common

HOST = common.ROOT / "build" / "release" / "bench" / "ours_host"
WORK = {  # case: module, kind, export, the two numbers of operations
    "call direct": ("core", "call", "direct", 2000, 22000), "call_indirect": ("core", "call", "indirect", 2000, 22000),
    "call to host": ("core", "call", "host", 2000, 12000), "call from host": ("core", "entry", "leaf", 500, 5500),
    "trap unreachable": ("core", "trap", "stop", 20, 220), "memory.copy 16": ("core", "call", "copy16", 500, 5500),
    "memory.fill 4096": ("core", "call", "fill4k", 50, 550), "spin": ("core", "call", "spin", 2000, 22000),
    "instantiate": ("core", "instantiate", "leaf", 5, 55), "call_ref": ("references", "call", "callref", 2000, 22000),
    "throw and catch": ("references", "call", "exceptions", 50, 550), "struct.new": ("references", "call", "objects", 2000, 22000),
}
PHASES = ("validate", "compile")


def instructions(command):
    """What callgrind counts in a whole process; BenchError when it does not run there."""
    with tempfile.TemporaryDirectory(prefix="bless-counts-") as scratch:
        done = subprocess.run(["setarch", "-R", "valgrind", "--tool=callgrind", f"--callgrind-out-file={scratch}/out", "--", *map(str, command)],
                              capture_output=True, text=True, timeout=600)
        if done.returncode != 0:
            lines = [line for line in done.stderr.splitlines() if "rror" in line or "host:" in line] or ["failed"]
            raise common.BenchError(f"under callgrind: {lines[0][:160]}")
        total = re.search(r"Collected : (\d+)", done.stderr)
    if total is None:
        raise common.BenchError("callgrind told no total")
    return int(total.group(1))


def per_operation(low, high, count=instructions):
    """Instructions of one operation from two commands and their numbers of operations: [(command, number)] twice."""
    return (count(high[0]) - count(low[0])) / (high[1] - low[1])


def measure(case, tier, guest_module):
    """Instructions per operation of one case."""
    module, kind, export, few, many = WORK[case]
    task = (lambda n: f"{kind}:{export}:1:{n}") if kind == "instantiate" else (lambda n: f"{kind}:{export}:{n}:1")
    # The host runs a case once without counting it.
    times = 1 if kind == "instantiate" else 2
    words = [HOST, "-o", tier, "tasks", guest_module(module)]
    return per_operation(([*words, task(few)], few * times), ([*words, task(many)], many * times))


def phase(verb, tier, module):
    """Instructions for a byte of a module."""
    words = [HOST, "-o", tier, verb]
    return per_operation(([*words, 1, module], 2), ([*words, 2, module], 3)) / pathlib.Path(module).stat().st_size


def reason_not():
    if shutil.which("valgrind") is None:
        return "no program valgrind"
    return None if HOST.exists() else f"{HOST} is not built"


def steps(plan, out):
    """The section of a side-by-side run."""
    import sections
    why = reason_not()
    if why:
        return [(0.1, "counts", lambda: out.missing("counts", "", "t0", why))]
    todo = []
    small = lambda: common.BUILD / "wasm" / "app_cmark.wasm"
    for tier, key in (("interp", "t0"), ("baseline", "t1")):
        def case_work(case, tier=tier, key=key):
            try:
                out.add("counts", case, key, "instructions", "each", [measure(case, tier, sections.guest_module)])
            except common.BenchError as reason:
                out.missing("counts", case, key, str(reason))

        def phase_work(verb, tier=tier, key=key):
            try:
                out.add("counts", f"{verb} app_cmark", key, "instructions", "per byte", [phase(verb, tier, small())])
            except common.BenchError as reason:
                out.missing("counts", verb, key, str(reason))
        cases = ("call direct", "spin") if plan.quick else WORK
        todo += [(4, f"counts: {case}, {key}", lambda c=case, f=case_work: f(c)) for case in cases]
        verbs = PHASES if tier == "baseline" else PHASES[:1]
        if small().exists() and not plan.quick:
            todo += [(15, f"counts: {verb}, {key}", lambda v=verb, f=phase_work: f(v)) for verb in verbs]
    return todo


def main():
    import results
    parser = argparse.ArgumentParser(description="Count instructions of fixed work under callgrind.")
    parser.add_argument("--out", metavar="FILE", help="write a result file, for bench/compare")
    parser.add_argument("--guest", action="append", default=[], metavar="MODULE=FILE", help="FILE (wat or wasm) in place of core or references")
    parser.add_argument("names", nargs="*", metavar="NAME", help="cases that have this in their name; all: " + ", ".join(WORK))
    options = parser.parse_args()
    if reason_not():
        raise common.BenchError(reason_not())
    import sections
    for pair in options.guest:
        name, _, path = pair.partition("=")
        if not path or name not in {work[0] for work in WORK.values()}:
            raise common.BenchError(f"--guest {pair}: it is core=FILE or references=FILE")
        sections.GUESTS[name] = pathlib.Path(path)
    out = results.Results("counts", [], [])

    class Plan:
        quick = False
    for _, label, work in steps(Plan, out):
        if not options.names or any(name in label for name in options.names):
            work()
    for r in out.data["records"]:
        print(f"  {r['engine']} {r['case']:<22} {r['samples'][0]:12.2f} {r['unit']}")
    for m in out.data["missing"]:
        print(f"  {m['engine']} {m['case']:<22} {m['reason']}")
    if options.out:
        out.save(options.out)


if __name__ == "__main__":
    common.start(main)
    sys.exit(0)
