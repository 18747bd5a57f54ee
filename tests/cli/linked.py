"""Programs of several modules: configuration files of version 1, --module, blockless.mcall and register.

  linked.py --bin FOLDER [--only WORD]
"""

import hashlib
import json
import os
import sys

import driver

WASI_WRITE = '(import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32)))'


def says(text, export="_initialize", more=""):
    """A module whose function writes `text` to standard output."""
    return f"""(module {WASI_WRITE} (memory (export "memory") 1)
      (data (i32.const 0) "\\10\\00\\00\\00\\{len(text):02x}\\00\\00\\00") (data (i32.const 16) "{text}")
      (func $say (drop (call $w (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 12))))
      (func (export "{export}") (call $say)) {more})"""


# Registers `echo`, `trap`, `leave`, `spin` and `deep`; see CALLER.
METHODS = r"""(module
  (import "blockless" "register" (func $register (param i32 i32 i32 i32) (result i32)))
  (import "blockless" "mcall" (func $mcall (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 2)
  (global $top (mut i32) (i32.const 8192))
  (data (i32.const 16) "{\"methods\": [\"echo\", \"trap\", \"leave\", \"spin\", \"deep\"]}")
  (data (i32.const 256) "{\"mcall\":\"lib::deep\",\"params\":[1]}")
  (func (export "alloc") (param i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (i32.and (i32.add (local.get 0) (i32.const 7)) (i32.const -8)))))
  (func (export "dealloc") (param i32 i32) (global.set $top (local.get 0)))
  (func (export "_initialize")
    (if (call $register (i32.const 16) (i32.const 56) (i32.const 1024) (i32.const 100))
      (then (call $exit (i32.load8_u (i32.const 1024))))))
  (func (export "echo") (param i32 i32 i32 i32) (result i32)
    (memory.copy (local.get 2) (local.get 0) (local.get 1)) (i32.const 99))
  (func (export "trap") (param i32 i32 i32 i32) (result i32) (unreachable))
  (func (export "leave") (param i32 i32 i32 i32) (result i32) (call $exit (i32.const 42)) (i32.const 0))
  (func (export "spin") (param i32 i32 i32 i32) (result i32) (loop (br 0)) (i32.const 0))
  (global $depth (export "depth") (mut i32) (i32.const 0))
  ;; Calls itself through the host until that fails; the depth stands in the result.
  (func (export "deep") (param i32 i32 i32 i32) (result i32)
    (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
    (drop (call $mcall (i32.const 256) (i32.const 34) (i32.const 2048) (i32.const 4)))
    (i32.store (local.get 2) (global.get $depth)) (i32.const 0)))"""


def caller(request, size, after):
    """Calls mcall with `request`, a result buffer of `size` bytes at 1024, then runs `after` with the code in $code."""
    quoted = request.replace("\\", "\\\\").replace('"', '\\"')
    return f"""(module {WASI_WRITE}
      (import "blockless" "mcall" (func $mcall (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1) (data (i32.const 0) "{quoted}")
      (data (i32.const 512) "\\00\\04\\00\\00") (global $code (mut i32) (i32.const 0))
      (func $print (param i32) (i32.store (i32.const 516) (local.get 0))
        (drop (call $w (i32.const 1) (i32.const 512) (i32.const 1) (i32.const 600))))
      (func (export "_start")
        (global.set $code (call $mcall (i32.const 0) (i32.const {len(request)}) (i32.const 1024) (i32.const {size})))
        {after}))"""


LEAVE = "(call $exit (global.get $code))"


