;; Corners of the text format that the public suite leaves out.

;; Identifiers: quoted and plain spell the same name, in every space.
(module
  (type $"t 1" (func (result i32)))
  (func $"f\u{20}1" (type $"t 1") (i32.const 1))
  (global $"g" i32 (i32.const 2))
  (func (export "call") (result i32) (call $"f 1"))
  (func (export "get") (result i32) (global.get $g))
)
(assert_return (invoke "call") (i32.const 1))
(assert_return (invoke "get") (i32.const 2))

;; Labels: shadowing, numeric use of shadowed ones, repeated at the end.
(module
  (func (export "shadow") (param i32) (result i32)
    block $l (result i32)
      block $l
        local.get 0
        br_if $l
        i32.const 10
        br 1
      end $l
      i32.const 20
    end $l)
  (func (export "loop") (result i32) (local $i i32)
    (loop $l
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $l (i32.lt_u (local.get $i) (i32.const 9))))
    (local.get $i))
)
(assert_return (invoke "shadow" (i32.const 0)) (i32.const 10))
(assert_return (invoke "shadow" (i32.const 1)) (i32.const 20))
(assert_return (invoke "loop") (i32.const 9))

;; A folded if whose condition stands in front of it, and one with folded and flat arms.
(module
  (func (export "if") (param i32) (result i32)
    local.get 0
    (if (result i32) (then i32.const 1) (else (i32.const 2))))
)
(assert_return (invoke "if" (i32.const 5)) (i32.const 1))
(assert_return (invoke "if" (i32.const 0)) (i32.const 2))

;; Numbers rounded once, at the width asked for.
(module
  (func (export "f32") (result f32) (f32.const 1.00000005960464477539062500000000001))
  (func (export "f32d") (result f32) (f32.const 0x1.0966bbp-127))
  (func (export "f64") (result f64) (f64.const 9007199254740993.00000000000000000000000000001))
  (func (export "least") (result f64) (f64.const 2.4703282292062328e-324))
)
(assert_return (invoke "f32") (f32.const 0x1.000002p+0))
(assert_return (invoke "f32d") (f32.const 0x0.84b35ep-126))
(assert_return (invoke "f64") (f64.const 0x1.0000000000001p+53))
(assert_return (invoke "least") (f64.const 0x1p-1074))
(assert_malformed (module quote "(func (f32.const 0x1.ffffffp127) drop)") "constant out of range")
(assert_malformed (module quote "(func (f64.const 1.797693134862315808e308) drop)") "constant out of range")

;; Inline segments count in their index spaces.
(module
  (memory (data "ab"))
  (memory (data "cd"))
  (data $last "ef")
  (func (export "init") (result i32)
    (memory.init 0 $last (i32.const 0) (i32.const 0) (i32.const 2))
    (i32.load16_u (i32.const 0)))
  (func (export "second") (result i32) (i32.load16_u 1 (i32.const 0)))
)
(assert_return (invoke "init") (i32.const 0x6665))
(assert_return (invoke "second") (i32.const 0x6463))

;; Tables: initial value, segments into the second table, growing with functions.
(module
  (type $r (func (result i32)))
  (table $a 2 10 funcref)
  (table $b 4 10 funcref (ref.func $one))
  (elem (table $b) (i32.const 1) func $two $one)
  (elem declare func $two)
  (func $one (result i32) (i32.const 1))
  (func $two (result i32) (i32.const 2))
  (func (export "b") (param i32) (result i32) (call_indirect $b (type $r) (local.get 0)))
  (func (export "a") (param i32) (result i32) (call_indirect (type $r) (local.get 0)))
  (func (export "grow") (result i32) (table.grow $a (ref.func $two) (i32.const 3)))
)
(assert_return (invoke "b" (i32.const 0)) (i32.const 1))
(assert_return (invoke "b" (i32.const 1)) (i32.const 2))
(assert_return (invoke "b" (i32.const 3)) (i32.const 1))
(assert_trap (invoke "b" (i32.const 4)) "undefined element")
(assert_trap (invoke "a" (i32.const 0)) "uninitialized element")
(assert_return (invoke "grow") (i32.const 2))
(assert_return (invoke "a" (i32.const 4)) (i32.const 2))

;; A segment that does not fit writes nothing; what earlier ones wrote stays.
(module $M (memory (export "m") 1) (func (export "at") (param i32) (result i32) (i32.load8_u (local.get 0))))
(register "M" $M)
(assert_trap
  (module (import "M" "m" (memory 1))
    (data (i32.const 0) "x") (data (i32.const 65535) "yz") (data (i32.const 1) "w"))
  "out of bounds memory access")
(assert_return (invoke $M "at" (i32.const 0)) (i32.const 0x78))
(assert_return (invoke $M "at" (i32.const 65535)) (i32.const 0))
(assert_return (invoke $M "at" (i32.const 1)) (i32.const 0))

;; Tail calls across instances keep the stack constant.
(module $even
  (table (export "t") 1 funcref)
  (type $f (func (param i32) (result i32)))
  (func (export "even") (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (i32.const 1))))
    (return_call_indirect (type $f) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0)))
)
(register "even" $even)
(module
  (import "even" "even" (func $even (param i32) (result i32)))
  (import "even" "t" (table 1 funcref))
  (elem (i32.const 0) $odd)
  (func $odd (export "odd") (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
    (return_call $even (i32.sub (local.get 0) (i32.const 1))))
)
(assert_return (invoke "odd" (i32.const 1000001)) (i32.const 1))
(assert_return (invoke $even "even" (i32.const 999999)) (i32.const 0))

;; Annotations: unknown ones anywhere, known ones in their places only.
(module quote "(func (@x \"\\00\" (y) ,;[]{}) (export \"f\") (@@ z))")
(assert_malformed_custom (module quote "(func (nop) (@name \"x\"))") "misplaced @name annotation")
(assert_malformed_custom (module quote "(func (nop)) (start (@custom \"x\") 0)") "misplaced @custom annotation")

;; Refused spellings.
(assert_malformed (module quote "(func (param $x i32 i32))") "unexpected token")
(assert_malformed (module quote "(func (result i32) (param i32))") "unexpected token")
(assert_malformed (module quote "(func (local i32) (param i32))") "unexpected token")
(assert_malformed (module quote "(func (i32.add local.get 0 local.get 0))") "unexpected token")
(assert_malformed (module quote "(func (if (i32.const 0)))") "unexpected token")
(assert_malformed (module quote "(func if)") "unexpected token")
(assert_malformed (module quote "(func end)") "unexpected token")
(assert_malformed (module quote "(func (then))") "unexpected token")
(assert_malformed (module quote "(table 1 2 3 funcref)") "unexpected token")
(assert_malformed (module quote "(func i32.load align=4 offset=0)") "unexpected token")
(assert_malformed (module quote "(func i32.load offset= 4)") "unknown operator")
(assert_malformed (module quote "(type (sub (sub (func))))") "unexpected token")
(assert_malformed (module quote "(func (br_table))") "unexpected token")
