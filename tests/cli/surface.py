"""The surface of the reference runtime, row by row: every option, configuration key, exit code and log message of its
reference pages. Each row runs the real bls-runtime.

  surface.py --bin FOLDER [--only WORD] [--list]

A row is a function under @row(GROUP, NAME). What cannot be true yet is one of
  needs="extensions"   needs the extension layer (host calls beyond WASI): not run, counted separately
  never=WHY            cannot happen in this runtime
REQUIRED lists what the pages name; a name without a row is a failure. The closing lines count rows.
"""

import argparse
import contextlib
import json
import os
import re
import sqlite3
import sys
import tempfile
import traceback

import cgi_guests
import driver
import host_script
import modules
from http_guest import Guest
from http_servers import Raw, answers, ok

FLAGS = """--v86 --debug-info --feature-thread --fs-root-path --dir --drivers-root-path --runtime-logger --limited-memory
  --max-memory-size --run-time --limited-fuel --entry --stdout --stderr --stdin --env --env-file -O --opt --permission
  --module --tcplisten --unknown-imports-trap --cli-exit-with-code --network-error-code --allow-read --allow-write
  --allow-net --deny-read --deny-write --deny-net --allow-all --nn --nn-graph --help -h --version -V --
  --unknown_imports_trap --cli_exit_with_code --network_error_code --max_memory_size""".split()
KEYS = """version entry modules fs_root_path drivers_root_path extensions_path drivers map_dirs permissions limited_fuel
  limited_memory max_memory_size run_time debug_info runtime_logger runtime_logger_level stdin stdout stderr optimize
  modules[].file modules[].name modules[].type modules[].md5 $ROOT $ENV_ROOT_PATH""".split()
CODES = [str(code) for code in (*range(14), 15, 16, 128, 255)] + ["n"]
LOGS = ["The wasm app started.", "The wasm execute finish, the exit code: <n>", "The wasm execute finish, the exit code: 15",
        "program exit normal.", "All fuel is consumed", "error: <text>", "internal panic", "Permission Deny",
        "request send error", "error connect in driver", "error parse", "error list_cgi_directory", "error open db",
        "error list extensions", "save extensions error", "error get_extension_by_alias",
        "failed to load CLI config", "failed to init logger", "file md5 checksum is not correctly.",
        "the module file either does not exist or is inaccessible.", "WASM app crashed", "HTTP request failed"]
REQUIRED = {"option": FLAGS, "key": KEYS, "code": CODES, "log": LOGS}

ROWS = []
STAMP = r"\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ "


def row(group, *names, needs=None, never=None):
    """One row for each name; the function takes the suite and, when there are several names, the name."""
    def add(function):
        for name in names:
            ROWS.append((group, name, function, len(names) > 1, needs, never))
        return function
    return add


class Surface(driver.Driver):
    def __init__(self, folder):
        super().__init__(folder)
        self.m = modules.build(self.dir)
        self.root = self.path("root")
        os.makedirs(self.root)

    def v0(self, module, **keys):
        return self.config("row.json", entry=self.m[module], **keys)

    def log(self, name="hello.log"):
        with open(self.path(name), encoding="utf-8") as f:
            return f.read()

    def logged(self, module, level="debug", status=0, *words, **keys):
        """The log of a run by configuration, at a level."""
        log = os.path.join(self.root, "row.log")
        if os.path.exists(log):
            os.unlink(log)
        done = self.call(self.v0(module, fs_root_path=self.root, runtime_logger="row.log", runtime_logger_level=level, **keys),
                         *words)
        self.expect(done, status, None)
        with open(log, encoding="utf-8") as f:
            return f.read()


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


OPEN_READ = """(module (import "wasi_snapshot_preview1" "path_open"
  (func $o (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32))) (import "wasi_snapshot_preview1" "proc_exit" (func $e (param i32)))
  (memory (export "memory") 1) (data (i32.const 0) "file") (func (export "_start")
    (call $e (call $o (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 4) (i32.const FLAGS) (i64.const RIGHTS) (i64.const 0) (i32.const 0) (i32.const 64)))))"""


def opens(t, *words, write=False):
    """The errno of opening /file below the fs root."""
    t.write("root/file", "x")
    t.write("open.wat", OPEN_READ.replace("FLAGS", "1" if write else "0").replace("RIGHTS", "64" if write else "2"))
    return t.call("--fs-root-path", t.root, *words, "open.wat").returncode


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


def host_calls(t, *steps):
    """A guest that makes host calls and prints their codes."""
    return t.write("calls.wat", host_script.script(steps))


