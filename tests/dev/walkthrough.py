#!/usr/bin/env python3
"""Follows the walkthrough `Add a numeric opcode` of CONTRIBUTING.md: the text is the patch.

  walkthrough.py --check          every block still fits the sources, in at most four product files
  walkthrough.py --folder DIR     applies them to a copy of the tree in DIR, builds `bls` there and tries the opcode

A ```diff block begins with `--- FILE`; then lines with a blank in front stand in the file, together and once, and lines
with `+` are to be added where they stand between them. The ```wast block is the script that every back end has to pass.
The last line is `N passed, N failed`.
"""

import argparse
import filecmp
import json
import os
import re
import shutil
import subprocess
import sys
import traceback

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
HEADING = "### Add a numeric opcode"
PRODUCT = ("engine/", "codegen/", "wasi/", "extensions/", "runtime/", "tools/")
MOST_FILES = 4
MODES = (["--tier=interp", "--dispatch=tail"], ["--tier=interp", "--dispatch=loop"], ["--tier=baseline"],
         ["--tier=baseline", "--stress=spill", "--memory-mode=checked"], ["--tier=baseline", "--compile=eager"],
         ["--tier=auto", "--compile-at-call=2"])
# Two functions that differ in the instruction alone cost the same; `i32.popcnt` stands for it.
FUEL = """(module (func (export "_start") (local i32)
  (loop $again
    (br_if $again (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 100)))
    (drop (INSTRUCTION (local.get 0))))))
"""


class Patch:
    def __init__(self, path, lines):
        self.path = path
        self.before = "".join(line[1:] + "\n" for line in lines if line[:1] != "+")
        self.after = "".join(line[1:] + "\n" for line in lines)

    def apply(self, text):
        """The text with the change; ValueError when it does not fit."""
        if not self.before.strip() or self.after == self.before:
            raise ValueError(f"a block for {self.path} says nothing")
        places = [found.start() for found in re.finditer("^" + re.escape(self.before), text, re.M)]
        if len(places) != 1:
            raise ValueError(f"a block for {self.path} fits {len(places)} times:\n{self.before}")
        return text[:places[0]] + self.after + text[places[0] + len(self.before):]


def blocks(text, kind):
    """The fenced blocks of a kind, as lists of lines without their indentation."""
    found = []
    for indent, body in re.findall(rf"^( *)```{kind}\n(.*?)^ *```$", text, re.M | re.S):
        found.append([line[len(indent):] for line in body.splitlines()])
    return found


def section_of(heading):
    with open(os.path.join(ROOT, "CONTRIBUTING.md"), encoding="utf-8") as file:
        text = file.read()
    section = text.split(heading + "\n", 1)[1]
    return re.split(r"^##", section, maxsplit=1, flags=re.M)[0]


def patches_in(section):
    patches = []
    for lines in blocks(section, "diff"):
        if not lines[0].startswith("--- "):
            raise ValueError(f"a block does not name its file: {lines[0]}")
        patches.append(Patch(lines[0][4:], lines[1:]))
    return patches


