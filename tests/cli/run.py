"""Tests of `bls` and `bls-runtime` as processes.

  run.py --bin FOLDER [--only WORD]

Each test is a method of Cli whose name is a sentence. They check exit statuses, both streams byte by byte where it matters, and
that nothing of ours reaches standard output. Closing line: `N passed, N failed`.
"""

import json
import os
import pty
import re
import socket
import subprocess
import sys
import tempfile
import time

import driver
import modules

ONE_LINE = re.compile(r"error: (malformed|invalid|unsupported|limit|link|config|permission|io|internal): [^\n]+\n")


class Cli:
    def __init__(self, folder):
        folder = os.path.abspath(folder)
        self.bls = os.path.join(folder, "bls")
        self.runtime = os.path.join(folder, "bls-runtime")
        self.temp = tempfile.TemporaryDirectory()
        self.dir = self.temp.name
        self.m = modules.build(self.dir)

    def call(self, *words, stdin=b"", program=None, cwd=None, env=None, timeout=60):
        done = subprocess.run([program or self.bls, *words], input=stdin, capture_output=True, timeout=timeout,
                              cwd=cwd or self.dir, env=env)
        done.err = done.stderr.decode("utf-8", "replace")
        return done

    def run(self, *words, **more):
        return self.call("run", *words, **more)

    def expect(self, done, status, out=b"", err=None):
        assert done.returncode == status, f"status {done.returncode}, expected {status}: {done.err!r}"
        assert done.stdout == out, f"stdout {done.stdout!r}, expected {out!r}"
        if err is not None:
            assert err in done.err, f"{err!r} not in {done.err!r}"

    def expect_error(self, done, status, text):
        self.expect(done, status, err=text)
        assert ONE_LINE.fullmatch(done.err), f"not one error line: {done.err!r}"

    # -- running ------------------------------------------------------------------------------------------------------

    def test_hello_prints_its_greeting_and_nothing_else(self):
        done = self.run(self.m["hello"])
        self.expect(done, 0, b"hello\n")
        assert done.err == ""
        self.expect(self.run(self.m["hello2"]), 0, b"", "to stderr\n")

    def test_a_module_is_read_from_standard_input(self):
        with open(self.m["hello"], "rb") as f:
            self.expect(self.run("-", stdin=f.read()), 0, b"hello\n")

    def test_guest_exit_statuses_pass_through(self):
        for status in (0, 1, 7, 125, 126, 200, 255):
            self.expect(self.run(self.m[f"exit{status}"]), status)
            expected = 255 if status >= 126 else status
            self.expect(self.call(self.m[f"exit{status}"], program=self.runtime), expected)

    def test_every_trap_has_its_status_and_its_words(self):
        for kind, (status, text) in modules.TRAPS.items():
            for flags in ([], ["--dispatch=loop"], ["--memory-mode=checked"]):
                done = self.run(*flags, self.m[f"trap_{kind}"])
                self.expect(done, status)
                assert done.err.startswith(f"trap: {text} at function "), done.err
                assert re.search(r" offset 0x[0-9a-f]+\n  0: function ", done.err), done.err
                assert done.err.count("\n") <= 21

    def test_traps_name_function_and_offset(self):
        done = self.run(self.m["trap_divide"])
        assert re.match(r"trap: integer divide by zero at function 1( \(\S+\))? offset 0x[0-9a-f]+\n", done.err), done.err

    def test_guest_arguments_begin_with_the_file_name(self):
        self.expect(self.run(self.m["args"], "a", "--", "-b", "--c"), 0, b"args.wasm\0a\0-b\0--c\0")
        self.expect(self.run(self.m["args"]), 0, b"args.wasm\0")
        self.expect(self.call(self.m["args"], "--", "--dir", "x", program=self.runtime), 0, b"args.wasm\0--dir\0x\0")

    def test_the_environment_is_only_what_was_given(self):
        env = dict(os.environ, SECRET="canary")
        self.expect(self.run(self.m["env"], env=env), 0, b"")
        self.expect(self.run("--env", "B=2", "--env=A=1=x", self.m["env"], env=env), 0, b"A=1=x\0B=2\0")

    def test_env_files_are_merged(self):
        path = os.path.join(self.dir, "vars")
        with open(path, "w") as f:
            f.write("# comment\nexport A=one\nB='$A'\nC=\"x $A ${OUTER}\\n\"\nbad line\nD=$A#no\nE=v # yes\n")
        env = {"OUTER": "o"}
        self.expect(self.run("--env-file", path, "--env", "A=two", self.m["env"], env=env), 0,
                    b"A=two\0B=$A\0C=x one o\n\0D=one#no\0E=v\0")
        self.expect(self.run("--env-file", path + ".missing", self.m["env"]), 0, b"")

    def test_standard_input_reaches_the_guest(self):
        self.expect(self.run(self.m["cat"], stdin=b"abc\0\xff"), 0, b"abc\0\xff")
        self.expect(self.run("--stdin", "fixed", self.m["cat"], stdin=b"other"), 0, b"fixed")
        self.expect(self.run("--stdin=inherit", self.m["cat"], stdin=b"other"), 0, b"other")

    def test_standard_output_can_vanish_or_go_to_a_confined_file(self):
        self.expect(self.run("--stdout", "null", self.m["hello"]), 0, b"")
        root = os.path.join(self.dir, "root")
        os.makedirs(os.path.join(root, "sub"), exist_ok=True)
        self.expect(self.run("--fs-root-path", root, "--stdout", "sub/o.txt", self.m["hello"]), 0, b"")
        self.expect(self.run("--fs-root-path", root, "--stdout", "sub/o.txt", self.m["hello"]), 0, b"")
        with open(os.path.join(root, "sub", "o.txt"), "rb") as f:
            assert f.read() == b"hello\n" * 2
        os.symlink("/tmp", os.path.join(root, "link"))
        for bad in ("../escape.txt", "/escape.txt", "link/escape.txt"):
            self.expect(self.run("--fs-root-path", root, "--stdout", bad, self.m["hello"]), 0, b"hello\n")
        assert not os.path.exists(os.path.join(self.dir, "escape.txt"))

    def test_directories_are_mapped(self):
        self.expect(self.run("--dir", f"{self.dir}::/data", self.m["preopen"]), 0, b"/data")
        self.expect(self.run("--dir", ".", self.m["preopen"]), 0, b".")
        self.expect(self.run("--dir", f"{self.dir}::/a::/b", self.m["preopen"]), 0, b"/a")
        self.expect(self.run("--dir-ro", f"{self.dir}::/ro", self.m["preopen"]), 0, b"/ro")
        self.expect(self.run(self.m["preopen"]), 8)
        self.expect_error(self.run("--dir", "/no/such/directory::/x", self.m["preopen"]), 255, "/no/such/directory")
        self.expect(self.run("--fs-root-path", self.dir, self.m["preopen"]), 0, b"/")
        self.expect(self.run("--fs-root-path", "/no/such/directory", self.m["preopen"]), 8)

    def test_entry_names_an_export(self):
        self.expect(self.run("--entry", "none", self.m["values"]), 0)
        self.expect(self.run("--entry", "broken", self.m["values"]), 11, err="trap: unreachable")
        self.expect_error(self.run("--entry", "nope", self.m["values"]), 255, 'no exported function "nope"')
        self.expect_error(self.run("--entry", "add", self.m["values"]), 255, "takes parameters")
        self.expect_error(self.run(self.m["values"]), 255, 'no exported function "_start"')

    def test_invoke_prints_results(self):
        cases = [("add", ["1", "2"], "3"), ("add", ["0xffffffff", "-1"], "-2"), ("add64", ["9223372036854775807", "1"],
                 "-9223372036854775808"), ("f32", ["1.5"], "1.5"), ("f32", ["0.1"], "0.100000001"), ("f64", ["0.1"], "0.10000000000000001"),
                 ("f64", ["-inf"], "-inf"), ("f64", ["nan"], "nan"), ("f64", ["-nan:0x1"], "-nan:0x1"), ("f32", ["0x1p-3"], "0.125"),
                 ("v128", ["0x000102030405060708090a0b0c0d0e0f"], "0x000102030405060708090a0b0c0d0e0f"),
                 ("twice", ["7"], "7\n7"), ("f32", ["-nan:0x200000"], "-nan:0x200000"), ("f64", ["0x1.8p1"], "3"),
                 ("f64", ["-0"], "-0"), ("add64", ["0x7fffffffffffffff", "-1"], "9223372036854775806"),
                 ("funcref", ["null"], "null"), ("externref", ["null"], "null"), ("function", [], "ref"),
                 ("all", ["-1", "2.5", "0x" + "f0" * 16, "-2", "inf", "null"], "-1\n2.5\n0x" + "f0" * 16 + "\n-2\ninf\nnull")]
        for name, args, result in cases:
            self.expect(self.run("--invoke", name, self.m["values"], "--", *args), 0, (result + "\n").encode())
        self.expect(self.run("--invoke", "none", self.m["values"]), 0, b"")
        self.expect_error(self.run("--invoke", "add", self.m["values"], "1"), 2, "takes 2 arguments, not 1")
        self.expect_error(self.run("--invoke", "add", self.m["values"], "1", "x"), 2, "argument 2 must be i32, not 'x'")
        self.expect_error(self.run("--invoke", "add", self.m["values"], "1", "4294967296"), 2, "argument 2")
        for name, bad, wanted in (("v128", "0x1", "v128"), ("v128", "0x" + "g" * 32, "v128"), ("funcref", "0", "funcref"),
                                  ("externref", "ref", "externref"), ("f64", "1.5x", "f64"), ("f32", "nan:0x0", "f32"),
                                  ("add64", "18446744073709551616", "i64")):
            words = [bad] + (["0"] if name == "add64" else [])
            self.expect_error(self.run("--invoke", name, self.m["values"], "--", *words), 2,
                              f"argument 1 must be {wanted}, not '{bad}'")
        with open(self.m["values"], "rb") as f:
            self.expect(self.run("--invoke", "add", "-", "--", "20", "22", stdin=f.read()), 0, b"42\n")

    def test_unknown_imports_fail_or_trap(self):
        self.expect_error(self.run(self.m["unknown"]), 255, 'unknown import: function "env" "missing"')
        self.expect(self.run("--unknown-imports-trap", self.m["unknown_unused"]), 0)
        self.expect(self.run("--unknown_imports_trap", self.m["unknown"]), 255, err="trap: unknown import called: env.missing")

    # -- limits -------------------------------------------------------------------------------------------------------

    def test_fuel_runs_out(self):
        self.expect(self.run("--limited-fuel", "1000", self.m["spin"]), 1, err="trap: all fuel consumed")
        self.expect(self.run("--limited-fuel", "0", self.m["hello"]), 1)
        self.expect(self.run("--limited-fuel", "18446744073709551615", self.m["hello"]), 0, b"hello\n")

    def test_memory_limits(self):
        self.expect(self.run(self.m["grow3"]), 2)
        self.expect(self.run("--max-memory-size", str(5 * 65536), self.m["grow3"]), 2)
        self.expect(self.run("--max-memory-size", str(5 * 65536 - 1), self.m["grow3"]), 255)
        self.expect(self.run("--limited-memory", "4", self.m["grow3"]), 255)
        self.expect_error(self.run("--limited-memory", "1", self.m["grow3"]), 16, "memory minimum size of 2 pages")
        self.expect(self.run("--total-memory", str(4 * 65536), self.m["grow3"]), 255)

    def test_stack_size_decides_where_recursion_ends(self):
        self.expect(self.run("--stack-size", "65536", self.m["trap_stack"]), 2, err="call stack exhausted")
        self.expect_error(self.run("--stack-size", "1", self.m["hello"]), 2, "--stack-size must be between")

    def test_run_time_ends_loops_and_blocking_calls(self):
        for name in ("spin", "sleeper"):
            start = time.monotonic()
            done = self.run("--run-time", "150", self.m[name])
            took = time.monotonic() - start
            self.expect(done, 15, err="time limit reached")
            assert 0.14 < took < 3, took
        self.expect(self.run("--run-time", "60000", self.m["hello"]), 0, b"hello\n")

    def test_run_time_ends_a_wait_for_input(self):
        child = subprocess.Popen([self.bls, "run", "--run-time", "150", self.m["cat"]], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.dir)
        assert child.wait(timeout=20) == 15
        child.communicate()

    # -- reports ------------------------------------------------------------------------------------------------------

    def stats(self, *words):
        done = self.run("--stats=json", *words)
        lines = [line for line in done.err.splitlines() if line.startswith("{")]
        assert len(lines) == 1, done.err
        return done, json.loads(lines[0])

    def test_stats_as_json(self):
        done, stats = self.stats(self.m["hello"])
        assert done.stdout == b"hello\n"
        assert set(stats) == {"fuel", "memory", "module", "functions", "compile", "time_us", "exit"}
        assert stats["fuel"] is None and stats["compile"] is None and stats["memory"]["peak_bytes"] == 65536
        assert set(stats["time_us"]) == {"read", "decode", "validate", "instantiate", "run", "total"}
        assert stats["functions"] == {"defined": 1, "translated": 1, "compiled": 0}, stats
        if "baseline" in self.call("--version").stdout.decode():
            done, compiled = self.stats("--tier=baseline", self.m["hello"])
            assert done.stdout == b"hello\n"
            assert compiled["functions"] == {"defined": 1, "translated": 0, "compiled": 1}, compiled
            facts = compiled["compile"]
            assert facts["code_bytes"] > facts["wasm_bytes"] > 0 and facts["table_bytes"] > 0, facts
            assert facts["loop_entries"] == 0 and facts["left"] == {"not_covered": 0, "no_room": 0}, facts
            done, looping = self.stats("--tier=auto", "--compile-at-call=0", "--compile-at-loop=1", self.m["count"])
            assert looping["compile"]["loop_entries"] > 0, looping
            text = self.run("--tier=baseline", "--stats", self.m["hello"]).err
            assert re.search(r"(?m)^compile: +\d+ us, \d+ bytes to \d+ of code and \d+ of tables; 0 loop entries, 0 tier-downs$", text), text
        assert stats["exit"] == {"status": 0, "trap": None}
        assert stats["module"]["bytes"] == os.path.getsize(self.m["hello"])
        done, stats = self.stats("--limited-fuel", "100", self.m["trap_divide"])
        assert stats["fuel"] == {"used": 4, "remaining": 96, "limit": 100, "schedule": "wt31"}, stats
        assert stats["exit"] == {"status": 9, "trap": "integer divide by zero"}

    def test_thresholds_of_the_automatic_tier(self):
        if "baseline" not in self.call("--version").stdout.decode():
            return
        for words, module, compiled in (
                (["--compile-at-call=1"], "hello", 1), (["--compile-at-call=2"], "hello", 0),
                (["--compile-at-call=0", "--compile-at-loop=1"], "count", 1),
                (["--compile-at-call=0", "--compile-at-loop=0"], "count", 0)):
            done, stats = self.stats("--tier=auto", *words, self.m[module])
            assert done.returncode == 0 and stats["functions"]["compiled"] == compiled, (words, stats)
        self.expect_error(self.run("--tier=auto", "--compile-at-call=often", self.m["hello"]), 2, "--compile-at-call")
        self.expect_error(self.run("--tier=auto", "--compile-at-loop=-1", self.m["hello"]), 2, "--compile-at-loop")

    def test_compiling_everything_at_first(self):
        if "baseline" not in self.call("--version").stdout.decode():
            return
        lazy = self.stats("--tier=baseline", self.m["trap_divide"])[1]["functions"]
        for words in (["--compile-threads=1"], ["--compile-threads=3"], []):
            done, stats = self.stats("--tier=baseline", "--compile=eager", *words, self.m["trap_divide"])
            assert done.returncode == 9, done.err
            assert stats["functions"]["compiled"] == stats["functions"]["defined"] >= lazy["compiled"], stats
        self.expect_error(self.run("--compile=eager", self.m["hello"]), 2, "--tier=baseline")
        self.expect_error(self.run("--tier=baseline", "--compile=early", self.m["hello"]), 2, "--compile")

    def test_stats_as_text(self):
        done = self.run("--stats", "--limited-fuel=50", self.m["hello"])
        self.expect(done, 0, b"hello\n")
        for word in ("fuel:", "memory:", "functions:", "validate:", "total:"):
            assert word in done.err, done.err

    def test_validate(self):
        done = self.call("validate", self.m["hello"])
        self.expect(done, 0)
        assert done.err == ""
        self.expect_error(self.call("validate", self.m["invalid"]), 255, "error: invalid: type mismatch")
        self.expect(self.call("validate", self.m["hello"], self.m["invalid"], self.m["values"]), 255)
        done = self.call("validate", "--repeat", "3", self.m["hello"])
        report = json.loads(done.stdout)
        assert report["valid"] is True and len(report["ns"]) == 3 and report["best_ns"] == min(report["ns"])
        self.expect_error(self.call("validate", "--features=profile-1.0", self.m["values"]), 255, "")

    def test_inspect(self):
        done = self.call("inspect", self.m["hello"])
        for text in ('function "wasi_snapshot_preview1" "fd_write" (i32 i32 i32 i32) -> (i32)', 'memory "memory" 1 page\n',
                     "features: mvp", "code at "):
            assert text in done.stdout.decode(), done.stdout
        assert re.match(r"\S+hello.wasm: \d+ bytes, 1 function\n", done.stdout.decode()), done.stdout
        assert re.search(r": \d+ bytes, \d+ functions\n", self.call("inspect", self.m["values"]).stdout.decode())
        report = json.loads(self.call("inspect", "--json", self.m["values"]).stdout)
        assert {"name": "add", "kind": "function", "type": "(i32 i32) -> (i32)"} in report["exports"]
        assert set(report["features"]) == {"mvp", "simd", "multi-value", "reference-types"}, report["features"]
        assert {"file", "bytes", "functions", "imports", "exports", "memories", "features", "sections",
                "custom_sections"} == set(report)

    def test_the_help_explains_the_statistics(self):
        text = self.call("help", "run").stdout.decode()
        start = text.index("--stats prints")
        explained = text[start:text.index("options:", start)]
        for word in ("fuel used", "left", "limit", "schedule", "memories", "module's size", "defined", "translated", "compiled", "read",
                     "decode", "validate", "instantiate", "run", "total", "exit status", "trap"):
            assert word in explained, word

    def test_version_and_help(self):
        out = self.call("--version").stdout.decode()
        assert re.match(r"bls \d+\.\d+\.\d+\ntiers: interp .*\ncpu: .*\nfuel: wt31 \(default\), wt-next\nfeatures:", out), out
        assert re.fullmatch(r"bls-runtime v\d+\.\d+\.\d+\n", self.call("-V", program=self.runtime).stdout.decode())
        for words in (["help"], ["help", "run"], ["run", "--help"], ["validate", "-h"], ["inspect", "--help"]):
            done = self.call(*words)
            assert done.returncode == 0 and done.stdout.startswith(b"usage: bls") and done.err == "", words
        done = self.call("--help", program=self.runtime)
        assert done.returncode == 0 and done.stdout.startswith(b"usage: bls-runtime")
        for program in (self.bls, self.runtime):
            done = self.call(program=program)
            assert done.returncode == 2 and done.stdout == b"" and done.err.startswith("usage: "), program

    # -- mistakes -----------------------------------------------------------------------------------------------------

    def test_wrong_usage_says_what_and_what_to_try(self):
        cases = [(["--limited-feul", "1"], "did you mean '--limited-fuel'?"), (["--zzz"], "unknown option '--zzz'; try --help"),
                 (["--limited-fuel", "12x"], "needs a decimal number, not '12x'"),
                 (["--limited-fuel", "-1"], "decimal number"), (["--limited-fuel=18446744073709551616"], "decimal number"),
                 (["--entry", "a", "--entry", "b"], "given twice"), (["--dispatch=fast"], "is one of tail|loop, not 'fast'"),
                 (["--deterministic=1"], "takes no value"), (["--stats=xml"], "takes nothing or =json"), (["-x"], "unknown option '-x'"),
                 (["--env", "NOVALUE"], "must be of the form `key=value`"), (["--seed", "1"], "needs --deterministic"),
                 (["--tier=baseline", "--stack-size=8388609"], "--stack-size is at most 8388608 with compiled code"),
                 (["--features=simdd"], "did you mean 'simd'?"), (["--invoke", "a", "--entry", "b"], "exclude each other")]
        for words, text in cases:
            self.expect_error(self.run(*words, self.m["hello"]), 2, text)
        self.expect_error(self.run(), 2, "no module given")
        self.expect_error(self.run(self.m["hello"], "--limited-fuel"), 2, "--limited-fuel needs a value")
        self.expect_error(self.call("rum", self.m["hello"]), 2, "did you mean 'bls run'?")
        self.expect_error(self.call(self.m["hello"]), 2, "unknown command")

    def test_errors_say_what_where_and_what_to_try(self):
        hello = self.m["hello"]
        cases = [(["/no/such.wasm"], 255, "cannot read the module: No such file or directory; check the path (/no/such.wasm)"),
                 (["--dir", "/no/such::/x", hello], 255, "cannot open directory '/no/such': No such file or directory; check the path"),
                 (["--limited-memory", "0", hello], 16, "; try a larger --max-memory-size, --limited-memory or --total-memory (" + hello),
                 (["--tcplisten", "nonsense", hello], 2, "'nonsense' is not host:port, as in 127.0.0.1:8080"),
                 (["--entry", "nope", hello], 255, 'no exported function "nope"; try --entry NAME or --invoke NAME (' + hello),
                 (["--invoke", "nope", hello], 255, 'no exported function "nope"; bls inspect lists the exports (' + hello),
                 (["--features=-mutable", hello], 2, "unknown feature 'mutable'; bls --version lists them"),
                 (["--features=-simd", self.m["values"]], 255, "(feature simd is off); see --features [at offset 0x"),
                 ([self.m["unknown"]], 255, "; try --unknown-imports-trap if it is not needed [at offset 0x"),
                 (["--tier=jit", hello], 2, "--tier is one of interp|baseline|auto, not 'jit'")]
        for words, status, text in cases:
            self.expect_error(self.run(*words), status, text)

    def test_options_of_later_builds_are_refused_not_ignored(self):
        for flag in ("--nn", "--nn-graph=a"):
            self.expect_error(self.call(flag, self.m["hello"], program=self.runtime), 255, "not available in this build")

    def test_options_without_effect_are_accepted(self):
        for flag in ("--debug-info", "--cli-exit-with-code", "--network-error-code"):
            self.expect(self.call(flag, self.m["hello"], program=self.runtime, cwd=self.dir), 0, b"hello\n")

    def test_standard_error_can_vanish_or_go_to_a_confined_file(self):
        self.expect(self.run("--stderr", "null", self.m["hello2"]), 0)
        assert self.run("--stderr", "null", self.m["hello2"]).err == ""
        root = os.path.join(self.dir, "error-root")
        os.makedirs(root, exist_ok=True)
        assert self.run("--fs-root-path", root, "--stderr", "e.txt", self.m["hello2"]).err == ""
        with open(os.path.join(root, "e.txt"), "rb") as f:
            assert f.read() == b"to stderr\n"

    def test_guest_output_to_a_terminal_is_filtered_unless_raw(self):
        for mode, passes in (("filter", False), ("raw", True)):
            leader, follower = pty.openpty()
            done = subprocess.run([self.bls, "run", f"--tty={mode}", self.m["escape"]], stdout=follower, stdin=subprocess.DEVNULL)
            os.close(follower)
            text = os.read(leader, 4096)
            os.close(leader)
            assert done.returncode == 0 and b"plain" in text and (b"\x1b]0;title" in text) == passes, (mode, text)

    def test_fuel_schedules_differ_at_bulk_operations(self):
        for schedule, used in (("wt31", 5), ("wt-next", 105)):
            _, stats = self.stats(f"--fuel-schedule={schedule}", "--limited-fuel", "1000", "--entry", "fill", self.m["bulk"])
            assert stats["fuel"] == {"used": used, "remaining": 1000 - used, "limit": 1000, "schedule": schedule}, stats
        self.expect_error(self.run("--fuel-schedule=wt99", self.m["hello"]), 2, "--fuel-schedule is one of wt31|wt-next, not 'wt99'")

    def test_fuel_left_by_a_trap_is_exact_or_what_was_written_back(self):
        for mode, used in (("exact", 4), ("compat", 0)):
            _, stats = self.stats(f"--fuel-at-traps={mode}", "--limited-fuel", "100", self.m["trap_divide"])
            assert stats["fuel"]["used"] == used, stats
        self.expect_error(self.run("--fuel-at-traps=none", self.m["hello"]), 2, "--fuel-at-traps is one of exact|compat, not 'none'")

    def test_tiers_and_threads_are_accepted(self):
        self.expect(self.run("--tier=interp", "--threads", "1", self.m["hello"]), 0, b"hello\n")
        self.expect(self.run("--threads=64", self.m["hello"]), 0, b"hello\n")
        self.expect(self.call("validate", "--threads", "2", self.m["hello"]), 0)
        self.expect_error(self.run("--threads", "65", self.m["hello"]), 2, "--threads")

    def test_every_option_is_tested_in_this_folder(self):
        here = os.path.dirname(os.path.abspath(__file__))
        with open(os.path.join(here, "..", "..", "runtime", "option.def")) as f:
            flags = re.findall(r'^OPTION\(\w+, "([^"]+)"', f.read(), re.MULTILINE)
        tests = ""
        for name in sorted(os.listdir(here)):
            if name.endswith(".py"):
                with open(os.path.join(here, name)) as f:
                    tests += f.read()
        assert len(flags) >= 53, flags
        untested = [flag for flag in flags if not re.search(rf"[\"']--{flag}\b(?!-)", tests)]
        assert not untested, f"options without a test: {untested}"

    def test_broken_files_give_one_line(self):
        for name, text in (("broken", "error: malformed: "), ("invalid", "error: invalid: "), ("elf", "error: malformed: magic header"),
                           ("empty", "error: malformed: "), ("text", ":2:9)")):
            for program, words in ((self.bls, ["run"]), (self.bls, ["validate"]), (self.bls, ["inspect"]), (self.runtime, [])):
                done = self.call(*words, self.m[name], program=program)
                self.expect_error(done, 255, text)
                assert self.m[name] in done.err
                if name in ("broken", "invalid"):
                    assert "at offset 0x" in done.err, done.err
        self.expect_error(self.run("/no/such/file.wasm"), 255, "No such file")
        self.expect_error(self.run(self.dir), 255, "directory")

    def test_hostile_names_are_escaped(self):
        path = os.path.join(self.dir, "a\x1b[31mb\n.wasm")
        with open(path, "wb") as f:
            f.write(b"junk")
        done = self.run(path)
        self.expect_error(done, 255, "\\x1b[31mb\\x0a.wasm")
        assert "\x1b" not in done.err

    def test_colour_on_terminals_only(self):
        done = self.run("/no/such/file.wasm")
        assert "\x1b" not in done.err
        for env, coloured in (({"TERM": "xterm"}, True), ({"TERM": "dumb"}, False), ({"TERM": "xterm", "NO_COLOR": "1"}, False)):
            leader, follower = pty.openpty()
            subprocess.run([self.bls, "run", "/no/such/file.wasm"], stderr=follower, stdin=subprocess.DEVNULL, env=env)
            os.close(follower)
            text = os.read(leader, 4096)
            os.close(leader)
            assert (b"\x1b[1;31merror:" in text) == coloured, (env, text)

    def test_a_closed_pipe_is_no_crash(self):
        read_end, write_end = os.pipe()
        os.close(read_end)
        child = subprocess.Popen([self.bls, "run", self.m["hello"]], stdout=write_end, stderr=subprocess.PIPE)
        os.close(write_end)
        _, err = child.communicate(timeout=20)
        assert child.returncode >= 0, child.returncode

    # -- bls-runtime --------------------------------------------------------------------------------------------------

    def test_the_first_clients_command_line(self):
        work = os.path.join(self.dir, "work")
        os.makedirs(work, exist_ok=True)
        done = self.call(self.m["hello"], "--entry", "_start", "--run-time", "60000", "--debug-info", "--fs-root-path",
                         os.path.join(work, "fs"), "--drivers-root-path", os.path.join(work, "ext"), "--limited-fuel", "100000",
                         "--limited-memory", "10", "--permission", "https://example.com", "--", program=self.runtime, cwd=work)
        self.expect(done, 0, b"hello\n")
        assert done.err == ""

    def test_the_log_file_is_made_beside_the_run(self):
        work = os.path.join(self.dir, "logs")
        os.makedirs(work, exist_ok=True)
        self.call(self.m["hello"], program=self.runtime, cwd=work)
        assert os.listdir(work) == ["hello.log"] and os.path.getsize(os.path.join(work, "hello.log")) == 0
        self.call("--limited-fuel", "500", self.m["spin"], program=self.runtime, cwd=work)
        with open(os.path.join(work, "spin.log")) as f:
            line = f.read()
        assert re.fullmatch(r"\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ ERROR blockless\] All fuel is consumed, the app exited, "
                            r"fuel consumed 0, Max Fuel is 500\.\n", line), line
        self.call("--fs-root-path", work, "--runtime-logger", "my.log", self.m["trap_divide"], program=self.runtime, cwd=self.dir)
        with open(os.path.join(work, "my.log")) as f:
            assert "ERROR blockless] error: trap: integer divide by zero" in f.read()
        self.expect(self.run(self.m["hello"], cwd=work), 0, b"hello\n")
        done = self.call("--runtime-logger", "/no/such/dir/x.log", self.m["hello"], program=self.runtime)
        self.expect(done, 255, err="failed to init logger")

    def test_listening_sockets_are_handed_over(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.expect(self.run("--tcplisten", f"127.0.0.1:{port}", self.m["hello"]), 0, b"hello\n")
        self.expect_error(self.run("--tcplisten", "nonsense", self.m["hello"]), 2, "nonsense")
        self.expect_error(self.run("--tcplisten", f"127.0.0.1:{port}::x", self.m["hello"]), 2, "bad descriptor number")


if __name__ == "__main__":
    sys.exit(driver.main(Cli))
