"""Extensions in runs with threads (`--feature-thread`): children of several threads, one handle in two threads at once, threads that
hang in calls when another ends the guest.

  extension_threads.py --bin FOLDER [--only WORD]

Nothing is timed: a guest waits until the other thread is where it should be, or tries until it is told so by a code. Every run has a
watchdog.
"""

import json
import os
import select
import signal
import subprocess
import sys
import threading

import driver
from cgi import SAYS, STUBBORN
from http_driver import GRANT, HttpDriver
from http_servers import Raw, ok
from thread_guest import AREA, FIRST, HOLD, ThreadGuest

WATCHDOG = 60
METHOD = json.dumps({"method": "get"})
CGI = [f"blockless_cgi.cgi_{name}" for name in ("open", "stdout_read", "stdin_write", "close")]


class Streamed:
    """An extension whose handles stream: how a thread opens, reads and closes one. Areas: out-pointers from 0, buffer from 64."""

    def __init__(self, name, calls, busy, words, opens, read, close):
        self.name, self.calls, self.busy, self.words, self.opens, self.read, self.close = name, calls, busy, words, opens, read, close

    def open(self, guest, url, out):
        return f"(call $must {self.opens(guest, url, out)})"


def area(offset):
    return f"(i32.add (local.get $area) (i32.const {offset}))"


def streamed(port):
    """Each of them, against the server at `port`: /slow and /go."""
    place = f"127.0.0.1:{port}"

    def http(guest, path, out):
        return f"(call $http_req {guest.text(f'http://{place}/{path}')} {guest.text(METHOD)} {out} {area(8)})"

    def s3(guest, path, out):
        keys = {"access_key": "a", "secret_key": "b", "endpoint": f"http://{place}", "bucket_name": "b", "path": path}
        return f"(call $bucket_command (i32.const 3) {guest.text(json.dumps(keys))} {out})"

    def ipfs(guest, path, out):
        asked = {"api": "files/read", "args": [{"name": "arg", "value": "/" + path}]}
        return f"(call $ipfs_command {guest.text(json.dumps(asked))} {out} {area(8)})"

    def reads(name):
        return f"(call ${name} (i32.load (i32.const 16)) {area(64)} (i32.const 4) {area(4)})"
    return [
        Streamed("http", ["blockless_http.http_req", "blockless_http.http_read_body", "blockless_http.http_close"], 11, [GRANT], http,
                 reads("http_read_body"), "http_close"),
        Streamed("s3", ["blockless_s3.bucket_command", "blockless_s3.s3_read", "blockless_s3.s3_close"], 9, [GRANT], s3,
                 reads("s3_read"), "s3_close"),
        Streamed("ipfs", ["blockless_ipfs.ipfs_command", "blockless_ipfs.ipfs_read", "blockless_ipfs.ipfs_close"], 7,
                 [GRANT, f"--ipfs-api={place}"], ipfs, reads("ipfs_read"), "ipfs_close"),
    ]


