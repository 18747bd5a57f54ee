#!/usr/bin/env python3
"""What helps developers on the command line: `bls explain`, --profile, --stress.

Usage: developer.py --bin DIR
The last line is `N passed, N failed`.
"""

import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

import driver

SUM = """(module
  (func $sum (export "sum") (param $n i32) (result i32) (local $s i32)
    (loop $again
      (local.set $s (i32.add (local.get $s) (local.get $n)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s))
  (func $twice (export "twice") (param i32) (result i32)
    (i32.add (call $sum (local.get 0)) (call $sum (local.get 0)))))
"""
SOURCE = """int twice(int x) {
  return x * 2;
}
"""


class Developer:
    def __init__(self, folder):
        self.bls = os.path.join(os.path.abspath(folder), "bls")
        self.temp = tempfile.TemporaryDirectory()
        self.dir = self.temp.name
        self.sum = self.write("sum.wat", SUM)

    def call(self, *words, program=None):
        done = subprocess.run([program or self.bls, *words], stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
                              cwd=self.dir, check=False)
        done.err = done.stderr.decode("utf-8", "replace")
        return done

    def write(self, name, content):
        path = os.path.join(self.dir, name)
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        return path

    def good(self, *words):
        done = self.call(*words)
        assert done.returncode == 0 and done.err == "", (words, done.returncode, done.err)
        return done.stdout.decode()

    def bad(self, status, text, *words):
        done = self.call(*words)
        assert done.returncode == status, (words, done.returncode, done.err)
        assert text in done.err, (text, done.err)
        assert done.err.count("\n") == 1, done.err

    # -- explain

    def test_explain_shows_all_three_forms(self):
        text = self.good("explain", self.sum)
        assert re.search(r"^function 0 \$sum \(param i32\) \(result i32\)$", text, re.M), text
        assert re.search(r"^[0-9a-f]{6}    local\.set \$?\w+$", text, re.M), text
        assert re.search(r"^    T0      \d{4}  \w+ \d+ \d+ \d+ \d+$", text, re.M), text
        assert re.search(r"^    T1      [0-9a-f]{4}  endbr64$", text, re.M), text
        assert re.search(r"^    T1      [0-9a-f]{4}  (add|lea) ", text, re.M), text

    def test_explain_shows_one_form_and_one_function(self):
        cells = self.good("explain", "--show", "interp", "--func", "twice", self.sum)
        assert "T0 " in cells and "T1 " not in cells and "function 0" not in cells, cells
        assert self.good("explain", "--show=interp", "--func=1", self.sum) == cells
        assert self.good("explain", "--show=interp", "--func=$twice", self.sum) == cells
        code = self.good("explain", "--show", "baseline", self.sum)
        assert "    T0 " not in code and code.count("endbr64") >= 4, code

    def test_explain_names_exported_functions(self):
        path = self.write("e.wat", '(module (func (export "other name") (result i32) (i32.const 1)))')
        assert "function 0" in self.good("explain", "--func", "other name", path)

    def test_explain_counts_the_fuel_of_blocks(self):
        report = json.loads(self.good("explain", "--json", "--metered", self.sum))
        steps = report["functions"][0]["instructions"]
        assert report["functions"][0]["entry_fuel"] == 1, report
        blocks = [step["block_fuel"] for step in steps if "block_fuel" in step]
        assert sum(blocks) == sum(step["fuel"] for step in steps) > 6, (blocks, steps)
        assert len(blocks) >= 3, blocks
        # One turn of the loop, as a run counts it.
        used = []
        for n in ("5", "6"):
            done = self.call("run", "--stats=json", "--limited-fuel", "1000", "--invoke", "sum", self.sum, "--", n)
            used.append(json.loads(done.err)["fuel"]["used"])
        assert used[1] - used[0] in blocks, (used, blocks)

    def test_explain_as_json_covers_the_code(self):
        for function in json.loads(self.good("explain", "--json", self.sum))["functions"]:
            assert function["compiled"] is True
            pieces = function["other_code"] + [line for step in function["instructions"] for line in step["code"]]
            pieces.sort(key=lambda line: line["at"])
            end = 0
            for line in pieces:
                assert line["at"] == end, (line, end)
                end += line["size"]
            assert end == function["code_bytes"] > 0
            cells = [cell["index"] for step in function["instructions"] for cell in step["cells"]]
            assert sorted(cells) == list(range(function["cells"])), cells

    def test_explain_depends_on_the_cpu_and_on_fuel(self):
        path = self.write("p.wat", "(module (func (param i32) (result i32) (i32.popcnt (local.get 0))))")
        with_it = self.good("explain", "--show=baseline", "--cpu=sse4.1,popcnt", path)
        without = self.good("explain", "--show=baseline", "--cpu=none", path)
        assert "popcnt e" in with_it and "popcnt e" not in without, (with_it, without)
        assert self.good("explain", "--metered", self.sum) != self.good("explain", self.sum)

    def test_explain_knows_source_lines(self):
        clang = shutil.which("clang-22")
        if clang is None:
            print("no clang-22: source lines not tried", file=sys.stderr)
            return
        source = self.write("t.c", SOURCE)
        module = os.path.join(self.dir, "t.wasm")
        done = self.call("--target=wasm32", "-g", "-O1", "-nostdlib", "-Wl,--no-entry", "-Wl,--export=twice", "-o", module,
                         source, program=clang)
        assert done.returncode == 0, done.err
        text = self.good("explain", "--func", "twice", module)
        assert re.search(r"  ; .*t\.c:2$", text, re.M), text

    def test_explain_refuses_in_one_line(self):
        self.bad(255, "error: io: ", "explain", "nowhere.wasm")
        self.bad(255, "error: malformed: ", "explain", self.write("bad.wasm", b"\0asm\1\0\0\0\xff"))
        self.bad(255, "error: invalid: ", "explain", self.write("bad.wat", "(module (func (result i32)))"))
        self.bad(2, "no function 'summ'", "explain", "--func", "summ", self.sum)
        self.bad(2, "no function '99'", "explain", "--func", "99", self.sum)
        self.bad(2, "is imported", "explain", "--func", "0", self.write("i.wat", '(module (import "a" "b" (func)))'))
        self.bad(2, "unknown CPU feature 'mmx'", "explain", "--cpu", "mmx", self.sum)
        self.bad(2, "example: bls explain", "explain")
        self.bad(2, "did you mean '--func'?", "explain", "--fnc", "1", self.sum)
        self.bad(2, "did you mean 'bls explain'?", "explan", self.sum)

    def test_explain_has_help(self):
        text = self.good("explain", "--help")
        assert text == self.good("help", "explain") and "bls explain hello.wasm --func main" in text
        for hidden in ("--stress", "--compile-only"):
            assert hidden not in text and hidden not in self.good("run", "--help")

    def test_explain_needs_its_program(self):
        alone = os.path.join(self.dir, "alone")
        shutil.copy(self.bls, alone)
        done = self.call("explain", self.sum, program=alone)
        assert done.returncode == 255 and done.err.startswith("error: unsupported: there is no program bls-explain"), done.err

    # -- profiles

    def profiled(self, how, *more):
        child = subprocess.Popen([self.bls, "run", "--tier=baseline", f"--profile={how}", "--stats=json", *more,
                                  "--invoke", "twice", self.sum, "--", "4"], stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, cwd=self.dir)
        out, err = child.communicate(timeout=60)
        assert child.returncode == 0 and out == b"20\n", (child.returncode, out, err)
        compiled = json.loads(err)["functions"]
        return child.pid, compiled

    def test_a_perf_map_lists_what_was_compiled(self):
        pid, _ = self.profiled("perfmap")
        path = f"/tmp/perf-{pid}.map"
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
        os.unlink(path)
        assert len(lines) == 2, lines
        sizes = {function["index"]: function["code_bytes"]
                 for function in json.loads(self.good("explain", "--json", self.sum))["functions"]}
        ranges = []
        for line in lines:
            start, size, name = line.split(" ")
            index = int(re.fullmatch(r"wasm\[(\d+)\]::(sum|twice)", name)[1])
            assert int(size, 16) == sizes.pop(index), line
            ranges.append((int(start, 16), int(size, 16)))
        ranges.sort()
        assert not sizes and ranges[0][0] + ranges[0][1] <= ranges[1][0], ranges

    def test_a_jitdump_holds_the_code(self):
        pid, _ = self.profiled("jitdump")
        with open(os.path.join(self.dir, f"jit-{pid}.dump"), "rb") as file:
            dump = file.read()
        magic, version, size, machine, pad, owner, _, flags = struct.unpack_from("<IIIIIIQQ", dump)
        assert (magic, version, size, pad, owner, flags) == (0x4a695444, 1, 40, 0, pid, 0)
        assert machine in (62, 183)
        at, seen = size, []
        while at < len(dump):
            kind, total, _, process, thread, address, start, length, index = struct.unpack_from("<IIQIIQQQQ", dump, at)
            assert kind == 0 and process == pid == thread and address == start, (kind, process, thread)
            name = dump[at + 56:dump.index(b"\0", at + 56)]
            code = dump[at + 56 + len(name) + 1:at + total]
            assert len(code) == length and index == len(seen), (len(code), length, index)
            assert machine != 62 or code.startswith(b"\xf3\x0f\x1e\xfa"), code[:4]
            seen.append(name)
            at += total
        assert at == len(dump) and sorted(seen) == [b"wasm[0]::sum", b"wasm[1]::twice"], seen

    def test_gdb_learns_of_functions(self):
        self.profiled("gdb")
        if shutil.which("gdb") is None:
            print("no gdb: its JIT interface not tried with it", file=sys.stderr)
            return
        done = self.call("-nx", "-batch", "-ex", "set debuginfod enabled off", "-ex", "catch syscall write", "-ex", "run",
                         "-ex", "info functions wasm", "-ex", "kill", "--args", self.bls, "run", "--tier=baseline",
                         "--profile=gdb", "--invoke", "twice", self.sum, "--", "4", program="gdb")
        text = done.stdout.decode() + done.err
        if "ptrace" in text or "syscall write" not in text:
            print("gdb cannot trace here", file=sys.stderr)
            return
        assert "wasm[0]::sum" in text and "wasm[1]::twice" in text, text

    def test_profiles_are_for_compiled_code(self):
        self.bad(2, "--profile is for compiled code; add --tier=baseline", "run", "--profile=perfmap", self.sum)
        self.bad(2, "--profile is one of", "run", "--profile=vtune", self.sum)

    def test_names_of_guests_stay_one_word(self):
        path = self.write("n.wat", '(module (func (export "a b\\n\\1b[31mc") (export "x")))')
        child = subprocess.run([self.bls, "run", "--tier=baseline", "--profile=jitdump", "--invoke", "x", path],
                               capture_output=True, cwd=self.dir, timeout=60, check=False)
        assert child.returncode == 0, child.stderr
        dumps = [name for name in os.listdir(self.dir) if name.endswith(".dump")]
        contents = b"".join(open(os.path.join(self.dir, name), "rb").read() for name in dumps)
        assert b"wasm[0]::a_b\\" in contents and b"a b" not in contents and b"\x1b[31m" not in contents

    # -- stress

    def test_forced_spills_change_the_code_and_not_the_result(self):
        # Five locals and a sum of products: more values at once than the stress leaves registers for.
        names = "abcde"
        products = "".join(f"(i32.mul (local.get ${x}) (local.get ${y}))" for x, y in zip(names, names[1:]))
        path = self.write("many.wat", '(module (func (export "f") '
                          + "".join(f"(param ${name} i32)" for name in names)
                          + f"(result i32) {products} i32.add i32.add i32.add))")
        plain = self.good("explain", "--show=baseline", path)
        assert self.good("explain", "--show=baseline", "--stress=spill", path) != plain
        for stress in ("none", "spill"):
            assert self.good("run", "--tier=baseline", f"--stress={stress}", "--invoke", "f", path, "--",
                             "1", "2", "3", "4", "5") == "40\n"

    def test_tier_switches_change_the_tier_and_nothing_else(self):
        plain = self.good("explain", "--show=baseline", self.sum)
        assert self.good("explain", "--show=baseline", "--stress=tier-switch", self.sum) != plain
        seen = {}
        for stress in ("none", "tier-switch"):
            done = self.call("run", "--tier=auto", "--compile-at-call=1", "--compile-at-loop=1", f"--stress={stress}",
                             "--limited-fuel=100000", "--stats=json", "--invoke", "twice", self.sum, "--", "1000")
            assert done.returncode == 0 and done.stdout == b"1001000\n", done.err
            seen[stress] = json.loads(done.err)
        assert seen["none"]["fuel"] == seen["tier-switch"]["fuel"], seen
        assert seen["none"]["compile"]["tier_downs"] == 0, seen
        there_and_back = seen["tier-switch"]["compile"]
        # Two thousand headers; four on an average from one change to the next.
        assert there_and_back["tier_downs"] > 100 and there_and_back["loop_entries"] > 100, there_and_back
        text = self.call("run", "--tier=auto", "--stress=tier-switch", "--stats", "--invoke", "twice", self.sum, "--", "9").err
        assert re.search(r"(?m)^compile: .* tier-downs$", text), text

    # -- what the compiler leaves to the interpreter

    def left(self, *words):
        done = self.call("run", "--tier=baseline", "--stats=json", *words)
        assert done.returncode == 0, done.err
        return done.stdout, json.loads(done.err)["compile"]["left"]

    def test_functions_left_to_the_interpreter_are_counted(self):
        # The region has 40 bytes of code for each of a body. Truncating and converting back takes more for its two.
        greedy = self.write("greedy.wat", '(module (func (export "f") (param f64) (result f64) local.get 0 '
                            + "i64.trunc_f64_u f64.convert_i64_u " * 20000 + "))")
        assert self.left("--invoke", "f", greedy, "--", "7") == (b"7\n", {"not_covered": 0, "no_room": 1})
        # A frame of more than 2^20 slots. It is not called: the usual stack has no room for it.
        count = (1 << 20) + 1
        body = b"\0" + b"\x41\0" * count + b"\x1a" * count + b"\x0b"
        code = b"\x02" + leb(len(body)) + body + b"\x04\0\x41\x05\x0b"
        wide = self.write("wide.wasm", b"\0asm\1\0\0\0" + b"\x01\x08\x02\x60\0\0\x60\0\x01\x7f" + b"\x03\x03\x02\0\1"
                          + b"\x07\x05\x01\x01g\0\1" + b"\x0a" + leb(len(code)) + code)
        assert self.left("--compile=eager", "--invoke", "g", wide) == (b"5\n", {"not_covered": 1, "no_room": 0})
        text = self.call("run", "--tier=baseline", "--compile=eager", "--stats", "--invoke", "g", wide).err
        assert re.search(r"(?m)^interpreted: +1 not covered by the compiler, 0 without room for their code$", text), text

    # -- finding the function that the compiler gets wrong

    def compiled_of(self, *options):
        done = self.call("run", "--tier=baseline", "--stats=json", *options, "--invoke", "twice", self.sum, "--", "4")
        assert done.returncode == 0 and done.stdout == b"20\n", (options, done.err)
        return json.loads(done.err)["functions"]["compiled"]

    def test_functions_can_be_left_to_the_interpreter(self):
        for choice, count in (("none", 0), ("0", 1), ("1", 1), ("2", 0), ("0,1", 2), ("0-1", 2), ("1-4294967295", 1)):
            assert self.compiled_of("--compile-only=" + choice) == count, choice
            assert self.compiled_of("--compile-only=" + choice, "--compile=eager") == count, choice
        script = self.write("s.wast", SUM + '(assert_return (invoke "twice" (i32.const 4)) (i32.const 20))')
        assert "1 passed" in self.good("wast", "--tier=baseline", "--compile-only=1", script)
        for wrong in ("x", "", "1-", "-1", "2-1", "1,,2", "1,", "4294967296"):
            self.bad(2, "--compile-only is numbers and ranges", "run", "--tier=baseline", "--compile-only=" + wrong, self.sum)

    def test_bisect_finds_a_function_of_a_program(self):
        # What is taken for wrong: more bytes were compiled than all functions but the largest have.
        functions = "".join(f"(func (local i32) {'(local.set 0 (i32.const 1000))' * (2000 if i == 23 else 1)})"
                            for i in range(40))
        start = "".join(f"(call {i})" for i in range(40))
        module = self.write("forty.wat", f'(module {functions} (func (export "_start") {start}))')
        judge = self.write("judge.py", "import json, subprocess, sys\n"
                           "done = subprocess.run(sys.argv[1:], capture_output=True, check=True)\n"
                           "sys.exit(json.loads(done.stderr)['compile']['wasm_bytes'] > 5000)\n")
        bisect = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools", "dev", "jit_bisect.py")
        done = self.call(bisect, "--", sys.executable, judge, self.bls, "run", "--tier=baseline", "--stats=json", "{}",
                         module, program=sys.executable)
        assert done.returncode == 0 and done.stdout.decode().splitlines()[-1] == "functions: 23", done.stdout


def leb(value):
    out = bytearray()
    while value > 0x7f:
        out.append(value & 0x7f | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


if __name__ == "__main__":
    sys.exit(driver.main(Developer))
