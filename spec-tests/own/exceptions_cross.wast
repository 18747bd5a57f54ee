;; Exceptions across instances: identity of tags, handlers of a frame that a tail call has left, the
;; memory and globals of the catching instance, references in payloads.

(module $A
  (tag $t (export "t") (param i32 externref))
  (global $thrown (export "thrown") (mut i32) (i32.const 0))
  (memory 1)
  (func (export "throw") (param i32 externref)
    (global.set $thrown (i32.add (global.get $thrown) (i32.const 1)))
    (i32.store (i32.const 0) (i32.const 111))
    (throw $t (local.get 0) (local.get 1)))
)
(register "A")

(module $B
  (type $f (func (param i32 externref)))
  (import "A" "t" (tag $t (param i32 externref)))
  (import "A" "throw" (func $throw (type $f)))
  (tag $other (param i32 externref))
  (memory 1)
  (data (i32.const 0) "\07")
  (table funcref (elem $throw $tail))

  ;; The tag of the same type is another tag.
  (func (export "payload") (param i32 externref) (result i32 externref)
    (block $wrong (result i32 externref)
      (block $right (result i32 externref)
        (try_table (result i32 externref) (catch $other $wrong) (catch $t $right)
          (call $throw (local.get 0) (local.get 1))
          (unreachable)))
      (return))
    (drop) (drop) (i32.const -1) (ref.null extern))

  ;; After the catch this instance's memory is used again.
  (func (export "memory") (result i32)
    (block $h (result i32 externref)
      (try_table (result i32 externref) (catch $t $h)
        (call_indirect (type $f) (i32.const 1) (ref.null extern) (i32.const 0))
        (unreachable)))
    (drop)
    (i32.add (i32.load8_u (i32.const 0))))

  ;; A tail call out of the handler's reach.
  (func $tail (type $f)
    (block $h
      (try_table (catch_all $h)
        (return_call $throw (local.get 0) (local.get 1))))
  )
  (func (export "tail") (param i32) (result i32)
    (block $h (result i32 externref)
      (try_table (result i32 externref) (catch $t $h)
        (call $tail (local.get 0) (ref.null extern))
        (i32.const -2) (ref.null extern)))
    (drop))

  ;; Caught by reference, kept, thrown again from another frame.
  (global $kept (mut exnref) (ref.null exn))
  (func $again (throw_ref (global.get $kept)))
  (func (export "keep") (param i32) (result i32)
    (block $h (result exnref)
      (try_table (catch_all_ref $h)
        (call $throw (local.get 0) (ref.null extern)))
      (unreachable))
    (global.set $kept)
    (block $g (result i32 externref)
      (try_table (catch $t $g) (call $again))
      (unreachable))
    (drop))
  (func (export "again") (call $again))
)

(assert_return (invoke "payload" (i32.const 5) (ref.extern 9)) (i32.const 5) (ref.extern 9))
(assert_return (invoke "memory") (i32.const 8))
(assert_return (invoke "tail" (i32.const 42)) (i32.const 42))
(assert_return (invoke "keep" (i32.const 17)) (i32.const 17))
(assert_exception (invoke "again"))
(assert_return (get $A "thrown") (i32.const 4))

;; The two designs catch each other's exceptions when the tag is the same.
(module $L
  (import "A" "t" (tag $t (param i32 externref)))
  (import "A" "throw" (func $throw (param i32 externref)))
  (func (export "legacy") (param i32) (result i32)
    try (result i32 externref)
      try
        local.get 0
        ref.null extern
        call $throw
      catch_all
        rethrow 0
      end
      i32.const -1
      ref.null extern
    catch $t
    end
    drop)
  (func (export "delegated") (param i32) (result i32)
    try (result i32 externref)
      try (result i32 externref)
        try
          local.get 0
          ref.null extern
          call $throw
        delegate 1
        i32.const -1
        ref.null extern
      catch_all
        i32.const -2
        ref.null extern
      end
    catch $t
    end
    drop)
)
(assert_return (invoke "legacy" (i32.const 3)) (i32.const 3))
(assert_return (invoke "delegated" (i32.const 4)) (i32.const 4))
