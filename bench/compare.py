#!/usr/bin/env python3
"""Tells what changed beyond noise between two result files of `./dev bench --peers` (or bench/counts.py).

    bench/compare A B [--floor PERCENT]
    bench/compare --agree A B

For every figure of our engine in both: B over A, less what the machine itself changed. That drift is the median of the same ratios
over the other engines whose versions did not change, or, without them, over all figures of ours in the section. A change is told
when it is larger than the floor (2.5 %, for counts of instructions 0.5 %) and than 3.5 standard errors of the two figures, and when
the samples overlap little (a rank test). Ends with status 1 when something became worse.

`--agree` asks of two runs of one build on one machine whether the spreads that are printed hold: how many figures of all engines, and
which of the geometric means, differ by no more than the two spreads together. Ends with status 1 when a mean does not, or when fewer than
three quarters of the figures do (a spread is half the interquartile range: it covers most differences, not all).
"""

import argparse
import math
import pathlib
import random
import statistics
import sys

import common
import results

sys.path.append(str(pathlib.Path(__file__).resolve().parent / "report"))
import figures  # noqa: E402  (the path is set above)

FLOOR, FLOOR_COUNTS = 2.5, 0.5      # percent
ERRORS, DRAWS = 3.5, 300
OVERLAP = 0.25                       # share of pairs of samples in the wrong order
LEAST_SPREAD, AGREEING, SHOWN = 0.01, 0.75, 20
FEW = 3                              # with fewer samples nothing is known of their spread: a change must be this many floors large


