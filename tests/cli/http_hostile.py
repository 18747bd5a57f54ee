"""What servers, guests and names try against blockless_http beyond tests/cli/http_calls.py, and its handles between threads.

  http_hostile.py --bin FOLDER [--only WORD]
"""

import gzip
import os
import subprocess
import sys
import threading

import driver
from http_driver import GRANT, MOST_RSS, HttpDriver
from http_guest import BUFFER, Guest
from http_servers import Raw, answers, ok

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def redirect(where, more=""):
    return f"HTTP/1.1 302 Go\r\nLocation: {where}\r\nContent-Length: 0\r\n{more}\r\n".encode("latin-1")


def threaded(imports_of, start, worker, data=""):
    """A guest of threads: `$wait_for` waits until word 0 is at least its parameter, `$add` adds one to it."""
    text = imports_of.wat()
    imports = text[:text.index('(memory (export "memory")')] + (
        '(import "wasi" "thread-spawn" (func $spawn (param i32) (result i32))) (import "env" "memory" (memory 64 64 shared))'
        '(export "memory" (memory 0))')
    rest = text[text.index("(data "):text.index('(func (export "_start")')]
    return f"""{imports} {rest} {data}
      (func $wait_for (param $n i32) (local $seen i32)
        (loop $again (local.set $seen (i32.atomic.load (i32.const 512)))
          (if (i32.lt_u (local.get $seen) (local.get $n))
            (then (drop (memory.atomic.wait32 (i32.const 512) (local.get $seen) (i64.const -1))) (br $again)))))
      (func $add (drop (i32.atomic.rmw.add (i32.const 512) (i32.const 1))) (drop (memory.atomic.notify (i32.const 512) (i32.const -1))))
      (func (export "wasi_thread_start") (param $id i32) (param $arg i32) (local $c i32) {worker})
      (func (export "_start") (local $c i32) (local $n i32) {start}))"""


