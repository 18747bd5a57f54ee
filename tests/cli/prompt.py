"""The permission prompt of `bls-runtime` on a real terminal (a pseudo terminal of the kernel).

  prompt.py --bin FOLDER [--only WORD]

Each test starts the program with a terminal as standard input, output and error, reads what it writes, and types. The terminal
does not echo, so everything read was written by the program. Closing line: `N passed, N failed`.
"""

import os
import pty
import select
import subprocess
import sys
import tempfile
import termios
import time

import driver
from wasi_script import CREAT, OUT, WRITE, opened, say, script

PATIENCE = 30  # seconds until a test gives up; no verdict depends on how long anything took
ASKING = "permissions) > "


def block(kind, item, api):
    return (f'\x1b[0m┏ ⚠️  Bls-Runtime requests {kind} access to "{item}".\r\n┠─ Requested by `{api}` API.\r\n'
            f"┠─ Learn more at: https://docs.bless.network/go/--allow-{kind}\r\n"
            f"┠─ Run again with --allow-{kind} to bypass this prompt.\r\n"
            f"┗ Allow? [y/n/A] (y = yes, allow; n = no, deny; A = allow all {kind} permissions) > ")


ERASE = "\x1b[5A\r\x1b[0J"


class Session:
    """A program on a terminal."""

    def __init__(self, command, env, typed=""):
        self.leader, follower = pty.openpty()
        modes = termios.tcgetattr(follower)
        modes[3] &= ~termios.ECHO
        termios.tcsetattr(follower, termios.TCSANOW, modes)
        if typed:
            os.write(self.leader, typed.encode())
        self.child = subprocess.Popen(command, stdin=follower, stdout=follower, stderr=follower, env=env, start_new_session=True)
        os.close(follower)
        self.text = ""
        self.raw = b""
        self.open = True

    def read(self, seconds):
        """Reads what is there, waiting a little for something. False when the program has gone."""
        if not self.open:
            return False
        ready, _, _ = select.select([self.leader], [], [], seconds)
        if ready:
            try:
                data = os.read(self.leader, 65536)
            except OSError:  # the last one on the other side has gone
                data = b""
            if not data:
                self.open = False
                return False
            self.raw += data
            self.text = self.raw.decode("utf-8", "replace")
        return True

    def wait_for(self, count):
        """Until the question has been put `count` times."""
        end = time.monotonic() + PATIENCE
        while self.text.count(ASKING) < count:
            assert self.read(1) and time.monotonic() < end, f"question {count} did not come: {self.text!r}"

    def answer(self, line, count=1):
        """Answers the question put as the `count`th. What is typed too early is thrown away, so it is typed until it counts."""
        self.wait_for(count)
        before = len(self.text)
        end = time.monotonic() + PATIENCE
        while len(self.text) == before and self.open:
            assert time.monotonic() < end, f"no reaction to {line!r}: {self.text!r}"
            os.write(self.leader, (line + "\n").encode())
            self.read(0.4)

    def finish(self):
        end = time.monotonic() + PATIENCE
        while self.read(1):
            assert time.monotonic() < end, f"does not end: {self.text!r}"
        status = self.child.wait(timeout=PATIENCE)
        os.close(self.leader)
        return status


