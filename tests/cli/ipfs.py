"""blockless_ipfs against recorded answers of a node and hostile servers, with the real program in its sandbox.

  ipfs.py --bin FOLDER [--only WORD]

Which codes its functions have: host_codes.py.
"""

import json
import os
import socket
import subprocess
import sys
from urllib.parse import parse_qsl, urlsplit

import driver
from http_driver import MOST_RSS, HttpDriver, closed_port
from http_guest import BUFFER, Guest
from http_servers import Raw, answers, ok

READING = ("files/ls", "files/mkdir", "files/rm", "files/stat", "files/read")
SESSIONS, MOST_WRITTEN = 64, 64 << 20
KEPT = "(i32.load (i32.const {}))"


class IpfsGuest(Guest):
    IMPORTS = """(import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32)))
      (import "blockless_ipfs" "ipfs_command" (func $command (param i32 i32 i32 i32) (result i32)))
      (import "blockless_ipfs" "ipfs_read" (func $read (param i32 i32 i32 i32) (result i32)))
      (import "blockless_ipfs" "ipfs_write" (func $write (param i32 i32 i32 i32) (result i32)))
      (import "blockless_ipfs" "ipfs_close" (func $close (param i32) (result i32)))"""

    def command(self, api="files/ls", *args, raw=None, at=None, kept=0):
        """ipfs_command; prints `code` or `0 status`. The handle goes to the address `kept`."""
        text = raw if raw is not None else json.dumps({"api": api, "args": [{"name": n, "value": v} for n, v in args]})
        return self.step(f"""(local.set $c (call $command {at or self.text(text)} (i32.const {kept}) (i32.const 4)))
          (call $num (local.get $c)) (if (i32.eqz (local.get $c)) (then (call $sp) (call $num (i32.load (i32.const 4))))) (call $nl)""")

    def read(self, size=65536, handle=KEPT.format(0), buffer=BUFFER):
        """Prints `code` or `0 length bytes`."""
        return self.step(f"""(local.set $c (call $read {handle} (i32.const {buffer}) (i32.const {size}) (i32.const 8)))
          (call $num (local.get $c)) (if (i32.eqz (local.get $c)) (then (call $sp) (call $num (i32.load (i32.const 8)))
            (call $sp) (call $out (i32.const {buffer}) (i32.load (i32.const 8))))) (call $nl)""")

    def write(self, data, handle=KEPT.format(0), where=None):
        """Prints `code` or `0 length`."""
        return self.step(f"""(local.set $c (call $write {handle} {where or self.text(data)} (i32.const 8)))
          (call $num (local.get $c)) (if (i32.eqz (local.get $c)) (then (call $sp) (call $num (i32.load (i32.const 8))))) (call $nl)""")

    def count(self, size=65536):
        """Reads to the end; prints the number of bytes in units of 1000000 and the rest."""
        super().count(size)
        self.steps[-1] = self.steps[-1].replace("call $body", "call $read")
        return self


