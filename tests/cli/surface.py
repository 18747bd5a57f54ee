"""The surface of the reference runtime, row by row: every option, configuration key, exit code and log message of its
reference pages. Each row runs the real bls-runtime.

  surface.py --bin FOLDER [--only WORD] [--list]

A row is a function under @row(GROUP, NAME). What cannot be true yet is one of
  needs="extensions"   needs the extension layer (host calls beyond WASI): not run, counted separately
  never=WHY            cannot happen in this runtime
REQUIRED lists what the pages name; a name without a row is a failure. The closing lines count rows.
"""

import argparse
import json
import os
import re
import sys
import traceback

import car_bytes
import cgi_guests
import host_script
import modules
import surface_logs  # noqa: F401, its rows
from surface_table import (FLAG_TUNINGS, REQUIRED, ROWS, STAMP, TUNINGS, VARIABLES, Surface, cgi_list, cgi_root, fetches, host_calls,
                           opens, row)

# -- options ----------------------------------------------------------------------------------------------------------

@row("option", "--debug-info", "--cli-exit-with-code", "--network-error-code", "--cli_exit_with_code", "--network_error_code")
def accepted(t, flag):
    t.expect(t.call(flag, t.m["hello"]), 0, b"hello\n", "^$")


@row("option", "--fs-root-path")
def fs_root_path(t):
    t.expect(t.call("--fs-root-path", t.root, t.m["preopen"]), 0, b"/")
    t.expect(t.call(t.m["preopen"]), 8)
    t.expect(t.call("--fs-root-path", t.path("none"), t.m["preopen"]), 8)


@row("option", "--dir")
def dir_(t):
    t.expect(t.call("--dir", f"{t.root}::/g::x", t.m["preopen"]), 0, b"/g")
    t.expect(t.call("--dir", "root", "--fs-root-path", t.root, t.m["preopen"]), 0, b"root")
    t.expect(t.call("--dir", t.path("none"), t.m["preopen"]), 255)


@row("option", "--runtime-logger")
def runtime_logger(t):
    t.call("--fs-root-path", t.root, "--runtime-logger", "option.log", t.m["trap_divide"])
    assert "ERROR blockless] error: " in t.log("root/option.log")


@row("option", "--limited-memory", "--max_memory_size")
def limited_memory(t, flag):
    t.expect(t.call(flag, "5", t.m["grow3"]), 2)
    t.expect(t.call(flag, "4", t.m["grow3"]), 255)
    t.expect(t.call(flag, "1", t.m["grow3"]), 16, err="memory minimum size of")


@row("option", "--max-memory-size")
def max_memory_size(t):
    t.expect(t.call("--max-memory-size", str(5 * 65536), t.m["grow3"]), 2)
    t.expect(t.call("--max-memory-size", str(5 * 65536 - 1), t.m["grow3"]), 255)
    t.expect(t.call("--max-memory-size", "65536", "--limited-memory", "9", t.m["grow3"]), 16)


@row("option", "--run-time")
def run_time(t):
    t.expect(t.call("--run-time", "100", t.m["spin"]), 15)
    t.expect(t.call("--run-time", "60000", t.m["hello"]), 0, b"hello\n")


@row("option", "--limited-fuel")
def limited_fuel(t):
    t.expect(t.call("--limited-fuel", "1000", t.m["spin"]), 1)
    t.expect(t.call("--limited-fuel", "1000", t.m["hello"]), 0, b"hello\n")


@row("option", "--entry")
def entry(t):
    t.expect(t.call("--entry", "broken", t.m["values"]), 11)
    t.expect(t.call("--entry", "none", t.m["values"]), 0)


@row("option", "--stdout")
def stdout(t):
    t.expect(t.call("--stdout", "null", t.m["hello"]), 0, b"")
    t.expect(t.call("--stdout", "inherit", t.m["hello"]), 0, b"hello\n")
    t.expect(t.call("--stdout", "out", t.m["hello"]), 0, b"hello\n")
    t.expect(t.call("--stdout=out", "--fs-root-path", t.root, t.m["hello"]), 0, b"")
    assert t.log("root/out") == "hello\n"


