"""Servers for the HTTP suites: nginx with a private prefix, a test CA, and servers of raw bytes. Entry points: Nginx, TestCa, Raw."""

import os
import shutil
import socket
import subprocess
import threading
import time


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class TestCa:
    """A CA and a certificate for localhost, 127.0.0.1 and named.test, in a folder."""

    def __init__(self, folder):
        self.file = os.path.join(folder, "ca.pem")
        self.key, self.cert = os.path.join(folder, "server.key"), os.path.join(folder, "server.pem")
        request, names = os.path.join(folder, "server.csr"), os.path.join(folder, "names.cnf")
        with open(names, "w") as f:
            f.write("subjectAltName=DNS:localhost,DNS:named.test,IP:127.0.0.1\n")

        def openssl(*words):
            subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=folder)
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", "/CN=Test CA",
                "-keyout", "ca.key", "-out", self.file)
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost", "-keyout", self.key,
                "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", "ca.key", "-CAcreateserial", "-days", "30", "-extfile",
                names, "-out", self.cert)


class Nginx:
    CONF = """daemon off; pid ng.pid; error_log logs/error.log; worker_processes 1; events { worker_connections 256; }
    http { log_format t '$connection $request_method $request_uri $server_protocol host=$http_host auth=$http_authorization';
      access_log logs/access.log t; client_body_temp_path tmp_b; proxy_temp_path tmp_p; fastcgi_temp_path tmp_f; uwsgi_temp_path tmp_u;
      scgi_temp_path tmp_s; gzip off; root www; default_type text/plain; keepalive_timeout 60;
      server { listen 127.0.0.1:PORT; listen 127.0.0.1:TLS ssl http2; ssl_certificate CERT; ssl_certificate_key KEY;
        location /hello { add_header X-Two first; add_header X-Two second; return 200 "hello\\n"; }
        location /redir { return 302 /hello; } location /see { return 303 /hello; } location /keep { return 307 /echo; }
        location /loop { return 302 /loop; } location /out { return 302 http://127.0.0.1:OTHER/away; }
        location /file { return 302 file:///etc/passwd; } location /none { return 204; }
        location /missing { return 404 "no\\n"; } location /slow { limit_rate 1k; } } }"""

    def __init__(self, folder, ca, other=1):
        self.folder = folder
        for sub in ("logs", "www"):
            os.makedirs(os.path.join(folder, sub))
        self.port, self.tls = free_port(), free_port()
        conf = os.path.join(folder, "nginx.conf")
        with open(conf, "w") as f:
            f.write(("user root; " if os.geteuid() == 0 else "") + self.CONF.replace("PORT", str(self.port)).replace("TLS", str(self.tls)).replace("CERT", ca.cert)
                    .replace("KEY", ca.key).replace("OTHER", str(other)))
        program = shutil.which("nginx") or "/usr/sbin/nginx"  # not on everybody's PATH
        self.process = subprocess.Popen([program, "-p", folder, "-c", conf], stderr=subprocess.DEVNULL)
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.tls)).close()
                return
            except OSError:
                time.sleep(0.02)
        raise RuntimeError("nginx does not start")

    def stop(self):
        self.process.terminate()
        self.process.wait(10)

    def www(self, name, data):
        with open(os.path.join(self.folder, "www", name), "wb") as f:
            f.write(data)

    def url(self, path, host="127.0.0.1"):
        return f"http://{host}:{self.port}{path}"

    def secure(self, path, host="localhost"):
        return f"https://{host}:{self.tls}{path}"

    def log(self, path):
        """The log lines of requests for a path, once there is one or more."""
        for _ in range(100):
            with open(os.path.join(self.folder, "logs", "access.log")) as f:
                lines = [line.split() for line in f if line.split()[2] == path]
            if lines:
                return lines
            time.sleep(0.02)
        return []


class Raw:
    """Answers each connection by `handler(connection, head)`, where head is what came up to the blank line (and what came with it);
    with head=False at once. Counts connections and keeps the heads."""

    def __init__(self, handler, head=True, port=0, address="127.0.0.1"):
        self.handler, self.wants_head, self.accepts, self.heads = handler, head, 0, []
        self.socket = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((address, port))
        self.socket.listen(64)
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.loop, daemon=True)
        self.thread.start()

    def loop(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.accepts += 1
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            head = b""
            while self.wants_head and b"\r\n\r\n" not in head:
                piece = connection.recv(65536)
                if not piece:
                    break
                head += piece
            if self.wants_head and not head:
                return
            self.heads.append(head)
            self.handler(connection, head)
        except OSError:
            pass
        finally:
            connection.close()

    def url(self, path="/", host="127.0.0.1"):
        return f"http://{host}:{self.port}{path}"

    def stop(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


def answers(data):
    """A handler that sends these bytes and closes."""
    return lambda connection, head: connection.sendall(data)


def ok(body=b"ok", more=""):
    return f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n{more}\r\n".encode() + body
