#!/usr/bin/env python3
"""Installs a build into an empty folder and builds examples/embed against nothing but that folder.

Usage: install.py BUILD_FOLDER CXX. Ends with `N passed, N failed`.
The example is the proof that the installed headers are complete, that the package config finds the
libraries, and that an embedder needs no other include path.
"""

import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))


def run(*command):
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            stdin=subprocess.DEVNULL, check=False)
    if result.returncode:
        raise RuntimeError(f"{' '.join(command)}: status {result.returncode}\n{result.stdout}")
    return result.stdout


def steps(build, cxx, work):
    prefix = os.path.join(work, "prefix")
    # A copy outside the tree: an include path into the source tree would not go unnoticed.
    example = os.path.join(work, "embed")
    shutil.copytree(os.path.join(ROOT, "examples", "embed"), example)
    out = os.path.join(work, "build")

    yield "the build installs", lambda: run("cmake", "--install", build, "--prefix", prefix)
    yield "the installed program starts", lambda: run(os.path.join(prefix, "bin", "bls"), "--version")
    yield "bls-runtime is installed beside it", lambda: os.stat(
        os.path.join(prefix, "bin", "bls-runtime"))
    yield "bls-full is installed beside it and starts", lambda: run(
        os.path.join(prefix, "bin", "bls-full"), "--version")
    yield "the example is configured", lambda: run(
        "cmake", "-G", "Ninja", "-S", example, "-B", out, f"-DCMAKE_PREFIX_PATH={prefix}",
        f"-DCMAKE_CXX_COMPILER={cxx}", "-DCMAKE_BUILD_TYPE=Release")
    yield "the example compiles and links", lambda: run("cmake", "--build", out)
    yield "the example runs", lambda: run(
        "ctest", "--test-dir", out, "--no-tests=error", "--output-on-failure")


def main():
    build, cxx = sys.argv[1:3]
    passed = 0
    with tempfile.TemporaryDirectory() as work:
        for name, step in steps(build, cxx, work):
            try:
                step()
                passed += 1
            except (RuntimeError, OSError) as error:
                print(f"FAILED {name}: {error}")
                print(f"{passed} passed, 1 failed")
                return 1
    print(f"{passed} passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
