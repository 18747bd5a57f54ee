"""Writes, in the text format, the hosts that a dart2wasm module imports from: strings and objects as GC values.

hosts(text) takes the module as `bls wat` prints it and returns {import module: text of a module with all those
exports}. Functions that HOST names do what the JavaScript beside the module does; all others return zero or null
(and trap where null is not a value of the result). A string is an array of UTF-16 units, like the module's own,
behind extern.convert_any; the imported globals of module "S" are strings that have their own names as content.
"""

import re

TYPE = re.compile(r'\(type \(;(\d+);\) (?:\(sub (?:final )?(?:\d+ )?)?\(func((?: \((?:param|result)[^\n]*)?)')
QUOTED = r'"((?:[^"\\]|\\.)*)"'
IMPORT = re.compile(rf'^  \(import {QUOTED} {QUOTED} \((\w+) \(;\d+;\) (.*)\)\)$', re.MULTILINE)

TYPES = """
  (type $str (array (mut i16)))
  (type $object (struct (field $success (mut externref)) (field $code (mut externref)) (field $error (mut externref))))
  (type $number (struct (field f64)))
  (type $list (array (mut externref)))
"""
PRELUDE = """
  (global $format (mut externref) (ref.null extern))
  (func $string (param externref) (result (ref $str))
    (ref.cast (ref $str) (any.convert_extern (local.get 0))))
  (func $object (param externref) (result (ref $object))
    (ref.cast (ref $object) (any.convert_extern (local.get 0))))
  (func $list (param externref) (result (ref $list))
    (ref.cast (ref $list) (any.convert_extern (local.get 0))))
  (func $index (param anyref) (result i32)
    (if (ref.test (ref i31) (local.get 0)) (then (return (i31.get_s (ref.cast (ref i31) (local.get 0))))))
    (i32.trunc_f64_s (struct.get $number 0 (ref.cast (ref $number) (local.get 0)))))
  (func $is_string (param externref) (result i32) (ref.test (ref $str) (any.convert_extern (local.get 0))))
  (func $substring (param $s (ref $str)) (param $from i32) (param $to i32) (result (ref extern))
    (local $out (ref $str))
    (if (i32.lt_s (local.get $to) (local.get $from)) (then (local.set $to (local.get $from))))
    (local.set $out (array.new_default $str (i32.sub (local.get $to) (local.get $from))))
    (array.copy $str $str (local.get $out) (i32.const 0) (local.get $s) (local.get $from)
      (i32.sub (local.get $to) (local.get $from)))
    (extern.convert_any (local.get $out)))
  (func $compare (param $a (ref $str)) (param $b (ref $str)) (result i32)
    (local $i i32) (local $x i32) (local $y i32)
    (loop $next
      (if (i32.or (i32.ge_u (local.get $i) (array.len (local.get $a)))
                  (i32.ge_u (local.get $i) (array.len (local.get $b))))
        (then (return (i32.sub (i32.gt_u (array.len (local.get $a)) (array.len (local.get $b)))
                               (i32.lt_u (array.len (local.get $a)) (array.len (local.get $b)))))))
      (local.set $x (array.get_u $str (local.get $a) (local.get $i)))
      (local.set $y (array.get_u $str (local.get $b) (local.get $i)))
      (if (i32.ne (local.get $x) (local.get $y))
        (then (return (select (i32.const 1) (i32.const -1) (i32.gt_u (local.get $x) (local.get $y))))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next))
    (unreachable))
  (func $digits (param $n i64) (param $radix i32) (result (ref extern))
    (local $out (ref $str)) (local $at i32) (local $minus i32) (local $digit i32)
    (local.set $out (array.new_default $str (i32.const 65)))
    (local.set $at (i32.const 65))
    (local.set $minus (i64.lt_s (local.get $n) (i64.const 0)))
    (if (local.get $minus) (then (local.set $n (i64.sub (i64.const 0) (local.get $n)))))
    (loop $next
      (local.set $digit (i32.wrap_i64 (i64.rem_u (local.get $n) (i64.extend_i32_u (local.get $radix)))))
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (array.set $str (local.get $out) (local.get $at)
        (i32.add (local.get $digit) (select (i32.const 48) (i32.const 87) (i32.lt_u (local.get $digit) (i32.const 10)))))
      (local.set $n (i64.div_u (local.get $n) (i64.extend_i32_u (local.get $radix))))
      (br_if $next (i64.ne (local.get $n) (i64.const 0))))
    (if (local.get $minus) (then
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (array.set $str (local.get $out) (local.get $at) (i32.const 45))))
    (call $substring (local.get $out) (local.get $at) (i32.const 65)))
  ;; Where `part` begins at or behind `from`, -1 for nowhere.
  (func $find (param $s (ref $str)) (param $part (ref $str)) (param $from i32) (result i32)
    (local $i i32)
    (loop $place
      (if (i32.gt_u (i32.add (local.get $from) (array.len (local.get $part))) (array.len (local.get $s)))
        (then (return (i32.const -1))))
      (local.set $i (i32.const 0))
      (block $differs
        (loop $same
          (if (i32.eq (local.get $i) (array.len (local.get $part))) (then (return (local.get $from))))
          (br_if $differs (i32.ne (array.get_u $str (local.get $part) (local.get $i))
            (array.get_u $str (local.get $s) (i32.add (local.get $from) (local.get $i)))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br $same)))
      (local.set $from (i32.add (local.get $from) (i32.const 1)))
      (br $place))
    (unreachable))
  ;; The pieces of `s` between the `mark`s, in a list of at least `least`.
  (func $split (param $s (ref $str)) (param $mark (ref $str)) (param $least i32) (result externref)
    (local $out (ref $list)) (local $count i32) (local $from i32) (local $to i32)
    (if (i32.eqz (array.len (local.get $mark))) (then (unreachable)))
    (loop $next
      (local.set $count (i32.add (local.get $count) (i32.const 1)))
      (local.set $to (call $find (local.get $s) (local.get $mark) (local.get $from)))
      (local.set $from (i32.add (local.get $to) (array.len (local.get $mark))))
      (br_if $next (i32.ne (local.get $to) (i32.const -1))))
    (local.set $out (array.new_default $list
      (select (local.get $count) (local.get $least) (i32.gt_u (local.get $count) (local.get $least)))))
    (local.set $count (i32.const 0))
    (local.set $from (i32.const 0))
    (loop $next
      (local.set $to (call $find (local.get $s) (local.get $mark) (local.get $from)))
      (array.set $list (local.get $out) (local.get $count) (call $substring (local.get $s) (local.get $from)
        (select (array.len (local.get $s)) (local.get $to) (i32.eq (local.get $to) (i32.const -1)))))
      (local.set $count (i32.add (local.get $count) (i32.const 1)))
      (local.set $from (i32.add (local.get $to) (array.len (local.get $mark))))
      (br_if $next (i32.ne (local.get $to) (i32.const -1))))
    (extern.convert_any (local.get $out)))
  ;; "1.2.3" and its parts; six more groups of the pattern have matched nothing.
  (func $version (param $s (ref $str)) (result externref)
    (local $parts (ref $list)) (local $out (ref $list))
    (local.set $parts (call $list (call $split (local.get $s) (array.new_fixed $str 1 (i32.const 46)) (i32.const 3))))
    (local.set $out (array.new_default $list (i32.const 10)))
    (array.set $list (local.get $out) (i32.const 0) (extern.convert_any (local.get $s)))
    (array.copy $list $list (local.get $out) (i32.const 1) (local.get $parts) (i32.const 0) (i32.const 3))
    (extern.convert_any (local.get $out)))
  (func (export "the format function") (result externref) (global.get $format))
  (func (export "the code") (param externref) (result (ref $str))
    (if (ref.is_null (struct.get $object $code (call $object (local.get 0))))
      (then (return (call $string (struct.get $object $error (call $object (local.get 0)))))))
    (call $string (struct.get $object $code (call $object (local.get 0)))))
"""
HOST = {
    # new Object, and its three fields
    ("dart2wasm", "_181"): "(extern.convert_any (struct.new_default $object))",
    ("dart2wasm", "_182"): "(struct.set $object $success (call $object (local.get 0)) (local.get 1))",
    ("dart2wasm", "_183"): "(struct.set $object $code (call $object (local.get 0)) (local.get 1))",
    ("dart2wasm", "_184"): "(struct.set $object $error (call $object (local.get 0)) (local.get 1))",
    # what main leaves for the host: the function to call, not wrapped further
    ("dart2wasm", "_185"): "(global.set $format (local.get 0))",
    ("dart2wasm", "_186"): "(local.get 0)",
    ("dart2wasm", "_210"): "(ref.is_null (local.get 0))",
    ("dart2wasm", "_273"): "(call $digits (i64.extend_i32_s (local.get 0)) (local.get 1))",
    ("dart2wasm", "_274"): "(call $digits (local.get 0) (local.get 1))",
    # regular expressions: the only one the formatter uses on plain sources is that of a version
    ("dart2wasm", "_205"): "(extern.convert_any (struct.new_default $object))",
    ("dart2wasm", "_215"): "(ref.test (ref $object) (any.convert_extern (local.get 0)))",
    ("dart2wasm", "_206"): "(call $version (call $string (local.get 1)))",
    ("dart2wasm", "_257"): "(extern.convert_any (struct.new $number (f64.const 0)))",
    ("dart2wasm", "_235"): "(local.get 0)",  # String(o), of strings only
    ("dart2wasm", "_82"): "(ref.null extern)",  # no location
    ("dart2wasm", "_83"): "(i32.const 0)",  # not Windows
    # Math, and its random()
    ("dart2wasm", "_272"): "(extern.convert_any (struct.new_default $object))",
    ("dart2wasm", "_269"): "(extern.convert_any (struct.new $number (f64.const 0.25)))",
    # methods of strings
    ("dart2wasm", "_108"): """
      (local $s (ref $str)) (local $out (ref $str)) (local $i i32)
      (local.set $s (call $string (local.get 0)))
      (local.set $out (array.new_default $str (i32.mul (array.len (local.get $s)) (local.get 1))))
      (loop $next
        (if (i32.lt_u (local.get $i) (local.get 1)) (then
          (array.copy $str $str (local.get $out) (i32.mul (local.get $i) (array.len (local.get $s)))
            (local.get $s) (i32.const 0) (array.len (local.get $s)))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br $next))))
      (extern.convert_any (local.get $out))""",
    ("dart2wasm", "_109"): """(f64.convert_i32_s
      (call $find (call $string (local.get 0)) (call $string (local.get 1)) (local.get 2)))""",
    ("dart2wasm", "_111"): "(call $split (call $string (local.get 0)) (call $string (local.get 1)) (i32.const 0))",
    # lists; numbers that JavaScript hands over as values
    ("dart2wasm", "_38"): "(extern.convert_any (struct.new $number (f64.convert_i32_u (array.len (call $list (local.get 0))))))",
    ("dart2wasm", "_36"): """
      (extern.convert_any (array.new_default $list (call $index (any.convert_extern (local.get 0)))))""",
    ("dart2wasm", "_41"): """
      (array.set $list (call $list (local.get 0)) (call $index (any.convert_extern (local.get 1))) (local.get 2))""",
    ("dart2wasm", "_40"): """
      (array.get $list (call $list (local.get 0)) (call $index (any.convert_extern (local.get 1))))""",
    ("dart2wasm", "_113"): "(ref.test (ref $list) (any.convert_extern (local.get 0)))",
    ("dart2wasm", "_124"): "(f64.convert_i32_u (array.len (call $list (local.get 0))))",
    ("dart2wasm", "_126"): "(array.get $list (call $list (local.get 0)) (local.get 1))",
    ("dart2wasm", "_221"): "(array.len (call $list (local.get 0)))",
    ("dart2wasm", "_223"): "(array.get $list (call $list (local.get 0)) (local.get 1))",
    # kinds of values: undefined, boolean, number, string, object
    ("dart2wasm", "_239"): """
      (if (ref.is_null (local.get 0)) (then (return (i32.const 1))))
      (if (ref.test i31ref (any.convert_extern (local.get 0))) (then (return (i32.const 2))))
      (if (ref.test (ref $number) (any.convert_extern (local.get 0))) (then (return (i32.const 3))))
      (if (call $is_string (local.get 0)) (then (return (i32.const 4))))
      (i32.const 19)""",
    # booleans and numbers as they cross
    ("dart2wasm", "_217"): "(struct.get $number 0 (ref.cast (ref $number) (any.convert_extern (local.get 0))))",
    ("dart2wasm", "_218"): "(extern.convert_any (struct.new $number (local.get 0)))",
    ("dart2wasm", "_219"): "(i31.get_s (ref.cast (ref i31) (any.convert_extern (local.get 0))))",
    ("dart2wasm", "_220"): "(extern.convert_any (ref.i31 (i32.ne (local.get 0) (i32.const 0))))",
    ("wasm:js-string", "charCodeAt"): "(array.get_u $str (call $string (local.get 0)) (local.get 1))",
    ("wasm:js-string", "compare"): "(call $compare (call $string (local.get 0)) (call $string (local.get 1)))",
    ("wasm:js-string", "concat"): """
      (local $a (ref $str)) (local $b (ref $str)) (local $out (ref $str))
      (local.set $a (call $string (local.get 0)))
      (local.set $b (call $string (local.get 1)))
      (local.set $out (array.new_default $str (i32.add (array.len (local.get $a)) (array.len (local.get $b)))))
      (array.copy $str $str (local.get $out) (i32.const 0) (local.get $a) (i32.const 0) (array.len (local.get $a)))
      (array.copy $str $str (local.get $out) (array.len (local.get $a)) (local.get $b) (i32.const 0)
        (array.len (local.get $b)))
      (extern.convert_any (local.get $out))""",
    ("wasm:js-string", "equals"): """
      (if (i32.or (ref.is_null (local.get 0)) (ref.is_null (local.get 1)))
        (then (return (i32.and (ref.is_null (local.get 0)) (ref.is_null (local.get 1))))))
      (i32.eqz (call $compare (call $string (local.get 0)) (call $string (local.get 1))))""",
    ("wasm:js-string", "length"): """
      (if (ref.is_null (local.get 0)) (then (return (i32.const 0))))
      (array.len (call $string (local.get 0)))""",
    ("wasm:js-string", "substring"): "(call $substring (call $string (local.get 0)) (local.get 1) (local.get 2))",
    ("wasm:js-string", "fromCharCodeArray"):
        "(call $substring (ref.as_non_null (local.get 0)) (local.get 1) (local.get 2))",
    ("wasm:js-string", "intoCharCodeArray"): """
      (local $s (ref $str))
      (local.set $s (call $string (local.get 0)))
      (array.copy $str $str (local.get 1) (local.get 2) (local.get $s) (i32.const 0) (array.len (local.get $s)))
      (array.len (local.get $s))""",
    ("wasm:js-string", "test"): "(call $is_string (local.get 0))",
}
RUN = """(module
  (type $str (array (mut i16)))
  (type $list (array (mut externref)))
  (import "main" "$invokeMain" (func $main (param (ref extern))))
  (import "main" "_186" (func $call (param anyref i32 externref externref externref) (result externref)))
  (import "dart2wasm" "the format function" (func $format (result externref)))
  (import "dart2wasm" "the code" (func $code (param externref) (result (ref $str))))
  (data $source "%s") (data $name "%s") (data $options "%s")
  (global $out (mut (ref null $str)) (ref.null $str))
  (func (export "run") (result i32)
    (call $main (extern.convert_any (array.new_fixed $list 0)))
    (global.set $out (call $code (call $call (any.convert_extern (call $format)) (i32.const 3)
      (extern.convert_any (array.new_data $str $source (i32.const 0) (i32.const %d)))
      (extern.convert_any (array.new_data $str $name (i32.const 0) (i32.const %d)))
      (extern.convert_any (array.new_data $str $options (i32.const 0) (i32.const %d))))))
    (array.len (global.get $out)))
  (func (export "unit") (param i32) (result i32) (array.get_u $str (global.get $out) (local.get 0))))
"""