def fetches(t, *words, url=None, config=False, **keys):
    """The code of http_req for a page of a server here (or `url`), and whether the server was reached."""
    server = Raw(answers(ok()))
    url = url or server.url("/page")
    t.write("fetch.wat", Guest().req(url).wat())
    given = [word.replace("PORT", str(server.port)) for word in words]
    keys = json.loads(json.dumps(keys).replace("PORT", str(server.port)))
    done = t.call(*given, t.config("fetch.json", entry=t.path("fetch.wat"), **keys) if config else t.path("fetch.wat"))
    t.expect(done, 0, None)
    return int(done.stdout.split()[0]), server.accepts != 0


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


@row("key", "map_dirs")
def key_map_dirs(t):
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


@row("key", "drivers")
def drivers(t):
    opens = host_calls(t, ("blockless_drivers.blockless_open", "demo://x", "", host_script.OUT))
    for items, status in (([], 0), ([{"schema": "demo"}, {"path": "x.so"}, 1], 0), ([{"schema": "demo", "path": "./none.so"}], 128)):
        done = t.call(t.config("row.json", entry=opens, drivers=items))
        t.expect(done, status, b"010 " if status == 0 else b"", "driver library './none.so': No such file" if status else None)
    # A module that opens no driver loads none.
    t.expect(t.call(t.v0("hello", drivers=[{"schema": "demo", "path": "./none.so"}])), 0, b"hello\n")


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


# -- log messages -----------------------------------------------------------------------------------------------------

def has_line(text, level, target, message):
    assert re.search(rf"(?m)^{STAMP}{level:5} {target}\] {message}$", text), text


@row("log", "The wasm app started.")
def log_started(t):
    has_line(t.logged("hello", "info"), "INFO", r"\w+", r"The wasm app started\.")


@row("log", "The wasm execute finish, the exit code: <n>")
def log_finish(t):
    has_line(t.logged("hello", "info"), "INFO", r"\w+", "The wasm execute finish, the exit code: 0")
    assert "finish" not in t.logged("exit7", "info", 7)


@row("log", "The wasm execute finish, the exit code: 15")
def log_finish_15(t):
    has_line(t.logged("spin", "info", 15, run_time=200), "INFO", r"\w+", "The wasm execute finish, the exit code: 15")


@row("log", "program exit normal.")
def log_exit_normal(t):
    has_line(t.logged("hello"), "DEBUG", "blockless", r"program exit normal\.")


@row("log", "All fuel is consumed")
def log_fuel(t):
    has_line(t.logged("spin", "error", 1, limited_fuel=1000), "ERROR", "blockless",
             r"All fuel is consumed, the app exited, fuel consumed 0, Max Fuel is 1000\.")


@row("log", "error: <text>")
def log_error(t):
    has_line(t.logged("trap_divide", "error", 9), "ERROR", "blockless", "error: trap: integer divide by zero at .*")


def console_line(done, message):
    assert re.search(rf"(?m)^{STAMP}ERROR\] {message}$", done.err), done.err
    assert done.stdout == b""


@row("log", "failed to load CLI config")
def log_config(t):
    for text in (b"", b"{", b"\xff", b'{"entry": "a", "map_dirs": 1}', b'{"entry": "a", "optimize": {"x": 1}}', b"[]"):
        done = t.call(t.write("bad.json", text))
        t.expect(done, 255)
        console_line(done, "failed to load CLI config: Unknown error: .+")
    for path in (t.path("none.json"), t.path("none"), t.dir):
        done = t.call(path)
        t.expect(done, 255)
        console_line(done, "failed to load CLI config: Unknown error: .+")


@row("log", "failed to init logger")
def log_logger(t):
    done = t.call("--runtime-logger", "/no/such/x.log", t.m["hello"])
    t.expect(done, 255)
    console_line(done, "failed to init logger: Unknown error: the runtime logger file does not exist or is unreadable\\.")


@row("log", "file md5 checksum is not correctly.")
def log_md5(t):
    listed = [{"file": t.m["hello"], "type": "entry", "md5": "0"}]
    done = t.call(t.config("row.json", version=1, entry="", modules=listed))
    t.expect(done, 128)
    console_line(done, f"the module {re.escape(t.m['hello'])} file md5 checksum is not correctly\\.")
    console_line(done, "The configure error")


