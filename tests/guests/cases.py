"""The runs of the guests: which module, what the folder holds beforehand, arguments, stdin, what must follow.

A Case makes the folder `grant` (and `other` beside it, and secret.txt outside of both) in a scratch folder, runs
the guest, and judges what the guest itself cannot see: the exit status, the output, what came out of the grant.
"""

import os
import socket
import threading
import time
from pathlib import Path

C_FLAGS = ["-Ic", "-Wno-unused-function"]


def guest(language, path, flags=()):
    headers = ["c/wasi_raw.h", "c/check.h"] if path.startswith("c/") else []
    return {"language": language, "sources": [path], "headers": headers, "flags": [*flags]}


GUESTS = {path: guest("c", path, C_FLAGS) for path in (
    "c/args.c", "c/files.c", "c/flags.c", "c/paths.c", "c/symlinks.c", "c/times.c", "c/readdir.c", "c/fdtable.c", "c/poll.c",
    "c/sockets.c", "c/ends.c")}
GUESTS["c/unstable.c"] = guest("c-freestanding", "c/unstable.c", ["-Ic", "-fno-builtin"])
GUESTS["cxx/library.cc"] = guest("c++", "cxx/library.cc")
GUESTS["rust/library.rs"] = guest("rust", "rust/library.rs", ["--crate-name=library"])
GUESTS["assemblyscript/raw.ts"] = guest("assemblyscript", "assemblyscript/raw.ts")

SECRET = "outside of every grant\n"


class Case:
    """One run. `checks`: the guest prints check lines. Subclasses replace what they need to."""

    def __init__(self, name, guest, args=(), env=None, stdin=b"", dirs=(("grant", "/"),), checks=True):
        self.name, self.guest, self.args, self.env = name, guest, list(args), env
        self.stdin, self.dirs, self.checks = stdin, dirs, checks

    def prepare(self, grant: Path):
        """Fills the grant."""

    def open_stdin(self):
        """Bytes, or something with a fileno that the guest inherits."""
        return self.stdin

    def flags(self):
        """Flags of the engine for this run."""
        return []

    def run(self, engine, module, scratch: Path):
        self.scratch = scratch
        (scratch / "grant").mkdir()
        (scratch / "other").mkdir()
        (scratch / "secret.txt").write_text(SECRET)
        self.prepare(scratch / "grant")
        dirs = [(scratch / host, inside) for host, inside in self.dirs]
        return engine.run(module, self.args, dirs, self.env, self.open_stdin(),
                          timeout=10 if engine.is_node else 120, flags=self.flags())

    def judge(self, outcome):
        """Yields (name, problem or None)."""
        names = sorted(path.name for path in self.scratch.iterdir())
        untouched = names == ["grant", "other", "secret.txt"] and (self.scratch / "secret.txt").read_text() == SECRET
        yield "nothing outside changed", None if untouched else f"folder is {names}"


class Files(Case):
    def prepare(self, grant):
        (grant / "host.txt").write_text("made by the host\n")


class Symlinks(Case):
    def prepare(self, grant):
        for name, target in {"abs": "/etc/passwd", "up": "../secret.txt", "updir": "..", "self": "host-self",
                             "back": "../grant/file", "dangling": "nowhere", "slash": "..///",
                             "absin": str(grant / "file")}.items():
            (grant / f"host-{name}").symlink_to(target)
        os.unlink(grant / "host-slash")
        os.symlink("..///", grant / "host-slash")  # pathlib would drop the slashes
        for i in range(60):
            (grant / f"host-chain{i}").symlink_to(f"host-chain{i + 1}")
        (grant / "host-chain60").write_text("end of the chain")


class Times(Case):
    def prepare(self, grant):
        for name, second in {"old.txt": -10000000, "far.txt": 13569465600}.items():
            (grant / name).write_text("x")
            os.utime(grant / name, (second, second))


class Folders(Case):
    def prepare(self, grant):
        for name in ("many", "empty", "long"):
            (grant / name).mkdir()
        for i in range(100):
            (grant / "many" / f"f{i:03}").write_text("x" * i)
        (grant / "long" / ("n" * 255)).write_text("x")


class OpenPipe(Case):
    """Stdin is a pipe whose writer stays open and silent."""

    def open_stdin(self):
        self.reader, self.writer = os.pipe()
        return self.reader

    def judge(self, outcome):
        os.close(self.reader)
        os.close(self.writer)
        return super().judge(outcome)


class FullPipe(Case):
    """Stdin is a pipe that is filled and closed before the guest starts."""

    def open_stdin(self):
        self.reader, writer = os.pipe()
        os.write(writer, self.stdin)
        os.close(writer)
        return self.reader

    def judge(self, outcome):
        os.close(self.reader)
        return super().judge(outcome)


class Stream(Case):
    """Stdin is one end of a connected pair; the other end spoke first."""

    def open_stdin(self):
        self.host, self.guest_end = socket.socketpair()
        self.host.sendall(b"hello from the host")
        return self.guest_end

    def judge(self, outcome):
        self.host.close()
        self.guest_end.close()
        return super().judge(outcome)


