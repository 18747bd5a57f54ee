;; A table of code, and the short form by comparing.
(module
  (func $many (param $x i32) (result i32)
    (block $a (block $b (block $c (block $d (block $e (block $f
      (br_table $a $b $c $d $e $f (local.get $x)))
      (return (i32.const 15))) (return (i32.const 14))) (return (i32.const 13)))
      (return (i32.const 12))) (return (i32.const 11)))
    (i32.const 10))
  (func $few (param $x i32) (result i32)
    (block $a (block $b (br_table $a $b (local.get $x))) (return (i32.const 1)))
    (i32.const 0)))
