#!/usr/bin/env python3
"""Golden listings: the machine code of small functions, as `bls explain` shows it, compared line by line.

  run.py --bin FOLDER [--only WORD] [--bless]

Each *.wat beside this file has a *.txt per variant: the options of VARIANTS and the code they give on any machine, because
the CPU features are fixed. A difference is either a bug or a change to look at: --bless writes what is there now; read the
diff before committing it. Closing line: `N passed, N failed`.
"""

import argparse
import difflib
import glob
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
CPU = ("--cpu", "sse4.1,sse4.2,popcnt,lzcnt,bmi,bmi2,avx")
CHECKED = ("--memory-mode", "checked")
MODERN = (*CPU, *CHECKED)
COMMON = ("explain", "--show", "baseline")
# By module: what is listed, and how. Everything else is listed once, as MODERN.
VARIANTS = {
    "integer": {"": MODERN, "base": ("--cpu", "none", *CHECKED)},
    "float": {"": MODERN, "base": ("--cpu", "none", *CHECKED)},
    "memory": {"": MODERN, "guard": (*CPU, "--memory-mode", "guard")},
    "loop": {"": MODERN, "spill": (*MODERN, "--stress", "spill"), "switch": (*MODERN, "--stress", "tier-switch")},
    "fuel": {"": (*MODERN, "--metered")},
}


def listing(bls, path, options):
    done = subprocess.run([bls, *COMMON, *options, os.path.basename(path)], cwd=HERE, capture_output=True, text=True,
                          timeout=60, check=False)
    if done.returncode != 0:
        return f"status {done.returncode}: {done.stderr}"
    if "gc" in os.path.basename(path):  # addresses of layouts stand among the constants
        return re.sub(r"(?m)^(    T1 data [0-9a-f]{4}  \.byte).*$", r"\1 ..", done.stdout)
    return done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True)
    parser.add_argument("--only", default="")
    parser.add_argument("--bless", action="store_true")
    args = parser.parse_args()
    bls = os.path.join(os.path.abspath(args.bin), "bls")
    passed = failed = 0
    for path in sorted(glob.glob(os.path.join(HERE, "*.wat"))):
        name = os.path.basename(path)[:-4]
        if args.only not in name:
            continue
        for variant, options in VARIANTS.get(name, {"": MODERN}).items():
            golden = os.path.join(HERE, name + (f"_{variant}" if variant else "") + ".txt")
            found = listing(bls, path, options)
            if args.bless and not found.startswith("status"):
                with open(golden, "w", encoding="utf-8") as file:
                    file.write(found)
            expected = ""
            if os.path.exists(golden):
                with open(golden, encoding="utf-8") as file:
                    expected = file.read()
            if found == expected and found:
                passed += 1
                continue
            failed += 1
            print(f"FAILED {os.path.basename(golden)}")
            sys.stdout.writelines(difflib.unified_diff(expected.splitlines(True), found.splitlines(True), "golden", "found"))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
