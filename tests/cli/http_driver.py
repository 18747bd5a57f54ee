"""What the suites over HTTP share: the servers, and running a guest with its memory measured. Entry points: HttpDriver, closed_port."""

import atexit
import os
import socket
import subprocess
import threading

import driver
from http_guest import Guest
from http_servers import Nginx, Raw, TestCa, answers, ok

GRANT = "--allow-net=127.0.0.1,localhost"
MOST_RSS = 64 << 10 if not driver.SANITIZED else 4 << 20  # KiB


class HttpDriver(driver.Driver):
    def __init__(self, folder):
        super().__init__(folder)
        self.ca = TestCa(self.dir)
        self.away = Raw(answers(ok(b"away")))
        os.makedirs(self.path("ng"))
        self.nginx = Nginx(self.path("ng"), self.ca, self.away.port)
        atexit.register(self.nginx.stop)

    def run(self, guest, *words, status=0, env=None, clean=True, name="guest"):
        """Runs a guest; the lines it printed. Sets rss (KiB), log and err."""
        self.write(f"{name}.wat", guest.wat())
        log = self.path(f"{name}.log")
        if os.path.exists(log):
            os.unlink(log)
        own = {k: v for k, v in os.environ.items() if "proxy" not in k.lower() and k != "ENV_ROOT_PATH"}
        words = self.watch.words(words) if self.watch else words
        process = subprocess.Popen([self.runtime, *words, self.path(f"{name}.wat")], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, cwd=self.dir, env={**own, **(env or {})})
        killer = threading.Timer(60, process.kill)
        killer.start()
        errors = []
        reader = threading.Thread(target=lambda: errors.append(process.stderr.read()))
        reader.start()
        out = process.stdout.read()
        reader.join()
        _, ended, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(ended)
        killer.cancel()
        self.rss, self.err = used.ru_maxrss, errors[0].decode("utf-8", "replace")
        if self.watch:
            self.watch.note()
        assert not driver.REPORT.search(self.err), self.err
        with open(log) as f:
            self.log = f.read()
        assert process.returncode == status, f"status {process.returncode}, expected {status}: {self.err} {out[:300]}"
        assert "sandbox" not in self.err, self.err
        return out.decode("latin-1").split("\n")[:-1]

    def one(self, url, *words, **keys):
        """The line of one request without options of its own."""
        return self.run(Guest().req(url, **keys), *(words or (GRANT,)))[0]

    def hosts(self, *lines):
        self.write("hosts.txt.log", "")  # lookups count
        return "--hosts-file=" + self.write("hosts.txt", "".join(line + "\n" for line in lines))


def closed_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]
