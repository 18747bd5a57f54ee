"""Guests in the text format for process.py and node.py. Entry point: build(directory) → {name: path}."""

import os

WASI = {
    "exit": '"proc_exit" (param i32)',
    "write": '"fd_write" (param i32 i32 i32 i32) (result i32)',
    "read": '"fd_read" (param i32 i32 i32 i32) (result i32)',
    "poll": '"poll_oneoff" (param i32 i32 i32 i32) (result i32)',
    "accept": '"sock_accept" (param i32 i32 i32) (result i32)',
    "fdstat": '"fd_fdstat_get" (param i32 i32) (result i32)',
    "open": '"path_open" (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)',
    "close": '"fd_close" (param i32) (result i32)',
    "mkdir": '"path_create_directory" (param i32 i32 i32) (result i32)',
    "rmdir": '"path_remove_directory" (param i32 i32 i32) (result i32)',
    "unlink": '"path_unlink_file" (param i32 i32 i32) (result i32)',
    "rename": '"path_rename" (param i32 i32 i32 i32 i32 i32) (result i32)',
    "link": '"path_link" (param i32 i32 i32 i32 i32 i32 i32) (result i32)',
    "symlink": '"path_symlink" (param i32 i32 i32 i32 i32) (result i32)',
    "readlink": '"path_readlink" (param i32 i32 i32 i32 i32 i32) (result i32)',
    "stat": '"path_filestat_get" (param i32 i32 i32 i32 i32) (result i32)',
    "times": '"path_filestat_set_times" (param i32 i32 i32 i32 i64 i64 i32) (result i32)',
    "size": '"fd_filestat_set_size" (param i32 i64) (result i32)',
    "allocate": '"fd_allocate" (param i32 i64 i64) (result i32)',
    "sync": '"fd_sync" (param i32) (result i32)',
    "readdir": '"fd_readdir" (param i32 i32 i32 i64 i32) (result i32)',
    "random": '"random_get" (param i32 i32) (result i32)',
    "clock": '"clock_time_get" (param i32 i64 i32) (result i32)',
    "yield": '"sched_yield" (result i32)',
    "environ_sizes": '"environ_sizes_get" (param i32 i32) (result i32)',
}

SPIN = "(loop (br 0))"
SLEEP = """(i64.store (i32.const 536) (i64.const 3600000000000)) (i32.store (i32.const 528) (i32.const 1))
  (drop (call $poll (i32.const 512) (i32.const 640) (i32.const 1) (i32.const 800)))"""
READ = """(i32.store (i32.const 16) (i32.const 1024)) (i32.store (i32.const 20) (i32.const 60000))
  (drop (call $read (i32.const 0) (i32.const 16) (i32.const 1) (i32.const 24)))"""
ATOMIC_WAIT = "(drop (memory.atomic.wait32 (i32.const 2048) (i32.const 0) (i64.const -1)))"


def module(body, imports=(), memory='(memory (export "memory") 2)', data="", more="", locals_=""):
    lines = [f'(import "wasi_snapshot_preview1" {WASI[name].split(" ", 1)[0]} (func ${name} {WASI[name].split(" ", 1)[1]}))'
             for name in imports]
    return "(module\n" + "\n".join(lines) + f'\n{memory}\n{data}\n{more}\n(func (export "_start") {locals_} {body}))\n'


def write(fd, address, length):
    """Leaves the errno."""
    return (f"(i32.store (i32.const 0) (i32.const {address})) (i32.store (i32.const 4) (i32.const {length})) "
            f"(call $write (i32.const {fd}) (i32.const 0) (i32.const 1) (i32.const 8))")


def says(body, *imports, memory='(memory (export "memory") 2)'):
    """Writes ! and goes on with `body`."""
    return module(f"{write(1, 100, 1)} (drop) {body}", ("write", *imports), memory, '(data (i32.const 100) "!")')


def checked(steps):
    """Calls one after the other; the number of the first that gives an errno is the exit status."""
    return "\n".join(f"(if {step} (then (call $exit (i32.const {number}))))" for number, step in enumerate(steps, 1))


