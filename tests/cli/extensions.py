"""The extensions without servers of their own: sockets, drivers, memory. Every code of their tables, default deny, endings.

  extensions.py --bin FOLDER [--only WORD]

Which codes they have: host_codes.py.
"""

import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys

import car_bytes
import driver
from host_script import BUFFER, OUT, VEC, codes, script

BIND, CONNECT, OPEN = "blockless_socket.create_tcp_bind_socket", "blockless_socket.tcp_connect", "blockless_drivers.blockless_open"
MEMORY, VARIABLES = "blockless_memory.memory_read", "blockless_memory.env_var_read"
AGAIN, BADF, IO = 6, 8, 29
BAD_POINTER, MISSING_MEMORY = 255, 255


class Peer:
    """A listening socket on a free port."""

    def __init__(self, address="127.0.0.1", backlog=8):
        self.socket = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
        self.socket.bind((address, 0))
        self.socket.listen(backlog)
        self.port = self.socket.getsockname()[1]
        host = f"[{address}]" if ":" in address else address
        self.place = f"{host}:{self.port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def waiting(self):
        """How many connections have come."""
        self.socket.setblocking(False)
        count = 0
        while True:
            try:
                self.socket.accept()[0].close()
                count += 1
            except BlockingIOError:
                return count


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Extensions(driver.Driver):
    MODULES = ("blockless_socket", "blockless_drivers", "blockless_memory")

    def __init__(self, folder):
        super().__init__(folder)
        self.log = self.path("driver.log")
        self.number = 0
        self.library = self.build("driver.so")

    def build(self, name, *words):
        source = os.path.join(driver.ROOT, "tests", "cli", "guests", "test_driver.c")
        subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", "-O1", *words, "-o",
                        self.path(name), source], check=True)
        os.chmod(self.path(name), 0o755)
        return self.path(name)

    def guest(self, steps, **keys):
        self.number += 1
        return self.write(f"guest{self.number}.wat", script(steps, **keys))

    def run(self, steps, *words, status=0, env=None, program=None, **keys):
        """The codes of the guest's calls."""
        done = self.call(*words, self.guest(steps, **keys), env=env, program=program)
        self.expect(done, status, None)
        return codes(done.stdout.split(b"\n")[-1]) if status == 0 else done

    def driven(self, steps, *words, libraries=None, status=0, log="warn", **item):
        """A run with a driver library: the process, with `codes` and `calls`, what the library was asked."""
        if os.path.exists(self.log):
            os.unlink(self.log)
        if libraries is None:
            libraries = [{"schema": "demo", "path": self.library, **item}]
        config = self.config("drivers.json", entry=self.guest(steps), drivers=libraries, runtime_logger_level=log)
        env = dict(os.environ, DRIVER_LOG=self.log)
        done = self.call(*words, config, env=env)
        self.expect(done, status, None)
        done.codes = codes(done.stdout.split(b"\n")[-1]) if status == 0 else None
        done.calls = []
        if os.path.exists(self.log):
            with open(self.log) as f:
                done.calls = f.read().splitlines()
        return done

    # -- default deny --

    def test_nothing_is_reached_without_a_grant(self):
        with Peer() as peer:
            port = free_port()
            steps = [(CONNECT, peer.place, OUT), (CONNECT, f"localhost:{peer.port}", OUT), (OPEN, f"tcp://{peer.place}", "", OUT),
                     (OPEN, f"tcp://localhost:{peer.port}/x", "", OUT), (BIND, f"127.0.0.1:{port}", OUT), (BIND, f"0.0.0.0:{port}", OUT)]
            wanted = [2, 2, 14, 14, 2, 2]
            guest = self.guest(steps)
            for program in ([self.bls, "run"], [self.runtime]):
                for words in ([], ["--permission=http://a.com"], ["--deny-net=a.com"], ["--allow-net=a.com"], ["--allow-read"],
                              ["--allow-all", "--deny-net"], [f"--allow-net=127.0.0.1:{peer.port + 1}"], ["--allow-net"],
                              [f"--allow-net=127.0.0.2:{peer.port}"], ["--permission", f"http://{peer.place}"]):
                    done = self.call(*program[1:], *words, guest, program=program[0])
                    self.expect(done, 0, None)
                    assert codes(done.stdout) == wanted, (words, done.stdout)
            assert peer.waiting() == 0

    def guarded(self, peer):
        """For each guarded import a call and its code without a grant."""
        s3 = json.dumps({"access_key": "a", "secret_key": "b", "endpoint": f"http://{peer.place}", "bucket_name": "b", "path": "p"})
        rpc = {"jsonrpc": "2.0", "method": "http.request", "params": {"url": f"http://{peer.place}/"}, "id": 1}
        return {
            "tcp_connect": ((CONNECT, peer.place, OUT), 2),
            "create_tcp_bind_socket": ((BIND, f"127.0.0.1:{free_port()}", OUT), 2),
            "blockless_open": ((OPEN, f"tcp://{peer.place}", "", OUT), 14),
            "http_req": (("blockless_http.http_req", f"http://{peer.place}/", '{"method": "get", "headers": "{}"}', OUT, 3000), 14),
            "rpc_call": (("bless.rpc_call", json.dumps(rpc), BUFFER, 4096, OUT), 0),  # the refusal is in the response
            "ipfs_command": (("blockless_ipfs.ipfs_command", '{"api": "files/ls", "args": []}', OUT, 3000), 10),
            "bucket_command": (("blockless_s3.bucket_command", 1, s3, OUT), 12),
            "bucket_put_object": (("blockless_s3.bucket_put_object", s3, "data"), 12),
            "cgi_list_exec": (("blockless_cgi.cgi_list_exec", OUT), 4),
            "cgi_open": (("blockless_cgi.cgi_open", '{"command": "tool", "args": [], "envs": []}', OUT), 4),
            "llm_set_model_request": (("blockless_llm.llm_set_model_request", OUT, "https://github.com/a/b.llamafile"), 10),
        }

    def test_every_guarded_import_refuses_without_a_grant(self):
        listed = json.loads(self.call("extensions", "list", "--json", program=self.bls).stdout)["extensions"]
        reaching = {function["name"] for item in listed for function in item["functions"]
                    if function["capability"] in ("network", "listen", "process")}
        tools = self.path("tools")
        os.makedirs(tools, exist_ok=True)
        started = self.path("started")
        tool = self.write("tools/tool", f'#!/bin/sh\ntouch {started}\necho \'{{"alias": "tool", "description": "", "is_cgi": true}}\'\n')
        os.chmod(tool, 0o755)
        with Peer() as peer:
            table = self.guarded(peer)
            assert not reaching - set(table), f"no case for {reaching - set(table)}"
            used = [name for name in table if name in reaching]
            steps = [table[name][0] for name in used]
            if "rpc_call" in used:
                steps += [("say", "\n"), ("show", used.index("rpc_call")), ("say", "\n")]
            guest = self.guest(steps)
            wanted = [table[name][1] for name in used]
            # Any flag makes starting programs a matter of --allow-cgi as well.
            for words in (["--deny-net=a.com"], ["--allow-read"], ["--allow-net=a.com"], ["--deny-net", "--allow-all", "--allow-cgi=other"]):
                done = self.call("run", "--drivers-root-path", tools, "--model-folder", self.path("none"), *words, guest, program=self.bls)
                self.expect(done, 0, None)
                got = codes(done.stdout.split(b"\n")[-1])
                if "--allow-all" in words:
                    continue  # no packet, whatever the codes
                assert got == wanted, (words, list(zip(used, got, wanted)), done.err)
                assert "rpc_call" not in used or b'"success":false' in done.stdout and b"ermission" in done.stdout, done.stdout
                assert not os.path.exists(started), words
            assert peer.waiting() == 0
            self.trace(guest)

    def trace(self, guest):
        """No system call reaches out, no file and no process appears."""
        tracer = shutil.which("strace")
        if tracer is None or subprocess.run([tracer, "-o", "/dev/null", "true"]).returncode != 0:
            return
        trace = self.path("trace")
        done = self.call("-f", "-o", trace, "-e", "trace=socket,connect,bind,listen,execve,openat", self.bls, "run", "--no-sandbox",
                         "--deny-net=a.com", guest, program=tracer)
        self.expect(done, 0, None)
        with open(trace) as f:
            text = f.read()
        assert not re.search(r"\b(socket\((AF_INET|AF_PACKET|PF_INET)|connect\(|bind\(|listen\()", text), text
        assert not re.search(r"O_CREAT", text), text
        assert all("/bls" in line for line in text.splitlines() if "execve(" in line), text

    # -- blockless_socket --

    def test_connect(self):
        for address in ("127.0.0.1", "::1"):
            with Peer(address) as peer:
                steps = [(CONNECT, peer.place, OUT), ("fd_write", ("got", 0), *[("text", "ping")], OUT), ("fd_read", ("got", 0), VEC, OUT),
                         ("show", 2), ("fd_fdstat_get", ("got", 0), OUT), ("sock_shutdown", ("got", 0), 2), ("fd_close", ("got", 0)),
                         ("fd_close", ("got", 0)), ("say", "\n")]
                for grant in (f"--allow-net={peer.place}", f"--allow-net={peer.place.rsplit(':', 1)[0]}", "--allow-all",
                              f"--permission=tcp://{peer.place}"):
                    guest = self.guest(steps)
                    process = subprocess.Popen([self.runtime, grant, guest], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, cwd=self.dir)
                    connection, _ = peer.socket.accept()
                    assert connection.recv(100) == b"ping"
                    connection.sendall(b"pong")
                    out, _ = process.communicate(timeout=60)
                    connection.close()
                    assert out.split(b"\n") == [b"pong", b"000 000 000 000 000 000 008 "], out

    def test_names_are_resolved_and_checked(self):
        with Peer() as peer:
            steps = [(CONNECT, f"LocalHost:{peer.port}", OUT), (CONNECT, f"localhost.:{peer.port}", OUT)]
            assert self.run(steps, f"--allow-net=localhost:{peer.port}") == [0, 0]
            assert self.run(steps, f"--permission=tcp://localhost:{peer.port}") == [0, 0]
            assert peer.waiting() == 4
            assert self.run(steps, "--allow-net") == [2, 2], "a loopback address must be named"

    def test_socket_parameters(self):
        for call in (CONNECT, BIND):
            done = self.run([(call, b"\xff:80", OUT), (call, 0x7fffffff, 9, OUT), (call, 262140, 5, OUT)], "--allow-all")
            assert done == [1, 1, 1], done
            self.run([(call, "127.0.0.1:1", -4)], "--allow-all", status=BAD_POINTER)
            self.run([(call, "127.0.0.1:1", 1025)], "--allow-all", status=BAD_POINTER)
            done = self.run([(call, "127.0.0.1:1", OUT)], "--allow-all", status=MISSING_MEMORY, memory=False)
            assert "missing required memory export" in done.err, done.err

    def test_connect_fails(self):
        port = free_port()
        bad = ["", ":", "127.0.0.1", f"127.0.0.1:{port}", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", f"127.1:{port}", f"2130706433:{port}",
               f"0x7f.0.0.1:{port}", f"127.0.0.1 :{port}", f"::1:{port}", f"[::1:{port}", f"a..b:{port}", f"a/b:{port}", f"user@localhost:{port}",
               "x" * 5000 + ":1", f"127.0.0.1%00:{port}", f"[::1%lo]:{port}", f".localhost:{port}", "no-such-name.invalid:1"]
        assert self.run([(CONNECT, text, OUT) for text in bad], "--allow-all") == [2] * len(bad)

    def test_bind_accept_and_talk(self):
        port = free_port()
        steps = [(BIND, f"127.0.0.1:{port}", OUT), ("say", "ready\n"), ("sock_accept", ("got", 0), 0, OUT), ("fd_read", ("got", 2), VEC, OUT),
                 ("show", 3), ("fd_write", ("got", 2), *[("text", "answer")], OUT), ("sock_shutdown", ("got", 2), 3),
                 ("fd_close", ("got", 2)), ("fd_close", ("got", 0)), ("say", "\n")]
        for grant in (f"--allow-net=127.0.0.1:{port}", f"--permission=tcp://127.0.0.1:{port}"):
            process = subprocess.Popen([self.runtime, grant, self.guest(steps)], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, cwd=self.dir)
            assert process.stdout.readline() == b"ready\n"
            with socket.create_connection(("127.0.0.1", port)) as peer:
                peer.sendall(b"question")
                assert peer.recv(100) == b"answer"
            out, _ = process.communicate(timeout=60)
            assert out == b"question\n000 000 000 000 000 000 000 ", out

    def test_bind_fails(self):
        assert self.run([(BIND, text, OUT) for text in ("", "127.0.0.1", "203.0.113.7:0", "no-such-name.invalid:0", "127.0.0.1:99999")],
                        "--allow-all") == [2] * 5
        # Listening needs a grant that names the address, public or not.
        assert self.run([(BIND, "0.0.0.0:0", OUT), (BIND, "[::]:0", OUT), (BIND, "8.8.8.8:0", OUT)], "--allow-net") == [2, 2, 2]
        assert self.run([(BIND, "0.0.0.0:0", OUT)], "--allow-net=0.0.0.0") == [0]

    def test_bind_in_use(self):
        with Peer() as peer:
            assert self.run([(BIND, peer.place, OUT)], f"--allow-net={peer.place}") == [4]

    def test_descriptors_run_out_and_come_back(self):
        with Peer(backlog=32) as peer:
            steps = [(CONNECT, peer.place, OUT)] * 4 + [("fd_close", ("got", 0)), (CONNECT, peer.place, OUT), (BIND, "127.0.0.1:0", OUT)]
            assert self.run(steps, "--allow-all", "--max-open-files=5") == [0, 0, 2, 2, 0, 0, 2]

    def test_a_connect_that_hangs_ends_with_the_time_limit(self):
        with Peer(backlog=0) as peer:
            full = [socket.socket() for _ in range(4)]
            for one in full:
                one.setblocking(False)
                one.connect_ex(("127.0.0.1", peer.port))
            for call in ((CONNECT, peer.place, OUT), (OPEN, f"tcp://{peer.place}", "", OUT)):
                self.run([call], "--allow-all", "--run-time=400", status=15)
            for one in full:
                one.close()

    # -- blockless_drivers --

    def test_tcp_does_not_block(self):
        with Peer() as peer:
            steps = [(OPEN, f"TCP://{peer.place}/ignored", "ignored", OUT), ("fd_read", ("got", 0), VEC, OUT), ("say", "asked\n"),
                     ("fd_write", ("got", 0), *[("text", "x")], OUT), ("wait", ("got", 0)), ("fd_read", ("got", 0), VEC, OUT), ("show", 5),
                     ("fd_close", ("got", 0)), ("say", "\n")]
            process = subprocess.Popen([self.runtime, f"--permission=tcp://{peer.place}", self.guest(steps)], stdout=subprocess.PIPE,
                                       stdin=subprocess.DEVNULL, cwd=self.dir)
            connection, _ = peer.socket.accept()
            assert process.stdout.readline() == b"asked\n"
            connection.sendall(b"data")
            out, _ = process.communicate(timeout=60)
            connection.close()
            assert out == b"data\n000 006 000 000 000 ", out

    def test_tcp_refused(self):
        bad = [f"127.0.0.1:{free_port()}", "127.0.0.1", "x:y", "[::1", ":80"]
        done = self.call("--allow-all", self.config("c.json", entry=self.guest([(OPEN, f"tcp://{place}", "", OUT) for place in bad])))
        self.expect(done, 0, b"009 " * len(bad), f"ERROR blockless] error connect in driver {re.escape(bad[0])}: Connection refused")

    def test_tcp_denied(self):
        with Peer() as peer:
            assert self.run([(OPEN, f"tcp://{peer.place}", "", OUT)], f"--deny-net={peer.place}", "--allow-all") == [14]
            # A deny of an address is one of every name of it, and of what stands for it.
            hosts = "--hosts-file=" + self.write("hosts.txt", "far.test 93.184.216.34\nnat.test 64:ff9b::5db8:d822\n")
            for place, deny in ((f"0.0.0.0:{peer.port}", "127.0.0.1"), ("far.test:80", "93.184.216.34"), ("nat.test:80", "93.184.216.34")):
                assert self.run([(OPEN, f"tcp://{place}", "", OUT)], f"--deny-net={deny}", "--allow-all", hosts) == [14], place
            assert peer.waiting() == 0

    def test_urls_that_do_not_parse_and_unknown_schemes(self):
        bad = ["", "tcp", "tcp:", "tcp:/", "://", "://x", "unknown://x", "demo://x", "tcp://a b:1", "tcp://<x>:1", "tcp://é:1", "x" * 70000 + "://y",
               "tcp://\x7f", "tcp://\0"]
        done = self.call("--allow-all", self.config("c.json", entry=self.guest([(OPEN, url, "", OUT) for url in bad])))
        self.expect(done, 0, b"010 " * len(bad), "ERROR blockless] error parse:")

    def test_open_parameters(self):
        done = self.run([(OPEN, "tcp://", "", OUT), (OPEN, "tcp:////", "", OUT), (OPEN, b"tcp://\xff", "", OUT), (OPEN, "tcp://a:1", b"\xff", OUT),
                         (OPEN, 0x7fffffff, 5, "", OUT), (OPEN, "tcp://a:1", -1, 2, OUT), (OPEN, 0, -1, "", OUT)], "--allow-all")
        assert done == [12] * 7, done
        self.run([(OPEN, "tcp://a:1", "", -4)], status=BAD_POINTER)
        self.run([(OPEN, "tcp://a:1", "", 1026)], status=BAD_POINTER)

    def test_codes_of_a_library(self):
        given = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 77, 70000]
        passed = {1, 3, 5, 8, 9, 10, 11, 12, 13}
        done = self.driven([(OPEN, f"demo://fail/{n}", "", OUT) for n in given])
        assert done.codes == [n if n in passed else 13 for n in given], done.codes

    def test_a_library_moves_bytes(self):
        done = self.driven([(OPEN, "DEMO:///echo//a/", '{"k": 1}', OUT), ("fd_write", ("got", 0), *[("text", "hello")], OUT),
                            ("fd_read", ("got", 0), VEC, OUT), ("show", 2), ("fd_read", ("got", 0), VEC, OUT), ("show", 4), ("say", "\n"),
                            ("fd_filestat_get", ("got", 0), OUT), ("fd_seek", ("got", 0), ("i64", 0), 0, OUT), ("fd_close", ("got", 0)),
                            ("fd_close", ("got", 0)), (OPEN, "demo://scribble", "", OUT)])
        assert done.stdout.startswith(b"hello\n"), done.stdout
        assert done.codes == [0, 0, 0, 0, 0, 70, 0, BADF, 0], done.codes
        assert done.calls == ["loaded", 'open demo://echo/a [{"k": 1}]', "close 1", "open demo://scribble []", "close 1"], done.calls

    def test_a_library_that_lies(self):
        io = [("fd_read", ("got", 0), VEC, OUT), ("fd_write", ("got", 0), *[("text", "0123456789")], OUT)]
        for size in ("65", "4096", "2147483648", "4294967295"):
            done = self.driven([(OPEN, f"demo://lie/{size}", "", OUT), *io])
            assert done.codes == [0, IO, IO], (size, done.codes)
        for errno, wanted in ((11, AGAIN), (9, BADF), (5, IO), (60000, IO)):
            done = self.driven([(OPEN, f"demo://errno/{errno}", "", OUT), *io])
            assert done.codes == [0, wanted, wanted], (errno, done.codes)

    def test_descriptors_are_closed_once_in_every_ending(self):
        opened = [(OPEN, "demo://echo", "", OUT), (OPEN, "demo://null", "", OUT), (OPEN, "demo://echo", "", OUT)]
        calls = ["loaded", "open demo://echo []", "open demo://null []", "open demo://echo []"]
        for ending, status, words in ((None, 0, []), (("trap",), 11, []), (("spin",), 15, ["--run-time=500"]),
                                      (("spin",), 1, ["--limited-fuel=100000"])):
            done = self.driven([*opened, *([ending] if ending else [])], *words, status=status)
            assert sorted(done.calls) == sorted(calls + ["close 1", "close 2"]), (ending, done.calls)
        done = self.driven([*opened, ("fd_close", ("got", 0)), ("fd_close", ("got", 1)), ("fd_renumber", ("got", 2), 1)])
        assert [line for line in done.calls if "close" in line] == ["close 1", "close 2"], done.calls

    def test_a_call_that_blocks_in_a_library_ends_with_the_process(self):
        self.driven([(OPEN, "demo://block", "", OUT), ("fd_read", ("got", 0), VEC, OUT)], "--run-time=400", status=15)

    def test_a_full_table_opens_nothing(self):
        done = self.driven([(OPEN, "demo://echo", "", OUT), (OPEN, "demo://echo", "", OUT)], "--max-open-files=4")
        assert done.codes == [0, 11] and done.calls == ["loaded", "open demo://echo []", "close 1"], (done.codes, done.calls)

    def test_a_library_may_shadow_tcp_and_is_asked_for_where_it_leads(self):
        libraries = [{"schema": "TCP", "path": self.library}, {"schema": "http", "path": self.library}]
        steps = [(OPEN, "tcp://127.0.0.1:1", "", OUT), (OPEN, "http://a.com/x", "", OUT), (OPEN, "http://u@a.com/", "", OUT),
                 (OPEN, "tcp://echo", "", OUT)]
        done = self.driven(steps, libraries=libraries)
        assert done.codes == [14, 14, 14, 0] and len(done.calls) == 3, (done.codes, done.calls)
        done = self.driven(steps, "--permission=tcp://127.0.0.1:1", "--permission=http://a.com", libraries=libraries)
        assert done.codes == [0, 0, 14, 0], done.codes

    def test_what_is_not_loaded(self):
        steps = [(OPEN, "demo://echo", "", OUT)]
        def refused(reason, **keys):
            done = self.driven(steps, status=128, **keys)
            lines = [line for line in done.err.splitlines() if "rror" in line]
            assert len(lines) == 1 and re.search(f"ERROR blockless\\] error: config: driver library '.*': ({reason})", lines[0]), done.err
            assert done.calls == [], done.calls
        refused("No such file", libraries=[{"schema": "demo", "path": self.path("none.so")}])
        refused("No such file", libraries=[{"schema": "demo", "path": "driver.so"}])
        refused("it is no regular file", libraries=[{"schema": "demo", "path": self.dir}])
        refused(".*invalid ELF|.*file too short", libraries=[{"schema": "demo", "path": self.write("bad.so", "no library")}])
        for mode in (0o775, 0o757, 0o777):
            os.chmod(self.library, mode)
            refused("others may write to it")
        os.chmod(self.library, 0o755)
        refused("its SHA-256 is not", sha256="0" * 64)
        refused("its SHA-256 is not", sha256="x")
        path = self.build("half.so", "-DWITHOUT_CLOSE")
        done = self.driven(steps, libraries=[{"schema": "demo", "path": path}], status=128)
        assert "it has no symbol blockless_close" in done.err, done.err
        # The first that is wrong ends it; one that is right is loaded from where it says.
        with open(self.library, "rb") as f:
            digest = hashlib.sha256(f.read()).hexdigest()
        assert self.driven(steps, sha256=digest.upper()).codes == [0]
        assert self.driven(steps, libraries=[{"schema": "demo", "path": "./driver.so"}]).codes == [0]

    def test_an_archive_names_no_library(self):
        guest = script([(OPEN, "demo://echo", "", OUT)])
        car = self.write("app.car", car_bytes.archive({"guest.wat": guest.encode(), "config.json": json.dumps(
            {"entry": "$ROOT/guest.wat", "fs_root_path": "$ENV_ROOT_PATH", "drivers": [{"schema": "demo", "path": self.library}]})}))
        root = self.path("root")
        os.makedirs(root, exist_ok=True)
        env = dict(os.environ, DRIVER_LOG=self.log)
        for words, wanted in ([], b"010 "), (["--trust-archive-config"], b"000 "):
            if os.path.exists(self.log):
                os.unlink(self.log)
            done = self.call("--fs-root-path", root, *words, car, env=env)
            self.expect(done, 0, wanted, None if words else "drivers")
            assert os.path.exists(self.log) == bool(words)

    def test_without_the_import_nothing_is_loaded(self):
        done = self.driven([("random_get", 4096, 4)], libraries=[{"schema": "demo", "path": self.library}, {"schema": "x", "path": "none"}])
        assert done.codes == [0] and done.calls == [], done.calls

    def test_the_sandbox_is_left_out_for_libraries_alone(self):
        done = self.driven([(OPEN, "demo://echo", "", OUT)], log="debug")
        assert "INFO  bls_runtime] sandbox: not entered, since native driver libraries are in use" in done.err, done.err
        done = self.call(self.config("c.json", entry=self.guest([(OPEN, "demo://x", "", OUT)]), runtime_logger_level="debug"))
        assert "sandbox: no-new-privileges" in done.err and "not entered" not in done.err, done.err

    # -- blockless_memory --

    def test_memory_read(self):
        steps = [(MEMORY, 4096, 64, OUT), ("show", 0), (MEMORY, 4096, 3, OUT), ("show", 2), ("say", "\n")]
        for text, wanted in (("hello", b"hellohel"), ("", b""), ("ab", b"abab"), ("é\n", "é\né\n".encode())):
            done = self.call("--stdin", text, self.guest(steps))
            assert done.stdout == wanted + b"\n000 000 ", (text, done.stdout, done.err)
        done = self.call("--stdin=inherit", self.guest(steps), stdin=b"not for this call")
        assert done.stdout == b"\n000 000 ", done.stdout

    def test_memory_parameters(self):
        for call in (MEMORY, VARIABLES):
            assert self.run([(call, 4096, 0, OUT), (call, 0x7fffffff, 8, OUT), (call, 4096, -1, OUT), (call, 262143, 2, OUT)],
                            "--stdin=x") == [3, 2, 2, 2]
            self.run([(call, 4096, 8, -4)], status=BAD_POINTER)

    def test_listed_variables(self):
        guest = self.guest([(VARIABLES, 4096, 2048, OUT), ("show", 0), ("say", "\n"), (VARIABLES, 4096, 3, OUT), ("show", 3), ("say", "\n")])
        def read(**env):
            done = self.call(guest, env={os.fsencode(k): v if isinstance(v, bytes) else os.fsencode(v) for k, v in env.items()})
            lines = done.stdout.split(b"\n")
            assert lines[1:] == [lines[0][:3], b"000 000 "], done.stdout
            return lines[0]
        assert read(BLS_LIST_VARS="A;B", A="va", B="vb", C="secret") == b'{"A": "va","B": "vb"}'
        assert read(BLS_LIST_VARS="NONE;A", A="1") == b'{"NONE": "","A": "1"}'
        assert read(BLS_LIST_VARS="A", A='q"\\\t\x01') == b'{"A": "q\\"\\\\\\t\\u0001"}'
        assert read(BLS_LIST_VARS="A", A=b"\xff\xc3x") == '{"A": "\ufffd\ufffdx"}'.encode()
        assert read() == read(BLS_LIST_VARS="") == b'{"": ""}'


if __name__ == "__main__":
    sys.exit(driver.main(Extensions))
