"""bless.rpc_call: the JSON-RPC methods and http.request, with the real program in its sandbox.

  rpc.py --bin FOLDER [--only WORD]
"""

import json
import sys

import driver
from http_driver import GRANT, MOST_RSS, HttpDriver, closed_port
from http_guest import BUFFER, Guest
from http_servers import Raw, answers, ok


def call(method, params=None, **keys):
    return {"jsonrpc": "2.0", "method": method, "id": 1, **({} if params is None else {"params": params}), **keys}


class Rpc(HttpDriver):
    MODULES = ("bless",)

    def rpc(self, request, *words, most=1 << 20):
        """The answer, parsed; or the code."""
        line = self.run(Guest().rpc(request, most), *words, name="rpc")[0]
        return json.loads(line[2:].encode("latin-1")) if line.startswith("0 ") else int(line)

    def http(self, url, *words, **options):
        """The result of http.request."""
        answer = self.rpc(call("http.request", {"url": url, "options": options}), *(words or (GRANT,)))
        assert answer["jsonrpc"] == "2.0" and answer["id"] == 1
        return answer["result"]

    def seen(self, server, **options):
        """What a server received, for a request that succeeded."""
        result = self.http(server.url("/p"), **options)
        assert result["success"], result
        return server.heads[-1]

    # -- the small methods; none of them needs a grant -----------------------------------------------------------------

    def test_ping_echo_and_version(self):
        assert self.rpc(call("ping")) == {"jsonrpc": "2.0", "result": "pong", "id": 1}
        for params in (None, 5, "text", [1, {"a": None}], {"b": "\u00e9\n", "a": 1.5}):
            assert self.rpc(call("echo", params))["result"] == params
        assert self.rpc(call("version"))["result"] == {"rpc_version": "2.0", "runtime": "bls-runtime", "version": "0.1.0"}
        assert self.rpc(call("ping", id=0xFFFFFFFF))["id"] == 0xFFFFFFFF

    def test_errors_of_the_protocol(self):
        assert self.rpc(call("no.such"))["error"] == {"code": -32601, "message": "Method not found", "data": {"method": "no.such"}}
        for params in (None, 5, {}, {"url": 5}, {"url": "http://a/", "options": 5}, {"url": "http://a/", "options": {"timeout": -1}},
                       {"url": "http://a/", "options": {"headers": {"a": 1}}}, {"url": "http://a/", "options": {"method": 1}},
                       {"url": "http://a/", "options": {"body": 5}}, {"url": "http://a/", "options": {"body": [256]}},
                       {"url": "http://a/", "options": {"body": [{"name": "a"}]}}, {"url": "http://a/", "options": {"body": {"a": 1}}},
                       {"url": "http://a/", "options": {"query_params": [1]}}):
            error = self.rpc(call("http.request", params))["error"]
            assert error["code"] == -32602 and error["message"] == "Invalid params" and "error" in error["data"], params

    # Unused, by name: 2 method not found, 3 invalid params; both are answers instead.
    def test_every_code(self):
        for request in ("", "{", "[]", "5", '{"jsonrpc":"2.0","method":"ping"}', b'{"jsonrpc":"2.0","method":"ping\xff","id":1}',
                        call("ping", id="1"), call("ping", id=-1), call("ping", id=1 << 32), call("ping", id=1.5), call(5),
                        call("ping", jsonrpc=2), "[" * 100000, '{"a":' * 100000):
            assert self.rpc(request) == 1, (str(request)[:80], self.rpc(request))
        guest = Guest(rpc=True)
        text = guest.text(json.dumps(call("ping")))
        for bad in (f"(i32.const 0x7fffff00) (i32.const 9) (i32.const {BUFFER}) (i32.const 9)", f"{text} (i32.const 0x7fffff00) (i32.const 9)"):
            guest.step(f"(call $num (call $rpc {bad} (i32.const 8))) (call $nl)")
        assert self.run(guest) == ["4", "4"]
        size = len('{"jsonrpc":"2.0","result":"pong","id":1}')
        assert self.rpc(call("ping"), most=size - 1) == 5 and self.rpc(call("ping"), most=size)["result"] == "pong"
        server = Raw(answers(ok(b"x" * 1000)))
        assert self.rpc(call("http.request", {"url": server.url()}), GRANT, most=500) == 5 and server.accepts == 1

    # -- http.request --------------------------------------------------------------------------------------------------

    def test_a_response(self):
        result = self.http(self.nginx.url("/redir"))
        assert result["success"] and set(result["data"]) == {"status", "headers", "body", "url"}, result
        data = result["data"]
        assert data["status"] == 200 and bytes(data["body"]) == b"hello\n" and data["url"] == self.nginx.url("/hello")
        assert data["headers"]["content-type"] == "text/plain" and all(name == name.lower() for name in data["headers"])
        assert self.http(self.nginx.url("/missing"))["data"]["status"] == 404
        secure = self.http(self.nginx.secure("/hello"), GRANT, "--ca-file", self.ca.file)
        assert secure["data"]["status"] == 200, secure

    def test_methods_headers_and_queries(self):
        server = Raw(answers(ok()))
        assert self.seen(server).startswith(b"GET /p HTTP/1.1\r\n")
        assert self.seen(server, method="post").startswith(b"POST /p HTTP/1.1\r\n")
        assert self.seen(server, method="BREW").startswith(b"BREW /p HTTP/1.1\r\n")
        assert b"\r\nX-A: b c\r\n" in self.seen(server, headers={"X-A": "b c"})
        assert self.seen(server, query_params={"a b": "c&d", "e": "\u00e9"}).startswith(b"GET /p?a+b=c%26d&e=%C3%A9 HTTP/1.1")
        self.http(server.url("/p?x#y"), query_params={"a": "b"})
        assert server.heads[-1].startswith(b"GET /p?x HTTP/1.1")
        self.http(server.url("/p#y"), query_params={"a": "b"})
        assert server.heads[-1].startswith(b"GET /p?a=b HTTP/1.1")

    def test_every_kind_of_body(self):
        server = Raw(answers(ok()))

        def sent(**options):
            head, body = self.seen(server, method="POST", **options).split(b"\r\n\r\n", 1)
            return head, body
        assert sent(body="a text")[1] == b"a text"
        assert sent(body=[0, 255, 65])[1] == b"\0\xffA"
        head, body = sent(body=[])
        assert body == b"" and b"Content-Length: 0" in head
        head, body = sent(body={"a b": "c&d", "e": "f"})
        assert body == b"a+b=c%26d&e=f" and b"Content-Type: application/x-www-form-urlencoded" in head
        head, body = sent(body={"a": "b"}, headers={"content-type": "multipart/form-data"})
        boundary = head.split(b"boundary=")[1].split(b"\r\n")[0]
        assert body == b'--%s\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--%s--\r\n' % (boundary, boundary)
        assert head.lower().count(b"content-type") == 1
        parts = [{"name": "t", "value": {"Text": "v"}},
                 {"name": 'q"\r\n', "value": {"Binary": {"data": [1, 2], "filename": "f.bin", "content_type": "image/x"}}},
                 {"name": "n", "value": {"Binary": {"data": [], "filename": None, "content_type": None}}}]
        head, body = sent(body=parts)
        boundary = head.split(b"boundary=")[1].split(b"\r\n")[0]
        pieces = body.split(b"--" + boundary)
        assert pieces[0] == b"" and pieces[-1] == b"--\r\n" and len(pieces) == 5
        assert pieces[1] == b'\r\nContent-Disposition: form-data; name="t"\r\n\r\nv\r\n'
        assert pieces[2] == (b'\r\nContent-Disposition: form-data; name="q%22%0D%0A"; filename="f.bin"\r\nContent-Type: image/x'
                             b'\r\n\r\n\1\2\r\n')

    def test_failures_are_results_and_a_line_on_standard_error(self):
        for url, options, what in ((f"http://127.0.0.1:{closed_port()}/", {}, "connect"), ("nonsense", {}, "URL"),
                                   (self.nginx.url("/hello"), {"headers": {"a": "b\r\nc: d"}}, "control character"),
                                   (self.nginx.url("/hello"), {"method": "a b"}, "method"),
                                   (Raw(lambda c, head: c.recv(1)).url(), {"timeout": 200}, "timed out"),
                                   (Raw(answers(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab")).url(), {}, "early")):
            result = self.http(url, **options)
            assert set(result) == {"success", "error"} and result["success"] is False and what in result["error"], result
            assert f"HTTP request failed: {result['error']}\n" in self.err

    def test_the_same_permissions_as_for_http_req(self):
        server = Raw(answers(ok()))
        for words in (("--deny-net",), ("--allow-read",), ("--permission", "http://other.test/"), ("--allow-net",)):
            result = self.http(server.url(), *words)
            assert result["success"] is False and result["error"].startswith("Permission denied: "), (words, result)
        assert server.accepts == 0
        before = self.away.accepts
        result = self.http(self.nginx.url("/out"), f"--allow-net=127.0.0.1:{self.nginx.port}")
        assert result["error"].startswith("Permission denied: ") and self.away.accepts == before
        assert self.http(server.url(), "--permission", server.url())["success"]

    def test_a_body_over_the_limit_costs_little(self):
        def endless(connection, head):
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            while True:
                connection.sendall(b"x" * 65536)
        assert self.rpc(call("http.request", {"url": Raw(endless).url()}), GRANT) == 5 and self.rss < MOST_RSS

    def test_the_time_limit_ends_it(self):
        server = Raw(lambda c, head: c.recv(1))
        self.run(Guest().rpc(call("http.request", {"url": server.url()})), GRANT, "--run-time", "300", status=15)


if __name__ == "__main__":
    sys.exit(driver.main(Rpc))