def walkthrough():
    """(patches, the script)."""
    section = section_of(HEADING)
    patches = patches_in(section)
    scripts = blocks(section, "wast")
    if not patches or len(scripts) != 1:
        raise ValueError("the walkthrough has no patches, or not one script")
    return patches, "\n".join(scripts[0]) + "\n"


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def write_if_new(path, text):
    """Without touching a file that is the same: the next run then builds little."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if not os.path.exists(path) or read(path) != text:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)


def check_fits():
    patches, _ = walkthrough()
    texts = {}
    for patch in patches:
        texts[patch.path] = patch.apply(texts.get(patch.path) or read(os.path.join(ROOT, patch.path)))
    files = [path for path in texts if path.startswith(PRODUCT)]
    assert len(files) == len(texts), f"not all are product files: {sorted(texts)}"
    assert len(files) <= MOST_FILES, f"{len(files)} product files: {files}"


def check_notices():
    """A block that no longer fits is not passed over."""
    patch = Patch("x", [" one", "+two", " three"])
    assert patch.apply("one\nthree\n") == "one\ntwo\nthree\n"
    for text in ("one\nother\n", "one\nthree\none\nthree\n", "none\nthree\n"):
        try:
            patch.apply(text)
        except ValueError:
            continue
        raise AssertionError(f"fits {text!r}")


class Tree:
    """A copy of the tree with patches, and new files."""

    def __init__(self, folder, patches, created=None):
        self.folder = os.path.abspath(folder)
        self.bls = os.path.join(self.folder, "build", "release", "bin", "bls")
        self.patches, self.created = patches, created or {}

    def make(self):
        names = set()
        for at, folders, files in os.walk(ROOT):  # perhaps an unpacked archive: not by asking git
            folders[:] = [name for name in folders if name not in ("build", ".git", ".cache", "node_modules", "__pycache__")]
            names |= {os.path.relpath(os.path.join(at, name), ROOT) for name in files if name != ".git"}
        patched = {patch.path: read(os.path.join(ROOT, patch.path)) for patch in self.patches}
        for patch in self.patches:
            patched[patch.path] = patch.apply(patched[patch.path])
        for name in names:
            source, to = os.path.join(ROOT, name), os.path.join(self.folder, name)
            if name in patched:
                write_if_new(to, patched[name])
            elif not os.path.exists(to) or not filecmp.cmp(source, to, shallow=False):
                os.makedirs(os.path.dirname(to), exist_ok=True)
                shutil.copy(source, to)
        for name, text in self.created.items():
            assert name not in names, f"{name} is there already"
            write_if_new(os.path.join(self.folder, name), text)
        for top in PRODUCT:
            for at, _, files in os.walk(os.path.join(self.folder, top)):
                for file in files:  # what an earlier run left
                    if os.path.relpath(os.path.join(at, file), self.folder) not in names | set(self.created):
                        os.remove(os.path.join(at, file))
        changed = [name for name in names
                   if not filecmp.cmp(os.path.join(ROOT, name), os.path.join(self.folder, name), shallow=False)]
        assert sorted(changed) == sorted(patched) and len(changed) <= MOST_FILES, changed

    def build(self):
        subprocess.run(["cmake", "--preset", "release", "-DBLS_TESTS=OFF", "-Wno-dev"], cwd=self.folder, check=True,
                       stdout=subprocess.DEVNULL)
        subprocess.run(["cmake", "--build", "build/release", "-j", str(os.cpu_count()), "--target", "bls"],
                       cwd=self.folder, check=True, stdout=sys.stderr)

    def run(self, *words, status=0):
        done = subprocess.run([self.bls, *words], cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=60, text=True, check=False)
        assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
        return done.stdout, done.stderr

    def file(self, name, text):
        path = os.path.join(self.folder, "build", name)
        write_if_new(path, text)
        return path


class Copy(Tree):
    """The tree with the walkthrough followed."""

    def __init__(self, folder):
        patches, self.script = walkthrough()
        super().__init__(folder, patches)

    def test_touches_four_files_and_the_checks_pass(self):
        for script in ("check_opcodes.py", "check_layers.py", "check_sizes.py"):
            subprocess.run([sys.executable, f"tools/dev/{script}"], cwd=self.folder, check=True,
                           stdout=subprocess.DEVNULL)

    def test_computes_the_same_in_every_tier(self):
        script = self.file("abs.wast", self.script)
        for mode in MODES:
            self.run("wast", *mode, script)
        wrong = self.file("wrong.wast", self.script.replace("(i32.const -5)) (i32.const 5)", "(i32.const -5)) (i32.const 4)"))
        for mode in MODES:  # the script is looked at
            self.run("wast", *mode, wrong, status=255)

    def test_is_compiled(self):
        module = self.file("fuel.wat", FUEL.replace("INSTRUCTION", "i32.abs"))
        _, stats = self.run("run", "--tier=baseline", "--stats=json", module)
        found = json.loads(stats)
        assert found["functions"]["compiled"] == 1 and found["compile"]["left"]["not_covered"] == 0, stats

    def test_costs_what_any_instruction_costs(self):
        used = set()
        for name in ("i32.abs", "i32.popcnt"):
            module = self.file("fuel.wat", FUEL.replace("INSTRUCTION", name))
            for mode in MODES:
                mode = [word for word in mode if "spill" not in word]
                _, stats = self.run("run", "--limited-fuel=100000", "--stats=json", *mode, module)
                used.add(json.loads(stats)["fuel"]["used"])
        assert len(used) == 1 and used.pop() > 100, used

    def test_is_printed_and_read(self):
        text = self.file("fuel.wat", FUEL.replace("INSTRUCTION", "i32.abs"))
        binary = os.path.join(self.folder, "build", "fuel.wasm")
        self.run("wasm", "--output", binary, text)
        with open(binary, "rb") as file:
            assert b"\xfc\xfa\x01" in file.read()
        assert "i32.abs" in self.run("wat", binary)[0]
        assert "i32.abs" in self.run("objdump", binary)[0]
        self.run("validate", binary)

    def test_has_a_feature(self):
        module = self.file("fuel.wat", FUEL.replace("INSTRUCTION", "i32.abs"))
        assert "integer-abs" in self.run("inspect", module)[0]
        self.run("validate", "--features=-integer-abs", module, status=255)


def run_tests(description, folder, checks, copy_class):
    """The checks, and without --check the tests of the copy too."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--folder", default=os.path.join(ROOT, "build", folder))
    args = parser.parse_args()
    tests = list(checks)
    if not args.check:
        copy = copy_class(args.folder)
        tests += [("the copy", copy.make), ("the build", copy.build)]
        tests += [(name, getattr(copy, name)) for name in dir(copy) if name.startswith("test_")]
    failed = 0
    for name, test in tests:
        try:
            test()
        except Exception:  # pylint: disable=broad-except
            traceback.print_exc()
            print(f"FAILED {name}")
            failed += 1
    print(f"{len(tests) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(run_tests(__doc__, "walkthrough", [("the blocks fit", check_fits),
                                                ("a block that does not is noticed", check_notices)], Copy))
