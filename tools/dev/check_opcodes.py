#!/usr/bin/env python3
"""Fails when too many product files name one instruction.

Usage: check_opcodes.py [--root DIR] [--max N] [--list]

An instruction should be described once, in engine/wasm/opcodes.def, and everything else be generated
from it. The measure is the number of product files that mention a sample instruction by its text name
or its enumerator. The samples stand for families; `i32.add` is the one everybody quotes.
Prints the files when there are more than N (4) of them and exits 1. Tests, benchmarks and
documentation do not count.
"""

import argparse
import os
import re
import sys

PRODUCT = ("engine", "codegen", "wasi", "extensions", "runtime", "tools")
SUFFIXES = (".h", ".cc", ".def", ".inc", ".py", ".cmake", ".txt")
SAMPLES = (("i32.add", "I32Add"), ("i64.div_s", "I64DivS"), ("f32.sqrt", "F32Sqrt"),
           ("i8x16.swizzle", "I8x16Swizzle"))
OWN_NAME = os.path.join("tools", "dev", "check_opcodes.py")


def product_files(root):
    for top in PRODUCT:
        for folder, _, names in os.walk(os.path.join(root, top)):
            for name in sorted(names):
                path = os.path.relpath(os.path.join(folder, name), root)
                if name.endswith(SUFFIXES) and path != OWN_NAME:
                    yield path


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", default=os.path.join(here, "..", ".."))
    parser.add_argument("--max", type=int, default=4)
    parser.add_argument("--list", action="store_true", help="print the files of every sample")
    args = parser.parse_args()
    patterns = {text: re.compile(rf"(?<![\w.]){re.escape(text)}(?![\w.])|(?<!\w)(?:Op::)?{enum}(?!\w)")
                for text, enum in SAMPLES}
    found = {text: [] for text in patterns}
    for path in product_files(args.root):
        with open(os.path.join(args.root, path), encoding="utf-8") as file:
            content = file.read()
        for text, pattern in patterns.items():
            if pattern.search(content):
                found[text].append(path)
    wrong = 0
    for text, paths in found.items():
        if args.list or len(paths) > args.max:
            print(f"check_opcodes: {len(paths)} product files name {text}: {' '.join(paths)}")
        wrong += len(paths) > args.max
    if wrong:
        print(f"check_opcodes: at most {args.max} files may name an instruction")
        return 1
    print("check_opcodes ok: " + ", ".join(f"{text} in {len(p)} files" for text, p in found.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