@row("option", "--stderr")
def stderr(t):
    t.expect(t.call("--stderr", "null", t.m["hello2"]), 0, err="^$")
    t.expect(t.call("--stderr=err", "--fs-root-path", t.root, t.m["hello2"]), 0, err="^$")
    assert t.log("root/err") == "to stderr\n"


@row("option", "--stdin")
def stdin(t):
    t.expect(t.call("--stdin", "fixed", t.m["cat"]), 0, b"fixed")
    t.expect(t.call("--stdin=inherit", t.m["cat"], stdin=b"given"), 0, b"given")
    t.expect(t.call(t.m["cat"], stdin=b"given"), 0, b"given")


@row("option", "--env")
def env(t):
    t.expect(t.call("--env", "B=2", "--env=A=1=x", "--env", "B=3", t.m["env"]), 0, b"A=1=x\0B=3\0")
    t.expect(t.call("--env", "B", t.m["env"]), 2, err="must be of the form `key=value`")


@row("option", "--env-file")
def env_file(t):
    t.write("vars", "export A='x y' # c\nB=\"$A!\"\nnonsense\n")
    t.expect(t.call("--env-file", "vars", "--env", "A=z", t.m["env"]), 0, b"A=z\0B=x y!\0")
    t.expect(t.call("--env-file", "none", t.m["env"]), 0)


@row("option", "-O", "--opt")
def opt(t, flag):
    t.expect(t.call(flag, "opt_level=s,memory_reservation=0x10,memory_may_move=y", flag, "table_lazy_init=no", t.m["hello"]), 0, b"hello\n")
    help_ = t.call(flag, "help")
    assert help_.returncode == 0 and re.fullmatch(r"(   -O     \w+ -- [^\n]+\n){39}", help_.stdout.decode()), help_.stdout
    t.expect(t.call(flag, "nope=1", t.m["hello"]), 2, err="there is no optimize argument: nope")
    t.expect(t.call(flag, "opt_level", t.m["hello"]), 2, err="must be of the form `key=value,`")
    t.expect(t.call(flag, "opt_level=9", t.m["hello"]), 2)
    if flag == "-O":
        t.expect(t.call("-Oopt_level=ss", t.m["hello"]), 0, b"hello\n")


@row("option", "--module")
def module(t):
    t.write("lib.wat", '(module (func (export "f") (unreachable)))')
    t.write("main.wat", '(module (import "lib" "f" (func $f)) (func (export "_start") (call $f)))')
    t.expect(t.call("--module", "lib=lib.wat", "main.wat"), 11)
    t.expect(t.call("main.wat"), 255)


@row("option", "--tcplisten")
def tcplisten(t):
    t.write("socket.wat", """(module (import "wasi_snapshot_preview1" "fd_fdstat_get" (func $s (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $e (param i32))) (memory (export "memory") 1)
      (func $type (param i32) (if (call $s (local.get 0) (i32.const 0)) (then (call $e (i32.const 100))))
        (call $e (i32.load8_u (i32.const 0))))
      (func (export "three") (call $type (i32.const 3))) (func (export "nine") (call $type (i32.const 9))))""")
    socket_stream, none = 6, 100
    t.expect(t.call("--tcplisten", "127.0.0.1:0", "--entry=three", "socket.wat"), socket_stream)
    t.expect(t.call("--tcplisten", "127.0.0.1:0::9", "--entry=nine", "socket.wat"), socket_stream)
    t.expect(t.call("--entry=three", "socket.wat"), none)
    t.expect(t.call("--tcplisten", "127.0.0.1:0::2", "--entry=three", "socket.wat"), 255)


@row("option", "--unknown-imports-trap", "--unknown_imports_trap")
def unknown_imports_trap(t, flag):
    t.expect(t.call(t.m["unknown_unused"]), 255)
    t.expect(t.call(flag, t.m["unknown_unused"]), 0)
    t.expect(t.call(flag, t.m["unknown"]), 255, err="unknown import called")


