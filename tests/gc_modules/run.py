#!/usr/bin/env python3
"""A module of garbage collected objects that nobody here wrote: Dart's formatter, compiled by dart2wasm.

    tests/gc_modules/run.py                          with build/release
    tests/gc_modules/run.py --stress                 the large source too, collecting at every allocation
    tests/gc_modules/run.py --record                 writes expected/ from what Node gives

The module (npm @wasm-fmt/dart_fmt) imports 129 functions and 3,685 strings from JavaScript. Here its hosts are
modules as well, written by hosts.py and turned into bytes by `bls wasm`; link_run instantiates them one after the
other through the embedding API. Checked: with stubs that return zero or null it is instantiated and its exports
that need no host run; with a host that does what the JavaScript does, it formats Dart sources byte for byte as
under Node with the package's own JavaScript, also in the other back end and compiled, with a collection at every allocation,
and after a trip of the module through text. `N passed, N failed` at the end.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "guests"))

import hosts  # noqa: E402
from kit import fetch, paths, report, toolchain  # noqa: E402

PACKAGE = ("@wasm-fmt/dart_fmt", "0.4.0", "6e524964d26d1eea406e49c1232f233016dbdfbac81a7ca6fd6ebfb939d96161")
SOURCES = ("shapes.dart", "small.dart")
OPTIONS = '{"lineEnding":"\\n"}'
NODE_SCRIPT = """
import {readFileSync} from 'node:fs';
const {format} = await import(process.argv[1] + '/dart_fmt_node.js');
process.stdout.write(format(readFileSync(process.argv[2], 'utf8'), process.argv[3]));
"""


def output_of(command, what):
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, timeout=900)
    if done.returncode != 0:
        raise ValueError(f"{what}: exit {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}")
    return done.stdout


class Modules:
    """The module in its two forms, and the hosts as files of a scratch folder."""

    def __init__(self, bls, module: Path, scratch: Path):
        self.bls, self.module, self.scratch = bls, module, scratch
        self.text = output_of([bls, "wat", module], "bls wat").decode()
        self.trip = self.assemble("trip", self.text)
        self.host = self.write_hosts("host", known=True)
        self.stubs = self.write_hosts("stubs", known=False)

    def assemble(self, name: str, text: str) -> Path:
        path = self.scratch / f"{name}.wat"
        path.write_text(text, encoding="utf-8")
        output_of([self.bls, "wasm", "--output", path.with_suffix(".wasm"), path], f"bls wasm {name}")
        return path.with_suffix(".wasm")

    def write_hosts(self, kind: str, known: bool) -> list[str]:
        return [f"{module}={self.assemble(f'{kind}-{number}', text)}"
                for number, (module, text) in enumerate(hosts.hosts(self.text, known).items())]

    def runner(self, source: Path) -> Path:
        return self.assemble("run-" + source.name, hosts.runner(source.read_text(encoding="utf-8"), source.name, OPTIONS))


def record(package: Path):
    for name in SOURCES:
        command = [toolchain.node(), "--input-type=module", "-e", NODE_SCRIPT, package, HERE / "inputs" / name, name]
        (HERE / "expected" / name).write_bytes(output_of(command, "node"))
        print(f"expected/{name} written")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    folder = Path(os.environ.get("BLS_BIN", paths.BUILD / "release" / "bin"))
    parser.add_argument("--bls", default=folder / "bls")
    parser.add_argument("--link-run", default=folder.parent / "tests" / "link_run")
    parser.add_argument("--stress", action="store_true")
    parser.add_argument("--record", action="store_true")
    args = parser.parse_args()
    lines = report.Report()
    try:
        package = fetch.npm_package(*PACKAGE)
        if args.record:
            record(package)
            return 0
    except fetch.FetchError as error:
        lines.add("package", [str(error)])
        return lines.finish()

    def check(name, expected: bytes, given, main_module, runner, *flags):
        start = time.monotonic()
        try:
            out = output_of([args.link_run, *flags, *given, f"main={main_module}", f"run={runner}"], "link_run")
            problems = [] if out == expected else [f"expected {expected[:400]!r}\ngot      {out[:400]!r}"]
        except (ValueError, subprocess.TimeoutExpired) as error:
            problems = [str(error)]
        lines.add(name, problems, time.monotonic() - start)

    with tempfile.TemporaryDirectory(prefix="bls-gc-") as scratch:
        try:
            made = Modules(args.bls, package / "dart_fmt.wasm", Path(scratch))
        except ValueError as error:
            lines.add("prepare", [str(error)])
            return lines.finish()
        greek = "".join(chr(0x3b1 + i) for i in reversed(range(26))).encode()
        plain = made.assemble("plain", hosts.PLAIN)
        for name, module in (("stubs", made.module), ("stubs, after text", made.trip)):
            check(name, greek, made.stubs, module, plain)
        for source in SOURCES:
            expected = (HERE / "expected" / source).read_bytes()
            runner = made.runner(HERE / "inputs" / source)
            check(source, expected, made.host, made.module, runner)
            check(f"{source}, after text", expected, made.host, made.trip, runner)
            check(f"{source}, loop", expected, made.host, made.module, runner, "--loop")
            check(f"{source}, baseline", expected, made.host, made.module, runner, "--baseline")
            if args.stress or source == "small.dart":
                for tier in ((), ("--baseline",)):
                    check(" ".join((f"{source}, a collection at every allocation", *tier)), expected, made.host,
                          made.module, runner, "--gc-stress", *tier)
    return lines.finish()


if __name__ == "__main__":
    sys.exit(main())
