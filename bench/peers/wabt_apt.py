"""wabt's interpreter, from Debian: a plain stack interpreter, made for tests. Some builds lack WASI and can run nothing of the corpus."""

import os
import shutil
import subprocess
import tempfile

from peers.base import Engine, Unavailable, first_line


def engines(place):
    if shutil.which("wasm-interp") is None:
        if os.geteuid() != 0:
            raise Unavailable("no program wasm-interp (as root: apt-get install wabt)")
        place.client(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "wabt"],
                     env={"DEBIAN_FRONTEND": "noninteractive"})
    program = shutil.which("wasm-interp")
    if program is None:
        raise Unavailable("no program wasm-interp")
    with tempfile.NamedTemporaryFile(suffix=".wasm") as empty:
        empty.write(b"\0asm\1\0\0\0")
        empty.flush()
        said = subprocess.run([program, "--wasi", empty.name], capture_output=True, text=True)
    if "not compiled in" in said.stdout + said.stderr:
        raise Unavailable(f"wabt {first_line([program, '--version'])} is built without WASI")
    return [Engine("wabt", "wabt", "interpreter", "wabt " + first_line([program, "--version"]), "Debian wabt",
                   (program, "--wasi"), dashes=False, can=frozenset({"simd"}), few=True)]
