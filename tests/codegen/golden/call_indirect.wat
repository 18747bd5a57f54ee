;; Index, type and null are checked.
(module
  (type $unary (func (param i32) (result i32)))
  (table 4 funcref)
  (func $apply (param $f i32) (param $x i32) (result i32)
    (call_indirect (type $unary) (local.get $x) (local.get $f))))