@row("option", "--nn", "--nn-graph")
def nn(t, flag):
    value = "=openvino=model" if flag == "--nn-graph" else ""
    t.expect(t.call(flag + value, t.m["hello"]), 255, err=r"^error: unsupported: [^\n]*wasi-nn[^\n]*\n$")


@row("option", "-h", "--help")
def help_(t, flag):
    done = t.call(flag)
    assert done.returncode == 0 and done.stdout.startswith(b"usage: bls-runtime") and done.err == ""
    assert t.call().returncode == 2


@row("option", "-V", "--version")
def version(t, flag):
    assert re.fullmatch(rb"bls-runtime v\d+\.\d+\.\d+\n", t.call(flag).stdout)


@row("option", "--")
def double_dash(t):
    t.expect(t.call(t.m["args"], "--env", "A=1", "x", "--", "--env", "--"), 0, b"args.wasm\0x\0--env\0--\0")


@row("option", "--v86")
def v86(t):
    t.expect(t.call("--v86", t.write("empty.car", b"")), 128, err="--allow-native-library")


@row("option", "--feature-thread")
def feature_thread(t):
    t.write("thread.wat", """(module (import "env" "memory" (memory 1 1 shared))
      (import "wasi" "thread-spawn" (func $s (param i32) (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $e (param i32))) (export "memory" (memory 0))
      (func (export "wasi_thread_start") (param i32 i32) (i32.atomic.store (i32.const 0) (local.get 1))
        (drop (memory.atomic.notify (i32.const 0) (i32.const 1))))
      (func (export "_start") (if (i32.le_s (call $s (i32.const 33)) (i32.const 0)) (then (unreachable)))
        (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))) (call $e (i32.atomic.load (i32.const 0)))))""")
    t.expect(t.call("--feature-thread", "thread.wat"), 33)
    t.expect(t.call("thread.wat"), 255)


@row("option", "--allow-read", "--allow-write", "--allow-all", "--deny-read", "--deny-write")
def path_permissions(t, flag):
    write = flag.endswith("write")
    if flag.startswith("--allow"):
        other = "--allow-read" if write else "--allow-write"
        assert opens(t, flag, write=write) == 0 and opens(t, other, write=write) != 0
    else:
        assert opens(t, "--allow-all", write=write) == 0 and opens(t, "--allow-all", flag, write=write) != 0


@row("option", "--drivers-root-path")
def option_drivers_root(t):
    assert cgi_list(t, cgi_root(t))[0] == b'A[{"fileName":"one"'


@row("option", "--permission")
def network_urls(t):
    assert fetches(t, "--permission", "http://127.0.0.1:PORT/page") == (0, True)
    assert fetches(t, "--permission", "http://127.0.0.1:PORT/other") == (14, False)
    assert t.call("--permission", "nonsense", t.m["hello"]).returncode == 2


@row("option", "--allow-net", "--deny-net")
def network_flags(t, flag):
    if flag == "--allow-net":
        assert fetches(t, "--allow-net=127.0.0.1:PORT") == (0, True) and fetches(t, "--allow-net=127.0.0.1:1") == (14, False)
    else:
        assert fetches(t, "--allow-all", "--deny-net=127.0.0.1:PORT") == (14, False)
        assert fetches(t, "--allow-all", "--deny-net=127.0.0.1:1") == (0, True)


@row("option", "--allow-cgi", "--allow-run-model", "--allow-native-library", "--trust-archive-config")
def grants(t, flag):
    """What each does: tests/cli/cgi.py, the suite of models, and archives.py."""
    t.expect(t.call(flag, t.m["hello"]), 0, b"hello\n", "^$")
    t.expect(t.call(flag + "=../x", t.m["hello"]), 2, err=f"^error: config: {flag}")


