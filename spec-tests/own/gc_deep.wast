;; Deep and wide object graphs that stay alive over many collections, from every kind of root.

(module
  (type $bytes (array (mut i8)))
  (rec
    (type $node (struct (field $value (mut i64)) (field $next (mut (ref null $node)))
                        (field $bytes (mut (ref null $bytes))))))
  (type $nodes (array (mut (ref null $node))))
  (type $make (func (param i64) (result (ref $node))))
  (table $kept 4 (ref null $node))
  (global $root (mut (ref null $node)) (ref.null $node))
  (elem declare func $new)
  (tag $carry (param i64 (ref null $node)))

  (func $new (type $make)
    (struct.new $node (local.get 0) (ref.null $node)
      (array.new $bytes (i32.wrap_i64 (local.get 0)) (i32.const 3))))

  ;; The caller's operands are roots while the callee allocates.
  (func $build (param $n i32) (result (ref null $node))
    (local $node (ref $node))
    (if (result (ref null $node)) (i32.eqz (local.get $n))
      (then (ref.null $node))
      (else
        (local.set $node
          (call_ref $make (i64.extend_i32_u (local.get $n)) (ref.func $new)))
        (struct.set $node $next (local.get $node)
          (call $build (i32.sub (local.get $n) (i32.const 1))))
        (local.get $node))))

  (func $sum (param $node (ref null $node)) (result i64)
    (local $sum i64)
    (block $done
      (loop $more
        (local.set $sum
          (i64.add (local.get $sum)
            (i64.add
              (struct.get $node $value (br_on_null $done (local.get $node)))
              (i64.extend_i32_u
                (array.get_u $bytes (struct.get $node $bytes (local.get $node)) (i32.const 2))))))
        (local.set $node (struct.get $node $next (local.get $node)))
        (br $more)))
    (local.get $sum))

  (func (export "list") (param $n i32) (result i64)
    (global.set $root (call $build (local.get $n)))
    (table.set $kept (i32.const 3) (call $build (local.get $n)))
    (drop (call $build (local.get $n)))
    (i64.sub (call $sum (global.get $root)) (call $sum (table.get $kept (i32.const 3)))))

  (func (export "sum") (param $n i32) (result i64)
    (call $sum (call $build (local.get $n))))

  ;; Payloads of exceptions are roots while handlers are looked for and run.
  (func $throw (param $n i32)
    (if (local.get $n)
      (then (call $throw (i32.sub (local.get $n) (i32.const 1))))
      (else (throw $carry (i64.const 5) (call $build (i32.const 3))))))
  (func (export "carried") (param $n i32) (result i64)
    (local $ref exnref)
    (block $again (result i64 (ref null $node))
      (try_table (result i64 (ref null $node)) (catch $carry $again)
        (block $h (result i64 (ref null $node) exnref)
          (try_table (catch_ref $carry $h) (call $throw (local.get $n)))
          (unreachable))
        (local.set $ref)
        (drop) (drop)
        (drop (call $build (i32.const 20)))
        (throw_ref (local.get $ref))))
    (call $sum)
    (i64.add))

  ;; Rings and shared parts: identity is kept.
  (func (export "ring") (param $n i32) (result i32)
    (local $all (ref $nodes)) (local $i i32)
    (local.set $all (array.new_default $nodes (local.get $n)))
    (loop $fill
      (array.set $nodes (local.get $all) (local.get $i) (call $new (i64.extend_i32_u (local.get $i))))
      (br_if $fill (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (local.set $i (i32.const 0))
    (loop $link
      (struct.set $node $next (array.get $nodes (local.get $all) (local.get $i))
        (array.get $nodes (local.get $all)
          (i32.rem_u (i32.add (local.get $i) (i32.const 1)) (local.get $n))))
      (drop (call $new (i64.const 1)))
      (br_if $link (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (ref.eq
      (array.get $nodes (local.get $all) (i32.const 0))
      (struct.get $node $next
        (array.get $nodes (local.get $all) (i32.sub (local.get $n) (i32.const 1))))))
)

(assert_return (invoke "list" (i32.const 200)) (i64.const 0))
(assert_return (invoke "sum" (i32.const 200)) (i64.const 40200))
(assert_return (invoke "carried" (i32.const 10)) (i64.const 17))
(assert_return (invoke "ring" (i32.const 100)) (i32.const 1))
