"""What is generated from the option table: the committed reference page, the man page, the completion scripts.

  pages.py --bin FOLDER [--only WORD]
"""

import os
import re
import shutil
import subprocess
import sys

import driver

SHELLS = ("bash", "zsh", "fish")


class Pages(driver.Driver):
    def text(self, *words):
        done = self.call(*words, program=self.bls)
        self.expect(done, 0, None, "^$")
        return done.stdout.decode()

    def flags(self):
        """Options that help lists anywhere, with their places, from the table itself."""
        with open(os.path.join(driver.ROOT, "runtime", "option.def")) as f:
            rows = re.findall(r'^OPTION\(\w+, "([^"]+)", (\w+), "((?:[^"\\]|\\.)*)", "[^"]*", [^,]+, [^,]+, ([A-Z|]+), "[^"]*", "[^"]*", "([^"]*)',
                              f.read(), re.MULTILINE)
        assert len(rows) > 60, len(rows)
        return [(flag, kind, value, places) for flag, kind, value, places, help_ in rows if help_]

    def test_the_committed_reference_page_is_what_the_table_generates(self):
        with open(os.path.join(driver.ROOT, "docs", "reference.md")) as f:
            committed = f.read()
        assert committed == self.text("help", "--reference"), "run: bls help --reference >docs/reference.md"
        for flag, *_ in self.flags():
            assert f"--{flag}" in committed, flag

    def test_the_man_page_has_every_option_and_formats_without_a_warning(self):
        page = self.text("help", "--man")
        for flag, *_ in self.flags():
            assert "\\-\\-" + flag.replace("-", "\\-") in page, flag
        if shutil.which("groff"):
            done = subprocess.run(["groff", "-man", "-Tascii", "-ww", "-z"], input=page.encode(), capture_output=True)
            assert done.returncode == 0 and done.stderr == b"", done.stderr

    def test_every_completion_script_knows_every_option(self):
        for shell in SHELLS:
            script = self.text("completion", shell)
            for flag, kind, _, places in self.flags():
                if kind != "Refused":
                    dashes = f" -l {flag} " if shell == "fish" else f"--{flag}"
                    assert dashes in script, (shell, flag)
            if shutil.which(shell):
                done = subprocess.run([shell, "-n", self.write("script", script)], capture_output=True)
                assert done.returncode == 0, done.stderr
        self.expect(self.call("completion", program=self.bls), 2, err="which shell\\?")
        self.expect(self.call("completion", "csh", program=self.bls), 2, err="which shell\\?")

    def complete(self, *words):
        """What bash offers for the last word, which it has split at `=` as it does by itself."""
        script = self.write("bls.bash", self.text("completion", "bash"))
        quoted = " ".join(f"'{word}'" for word in words)
        code = f"source {script}; COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _bls {words[0]}; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        done = subprocess.run(["bash", "--norc", "-c", code], capture_output=True, text=True, cwd=self.dir)
        assert done.returncode == 0 and done.stderr == "", done.stderr
        return done.stdout.split()

    def test_bash_completes_commands_options_and_values(self):
        assert self.complete("bls", "va") == ["validate"]
        assert "--limited-fuel" in self.complete("bls", "run", "--lim") and "--limited-memory" in self.complete("bls-runtime", "--lim")
        assert self.complete("bls", "run", "--tier", "=", "b") == ["baseline"]
        assert self.complete("bls-runtime", "--tier", "a") == ["auto"]
        assert self.complete("bls", "completion", "f") == ["fish"]
        assert self.complete("bls", "validate", "--jso") == ["--json"] and self.complete("bls", "wat", "--tier") == []
        assert self.complete("bls", "run", "x.wasm", "--", "--ti") == []
        os.makedirs(self.path("folder"), exist_ok=True)
        assert self.complete("bls", "run", "--dir", "fol") == ["folder"]

    def test_help_names_the_short_option_and_every_command(self):
        assert "-O, --opt K=V[,K=V]|help" in self.text("help", "run")
        overview = self.text("help")
        with open(os.path.join(driver.ROOT, "docs", "reference.md")) as f:
            page = f.read()
        for name in re.findall(r"^  bls (\w+)", overview, re.MULTILINE):
            assert f"`bls {name} " in page, name
            done = self.call(name, "--help", program=self.bls)
            assert done.returncode == 0 and done.stdout.startswith(b"usage: bls"), name


if __name__ == "__main__":
    sys.exit(driver.main(Pages))
