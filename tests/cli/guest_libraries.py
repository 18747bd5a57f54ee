"""The guest libraries of examples/guests: C, Rust and AssemblyScript declare every host function beyond WASI as the reference's table
does, and the examples run.

  guest_libraries.py --bin FOLDER [--only WORD]
"""

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import driver
from host_script import SIGNATURES, WASI

sys.path.insert(0, os.path.join(driver.ROOT, "tests", "guests"))
from kit import toolchain  # noqa: E402

GUESTS = os.path.join(driver.ROOT, "examples", "guests")
NAMES = [name for module, functions in SIGNATURES.items() if module != WASI for name in functions]
RUST = ["/usr/bin/rustc", "--edition=2021", "--target", "wasm32-unknown-unknown", "-O", "--crate-type", "cdylib"]


class GuestLibraries(driver.Driver):
    def compile(self, *words, cwd=GUESTS):
        done = subprocess.run(words, cwd=cwd, capture_output=True, text=True)
        assert done.returncode == 0 and done.stderr == "", done.stderr
        return words[words.index("-o") + 1]

    def c(self, name):
        return self.compile("clang-22", "--target=wasm32", "-Oz", "-nostdlib", "-Wall", "-Wextra", f"-I{GUESTS}", name, "-o", self.path("c.wasm"))

    def rust(self, name):
        return self.compile(*RUST, name, "-o", self.path("rust.wasm"))

    def assembly_script(self, source):
        """`source` lies beside what it imports."""
        command, _ = toolchain.assembly_script(Path(self.path("as.wasm")), [Path(source)], [])
        return self.compile(*command[:2], os.path.basename(source), "--runtime", "stub", "--use", "abort=", "-O2", "-o", self.path("as.wasm"),
                            cwd=os.path.dirname(source))

    def check(self, module):
        """Every function of the table is imported, with its type."""
        done = self.call("inspect", "--json", module, program=self.bls)
        self.expect(done, 0, None)
        found = {}
        for item in json.loads(done.stdout)["imports"]:
            found.setdefault(item["module"], {})[item["name"]] = json.dumps(item)
        for wanted, functions in SIGNATURES.items():
            if wanted == WASI:
                continue
            assert set(found[wanted]) == set(functions), (wanted, sorted(found[wanted]))
            for name, types in functions.items():
                text = found[wanted][name]
                numbers = re.findall(r"\b[if](?:32|64)\b", text)
                assert numbers == [*types.split(), "i32"], text

    def test_the_header_for_c_declares_every_function(self):
        lines = "".join(f"(void*){name}, " for name in NAMES)
        self.check(self.c(self.write("all.c", f'#include "blockless.h"\nvoid* volatile all[] = {{{lines}}};\nvoid _start(void) {{ (void)all[0]; }}\n')))

    def test_the_module_for_rust_declares_every_function(self):
        lines = "".join(f"blockless::raw::{name} as *const () as usize, " for name in NAMES)
        source = (f'#[path = "{GUESTS}/blockless.rs"]\nmod blockless;\n#[no_mangle]\npub extern "C" fn _start() {{\n'
                  f'    let all = [{lines}];\n    unsafe {{ std::ptr::read_volatile(&all) }};\n}}\n')
        self.check(self.rust(self.write("all.rs", source)))

    def test_the_file_for_assemblyscript_declares_every_function(self):
        counts = {name: len(types.split()) for module, functions in SIGNATURES.items() if module != WASI for name, types in functions.items()}
        calls = " + ".join(f"b.{name}({', '.join('0' * counts[name])})" for name in NAMES)
        source = self.write("all.ts", f'import * as b from "./blockless"\nexport function _start(): u32 {{ return {calls} }}\n')
        self.write("blockless.ts", open(os.path.join(GUESTS, "blockless.ts"), "rb").read())
        self.check(self.assembly_script(source))

    def test_the_examples_print_what_the_request_brought(self):
        modules = [self.c("memory.c"), self.rust("memory.rs")]
        modules.append(self.assembly_script(os.path.join(GUESTS, "memory.ts")))
        for module in modules:
            for program in ([self.runtime], [self.bls, "run"]):
                done = self.call(*program[1:], "--stdin", "hello", module, program=program[0], env={"BLS_LIST_VARS": "A;B", "A": "1"})
                self.expect(done, 0, b'hello\n{"A": "1","B": ""}\n', "^$")

    def test_the_echo_client(self):
        module = self.c("echo_client.c")
        with socket.create_server(("127.0.0.1", 0)) as peer:
            place = f"127.0.0.1:{peer.getsockname()[1]}"
            process = subprocess.Popen([self.runtime, f"--allow-net={place}", "--stdin", f"{place}\nhello", module], stdout=subprocess.PIPE,
                                       stdin=subprocess.DEVNULL, cwd=self.dir)
            connection, _ = peer.accept()
            with connection:
                connection.sendall(connection.recv(100).upper())
                out, _ = process.communicate(timeout=60)
            assert out == b"HELLO", out
            self.expect(self.call("--stdin", f"{place}\nhello", module), 0, b"tcp_connect: 02\n")


if __name__ == "__main__":
    sys.exit(driver.main(GuestLibraries))
