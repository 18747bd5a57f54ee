"""The page and the Markdown tables of a report."""

import html

import common
import results
from figures import CLASSES, Figures, history

STYLE = """body{font:15px/1.5 system-ui,'DejaVu Sans',sans-serif;color:#222;background:#fafafa;max-width:1000px;margin:2em auto;padding:0 1em}
h1{font-size:1.6em}h2{margin-top:2em;border-bottom:1px solid #ccc}table{border-collapse:collapse;margin:1em 0;background:#fff}
td,th{border:1px solid #ddd;padding:.2em .6em;text-align:right}td:first-child,th:first-child{text-align:left}
figure{margin:1em 0;overflow-x:auto;border:1px solid #ddd;background:#fff}svg{max-width:100%;height:auto;display:block}tr.ours{font-weight:600}
nav a{margin-right:1em}.note{color:#666}"""


def facts(data):
    machine = data["machine"]
    return [("Measured", f"{data['date']}, the {data['set']} set" + (f", {data['minutes']} minutes" if "minutes" in data else "")),
            ("Machine", f"{machine.get('cpu')}, {machine.get('cpus')} CPUs, Linux {machine.get('kernel')}, load {machine.get('load')} at the start"),
            ("CPU features", " ".join(machine.get("features", []))), ("Compiler", machine.get("compiler")), ("Commit", machine.get("commit")),
            ("Corpus", data.get("corpus"))]


def tables(figures):
    """[(title, headings, rows, which rows are ours)] as texts."""
    out = []
    for kind, title, ours in CLASSES:
        rows = figures.summary(kind, ours)
        if rows:
            sizes = sorted({r["size"] for r in figures.data["records"] if r["section"] == f"kernels.{kind}" and "size" in r})
            out.append((title + (f", size {' and '.join(sizes)}" if sizes else ""), ["engine", "version", "programs", f"time over {figures.names.get(ours, ours)}", "spread", "times native -O2"],
                        [[name, version, str(count), f"{mean:.2f}", f"± {spread * 100:.1f} %", f"{native:.2f}" if native else ""]
                         for _, name, version, count, mean, spread, native in rows], [key == ours for key, *_ in rows]))
    for title, section, metric, unit, scale in (
            ("Decode and validate, MB/s, one thread", "phases.validate", "cpu", "", 1), ("Compile, MB/s, one thread", "phases.compile", "cpu", "", 1),
            ("Compile, MB/s, wall, all cores", "phases.compile.parallel", "wall", "", 1), ("Process start to exit, ms", "start", "wall", "", 1e3),
            ("Process start to first output, ms", "start", "first", "", 1e3), ("Peak memory, MiB", "start", "rss", "", 1 / 1024),
            ("Inside the process, ns (idle instances: bytes)", "inside", "each", "", 1), ("Instantiating, ns, median", "inside", "median", "", 1),
            ("Instantiating, ns, 99th percentile", "inside", "p99", "", 1), ("Fuel, times without", "overhead.fuel", "ratio", "", 1),
            ("Deadline, times without", "overhead.deadline", "ratio", "", 1), ("Checked memory, times guarded", "overhead.checked", "ratio", "", 1),
            ("Instances at once, million rounds a second", "threads", "rate", "", 1), ("Large programs, CPU seconds", "real", "cpu", "", 1),
            ("Instructions (callgrind)", "counts", "instructions", "", 1)):
        cases = figures.cases(section, metric)
        rows, mine = [], []
        for key, name in figures.engines_in(section):
            cells = []
            for case in cases:
                record = figures.of(section, case, key, metric)
                if record is None:
                    cells.append("")
                    continue
                value, spread = results.estimate(record["samples"]) * scale, common.spread(record["samples"])
                cells.append(f"{value:.4g}" + (f" ± {spread * 100:.0f} %" if len(record["samples"]) > 1 else ""))
            if any(cells):
                rows.append([name, *cells])
                mine.append(key in ("t0", "t1", "t2", "auto"))
        if rows:
            sizes = sorted({r["size"] for r in figures.data["records"] if r["section"] == f"kernels.{kind}" and "size" in r})
            out.append((title + (f", size {' and '.join(sizes)}" if sizes else ""), ["engine", *cases], rows, mine))
    return out


def markdown(data, source):
    """The tables as text for README, with the file that every number comes from."""
    parts = [f"Results: `{source}`. " + "; ".join(f"{name.lower()}: {value}" for name, value in facts(data) if value) + ".", ""]
    for title, head, rows, _ in tables(Figures(data)):
        parts += [f"**{title}**", "", "| " + " | ".join(head) + " |", "| --- |" + " ---: |" * (len(head) - 1)]
        parts += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows] + [""]
    if data["skipped"]:
        parts += ["Left out: " + "; ".join(f"{name} ({reason})" for name, reason in data["skipped"]) + ".", ""]
    return "\n".join(parts)


def table_html(title, head, rows, mine):
    cells = lambda tag, row: "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in row)
    body = "".join(f"<tr{' class=ours' if own else ''}>{cells('td', row)}</tr>" for row, own in zip(rows, mine))
    return f"<h3>{html.escape(title)}</h3><div style='overflow-x:auto'><table><tr>{cells('th', head)}</tr>{body}</table></div>"


def page(files, source):
    """One page without external requests: of the last file, with a history of all."""
    data = files[-1]
    figures = Figures(data)
    charts = figures.charts()
    past = history(files)
    if past:
        charts.append(("history", "History", past))
    parts = ["<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
             "<link rel=icon href='data:,'><title>Bless beside other engines</title>", f"<style>{STYLE}</style>",
             "<h1>Bless beside other engines</h1><table>"]
    parts += [f"<tr><th>{html.escape(name)}</th><td style='text-align:left'>{html.escape(str(value))}</td></tr>" for name, value in facts(data)]
    parts.append(f"</table><p class=note>Every number is from <code>{html.escape(source)}</code>. Bars are medians, lines across them half the "
                 "interquartile range on either side; pairs of one round are compared. Smaller is better but for MB/s and rounds a second.</p><nav>")
    parts += [f"<a href='#{name}'>{html.escape(title)}</a>" for name, title, _ in charts]
    parts.append("</nav><h2>Figures</h2>")
    parts += [f"<figure id='{name}'>{chart}</figure>" for name, _, chart in charts]
    parts.append("<h2>Tables</h2>")
    parts += [table_html(*table) for table in tables(figures)]
    parts.append(table_html("Engines", ["engine", "class", "version", "package", "command"],
                            [[e["name"], e["class"], e["version"], e["package"], e["command"]] for e in data["engines"]],
                            [e["package"] == "this tree" for e in data["engines"]]))
    if data["skipped"]:
        parts.append(table_html("Left out", ["adapter", "reason"], [list(pair) for pair in data["skipped"]], [False] * len(data["skipped"])))
    if data["missing"]:
        rows = [[m["engine"] or "all", m["section"], m["case"], m["reason"]] for m in data["missing"]]
        parts.append(table_html("Not measured", ["engine", "section", "case", "reason"], rows, [False] * len(rows)))
    parts.append(table_html("Inputs", ["input", "bytes", "SHA-256"], [[i["name"], str(i["bytes"]), i["sha256"]] for i in data["inputs"]],
                            [False] * len(data["inputs"])))
    return "\n".join(parts) + "</html>\n"
