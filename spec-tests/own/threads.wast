;; Threads of scripts: a shared memory, waiting and waking, counting together.

(module $mem (memory (export "m") 1 1 shared))
(register "mem" $mem)
(module $main
  (memory (import "mem" "m") 1 1 shared)
  (func (export "wait") (param i32 i64) (result i32)
    (memory.atomic.wait32 (i32.const 0) (local.get 0) (local.get 1)))
  (func (export "load") (param i32) (result i32) (i32.atomic.load (local.get 0)))
  (func (export "until") (param i32 i32)
    (loop $l (br_if $l (i32.ne (i32.atomic.load (local.get 0)) (local.get 1)))))
  (func (export "add") (param i32)
    (loop $l
      (drop (i32.atomic.rmw.add (i32.const 8) (i32.const 1)))
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
)

(thread $T1 (shared (module $mem))
  (register "mem" $mem)
  (module
    (memory (import "mem" "m") 1 1 shared)
    (func (export "wake") (result i32)
      (local $woken i32)
      (loop $l
        (br_if $l (i32.eqz (local.tee $woken
          (memory.atomic.notify (i32.const 0) (i32.const 1))))))
      (local.get $woken))
    (func (export "add") (param i32)
      (loop $l
        (drop (i32.atomic.rmw.add (i32.const 8) (i32.const 1)))
        (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))
  (assert_return (invoke "wake") (i32.const 1))
  (invoke "add" (i32.const 20000))
)
(assert_return (invoke $main "wait" (i32.const 0) (i64.const -1)) (i32.const 0))
(invoke $main "add" (i32.const 20000))
(wait $T1)
(assert_return (invoke $main "load" (i32.const 8)) (i32.const 40000))

;; Not equal, and timed out.
(assert_return (invoke $main "wait" (i32.const 1) (i64.const -1)) (i32.const 1))
(assert_return (invoke $main "wait" (i32.const 0) (i64.const 1000)) (i32.const 2))

;; Threads within threads.
(thread $outer (shared (module $mem))
  (register "mem" $mem)
  (module $same (memory (export "m") (import "mem" "m") 1 1 shared))
  (thread $inner (shared (module $same))
    (register "mem" $same)
    (module (memory (import "mem" "m") 1 1 shared)
      (func (export "set") (i32.atomic.store (i32.const 16) (i32.const 7))))
    (invoke "set"))
  (wait $inner)
)
(wait $outer)
(invoke $main "until" (i32.const 16) (i32.const 7))
