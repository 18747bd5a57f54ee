"""blockless_http against nginx, a test CA and hostile servers, with the real program in its sandbox.

  http_calls.py --bin FOLDER [--only WORD]
"""

import os
import socket
import subprocess
import sys
import threading
import time

import driver
from http_driver import GRANT, MOST_RSS, HttpDriver, closed_port
from http_guest import Guest
from http_servers import Raw, answers, ok

STREAMED = int(os.environ.get("BLS_STREAMED_MIB", "64"))


class Http(HttpDriver):
    MODULES = ("blockless_http",)

    # -- nginx ---------------------------------------------------------------------------------------------------------

    def test_a_page_its_headers_and_its_body(self):
        guest = Guest().req(self.nginx.url("/hello")).header("Content-TYPE").header("x-two").header("absent")
        lines = self.run(guest.body(3).body(100).body(100).close(), GRANT)
        assert lines == ["0 200", "0 10 text/plain", "0 5 first", "4", "0 3 hel", "0 3 lo", "", "0 0 ", "0"], lines
        assert self.one(self.nginx.url("/missing")) == "0 404"
        assert self.one(self.nginx.url("/none")) == "0 204"

    def test_both_programs_do_it(self):
        self.write("both.wat", Guest().req(self.nginx.url("/hello")).body().wat())
        for program in ([self.runtime], [self.bls, "run"]):
            done = self.call(*program[1:], GRANT, self.path("both.wat"), program=program[0])
            self.expect(done, 0, b"0 200\n0 6 hello\n\n", "^$")
        self.expect(self.call("run", "--ca-file", self.ca.file, "--hosts-file", "x", self.path("both.wat"), program=self.bls), 0,
                    b"14\n1\n")

    def test_a_signal_ends_a_request_and_leaves_nothing(self):
        reached = threading.Event()
        server = Raw(lambda c, head: (reached.set(), c.recv(1)))
        self.write("signal.wat", Guest().req(server.url()).wat())
        process = subprocess.Popen([self.runtime, GRANT, self.path("signal.wat")], cwd=self.dir, start_new_session=True,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        assert reached.wait(30)
        process.terminate()
        assert process.wait(30) == -15
        left = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
        assert self.path("signal.wat") not in left

    def test_methods_with_and_without_bodies(self):
        server = Raw(answers(ok()))
        for method in ("get", "Post", "PUT", "patch", "delete", "head", "options", "trace"):
            assert self.one(server.url("/m"), method=method) == "0 200", method
            assert server.heads[-1].startswith(method.upper().encode() + b" /m HTTP/1.1\r\n"), server.heads[-1]
        assert [b"Content-Length: 0" in head for head in server.heads] == [False, True, True, True] + [False] * 4
        for method in ("get", "post", "delete"):
            assert self.one(server.url(), method=method, body="some text") == "0 200"
            assert server.heads[-1].endswith(b"\r\n\r\nsome text") and b"Content-Length: 9" in server.heads[-1]
        for never in (b"User-Agent", b"Accept-Encoding", b"Cookie", b"Expect", b"Content-Type"):
            assert all(never.lower() not in head.lower() for head in server.heads), never
        assert all(b"Accept: */*" in head for head in server.heads)

    def test_headers_in_all_their_forms(self):
        server = Raw(answers(ok()))
        for given in ('{"X-A": "1"}', {"X-A": "1"}):
            assert self.one(server.url(), headers=given) == "0 200"
            assert b"\r\nX-A: 1\r\n" in server.heads[-1]
        for given in ("", None, {}, "{}", "[]", "null", []):
            assert self.one(server.url(), headers=given) == "0 200", given
        assert self.run(Guest().req(server.url(), opts={"method": "get"}), GRANT)[0] == "0 200"

    def test_connections_are_kept(self):
        url = self.nginx.url("/hello?kept")
        guest = Guest()
        for _ in range(5):
            guest.req(url).body().close()
        self.run(guest, GRANT)
        assert len({line[0] for line in self.nginx.log("/hello?kept")}) == 1, self.nginx.log("/hello?kept")

    def test_redirects(self):
        assert self.run(Guest().req(self.nginx.url("/redir")).body(), GRANT)[1] == "0 6 hello"
        server = Raw(lambda c, head: c.sendall(ok(head.split(b" ")[0] + head.split(b"\r\n\r\n")[1]) if b"/end" in head else
                     b"HTTP/1.1 %s Go\r\nLocation: /end\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % head.split(b" ")[1][1:]))
        for code, method, seen in ((301, "post", "GET"), (302, "post", "GET"), (303, "put", "GET"), (307, "post", "POSTtext"),
                                   (308, "put", "PUTtext"), (302, "head", "")):
            lines = self.run(Guest().req(server.url(f"/{code}"), method=method, body="text" if method != "head" else None).body(), GRANT)
            assert lines[1].split(" ", 2)[2] == seen, (code, method, lines)

        def count(connection, head):
            left = int(head.split(b" ")[1][1:])
            connection.sendall(ok() if left == 0 else b"HTTP/1.1 302 Go\r\nLocation: /%d\r\nContent-Length: 0\r\n\r\n" % (left - 1))
        server = Raw(count)
        assert self.one(server.url("/10")) == "0 200"
        assert self.one(server.url("/11")) == "11" and "too many redirects" in self.log
        assert self.one(self.nginx.url("/loop")) == "11"

    def test_redirects_are_checked_like_first_requests(self):
        before = self.away.accepts
        granted = f"--allow-net=127.0.0.1:{self.nginx.port}"
        assert self.one(self.nginx.url("/out"), granted) == "14"
        assert self.away.accepts == before and "Permission Deny" in self.log
        assert self.one(self.nginx.url("/out"), "--permission", self.nginx.url("/out")) == "14"
        assert self.one(self.nginx.url("/out"), GRANT) == "0 200" and self.away.accepts == before + 1
        assert self.one(self.nginx.url("/file")) == "11"
        for where in ("ftp://127.0.0.1/", "//127.0.0.1:x/", "http:\\\\127.0.0.1\\", "javascript:1", "http://a@b@127.0.0.1/", "/%2e%2e/x",
                      "http://127.1/", "gopher://127.0.0.1/"):
            server = Raw(answers(f"HTTP/1.1 302 Go\r\nLocation: {where}\r\nContent-Length: 0\r\n\r\n".encode()))
            assert self.one(server.url()) == "11", where

    def test_credentials_stay_with_their_host(self):
        seen = []
        last = Raw(lambda c, head: (seen.append(head), c.sendall(ok())))
        first = Raw(lambda c, head: (seen.append(head), c.sendall(
            f"HTTP/1.1 302 Go\r\nLocation: {'/b' if b'/a' in head else last.url('/c')}\r\nContent-Length: 0\r\n\r\n".encode())))
        assert self.one(first.url("/a"), headers={"Authorization": "secret", "Cookie": "s=1", "X-Kept": "1"}) == "0 200"
        assert [b"secret" in head for head in seen] == [True, True, False] and [b"Cookie" in h for h in seen] == [True, True, False]
        assert all(b"X-Kept" in head for head in seen)
        seen.clear()
        assert self.one(first.url("/a").replace("//", "//user:pa%20ss@")) == "0 200"
        assert [b"Authorization: Basic dXNlcjpwYSBzcw==" in head for head in seen] == [True, True, False]

    def test_tls(self):
        words = (GRANT, "--ca-file", self.ca.file)
        guest = Guest()
        for _ in range(3):
            guest.req(self.nginx.secure("/hello?tls")).body().close()
        lines = self.run(guest, *words)
        assert lines[0] == "0 200" and lines[1] == "0 6 hello", lines
        logged = self.nginx.log("/hello?tls")
        assert len({line[0] for line in logged}) == 1 and logged[0][3] == "HTTP/2.0", logged
        assert self.one(self.nginx.secure("/hello", "127.0.0.1"), *words) == "0 200"
        assert self.one(self.nginx.secure("/hello")) == "11" and "certificate" in self.log  # the system knows no test CA
        other = ("--allow-net=127.0.0.1,other.test,named.test", self.hosts("other.test 127.0.0.1", "named.test 127.0.0.1"))
        assert self.one(self.nginx.secure("/hello", "named.test"), *other, "--ca-file", self.ca.file) == "0 200"
        assert self.one(self.nginx.secure("/hello", "other.test"), *other, "--ca-file", self.ca.file) == "11"
        plain = Raw(answers(ok()), head=False)
        assert self.one(f"https://127.0.0.1:{plain.port}/", *words) == "11"

    def test_bodies_in_chunks_and_up_to_the_end_of_the_connection(self):
        head = b"HTTP/1.1 200 OK\r\n"
        for data, body in ((head + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: 1\r\n\r\n", "abcde"),
                           (head + b"\r\nto the end", "to the end"), (b"HTTP/1.0 200 OK\r\n\r\nold", "old"),
                           (b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + ok(b"late"), "late")):
            lines = self.run(Guest().req(Raw(answers(data)).url()).body().body(), GRANT)
            assert lines == ["0 200", f"0 {len(body)} {body}", "0 0 "], (data, lines)

    # -- flat memory ---------------------------------------------------------------------------------------------------

    def test_a_large_body_streams(self):
        self.nginx.www("large", b"")
        os.truncate(os.path.join(self.nginx.folder, "www", "large"), STREAMED << 20)
        total = STREAMED << 20
        for url, words in ((self.nginx.url("/large"), ()), (self.nginx.secure("/large"), ("--ca-file", self.ca.file))):
            lines = self.run(Guest().req(url).count(), GRANT, *words)
            assert lines == ["0 200", f"{total // 1000000} {total % 1000000}"], lines
            assert self.rss < MOST_RSS, self.rss

    def test_a_body_nobody_reads_costs_little(self):
        self.nginx.www("unread", b"")
        os.truncate(os.path.join(self.nginx.folder, "www", "unread"), 256 << 20)
        guest = Guest()
        for _ in range(20):
            guest.req(self.nginx.url("/unread")).body(10)
        self.run(guest, GRANT)
        assert self.rss < MOST_RSS, self.rss

    # -- codes ---------------------------------------------------------------------------------------------------------

    # By function, the codes of hostcalls section 3. Unused there: 3, 6, 7, 12 (here: too many open responses); 13 is for builds
    # without a client.
    def test_every_code_of_every_function(self):
        url = self.nginx.url("/hello")
        binary = Raw(answers(b"HTTP/1.1 200 OK\r\nX-Bin: \xc3\xa9\r\nContent-Length: 2\r\n\r\nok")).url()
        bad = b"\xff\xfe"
        far = "(i32.const 0x7fffff00)"
        cases = [
            ("http_req", 5, Guest().req(bad)), ("http_req", 5, Guest().req(url, raw=bad)),
            ("http_req", 9, Guest().req("nonsense")), ("http_req", 9, Guest().req("")),
            ("http_req", 10, Guest().req(url, raw="{")), ("http_req", 10, Guest().req(url, opts={"headers": "{}"})),
            ("http_req", 10, Guest().req(url, method="connect")), ("http_req", 10, Guest().req(url, method="get\r\n")),
            ("http_req", 10, Guest().req(url, method=5)), ("http_req", 10, Guest().req(url, body=5)),
            ("http_req", 10, Guest().req(url, connectTimeout="1")), ("http_req", 10, Guest().req(url, readTimeout=-1)),
            ("http_req", 10, Guest().req(url, raw="[" * 100000)),
            ("http_req", 11, Guest().req(f"http://127.0.0.1:{closed_port()}/")), ("http_req", 11, Guest().req("http://none.invalid/")),
            ("http_req", 14, Guest().req("http://192.0.2.1/")),
            ("http_req", 15, Guest().req(url, headers="{")), ("http_req", 15, Guest().req(url, headers={"a": 1})),
            ("http_req", 15, Guest().req(url, headers={"a b": "1"})), ("http_req", 15, Guest().req(url, headers={"a": "1\r\nb: 2"})),
            ("http_req", 15, Guest().req(url, headers={"Host": "x"})), ("http_req", 15, Guest().req(url, headers={"TE": "x"})),
            ("http_req", 15, Guest().req(url, headers={"Transfer-Encoding": "chunked"})),
            ("http_req", 15, Guest().req(url, headers={"Content-Length": "7"})), ("http_req", 15, Guest().req(url, headers=5)),
            ("http_read_header", 1, Guest().header("a", handle="(i32.const 77)")),
            ("http_read_header", 2, Guest().req(url).header("date", size=100, buffer=0x7FFFFFF0)),
            ("http_read_header", 4, Guest().req(url).header("x-none")), ("http_read_header", 5, Guest().req(url).header(bad)),
            ("http_read_header", 8, Guest().req(binary).header("x-bin")),
            ("http_read_header", 11, Guest().req(url).body(1).header("date")),
            ("http_read_body", 1, Guest().body(handle="(i32.const 0)")),
            ("http_read_body", 2, Guest().req(url).body(100, buffer=0x7FFFFFF0)), ("http_close", 1, Guest().close("(i32.const 1)")),
            ("http_close", 1, Guest().req(url).close().close()),
        ]
        words = ("--allow-net=127.0.0.1,none.invalid", self.hosts("x 127.0.0.1"))
        for index, (function, code, guest) in enumerate(cases):
            lines = self.run(guest, *words)
            assert lines[-1] == str(code), (index, function, code, lines)
        seen = {(function, code) for function, code, _ in cases}
        assert len(seen) == 15, len(seen)
        far_request = Guest().step(f"(call $num (call $req {far} (i32.const 9) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 4)))"
                                   f" (call $nl)")
        assert self.run(far_request, *words) == ["5"]

    def test_at_most_64_responses_are_open(self):
        guest = Guest()
        for _ in range(65):
            guest.req(self.nginx.url("/hello"))
        lines = self.run(guest.close("(i32.const 1)").req(self.nginx.url("/hello")), GRANT)
        assert lines == ["0 200"] * 64 + ["12", "0", "0 200"], lines[-4:]

    def test_bad_out_pointers_trap(self):
        url = Guest()
        url.step(f"(drop (call $req {url.text(self.nginx.url('/hello'))} {url.text('{}')} (i32.const 2) (i32.const 4)))")
        self.run(url, GRANT, status=255)
        self.run(Guest().step("(drop (call $body (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0x7ffffff0)))"), GRANT, status=255)

    def test_the_order_of_checks(self):
        denied = "--deny-net"
        assert self.run(Guest().req(b"\xff", raw=b"\xff"), denied)[0] == "5"
        assert self.run(Guest().req("nonsense", raw=b"\xff"), denied)[0] == "9"
        assert self.run(Guest().req("http://127.0.0.1/", raw=b"\xff"), denied)[0] == "14"
        assert self.run(Guest().req("http://127.0.0.1/", raw=b"\xff"), GRANT)[0] == "5"
        assert self.run(Guest().req("http://127.0.0.1/", raw="{"), GRANT)[0] == "10"

    def test_headers_fit_every_buffer(self):
        server = Raw(answers(ok(more="X-Five: 12345\r\n")))
        guest = Guest().req(server.url())
        for size in range(8):
            guest.header("x-five", size)
        lines = self.run(guest.body(0).body(0).body(2), GRANT)
        assert lines[1:9] == [f"0 {min(n, 5)} {'12345'[:n]}" for n in range(8)], lines
        assert lines[9:] == ["0 0 ", "0 0 ", "0 2 ok"], lines

    def test_handles_of_others_name_nothing(self):
        guest = Guest().req(self.nginx.url("/hello"))
        guest.step("""(local.set $c (i32.const 2)) (loop (if (i32.ne (call $close (local.get $c)) (i32.const 1)) (then (unreachable)))
          (br_if 0 (i32.lt_u (local.tee $c (i32.add (local.get $c) (i32.const 1))) (i32.const 20000))))""")
        self.run(guest.close(), GRANT)

    # -- hostile servers -----------------------------------------------------------------------------------------------

    def test_hostile_servers(self):
        head = b"HTTP/1.1 200 OK\r\n"
        chunked = head + b"Transfer-Encoding: chunked\r\n\r\n"
        line = b"A: " + b"x" * 1000 + b"\r\n"
        refused = {
            "65 KiB of headers": head + line * 66 + b"\r\n",
            "one header of 1 MiB": head + b"A: " + b"x" * (1 << 20) + b"\r\n\r\n",
            "257 headers": head + b"A: b\r\n" * 257 + b"\r\n",
            "32,769 headers": head + b"A: b\r\n" * 32769 + b"\r\n",
            "endless 100s": b"HTTP/1.1 100 Go\r\n\r\n" * 100000,
            "conflicting lengths": head + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nab",
            "list of lengths": head + b"Content-Length: 2, 3\r\n\r\nab",
            "negative length": head + b"Content-Length: -2\r\n\r\nab",
            "hexadecimal length": head + b"Content-Length: 0x2\r\n\r\nab",
            "length over 64 bits": head + b"Content-Length: 18446744073709551618\r\n\r\nab",
            "length and chunks": head + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
            "two encodings": head + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "unknown encoding": head + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            "header without colon": head + b"nonsense\r\n\r\n",
            "header without name": head + b": x\r\n\r\n",
            "blank before the colon": head + b"Content-Length : 2\r\n\r\nab",
            "NUL in a header": head + b"A: b\0c\r\n\r\n",
            "CR in a header": head + b"A: b\rc\r\n\r\n",
            "folded header": head + b"A: b\r\n c\r\n\r\n",
            "garbage": os.urandom(4096),
            "HTTP/0.9": b"just text\n",
            "bad status": b"HTTP/1.1 2x0 OK\r\n\r\n",
            "long status": b"HTTP/1.1 2000 OK\r\n\r\n",
            "switching": b"HTTP/1.1 101 Up\r\nUpgrade: x\r\n\r\n",
            "nothing": b"",
            "half a head": head + b"Content-Le",
        }
        for name, data in refused.items():
            server = Raw(answers(data))
            guest = Guest().req(server.url()).req(self.nginx.url("/hello"))
            lines = self.run(guest, GRANT)
            assert lines == ["11", "0 200"] and self.rss < MOST_RSS, (name, lines, self.rss)
            assert "request send error, " in self.log
        ends = {
            "early close": head + b"Content-Length: 100\r\n\r\nab", "huge chunk": chunked + b"2\r\nab\r\n" + b"f" * 17 + b"\r\nab",
            "garbage chunk": chunked + b"2\r\nab\r\nzz\r\n", "chunks cut off": chunked + b"2\r\nab\r\n",
            "negative chunk": chunked + b"2\r\nab\r\n-1\r\nab",
        }
        for name, data in ends.items():
            lines = self.run(Guest().req(Raw(answers(data)).url()).body().body(), GRANT)
            assert lines == ["0 200", "0 2 ab", "0 0 "] and self.rss < MOST_RSS, (name, lines)
            assert "the body of a response ended early" in self.log

    def test_slow_servers_meet_the_readers_time_limit(self):
        def drip(connection, head):
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            while True:
                connection.sendall(b"A: b\r\n")
                time.sleep(0.05)

        def silent(connection, head):
            connection.recv(1)
        for handler in (drip, silent):
            server = Raw(handler)
            assert self.one(server.url(), readTimeout=0.3) == "11"
        server = Raw(lambda c, head: (c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"), c.recv(1)))
        assert self.run(Guest().req(server.url(), readTimeout=2).body().body(), GRANT) == ["0 200", "0 2 ab", "0 0 "]

    def test_injected_lines_never_reach_a_server(self):
        server = Raw(answers(ok()))
        evil = "\r\nInjected: 1"
        tries = [dict(headers={"A": "b" + evil}), dict(headers={"A" + evil: "b"}), dict(method="get / HTTP/1.1" + evil),
                 dict(headers={"A": "b\nInjected: 1"}), dict(headers={"A": "b\0"}), dict(headers={"A\0": "b"})]
        for keys in tries:
            assert self.one(server.url(), **keys) in ("10", "15"), keys
        for url in (server.url("/" + evil), server.url("/x HTTP/1.1" + evil), server.url("/?" + evil), server.url("/\n"), server.url("/\0")):
            assert self.one(url) == "9", url
        assert self.one(server.url("/a b?c d")) == "0 200" and self.one(server.url("/%0d%0aInjected:%201")) == "0 200"
        assert self.one(server.url(), method="post", body=evil * 3) == "0 200"
        assert all(b"Injected: 1" not in head.split(b"\r\n\r\n")[0] for head in server.heads) and len(server.heads) == 3

    # -- permissions ---------------------------------------------------------------------------------------------------

    def test_without_a_grant_nobody_is_reached(self):
        server = Raw(answers(ok()))
        for url in (server.url(), server.url(host="localhost"), server.url(host="named.test")):
            for words in ((), ("--allow-read",), ("--deny-net",), ("--allow-net=other.test",), ("--allow-net", "--deny-net=127.0.0.1,localhost,named.test"),
                          ("--permission", "http://other.test/"), ("--allow-all", f"--deny-net=127.0.0.1:{server.port},localhost,named.test")):
                assert self.one(url, *words, self.hosts("named.test 127.0.0.1")) == "14", (url, words)
                assert "ERROR blockless] Permission Deny" in self.log
        assert server.accepts == 0

    def test_private_addresses_need_a_grant_of_their_own(self):
        server = Raw(answers(ok()))
        hosts = self.hosts("named.test 127.0.0.1", "mapped.test ::ffff:127.0.0.1", "both.test 127.0.0.1 192.0.2.7")
        for url, words, line in (
                (server.url(host="named.test"), ("--allow-net=named.test",), "14"), (server.url(host="named.test"), ("--allow-net",), "14"),
                (server.url(host="mapped.test"), ("--allow-net",), "14"), (server.url(host="both.test"), ("--allow-net",), "14"),
                (server.url(), ("--allow-net",), "14"), (server.url(host="localhost"), ("--allow-net",), "14"),
                (server.url(host="[::ffff:127.0.0.1]"), ("--allow-net",), "14"), (server.url(host="[::ffff:7f00:1]"), ("--allow-net",), "14"),
                (server.url(host="named.test"), ("--permission", server.url(host="named.test")), "14")):
            assert self.one(url, *words, hosts) == line, (url, words)
        assert server.accepts == 0
        for url, words in ((server.url(host="named.test"), ("--allow-net=named.test,127.0.0.1",)),
                           (server.url(host="mapped.test"), (f"--allow-net=mapped.test,127.0.0.1:{server.port}",)),
                           (server.url(host="both.test"), ("--allow-net=both.test,127.0.0.1",)), (server.url(host="named.test"), ("--allow-all",)),
                           (server.url(host="localhost"), ("--permission", server.url(host="localhost"))),
                           (server.url(host="[::ffff:127.0.0.1]"), ("--allow-net=127.0.0.1",)), (server.url(), ("--permission", server.url()))):
            assert self.one(url, *words, hosts) == "0 200", (url, words)

    def test_the_flags_that_a_run_is_said_to_need_are_enough(self):
        server = Raw(answers(ok()))
        hosts = self.hosts("named.test 127.0.0.1")
        for host in ("named.test", "localhost", "127.0.0.1"):
            assert self.one(server.url(host=host), "--allow-all", "--explain-permissions", hosts) == "0 200"
            flags = [word for word in self.err.split() if word.startswith("--allow-net=")]
            assert flags and self.one(server.url(host=host), flags[-1], hosts) == "0 200", self.err

    def test_a_deny_of_an_address_holds_for_every_name_of_it(self):
        hosts = self.hosts("far.test 93.184.216.34", "near.test 127.0.0.1")
        for url, deny in (("http://far.test/", "93.184.216.34"), ("http://far.test/", "93.184.216.34:80"), ("http://near.test/", "127.0.0.1")):
            assert self.one(url, "--allow-all", f"--deny-net={deny}", hosts) == "14", (url, deny)
            assert f'"{url[7:-1]}:80" denied to http_req' in self.log

    def test_a_name_that_changes_its_address(self):
        first = Raw(answers(ok(b"first")), address="127.0.0.2")
        second = Raw(answers(ok(b"second")), port=first.port)
        url = f"http://change.test:{first.port}/"
        grant = "--allow-net=change.test,127.0.0.2"
        # A redirect to itself, looked up again: the answer of the check is what is connected to.
        hosts = self.hosts("change.test 127.0.0.2", "change.test 127.0.0.1")
        lines = self.run(Guest().req(url).body().req(url).body().req(url), grant, hosts)
        assert lines[:4] == ["0 200", "0 5 first", "0 200", "0 5 first"], lines
        with open(self.path("hosts.txt.log")) as f:
            assert f.read() == "change.test\n"  # pinned
        hosts = self.hosts("change.test 127.0.0.1", "change.test 127.0.0.2")
        assert self.one(url, grant, hosts) == "14"
        hosts = self.hosts("change.test ::ffff:127.0.0.1")
        assert self.one(url, grant, hosts) == "14"
        hosts = self.hosts("change.test 127.0.0.1 127.0.0.2 ::1 169.254.169.254 10.0.0.1")
        assert self.run(Guest().req(url).body(), grant, hosts)[1] == "0 5 first"
        assert second.accepts == 0

    def test_confusing_urls_reach_nobody(self):
        server = Raw(answers(ok()))
        p = server.port
        for url in (f"http://127.1:{p}/", f"http://0x7f000001:{p}/", f"http://2130706433:{p}/", f"http://017700000001:{p}/",
                    f"http://good.test@127.0.0.1@other:{p}/", f"http://good.test\\@127.0.0.1:{p}/", f"http:\\\\127.0.0.1:{p}/",
                    f"http:///127.0.0.1:{p}/", f"http:127.0.0.1:{p}/", f"http://127.0.0.1:{p}\\.good.test/", f"http://１２７.0.0.1:{p}/",
                    f"http://%31%32%37.0.0.1:{p}/", f"http://127.0.0.1 :{p}/", f" http://127.0.0.1:{p}/", f"ht\ttp://127.0.0.1:{p}/",
                    f"http://[::ffff:127.0.0.1%25lo]:{p}/", f"http://127.0.0.1:{p}:80/", f"http://127.0.0.1:0{p}/", f"file://127.0.0.1:{p}/",
                    f"http://127。0。0。1:{p}/", f"http://127.0.0.1;{p}/", f"//127.0.0.1:{p}/", f"http://loca\u00adlhost:{p}/"):
            assert self.one(url, "--allow-all") == "9", url
        assert server.accepts == 0
        assert self.one(f"HTTP://LOCALHOST.:{p}/a/../b#c") == "0 200" and server.heads[0].startswith(b"GET /b HTTP/1.1\r\nHost: localhost:")

    # -- limits --------------------------------------------------------------------------------------------------------

    def test_the_time_limit_ends_every_wait(self):
        fifo = self.path("fifo")
        os.mkfifo(fifo)
        quiet = Raw(lambda c, head: c.recv(1))
        body = Raw(lambda c, head: (c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"), c.recv(1)))
        full = socket.socket()
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = []
        for _ in range(3):
            s = socket.socket()
            s.setblocking(False)
            s.connect_ex(full.getsockname())
            waiting.append(s)
        waits = {
            "lookup": (Guest().req("http://hang.test/"), ("--allow-net=hang.test", f"--hosts-file={fifo}")),
            "connection": (Guest().req(f"http://127.0.0.1:{full.getsockname()[1]}/"), (GRANT,)),
            "handshake": (Guest().req(f"https://127.0.0.1:{quiet.port}/"), (GRANT,)),
            "head": (Guest().req(quiet.url()), (GRANT,)), "body": (Guest().req(body.url()).body(), (GRANT,)),
        }
        for name, (guest, words) in waits.items():
            self.run(guest, *words, "--run-time", "300", status=15)
            assert "time" in self.err, name
        left = subprocess.run(["ps", "-eo", "comm,args"], capture_output=True, text=True).stdout
        assert fifo not in left, "a helper is left"

    def test_connect_timeouts(self):
        full = socket.socket()
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = []
        for _ in range(3):
            s = socket.socket()
            s.setblocking(False)
            s.connect_ex(full.getsockname())
            waiting.append(s)
        assert self.one(f"http://127.0.0.1:{full.getsockname()[1]}/", connectTimeout=0.2) == "11"

    def test_the_operators_limits_of_bodies(self):
        words = (GRANT, "--http-limits", "response=10,request=5")
        url = Raw(answers(ok(b"0123456789"))).url()
        assert self.run(Guest().req(url, method="post", body="12345").body(), *words) == ["0 200", "0 10 0123456789"]
        server = Raw(answers(ok(b"0123456789a")))
        assert self.one(server.url(), *words, method="post", body="123456") == "11" and server.accepts == 0
        assert "the body of the request is over --http-limits" in self.log
        assert self.one(server.url(), *words) == "11" and "the body of the response is over --http-limits" in self.log
        head = self.run(Guest().req(server.url(), method="head").header("content-length"), *words)
        assert head == ["0 200", "0 2 11"], head  # no body
        # Without a length it is found out on the way: an end, as for everything that goes wrong there.
        for data in (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100000,
                     b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"6\r\n012345\r\n" * 2 + b"0\r\n\r\n"):
            lines = self.run(Guest().req(Raw(answers(data)).url()).count(), *words)
            assert lines[0] == "0 200" and int(lines[1].replace(" ", "")) <= 10, lines
            assert "the body of a response is over --http-limits and was cut" in self.log
        assert self.run(Guest().req(self.nginx.url("/redir")).body(), *words)[1] == "0 6 hello"
        call = {"jsonrpc": "2.0", "id": 1, "method": "http.request", "params": {"url": server.url()}}
        assert "over --http-limits" in self.run(Guest().rpc(call), *words)[0]
        call["params"]["options"] = {"method": "POST", "body": "123456"}
        assert "the body of the request is over --http-limits" in self.run(Guest().rpc(call), *words)[0]
        for bad in ("response", "response=", "response=-1", "body=1", "response=1,,", "request=99999999999999999999"):
            self.expect(self.call("--http-limits", bad, self.path("guest.wat"), program=self.runtime), 2, b"", "^error: .*--http-limits")

    # -- proxies -------------------------------------------------------------------------------------------------------

    def test_proxies_of_the_environment(self):
        proxy = Raw(answers(ok(b"proxied")))
        env = {"http_proxy": f"http://127.0.0.1:{proxy.port}"}
        guest = Guest().req("http://far.test/x").body()
        assert self.run(guest, "--allow-net=far.test", env=env) == ["0 200", "0 7 proxied"]
        assert proxy.heads[-1].startswith(b"GET http://far.test/x HTTP/1.1\r\n")
        assert self.run(guest, "--allow-net=far.test", env={"HTTP_PROXY": env["http_proxy"]})[0] == "0 200"
        assert self.run(guest, "--allow-net=far.test", env={"ALL_PROXY": env["http_proxy"]})[0] == "0 200"
        reached = proxy.accepts
        assert self.run(guest, "--allow-net=else.test", env=env)[0] == "14"
        hosts = self.hosts("far.test 127.0.0.1")
        assert self.run(guest, "--allow-net=far.test", hosts, env={**env, "no_proxy": "a,.test"})[0] == "14"
        assert self.run(Guest().req(self.nginx.url("/hello")).body(), GRANT, env={**env, "NO_PROXY": "127.0.0.1"})[1] == "0 6 hello"
        assert proxy.accepts == reached
        assert self.run(Guest().req("https://far.test/"), "--allow-net=far.test", env={"https_proxy": env["http_proxy"]})[0] == "11"
        assert proxy.heads[-1].startswith(b"CONNECT far.test:443 HTTP/1.1\r\n")


if __name__ == "__main__":
    sys.exit(driver.main(Http))
