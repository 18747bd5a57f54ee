#!/usr/bin/env python3
"""The text format on the command line: modules as text everywhere, and the verbs wat, wasm, objdump, wast.

Usage: text_verbs.py --bin DIR
The last line is `N passed, N failed`.
"""

import json
import os
import subprocess
import sys
import tempfile

import driver

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HELLO = os.path.join(ROOT, "examples", "hello.wat")
GREETING = b"Hello from Bless!\n"
ADD = '(module $m (func $add (export "add") (param $a i32) (param i32) (result i32)\n' \
      '  (i32.add (local.get $a) (local.get 1))))\n'
SCRIPT = """(module (func (export "f") (result i32) (i32.const 7)) (func (export "t") unreachable))
(assert_return (invoke "f") (i32.const 7))
(assert_trap (invoke "t") "unreachable")
(assert_invalid (module (func (result i32))) "type mismatch")
(assert_malformed (module quote "(func") "unexpected")
"""


class Verbs:
    def __init__(self, folder):
        folder = os.path.abspath(folder)
        self.bls = os.path.join(folder, "bls")
        self.runtime = os.path.join(folder, "bls-runtime")
        self.temp = tempfile.TemporaryDirectory()
        self.dir = self.temp.name

    def call(self, *words, stdin=b"", program=None):
        done = subprocess.run([program or self.bls, *words], input=stdin, capture_output=True, timeout=60,
                              cwd=self.dir, check=False)
        done.err = done.stderr.decode("utf-8", "replace")
        return done

    def write(self, name, content):
        path = os.path.join(self.dir, name)
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        return path

    def good(self, *words, **more):
        done = self.call(*words, **more)
        assert done.returncode == 0 and done.err == "", (words, done.returncode, done.err)
        return done.stdout

    def bad(self, status, text, *words, **more):
        done = self.call(*words, **more)
        assert done.returncode == status, (words, done.returncode, done.err)
        assert text in done.err, (text, done.err)
        assert done.err.count("\n") == 1, done.err

    def test_text_runs_like_binary(self):
        assert self.good("run", HELLO) == GREETING
        assert self.good(HELLO, program=self.runtime) == GREETING
        assert self.good("run", "--invoke", "add", self.write("add.wat", ADD), "--", "2", "3") == b"5\n"

    def test_text_is_known_by_content(self):
        assert self.good("run", "--invoke", "add", self.write("add.bin", "\n  ;; text\n" + ADD), "--", "1", "1") == b"2\n"
        with open(HELLO, "rb") as file:
            assert self.good("run", "-", stdin=file.read()) == GREETING
        self.good("validate", self.write("v.wat", ADD))
        assert b"add" in self.good("inspect", self.write("i.wat", ADD))

    def test_errors_name_line_and_column(self):
        path = self.write("bad.wat", "(module\n  (func\n    i32.addd))\n")
        for verb in ("run", "validate", "inspect", "wasm", "wat", "objdump"):
            self.bad(255, f"error: malformed: unknown operator i32.addd ({path}:3:5)", verb, path)
        self.bad(255, "type mismatch", "wasm", self.write("invalid.wat", "(func (result i32))"))

    def test_errors_outside_functions_name_the_field(self):
        fields = (("(memory 2 1)", "memory"), ('(func (export "a")) (func (export "a"))', "export"), ("(start 3)", "start"),
                  ("(global i32 (i64.const 0))", "global"), ('(data (i32.const 0) "x")', "data"), ("(func (type 9))", "function"),
                  ("(tag (result i32))", "tag"), ('(import "a" "b" (func (type 4)))', "import"))
        for field, section in fields:
            path = self.write("field.wat", f"(module\n  ;; a comment\n    {field})\n")
            self.bad(255, f"[{section} section] ({path}:3:", "validate", path)

    def test_wasm_and_wat_are_inverse(self):
        binary = self.good("wasm", self.write("a.wat", ADD))
        assert binary[:8] == b"\0asm\1\0\0\0"
        for flags in ([], ["--folded"]):
            text = self.good("wat", *flags, self.write("a.wasm", binary))
            assert b"$add" in text and b"$a" in text, text
            assert self.good("wasm", self.write("b.wat", text)) == binary
        assert b"(i32.add (local.get $a) (local.get 1))" in self.good("wat", "--folded", self.write("a.wasm", binary))
        assert b"name" not in self.good("wasm", "--no-names", self.write("a.wat", ADD))

    def test_output_goes_to_a_file(self):
        out = os.path.join(self.dir, "out.wasm")
        assert self.good("wasm", "--output", out, HELLO) == b""
        assert self.good("run", out) == GREETING
        self.bad(255, "cannot write", "wasm", "--output", os.path.join(self.dir, "no", "x"), HELLO)

    def test_objdump_lists_sections_and_code(self):
        text = self.good("objdump", self.write("a.wat", ADD)).decode()
        assert "sections:" in text and "code" in text, text
        assert "20 00" in text and "local.get $a" in text and "i32.add" in text, text
        report = json.loads(self.good("objdump", "--json", self.write("a.wat", ADD)))
        assert [s["name"] for s in report["sections"]] == ["type", "func", "export", "code", "name"], report
        assert report["functions"][0]["index"] == 0 and "i32.add" in report["functions"][0]["listing"]

    def test_scripts_are_counted(self):
        text = self.good("wast", self.write("s.wast", SCRIPT)).decode()
        assert "1 files, 5 commands, 0 failed" in text, text
        for flags in (["--dispatch=loop"], ["--memory-mode=checked"]):
            self.good("wast", *flags, self.write("s.wast", SCRIPT))
        self.good("wast", "--gc-stress", self.write("s.wast", SCRIPT))
        self.good("wast", "--round-trip", self.write("s.wast", SCRIPT))
        report = json.loads(self.good("wast", "--json", self.write("s.wast", SCRIPT)))
        assert report[0]["run"] == {"module": 1, "assert_return": 1, "assert_trap": 1, "assert_invalid": 1,
                                    "assert_malformed": 1}, report
        assert report[0]["failures"] == [] and report[0]["wording"] == []

    def test_failing_commands_are_named(self):
        path = self.write("f.wast", SCRIPT.replace("(i32.const 7))\n(assert_trap", "(i32.const 8))\n(assert_trap"))
        done = self.call("wast", path)
        assert done.returncode == 255 and f"error: {path}:2: assert_return: " in done.err, done.err
        assert "i32 7" in done.err and "i32 8" in done.err
        self.bad(255, "unknown operator", "wast", self.write("g.wast", "(assert_nothing)"))

    def test_wrong_usage_says_what_to_try(self):
        self.bad(2, "did you mean 'bls wast'?", "wasst", "x")
        self.bad(2, "did you mean 'bls objdump'?", "objdmp", "x")
        self.bad(2, "example: bls wat", "wat")
        self.bad(2, "did you mean '--folded'?", "wat", "--foldde", "x")
        for verb in ("wat", "wasm", "objdump", "wast"):
            assert f"usage: bls {verb}".encode() in self.good("help", verb)
            assert f"bls {verb} ".encode() in self.good("help")


if __name__ == "__main__":
    sys.exit(driver.main(Verbs))