class Listener(Case):
    """The engine listens on a port and hands the socket to the guest behind its grant; two clients come."""

    def flags(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.heard = []
        self.client = threading.Thread(target=self.call)
        self.client.start()
        return ["--tcplisten", f"127.0.0.1:{self.port}"]

    def call(self):
        """Says both things in turn, waiting at most 20 s for someone to listen."""
        words = [b"knock", b"hello from the host"]
        for _ in range(400):
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=20) as client:
                    client.sendall(words[len(self.heard)])
                    heard = b""
                    while part := client.recv(100):
                        heard += part
                self.heard.append(heard)
                if len(self.heard) == len(words):
                    return
            except OSError:
                time.sleep(0.05)

    def judge(self, outcome):
        self.client.join()
        right = self.heard == [b"come in", b"hello back!"]
        yield "the clients heard all", None if right else f"they heard {self.heard}"
        yield from super().judge(outcome)


class Ends(Case):
    """Judged by status and exact output. status: a number, "trap" (failing, not by a signal), or "any".
    With reach=True the output only has to show that the guest came to the point and not beyond it."""

    def __init__(self, name, args, status, out="", reach=False):
        super().__init__(name, "c/ends.c", args, checks=False)
        self.status, self.out, self.reach = status, out, reach

    def judge(self, outcome):
        want = self.status
        right = outcome.status == want if isinstance(want, int) else outcome.status > 0 if want == "trap" else \
            outcome.status >= 0
        yield "status", None if right else f"is {outcome.status}, wanted {want}\n{outcome.err.decode(errors='replace')[-300:]}"
        out = outcome.out.decode(errors="replace")
        right = out.startswith(self.out) and "survived" not in out if self.reach else out == self.out
        yield "output", None if right else f"is {out!r}, wanted {self.out!r}"


WILD = ["vector", "vectors", "buffer", "bufferwrap", "result", "read", "clock", "random", "randomwrap", "args",
        "path", "pathwrap", "oldpath", "stat", "poll", "readdir"]


def all():
    found = [
        Case("args", "c/args.c", ["one", "", "zażółć", "with space"], dirs=(),
             env={"ALPHA": "α", "EMPTY": "", "EQUALS": "a=b=", "ZED": "last"}),
        Case("args-bare", "c/args.c", dirs=()),
        Files("files", "c/files.c"),
        Case("flags", "c/flags.c"),
        Case("paths", "c/paths.c", dirs=(("grant", "/"), ("other", "/other"))),
        Symlinks("symlinks", "c/symlinks.c"),
        Times("times", "c/times.c"),
        Folders("readdir", "c/readdir.c"),
        Case("fdtable", "c/fdtable.c", dirs=(("grant", "/root"), ("other", "other"))),
        FullPipe("poll", "c/poll.c", stdin=b"waiting"),
        OpenPipe("poll-open", "c/poll.c", ["open"]),
        Case("sockets", "c/sockets.c", ["none"]),
        Stream("sockets-stdin", "c/sockets.c", ["stdin"]),
        Listener("sockets-listener", "c/sockets.c", ["listener"]),
        Case("unstable", "c/unstable.c", dirs=(("grant", "/root"),)),
        Folders("cxx", "cxx/library.cc", env={"GREETING": "hello there"}, stdin=b"first line\nsecond"),
        Folders("rust", "rust/library.rs", ["--flag", "ünïcode"], env={"KEY": "value=with=equals"},
                stdin=b"three\nshort\nlines\n", dirs=(("grant", "/g"),)),
        Case("assemblyscript", "assemblyscript/raw.ts", ["x", "ż"], env={"NAME": "value"}, stdin=b"input",
             dirs=(("grant", "/grant"),)),
    ]
    for status in (0, 1, 3, 125, 126, 127, 200, 255):
        found.append(Ends(f"ends-proc_exit-{status}", ["proc_exit", str(status)], status, "before\n"))
    found += [
        Ends("ends-return", ["return", "42"], 42, "at exit\n"),
        Ends("ends-return-0", ["return", "0"], 0, "at exit\n"),
        Ends("ends-exit", ["exit", "7"], 7, "at exit\n"),
        Ends("ends-deep", ["deep", "9"], 9),
        Ends("ends-abort", ["abort"], "trap"),
        Ends("ends-unreachable", ["trap"], "trap", "before\n"),
        Ends("ends-divide", ["divide"], "trap", "before\n"),
        Ends("ends-null-call", ["null"], "trap", "before\n"),
        Ends("ends-load", ["load"], "trap", "before\n"),
        Ends("ends-stack", ["stack"], "trap", "before\n"),
        Case("ends-raise", "c/ends.c", ["raise"]),
        Case("ends-edges", "c/ends.c", ["edges"]),
        # A count that cannot be meant: a trap or an errno, but an end.
        Ends("ends-wild-pollcount", ["wild", "pollcount"], "any", "before\n", reach=True),
    ]
    found += [Ends(f"ends-wild-{which}", ["wild", which], "trap", "before\n", reach=True) for which in WILD]
    return found
