"""The modules the CLI tests run, assembled by tests/support/wasm_asm.py. Entry point: build(directory) → {name: path}."""

import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "support"))
from wasm_asm import EXTERNREF, F32, F64, FUNCREF, I32, I64, V128, Module, i32, i64, leb, name  # noqa: E402

CALL, DROP, LOCAL_GET, UNREACHABLE, END = b"\x10", b"\x1a", b"\x20", b"\x00", b"\x0b"
WASI = "wasi_snapshot_preview1"
TRAPS = {
    "stack": (2, "call stack exhausted"),
    "memory": (3, "out of bounds memory access"),
    "table": (5, "undefined element"),
    "null": (6, "uninitialized element 1"),
    "signature": (7, "indirect call type mismatch"),
    "overflow": (8, "integer overflow"),
    "divide": (9, "integer divide by zero"),
    "convert": (10, "invalid conversion to integer"),
    "unreachable": (11, "unreachable"),
}


def trap(kind):
    m = Module()
    m.memory(1)
    m.table(2)
    m.func(b"", params=(), results=(), export="nothing")
    f64 = b"\x44" + {"nan": b"\0\0\0\0\0\0\xf8\x7f", "big": b"\0\0\0\0\0\0\xe0\x7f"}.get(
        "nan" if kind == "convert" else "big")
    body = {
        "stack": CALL + b"\x01",
        "memory": i32(-1) + b"\x28\x02\x00" + DROP,
        "table": i32(7) + b"\x11\x00\x00",
        "null": i32(1) + b"\x11\x00\x00",
        "signature": i32(0) + b"\x11" + bytes([m.type([I32], [])]) + b"\x00",
        "overflow": f64 + b"\xaa" + DROP,
        "divide": i32(1) + i32(0) + b"\x6d" + DROP,
        "convert": f64 + b"\xaa" + DROP,
        "unreachable": UNREACHABLE,
    }[kind]
    if kind == "signature":
        body = i32(5) + body
    m.elems.append(b"\x00" + i32(0) + END + b"\x01\x00")
    m.func(body, export="_start")
    return m.encode()


def exit_with(status):
    m = Module()
    m.import_func(WASI, "proc_exit", [I32])
    m.func(i32(status) + CALL + b"\x00", export="_start")
    m.memory(1, export="memory")
    return m.encode()


def hello(text=b"hello\n", fd=1):
    m = Module()
    m.import_func(WASI, "fd_write", [I32] * 4, [I32])
    m.memory(1, export="memory")
    m.datas.append(b"\x00" + i32(0) + END + vec(b"\x10\0\0\0" + len(text).to_bytes(4, "little") + b"\0" * 8 + text))
    m.func(i32(fd) + i32(0) + i32(1) + i32(8) + CALL + b"\x00" + DROP, export="_start")
    return m.encode()


def count():
    """Arrives 10 times at the head of a loop, whose counter is in memory."""
    m = Module()
    m.memory(1)
    load = i32(0) + b"\x28\x02\x00"
    m.func(b"\x03\x40" + i32(0) + load + i32(1) + b"\x6a" + b"\x36\x02\x00" + load + i32(10) + b"\x49\x0d\x00" + END, export="_start")
    return m.encode()


def vec(data):
    return leb(len(data)) + data


def cat():
    """Copies up to 64 KiB from standard input to standard output."""
    m = Module()
    m.import_func(WASI, "fd_read", [I32] * 4, [I32])
    m.import_func(WASI, "fd_write", [I32] * 4, [I32])
    m.memory(2, export="memory")
    read = i32(0) + i32(1024) + b"\x36\x02\x00" + i32(4) + i32(60000) + b"\x36\x02\x00"
    read += i32(0) + i32(0) + i32(1) + i32(8) + CALL + b"\x00" + DROP
    write = i32(4) + i32(8) + b"\x28\x02\x00" + b"\x36\x02\x00"
    write += i32(1) + i32(0) + i32(1) + i32(8) + CALL + b"\x01" + DROP
    m.func(read + write, export="_start")
    return m.encode()


def show(sizes, get):
    """Prints what args_get or environ_get give: the strings with their zero bytes."""
    m = Module()
    m.import_func(WASI, sizes, [I32, I32], [I32])
    m.import_func(WASI, get, [I32, I32], [I32])
    m.import_func(WASI, "fd_write", [I32] * 4, [I32])
    m.memory(1, export="memory")
    body = i32(0) + i32(4) + CALL + b"\x00" + DROP + i32(4096) + i32(1024) + CALL + b"\x01" + DROP
    body += i32(16) + i32(1024) + b"\x36\x02\x00" + i32(20) + i32(4) + b"\x28\x02\x00" + b"\x36\x02\x00"
    body += i32(1) + i32(16) + i32(1) + i32(8) + CALL + b"\x02" + DROP
    m.func(body, export="_start")
    return m.encode()