@row("-O", *TUNINGS)
def tuning(t, name):
    if name == "opt_level":
        fine, wrong = ["n", "s", "ss"], ["2", "y"]
    elif name == "regalloc_algorithm":
        fine, wrong = ["backtracking", "single-pass"], ["linear", "n"]
    elif name in FLAG_TUNINGS:
        fine, wrong = ["y", "yes", "true", "n", "no", "false"], ["1", "on"]
    else:
        fine, wrong = ["0", "65536", "0x1000", "0x1F"], ["-1", "y", "0x"]
    for value in fine:
        t.expect(t.call("-O", f"{name}={value}", t.m["hello"]), 0, b"hello\n", "^$")
    for value in wrong:
        t.expect(t.call("-O", f"{name}={value}", t.m["hello"]), 2, err=f"{name} must be ")
    value = fine[-1]
    t.expect(t.call(t.v0("hello", optimize={name: {"true": True, "false": False}.get(value, value)})), 0, b"hello\n", "^$")


@row("variable", *VARIABLES)
def variable(t, name):
    clean = {key: value for key, value in os.environ.items() if key not in VARIABLES}
    if name == "BLS_LIST_VARS":
        # Of the process, not of the guest; what they are is in the suite of host calls.
        t.expect(t.call(t.m["env"], env={**clean, name: "HOME;NONE"}), 0, b"")
    elif name == "ENV_ROOT_PATH":
        key_tokens(t, "$ENV_ROOT_PATH")
    elif name == "RUST_LOG":
        for value, lines in (("info", 2), ("off", 0)):
            t.write("hello.log", "")
            t.expect(t.call(t.m["hello"], env={**clean, name: value}), 0, b"hello\n")
            assert len(t.log().splitlines()) == lines, (value, t.log())
    else:
        # Of a prompt on a terminal: tests/cli/prompt.py, test_control_characters_are_shown.
        t.expect(t.call(t.m["trap_divide"], env={**clean, name: "1"}), 9, err="^trap: ")


# -- configuration keys -----------------------------------------------------------------------------------------------

@row("key", "version")
def key_version(t):
    t.write("main.wat", '(module (func (export "run") (unreachable)))')
    listed = [{"file": t.path("main.wat"), "type": "entry", "md5": t.md5("main.wat")}]
    t.expect(t.call(t.config("row.json", version=1, entry="run", modules=listed)), 11)
    t.expect(t.call(t.config("row.json", version=0, entry="run", modules=listed)), 255)
    t.expect(t.call(t.config("row.json", version=2, entry="run", modules=listed)), 128, err='"version" must be 0 or 1')


@row("key", "entry")
def key_entry(t):
    t.expect(t.call(t.v0("hello")), 0, b"hello\n")
    t.expect(t.call(t.config("row.json", limited_fuel=1)), 128, err='key "entry"')
    t.expect(t.call(t.config("row.json", entry=5)), 128, err='key "entry"')


@row("key", "modules", "modules[].file", "modules[].name", "modules[].type", "modules[].md5")
def key_modules(t, name):
    t.write("lib.wat", '(module (func (export "f") (unreachable)))')
    t.write("main.wat", '(module (import "lib" "f" (func $f)) (func (export "run") (call $f)))')

    def run(status, err=None, **changes):
        lib = {"file": t.path("lib.wat"), "name": "lib", "type": "module", "md5": t.md5("lib.wat"), **changes}
        main = {"file": t.path("main.wat"), "type": "entry", "md5": t.md5("main.wat")}
        t.expect(t.call(t.config("row.json", version=1, entry="run", modules=[main, lib])), status, err=err)
    run(11)
    if name == "modules":
        t.expect(t.call(t.config("row.json", version=1, entry="run", modules=5)), 255, err='key "modules" must be')
    elif name == "modules[].file":
        run(255, file=t.path("gone.wat"))
        run(255, file=5)
    elif name == "modules[].name":
        run(255, 'unknown import: function "lib" "f"', name="other")
    elif name == "modules[].type":
        run(11, type="anything")
        run(255, type="ENTRY", err='unknown import: function "lib"|no exported')
    else:
        run(128, md5="0" * 32)
        run(128, md5=None)


@row("key", "fs_root_path")
def key_fs_root_path(t):
    t.expect(t.call(t.v0("preopen", fs_root_path=t.root)), 0, b"/")
    t.expect(t.call(t.v0("preopen", fs_root_path=t.root), "--fs-root-path", t.path("none")), 8)


