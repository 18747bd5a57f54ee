"""Results of a side-by-side run: what is kept, and how it is read again.

Entry points: Results (collects and saves), load, publish, pair_ratios, estimate. A file is one JSON object:

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
import re

import common

FORMAT = 1


class Results:
    def __init__(self, name, engines, skipped, facts=None):
        self.data = {"format": FORMAT, "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"), "set": name,
                     "machine": facts if facts is not None else common.describe_machine() | {"features": common.cpu_features()},
                     "corpus": common.corpus_state(), "engines": [e.facts() for e in engines],
                     "skipped": [[name, tidy(reason)] for name, reason in skipped], "inputs": [], "time": [], "records": [], "missing": []}
        self.known_inputs = set()

    def add(self, section, case, engine, metric, unit, samples, better="less", **more):
        if samples:
            self.data["records"].append({"section": section, "case": case, "engine": engine, "metric": metric, "unit": unit,
                                         "better": better, "samples": [float(f"{x:.6g}") for x in samples], **more})

    def missing(self, section, case, engine, reason):
        self.data["missing"].append({"section": section, "case": case, "engine": engine, "reason": tidy(reason)})

    def input(self, name, path):
        if name not in self.known_inputs:
            self.known_inputs.add(name)
            path = pathlib.Path(path)
            self.data["inputs"].append({"name": name, "bytes": path.stat().st_size, "sha256": common.file_hash(path)})

    def save(self, path):
        write(self.data, pathlib.Path(path))


def load(path):
    try:
        data = json.loads(pathlib.Path(path).read_text())
    except (OSError, ValueError) as reason:
        raise common.BenchError(f"{path}: {reason}") from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise common.BenchError(f"{path} is not a result of ./dev bench --peers (format {FORMAT})")
    for record in data["records"]:
        record.setdefault("better", "less")
    data.setdefault("time", [])
    return data


def publish(path, folder):
    """Puts a shortened copy of a result file into a folder, named by date and commit, and returns its path.

    Without what nothing shown is made of: groups, the CPU time of starts, all but one sample of memory; four digits do for the rest.
    """
    data = load(path)
    digits = lambda x: float(f"{x:.4g}")
    for record in data["records"]:
        record["samples"] = [digits(common.median(record["samples"]))] if record["unit"] == "KiB" else [digits(x) for x in record["samples"]]
        for key in ("group", "start", "runs"):
            record.pop(key, None)
        if record["better"] == "less":
            del record["better"]
        record |= {key: digits(record[key]) for key in ("low", "high", "base") if key in record}
    target = pathlib.Path(folder) / f"{data['date'][:10]}-{data['machine']['commit'].split()[0]}.json"
    write(data, target, separators=(",", ":"))
    return target


def write(data, path, **style):
    """A record a line, so that differences can be read; the file is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    lists = {key: ",\n  ".join(json.dumps(item, **style) for item in data[key]) for key in ("records", "missing")}
    head = json.dumps({key: value for key, value in data.items() if key not in lists}, indent=1)[:-2]
    partial.write_text(head + "".join(f',\n "{key}": [\n  {text}\n ]' for key, text in lists.items()) + "\n}\n")
    partial.rename(path)


PATH = re.compile(r"(?<![\w./:])/(?:[^\s/:'\"]+/)+")  # of an absolute path all but the last name


def tidy(text):
    """A reason without where things are on this machine."""
    return PATH.sub("", text)[:200]


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
