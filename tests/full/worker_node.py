"""The published worker node (b7s) with our runtime, and the contract with it where the node cannot be had.

  worker_node.py --bin FOLDER [--work FOLDER] [--node PROGRAM] [--install-seconds N]

1. tests/cli/node.py: the contract, always.
2. `go install` of the node by its name, within the given time. Then a head node (it has the HTTP API) and a worker with our
   runtime, both on loopback with ports of the system's choice; a function package that is served from here is installed and
   executed by HTTP requests, and the answers are compared.
Where the node cannot be installed one line says why, and the second part counts as skipped, never as passed.
--node runs an installed node instead. Closing line: `N passed, N failed` and `, N skipped`.
"""

import argparse
import contextlib
import hashlib
import http.server
import io
import json
import os
import queue
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "cli"))
import guests_text  # noqa: E402

MODULE = "github.com/blocklessnetwork/b7s/cmd/node@latest"
START_SECONDS = 60    # for a node to say where it listens, or to answer
EXECUTE_SECONDS = 120  # for the worker to be found, to fetch the package and to run it
FUNCTION = "bafybeia24v4czavtpjv2co3j54o4a5ztduqcpyyinerjgncx7s2s22s7ea"  # any well-formed name


def contract(folder):
    """(passed, failed) of the contract test, whose output is shown."""
    done = subprocess.run([sys.executable, str(TESTS / "cli" / "node.py"), "--bin", folder], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, errors="replace", check=False)
    sys.stderr.write(done.stderr)
    closing = re.findall(r"(?m)^(\d+) passed, (\d+) failed", done.stdout)
    if not closing:
        return 0, 1
    passed, failed = map(int, closing[-1])
    return passed, failed or int(done.returncode != 0)


def install(work, seconds):
    """(the node's program, None), or (None, why there is none)."""
    go = shutil.which("go")
    if go is None:
        return None, "there is no Go here"
    folder = os.path.join(os.path.abspath(work), "bin")
    os.makedirs(folder, exist_ok=True)
    env = {**os.environ, "GOBIN": folder, "GOFLAGS": "-modcacherw", "GOPATH": os.path.join(os.path.abspath(work), "go")}
    try:
        done = subprocess.run([go, "install", MODULE], stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
                              timeout=seconds, env=env, check=False)
    except subprocess.TimeoutExpired:
        return None, f"`go install {MODULE}` took more than {seconds} s"
    program = os.path.join(folder, "node")
    if done.returncode == 0 and os.path.exists(program):
        return program, None
    said = " ".join(done.stderr.split())
    return None, f"`go install {MODULE}` ended with status {done.returncode}: {said[-300:]}"


class Package(http.server.ThreadingHTTPServer):
    """Serves a function package of text modules: its manifest and its archive."""

    def __init__(self, modules):
        body = io.BytesIO()
        with tarfile.open(fileobj=body, mode="w:gz") as archive:
            for name, content in modules.items():
                entry = tarfile.TarInfo(name)
                entry.size, entry.mode = len(content), 0o644
                archive.addfile(entry, io.BytesIO(content))
        self.files = {"/function.tar.gz": body.getvalue()}
        super().__init__(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server_address[1]}"
        url = self.address + "/function.tar.gz"
        checksum = hashlib.sha256(body.getvalue()).hexdigest()
        self.files["/manifest.json"] = json.dumps({
            "id": FUNCTION, "name": "bless-test", "description": "", "fs_root_path": "./", "entry": "hello.wasm",
            "function": {"id": FUNCTION, "name": "bless-test", "version": "1", "runtime": "bls-runtime", "extensions": []},
            "deployment": {"cid": FUNCTION, "checksum": checksum, "uri": url,
                           "methods": [{"name": name, "entry": name, "result_type": "string"} for name in modules]},
            "runtime": {"checksum": checksum, "url": url}, "permissions": [], "contentType": "text"}).encode()
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, with_body):
        content = self.server.files.get(self.path)
        self.send_response(404 if content is None else 200)
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        if with_body:
            self.wfile.write(content or b"")

    def do_GET(self):  # noqa: N802, the base class's name
        self.answer(True)

    def do_HEAD(self):  # noqa: N802
        self.answer(False)

    def log_message(self, *_):
        pass


