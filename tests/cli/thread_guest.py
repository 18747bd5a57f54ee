"""Guests with threads that call extensions, in the text format. Entry points: ThreadGuest, HOLD.

A guest has four pages of shared memory. Words that threads share: 0 how many have finished (`$done`, `$wait_for N`), 8 never
changed (`$forever`). 16 to 256 are free for shared words, 256 to 1024 is the module's own, texts come from 1024. Each thread has an
area of 16 KiB for results and buffers: `(local.get $area)` in the body of a thread, FIRST for the first thread's.
"""

from host_script import SIGNATURES, WASI, quoted

FIRST = 65536
AREA = 16384
# What a thread may hang in when another ends the guest.
HOLD = {"forever": "(call $forever)", "spin": "(loop $spin (br $spin))"}


class ThreadGuest:
    def __init__(self, *calls):
        """`calls`: what is imported, as "module.function"."""
        self.calls, self.data, self.at = ["fd_write", *calls], [], 1024

    def text(self, text):
        """Address and length of a text, as two operands."""
        data = text if isinstance(text, bytes) else text.encode()
        where, self.at = self.at, (self.at + len(data) + 15) // 8 * 8
        assert self.at <= FIRST, self.at
        self.data.append(f'(data (i32.const {where}) "{quoted(data)}")')
        return f"(i32.const {where}) (i32.const {len(data)})"

    def wat(self, start, thread, functions=""):
        """`start` is what the first thread does; `thread` what the others do, with $argument and $area, before they are done. Both
        have the locals $c, $n and $i."""
        imports = []
        for call in self.calls:
            module, name = call.rsplit(".", 1) if "." in call else (WASI, call)
            imports.append(f'(import "{module}" "{name}" (func ${name} (param {SIGNATURES[module][name]}) (result i32)))')
        lines = "\n  ".join(imports)
        return f"""(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  {lines}
  (import "env" "memory" (memory 4 4 shared))
  (export "memory" (memory 0))
  {" ".join(self.data)}
  (data (i32.const 1000) "\\0a")
  (func $wait_for (param $n i32) (local $seen i32)
    (loop $again
      (local.set $seen (i32.atomic.load (i32.const 0)))
      (if (i32.lt_u (local.get $seen) (local.get $n))
        (then (drop (memory.atomic.wait32 (i32.const 0) (local.get $seen) (i64.const -1))) (br $again)))))
  (func $done
    (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))
    (drop (memory.atomic.notify (i32.const 0) (i32.const -1))))
  (func $forever (drop (memory.atomic.wait32 (i32.const 8) (i32.const 0) (i64.const -1))))
  (func $must (param i32) (if (local.get 0) (then (unreachable))))    ;; a call that gives 0
  (func $out (param i32 i32)              ;; standard output, the first thread's alone
    (i32.store (i32.const 256) (local.get 0)) (i32.store (i32.const 260) (local.get 1))
    (if (local.get 1) (then (call $must (call $fd_write (i32.const 1) (i32.const 256) (i32.const 1) (i32.const 264))))))
  (func $num (param i32) (local i32)
    (local.set 1 (i32.const 300))
    (loop
      (local.set 1 (i32.sub (local.get 1) (i32.const 1)))
      (i32.store8 (local.get 1) (i32.add (i32.const 48) (i32.rem_u (local.get 0) (i32.const 10))))
      (br_if 0 (local.tee 0 (i32.div_u (local.get 0) (i32.const 10)))))
    (call $out (local.get 1) (i32.sub (i32.const 300) (local.get 1)))
    (call $out (i32.const 1000) (i32.const 1)))
  (func $start_threads (param $left i32)  ;; with the arguments N to 1
    (loop $again
      (if (i32.le_s (call $spawn (local.get $left)) (i32.const 0)) (then (call $exit (i32.const 99))))
      (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1))))))
  {functions}
  (func (export "wasi_thread_start") (param $id i32) (param $argument i32) (local $area i32) (local $c i32) (local $n i32) (local $i i32)
    (local.set $area (i32.add (i32.const {FIRST}) (i32.mul (local.get $argument) (i32.const {AREA}))))
    {thread}
    (call $done))
  (func (export "_start") (local $area i32) (local $c i32) (local $n i32) (local $i i32)
    (local.set $area (i32.const {FIRST}))
    {start}))
"""
