"""Guests of the HTTP suites, made from a list of calls. Entry points: Guest, escaped.

Each call prints its line: the code, and what the call gave where the code is 0. Memory: strings from 1024 on, results in the first
bytes, bodies and answers from BUFFER on.
"""

import json

BUFFER = 1 << 20
PAGES = 64


def escaped(data):
    """Bytes for the text of a WAT data segment."""
    return "".join(chr(b) if 32 <= b < 127 and b not in (34, 92) else f"\\{b:02x}" for b in data)


class Guest:
    IMPORTS = """(import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32)))
      (import "blockless_http" "http_req" (func $req (param i32 i32 i32 i32 i32 i32) (result i32)))
      (import "blockless_http" "http_close" (func $close (param i32) (result i32)))
      (import "blockless_http" "http_read_header" (func $header (param i32 i32 i32 i32 i32 i32) (result i32)))
      (import "blockless_http" "http_read_body" (func $body (param i32 i32 i32 i32) (result i32)))"""
    RPC = '(import "bless" "rpc_call" (func $rpc (param i32 i32 i32 i32 i32) (result i32)))'

    def __init__(self, rpc=False):
        self.at, self.data, self.steps, self.rpc_used = 1024, [], [], rpc

    def text(self, value):
        """Address and length of a string, as two operands."""
        data = value if isinstance(value, bytes) else value.encode()
        self.data.append(f'(data (i32.const {self.at}) "{escaped(data)}")')
        where = f"(i32.const {self.at}) (i32.const {len(data)})"
        self.at += (len(data) + 15) // 16 * 16 + 16
        assert self.at < BUFFER
        return where

    def step(self, wat):
        self.steps.append(wat)
        return self

    def req(self, url, opts=None, raw=None, **keys):
        """http_req; prints `code` or `0 status`. The handle is then what later steps use."""
        options = {"method": "get", "headers": "{}", **keys} if opts is None else opts
        text = raw if raw is not None else json.dumps(options)
        return self.step(f"""(local.set $c (call $req {self.text(url)} {self.text(text)} (i32.const 0) (i32.const 4)))
          (call $num (local.get $c)) (if (i32.eqz (local.get $c)) (then (call $sp) (call $num (i32.load (i32.const 4))))) (call $nl)""")

    def header(self, name, size=4096, handle="(i32.load (i32.const 0))", buffer=BUFFER):
        """Prints `code` or `0 length value`."""
        return self.step(f"""(local.set $c (call $header {handle} {self.text(name)} (i32.const {buffer}) (i32.const {size}) (i32.const 8)))
          (call $num (local.get $c)) (if (i32.eqz (local.get $c)) (then (call $sp) (call $num (i32.load (i32.const 8)))
            (call $sp) (call $out (i32.const {buffer}) (i32.load (i32.const 8))))) (call $nl)""")

    def body(self, size=65536, handle="(i32.load (i32.const 0))", buffer=BUFFER):
        """One read; prints `code` or `0 length bytes`."""
        return self.step(f"""(local.set $c (call $body {handle} (i32.const {buffer}) (i32.const {size}) (i32.const 8)))
          (call $num (local.get $c)) (if (i32.eqz (local.get $c)) (then (call $sp) (call $num (i32.load (i32.const 8)))
            (call $sp) (call $out (i32.const {buffer}) (i32.load (i32.const 8))))) (call $nl)""")

    def count(self, size=65536):
        """Reads to the end; prints the number of bytes."""
        return self.step(f"""(local.set $t (i64.const 0)) (loop $l
            (drop (call $body (i32.load (i32.const 0)) (i32.const {BUFFER}) (i32.const {size}) (i32.const 8)))
            (local.set $t (i64.add (local.get $t) (i64.extend_i32_u (i32.load (i32.const 8)))))
            (br_if $l (i32.load (i32.const 8))))
          (call $num (i32.wrap_i64 (i64.div_u (local.get $t) (i64.const 1000000)))) (call $sp)
          (call $num (i32.wrap_i64 (i64.rem_u (local.get $t) (i64.const 1000000)))) (call $nl)""")

    def close(self, handle="(i32.load (i32.const 0))"):
        return self.step(f"(call $num (call $close {handle})) (call $nl)")

    def rpc(self, request, most=1 << 20):
        """rpc_call; prints `code` or `0 answer`."""
        self.rpc_used = True
        text = request if isinstance(request, (str, bytes)) else json.dumps(request)
        return self.step(f"""(local.set $c (call $rpc {self.text(text)} (i32.const {BUFFER}) (i32.const {most}) (i32.const 8)))
          (call $num (local.get $c)) (if (i32.eqz (local.get $c)) (then (call $sp)
            (call $out (i32.const {BUFFER}) (i32.load (i32.const 8))))) (call $nl)""")

    def wat(self):
        steps, data = "\n".join(self.steps), "\n".join(self.data)
        return f"""(module {self.IMPORTS} {self.RPC if self.rpc_used else ""}
          (memory (export "memory") {PAGES}) {data} (data (i32.const 100) " \\0a")
          (func $out (param i32 i32) (i32.store (i32.const 16) (local.get 0)) (i32.store (i32.const 20) (local.get 1))
            (if (local.get 1) (then (drop (call $w (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24))))))
          (func $sp (call $out (i32.const 100) (i32.const 1)))
          (func $nl (call $out (i32.const 101) (i32.const 1)))
          (func $num (param i32) (local i32) (local.set 1 (i32.const 64))
            (loop (local.set 1 (i32.sub (local.get 1) (i32.const 1)))
              (i32.store8 (local.get 1) (i32.add (i32.const 48) (i32.rem_u (local.get 0) (i32.const 10))))
              (br_if 0 (local.tee 0 (i32.div_u (local.get 0) (i32.const 10)))))
            (call $out (local.get 1) (i32.sub (i32.const 64) (local.get 1))))
          (func (export "_start") (local $c i32) (local $t i64) {steps}))"""
