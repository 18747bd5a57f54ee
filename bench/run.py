#!/usr/bin/env python3
"""Runs the benchmark corpus: native against the engine, in paired alternation.

    bench/run.py [--size small|large|both] [--runs K] [--engine CMD] [--fuel] [--json OUT] [--baseline OLD] [NAME...]

Each program runs natively and under the engine K times, the two alternating so that drift of the machine hits both.
The ratio of a pair is engine time over native time; reported is the median over the pairs and their spread (half the
interquartile range over the median). Primary is CPU time, user plus system of all threads of the process, which
includes its start; wall-clock time is reported beside it. Every run's checksum is compared with the recorded one.
"""

import argparse
import collections
import functools
import json
import os
import pathlib
import shlex
import signal
import subprocess
import sys
import threading

import build
import common
from common import ENGINE, geomean, median, spread

# What the project promises (floor) and wants (goal); printed beside the results.
FLOOR_TOTAL, GOAL_TOTAL = 8.2, 6.0
GOAL_WORST, GOAL_WORST_SIMD = 16.0, 20.0
FLOOR_FUEL, GOAL_FUEL = 1.05, 1.02
HUGE_FUEL = "1000000000000000000"

Sample = collections.namedtuple("Sample", "cpu wall rss output error")


@functools.cache
def launcher():
    return common.build_tool("launch")


def measure(command, timeout, env=None, stdin=subprocess.DEVNULL, cwd=None):
    """Runs a command to its end through the C launcher, which times it and sees its true peak memory; `env` is added to ours.

    Seconds of CPU and wall time, peak RSS in KiB, stdout, and an error or None.
    """
    report_read, report_write = os.pipe()
    try:
        process = subprocess.Popen([str(launcher()), "--once", str(report_write), "--", *command],
                                   stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=cwd,
                                   env=os.environ | env if env else None, pass_fds=[report_write], start_new_session=True)
    finally:
        os.close(report_write)
    expired = threading.Event()

    def expire():
        expired.set()
        os.killpg(process.pid, signal.SIGKILL)

    timer = threading.Timer(timeout, expire)
    timer.start()
    output, complaint = process.communicate()
    timer.cancel()
    with os.fdopen(report_read) as report:
        fields = report.read().split()
    if len(fields) != 4:
        return Sample(0, 0, 0, "", f"timeout after {timeout} s" if expired.is_set() else
                      complaint.decode(errors="replace").strip() or "the launcher failed")
    code = os.waitstatus_to_exitcode(int(fields[3]))
    error = None
    if code != 0:
        lines = complaint.decode(errors="replace").strip().splitlines()
        error = f"exit {code}" + (f": {lines[0]}" if lines else "")
    return Sample(float(fields[1]), float(fields[0]), int(fields[2]), output.decode(errors="replace").strip(), error)


def resolve_engine(corpus, text):
    """The words put before FILE: a command line, `node` for the pinned Node, `liftoff` for the same with V8's baseline
    compiler alone, `jsc` and `bbq` likewise for JavaScriptCore if it is installed, or our engine as a user gets it."""
    if text in ("jsc", "bbq"):
        if common.installed_jsc() is None:
            raise common.BenchError(common.JSC_MISSING)
        only = common.BBQ_ONLY if text == "bbq" else []
        return [common.installed_jsc(), *only, "-m", str(common.BENCH / "jsc_run.mjs"), "--"]
    if text in ("node", "liftoff"):
        only = ["--liftoff-only"] if text == "liftoff" else []
        return [str(common.pinned_node(corpus)), "--no-warnings", *only, str(common.BENCH / "node_run.mjs")]
    words = shlex.split(text) if text else [str(ENGINE), "run"]
    if not pathlib.Path(words[0]).exists() and not any(
            (pathlib.Path(folder) / words[0]).exists() for folder in os.environ["PATH"].split(":")):
        raise common.BenchError(f"the engine {words[0]} does not exist (build it with ./dev build, or use --engine)")
    return words


class Side:
    """One of the two things compared."""

    def __init__(self, name, command_of):
        self.name = name
        self.command_of = command_of  # (program, arguments) -> command