def received(connection, head):
    """The body of a request whose head, and perhaps more, has come."""
    head, body = head.split(b"\r\n\r\n", 1)
    lengths = [int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    assert len(lengths) == 1, head
    while len(body) < lengths[0]:
        piece = connection.recv(65536)
        if not piece:
            break
        body += piece
    return body


class Node(Raw):
    """A server that keeps the bodies it gets as well."""

    def __init__(self, answer=None):
        self.bodies = []
        self.answer = answer or ok(b"")
        super().__init__(self.respond)

    def respond(self, connection, head):
        self.bodies.append(received(connection, head))
        connection.sendall(self.answer(head) if callable(self.answer) else self.answer)


class Ipfs(HttpDriver):
    MODULES = ("blockless_ipfs",)

    def __init__(self, folder):
        driver.Driver.__init__(self, folder)

    def granted(self, server, *words):
        place = f"127.0.0.1:{server if isinstance(server, int) else server.port}"
        return ("--ipfs-api", place, *(words or ("--permission", f"http://{place}/")))

    def ask(self, guest, server, *words, **keys):
        return self.run(guest, *self.granted(server, *words), **keys)

    # -- exchanges -----------------------------------------------------------------------------------------------------

    def test_recorded_exchanges(self):
        with open(os.path.join(driver.ROOT, "tests", "cli", "guests", "ipfs_exchanges.json")) as f:
            exchanges = json.load(f)
        assert {e["api"] for e in exchanges} == {*READING, "files/write"}
        for e in exchanges:
            node = Node(e["answer"].encode("latin-1"))
            guest = IpfsGuest().command(e["api"], *e["args"])
            if "data" in e:
                lines = self.ask(guest.write(e["data"]).read(), node)
                assert lines == ["0 0", f"0 {len(e['data'])}", "0 0 "], (e, lines)
            else:
                lines = self.ask(guest.read().read(), node)
                assert "\n".join(lines) == f"0 {e['status']}\n0 {len(e['body'])} {e['body']}\n0 0 ", (e, lines)
            asked = urlsplit(node.heads[0].split(b" ")[1].decode())
            assert node.heads[0].startswith(b"POST /api/v0/") and asked.path == "/api/v0/" + e["api"], node.heads
            wanted = [(n, v if isinstance(v, str) else json.dumps(v)) for n, v in e["args"]]
            assert parse_qsl(asked.query, keep_blank_values=True) == wanted, asked
            assert node.accepts == 1

    def test_what_a_request_looks_like(self):
        node = Node()
        for api in READING:
            assert self.ask(IpfsGuest().command(api), node) == ["0 200"]
            head = node.heads[-1]
            assert head.startswith(f"POST /api/v0/{api} HTTP/1.1\r\nHost: 127.0.0.1:{node.port}\r\n".encode()), head
            assert b"Content-Length: 0\r\n" in head and node.bodies[-1] == b""
            for never in (b"User-Agent", b"Origin", b"Referer", b"Content-Type", b"Expect"):  # a node takes the first three for a browser
                assert never.lower() not in head.lower(), head

    def test_arguments(self):
        node = Node()
        args = [("arg", "/a b/\u00e9&=+%?#"), ("long", True), ("off", False), ("count", 42), ("offset", -7), ("big", 18446744073709551615),
                ("part", 0.5), ("", ""), ("arg", "again"), ("x y", "*-._~")]
        assert self.ask(IpfsGuest().command("files/ls", *args), node) == ["0 200"]
        target = node.heads[0].split(b" ")[1].decode()
        assert target == ("/api/v0/files/ls?arg=%2Fa+b%2F%C3%A9%26%3D%2B%25%3F%23&long=true&off=false&count=42&offset=-7"
                          "&big=18446744073709551615&part=0.5&=&arg=again&x+y=*-._%7E"), target
        for raw in ('{"api": "files/ls"}', '{"api": "files/ls", "args": null}', '{"args": [], "api": "files/ls", "more": 1}'):
            assert self.ask(IpfsGuest().command(raw=raw), node) == ["0 200"]
            assert node.heads[-1].startswith(b"POST /api/v0/files/ls HTTP/1.1\r\n")

    def test_a_status_is_no_failure(self):
        for status, body in ((500, b'{"Message":"file does not exist","Code":0,"Type":"error"}'), (404, b"404 page not found"), (403, b"")):
            node = Node(ok(body).replace(b"200 OK", b"%d No" % status))
            assert self.ask(IpfsGuest().command("files/stat", ("arg", "/no")).read(), node) == [f"0 {status}", f"0 {len(body)} {body.decode()}"]

    def test_a_redirect_leads_nowhere(self):
        away = Raw(answers(ok()))
        node = Node(f"HTTP/1.1 307 Go\r\nLocation: {away.url()}\r\nContent-Length: 4\r\n\r\naway".encode())
        assert self.ask(IpfsGuest().command().read(), node, "--allow-all") == ["0 307", "0 4 away"]
        assert self.ask(IpfsGuest().command("files/write").write("x").read(), node, "--allow-all") == ["0 0", "0 1", "6"]
        assert away.accepts == 0

    def test_no_proxy_of_the_environment_is_used(self):
        proxy, node = Raw(answers(ok(b"proxy"))), Node(ok(b"node"))
        env = {name: proxy.url() for name in ("http_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY")}
        assert self.ask(IpfsGuest().command().read(), node, env=env) == ["0 200", "0 4 node"]
        assert self.ask(IpfsGuest().command("files/write").write("x").read(), node, env=env) == ["0 0", "0 1", "0 0 "]
        assert proxy.accepts == 0

    def test_bodies_in_pieces(self):
        node = Node(b"HTTP/1.1 200 OK\r\nTrailer: X-Stream-Error\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n3\r\nefg\r\n0\r\nX-Stream-Error: no\r\n\r\n")
        lines = self.ask(IpfsGuest().command("files/read").read(3).read(1).read(100).read(100).read(100), node)
        assert lines == ["0 200", "0 3 abc", "0 1 d", "0 3 efg", "0 0 ", "0 0 "], lines

    def test_a_large_body_streams(self):
        size = 64 << 20

        def stream(connection, head):
            connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode())
            for _ in range(size // 65536):
                connection.sendall(bytes(65536))
        assert self.ask(IpfsGuest().command("files/read", ("arg", "/large")).count(), Raw(stream)) == ["0 200", f"{size // 1000000} {size % 1000000}"]
        assert self.rss < MOST_RSS, self.rss

    def test_both_programs_and_a_name_as_the_endpoint(self):
        node = Node(ok(b"yes"))
        self.write("both.wat", IpfsGuest().command().read().wat())
        for program in ([self.runtime], [self.bls, "run"]):
            for place, grant in ((f"127.0.0.1:{node.port}", f"--allow-net=127.0.0.1:{node.port}"), (f"LocalHost:{node.port}", "--allow-net=localhost"),
                                 (f"localhost:{node.port}", f"--permission=http://localhost:{node.port}"), (f"localhost:{node.port}", "--allow-all")):
                done = self.call(*program[1:], "--ipfs-api", place, grant, self.path("both.wat"), program=program[0])
                self.expect(done, 0, b"0 200\n0 3 yes\n", "^$")

    # -- files/write ---------------------------------------------------------------------------------------------------

    def test_a_file_is_one_part_of_octets(self):
        node = Node()
        data = bytes(range(256)) * 40 + b"\r\n--x--\r\n"
        guest = IpfsGuest().command("files/write", ("arg", "/f"), ("create", True))
        assert self.ask(guest.write(data).read().read().close(), node) == ["0 0", f"0 {len(data)}", "0 0 ", "0 0 ", "0"]
        head = node.heads[0].split(b"\r\n\r\n")[0]
        assert head.startswith(b"POST /api/v0/files/write?arg=%2Ff&create=true HTTP/1.1\r\n"), head
        boundary = head.split(b"Content-Type: multipart/form-data; boundary=")[1].split(b"\r\n")[0]
        part, rest = node.bodies[0].split(b"\r\n\r\n", 1)
        assert rest == data + b"\r\n--" + boundary + b"--\r\n" and boundary not in data
        lines = part.split(b"\r\n")
        assert lines[0] == b"--" + boundary and lines[1].startswith(b"Content-Disposition: form-data; ") and len(lines) == 3, lines
        assert lines[2] == b"Content-Type: application/octet-stream" and node.accepts == 1

    def test_the_connection_of_a_write_is_opened_by_the_command(self):
        node = Node()
        assert self.ask(IpfsGuest().command("files/write").close(), node) == ["0 0", "0"]
        assert self.ask(IpfsGuest().command(), node) == ["0 200"]
        assert node.accepts == 2 and len(node.heads) == 1  # the first said nothing
        # A file reaches the node also when nobody asks how it went.
        assert self.ask(IpfsGuest().command("files/write").write("data").close(), node) == ["0 0", "0 4", "0"]
        assert b"\r\n\r\ndata\r\n--" in node.bodies[-1]

    def test_a_large_write(self):
        node = Node()
        guest = IpfsGuest().command("files/write").write("", where=f"(i32.const {BUFFER}) (i32.const 3000000)").read()
        assert self.ask(guest, node) == ["0 0", "0 3000000", "0 0 "] and len(node.bodies[0]) > 3000000

    def test_a_write_that_the_node_refuses(self):
        for status in (201, 204, 302, 400, 403, 500):
            node = Node(b"HTTP/1.1 %d Other\r\nContent-Length: 0\r\n\r\n" % status)
            assert self.ask(IpfsGuest().command("files/write").write("data").read().read(), node) == ["0 0", "0 4", "6", "6"], status
            assert f"status {status}" in self.log

    def test_a_write_without_an_answer(self):
        for handler in (lambda c, head: None, answers(b"nonsense\r\n\r\n"), answers(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n")):
            lines = self.ask(IpfsGuest().command("files/write").write("data").read().write("more").close(), Raw(handler))
            assert lines == ["0 0", "6", "6", "7", "0"], lines

    def test_a_write_is_one_write_and_then_reads(self):
        node = Node()
        lines = self.ask(IpfsGuest().command("files/write").read().write("one").write("two").read().write("three").read(), node)
        assert lines == ["0 0", "7", "0 3", "7", "0 0 ", "7", "0 0 "], lines
        assert node.accepts == 1 and len(node.bodies) == 1 and b"two" not in node.bodies[0]

    # -- codes ---------------------------------------------------------------------------------------------------------

    def test_handles(self):
        node = Node()
        guest = IpfsGuest().command().write("x").close().read().write("x").close()
        for handle in (0, 7, 0xFFFFFFFF):
            guest.read(handle=f"(i32.const {handle})").write("x", handle=f"(i32.const {handle})").close(f"(i32.const {handle})")
        assert self.ask(guest, node) == ["0 200", "1", "0", "1", "1", "0"] + ["1", "1", "0"] * 3
        guest = IpfsGuest()
        for _ in range(3):
            guest.command().step(f"(call $num {KEPT.format(0)}) (call $nl)").close()
        assert self.ask(guest, node) == ["0 200", "1", "0", "0 200", "2", "0", "0 200", "3", "0"]

    def test_texts_that_are_none(self):
        node = Node()
        guest = IpfsGuest().command(raw=b'{"api": "files/ls\xff"}').command(raw=b'{"api": "files/ls", "args": [{"name": "\xc0\x80", "value": ""}]}')
        for at in ("(i32.const 0x7fffff00) (i32.const 9)", "(i32.const 4194300) (i32.const 5)", "(i32.const -1) (i32.const -1)"):
            guest.command(at=at)
        assert self.ask(guest, node) == ["2"] * 5 and node.accepts == 0

    def test_other_apis(self):
        node = Node()
        for api in ("files/cp", "files/mv", "files/flush", "files/chcid", "id", "version", "shutdown", "pin/ls", "key/gen", "", "files", "files/",
                    "files/LS", "/files/ls", "files/ls/", "files/ls?x=1", "files/../shutdown", "files/ls HTTP/1.1\r\nX: 1", "files/ls\0", " files/ls"):
            assert self.ask(IpfsGuest().command(api), node) == ["3"], api
        assert node.accepts == 0

    def test_commands_that_are_none(self):
        node = Node()
        bad = ["", "{", "5", "null", "[]", '"files/ls"', "{}", '{"api": 5}', '{"api": null}', '{"api": ["files/ls"]}', '{"api": "files/ls"} x',
               "[" * 100000, '{"api": "files/ls", "args": ' + "[" * 100000]
        for args in ("{}", "5", '"x"', "[5]", "[null]", "[[]]", "[{}]", '[{"name": "a"}]', '[{"value": "a"}]', '[{"name": 5, "value": "a"}]',
                     '[{"name": null, "value": "a"}]', '[{"name": "a", "value": null}]', '[{"name": "a", "value": []}]',
                     '[{"name": "a", "value": {}}]', '[{"name": "a", "value": "b"}, 5]', '[{"name": "a", "value": 1e999}]'):
            bad.append('{"api": "files/ls", "args": %s}' % args)
        bad.append('{"api": "files/ls", "args": [{"name": "a", "value": "%s"}]}' % ("b" * 20000))  # no URL is so long
        guest = IpfsGuest()
        for raw in bad:
            guest.command(raw=raw)
        guest.command(at=f"(i32.const 0) (i32.const {2 << 20})")
        lines = self.ask(guest, node)
        assert lines == ["4"] * (len(bad) + 1), [(b[:60], line) for b, line in zip(bad, lines) if line != "4"]
        assert node.accepts == 0

    def test_buffers(self):
        node = Node(ok(b"body"))
        guest = IpfsGuest().command().read(0).read(9, buffer=4194300).read(5, buffer=-4).read(4)
        guest.command("files/write").read(0).read(9, buffer=4194300)
        for where in (f"(i32.const {BUFFER}) (i32.const 0)", "(i32.const 4194300) (i32.const 5)", "(i32.const -4) (i32.const 5)"):
            guest.write("", where=where)
        lines = self.ask(guest.write("x").read(0).read(), node)
        assert lines == ["0 200", "4", "4", "4", "0 4 body", "0 0", "4", "4", "4", "4", "4", "0 1", "4", "0 0 "], lines

    def test_no_write_is_larger_than_the_limit(self):
        node = Node()
        guest = IpfsGuest().step(f"(drop (memory.grow (i32.const {MOST_WRITTEN >> 16})))").command("files/write")
        guest.write("", where=f"(i32.const 0) (i32.const {MOST_WRITTEN + 1})").write("x").read()
        assert self.ask(guest, node) == ["0 0", "4", "0 1", "0 0 "]

    def test_result_addresses(self):
        node = Node()
        for wat in ("(call $command {} (i32.const 2) (i32.const 4))", "(call $command {} (i32.const 0) (i32.const -4))"):
            guest = IpfsGuest()
            guest.step("(drop " + wat.format(guest.text('{"api": "files/ls"}')) + ")")
            self.ask(guest, node, status=255)
        for call in ("read", "write"):
            guest = IpfsGuest().command("files/write" if call == "write" else "files/ls")
            guest.step(f"(drop (call ${call} {KEPT.format(0)} (i32.const {BUFFER}) (i32.const 1) (i32.const 9)))")
            self.ask(guest, node, status=255)
        memory = IpfsGuest().command()
        self.write("none.wat", memory.wat().replace('(memory (export "memory")', "(memory"))
        done = self.call(self.path("none.wat"))
        self.expect(done, 255, None, None)
        assert "missing required memory export" in done.err, done.err

    def test_a_node_that_is_not_there(self):
        port = closed_port()
        for api in (*READING, "files/write"):
            assert self.ask(IpfsGuest().command(api), port) == ["6"], api
            assert "ipfs_command failed: " in self.log

    def test_a_node_that_answers_nonsense(self):
        for handler in (lambda c, head: None, answers(b"nonsense\r\n\r\n"), answers(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"),
                        answers(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"),
                        answers(b"HTTP/1.1 200 OK\r\nno header\r\n\r\n"), answers(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 300 + b"\r\n")):
            assert self.ask(IpfsGuest().command().read(), Raw(handler)) == ["6", "1"]

    def test_a_body_that_ends_early(self):
        node = Raw(answers(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"))
        assert self.ask(IpfsGuest().command().read().read().read(), node) == ["0 200", "0 2 ab", "6", "6"]

    def test_sessions_run_out_and_come_back(self):
        node = Node()
        guest = IpfsGuest()
        for i in range(SESSIONS):
            guest.command("files/ls" if i % 2 else "files/write")
        guest.command().command("files/write").close().command()
        assert self.ask(guest, node) == ["0 0", "0 200"] * (SESSIONS // 2) + ["8", "8", "0", "0 200"]
        assert "too many open commands" in self.log

    def test_without_libcurl(self):
        os.makedirs(self.path("lib"), exist_ok=True)
        source = self.write("lib/none.c", "int nothing;\n")
        subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-o", self.path("lib/libcurl.so.4"), source], check=True)
        node = Node()
        guest = self.write("without.wat", IpfsGuest().command().command("files/write").command("no").wat())
        # The static program would take the variable away.
        done = self.call("run", *self.granted(node), guest, program=os.path.join(os.path.dirname(self.bls), "bls-full"),
                         env={**os.environ, "LD_LIBRARY_PATH": self.path("lib")})
        self.expect(done, 0, b"9\n9\n3\n")
        assert node.accepts == 0

    def test_nothing_is_reached_without_a_grant(self):
        node = Node()
        guest = IpfsGuest()
        for api in (*READING, "files/write"):
            guest.command(api, ("arg", "/"))
        url = f"http://127.0.0.1:{node.port}"
        for words in (("--deny-net=a.com",), ("--allow-read",), ("--allow-net=a.com",), ("--allow-net",), ("--allow-all", "--deny-net"),
                      (f"--allow-net=127.0.0.1:{node.port + 1}",), ("--allow-net=localhost",), ("--permission", url.replace("http", "tcp")),
                      ("--permission", url.replace("http", "https")), ("--permission", url + "/api"), ("--permission", "http://127.0.0.1:5001/"),
                      ("--permission", url, f"--deny-net=127.0.0.1:{node.port}"), ("--permission", "http://a.com")):
            assert self.ask(guest, node, *words) == ["10"] * 6, words
        assert self.run(guest, "--ipfs-api", f"127.0.0.1:{node.port}") == ["10"] * 6
        assert node.accepts == 0
        assert self.run(guest) == ["10"] * 6 and "no permission for http://127.0.0.1:5001/" in self.log
        for words in ((f"--allow-net=127.0.0.1:{node.port}",), ("--allow-net=127.0.0.1",), ("--permission", url), ("--allow-all",)):
            assert self.ask(guest, node, *words) == ["0 200"] * 5 + ["0 0"], words

    def test_a_line_of_the_guest_never_reaches_the_node(self):
        node = Node()
        evil = "\r\nX-Injected: 1\r\n\r\nPOST /api/v0/shutdown HTTP/1.1\r\n"
        for name, value in ((evil, "a"), ("a", evil), ("a\nX-Injected: 1", "\n"), ("\r", "\r"), ("a", " HTTP/1.1\nX-Injected: 1\n"), ("a", "\0\u2028\u0085")):
            assert self.ask(IpfsGuest().command("files/ls", (name, value)), node) == ["0 200"]
            assert self.ask(IpfsGuest().command("files/write", (name, value)).write(evil).read(), node) == ["0 0", f"0 {len(evil)}", "0 0 "]
        assert node.accepts == 12 and len(node.heads) == 12
        for head in node.heads:
            lines = head.split(b"\r\n\r\n")[0].split(b"\r\n")
            assert not any(line.lower().startswith(b"x-injected") for line in lines) and b"\n" not in b"".join(lines), head
            assert len(lines[0].split(b" ")) == 3 and lines[0].startswith(b"POST /api/v0/files/"), lines
        for api in ("files/ls" + evil, "files/ls\nX-Injected: 1"):
            assert self.ask(IpfsGuest().command(api), node) == ["3"]
        assert node.accepts == 12

    def test_the_endpoint_must_be_one(self):
        self.write("bad.wat", IpfsGuest().command().wat())
        for place in ("nonsense", "127.0.0.1", ":5001", "127.0.0.1:0", "127.0.0.1:65536", "127.1:5001", "http://127.0.0.1:5001", "a b:1",
                      "127.0.0.1:5001/x", "u@127.0.0.1:5001", "127.0.0.1:1\r\nX: 1"):
            done = self.call("--ipfs-api", place, "--allow-all", self.path("bad.wat"))
            self.expect(done, 128, b"", r"^error: config: --ipfs-api .* must be of the form HOST:PORT; example: ")

    # -- the time limit ------------------------------------------------------------------------------------------------

    def test_the_time_limit_ends_every_wait(self):
        def stuck(answer):
            def handler(connection, head):
                connection.sendall(answer)
                while connection.recv(65536):
                    pass
            return Raw(handler)
        for guest, answer in ((IpfsGuest().command(), b""), (IpfsGuest().command(), b"HTTP/1.1 200 OK\r\nA:"),
                              (IpfsGuest().command().read(), b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"),
                              (IpfsGuest().command("files/write").write("x" * 60000).read(), b"")):
            self.ask(guest, stuck(answer), "--allow-all", "--run-time=400", status=15)

    def test_the_time_limit_ends_connecting_and_sending(self):
        with socket.socket() as full, socket.socket() as silent:
            full.bind(("127.0.0.1", 0))
            full.listen(0)
            waiting = [socket.socket() for _ in range(4)]
            for one in waiting:
                one.setblocking(False)
                one.connect_ex(full.getsockname())
            for api in ("files/write", "files/ls"):
                self.ask(IpfsGuest().command(api), full.getsockname()[1], "--allow-all", "--run-time=400", status=15)
            for one in waiting:
                one.close()
            silent.bind(("127.0.0.1", 0))
            silent.listen(8)  # connections are made, and nobody reads
            guest = IpfsGuest().step("(drop (memory.grow (i32.const 512)))").command("files/write")
            guest.write("", where=f"(i32.const 0) (i32.const {32 << 20})")
            self.ask(guest, silent.getsockname()[1], "--allow-all", "--run-time=400", status=15)


if __name__ == "__main__":
    sys.exit(driver.main(Ipfs))
