"""wazero by the Go module proxy: its interpreter and its compiler."""

from peers.base import PINS, Engine, first_line


def engines(place):
    package, version = next(iter(PINS["go"].items()))
    program = place.installed(f"wazero-{version}", "wazero", lambda folder: place.client(
        ["go", "install", f"{package}@{version}"], env={"GOBIN": str(folder), "GOFLAGS": "-mod=mod"}))
    said = f"wazero {version}"
    first_line([program, "version"])
    return [Engine(key, name, kind, said, "Go module wazero", (program, "run", *words), dashes=False, can=frozenset({"simd", "files"}),
                   dir_style="-mount={0}:{1}", env_style="-env={0}", few=kind == "interpreter",
                   compile_words=(program, "compile") if kind == "baseline" else ())
            for key, name, kind, words in (("wazero-interp", "wazero interpreter", "interpreter", ("-interpreter",)),
                                           ("wazero", "wazero compiler", "baseline", ()))]
