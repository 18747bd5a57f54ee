"""The corpus as native programs: clang -O2, which every ratio to native means, and -O3."""

import build
import common
from peers.base import Engine, Unavailable


def engines(place):
    del place
    version = common.describe_machine()["compiler"]
    if version == "unknown":
        raise Unavailable("no clang-22")
    return [Engine(key, name, "native", version, "clang-22", can=frozenset({"simd", "files"}),
                   native=lambda module, target=target: build.product(module.stem, target))
            for key, name, target in (("native-O2", "native -O2", "native"), ("native-O3", "native -O3", "native3"))]
