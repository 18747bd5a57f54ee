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
import itertools
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
    """One line on the terminal, or now and then one of a log: part done and minutes left; and each section's share of the time.

    `shares` is [(section, estimated seconds)] in the order of the run. A section that begins gets of the time that is left what its
    estimate is of the estimates that are left, so that a slow one takes nothing from those after it and a fast one gives to them.
    """

    def __init__(self, shares, budget, stream=sys.stderr, clock=time.monotonic, begin=None):
        self.ahead, self.budget = list(shares), budget
        self.total, self.done = sum(weight for _, weight in shares) or 1, 0.0
        self.stream, self.clock, self.last = stream, clock, -1e9
        self.begin = clock() if begin is None else begin
        self.first = self.clock()     # of what is estimated: installing and building are before it
        self.terminal = stream.isatty()
        self.name, self.weight, self.entered, self.worked, self.deadline = "", 0.0, 0.0, 0.0, budget

    def elapsed(self):
        return self.clock() - self.begin

    def enter(self, name):
        """The next section begins, which is `name`."""
        assert self.ahead[0][0] == name
        rest = sum(weight for _, weight in self.ahead) or 1
        _, self.weight = self.ahead.pop(0)
        self.name, self.entered, self.worked = name, self.elapsed(), 0.0
        self.deadline = self.entered + max(self.budget - self.entered, 0) * self.weight / rest

    def left(self):
        """Seconds: by the estimates at first, by the pace so far more and more."""
        share = self.done / self.total
        pace = (self.clock() - self.first) / self.done if self.done else 1
        return (self.total - self.done) * (share ** 0.5 * pace + (1 - share ** 0.5))

    def late(self):
        """Whether the section would not end within its share at its pace (which counts more and more)."""
        share = min(self.worked / self.weight, 1) if self.weight else 1
        pace = (self.elapsed() - self.entered) / self.worked if self.worked else 1
        return self.elapsed() + (self.weight - self.worked) * (share ** 0.5 * pace + (1 - share ** 0.5)) > self.deadline

    def section_over(self):
        return self.elapsed() >= self.deadline

    def remaining(self):
        """Seconds of the whole run's budget."""
        return self.budget - self.elapsed()

    def show(self, label):
        text = f"[{self.done / self.total * 100:3.0f} %, {min(self.left(), max(self.remaining(), 0)) / 60:4.1f} min left] {label}"
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
        self.worked += weight

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
        self.quick, self.full_rounds, self.slow_cap = options.quick, options.rounds or (3 if options.quick else 7), 3 if options.quick else 5
        self.rounds, self.progress = self.full_rounds, None
        self.modules = modules or (QUICK_MODULES if options.quick else None)
        self.corpus, self.timeout, self.failures = corpus, options.timeout, []
        self.named, self.few = set(chosen), not programs  # engines that are too slow for all programs get few, unless programs are named
        self.engines, self.skipped = peers.obtain(chosen, log)
        known = {e.key for e in self.engines} | set(peers.ADAPTERS)
        unknown = [w for w in chosen if w not in known]
        if unknown:
            raise common.BenchError(f"nothing is named {', '.join(unknown)}; sections: {', '.join(sections.SECTIONS)}; "
                                    f"engines: {', '.join(sorted(known))}")

    def rounds_of(self, kind):
        """Fewer where runs are long."""
        return min(self.rounds, {"interpreter": 5, "baseline": 6, "optimizing": 3}.get(kind, self.rounds))

    def limit(self, factor=1):
        """Seconds that one process may take: less when the run's time ends before, but never so little that it says nothing."""
        seconds = self.timeout * factor
        return seconds if self.progress is None else min(seconds, max(self.progress.remaining(), 20))

    def out_of_time(self):
        """Whether a step that has several runs should end here, with what it has."""
        return self.progress is not None and self.progress.section_over()

    def fail(self, reason):
        """A wrong answer: the run goes on and fails in the end."""
        self.failures.append(reason)
        print(f"\nbench: WRONG: {reason}", flush=True)


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(prog="./dev bench --peers", description="Measure side by side with other engines.")
    parser.add_argument("--quick", action="store_true", help="few programs and modules, few rounds: at most 10 minutes")
    parser.add_argument("--only", action="append", default=[], metavar="WORD,...", help="sections, engines, programs or groups")
    parser.add_argument("--rounds", type=int, help="rounds of each program (default 7, quick 3)")
    parser.add_argument("--budget", type=float, help="minutes, with installing; each section has its share, what does not fit is left out (default 90, quick 10)")
    parser.add_argument("--timeout", type=float, default=120, help="seconds for one run (default 120)")
    parser.add_argument("--out", metavar="FILE", help="results (default: build/bench/results/DATE-COMMIT.json)")
    parser.add_argument("--no-report", action="store_true", help="only the results")
    return parser.parse_args(arguments)


