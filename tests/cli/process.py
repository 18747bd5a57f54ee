"""Tests of a run as a process: log, streams, limits, signals, sandbox, descriptors, `bls doctor`.

  process.py --bin FOLDER [--only WORD]

Each test is a method of Process whose name is a sentence. Nothing is timed: a run that does not end is ended by a watchdog and
fails, and a guest that has to be running or waiting says so through a pipe first. Closing line: `N passed, N failed`.
"""

import contextlib
import errno
import fcntl
import json
import os
import pty
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile

import driver
import guests_text as guests

WATCHDOG = 60
STAMP = r"\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ "
ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Process:
    def __init__(self, folder):
        folder = os.path.abspath(folder)
        self.bls = os.path.join(folder, "bls")
        self.runtime = os.path.join(folder, "bls-runtime")
        self.temp = tempfile.TemporaryDirectory()
        self.dir = os.path.realpath(self.temp.name)
        self.m = guests.build(self.dir)
        self.tiers = [[]]
        if "baseline" in subprocess.run([self.bls, "--version"], capture_output=True, text=True).stdout:
            self.tiers += [["--tier=baseline"], ["--tier=auto", "--compile-at-call=1", "--compile-at-loop=1"]]
        self.doctor = json.loads(subprocess.run([self.bls, "doctor", "--json"], capture_output=True).stdout)
        self.works = {line["name"]: line["verdict"] == "ok" for line in self.doctor["findings"]}
        self.folders = 0

    def folder(self):
        self.folders += 1
        path = os.path.join(self.dir, f"work{self.folders}")
        os.mkdir(path)
        return path

    def call(self, *words, program=None, stdin=b"", cwd=None, env=None, **more):
        done = subprocess.run([program or self.runtime, *words], input=stdin, capture_output=True, timeout=WATCHDOG,
                              cwd=cwd or self.folder(), env=env, **more)
        done.err = done.stderr.decode("utf-8", "replace")
        return done

    def run(self, *words, **more):
        return self.call("run", *words, program=self.bls, **more)

    @contextlib.contextmanager
    def started(self, *words, program=None, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, **more):
        """A running child, which is ended whatever happens."""
        child = subprocess.Popen([program or self.bls, *words], stdin=stdin, stdout=stdout, stderr=subprocess.PIPE,
                                 cwd=more.pop("cwd", None) or self.folder(), **more)
        try:
            yield child
        finally:
            child.kill()
            child.wait()
            for stream in (child.stdin, child.stdout, child.stderr):
                if stream is not None:
                    stream.close()

    def expect(self, done, status, out=None, err=None):
        assert done.returncode == status, f"status {done.returncode}, expected {status}: {done.err!r}"
        if out is not None:
            assert done.stdout == out, f"stdout {done.stdout!r}, expected {out!r}"
        if err is not None:
            assert err in done.err, f"{err!r} not in {done.err!r}"

    def log_of(self, module, *words, env=None, status=0, name=None):
        """The log lines of a run of bls-runtime."""
        work = self.folder()
        done = self.call(*words, self.m[module], cwd=work, env=env)
        assert done.returncode == status, (done.returncode, done.err)
        with open(os.path.join(work, name or module + ".log")) as f:
            return f.read().splitlines()

    # -- log ----------------------------------------------------------------------------------------------------------

    def test_what_a_run_logs_at_each_level(self):
        started, normal, finish = "The wasm app started.", "program exit normal.", "The wasm execute finish, the exit code: 0"
        sandbox = [r"DEBUG bls_runtime\] sandbox: no-new-privileges: .*"]
        for level, expected in (
                ("error", []), ("warn", []),
                ("info", [r"INFO  bls_runtime\] " + started, r"INFO  bls_runtime\] " + finish]),
                ("debug", sandbox + [r"INFO  bls_runtime\] " + started, r"DEBUG blockless\] " + normal, r"INFO  bls_runtime\] " + finish]),
                ("TRACE", sandbox + [r"INFO  bls_runtime\] " + started, r"DEBUG blockless\] " + normal, r"INFO  bls_runtime\] " + finish]),
                ("Info", 2), ("nonsense", 2)):
            lines = self.log_of("hello", "--runtime-logger-level", level)
            if isinstance(expected, int):
                assert len(lines) == expected, (level, lines)
                continue
            assert len(lines) == len(expected), (level, lines)
            for line, pattern in zip(lines, expected):
                assert re.fullmatch(STAMP + pattern, line), (level, line, pattern)

    def test_how_a_run_ended_is_in_the_log(self):
        def texts(*words, **more):
            return [re.sub(STAMP, "[", line) for line in self.log_of(*words, **more)]
        assert texts("spin", "--limited-fuel", "1000", status=1) == [
            "[ERROR blockless] All fuel is consumed, the app exited, fuel consumed 0, Max Fuel is 1000."]
        assert texts("spin", "--run-time", "50", "--runtime-logger-level=info", status=15) == [
            "[INFO  bls_runtime] The wasm app started.", "[INFO  bls_runtime] The wasm execute finish, the exit code: 15"]
        assert texts("exit7", "--runtime-logger-level=debug", "--no-sandbox", status=7) == ["[INFO  bls_runtime] The wasm app started."]
        lines = texts("trap", "--runtime-logger-level=info", status=11)
        assert lines[1].startswith("[ERROR blockless] error: trap: unreachable at function "), lines
        assert lines[2].startswith("  0: function ") and lines[-1].endswith("the exit code: 11"), lines
        lines = texts("unknown", status=255)
        assert lines[0].startswith("[ERROR blockless] error: link: unknown import"), lines
        assert texts("big", "--limited-memory=1", status=16)[0].startswith("[ERROR blockless] error: limit: memory minimum size of")

    def test_rust_log_filters_by_level_and_by_target(self):
        for directives, words, expected in (
                ("info", [], 2), ("off", [], 0), ("debug", ["--no-sandbox"], 3), ("blockless=debug", [], 1), ("bls_runtime=info", [], 2),
                ("bls=info", [], 2), ("trace,bls_runtime=off", [], 1), ("warn,blockless", [], 1), ("nonsense=loud,,=", [], 0),
                ("INFO", [], 2), ("debug/pattern", ["--no-sandbox"], 3), ("trace", ["--runtime-logger-level=error"], 0),
                ("blockless=debug", ["--runtime-logger-level=error"], 1)):
            lines = self.log_of("hello", *words, env={"RUST_LOG": directives})
            assert len(lines) == expected, (directives, lines)

    def test_the_log_file_is_named_after_the_module_up_to_its_first_dot(self):
        work = self.folder()
        for name, log in (("a.b.wasm", "a.log"), ("plain.wat", "plain.log"), ("UP.WASM", "UP.log")):
            os.symlink(self.m["hello"], os.path.join(work, name))
            self.expect(self.call(name, cwd=work), 0, b"hello\n")
            assert os.path.getsize(os.path.join(work, log)) == 0
        assert sorted(os.listdir(work)) == sorted(["a.b.wasm", "plain.wat", "UP.WASM", "a.log", "plain.log", "UP.log"])

    def test_the_log_is_appended_to_and_may_be_rotated_meanwhile(self):
        work = self.folder()
        log = os.path.join(work, "echo.log")
        with open(log, "w") as f:
            f.write("before\n")
        with self.started("--runtime-logger-level=info", self.m["echo"], program=self.runtime, cwd=work, stdin=subprocess.PIPE) as child:
            child.stdin.write(b"x")
            child.stdin.flush()
            assert child.stdout.read(1) == b"x"
            with open(log) as f:
                lines = f.read().splitlines()
            assert lines[0] == "before" and len(lines) == 2, lines
            os.truncate(log, 0)  # as a rotation that copies does
            child.stdin.close()
            assert child.wait(WATCHDOG) == 0
        with open(log) as f:
            assert re.fullmatch(STAMP + r"INFO  bls_runtime\] The wasm execute finish, the exit code: 0\n", f.read())

    def test_a_log_that_cannot_be_opened_ends_the_run(self):
        done = self.call("--runtime-logger", "/no/such/dir/x.log", self.m["hello"])
        self.expect(done, 255, b"")
        assert re.fullmatch(STAMP + r"ERROR\] failed to init logger: Unknown error: the runtime logger file does not exist or is "
                            r"unreadable\.\n", done.err), done.err

    def test_the_log_is_relative_to_the_root_where_there_is_one(self):
        work = self.folder()
        self.expect(self.call("--fs-root-path", work, "--runtime-logger", "in.log", self.m["hello"]), 0)
        assert os.listdir(work) == ["in.log"]
        self.expect(self.call("--fs-root-path", work + "/fs", "--runtime-logger", "beside.log", self.m["hello"], cwd=work), 0)
        assert sorted(os.listdir(work)) == ["beside.log", "in.log"]

    def test_control_bytes_do_not_reach_the_log(self):
        work = self.folder()
        name = "a\x1b[31m\n.wat"
        with open(os.path.join(work, name), "w") as f:
            f.write("junk")
        self.expect(self.call(name, cwd=work, program=self.runtime), 255)
        logs = [entry for entry in os.listdir(work) if entry.endswith(".log")]
        with open(os.path.join(work, logs[0]), "rb") as f:
            text = f.read()
        assert b"\x1b" not in text and text.count(b"\n") == 1, text

    # -- streams ------------------------------------------------------------------------------------------------------

    def test_fixed_input_is_the_processes_text_or_the_one_given(self):
        for given, arrives in ((b"", b"fixed"), (b"other", b"other"), ("grüße".encode(), "grüße".encode()), (b"\xff\xfe", b"fixed"),
                               (b"x" * 50000, b"x" * 50000)):
            self.expect(self.call("--stdin", "fixed", self.m["cat"], stdin=given), 0, arrives)
        self.expect(self.call("--stdin=inherit", self.m["cat"], stdin=b"\xff"), 0, b"\xff")
        self.expect(self.run("--stdin", "fixed", self.m["cat"], stdin=b"other"), 0, b"fixed")

    def test_fixed_input_is_not_waited_for_by_guests_that_do_not_read(self):
        with self.started("--stdin", "fixed", "--run-time", "1000", self.m["hello"], program=self.runtime, stdin=subprocess.PIPE) as child:
            assert child.stdout.read() == b"hello\n" and child.wait(WATCHDOG) == 0

    def test_idle_fixed_input_is_given_up_after_a_second(self):
        with self.started("--stdin", "fixed", self.m["cat"], program=self.runtime, stdin=subprocess.PIPE) as child:
            child.stdin.write(b"late")
            child.stdin.flush()
            assert child.stdout.read() == b"fixed" and child.wait(WATCHDOG) == 0

    def test_the_run_time_ends_the_wait_for_fixed_input(self):
        with self.started("--stdin", "fixed", "--run-time", "100", self.m["cat"], program=self.runtime, stdin=subprocess.PIPE) as child:
            assert child.wait(WATCHDOG) == 15

    def test_closed_standard_streams_are_not_taken_by_other_files(self):
        work = self.folder()
        for closed in ([0], [1], [2], [0, 1, 2], [0, 2]):
            def close_them(numbers=tuple(closed)):
                for number in numbers:
                    os.close(number)
            child = subprocess.Popen([self.runtime, "--runtime-logger-level=debug", self.m["talk"]], cwd=work, preexec_fn=close_them,
                                     stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            out, err = child.communicate(timeout=WATCHDOG)
            assert child.returncode == 0, (closed, child.returncode, err)
            assert out == (b"" if 1 in closed else b"out\n") and err == (b"" if 2 in closed else b"err\n"), (closed, out, err)
        with open(os.path.join(work, "talk.log")) as f:
            assert all(re.match(STAMP, line) for line in f)
        with open(self.m["talk"], "rb") as f:
            assert f.read().startswith(b"(module")  # the module is as it was

    def test_writing_to_a_closed_pipe_is_an_error_of_the_write(self):
        read_end, write_end = os.pipe()
        os.close(read_end)
        with self.started("run", self.m["write_errno"], stdout=write_end) as child:
            os.close(write_end)
            assert child.wait(WATCHDOG) == 64  # EPIPE of WASI

    def test_the_log_stays_below_its_root(self):
        work, outside = self.folder(), self.folder()
        os.symlink(os.path.join(outside, "x"), os.path.join(work, "link.log"))
        os.symlink(outside, os.path.join(work, "out"))
        os.symlink(os.path.join(outside, "x"), os.path.join(work, "hello.log"))
        for name in ("link.log", "out/x", "../" + os.path.basename(outside) + "/x", os.path.join(outside, "x")):
            self.expect(self.call("--fs-root-path", work, "--runtime-logger", name, self.m["hello"]), 255, b"", "failed to init logger")
        self.expect(self.call(self.m["hello"], cwd=work), 255, b"", "failed to init logger")
        assert os.listdir(outside) == []

    def test_a_guest_cannot_change_its_own_code(self):
        work = self.folder()
        path = os.path.join(work, "m.wasm")
        with open(path + ".wat", "w") as f:
            f.write("""(module
              (import "wasi_snapshot_preview1" "path_open"
                (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "fd_pwrite" (func $write (param i32 i32 i32 i64 i32) (result i32)))
              (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
              (memory (export "memory") 1)
              (data (i32.const 0) "m.wasm") (data (i32.const 16) "OFFSETS!") (data (i32.const 32) "\\02")
              (data (i32.const 40) "\\20\\00\\00\\00\\01\\00\\00\\00")
              (func $late (result i32) (i32.sub (i32.add (i32.const 1) (i32.const 1193046)) (i32.const 1193046)))
              (func (export "_start")
                (if (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 6) (i32.const 0) (i64.const 66) (i64.const 0)
                    (i32.const 0) (i32.const 64)) (then (call $exit (i32.const 90))))
                (if (call $write (i32.load (i32.const 64)) (i32.const 40) (i32.const 1) (i64.load (i32.const 16)) (i32.const 72))
                  (then (call $exit (i32.const 91))))
                (call $exit (call $late))))""")
        self.expect(self.call("wasm", path + ".wat", "--output", path, program=self.bls), 0)
        with open(path, "rb") as f:
            code = f.read()
        place = code.index(b"\x41\x01\x41\xd6\xe8\xc8\x00") + 1
        filler = b"\x01x" + bytes(2 << 20)  # large modules are mapped
        size = len(filler)
        code = code.replace(b"OFFSETS!", place.to_bytes(8, "little")) + b"\0" + bytes(
            [size & 127 | 128, size >> 7 & 127 | 128, size >> 14 & 127 | 128, size >> 21]) + filler
        for tier in self.tiers:
            with open(path, "wb") as f:
                f.write(code)
            self.expect(self.call("--fs-root-path", work, *tier, path), 1)
            with open(path, "rb") as f:
                assert f.read()[place] == 2, "the guest has written"

    def test_an_error_pipe_nobody_reads_does_not_outlive_the_time_limit(self):
        path = os.path.join(self.folder(), "flood.wat")
        with open(path, "w") as f:
            f.write("""(module (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
              (memory (export "memory") 2) (data (i32.const 0) "\\10\\00\\00\\00\\00\\10\\00\\00")
              (func (export "_start") (loop $again (drop (call $write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8)))
                (br $again))))""")
        for tier in self.tiers:
            with self.started("--run-time=150", *tier, path, program=self.runtime) as child:
                assert child.wait(WATCHDOG) == 15

    def test_a_full_disk_is_an_error_of_the_write(self):
        with open("/dev/full", "wb") as full, self.started("run", self.m["write_errno"], stdout=full) as child:
            assert child.wait(WATCHDOG) == 51  # ENOSPC of WASI

    def test_a_full_disk_loses_log_lines_only(self):
        self.expect(self.call("--fs-root-path=/dev", "--runtime-logger=full", "--runtime-logger-level=trace", self.m["hello"]), 0,
                    b"hello\n")

    def test_a_null_stream_takes_everything(self):
        self.expect(self.call("--stdout=null", "--stderr=null", self.m["talk"]), 0, b"", "")

    def test_output_is_limited_over_both_streams(self):
        done = self.call("--max-output", "100", "--runtime-logger-level=warn", self.m["talk"])
        self.expect(done, 0, b"out\n", "err\n")
        for most, out, err in ((8, b"out\n", "err\n"), (7, b"out\n", "err"), (4, b"out\n", ""), (2, b"ou", ""), (0, b"", "")):
            work = self.folder()
            done = self.call("--max-output", str(most), self.m["talk"], cwd=work)
            self.expect(done, 0, out)
            assert done.err == err, (most, done.err)
            with open(os.path.join(work, "talk.log")) as f:
                lines = f.read().splitlines()
            assert len(lines) == (1 if most < 5 else 0), (most, lines)
            if lines:
                assert re.fullmatch(STAMP + rf"WARN  blockless\] The output limit is reached, Max Output is {most}\.", lines[0]), lines
        for words in (["--max-output=3"], ["--max-output=3", "--stdout=null"]):
            self.expect(self.run(*words, self.m["write_errno"]), 22)  # EFBIG of WASI at the second write

    def test_listening_sockets_know_ipv6_and_descriptor_numbers(self):
        for address, family in (("127.0.0.1:0", socket.AF_INET), ("[::1]:0", socket.AF_INET6)):
            try:
                with socket.socket(family) as probe:
                    probe.bind(("127.0.0.1" if family == socket.AF_INET else "::1", 0))
            except OSError:
                continue  # this machine has no such addresses
            self.expect(self.run("--tcplisten", address, self.m["hello"]), 0, b"hello\n")
            self.expect(self.run("--tcplisten", address + "::7", self.m["is_socket7"]), 0)
            self.expect(self.run("--tcplisten", address + "::8", self.m["is_socket7"]), 8)
            self.expect(self.run("--tcplisten", address + "::2", self.m["hello"]), 255, err="descriptor 2")
            self.expect(self.run("--dir", self.dir, "--tcplisten", address + "::3", self.m["hello"]), 255, err="descriptor 3")
            self.expect(self.run("--tcplisten", address + "::x", self.m["hello"]), 2, err="bad descriptor number")
        self.expect(self.run("--tcplisten", "nonsense", self.m["hello"]), 2, err="'nonsense' is not host:port")
        self.expect(self.run("--tcplisten", "192.0.2.1:1", self.m["hello"]), 255, err="cannot listen on")

    # -- limits -------------------------------------------------------------------------------------------------------

    def test_the_run_time_ends_every_wait_in_every_tier(self):
        work = self.folder()
        os.mkfifo(os.path.join(work, "fifo"))
        for tier in self.tiers:
            for name, words in (("spin", []), ("fib", []), ("sleeper", []), ("cat", []), ("accept", ["--tcplisten", "127.0.0.1:0"]),
                                ("atomic_wait", []), ("fifo_read", ["--dir", f"{work}::/"]), ("fifo_write", ["--dir", f"{work}::/"]),
                                ("bulk_fill", []), ("bulk_copy", []), ("start_spin", [])):
                with self.started("run", *tier, "--run-time", "100", *words, self.m[name], stdin=subprocess.PIPE) as child:
                    status = child.wait(WATCHDOG)
                    err = child.stderr.read().decode()
                assert status == 15, (tier, name, status, err)
                assert err.startswith("trap: time limit reached"), (tier, name, err)

    def test_a_generous_run_time_does_not_hold_up_a_quick_guest(self):
        for tier in self.tiers:
            self.expect(self.run(*tier, "--run-time", str(1 << 40), self.m["hello"]), 0, b"hello\n")
            self.expect(self.run(*tier, "--run-time", "86400000", self.m["exit7"]), 7)

    def test_the_run_time_counts_from_process_start(self):
        # The limit is over before a module of some size is compiled.
        self.expect(self.run("--run-time", "1", self.m["many_functions"]), 15, err="time limit reached")

    def test_limits_hold_in_every_tier(self):
        for tier in self.tiers:
            for words, name, status in (
                    (["--limited-fuel=1"], "empty", 1), (["--limited-fuel=2"], "empty", 0), (["--limited-fuel=5000"], "spin", 1),
                    (["--stack-size=65536"], "recurse", 2), (["--limited-memory=3"], "grow_to_9", 255),
                    (["--max-memory-size=131072"], "grow_to_9", 255), (["--limited-memory=9"], "grow_to_9", 1),
                    (["--max-memory-size=589823"], "grow_to_9", 255), (["--max-memory-size=589824"], "grow_to_9", 1),
                    (["--limited-memory=20", "--max-memory-size=131072"], "grow_to_9", 255),
                    (["--limited-memory=0"], "grow_to_9", 16), (["--max-memory-size=65535"], "grow_to_9", 16),
                    (["--max-table-elements=10"], "grow_table", 255), (["--max-table-elements=11"], "grow_table", 10),
                    (["--max-table-elements=9"], "grow_table", 255), (["--max-instances=1"], "empty", 0)):
                done = self.run(*tier, *words, self.m[name])
                assert done.returncode == status, (tier, words, name, done.returncode, done.err)
        self.expect(self.run("--max-table-elements=9", self.m["grow_table"]), 255, err="error: limit: ")
        self.expect(self.run("--max-table-elements=10000001", self.m["empty"]), 2, err="--max-table-elements must be between")
        self.expect(self.run("--max-instances=0", self.m["empty"]), 2, err="--max-instances must be between")

    def test_open_files_are_limited(self):
        work = self.folder()
        open(os.path.join(work, "f"), "w").close()
        # Three streams and the directory are open; the guest opens until it is refused, and leaves with how often it could.
        for most, opened in ((4, 0), (5, 1), (64, 60)):
            self.expect(self.run("--max-open-files", str(most), "--dir", f"{work}::/", self.m["open_many"]), opened)
        self.expect(self.run("--max-open-files=3", "--dir", f"{work}::/", self.m["open_many"]), 255, err="descriptor limit")
        self.expect(self.run("--max-open-files=2", self.m["empty"]), 2, err="--max-open-files must be between")

    # -- signals ------------------------------------------------------------------------------------------------------

    def test_signals_end_guests_that_compute_or_wait(self):
        for tier in self.tiers:
            for limit in ([], ["--run-time=60000"]):
                for number in ENDING:
                    for name in ("say_spin", "say_sleep", "say_read", "say_atomic_wait"):
                        with self.started("run", *tier, *limit, self.m[name], stdin=subprocess.PIPE) as child:
                            assert child.stdout.read(1) == b"!"
                            child.send_signal(number)
                            assert child.wait(WATCHDOG) == -number, (tier, limit, number, name, child.returncode)
                            assert child.stderr.read() == b"" and child.stdout.read() == b""

    def test_a_shell_sees_143_130_and_129(self):
        for number, status in ((15, 143), (2, 130), (1, 129)):
            # With job control: without it a shell starts background jobs with INT ignored.
            script = 'set -m; "$0" run "$1" & echo $!; wait $!; echo $?'
            with self.started("-c", script, self.bls, self.m["say_spin"], program="bash") as shell:
                seen = b""
                while b"!" not in seen or b"\n" not in seen:  # in either order
                    seen += shell.stdout.read(1)
                os.kill(int(seen.replace(b"!", b"")), number)
                assert shell.stdout.read() == f"{status}\n".encode(), number

    def test_what_was_written_before_a_signal_has_arrived(self):
        work = self.folder()
        with self.started("--runtime-logger-level=info", "--stats=json", self.m["say_spin"], program=self.runtime, cwd=work) as child:
            assert child.stdout.read(1) == b"!"
            child.terminate()
            assert child.wait(WATCHDOG) == -15
        with open(os.path.join(work, "say_spin.log")) as f:
            assert len(f.read().splitlines()) == 1  # started, not finished

    def test_signals_ignored_by_the_starter_stay_ignored(self):
        for number in ENDING:
            with self.started("run", self.m["echo"], stdin=subprocess.PIPE, preexec_fn=lambda n=number: signal.signal(n, signal.SIG_IGN)) as child:
                child.stdin.write(b"a")
                child.stdin.flush()
                assert child.stdout.read(1) == b"a"
                child.send_signal(number)
                child.stdin.write(b"b")
                child.stdin.close()
                assert child.stdout.read() == b"b" and child.wait(WATCHDOG) == 0, number

    def test_signals_blocked_by_the_starter_are_not_blocked_here(self):
        def block():
            signal.pthread_sigmask(signal.SIG_BLOCK, range(1, signal.NSIG))
        for tier in self.tiers:
            for number in ENDING:
                # Without a limit this guest ends by the timer's signal alone.
                for name in ("say_spin", "say_sleep"):
                    with self.started("run", *tier, self.m[name], preexec_fn=block) as child:
                        assert child.stdout.read(1) == b"!"
                        child.send_signal(number)
                        assert child.wait(WATCHDOG) == -number, (tier, number, name, child.returncode)
            path = os.path.join(self.folder(), "outside.wat")
            with open(path, "w") as f:
                f.write('(module (memory 1) (func (export "_start") (drop (i32.load (i32.const 0x7fffffff)))))')
            self.expect(self.run(*tier, path, preexec_fn=block), 3, b"", "out of bounds memory access")

    def test_a_second_signal_ends_at_once(self):
        with self.started("run", self.m["say_spin"]) as child:
            assert child.stdout.read(1) == b"!"
            child.send_signal(signal.SIGHUP)
            with contextlib.suppress(ProcessLookupError):
                child.send_signal(signal.SIGINT)
            assert child.wait(WATCHDOG) in (-signal.SIGHUP, -signal.SIGINT)

    def test_a_signal_before_the_guest_starts_ends_the_process(self):
        # Whether it is still starting or already reads its module, which does not end.
        for number in ENDING:
            with self.started("run", "-", stdin=subprocess.PIPE) as child:
                child.send_signal(number)
                assert child.wait(WATCHDOG) == -number

    # -- the sandbox --------------------------------------------------------------------------------------------------

    def status_of(self, *words, name="echo"):
        """The lines of /proc/PID/status, and the links of /proc/PID/fd, while the guest runs."""
        with self.started("run", *words, self.m[name], stdin=subprocess.PIPE, close_fds=False) as child:
            child.stdin.write(b"x")
            child.stdin.flush()
            assert child.stdout.read(1) == b"x", child.stderr.read()
            with open(f"/proc/{child.pid}/status") as f:
                status = dict(line.split(":", 1) for line in f.read().splitlines() if ":" in line)
            files = {number: os.readlink(f"/proc/{child.pid}/fd/{number}") for number in os.listdir(f"/proc/{child.pid}/fd")}
            limits = open(f"/proc/{child.pid}/limits").read()
            maps = open(f"/proc/{child.pid}/maps").read()
            child.stdin.close()
            assert child.wait(WATCHDOG) == 0
        return {key: value.strip() for key, value in status.items()}, files, limits, maps

    def test_a_running_process_has_given_up_what_it_does_not_need(self):
        for tier in self.tiers:
            for words in ([], ["--run-time=60000"], ["--limited-fuel=100000", "--stats"], ["--dir", f"{self.dir}::/"], ["--compile=eager"]):
                if "--compile=eager" in words and not tier:
                    continue
                status, files, limits, maps = self.status_of(*tier, *words)
                assert (status["NoNewPrivs"] == "1") == self.works["no-new-privileges"], (tier, words)
                assert (status["Seccomp"] == "2") == self.works["system-calls"], (tier, words)
                assert re.search(r"Max core file size +0 +0 ", limits)
                assert not re.search(r"^\S+ rwx", maps, re.MULTILINE)
            status, *_ = self.status_of(*tier, "--no-sandbox")
            assert status["NoNewPrivs"] == "0" and status["Seccomp"] == "0"

    def test_the_sandbox_allows_what_guests_may_do(self):
        work = self.folder()
        for tier in self.tiers:
            for words in ([], ["--no-sandbox"]):
                done = self.run(*tier, *words, "--dir", f"{work}::/", self.m["files"])
                self.expect(done, 0)
                assert os.listdir(work) == []

    def test_profiles_and_statistics_work_in_the_sandbox(self):
        if len(self.tiers) == 1:
            return
        for words in (["--stats=json"], ["--profile=jitdump"], ["--profile=perfmap"], ["--profile=gdb"], ["--stats=digest", "--compile=eager",
                      "--compile-threads=2"]):
            self.expect(self.run("--tier=baseline", *words, self.m["hello"]), 0, b"hello\n")

    def test_inherited_descriptors_are_closed_and_the_environment_is_not_shown(self):
        read_end, write_end = os.pipe()
        canary = fcntl.fcntl(write_end, fcntl.F_DUPFD, 9)
        high = fcntl.fcntl(write_end, fcntl.F_DUPFD, 100)
        for number in (canary, high):
            os.set_inheritable(number, True)
        try:
            pipe = os.readlink(f"/proc/self/fd/{canary}")
            _, files, _, _ = self.status_of()
            assert pipe not in files.values(), files
            _, files, _, _ = self.status_of("--no-sandbox")
            assert pipe not in files.values(), files
            self.expect(self.run(self.m["env"], env={"SECRET": "canary"}, pass_fds=(canary, high)), 0, b"")
        finally:
            for number in (read_end, write_end, canary, high):
                os.close(number)

    def test_inputs_may_be_inherited_descriptors(self):
        with open(self.m["hello"], "rb") as module:
            self.expect(self.run(f"/dev/fd/{module.fileno()}", pass_fds=(module.fileno(),)), 0, b"hello\n")

    # -- doctor -------------------------------------------------------------------------------------------------------

    def test_the_doctor_says_a_verdict_for_each_line(self):
        done = self.call("doctor", program=self.bls)
        lines = done.stdout.decode().splitlines()
        assert done.err == "" and len(lines) == len(self.doctor["findings"]) == 12, lines
        for line, finding in zip(lines, self.doctor["findings"]):
            assert re.fullmatch(r"[a-z-]+ +(ok|missing|off) +\S.*", line) and line.startswith(finding["name"] + " "), line
            assert finding["verdict"] in ("ok", "missing", "off") and finding["text"]
        assert done.returncode == (1 if self.doctor["missing"] else 0)
        assert self.doctor["missing"] == sum(line["verdict"] == "missing" for line in self.doctor["findings"])
        assert {"no-new-privileges", "landlock", "system-calls", "core-dumps"} <= set(self.works)

    def test_the_doctor_knows_an_open_sandbox_and_wrong_usage(self):
        done = self.call("doctor", "--no-sandbox", "--json", program=self.bls)
        off = [line["name"] for line in json.loads(done.stdout)["findings"] if line["verdict"] == "off"]
        assert off == ["no-new-privileges", "landlock", "system-calls", "core-dumps"], off
        self.expect(self.call("doctor", "x.wasm", program=self.bls), 2, b"", "takes no file")
        assert self.call("help", "doctor", program=self.bls).stdout.startswith(b"usage: bls doctor")


if __name__ == "__main__":
    sys.exit(driver.main(Process))
