"""What the suites of this folder share: a scratch folder, calls of the programs, expectations, the closing line.

Entry points: Driver (a base class for those that need no more), main(cls), which makes a cls from the folder of the programs and
runs its methods named test_….
"""

import argparse
import hashlib
import json
import os
import re
import resource
import subprocess
import sys
import tempfile

import host_codes

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "support"))
import closing  # noqa: E402  (the path is set one line above)

TIERS = ("interp", "baseline", "auto")
SANITIZED = "BLS_SANITIZED" in os.environ  # the programs are built with sanitizers: their own memory has no bound
REPORT = re.compile(r"Sanitizer|runtime error:")


class Driver:
    MODULES = ()  # import modules whose every code this suite shows (host_codes.py)

    def __init__(self, folder):
        folder = os.path.abspath(folder)
        self.bls = os.path.join(folder, "bls")
        self.runtime = os.path.join(folder, "bls-runtime")
        self.temp = tempfile.TemporaryDirectory()
        self.dir = self.temp.name
        self.watch = None
        compiles = "baseline" in self.call("--version", program=self.bls).stdout.decode()
        self.tiers = TIERS if compiles else TIERS[:1]
        self.watch = host_codes.Watch(self.dir, *self.MODULES) if self.MODULES else None

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, content):
        """A file of the scratch folder from text or bytes; returns its path."""
        with open(self.path(name), "wb") as out:
            out.write(content.encode() if isinstance(content, str) else content)
        return self.path(name)

    def config(self, name, **keys):
        return self.write(name, json.dumps(keys))

    def md5(self, name):
        with open(self.path(name), "rb") as f:
            return hashlib.md5(f.read()).hexdigest()

    def call(self, *words, program=None, stdin=b"", cwd=None, env=None, timeout=60, limits=None):
        """Runs bls-runtime, or another program. Without `env` ENV_ROOT_PATH is not set. `limits`: of the process, by RLIMIT_…."""
        if env is None:
            env = {key: value for key, value in os.environ.items() if key != "ENV_ROOT_PATH"}
        watch = self.watch if program in (None, self.runtime) or words[:1] == ("run",) else None
        if watch:
            words = watch.words(words)
        done = subprocess.run([program or self.runtime, *words], input=stdin, capture_output=True, timeout=timeout,
                              cwd=cwd or self.dir, env=env, preexec_fn=limits and (lambda: [
                                  resource.setrlimit(kind, (most, most)) for kind, most in limits.items()]))
        done.err = done.stderr.decode("utf-8", "replace")
        if watch:
            watch.note()
        assert not REPORT.search(done.err), done.err
        return done

    def functions(self):
        """The imports of MODULES that the program knows."""
        lines = [(module, line) for module in self.MODULES
                 for line in self.call("extensions", "info", module, program=self.bls).stdout.decode().splitlines()[1:]]
        return [f"{module}.{line.split()[0]}" for module, line in lines if "->" in line]

    def every_code_was_seen(self):
        missing = self.watch.missing(self.functions())
        assert not missing, "\n  ".join(["", *missing])

    def expect(self, done, status, out=b"", err=None):
        assert done.returncode == status, f"status {done.returncode}, expected {status}: {done.err!r}"
        if out is not None:
            assert done.stdout == out, f"stdout {done.stdout!r}, expected {out!r}: {done.err!r}"
        if err is not None:
            assert re.search(err, done.err), f"{err!r} not in {done.err!r}"


def main(suite):
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", default=os.environ.get("BLS_BIN"))
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    tests = suite(options.bin)
    names = sorted(n for n in dir(tests) if n.startswith("test_") and options.only in n)
    if getattr(suite, "MODULES", ()) and not options.only:
        names.append("every_code_was_seen")  # counts what the runs before have given
    return closing.run_all((name, getattr(tests, name)) for name in names)
