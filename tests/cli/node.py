"""The contract with the worker node (b7s): one process for each execution, started exactly as the node does.

  node.py --bin FOLDER [--only WORD]

Order of the arguments, working directory, a root that does not exist, environment, input, exit status, usage of resources: as the
command line description, section 12, says. Closing line: `N passed, N failed`.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "guests"))
from kit import toolchain  # noqa: E402
import driver
import guests_text  # noqa: E402

WATCHDOG = 60
MD5SUM = {"language": "c", "sources": ["guests/md5sum.c"]}


class Result:
    def __init__(self, code, out, err, usage):
        self.code, self.out, self.err, self.usage = code, out, err, usage


class Node:
    """A worker: a runtime folder, a workspace, functions in it."""

    def __init__(self, folder):
        self.runtime = os.path.join(os.path.abspath(folder), "bls-runtime")
        self.temp = tempfile.TemporaryDirectory()
        self.workspace = os.path.join(os.path.realpath(self.temp.name), "workspace")
        self.requests = 0
        function = os.path.join(self.workspace, "bafyfunction")
        os.makedirs(function)
        for name, path in guests_text.build(self.temp.name).items():
            shutil.copy(path, os.path.join(function, name + ".wasm"))  # a text module under the node's usual name
        shutil.copy(toolchain.build("md5sum", MD5SUM, HERE), os.path.join(function, "md5sum.wasm"))
        self.function = function

    def execute(self, method, arguments=(), config=None, permissions=(), stdin=None, env_vars=(), files=None):
        """One request. `config` are the keys of the request's runtime object; `files` go into the root, which is made for them."""
        config = config or {}
        self.requests += 1
        work = os.path.join(self.workspace, "t", f"request-{self.requests}")
        root = os.path.join(work, "fs")
        os.makedirs(work)
        for name, content in (files or {}).items():
            os.makedirs(root, exist_ok=True)
            with open(os.path.join(root, name), "wb") as f:
                f.write(content)
        words = [os.path.join(self.function, method)]
        for key, flag in (("entry", "--entry"), ("run_time", "--run-time")):
            if config.get(key):
                words += [flag, str(config[key])]
        if config.get("debug_info"):
            words.append("--debug-info")
        words += ["--fs-root-path", root, "--drivers-root-path", os.path.join(os.path.dirname(self.runtime), "extensions")]
        for key, flag in (("limited_fuel", "--limited-fuel"), ("limited_memory", "--limited-memory"), ("runtime_logger", "--runtime-logger")):
            if config.get(key):
                words += [flag, str(config[key])]
        for url in permissions:
            words += ["--permission", url]
        words.append("--")
        words += [value for value in arguments if value]
        env = dict(os.environ)
        env.update(env_vars)
        env["BLS_LIST_VARS"] = ";".join(name for name, _ in env_vars)
        child = subprocess.Popen([self.runtime, *words], cwd=work, env=env, stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        watchdog = threading.Timer(WATCHDOG, child.kill)
        watchdog.start()
        try:
            if stdin is not None:
                child.stdin.write(stdin)
                child.stdin.close()
            with child.stdout, child.stderr:
                out, err = child.stdout.read(), child.stderr.read()  # both are short here
            _, status, usage = os.wait4(child.pid, 0)
            code = child.returncode = os.waitstatus_to_exitcode(status)
        finally:
            watchdog.cancel()
        self.left = sorted(os.listdir(work))
        shutil.rmtree(work)
        return Result(code, out, err, usage)

    # -- what the node's own integration test does -----------------------------------------------------------------------

    def test_md5sum_of_a_file_in_the_root(self):
        content = bytes(range(256)) * 4000 + b"tail"
        done = self.execute("md5sum.wasm", ["--chunk", "128", "--file", "data.bin"], files={"data.bin": content})
        assert done.code == 0, (done.code, done.err)
        assert done.out == hashlib.md5(content).hexdigest().encode() and done.err == b"", (done.out, done.err)
        assert done.usage.ru_utime + done.usage.ru_stime > 0 and done.usage.ru_maxrss > 0

    def test_a_missing_root_is_carried_on_without(self):
        done = self.execute("hello.wasm")
        assert (done.code, done.out, done.err) == (0, b"hello\n", b""), vars(done)
        done = self.execute("md5sum.wasm", ["--file", "data.bin"])
        assert done.code == 1 and done.out == b"" and done.err.startswith(b"data.bin: "), vars(done)

    def test_every_key_of_the_runtime_object_at_once(self):
        config = {"entry": "_start", "run_time": 60000, "debug_info": True, "limited_fuel": 100_000_000, "limited_memory": 100,
                  "runtime_logger": "run.log"}
        done = self.execute("hello.wasm", ["a", "", "-b"], config, ["https://example.com/", "http://a.b/c"])
        assert (done.code, done.out, done.err) == (0, b"hello\n", b""), vars(done)
        assert self.left == ["run.log"], self.left
        self.execute("hello.wasm", config=config, files={"x": b""})
        assert self.left == ["fs"]

    def test_the_log_of_a_run_is_in_its_working_directory(self):
        self.execute("hello.wasm")
        assert self.left == ["hello.log"], self.left

    def test_input_is_the_requests_or_the_null_device(self):
        assert self.execute("cat.wasm", stdin=b"the input").out == b"the input"
        done = self.execute("cat.wasm")
        assert (done.code, done.out) == (0, b"")

    def test_the_environment_does_not_reach_the_guest_as_its_own(self):
        done = self.execute("env.wasm", env_vars=[("BLS_REQUEST_PATH", "/a"), ("SECRET", "canary")])
        assert done.code == 0, vars(done)  # the number of variables
        assert self.execute("hello.wasm", env_vars=[]).code == 0  # BLS_LIST_VARS is set, and empty

    def test_failures_keep_their_output_and_have_a_code(self):
        for method, config, code in (("exit7.wasm", {}, 7), ("trap.wasm", {}, 11), ("spin.wasm", {"limited_fuel": 1000}, 1),
                                     ("spin.wasm", {"run_time": 50}, 15), ("big.wasm", {"limited_memory": 1}, 16),
                                     ("recurse.wasm", {}, 2), ("unknown.wasm", {}, 255), ("nothing.wasm", {}, 255),
                                     ("hello.wasm", {"entry": "none"}, 255)):
            done = self.execute(method, config=config)
            assert done.code == code and done.out == b"", (method, vars(done))
            assert (done.err == b"") == (method == "exit7.wasm"), (method, done.err)

    def test_the_node_never_sees_a_signal_or_a_prompt(self):
        # Neither without permissions nor with a list does a file in the root need a flag.
        for permissions in ([], ["https://example.com"]):
            done = self.execute("md5sum.wasm", ["--file", "f"], permissions=permissions, files={"f": b"x"})
            assert done.out == hashlib.md5(b"x").hexdigest().encode(), vars(done)


if __name__ == "__main__":
    sys.exit(driver.main(Node))
