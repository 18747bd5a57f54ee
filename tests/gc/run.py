#!/usr/bin/env python3
"""Runs gc_work.wat, which allocates without end, under small limits of memory, and watches that the heap stays within.

    tests/gc/run.py --engine BLS [--seconds S] [--only NAME]

For every limit and back end: the checksum is the known one (Node gives the same), `--stats=json` says that no more than
the limit was in use, the process (looked at every 2 ms)
never held more than the limit and what a process without a heap holds, and a limit below
what is alive ends in a trap. `--seconds` is how long the long run should take. Closing line `N passed, N failed`.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "guests"))

from kit import report  # noqa: E402

WORK = HERE / "gc_work.wat"
MIB = 1 << 20
# Process memory beyond the heap: code, stacks, the module; measured with a limit of 64 MiB that is not used: 5 MiB.
BESIDE = 8 * MIB
# rounds: checksum
KNOWN = {2000: "7997155799482285703"}
PARTS = {"structs": (100000, "1"), "large_structs": (100000, "1"), "arrays": (100000, "24"), "casts": (100000, None),
         "trees": (100000, None), "exceptions": (100000, None)}


def resident_peak(pid):
    """Most bytes the process has held so far; 0 once it has ended. (What wait4 says begins with the size of its parent.)"""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def run(engine, name, count, flags):
    """(status, stdout, statistics or None, peak resident bytes, seconds in the guest, stderr)"""
    command = [*engine, "run", "--stats=json", *flags, "--invoke", name, str(WORK), "--", str(count)]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        resident = 0
        while child.poll() is None:
            resident = max(resident, resident_peak(child.pid))
            time.sleep(0.002)
        out.seek(0)
        err.seek(0)
        text = err.read().decode(errors="replace")
        lines = [line for line in text.splitlines() if line.startswith("{")]
        stats = json.loads(lines[-1]) if lines else None
        seconds = stats["time_us"]["run"] / 1e6 if stats else 0
        return child.returncode, out.read().decode().strip(), stats, resident, seconds, text


def within(limit, outcome, wanted, sanitized):
    status, out, stats, resident, _, text = outcome
    if status != 0:
        yield f"status {status}: {text.strip()[-200:]}"
        return
    if wanted is not None and out != wanted:
        yield f"result {out}, wanted {wanted}"
    peak = stats["memory"]["peak_bytes"]
    if peak > limit:
        yield f"{peak} bytes in use, the limit is {limit}"
    if resident > limit + BESIDE and not sanitized:
        yield f"{resident} bytes resident, the limit is {limit} and {BESIDE} beside"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", required=True, help="bls")
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--sanitized", action="store_true", help="the engine has sanitizers: no bound on its own memory")
    options = parser.parse_args()
    engine = options.engine.split()
    lines = report.Report()
    speed = 0
    ways = {"tail": "--dispatch=tail", "loop": "--dispatch=loop"}
    if "baseline" in subprocess.run([*engine, "--version"], capture_output=True, text=True, check=True).stdout:
        ways["baseline"] = "--tier=baseline"
    for dispatch, way in ways.items():
        for limit in (1 * MIB, 3 * MIB, 8 * MIB):
            outcome = run(engine, "run", 2000, [way, f"--total-memory={limit}"])
            problems = list(within(limit, outcome, KNOWN[2000], options.sanitized))
            lines.add(f"mix, {limit // MIB} MiB, {dispatch}", problems, outcome[4])
            speed = max(speed, 2000 / max(outcome[4], 1e-3))
        for name, (count, wanted) in PARTS.items():
            outcome = run(engine, name, count, [way, f"--total-memory={MIB}"])
            lines.add(f"{name}, 1 MiB, {dispatch}", within(MIB, outcome, wanted, options.sanitized), outcome[4])
        status, out, stats, resident, seconds, text = run(
            engine, "lists", 10_000_000, [way, f"--total-memory={4 * MIB}"])
        problems = []
        if status == 0 or "allocation" not in text:
            problems.append(f"status {status}, {text.strip()[-200:]}")
        if resident > 4 * MIB + BESIDE and not options.sanitized:
            problems.append(f"{resident} bytes resident")
        lines.add(f"a list that does not fit, 4 MiB, {dispatch}", problems, seconds)
    rounds = max(1000, int(speed * options.seconds))
    limit = 2 * MIB
    outcome = run(engine, "run", rounds, [f"--total-memory={limit}"])
    lines.add(f"mix, {rounds} rounds, 2 MiB", within(limit, outcome, None, options.sanitized), outcome[4],
              f"{outcome[3] / MIB:.1f} MiB resident" + (
                  f", {outcome[2]['memory']['peak_bytes'] / MIB:.2f} MiB in use at most" if outcome[2] else ""))
    return lines.finish()


if __name__ == "__main__":
    sys.exit(main())
