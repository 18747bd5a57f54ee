"""What operators see of host calls: `--trace=host`, `--counters`, `bls extensions`.

  host_log.py --bin FOLDER [--only WORD]
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys

import driver
import linked
from host_script import OUT, VEC, script
from thread_guest import ThreadGuest

LINE = re.compile(r"host \d+\.\d{9} (\w+)\.([\w-]+)\((.*?)\)( = \d+[^<]*| trap: [^<]+|) <\d+\.\d{9}>")
HTTP, S3, CGI, OPEN = "blockless_http.http_req", "blockless_s3.bucket_command", "blockless_cgi.cgi_open", "blockless_drivers.blockless_open"
STEPS = [("random_get", 4096, 16), ("fd_read", 0, VEC, OUT), ("fd_close", 77), ("say", "hello\n"), ("environ_get", 8192, 9000),
         ("blockless_memory.memory_read", 4096, 64, OUT)]


class HostLog(driver.Driver):
    def guest(self, steps, name="guest.wat"):
        return self.write(name, script(steps))

    def lines(self, text):
        found = []
        for line in text.splitlines():
            match = LINE.fullmatch(line)
            assert match, line
            found.append(match.groups())
        return found

    # -- the trace --

    def test_each_call_is_a_line(self):
        guest = self.guest(STEPS)
        for tier in self.tiers:
            done = self.call("run", "--trace=host", f"--tier={tier}", "--stdin=given", guest, program=self.bls)
            self.expect(done, 0, None)
            lines = self.lines(done.err)
            wasi = "wasi_snapshot_preview1"
            assert lines[:3] == [(wasi, "random_get", "<16 bytes>", " = 0"), (wasi, "fd_read", "0, <64 bytes>", " = 0, 5"),
                                 (wasi, "fd_close", "77", " = 8 (Badf)")], lines
            assert lines[3] == (wasi, "fd_write", "1, <6 bytes>", " = 0, 6"), lines
            assert lines[4] == (wasi, "environ_get", "0x2000, 0x2328", " = 0"), lines
            assert lines[5][:3] == ("blockless_memory", "memory_read", "<64 bytes>") and lines[5][3] == " = 0, 5", lines
            assert len(lines) == 7

    def test_it_goes_to_a_file_and_changes_nothing_else(self):
        guest, trace = self.guest(STEPS), self.path("trace.txt")
        plain = self.call("run", guest, program=self.bls)
        traced = self.call("run", f"--trace=host:{trace}", guest, program=self.bls)
        self.expect(traced, plain.returncode, plain.stdout, "^$")
        with open(trace) as f:
            assert len(self.lines(f.read())) == 7
        assert os.stat(trace).st_mode & 0o777 == 0o600

    def test_calls_between_modules_and_of_threads_are_lines_too(self):
        self.write("lib.wat", linked.METHODS)
        self.write("main.wat", linked.caller('{"mcall":"lib::echo","params":{"token":"hunter2"}}', 24, "(call $exit (i32.const 3))"))
        done = self.call("run", "--trace=host", "--module", "lib=lib.wat", "main.wat", program=self.bls)
        self.expect(done, 3, None)
        called = [line[:3] for line in self.lines(done.err)]
        assert called[-2] == ("blockless", "mcall", '{"mcall":"lib::echo","params":{"token":"***"}}, <24 bytes>'), called
        assert called[0][:2] == ("blockless", "register") and called[-1][1:] == ("proc_exit", "3"), called
        guest = self.write("spawn.wat", """(module (import "env" "memory" (memory 1 1 shared)) (export "memory" (memory 0))
          (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32))) (func (export "wasi_thread_start") (param i32 i32))
          (func (export "_start") (drop (call $spawn (i32.const 64)))))""")
        path = self.path("spawn.prom")
        done = self.call("run", "--trace=host", f"--counters={path}", "--feature-thread", guest, program=self.bls)
        self.expect(done, 0, b"")
        assert self.lines(done.err) == [("wasi", "thread-spawn", "0x40", " = 1")], done.err
        with open(path) as f:
            found = self.counted(f.read())
        assert found["bless_host_calls_total", "thread-spawn"] == 1 and found["bless_host_call_errors_total", "thread-spawn"] == 0, found

    def test_traps_and_exits_are_told(self):
        done = self.call("run", "--trace=host", self.guest([("random_get", -1, 2)]), program=self.bls)
        self.expect(done, 255, b"")
        assert self.lines(done.err.splitlines()[0])[0][3].startswith(" trap: "), done.err
        exits = self.write("exit.wat", '(module (import "wasi_snapshot_preview1" "proc_exit" (func (param i32))) (memory (export "memory") 1)'
                                       '(func (export "_start") (call 0 (i32.const 3))))')
        done = self.call("--trace=host", exits)
        self.expect(done, 3, b"")
        assert self.lines(done.err)[0][1:] == ("proc_exit", "3", ""), done.err

    def test_secrets_are_left_out(self):
        secret = "hunter2"
        steps = [(OPEN, f"unknown://user:{secret}@host/?{secret}", f'{{"token": "{secret}"}}', OUT)]
        named = self.call("extensions", "list", program=self.bls).stdout.decode()
        if "blockless_http" in named:
            headers = json.dumps({"Authorization": secret, "X-Api-Key": secret})
            steps.append((HTTP, f"http://{secret}@127.0.0.1:1/?q={secret}", json.dumps({"method": "get", "headers": headers, "body": secret}), OUT, 3000))
        if "blockless_s3" in named:
            steps.append((S3, 1, json.dumps({"access_key": secret, "secret_key": secret, "endpoint": "http://127.0.0.1:1", "bucket_name": "b"}), OUT))
        if "blockless_cgi" in named:
            steps.append((CGI, json.dumps({"alias": "a", "args": [], "envs": [{"env_name": "A", "env_val": secret}]}), OUT))
        done = self.call("--trace=host", "--env", f"SECRET={secret}", self.guest([*steps, ("environ_get", 8192, 9000)]))
        self.expect(done, 0, None)
        lines = [line for line in done.err.splitlines() if line.startswith("host ")]
        assert len(self.lines("\n".join(lines))) == len(steps) + 2, done.err
        assert secret not in "\n".join(lines), lines

    def test_wrong_words(self):
        for words, why in ((["--trace=x"], "must be host or host:FILE"), (["--trace=host:"], "must be host"), (["--counters="], "needs a file")):
            self.expect(self.call("run", *words, self.guest(STEPS), program=self.bls), 2, b"", why)
        for word in ("--trace=host:/no/such/file", "--counters=/no/such/file", "--counters=127.0.0.1:99999"):
            self.expect(self.call("run", word, self.guest(STEPS), program=self.bls), 255, b"", "^error: io: .*/no/such/file|port")

    # -- the counters --

    def counted(self, text):
        found = {}
        for line in text.splitlines():
            match = re.fullmatch(r'(bless_host_call\w+)\{module="(\w+)",function="([\w-]+)"\} (\d+(?:\.\d{9})?)', line)
            assert match or re.match(r"# (HELP|TYPE) bless_host_call", line), line
            if match:
                found[match[1], match[3]] = float(match[4])
        return found

    def test_counters_in_a_file(self):
        path = self.path("run.prom")
        for feature in ([], ["--tier=baseline"] if "baseline" in self.tiers else []):
            self.write("run.prom", "old and longer " * 1000)
            done = self.call("run", f"--counters={path}", *feature, "--stdin=given", self.guest(STEPS), program=self.bls)
            self.expect(done, 0, None, "^$")
            with open(path) as f:
                found = self.counted(f.read())
            assert found["bless_host_calls_total", "fd_write"] == 2 and found["bless_host_calls_total", "random_get"] == 1, found
            assert found["bless_host_call_errors_total", "fd_close"] == 1 and found["bless_host_call_errors_total", "fd_write"] == 0
            assert found["bless_host_call_bytes_total", "fd_read"] == 5 and found["bless_host_call_bytes_total", "fd_write"] == 26, found
            assert found["bless_host_call_seconds_total", "fd_write"] > 0

    def test_counters_of_a_run_that_traps(self):
        path = self.path("trap.prom")
        self.expect(self.call("run", f"--counters={path}", self.guest([("random_get", 0, 8), ("trap",)]), program=self.bls), 11, b"")
        with open(path) as f:
            assert self.counted(f.read())["bless_host_calls_total", "random_get"] == 1

    def calls(self, path):
        """The calls by function; the file is whole, and of this run."""
        with open(path) as f:
            text = f.read()
        os.unlink(path)
        found = {function: calls for (name, function), calls in self.counted(text).items() if name == "bless_host_calls_total"}
        assert text.count("# HELP") == text.count("# TYPE") == 4 and text.count("\n") == 8 + 4 * len(found) and text[-1] == "\n", text
        return found

    def test_counters_at_every_ending(self):
        path = self.path("ending.prom")
        calls = [("random_get", 4096, 8)] * 3 + [("say", "x")]
        for ending, words, status in ((("trap",), [], 11), (("spin",), ["--limited-fuel=500000"], 1), (("spin",), ["--run-time=700"], 15),
                                      (("fd_read", 0, VEC, OUT), ["--run-time=700"], 15)):
            for program in ([self.bls, "run"], [self.runtime]):
                process = subprocess.Popen([*program, f"--counters={path}", *words, self.guest([*calls, ending])], stdin=subprocess.PIPE,
                                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.dir)
                assert process.wait(60) == status, (ending, process.communicate())
                process.communicate()
                got = self.calls(path)
                assert got["random_get"] == 3 and got["fd_write"] == 1, (ending, got)
        exits = self.write("exits.wat", """(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
          (memory (export "memory") 1) (func (export "_start") (call $exit (i32.const 9))))""")
        self.expect(self.call(f"--counters={path}", exits), 9, b"")
        assert self.calls(path) == {"proc_exit": 1}
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            for ending in (("spin",), ("fd_read", 0, VEC, OUT)):
                process = subprocess.Popen([self.runtime, f"--counters={path}", self.guest([*calls, ending])], stdin=subprocess.PIPE,
                                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.dir)
                assert process.stdout.read(1) == b"x"
                process.send_signal(number)
                assert process.wait(60) == -number, process.communicate()
                process.communicate()
                got = self.calls(path)
                assert got["random_get"] == 3 and got["fd_write"] == 1, (number, ending, got)

    def test_counters_when_nothing_wakes_the_guest(self):
        """Its first thread hangs in a driver library when the time is over, a signal comes, or another thread ends the guest."""
        path, library = self.path("hard.prom"), self.path("driver.so")
        subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-O1", "-o", library,
                        os.path.join(driver.ROOT, "tests", "cli", "guests", "test_driver.c")], check=True)
        os.chmod(library, 0o755)
        for name, end, words, status, number in (("time", "", ["--run-time=1500"], 15, None), ("term", "", [], -15, signal.SIGTERM),
                                                 ("hup", "", ["--run-time=60000"], -1, signal.SIGHUP),
                                                 ("exit", "(call $exit (i32.const 8))", [], 8, None), ("trap", "(unreachable)", [], 11, None)):
            guest = ThreadGuest("blockless_drivers.blockless_open", "random_get")
            thread = f"""(call $must (call $blockless_open {guest.text('demo://blocked/1')} {guest.text('')} (local.get $area)))
              (call $must (call $random_get (local.get $area) (i32.const 8))) (call $out {guest.text('.')}) {end}"""
            start = f"(call $start_threads (i32.const 1)) (drop (call $blockless_open {guest.text('demo://block-open')} {guest.text('')} (i32.const 16)))"
            config = self.config("hard.json", entry=self.write("hard.wat", guest.wat(start, thread)), drivers=[{"schema": "demo", "path": library}])
            process = subprocess.Popen([self.runtime, "--feature-thread", f"--counters={path}", *words, config], stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.dir)
            assert process.stdout.read(1) == b".", (name, process.communicate())
            if number is not None:
                process.send_signal(number)
            assert process.wait(60) == status, (name, process.returncode, process.communicate())
            err = process.communicate()[1].decode()
            assert err.count("trap: ") == (name in ("time", "trap")), (name, err)
            # The call that hangs has not been counted: it has no end.
            got = self.calls(path)
            assert (got["random_get"], got["fd_write"], got["blockless_open"]) == (1, 1, 1), (name, got)

    def test_a_pipe_that_nobody_reads_holds_nothing_up(self):
        fifo = self.path("full")
        os.mkfifo(fifo)
        end = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)
        try:
            while True:
                os.write(end, b"x" * 4096)
        except BlockingIOError:
            pass
        guest = self.guest([("random_get", 0, 8), ("say", "x"), ("spin",)])
        self.expect(self.call(f"--counters={fifo}", "--run-time=700", guest), 15, None)
        process = subprocess.Popen([self.runtime, f"--counters={fifo}", guest], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, cwd=self.dir)
        assert process.stdout.read(1) == b"x"
        process.terminate()
        assert process.wait(60) == -signal.SIGTERM
        process.stdout.close()
        # One that is read has the counters.
        try:
            while os.read(end, 1 << 16):
                pass
        except BlockingIOError:
            pass
        self.expect(self.call(f"--counters={fifo}", self.guest([("random_get", 0, 8)])), 0, None)
        assert b'function="random_get"} 1\n' in os.read(end, 1 << 16)
        os.close(end)

    def test_counters_are_served_while_the_run_lasts(self):
        guest = self.guest([("random_get", 0, 8), ("say", "ready\n"), ("fd_read", 0, VEC, OUT)])
        for host in ("127.0.0.1", "localhost"):
            process = subprocess.Popen([self.bls, "run", f"--counters={host}:0", guest], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, cwd=self.dir)
            port = int(re.fullmatch(rb"counters: http://127\.0\.0\.1:(\d+)/metrics\n", process.stderr.readline())[1])
            assert process.stdout.readline() == b"ready\n"
            with socket.create_connection(("127.0.0.1", port)):
                pass  # one that says nothing is no harm
            for _ in range(2):
                with socket.create_connection(("127.0.0.1", port)) as peer:
                    peer.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
                    answer = b""
                    while piece := peer.recv(65536):
                        answer += piece
                head, _, body = answer.partition(b"\r\n\r\n")
                assert head.startswith(b"HTTP/1.1 200 OK\r\n") and f"Content-Length: {len(body)}".encode() in head, head
                assert self.counted(body.decode())["bless_host_calls_total", "random_get"] == 1
            out, err = process.communicate(b"x", timeout=60)
            assert process.returncode == 0 and err == b"", err

    def test_only_this_machine_is_served(self):
        for place in ("0.0.0.0:0", "example.com:0"):
            done = self.call("run", f"--counters={place}", self.guest(STEPS), program=self.bls)
            assert "counters:" not in done.err
            assert os.path.exists(self.path(place)), "another word is a file"

    # -- bls extensions --

    def test_the_list_has_every_extension(self):
        with open(os.path.join(driver.ROOT, "extensions", "list.def")) as f:
            modules = re.findall(r'^\w+_EXTENSION\(\w+, "(\w+)"\)', f.read(), re.MULTILINE)
        text = self.call("extensions", program=self.bls)
        self.expect(text, 0, None, "^$")
        listed = json.loads(self.call("extensions", "list", "--json", program=self.bls).stdout)["extensions"]
        assert sorted(item["module"] for item in listed) == sorted(modules)
        for item in listed:
            assert item["present"] and item["functions"] and item["module"] in text.stdout.decode()
            info = self.call("extensions", "info", item["module"], program=self.bls)
            self.expect(info, 0, None, "^$")
            detail = json.loads(self.call("extensions", "info", item["module"], "--json", program=self.bls).stdout)
            assert detail["functions"] == item["functions"]
            for function in item["functions"]:
                assert function["name"] in info.stdout.decode() and re.fullmatch(r"\((i32 ?)+\) -> \(i32\)", function["type"]), function
                assert function["capability"] in info.stdout.decode() and "hostcalls" in function["spec"]

    def test_without_the_other_program_it_says_so(self):
        alone = os.path.join(self.dir, "alone")
        os.makedirs(alone, exist_ok=True)
        program = os.path.join(alone, "bls")
        with open(self.bls, "rb") as f, open(program, "wb") as out:
            out.write(f.read())
        os.chmod(program, 0o755)
        done = self.call("extensions", "list", program=program)
        self.expect(done, 0, None, "^$")
        assert "blockless_socket    not in this program" in done.stdout.decode(), done.stdout
        self.expect(self.call("extensions", "info", "blockless_socket", program=program), 255, b"", "only in bls-full")
        self.expect(self.call("extensions", "info", "blockless_memory", program=program), 0, None)

    def test_verify_tries_the_libraries(self):
        source = os.path.join(driver.ROOT, "tests", "cli", "guests", "test_driver.c")
        library = self.path("driver.so")
        subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-o", library, source], check=True)
        os.chmod(library, 0o755)
        config = self.config("node.json", entry="x.wasm", drivers=[{"schema": "Demo", "path": library}])
        self.expect(self.call("extensions", "verify", config, program=self.bls), 0, None, "^$")
        listed = self.call("extensions", "list", config, program=self.bls)
        assert f"demo://           {library}" in listed.stdout.decode(), listed.stdout
        os.chmod(library, 0o777)
        done = self.call("extensions", "verify", "--json", config, program=self.bls)
        self.expect(done, 255, None)
        report = json.loads(done.stdout)
        assert report["bad"] == 1 and "others may write" in report["extensions"][0]["installed"][0]["text"], report
        self.expect(self.call("extensions", "verify", program=self.bls), 0, None)

    def test_programs_of_the_drivers_root_are_listed(self):
        tools = self.path("tools")
        os.makedirs(tools, exist_ok=True)
        answer = '{"alias": "up", "description": "to capitals", "is_cgi": true}'
        os.chmod(self.write("tools/upper", f"#!/bin/sh\necho '{answer}'\n"), 0o755)
        self.write("tools/notes.txt", "no program")
        for verb in ("list", "verify"):
            done = self.call("extensions", verb, "--json", "--drivers-root-path", tools, program=self.bls)
            self.expect(done, 0, None, "^$")
            found = {item["module"]: item["installed"] for item in json.loads(done.stdout)["extensions"]}
            assert found["blockless_cgi"] == [{"name": "up", "text": "upper: to capitals", "good": True}], found
        os.chmod(self.path("tools/upper"), 0o777)
        done = self.call("extensions", "verify", "--drivers-root-path", tools, program=self.bls)
        self.expect(done, 255, None)
        assert re.search(r"blockless_cgi +bad +.*upper", done.stdout.decode()), done.stdout

    def test_wrong_usage_of_extensions(self):
        for words in (["x"], ["info"], ["list", "a", "b"]):
            self.expect(self.call("extensions", *words, program=self.bls), 2, b"", "bls extensions takes")
        self.expect(self.call("extensions", "info", "no\n", program=self.bls), 2, b"", "there is no extension 'no.x0a'")
        assert self.call("help", "extensions", program=self.bls).stdout.startswith(b"usage: bls extensions")


if __name__ == "__main__":
    sys.exit(driver.main(HostLog))
