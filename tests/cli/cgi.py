"""Tests of blockless_cgi: programs of the operator that a guest starts.

  cgi.py --bin FOLDER [--only WORD]

Every guest is made by cgi_guests.py; A in its output is code 0, B 1 and so on. Nothing is timed: what has to be over is waited
for through a pipe. CGI_BYTES says how much the children of the streaming test send together.
"""

import contextlib
import json
import os
import select
import shutil
import signal
import sqlite3
import subprocess
import sys

import driver
from cgi_guests import (CLOSE, DRAIN_LIST, DRAIN_OUT, HANDLE, LIST, SPIN, TRAP, WAIT, exits, guest, opens, prints,
                        read_once, reads, say, times, writes)

SAYS = """#!/bin/sh
if [ "$1" = "--ext_verify" ]; then echo '{"alias":"%s","description":"%s","is_cgi":true}'; exit 0; fi
%s
"""
# Everything that makes a child hard to end, and a grandchild that left the session.
STUBBORN = """trap '' TERM HUP INT
sleep 1000 &
(trap '' TERM; setsid sh -c 'trap "" TERM; while :; do sleep 100; done' >/dev/null 2>&1 </dev/null) &
exec 3>&1
echo $$
exec 1>&-
while :; do echo flood; done >&2
"""