def make_sides(corpus, options):
    engine = resolve_engine(corpus, options.engine)
    guest = lambda words: lambda p, a: [*words, str(build.product(p["name"], "wasm")), "--", *a]
    if options.fuel:
        return Side("fuel off", guest(engine)), Side("fuel on", guest([*engine, "--limited-fuel", HUGE_FUEL]))
    return Side("native", lambda p, a: [str(build.product(p["name"], "native")), *a]), Side("engine", guest(engine))


def run_program(program, size, sides, options):
    """All samples of one program at one size, or the reason it failed."""
    case = program[size]
    result = {"name": program["name"], "group": program["group"], "size": size, "samples": [[], []]}
    for round_number in range(options.runs + options.warm_up):
        order = (0, 1) if round_number % 2 == 0 else (1, 0)
        pair = [None, None]
        for which in order:
            sample = measure(sides[which].command_of(program, case["args"]), options.timeout)
            if sample.error is None and sample.output != case["checksum"]:
                sample = sample._replace(error=f"checksum {sample.output[:40]!r}, expected {case['checksum']}")
            if sample.error is not None:
                result["error"] = f"{sides[which].name}: {sample.error}"
                return result
            pair[which] = sample
        if round_number >= options.warm_up:
            for which in (0, 1):
                result["samples"][which].append(pair[which])
    for index, key in ((0, "cpu"), (1, "wall")):
        ratios = [b[index] / max(a[index], 1e-4) for a, b in zip(*result["samples"])]
        result[key] = {"ratio": median(ratios), "spread": spread(ratios),
                       "base": median([s[index] for s in result["samples"][0]]),
                       "measured": median([s[index] for s in result["samples"][1]])}
    result["rss"] = median([s.rss for s in result["samples"][1]])
    return result


def print_program(result):
    if "error" in result:
        print(f"{result['group']:<12} {result['name']:<17} FAILED  {result['error']}", flush=True)
        return
    cpu, wall = result["cpu"], result["wall"]
    print(f"{result['group']:<12} {result['name']:<17} {cpu['base'] * 1e3:9.1f} {cpu['measured'] * 1e3:10.1f} "
          f"{cpu['ratio']:8.2f} {cpu['spread'] * 100:6.1f} % {wall['ratio']:8.2f} {result['rss'] / 1024:9.1f}", flush=True)


def summarise(results, size, fuel):
    """Group and total means, the worst program; a dictionary for --json."""
    good = [r for r in results if r["size"] == size and "error" not in r]
    failed = [r for r in results if r["size"] == size and "error" in r]
    if not good:
        print(f"\n{size}: nothing measured, {len(failed)} failed")
        return {"failed": len(failed)}
    groups = collections.OrderedDict()
    for r in good:
        groups.setdefault(r["group"], []).append(r)
    print(f"\n{size}: geometric means of {'fuel on / fuel off' if fuel else 'engine / native'}")
    print(f"  {'group':<12} {'programs':>8} {'CPU':>8} {'wall':>8}   range of CPU ratios")
    for name, members in groups.items():
        ratios = [r["cpu"]["ratio"] for r in members]
        print(f"  {name:<12} {len(members):8} {geomean(ratios):8.3f} {geomean([r['wall']['ratio'] for r in members]):8.3f}"
              f"   {min(ratios):.2f} .. {max(ratios):.2f}")
    total = geomean([r["cpu"]["ratio"] for r in good])
    wall = geomean([r["wall"]["ratio"] for r in good])
    uncertainty = sum((r["cpu"]["spread"]) ** 2 for r in good) ** 0.5 / len(good)
    worst = max(good, key=lambda r: r["cpu"]["ratio"])
    simd = max((r for r in good if r["group"] == "simd"), key=lambda r: r["cpu"]["ratio"], default=None)
    other = max((r for r in good if r["group"] != "simd"), key=lambda r: r["cpu"]["ratio"], default=None)
    print(f"  {'total':<12} {len(good):8} {total:8.3f} {wall:8.3f}   +- {uncertainty * 100:.1f} %")
    if fuel:
        print(f"  floor {FLOOR_FUEL}, goal {GOAL_FUEL}: {verdict(total, FLOOR_FUEL, GOAL_FUEL)}")
    else:
        print(f"  floor {FLOOR_TOTAL}, goal {GOAL_TOTAL}: {verdict(total, FLOOR_TOTAL, GOAL_TOTAL)}")
        if other:
            print(f"  worst: {other['name']} {other['cpu']['ratio']:.2f} (goal {GOAL_WORST})", end="")
        if simd:
            print(f"; worst of simd: {simd['name']} {simd['cpu']['ratio']:.2f} (goal {GOAL_WORST_SIMD})", end="")
        print()
    for r in failed:
        print(f"  FAILED {r['name']}: {r['error']}")
    return {"total": total, "wall": wall, "uncertainty": uncertainty, "programs": len(good), "failed": len(failed),
            "worst": worst["name"], "worstRatio": worst["cpu"]["ratio"],
            "groups": {name: geomean([r["cpu"]["ratio"] for r in members]) for name, members in groups.items()}}


