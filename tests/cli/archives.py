"""Archives (.car) and v86 archives as INPUT, and how bls becomes bls-full.

  archives.py --bin FOLDER [--only WORD]
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import time

import car_bytes
import driver
import modules

LIBRARY = r"""
#include <stdio.h>
#include <string.h>
int run_v86_wasi(const char *conf, int size) {
  printf("%d:%.*s\n", size, size, conf);
  fflush(stdout);
  const char *end = conf + size;
  for (const char *p = conf; p + 7 < end; ++p) {
    int code = 0;
    if (memcmp(p, "\"code\":", 7) == 0 && sscanf(p + 7, "%d", &code) == 1) return code;
  }
  return 0;
}
"""


class Archives(driver.Driver):
    def __init__(self, folder):
        super().__init__(folder)
        self.bin = os.path.abspath(folder)
        self.full = os.path.join(self.bin, "bls-full")
        self.m = modules.build(self.dir)
        self.count = 0

    def module(self, name):
        with open(self.m[name], "rb") as f:
            return f.read()

    def pack(self, files, name="app.car", **config):
        """An archive of `files` with a config.json of `config`; returns its path and a new, empty root."""
        config = {"fs_root_path": "$ENV_ROOT_PATH", **config}
        self.tree = {"config.json": json.dumps(config), **files}
        self.count += 1
        root = self.path(f"root{self.count}")
        os.mkdir(root)
        return self.write(name, car_bytes.archive(self.tree)), root

    def below(self, root):
        return sorted(os.path.relpath(os.path.join(at, name), root) for at, dirs, names in os.walk(root)
                      for name in dirs + names)

    def expect_nothing(self, root):
        assert self.below(root) == [], self.below(root)

    # -- what runs ----------------------------------------------------------------------------------------------------

    def test_a_packed_module_runs(self):
        car, root = self.pack({"hello.wasm": self.module("hello")}, entry="$ROOT/hello.wasm")
        for program, words in ((self.runtime, ()), (self.bls, ("run",))):
            self.expect(self.call(*words, "--fs-root-path", root, car, program=program), 0, b"hello\n")
        top = car_bytes.root_of(self.tree)
        assert self.below(root) == [top, f"{top}/config.json", f"{top}/hello.wasm"], self.below(root)

    def test_the_root_may_come_from_the_environment(self):
        car, root = self.pack({"d": {"hello.wasm": self.module("hello")}}, entry="$ROOT/d/hello.wasm")
        self.expect(self.call(car, env={**os.environ, "ENV_ROOT_PATH": root}), 0, b"hello\n")

    def test_an_ending_in_capitals_is_an_archive_too(self):
        car, root = self.pack({"hello.wasm": self.module("hello")}, name="APP.CAR", entry="$ROOT/hello.wasm")
        self.expect(self.call("--fs-root-path", root, car), 0, b"hello\n")

    def test_linked_modules_are_compared_with_their_checksums(self):
        hello = self.module("hello")
        right = hashlib.md5(hello).hexdigest()
        wrong = ("0" if right[0] != "0" else "1") + right[1:]
        for digest, status, out in ((right, 0, b"hello\n"), (wrong, 128, b"")):
            car, root = self.pack({"m.wasm": hello}, version=1, entry="_start",
                                  modules=[{"file": "$ROOT/m.wasm", "name": "m", "type": "entry", "md5": digest}])
            self.expect(self.call("--fs-root-path", root, car), status, out)

    def test_arguments_arrive_as_they_were_given(self):
        car, root = self.pack({"args.wasm": self.module("args")}, entry="$ROOT/args.wasm")
        done = self.call("--fs-root-path", root, car, "one", "--", "--bls-started=1", "", "two words")
        self.expect(done, 0, b"args.wasm\0one\0--bls-started=1\0\0two words\0")

    def test_a_second_run_takes_what_is_there(self):
        car, root = self.pack({"hello.wasm": self.module("hello")}, entry="$ROOT/hello.wasm")
        self.expect(self.call("--fs-root-path", root, car), 0, b"hello\n")
        path = os.path.join(root, car_bytes.root_of(self.tree), "hello.wasm")
        with open(path, "ab") as f:
            f.write(b"longer than before")
        self.expect(self.call("--fs-root-path", root, car), 0, b"hello\n")
        with open(path, "rb") as f:
            assert f.read() == self.module("hello")

    def test_a_file_of_200_megabytes_needs_little_memory(self):
        line = os.urandom(car_bytes.CHUNK - 8)
        builder = car_bytes.Builder()
        wanted = hashlib.sha256()
        level = []
        path = self.path("big.car")
        with open(self.path("blocks"), "wb") as out:
            for number in range(200 * 1000 * 1000 // car_bytes.CHUNK + 1):
                part = number.to_bytes(8, "big") + line
                wanted.update(part)
                level.append(("", builder.block(part, car_bytes.RAW)))
                out.write(builder.blocks.pop())
        while len(level) > 1:
            level = [("", builder.node(2, level[at:at + 174])) for at in range(0, len(level), 174)]
        config = builder.tree(json.dumps({"fs_root_path": "$ENV_ROOT_PATH", "entry": "$ROOT/hello.wasm"}))
        top = builder.node(1, [("big", level[0][1]), ("config.json", config),
                               ("hello.wasm", builder.tree(self.module("hello")))])
        with open(path, "wb") as out, open(self.path("blocks"), "rb") as blocks:
            out.write(builder.archive(top))
            shutil.copyfileobj(blocks, out)
        root = self.path("big root")
        os.mkdir(root)
        process = subprocess.Popen([self.runtime, "--fs-root-path", root, path], stdout=subprocess.PIPE, cwd=self.dir)
        out = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        process.stdout.close()
        assert (process.returncode, out) == (0, b"hello\n"), (process.returncode, out)
        with open(os.path.join(root, car_bytes.text(top), "big"), "rb") as f:
            assert hashlib.file_digest(f, "sha256").digest() == wanted.digest() if hasattr(hashlib, "file_digest") \
                else hashlib.sha256(f.read()).digest() == wanted.digest()
        assert usage.ru_maxrss <= 64 * 1024, f"{usage.ru_maxrss} KiB"
        print(f"200 MB: {usage.ru_maxrss} KiB at most")
        for left in (path, self.path("blocks")):
            os.unlink(left)
        shutil.rmtree(root)

    # -- what an archive may not do -----------------------------------------------------------------------------------

    def test_files_go_below_the_operators_root_only(self):
        elsewhere = self.path("elsewhere")
        os.makedirs(elsewhere, exist_ok=True)
        hello = {"hello.wasm": self.module("hello")}
        for place in (elsewhere, "/", "$ENV_ROOT_PATH/..", "$ENV_ROOT_PATH-beside"):
            car, root = self.pack(hello, entry="$ROOT/hello.wasm", fs_root_path=place)
            os.mkdir(root + "-beside")
            for more in ((), ("--trust-archive-config",)):
                self.expect(self.call("--fs-root-path", root, *more, car), 128, err="is outside the root")
            self.expect_nothing(root)
            self.expect_nothing(root + "-beside")
        self.expect_nothing(elsewhere)
        # A link in the root leads out of it.
        car, root = self.pack(hello, entry="$ROOT/hello.wasm", fs_root_path="$ENV_ROOT_PATH/link")
        os.symlink(elsewhere, os.path.join(root, "link"))
        self.expect(self.call("--fs-root-path", root, car), 128, err="is outside the root")
        self.expect_nothing(elsewhere)

    def test_a_folder_in_the_operators_root_will_do(self):
        car, root = self.pack({"hello.wasm": self.module("hello")}, entry="$ENV_ROOT_PATH/in/TOP/hello.wasm",
                              fs_root_path="$ENV_ROOT_PATH/in")
        os.mkdir(os.path.join(root, "in"))
        top = car_bytes.root_of(self.tree)
        os.symlink(top, os.path.join(root, "in", "TOP"))
        self.expect(self.call("--fs-root-path", root, car), 0, b"hello\n")
        assert os.path.exists(os.path.join(root, "in", top, "hello.wasm"))

    def test_without_the_operators_root_the_archive_must_be_trusted(self):
        car, root = self.pack({"hello.wasm": self.module("hello")}, entry="none", fs_root_path=self.path("chosen"))
        os.mkdir(self.path("chosen"))
        self.expect(self.call(car), 128, err="give --fs-root-path DIR")
        self.expect_nothing(self.path("chosen"))
        top = car_bytes.root_of(self.tree)
        self.tree["config.json"] = json.dumps({"fs_root_path": self.path("chosen"), "entry": "chosen/x/hello.wasm"})
        car = self.write("app.car", car_bytes.archive(self.tree))
        os.symlink(car_bytes.root_of(self.tree), self.path("chosen/x"))
        self.expect(self.call("--trust-archive-config", car), 0, b"hello\n")

    def test_an_archive_without_a_place_for_its_files_is_refused(self):
        root = self.path("no place")
        os.mkdir(root)
        car = self.write("app.car", car_bytes.archive({"config.json": json.dumps({"entry": "$ROOT/a.wasm"})}))
        self.expect(self.call("--fs-root-path", root, car), 128, err="fs_root_path")
        self.expect_nothing(root)
        car, _ = self.pack({}, entry="$ROOT/a.wasm")
        self.expect(self.call("--fs-root-path", self.path("absent"), car), 255, err="No such file")
        car, root = self.pack({})
        self.expect(self.call("--fs-root-path", root, car), 128, err="entry")
        self.expect_nothing(root)

    def test_an_archive_runs_its_own_files_only(self):
        hello = self.module("hello")
        right = hashlib.md5(hello).hexdigest()
        outside = self.write("outside.wasm", hello)
        for place in (outside, "$ENV_ROOT_PATH/../outside.wasm", "$ROOT/../../outside.wasm", "$ROOT/../beside.wasm", "outside.wasm",
                      "$ENV_ROOT_PATH/link.wasm", "/dev/stdin", "-"):
            for config in ({"entry": place}, {"version": 1, "entry": "_start", "modules": [
                    {"file": place, "name": "m", "type": "entry", "md5": right}]}, {"entry": "$ROOT/hello.wasm", "modules": [
                        {"file": place, "name": "m", "type": "module", "md5": right}]}):
                car, root = self.pack({"hello.wasm": hello}, **config)
                os.symlink(outside, os.path.join(root, "link.wasm"))
                self.write(os.path.join(os.path.basename(root), "beside.wasm"), hello)
                done = self.call("--fs-root-path", root, car, stdin=hello)
                self.expect(done, 128, err="is none of the archive's own files; --trust-archive-config takes it")
                if place != "-":
                    trusted = self.call("--fs-root-path", root, "--trust-archive-config", car, stdin=hello)
                    self.expect(trusted, 0 if place != "/dev/stdin" else trusted.returncode, None)
        for config in ({"entry": "$ROOT/d/../hello.wasm"}, {"entry": "$ROOT//./hello.wasm"}):
            car, root = self.pack({"hello.wasm": hello, "d": {"x": b""}}, **config)
            self.expect(self.call("--fs-root-path", root, car), 0, b"hello\n")
        car, root = self.pack({}, entry="$ROOT/none.wasm")
        self.expect(self.call("--fs-root-path", root, car), 255, err="No such file")

    def test_an_archive_grants_itself_nothing(self):
        os.makedirs(self.path("secret"), exist_ok=True)
        car, root = self.pack({"preopen.wasm": self.module("preopen")}, entry="$ROOT/preopen.wasm",
                              map_dirs=[{"host": self.path("secret"), "guest": "/stolen"}], permissions=["http://*"])
        done = self.call("--fs-root-path", root, car)
        self.expect(done, 0, None, err='key "map_dirs" of an archive is ignored')
        assert b"/stolen" not in done.stdout and '"permissions"' in done.err, done
        done = self.call("--fs-root-path", root, "--trust-archive-config", car)
        assert "ignored" not in done.err and b"/stolen" in done.stdout, done

    def test_hostile_archives_are_refused_in_one_line(self):
        evil = {"config.json": json.dumps({"fs_root_path": "$ENV_ROOT_PATH", "entry": "$ROOT/a"})}
        archives = {"separator": {**evil, "../x": "evil"}, "separator ": {**evil, "d": {"a/b": "evil"}},
                    "is empty": {**evil, "": "evil"}, "not a name": {**evil, "..": {"x": "evil"}}}
        cars = {why: car_bytes.archive(content) for why, content in archives.items()}
        good = car_bytes.archive({**evil, "file": "the right bytes"})
        cars["other bytes"] = good.replace(b"the right bytes", b"the wrong bytes")
        cars["ends within"] = good[:-3]
        cars["no config.json"] = car_bytes.archive({"readme": "nothing here"})
        cars["is it a CAR"] = b"PK\3\4 not at all"
        builder = car_bytes.Builder()
        missing = builder.node(1, [("gone", car_bytes.cid(b"absent", car_bytes.RAW)), *(
            (name, builder.tree(text)) for name, text in evil.items())])
        cars["not in the archive"] = builder.archive(missing)
        for why, content in cars.items():
            car = self.write("hostile.car", content)
            root = self.path(f"hostile {why}")
            os.mkdir(root)
            for program, words in ((self.runtime, ()), (self.bls, ("run",))):
                done = self.call(*words, "--fs-root-path", root, car, program=program)
                self.expect(done, 255, err=why.strip())
                assert done.err.count("\n") == 1, done.err
                assert "failed to load CLI config: Unknown error: " in done.err, done.err
                self.expect_nothing(root)
            assert not os.path.exists(self.path("x"))

    def test_the_time_limit_counts_while_an_archive_is_read(self):
        car, root = self.pack({"hello.wasm": self.module("hello"), "large": os.urandom(48 << 20)}, entry="$ROOT/hello.wasm")
        self.expect(self.call("--fs-root-path", root, "--run-time", "1", car), 15, b"", "time limit reached")

    def test_variables_load_nothing_into_the_full_program(self):
        mark = self.path("loaded")
        evil = self.path("evil.so")
        with open(evil, "wb") as f:
            f.write(self.library('#include <fcntl.h>\n__attribute__((constructor)) static void f(void) { creat("%s", 0600); }' % mark))
        car, root = self.pack({"hello.wasm": self.module("hello")}, entry="$ROOT/hello.wasm")
        env = dict(os.environ, LD_PRELOAD=evil, LD_AUDIT=evil)
        self.expect(self.call("--fs-root-path", root, car, env=env), 0, b"hello\n")
        assert not os.path.exists(mark)

    # -- v86 ----------------------------------------------------------------------------------------------------------

    def library(self, source=LIBRARY):
        compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("g++")
        out = self.path("library.so")
        subprocess.run([compiler, "-shared", "-fPIC", "-x", "c", "-o", out, "-"], input=source.encode(), check=True)
        with open(out, "rb") as f:
            return f.read()

    def v86(self, library, allow=True, **keys):
        car, root = self.pack({"lib.so": library}, dynamic_lib_path="$ROOT/lib.so", **keys)
        return self.call("--v86", *["--allow-native-library"] * allow, "--fs-root-path", root, car), root

    def test_a_v86_library_gets_the_configuration_and_its_result_counts(self):
        library = self.library()
        for code, status in ((0, 0), (7, 7), (15, 15), (128, 128), (14, 255), (99, 255), (-1, 255)):
            done, root = self.v86(library, code=code, other={"deep": ["$ENV_ROOT_PATH/x"]})
            self.expect(done, status, None)
            size, _, text = done.stdout.decode().partition(":")
            assert int(size) == len(text) - 1, done.stdout
            seen = json.loads(text)
            assert seen["code"] == code and seen["other"] == {"deep": [f"{root}/x"]}, seen
            assert seen["dynamic_lib_path"].startswith(f"{root}/ba"), seen

    def test_native_code_needs_the_operators_word(self):
        done, root = self.v86(self.library(), allow=False, code=0)
        self.expect(done, 128, err="--allow-native-library")
        self.expect_nothing(root)

    def test_v86_libraries_that_cannot_be_used_are_named(self):
        done, _ = self.v86(b"\x7fELF no library")
        self.expect(done, 128, err="cannot load '.*lib.so'")
        done, _ = self.v86(self.library("int other(void) { return 0; }"))
        self.expect(done, 255, err="has no function run_v86_wasi")
        car, root = self.pack({"a": "b"})
        self.expect(self.call("--v86", "--allow-native-library", "--fs-root-path", root, car), 128,
                    err="dynamic_lib_path")
        self.expect_nothing(root)

    # -- bls-full -----------------------------------------------------------------------------------------------------

    def test_without_the_companion_one_line_says_so(self):
        alone = self.path("alone")
        os.makedirs(alone, exist_ok=True)
        shutil.copy(os.path.realpath(self.runtime), os.path.join(alone, "bls-runtime"))
        for name in ("x.car", "x.json", "none"):
            done = self.call(self.write(name, "{}") if name != "none" else name,
                             program=os.path.join(alone, "bls-runtime"))
            self.expect(done, 255, err="need the program bls-full")
            assert done.err.count("\n") == 1, done.err
        self.expect(self.call(self.m["hello"], program=os.path.join(alone, "bls-runtime")), 0, b"hello\n")

    def test_the_companion_gets_everything_as_it_was(self):
        folder = self.path("shim")
        os.makedirs(folder, exist_ok=True)
        shutil.copy(os.path.realpath(self.runtime), os.path.join(folder, "bls-runtime"))
        shim = os.path.join(folder, "bls-full")
        with open(shim, "w", encoding="utf-8") as f:
            f.write('#!/bin/sh\nprintf "%s|" "$@"; pwd; echo "$SEEN $$"; cat <&7; cat; exit 9\n')
        os.chmod(shim, 0o755)
        there = self.path("cwd there")
        os.makedirs(there, exist_ok=True)
        extra = os.open(self.write("extra", "descriptor seven\n"), os.O_RDONLY)
        before = time.monotonic_ns()
        process = subprocess.Popen(
            ["sh", "-c", 'exec "$0" "$@" 7<&%d' % extra, os.path.join(folder, "bls-runtime"), "--run-time", "5",
             "a.car", "", "x y"], cwd=there, pass_fds=(extra,), env={**os.environ, "SEEN": "variable"},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        out = process.communicate(b"standard input\n")[0].decode()
        after = time.monotonic_ns()
        os.close(extra)
        assert process.returncode == 9, process.returncode
        words, here, rest = out.partition("|" + there + "\n")
        first, *others = words.split("|")
        assert here and others == ["--run-time", "5", "a.car", "", "x y"], out
        started = re.fullmatch(r"--bls-started=(\d+)", first)
        assert started and before <= int(started[1]) <= after, (before, first, after)
        assert rest == f"variable {process.pid}\ndescriptor seven\nstandard input\n", rest

    def test_the_time_limit_counts_from_the_first_program_on(self):
        long_ago = time.monotonic_ns() - 3600 * 10**9
        done = self.call(f"--bls-started={long_ago}", "run", "--run-time", "3000000", self.m["spin"],
                         program=self.full, timeout=30)
        self.expect(done, 15)
        # A start that lies ahead is none.
        done = self.call(f"--bls-started={time.monotonic_ns() + 3600 * 10**9}", "run", "--run-time", "30",
                         self.m["spin"], program=self.full, timeout=30)
        self.expect(done, 15)

    def test_the_companion_is_bls_itself(self):
        self.expect(self.call("run", self.m["args"], "a", program=self.full), 0, b"args.wasm\0a\0")
        self.expect(self.call("--bls-started=1", "run", self.m["args"], "--", "--bls-started=2", program=self.full), 0,
                    b"args.wasm\0--bls-started=2\0")


if __name__ == "__main__":
    raise SystemExit(driver.main(Archives))
