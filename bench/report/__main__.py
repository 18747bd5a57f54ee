"""Makes a page, plots and tables of results: bench/report RESULTS... [--html FILE] [--svg DIR] [--png DIR] [--table FILE|-]
[--publish] [--readme FILE]

Of several files the last is shown in full, and all make the history over commits. The page is one file with its plots inside and
asks for nothing from outside. PNGs need rsvg-convert (librsvg2-bin) or chromium; without them a notice says so. `--publish` puts the
last file, shortened, into bench/results; `--readme` makes the section of README.md of the last file that lies there (readme.py).
"""

import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import common  # noqa: E402  (the path is set above)
import page  # noqa: E402
import readme  # noqa: E402
import results  # noqa: E402
from figures import Figures, history  # noqa: E402

PUBLISHED = common.BENCH / "results"
CHROMIUM = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--disable-quic"]


def screenshot(chromium, source, target, width, height, *more):
    """A PNG of a local file in a browser with a new, empty profile."""
    with tempfile.TemporaryDirectory(prefix="bless-chromium-") as profile:
        subprocess.run([chromium, *CHROMIUM, f"--user-data-dir={profile}", f"--window-size={width},{height}", *more, f"--screenshot={target}",
                        pathlib.Path(source).resolve().as_uri()], check=True, capture_output=True, timeout=120)


def write_png(svg_path, target):
    """Whether a program for it was there."""
    convert, chromium = shutil.which("rsvg-convert"), shutil.which("chromium")
    if convert:
        subprocess.run([convert, str(svg_path), "-o", str(target)], check=True)
    elif chromium:
        head = svg_path.read_text().split(">", 1)[0]
        width, height = (int(head.split(f'{name}="')[1].split('"')[0]) for name in (" width", " height"))
        screenshot(chromium, svg_path, target, width, height)
    return bool(convert or chromium)


def main():
    parser = argparse.ArgumentParser(prog="bench/report", description="A page, plots and tables of results.")
    parser.add_argument("files", nargs="+", metavar="RESULTS", help="JSON files of ./dev bench --peers")
    parser.add_argument("--html", metavar="FILE")
    parser.add_argument("--svg", metavar="DIR")
    parser.add_argument("--png", metavar="DIR")
    parser.add_argument("--table", metavar="FILE", help="Markdown; - is standard output")
    parser.add_argument("--publish", action="store_true", help="put the last of RESULTS into bench/results, shortened")
    parser.add_argument("--readme", metavar="FILE", help="rewrite its section of figures from the last of RESULTS, which must be published")
    options = parser.parse_args()
    newest = pathlib.Path(max(options.files, key=lambda path: results.load(path)["date"]))
    if options.publish:
        newest = results.publish(newest, PUBLISHED)
        options.files.append(newest)
        print(f"published: {newest}")
    files = sorted((results.load(path) for path in options.files), key=lambda data: data["date"])
    public = newest.resolve().is_relative_to(PUBLISHED.resolve())
    source = f"bench/results/{newest.name}" if public else newest.name
    if options.readme:
        if not public:
            raise common.BenchError(f"{newest} is not in bench/results (see --publish): every figure of a README must be found in the tree")
        target = pathlib.Path(options.readme)
        target.write_text(readme.rewrite(target.read_text(), readme.section(results.load(newest), source, readme.reasons(PUBLISHED))))
        print(f"section of figures: {target}")
    if options.html:
        pathlib.Path(options.html).write_text(page.page(files, source))
        print(f"page: {options.html}")
    charts = Figures(files[-1]).charts() + ([("history", "History", history(files))] if history(files) else [])
    for folder in filter(None, (options.svg, options.png)):
        pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bless-report-") as scratch:
        folder = pathlib.Path(options.svg or scratch)
        for name, _, chart in charts:
            path = folder / f"{name}.svg"
            path.write_text(chart)
            if options.png and not write_png(path, pathlib.Path(options.png) / f"{name}.png"):
                print("bench: no PNGs: neither rsvg-convert nor chromium is there")
                break
    if options.table == "-":
        print(page.markdown(files[-1], source))
    elif options.table:
        pathlib.Path(options.table).write_text(page.markdown(files[-1], source))


if __name__ == "__main__":
    common.start(main)