class Prompt:
    def __init__(self, folder):
        folder = os.path.abspath(folder)
        self.bls = os.path.join(folder, "bls")
        self.runtime = os.path.join(folder, "bls-runtime")
        self.temp = tempfile.TemporaryDirectory()
        self.dir = self.temp.name
        self.root = os.path.join(self.dir, "root")
        os.makedirs(os.path.join(self.root, "d"))
        for name in ("a", "b", "d/x"):
            with open(os.path.join(self.root, name), "w") as f:
                f.write("text")
        os.symlink("d/x", os.path.join(self.root, "link"))

    def start(self, steps, *words, typed="", env=None, program=None):
        path = os.path.join(self.dir, "guest.wat")
        with open(path, "w") as f:
            f.write(script(steps))
        os.chdir(self.dir)  # where the log file goes
        program = program or [self.runtime]
        return Session([*program, "--dir", f"{self.root}::/", *words, path], env or {"TERM": "xterm", "NO_COLOR": "1"}, typed)

    def expect(self, session, text, status=0):
        got = session.finish()
        assert session.text == text, f"\n{session.text!r}\nexpected\n{text!r}"
        assert got == status, got

    def denied(self, kind, item, api, hint=None):
        return (f'error: permission: {kind} access to "{item}" denied to {api}: refused at the prompt; '
                f"{hint or f'--allow-{kind}={item}'} allows it\r\n")

    def test_yes_allows_and_is_remembered(self):
        for letter in "yY":
            s = self.start([opened("a"), opened("a"), ("path_filestat_get", 3, 1, "a", OUT)])
            s.answer(letter)
            self.expect(s, block("read", "/a", "path_open") + ERASE + '✅ Granted read access to "/a".\r\n' + "00 00 00 ")

    def test_no_denies_and_is_remembered(self):
        for letter in ("n", "N", "\x1b"):
            s = self.start([opened("a"), opened("a")])
            s.answer(letter)
            self.expect(s, block("read", "/a", "path_open") + ERASE + '❌ Denied read access to "/a".\r\n' +
                        self.denied("read", "/a", "path_open") + "63 63 ")

    def test_a_refusal_holds_for_what_is_above(self):
        s = self.start([opened("d/x"), opened("d", 0, 2), opened("b")])
        s.answer("n")
        s.answer("y", 2)
        s.finish()
        assert s.text.endswith("63 63 00 "), s.text
        assert s.text.count("┏") == 2, "nobody is asked about /d"

    def test_all_allows_the_kind(self):
        s = self.start([opened("a"), opened("b"), opened("new", WRITE, CREAT)])
        s.answer("A")
        s.answer("n", 2)
        self.expect(s, block("read", "/a", "path_open") + ERASE + "✅ Granted all read access.\r\n" +
                    block("write", "/new", "path_open") + ERASE + '❌ Denied write access to "/new".\r\n' +
                    self.denied("write", "/new", "path_open") + "00 00 63 ")
        assert not os.path.exists(os.path.join(self.root, "new"))

    def test_junk_is_asked_again(self):
        s = self.start([opened("a")])
        again = ("\x1b[1A\r\x1b[0J┗ Unrecognized option. Allow? [y/n/A] (y = yes, allow; n = no, deny; A = allow all read "
                 "permissions) > ")
        for count, letter in enumerate(("x", "a", "é"), 1):
            s.answer(letter, count)
        s.answer("y", 4)
        self.expect(s, block("read", "/a", "path_open") + again * 3 + ERASE + '✅ Granted read access to "/a".\r\n' + "00 ")

    def test_empty_and_long_lines_deny(self):
        for line in ("", "yes", "yy", " y"):
            s = self.start([opened("a")])
            s.answer(line)
            s.finish()
            assert "❌ Denied" in s.text and s.text.endswith("63 "), (line, s.text)

    def test_what_was_typed_ahead_does_not_count(self):
        s = self.start([opened("a")], typed="y\ny\nA\ny")
        s.answer("n")
        s.finish()
        assert s.text.endswith("63 ") and "✅" not in s.text, s.text

    def test_the_end_of_input_denies(self):
        s = self.start([opened("a")])
        s.wait_for(1)
        before = s.text
        while s.text == before and s.open:
            os.write(s.leader, b"\x04")
            s.read(0.4)
        s.finish()
        assert s.text.endswith("63 ") and "❌ Denied" in s.text, s.text

    def test_control_characters_are_shown(self):
        name = "x\x1b[2K\x07\n┗ y\u202e"
        shown = "/x\\x1b[2K\\x07\\x0a┗ y\\u{202e}"
        s = self.start([opened(name)])
        s.answer("n")
        s.finish()
        assert s.text.startswith(block("read", shown, "path_open")), s.text
        s = self.start([opened(name)], env={"TERM": "xterm"})
        s.answer("n")
        s.finish()
        assert '/x\x1b[37;41m\\x1b\x1b[0m\x1b[1m[2K\x1b[37;41m\\x07' in s.text and "\x07" not in s.text, s.text
        assert s.text.startswith("\x1b[0m┏ ⚠️  \x1b[1mBls-Runtime requests"), s.text

    def test_too_long_a_question_is_denied(self):
        s = self.start([opened("/".join(["\x01" * 200] * 15))])
        s.finish()
        assert s.text.count("❌") == 3 and "┏" not in s.text and "63 " in s.text, s.text[:500]

    def test_links_are_asked_for_by_both_names(self):
        s = self.start([opened("link")])
        s.answer("y")
        s.answer("n", 2)
        s.finish()
        assert 'read access to "/link"' in s.text and 'read access to "/d/x"' in s.text and s.text.endswith("63 "), s.text

    def test_guest_output_is_not_mixed_with_the_question(self):
        s = self.start([say("before\n"), opened("a"), say("after\n")])
        s.answer("y")
        self.expect(s, "before\r\n" + block("read", "/a", "path_open") + ERASE + '✅ Granted read access to "/a".\r\n' +
                    "after\r\n00 00 00 ")

    def test_flags_come_first(self):
        s = self.start([opened("a"), opened("b"), opened("a", WRITE)], "--allow-read=/a", "--deny-write=/a")
        s.answer("n")
        s.finish()
        assert s.text.count("┏") == 1 and 'read access to "/b"' in s.text and s.text.endswith("00 63 63 "), s.text

    def test_allow_all_asks_nothing(self):
        self.expect(self.start([opened("a"), opened("b", WRITE)], "--allow-all"), "00 00 ")

    def test_a_url_permission_means_the_older_rules(self):
        self.expect(self.start([opened("a")], "--permission=http://a.com"), "00 ")

    def test_fixed_input_means_nobody_is_there(self):
        s = self.start([opened("a")], "--stdin=y")
        s.finish()
        assert "┏" not in s.text and s.text.endswith("63 "), s.text

    def test_bls_run_asks_only_once_there_are_flags(self):
        self.expect(self.start([opened("a")], program=[self.bls, "run"]), "00 ")
        s = self.start([opened("a")], "--deny-net", program=[self.bls, "run"])
        s.answer("y")
        s.finish()
        assert s.text.endswith("00 "), s.text

    def test_a_time_limit_ends_the_question(self):
        s = self.start([opened("a")], "--run-time=4000")
        s.wait_for(1)
        assert s.finish() == 15, s.text
        assert "trap: time limit reached" in s.text, s.text

    def test_one_terminal_is_not_enough(self):
        path = os.path.join(self.dir, "guest.wat")
        with open(path, "w") as f:
            f.write(script([opened("a")]))
        leader, follower = pty.openpty()
        for more in ({"stdin": follower, "stderr": subprocess.PIPE}, {"stdin": subprocess.DEVNULL, "stderr": follower}):
            done = subprocess.run([self.runtime, "--dir", f"{self.root}::/", "--deny-net", path], stdout=subprocess.PIPE,
                                  timeout=PATIENCE, **more)
            assert done.stdout == b"63 ", done
        os.close(leader)
        os.close(follower)


if __name__ == "__main__":
    sys.exit(driver.main(Prompt))
