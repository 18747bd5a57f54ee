"""Our engine: the interpreter (T0), the baseline compiler (T1) and both by need, as a user gets them."""

import common
from peers.base import Engine, Unavailable

CAN = frozenset({"validate", "tasks", "files", "simd", "gc", "refs", "exceptions", "threads"})
HUGE_FUEL = "1000000000000000000"
HOST = common.ROOT / "build" / "release" / "bench" / "ours_host"


def engines(place):
    del place
    program = common.ENGINE
    if not program.exists():
        raise Unavailable(f"{program} is not built (./dev build)")
    version = common.describe_machine()["commit"]
    out = []
    for key, name, kind, tier in (("t0", "Bless T0", "interpreter", "interp"), ("t1", "Bless T1", "baseline", "baseline"),
                                  ("auto", "Bless T0+T1", "optimizing", "auto")):
        def make(key, name, kind, words=(), options=()):
            host = (HOST, "-o", tier, *[w for o in options for w in ("-o", o)]) if HOST.exists() else ()
            can = CAN | ({"compile"} if tier == "baseline" else set())
            return Engine(key, name, kind, version, "this tree", (program, "run", f"--tier={tier}", *words), host,
                          can=can if host else can - {"tasks", "validate", "compile"}, ours=True,
                          parallel=(("-o", "threads"), ()))
        engine = make(key, name, kind)
        engine.variants = {
            "fuel": make(key + "-fuel", name + ", fuel", "", ("--limited-fuel", HUGE_FUEL), ("fuel",)),
            "deadline": make(key + "-deadline", name + ", deadline", "", ("--run-time", "3600000"), ("fuel",)),
            "checked": make(key + "-checked", name + ", checked memory", "", ("--memory-mode=checked",), ("checked",)),
        }
        out.append(engine)
    return out
