"""Results of a side-by-side run: what is kept, and how it is read again.

Entry points: Results (collects and saves), load, net_ratio, estimate. A file is one JSON object:

  format   1
  date, set ("quick" or "whole"), machine {cpu, cpus, features, kernel, compiler, commit, load}, corpus (its fingerprint)
  engines  [{key, name, class, version, package, command}]          skipped  [[adapter, reason]]
  inputs   [{name, bytes, sha256}]          time  [{section, planned, took, steps, left out}], seconds
  records  [{section, case, group, engine, metric, unit, better, samples, ...}]
  missing  [{section, case, engine, reason}]: what an engine could not do

Samples of one section and case with the same index were taken in the same round, so engines are compared by the ratios of such
pairs. A record's figure is `estimate` of its samples; a single sample says so by being alone.
"""

import datetime
import json
import pathlib

import common

FORMAT = 1


class Results:
    def __init__(self, name, engines, skipped, facts=None):
        self.data = {"format": FORMAT, "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"), "set": name,
                     "machine": facts if facts is not None else common.describe_machine() | {"features": common.cpu_features()},
                     "corpus": common.corpus_state(), "engines": [e.facts() for e in engines],
                     "skipped": [list(pair) for pair in skipped], "inputs": [], "time": [], "records": [], "missing": []}
        self.known_inputs = set()

    def add(self, section, case, engine, metric, unit, samples, better="less", **more):
        if samples:
            self.data["records"].append({"section": section, "case": case, "engine": engine, "metric": metric, "unit": unit,
                                         "better": better, "samples": [float(f"{x:.6g}") for x in samples], **more})

    def missing(self, section, case, engine, reason):
        self.data["missing"].append({"section": section, "case": case, "engine": engine, "reason": reason[:200]})

    def input(self, name, path):
        if name not in self.known_inputs:
            self.known_inputs.add(name)
            path = pathlib.Path(path)
            self.data["inputs"].append({"name": name, "bytes": path.stat().st_size, "sha256": common.file_hash(path)})

    def save(self, path):
        path = pathlib.Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        records = ",\n  ".join(json.dumps(r) for r in self.data["records"])
        head = {key: value for key, value in self.data.items() if key != "records"}
        partial.write_text(json.dumps(head, indent=1)[:-2] + ',\n "records": [\n  ' + records + "\n ]\n}\n")
        partial.rename(path)


def load(path):
    try:
        data = json.loads(pathlib.Path(path).read_text())
    except (OSError, ValueError) as reason:
        raise common.BenchError(f"{path}: {reason}") from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise common.BenchError(f"{path} is not a result of ./dev bench --peers (format {FORMAT})")
    return data


def by_key(data):
    """{(section, case, engine, metric): record}."""
    return {(r["section"], r["case"], r["engine"], r["metric"]): r for r in data["records"]}


def estimate(samples):
    """The figure of a list of samples."""
    return common.median(samples)


def pair_ratios(record, reference):
    """Ratios to the reference's samples, round by round; of the medians when the numbers of rounds differ."""
    ours, theirs = record["samples"], reference["samples"]
    if len(ours) == len(theirs):
        return [a / max(b, 1e-12) for a, b in zip(ours, theirs)]
    return [estimate(ours) / max(estimate(theirs), 1e-12)]
