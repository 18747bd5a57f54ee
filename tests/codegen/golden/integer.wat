;; Arithmetic, immediates, shifts, a division with its traps.
(module
  (func $poly (param $x i32) (param $y i32) (result i32)
    (i32.add (i32.mul (local.get $x) (i32.const 5)) (i32.sub (local.get $y) (i32.const 100))))
  (func $mix (param $x i64) (param $n i64) (result i64)
    (i64.xor (i64.rotl (local.get $x) (local.get $n)) (i64.shr_u (local.get $x) (i64.const 33))))
  (func $divide (param $x i32) (param $y i32) (result i32)
    (i32.div_s (local.get $x) (local.get $y))))