@row("log", "the module file either does not exist or is inaccessible.")
def log_module(t):
    listed = [{"file": t.path("gone.wasm"), "type": "entry", "md5": "0"}]
    done = t.call(t.config("row.json", version=1, entry="", modules=listed))
    t.expect(done, 255)
    console_line(done, "Unknown error: the module file either does not exist or is inaccessible\\.")


def cgi_root(t):
    root = os.path.join(tempfile.mkdtemp(dir=t.dir), "extensions")
    os.mkdir(root)
    with open(os.path.join(root, "one"), "w") as out:
        out.write("#!/bin/sh\necho '{\"alias\":\"one\",\"description\":\"d\",\"is_cgi\":true}'\n")
    os.chmod(os.path.join(root, "one"), 0o755)
    return root


def cgi_list(t, root, *steps):
    """The first 19 bytes that a guest gets as the list of `root`, and what was logged."""
    module = t.write("list.wat", cgi_guests.guest(*(steps or (cgi_guests.LIST, cgi_guests.DRAIN_LIST))))
    done = t.call("--drivers-root-path", root, "--runtime-logger", "cgi.log", module)
    t.expect(done, 0, None)
    with open(t.path("cgi.log")) as log:
        return done.stdout[:19], log.read()


@row("log", "error list_cgi_directory", "error open db", "error list extensions", "save extensions error",
     "error get_extension_by_alias")
def log_cgi(t, text):
    root = cgi_root(t)
    database = os.path.join(root, ".extsdb")
    expected, steps = b'A[{"fileName":"one"', ()
    if text == "error list_cgi_directory":
        root, expected = os.path.join(root, "one"), b"A[]"
    elif text == "error open db":
        os.mkdir(database)
    elif text == "error get_extension_by_alias":
        expected, steps = b"E", [cgi_guests.opens({"command": "none"})]
    elif text == "error list extensions":
        with contextlib.closing(sqlite3.connect(database)) as db:
            db.execute("create table extension_meta (id)")
            db.commit()
    if os.path.exists(t.path("cgi.log")):
        os.unlink(t.path("cgi.log"))
    with contextlib.closing(sqlite3.connect(database if text.startswith("save") else ":memory:")) as db:
        if text.startswith("save"):
            db.execute("create table extension_meta (id integer primary key, alias text not null unique, md5 text not null, "
                       "filename text not null, status integer default 0, description text not null)")
            db.commit()
            db.execute("begin immediate")  # somebody else writes, for too long
        out, log = cgi_list(t, root, *steps)
    assert out == expected, (out, log)
    assert re.search(rf"ERROR blockless\] {text}", log), log


@row("log", "error connect in driver", "error parse")
def log_drivers(t, text):
    place = "127.0.0.1:1" if text == "error connect in driver" else "<"
    entry = host_calls(t, ("blockless_drivers.blockless_open", f"tcp://{place}", "", host_script.OUT))
    done = t.call("--allow-net=127.0.0.1", t.config("row.json", entry=entry))
    wanted = f"{text} {place}: Connection refused" if place != "<" else f"{text}:a byte that no URL has"
    t.expect(done, 0, None, STAMP + f"ERROR blockless\\] {wanted}\n")


@row("log", "Permission Deny")
def log_permission(t):
    assert fetches(t) == (14, False)
    assert re.search(STAMP + r"ERROR blockless\] Permission Deny\n", t.log("fetch.log")), t.log("fetch.log")


@row("log", "request send error")
def log_send(t):
    assert fetches(t, "--permission", "http://127.0.0.1:1/", url="http://127.0.0.1:1/") == (11, False)
    assert re.search(STAMP + r"ERROR blockless\] request send error, [^\n]+\n", t.log("fetch.log")), t.log("fetch.log")


@row("log", "HTTP request failed")
def log_rpc(t):
    request = {"jsonrpc": "2.0", "method": "http.request", "id": 1, "params": {"url": "http://127.0.0.1:1/"}}
    done = t.call(t.write("rpc.wat", Guest().rpc(request).wat()))
    t.expect(done, 0, None, r"(?m)^HTTP request failed: Permission denied: [^\n]+\n")
row("log", "internal panic", "WASM app crashed", never="an internal failure is a message and status 255")(None)


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
            frames = [f for f in traceback.extract_tb(problem.__traceback__) if f.filename.endswith("surface.py")]
            print(f"FAIL {group} {name} (line {frames[-1].lineno}): {problem}", file=sys.stderr)
    print("rows: " + ", ".join(f"{group} {count}" for group, count in counts.items()) +
          f"; extensions {waiting}, never {never_rows}")
    print(f"{sum(counts.values())} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