def files():
    names = {"d": 100, "d/f": 110, "g": 120, "l": 130, "s": 140, "d2": 150}
    data = "".join(f'(data (i32.const {at}) "{name}")' for name, at in names.items())

    def path(name):
        return f"(i32.const 3) (i32.const {names[name]}) (i32.const {len(name)})"

    def text(name):
        return f"(i32.const {names[name]}) (i32.const {len(name)})"
    opened = (f"(call $open (i32.const 3) (i32.const 0) {text('d/f')} (i32.const 9) (i64.const 0x1fffffff) (i64.const 0) (i32.const 0) "
              "(i32.const 200))")
    fd = "(i32.load (i32.const 200))"
    listed = "(i32.const 3) (i32.const 0) " + text("d") + " (i32.const 2) (i64.const 0x4000) (i64.const 0) (i32.const 0) (i32.const 204)"
    steps = [
        f"(call $mkdir {path('d')})", f"(call $mkdir {path('d2')})", opened,
        f"(call $write {fd} (i32.const 16) (i32.const 1) (i32.const 8))", f"(call $size {fd} (i64.const 100))",
        f"(call $sync {fd})", f"(call $close {fd})",
        f"(call $stat (i32.const 3) (i32.const 1) {text('d/f')} (i32.const 304))",
        f"(call $times (i32.const 3) (i32.const 1) {text('d/f')} (i64.const 0) (i64.const 0) (i32.const 10))",
        f"(call $rename (i32.const 3) {text('d/f')} (i32.const 3) {text('g')})",
        f"(call $link (i32.const 3) (i32.const 0) {text('g')} (i32.const 3) {text('l')})",
        f"(call $symlink {text('g')} (i32.const 3) {text('s')})",
        f"(call $readlink (i32.const 3) {text('s')} (i32.const 400) (i32.const 64) (i32.const 204))",
        f"(call $stat (i32.const 3) (i32.const 1) {text('s')} (i32.const 304))",
        f"(call $open {listed})", "(call $readdir (i32.load (i32.const 204)) (i32.const 1024) (i32.const 1024) (i64.const 0) (i32.const 208))",
        "(call $random (i32.const 400) (i32.const 100))", "(call $clock (i32.const 0) (i64.const 1) (i32.const 400))", "(call $yield)",
        f"(call $unlink {path('s')})", f"(call $unlink {path('l')})", f"(call $unlink {path('g')})",
        f"(call $rmdir {path('d')})", f"(call $rmdir {path('d2')})",
    ]
    setup = "(i32.store (i32.const 16) (i32.const 100)) (i32.store (i32.const 20) (i32.const 20))"
    return module(setup + checked(steps), ("exit", "open", "write", "size", "sync", "close", "stat", "times", "rename", "link", "symlink",
                                           "readlink", "readdir", "random", "clock", "yield", "mkdir", "unlink", "rmdir"), data=data)


def open_one(rights):
    return (f"(call $open (i32.const 3) (i32.const 0) (i32.const 100) (i32.const 4) (i32.const 0) (i64.const {rights}) (i64.const 0) "
            "(i32.const 0) (i32.const 200))")


def repeated(instruction):
    """Long bulk work in straight-line code: only the work itself can see that it is to end."""
    return module(instruction * 400, memory="(memory 1024)")


