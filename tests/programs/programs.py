"""The programs of manifest.toml: fetching, building, running; shared by run.py and record.py.

Program.prepare() brings the package and the module; Program.run_steps() runs the steps in one fresh work
folder and yields what happened as plain data ("observed"), in the form expected.json stores it.
"""

import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "guests"))

from kit import fetch, paths, toolchain  # noqa: E402

INLINE = 4096  # longer outputs are recorded as length and sha256 only


def load():
    with open(HERE / "manifest.toml", "rb") as file:
        return [Program(entry) for entry in tomllib.load(file)["program"]]


def describe(data: bytes):
    """Bytes as recorded: the text itself when short and plain, else length and digest."""
    try:
        if len(data) <= INLINE:
            return {"text": data.decode()}
    except UnicodeDecodeError:
        pass
    return {"size": len(data), "sha256": paths.sha256(data)}


class Program:
    def __init__(self, entry: dict):
        self.entry = entry
        self.name = entry["name"]
        self.steps = entry["step"]
        self.package = self.source = self.built = None
        self.folders = {}

    def prepare(self):
        """Fetches and builds; FetchError or BuildError say what is missing."""
        if package := self.entry.get("package"):
            self.package = fetch.npm_package(package["name"], package["version"], package["sha256"])
        if source := self.entry.get("source"):
            self.source = fetch.debian_source(source["package"], source["archive"], source["sha256"])
        if recipe := self.entry.get("build"):
            base = {"here": HERE, "tree": paths.ROOT, "package": self.package, "source": self.source}[recipe["at"]]
            sources = [source.replace("{here}", str(HERE)) for source in recipe["sources"]]
            self.built = toolchain.build(self.name, {**recipe, "sources": sources}, base)
        for name, made in self.entry.get("folders", {}).items():
            self.folders[name] = self.make_folder(name, made)

    def make_folder(self, name: str, made: dict) -> Path:
        folder = paths.CACHE / "folders" / f"{self.package.name}-{name}"
        with paths.locked(folder.name):
            if folder.is_dir():
                return folder
            folder.parent.mkdir(parents=True, exist_ok=True)
            if "tar" in made:
                fetch.unpack(self.package / made["tar"], folder, strip=0)
                return folder
            part = folder.with_name(folder.name + ".part")
            shutil.rmtree(part, ignore_errors=True)
            command = [toolchain.node(), str(HERE / made["script"]), str(self.package), str(part)]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode != 0:
                raise fetch.FetchError(f"{made['script']}: {done.stderr.strip()}")
            part.rename(folder)
        return folder

    def locate(self, reference: str, work: Path) -> Path:
        if reference == "built":
            return self.built
        where, path = reference.split(":", 1)
        return {"package": self.package, "source": self.source, "work": work, "tree": paths.ROOT}[where] / path

    def run_steps(self, engine):
        """Yields (step, observed, Outcome) for each step. Stops after a step that timed out."""
        with tempfile.TemporaryDirectory(prefix="bls-program-") as scratch:
            work, temp = Path(scratch) / "work", Path(scratch) / "temp"
            work.mkdir()
            temp.mkdir()
            for name in self.entry.get("inputs", []):
                path = self.locate(name, work) if ":" in name else HERE / name
                shutil.copyfile(path, work / path.name)
            for step in self.steps:
                outcome = self.run_step(engine, step, work, temp)
                yield step, self.observe(step, work, outcome), outcome
                if outcome.status is None:
                    return

    def run_step(self, engine, step: dict, work: Path, temp: Path):
        module = self.locate(step["module"], work)
        timeout = step.get("timeout", 120)
        if step.get("validate"):
            outcome = engine.validate(module, timeout, step.get("without") or step.get("needs"))
            if "needs" in step and not engine.is_node:
                outcome.status = 0 if outcome.status else 1
            return outcome
        folders = {"work": work, "temp": temp, **self.folders}
        stdin = step.get("stdin", "").encode()
        if "stdin_file" in step:
            stdin = (work / step["stdin_file"]).read_bytes() if (work / step["stdin_file"]).is_file() else b""
        dirs = [(folders[name], guest) for name, guest in step.get("dirs", [])]
        return engine.run(module, step.get("args", []), dirs, step.get("env"), stdin, timeout)

    def observe(self, step: dict, work: Path, outcome) -> dict:
        if step.get("validate"):
            return {"status": outcome.status}
        files = {}
        for name in step.get("outputs", []):
            path = work / name
            files[name] = describe(path.read_bytes()) if path.is_file() else "absent"
        for name in step.get("absent", []):
            files[name] = "present" if (work / name).exists() else "absent"
        observed = {"status": "trap" if step.get("trap") and outcome.status else outcome.status,
                    "stdout": describe(outcome.out)}
        if not step.get("trap"):
            observed["stderr"] = describe(outcome.err)
        elif outcome.err:
            # After a trap the engine's own words follow the guest's: only the latter are compared.
            observed["stderr"] = {"starts": outcome.err.decode(errors="replace")}
        if files:
            observed["files"] = files
        return observed
