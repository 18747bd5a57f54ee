;; Instantiation that stops half way: what earlier segments wrote stays, functions put into shared tables stay callable with
;; their instance, later segments write nothing; and what dropped segments can still do.

(module $S
  (type $f (func (result i32)))
  (memory $m (export "m") 1)
  (memory $n (export "n") 1)
  (table $t (export "t") 10 funcref)
  (global (export "calls") (mut i32) (i32.const 0))
  (func (export "at") (param i32) (result i32) (i32.load8_u $m (local.get 0)))
  (func (export "nat") (param i32) (result i32) (i32.load8_u $n (local.get 0)))
  (func (export "call") (param i32) (result i32) (call_indirect $t (type $f) (local.get 0))))
(register "S")

;; The second data segment does not fit: the first one and all elements are there, the third is not.
(assert_trap
  (module
    (import "S" "m" (memory 1))
    (import "S" "t" (table 10 funcref))
    (global $g (mut i32) (i32.const 40))
    (func $count (result i32) (global.set $g (i32.add (global.get $g) (i32.const 1))) (global.get $g))
    (elem (i32.const 1) $count)
    (data (i32.const 0) "ab")
    (data (i32.const 65535) "cd")
    (data (i32.const 2) "ef"))
  "out of bounds memory access")
(assert_return (invoke $S "at" (i32.const 0)) (i32.const 97))
(assert_return (invoke $S "at" (i32.const 1)) (i32.const 98))
(assert_return (invoke $S "at" (i32.const 2)) (i32.const 0))
(assert_return (invoke $S "at" (i32.const 65535)) (i32.const 0))
(assert_return (invoke $S "call" (i32.const 1)) (i32.const 41))
(assert_return (invoke $S "call" (i32.const 1)) (i32.const 42))

;; Elements come before data: one that does not fit leaves the memory alone, but not the earlier elements.
(assert_trap
  (module
    (import "S" "m" (memory 1))
    (import "S" "t" (table 10 funcref))
    (func $seven (result i32) (i32.const 7))
    (func $eight (result i32) (i32.const 8))
    (elem (i32.const 2) $seven $eight)
    (elem (i32.const 9) $seven $eight)
    (elem (i32.const 4) $eight)
    (data (i32.const 4) "zz"))
  "out of bounds table access")
(assert_return (invoke $S "call" (i32.const 2)) (i32.const 7))
(assert_return (invoke $S "call" (i32.const 3)) (i32.const 8))
(assert_trap (invoke $S "call" (i32.const 4)) "uninitialized element")
(assert_trap (invoke $S "call" (i32.const 9)) "uninitialized element")
(assert_return (invoke $S "at" (i32.const 4)) (i32.const 0))

;; The start function traps: everything before it stays.
(assert_trap
  (module
    (import "S" "n" (memory $n 1))
    (import "S" "t" (table 10 funcref))
    (memory $own 1)
    (func $own_byte (result i32) (i32.load8_u $own (i32.const 3)))
    (elem (i32.const 5) $own_byte)
    (data (memory $n) (i32.const 9) "q")
    (data (memory $own) (i32.const 3) "r")
    (func $start (i32.store8 $n (i32.const 10) (i32.const 115)) (unreachable))
    (start $start))
  "unreachable")
(assert_return (invoke $S "nat" (i32.const 9)) (i32.const 113))
(assert_return (invoke $S "nat" (i32.const 10)) (i32.const 115))
(assert_return (invoke $S "call" (i32.const 5)) (i32.const 114))

;; A failed link writes nothing at all.
(assert_unlinkable
  (module
    (import "S" "m" (memory 1))
    (import "S" "missing" (func))
    (data (i32.const 0) "!!"))
  "unknown import")
(assert_return (invoke $S "at" (i32.const 0)) (i32.const 97))

;; Empty segments: exactly at the end is inside, one further is not; an empty one at a good place is no trap.
(module (import "S" "m" (memory 1)) (data (i32.const 65536) ""))
(module (import "S" "t" (table 10 funcref)) (elem (i32.const 10) func))
(assert_trap (module (import "S" "m" (memory 1)) (data (i32.const 65537) "")) "out of bounds memory access")
(assert_trap (module (import "S" "t" (table 10 funcref)) (elem (i32.const 11) func)) "out of bounds table access")

