#!/usr/bin/env python3
"""The guest libraries of examples/guests against the runtime, and the examples made with them.

    tests/guests/libraries.py --bin FOLDER

For each language a program that uses every import of its library is built, and linked by the runtime, which compares each
signature. Then every example runs by the command its README gives. Closing line `N passed, N failed`.
"""

import argparse
import hashlib
import http.server
import json
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from kit import fetch, paths, toolchain  # noqa: E402

ROOT = HERE.parent.parent
EXAMPLES = ROOT / "examples" / "guests"
IMPORTS = 34  # the rows of the import table beyond WASI: hostcalls, section 1
PAGE = "as served\n"


def c_program(text):
    names = re.findall(r"^BLESS_IMPORT\([^)]*\)\s*uint32_t (\w+)\(", text, re.M)
    uses = ", ".join(f"(function){name}" for name in names)
    return ("#include \"bless.h\"\ntypedef void (*function)(void);\n"
            f"function volatile all[] = {{{uses}}};\nint main(void) {{ return all[0] == 0; }}\n"), len(names)


def rust_program(text):
    names = re.findall(r"^        pub fn (\w+)\(", text, re.M)
    uses = ", ".join(f"bless::raw::{name} as usize" for name in names)
    return (f"mod bless;\nfn main() {{\n    let all = [{uses}];\n    for i in 0..all.len() {{\n"
            "        assert!(unsafe { std::ptr::read_volatile(&all[i]) } != 1 << 31);\n    }\n}\n"), len(names)


def assemblyscript_program(text):
    found = re.findall(r"^export declare function (\w+)\(([^)]*)\)", text, re.M)
    calls = "\n".join(f"  {name}({', '.join('0' for _ in arguments.split(','))});" for name, arguments in found)
    names = ", ".join(name for name, _ in found)
    return (f"import {{ {names} }} from \"./bless\";\nexport function unused(): void {{\n{calls}\n}}\n"), len(found)


LANGUAGES = {
    "c": ("c/bless.h", "all_c.c", c_program, "c", ["-I."]),
    "rust": ("rust/bless.rs", "all_rust.rs", rust_program, "rust", []),
    "assemblyscript": ("assemblyscript/bless.ts", "all_as.ts", assemblyscript_program, "assemblyscript", []),
}


def every_import(language):
    """The module of a program that uses every import, and how many the library declares."""
    library, name, make, recipe, flags = LANGUAGES[language]
    text = (EXAMPLES / library).read_text()
    program, count = make(text)
    base = paths.CACHE / "libraries" / language
    base.mkdir(parents=True, exist_ok=True)
    header = base / Path(library).name
    for path, content in ((base / name, program), (header, text)):
        if not path.is_file() or path.read_text() != content:
            path.write_text(content)
    sources = [name, header.name] if language == "assemblyscript" else [name]
    flags = [flag.replace(".", str(base), 1) if flag == "-I." else flag for flag in flags]
    return toolchain.build(f"all-{language}", {"language": recipe, "sources": sources, "headers": [header.name],
                                               "flags": flags}, base), count


def example(language, source):
    library = LANGUAGES[language][0]
    folder = Path(library).parent
    sources = [f"{folder}/{source}"] + ([library] if language == "assemblyscript" else [])
    return toolchain.build(source.split(".")[0], {"language": LANGUAGES[language][3], "sources": sources,
                                                  "headers": [library]}, EXAMPLES)


class Suite:
    def __init__(self, folder):
        self.folder = folder
        self.scratch = tempfile.TemporaryDirectory()

    def run(self, *words, program="bls-runtime", text=None):
        return subprocess.run([self.folder / program, *map(str, words)], capture_output=True, text=True, timeout=120,
                              input=text, cwd=self.scratch.name, check=False)

    def test_every_import_links_in_each_language(self, language):
        module, count = every_import(language)
        assert count == IMPORTS, f"{count} imports declared"
        listed = self.run("inspect", module, program="bls").stdout
        used = set(re.findall(r"\"?(bless|blockless(?:_\w+)?)\"?[ .]\"?(\w+)\"?", listed))
        assert len(used) >= IMPORTS, f"{len(used)} imports used:\n{listed}"
        config = Path(self.scratch.name, f"{language}.json")
        config.write_text(json.dumps({"version": 1, "entry": "_start", "modules": [
            {"file": str(module), "name": "main", "type": "entry",
             "sha256": hashlib.sha256(module.read_bytes()).hexdigest()}]}))
        done = self.run(config)
        assert (done.returncode, done.stderr) == (0, ""), done

    def test_cgi_from_c(self):
        root = Path(self.scratch.name, "extensions")  # its list is kept beside the programs
        shutil.copytree(EXAMPLES / "extensions", root)
        done = self.run("--drivers-root-path", root, example("c", "upper.c"), text="quiet words\n")
        assert (done.returncode, done.stdout) == (0, "QUIET WORDS\n"), done
        denied = self.run("--drivers-root-path", root, "--deny-net", example("c", "upper.c"), text="x\n")
        assert denied.returncode == 1 and "cgi_open: code 4" in denied.stderr, denied

    def test_http_from_rust(self):
        class Page(http.server.BaseHTTPRequestHandler):
            def do_GET(self):  # pylint: disable=invalid-name
                self.send_response(200)
                self.send_header("Content-Type", "text/plain")
                self.send_header("Content-Length", str(len(PAGE)))
                self.end_headers()
                self.wfile.write(PAGE.encode())

            def log_message(self, *_):  # pylint: disable=arguments-differ
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        try:
            done = self.run("--permission", url, example("rust", "fetch.rs"), url)
            assert (done.returncode, done.stdout) == (0, "200 text/plain\n" + PAGE), done
            denied = self.run(example("rust", "fetch.rs"), url)
            assert denied.returncode == 1 and "http_req: code 14" in denied.stderr, denied
        finally:
            server.shutdown()

    def test_calls_from_assemblyscript(self):
        done = self.run("--stdin", "a request", example("assemblyscript", "calls.ts"))
        lines = done.stdout.splitlines()
        assert done.returncode == 0 and lines[0] == "input: a request", done
        assert json.loads(lines[1]) == {"jsonrpc": "2.0", "result": "pong", "id": 1}, done
        assert json.loads(lines[2])["result"]["runtime"] == "bls-runtime", done


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    suite = Suite(Path(parser.parse_args().bin).resolve())
    tests = [(f"every import links, {language}", lambda it=language: suite.test_every_import_links_in_each_language(it))
             for language in LANGUAGES]
    tests += [(name, getattr(suite, name)) for name in dir(suite) if name.startswith("test_") and "each_language" not in name]
    passed = 0
    for name, test in tests:
        try:
            test()
            passed += 1
        except (AssertionError, fetch.FetchError, toolchain.BuildError, subprocess.TimeoutExpired) as error:
            print(f"FAIL {name}: {error}")
    print(f"{passed} passed, {len(tests) - passed} failed")
    return 0 if passed == len(tests) else 1


if __name__ == "__main__":
    sys.exit(main())
