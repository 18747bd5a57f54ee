"""Rows of surface.py about log messages and console lines."""

import contextlib
import os
import re
import resource
import sqlite3

import cgi_guests
import host_script
from http_guest import Guest
from surface_table import STAMP, cgi_list, cgi_root, console_line, fetches, has_line, host_calls, opens, row

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
@row("log", "The configure error")
def log_configure(t):
    log_md5(t)


@row("log", "not found the entry module.")
def log_no_entry(t):
    t.write("lib.wat", "(module)")
    listed = [{"file": t.path("lib.wat"), "name": "lib", "md5": t.md5("lib.wat")}]
    t.expect(t.call(t.config("row.json", version=1, entry="", modules=listed)), 255, err=r"not found the entry module\.")


@row("log", "memory minimum size of")
def log_minimum(t):
    assert re.search(STAMP + r"ERROR blockless\] error: limit: memory minimum size of ", t.logged("grow3", "error", 16, limited_memory=1))


@row("log", "there is no optimize argument:", "must be of the form `key=value,`", "must be of the form `key=value`",
     "URLs are not supported, only domains and ips")
def log_usage(t, text):
    words = {"there": ["-O", "nope=1"], "must": ["-O", "opt_level"] if text.endswith(",`") else ["--env", "X"],
             "URLs": ["--allow-net=http://a.com"]}[text.split()[0]]
    t.expect(t.call(*words, t.m["hello"]), 2, err="^error: config: .*" + re.escape(text))


@row("log", "Granted <kind> access to")
def log_grants(t):
    for word, name in (("read", "open"), ("write", "open")):
        done = opens(t, f"--allow-{word}=/file", "--runtime-logger", "grants.log", "--runtime-logger-level=debug", write=word == "write")
        assert done == 0
        has_line(t.log("root/grants.log"), "DEBUG", "blockless", f'⚠️  Granted {word} access to "/file"')
        os.unlink(t.path("root/grants.log"))
        assert opens(t, f"--allow-{word}=/file", "--runtime-logger", "grants.log", write=word == "write") == 0
        assert t.log("root/grants.log") == ""
        os.unlink(t.path("root/grants.log"))


@row("log", "Requires <kind> access to")
def log_denials(t):
    """In the reference a text that only its debug output shows; here a line of its own for each denial."""
    for word in ("read", "write"):
        assert opens(t, "--deny-net", "--runtime-logger", "grants.log", write=word == "write") == 63
        has_line(t.log("root/grants.log"), "ERROR", "blockless",
                 f'error: permission: {word} access to "/file" denied to path_open: not granted; try --allow-{word}=/file')
        os.unlink(t.path("root/grants.log"))


@row("log", "internal panic", "WASM app crashed")
def log_crash(t, text):
    """A failure of our own while the guest runs: there is too little memory for a big function, which is translated when it is called.
    How little that is depends on the machine: limits are tried from below."""
    body = b"\0" + b"\x41\x00\x1a" * 1_000_000 + b"\x0b"  # (drop (i32.const 0)), a million times

    def part(number, content):
        size = bytes(len(content) >> shift & 127 | (128 if shift < 28 else 0) for shift in (0, 7, 14, 21, 28))
        return (bytes([number]) if number is not None else b"") + size + content
    t.write("crash.wasm", b"\0asm\1\0\0\0" + part(1, b"\1\x60\0\0") + part(3, b"\1\0") + part(7, b"\1\6_start\0\0")
            + part(10, b"\1" + part(None, body)))
    seen = set()
    for mebibytes in range(8, 200, 2):
        if os.path.exists(t.path("crash.log")):
            os.unlink(t.path("crash.log"))
        done = t.call("--tier=interp", "crash.wasm", limits={resource.RLIMIT_AS: mebibytes << 20})
        seen.add(done.returncode)
        if "WASM app crashed" in done.err:
            break
    t.expect(done, 255, b"", "^error: internal: out of memory\n")
    console_line(done, r"WASM app crashed, please check the runtime\.log file")
    has_line(t.log("crash.log"), "ERROR", "bls_runtime", "error: internal: out of memory")
    assert all(status >= 0 for status in seen), seen
