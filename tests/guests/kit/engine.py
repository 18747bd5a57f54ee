"""Starts one module under the engine under test and hands back status, output and seconds.

An engine is a command line to which `[flags] --dir HOST::GUEST --env K=V FILE -- args` is appended:
ours (the default, bls run of $BLS_BIN, else of build/release/bin), `node` (node_wasi.mjs beside this file, which takes the
same flags), or any other command line given to --engine. run() never raises on what the guest does;
a time-out is reported as status None.
"""

import os
import shlex
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from . import paths, toolchain


@dataclass
class Outcome:
    status: int | None  # exit status; negative: ended by that signal; None: time-out
    out: bytes
    err: bytes
    seconds: float


class Engine:
    def __init__(self, name: str, extra_flags: str = ""):
        """name: "bls", "node", or a command line."""
        self.is_node = name == "node"
        self.flags = shlex.split(extra_flags)
        if self.is_node:
            self.command = [toolchain.node(), "--no-warnings", str(paths.KIT / "node_wasi.mjs"), "run"]
        elif name == "bls":
            folder = os.environ.get("BLS_BIN", paths.BUILD / "release" / "bin")
            self.command = [str(Path(folder) / "bls"), "run"]
        else:
            self.command = shlex.split(name)

    def missing(self) -> str | None:
        """Why the engine cannot be started, or None."""
        program = self.command[0]
        if "/" in program and not Path(program).is_file():
            return f"no engine at {program}: build it first (./dev build), or name one with --engine"
        return None

    def command_line(self, module, args=(), dirs=(), env=None, flags=()):
        words = [*self.command, *self.flags, *flags]
        for host, guest in dirs:
            words += ["--dir", f"{host}::{guest}"]
        for key, value in (env or {}).items():
            words += ["--env", f"{key}={value}"]
        return [*words, str(module), "--", *args]

    def run(self, module, args=(), dirs=(), env=None, stdin=b"", timeout=300.0, flags=()) -> Outcome:
        """stdin: bytes for a pipe, or an open file or socket that the guest inherits."""
        return execute(self.command_line(module, args, dirs, env, flags), stdin, timeout)

    def validate(self, module, timeout=300.0, without=None) -> Outcome:
        """without: a feature to switch off first, where the engine has such a switch."""
        words = [*self.command]
        if words[-1] != "run":
            raise ValueError("--engine must end in 'run' for programs that are only validated")
        words[-1] = "validate"
        if without and not self.is_node:
            words.append(f"--features=-{without}")
        return execute([*words, str(module)], b"", timeout)


def execute(command, stdin, timeout: float) -> Outcome:
    given = {"input": stdin} if isinstance(stdin, bytes) else {"stdin": stdin}
    start = time.monotonic()
    try:
        done = subprocess.run(command, capture_output=True, timeout=timeout, **given)
        return Outcome(done.returncode, done.stdout, done.stderr, time.monotonic() - start)
    except subprocess.TimeoutExpired as late:
        return Outcome(None, late.stdout or b"", late.stderr or b"", time.monotonic() - start)
    except OSError as error:
        return Outcome(127, b"", str(error).encode(), time.monotonic() - start)
