"""Guests in the text format that call blockless_cgi, made from steps. Entry point: guest(*steps).

A step is text of the format that leaves nothing on the stack. What calls return is written to standard output: a code as one
letter, A for 0, and bytes as they are. Memory: 0 to 64 for results, 64 to 1024 for lists of buffers, texts from 1024, a buffer
of 64 KiB from 131072.
"""

import json

CALLS = {"cgi_list_exec": 1, "cgi_open": 3, "cgi_list_read": 4, "cgi_stdout_read": 4, "cgi_stderr_read": 4, "cgi_stdin_write": 4,
         "cgi_close": 1}
BUFFER, SIZE = 131072, 65536


def imports():
    lines = ['(import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))',
             '(import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))',
             '(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))']
    for name, count in CALLS.items():
        lines.append(f'(import "blockless_cgi" "{name}" (func ${name} (param {"i32 " * count}) (result i32)))')
    return "\n".join(lines)


HELPERS = """
(func $put (param i32 i32)
  (local $done i32)
  (loop
    (i32.store (i32.const 64) (i32.add (local.get 0) (local.get $done)))
    (i32.store (i32.const 68) (i32.sub (local.get 1) (local.get $done)))
    (if (call $write (i32.const 1) (i32.const 64) (i32.const 1) (i32.const 72)) (then (unreachable)))
    (local.set $done (i32.add (local.get $done) (i32.load (i32.const 72))))
    (br_if 0 (i32.lt_u (local.get $done) (local.get 1)))))
(func $say (param i32)
  (i32.store8 (i32.const 80) (i32.add (i32.const 65) (local.get 0)))
  (call $put (i32.const 80) (i32.const 1)))
(func $wait (drop (block (result i32)
  (i32.store (i32.const 64) (i32.const 96)) (i32.store (i32.const 68) (i32.const 1))
  (call $read (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 72)))))
"""


def drains():
    """$drain_NAME handle: copies everything to standard output. $sum_NAME: adds the bytes up in $total."""
    out = ["(global $total (mut i64) (i64.const 0))", "(global $handle (mut i32) (i32.const 0))"]
    for name in ("cgi_list_read", "cgi_stdout_read", "cgi_stderr_read"):
        loop = f"""(param i32) (loop
          (if (call ${name} (local.get 0) (i32.const {BUFFER}) (i32.const {SIZE}) (i32.const 8)) (then (unreachable)))
          (if (i32.load (i32.const 8)) (then %s (br 1))))"""
        out.append(f"(func $drain_{name} {loop % f'(call $put (i32.const {BUFFER}) (i32.load (i32.const 8)))'})")
        out.append(f"(func $sum_{name} {loop % '(global.set $total (i64.add (global.get $total) (i64.load32_u (i32.const 8))))'})")
    return "\n".join(out)


class Text:
    """Places for the texts of one guest."""

    def __init__(self):
        self.data, self.at = [], 1024

    def place(self, content):
        raw = content if isinstance(content, bytes) else content.encode()
        here = self.at
        self.at += len(raw) + 1
        assert self.at < BUFFER
        self.data.append(f'(data (i32.const {here}) "{"".join(f"{chr(92)}{byte:02x}" for byte in raw)}")')
        return here, len(raw)


def guest(*steps, memory=4, more=""):
    """Steps are texts, or functions of a Text that give one."""
    texts = Text()
    body = "\n".join(step(texts) if callable(step) else step for step in steps)
    return (f'(module {imports()}\n(memory (export "memory") {memory})\n{drains()}\n{HELPERS}\n{more}\n'
            f'(func (export "_start") (local $i i32) {body})\n' + "\n".join(texts.data) + ")\n")


# -- steps ------------------------------------------------------------------------------------------------------------

def say(call):
    return f"(call $say {call})"


def opens(request, out=4, loud=True):
    """cgi_open of a JSON text, or of what becomes one; the handle goes to `out` and to $handle."""
    raw = request if isinstance(request, (str, bytes)) else json.dumps(request)

    def step(texts):
        at, size = texts.place(raw)
        call = f"(call $cgi_open (i32.const {at}) (i32.const {size}) (i32.const {out}))"
        return (say(call) if loud else f"(if {call} (then (unreachable)))") + f"(global.set $handle (i32.load (i32.const {out})))"
    return step


HANDLE = "(global.get $handle)"
LIST = say("(call $cgi_list_exec (i32.const 4))") + "(global.set $handle (i32.load (i32.const 4)))"
DRAIN_LIST = f"(call $drain_cgi_list_read {HANDLE})"
DRAIN_OUT = f"(call $drain_cgi_stdout_read {HANDLE})"
DRAIN_ERR = f"(call $drain_cgi_stderr_read {HANDLE})"
CLOSE = say(f"(call $cgi_close {HANDLE})")
WAIT = "(call $wait)"
SPIN = "(loop (br 0))"
TRAP = "(unreachable)"


def exits(code):
    return f"(call $exit (i32.const {code}))"


def reads(name, handle=HANDLE, size=SIZE, at=BUFFER, out=8):
    return f"(call ${name} {handle} (i32.const {at}) (i32.const {size}) (i32.const {out}))"


def read_once(name, size=SIZE):
    """One read, which must succeed; what came is written out."""
    return (f"(if {reads(name, size=size)} (then (unreachable)))"
            f"(call $put (i32.const {BUFFER}) (i32.load (i32.const 8)))")


def writes(content, loud=True):
    """cgi_stdin_write of everything in one call."""
    def step(texts):
        at, size = texts.place(content)
        call = f"(call $cgi_stdin_write {HANDLE} (i32.const {at}) (i32.const {size}) (i32.const 8))"
        return say(call) if loud else f"(if {call} (then (unreachable)))"
    return step


def prints(content):
    def step(texts):
        at, size = texts.place(content)
        return f"(call $put (i32.const {at}) (i32.const {size}))"
    return step


def times(count, *steps):
    """The steps again and again; they share their places."""
    def step(texts):
        body = "\n".join(s(texts) if callable(s) else s for s in steps)
        return (f"(local.set $i (i32.const 0)) (loop $again {body} (local.set $i (i32.add (local.get $i) (i32.const 1)))"
                f"(br_if $again (i32.lt_u (local.get $i) (i32.const {count}))))")
    return step
