"""wabt's interpreter, from Debian: a plain stack interpreter, made for tests."""

import os
import shutil

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
    return [Engine("wabt", "wabt", "interpreter", "wabt " + first_line([program, "--version"]), "Debian wabt",
                   (program, "--wasi"), dashes=False, can=frozenset({"simd"}))]
