;; Own functions, an import, more results than one, a tail call.
(module
  (import "env" "log" (func $log (param i32)))
  (func $fib (param $n i32) (result i32)
    (if (i32.lt_u (local.get $n) (i32.const 2)) (then (return (local.get $n))))
    (i32.add (call $fib (i32.sub (local.get $n) (i32.const 1)))
             (call $fib (i32.sub (local.get $n) (i32.const 2)))))
  (func $pair (param $x i32) (result i32 i64)
    (call $log (local.get $x))
    (local.get $x) (i64.extend_i32_u (local.get $x)))
  (func $tail (param $x i32) (result i32)
    (return_call $fib (i32.add (local.get $x) (i32.const 1)))))