def figure(samples, better="less"):
    """The mean of the better half: what disturbs a run only makes it longer, so this moves less than the median."""
    ordered = sorted(samples, reverse=better == "more")
    half = ordered[:(len(ordered) + 1) // 2]
    return sum(half) / len(half)


def standard_error(samples, better):
    """Of the figure, relative, by drawing the samples again (always the same draws, so that a comparison is repeatable)."""
    if len(samples) < 2:
        return 0.0
    draw = random.Random(len(samples))
    return statistics.pstdev(figure(draw.choices(samples, k=len(samples)), better) for _ in range(DRAWS)) / figure(samples, better)


def overlap(before, after, worse):
    """The share of pairs that do not say what the medians say."""
    wrong = sum(((b <= a) if worse else (b >= a)) for a in before for b in after)
    return wrong / (len(before) * len(after))


def drift(before, after, ours, section):
    """The factor by which the machine differed in a section."""
    old, new = ({e["key"]: e["version"] for e in data["engines"]} for data in (before["data"], after["data"]))
    control, mine = [], []
    for key, record in after["records"].items():
        if key[0] != section or key not in before["records"]:
            continue
        better = record["better"]
        ratio = figure(record["samples"], better) / max(figure(before["records"][key]["samples"], better), 1e-12)
        if key[2] in ours:
            mine.append(ratio)
        elif old.get(key[2]) == new.get(key[2]):
            control.append(ratio)
    chosen = control if len(control) >= 5 else mine if len(mine) >= 5 else []
    return common.median(chosen) if chosen else 1.0


def judge(record, other, factor, floor_percent):
    """None, or (ratio, worse) for a record that changed beyond noise; ratio above 1 is larger."""
    counts = record["section"] == "counts"
    floor = (FLOOR_COUNTS if counts else floor_percent) / 100
    before, after = record["samples"], [sample / factor for sample in other["samples"]]
    better = record["better"]
    a, b = figure(before, better), figure(after, better)
    if a <= 0:
        return None
    ratio = b / a
    few = not counts and min(len(before), len(after)) < 4
    limit = max(floor * (FEW if few else 1), ERRORS * math.hypot(standard_error(before, better), standard_error(after, better)))
    if abs(ratio - 1) <= limit or overlap(before, after, ratio > 1) > OVERLAP:
        return None
    return ratio, (ratio > 1) == (better == "less")


def compare(old, new, floor=FLOOR):
    """[(worse, ratio, key)] of what changed, largest first, and how many figures were compared."""
    before, after = ({"data": data, "records": results.by_key(data)} for data in (old, new))
    ours = {e["key"] for e in new["engines"] if e["package"] == "this tree"} | {"t0", "t1", "t2", "auto"}
    factors, changed, number = {}, [], 0
    for key, record in before["records"].items():
        if key not in after["records"] or key[2].split("-")[0] not in ours:
            continue
        number += 1
        section = key[0]
        if section not in factors:
            still = section in ("counts", "start") or record["unit"] in ("KiB", "bytes", "x")
            factors[section] = 1.0 if still else drift(before, after, ours, section)
        factor = 1.0 if record["unit"] in ("KiB", "bytes", "x") else factors[section]
        said = judge(record, after["records"][key], factor, floor)
        if said is not None:
            changed.append((said[1], said[0], key))
    return sorted(changed, key=lambda c: -abs(math.log(c[1]))), number, factors


def means(data):
    """{(class, engine): (geometric mean over native, its spread)}."""
    figured = figures.Figures(data)
    return {(kind, row[0]): (row[6], figures.native_spread(figured, kind, row[0]))
            for kind, _, ours in figures.CLASSES for row in figured.summary(kind, ours) if row[6]}


def agree(old, new):
    """([(agrees, key, ratio, limit)] of figures with a spread, [(agrees, (class, engine), ratio, limit)] of geometric means)."""
    before, after = results.by_key(old), results.by_key(new)
    told = []
    for key, record in before.items():
        other = after.get(key)
        if other is None or min(len(record["samples"]), len(other["samples"])) < 2:
            continue
        limit = max(common.spread(record["samples"]) + common.spread(other["samples"]), LEAST_SPREAD)
        ratio = results.estimate(other["samples"]) / max(results.estimate(record["samples"]), 1e-12)
        told.append((abs(ratio - 1) <= limit, key, ratio, limit))
    first, second, together = means(old), means(new), []
    for key, (mean, spread) in first.items():
        if key in second:
            limit, ratio = max(spread + second[key][1], LEAST_SPREAD), second[key][0] / mean
            together.append((abs(ratio - 1) <= limit, key, ratio, limit))
    return told, together


def print_agreement(old, new):
    told, together = agree(old, new)
    if not told:
        raise common.BenchError("the two files have no figure with a spread in common")
    for good, (kind, engine), ratio, limit in together:
        print(f"{'agree' if good else 'DIFFER'}  mean of {kind} {engine}: {(ratio - 1) * 100:+.1f} %, spreads {limit * 100:.1f} %")
    for good, key, ratio, limit in sorted(told, key=lambda t: -abs(math.log(t[2])))[:SHOWN]:
        if not good:
            print(f"differ  {' '.join(key)}: {(ratio - 1) * 100:+.1f} %, spreads {limit * 100:.1f} %")
    number = sum(good for good, *_ in told)
    print(f"{number} of {len(told)} figures agree within their spreads ({number / len(told) * 100:.0f} %); "
          f"{sum(good for good, *_ in together)} of {len(together)} geometric means")
    return 0 if all(good for good, *_ in together) and number >= AGREEING * len(told) else 1


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="bench/compare", description="Changes beyond noise between two result files.")
    parser.add_argument("before")
    parser.add_argument("after")
    parser.add_argument("--floor", type=float, default=FLOOR, metavar="PERCENT", help=f"least change that is told (default {FLOOR})")
    parser.add_argument("--agree", action="store_true", help="of two runs of one build: how many figures agree within their spreads")
    options = parser.parse_args(arguments)
    old, new = results.load(options.before), results.load(options.after)
    if options.agree:
        return print_agreement(old, new)
    for key in ("cpu", "compiler"):
        if old["machine"].get(key) != new["machine"].get(key):
            print(f"note: another {key}: {old['machine'].get(key)} and {new['machine'].get(key)}")
    changed, number, factors = compare(old, new, options.floor)
    if number == 0:
        raise common.BenchError("the two files have no figure of ours in common")
    for section, factor in factors.items():
        if abs(factor - 1) > 0.02:
            print(f"note: {section}: the machine was {abs(factor - 1) * 100:.1f} % {'slower' if factor > 1 else 'faster'}; taken out")
    for worse, ratio, (section, case, engine, metric) in changed:
        print(f"{'WORSE ' if worse else 'better'} {section:<20} {case:<22} {engine:<10} {metric:<12} {(ratio - 1) * 100:+6.1f} %")
    bad = sum(worse for worse, _, _ in changed)
    print(f"{number} figures compared: {bad} worse, {len(changed) - bad} better, the rest within noise")
    return 1 if bad else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except common.BenchError as error:
        sys.exit(f"bench: {error}")
