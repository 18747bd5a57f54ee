"""Writes or checks sigv4_vectors.json: shapes.py signed by botocore and by @smithy/signature-v4.

  record.py [--check]    needs python3-botocore, node and the npm registry (or the cache)
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys

import shapes
import with_botocore

HERE = pathlib.Path(__file__).resolve().parent
FILE = HERE.parent / "data" / "sigv4_vectors.json"
sys.path.insert(0, str(HERE.parents[1] / "guests"))
from kit import fetch, paths  # noqa: E402

PACKAGES = ["@smithy/signature-v4@5.7.5", "@smithy/protocol-http@5.6.2", "@aws-crypto/sha256-js@5.2.0"]


def smithy(requests):
    folder = paths.CACHE / "npm-trees" / "signers"
    with paths.locked("npm-tree-signers"):
        if not (folder / "done").is_file():
            folder.mkdir(parents=True, exist_ok=True)
            fetch.run(["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", *PACKAGES])
            (folder / "done").touch()
    done = subprocess.run(["node", str(HERE / "with_smithy.cjs")], input=json.dumps(requests), capture_output=True, text=True, check=True,
                          env={**os.environ, "NODE_PATH": str(folder / "node_modules")})
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    requests = shapes.shapes()
    other = smithy(requests)
    rows = []
    for name, shape in requests.items():
        one = with_botocore.signature(shape)
        if one != other[name]:
            print(f"FAIL {name}: the signers disagree: {one} and {other[name]}", file=sys.stderr)
            return 1
        rows.append({"name": name, **{k: v for k, v in shape.items() if k != "body"}, "signature": one})
    text = "[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n"
    if not options.check:
        FILE.parent.mkdir(exist_ok=True)
        FILE.write_text(text)
    same = FILE.read_text() == text
    print(f"{len(rows) if same else 0} passed, {0 if same else len(rows)} failed")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
