"""wasm3 by the C sources in PyPI's pywasm3, built with clang -O3 around hosts/wasm3_host.c."""

from peers.base import PINS, Engine, build_host, first_line


def engines(place):
    version = PINS["pip"]["pywasm3"]

    def install(folder):
        place.client(["pip", "download", "--no-deps", "--no-binary", ":all:", "-d", folder, f"pywasm3=={version}"])
        for archive in folder.glob("*.tar.gz"):
            place.client(["tar", "-xf", archive, "-C", folder, "--strip-components=1"])
            archive.unlink()

    sources = place.installed(f"pywasm3-{version}", "wasm3/wasm3.h", install).parent
    host = build_host(place, "wasm3_host", sorted(sources.glob("*.c")),
                      ["-I", sources, "-fomit-frame-pointer", "-fno-stack-check", "-fno-stack-protector", "-DNDEBUG", "-DNASSERTS"])
    return [Engine("wasm3", "wasm3", "interpreter", first_line([host, "version"]), "PyPI pywasm3", (host, "run"), (host,),
                   can=frozenset({"compile", "tasks"}))]