def verdict(value, floor, goal):
    return "goal met" if value <= goal else "floor met" if value <= floor else "FLOOR MISSED"


def compare_baseline(results, path):
    """Programs whose CPU ratio moved by more than the spread of both measurements."""
    old = {(r["name"], r["size"]): r for r in json.loads(pathlib.Path(path).read_text())["results"] if "cpu" in r}
    factors = []
    print(f"\nagainst {path}:")
    for r in results:
        before = old.get((r["name"], r["size"]))
        if before is None or "cpu" not in r:
            continue
        factor = r["cpu"]["ratio"] / before["cpu"]["ratio"]
        factors.append(factor)
        if abs(factor - 1) > max(0.03, r["cpu"]["spread"] + before["cpu"]["spread"]):
            print(f"  {r['name']:<18} {r['size']:<6} {before['cpu']['ratio']:7.2f} -> {r['cpu']['ratio']:7.2f}  {(factor - 1) * 100:+6.1f} %")
    if factors:
        print(f"  all {len(factors)} programs: {(geomean(factors) - 1) * 100:+.1f} %")


def parse_arguments():
    parser = argparse.ArgumentParser(description="Run the benchmark corpus against native code.")
    parser.add_argument("names", nargs="*", help="programs or groups; default: all")
    parser.add_argument("--size", choices=("small", "large", "both"), default="small",
                        help="native 60 ms (default) or 600 ms")
    parser.add_argument("--runs", type=int, default=5, help="pairs of runs per program (default 5)")
    parser.add_argument("--warm-up", type=int, default=1, help="pairs run first and not counted (default 1)")
    parser.add_argument("--engine", help="command put before FILE -- ARGS; `node` is the pinned Node, `liftoff` its baseline compiler "
                        "alone, `jsc` and `bbq` the same of JavaScriptCore")
    parser.add_argument("--fuel", action="store_true", help="compare the engine with fuel on and off")
    parser.add_argument("--json", metavar="OUT", help="write all samples and means there")
    parser.add_argument("--baseline", metavar="OLD", help="compare with an earlier --json file")
    parser.add_argument("--timeout", type=float, default=300, help="seconds for one run (default 300)")
    return parser.parse_args()


def main():
    options = parse_arguments()
    corpus = common.load_corpus()
    programs = build.select(corpus, options.names)
    sides = make_sides(corpus, options)
    build.build_all(corpus, programs)
    facts = common.describe_machine()
    facts["engine"] = " ".join(resolve_engine(corpus, options.engine))
    facts["corpus"] = common.corpus_state()
    facts["samples"] = f"{options.runs} pairs per program"
    common.print_machine(facts)
    results = []
    sizes = ("small", "large") if options.size == "both" else (options.size,)
    for size in sizes:
        print(f"\n{size:<12} {'program':<17} {sides[0].name + ' ms':>9} {sides[1].name + ' ms':>10} "
              f"{'CPU x':>8} {'spread':>8} {'wall x':>8} {'RSS MiB':>9}")
        for program in programs:
            results.append(run_program(program, size, sides, options))
            print_program(results[-1])
    summary = {size: summarise(results, size, options.fuel) for size in sizes}
    if options.baseline:
        compare_baseline(results, options.baseline)
    if options.json:
        text = json.dumps({"machine": facts, "summary": summary, "results": [
            {**r, "samples": [[s._asdict() | {"output": None} for s in side] for side in r["samples"]]} for r in results]},
            indent=1)
        pathlib.Path(options.json).write_text(text + "\n")
    return 1 if any("error" in r for r in results) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except common.BenchError as error:
        sys.exit(f"bench: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
