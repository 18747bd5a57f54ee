"""The engines that are measured side by side, each behind one small adapter.

Entry points: obtain(only, log) -> (engines, skipped), Engine, Call, Unavailable.

An adapter is a module of this package with ENGINES-making function `engines(place)`: it installs its peer by package name into
the cache folder and returns one Engine for each mode, or raises Unavailable with one line why this machine cannot have it. That
line is printed and kept in the results, and everything else goes on. The cache is $BLESS_PEERS, or bless/peers in the user's
cache folder: outside the tree, so that `./dev clean` does not make the next run install everything again.
"""

import importlib

from peers.base import Call, Engine, Place, Unavailable, cache_folder

# In the order of the tables; ours first, since everything is compared with it.
ADAPTERS = ("ours", "native", "node", "bun", "wasmtime_wheel", "wasm3_source", "wasmi_crate", "wazero_go", "wabt_apt")
CLASSES = ("interpreter", "baseline", "optimizing")


def obtain(only=(), log=print, place=None, adapters=ADAPTERS):
    """All engines that can be had, and [(adapter, reason)] for the others. `only` names adapters or engines; ours always comes."""
    place = place or Place(cache_folder())
    engines, skipped = [], []
    for name in adapters:
        try:
            found = importlib.import_module(f"peers.{name}").engines(place)
        except Unavailable as reason:
            if not only or name in only:
                log(f"bench: {name} is left out: {reason}")
            skipped.append((name, str(reason)))
            continue
        engines += [e for e in found if not only or e.ours or name in only or e.key in only]
    return engines, skipped


__all__ = ["ADAPTERS", "CLASSES", "Call", "Engine", "Place", "Unavailable", "cache_folder", "obtain"]
