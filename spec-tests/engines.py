"""The engines run.py can put a script through: the native `bls`, and `bls.wasm` inside the pinned Node.

Both have modes (what they can run a script in) and run(), which returns the report of `bls wast --json` or a text
that says what happened instead: a crash, a hang.
"""

import json
import os
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
SECONDS_PER_SCRIPT = 60

MODES = {
    "tail-guard": ("--dispatch=tail", "--memory-mode=guard"),
    "tail-checked": ("--dispatch=tail", "--memory-mode=checked"),
    "loop-checked": ("--dispatch=loop", "--memory-mode=checked"),
    "gc-stress-tail": ("--dispatch=tail", "--gc-stress"),  # a collection at every allocation
    "gc-stress-loop": ("--dispatch=loop", "--gc-stress"),
    "baseline-guard": ("--tier=baseline", "--memory-mode=guard"),
    "baseline-checked": ("--tier=baseline", "--memory-mode=checked"),
    "eager-guard": ("--tier=baseline", "--compile=eager", "--memory-mode=guard"),
    "eager-checked": ("--tier=baseline", "--compile=eager", "--memory-mode=checked", "--compile-threads=1"),
    "auto": ("--tier=auto", "--compile-at-call=1", "--compile-at-loop=1"),
    "auto-checked": ("--tier=auto", "--compile-at-call=1", "--compile-at-loop=1", "--memory-mode=checked"),
    "at-loops": ("--tier=auto", "--compile-at-call=0", "--compile-at-loop=1"),
    "spill-baseline": ("--tier=baseline", "--memory-mode=auto", "--stress=spill"),  # hardly a value in a register
    "tier-switch": ("--tier=auto", "--compile-at-call=1", "--compile-at-loop=1", "--stress=tier-switch"),  # up and down
    "gc-stress-baseline": ("--tier=baseline", "--gc-stress"),
    "mixed": ("--tier=baseline", "--stress=mix"),  # every second function is interpreted
    "gc-stress-mixed": ("--tier=baseline", "--stress=mix", "--gc-stress"),
    "round-trip": ("--round-trip",),  # default back end; every module printed and read back
}


class CannotRun(Exception):
    """What the engine needs is not there."""


def report_of(status, out, err):
    if status not in (0, 255) or not out:
        return f"ended with status {status}: {err[-200:]}"
    report = json.loads(out)[0]
    return report["error"] if "error" in report else report


class Native:
    """Each script in a process of its own."""

    leaves_out = {}

    def __init__(self, folder):
        self.binary = os.path.join(folder, "bls")
        tiers = subprocess.run([self.binary, "--version"], capture_output=True, text=True, check=True).stdout
        self.modes = tuple(mode for mode in MODES if "baseline" in tiers or not any("--tier=" in flag for flag in MODES[mode]))

    def run(self, path, features, mode):
        command = [self.binary, "wast", "--json", f"--features={features}", *MODES[mode], path]
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, timeout=SECONDS_PER_SCRIPT, check=False)
        except subprocess.TimeoutExpired:
            return f"no end after {SECONDS_PER_SCRIPT} seconds"
        return report_of(done.returncode, done.stdout, done.stderr.decode(errors="replace"))

    def close(self):
        pass


class InNode:
    """The engine compiled to wasm32-wasi, one instance a script, in one Node (node_wast.mjs) that is started again
    when it dies or hangs. Its build has one back end and no guard pages."""

    modes = ("loop-checked", "gc-stress-loop", "round-trip")
    leaves_out = {"own/threads.wast": "no threads in wasm32-wasi"}

    def __init__(self, wasm, suite):
        sys.path.insert(0, os.path.join(HERE, "..", "tests", "guests"))
        from kit import fetch, toolchain  # where the pinned Node comes from
        if not os.path.exists(wasm):
            sys.exit(f"no engine at {wasm}: ./dev build wasm makes it")
        try:
            node = toolchain.node()
        except fetch.FetchError as error:
            raise CannotRun(str(error)) from None
        self.places = ((suite, "/suite"), (os.path.join(HERE, "own"), "/own"))
        self.command = [node, "--no-warnings", os.path.join(HERE, "node_wast.mjs"), wasm,
                        *(f"{host}::{guest}" for host, guest in self.places)]
        self.process = None

    def seen_by_guest(self, path):
        host, guest = next(place for place in self.places if path.startswith(place[0] + os.sep))
        return guest + path[len(host):]

    def run(self, path, features, mode):
        if self.process is None:
            self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        args = ["wast", "--json", f"--features={features}", *MODES[mode], self.seen_by_guest(path)]
        watch = threading.Timer(SECONDS_PER_SCRIPT, self.process.kill)
        watch.start()
        try:
            self.process.stdin.write(json.dumps(args) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        watch.cancel()
        if not line:
            status = self.process.wait()
            self.process = None
            return f"Node ended with status {status}, or was ended after {SECONDS_PER_SCRIPT} seconds"
        answer = json.loads(line)
        return report_of(answer["status"], answer["out"], answer["err"])

    def close(self):
        if self.process is not None:
            self.process.stdin.close()
            self.process.wait()
