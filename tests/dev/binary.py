#!/usr/bin/env python3
"""Checks how the shipped programs are built: what they load, and the hardening that can be seen in them.

Usage: binary.py BLS [BLS-FULL]: the static program, and the one with libraries. Reads them with
readelf and objdump; ends with `N passed, N failed`.
Zeroed automatic variables and stack-clash probes leave no mark in a file; the flags are in
cmake/flags.cmake.
"""

import os
import re
import subprocess
import sys


def output(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


# What bls-full may load; the last is the dynamic loader itself.
LIBRARIES = r"(libcrypto\.so\.3|libsqlite3\.so\.0|libc\.so\.6|libm\.so\.6|ld-linux-[\w-]+\.so\.\d)"


def needed(program):
    return re.findall(r"\(NEEDED\).*\[(.*)\]", output("readelf", "-dW", program))


def static_checks(program):
    segments = output("readelf", "-lW", program)
    yield "loads no library", not needed(program), needed(program)
    yield "needs no dynamic loader", "INTERP" not in segments, segments
    link = os.path.join(os.path.dirname(program), "bls-runtime")
    yield "is bls-runtime too", os.path.realpath(link) == os.path.realpath(program), link
    yield from checks(program)


def full_checks(program):
    libraries = needed(program)
    yield "loads libcrypto", "libcrypto.so.3" in libraries, libraries
    yield "loads nothing else", all(re.fullmatch(LIBRARIES, name) for name in libraries), libraries
    yield from checks(program)


def checks(program):
    dynamic = output("readelf", "-dW", program)
    segments = output("readelf", "-lW", program)
    symbols = output("readelf", "-sW", program)
    stack = re.search(r"GNU_STACK.* (\S+) +0x\w+$", segments, re.MULTILINE)

    yield "names no library folder", not re.search(r"R(UN)?PATH", dynamic), dynamic
    yield "is position independent", "PIE" in dynamic, dynamic
    yield "resolves all symbols at start", "BIND_NOW" in dynamic, dynamic
    yield "has a read-only relocation segment", "GNU_RELRO" in segments, segments
    yield "has no executable stack", bool(stack) and "E" not in stack.group(1), segments
    yield "has no segment both writable and executable", " RWE " not in segments, segments
    yield "has stack protectors", "__stack_chk_fail" in symbols, "no __stack_chk_fail"
    yield "uses fortified library calls", bool(re.search(r"__\w+_chk", symbols)), "no __*_chk"
    if "x86-64" in output("readelf", "-hW", program).lower():
        yield "marks indirect branch targets", *starts_with_endbr(program)
    with open(program, "rb") as file:
        content = file.read()
    here = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", "..")).encode()
    yield "holds no path of the build machine", here not in content, here


def starts_with_endbr(program):
    """The program's entry function is called through a pointer by the C library."""
    text = output("objdump", "-d", "--no-show-raw-insn", "-j", ".text", program)
    entries = re.findall(r"^\w+ <(main|_start)>:\n\s*\w+:\s+(\w+)", text, re.MULTILINE)
    if not entries:  # stripped: the sum must do
        count = text.count("endbr64")
        return count > 100, f"{count} endbr64"
    return all(first == "endbr64" for name, first in entries if name == "main"), entries


def main():
    passed = failed = 0
    for program, suite in zip(sys.argv[1:], (static_checks, full_checks)):
        for name, holds, seen in suite(program):
            if holds:
                passed += 1
            else:
                failed += 1
                print(f"FAILED {os.path.basename(program)} {name}: {seen}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
