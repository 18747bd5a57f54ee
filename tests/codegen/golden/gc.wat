;; An allocation in place with its way out, fields, an array's bounds, a cast.
(module
  (type $point (sub (struct (field $x (mut i32)) (field $y (mut i64)))))
  (type $place (sub $point (struct (field (mut i32)) (field (mut i64)) (field f32))))
  (type $list (array (mut i32)))
  (func $make (param $x i32) (result (ref $point))
    (struct.new $point (local.get $x) (i64.const 3)))
  (func $sum (param $p (ref null $point)) (result i64)
    (i64.add (struct.get $point $y (local.get $p))
             (i64.extend_i32_s (struct.get $point $x (local.get $p)))))
  (func $at (param $l (ref $list)) (param $i i32) (result i32)
    (array.get $list (local.get $l) (local.get $i)))
  (func $cast (param $p (ref null $point)) (result (ref $place))
    (ref.cast (ref $place) (local.get $p))))