@row("key", "map_dirs", "map_dirs[].host", "map_dirs[].guest")
@row("log", "the map dir item should be array.", "host item is not define.", "guest item is not define.")
def key_map_dirs(t, _):
    config = t.v0("preopen", map_dirs=[{"host": t.root, "guest": "/m"}])
    t.expect(t.call(config), 0, b"/m")
    t.expect(t.call(config, "--dir", f"{t.root}::/c"), 0, b"/c")
    t.expect(t.call(t.v0("preopen", map_dirs={})), 255, err="the map dir item should be array\\.")
    t.expect(t.call(t.v0("preopen", map_dirs=[{"guest": "/"}])), 255, err="host item is not define\\.")
    t.expect(t.call(t.v0("preopen", map_dirs=[{"host": "/"}])), 255, err="guest item is not define\\.")


@row("key", "limited_fuel")
def key_limited_fuel(t):
    t.expect(t.call(t.v0("spin", limited_fuel=1000)), 1)
    t.expect(t.call(t.v0("hello", limited_fuel=1), "--limited-fuel", "1000"), 0, b"hello\n")
    t.expect(t.call(t.v0("hello", limited_fuel=-1)), 0, b"hello\n", '"limited_fuel" must be a whole number; ignored')


@row("key", "limited_memory")
def key_limited_memory(t):
    t.expect(t.call(t.v0("grow3", limited_memory=4)), 255)
    t.expect(t.call(t.v0("grow3", limited_memory=1)), 16)
    t.expect(t.call(t.v0("grow3", limited_memory=1), "--limited-memory", "5"), 2)


@row("key", "max_memory_size")
def key_max_memory_size(t):
    t.expect(t.call(t.v0("grow3", max_memory_size=5 * 65536)), 2)
    t.expect(t.call(t.v0("grow3", max_memory_size=1.5)), 2)
    t.expect(t.call(t.v0("grow3", max_memory_size=65536)), 16)


@row("key", "run_time")
def key_run_time(t):
    t.expect(t.call(t.v0("spin", run_time=300)), 15)
    t.expect(t.call(t.v0("hello", run_time=60000)), 0, b"hello\n")


@row("key", "debug_info", "extensions_path")
def key_without_effect(t, key):
    value, wrong = (True, 1) if key == "debug_info" else ("/x", False)
    t.expect(t.call(t.v0("hello", **{key: value})), 0, b"hello\n", "^$")
    t.expect(t.call(t.v0("hello", **{key: wrong})), 0, b"hello\n", f'"{key}" must be')


@row("key", "runtime_logger")
def key_runtime_logger(t):
    assert "ERROR blockless] error: " in t.logged("trap_divide", "error", 9)
    t.expect(t.call(t.v0("hello", fs_root_path=t.root, runtime_logger="none/x.log")), 255, err="failed to init logger")


@row("key", "runtime_logger_level")
def key_runtime_logger_level(t):
    for level, seen in (("error", ""), ("WARN", ""), ("info", "INFO"), ("Error", "INFO"), ("DEBUG", "DEBUG INFO"),
                        ("trace", "DEBUG INFO")):
        text = t.logged("hello", level)
        assert set(re.findall(rf"(?m)^{STAMP}(\w+) ", text)) == set(seen.split()), (level, text)


@row("key", "stdin")
def key_stdin(t):
    t.expect(t.call(t.v0("cat", stdin="fixed")), 0, b"fixed")
    t.expect(t.call(t.v0("cat", stdin="inherit"), stdin=b"given"), 0, b"given")
    t.expect(t.call(t.v0("cat")), 0, b"")
    t.expect(t.call(t.v0("cat", stdin="fixed"), "--stdin", "option"), 0, b"option")


@row("key", "stdout")
def key_stdout(t):
    t.expect(t.call(t.v0("hello", stdout="null")), 0, b"")
    t.expect(t.call(t.v0("hello", stdout="key.out", fs_root_path=t.root)), 0, b"")
    assert t.log("root/key.out") == "hello\n"
    t.expect(t.call(t.v0("hello", stdout="null"), "--stdout=inherit"), 0, b"hello\n")


