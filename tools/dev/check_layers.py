#!/usr/bin/env python3
"""Fails when a source file includes something its layer must not see.

Usage: check_layers.py [--root DIR] [--table FILE]

Reads the layer table (layers.txt beside this script, which also explains the form), then every
#include of every C++ file and .def file in the layers and in the folders above them. Three rules:
  1. `#include "..."` is written from the root of the tree, and its layer is allowed;
  2. headers of third parties with an `only` line are included only where that line says;
  3. headers of the operating system are included only by the `os-files`.
A test below tests/ mirrors the tree: tests/engine/decode may see engine/decode, every layer listed
before it and tests/support; test folders that mirror no layer, and tests/support, may see everything.
Prints one line per violation, `FILE:LINE: reason`, and exits 1; exits 2 when the table is wrong.
It looks at text, not at the preprocessor: an include in a disabled #if counts.
"""

import argparse
import fnmatch
import os
import re
import sys

SUFFIXES = (".h", ".cc", ".def", ".inc")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


class Table:
    """The layer table: `layers` maps a folder to the set of folders it may include."""

    def __init__(self, path):
        self.layers = {}
        self.above = []
        self.only = []
        self.os_headers = []
        self.os_files = []
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                line = line.split("#")[0].strip()
                if line and not self._row(line):
                    sys.exit(f"{path}:{number}: not understood: {line}")

    def _row(self, line):
        head, _, rest = line.partition(":")
        kind, _, subject = head.partition(" ")
        if kind == "layer" and ":" in line:
            self.layers[subject] = {subject} | self._folders(rest.split())
            return True
        if kind == "only" and ":" in line:
            self.only.append((subject, rest.split()))
            return True
        lists = {"above": self.above, "os": self.os_headers, "os-files": self.os_files}
        if kind in lists:
            lists[kind].extend(subject.split())
            return True
        return False

    def _folders(self, names):
        out = set()
        for name in names:
            known = list(self.layers)
            if name == "...":
                out.update(known)
            elif name.endswith("/*"):
                out.update(k for k in known if k == name[:-2] or k.startswith(name[:-1]))
            elif name in self.layers:
                out.add(name)
            else:
                sys.exit(f"layer table: {name} is named before its own line")
        return out

    def layer_of(self, path):
        """The layer a path from the root belongs to (the deepest match), or None."""
        folder = os.path.dirname(path)
        while folder:
            if folder in self.layers:
                return folder
            folder = os.path.dirname(folder)
        return None

    def tops(self):
        return sorted({layer.split("/")[0] for layer in self.layers} | set(self.above))

    def up_to(self, layer):
        order = list(self.layers)
        return set(order[: order.index(layer) + 1])

    def allowed(self, path):
        """Folders the file may include from, or None for `everything`."""
        layer = self.layer_of(path)
        if layer:
            return self.layers[layer]
        top, _, below = path.partition("/")
        if top in self.above:
            mirrored = self.layer_of(below)
            if mirrored:
                return self.up_to(mirrored) | {"tests/support", os.path.dirname(path)}
        return None


def matches(path, globs):
    return any(fnmatch.fnmatchcase(path, glob) for glob in globs)


def within(path, folders):
    return any(path.startswith(folder + "/") for folder in folders)


def check_include(table, path, quote, header):
    """Returns the reason why this include is wrong, or None."""
    for glob, places in table.only:
        if matches(header, [glob]) and not matches(path, places):
            return f"<{header}> belongs to {' '.join(places)} only"
    if quote == "<":
        if matches(header, table.os_headers) and not matches(path, table.os_files):
            return f"<{header}> is an operating-system header; use engine/base/platform.h"
        return None
    if header.startswith("generated/"):
        return None
    if header.split("/")[0] not in table.tops():
        return f'"{header}": paths are written from the root of the tree'
    allowed = table.allowed(path)
    if allowed is None or within(header, allowed):
        return None
    target = table.layer_of(header) or os.path.dirname(header)
    return f'"{header}": {table.layer_of(path) or os.path.dirname(path)} may not include {target}'


def source_files(root, tops):
    for top in tops:
        for folder, dirs, names in os.walk(os.path.join(root, top)):
            dirs[:] = sorted(d for d in dirs if d not in ("build", "node_modules", "guests", "programs"))
            for name in sorted(names):
                if name.endswith(SUFFIXES):
                    yield os.path.relpath(os.path.join(folder, name), root)


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", default=os.path.join(here, "..", ".."))
    parser.add_argument("--table", default=os.path.join(here, "layers.txt"))
    args = parser.parse_args()
    table = Table(args.table)
    wrong = files = 0
    for path in source_files(args.root, table.tops()):
        files += 1
        with open(os.path.join(args.root, path), encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                found = INCLUDE.match(line)
                reason = found and check_include(table, path, *found.groups())
                if reason:
                    wrong += 1
                    print(f"{path}:{number}: {reason}")
    if wrong:
        print(f"check_layers: {wrong} includes against the layer table (tools/dev/layers.txt)")
        return 1
    print(f"check_layers ok: {files} files")
    return 0


if __name__ == "__main__":
    sys.exit(main())