# Calls exports that need nothing from the host: units go into an array and come out of it.
PLAIN = """(module
  (type $str (array (mut i16)))
  (import "main" "$wasmI16ArraySet" (func $set (param externref i32 i32)))
  (import "main" "$wasmI16ArrayGet" (func $get (param externref i32) (result i32)))
  (global $out (mut (ref null $str)) (ref.null $str))
  (func (export "run") (result i32)
    (local $i i32)
    (global.set $out (array.new_default $str (i32.const 26)))
    (loop $next
      (call $set (extern.convert_any (global.get $out)) (i32.sub (i32.const 25) (local.get $i))
        (i32.add (i32.const 0x3b1) (local.get $i)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 26))))
    (array.len (global.get $out)))
  (func (export "unit") (param i32) (result i32) (call $get (extern.convert_any (global.get $out)) (local.get 0))))
"""


def units(content: str) -> bytes:
    return content.encode("utf-16-le")


def data(content: bytes) -> str:
    return "".join(f"\\{byte:02x}" for byte in content)


def unquoted(text: str) -> str:
    """The content of a string of the text format that holds UTF-8."""
    return re.sub(rb"\\([0-9a-f]{2})", lambda m: bytes([int(m[1], 16)]), text.encode()).decode()


def zero(result: str) -> str:
    """An instruction for zero or null of a type as the printer writes it."""
    if result in ("i32", "i64", "f32", "f64"):
        return f"({result}.const 0)"
    if result.endswith("ref"):
        heap = {"nullref": "none", "nullexternref": "noextern", "nullfuncref": "nofunc"}.get(result, result[:-3])
        return f"(ref.null {heap})"
    if found := re.fullmatch(r"\(ref null (\w+)\)", result):
        return f"(ref.null {found[1]})"
    return "(unreachable)"