@row("key", "stderr")
def key_stderr(t):
    t.expect(t.call(t.v0("hello2", stderr="null")), 0, err="^$")
    t.expect(t.call(t.v0("hello2")), 0, err="to stderr\n")


@row("key", "optimize")
def key_optimize(t):
    fine = {"opt_level": "s", "memory_reservation": 65536, "memory_guard_size": "0x1000", "signals_based_traps": False}
    t.expect(t.call(t.v0("hello", optimize=fine)), 0, b"hello\n", "^$")
    t.expect(t.call(t.v0("hello", optimize={"nope": 1})), 255, err="failed to load CLI config: .*no optimize argument: nope")


@row("key", "$ROOT", "$ENV_ROOT_PATH")
def key_tokens(t, token):
    config = t.config("row.json", entry=f"{token}/hello.wasm")
    t.expect(t.call(config), 255, None)
    t.expect(t.call(config, "--fs-root-path", t.dir), 0, b"hello\n")
    t.expect(t.call(config, env={"ENV_ROOT_PATH": t.dir}), 0, b"hello\n")
    t.expect(t.call(config, env={"ENV_ROOT_PATH": b"/\xff"}), 255, err="not valid Unicode")
    hostile = t.path('","permissions":["*')
    os.makedirs(hostile, exist_ok=True)
    t.write('","permissions":["*/hello.wasm', open(t.m["hello"], "rb").read())
    t.expect(t.call(config, "--fs-root-path", hostile), 0, b"hello\n", "^$")


@row("key", "drivers_root_path")
def key_drivers_root(t):
    config = t.config("row.json", version=0, entry=t.write("list.wat", cgi_guests.guest(cgi_guests.LIST, cgi_guests.DRAIN_LIST)),
                      drivers_root_path=cgi_root(t))
    done = t.call(config)
    t.expect(done, 0, None)
    assert done.stdout.startswith(b'A[{"fileName":"one"'), done.stdout


@row("key", "permissions")
def key_permissions(t):
    assert fetches(t, config=True, permissions=["http://127.0.0.1:PORT/"]) == (0, True)
    assert fetches(t, config=True, permissions=["http://127.0.0.2:PORT/"]) == (14, False)
    assert fetches(t, config=True) == (14, False)


@row("key", "drivers", "drivers[].schema", "drivers[].path")
def drivers(t, _):
    opens = host_calls(t, ("blockless_drivers.blockless_open", "demo://x", "", host_script.OUT))
    for items, status in (([], 0), ([{"schema": "demo"}, {"path": "x.so"}, 1], 0), ([{"schema": "demo", "path": "./none.so"}], 128)):
        done = t.call(t.config("row.json", entry=opens, drivers=items))
        t.expect(done, status, b"010 " if status == 0 else b"", "driver library './none.so': No such file" if status else None)
    # A module that opens no driver loads none.
    t.expect(t.call(t.v0("hello", drivers=[{"schema": "demo", "path": "./none.so"}])), 0, b"hello\n")


@row("key", "dynamic_lib_path")
def key_dynamic_lib_path(t):
    for keys, error in (({}, '"dynamic_lib_path" is missing or no string'), ({"dynamic_lib_path": 1}, "is missing or no string"),
                        ({"dynamic_lib_path": "$ROOT/none.so"}, "cannot load '.*/none.so'")):
        car = t.write("v86.car", car_bytes.archive({"config.json": json.dumps({"fs_root_path": "$ENV_ROOT_PATH", **keys})}))
        t.expect(t.call("--v86", "--allow-native-library", "--fs-root-path", t.root, car), 128, err=error)


# -- exit codes -------------------------------------------------------------------------------------------------------

@row("code", "0")
def code_0(t):
    for words in ([t.m["hello"]], [t.m["exit0"]], ["--help"], ["--version"], ["-O", "help"]):
        t.expect(t.call(*words), 0, None)