def preopen_name():
    """Prints the guest name of descriptor 3, or leaves with the errno."""
    m = Module()
    m.import_func(WASI, "fd_prestat_dir_name", [I32] * 3, [I32])
    m.import_func(WASI, "fd_write", [I32] * 4, [I32])
    m.import_func(WASI, "proc_exit", [I32])
    m.import_func(WASI, "fd_prestat_get", [I32, I32], [I32])
    m.memory(1, export="memory")
    # prestat at 32: tag, then the name's length at 36
    body = i32(3) + i32(32) + CALL + b"\x03" + b"\x22\x00" + b"\x04\x40" + LOCAL_GET + b"\x00" + CALL + b"\x02" + END
    body += i32(3) + i32(1024) + i32(36) + b"\x28\x02\x00" + CALL + b"\x00" + DROP
    body += i32(16) + i32(1024) + b"\x36\x02\x00" + i32(20) + i32(36) + b"\x28\x02\x00" + b"\x36\x02\x00"
    body += i32(1) + i32(16) + i32(1) + i32(8) + CALL + b"\x01" + DROP
    m.func(body, locals_=(I32,), export="_start")
    return m.encode()


def values():
    m = Module()
    add = b"\x20\x00\x20\x01"
    m.func(add + b"\x6a", [I32, I32], [I32], export="add")
    m.func(add + b"\x7c", [I64, I64], [I64], export="add64")
    m.func(b"\x20\x00", [F32], [F32], export="f32")
    m.func(b"\x20\x00", [F64], [F64], export="f64")
    m.func(b"\x20\x00", [V128], [V128], export="v128")
    m.func(b"\x20\x00\x20\x00", [I32], [I32, I32], export="twice")
    m.func(b"\x20\x00", [FUNCREF], [FUNCREF], export="funcref")
    m.func(b"\x20\x00", [EXTERNREF], [EXTERNREF], export="externref")
    m.exports.append(name("self") + b"\x00" + leb(0))  # what ref.func names must be declared
    m.func(b"\xd2\x00", results=[FUNCREF], export="function")
    order = [I32, F64, V128, I64, F32, EXTERNREF]
    m.func(b"".join(b"\x20" + leb(i) for i in range(len(order))), order, order, export="all")
    m.func(b"", export="none")
    m.func(b"\x03\x40\x0c\x00\x0b", export="spin")
    m.func(UNREACHABLE, export="broken")
    return m.encode()


def bulk():
    """Fills 100 bytes."""
    m = Module()
    m.memory(1)
    m.func(i32(0) + i32(0) + i32(100) + b"\xfc\x0b\x00", export="fill")
    return m.encode()


def grow(pages):
    """Exits with the low byte of memory.grow's result."""
    m = Module()
    m.import_func(WASI, "proc_exit", [I32])
    m.memory(2, export="memory")
    m.func(i32(pages) + b"\x40\x00" + i32(255) + b"\x71" + CALL + b"\x00", export="_start")
    return m.encode()


def unknown_import(called):
    m = Module()
    m.import_func("env", "missing")
    m.func(CALL + b"\x00" if called else b"", export="_start")
    return m.encode()


def spin():
    m = Module()
    m.func(b"\x03\x40\x0c\x00\x0b", export="_start")
    return m.encode()


def sleeper():
    """Waits in poll_oneoff for an hour."""
    m = Module()
    m.import_func(WASI, "poll_oneoff", [I32] * 4, [I32])
    m.memory(1, export="memory")
    body = i32(24) + i64(3600 * 10**9) + b"\x37\x03\x00"
    body += i32(16) + i32(1) + b"\x36\x02\x00"
    body += i32(0) + i32(128) + i32(1) + i32(256) + CALL + b"\x00" + DROP
    m.func(body, export="_start")
    return m.encode()


def build(directory):
    modules = {"hello": hello(), "count": count(), "hello2": hello(b"to stderr\n", 2), "escape": hello(b"plain \x1b]0;title\x07\n"), "bulk": bulk(), "cat": cat(), "values": values(), "spin": spin(),
               "sleeper": sleeper(), "args": show("args_sizes_get", "args_get"),
               "env": show("environ_sizes_get", "environ_get"), "preopen": preopen_name(), "grow3": grow(3),
               "unknown": unknown_import(True), "unknown_unused": unknown_import(False),
               "broken": b"\0asm\1\0\0\0\x01\x05\x01", "text": b"(module\n  (func i32.nop))\n", "elf": b"\x7fELF\2\1\1" + bytes(64),
               "empty": b""}
    for status in (0, 1, 7, 125, 126, 200, 255):
        modules[f"exit{status}"] = exit_with(status)
    for kind in TRAPS:
        modules[f"trap_{kind}"] = trap(kind)
    bad = Module()
    bad.func(b"\x6a", export="_start")
    modules["invalid"] = bad.encode()
    paths = {}
    for key, data in modules.items():
        paths[key] = os.path.join(directory, key + ".wasm")
        with open(paths[key], "wb") as out:
            out.write(data)
    return paths
