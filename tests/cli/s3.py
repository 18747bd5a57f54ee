"""blockless_s3 against s3rver behind a proxy that checks signatures, and against servers that answer wrongly.

  s3.py --bin FOLDER [--only WORD]
"""

import atexit
import json
import socket
import subprocess
import sys

import driver
from http_driver import closed_port
from http_guest import BUFFER, Guest
from http_servers import Raw
from s3_servers import Checker, Scripted, Store

GRANT = "--allow-net=127.0.0.1"


class S3Guest(Guest):
    IMPORTS = """(import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32)))
      (import "blockless_s3" "bucket_command" (func $cmd (param i32 i32 i32 i32) (result i32)))
      (import "blockless_s3" "bucket_put_object" (func $put (param i32 i32 i32 i32) (result i32)))
      (import "blockless_s3" "s3_read" (func $read (param i32 i32 i32 i32) (result i32)))
      (import "blockless_s3" "s3_close" (func $close (param i32) (result i32)))"""

    def command(self, number, options, out=0):
        text = options if isinstance(options, (str, bytes)) else json.dumps(options)
        return self.step(f"(call $num (call $cmd (i32.const {number}) {self.text(text)} (i32.const {out}))) (call $nl)")

    def put(self, options, data=b"", where=None):
        text = options if isinstance(options, (str, bytes)) else json.dumps(options)
        return self.step(f"(call $num (call $put {self.text(text)} {where or self.text(data)})) (call $nl)")

    def read(self, size=60000, handle="(i32.load (i32.const 0))", buffer=BUFFER):
        """Prints `code` or `0 length bytes`."""
        return self.step(f"""(local.set $c (call $read {handle} (i32.const {buffer}) (i32.const {size}) (i32.const 8)))
          (call $num (local.get $c)) (if (i32.eqz (local.get $c)) (then (call $sp) (call $num (i32.load (i32.const 8)))
            (call $sp) (call $out (i32.const {buffer}) (i32.load (i32.const 8))))) (call $nl)""")

    def close(self, handle="(i32.load (i32.const 0))"):
        return self.step(f"(call $num (call $close {handle})) (call $nl)")


