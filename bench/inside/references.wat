;; Work beyond WebAssembly 2.0: calls through typed references, exceptions, objects. See core.wat.
(module
  (type $unary (func (param i32) (result i32)))
  (type $pair (struct (field i32) (field (ref null $pair))))
  (tag $thrown (param i32))
  (func $leaf (type $unary) (i32.add (local.get 0) (i32.const 1)))
  (elem declare func $leaf)
  (func $throw (param i32) (throw $thrown (local.get 0)))

  (func (export "callref") (type $unary) (local $value i32) (local $target (ref null $unary))
    (local.set $target (ref.func $leaf))
    (loop $again
      (local.set $value (call_ref $unary (local.get $value) (local.get $target)))
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get $value))
  (func (export "exceptions") (type $unary) (local $value i32)
    (loop $again
      (block $caught (result i32)
        (try_table (catch $thrown $caught) (call $throw (local.get 0)))
        (i32.const 0))
      (local.set $value (i32.xor (local.get $value)))
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get $value))
  ;; Lists of at most 64 objects: nearly all die young.
  (func (export "objects") (type $unary) (local $value i32) (local $list (ref null $pair))
    (loop $again
      (local.set $list (struct.new $pair (local.get 0) (local.get $list)))
      (if (i32.eqz (i32.and (local.get 0) (i32.const 63)))
        (then (local.set $value (i32.add (local.get $value) (struct.get $pair 0 (local.get $list))))
              (local.set $list (ref.null $pair))))
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get $value)))
