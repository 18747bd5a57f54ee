#!/usr/bin/env python3
"""Runs bls.wasm, our own command compiled to wasm32-wasi, inside Node and inside our native engine.

    tests/wasm_build/run.py [--wasm build/wasm/bin/bls.wasm] [--native 'build/release/bin/bls run'] [--only node|native]

The same cases in both: the version, hello.wasm from a mapped folder, exit statuses, a trap, files that are no modules.
That the portable core gives the same answers there is what keeps it portable. Closing line `N passed, N failed`.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "guests"))

from kit import fetch, paths, report  # noqa: E402
from kit.engine import Engine  # noqa: E402

MAGIC = b"\0asm\x01\0\0\0"


def section(number: int, body: bytes) -> bytes:
    return bytes([number, len(body)]) + body


def name(text: str) -> bytes:
    return bytes([len(text)]) + text.encode()


def command(code: bytes) -> bytes:
    """A module whose _start has this code; function 0 is proc_exit. Sizes stay below 128: one LEB byte each."""
    types = section(1, b"\x02\x60\x01\x7f\x00\x60\x00\x00")
    imports = section(2, b"\x01" + name("wasi_snapshot_preview1") + name("proc_exit") + b"\x00\x00")
    functions = section(3, b"\x01\x01")
    memory = section(5, b"\x01\x00\x01")
    exports = section(7, b"\x02" + name("memory") + b"\x02\x00" + name("_start") + b"\x00\x01")
    body = b"\x00" + code + b"\x0b"
    return MAGIC + types + imports + functions + memory + exports + section(10, b"\x01" + bytes([len(body)]) + body)


def exits(status: int) -> bytes:
    low, high = status & 0x7F | 0x80, status >> 7
    return command(bytes([0x41, low, high, 0x10, 0]))


FILES = {
    "exit0.wasm": exits(0),
    "exit7.wasm": exits(7),
    "exit200.wasm": exits(200),
    "trap.wasm": command(b"\x00"),
    "invalid.wasm": command(b"\x6a\x1a"),  # i32.add of nothing
    "cut.wasm": exits(0)[:60],
    "text.wasm": b"this is no module\n",
    "app.car": b"",
    "app.json": b"{}",
}
HELLO = b"Hello from Bless!\n"


def cases(folder: Path):
    """(name, arguments of bls.wasm, judge(Outcome) -> problem or None)"""
    def ends(status, out=b""):
        def judge(outcome):
            if (outcome.status, outcome.out) != (status, out):
                return f"status {outcome.status}, output {outcome.out[:200]!r}; wanted {status}, {out!r}"
        return judge

    def refused(outcome):
        if not outcome.status or outcome.status < 0:
            return f"status {outcome.status}, wanted a failure"
        if outcome.out or not outcome.err.strip():
            return f"wanted words on stderr only, got {outcome.out[:200]!r} and {outcome.err[:200]!r}"

    def version(outcome):
        if outcome.status != 0 or not outcome.out.strip():
            return f"status {outcome.status}, output {outcome.out!r}"

    yield "version", ["--version"], version
    yield "hello", ["run", "/examples/hello.wasm"], ends(0, HELLO)
    for status in (0, 7, 200):
        yield f"exit status {status}", ["run", f"/modules/exit{status}.wasm"], ends(status)
    yield "trap", ["run", "/modules/trap.wasm"], refused
    for stem in ("invalid", "cut", "text", "missing"):
        yield f"refuses {stem}.wasm", ["run", f"/modules/{stem}.wasm"], refused
        yield f"validate refuses {stem}.wasm", ["validate", f"/modules/{stem}.wasm"], refused
    for file in ("app.car", "app.json"):
        yield f"refuses {file}", ["run", f"/modules/{file}"], refused
    yield "validate hello.wasm", ["validate", "/examples/hello.wasm"], ends(0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wasm", type=Path, default=paths.BUILD / "wasm" / "bin" / "bls.wasm")
    parser.add_argument("--native", default=f"{paths.BUILD}/release/bin/bls run", metavar="CMD")
    parser.add_argument("--only", choices=("node", "native"))
    options = parser.parse_args()
    lines = report.Report()
    if not options.wasm.is_file():
        lines.add("bls.wasm", [f"there is none at {options.wasm}: ./dev build wasm makes it"])
        return lines.finish()
    hosts = {"node": "node", "native": options.native}
    with tempfile.TemporaryDirectory(prefix="bls-wasm-build-") as scratch:
        for file, content in FILES.items():
            (Path(scratch) / file).write_bytes(content)
        dirs = [(paths.ROOT / "examples", "/examples"), (scratch, "/modules")]
        for host, engine_name in hosts.items():
            if options.only not in (None, host):
                continue
            try:
                engine = Engine(engine_name)
                reason = engine.missing()
            except fetch.FetchError as error:
                reason = str(error)
            if reason:
                lines.add(host, [reason])
                continue
            for case, args, judge in cases(Path(scratch)):
                start = time.monotonic()
                outcome = engine.run(options.wasm, args, dirs, timeout=120)
                problem = judge(outcome)
                if problem and outcome.err:
                    problem += f"\n{outcome.err.decode(errors='replace')[-400:]}"
                lines.add(f"in {host}: {case}", [problem] if problem else [], time.monotonic() - start)
    return lines.finish()


if __name__ == "__main__":
    sys.exit(main())
