"""Servers of the suite s3.py. Entry points: Store (s3rver from npm, on a free port), Checker (a proxy before it that recomputes
every signature with botocore and answers 403 to a wrong one), Scripted (answers what it is told to).
"""

import datetime
import hashlib
import http.client
import http.server
import os
import re
import socket
import subprocess
import sys
import threading
import time

import driver

sys.path.insert(0, os.path.join(driver.ROOT, "tests", "guests"))
from kit import fetch, paths  # noqa: E402

S3RVER = "s3rver@3.7.1"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def npm_tree(package):
    """The folder of an npm package that was installed with what it depends on, once."""
    folder = paths.CACHE / "npm-trees" / package.lstrip("@").replace("/", "-")
    with paths.locked("npm-tree-" + folder.name):
        if not (folder / "done").is_file():
            folder.mkdir(parents=True, exist_ok=True)
            fetch.run(["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", package])
            (folder / "done").touch()
    return folder


class Store:
    KEY = "S3RVER"

    def __init__(self, folder):
        self.port = free_port()
        program = npm_tree(S3RVER) / "node_modules" / ".bin" / "s3rver"
        self.process = subprocess.Popen([str(program), "-d", folder, "-p", str(self.port), "-a", "127.0.0.1", "--configure-bucket", "test"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        limit = time.monotonic() + 60
        while time.monotonic() < limit:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                assert self.process.poll() is None, "s3rver ended"
                time.sleep(0.05)
        raise AssertionError("s3rver does not listen")

    def stop(self):
        self.process.kill()
        self.process.wait()


def signature_problem(method, url, headers, body, secret):
    """What botocore finds wrong with the signature of a request; None: nothing."""
    from botocore.auth import S3SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
    given = headers.get("authorization") or ""
    found = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/s3/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})",
                         given)
    if not found:
        return f"no authorization: {given!r}"
    key, day, region, names, signature = found.groups()
    date = headers.get("x-amz-date") or ""
    age = datetime.datetime.utcnow() - datetime.datetime.strptime(date, "%Y%m%dT%H%M%SZ")
    if not date.startswith(day) or abs(age.total_seconds()) > 900:
        return f"the time {date}"
    if headers.get("x-amz-content-sha256") != hashlib.sha256(body).hexdigest():
        return "the hash of the body"
    signed = {name: headers.get(name) or "" for name in names.split(";")}
    if not {"host", "x-amz-date", "x-amz-content-sha256"} <= signed.keys():
        return f"not signed: {names}"
    request = AWSRequest(method=method, url=url, headers=signed, data=body)
    request.context["timestamp"] = date
    auth = S3SigV4Auth(Credentials(key, secret), "s3", region)
    text = auth.string_to_sign(request, auth.canonical_request(request))
    return None if auth.signature(text, request) == signature else "the signature"


class Server:
    """HTTP on a free port; `answer(handler, body)` of the subclass does the work."""

    def __init__(self):
        owner = self
        self.seen = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                owner.seen.append((self.command, self.path, dict(self.headers.items()), body))
                owner.answer(self, body)
            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any

            def log_message(self, *_):
                pass
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *_: None  # a peer that goes
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @staticmethod
    def reply(handler, status, body=b"", headers=()):
        handler.send_response_only(status)
        for name, value in headers:
            handler.send_header(name, value)
        if status != 204:
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if status != 204:
            handler.wfile.write(body)


class Checker(Server):
    def __init__(self, port, secret):
        super().__init__()
        self.to, self.secret, self.problems = port, secret, []

    def answer(self, handler, body):
        url = f"http://{handler.headers['host']}{handler.path}"
        problem = signature_problem(handler.command, url, handler.headers, body, self.secret)
        if problem:
            self.problems.append(problem)
            return self.reply(handler, 403, problem.encode())
        link = http.client.HTTPConnection("127.0.0.1", self.to, timeout=30)
        link.request(handler.command, handler.path, body, {**dict(handler.headers.items()), "Content-Length": str(len(body))})
        answer = link.getresponse()
        data = answer.read()
        kept = [(n, v) for n, v in answer.getheaders() if n.lower() not in ("content-length", "transfer-encoding", "connection", "date")]
        self.reply(handler, answer.status, data, kept)


class Scripted(Server):
    """Answers (status, body) from a list, the last one again and again; a callable gets the handler."""

    def __init__(self, *answers):
        super().__init__()
        self.answers = list(answers)

    def answer(self, handler, body):
        what = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if callable(what):
            return what(handler)
        self.reply(handler, what[0], what[1])
