#!/usr/bin/env python3
"""Tests of what is made of benchmark results: their files, the page and its charts in a browser, tables, the section of README.md.

Run by ctest; by hand: python3 tests/dev/bench_report.py [NAME...]. Ends with `N passed, N failed`.
"""

import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import zlib

from bench import BENCH, ROOT, SAMPLES, closing, common, empty_results, engine, results, scratch  # sets the path, too

import readme
import svg


def sample_results(commit="0123456789ab", date="2026-01-01T00:00:00Z", factor=1.0):
    engines = [engine("t0"), engine("wasm3"), engine("native-O2", "native")]
    out = results.Results("quick", engines, [("bun", "npm failed <&>")], facts=empty_results().data["machine"] | {"commit": commit})
    out.data["date"] = date
    for index, (program, by_engine) in enumerate(SAMPLES.items()):
        out.add("kernels.interpreter", program, "t0", "cpu", "s", [x * factor for x in by_engine["t0"]], group="g")
        out.add("kernels.interpreter", program, "wasm3", "cpu", "s", [x * (1.5 + index / 7) for x in by_engine["t0"]], group="g")
        out.add("kernels.interpreter", program, "native-O2", "cpu", "s", by_engine["native-O2"], group="g")
    for key, speed in (("t0", 150.0), ("wasm3", 90.0)):
        out.add("phases.compile", "esbuild", key, "cpu", "MB/s", [speed, speed * 1.1], better="more")
        out.add("start", "hello", key, "wall", "s", [1.0 / speed], low=0.9 / speed, high=1.2 / speed)
        out.add("start", "hello", key, "rss", "KiB", [speed * 20])
        out.add("inside", "idle instance of 1000", key, "each", "bytes", [speed * 100])
    out.missing("real", "pandoc", "wasm3", "<script>alert(1)</script>")
    return out


def test_results_are_read_as_written():
    with scratch() as folder:
        path = pathlib.Path(folder) / "deep" / "r.json"
        out = sample_results()
        out.save(path)
        assert results.load(path) == out.data and not path.with_suffix(".partial").exists()
        path.write_text("[]")
        try:
            results.load(path)
            raise AssertionError("took a list")
        except common.BenchError as reason:
            assert "not a result" in str(reason)
    assert results.pair_ratios({"samples": [2, 4]}, {"samples": [1, 4]}) == [2, 1]
    assert results.pair_ratios({"samples": [2, 4, 9]}, {"samples": [2, 2]}) == [2]