class Hostile(HttpDriver):
    # -- servers -------------------------------------------------------------------------------------------------------

    def test_what_surrounds_chunks_is_bounded(self):
        after = b"2\r\nab\r\n0\r\n"
        good = {
            "extensions": CHUNKED + b'2;a=b;c="d;e"\r\nab\r\n0;x\r\n\r\n', "a long extension": CHUNKED + b"2;" + b"x" * (8 << 20) + b"\r\nab\r\n0\r\n\r\n",
            "trailers": CHUNKED + after + b"T: 1\r\nContent-Length: 77\r\n\r\n", "zeros before the size": CHUNKED + b"0002\r\nab\r\n0\r\n\r\n",
        }
        for name, data in good.items():
            lines = self.run(Guest().req(Raw(answers(data)).url()).body().body(), GRANT)
            assert lines == ["0 200", "0 2 ab", "0 0 "] and self.rss < MOST_RSS, (name, lines)
            assert "ended early" not in self.log, name
        bad = {
            "300 trailers": after + b"A: b\r\n" * 300 + b"\r\n", "trailers of 1 MiB": after + (b"A: " + b"x" * 1000 + b"\r\n") * 1024 + b"\r\n",
            "a trailer of 1 MiB": after + b"A: " + b"x" * (1 << 20) + b"\r\n\r\n", "a trailer that is none": after + b"nonsense\r\n\r\n",
            "trailers cut off": after + b"A: b\r\n",
        }
        for name, data in bad.items():
            lines = self.run(Guest().req(Raw(answers(CHUNKED + data)).url()).body().body().req(self.nginx.url("/hello")), GRANT)
            assert lines == ["0 200", "0 2 ab", "0 0 ", "0 200"] and self.rss < MOST_RSS, (name, lines)
            assert "ended early" in self.log, name

    def test_bodies_are_never_unpacked(self):
        bomb = gzip.compress(b"\0" * (1 << 20))
        for coding in ("gzip", "deflate", "br", "zstd", "gzip, gzip"):
            data = ok(bomb, f"Content-Encoding: {coding}\r\n")
            assert self.run(Guest().req(Raw(answers(data)).url()).count(), GRANT)[1] == f"0 {len(bomb)}", coding
        asked = Raw(answers(ok(bomb, "Content-Encoding: gzip\r\n")))
        lines = self.run(Guest().req(asked.url(), headers={"Accept-Encoding": "gzip"}).count(), GRANT)
        assert lines[1] == f"0 {len(bomb)}" and b"Accept-Encoding: gzip" in asked.heads[0]

    def test_interim_responses(self):
        early = b"HTTP/1.1 103 Early\r\nLink: x\r\nContent-Length: 5\r\n\r\n"
        assert self.run(Guest().req(Raw(answers(early * 3 + ok())).url()).header("link").body(), GRANT) == ["0 200", "4", "0 2 ok"]
        for name, data in (("103s with headers", early * 200 + ok()), ("a header over interim ones", b"HTTP/1.1 100 A\r\n" + b"A: b\r\n" * 257),
                           ("102s alone", b"HTTP/1.1 102 A\r\n\r\n")):
            assert self.one(Raw(answers(data)).url()) == "11" and self.rss < MOST_RSS, name

    def test_servers_keep_nothing_here(self):
        """No cookies, no pinned schemes or other services, no refresh."""
        more = "Set-Cookie: a=b\r\nStrict-Transport-Security: max-age=99999\r\nAlt-Svc: h2=\":1\"\r\nRefresh: 0; url=/x\r\nSet-Cookie2: c=d\r\n"
        server = Raw(lambda c, head: c.sendall(redirect("/end", more) if b"/end" not in head else ok(more=more)))
        guest = Guest().req(server.url(host="localhost")).body().req(server.url("/end", host="localhost"))
        assert self.run(guest, GRANT) == ["0 200", "0 2 ok", "0 200"]
        assert len(server.heads) == 3 and all(b"ookie" not in head for head in server.heads), server.heads

    def test_an_answer_before_the_request_is_read(self):
        def early(connection, head):
            connection.sendall(b"HTTP/1.1 413 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            connection.shutdown(1)
            while connection.recv(65536):
                pass
        guest = Guest().req(Raw(early).url(), method="post", body="x" * 500000)
        assert self.run(guest, GRANT)[0] == "0 413"
        never = Raw(lambda c, head: threading.Event().wait(), head=False)
        assert self.one(never.url(), method="post", body="x" * 500000, readTimeout=0.3) == "11"

    def test_more_places_of_redirects(self):
        before = self.away.accepts
        away = f"127.0.0.1:{self.away.port}"
        for where in ("", " ", "?" + "x" * 20000, "http://", "HTTP:", f"http:{away}/", f"http:/{away}/", f"///{away}/", "file:///etc/passwd", "dict://127.0.0.1/",
                      "data:text/plain,x", "blob:x", "ws://127.0.0.1/", f"http://{away}\\@good.test/", f"http://b\xfccher.test/", f"http://[fe80::1%25lo]:{self.away.port}/",
                      f"http://0x7f.1:{self.away.port}/", f"http://2130706433:{self.away.port}/", f"http://0177.0.0.1:{self.away.port}/", "http://a:b:c@127.0.0.1:1:2/"):
            assert self.one(Raw(answers(redirect(where))).url()) == "11", where
        for where in ("/\0x", f"//{away}\0.good.test/", "/\x7f"):
            assert self.one(Raw(answers(redirect(where))).url()) == "11", where
        # A private address in any form is one that is not granted.
        for where in ("0.0.0.0", "127.0.0.2", "[::1]", "[::]", "[::ffff:127.0.0.2]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[::7f00:1]", "169.254.169.254",
                      "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]", "[fd00:ec2::254]", "10.0.0.1", "100.64.0.1"):
            for words in ((f"--allow-net=127.0.0.1",), ("--allow-net", "--allow-net=127.0.0.1")):
                assert self.one(Raw(answers(redirect(f"http://{where}:{self.away.port}/"))).url(), *words) == "14", (where, words)
        assert self.away.accepts == before
        # User names of a redirect are not the guest's, and go nowhere but there.
        seen = []
        last = Raw(lambda c, head: (seen.append(head), c.sendall(redirect("/end") if b"/end" not in head else ok())))
        first = Raw(answers(redirect(last.url("/x").replace("//", "//u:p@"))))
        assert self.one(first.url().replace("//", "//own:secret@"), headers={"Proxy-X": "1"}) == "0 200"
        assert all(b"b3duOnNlY3JldA" not in head for head in seen) and len(seen) == 2

    def test_a_kept_connection_is_no_grant(self):
        """The redirect leads where a connection of an earlier request is open, by a name that has no grant."""
        server = Raw(lambda c, head: [c.sendall(ok()), Raw.serve(server, c)])
        hosts = self.hosts("a.test 127.0.0.1", "b.test 127.0.0.1")
        to_b = Raw(answers(redirect(f"http://b.test:{server.port}/stolen")))
        guest = Guest().req(server.url("/own", host="a.test")).body().req(to_b.url()).req(server.url("/more", host="b.test"))
        lines = self.run(guest, "--allow-net=a.test,127.0.0.1", hosts)
        assert lines == ["0 200", "0 2 ok", "14", "14"], lines
        assert server.accepts == 1 and not any(b"b.test" in head for head in server.heads)

    def test_kept_connections_that_are_dead_cost_no_request(self):
        server = Raw(answers(ok()))  # hangs up without a word
        guest = Guest()
        for _ in range(40):
            guest.req(server.url()).body()
        assert self.run(guest, GRANT) == ["0 200", "0 2 ok"] * 40

    def test_options_of_one_request_do_not_reach_the_next(self):
        server = Raw(lambda c, head: [c.sendall(ok(b"" if head.startswith(b"HEAD") else b"ok")), Raw.serve(server, c)])
        guest = Guest().req(server.url("/1").replace("//", "//u:p@"), method="put", body="text", headers={"X-A": "1", "Content-Type": "a/b"}).body()
        guest.req(server.url("/2")).body().req(server.url("/3"), method="head").body().req(server.url("/4")).body()
        guest.req(server.url("/5"), headers={"X-B": "2"}).body().req(server.url("/6"), method="delete").body().req(server.url("/7")).body()
        guest.req(server.url("/8"), method="post", body="").body().req(server.url("/9"), connectTimeout=1).body().req(server.url("/10")).body()
        lines = self.run(guest, GRANT)
        assert lines[::2] == ["0 200"] * 10 and lines[5] == "0 0 " and lines[7] == "0 2 ok", lines
        plain = "GET /%d HTTP/1.1\r\nHost: 127.0.0.1:" + str(server.port) + "\r\nAccept: */*\r\n\r\n"
        for n in (2, 4, 7, 9, 10):
            assert server.heads[n - 1] == (plain % n).encode(), server.heads[n - 1]
        assert server.accepts == 1 and server.heads[2].startswith(b"HEAD /3 ") and b"X-A" not in server.heads[4] and b"X-B: 2" in server.heads[4]
        assert server.heads[5].startswith(b"DELETE /6 ") and b"X-B" not in server.heads[5] and b"Content-Length: 0" in server.heads[7]

    # -- names and addresses -------------------------------------------------------------------------------------------

    def test_a_deny_holds_for_what_an_address_stands_for(self):
        server = Raw(answers(ok()), address="0.0.0.0")
        hosts = self.hosts("zero.test 0.0.0.0", "far.test 64:ff9b::5db8:d822", "both.test 64:ff9b::5db8:d822 93.184.216.34")
        zero = f"http://0.0.0.0:{server.port}/"
        for url in (zero, f"http://zero.test:{server.port}/"):
            assert self.one(url, "--allow-all", "--deny-net=127.0.0.1", hosts) == "14", url
            assert self.one(url, "--allow-all", f"--deny-net=127.0.0.1:{server.port}", hosts) == "14", url
        assert server.accepts == 0
        assert self.one(f"http://[::]:{server.port}/", "--allow-all", "--deny-net=[::1]") == "14"
        for url in ("http://far.test/", "http://both.test/", "http://[64:ff9b::5db8:d822]/"):
            assert self.one(url, "--allow-all", "--deny-net=93.184.216.34", hosts) == "14", url
        assert self.one(zero, "--allow-all") == "0 200" and self.one(zero, "--allow-net=0.0.0.0") == "0 200"

    def test_a_proxy_is_not_named_by_a_request_to_this_host(self):
        """HTTP_PROXY of a CGI program is the header `Proxy` of its client (httpoxy)."""
        proxy = Raw(answers(ok(b"proxied")))
        place = f"http://127.0.0.1:{proxy.port}"
        guest = Guest().req(self.nginx.url("/hello")).body()
        assert self.run(guest, GRANT, env={"HTTP_PROXY": place})[1] == "0 7 proxied"
        assert self.run(guest, GRANT, env={"HTTP_PROXY": place, "REQUEST_METHOD": "GET"})[1] == "0 6 hello"
        assert self.run(guest, GRANT, env={"http_proxy": place, "REQUEST_METHOD": "GET"})[1] == "0 7 proxied"
        # What the guest is given is not the client's.
        done = self.run(guest, GRANT, "--env", f"http_proxy={place}", "--env", f"ALL_PROXY={place}")
        assert done[1] == "0 6 hello" and proxy.accepts == 2

    # -- threads -------------------------------------------------------------------------------------------------------

    def threads(self, text, *words, status=0):
        self.write("threads.wat", text)
        done = subprocess.run([self.runtime, "--feature-thread", GRANT, *words, self.path("threads.wat")], capture_output=True, text=True,
                              cwd=self.dir, timeout=60, env={k: v for k, v in os.environ.items() if "proxy" not in k.lower()})
        assert done.returncode == status, (done.returncode, done.stderr, done.stdout)
        assert "sandbox" not in done.stderr, done.stderr
        return done.stdout.split("\n")[:-1]

    def held(self, steps, status=0, words=()):
        """A thread reads a body that does not come on; the main thread makes its `steps` on the same handle, lets the rest come
        by a request of /go, and waits for the thread."""
        go, inside = threading.Event(), threading.Event()

        def serve(connection, head):
            if b"/go" in head:
                go.set()
            elif b"/inside" in head:
                assert inside.wait(30)
            else:
                connection.sendall(HEAD + b"Content-Length: 6\r\nX-A: value\r\n\r\nabc")
                inside.set()
                if go.wait(30):
                    connection.sendall(b"def")
                return
            connection.sendall(ok())
        server = Raw(serve)
        made = Guest()
        opts = '{"method":"get"}'
        body, ask, sync = (f"{made.text(server.url(path))} {made.text(opts)}" for path in ("/body", "/go", "/inside"))
        name = made.text("x-a")
        request = "(if (call $req {} (i32.const {at}) (i32.const 8)) (then (unreachable)))".format
        # 256: handle; 260: bytes read by the thread; 3 MiB: its buffer. The word 512 is 1 when it is about to read. That it then
        # does is seen by a read of the main thread that is refused: until then each takes nothing, its length being 0 (and may get
        # in the way of the thread's, which is tried again).
        worker = """(call $add) (loop $l (br_if $l (call $body (i32.load (i32.const 256)) (i32.const 3145728) (i32.const 6) (i32.const 260))))
          (call $add)"""
        start = f"""{request(body, at=256)} {request(sync, at=264)}
          (if (i32.le_s (call $spawn (i32.const 0)) (i32.const 0)) (then (unreachable))) (call $wait_for (i32.const 1))
          (loop $l (local.set $c (call $body (i32.load (i32.const 256)) (i32.const {BUFFER}) (i32.const 0) (i32.const 12)))
            (br_if $l (i32.eqz (local.get $c))))
          (call $num (local.get $c)) (call $nl)
          {steps.format(handle="(i32.load (i32.const 256))", name=name)}
          {request(ask, at=268)} (call $wait_for (i32.const 2))
          (call $num (i32.load (i32.const 260))) (call $sp) (call $out (i32.const 3145728) (i32.load (i32.const 260))) (call $nl)
          (call $num (call $close (i32.load (i32.const 256)))) (call $nl)"""
        return self.threads(threaded(made, start, worker), *words, status=status)

    def test_a_handle_is_one_threads_at_a_time(self):
        steps = f"""(call $num (call $header {{handle}} {{name}} (i32.const {BUFFER}) (i32.const 64) (i32.const 12))) (call $nl)
          (call $num (call $body {{handle}} (i32.const {BUFFER}) (i32.const 64) (i32.const 12))) (call $nl)"""
        assert self.held(steps) == ["11", "11", "11", "6 abcdef", "0"]

    def test_closing_while_another_thread_reads(self):
        steps = f"""(call $num (call $close {{handle}})) (call $nl) (call $num (call $close {{handle}})) (call $nl)
          (call $num (call $body {{handle}} (i32.const {BUFFER}) (i32.const 64) (i32.const 12))) (call $nl)"""
        assert self.held(steps) == ["11", "0", "1", "1", "6 abcdef", "1"]

    def test_an_end_of_the_run_ends_a_read_of_another_thread(self):
        assert self.held("(unreachable)", status=11) == ["11"]
        assert self.held("(loop $l (br $l))", status=15, words=("--run-time", "300")) == ["11"]

    def test_many_threads_request_at_once(self):
        """Each its own handles over one client: eight threads of 25 requests, every body its own."""
        server = Raw(lambda c, head: c.sendall(ok(head.split(b" ")[1][-1:] * 3)))
        made = Guest()
        opts = made.text('{"method":"get"}')
        urls = [made.text(server.url(f"/thread-{n}")) for n in range(8)]
        at, size = urls[0].split(")")[0].split()[1], urls[0].split()[-1].rstrip(")")
        step = int(urls[1].split(")")[0].split()[1]) - int(at)
        # A page of its own for each: 0 handle, 4 status, 8 length, 16 body.
        worker = f"""(local $n i32) (local $page i32) (local.set $n (i32.const 25))
          (local.set $page (i32.add (i32.const {BUFFER}) (i32.mul (local.get $arg) (i32.const 65536))))
          (loop $l
            (if (call $req (i32.add (i32.const {at}) (i32.mul (local.get $arg) (i32.const {step}))) (i32.const {size}) {opts}
                  (local.get $page) (i32.add (local.get $page) (i32.const 4))) (then (unreachable)))
            (if (call $body (i32.load (local.get $page)) (i32.add (local.get $page) (i32.const 16)) (i32.const 99)
                  (i32.add (local.get $page) (i32.const 8))) (then (unreachable)))
            (if (i32.ne (i32.load (i32.add (local.get $page) (i32.const 8))) (i32.const 3)) (then (unreachable)))
            (if (i32.ne (i32.load8_u (i32.add (local.get $page) (i32.const 18))) (i32.add (i32.const 48) (local.get $arg))) (then (unreachable)))
            (if (call $close (i32.load (local.get $page))) (then (unreachable)))
            (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
          (call $add)"""
        start = """(loop $l (if (i32.le_s (call $spawn (local.get $n)) (i32.const 0)) (then (unreachable)))
            (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 8))))
          (call $wait_for (i32.const 8)) (call $num (i32.load (i32.const 512))) (call $nl)"""
        assert self.threads(threaded(made, start, worker)) == ["8"]
        assert len(server.heads) == 200


if __name__ == "__main__":
    sys.exit(driver.main(Hostile))
