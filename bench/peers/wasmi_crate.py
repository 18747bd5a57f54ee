"""wasmi by the crate wasmi_cli, with its command line's defaults (functions are translated at their first call)."""

from peers.base import PINS, Engine, first_line


def engines(place):
    version = PINS["cargo"]["wasmi_cli"]
    program = place.installed(f"wasmi-{version}", "bin/wasmi", lambda folder: place.client(
        ["cargo", "install", f"wasmi_cli@{version}", "--locked", "--features", "simd", "--root", folder], timeout=1800))
    first_line([program, "--help"])

    def make(key, name, kind, *words):
        return Engine(key, name, kind, f"wasmi {version}", "crate wasmi_cli", (program, "run", *words), dashes=False,
                      can=frozenset({"simd"}))
    engine = make("wasmi", "wasmi", "interpreter")
    engine.variants["fuel"] = make("wasmi-fuel", "wasmi, fuel", "", "--fuel", "1000000000000000000")
    return [engine]