def section_of(label):
    """What shares the time: `kernels, interpreter`, `phases`, `overhead`, ..."""
    return label.split(":")[0].split(" of ")[0]


def measure(plan, out, budget, progress=None, begin=None):
    """Runs the sections of a plan in `budget` minutes from `begin` (of time.monotonic). What its section's time does not allow is
    left out and named."""
    steps = [step for name in plan.sections for step in sections.SECTIONS[name](plan, out)]
    groups = [(name, list(group)) for name, group in itertools.groupby(steps, lambda step: section_of(step[1]))]
    progress = progress or Progress([(name, sum(step[0] for step in group)) for name, group in groups], budget * 60, begin=begin)
    plan.progress, full = progress, plan.full_rounds
    for name, group in groups:
        progress.enter(name)
        left_out, start, few = 0, progress.elapsed(), False
        for weight, label, work in group:
            if progress.section_over():
                out.missing(name, label, "", sections.NO_TIME)
                left_out += 1
                progress.step(weight)
                continue
            plan.rounds = max(2, full // 2) if full > 2 and progress.late() else full
            few |= plan.rounds < full
            progress.show(label)
            work()
            progress.step(weight)
        plan.rounds = full
        out.data["time"].append({"section": name, "planned": round(sum(step[0] for step in group)), "took": round(progress.elapsed() - start),
                                 "steps": len(group), "left out": left_out} | ({"fewer rounds": True} if few else {}))
    plan.progress = None
    progress.clear()


def main(arguments=None):
    options, begin = parse_arguments(arguments), time.monotonic()
    corpus = common.load_corpus()
    plan = Plan(options, corpus)
    build.build_all(corpus, plan.programs, ("native", "native3", "wasm"))
    out = results.Results("quick" if options.quick else "whole", plan.engines, plan.skipped)
    common.print_machine(out.data["machine"])
    for engine in plan.engines:
        print(f"  {engine.name:<20} {engine.kind or 'variant':<12} {engine.version}")
    out.data["time"].append({"section": "installing and building", "took": round(time.monotonic() - begin)})
    measure(plan, out, options.budget or (10 if options.quick else 90), begin=begin)
    out.data["minutes"] = round((time.monotonic() - begin) / 60, 1)
    if plan.failures:
        out.data["wrong"] = plan.failures
    stamp = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    path = pathlib.Path(options.out or common.BUILD / "results" / f"{stamp}-{out.data['machine']['commit'].split()[0]}.json")
    out.save(path)
    print(f"\nresults: {path} ({out.data['minutes']} minutes, {len(out.data['records'])} records)")
    for item in out.data["time"]:
        if item.get("left out"):
            print(f"bench: {item['section']}: {item['left out']} of {item['steps']} steps left out for time (named in the results)")
    if not options.no_report:
        subprocess.run([sys.executable, common.BENCH / "report", path, "--table", "-", "--html", path.with_suffix(".html")], check=True)
    if plan.failures:
        raise common.BenchError(f"{len(plan.failures)} wrong answers: {plan.failures[0]}")


if __name__ == "__main__":
    common.start(main)
