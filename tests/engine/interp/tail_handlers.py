#!/usr/bin/env python3
"""Disassembles the tail back end and fails when a handler contains a call or a return, or when one that accesses guest
memory has a frame (its fault could then not be resumed), or when one uses the x87 unit, whose control word nobody sets. Argument: the static library. Closing line: `N passed, N failed`."""

import re
import subprocess
import sys


def handlers(library):
    """Yields (name, instructions) for every function of the handler section."""
    text = subprocess.run(["objdump", "-d", "--no-show-raw-insn", "-j", "bls_t0_handlers", library],
                          capture_output=True, text=True, check=True).stdout
    name, body = None, []
    for line in text.splitlines():
        start = re.match(r"[0-9a-f]+ <(.*)>:$", line)
        if start:
            if name:
                yield name, body
            name, body = start.group(1), []
        elif name and "\t" in line:
            body.append(line.split("\t", 1)[1].strip())
    if name:
        yield name, body


def main():
    passed, failed = 0, []
    for name, body in handlers(sys.argv[1]):
        words = [instruction.split()[0] for instruction in body if instruction]
        bad = [w for w in words if w.startswith("call") or w.startswith("ret")]
        bad += [w for w in words if re.match(r"f(i?ld|i?stp?|i?add|i?sub|i?mul|i?div|xch|u?comi?|chs|abs|sqrt|rndint|prem)", w)]
        if re.search(r"tail_\w+_G\w+E", name):
            bad += [w for w in words if w.startswith("push")]
        if bad:
            failed.append(f"{name}: {', '.join(bad)}")
        else:
            passed += 1
    for line in failed[:20]:
        print(line)
    if passed + len(failed) < 500:
        failed.append("too few handlers found")
        print(failed[-1])
    print(f"{passed} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
