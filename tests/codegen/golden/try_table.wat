;; Landings of two handlers, a throw.
(module
  (tag $e (param i32))
  (func $throws (param $x i32) (throw $e (local.get $x)))
  (func $catches (param $x i32) (result i32)
    (block $caught (result i32)
      (block $any
        (try_table (catch $e $caught) (catch_all $any) (call $throws (local.get $x)))
        (return (i32.const 1)))
      (i32.const 2))))
