;; Arithmetic, a comparison with NaN, minimum, conversions, constants out of line.
(module
  (func $axpy (param $a f64) (param $x f64) (param $y f64) (result f64)
    (f64.add (f64.mul (local.get $a) (local.get $x)) (local.get $y)))
  (func $less (param $x f32) (param $y f32) (result i32)
    (f32.lt (local.get $x) (local.get $y)))
  (func $least (param $x f64) (param $y f64) (result f64) (f64.min (local.get $x) (local.get $y)))
  (func $truncate (param $x f64) (result i32) (i32.trunc_f64_s (local.get $x)))
  (func $scale (param $x f64) (result f64) (f64.mul (local.get $x) (f64.const 0.1))))
