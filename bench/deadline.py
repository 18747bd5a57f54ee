#!/usr/bin/env python3
"""How long after its run-time limit a guest ends, in each tier and in each thing it may be doing.

    bench/deadline.py [--runs N] [--limit MS] [--engine CMD] [--json OUT]

Each run is a process of its own; the delay is from the limit to the moment its parent is told of its end, both counted from
just before the process is made. The guests are those of tests/cli. Every run must exit with status 15.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import common
import run
from common import ROOT

sys.path.insert(0, str(ROOT / "tests" / "cli"))
import guests_text  # noqa: E402

FLOOR, GOAL = 150e-3, 20e-3  # seconds past the limit
CASES = {"loop": "spin", "recursion": "fib", "poll_oneoff": "sleeper", "fd_read": "cat", "sock_accept": "accept",
         "atomic wait": "atomic_wait", "FIFO open": "fifo_write", "memory.fill": "bulk_fill", "memory.copy": "bulk_copy"}
TIERS = {"interp": ["--tier=interp"], "baseline": ["--tier=baseline"], "auto": ["--tier=auto"]}


def delay(command, limit, folder):
    read_end, write_end = os.pipe()  # input that stays open and idle
    try:
        start = time.monotonic()
        child = subprocess.Popen(command, stdin=read_end, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
        status = child.wait()
        took = time.monotonic() - start
    finally:
        os.close(read_end)
        os.close(write_end)
    if status != 15:
        raise common.BenchError(f"{' '.join(command)}: status {status}, not 15")
    return took - limit


def main():
    parser = argparse.ArgumentParser(description="Measure the delay past --run-time.")
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--limit", type=int, default=200, help="milliseconds (default 200)")
    parser.add_argument("--engine", help="command put before the options and FILE")
    parser.add_argument("--json", metavar="OUT")
    options = parser.parse_args()
    engine = run.resolve_engine(common.load_corpus(), options.engine)
    common.print_machine(common.describe_machine() | {"engine": " ".join(engine)})
    print(f"\n  delay past a limit of {options.limit} ms, in ms\n  {'guest is in':<14} {'tier':<10} {'min':>8} {'median':>8} {'max':>8}")
    results, worst = [], 0
    with tempfile.TemporaryDirectory() as folder:
        guests = guests_text.build(folder)
        os.mkfifo(pathlib.Path(folder) / "fifo")
        for case, guest in CASES.items():
            words = {"sock_accept": ["--tcplisten", "127.0.0.1:0"], "FIFO open": ["--dir", f"{folder}::/"]}.get(case, [])
            for tier, flags in TIERS.items():
                command = [*engine, *flags, *words, "--run-time", str(options.limit), guests[guest]]
                delays = sorted(delay(command, options.limit / 1000, folder) for _ in range(options.runs))
                results.append({"case": case, "tier": tier, "delays": delays})
                worst = max(worst, delays[-1])
                print(f"  {case:<14} {tier:<10} {delays[0] * 1e3:8.2f} {common.median(delays) * 1e3:8.2f} {delays[-1] * 1e3:8.2f}", flush=True)
    print(f"  worst {worst * 1e3:.2f} ms (floor {FLOOR * 1e3:.0f}, goal {GOAL * 1e3:.0f}: {run.verdict(worst, FLOOR, GOAL)})")
    common.save_json(options.json, {"limit_ms": options.limit, "results": results})


if __name__ == "__main__":
    common.start(main)
