"""What the suite of blockless_llm talks to: a model that is a script, one that is a program of others' (mock-llm from npm), a server
of tools (MCP), a server of downloads.

Entry points: model_script, mock_llm, Tools, Downloads.
"""

import http.server
import json
import queue
import ssl
import sys
import threading

MODEL = '''#!PYTHON
import http.server, json, os, sys, time
LOG, MODE = "LOGFILE", "MODENAME"
def log(**row):
    with open(LOG, "a") as f:
        f.write(json.dumps(row) + "\\n")
def stubborn():
    told, tell = os.pipe()
    if os.fork() != 0:
        os.read(told, 1)
    else:
        os.setsid()
        import signal
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        log(pid=os.getpid())
        os.write(tell, b"x")
        time.sleep(1000)
log(pid=os.getpid(), arguments=sys.argv[1:], environment=sorted(os.environ),
    descriptors=sorted(int(n) for n in os.listdir("/proc/self/fd"))[:-1])
if MODE == "ends":
    sys.exit(3)
if MODE == "hangs":
    time.sleep(1000)
if MODE == "forks":
    stubborn()
looks = 3 if MODE == "loads" else 0

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *words):
        pass
    def reply(self, status, data):
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
    def do_GET(self):
        global looks
        looks -= 1
        log(get=self.path, ready=looks < 0)
        self.reply(200 if looks < 0 else 503, b"{}")
    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        messages = request["messages"]
        log(post=self.path, type=self.headers["Content-Type"], model=request["model"],
            messages=messages if len(messages) < 50 else len(messages), keys=sorted(request))
        last = messages[-1] if messages else {"role": "user", "content": "empty"}
        verb, _, rest = last["content"].partition(" ")
        content = last["content"] if last["role"] == "user" else "heard: " + last["content"]
        if last["role"] == "user" and verb == "status":
            return self.reply(int(rest), b"{}")
        if last["role"] == "user" and verb == "raw":
            return self.reply(200, rest.encode())
        if last["role"] == "user" and verb == "exit":
            os._exit(0)
        if last["role"] == "user" and verb == "wait":
            time.sleep(1000)
        if last["role"] == "user" and verb == "size":
            content = "x" * int(rest)
        if last["role"] == "user" and verb == "tool":
            content = "I call <function>" + rest + "</function>"
        self.reply(200, json.dumps({"choices": [{"message": {"role": "assistant", "content": content}}]}).encode())

port = int(sys.argv[sys.argv.index("--port") + 1])
http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
'''


def model_script(log, mode=""):
    return MODEL.replace("PYTHON", sys.executable).replace("LOGFILE", log).replace("MODENAME", mode)


MOCK_LLM = "@dwmkerr/mock-llm@0.1.29"
# Of the rules that match the last one counts. Values are put into the JSON text unescaped.
MOCK_RULES = r'''rules:
  - {path: /v1/chat/completions, method: POST, response: {status: 200, content: ECHO}}
  - {path: /v1/chat/completions, match: "ends_with(body.messages[-1].content, 'Who are you?')", response: {status: 200, content: MODEL}}
  - {path: /v1/chat/completions, match: "body.messages[-1].content == 'And before?'", response: {status: 200, content: BEFORE}}
  - {path: /v1/chat/completions, match: "body.messages[0].role == 'system' && contains(body.messages[0].content, 'Answer in French.')",
     response: {status: 200, content: FRENCH}}
  - {path: /v1/chat/completions, match: "body.messages[0].role == 'system' && contains(body.messages[0].content, '\"name\":\"add\"')",
     response: {status: 200, content: CALL}}
  - {path: /v1/chat/completions, match: "body.messages[-1].role == 'tool'", response: {status: 200, content: SUM}}
  - {path: /v1/chat/completions, match: "body.messages[-1].content == 'error-401'", response: {status: 401, content: REFUSED}}
  - {path: /v1/chat/completions, match: "body.messages[-1].content == 'error-429'", response: {status: 429, content: REFUSED}}
  - {path: /v1/chat/completions, match: "body.messages[-1].content == 'no choice'", response: {status: 200, content: '{"choices": []}'}}
'''
MOCK_TEXTS = {
    "ECHO": "{{jmes request body.messages[-1].content}}",
    "MODEL": "I am {{jmes request body.model}}, asked with {{jmes request keys(body) | sort(@) | join('+', @)}}",
    "BEFORE": "{{jmes request length(body.messages)}} messages: {{jmes request body.messages[-3].role}} said "
              "{{jmes request body.messages[-3].content}}, {{jmes request body.messages[-2].role}} said "
              "{{jmes request body.messages[-2].content}}",
    "FRENCH": "Bonjour à {{jmes request length(body.messages)}}",
    "CALL": '<function>{"name":"add","arguments":{"a":20,"b":22} }</function>',
    "SUM": "The sum is {{jmes request body.messages[-1].content}}",
}


def mock_llm(folder, log, rules):
    """A model executable that is mock-llm with `rules`; what it prints, a line for each request, goes to `log`."""
    with open(rules, "w") as f:
        text = MOCK_RULES.replace("REFUSED", repr(json.dumps({"error": {"type": "refused", "message": "no"}})))
        for name, content in MOCK_TEXTS.items():
            whole = {"id": "chatcmpl-1", "object": "chat.completion", "choices": [
                {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}]}
            text = text.replace(f"content: {name}}}", "content: '" + json.dumps(whole).replace("'", "''") + "'}")
        f.write(text)
    program = folder / "node_modules" / ".bin" / "mock-llm"
    return f'#!/bin/sh\nfor port; do :; done\nHOST=127.0.0.1 PORT="$port" exec "{program}" --config "{rules}" >>"{log}" 2>&1\n'


