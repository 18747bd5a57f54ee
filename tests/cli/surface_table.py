"""The table behind surface.py: what the reference pages name, how a row is written, and what rows share."""

import json
import os
import re
import tempfile

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
  --unknown_imports_trap --cli_exit_with_code --network_error_code --max_memory_size
  --allow-cgi --allow-run-model --allow-native-library --trust-archive-config""".split()
TUNINGS = """opt_level regalloc_algorithm
  memory_may_move memory_reservation memory_reservation_for_growth memory_guard_size guard_before_linear_memory memory_init_cow
  table_lazy_init signals_based_traps
  pooling_allocator pooling_decommit_batch_size pooling_memory_keep_resident pooling_table_keep_resident
  pooling_memory_protection_keys pooling_max_memory_protection_keys pooling_total_core_instances pooling_total_component_instances
  pooling_total_memories pooling_total_tables pooling_total_stacks pooling_max_memory_size pooling_table_elements
  pooling_max_core_instance_size pooling_max_unused_warm_slots pooling_async_stack_zeroing pooling_async_stack_keep_resident
  pooling_max_component_instance_size pooling_max_core_instances_per_component pooling_max_memories_per_component
  pooling_max_tables_per_component pooling_max_tables_per_module pooling_max_memories_per_module pooling_total_gc_heaps
  dynamic_memory_guard_size static_memory_guard_size static_memory_forced static_memory_maximum_size
  dynamic_memory_reserved_for_growth""".split()
FLAG_TUNINGS = """memory_may_move guard_before_linear_memory memory_init_cow table_lazy_init signals_based_traps pooling_allocator
  pooling_memory_protection_keys pooling_async_stack_zeroing static_memory_forced""".split()
VARIABLES = "BLS_LIST_VARS ENV_ROOT_PATH RUST_LOG NO_COLOR".split()
KEYS = """version entry modules fs_root_path drivers_root_path extensions_path drivers map_dirs permissions limited_fuel
  limited_memory max_memory_size run_time debug_info runtime_logger runtime_logger_level stdin stdout stderr optimize
  modules[].file modules[].name modules[].type modules[].md5 $ROOT $ENV_ROOT_PATH map_dirs[].host map_dirs[].guest
  drivers[].schema drivers[].path dynamic_lib_path""".split()
CODES = [str(code) for code in (*range(14), 15, 16, 128, 255)] + ["n"]
LOGS = ["The wasm app started.", "The wasm execute finish, the exit code: <n>", "The wasm execute finish, the exit code: 15",
        "program exit normal.", "All fuel is consumed", "error: <text>", "internal panic", "Permission Deny",
        "request send error", "error connect in driver", "error parse", "error list_cgi_directory", "error open db",
        "error list extensions", "save extensions error", "error get_extension_by_alias",
        "failed to load CLI config", "failed to init logger", "file md5 checksum is not correctly.",
        "the module file either does not exist or is inaccessible.", "WASM app crashed", "HTTP request failed",
        "The configure error", "the map dir item should be array.", "host item is not define.", "guest item is not define.",
        "not found the entry module.", "memory minimum size of", "there is no optimize argument:",
        "must be of the form `key=value`", "must be of the form `key=value,`",
        "URLs are not supported, only domains and ips", "Granted <kind> access to", "Requires <kind> access to"]
REQUIRED = {"option": FLAGS, "-O": TUNINGS, "variable": VARIABLES, "key": KEYS, "code": CODES, "log": LOGS}

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


OPEN_READ = """(module (import "wasi_snapshot_preview1" "path_open"
  (func $o (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32))) (import "wasi_snapshot_preview1" "proc_exit" (func $e (param i32)))
  (memory (export "memory") 1) (data (i32.const 0) "file") (func (export "_start")
    (call $e (call $o (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 4) (i32.const FLAGS) (i64.const RIGHTS) (i64.const 0) (i32.const 0) (i32.const 64)))))"""


def opens(t, *words, write=False):
    """The errno of opening /file below the fs root."""
    t.write("root/file", "x")
    t.write("open.wat", OPEN_READ.replace("FLAGS", "1" if write else "0").replace("RIGHTS", "64" if write else "2"))
    return t.call("--fs-root-path", t.root, *words, "open.wat").returncode


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


def has_line(text, level, target, message):
    assert re.search(rf"(?m)^{STAMP}{level:5} {target}\] {message}$", text), text


def console_line(done, message):
    assert re.search(rf"(?m)^{STAMP}ERROR\] {message}$", done.err), done.err
    assert done.stdout == b""


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
