"""Runs every worked fuel example with every budget from 0 to total + 1 through a bls binary.

  run.py --engine build/release/bin/bls [--modes tail/guard,loop/checked,…] [--node NODE --wasm build/wasm/bin/bls.wasm]
         [--max-total UNITS] [--full]

Each run is a process of its own (`bls run --invoke run --stats=json --limited-fuel N`); outcome, exit status and remaining
fuel must be exactly those of examples.py's model, for both schedules. With --node the wasm build runs the same list inside
Node (`pinned`: the one all tests use), all runs in one process (node_runner.mjs). --max-total leaves out examples that use more. --full adds fib(20) at every 97th budget. Closing line: `N passed, N failed`.
"""

import argparse
import concurrent.futures
import json
import os
import shlex
import subprocess
import sys
import tempfile

from examples import endless, examples, fib, Example

HERE = os.path.dirname(os.path.abspath(__file__))
MODES = ["tail/guard", "tail/checked", "loop/guard", "loop/checked", "baseline/guard", "baseline/checked",
         "at-loops/checked", "tier-switch/guard"]
# The first part of a mode, when it is no dispatch of the interpreter.
TIERS = {"baseline": ["--tier=baseline"], "at-loops": ["--tier=auto", "--compile-at-call=0", "--compile-at-loop=1"],
         "tier-switch": ["--tier=auto", "--compile-at-call=1", "--compile-at-loop=1", "--stress=tier-switch"]}
SCHEDULES = ["wt31", "wt-next"]


def parse_stats(stderr):
    for line in reversed(stderr.splitlines()):
        if line.startswith("{"):
            return json.loads(line)
    return None


def judge(case, status, stderr):
    """None when right, else what is wrong."""
    stats = parse_stats(stderr)
    if stats is None:
        return f"no stats in {stderr[-300:]!r}"
    fuel = stats.get("fuel") or {}
    outcome, remaining = case["outcome"], case["remaining"]
    if fuel.get("remaining") != remaining:
        return f"remaining {fuel.get('remaining')}, expected {remaining} ({outcome})"
    if fuel.get("used") != case["budget"] - remaining:
        return f"used {fuel.get('used')}, expected {case['budget'] - remaining}"
    text = {"ok": None, "fuel": "all fuel consumed"}.get(outcome, outcome)
    if text is None:
        return None if status == 0 else f"exit status {status}: {stderr[-300:]!r}"
    if status == 0 or text not in stderr:
        return f"expected a trap '{text}', got status {status}: {stderr[-300:]!r}"
    return None


def cases_of(example, path, schedule, budgets):
    for budget in budgets:
        outcome, remaining = example.expect(schedule, budget)
        yield {"number": example.number, "path": path, "schedule": schedule, "budget": budget, "args": example.args, "flags": example.flags,
               "outcome": outcome, "remaining": remaining}


def flags(case, dispatch=None, memory=None):
    out = ["run", "--invoke", "run", "--stats=json", f"--limited-fuel={case['budget']}",
           f"--fuel-schedule={case['schedule']}"] + case.get("flags", [])
    if dispatch:
        out += [*TIERS.get(dispatch, [f"--dispatch={dispatch}"]), f"--memory-mode={memory}"]
    return out + [case["path"], "--"] + case["args"]


def run_native(engine, mode, case):
    dispatch, memory = mode.split("/")
    done = subprocess.run(shlex.split(engine) + flags(case, dispatch, memory), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=60)
    return judge(case, done.returncode, done.stderr)


def run_node(node, wasm, cases, workdir):
    """All cases in one Node process; yields (case, problem)."""
    jobs = [{"args": flags({**c, "path": "/" + os.path.basename(c["path"])})} for c in cases]
    done = subprocess.run([node, "--no-warnings", os.path.join(HERE, "node_runner.mjs"), wasm, workdir], input=json.dumps(jobs),
                          capture_output=True, text=True, timeout=1200)
    lines = done.stdout.splitlines()
    if len(lines) != len(cases):
        yield cases[0], f"node runner answered {len(lines)} of {len(cases)}: {done.stderr[-500:]!r}"
        return
    for case, line in zip(cases, lines):
        answer = json.loads(line)
        yield case, judge(case, answer["status"], answer["stderr"])


def all_cases(workdir, full, max_total):
    cases = []
    items = examples()
    if full:
        module, checks, total = fib(20)
        items.append(Example("21 fib(20)", module, checks, total, args=[20]))
    items = [item for item in items if item.total("wt31") <= max_total]
    for i, example in enumerate(items):
        path = os.path.join(workdir, f"{i}.wasm")
        with open(path, "wb") as out:
            out.write(example.module)
        for schedule in SCHEDULES:
            checks, total = example.models[schedule]
            total = max(total, max(checks) + 1)  # a trap may leave less than the last check saw
            step = 97 if total > 10000 else 1
            budgets = sorted(set(range(0, total + 2, step)) | {total, total + 1})
            cases += cases_of(example, path, schedule, budgets)
    path = os.path.join(workdir, "endless.wasm")
    with open(path, "wb") as out:
        out.write(endless())
    for budget in (0, 1, 2, 3, 17, 1000, 100000):
        cases.append({"number": "29", "path": path, "schedule": "wt31", "budget": budget, "args": [], "outcome": "fuel",
                      "remaining": 0})
    return cases


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", help="the program, may be a command with an emulator")
    parser.add_argument("--modes", default=",".join(MODES))
    parser.add_argument("--node")
    parser.add_argument("--wasm")
    parser.add_argument("--max-total", type=int, default=10**9)
    parser.add_argument("--full", action="store_true")
    options = parser.parse_args()
    if options.node == "pinned":
        sys.path.insert(0, os.path.join(HERE, "..", "guests"))
        from kit import toolchain
        options.node = str(toolchain.node())
    passed, problems = 0, []
    with tempfile.TemporaryDirectory() as workdir:
        cases = all_cases(workdir, options.full, options.max_total)
        if options.engine:
            with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
                for mode in options.modes.split(","):
                    for case, problem in zip(cases, pool.map(lambda c: run_native(options.engine, mode, c), cases)):
                        passed += problem is None
                        if problem:
                            problems.append((mode, case, problem))
        if options.node:
            for case, problem in run_node(options.node, options.wasm, cases, workdir):
                passed += problem is None
                if problem:
                    problems.append(("wasm in node", case, problem))
    for mode, case, problem in problems[:20]:
        print(f"FAIL {mode} #{case['number']} {case['schedule']} budget {case['budget']}: {problem}", file=sys.stderr)
    print(f"{passed} passed, {len(problems)} failed")
    return 1 if problems or passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
