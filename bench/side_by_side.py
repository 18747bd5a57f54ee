#!/usr/bin/env python3
"""Our engine and every other that can be had, on the same inputs in the same run.

    ./dev bench --peers [--quick] [--only WORD,...] [--out FILE] [--budget MINUTES]

WORD is a section (kernels, phases, start, inside, overhead, threads, real, counts), an engine or adapter (bench/peers), a program
or group of the corpus, or a real module. The engines take turns round by round, the order moving on by one each time, after a run of each
that is not counted; figures are medians with their spread. A wrong checksum makes the run fail. Results are JSON (results.py) in
build/bench/results, and a page and a table are made of them (bench/report).
"""

import argparse
import datetime
import pathlib
import subprocess
import sys
import time

import build
import common
import peers
import results
import sections

QUICK_PROGRAMS = ("int_dct", "f64_nbody", "mem_hashjoin", "rec_calls", "vm_stack", "simd_gemm", "app_lua")
QUICK_MODULES = ("sql.js", "esbuild")


class Progress:
    """One line on the terminal, or now and then one of a log: part done and minutes left."""

    def __init__(self, weights, budget, stream=sys.stderr, clock=time.monotonic):
        self.total, self.done, self.budget = sum(weights) or 1, 0.0, budget
        self.stream, self.clock, self.begin, self.last = stream, clock, clock(), -1e9
        self.terminal = stream.isatty()

    def elapsed(self):
        return self.clock() - self.begin

    def left(self):
        """Seconds: by the estimates at first, by the pace so far more and more."""
        share = self.done / self.total
        pace = self.elapsed() / self.done if self.done else 1
        return (self.total - self.done) * (share ** 0.5 * pace + (1 - share ** 0.5))

    def late(self):
        """Whether the plan would not end in time at this pace."""
        return self.elapsed() + self.left() > self.budget

    def out_of_time(self):
        return self.elapsed() > self.budget

    def show(self, label):
        text = f"[{self.done / self.total * 100:3.0f} %, {self.left() / 60:4.1f} min left] {label}"
        if self.terminal:
            self.stream.write(f"\r\033[K{text[:110]}")
        elif self.clock() - self.last > 20:
            self.stream.write(text + "\n")
        else:
            return
        self.last = self.clock()
        self.stream.flush()

    def step(self, weight):
        self.done += weight

    def clear(self):
        if self.terminal:
            self.stream.write("\r\033[K")
            self.stream.flush()


class Plan:
    """What a run measures: the choice of sections, engines and programs, and how often."""

    def __init__(self, options, corpus, log=print):
        words = [word for item in options.only for word in item.split(",") if word]
        names = {p["name"] for p in corpus["programs"]} | {p["group"] for p in corpus["programs"]}
        self.sections = [w for w in words if w in sections.SECTIONS] or list(sections.SECTIONS)
        programs = [w for w in words if w in names]
        self.programs = build.select(corpus, programs or (list(QUICK_PROGRAMS) if options.quick else []))
        modules = [w for w in words if w in sections.real_modules()]
        chosen = [w for w in words if w not in sections.SECTIONS and w not in names and w not in modules]
        self.quick, self.rounds, self.slow_cap = options.quick, options.rounds or (3 if options.quick else 7), 3 if options.quick else 5
        self.modules = modules or (QUICK_MODULES if options.quick else None)
        self.corpus, self.timeout, self.failures = corpus, options.timeout, []
        self.engines, self.skipped = peers.obtain(chosen, log)
        known = {e.key for e in self.engines} | set(peers.ADAPTERS)
        unknown = [w for w in chosen if w not in known]
        if unknown:
            raise common.BenchError(f"nothing is named {', '.join(unknown)}; sections: {', '.join(sections.SECTIONS)}; "
                                    f"engines: {', '.join(sorted(known))}")

    def rounds_of(self, kind):
        """Fewer where runs are long."""
        return min(self.rounds, {"interpreter": 5, "optimizing": 3}.get(kind, self.rounds))

    def fail(self, reason):
        """A wrong answer: the run goes on and fails in the end."""
        self.failures.append(reason)
        print(f"\nbench: WRONG: {reason}", flush=True)


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(prog="./dev bench --peers", description="Measure side by side with other engines.")
    parser.add_argument("--quick", action="store_true", help="few programs and modules, few rounds: at most 10 minutes")
    parser.add_argument("--only", action="append", default=[], metavar="WORD,...", help="sections, engines, programs or groups")
    parser.add_argument("--rounds", type=int, help="rounds of each program (default 7, quick 3)")
    parser.add_argument("--budget", type=float, help="minutes; what does not fit is left out (default 90, quick 10)")
    parser.add_argument("--timeout", type=float, default=120, help="seconds for one run (default 120)")
    parser.add_argument("--out", metavar="FILE", help="results (default: build/bench/results/DATE-COMMIT.json)")
    parser.add_argument("--no-report", action="store_true", help="only the results")
    return parser.parse_args(arguments)


def measure(plan, out, budget, progress=None):
    """Runs the sections of a plan."""
    steps = [step for name in plan.sections for step in sections.SECTIONS[name](plan, out)]
    progress = progress or Progress([weight for weight, _, _ in steps], budget * 60)
    late = False
    for weight, label, work in steps:
        if progress.out_of_time():
            out.missing(label, "", "", "no time left")
            progress.step(weight)
            continue
        if progress.late() and not late and plan.rounds > 2:
            late, plan.rounds = True, max(2, plan.rounds // 2)
        progress.show(label)
        work()
        progress.step(weight)
    progress.clear()


def main(arguments=None):
    options = parse_arguments(arguments)
    corpus = common.load_corpus()
    plan = Plan(options, corpus)
    build.build_all(corpus, plan.programs, ("native", "native3", "wasm"))
    out = results.Results("quick" if options.quick else "whole", plan.engines, plan.skipped)
    common.print_machine(out.data["machine"])
    for engine in plan.engines:
        print(f"  {engine.name:<20} {engine.kind or 'variant':<12} {engine.version}")
    begin = time.monotonic()
    measure(plan, out, options.budget or (10 if options.quick else 90))
    out.data["minutes"] = round((time.monotonic() - begin) / 60, 1)
    if plan.failures:
        out.data["wrong"] = plan.failures
    stamp = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    path = pathlib.Path(options.out or common.BUILD / "results" / f"{stamp}-{out.data['machine']['commit'].split()[0]}.json")
    out.save(path)
    print(f"\nresults: {path} ({out.data['minutes']} minutes, {len(out.data['records'])} records)")
    if not options.no_report:
        subprocess.run([sys.executable, common.BENCH / "report", path, "--table", "-", "--html", path.with_suffix(".html")], check=True)
    if plan.failures:
        raise common.BenchError(f"{len(plan.failures)} wrong answers: {plan.failures[0]}")


if __name__ == "__main__":
    common.start(main)
