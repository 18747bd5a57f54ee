;; The entry module: calls the library it is linked with, then leaves with what that returned.
(module
  (import "greet" "greet" (func $greet (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (func (export "run")
    (call $proc_exit (call $greet))))