;; Bounds before the first write, for passive segments too; after a drop only nothing fits.
(module
  (memory 1)
  (table $t 4 funcref)
  (data $d "12345678")
  (data $active (i32.const 100) "act")
  (elem $e func $one $two $three)
  (elem $used (table $t) (i32.const 3) func $one)
  (func $one (result i32) (i32.const 1))
  (func $two (result i32) (i32.const 2))
  (func $three (result i32) (i32.const 3))
  (func (export "init") (param i32 i32 i32) (memory.init $d (local.get 0) (local.get 1) (local.get 2)))
  (func (export "init_active") (param i32) (memory.init $active (i32.const 0) (i32.const 0) (local.get 0)))
  (func (export "drop") (data.drop $d))
  (func (export "at") (param i32) (result i32) (i32.load8_u (local.get 0)))
  (func (export "tinit") (param i32 i32 i32) (table.init $t $e (local.get 0) (local.get 1) (local.get 2)))
  (func (export "tinit_used") (param i32) (table.init $t $used (i32.const 0) (i32.const 0) (local.get 0)))
  (func (export "tdrop") (elem.drop $e))
  (func (export "call") (param i32) (result i32) (call_indirect $t (result i32) (local.get 0))))
(assert_trap (invoke "init" (i32.const 65530) (i32.const 0) (i32.const 8)) "out of bounds memory access")
(assert_return (invoke "at" (i32.const 65530)) (i32.const 0))
(assert_trap (invoke "init" (i32.const 0) (i32.const 4) (i32.const 5)) "out of bounds memory access")
(assert_return (invoke "at" (i32.const 0)) (i32.const 0))
(assert_trap (invoke "init" (i32.const 0) (i32.const -1) (i32.const 2)) "out of bounds memory access")
(invoke "init" (i32.const 65532) (i32.const 4) (i32.const 4))
(assert_return (invoke "at" (i32.const 65535)) (i32.const 56))
(assert_return (invoke "at" (i32.const 102)) (i32.const 116))
(invoke "init_active" (i32.const 0))
(assert_trap (invoke "init_active" (i32.const 1)) "out of bounds memory access")
(invoke "drop")
(invoke "drop")
(invoke "init" (i32.const 65536) (i32.const 0) (i32.const 0))
(assert_trap (invoke "init" (i32.const 65537) (i32.const 0) (i32.const 0)) "out of bounds memory access")
(assert_trap (invoke "init" (i32.const 0) (i32.const 1) (i32.const 0)) "out of bounds memory access")
(assert_trap (invoke "tinit" (i32.const 2) (i32.const 0) (i32.const 3)) "out of bounds table access")
(assert_trap (invoke "call" (i32.const 2)) "uninitialized element")
(assert_return (invoke "call" (i32.const 3)) (i32.const 1))
(invoke "tinit" (i32.const 1) (i32.const 0) (i32.const 3))
(assert_return (invoke "call" (i32.const 3)) (i32.const 3))
(invoke "tinit_used" (i32.const 0))
(assert_trap (invoke "tinit_used" (i32.const 1)) "out of bounds table access")
(invoke "tdrop")
(invoke "tinit" (i32.const 4) (i32.const 0) (i32.const 0))
(assert_trap (invoke "tinit" (i32.const 0) (i32.const 0) (i32.const 1)) "out of bounds table access")

;; Segments of references made by expressions, evaluated once, in order, before anything is written.
(module
  (type $box (struct (field (mut i32))))
  (table $t 3 (ref null $box))
  (global $g (ref $box) (struct.new $box (i32.const 5)))
  (elem $e (table $t) (i32.const 0) (ref null $box) (global.get $g) (struct.new $box (i32.const 6)) (global.get $g))
  (elem $p (ref null $box) (struct.new $box (i32.const 7)))
  (func (export "same") (result i32)
    (struct.set $box 0 (table.get $t (i32.const 0)) (i32.const 50))
    (i32.add (ref.eq (table.get $t (i32.const 0)) (table.get $t (i32.const 2)))
      (struct.get $box 0 (table.get $t (i32.const 2)))))
  ;; Two inits from one passive segment give the same object.
  (func (export "passive") (result i32)
    (table.init $t $p (i32.const 0) (i32.const 0) (i32.const 1))
    (table.init $t $p (i32.const 1) (i32.const 0) (i32.const 1))
    (ref.eq (table.get $t (i32.const 0)) (table.get $t (i32.const 1)))))
(assert_return (invoke "same") (i32.const 51))
(assert_return (invoke "passive") (i32.const 1))
