"""What a report shows, from result files: summaries, tables and charts, without any layout."""

import common
import results

import svg

CLASSES = (("interpreter", "Interpreters", "t0"), ("baseline", "Baseline compilers", "t1"), ("optimizing", "Optimizing compilers and native", "auto"))
GROUP_TITLES = {"phases.validate": "Decode and validate, one thread", "phases.compile": "Decode, validate and compile, one thread",
                "phases.compile.parallel": "Decode, validate and compile, wall, all cores"}


class Figures:
    def __init__(self, data):
        self.data, self.records = data, results.by_key(data)
        self.names = {e["key"]: e["name"] for e in data["engines"]}
        self.order = [e["key"] for e in data["engines"]]

    def cases(self, section, metric=None):
        """Cases of a section in the order measured."""
        seen = {}
        for key in self.records:
            if key[0] == section and metric in (None, key[3]):
                seen.setdefault(key[1], None)
        return list(seen)

    def of(self, section, case, engine, metric):
        return self.records.get((section, case, engine, metric))

    def engines_in(self, section):
        present = {key[2] for key in self.records if key[0] == section}
        return [(key, self.names.get(key, key)) for key in self.order if key in present]

    def summary(self, kind, ours):
        """[(key, name, version, programs, mean of its time over ours, spread, times native)] of a class."""
        section, rows = f"kernels.{kind}", []
        versions = {e["key"]: e["version"] for e in self.data["engines"]}
        for key, name in self.engines_in(section):
            ratios, spreads, native = [], [], []
            for case in self.cases(section, "cpu"):
                mine, theirs, base = (self.of(section, case, k, "cpu") for k in (ours, key, "native-O2"))
                if mine and theirs:
                    pairs = results.pair_ratios(theirs, mine)
                    ratios.append(max(common.median(pairs), 1e-9))
                    spreads.append(common.spread(pairs))
                if theirs and base:
                    native.append(results.estimate(theirs["samples"]) / results.estimate(base["samples"]))
            if ratios:
                uncertainty = sum(s ** 2 for s in spreads) ** 0.5 / len(spreads)
                rows.append((key, name, versions[key], len(ratios), common.geomean(ratios), uncertainty,
                             common.geomean(native) if native else None))
        return sorted(rows, key=lambda row: row[4])

    def bar_rows(self, section, metric, scale=1.0):
        rows = []
        for case in self.cases(section, metric):
            row = {}
            for key, _ in self.engines_in(section):
                record = self.of(section, case, key, metric)
                if record:
                    values = sorted(v * scale for v in record["samples"])
                    half = common.spread(values)
                    value = results.estimate(values)
                    row[key] = (value, record.get("low", 0) * scale or value * (1 - half), record.get("high", 0) * scale or value * (1 + half))
            rows.append((case, row))
        return rows

    def ratio_rows(self, kind, ours):
        """Each engine's time over ours, program by program, with the quartiles of the pairs."""
        section, rows = f"kernels.{kind}", []
        for case in self.cases(section, "cpu"):
            mine, row = self.of(section, case, ours, "cpu"), {}
            if mine is None:
                continue
            for key, _ in self.engines_in(section):
                record = self.of(section, case, key, "cpu")
                if record and key != ours:
                    pairs = results.pair_ratios(record, mine)
                    value, half = common.median(pairs), common.spread(pairs)
                    row[key] = (value, value * (1 - half), value * (1 + half))
            rows.append((case, row))
        return rows

    def charts(self):
        """[(name, title, SVG)] of everything there is."""
        out = []

        def add(name, title, rows, section, unit, **more):
            chart = svg.bars(title, rows, self.engines_in(section), unit, **more)
            if chart:
                out.append((name, title, chart))

        for kind, title, ours in CLASSES:
            label = self.names.get(ours, ours)
            add(f"kernels-{kind}", f"{title}: time over that of {label}", self.ratio_rows(kind, ours), f"kernels.{kind}", f"times {label}",
                log=True, mark=1.0)
        for section, title in GROUP_TITLES.items():
            add(section.replace(".", "-"), title, self.bar_rows(section, "wall" if "parallel" in section else "cpu"), section, "MB/s")
        add("start", "Process start to exit", self.bar_rows("start", "wall", 1e3), "start", "ms")
        add("start-first", "Process start to first output", self.bar_rows("start", "first", 1e3), "start", "ms")
        add("start-memory", "Peak memory of a process", self.bar_rows("start", "rss", 1 / 1024), "start", "MiB")
        times = [row for row in self.bar_rows("inside", "each") if not row[0].startswith("idle")]
        add("inside", "One operation inside the process", times, "inside", "ns", log=True)
        add("inside-instantiate", "Instantiating: median", self.bar_rows("inside", "median", 1e-3), "inside", "µs", log=True)
        add("inside-idle", "Memory of an idle instance", [(c, r) for c, r in self.bar_rows("inside", "each", 1 / 1024) if c.startswith("idle")],
            "inside", "KiB", log=True)
        for variant in ("fuel", "deadline", "checked"):
            add(f"overhead-{variant}", f"Time with {variant} over without", self.bar_rows(f"overhead.{variant}", "ratio"), f"overhead.{variant}",
                "times", mark=1.0)
        add("threads", "Instances at once: rounds of a generator", self.bar_rows("threads", "rate"), "threads", "M/s", log=True)
        add("real", "Large programs, start to exit, CPU", self.bar_rows("real", "cpu"), "real", "s")
        return out


def native_spread(figures, kind, engine):
    """The uncertainty of a geometric mean over native: that of its programs' spreads, native's with them."""
    section, squares = f"kernels.{kind}", []
    for case in figures.cases(section, "cpu"):
        record, base = figures.of(section, case, engine, "cpu"), figures.of(section, case, "native-O2", "cpu")
        if record and base:
            squares.append(common.spread(record["samples"]) ** 2 + common.spread(base["samples"]) ** 2)
    return sum(squares) ** 0.5 / len(squares) if squares else 0.0


def history(files):
    """A chart of the means of ours over native, by commit; None with fewer than two files that have them."""
    labels, lines = [], {}
    points = []
    for data in sorted(files, key=lambda d: d["date"]):
        figures, row = Figures(data), {}
        for kind, _, ours in CLASSES:
            for key, name, _, _, _, _, native in figures.summary(kind, ours):
                if key == ours and native:
                    row[f"{name} ({kind})"] = native
        if row:
            labels.append(data["machine"]["commit"].split()[0][:8])
            points.append(row)
    if len(points) < 2:
        return None
    for name in sorted({name for row in points for name in row}):
        lines[name] = [row.get(name) for row in points]
    return svg.lines("History: geometric mean over native, by commit", labels, list(lines.items()), "times native")
