"""JavaScriptCore by npm's bun: its interpreter, its baseline compiler (BBQ), all tiers.

BBQ alone: each function is compiled at its first call or loop, on the compiler's own thread, and nothing is counted towards
the next tier; until it is there the function is interpreted.
"""

from peers.base import HOSTS, PINS, Engine, first_line

CAN = frozenset({"validate", "tasks", "simd", "gc", "refs", "exceptions", "threads"})
MODES = (
    ("jsc-interp", "JSC interpreter", "interpreter", {"useOMGJIT": "false", "useBBQJIT": "false"}),
    ("jsc-bbq", "JSC BBQ", "baseline", {"useOMGJIT": "false", "useBBQTierUpChecks": "false",
                                        "thresholdForBBQOptimizeAfterWarmUp": "0", "thresholdForBBQOptimizeSoon": "0"}),
    ("jsc", "JSC", "optimizing", {}),
)


def engines(place):
    version = PINS["npm"]["bun"]
    # Without its scripts, which would start the program: the package of this machine's kind carries it.
    program = place.installed(f"bun-{version}", "node_modules/@oven/bun-linux-x64/bin/bun", lambda folder: place.client(
        ["npm", "install", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts", f"bun@{version}"]))
    said = "Bun " + first_line([program, "--version"])
    script = HOSTS / "host.mjs"
    out = []
    for key, name, kind, options in MODES:
        def make(key, name, kind, options):
            return Engine(key, name, kind, said, "npm bun", (program, script, "run"), (program, script), can=CAN,
                          env={f"BUN_JSC_{option}": value for option, value in options.items()})
        engine = make(key, name, kind, options)
        engine.variants["checked"] = make(key + "-checked", name + ", checked memory", "", options | {"useWasmFastMemory": "false"})
        out.append(engine)
    return out
