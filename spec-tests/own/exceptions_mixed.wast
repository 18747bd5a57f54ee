;; Both exception designs at work in one call stack, in modules of their own: each catches, passes on and rethrows what the
;; other threw, through frames that delegate, tail call or only clean up.

(module $T
  (tag $a (export "a") (param i32))
  (tag $b (export "b") (param i64 f64))
  (tag $none (export "none"))
  (global $log (export "log") (mut i64) (i64.const 0))
  ;; Digits of a decimal number: who ran, in order.
  (func (export "note") (param i32)
    (global.set $log (i64.add (i64.mul (global.get $log) (i64.const 10)) (i64.extend_i32_u (local.get 0)))))
  (func (export "take_log") (result i64) (global.get $log) (global.set $log (i64.const 0)))
  (func (export "throw_a") (param i32) (throw $a (local.get 0)))
  (func (export "throw_b") (param i32)
    (throw $b (i64.extend_i32_s (local.get 0)) (f64.convert_i32_s (local.get 0))))
  (func (export "throw_none") (param i32) (throw $none))
  (func (export "trap") (param i32) (unreachable))
  (func $overflow (export "overflow") (param i32) (call $overflow (local.get 0)) (drop (i32.const 0))))
(register "T")

;; Functions of one type in a table, so that both sides can call each other: 0 throw_a, 1 throw_b, 2 throw_none, 3 trap,
;; 4 and 5 old design, 6 and 7 new design, 8 stack exhaustion.
(module $Table
  (import "T" "throw_a" (func $0 (param i32)))
  (import "T" "throw_b" (func $1 (param i32)))
  (import "T" "throw_none" (func $2 (param i32)))
  (import "T" "trap" (func $3 (param i32)))
  (import "T" "overflow" (func $8 (param i32)))
  (table (export "t") 9 funcref)
  (elem (i32.const 0) $0 $1 $2 $3)
  (elem (i32.const 8) $8))
(register "Table")

(module $Old
  (type $f (func (param i32)))
  (import "Table" "t" (table 9 funcref))
  (import "T" "note" (func $note (param i32)))
  (import "T" "a" (tag $a (param i32)))
  (import "T" "b" (tag $b (param i64 f64)))
  (import "T" "none" (tag $none))
  ;; Argument: digits, the last one is the function to call with the others.
  (func $next (param i32)
    (call_indirect (type $f) (i32.div_u (local.get 0) (i32.const 10)) (i32.rem_u (local.get 0) (i32.const 10))))
  ;; Cleans up and rethrows, whatever it is.
  (func $cleanup (type $f)
    try
      local.get 0
      call $next
    catch_all
      i32.const 4
      call $note
      rethrow 0
    end)
  ;; Catches only $a and throws it again with one more; delegates the rest to the caller.
  (func $bump (type $f)
    try
      try
        local.get 0
        call $next
      catch $a
        i32.const 5
        call $note
        i32.const 1
        i32.add
        throw $a
      end
    delegate 0)
  (elem (i32.const 4) $cleanup $bump)
  ;; What arrived: 1 + value for $a, 2 for $b and its number, 3 for $none, 4 anything else, 0 nothing.
  (func (export "outcome") (param i32) (result i32 i64)
    try (result i32 i64)
      local.get 0
      call $next
      i32.const 0
      i64.const 0
    catch $a
      i64.extend_i32_s
      i32.const 1
      call $swap
    catch $b
      drop
      i32.const 2
      call $swap
    catch $none
      i32.const 3
      i64.const 0
    catch_all
      i32.const 4
      i64.const 0
    end)
  (func $swap (param i64 i32) (result i32 i64) (local.get 1) (local.get 0))
  ;; rethrow of an outer catch from inside an inner one.
  (func (export "outer") (param i32) (result i32)
    try (result i32)
      try
        local.get 0
        call $next
      catch_all
        try
          i32.const 77
          throw $a
        catch $a
          drop
          rethrow 1
        end
      end
      i32.const -1
    catch $none
      i32.const 30
    catch $a
    end))

