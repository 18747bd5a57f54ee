#!/usr/bin/env python3
"""Writes tools/startup_order.ld: the functions a short run executes, to be linked side by side.

Usage: startup_order.py [--bls BINARY] [--check]

Runs the example under callgrind (Debian package valgrind) and writes its functions, in the order of
their addresses in the measured binary, as an output section that the linker inserts before `.text`.
A name that no longer exists matches nothing and does no harm, so the list may be older than the
code; renew it when `bench/launch.py` shows more page faults. With --check nothing is written: the
share of executed functions that the list holds is printed, and under half is an error.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
LIST = os.path.join(ROOT, "tools", "startup_order.ld")
OURS = ("_Z", "_GLOBAL__", "main")     # the C library has no section for each function
# Without the sandbox, which would keep valgrind from writing its file.
RUNS = (("run", "--no-sandbox", "examples/hello.wasm"), ("run", "--no-sandbox", "--limited-fuel=100000", "examples/hello.wasm"))
HEADER = """/* Functions that a short run executes, side by side in the text. Written by
   tools/dev/startup_order.py; see tools/CMakeLists.txt for the reason. */
"""


def executed(bls):
    """Names of the functions of `bls` that RUNS execute."""
    names = set()
    for arguments in RUNS:
        with tempfile.TemporaryDirectory() as folder:
            out = os.path.join(folder, "calls")
            done = subprocess.run(["valgrind", "--tool=callgrind", "--demangle=no", f"--callgrind-out-file={out}",
                                   bls, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
            if done.returncode:
                sys.exit(f"startup_order: valgrind failed: {(done.stderr.strip().splitlines() or ['?'])[-1]}")
            with open(out, encoding="utf-8") as file:
                names.update(re.findall(r"^c?fn=\(\d+\) ([^\s']+)", file.read(), re.MULTILINE))
    return names


def defined(bls):
    """{name: address} of the functions of `bls` that can be placed."""
    done = subprocess.run(["nm", bls], capture_output=True, text=True, check=True)
    rows = (line.split() for line in done.stdout.splitlines())
    return {row[2]: row[0] for row in rows if len(row) == 3 and row[1] in "tTwW" and row[2].startswith(OURS)}


def listed():
    with open(LIST, encoding="utf-8") as file:
        return set(re.findall(r"\*\(\.text\.([^\s)]+)", file.read()))


def main():
    parser = argparse.ArgumentParser(description="Write the list of functions that a start executes.")
    parser.add_argument("--bls", default=os.path.join(ROOT, "build", "release", "bin", "bls"))
    parser.add_argument("--check", action="store_true", help="only compare the list with what is executed")
    options = parser.parse_args()
    addresses = defined(options.bls)
    # Constructors and folded functions have several names at one address; the section has one of them.
    places = {addresses[name] for name in executed(options.bls) if name in addresses}
    names = sorted((name for name in addresses if addresses[name] in places), key=lambda name: (addresses[name], name))
    if options.check:
        known = len(listed().intersection(names))
        print(f"startup_order: {known} of {len(names)} executed functions are listed")
        return 0 if 2 * known >= len(names) else 1
    lines = [f"    *(.text.{name} .text.unlikely.{name} .text.startup.{name})\n" for name in names]
    with open(LIST, "w", encoding="utf-8") as file:
        file.write(HEADER + "SECTIONS\n{\n  .text.start_path :\n  {\n" + "".join(lines) + "  }\n}\nINSERT BEFORE .text;\n")
    print(f"startup_order: {len(names)} functions")
    return 0


if __name__ == "__main__":
    sys.exit(main())
