;; Lanes, a shuffle, a constant out of line, a load and a store of a vector.
(module
  (memory 1)
  (func $blend (param $at i32) (param $v v128)
    (v128.store (local.get $at)
      (i8x16.shuffle 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 23
        (v128.load (local.get $at))
        (i16x8.add (local.get $v) (v128.const i16x8 1 2 3 4 5 6 7 8)))))
  (func $lane (param $v v128) (result i32) (i32x4.extract_lane 2 (local.get $v))))