(module $New
  (type $f (func (param i32)))
  (import "Table" "t" (table 9 funcref))
  (import "T" "note" (func $note (param i32)))
  (import "T" "a" (tag $a (param i32)))
  (import "T" "b" (tag $b (param i64 f64)))
  (import "T" "none" (tag $none))
  (func $next (param i32)
    (call_indirect (type $f) (i32.div_u (local.get 0) (i32.const 10)) (i32.rem_u (local.get 0) (i32.const 10))))
  (func $cleanup (type $f)
    (block $h (result exnref)
      (try_table (catch_all_ref $h) (call $next (local.get 0)))
      (return))
    (call $note (i32.const 6))
    (throw_ref))
  ;; A tail call inside the try_table leaves its handlers.
  (func $leaves (type $f)
    (block $h
      (try_table (catch_all $h)
        (call $note (i32.const 7))
        (return_call_indirect (type $f)
          (i32.div_u (local.get 0) (i32.const 10)) (i32.rem_u (local.get 0) (i32.const 10)))))
    (unreachable))
  (elem (i32.const 6) $cleanup $leaves)
  (func (export "outcome") (param i32) (result i32 i64)
    (block $ha (result i32)
      (block $hb (result i64 f64)
        (block $hn
          (block $hall
            (try_table (catch $a $ha) (catch $b $hb) (catch $none $hn) (catch_all $hall) (call $next (local.get 0)))
            (return (i32.const 0) (i64.const 0)))
          (return (i32.const 4) (i64.const 0)))
        (return (i32.const 3) (i64.const 0)))
      (drop)
      (return (call $swap (i32.const 2))))
    (return (call $swap (i64.extend_i32_s) (i32.const 1))))
  (func $swap (param i64 i32) (result i32 i64) (local.get 1) (local.get 0))
  ;; A reference kept from one call is thrown in a later one, and is still the same exception.
  (global $kept (mut exnref) (ref.null exn))
  (func (export "keep") (param i32)
    (block $h (result exnref)
      (try_table (catch_all_ref $h) (call $next (local.get 0)))
      (return))
    (global.set $kept))
  (func $again (type $f) (throw_ref (global.get $kept)))
  (func (export "put_again") (table.set (i32.const 3) (ref.func $again)))
  (elem declare func $again))

;; Straight from the thrower.
(assert_return (invoke $Old "outcome" (i32.const 120)) (i32.const 1) (i64.const 12))
(assert_return (invoke $New "outcome" (i32.const 120)) (i32.const 1) (i64.const 12))
(assert_return (invoke $Old "outcome" (i32.const 131)) (i32.const 2) (i64.const 13))
(assert_return (invoke $New "outcome" (i32.const 131)) (i32.const 2) (i64.const 13))
(assert_return (invoke $Old "outcome" (i32.const 2)) (i32.const 3) (i64.const 0))
(assert_return (invoke $New "outcome" (i32.const 2)) (i32.const 3) (i64.const 0))
;; Through one cleanup of either design, and through both in either order.
(assert_return (invoke $Old "outcome" (i32.const 906)) (i32.const 1) (i64.const 9))
(assert_return (invoke $T "take_log") (i64.const 6))
(assert_return (invoke $New "outcome" (i32.const 904)) (i32.const 1) (i64.const 9))
(assert_return (invoke $T "take_log") (i64.const 4))
(assert_return (invoke $New "outcome" (i32.const 9146)) (i32.const 2) (i64.const 9))
(assert_return (invoke $T "take_log") (i64.const 46))
(assert_return (invoke $Old "outcome" (i32.const 9164)) (i32.const 2) (i64.const 9))
(assert_return (invoke $T "take_log") (i64.const 64))
;; Caught and thrown anew by the old design, below and above the new one.
(assert_return (invoke $New "outcome" (i32.const 9056)) (i32.const 1) (i64.const 10))
(assert_return (invoke $T "take_log") (i64.const 56))
(assert_return (invoke $New "outcome" (i32.const 90565)) (i32.const 1) (i64.const 11))
(assert_return (invoke $T "take_log") (i64.const 565))
;; $bump delegates what is not $a to its caller.
(assert_return (invoke $New "outcome" (i32.const 9156)) (i32.const 2) (i64.const 9))
(assert_return (invoke $T "take_log") (i64.const 6))
;; A tail call leaves handlers of the frame it replaces, not those of callers in the other design.
(assert_return (invoke $Old "outcome" (i32.const 9074)) (i32.const 1) (i64.const 9))
(assert_return (invoke $T "take_log") (i64.const 74))
(assert_return (invoke $New "outcome" (i32.const 904747)) (i32.const 1) (i64.const 9))
(assert_return (invoke $T "take_log") (i64.const 7744))
;; rethrow of the outer exception, whatever was caught in between.
(assert_return (invoke $Old "outer" (i32.const 26)) (i32.const 30))
(assert_return (invoke $Old "outer" (i32.const 906)) (i32.const 9))
(assert_return (invoke $T "take_log") (i64.const 66))
;; Neither catch_all nor catch_all_ref sees traps, and no cleanup runs.
(assert_trap (invoke $Old "outcome" (i32.const 364)) "unreachable")
(assert_trap (invoke $New "outcome" (i32.const 346)) "unreachable")
(assert_exhaustion (invoke $Old "outcome" (i32.const 86)) "call stack exhausted")
(assert_exhaustion (invoke $New "outcome" (i32.const 84)) "call stack exhausted")
(assert_return (invoke $T "take_log") (i64.const 0))
;; Uncaught, through both.
(invoke $New "keep" (i32.const 2104))
(assert_return (invoke $T "take_log") (i64.const 4))
(invoke $New "put_again")
(assert_return (invoke $Old "outcome" (i32.const 3)) (i32.const 1) (i64.const 21))
(assert_return (invoke $Old "outcome" (i32.const 356)) (i32.const 1) (i64.const 22))
(assert_return (invoke $New "outcome" (i32.const 36)) (i32.const 1) (i64.const 21))
(assert_return (invoke $T "take_log") (i64.const 566))

;; One module with both designs: no engine has to run it; ours refuses it.
(assert_invalid
  (module
    (tag $a)
    (func (block $h (try_table (catch $a $h))))
    (func try catch_all end))
  "")