def sources():
    shared = '(memory (export "memory") 2 2 shared)'
    table = '(table $t 10 funcref)'
    return {
        "empty": module(""),
        "hello": module(write(1, 100, 6) + "(drop)", ("write",), data='(data (i32.const 100) "hello\\n")'),
        "talk": module(write(1, 100, 4) + "(drop)" + write(2, 104, 4) + "(drop)", ("write",), data='(data (i32.const 100) "out\\nerr\\n")'),
        "write_errno": module(
            f"(local.set 0 {'(block (result i32)' + write(1, 100, 3) + ')'}) (if (local.get 0) (then (call $exit (local.get 0))))" * 2,
            ("write", "exit"), data='(data (i32.const 100) "abc")', locals_="(local i32)"),
        "cat": module(READ + " (i32.store (i32.const 20) (i32.load (i32.const 24)))"
                      "(drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24)))", ("read", "write")),
        "echo": module("(i32.store (i32.const 16) (i32.const 1024)) (loop (i32.store (i32.const 20) (i32.const 1))"
                       "(drop (call $read (i32.const 0) (i32.const 16) (i32.const 1) (i32.const 24)))"
                       "(if (i32.load (i32.const 24)) (then"
                       "(drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24))) (br 1))))", ("read", "write")),
        "env": module("(drop (call $environ_sizes (i32.const 0) (i32.const 4))) (call $exit (i32.load (i32.const 0)))",
                      ("environ_sizes", "exit")),
        "exit7": module("(call $exit (i32.const 7))", ("exit",)),
        "trap": module("(unreachable)"),
        "unknown": module("(call $m)", more='', memory='(import "env" "missing" (func $m)) (memory 1)'),
        "big": module("", memory="(memory 2)"),
        "spin": module(SPIN),
        "start_spin": module("", more=f"(func $s {SPIN}) (start $s)"),
        "recurse": module("(call $r)", more="(func $r (call $r) (drop (i32.const 1)))"),
        "fib": module("(drop (call $f (i32.const 60)))",
                      more="(func $f (param i32) (result i32) (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (local.get 0))"
                           "(else (i32.add (call $f (i32.sub (local.get 0) (i32.const 1))) (call $f (i32.sub (local.get 0) (i32.const 2)))))))"),
        "sleeper": module(SLEEP, ("poll",)),
        "atomic_wait": module(ATOMIC_WAIT, memory=shared),
        "accept": module("(drop (call $accept (i32.const 3) (i32.const 0) (i32.const 200)))", ("accept",)),
        "fifo_read": module(open_one(2) + "(if (then (call $exit (i32.const 9))))"
                            "(i32.store (i32.const 16) (i32.const 1024)) (i32.store (i32.const 20) (i32.const 10))"
                            "(drop (call $read (i32.load (i32.const 200)) (i32.const 16) (i32.const 1) (i32.const 24)))",
                            ("open", "read", "exit"), data='(data (i32.const 100) "fifo")'),
        "fifo_write": module(f"(drop {open_one(64)})", ("open",), data='(data (i32.const 100) "fifo")'),
        "bulk_fill": repeated("(memory.fill (i32.const 0) (i32.const 1) (i32.const 67108864))"),
        "bulk_copy": repeated("(memory.copy (i32.const 0) (i32.const 4096) (i32.const 67000000))"),
        "grow_to_9": module("(call $exit (i32.and (memory.grow (i32.const 8)) (i32.const 255)))", ("exit",),
                            memory='(memory (export "memory") 1)'),
        "grow_table": module("(call $exit (i32.and (table.grow $t (ref.null func) (i32.const 1)) (i32.const 255)))", ("exit",), more=table),
        "open_many": module(
            "(loop (if (i32.eqz (call $open (i32.const 3) (i32.const 0) (i32.const 100) (i32.const 1) (i32.const 0) (i64.const 2) (i64.const 0)"
            "(i32.const 0) (i32.const 200))) (then (local.set 0 (i32.add (local.get 0) (i32.const 1))) (br 1)))) (call $exit (local.get 0))",
            ("open", "exit"), data='(data (i32.const 100) "f")', locals_="(local i32)"),
        "is_socket7": module("(call $exit (call $fdstat (i32.const 7) (i32.const 200)))", ("fdstat", "exit")),
        "files": files(),
        "say_spin": says(SPIN),
        "say_sleep": says(SLEEP, "poll"),
        "say_read": says(READ, "read"),
        "say_atomic_wait": says(ATOMIC_WAIT, memory=shared),
        "many_functions": module("", more="".join(
            f"(func (result i32) {'(i32.add ' * 40} (i32.const {i}) {'(i32.const 1))' * 40})\n" for i in range(3000))),
    }


def build(directory):
    paths = {}
    for name, text in sources().items():
        paths[name] = os.path.join(directory, name + ".wat")
        with open(paths[name], "w") as out:
            out.write(text)
    return paths