class Process:
    """A node; its log lines (JSON objects) can be waited for."""

    def __init__(self, program, *words, cwd):
        self.child = subprocess.Popen([program, "--log-level", "debug", "--address", "127.0.0.1", *words], cwd=cwd,
                                      stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                      errors="replace")
        self.lines, self.seen = queue.Queue(), []
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.child.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def wait_for(self, message):
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                line = self.lines.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no {message!r} within {START_SECONDS} s: {self.seen[-5:]}") from None
            assert line is not None, f"the node ended: {self.seen[-5:]}"
            self.seen.append(line)
            with contextlib.suppress(ValueError):
                record = json.loads(line)
                if record.get("message") == message:
                    return record

    def stop(self):
        self.child.kill()
        self.child.wait()


def post(address, path, body):
    request = urllib.request.Request(address + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=EXECUTE_SECONDS) as answer:
        return json.load(answer)


def execute(address, method, **more):
    """The one result of a request. Until the worker is known and has the function, the head answers without one."""
    end = time.monotonic() + EXECUTE_SECONDS
    body = {"function_id": FUNCTION, "method": method, **more}
    body["config"] = {"number_of_nodes": 1, "timeout": EXECUTE_SECONDS, **more.get("config", {})}
    while True:
        try:
            answer = post(address, "/api/v1/functions/execute", body)
        except urllib.error.HTTPError as problem:
            answer = {"code": str(problem.code), "message": problem.read().decode(errors="replace")}
        if answer.get("results"):
            return answer["results"][0]["result"]
        assert time.monotonic() < end, f"no result of {method}: {answer}"
        time.sleep(1)


def with_node(program, folder):
    """How many executions were right; an AssertionError for the first that was not."""
    with tempfile.TemporaryDirectory() as temp, contextlib.ExitStack() as stack:
        # A text module under the node's usual names: the content decides the format.
        modules = {f"{name}.wasm": Path(path).read_bytes() for name, path in guests_text.build(temp).items()
                   if name in ("hello", "cat", "exit7", "spin")}
        package = Package(modules)
        stack.callback(package.shutdown)

        def node(role, *words):
            home = os.path.join(temp, role)
            os.makedirs(home)
            process = Process(program, "--role", role, "--workspace", os.path.join(home, "workspace"),
                              "--db", os.path.join(home, "db"), *words, cwd=home)
            stack.callback(process.stop)
            return process
        # The head's API needs a number in advance: one that is free now.
        with http.server.HTTPServer(("127.0.0.1", 0), Handler) as probe:
            api = f"127.0.0.1:{probe.server_address[1]}"
        head = node("head", "--rest-api", api)
        addresses = head.wait_for("created host")["addresses"]
        local = [a for a in addresses if a.startswith("/ip4/127.0.0.1/tcp/") and "/p2p/" in a]
        assert local, addresses
        worker = node("worker", "--boot-nodes", local[0], "--runtime-path", os.path.abspath(folder), "--runtime-cli", "bls-runtime")
        worker.wait_for("created host")
        head.wait_for("Node API starting")
        address = "http://" + api
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                urllib.request.urlopen(address + "/api/v1/health", timeout=10).close()
                break
            except OSError:
                assert time.monotonic() < end, "the head node's API does not answer"
                time.sleep(0.2)
        post(address, "/api/v1/functions/install", {"cid": FUNCTION, "uri": package.address + "/manifest.json"})
        right = 0
        for method, more, out, code in (
                ("hello.wasm", {}, "hello\n", 0), ("cat.wasm", {"config": {"stdin": "the input"}}, "the input", 0),
                ("exit7.wasm", {}, "", 7), ("spin.wasm", {"config": {"runtime": {"limited_fuel": 1000, "fuel": 1000}}}, "", 1)):
            result = execute(address, method, **more)
            got = (result.get("stdout", ""), int(result.get("exit_code", 0)))
            assert got == (out, code), (method, result)
            right += 1
        return right


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", default=os.environ.get("BLS_BIN"))
    parser.add_argument("--work", default="build/worker_node")
    parser.add_argument("--node", help="a node that is installed already")
    parser.add_argument("--install-seconds", type=int, default=600)
    options = parser.parse_args()
    passed, failed = contract(options.bin)
    skipped = 0
    program, why = (options.node, None) if options.node else install(options.work, options.install_seconds)
    if program is None:
        print(f"worker node: b7s not installed: {why}; its part was not run")
        skipped = 1
    else:
        try:
            right = with_node(program, options.bin)
            print(f"worker node: b7s executed {right} functions with this runtime")
            passed += right
        except (AssertionError, OSError, ValueError, LookupError) as problem:
            failed += 1
            print(f"FAIL worker node: {type(problem).__name__} {problem}", file=sys.stderr)
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