class Server:
    """An HTTP server on a free loopback port that counts what it is asked."""

    def __init__(self, tls=None):
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def handle_one_request(self):
                try:
                    super().handle_one_request()
                except OSError:
                    self.close_connection = True

            def do_GET(self):
                outer.seen.append((self.command, self.path, self.headers.get("Range")))
                outer.get(self)
            do_HEAD = do_GET

            def do_POST(self):
                outer.seen.append((self.command, self.path, None))
                outer.post(self, self.rfile.read(int(self.headers["Content-Length"])))
        self.seen = []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        if tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, path=""):
        return f"http://127.0.0.1:{self.port}{path}"

    @property
    def grant(self):
        return f"--allow-net=127.0.0.1:{self.port}"


def answer(handler, status, data=b"", **headers):
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    if "Content_Length" not in headers:
        handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(data)


class Downloads(Server):
    """Gives `data` for every path, with ranges; `mode` changes that."""

    def __init__(self, data, mode="", other=None, tls=None):
        self.data, self.mode, self.other, self.gate = data, mode, other, None  # gate: an event that files wait for
        super().__init__(tls)

    def get(self, handler):
        start = handler.headers.get("Range")
        if self.gate is not None and handler.command == "GET":
            self.gate.wait(60)
        if self.mode == "missing":
            return answer(handler, 404)
        if self.mode == "away":
            return answer(handler, 302, Location=self.other)
        if self.mode == "linked" and "cdn" not in handler.path:
            return answer(handler, 302, Location="/cdn", X_Linked_Size=str(len(self.data)))
        if self.mode == "led" and "cdn" not in handler.path:
            return answer(handler, 302, Location="/cdn")
        if self.mode == "short" and handler.command == "GET":
            half = self.data[:len(self.data) // 2]
            return answer(handler, 200, half, Content_Length=str(len(self.data)))
        if self.mode == "longer" and handler.command == "GET":
            return answer(handler, 200, self.data + b"more")
        if self.mode == "unsized" and handler.command == "HEAD":
            handler.send_response(200)
            return handler.end_headers()
        if start is None or self.mode == "whole":
            return answer(handler, 200, self.data)
        first = int(start.removeprefix("bytes=").removesuffix("-"))
        said = first + 1 if self.mode == "shifted" else first
        answer(handler, 206, self.data[first:], Content_Range=f"bytes {said}-{len(self.data) - 1}/{len(self.data)}")


class Tools(Server):
    """A server of tools by MCP over server-sent events. The path of the stream chooses how it errs."""

    TOOLS = [{"name": "add", "description": "adds", "inputSchema": {"type": "object"}}, {"name": "fails"}, {"name": "errs"},
             {"name": "silent"}, {"noname": 1}]

    def __init__(self, other=None):
        self.streams, self.asked, self.opened, self.other = {}, [], 0, other
        super().__init__()

    def get(self, handler):
        mode = handler.path.strip("/")
        self.opened += 1
        if mode == "moves" and self.opened > 1:
            return answer(handler, 302, Location=self.other)
        if mode == "missing":
            return answer(handler, 404)
        number = str(self.opened)
        self.streams[number] = queue.Queue()
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.end_headers()
        place = {"elsewhere": f"{self.other}/messages", "absolute": self.url(f"/messages?{mode},{number}")}.get(
            mode, f"/messages?{mode},{number}")
        while mode == "endless":
            handler.wfile.write(b"data: " + b"x" * 65536 + b"\n")
        first = {"mute": ": wait\n\n", "odd": "data: x\n\n", "closed": ""}.get(mode, f": hello\r\nevent: endpoint\r\ndata: {place}\r\n\r\n")
        handler.wfile.write(first.encode())
        while mode not in ("odd", "closed"):
            text = self.streams[number].get()
            handler.wfile.write(text.encode())
            if mode == "garbage":
                return

    def post(self, handler, body):
        mode, number = handler.path.partition("?")[2].split(",")
        message = json.loads(body)
        self.asked.append(message)
        answer(handler, 202 if mode != "refuses" else 500)
        if "id" not in message:
            return
        result = self.result(mode, message)
        reply = {"jsonrpc": "2.0", "id": message["id"], **result}
        text = "{" if mode == "garbage" else json.dumps(reply, indent=1)
        lines = "".join(f"data: {line}\n" for line in text.split("\n"))
        self.streams[number].put('event: message\ndata: {"jsonrpc":"2.0","method":"notifications/x"}\n\nevent: message\n' + lines + "\n")

    def result(self, mode, message):
        params = message.get("params", {})
        if message["method"] == "initialize":
            return {"error": {"code": -1, "message": "no"}} if mode == "unfriendly" else {"result": {"protocolVersion": "2024-11-05"}}
        if message["method"] == "tools/list":
            if mode == "pages":
                last = "cursor" in params
                return {"result": {"tools": self.TOOLS[1:] if last else self.TOOLS[:1], **({} if last else {"nextCursor": "c"})}}
            return {"result": {"tools": self.TOOLS}}
        name, arguments = params["name"], params["arguments"]
        if name == "add":
            parts = [{"type": "text", "text": str(arguments["a"] + arguments["b"])}, {"type": "image"}, {"type": "text", "text": "done"}]
            return {"result": {"content": parts}}
        if name == "fails":
            return {"result": {"content": [], "isError": True}}
        return {"result": {}} if name == "silent" else {"error": {"code": -32000, "message": "no"}}
