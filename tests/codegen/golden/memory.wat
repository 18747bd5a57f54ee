;; Accesses of three widths, an offset, an address from a sum.
(module
  (memory 1)
  (func $copy (param $to i32) (param $from i32)
    (i32.store (local.get $to) (i32.load offset=16 (local.get $from))))
  (func $bytes (param $at i32) (param $i i32) (result i64)
    (i64.add (i64.load8_s (i32.add (local.get $at) (local.get $i)))
             (i64.load16_u offset=2 (local.get $at)))))
