;; The smallest guest: writes one line to standard output through WASI preview 1.
;;   bls run examples/hello.wat
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param $fd i32) (param $iovs i32) (param $count i32) (param $written i32)
      (result i32)))
  (memory (export "memory") 1)

  ;; One vector of bytes at address 0 (where they are, how many there are), the bytes behind it.
  (data (i32.const 0) "\10\00\00\00" "\12\00\00\00")
  (data (i32.const 16) "Hello from Bless!\n")

  (func (export "_start")
    (drop
      (call $fd_write
        (i32.const 1)      ;; standard output
        (i32.const 0)      ;; the vector
        (i32.const 1)      ;; one of them
        (i32.const 8)))))  ;; where the number of bytes written goes