class ExtensionThreads(HttpDriver):
    def __init__(self, folder):
        super().__init__(folder)
        self.number = 0
        self.library = self.path("driver.so")
        source = os.path.join(driver.ROOT, "tests", "cli", "guests", "test_driver.c")
        subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-O1", "-o", self.library, source], check=True)
        os.chmod(self.library, 0o755)

    # -- running -------------------------------------------------------------------------------------------------------

    def started(self, guest, *words, program=None, stdin=subprocess.DEVNULL):
        """The process, marked so that its descendants are known."""
        self.number += 1
        self.mark = f"MARK={self.path(f'run{self.number}')}"
        module = self.write(f"threads{self.number}.wat", guest)
        env = {k: v for k, v in os.environ.items() if "proxy" not in k.lower() and k != "ENV_ROOT_PATH"}
        return subprocess.Popen([*(program or [self.runtime]), "--feature-thread", *words, module], stdin=stdin, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, cwd=self.dir, env={**env, "MARK": self.mark[5:]})

    def ended(self, process, status, what):
        """What it wrote. It ends by itself, with this status, and leaves no process."""
        try:
            out, err = process.communicate(timeout=WATCHDOG)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise AssertionError(f"still running: {what}") from None
        assert process.returncode == status, (what, process.returncode, err, out[:200])
        self.err = err.decode("utf-8", "replace")
        assert "anitizer" not in self.err, self.err
        self.nothing_left(what)
        return out

    def nothing_left(self, what):
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/environ", "rb") as f:
                    found = self.mark.encode() in f.read().split(b"\0")
            except OSError:
                continue
            assert not found, (what, pid, open(f"/proc/{pid}/cmdline").read())

    def go(self, guest, *words, status=0, what=None, **more):
        return self.ended(self.started(guest, *words, **more), status, what)

    def endings(self, made, started, what, before=lambda: None):
        """Runs `made(end)`, which prints a dot, once for each way to end a guest."""
        ways = {"return": ("", [], 0), "exit": ("(call $exit (i32.const 7))", [], 7), "trap": ("(unreachable)", [], 11),
                "fuel": (HOLD["spin"], ["--limited-fuel=3000000"], 1), "time": (HOLD["spin"], ["--run-time=800"], 15),
                "time, asleep": (HOLD["forever"], ["--run-time=800"], 15)}
        for way, (end, words, status) in ways.items():
            before()
            out = self.ended(started(made(end), *words), status, (what, way))
            assert out == b"." or status == 15, (what, way, out)  # the time may be over before it gets there
        for number in (signal.SIGTERM, signal.SIGINT):
            before()
            process = started(made(HOLD["forever"]), "--run-time=60000")
            assert process.stdout.read(1) == b".", (what, number, process.communicate())
            process.send_signal(number)
            self.ended(process, -number, (what, number))

    # -- children of several threads -----------------------------------------------------------------------------------

    def root(self, **programs):
        self.number += 1
        folder = self.path(f"ext{self.number}")
        os.mkdir(folder)
        for name, body in programs.items():
            path = os.path.join(folder, name)
            with open(path, "w") as out:
                out.write(SAYS % (name, name, body))
            os.chmod(path, 0o755)
        return ["--drivers-root-path", folder, "--allow-cgi"]

    def child(self, guest, alias, out):
        """cgi_open with the run's mark in the child's environment."""
        wanted = {"command": alias, "args": [], "envs": [{"name": "MARK", "value": self.path(f"run{self.number + 1}")}]}
        return f"(call $must (call $cgi_open {guest.text(json.dumps(wanted))} {out}))"

    def test_children_of_several_threads_end_with_the_guest(self):
        """Three threads have a child that does what it can to stay; a fourth may end the guest."""
        words = self.root(stubborn=STUBBORN)
        asleep, read = "(call $forever)", f"(call $cgi_stdout_read (i32.load (local.get $area)) {area(64)} (i32.const 64) {area(4)})"
        # What the first thread does then, what the fourth does, options, status, a signal.
        ways = {"return": ("", "", [], 0, None), "exit": ("(call $exit (i32.const 7))", "", [], 7, None),
                "trap": ("(unreachable)", "", [], 11, None), "exit in a thread": (asleep, "(call $exit (i32.const 8))", [], 8, None),
                "trap in a thread": (asleep, "(unreachable)", [], 11, None),
                "fuel": (asleep, HOLD["spin"], ["--limited-fuel=3000000"], 1, None), "time": (asleep, "", ["--run-time=1500"], 15, None),
                "TERM": (asleep, "", [], -15, signal.SIGTERM), "KILL": (asleep, "", [], -9, signal.SIGKILL)}
        # Another process keeps the child's output open: a second read hangs.
        for hang, program in ((asleep, [self.bls, "run"]), (f"(drop {read})", [self.runtime])):
            for way, (first, fourth, more, status, number) in ways.items():
                guest = ThreadGuest(*CGI)
                opened = f"{self.child(guest, 'stubborn', '(local.get $area)')} (call $must {read})"
                thread = f"""(if (i32.eq (local.get $argument) (i32.const 3)) (then (call $wait_for (i32.const 2)) {fourth})
                  (else {opened} (call $done) {hang}))"""
                start = f"{opened} (call $start_threads (i32.const 3)) (call $wait_for (i32.const 2)) (call $out {guest.text('!')}) {first}"
                process = self.started(guest.wat(start, thread), *words, *more, program=program)
                assert status in (1, 8, 11, 15) or process.stdout.read(1) == b"!", (way, process.communicate())
                if number is not None:
                    with open(f"/proc/{process.pid}/task/{process.pid}/children") as f:
                        helper = os.pidfd_open(int(f.read().split()[0]))
                    process.send_signal(number)
                    # Killed, the runtime waits for nobody: its helper goes a moment later, and last.
                    assert select.select([helper], [], [], WATCHDOG)[0], way
                    os.close(helper)
                self.ended(process, status, (way, hang))

    def test_many_threads_open_and_close_children(self):
        words = self.root(echo="exec cat")
        guest = ThreadGuest(*CGI)
        x = guest.text("x").split(" (")[0]
        cycle = f"""(local.set $i (i32.const 25)) (loop $l
          {self.child(guest, "echo", "(local.get $area)")}
          (call $must (call $cgi_stdin_write (i32.load (local.get $area)) {x} (i32.const 1) {area(4)}))
          (call $must (call $cgi_stdout_read (i32.load (local.get $area)) {area(64)} (i32.const 9) {area(4)}))
          (if (i32.ne (i32.load8_u {area(64)}) (i32.const 120)) (then (unreachable)))
          (call $must (call $cgi_close (i32.load (local.get $area))))
          (drop (i32.atomic.rmw.add (i32.const 16) (i32.const 1)))
          (br_if $l (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))"""
        start = f"(call $start_threads (i32.const 7)) {cycle} (call $wait_for (i32.const 7)) (call $num (i32.load (i32.const 16)))"
        assert self.go(guest.wat(start, cycle), *words) == b"200\n"

    def test_a_child_of_one_thread_is_used_by_another(self):
        words = self.root(echo="exec cat")
        guest = ThreadGuest(*CGI)
        hello = guest.text("hello")
        start = f"""(call $start_threads (i32.const 1)) (call $wait_for (i32.const 1))
          (call $must (call $cgi_stdin_write (i32.load (i32.const 16)) {hello} {area(4)}))
          (call $must (call $cgi_stdout_read (i32.load (i32.const 16)) {area(64)} (i32.const 9) {area(4)}))
          (call $out {area(64)} (i32.load {area(4)}))
          (call $num (call $cgi_close (i32.load (i32.const 16)))) (call $num (call $cgi_close (i32.load (i32.const 16))))"""
        assert self.go(guest.wat(start, self.child(guest, "echo", "(i32.const 16)")), *words) == b"hello0\n1\n"

    # -- one handle, two threads ---------------------------------------------------------------------------------------

    def test_a_child_is_read_by_three_threads_at_once(self):
        size = 3_000_000
        words = self.root(pour=f"exec head -c {size} /dev/zero")
        guest = ThreadGuest(*CGI)
        read = f"""(loop $l
          (call $must (call $cgi_stdout_read (i32.load (i32.const 16)) {area(64)} (i32.const 4000) {area(4)}))
          (drop (i32.atomic.rmw.add (i32.const 24) (i32.load {area(4)})))
          (br_if $l (i32.load {area(4)})))"""
        start = f"{self.child(guest, 'pour', '(i32.const 16)')} (call $start_threads (i32.const 2)) {read} (call $wait_for (i32.const 2))" \
                "(call $num (i32.load (i32.const 24))) (call $num (call $cgi_close (i32.load (i32.const 16))))"
        assert self.go(guest.wat(start, read), *words) == b"%d\n0\n" % size

    def test_a_child_is_written_by_two_threads_and_read_by_a_third(self):
        each = 200_000
        words = self.root(echo="exec cat")
        guest = ThreadGuest(*CGI)
        write = f"""(local.set $n (i32.const {each})) (loop $l
          (local.set $i (select (i32.const 9000) (local.get $n) (i32.gt_u (local.get $n) (i32.const 9000))))
          (call $must (call $cgi_stdin_write (i32.load (i32.const 16)) {area(64)} (local.get $i) {area(4)}))
          (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.load {area(4)})))))"""
        start = f"""{self.child(guest, 'echo', '(i32.const 16)')} (call $start_threads (i32.const 2))
          (loop $l (call $must (call $cgi_stdout_read (i32.load (i32.const 16)) {area(64)} (i32.const 9000) {area(4)}))
            (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.load {area(4)}))) (i32.const {2 * each}))))
          (call $wait_for (i32.const 2)) (call $num (local.get $n)) (call $num (call $cgi_close (i32.load (i32.const 16))))"""
        assert self.go(guest.wat(start, write), *words) == b"%d\n0\n" % (2 * each)

    def test_a_child_is_closed_while_another_thread_reads_it(self):
        words = self.root(quiet="echo; exec sleep 1000")
        guest = ThreadGuest(*CGI)
        read = f"(call $cgi_stdout_read (i32.load (i32.const 16)) {area(64)} (i32.const 1) {area(4)})"
        # The second is in its call, or too late for it: the end of the stream, or no such handle.
        thread = f"(call $must {read}) (call $done) (i32.store (i32.const 24) {read}) (i32.store (i32.const 28) (i32.load {area(4)}))"
        start = f"""{self.child(guest, 'quiet', '(i32.const 16)')} (call $start_threads (i32.const 1)) (call $wait_for (i32.const 1))
          (call $num (call $cgi_close (i32.load (i32.const 16)))) (call $wait_for (i32.const 2)) (call $num (i32.load (i32.const 24)))
          (call $num (i32.load (i32.const 28)))"""
        for _ in range(10):
            out = self.go(guest.wat(start, thread), *words)
            assert out in (b"0\n0\n0\n", b"0\n1\n1\n", b"0\n2\n1\n"), out

    def slow(self, size):
        """A server that gives the body of /slow once it was asked for /go."""
        asked = threading.Event()

        def answer(connection, head):
            if b"go" in head.split(b"\r\n")[0]:
                asked.set()
                return connection.sendall(ok())
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
            if asked.wait(WATCHDOG):
                connection.sendall(b"x" * size)
        return Raw(answer)

    def sharing(self, kind, first):
        """A guest of three threads that read one response. Whichever meets the code for a handle in use does `first`, once, and has
        the server go on. Prints the bytes read, how many threads were told of an unknown handle, the code of what was done first."""
        guest = ThreadGuest(*kind.calls)
        go = kind.open(guest, "go", area(0))
        functions = f"""(func $share (param $area i32) (local $c i32)
          (loop $again
            (local.set $c {kind.read})
            (if (i32.eq (local.get $c) (i32.const {kind.busy})) (then
              (if (i32.eqz (i32.atomic.rmw.cmpxchg (i32.const 24) (i32.const 0) (i32.const 1))) (then {first} {go}))
              (br $again)))
            (if (i32.eqz (local.get $c)) (then
              (drop (i32.atomic.rmw.add (i32.const 28) (i32.load {area(4)})))
              (br_if $again (i32.load {area(4)})) (return)))
            (if (i32.ne (local.get $c) (i32.const 1)) (then (call $exit (local.get $c))))
            (drop (i32.atomic.rmw.add (i32.const 32) (i32.const 1)))))"""
        start = f"""(local.set $area (i32.const {FIRST})) {kind.open(guest, "slow", "(i32.const 16)")} (call $start_threads (i32.const 2))
          (call $share (i32.const {FIRST})) (call $wait_for (i32.const 2)) (call $num (i32.load (i32.const 28)))
          (call $num (i32.load (i32.const 32))) (call $num (i32.load (i32.const 36)))"""
        return guest.wat(start, "(call $share (local.get $area))", functions)

    def test_a_response_is_read_by_one_thread_at_a_time(self):
        for index in range(3):
            server = self.slow(4001)
            kind = streamed(server.port)[index]
            out = self.go(self.sharing(kind, ""), *kind.words, what=kind.name)
            assert out == b"4001\n0\n0\n", (kind.name, out)

    def test_a_response_is_closed_while_another_thread_reads_it(self):
        for index in range(3):
            server = self.slow(4)
            kind = streamed(server.port)[index]
            close = f"(i32.store (i32.const 36) (call ${kind.close} (i32.load (i32.const 16))))"
            # Who is reading gets what it waits for; then the handle is unknown to all.
            out = self.go(self.sharing(kind, close), *kind.words, what=kind.name)
            assert out == b"4\n3\n0\n", (kind.name, out)

    def test_threads_make_requests_at_once(self):
        guest = ThreadGuest("blockless_http.http_req", "blockless_http.http_read_body", "blockless_http.http_close", "bless.rpc_call")
        url = guest.text(self.nginx.url("/hello"))
        rpc = guest.text(json.dumps({"jsonrpc": "2.0", "method": "http.request", "params": {"url": self.nginx.url("/hello")}, "id": 1}))
        cycle = f"""(local.set $i (i32.const 50)) (loop $l
          (call $must (call $http_req {url} {guest.text(METHOD)} (local.get $area) {area(8)}))
          (call $must (call $http_read_body (i32.load (local.get $area)) {area(64)} (i32.const 100) {area(4)}))
          (if (i32.eq (i32.load {area(8)}) (i32.const 200)) (then (drop (i32.atomic.rmw.add (i32.const 16) (i32.load {area(4)})))))
          (call $must (call $http_close (i32.load (local.get $area))))
          (call $must (call $rpc_call {rpc} {area(64)} (i32.const 4000) {area(4)}))
          (if (i32.eq (i32.load8_u {area(64)}) (i32.const 123)) (then (drop (i32.atomic.rmw.add (i32.const 20) (i32.const 1)))))
          (br_if $l (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))"""
        start = f"(call $start_threads (i32.const 7)) {cycle} (call $wait_for (i32.const 7)) (call $num (i32.load (i32.const 16)))" \
                "(call $num (i32.load (i32.const 20)))"
        assert self.go(guest.wat(start, cycle), GRANT) == b"2400\n400\n"

    def test_threads_read_the_input_at_once(self):
        data = b"0123456789" * 1000
        guest = ThreadGuest("blockless_memory.memory_read", "blockless_memory.env_var_read")
        # The first of them reads it from the file; all get it from its beginning.
        cycle = f"""(local.set $i (i32.const 100)) (loop $l
          (i32.store8 {area(64 + 9999)} (i32.const 0))
          (call $must (call $memory_read {area(64)} (i32.const 12000) {area(4)}))
          (if (i32.ne (i32.load {area(4)}) (i32.const {len(data)})) (then (unreachable)))
          (if (i32.ne (i32.load8_u {area(64 + 9999)}) (i32.const 57)) (then (unreachable)))
          (call $must (call $env_var_read {area(64)} (i32.const 100) {area(4)}))
          (drop (i32.atomic.rmw.add (i32.const 16) (i32.const 1)))
          (br_if $l (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))"""
        start = f"(call $start_threads (i32.const 7)) {cycle} (call $wait_for (i32.const 7)) (call $num (i32.load (i32.const 16)))"
        with open(self.write("input", data), "rb") as stdin:
            assert self.go(guest.wat(start, cycle), "--stdin=none", stdin=stdin) == b"800\n"

    # -- a thread that hangs in a call ---------------------------------------------------------------------------------

    def test_a_request_of_another_thread_ends_with_the_guest(self):
        for name, sent in (("silent", b""), ("in its head", b"HTTP/1.1 200 OK\r\nConte"),
                           ("in its body", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab")):
            arrived = threading.Event()

            def answer(connection, head):
                if b"reached" in head.split(b"\r\n")[0]:
                    return connection.sendall(ok() if arrived.wait(WATCHDOG) else b"")
                arrived.set()
                connection.sendall(sent)
                connection.recv(1)
            for kind in streamed(Raw(answer).port):
                guest = ThreadGuest(*kind.calls)
                # The first thread goes on once the server has the other one's request.
                start = f"(call $start_threads (i32.const 1)) {kind.open(guest, 'reached', area(0))}"
                thread = f"{kind.open(guest, 'x', '(i32.const 16)')} {kind.read} drop {kind.read} drop"
                self.endings(lambda end: guest.wat(start + f"(call $out {guest.text('.')})" + end, thread),
                             lambda text, *words: self.started(text, *kind.words, *words), (kind.name, name), arrived.clear)

    def blocking(self, guest, kind):
        """What a thread does to hang in the library's `kind`."""
        opened = f"(call $must (call $blockless_open {guest.text(f'demo://block-{kind}')} {guest.text('')} (local.get $area)))"
        if kind == "open":
            return opened
        if kind == "close":
            return f"{opened} (drop (call $fd_close (i32.load (local.get $area))))"
        vector = f"(i32.store {area(16)} {area(64)}) (i32.store {area(20)} (i32.const 8))"
        return f"{opened} {vector} (drop (call $fd_{kind} (i32.load (local.get $area)) {area(16)} (i32.const 1) {area(4)}))"

    def test_a_library_that_hangs_in_another_thread_ends_with_the_guest(self):
        for kind in ("read", "write", "open", "close"):
            guest = ThreadGuest("blockless_drivers.blockless_open", "fd_read", "fd_close")
            thread = self.blocking(guest, kind)
            # The first thread goes on when both others hang in the library, and still has its own calls.
            start = f"""(call $start_threads (i32.const 2))
              (call $must (call $blockless_open {guest.text('demo://blocked/2')} {guest.text('')} (i32.const 16)))
              (call $must (call $blockless_open {guest.text('demo://echo')} {guest.text('')} (i32.const 20)))
              (call $must (call $fd_close (i32.load (i32.const 20)))) (call $out {guest.text('.')})"""
            self.endings(lambda end: guest.wat(start + end, thread), self.with_library, kind)

    def with_library(self, text, *words):
        self.number += 1
        module = self.write(f"library{self.number}.wat", text)
        self.mark = f"MARK={self.path(f'run{self.number}')}"
        config = self.config("drivers.json", entry=module, drivers=[{"schema": "demo", "path": self.library}])
        return subprocess.Popen([self.runtime, "--feature-thread", *words, config], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, cwd=self.dir, env={**os.environ, "MARK": self.mark[5:]})

    def test_the_first_thread_hangs_in_a_library_and_another_ends_the_guest(self):
        for kind in ("read", "write", "open", "close"):
            for end, status in (("(call $exit (i32.const 8))", 8), ("(unreachable)", 11)):
                guest = ThreadGuest("blockless_drivers.blockless_open", "fd_read", "fd_close")
                thread = f"""(call $must (call $blockless_open {guest.text('demo://blocked/1')} {guest.text('')} (local.get $area))) {end}"""
                start = f"(call $start_threads (i32.const 1)) {self.blocking(guest, kind)}"
                # Nobody can wake it, and nobody waits for it.
                self.ended(self.with_library(guest.wat(start, thread)), status, (kind, end))
                assert ("trap: unreachable" in self.err) == (status == 11), self.err


if __name__ == "__main__":
    sys.exit(driver.main(ExtensionThreads))
