"""Where things are. Every folder below build/ may be deleted at any time and is made again.

BLS_BUILD moves the build folder (default: build/ at the root of the tree), BLS_CACHE the cache of
downloads and built guests (default: build/cache/guests), so that CI can keep the latter between runs.
"""

import contextlib
import fcntl
import hashlib
import os
from pathlib import Path

KIT = Path(__file__).resolve().parent
ROOT = KIT.parents[2]
BUILD = Path(os.environ.get("BLS_BUILD", ROOT / "build")).resolve()
CACHE = Path(os.environ.get("BLS_CACHE", BUILD / "cache" / "guests")).resolve()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def sha256_file(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def locked(name: str):
    """Holds a lock between processes: ctest may start several drivers on a cold cache at once."""
    folder = CACHE / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / name.replace("/", "_"), "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