class S3(driver.Driver):
    MODULES = ("blockless_s3",)

    def __init__(self, folder):
        super().__init__(folder)
        self.store = Store(self.path("store"))
        atexit.register(self.store.stop)
        self.proxy = Checker(self.store.port, Store.KEY)

    def options(self, server=None, **more):
        keys = {"access_key": Store.KEY, "secret_key": Store.KEY, "endpoint": (server or self.proxy).url, "bucket_name": "test", **more}
        return {key: value for key, value in keys.items() if value is not None}

    def run(self, guest, *words, status=0):
        self.write("guest.wat", guest.wat())
        done = self.call(*(words or (GRANT,)), self.path("guest.wat"))
        assert done.returncode == status, (done.returncode, done.err, done.stdout)
        return done.stdout.decode("latin-1").split("\n")[:-1]

    def codes(self, *commands, words=()):
        guest = S3Guest()
        for number, options in commands:
            guest.command(number, options)
        return [int(line) for line in self.run(guest, *words)]

    # -- a real store ----------------------------------------------------------------------------------------------------

    def test_put_get_delete(self):
        for name in ("a.txt", "dir/deep/b c+d%.txt", "umlaut-ä-日本.bin", "x/../y", "q?a=b&c#f", "(1)!*'~"):
            key = self.options(path=name)
            guest = S3Guest().put(key, b"some bytes").command(3, key).read(4).read().read().close()
            guest.command(4, key).read().close().command(3, key)
            lines = self.run(guest)
            assert lines == ["0", "0", "0 4 some", "0 6  bytes", "0 0 ", "0", "0", "1", "0", "8"], (name, lines, self.proxy.problems)

    def test_an_empty_object_and_one_that_is_larger_than_every_window(self):
        key = self.options(path="empty")
        assert self.run(S3Guest().put(key).command(3, key).read()) == ["0", "0", "0 0 "]
        key = self.options(path="large")
        size = 2 << 20
        guest = S3Guest().put(key, where=f"(i32.const {BUFFER}) (i32.const {size})").command(3, key).step(
            f"""(loop $l (if (call $read (i32.load (i32.const 0)) (i32.const {BUFFER}) (i32.const 60000) (i32.const 8)) (then (unreachable)))
            (local.set $t (i64.add (local.get $t) (i64.extend_i32_u (i32.load (i32.const 8))))) (br_if $l (i32.load (i32.const 8))))
            (call $num (i32.wrap_i64 (local.get $t))) (call $nl)""")
        assert self.run(guest) == ["0", "0", str(size)]

    def test_create_and_list(self):
        made = self.options(bucket_name="made")
        lines = self.run(S3Guest().command(1, made).read().command(2, {**made, "prefix": ""}).read())
        assert json.loads(lines[1].split(" ", 2)[2])["code"] == 200, lines
        listed = json.loads(lines[3].split(" ", 2)[2])
        assert [page["contents"] for page in listed] == [[]] and listed[0]["name"] == "made", listed
        guest = S3Guest()
        for name in ("p/1&<2>", "p/2", "other"):
            guest.put(self.options(bucket_name="made", path=name), name.encode())
        pages = json.loads(self.run(guest.command(2, {**made, "prefix": "p/"}).read())[-1].split(" ", 2)[2])
        assert len(pages) == 1 and pages[0]["is_truncated"] is False and pages[0]["prefix"] == "p/", pages
        objects = pages[0]["contents"]
        assert [o["key"] for o in objects] == ["p/1&<2>", "p/2"] and [o["size"] for o in objects] == [7, 3], objects
        assert all(o["e_tag"].startswith('"') and o["last_modified"].endswith("Z") and o["storage_class"] == "STANDARD" for o in objects)
        assert list(objects[0]) == ["last_modified", "e_tag", "storage_class", "key", "size"]

    def test_the_proxy_knows_a_wrong_signature(self):
        before = len(self.proxy.problems)
        assert self.codes((3, self.options(path="a", secret_key="wrong"))) == [8]
        assert self.proxy.problems[before:] == ["the signature"]

    # -- pages ------------------------------------------------------------------------------------------------------------

    def test_all_pages_are_asked_for(self):
        def page(names, more=""):
            keys = "".join(f"<Contents><Key>{n}</Key><Size>1</Size></Contents>" for n in names)
            return 200, (f"<ListBucketResult><Name>test</Name><IsTruncated>{'true' if more else 'false'}</IsTruncated>{keys}"
                         f"{more and f'<NextContinuationToken>{more}</NextContinuationToken>'}</ListBucketResult>").encode()
        server = Scripted(page("ab", "to/ken=+"), page("c", "2"), page("d"))
        lines = self.run(S3Guest().command(2, self.options(server, prefix="")).read())
        pages = json.loads(lines[1].split(" ", 2)[2])
        assert [[o["key"] for o in p["contents"]] for p in pages] == [["a", "b"], ["c"], ["d"]]
        assert pages[0]["contents"][0]["e_tag"] is None and "prefix" not in pages[0]
        assert [seen[1] for seen in server.seen] == [
            "/test?list-type=2&prefix=", "/test?continuation-token=to%2Fken%3D%2B&list-type=2&prefix=",
            "/test?continuation-token=2&list-type=2&prefix="]
        for bad in (page("a", "same"), (200, b"<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>")):
            assert self.codes((2, self.options(Scripted(bad), prefix=""))) == [8]

    # -- codes ------------------------------------------------------------------------------------------------------------

    def test_1_invalid_handle(self):
        lines = self.run(S3Guest().read(handle="(i32.const 1)").close("(i32.const 1)").read(handle="(i32.const -1)"))
        assert lines == ["1", "0", "1"]

    def test_2_utf8(self):
        assert self.run(S3Guest().command(2, b"\xff\xfe").put(b"\xff")) == ["2", "2"]
        outside = "(i32.const -16) (i32.const 32)"
        lines = self.run(S3Guest().step(f"(call $num (call $cmd (i32.const 2) {outside} (i32.const 0))) (call $nl)"))
        assert lines == ["2"]

    def test_4_invalid_parameter(self):
        full = self.options(path="a", prefix="")
        bad = [(0, full), (5, full), (65535, full), (2, "no json"), (2, "[]"), (2, "{"), (3, {**full, "path": ""}), (3, {**full, "path": 7})]
        bad += [(2, {k: v for k, v in full.items() if k != key}) for key in ("access_key", "secret_key", "endpoint", "bucket_name", "prefix")]
        bad += [(number, {k: v for k, v in full.items() if k != "path"}) for number in (3, 4)]
        bad += [(3, {**full, "bucket_name": name}) for name in ("", ".", "..", "a/b", "a b", "a\r\nx: y", "x" * 300)]
        bad += [(3, {**full, "endpoint": url}) for url in ("", "ftp://a", "http://", "http://u:p@127.0.0.1", "http://127.0.0.1/?x", "http://a\r\nb")]
        assert self.codes(*bad) == [4] * len(bad), list(zip(bad, self.codes(*bad)))
        guest = S3Guest().put({**full, "path": None}).put(full, where="(i32.const -1) (i32.const 5)").read(0)
        assert self.run(guest.command(1, self.options()).read(0).read(buffer=(64 << 16) - 1)) == ["4", "4", "4", "0", "4", "4"]

    def test_5_a_listing_that_is_none(self):
        for body in (b"", b"<", b"{}", b"<html></html>", b"<ListBucketResult>", b"<!DOCTYPE a><ListBucketResult/>", b"<ListBucketResult>\xff",
                     b"<ListBucketResult><Contents><Size>x</Size></Contents></ListBucketResult>", b"<a>" * 10000,
                     b"<ListBucketResult>&bomb;</ListBucketResult>"):
            assert self.codes((2, self.options(Scripted((200, body)), prefix=""))) == [5], body[:50]

    def test_6_credentials_and_7_region(self):
        full = self.options(path="a")
        bad = [{**full, "access_key": key} for key in ("", "a/b", "a\r\nb", "a b")] + [{**full, "secret_key": ""}]
        assert self.codes(*((3, options) for options in bad)) == [6] * 5
        assert self.codes(*((3, {**full, "region": region}) for region in ("", "a/b", "a\nb", "é"))) == [7] * 4
        assert self.run(S3Guest().put({**full, "access_key": ""}).put({**full, "region": "a/b"})) == ["6", "7"]

    def test_8_request_error(self):
        nobody = {**self.options(), "endpoint": f"http://127.0.0.1:{closed_port()}", "path": "a", "prefix": ""}
        assert self.codes(*((number, nobody) for number in (1, 2, 3, 4))) == [8] * 4
        assert self.run(S3Guest().put(nobody)) == ["8"]
        for status in (204, 301, 403, 404, 500):
            server = Scripted((status, b"<Error/>"))
            options = self.options(server, path="a", prefix="")
            want = [8, 8, 0 if status == 204 else 8]
            assert self.codes((2, options), (3, options), (4, options)) == want, status
            assert self.run(S3Guest().put(options)) == ["8"]
        server = Scripted((404, b"gone \x01"))
        answer = self.run(S3Guest().command(1, self.options(server)).read())[1].split(" ", 2)[2]
        assert json.loads(answer) == {"code": 404, "response_text": "gone \x01"}

    def test_9_an_object_that_ends_early(self):
        def short(handler):
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
            handler.close_connection = True
        lines = self.run(S3Guest().command(3, self.options(Scripted(short), path="a")).read(3).read())
        assert lines == ["0", "0 3 abc", "9"], lines

    def test_9_a_listing_without_an_end(self):
        keys = "".join(f"<Contents><Key>{'k' * 500}{n}</Key><Size>1</Size></Contents>" for n in range(5000))
        page = f"<ListBucketResult><IsTruncated>true</IsTruncated>{keys}<NextContinuationToken>%d</NextContinuationToken></ListBucketResult>"
        server = Scripted(*((200, (page % n).encode()) for n in range(10)))
        assert self.codes((2, self.options(server, prefix=""))) == [9] and 5 < len(server.seen) < 9, len(server.seen)

    def test_10_too_many_handles(self):
        options = self.options(Scripted((200, b"x")), path="a")
        guest = S3Guest()
        for _ in range(65):
            guest.command(1, options)
        assert self.run(guest.close("(i32.const 3)").command(1, options)) == ["0"] * 64 + ["10", "0", "0"]

    def test_12_permission_denied_and_nothing_is_sent(self):
        server = Scripted((200, b""))
        options = self.options(server, path="a", prefix="")
        for words in (("--allow-read",), ("--allow-net=example.com",), ("--allow-all", "--deny-net=127.0.0.1"), ("--permission", "http://a.b/")):
            assert self.codes(*((number, options) for number in (1, 2, 3, 4)), words=words) == [12] * 4, words
            assert self.run(S3Guest().put(options), *words) == ["12"]
        assert not server.seen
        assert self.codes((1, options), words=("--permission", server.url)) == [0]

    # -- the time limit ----------------------------------------------------------------------------------------------------

    def limited(self, guest, reached, what):
        """The time limit ends the run in the call that `reached` a server, and nothing is left of it."""
        self.write("limited.wat", guest.step("(unreachable)").wat())
        for limit in (500, 4000, 20000):  # a machine may take its time to get there
            done = self.call(GRANT, "--run-time", str(limit), self.path("limited.wat"))
            assert done.returncode == 15 and "time limit" in done.err, (what, done.returncode, done.err, done.stdout)
            left = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
            assert self.path("limited.wat") not in left, what
            if reached():
                return done.stdout.decode().split("\n")[:-1]
        raise AssertionError(f"not reached: {what}")

    def calls(self, url, size=4):
        options = {**self.options(path="a", prefix=""), "endpoint": url}
        for number in (1, 2, 3, 4):
            yield f"command {number}", S3Guest().command(number, options).read().read()
        yield "put", S3Guest().put(options, where=f"(i32.const {BUFFER}) (i32.const {size})")

    def test_the_time_limit_ends_calls_to_a_server_that_never_answers(self):
        """One that takes the connection and no more; one that takes the request; one that stops in its answer's head."""
        for name, handler in (("silent", lambda c, head: c.recv(1)),
                              ("half a head", lambda c, head: (c.sendall(b"HTTP/1.1 200 OK\r\nContent-"), c.recv(1)))):
            server = Raw(handler)
            for what, guest in self.calls(server.url()):
                server.heads.clear()
                assert self.limited(guest, lambda: server.heads, (name, what)) == [], (name, what)
            server.stop()
        deaf = socket.socket()
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(64)
        deaf.settimeout(0)
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"

        def connected():
            try:
                deaf.accept()[0].close()
                return True
            except BlockingIOError:
                return False
        with deaf:
            # More than the buffers of both ends hold: it is the sending that waits.
            for what, guest in self.calls(url, 3 << 20):
                assert self.limited(guest, connected, ("deaf", what)) == [], what

    def test_the_time_limit_ends_calls_in_the_middle_of_a_body(self):
        def stops(status, body):
            return Raw(lambda c, head: (c.sendall(b"HTTP/1.1 %d X\r\nContent-Length: 1000\r\n\r\n" % status + body), c.recv(1)))
        good, bad = stops(200, b"<ListBucketResult><Name>"), stops(403, b"<Error>")
        lines = {}
        for name, server in (("good", good), ("bad", bad)):
            for what, guest in self.calls(server.url()):
                if (name, what) in (("good", "command 4"), ("good", "put"), ("bad", "command 2"), ("bad", "command 3"), ("bad", "command 4"),
                                    ("bad", "put")):
                    continue  # the head is all they wait for
                server.heads.clear()
                lines[name, what] = self.limited(guest, lambda: server.heads, (name, what))
        # An object streams: what has come is the guest's.
        assert lines == {("good", "command 1"): [], ("good", "command 2"): [], ("bad", "command 1"): [],
                         ("good", "command 3"): ["0", "0 24 <ListBucketResult><Name>"]}, lines

    def test_a_body_that_stops_does_not_hold_up_who_needs_the_head_alone(self):
        server = Raw(lambda c, head: (c.sendall(b"HTTP/1.1 200 X\r\nContent-Length: 1000\r\n\r\nabc"), c.recv(1)))
        refused = Raw(lambda c, head: (c.sendall(b"HTTP/1.1 403 X\r\nContent-Length: 1000\r\n\r\nabc"), c.recv(1)))
        for number, code in (("command 4", "0"), ("put", "0")):
            assert self.run(dict(self.calls(server.url()))[number])[0] == code, number
        for what, guest in self.calls(refused.url()):
            if what != "command 1":  # which gives the body to the guest
                assert self.run(guest)[0] == "8", what

    # -- traps and hostile text --------------------------------------------------------------------------------------------

    def test_traps(self):
        options = self.options(path="a")
        self.run(S3Guest().command(65536, options), status=255)
        self.run(S3Guest().command(3, options, out=2), status=255)
        self.run(S3Guest().command(3, options, out=-4), status=255)

    def test_keys_cannot_add_lines(self):
        server = Scripted((200, b"x"))
        assert self.codes((3, self.options(server, path="a\r\nX-Evil: 1\r\n\r\nGET /b"))) == [0]
        assert len(server.seen) == 1 and "X-Evil" not in server.seen[0][2] and server.seen[0][1].startswith("/test/a%0D%0AX-Evil")

    def test_keys_are_sent_as_they_are(self):
        server = Scripted((200, b"x"))
        for key, sent in (("a//b", "a//b"), ("x/../y/.", "x/../y/."), ("/one", "one"), ("a b%2F", "a%20b%252F")):
            assert self.codes((3, self.options(server, path=key))) == [0]
            assert server.seen[-1][1] == "/test/" + sent, server.seen[-1]

    def test_the_bucket_is_a_sub_domain_of_a_name(self):
        server = Scripted((200, b"x"))
        hosts = "--hosts-file=" + self.write("hosts.txt", "bkt.s3.example 127.0.0.1\n")
        options = {**self.options(path="k/1"), "bucket_name": "bkt", "endpoint": f"http://s3.example:{server.port}"}
        assert self.codes((3, options), words=("--allow-net=bkt.s3.example,127.0.0.1", hosts)) == [0]
        assert server.seen[0][1] == "/k/1" and server.seen[0][2]["Host"] == f"bkt.s3.example:{server.port}"


if __name__ == "__main__":
    sys.exit(driver.main(S3))
