;; A comparison waits for its branch; both arms of an if; a select.
(module
  (func $max (param $x i32) (param $y i32) (result i32)
    (if (result i32) (i32.gt_s (local.get $x) (local.get $y))
      (then (local.get $x)) (else (local.get $y))))
  (func $clamp (param $x i64) (result i64)
    (select (i64.const 7) (local.get $x) (i64.gt_u (local.get $x) (i64.const 7))))
  (func $early (param $x i32) (result i32)
    (block $out (br_if $out (i32.eqz (local.get $x))) (return (i32.const 1)))
    (i32.const 2)))
