"""Makes a page, plots and tables of results: bench/report RESULTS... [--html FILE] [--svg DIR] [--png DIR] [--table FILE|-]

Of several files the last is shown in full, and all make the history over commits. The page is one file with its plots inside and
asks for nothing from outside. PNGs need rsvg-convert (librsvg2-bin) or chromium; without them a notice says so.
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
import results  # noqa: E402
from figures import Figures, history  # noqa: E402

CHROMIUM = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--disable-quic"]


def screenshot(chromium, source, target, width, height):
    """A PNG of a local file in a browser with a new, empty profile."""
    with tempfile.TemporaryDirectory(prefix="bless-chromium-") as profile:
        subprocess.run([chromium, *CHROMIUM, f"--user-data-dir={profile}", f"--window-size={width},{height}", f"--screenshot={target}",
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
    options = parser.parse_args()
    files = sorted((results.load(path) for path in options.files), key=lambda data: data["date"])
    newest = max(options.files, key=lambda path: results.load(path)["date"])
    source = "bench/results/" + pathlib.Path(newest).name if "bench/results" in newest else pathlib.Path(newest).name
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
