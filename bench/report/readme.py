"""The section of README.md that is made of a result file: winners of each class, costs beside the best other, and where we lose.

Entry points: section(data, source, whys), rewrite(text, section), named_source(text), losses(figures). All of it comes from the file that
the first marker names; why we lose where we do is in bench/results/why.json, by `section/case` or `section`, and so outlives the figures.
"""

import json
import re

import common
import results
from figures import CLASSES, Figures

BEGIN, END = "<!-- figures: {} -->", "<!-- end of figures -->"
MARKED = re.compile(r"<!-- figures: (\S*) -->\n.*?<!-- end of figures -->", re.DOTALL)
OURS = tuple(ours for _, _, ours in CLASSES)
KINDS = {"interpreter": "interpreter", "baseline": "baseline compiler", "optimizing": "optimizing or by need"}
LEAST = 1.03  # a smaller difference is no loss
APPLICATIONS = {"app_sqlite": "SQLite, inserts and queries", "app_lua": "Lua, a script", "app_mujs": "MuJS, a script"}


def number(value):
    """Three digits, as people write them."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value >= 1e-3 else f"{value:.2g}"


def rivals(figures, section, case, metric, kind):
    """[(value, engine)] of engines of a class (None: of any) that are not ours, best first."""
    kinds = {e["key"]: e["class"] for e in figures.data["engines"]}
    found = []
    for key, _ in figures.engines_in(section):
        record = figures.of(section, case, key, metric)
        if record and key not in OURS and kinds.get(key) != "native" and (kind is None or kinds.get(key) == kind):
            found.append((results.estimate(record["samples"]), key))
    more = any(figures.of(section, case, key, metric)["better"] == "more" for _, key in found)
    return sorted(found, reverse=more)


# --- where we lose -------------------------------------------------------------------------------------------

def compared(figures):
    """(section, title, case, metric, ours, class of the others, unit, scale) of every figure that could be a loss."""
    kinds = {"t0": "interpreter", "t1": "baseline"}
    for kind, _, ours in CLASSES[:2]:
        for case in figures.cases(f"kernels.{kind}", "cpu"):
            yield f"kernels.{kind}", "run time", case, "cpu", ours, kind, "ms", 1e3
    for section, title, metric in (("phases.validate", "decode and validate", "cpu"), ("phases.compile", "compile, one thread", "cpu"),
                                   ("phases.compile.parallel", "compile, all cores", "wall")):
        for case in figures.cases(section, metric):
            if section == "phases.validate":
                yield section, title, case, metric, "t0", None, "MB/s", 1
            else:
                yield section, title, case, metric, "t1", "baseline", "MB/s", 1
    for case in figures.cases("start", "wall"):
        yield "start", "start to exit", case, "wall", "auto", None, "ms", 1e3
    for metric, unit, scale in (("each", "ns", 1), ("median", "µs", 1e-3), ("p99", "µs", 1e-3)):
        for case in figures.cases("inside", metric):
            for ours, kind in kinds.items():
                idle = case.startswith("idle")
                title = "99th percentile" if metric == "p99" else "inside the process"
                yield "inside", title, case, metric, ours, kind, "KiB" if idle else unit, 1 / 1024 if idle else scale
    for case in figures.cases("threads", "rate"):
        for ours, kind in kinds.items():
            yield "threads", "instances at once", case, "rate", ours, kind, "M rounds/s", 1
    for case in figures.cases("real", "cpu"):
        yield "real", "large program", case, "cpu", "auto", None, "s", 1


def losses(figures):
    """[(key, text)] where another engine is better beyond the spread of both, the largest first within a section."""
    found = []
    for section, title, case, metric, ours, kind, unit, scale in compared(figures):
        mine, others = figures.of(section, case, ours, metric), rivals(figures, section, case, metric, kind)
        if mine is None or not others:
            continue
        best, key = others[0]
        theirs, value = figures.of(section, case, key, metric), results.estimate(mine["samples"])
        factor = best / value if mine["better"] == "more" else value / best
        if factor > max(LEAST, 1 + common.spread(mine["samples"]) + common.spread(theirs["samples"])):
            found.append((f"{section}/{case}", section, factor, f"{figures.names[ours]}, {title}, {case}: {number(value * scale)} {unit}; "
                          f"{figures.names[key]} {number(best * scale)} ({factor:.2f} times better)"))
    kind, _, ours = CLASSES[2]
    rows = figures.summary(kind, ours)
    means = {row[0]: row[4] for row in rows}
    natives = {e["key"] for e in figures.data["engines"] if e["class"] == "native"}
    ahead = [(mean, key) for key, mean in means.items() if key != ours and key not in natives and mean < 1 / LEAST]
    if ahead:
        mean, key = min(ahead)
        found.append((f"kernels.{kind}", "kernels.optimizing", 1 / mean,
                      f"{figures.names[ours]} beside optimizing compilers, all programs: {figures.names[key]} is {1 / mean:.2f} times better"))
    order = list(dict.fromkeys(item[1] for item in found))
    return [(key, text) for key, section, factor, text in sorted(found, key=lambda item: (order.index(item[1]), -item[2]))]


def lines_of_losses(figures, whys):
    out, unknown = [], []
    for key, text in losses(figures):
        why = whys.get(key, whys.get(key.split("/")[0]))
        if why is None:
            unknown.append(f"- {text}.")
        else:
            out.append(f"- {text}. {why}")
    if unknown:
        out += ["", "Lost, and not yet explained:", "", *unknown]
    return out or ["Nowhere in this run."]


# --- tables --------------------------------------------------------------------------------------------------

def table(head, rows):
    return ["| " + " | ".join(head) + " |", "| --- |" + " ---: |" * (len(head) - 1),
            *("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows), ""]


def classes_table(figures):
    rows = []
    for kind, _, ours in CLASSES:
        summary = figures.summary(kind, ours)
        winner = next((row[0] for row in summary if not row[0].startswith("native")), None)
        for key, name, version, count, mean, spread, native in summary:
            if key.startswith("native") and kind != "optimizing":
                continue
            mark = "**" if key == winner else ""
            shown = "native" if key.startswith("native") else KINDS[kind]
            rows.append([f"{mark}{name}{mark}", version, shown, str(count), "1" if key == ours else f"{mean:.2f} ± {spread * 100:.0f} %",
                         f"{native:.2f}" if native else ""])
    return table(["engine", "version", "class", "programs", "its time over ours of the class", "× native -O2"], rows)


def beside_best(figures, section, metric, cases, unit, scale, kinds=(("t0", "interpreter"), ("t1", "baseline"))):
    """Rows: a case, ours and the best other of the class, the better of both in bold."""
    rows = []
    for case, title in cases:
        row = [f"{title}, {unit}" if unit else title]
        for ours, kind in kinds:
            mine, others = figures.of(section.format(kind), case, ours, metric), rivals(figures, section.format(kind), case, metric, kind)
            value = results.estimate(mine["samples"]) if mine else None
            best = others[0][0] if others else None
            more = mine and mine["better"] == "more"
            first = value is not None and (best is None or (value >= best if more else value <= best))
            row.append("" if value is None else f"**{number(value * scale)}**" if first else number(value * scale))
            text = "" if best is None else f"{number(best * scale)} ({figures.names[others[0][1]]})"
            row.append(text if first or best is None else f"**{text}**")
        if any(row[1:]):
            rows.append(row)
    return rows


def engines_table(figures, columns):
    """Rows: an engine; columns: (heading, section, case, metric, scale), the best in bold."""
    columns = [c for c in columns if any(key[:2] == (c[1], c[2]) and key[3] == c[3] for key in figures.records)]
    best = {}
    for column in columns:
        _, section, case, metric, _ = column
        found = {key[2]: record for key, record in figures.records.items() if (key[0], key[1], key[3]) == (section, case, metric)}
        values = {key: results.estimate(record["samples"]) for key, record in found.items()}
        more = any(record["better"] == "more" for record in found.values())
        best[column] = (max if more else min)(values.values())
    rows = []
    for key in figures.order:
        cells = []
        for column in columns:
            record = figures.of(column[1], column[2], key, column[3])
            value = results.estimate(record["samples"]) if record else None
            text = "" if value is None else number(value * column[4])
            cells.append(f"**{text}**" if value is not None and value == best[column] else text)
        if any(cells):
            rows.append([figures.names[key], *cells])
    return table(["", *(c[0] for c in columns)], rows) if columns and rows else []


def overhead_table(figures):
    variants = [v for v in ("fuel", "deadline", "checked") if figures.cases(f"overhead.{v}")]
    rows = []
    for key in figures.order:
        cells = []
        for variant in variants:
            taken = [results.estimate(r["samples"]) for r in (figures.of(f"overhead.{variant}", case, key, "ratio")
                                                              for case in figures.cases(f"overhead.{variant}")) if r]
            cells.append(f"{common.geomean(taken):.3f}" if taken else "")
        if any(cells):
            rows.append([figures.names[key], *cells])
    titles = {"fuel": "fuel", "deadline": "deadline", "checked": "checked memory"}
    return table(["", *(titles[v] for v in variants)], rows) if rows else []


def section(data, source, whys):
    """All of the section, from marker to marker."""
    figures, machine = Figures(data), data["machine"]
    parts = [BEGIN.format(source),
             f"Measured on {data['date'][:10]} at commit `{machine['commit'].split()[0]}` (the {data['set']} set): {machine['cpu']}, "
             f"{machine['cpus']} CPUs, Linux {machine['kernel'].split('-')[0]}, {machine['compiler'].split(' (')[0]}. Every figure of this section is from "
             f"[{source}]({source}); `./dev bench --peers` measures again, `./dev bench report {source} --html page.html` draws all of it. "
             "Medians; the best of its kind is bold.", ""]

    def add(title, lines):
        if lines:
            parts.extend([f"**{title}**", "", *lines])
    add("Run time, geometric means over the programs of [the corpus](bench/NOTES.md) that both run", classes_table(figures))
    modules = figures.cases("phases.validate", "cpu")
    add("Decode and validate, MB/s, one thread", engines_table(figures, [(m, "phases.validate", m, "cpu", 1) for m in modules]))
    add("Compile, MB/s, one thread", engines_table(figures, [(m, "phases.compile", m, "cpu", 1) for m in figures.cases("phases.compile", "cpu")]))
    add("Compile, MB/s of wall time, all cores", engines_table(
        figures, [(m, "phases.compile.parallel", m, "wall", 1) for m in figures.cases("phases.compile.parallel", "wall")]))
    add("Process start", engines_table(figures, [("empty module, ms", "start", "empty", "wall", 1e3), ("hello, ms", "start", "hello", "wall", 1e3),
                                                 ("first output of clang (75 MB), s", "start", "clang --version", "first", 1),
                                                 ("peak memory, hello, MiB", "start", "hello", "rss", 1 / 1024)]))
    idle = [(case, f"memory of an {case.replace(' of ', ', ')} alive") for case in figures.cases("inside", "each") if case.startswith("idle")]
    calls = [(case, case) for case in figures.cases("inside", "each") if not case.startswith("idle")]
    rows = beside_best(figures, "inside", "median", [("instantiate", "instantiate, median")], "µs", 1e-3)
    rows += beside_best(figures, "inside", "p99", [("instantiate", "instantiate, 99th percentile")], "µs", 1e-3)
    rows += beside_best(figures, "inside", "each", idle, "KiB", 1 / 1024)
    rows += beside_best(figures, "inside", "each", calls, "ns", 1)
    rows += beside_best(figures, "threads", "rate", [(c, f"{c}, generators") for c in figures.cases("threads", "rate")], "M rounds/s", 1)
    rows += beside_best(figures, "kernels.{}", "cpu", [(c, t) for c, t in APPLICATIONS.items()], "ms", 1e3)
    if rows:
        add("Inside the process, and small applications, beside the best other engine of the class",
            table(["", "Bless T0", "best other interpreter", "Bless T1", "best other baseline compiler"], rows))
    add("Time with a limit or check, over without", overhead_table(figures))
    add("Large programs, CPU seconds from start to exit", engines_table(figures, [(c, "real", c, "cpu", 1) for c in figures.cases("real", "cpu")]))
    parts += ["**Where we lose, and why**", "", *lines_of_losses(figures, whys), ""]
    cannot = [f"{name} ({reason})" for name, reason in data["skipped"]]
    if cannot:
        parts += ["Could not be had: " + "; ".join(cannot) + ".", ""]
    left = [f"{item['section']} ({item['left out']} of {item['steps']} steps)" for item in data.get("time", []) if item.get("left out")]
    if left:
        parts += ["Left out for time: " + "; ".join(left) + ".", ""]
    while parts[-1] == "":
        parts.pop()
    return "\n".join([*parts, END])


def reasons(folder):
    """Why we lose, by case or section."""
    path = folder / "why.json"
    return json.loads(path.read_text()) if path.exists() else {}


def rewrite(text, new):
    """A README with the section between the markers replaced."""
    if len(MARKED.findall(text)) != 1:
        raise common.BenchError(f"there must be one section between {BEGIN.format('FILE')} and {END}")
    return MARKED.sub(lambda _: new, text)


def named_source(text):
    """The result file that the section in a README was made of."""
    found = MARKED.findall(text)
    return found[0] if len(found) == 1 else None