class Linked(driver.Driver):
    def program(self, name, *modules, entry="_start", **keys):
        """A configuration of version 1 over (file, type) pairs; the name of a library is its file's stem."""
        listed = [{"file": self.path(file), "name": file.split(".")[0], "type": kind, "md5": self.md5(file)}
                  for file, kind in modules]
        return self.config(name, version=1, entry=entry, modules=listed, **keys)

    # -- configuration ------------------------------------------------------------------------------------------------

    def test_the_example_pair_runs_and_one_flipped_digit_is_128(self):
        config = os.path.join(driver.ROOT, "examples", "linked", "program.json")
        for tier in self.tiers:
            self.expect(self.call("run", f"--tier={tier}", config, program=self.bls, cwd=driver.ROOT), 0,
                        b"Hello from the library!\n")
        self.expect(self.call(config, cwd=driver.ROOT), 0, b"Hello from the library!\n")
        with open(config) as f:
            keys = json.load(f)
        for module in keys["modules"]:
            right = module["md5"]
            module["md5"] = ("1" if right[0] == "0" else "0") + right[1:]
            done = self.call(self.config("flipped.json", **keys), cwd=driver.ROOT)
            self.expect(done, 128, err=r"\[\S+Z ERROR\] the module \S+ file md5 checksum is not correctly\.\n"
                                       r"\[\S+Z ERROR\] The configure error\n")
            module["md5"] = right

    def test_libraries_come_first_in_listed_order_and_the_last_entry_wins(self):
        for name in ("a", "b", "c"):
            self.write(f"{name}.wat", says(f"{name} "))
        self.write("one.wat", says("one", "run"))
        self.write("two.wat", says("two", "run"))
        config = self.program("order.json", ("one.wat", "entry"), ("b.wat", "module"), ("two.wat", "ENTRY"),
                              ("a.wat", "module"), ("c.wat", "Entry"), entry="run")
        self.expect(self.call(config), 0, b"b a c two")

    def test_the_entry_modules_initialiser_runs_too(self):
        self.write("main.wat", says("x", more='(func (export "run") (call $say))'))
        self.expect(self.call(self.program("init.json", ("main.wat", "entry"), entry="run")), 0, b"xx")

    def test_a_later_library_cannot_be_imported_so_neither_can_a_cycle(self):
        self.write("a.wat", '(module (import "b" "f" (func)) (func (export "f")))')
        self.write("b.wat", '(module (import "a" "f" (func)) (func (export "f")))')
        self.write("main.wat", '(module (func (export "_start")))')
        for order in (("a", "b"), ("b", "a")):
            done = self.call(self.program("cycle.json", *[(f"{n}.wat", "module") for n in order], ("main.wat", "entry")))
            self.expect(done, 255, err=f'unknown import: function "{order[1]}" "f"')

    def test_a_name_that_is_defined_twice_is_an_error(self):
        self.write("a.wat", '(module (func (export "f")))')
        self.write("main.wat", '(module (func (export "_start")))')
        sums = {"md5": self.md5("a.wat"), "file": self.path("a.wat")}
        main = {"file": self.path("main.wat"), "md5": self.md5("main.wat"), "type": "entry"}
        twice = self.config("twice.json", version=1, entry="", modules=[{"name": "a", **sums}, {"name": "a", **sums}, main])
        self.expect(self.call(twice), 255, err='error: link: import "a" "f" is defined twice')
        self.write("w.wat", '(module (func (export "fd_write")))')
        clash = self.call("--module", f"wasi_snapshot_preview1={self.path('w.wat')}", self.path("main.wat"))
        self.expect(clash, 255, err='import "wasi_snapshot_preview1" "fd_write" is defined twice')

    def test_missing_modules_and_entries(self):
        self.write("a.wat", '(module (func (export "f")))')
        self.expect(self.call(self.program("none.json", ("a.wat", "module"))), 255, err="not found the entry module\\.")
        self.expect(self.call(self.program("noexport.json", ("a.wat", "entry"), entry="run")), 255,
                    err='no exported function "run"')
        gone = self.config("gone.json", version=1, entry="f", modules=[{"file": self.path("gone.wat"), "type": "entry"}])
        self.expect(self.call(gone), 255,
                    err="Unknown error: the module file either does not exist or is inaccessible\\.")
        without = self.config("without.json", version=1, entry="f", modules=[{"file": self.path("a.wat"), "type": "entry"}])
        self.expect(self.call(without), 128, err="md5 checksum is not correctly")
        upper = self.config("upper.json", version=1, entry="f",
                            modules=[{"file": self.path("a.wat"), "type": "entry", "md5": self.md5("a.wat").upper()}])
        self.expect(self.call(upper), 128)

    def test_a_stronger_checksum_counts_as_well(self):
        self.write("a.wat", says("ok", "f"))
        with open(self.path("a.wat"), "rb") as f:
            digest = hashlib.sha256(f.read()).hexdigest()
        for sums, status in (({"sha256": digest}, 0), ({"sha256": digest, "md5": self.md5("a.wat")}, 0),
                             ({"sha256": digest, "md5": "0"}, 128), ({"sha256": "0", "md5": self.md5("a.wat")}, 128)):
            listed = [{"file": self.path("a.wat"), "type": "entry", **sums}]
            self.expect(self.call(self.config("sha.json", version=1, entry="f", modules=listed)), status,
                        b"ok" if status == 0 else b"")

    def test_version_zero_checks_the_list_and_links_nothing(self):
        self.write("a.wat", says("a"))
        self.write("main.wat", says("main", "_start"))
        listed = [{"file": self.path(f), "md5": self.md5(f)} for f in ("a.wat", "main.wat")]
        zero = dict(version=0, entry=self.path("main.wat"))
        self.expect(self.call(self.config("v0.json", modules=listed, **zero)), 0, b"main")
        listed[0]["md5"] = "0"
        self.expect(self.call(self.config("v0bad.json", modules=listed, **zero)), 128)
        self.expect(self.call(self.config("v0none.json", **zero)), 0, b"main")
        self.expect(self.call(self.config("v0gone.json", entry=self.path("gone.wasm"))), 255, err="cannot read the module")

    def test_an_entry_module_without_version_makes_it_one(self):
        self.write("main.wat", says("sample", "main"))
        listed = [{"file": self.path("main.wat"), "name": "main", "type": "entry", "md5": self.md5("main.wat")}]
        self.expect(self.call(self.config("sample.json", entry="main", modules=listed)), 0, b"sample")
        self.write("main", says("file", "_start"))
        self.expect(self.call(self.config("sample.json", entry="main", modules=listed)), 0, b"file")

    def test_the_same_file_twice_is_two_libraries(self):
        self.write("c.wat", '(module (global $n (mut i32) (i32.const 0)) (func (export "next") (result i32)'
                            '(global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n)))')
        self.write("main.wat", '(module (import "x" "next" (func $x (result i32))) (import "y" "next" (func $y (result i32)))'
                               '(import "wasi_snapshot_preview1" "proc_exit" (func $e (param i32))) (memory (export "memory") 0)'
                               '(func (export "_start") (drop (call $x)) (drop (call $x))'
                               '(call $e (i32.add (i32.mul (call $x) (i32.const 10)) (call $y)))))')
        self.expect(self.call("--module", "x=c.wat", "--module=y=c.wat", "main.wat"), 31)

    # -- --module -----------------------------------------------------------------------------------------------------

    def test_modules_of_the_command_line(self):
        self.write("lib.wat", '(module (func (export "f") (result i32) (i32.const 7)))')
        self.write("main.wat", '(module (import "lib" "f" (func $f (result i32)))'
                               '(import "wasi_snapshot_preview1" "proc_exit" (func $e (param i32))) (memory (export "memory") 0)'
                               '(func (export "_start") (call $e (call $f))) (func (export "other") (call $e (i32.const 8))))')
        for words in (["--module", "lib=lib.wat"], ["--module=lib=lib.wat"]):
            self.expect(self.call("main.wat", *words), 7)
            self.expect(self.call("run", "main.wat", *words, program=self.bls), 7)
        self.expect(self.call("--module", "lib=lib.wat", "--entry", "other", "main.wat"), 8)
        self.expect(self.call("main.wat"), 255, err='unknown import: function "lib" "f"')
        for bad in ("lib", "=lib.wat", "lib="):
            self.expect(self.call("--module", bad, "main.wat"), 2, err="must be of the form NAME=PATH")
        self.expect(self.call("--module", "lib=gone.wat", "main.wat"), 255, err="cannot read the module")
        # It replaces a configuration's libraries, and makes `_start` the entry again.
        self.write("other.wat", '(module (func (export "f") (result i32) (i32.const 9)))')
        config = self.program("c.json", ("other.wat", "module"), ("main.wat", "entry"), entry="other")
        self.expect(self.call(config), 255, err='unknown import: function "lib"')
        self.expect(self.call(config, "--module", "lib=lib.wat"), 7)
        zero = self.config("zero.json", entry=self.path("main.wat"))
        self.expect(self.call(zero, "--module", "lib=lib.wat"), 7)

    def test_argument_zero_is_the_entry_modules_file_name(self):
        self.write("lib.wat", "(module)")
        self.write("main.wat", """(module
          (import "wasi_snapshot_preview1" "args_sizes_get" (func $s (param i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "args_get" (func $g (param i32 i32) (result i32))) %s
          (memory (export "memory") 1) (func (export "_start")
            (drop (call $s (i32.const 0) (i32.const 4))) (drop (call $g (i32.const 2048) (i32.const 1024)))
            (i32.store (i32.const 16) (i32.const 1024)) (i32.store (i32.const 20) (i32.load (i32.const 4)))
            (drop (call $w (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 8)))))""" % WASI_WRITE)
        one = self.program("one.json", ("lib.wat", "module"), ("main.wat", "entry"))
        zero = self.config("zero.json", entry="./main.wat")
        for words in ([one], [zero], ["--module", "lib=lib.wat", "main.wat"]):
            self.expect(self.call(*words, "--", "-a", "b"), 0, b"main.wat\0-a\0b\0")

    # -- shared limits ------------------------------------------------------------------------------------------------

    def test_fuel_and_memory_count_across_all_modules(self):
        self.write("lib.wat", '(module (memory 2) (func (export "_initialize") (local i32) (loop (br_if 0 (i32.lt_u'
                              '(local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 100))))))')
        self.write("main.wat", '(module (memory 2) (func (export "_start")))')
        config = self.program("fuel.json", ("lib.wat", "module"), ("main.wat", "entry"))
        for tier in self.tiers:
            def run(*words):
                return self.call("run", f"--tier={tier}", *words, config, program=self.bls)
            self.expect(run("--limited-fuel", "300"), 1)
            self.expect(run("--limited-fuel", "3000"), 0)
            self.expect(run("--total-memory", str(4 * 65536)), 0)
            self.expect(run("--total-memory", str(4 * 65536 - 1)), 16)
            self.expect(run("--limited-memory", "1"), 16)
        self.expect(self.call(self.program("keys.json", ("lib.wat", "module"), ("main.wat", "entry"), limited_fuel=300)), 1)

    # -- blockless.mcall and register ---------------------------------------------------------------------------------

    def mcall(self, request, size=100, after=LEAVE, tier=None, words=()):
        self.write("lib.wat", METHODS)
        self.write("main.wat", caller(request, size, after))
        tier = [f"--tier={tier}"] if tier else []
        return self.call("run", *tier, *words, "--module", "lib=lib.wat", "main.wat", program=self.bls)

    def test_mcall_passes_parameters_and_the_whole_result_buffer(self):
        request = '{"mcall": "lib::echo", "params": {"b": [1, 2], "a": " x "}}'
        for tier in self.tiers:
            done = self.mcall(request, 24, f"(call $print (i32.const 24)) {LEAVE}", tier)
            self.expect(done, 0, b'{"b":[1,2],"a":" x "}\0\0\0')
        self.expect(self.mcall('{"mcall":"lib::echo"}', 6, f"(call $print (i32.const 6)) {LEAVE}"), 0, b"null\0\0")

    def test_mcall_answers_with_a_code_and_json(self):
        show = f"(call $print (i32.const 100)) {LEAVE}"
        for request, text in (('{"mcall":"lib::none"}', '{"code":-1,"message":"mcall node not found"}'), ("{", '{"code":-1,'),
                              ("[1]", '"mcall\\" must be a string')):
            done = self.mcall(request, after=show)
            self.expect(done, 5, None)
            assert text in done.stdout.decode() and done.stdout.startswith(b'{"code":-1,"message":"'), done.stdout
        self.write("none.wat", "(module)")
        self.write("main.wat", caller('{"mcall":"lib::none"}', 100, show))
        done = self.call("--module", "none=none.wat", "main.wat")
        self.expect(done, 5, None)
        assert b'{"code":-1,"message":"no mcall register."}' in done.stdout, done.stdout
        done = self.mcall('{"mcall":"lib::none"}', 9, "(call $print (i32.const 16)) " + LEAVE)
        self.expect(done, 5, b'{"code":-' + bytes(7))

    def test_a_trap_of_the_callee_is_the_callers_to_hear_of(self):
        for tier in self.tiers:
            self.expect(self.mcall('{"mcall":"lib::trap"}', tier=tier), 4)
            done = self.mcall('{"mcall":"lib::trap"}', after="(unreachable)", tier=tier)
            self.expect(done, 11, err=r"^trap: unreachable at function 4 \(_start\)")
            self.expect(self.mcall('{"mcall":"lib::leave"}', tier=tier), 42)
            self.expect(self.mcall('{"mcall":"lib::spin"}', tier=tier, words=["--limited-fuel", "5000"]), 1)
            self.expect(self.mcall('{"mcall":"lib::spin"}', tier=tier, words=["--run-time", "200"]), 15)

    def test_nested_calls_are_bounded_not_deadlocked(self):
        for tier in self.tiers:
            done = self.mcall('{"mcall":"lib::deep"}', 4, "(call $exit (i32.load (i32.const 1024)))", tier)
            assert 20 < done.returncode <= 100, done

    def test_only_libraries_register(self):
        register = '(import "blockless" "register" (func $r (param i32 i32 i32 i32) (result i32)))'
        leave = '(import "wasi_snapshot_preview1" "proc_exit" (func $e (param i32)))'
        text = '"{\\"methods\\":[\\"m\\"]}"'
        body = '(call $e (call $r (i32.const 0) (i32.const 17) (i32.const 64) (i32.const 64)))'
        export = {True: '(memory (export "memory") 1)', False: "(memory 1)"}
        self.write("empty.wat", "(module)")
        for shared, status in ((True, 6), (False, 1)):
            self.write("main.wat", f'(module {register} {leave} {export[shared]} (data (i32.const 0) {text})'
                                   f'(func (export "_start") {body}))')
            self.expect(self.call("--module", "lib=empty.wat", "main.wat"), status)
        # Without alloc and dealloc, or without the method.
        self.write("lib.wat", f'(module {register} {leave} {export[True]} (data (i32.const 0) {text})'
                              f'(func (export "_initialize") {body}))')
        self.write("main.wat", '(module (func (export "_start")))')
        self.expect(self.call("--module", "lib=lib.wat", "main.wat"), 5)
        # Version 0 has neither import.
        self.write("zero.wat", f'(module {register} (func (export "_start")))')
        self.expect(self.call("zero.wat"), 255, err='unknown import: function "blockless" "register"')

    def test_bad_pointers_trap(self):
        self.write("lib.wat", METHODS)
        for numbers in ("65535 2 0 0", "0 1 65536 1", "-1 -1 0 0"):
            words = " ".join(f"(i32.const {n})" for n in numbers.split())
            self.write("main.wat", '(module (import "blockless" "mcall" (func $m (param i32 i32 i32 i32) (result i32)))'
                                   f'(memory (export "memory") 1) (func (export "_start") (drop (call $m {words}))))')
            self.expect(self.call("--module", "lib=lib.wat", "main.wat"), 255, err="guest passed an out of bounds pointer")

    # -- what is not run ----------------------------------------------------------------------------------------------

    def test_components_and_neural_networks_are_recognised(self):
        binary = self.write("c.wasm", b"\0asm\x0d\0\1\0" + bytes(8))
        text = self.write("c.wat", ";; one\n(component $c)\n")
        for path in (binary, text):
            for words, program in (([], self.runtime), (["run"], self.bls), (["validate"], self.bls), (["inspect"], self.bls)):
                done = self.call(*words, path, program=program)
                self.expect(done, 255, err=r"^error: unsupported: this is a component \(WASI 0\.2\); [^\n]+\n$")
            main = self.write("main.wat", '(module (func (export "_start")))')
            self.expect(self.call("--module", f"lib={path}", main), 255, err="this is a component")
        nn = self.write("nn.wat", '(module (import "wasi_ephemeral_nn" "load" (func)) (func (export "_start")))')
        self.expect(self.call(nn), 255, err=r"^error: unsupported: the module uses wasi-nn, [^\n]+\n$")
        for flag in ("--nn", "--nn-graph=openvino=model"):
            self.expect(self.call(flag, nn), 255, err=r"^error: unsupported: --nn\S*: wasi-nn [^\n]+ not available in this build")


if __name__ == "__main__":
    sys.exit(driver.main(Linked))
