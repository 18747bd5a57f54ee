;; Metered: a charge and a check at entry and at the loop's header, and for a bulk instruction.
(module
  (memory 1)
  (func $count (param $n i32) (result i32) (local $i i32)
    (loop $again
      (if (i32.and (local.get $n) (i32.const 1)) (then (local.set $i (i32.add (local.get $i) (i32.const 1)))))
      (br_if $again (local.tee $n (i32.shr_u (local.get $n) (i32.const 1)))))
    (local.get $i))
  (func $fill (param $n i32)
    (memory.fill (i32.const 0) (i32.const 1) (local.get $n))))