def results_of(signature: str) -> list[str]:
    found = re.search(r"\(result ((?:[^()]|\([^()]*\))*)\)", signature)
    return re.findall(r"\([^()]*\)|\w+", found[1]) if found else []


def hosts(text: str, known=True) -> dict[str, str]:
    """known: False for stubs only, every function returning zero or null."""
    types = text[len("(module"):text.index("\n  (import")]
    signatures = {found[1]: found[2] for found in TYPE.finditer(types)}
    bodies = {}
    for module, name, kind, rest in IMPORT.findall(text):
        if kind == "func":
            index = re.fullmatch(r"\(type (\d+)\)", rest)[1]
            body = (known and HOST.get((module, name))) or " ".join(map(zero, results_of(signatures[index])))
            field = f'(func (export "{name}") (type {index}) {body})'
        elif kind == "global" and module == "S":
            content = units(unquoted(name))
            numbers = " ".join(f"(i32.const {content[i] | content[i + 1] << 8})" for i in range(0, len(content), 2))
            field = (f'(global (export "{name}") {rest} '
                     f"(extern.convert_any (array.new_fixed $str {len(content) // 2} {numbers})))")
        elif kind == "global":
            field = f'(global (export "{name}") {rest} {zero(rest)})'
        else:
            raise ValueError(f"an import of kind {kind}: {module} {name}")
        bodies.setdefault(module, []).append(field)
    return {module: f"(module{types}{TYPES}{PRELUDE}\n  " + "\n  ".join(fields) + ")\n"
            for module, fields in bodies.items()}


def runner(source: str, name: str, options: str) -> str:
    """The module that calls what main left: format(source, name, options)."""
    parts = [units(part) for part in (source, name, options)]
    return RUN % (*map(data, parts), *(len(part) // 2 for part in parts))
