"""wasmtime by its PyPI wheel, whose library a small C program drives (hosts/wasmtime_host.c): Cranelift, and Winch where the
library has it. The start of a process is therefore that of a C program with wasmtime, not of wasmtime's own command line."""

from peers.base import PINS, Engine, Unavailable, build_host, host_ok

CAN = frozenset({"validate", "compile", "tasks", "files", "simd", "threads"})


def engines(place):
    version = PINS["pip"]["wasmtime"]
    wheel = f"wasmtime-{version}-py3-none-manylinux1_x86_64.whl"

    def install(folder):
        place.client(["pip", "download", "--no-deps", "--only-binary", ":all:", "-d", folder, f"wasmtime=={version}"])
        for archive in folder.glob("*.whl"):
            place.client(["python3", "-m", "zipfile", "-e", archive, folder])
            archive.unlink()

    del wheel
    library = place.installed(f"wasmtime-{version}", "wasmtime/linux-x86_64/_libwasmtime.so", install)
    host = build_host(place, "wasmtime_host", [library], [f"-Wl,-rpath,{library.parent}"])
    out = []
    for key, name, kind, mode in (("cranelift", "wasmtime Cranelift", "optimizing", "cranelift"),
                                  ("winch", "wasmtime Winch", "baseline", "winch")):
        def make(key, name, kind, *options):
            words = (host, *[w for o in (mode, *options) for w in ("-o", o)])
            return Engine(key, name, kind, f"wasmtime {version}", "PyPI wasmtime", (*words, "run"), words, can=CAN,
                          parallel=(("-o", "threads"), ()))
        engine = make(key, name, kind)
        try:
            host_ok(engine.host)
        except Unavailable:
            continue  # a library without this compiler
        if mode == "cranelift":
            engine.can = engine.can | {"gc", "refs", "exceptions"}
        engine.variants = {"fuel": make(key + "-fuel", name + ", fuel", "", "fuel"),
                           "deadline": make(key + "-epoch", name + ", epochs", "", "epoch"),
                           "checked": make(key + "-checked", name + ", checked memory", "", "checked")}
        out.append(engine)
    return out