class Cgi(driver.Driver):
    MODULES = ("blockless_cgi",)

    def __init__(self, folder):
        super().__init__(folder)
        self.count = 0

    def root(self, **programs):
        """A new drivers root; a program is the body of a shell script, or the whole of another."""
        self.count += 1
        folder = self.path(f"ext{self.count}")
        os.mkdir(folder)
        for name, body in programs.items():
            self.program(folder, name, body if body.startswith("#!") else SAYS % (name, name, body))
        return folder

    def program(self, folder, name, text, mode=0o755):
        path = os.path.join(folder, name)
        with open(path, "w") as out:
            out.write(text)
        os.chmod(path, mode)
        return path

    def guest(self, *steps, **more):
        self.count += 1
        return self.write(f"guest{self.count}.wat", guest(*steps, **more))

    def command(self, root, module, *words):
        return [self.bls, "run", *(["--drivers-root-path", root] if root else []), *words, module]

    def go(self, root, *steps, words=(), status=0, env=None, stdin=b""):
        """Runs a guest of these steps; what it wrote."""
        command = self.command(root, self.guest(*steps), *words)
        done = self.call(*command[1:], program=command[0], env=env, stdin=stdin)
        self.expect(done, status, None)
        self.err = done.err
        return done.stdout

    def log_of(self, root, *steps, words=(), level="warn"):
        """The log lines of a run of bls-runtime."""
        name = f"log{self.count}"
        done = self.call("--drivers-root-path", root, "--runtime-logger", name, "--runtime-logger-level", level, *words, self.guest(*steps))
        assert done.returncode == 0, done.err
        with open(self.path(name)) as log:
            return log.read()

    def listed(self, root, *words):
        out = self.go(root, LIST, DRAIN_LIST, words=words)
        assert out[:1] == b"A", out
        return json.loads(out[1:])

    def nothing_left(self, mark):
        """No process has `mark`, a path of this test, in its command line or as its folder."""
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/environ", "rb") as f:
                    found = mark.encode() in f.read()
            except OSError:
                continue
            assert not found, (pid, open(f"/proc/{pid}/cmdline").read())

    # -- discovery ----------------------------------------------------------------------------------------------------

    def test_a_listing_names_what_says_that_it_is_an_extension(self):
        root = self.root(one="cat", two="cat")
        rows = self.listed(root)
        assert [(r["fileName"], r["alias"], r["description"]) for r in rows] == [("one", "one", "one"), ("two", "two", "two")]
        assert list(rows[0]) == ["fileName", "alias", "md5", "description"]
        assert rows[0]["md5"] == self.md5(os.path.join(root, "one"))
        os.unlink(os.path.join(root, "two"))
        # Known files are not asked again: alias and description stay, the checksum is the new one.
        self.program(root, "one", SAYS % ("other", "other", "cat"))
        again = self.listed(root)
        assert [(r["alias"], r["md5"]) for r in again] == [("one", self.md5(os.path.join(root, "one")))]

    def test_no_root_or_an_empty_or_missing_one_is_an_empty_list(self):
        for root in (None, self.path("missing"), self.root()):
            assert self.listed(root) == []
        assert self.go(None, opens({"command": "x"})) == b"E"

    def test_a_bad_program_never_breaks_the_list(self):
        root = self.root(good="cat", zz="exit 1")
        self.program(root, "alias", SAYS % ("a/b", "d", ""))
        self.program(root, "dots", SAYS % ("..", "d", ""))
        self.program(root, "doubled", SAYS % ("good", "d", ""))
        self.program(root, "flood", "#!/bin/sh\nyes '{'\n")
        self.program(root, "hang", "#!/bin/sh\nsleep 1000\n")
        self.program(root, "noise", "#!/bin/sh\nprintf '\\377'\n")
        self.program(root, "silent", "#!/bin/sh\n")
        self.program(root, "no", "#!/bin/sh\necho '{\"is_cgi\":false}'\n")
        self.program(root, "plain", SAYS % ("plain", "d", ""), mode=0o644)
        self.program(root, "shared", SAYS % ("shared", "d", ""), mode=0o775)
        self.program(root, "binary", "not a program")
        os.symlink("good", os.path.join(root, "link"))
        os.mkfifo(os.path.join(root, "fifo"), 0o755)
        os.mkdir(os.path.join(root, "folder"))
        if os.geteuid() == 0:
            os.chown(self.program(root, "foreign", SAYS % ("foreign", "d", "")), 12345, 12345)
        words = ("--cgi-verify-time", "1500")
        # "doubled" comes first by name, and so has the alias.
        assert [r["fileName"] for r in self.listed(root, *words)] == ["doubled", "zz"]
        log = self.log_of(root, LIST, words=words)
        for word in ('"alias"', '"flood"', '"hang"', "others may write it", "did not say what it is within 1500 ms", "more than 65536"):
            assert word in log, (word, log)

    def test_programs_are_asked_what_they_are_at_once(self):
        # Each waits for the next one to be asked, the last one for nobody, so one after another would never end.
        root, names = self.root(), [f"p{i:02}" for i in range(12)]
        for name, after in zip(names, names[1:] + [None]):
            os.mkfifo(os.path.join(root, "." + name), 0o600)
            says = SAYS.replace("if", f"cat {root}/.{after} >/dev/null; if" if after else "if", 1) % (name, name, "cat")
            self.program(root, name, says.replace("; exit 0", f"; echo >{root}/.{name}; exit 0") if name != names[0] else says)
        assert [r["fileName"] for r in self.listed(root, "--cgi-verify-time", "60000")] == names
        # More than are asked at once, some of which never answer: the order is that of the names, and the first name has the alias.
        root = self.root(**{f"good{i:02}": "cat" for i in range(20)})
        for i in range(20):
            self.program(root, f"same{i:02}", SAYS % ("same", "d", "cat"))
        for i in range(3):
            self.program(root, f"bad{i:02}", "#!/bin/sh\nsleep 1000\n")
        rows = self.listed(root)
        assert [r["fileName"] for r in rows] == [f"good{i:02}" for i in range(20)] + ["same00"], rows

    def test_the_database_of_earlier_runtimes_is_used(self):
        root = self.root(one="cat")
        self.listed(root)
        with sqlite3.connect(os.path.join(root, ".extsdb")) as db:
            assert db.execute("select alias, filename, status, description from extension_meta").fetchall() == [("one", "one", 0, "one")]
            db.execute("update extension_meta set alias = 'renamed'")
            db.execute("insert into extension_meta (alias, md5, filename, description) values ('evil', 'x', '../../bin/sh', 'd')")
        db.close()
        assert [r["alias"] for r in self.listed(root)] == ["renamed"]
        for content in (b"no database", b""):
            with open(os.path.join(root, ".extsdb"), "wb") as f:
                f.write(content)
            assert [r["alias"] for r in self.listed(root)] == ["one"]

    # -- codes --------------------------------------------------------------------------------------------------------

    def test_every_code_of_every_import(self):
        root = self.root(one="cat", other="cat")
        bad = "(i32.const 0x7fffffff)"
        process = opens({"command": "one"}, loud=False)
        streams = ("cgi_stdout_read", "cgi_stderr_read", "cgi_stdin_write")
        for name in (*streams, "cgi_list_read"):
            wrong = process if name == "cgi_list_read" else "(drop (call $cgi_list_exec (i32.const 4)))(global.set $handle (i32.load (i32.const 4)))"
            right = process if name != "cgi_list_read" else "(drop (call $cgi_list_exec (i32.const 4)))(global.set $handle (i32.load (i32.const 4)))"
            assert self.go(root, say(reads(name)), wrong, say(reads(name))) == b"BB", name
            assert self.go(root, right, say(f"(call ${name} {HANDLE} {bad} (i32.const 1) (i32.const 8))"),
                           say(reads(name, size=0))) == b"DA", name
        assert self.go(root, CLOSE, process, CLOSE, CLOSE) == b"BAB"
        for text in ("", "{", "[]", "{}", '{"command":1}', b'{"command":"\xff"}', '{"command":"one","args":["\\u0000"]}'):
            assert self.go(root, opens(text)) == b"D", text
        for alias in ("none", "", "..", "../one", "/bin/sh", "one/", "one\0", "x" * 300):
            assert self.go(root, opens({"command": alias})) == b"E", alias
        # A child that has gone.
        gone = self.root(end="exit 0")
        # (Its input may be open for a moment after the end of its output was seen.)
        until = f"(loop $again (br_if $again (i32.eqz (call $cgi_stdin_write {HANDLE} (i32.const 0) (i32.const 1) (i32.const 8)))))"
        assert self.go(gone, opens({"command": "end"}), DRAIN_OUT, until, writes("x")) == b"AC"
        # An out-pointer outside the memory.
        self.go(root, f"(drop (call $cgi_list_exec {bad}))", status=255)

    def test_a_failed_open_uses_up_a_number_and_forged_numbers_name_nothing(self):
        root = self.root(one="cat")
        number = say("(i32.load (i32.const 4))")
        assert self.go(root, opens({"command": "none"}), opens({"command": "one"}), number) == b"EAC"
        every = ("(loop $l (if (i32.ne (local.get $i) (i32.const 1)) (then (if (i32.ne (call $cgi_close (local.get $i)) (i32.const 1)) "
                 "(then (unreachable))))) (local.set $i (i32.add (local.get $i) (i32.const 1))) (br_if $l (i32.le_u (local.get $i) "
                 "(i32.const 20000))))")
        assert self.go(root, opens({"command": "one"}), every, CLOSE) == b"AA"

    def test_handles_are_limited_and_come_back(self):
        root = self.root(one="cat")
        fill = times(64, "(drop (call $cgi_list_exec (i32.const 4)))")
        assert self.go(root, fill, say("(call $cgi_list_exec (i32.const 4))"), opens({"command": "one"}), say("(call $cgi_close (i32.const 1))"),
                       opens({"command": "one"})) == b"CCAA"

    def test_any_flag_asks_for_allow_cgi(self):
        root = self.root(one="touch ran; cat", two="cat")
        marker = os.path.join(self.dir, "verified")
        self.program(root, "three", f"#!/bin/sh\ntouch {marker}\n")
        for flag in ("--allow-read", "--allow-net=example.invalid", "--deny-net", "--deny-write=/x"):
            assert self.go(root, LIST, opens({"command": "one"}), words=[flag]) == b"EE", flag
            assert "--allow-cgi" in self.err
        assert not os.path.exists(marker) and not os.path.exists(self.path("ran"))
        steps = (LIST, opens({"command": "one"}), opens({"command": "two"}))
        assert self.go(root, *steps, words=["--allow-cgi=two"]) == b"AEA"
        assert self.go(root, *steps, words=["--allow-read", "--allow-cgi"]) == b"AAA"
        assert self.go(root, *steps, words=["--allow-all"]) == b"AAA"

    def test_a_file_that_was_swapped_after_the_listing_does_not_run(self):
        root = self.root(one="echo first")
        module = self.guest(LIST, WAIT, opens({"command": "one"}))
        child = subprocess.Popen(self.command(root, module), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            assert child.stdout.read(1) == b"A"
            new = self.program(root, ".new", SAYS % ("one", "one", "echo second"))
            os.rename(new, os.path.join(root, "one"))
            out, err = child.communicate(b"x", timeout=60)
            assert out == b"E" and child.returncode == 0, (out, err)
        finally:
            child.kill()
            child.wait()

    # -- what a child is given ----------------------------------------------------------------------------------------

    def test_what_a_child_is_given(self):
        root = self.root(env='env; echo "args:$*"; ls /proc/self/fd | wc -l; ulimit -c; ulimit -n; grep -E "^(NoNewPrivs|SigIgn|SigBlk):" '
                             '/proc/self/status; test "$(ps -o sid= $$ | tr -d " ")" = $$ && echo own session')
        env = {"PATH": os.environ["PATH"], "HOME": "/h", "LANG": "C", "TZ": "UTC", "SECRET": "s3cret", "HTTPS_PROXY": "http://u:p@proxy:1",
               "LD_LIBRARY_PATH": "/x"}
        wanted = [{"name": "A", "value": "1"}, {"env_name": "B", "env_val": "2"}, {"name": "PATH", "value": "/evil"}, {"value": "x"},
                  {"name": "LD_PRELOAD", "value": "x"}, {"name": "BASH_ENV", "value": "x"}, {"name": "x_proxy", "value": "x"},
                  {"name": "C=D", "value": "x"}, {"name": "N", "value": "\0"}, {"name": "PYTHONPATH", "value": "/p"}]
        request = opens({"command": "env", "args": ["x", 1, "y z"], "envs": wanted})
        text = self.go(root, request, DRAIN_OUT, env=env).decode()
        lines = text[1:].splitlines()
        variables = {line for line in lines if "=" in line and not line.startswith("PWD=")}
        assert variables == {"PATH=" + env["PATH"], "HOME=/h", "LANG=C", "TZ=UTC", "HTTPS_PROXY=http://proxy:1", "A=1", "B=2"}, variables
        assert "args:x y z" in lines and "NoNewPrivs:\t1" in lines and "own session" in lines
        assert "SigIgn:\t0000000000000000" in lines and "SigBlk:\t0000000000000000" in lines
        rest = lines[lines.index("args:x y z") + 1:]
        assert int(rest[0]) <= 5 and rest[1:3] == ["0", "1024"], rest  # 0 to 2, the script, the folder itself
        more = self.go(root, request, DRAIN_OUT, env=env, words=["--cgi-env", "PYTHONPATH", "--cgi-env", "A=9", "--cgi-limits", "files=100"]).decode()
        assert "PYTHONPATH=/p\n" in more and "A=9\n" in more and "A=1\n" not in more and "\n100\n" in more and "s3cret" not in more
        whole = self.go(root, request, DRAIN_OUT, env=env, words=["--cgi-inherit-env"]).decode()
        assert "SECRET=s3cret\n" in whole and "LD_PRELOAD" not in whole
        assert "the variable \"LD_PRELOAD\" is not for guests" in self.log_of(root, request)
        for bad in (["--cgi-limits", "cpu"], ["--cgi-limits", "x=1"], ["--cgi-env", "=x"], ["--cgi-profile", "x"], ["--cgi-verify-time", "0"]):
            self.go(root, words=bad, status=2)

    def test_a_confined_child_reads_its_folder_and_writes_a_temporary_one(self):
        root = self.root(probe='echo x > "$TMPDIR/f" && cat "$TMPDIR/f"; pwd; cat "$1" || echo unreadable; unshare -U true || echo no namespace; '
                               'echo x > "$2" || echo unwritable')
        secret = self.write("secret", "secret")
        target = os.path.join(root, "new")
        done = self.go(root, opens({"command": "probe", "args": [secret, target]}), DRAIN_OUT, words=["--cgi-profile", "confined"]).decode()
        lines = done[1:].splitlines()
        assert lines[0] == "x" and lines[2:] == ["unreadable", "no namespace", "unwritable"], done
        assert not os.path.exists(lines[1]) and not os.path.exists(os.path.dirname(lines[1])) and not os.path.exists(target)

    # -- streams ------------------------------------------------------------------------------------------------------

    def test_a_full_standard_error_blocks_nobody(self):
        root = self.root(one="head -c 8388608 /dev/zero >&2; echo done", two="head -c 33554432 /dev/zero >&2; echo done")
        total = ("(call $sum_cgi_stderr_read (global.get $handle)) (if (i64.ne (global.get $total) (i64.const 8388608)) (then (unreachable)))")
        assert self.go(root, opens({"command": "one"}), DRAIN_OUT, total, CLOSE) == b"Adone\nA"
        assert self.go(root, opens({"command": "two"}), DRAIN_OUT, CLOSE) == b"Adone\nA"

    def test_a_big_request_does_not_meet_a_big_answer(self):
        root = self.root(echo="exec cat")
        send = times(200, writes("x" * 10000, loud=False))
        assert self.go(root, opens({"command": "echo"}), send, CLOSE) == b"AA"

    def test_many_children_stream_at_once_with_flat_memory(self):
        children, total = 16, int(os.environ.get("CGI_BYTES", 64 << 20))
        if total >= 1 << 30:
            children = 64
        root = self.root(pour=f"exec head -c {total // children} /dev/zero")
        start = times(children, opens({"command": "pour"}, loud=False))
        # In turns: a piece of each, until each has ended.
        turns = f"""(local.set $i (i32.const 1)) (loop $l
          (if (call $cgi_stdout_read (local.get $i) (i32.const 131072) (i32.const 65536) (i32.const 8)) (then (unreachable)))
          (global.set $total (i64.add (global.get $total) (i64.load32_u (i32.const 8))))
          (local.set $i (i32.add (i32.rem_u (local.get $i) (i32.const {children})) (i32.const 1)))
          (br_if $l (i64.lt_u (global.get $total) (i64.const {total}))))"""
        command = self.command(root, self.guest(start, turns, prints("all")))
        child = subprocess.Popen(command, stdout=subprocess.PIPE)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = status
        assert status == 0 and child.stdout.read() == b"all"
        child.stdout.close()
        assert driver.SANITIZED or usage.ru_maxrss < 64 << 10, usage.ru_maxrss

    # -- the end ------------------------------------------------------------------------------------------------------

    def test_a_thousand_children_leave_nothing(self):
        root = self.root(echo="exec cat")
        cycle = [opens({"command": "echo"}, loud=False), writes("x", loud=False), read_once("cgi_stdout_read"),
                 f"(if (call $cgi_close {HANDLE}) (then (unreachable)))"]
        module = self.guest(times(1000, *cycle), prints("end"), WAIT)
        child = subprocess.Popen(self.command(root, module), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            assert child.stdout.read(1003) == b"x" * 1000 + b"end"
            helper = self.children(child.pid)
            assert len(helper) == 1, helper
            self.wait_for_few(helper[0], 2)
            assert len(os.listdir(f"/proc/{child.pid}/fd")) < 16 and len(os.listdir(f"/proc/{helper[0]}/fd")) < 16
            child.communicate(b"x", timeout=60)
            assert child.returncode == 0
        finally:
            child.kill()
            child.wait()

    def wait_for_few(self, pid, most):
        """Until the process has at most so many children: what ends them does not wait for each."""
        while len(left := self.children(pid)) > most:
            ends = []
            for child in left:
                with contextlib.suppress(ProcessLookupError):
                    ends.append(os.pidfd_open(child))
            assert not ends or select.select(ends, [], [], 60)[0], left
            for end in ends:
                os.close(end)

    def children(self, pid):
        with open(f"/proc/{pid}/task/{pid}/children") as f:
            return [int(word) for word in f.read().split()]

    def test_whatever_ends_the_guest_ends_every_descendant(self):
        root = self.root(stubborn=STUBBORN)
        begin = [opens({"command": "stubborn", "envs": [{"name": "MARK", "value": root}]}), read_once("cgi_stdout_read", 20)]
        endings = {"exit": ([exits(7)], [], 7), "return": ([], [], 0), "close": ([CLOSE], [], 0), "trap": ([TRAP], [], 11),
                   "fuel": ([SPIN], ["--limited-fuel", "100000"], 1), "time": ([SPIN], ["--run-time", "1000"], 15),
                   "waiting": ([DRAIN_OUT, "(call $drain_cgi_stderr_read (global.get $handle))"], ["--run-time", "1000", "--stdout", "null"], 15)}
        for name, (steps, words, status) in endings.items():
            self.go(root, *begin, *steps, words=words, status=status)
            self.nothing_left("MARK=" + root)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL, signal.SIGSEGV):
            alive, kept = os.pipe()
            os.set_inheritable(kept, True)
            command = self.command(root, self.guest(*begin, prints("!"), SPIN), "--run-time", "60000")
            child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            try:
                seen = b""
                while not seen.endswith(b"!"):
                    seen += child.stdout.read(1)
                helper = self.children(child.pid)[0]
                handle = os.pidfd_open(helper)
                child.send_signal(number)
                child.wait(60)
                # Killed, it waits for nobody: its helper goes a moment later, and last.
                assert select.select([handle], [], [], 60)[0], number
                os.close(handle)
            finally:
                child.kill()
                child.wait()
                child.stdout.close()
                os.close(alive)
                os.close(kept)
            self.nothing_left("MARK=" + root)

    def test_a_killed_helper_leaves_nothing_either(self):
        root = self.root(stubborn=STUBBORN)
        begin = [opens({"command": "stubborn", "envs": [{"name": "MARK", "value": root}]}), read_once("cgi_stdout_read", 20)]
        child = subprocess.Popen(self.command(root, self.guest(*begin, prints("!"), WAIT)), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            seen = b""
            while not seen.endswith(b"!"):
                seen += child.stdout.read(1)
            os.kill(self.children(child.pid)[0], signal.SIGKILL)
            child.communicate(b"x", timeout=60)
            assert child.returncode == 0
        finally:
            child.kill()
            child.wait()
        self.nothing_left("MARK=" + root)

    # -- the reference's messages ---------------------------------------------------------------------------------------

    def test_redis_through_an_extension_in_shell_and_one_in_c(self):
        server = shutil.which("redis-server")
        compiler = shutil.which("cc")
        assert server and compiler, "redis-server and cc are needed"
        socket_path = self.path("redis.sock")
        redis = subprocess.Popen([server, "--port", "0", "--unixsocket", socket_path, "--save", "", "--daemonize", "no", "--dir", self.dir],
                                 stdout=subprocess.PIPE)
        try:
            for line in redis.stdout:
                if b"ready to accept connections" in line.lower():
                    break
            root = self.root(shell=f"exec redis-cli -s {socket_path}")
            source = self.write("bridge.c", BRIDGE.replace("SOCKET", socket_path))
            subprocess.run([compiler, "-O1", "-o", os.path.join(root, "native"), source], check=True, timeout=60)
            os.chmod(os.path.join(root, "native"), 0o755)
            out = self.go(root, opens({"command": "native"}), writes("SET k v1\r\n"), read_once("cgi_stdout_read"), writes("GET k\r\n"),
                          read_once("cgi_stdout_read"), CLOSE)
            assert out == b"AA+OK\r\nA$2\r\nv1\r\nA", out
            out = self.go(root, opens({"command": "shell"}), writes("GET k\n"), read_once("cgi_stdout_read"), CLOSE)
            assert out == b"AAv1\nA", out
        finally:
            redis.terminate()
            redis.wait()
            redis.stdout.close()


BRIDGE = r"""
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i)
    if (!strcmp(argv[i], "--ext_verify"))
      return puts("{\"alias\":\"native\",\"description\":\"redis\",\"is_cgi\":true,\"name\":\"bridge\"}") < 0;
  struct sockaddr_un to = {.sun_family = AF_UNIX, .sun_path = "SOCKET"};
  int s = socket(AF_UNIX, SOCK_STREAM, 0);
  if (connect(s, (void*)&to, sizeof to)) return 1;
  struct pollfd both[2] = {{0, POLLIN, 0}, {s, POLLIN, 0}};
  char piece[4096];
  while (poll(both, 2, -1) > 0)
    for (int i = 0; i < 2; ++i) {
      if (!both[i].revents) continue;
      long n = read(both[i].fd, piece, sizeof piece);
      if (n <= 0 || write(i ? 1 : s, piece, n) != n) return 0;
    }
}
"""

if __name__ == "__main__":
    sys.exit(driver.main(Cgi))
