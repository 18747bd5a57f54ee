;; A library: it imports WASI itself, sets itself up in _initialize and exports one function.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "Hello from the library!\n")
  (global $ready (mut i32) (i32.const 0))

  (func (export "_initialize")
    (i32.store (i32.const 0) (i32.const 64))
    (i32.store (i32.const 4) (i32.const 24))
    (global.set $ready (i32.const 1)))

  ;; Writes the greeting to descriptor 1, once its vector is set up; returns the errno.
  (func (export "greet") (result i32)
    (if (i32.eqz (global.get $ready)) (then (unreachable)))
    (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
