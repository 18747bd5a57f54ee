"""Permissions of `bls run` and `bls-runtime`: the flags, the reports, and a matrix of every WASI path and file call.

  permissions.py --bin FOLDER [--only WORD]

The matrix runs each call under each situation with the real program, in every tier there is: the verdict must be the expected one,
and where it is a denial, the host's tree must be as before. A call on an open file is judged by itself: where that is possible the
opening needs another kind, which is allowed. Closing line: `N passed, N failed`.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from wasi_script import BUFFER, CREAT, DIRECTORY, EXCL, IOV, OUT, READ, TRUNC, WRITE, opened, say, script

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support"))
import closing  # noqa: E402  (the path is set one line above)

PERM = 63
DENIAL = re.compile(r'error: permission: [a-z-]+ access to "[^\n]*" denied to ([a-z_]+): [^\n]+\n')


def tree(root):
    """What is below a directory, but for access times."""
    found = {}
    for folder, dirs, files in os.walk(root):
        for name in dirs + files:
            path = os.path.join(folder, name)
            info = os.lstat(path)
            content = os.readlink(path) if os.path.islink(path) else None
            if content is None and os.path.isfile(path):
                with open(path, "rb") as f:
                    content = f.read()
            found[os.path.relpath(path, root)] = (info.st_mode, info.st_size, info.st_nlink, info.st_mtime_ns, content)
    return found


def make_tree(root):
    shutil.rmtree(root, ignore_errors=True)
    for top in ("pub", "priv"):
        os.makedirs(os.path.join(root, top, "empty"))
        os.makedirs(os.path.join(root, top, "full"))
        for name in ("file.txt", "full/x.txt"):
            with open(os.path.join(root, top, name), "w") as f:
                f.write(top + " text")
        os.symlink("file.txt", os.path.join(root, top, "link"))
    os.symlink("../priv", os.path.join(root, "pub", "to_priv"))
    os.symlink("../priv/file.txt", os.path.join(root, "pub", "priv_file"))
    os.symlink("../priv/new", os.path.join(root, "pub", "priv_new"))


class Row:
    """A call of the matrix. `needs`: the kinds it is checked for; `changes`: does it change the tree; `steps(prefix, directory)`: what
    the guest does, the call last; `opens`: the kinds that opening the file before it is checked for; `preopen`: the call is made on
    the preopened directory itself, which nothing had to open."""

    def __init__(self, needs, changes, steps, opens="", preopen=False):
        self.needs, self.changes, self.steps, self.opens, self.preopen = needs, changes, steps, opens, preopen

    def free(self):
        """Kinds that only the opening needs: they can be allowed where the call is denied."""
        return set(self.opens) - set(self.needs)

    def judged_at_opening(self):
        """Flags do not change while a program runs, so what opened a file for reading may read it: there the opening is refused.
        (That such a call is checked all the same: tests/wasi/gate_test.cc, RefusedUsesOfAnOpenFileDoNothing.)"""
        return bool(set(self.opens) & set(self.needs))


def on_file(needs, changes, name, *arguments, rights=READ, opens="r"):
    """The call `name` on a file that is opened before."""
    return Row(needs, changes, lambda p, d: [opened(p + "file.txt", rights, dir=d), (name, ("fd", -1), *arguments)], opens)


CALLS = {
    "path_open read": Row("r", False, lambda p, d: [opened(p + "file.txt", READ, dir=d)]),
    "path_open nothing": Row("r", False, lambda p, d: [opened(p + "file.txt", 0, dir=d)]),
    "path_open directory": Row("r", False, lambda p, d: [opened(p + "full", 0, DIRECTORY, dir=d)]),
    "path_open write": Row("w", False, lambda p, d: [opened(p + "file.txt", WRITE, dir=d)]),
    "path_open append": Row("rw", False, lambda p, d: [opened(p + "file.txt", READ, dir=d, fdflags=1)]),
    "path_open read and write": Row("rw", False, lambda p, d: [opened(p + "file.txt", READ | WRITE, dir=d)]),
    "path_open create": Row("w", True, lambda p, d: [opened(p + "new", WRITE, CREAT, dir=d)]),
    "path_open create for reading": Row("rw", True, lambda p, d: [opened(p + "new", READ, CREAT, dir=d)]),
    "path_open create exclusively": Row("w", True, lambda p, d: [opened(p + "new", WRITE, CREAT | EXCL, dir=d)]),
    "path_open truncate": Row("w", True, lambda p, d: [opened(p + "file.txt", WRITE, TRUNC, dir=d)]),
    "path_filestat_get": Row("r", False, lambda p, d: [("path_filestat_get", d, 1, p + "file.txt", OUT)]),
    "path_readlink": Row("r", False, lambda p, d: [("path_readlink", d, p + "link", BUFFER, 100, OUT)]),
    "path_create_directory": Row("w", True, lambda p, d: [("path_create_directory", d, p + "new")]),
    "path_unlink_file": Row("w", True, lambda p, d: [("path_unlink_file", d, p + "file.txt")]),
    "path_remove_directory": Row("w", True, lambda p, d: [("path_remove_directory", d, p + "empty")]),
    "path_symlink": Row("w", True, lambda p, d: [("path_symlink", "anything", d, p + "new")]),
    "path_filestat_set_times": Row("w", True, lambda p, d: [("path_filestat_set_times", d, 1, p + "file.txt", 5, 5, 5)]),
    "path_rename": Row("w", True, lambda p, d: [("path_rename", d, p + "file.txt", d, p + "new")]),
    "path_rename directory": Row("w", True, lambda p, d: [("path_rename", d, p + "full", d, p + "new")]),
    "path_link": Row("w", True, lambda p, d: [("path_link", d, 0, p + "file.txt", d, p + "new")]),
    "fd_read": on_file("r", False, "fd_read", IOV, 1, OUT),
    "fd_pread": on_file("r", False, "fd_pread", IOV, 1, 0, OUT),
    "fd_write": on_file("w", True, "fd_write", IOV, 1, OUT, rights=WRITE, opens="w"),
    "fd_pwrite": on_file("w", True, "fd_pwrite", IOV, 1, 2, OUT, rights=WRITE, opens="w"),
    "fd_filestat_get": on_file("r", False, "fd_filestat_get", OUT, rights=WRITE, opens="w"),
    "fd_filestat_get of a preopen": Row("r", False, lambda p, d: [("fd_filestat_get", 3, OUT)], preopen=True),
    "fd_filestat_set_size": on_file("w", True, "fd_filestat_set_size", 1, rights=WRITE, opens="w"),
    "fd_filestat_set_times": on_file("w", True, "fd_filestat_set_times", 5, 5, 5),
    "fd_filestat_set_times of a directory": Row("w", True, lambda p, d: [
        opened(p + "full", 0, DIRECTORY, dir=d), ("fd_filestat_set_times", ("fd", -1), 5, 5, 5)], "r"),
    "fd_filestat_set_times after fd_renumber": Row("w", True, lambda p, d: [
        opened(p + "file.txt", READ, dir=d), opened(p + "full", 0, DIRECTORY, dir=d), ("fd_renumber", ("fd", -1), ("fd", -2)),
        ("fd_filestat_set_times", ("fd", -2), 5, 5, 5)], "r"),
    "fd_filestat_set_times of a preopen": Row("w", True, lambda p, d: [("fd_filestat_set_times", 3, 5, 5, 5)], preopen=True),
    "fd_allocate": on_file("w", True, "fd_allocate", 0, 100, rights=WRITE, opens="w"),
    "fd_readdir": Row("r", False, lambda p, d: [opened(p + "full", 0, DIRECTORY, dir=d),
                                                ("fd_readdir", ("fd", -1), BUFFER, 200, 0, OUT)], "r"),
    "fd_readdir of a preopen": Row("r", False, lambda p, d: [("fd_readdir", 3, BUFFER, 200, 0, OUT)], preopen=True),
    "fd_readdir after fd_renumber": Row("r", False, lambda p, d: [
        opened(p + "full", 0, DIRECTORY, dir=d), opened(p + "empty", 0, DIRECTORY, dir=d),
        ("fd_renumber", ("fd", -1), ("fd", -2)), ("fd_readdir", ("fd", -2), BUFFER, 200, 0, OUT)], "r"),
    # What neither reads nor changes the file needs nothing once it is open.
    "fd_sync": on_file("", False, "fd_sync"),
    "fd_datasync": on_file("", False, "fd_datasync"),
    "fd_advise": on_file("", False, "fd_advise", 0, 10, 0),
    "fd_seek": on_file("", False, "fd_seek", 1, 0, OUT),
    "fd_tell": on_file("", False, "fd_tell", OUT),
    "fd_fdstat_get": on_file("", False, "fd_fdstat_get", OUT),
    "fd_fdstat_set_flags": on_file("", False, "fd_fdstat_set_flags", 0),
    "fd_close": on_file("", False, "fd_close"),
    "fd_prestat_get": Row("", False, lambda p, d: [("fd_prestat_get", 3, OUT)], preopen=True),
    "fd_prestat_dir_name": Row("", False, lambda p, d: [("fd_prestat_dir_name", 3, BUFFER, 4)], preopen=True),
}

BOTH = ["--allow-read=/pub", "--allow-write=/pub"]


def flags(read, write):
    return [f for f in (read and f"--allow-read={read}", write and f"--allow-write={write}") if f]


# name: (flags for the kinds a call needs, prefix, open this directory first and act below it, is it allowed)
SITUATIONS = {
    "allowed": (lambda n: flags("r" in n and "/pub", "w" in n and "/pub"), "pub/", None, True),
    "allowed by the file": (lambda n: flags("r" in n and "/", "w" in n and "/"), "pub/", None, True),
    "all allowed": (lambda n: ["--allow-read", "--allow-write"], "pub/", None, True),
    "--allow-all": (lambda n: ["--allow-all"], "pub/", None, True),
    "without flags": (lambda n: [], "pub/", None, True),
    "with a URL only": (lambda n: ["--permission=http://a.com"], "pub/", None, True),
    "allowed in two flags": (lambda n: ["--allow-read=/x", "--allow-read=/y,/pub", "--allow-write=pub", "--allow-write=/z"], "pub/",
                             None, True),
    "allowed, spelled in another way": (lambda n: BOTH, "./priv/..//pub/../pub/", None, None),
    "allowed through a handle": (lambda n: BOTH, "", "pub", True),
    "denied by default": (lambda n: ["--deny-net"], "pub/", None, False),
    "only a neighbour is allowed": (lambda n: ["--allow-read=/pu,/public,/pub2", "--allow-write=/pu,/public"], "pub/", None, False),
    "the last kind is not allowed": (lambda n: ["--allow-read"] if n[-1] == "w" else ["--allow-write"], "pub/", None, False),
    "denied by a flag": (lambda n: ["--allow-read", "--allow-write"] + (["--deny-read"] if n[0] == "r" else ["--deny-write"]), "pub/",
                         None, False),
    "denied by an item": (lambda n: BOTH + (["--deny-read=/x,/pub"] if n[0] == "r" else ["--deny-write=/pub"]), "pub/", None, False),
    "denied against --allow-all": (lambda n: ["--allow-all"] + (["--deny-read=/"] if n[0] == "r" else ["--deny-write=/"]), "pub/", None,
                                   False),
    "denied through a handle": (lambda n: ["--allow-read=/pub", "--allow-write=/priv"], "", "pub", None),
    "denied behind a link": (lambda n: BOTH, "pub/to_priv/", None, False),
    "denied behind a link from a handle": (lambda n: BOTH, "to_priv/", "pub", False),
    "denied by an item behind a link": (lambda n: ["--allow-read", "--allow-write"] + [f"--deny-{name}=/priv" for name in ("read", "write")
                                                                                       if name[0] in n], "pub/to_priv/", None, False),
    "denied and missing": (lambda n: BOTH, "nowhere/", None, False),
}


def applies(row, situation):
    """A situation that says nothing about a row is left out."""
    _, prefix, handle, allowed = SITUATIONS[situation]
    if row.preopen:
        return prefix == "pub/"
    if not row.needs:
        return situation in ("allowed", "denied by default", "only a neighbour is allowed", "denied behind a link")
    if row.opens and not row.judged_at_opening():
        # The opening fails for another reason, which no flag changes.
        return situation not in ("denied behind a link from a handle", "denied and missing")
    return True


def expected(situation, row):
    if not row.needs:
        return True
    if situation == "denied through a handle":
        return "w" not in row.needs
    if situation == "allowed, spelled in another way":
        # The way leads through a name that may not even be known, but for one that only the opening asks for.
        return bool(row.free())
    return SITUATIONS[situation][3]


class Permissions:
    def __init__(self, folder):
        folder = os.path.abspath(folder)
        self.bls = os.path.join(folder, "bls")
        self.runtime = os.path.join(folder, "bls-runtime")
        self.temp = tempfile.TemporaryDirectory()
        self.dir = self.temp.name
        self.root = os.path.join(self.dir, "root")
        self.count = 0
        version = subprocess.run([self.bls, "--version"], capture_output=True, text=True).stdout
        self.tiers = ["interp"] + (["baseline"] if "baseline" in version else [])

    def module(self, steps, **more):
        path = os.path.join(self.dir, "guest.wat")
        with open(path, "w") as f:
            f.write(script(steps, **more))
        return path

    def run(self, *words, program=None, env=None, cwd=None):
        done = subprocess.run([*(program or [self.bls, "run"]), *words], stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
                              cwd=cwd or self.dir, env=env)
        done.err = done.stderr.decode("utf-8", "replace")
        return done

    def guest(self, steps, *words, **more):
        """Runs the steps below the tree; returns their errnos."""
        done = self.run("--dir", f"{self.root}::/", *words, self.module(steps), **more)
        assert done.returncode == 0, (done.returncode, done.err)
        done.errnos = [int(word) for word in done.stdout.split()]
        return done

    def expect_usage(self, words, text):
        done = self.run(*words, self.module([]))
        assert done.returncode == 2 and done.stdout == b"", (words, done.returncode, done.err)
        assert done.err.startswith("error: config: ") and done.err.count("\n") == 1 and text in done.err, done.err

    # -- the matrix ---------------------------------------------------------------------------------------------------

    def case(self, call, situation, tier, module="wasi_snapshot_preview1"):
        row = CALLS[call]
        flag_maker, prefix, handle, always = SITUATIONS[situation]
        allowed = expected(situation, row)
        first = [opened(handle, 0, DIRECTORY)] if handle else []
        # ("fd", -n) names the nth step of the row
        fixed = [tuple(("fd", len(first) - value[1] - 1) if isinstance(value, tuple) and value[1] < 0 else value for value in step)
                 for step in row.steps(prefix, ("fd", 0) if handle else 3)]
        flags_given = flag_maker("".join(k for k in "rw" if k in row.needs + row.opens) if always else row.needs or "w")
        if not always:  # what only the opening needs is there
            flags_given = flags_given + flags("r" in row.free() and "/", "w" in row.free() and "/")
        make_tree(self.root)
        before = tree(self.root)
        path = self.module(first + fixed, module=module)
        preopen = f"{self.root}/pub::/pub" if row.preopen else f"{self.root}::/"
        done = self.run("--dir", preopen, f"--tier={tier}", *flags_given, path)
        assert done.returncode == 0, (done.returncode, done.err)
        errnos = [int(word) for word in done.stdout.split()]
        after = tree(self.root)
        if allowed:
            assert errnos == [0] * len(errnos), f"errnos {errnos}: {done.err}"
            assert done.err == "", done.err
            assert (before != after) == row.changes, "the tree"
            return "allowed"
        assert before == after, "the tree changed"
        denial = DENIAL.match(done.err)
        if row.judged_at_opening():
            assert errnos[:len(first) + 1] == [0] * len(first) + [PERM], f"errnos {errnos}: {done.err}"
            by = "path_open"
        else:
            assert errnos == [0] * (len(errnos) - 1) + [PERM], f"errnos {errnos}: {done.err}"
            by = call.split()[0]
        # The link leaves the handle's directory, which no rule is needed to refuse.
        assert denial or situation == "denied behind a link from a handle", done.err
        assert denial is None or denial.group(1) == by, done.err
        return "opening" if row.judged_at_opening() else "call"

    def test_the_matrix(self):
        wrong = []
        verdicts = {"allowed": 0, "call": 0, "opening": 0}
        for tier in self.tiers:
            for call, row in CALLS.items():
                for situation in SITUATIONS:
                    if not applies(row, situation):
                        continue
                    for module in ("wasi_snapshot_preview1", "wasi_unstable"):
                        if module == "wasi_unstable" and situation not in ("allowed", "denied by default", "denied behind a link"):
                            continue
                        try:
                            verdicts[self.case(call, situation, tier, module)] += 1
                            self.count += 1
                        except AssertionError as problem:
                            wrong.append(f"{call}, {situation}, {tier}, {module}: {problem}")
        print(f"matrix: {verdicts['allowed']} allowed, {verdicts['call']} denied to the call itself, "
              f"{verdicts['opening']} denied to the opening before it")
        assert not wrong, f"{len(wrong)} of the matrix: " + "\n".join(wrong[:40])

    def test_names_that_move_across(self):
        both = ["--allow-read=/pub", "--allow-write=/pub"]
        for tier in self.tiers:
            for name, old, new, words, allowed in (
                    ("out", "pub/file.txt", "priv/new", both, False), ("in", "priv/file.txt", "pub/new", both, False),
                    ("out of what is read only", "priv/file.txt", "pub/new", both + ["--allow-read=/priv"], False),
                    ("in with the right to write", "priv/file.txt", "pub/new", both + ["--allow-write=/priv"], False),
                    ("in with both rights", "priv/file.txt", "pub/new", both + ["--allow-write=/priv", "--allow-read=/priv"], True),
                    ("a directory out", "pub/full", "priv/new", both + ["--allow-write=/priv"], False),
                    ("a file out", "pub/file.txt", "priv/new", both + ["--allow-write=/priv"], True),
                    ("over a denied file", "pub/file.txt", "priv/file.txt", ["--allow-all", "--deny-write=/priv/file.txt"], False),
                    ("what holds a denied item", "priv", "new", ["--allow-all", "--deny-write=/priv/file.txt"], False),
                    ("what holds an unreadable item", "priv", "new", ["--allow-all", "--deny-read=/priv/file.txt"], False)):
                for call in ("path_rename", "path_link"):
                    if call == "path_link" and (old in ("priv", "pub/full") or new == "priv/file.txt"):
                        continue
                    make_tree(self.root)
                    before = tree(self.root)
                    step = (call, 3, old, 3, new) if call == "path_rename" else (call, 3, 0, old, 3, new)
                    done = self.guest([step], f"--tier={tier}", *words)
                    assert done.errnos == [0 if allowed else PERM], (call, name, done.errnos, done.err)
                    assert (tree(self.root) != before) == allowed, (call, name)
                    self.count += 1

    def test_links_in_last_place_give_no_access(self):
        for tier in self.tiers:
            for steps in ([opened("pub/priv_file", READ)], [opened("pub/priv_file", WRITE)], [opened("pub/priv_file", WRITE, TRUNC)],
                          [opened("pub/priv_new", WRITE, CREAT)], [("path_filestat_get", 3, 1, "pub/priv_file", OUT)],
                          [("path_filestat_set_times", 3, 1, "pub/priv_file", 5, 5, 5)], [opened("pub/to_priv", 0, DIRECTORY)],
                          [opened("pub/to_priv/", 0, DIRECTORY, lookup=0)]):
                make_tree(self.root)
                before = tree(self.root)
                done = self.guest(steps, f"--tier={tier}", *BOTH)
                assert done.errnos == [PERM], (steps, done.errnos)
                assert tree(self.root) == before, steps
                self.count += 1
            make_tree(self.root)
            done = self.guest([("path_symlink", "../priv/file.txt", 3, "pub/mine"), opened("pub/mine", READ),
                               ("path_filestat_get", 3, 0, "pub/priv_file", OUT)], f"--tier={tier}", *BOTH)
            assert done.errnos == [0, PERM, 0], "a guest's own link; a look at a link itself"

    def test_a_moved_directory_keeps_no_old_rights(self):
        # The handle is called /pub/full; were the directory moved, /priv/key could be read through it.
        make_tree(self.root)
        with open(os.path.join(self.root, "priv", "key"), "w") as f:
            f.write("key")
        steps = [opened("pub/full", 0, DIRECTORY), ("path_rename", 3, "pub/full", 3, "priv/full2"),
                 ("path_rename", 3, "priv/key", 3, "priv/full2/key"), opened("key", READ, dir=("fd", 0))]
        done = self.guest(steps, "--allow-write=/", "--allow-read=/pub")
        assert done.errnos[0] == 0 and done.errnos[1] == PERM and done.errnos[3] != 0, done.errnos

    def test_the_preopened_directory_itself(self):
        make_tree(self.root)
        steps = [("fd_readdir", 3, BUFFER, 100, 0, OUT), ("fd_filestat_get", 3, OUT)]
        assert self.guest(steps, "--allow-read=/pub").errnos == [PERM, PERM]
        assert self.guest(steps, "--allow-read=/").errnos == [0, 0]
        assert self.guest(steps, "--allow-read", "--deny-read=/priv/file.txt").errnos == [PERM, PERM], "it holds what is denied"

    def test_guest_names_decide(self):
        make_tree(self.root)
        path = self.module([opened("file.txt", READ)])
        for guest, flag, errno in (("root_fs", "--allow-read=/root_fs", b"00 "), ("root_fs", "--allow-read=root_fs/file.txt", b"00 "),
                                   (".", "--allow-read=/file.txt", b"00 "), ("root_fs", "--allow-read=/pub", b"63 "),
                                   ("/a/b", "--allow-read=/a/b", b"00 "), ("/a/b", f"--allow-read={self.root}", b"63 ")):
            done = self.run("--dir", f"{self.root}/pub::{guest}", flag, path)
            assert done.stdout == errno, (guest, flag, done.stdout, done.err)

    def test_read_only_directories_stay_so(self):
        make_tree(self.root)
        done = self.run("--dir-ro", f"{self.root}::/", "--allow-all", self.module([opened("pub/new", WRITE, CREAT)]))
        assert done.stdout == b"63 ", done.stdout

    # -- flags --------------------------------------------------------------------------------------------------------

    def test_values_are_attached_with_an_equals_sign(self):
        make_tree(self.root)
        path = self.module([opened("pub/file.txt", READ)])
        for words in (["--allow-read", path], ["--allow-read=", path], ["--allow-read=/pub", path]):
            done = self.run("--dir", f"{self.root}::/", *words)
            assert done.stdout == b"00 ", (words, done.err)

    def test_bad_items_are_usage_errors(self):
        for flag in ("--allow-read", "--allow-write", "--deny-read", "--deny-write"):
            self.expect_usage([f"{flag}=/a,,/b"], flag + " has an empty path")
            self.expect_usage([f"{flag}=,"], flag)
        for flag in ("--allow-net", "--deny-net"):
            self.expect_usage([f"{flag}=http://a.com"], "URLs are not supported, only domains and ips")
            for item in ("*.a.com", "10.0.0.0/8", "a.com:x", "::1", "127.1", "a.com,", "[::1"):
                self.expect_usage([f"{flag}={item}"], flag)
        for url in ("a.com", "http://", "http://a b", "http://u@a.com"):
            self.expect_usage(["--permission", url], "--permission")
        self.expect_usage(["--allow-cgi=../x"], "--allow-cgi")
        self.expect_usage(["--allow-all=yes"], "--allow-all takes no value")
        self.expect_usage(["--allow-run-model=x"], "--allow-run-model takes no value")
        self.expect_usage(["--record-permissions="], "--record-permissions")

    def test_good_items_are_accepted(self):
        for words in (["--allow-net"], ["--allow-net=a.com:80,[::1]:443,1.2.3.4"], ["--deny-net=a.com."], ["--allow-cgi"],
                      ["--allow-cgi=a,b", "--allow-cgi=c"], ["--allow-run-model"], ["--permission", "HTTPS://a.com/x?y"],
                      ["--permission=file://x", "--permission=http://b.com"]):
            done = self.run(*words, self.module([]))
            assert done.returncode == 0 and done.err == "", (words, done.err)

    # -- what is said -------------------------------------------------------------------------------------------------

    def test_a_denial_is_said_once_with_the_flag_that_would_allow_it(self):
        make_tree(self.root)
        steps = [opened("priv/file.txt", READ), opened("priv/file.txt", READ), ("path_unlink_file", 3, "pub/file.txt"),
                 ("path_filestat_get", 3, 1, "priv/a b'\u202e", OUT)]
        done = self.guest(steps, "--allow-read=/pub", "--deny-write=/pub")
        assert done.errnos == [PERM] * 4
        assert done.err == (
            'error: permission: read access to "/priv/file.txt" denied to path_open: not granted; try --allow-read=/priv/file.txt\n'
            'error: permission: write access to "/pub/file.txt" denied to path_unlink_file: --deny-write=/pub forbids it; '
            'run without that item\n'
            'error: permission: read access to "/priv/a b\'\\u{202e}" denied to path_filestat_get: not granted; '
            "try '--allow-read=/priv/a b'\\''\\u{202e}'\n"), done.err

    def test_denials_are_logged(self):
        make_tree(self.root)
        work = os.path.join(self.dir, "work")
        os.makedirs(work, exist_ok=True)
        done = self.guest([opened("priv/file.txt", READ)], "--allow-read=/pub", program=[self.runtime], cwd=work)
        with open(os.path.join(work, "guest.log")) as f:
            log = f.read()
        assert re.fullmatch(r'\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ ERROR blockless\] error: permission: read access to "/priv/file.txt" '
                            r'denied to path_open: not granted; try --allow-read=/priv/file.txt\n', log), log
        assert done.err in log

    def test_the_report_explains(self):
        make_tree(self.root)
        steps = [opened("pub/file.txt", READ), ("fd_read", ("fd", 0), IOV, 1, OUT), opened("pub/new", WRITE, CREAT),
                 ("path_unlink_file", 3, "priv/file.txt")]
        done = self.guest(steps, "--allow-read", "--allow-write=/pub", "--explain-permissions")
        assert done.errnos == [0, 0, 0, PERM], done.errnos
        report = done.err[done.err.index("permissions used:"):]
        assert report == ('permissions used:\n  read "/pub/file.txt" by path_open, fd_read, 2 times\n  write "/pub/new" by path_open, once\n'
                          'permissions denied:\n  write "/priv/file.txt" by path_unlink_file, once: not granted; '
                          'try --allow-write=/priv/file.txt\n'
                          'flags for what was used: --allow-read=/pub/file.txt --allow-write=/pub/new\n'), report
        done = self.guest(steps[:1], "--explain-permissions")
        assert 'read "/pub/file.txt" by path_open, once' in done.err, "also where nothing limits the guest"
        done = self.run("--explain-permissions", self.module([]))
        assert done.err == "permissions used: nothing\npermissions denied: nothing\nflags for what was used: none\n", done.err

    def test_the_recorded_flags_allow_the_same_run_and_no_more(self):
        steps = [opened("pub/to_priv/file.txt", READ), ("path_create_directory", 3, "pub/dir"), ("path_rename", 3, "pub/dir", 3, "priv/dir"),
                 ("path_link", 3, 0, "pub/file.txt", 3, "pub/second"), opened("pub/second", READ), opened("pub/full", 0, DIRECTORY),
                 ("fd_readdir", ("fd", 5), BUFFER, 100, 0, OUT)]
        name = os.path.join(self.dir, "used.json")
        make_tree(self.root)
        free = self.guest(steps, "--record-permissions", name)
        assert free.errnos == [0] * len(steps) and free.err == "", (free.errnos, free.err)
        with open(name) as f:
            record = json.load(f)
        assert set(record) == {"version", "program", "used", "denied", "flags", "left_out"} and record["version"] == 1
        assert record["program"].endswith("guest.wat") and record["denied"] == [] and record["left_out"] == 0
        assert {"kind": "read", "item": "/priv/file.txt", "calls": ["path_open"], "times": 1} in record["used"]
        make_tree(self.root)
        again = self.guest(steps, *record["flags"])
        assert again.errnos == free.errnos and again.err == "", (record["flags"], again.err)
        make_tree(self.root)
        other = self.guest([opened("priv/full/x.txt", READ), ("path_unlink_file", 3, "priv/file.txt")], *record["flags"])
        assert other.errnos == [PERM, PERM], (record["flags"], other.errnos)

    def test_the_record_is_replaced_whole_or_not_at_all(self):
        make_tree(self.root)
        name = os.path.join(self.dir, "used2.json")
        for _ in range(2):
            self.guest([opened("pub/file.txt", READ)], "--record-permissions", name)
            with open(name) as f:
                assert json.load(f)["flags"] == ["--allow-read=/pub/file.txt"]
        assert not [n for n in os.listdir(self.dir) if n.startswith("used2") and n != "used2.json"]
        done = self.run("--record-permissions", "/no/such/folder/x.json", self.module([]))
        assert done.returncode == 255 and done.err.startswith("error: io: cannot write '/no/such/folder/x.json'"), done.err

    def test_reports_are_written_at_a_time_limit_too(self):
        # A guest that ends when it is asked to, and one that is stuck: its denial waits for a reader of standard error.
        for tier in self.tiers:
            for stuck in (False, True):
                make_tree(self.root)
                work = tempfile.mkdtemp(dir=self.dir)
                text = script([opened("priv/file.txt", READ)])
                path = os.path.join(work, "guest.wat")
                with open(path, "w") as f:
                    f.write(text[:text.rindex("(i32.store (i32.const 80)")] + "(loop $again (br $again))))")
                words = [self.runtime, "--dir", f"{self.root}::/", "--allow-read=/pub", "--run-time=150", f"--tier={tier}",
                         "--explain-permissions", "--record-permissions", "used.json", path]
                read_end, write_end = os.pipe()
                if stuck:
                    os.set_blocking(write_end, False)
                    with contextlib.suppress(BlockingIOError):
                        while True:
                            os.write(write_end, bytes(4096))
                    os.set_blocking(write_end, True)
                child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=write_end, cwd=work)
                os.close(write_end)
                try:
                    assert child.wait(60) == 15, child.returncode
                finally:
                    child.kill()
                    with open(read_end, "rb") as said:
                        err = said.read().decode()
                if not stuck:
                    assert "trap: time limit reached" in err and err.count("permissions denied:\n  read") == 1, err
                with open(os.path.join(work, "used.json")) as f:
                    record = json.load(f)
                assert [(entry["item"], entry["times"]) for entry in record["denied"]] == [("/priv/file.txt", 1)], record

    def test_without_a_terminal_nobody_is_asked(self):
        make_tree(self.root)
        done = self.guest([opened("pub/file.txt", READ)], "--deny-net", program=[self.runtime])
        assert done.errnos == [PERM] and "┏" not in done.err and done.err.count("\n") == 1, done.err
        done = self.guest([opened("pub/file.txt", READ)], program=[self.runtime])
        assert done.errnos == [0], "the first client's command line: directories are usable"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", default=os.environ.get("BLS_BIN"))
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    tests = Permissions(options.bin)
    chosen = [(name, getattr(tests, name)) for name in sorted(dir(tests)) if name.startswith("test_") and options.only in name]
    return closing.run_all(chosen, lambda: tests.count)


if __name__ == "__main__":
    sys.exit(main())
