"""What the adapters share: Engine and Call, the cache folder, calls of package clients, building hosts from C."""

import collections
import dataclasses
import hashlib
import json
import os
import pathlib
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
HOSTS = HERE / "hosts"
PINS = json.loads((HERE / "peers.json").read_text())

# A command line with what it needs in the environment besides what is there.
Call = collections.namedtuple("Call", "words env")


class Unavailable(Exception):
    """One line: why this machine cannot have a peer."""


def cache_folder():
    chosen = os.environ.get("BLESS_PEERS")
    if chosen:
        return pathlib.Path(chosen)
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "bless" / "peers"


@dataclasses.dataclass
class Engine:
    """One mode of one engine. Command lines are made of its parts:

    runner   words before FILE -- ARGS; with `native` set FILE is another program and there is nothing before it
    host     words of a program that speaks the language of host_main.c (validate, compile, tasks); None: it cannot be measured
             inside its process
    can      of: "validate", "compile" (the phase is that of this mode), "tasks", "files" (WASI with directories), "simd", "gc",
             "refs", "exceptions", "threads"
    variants name ("fuel", "deadline", "checked") -> Engine that differs only in this; they are of no class
    """

    key: str
    name: str
    kind: str                        # interpreter, baseline, optimizing, native; or "" for a variant
    version: str
    package: str
    runner: tuple = ()
    host: tuple = ()
    env: dict = dataclasses.field(default_factory=dict)
    can: frozenset = frozenset()
    ours: bool = False
    dir_style: str = "--dir {0}::{1}"
    dashes: bool = True              # `--` between FILE and its arguments
    env_style: str = "--env {0}"
    host_env: dict = dataclasses.field(default_factory=dict)
    parallel: tuple = ((), ())       # what `compile` with all cores has more: host words, environment pairs
    variants: dict = dataclasses.field(default_factory=dict)
    native: object = None            # program name -> path
    few: bool = False                # so slow that a few programs must do
    compile_words: tuple = ()        # words of a command that compiles FILE and ends, where no host can be asked for that

    def run(self, module, args=(), dirs=(), env=()):
        """A WASI program from start to exit; dirs are (host, guest), env NAME=VALUE."""
        if self.native is not None:
            return Call([str(self.native(module)), *args], self.env)
        words = list(map(str, self.runner))
        for pair in dirs:
            words += self.dir_style.format(*pair).split(" ")
        for variable in env:
            words += self.env_style.format(variable).split(" ", 1)
        return Call(words + [str(module)] + (["--"] if self.dashes else []) + list(args), self.env)

    def inside(self, verb, *words, parallel=False):
        """A command of host_main.c's language."""
        more, pairs = self.parallel if parallel else ((), ())
        return Call([*map(str, self.host), *more, verb, *map(str, words)], self.env | self.host_env | dict(pairs))

    def facts(self):
        return {"key": self.key, "name": self.name, "class": self.kind, "version": self.version, "package": self.package,
                "command": " ".join([f"{k}={v}" for k, v in self.env.items()] + [pathlib.Path(str(w)).name for w in self.runner])}


class Place:
    """The cache folder and the clients that fill it; tests replace `client`."""

    def __init__(self, folder, client=None):
        self.folder = pathlib.Path(folder)
        self.client = client or run_client

    def installed(self, name, made, install):
        """The path `made` below the folder `name`; `install(folder)` is called when it is not there. What fails leaves nothing."""
        folder = self.folder / name
        if not (folder / made).exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            try:
                install(folder)
            except Unavailable:
                shutil.rmtree(folder, ignore_errors=True)
                raise
            if not (folder / made).exists():
                shutil.rmtree(folder, ignore_errors=True)
                raise Unavailable(f"the package of {name} has no {made}")
        return folder / made


def run_client(words, cwd=None, env=None, timeout=900):
    """Runs a package client or compiler; its failure is the reason why something cannot be had."""
    if shutil.which(str(words[0])) is None:
        raise Unavailable(f"no program {words[0]}")
    print(f"bench: {' '.join(map(str, words[:6]))}{' ...' if len(words) > 6 else ''}", flush=True)
    try:
        done = subprocess.run([str(w) for w in words], cwd=cwd, env=os.environ | (env or {}), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True, errors="replace", timeout=timeout)
    except subprocess.TimeoutExpired:
        raise Unavailable(f"{words[0]} did not end within {timeout} s") from None
    if done.returncode != 0:
        lines = [line.strip() for line in done.stdout.splitlines() if "rror" in line] or done.stdout.strip().splitlines() or [""]
        raise Unavailable(f"{pathlib.Path(str(words[0])).name} failed: {lines[0][:160]}")
    return done.stdout


def first_line(words, env=None):
    """What a program says first, for its version; Unavailable when it does not run."""
    try:
        done = subprocess.run([str(w) for w in words], capture_output=True, text=True, timeout=60, env=os.environ | (env or {}),
                              stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired) as reason:
        raise Unavailable(str(reason)) from None
    if done.returncode != 0 or not done.stdout.strip():
        raise Unavailable(f"{words[0]} does not run: {(done.stderr.strip().splitlines() or ['no output'])[0][:160]}")
    return done.stdout.strip().splitlines()[0]


def build_host(place, name, sources, flags):
    """A host program from C sources, kept by the contents of what is ours in it."""
    ours = [HOSTS / f"{name}.c", HOSTS / "host_main.c"]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in [*ours, HOSTS / "host.h"]) + repr(flags).encode())
    compiler = next((c for c in ("clang-22", "clang", "gcc") if shutil.which(c)), "cc")
    return place.installed(f"{name}-{digest.hexdigest()[:12]}", name, lambda folder: place.client(
        [compiler, "-O3", "-w", *[path for path in ours], *sources, "-o", folder / name, *flags, "-lpthread", "-lm"]))


def host_ok(words, env=None):
    """Whether a mode works at all: a host that cannot be set up says why."""
    first_line([*words, "version"], env)