def make_report(folder, *more):
    paths = []
    for number, factor in enumerate((1.2, 1.0)):
        paths.append(os.path.join(folder, f"r{number}.json"))
        sample_results(f"{number}" * 12, f"2026-01-0{number + 1}T00:00:00Z", factor).save(paths[-1])
    page = os.path.join(folder, "page.html")
    done = subprocess.run([sys.executable, str(BENCH / "report"), *paths, "--html", page, *more], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return pathlib.Path(page), done.stdout


def test_the_page_is_complete_and_asks_for_nothing():
    with scratch() as folder:
        page, _ = make_report(folder, "--svg", folder)
        text = page.read_text()
        for name in ("kernels-interpreter", "phases-compile", "start", "start-memory", "inside-idle", "history"):
            figure = re.search(f"<figure id='{name}'>(.*?)</figure>", text, re.DOTALL)
            assert figure and 'class="bar"' in figure.group(1), name
            svg_text = (pathlib.Path(folder) / f"{name}.svg").read_text()
            assert svg_text.startswith("<svg ") and svg_text.endswith("</svg>")
        urls = set(re.findall(r"https?://[^\"'\s<>]*", text))
        assert urls == {"http://www.w3.org/2000/svg"}, urls  # the name of a language, not an address that is asked
        assert not re.search(r"<script|<iframe|<img|@import|url\(|src=", text), "something is fetched or run"
        assert "&lt;script&gt;alert(1)" in text and "npm failed &lt;&amp;&gt;" in text
        assert text.count('<path d="M') > len(SAMPLES)  # spreads


def test_the_table_names_its_source():
    with scratch() as folder:
        _, said = make_report(folder, "--table", "-")
        assert "Results: `r1.json`" in said and "| T0 |" in said and "Left out: bun" in said, said
        row = next(line for line in said.splitlines() if line.startswith("| WASM3 |"))
        ratio = float(row.split("|")[4])
        expected = common.geomean([1.5 + index / 7 for index in range(len(SAMPLES))])
        assert abs(ratio - expected) < 0.01, (ratio, expected)


# --- the section of README ------------------------------------------------------------------------------------

def full_results():
    """A result file's content with something in every section of the README's tables."""
    out = sample_results()
    out.data["engines"] += [engine(key, kind, can=frozenset()).facts() for key, kind in (("t1", "baseline"), ("auto", "optimizing"), ("winch", "baseline"))]
    for key, value in (("t0", 30.0), ("wasm3", 20.0), ("t1", 5.0), ("winch", 6.0)):
        out.add("inside", "call to host", key, "each", "ns", [value, value * 1.01])
        out.add("inside", "instantiate", key, "median", "ns", [value * 1000])
    for key, value in (("auto", 0.002), ("wasm3", 0.001)):
        out.add("start", "empty", key, "wall", "s", [value])
    out.add("phases.validate", "esbuild", "t0", "cpu", "MB/s", [300, 310], better="more")
    out.add("phases.validate", "esbuild", "wasm3", "cpu", "MB/s", [301, 309], better="more")
    out.add("overhead.fuel", "int_dct", "t0", "ratio", "x", [1.04, 1.02])
    out.add("real", "pandoc", "auto", "cpu", "s", [2.0])
    out.add("real", "pandoc", "winch", "cpu", "s", [9.0])
    out.data["time"] = [{"section": "real", "planned": 1, "took": 2, "steps": 3, "left out": 1}]
    return out.data


def test_losses_are_told_and_explained():
    figures = readme.Figures(full_results())
    lost = dict(readme.losses(figures))
    # Nothing within noise (validate), nothing we win (call to host of T1, pandoc); the memory of a process is no race.
    assert set(lost) == {"inside/call to host", "inside/instantiate", "start/empty", "inside/idle instance of 1000"}, lost
    assert "30.1 ns; WASM3 20.1 (1.50 times better)" in lost["inside/call to host"], lost
    told = readme.lines_of_losses(figures, {"inside/call to host": "Because A.", "start": "Because B."})
    text = "\n".join(told)
    assert "better). Because A." in text and "better). Because B." in text
    unexplained = text.split("not yet explained:")[1]
    assert "instantiate" in unexplained and "call to host" not in unexplained
    assert readme.lines_of_losses(readme.Figures(sample_results().data), {}) != []


def test_the_section_of_readme_names_winners():
    text = readme.section(full_results(), "bench/results/x.json", {})
    assert text.startswith("<!-- figures: bench/results/x.json -->\n") and text.endswith("<!-- end of figures -->")
    assert "| **T0** | 1 | interpreter | 8 | 1 | " in text or re.search(r"\| \*\*T0\*\* \| 1 \| interpreter \| \d+ \| 1 \|", text), text
    assert "| call to host, ns | 30.1 | **20.1 (WASM3)** | **5.03** | 6.03 (WINCH) |" in text, text
    assert "| T0 | 1.030 |" in text and "| pandoc |" in text and "Left out for time: real (1 of 3 steps)" in text
    assert "Could not be had: bun (npm failed <&>)." in text
    # What is rewritten is only what is between the markers, and only where there is one pair of them.
    page = "before 1\n<!-- figures: old -->\nx\n<!-- end of figures -->\nafter"
    assert readme.rewrite(page, text) == f"before 1\n{text}\nafter" and readme.named_source(page) == "old"
    for bad in ("nothing", page + page):
        try:
            readme.rewrite(bad, text)
            raise AssertionError("rewrote " + bad)
        except common.BenchError as reason:
            assert "markers" in str(reason) or "between" in str(reason)


def test_every_figure_of_readme_is_of_a_published_file():
    text = (ROOT / "README.md").read_text()
    source = readme.named_source(text)
    assert source and (ROOT / source).is_file(), f"README.md names no file of bench/results ({source})"
    made = readme.section(results.load(ROOT / source), source, readme.reasons(BENCH / "results"))
    assert made in text, f"README.md: the section of figures is not that of {source}: bench/report {source} --readme README.md"
    outside = readme.MARKED.sub("", text)
    units = re.findall(r"\b\d[\d.,]*\s?(?:ns|µs|us|ms|s|seconds|MB/s|MiB/s|GB/s|KiB|MiB|×|%|times)(?!\w)", outside)
    assert not units, f"figures outside the section that is made of results: {units}"


def test_published_files_say_nothing_of_their_machine():
    published = [path for path in (BENCH / "results").glob("*.json") if path.name != "why.json"]
    assert published, "nothing is published"
    for path in published:
        data, text = results.load(path), path.read_text()
        assert len(text) < 500_000, path
        assert not re.search(r"(?<![\w.])/(?:home|root|work|tmp|usr|var|opt)/", text), path
        assert set(data["machine"]) <= {"cpu", "cpus", "features", "load", "kernel", "compiler", "commit"}, path
        assert all(record["samples"] for record in data["records"])


def test_publishing_keeps_what_is_shown():
    with scratch() as folder:
        path = pathlib.Path(folder) / "r.json"
        out = sample_results()
        out.data |= full_results()
        out.missing("real", "x", "t0", "error: io: /home/somebody/tree/bls.wasm is not there")
        out.save(path)
        target = results.publish(path, pathlib.Path(folder) / "published")
        assert target.name == "2026-01-01-0123456789ab.json" and "/home" not in target.read_text()
        assert "bls.wasm is not there" in target.read_text() and target.stat().st_size < path.stat().st_size
        before, after = (readme.section(results.load(p), "x", {}) for p in (path, target))
        same = sum(a == b for a, b in zip(before.splitlines(), after.splitlines()))
        assert same >= len(before.splitlines()) - 2, "rounding changed more than a last digit here and there"


def test_report_writes_the_section():
    with scratch() as folder:
        path, page = pathlib.Path(folder) / "r.json", pathlib.Path(folder) / "README.md"
        sample_results().save(path)
        page.write_text("<!-- figures: x -->\n<!-- end of figures -->\n")
        done = subprocess.run([sys.executable, str(BENCH / "report"), str(path), "--readme", str(page)], capture_output=True, text=True)
        assert done.returncode == 1 and "not in bench/results" in done.stderr and "Traceback" not in done.stderr, done
        source = readme.named_source((ROOT / "README.md").read_text())
        done = subprocess.run([sys.executable, str(BENCH / "report"), str(ROOT / source), "--readme", str(page)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert page.read_text().rstrip() in (ROOT / "README.md").read_text()


def test_charts_hold_extreme_values():
    assert svg.bars("t", [("a", {})], [("k", "n")], "s") is None
    for values in ((1e-9, 1e9), (0.5, 0.5), (3, 4)):
        chart = svg.bars("<t>", [("a", {"k": (v, v, v)}) for v in values], [("k", "n&m")], "s", mark=1.0)
        assert "&lt;t&gt;" in chart and "nan" not in chart and "inf" not in chart
        for width in re.findall(r'class="bar" x="190" y="[\d.]+" width="([\d.-]+)"', chart):
            assert 0 < float(width) <= svg.WIDTH, width


def png_rows(path):
    """(rows, bytes of a pixel) of an 8-bit RGB or RGBA PNG, filters undone."""
    data = pathlib.Path(path).read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, packed, width, height, channels = 8, b"", 0, 0, 0
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, color = struct.unpack(">IIBB", body[:10])
            assert depth == 8 and color in (2, 6)
            channels = 3 if color == 2 else 4
        elif kind == b"IDAT":
            packed += body
        at += 12 + length
    raw, stride, previous, rows = zlib.decompress(packed), width * channels, bytes(width * channels), []
    for y in range(height):
        method, line = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
        if method == 2:
            line = bytearray((a + b) & 255 for a, b in zip(line, previous))
        for x in range(stride if method not in (0, 2) else 0):
            left = line[x - channels] if x >= channels else 0
            up, corner = previous[x], previous[x - channels] if x >= channels else 0
            if method == 1:
                add = left
            elif method == 3:
                add = (left + up) // 2
            else:
                estimate = left + up - corner
                add = min((abs(estimate - left), 0, left), (abs(estimate - up), 1, up), (abs(estimate - corner), 2, corner))[2]
            line[x] = (line[x] + add) & 255
        previous = bytes(line)
        rows.append(previous)
    return rows, channels


BORDER = bytes.fromhex("dddddd")


def framed(rows, channels, heights):
    """The rows of each framed figure: the frame's left side is the first column that has runs as long as the figures, in their order."""
    for x in range(0, len(rows[0]) // 3, channels):
        runs, begin = [], None
        for y, row in enumerate([*rows, b""]):
            if row[x:x + 3] == BORDER:
                begin = y if begin is None else begin
            elif begin is not None:
                if y - begin > 20:  # a letter's edge is shorter
                    runs.append((begin, y))
                begin = None
        for first in range(len(runs) - len(heights) + 1):
            chosen = runs[first:first + len(heights)]
            if all(abs(high - low - height) <= 3 for (low, high), height in zip(chosen, heights)):
                return [rows[low:high] for low, high in chosen]
    raise AssertionError(f"no {len(heights)} framed figures of heights {heights}")


def test_a_browser_shows_every_chart():
    """In a picture of the page each figure is found by its frame, and in it the colours of its own engines' bars or lines."""
    if shutil.which("chromium") is None:
        print("no chromium: the page is checked by its structure only")
        return
    with scratch() as folder:
        page, _ = make_report(folder)
        shot, width = os.path.join(folder, "shot.png"), 560
        log = os.path.join(folder, "net.json")
        report_main().screenshot(shutil.which("chromium"), page, shot, width, 1700, f"--log-net-log={log}")
        figures = re.findall(r"<figure id='([\w-]+)'>(<svg.*?</svg>)</figure>", page.read_text(), re.DOTALL)
        assert [name for name, _ in figures] == ["kernels-interpreter", "phases-compile", "start", "start-memory", "inside-idle", "history"]
        inner = width - 30 - 2  # the body's padding, the frame
        heights = [float(re.search(r'height="(\d+)"', chart).group(1)) * inner / svg.WIDTH + 2 for _, chart in figures]
        rows, channels = png_rows(shot)
        for (name, chart), part in zip(figures, framed(rows, channels, heights)):
            seen = {row[x:x + 3] for row in part for x in range(0, len(row), channels)}
            colors = set(re.findall(r'class="bar"[^>]*fill="(#\w+)"', chart))
            assert colors and all(bytes.fromhex(color[1:]) in seen for color in colors), (name, colors)
        # What the browser asked for itself is not ours; the page's addresses would be those of a file or of its text.
        asked = set(re.findall(r'https?://[^"\s<>]*', page.read_text())) & set(re.findall(r'"url":"([^"]*)"', pathlib.Path(log).read_text()))
        assert not asked, asked


def report_main():
    import importlib.util
    spec = importlib.util.spec_from_file_location("report_main", BENCH / "report" / "__main__.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_plots_are_written_as_pictures():
    if shutil.which("chromium") is None and shutil.which("rsvg-convert") is None:
        print("no chromium, no rsvg-convert: no PNGs")
        return
    with scratch() as folder:
        chart = pathlib.Path(folder) / "c.svg"
        chart.write_text(svg.bars("t", [("a", {"k": (2, 1, 3), "l": (4, 4, 4)})], [("k", "n"), ("l", "m")], "s"))
        assert report_main().write_png(chart, chart.with_suffix(".png"))
        rows, channels = png_rows(chart.with_suffix(".png"))
        height = int(re.search(r'height="(\d+)"', chart.read_text()).group(1))
        assert (len(rows[0]) // channels, len(rows)) == (svg.WIDTH, height)
        seen = {row[x:x + 3] for row in rows for x in range(0, len(row), channels)}
        assert {bytes.fromhex(color[1:]) for color in svg.PALETTE[:2]} <= seen


if __name__ == "__main__":
    sys.exit(closing.run_all(closing.module_tests(globals(), sys.argv[1:])))
