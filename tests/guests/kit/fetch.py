"""Packages by name from npm and from Debian's source archive, through their ordinary clients.

npm_package() and debian_source() return a folder with the unpacked content. What was fetched is checked
against the sha256 the caller states and kept under the cache, so a second run needs no network. Every
failure is a FetchError whose text says which package and why.
"""

import os
import shutil
import subprocess
import tarfile
from pathlib import Path

from . import paths


class FetchError(Exception):
    pass


def run(command, **options):
    """Runs a client; a missing program or a non-zero status becomes a FetchError with its last words."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=600, **options)
    except FileNotFoundError:
        raise FetchError(f"{command[0]}: not installed") from None
    except subprocess.TimeoutExpired:
        raise FetchError(f"{' '.join(map(str, command))}: no answer within 600 s") from None
    if done.returncode != 0:
        words = (done.stderr or done.stdout).strip().splitlines()[-3:]
        raise FetchError(f"{' '.join(map(str, command))}: exit {done.returncode}: {' / '.join(words)}")
    return done.stdout


def check(path: Path, digest: str):
    found = paths.sha256_file(path)
    if found != digest:
        path.unlink()
        raise FetchError(f"{path.name}: sha256 is {found}, expected {digest}")


def unpack(archive: Path, folder: Path, strip: int):
    """Unpacks into folder all at once (by rename), dropping the first `strip` path components."""
    scratch = folder.with_name(folder.name + ".part")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    with tarfile.open(archive) as tar:
        for member in tar:
            parts = Path(member.name).parts[strip:]
            if not parts or ".." in parts or not (member.isfile() or member.isdir()):
                continue
            member.name = "/".join(parts)
            tar.extract(member, scratch, set_attrs=False)
            if member.isfile():
                os.chmod(scratch / member.name, 0o755 if member.mode & 0o100 else 0o644)
    shutil.rmtree(folder, ignore_errors=True)
    scratch.rename(folder)


def npm_package(name: str, version: str, digest: str) -> Path:
    """`npm pack NAME@VERSION`; digest is that of the .tgz, which npm never changes after publication."""
    stem = name.lstrip("@").replace("/", "-") + "-" + version
    folder = paths.CACHE / "npm" / stem
    stamp = folder.with_name(stem + ".sha256")
    with paths.locked("npm-" + stem):
        if folder.is_dir() and stamp.is_file() and stamp.read_text() == digest:
            return folder
        folder.parent.mkdir(parents=True, exist_ok=True)
        archive = folder.with_name(stem + ".tgz")
        if not archive.is_file():
            run(["npm", "pack", "--loglevel=error", "--ignore-scripts", "--pack-destination", str(folder.parent),
                 f"{name}@{version}"], cwd=folder.parent)
        if not archive.is_file():
            raise FetchError(f"npm pack {name}@{version}: wrote no {archive.name}")
        check(archive, digest)
        unpack(archive, folder, strip=1)
        archive.unlink()
        stamp.write_text(digest)
    return folder


def debian_source(package: str, archive: str, digest: str) -> Path:
    """Upstream's archive of a Debian source package (Debian's revisions may change, the archive does not).

    Uses apt with its own state below the cache and a deb-src line made from the deb lines apt already
    has, so the machine's configuration is not touched and no mirror is named here.
    """
    folder = paths.CACHE / "debian" / archive.split(".tar.")[0]
    stamp = folder.with_name(folder.name + ".sha256")
    with paths.locked("debian-source"):
        if folder.is_dir() and stamp.is_file() and stamp.read_text() == digest:
            return folder
        downloads = paths.CACHE / "debian" / "downloads"
        downloads.mkdir(parents=True, exist_ok=True)
        if not (downloads / archive).is_file():
            options = apt_options()
            run(["apt-get", *options, "source", "--download-only", "-y", package], cwd=downloads)
        if not (downloads / archive).is_file():
            raise FetchError(f"apt-get source {package}: brought no {archive}")
        check(downloads / archive, digest)
        unpack(downloads / archive, folder, strip=1)
        stamp.write_text(digest)
    return folder


def apt_options():
    """Options for apt-get with source lists; updates those lists once."""
    state = paths.CACHE / "debian" / "apt"
    sources = state / "sources.list"
    options = ["-o", f"Dir::Etc::sourcelist={sources}", "-o", "Dir::Etc::sourceparts=/dev/null",
               "-o", f"Dir::State::lists={state}/lists", "-o", f"Dir::Cache={state}/cache",
               "-o", "APT::Sandbox::User=root", "-o", "Acquire::Languages=none", "-qq"]
    if (state / "updated").is_file():
        return options
    for folder in ("lists/partial", "cache/archives/partial"):
        os.makedirs(state / folder, exist_ok=True)
    keys = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
    signed = f" [signed-by={keys}]" if keys.is_file() else ""
    fields = "$(REPO_URI)|$(CODENAME)|$(COMPONENT)|$(ORIGIN)|$(LABEL)"
    lines = set()
    for line in run(["apt-get", "indextargets", "--format", fields, "Created-By: Packages"]).splitlines():
        uri, codename, component, origin, label = line.split("|")
        if origin == "Debian" and label == "Debian" and "-" not in codename and component == "main":
            lines.add(f"deb-src{signed} {uri} {codename} {component}\n")
    if not lines:
        raise FetchError("apt has no Debian main archive configured (apt-get indextargets is empty); "
                         "run apt-get update first")
    sources.write_text("".join(sorted(lines)))
    run(["apt-get", *options, "update"])
    (state / "updated").touch()
    return options
