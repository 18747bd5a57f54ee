#!/usr/bin/env python3
"""Runs a WASI command module under wasmtime with the command line of `bls run`: a second peer for the checks.

Not used by any test. Node's WASI answers many questions of the sandbox wrongly, so the checks of tests/guests
were compared with this one too. Needs the `wasmtime` package from PyPI:

    python3 -m venv DIR && DIR/bin/pip install wasmtime
    tests/guests/run.py --engine 'DIR/bin/python tests/guests/kit/wasmtime_wasi.py run'
"""

import os
import sys

import wasmtime


def main() -> int:
    words = sys.argv[2:]
    config = wasmtime.WasiConfig()
    variables = []
    while words[0].startswith("--"):
        flag, value = words.pop(0), words.pop(0)
        if flag == "--dir":
            host, guest = value.split("::")
            config.preopen_dir(host, guest)
        elif flag == "--env":
            variables.append(tuple(value.split("=", 1)))
    path = words.pop(0)
    if words and words[0] == "--":
        words.pop(0)
    config.argv = [os.path.basename(path), *words]
    config.env = variables
    config.inherit_stdin()
    config.inherit_stdout()
    config.inherit_stderr()
    settings = wasmtime.Config()
    settings.cache = True
    engine = wasmtime.Engine(settings)
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    store = wasmtime.Store(engine)
    store.set_wasi(config)
    instance = linker.instantiate(store, wasmtime.Module.from_file(engine, path))
    try:
        instance.exports(store)["_start"](store)
    except wasmtime.ExitTrap as end:
        return end.code
    except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
        sys.stderr.write(f"trap: {error}\n")
        return 134
    return 0


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    os._exit(status)
