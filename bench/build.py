#!/usr/bin/env python3
"""Builds the benchmark corpus natively and to wasm32-wasi with clang-22.

    bench/build.py [--list] [NAME...]       results: build/bench/native/NAME and build/bench/wasm/NAME.wasm

Flags and recipes are in corpus.json. A build is keyed by compiler, flags and the contents of everything it reads,
so a repeated call does nothing. Sources of the applications are fetched and checked by common.py.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import subprocess
import sys

import common
from common import BENCH, BUILD

PROGRAMS = BENCH / "programs"
TARGETS = ("native", "wasm")  # native3 is native with -O3


def product(name, target):
    """Where the built program is found."""
    return BUILD / target / (name + (".wasm" if target == "wasm" else ""))


def compiler_for(source):
    return "clang++-22" if source.suffix == ".cc" else "clang-22"


def app_inputs(corpus, program):
    """(files, include folders, defines, key) of an application's library; nothing for a kernel."""
    if "app" not in program:
        return [], [], [], ""
    recipe = corpus["apps"][program["app"]]
    kind = "apt" if "apt" in recipe else "npm"
    package = recipe[kind]
    folder = (common.fetch_apt if kind == "apt" else common.fetch_npm)(corpus, package)
    root = folder / recipe["root"]
    files = sorted(path for pattern in recipe["files"] for path in root.glob(pattern))
    if len(files) < len(recipe["files"]):
        raise common.BenchError(f"{program['name']}: {root} lacks some of the files of the recipe")
    include = [PROGRAMS / "apps" / "shim"] + [root / part for part in recipe["include"]]
    return files, include, recipe["defines"], corpus["archives"][kind][package]["sha256"]


def command_for(corpus, program, target, output):
    """The complete compiler command; libraries of the applications are compiled without warnings."""
    flags = corpus["flags"]
    source = PROGRAMS / program["source"]
    files, include, defines, _ = app_inputs(corpus, program)
    every = ["-O3" if flag == "-O2" and target == "native3" else flag for flag in flags["all"]]
    command = [compiler_for(source), *every, *flags["cc" if source.suffix == ".cc" else "c"]]
    if target == "wasm":
        command += flags["wasm"]
        if program["group"] in flags["simdGroups"]:
            command += flags["wasmSimd"]
    command += ["-w"] if files else ["-Wall", "-Wextra"]
    for folder in [common.ROOT, *include]:
        command += ["-I", str(folder)]
    command += ["-D" + define for define in defines]
    command += [str(source), *map(str, files), "-o", str(output)]
    return command + ([] if target == "wasm" else flags["native"])


def key_for(corpus, program, target, version):
    """Hash of all a build depends on."""
    source = PROGRAMS / program["source"]
    local = [source, PROGRAMS / "kernels" / "kernel.h"]
    if "app" in program:
        local += sorted((PROGRAMS / "apps" / "shim").iterdir())
        local += sorted(source.parent.glob(program["app"] + "_work.*"))
    _, _, defines, archive = app_inputs(corpus, program)
    group_flags = [corpus["flags"], program["group"], corpus["apps"].get(program.get("app")), defines]
    parts = [version, target, archive, json.dumps(group_flags)] + [common.file_hash(path) for path in local]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def build_one(corpus, program, target, version):
    """Builds if needed; returns True when the compiler ran."""
    cached = BUILD / "cache" / key_for(corpus, program, target, version)
    link = product(program["name"], target)
    built = not cached.exists()
    if built:
        cached.parent.mkdir(parents=True, exist_ok=True)
        partial = cached.with_suffix(".partial")
        common.run_quiet(command_for(corpus, program, target, partial))
        partial.rename(cached)
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink() or os.readlink(link) != str(cached):
        link.unlink(missing_ok=True)
        link.symlink_to(cached)
    return built


def select(corpus, names):
    known = {program["name"]: program for program in corpus["programs"]}
    unknown = [name for name in names if name not in known and name not in {p["group"] for p in known.values()}]
    if unknown:
        raise common.BenchError(f"no program or group named {', '.join(unknown)}")
    return [p for p in corpus["programs"] if not names or p["name"] in names or p["group"] in names]


def build_all(corpus, programs, targets=TARGETS):
    """Builds the programs for the targets, two at a time; returns the number of compiler runs."""
    version = subprocess.run(["clang-22", "--version"], capture_output=True, text=True, check=True).stdout
    for program in programs:  # fetch first, one after another
        app_inputs(corpus, program)
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        jobs = [pool.submit(build_one, corpus, p, t, version) for p in programs for t in targets]
        return sum(job.result() for job in jobs)


def main():
    parser = argparse.ArgumentParser(description="Build the benchmark corpus.")
    parser.add_argument("names", nargs="*", help="programs or groups; default: all")
    parser.add_argument("--list", action="store_true", help="list the programs and stop")
    arguments = parser.parse_args()
    corpus = common.load_corpus()
    programs = select(corpus, arguments.names)
    if arguments.list:
        for program in programs:
            print(f"{program['group']:<12} {program['name']:<18} {program['source']}")
        return
    count = build_all(corpus, programs)
    print(f"bench: {len(programs)} programs for {len(TARGETS)} targets, {count} compiled, the rest unchanged")


if __name__ == "__main__":
    try:
        main()
    except common.BenchError as error:
        sys.exit(f"bench: {error}")
