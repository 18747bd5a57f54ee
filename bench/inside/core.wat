;; Work for measurements inside one process (bench/peers/hosts/host_main.c). Every export is i32 -> i32; the loops do their
;; operation as often as the argument says. Only what WebAssembly 2.0 has is used here.
(module
  (type $unary (func (param i32) (result i32)))
  (import "env" "step" (func $step (type $unary)))
  (memory (export "memory") 4)
  (table 4 funcref)
  (elem (i32.const 0) $leaf $leaf2 $leaf $leaf2)
  (data (i32.const 65536) "pinned")

  (func $leaf (export "leaf") (type $unary) (i32.add (local.get 0) (i32.const 1)))
  (func $leaf2 (type $unary) (i32.add (local.get 0) (i32.const 3)))

  (func (export "direct") (type $unary) (local $value i32)
    (loop $again
      (local.set $value (call $leaf (local.get $value)))
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get $value))
  (func (export "indirect") (type $unary) (local $value i32)
    (loop $again
      (local.set $value (call_indirect (type $unary) (local.get $value) (i32.and (local.get 0) (i32.const 3))))
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get $value))
  (func (export "host") (type $unary) (local $value i32)
    (loop $again
      (local.set $value (call $step (local.get $value)))
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get $value))

  (func (export "stop") (type $unary) unreachable)
  (func (export "outside") (type $unary) (i32.load (i32.const -8)))

  ;; Grows by a page each time; the answer is how often that succeeded.
  (func (export "grow") (type $unary) (local $value i32)
    (loop $again
      (local.set $value (i32.add (local.get $value) (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get $value))
  (func (export "copy16") (type $unary)
    (loop $again
      (memory.copy (i32.const 1024) (i32.const 65536) (i32.const 16))
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (i32.load8_u (i32.const 1024)))
  (func (export "copy4k") (type $unary)
    (loop $again
      (memory.copy (i32.const 1024) (i32.const 65536) (i32.const 4096))
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (i32.load8_u (i32.const 1024)))
  (func (export "fill4k") (type $unary)
    (loop $again
      (memory.fill (i32.const 131072) (local.get 0) (i32.const 4096))
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (i32.load8_u (i32.const 131072)))
  ;; Work that needs nothing but the processor, for threads: a xorshift generator.
  (func (export "spin") (type $unary) (local $value i32)
    (local.set $value (i32.const 2463534242))
    (loop $again
      (local.set $value (i32.xor (local.get $value) (i32.shl (local.get $value) (i32.const 13))))
      (local.set $value (i32.xor (local.get $value) (i32.shr_u (local.get $value) (i32.const 17))))
      (local.set $value (i32.xor (local.get $value) (i32.shl (local.get $value) (i32.const 5))))
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get $value)))
