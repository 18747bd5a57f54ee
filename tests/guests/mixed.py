#!/usr/bin/env python3
"""One program of three languages: a C++ library, an AssemblyScript library that calls it, a Rust entry module.

    tests/guests/mixed.py --bin FOLDER

Linked by --module and by a configuration of version 1 with checksums, in every tier. Each library prints by a WASI
of its own over one descriptor table; the Rust program also calls the C++ library by name. Closing line `N passed, N failed`.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from kit import fetch, toolchain  # noqa: E402

RECIPES = {
    "shapes": {"language": "c++", "sources": ["mixed/shapes.cc"], "flags": ["-mexec-model=reactor"]},
    "scale": {"language": "assemblyscript", "sources": ["mixed/scale.ts"], "flags": ["--exportStart", "_initialize"]},
    "main": {"language": "rust", "sources": ["mixed/main.rs"]},
}
EXPECTED = """C++: set up, 0
AssemblyScript: set up
AssemblyScript: the cube of 3
C++: the square of 3
C++: the square of 2
Rust: 31
Rust: 0 "area 42" ["main.wasm", "--x"]
"""


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    folder = Path(parser.parse_args().bin).resolve()
    try:
        built = {name: toolchain.build(name, recipe, HERE) for name, recipe in RECIPES.items()}
    except (fetch.FetchError, toolchain.BuildError) as error:
        print(f"{error}\n0 passed, 1 failed")
        return 1
    passed = failed = 0
    version = subprocess.run([folder / "bls", "--version"], capture_output=True, text=True).stdout
    with tempfile.TemporaryDirectory() as scratch:
        config = Path(scratch, "mixed.json")
        config.write_text(json.dumps({"version": 1, "entry": "_start", "modules": [
            {"file": str(path), "name": name, "type": "entry" if name == "main" else "module",
             "md5": hashlib.md5(path.read_bytes()).hexdigest()} for name, path in built.items()]}))
        libraries = [word for name in ("shapes", "scale") for word in ("--module", f"{name}={built[name]}")]
        for tier in ("interp", "baseline", "auto") if "baseline" in version else ("interp",):
            for words in ([*libraries, str(built["main"])], [str(config)]):
                done = subprocess.run([folder / "bls", "run", f"--tier={tier}", *words, "--", "--x"], capture_output=True,
                                      text=True, cwd=scratch, stdin=subprocess.DEVNULL, timeout=120)
                if (done.returncode, done.stdout, done.stderr) == (31, EXPECTED, ""):
                    passed += 1
                else:
                    failed += 1
                    print(f"FAIL --tier={tier} {words[-1]}: status {done.returncode}\n{done.stdout}{done.stderr}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