@row("code", "1")
def code_1(t):
    t.write("empty.wat", '(module (func (export "_start")))')
    for tier in t.tiers:
        t.expect(t.call(f"--tier={tier}", "--limited-fuel", "1", "empty.wat"), 1)
        t.expect(t.call(f"--tier={tier}", "--limited-fuel", "2", "empty.wat"), 0)


@row("code", *[str(status) for status in sorted({status for status, _ in modules.TRAPS.values()})])
def code_trap(t, code):
    kinds = [kind for kind, (status, _) in modules.TRAPS.items() if str(status) == code]
    assert kinds
    for kind in kinds:
        for tier in t.tiers:
            t.expect(t.call(f"--tier={tier}", t.m[f"trap_{kind}"]), int(code), err="^trap: ")
    if code == "2":
        t.expect(t.call("--no-such-option", t.m["hello"]), 2, err="^error: config: ")


@row("code", "4")
def code_4(t):
    t.write("odd.wat", '(module (memory 1 1 shared) (func (export "_start") (drop (i32.atomic.load (i32.const 1)))))')
    t.expect(t.call("odd.wat"), 4, err="^trap: unaligned atomic")


@row("code", "12", "13", "n")
def code_n(t, code):
    """12 and 13 have no cause of ours: only a guest's own status."""
    for status in (range(126) if code == "n" else [int(code)]):
        t.write("exit.wat", f'(module (import "wasi_snapshot_preview1" "proc_exit" (func $e (param i32)))'
                            f'(memory (export "memory") 0) (func (export "_start") (call $e (i32.const {status}))))')
        t.expect(t.call("exit.wat"), status, err="^$")


@row("code", "15")
def code_15(t):
    for module in ("spin", "sleeper"):
        for tier in t.tiers:
            t.expect(t.call(f"--tier={tier}", "--run-time", "100", t.m[module]), 15)


@row("code", "16")
def code_16(t):
    t.expect(t.call("--limited-memory", "1", t.m["grow3"]), 16)


@row("code", "128")
def code_128(t):
    key_modules(t, "modules[].md5")
    key_version(t)


@row("code", "255")
def code_255(t):
    for status in (126, 200, 255):
        t.expect(t.call(t.m[f"exit{status}"]), 255)
    for words in ([t.m["unknown"]], [t.m["broken"]], [t.m["invalid"]], [t.path("none.wasm")], [t.path("none.json")],
                  ["--entry", "nope", t.m["hello"]], ["--dir", t.path("none"), t.m["hello"]], [t.dir]):
        t.expect(t.call(*words), 255, err=r"^(error: |\[)")


# -- the run ----------------------------------------------------------------------------------------------------------

def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", default=os.environ.get("BLS_BIN"))
    parser.add_argument("--only", default="")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    if options.list:
        for group, name, _, _, needs, never in ROWS:
            print(f"{group:8} {name:60} {needs or never or ''}")
        return 0
    counts, failed, waiting = {group: 0 for group in REQUIRED}, 0, 0
    have = {(group, name) for group, name, *_ in ROWS}
    for group, names in REQUIRED.items():
        for name in names:
            if (group, name) not in have:
                failed += 1
                print(f"FAIL {group} {name}: no row", file=sys.stderr)
    suite = Surface(options.bin)
    never_rows = 0
    for group, name, function, named, needs, never in ROWS:
        if options.only not in f"{group} {name}":
            continue
        waiting += needs == "extensions"
        never_rows += never is not None
        if function is None:
            continue
        try:
            function(*([suite, name] if named else [suite]))
            counts[group] += 1
        except Exception as problem:
            failed += 1
            frames = [f for f in traceback.extract_tb(problem.__traceback__) if "surface" in f.filename]
            print(f"FAIL {group} {name} (line {frames[-1].lineno}): {problem}", file=sys.stderr)
    print("rows: " + ", ".join(f"{group} {count}" for group, count in counts.items()) +
          f"; extensions {waiting}, never {never_rows}")
    print(f"{sum(counts.values())} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
