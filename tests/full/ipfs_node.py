"""The commands of tests/cli/guests/ipfs_exchanges.json against a js-ipfs node of this machine, without network.

  ipfs_node.py --bin FOLDER [--work FOLDER] [--record] [--install-seconds N]

The node is npm's `ipfs`, installed below the work folder (289 MB) unless it is there. Each command must give the status and body
that the file has; --record writes the file anew, with the node's answers as they came over the wire. Where the node cannot be
installed one line says why, and all counts as skipped, never as passed. Closing line: `N passed, N failed` and `, N skipped`.
"""

import argparse
import contextlib
import json
import os
import queue
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "cli"))
from http_servers import Raw, free_port  # noqa: E402
from ipfs import IpfsGuest, received  # noqa: E402

EXCHANGES = TESTS / "cli" / "guests" / "ipfs_exchanges.json"
START_SECONDS = 120
# js-ipfs wants a newer Node.js than Debian's.
POLYFILL = """Promise.withResolvers ??= () => { let resolve, reject; const promise = new Promise((a, b) => { resolve = a; reject = b })
  return { promise, resolve, reject } }
"""


def install(work, seconds):
    """(the node's program, None), or (None, why there is none)."""
    program = os.path.join(work, "node_modules", ".bin", "jsipfs")
    if os.path.exists(program):
        return program, None
    npm = shutil.which("npm")
    if npm is None:
        return None, "there is no npm here"
    os.makedirs(work, exist_ok=True)
    try:
        done = subprocess.run([npm, "install", "--no-audit", "--no-fund", "ipfs"], cwd=work, capture_output=True, text=True, timeout=seconds,
                              stdin=subprocess.DEVNULL, check=False)
    except subprocess.TimeoutExpired:
        return None, f"npm install takes more than {seconds} s"
    if done.returncode != 0 or not os.path.exists(program):
        return None, "npm install ipfs: " + (done.stderr.strip().splitlines() or ["no program"])[-1]
    return program, None


@contextlib.contextmanager
def node(program, folder):
    """A node that knows nobody; its port."""
    polyfill = os.path.join(folder, "polyfill.cjs")
    with open(polyfill, "w") as f:
        f.write(POLYFILL)
    env = {**os.environ, "IPFS_PATH": os.path.join(folder, "repo"), "NODE_OPTIONS": f"--require {polyfill}"}
    subprocess.run([program, "init", "--empty-repo"], env=env, check=True, capture_output=True, timeout=START_SECONDS)
    config = os.path.join(folder, "repo", "config")
    with open(config) as f:
        keys = json.load(f)
    port = free_port()
    keys["Addresses"] = {"Swarm": [], "Delegates": [], "API": f"/ip4/127.0.0.1/tcp/{port}", "Gateway": f"/ip4/127.0.0.1/tcp/{free_port()}"}
    keys["Bootstrap"] = []
    keys.setdefault("Discovery", {}).setdefault("MDNS", {})["Enabled"] = False
    with open(config, "w") as f:
        json.dump(keys, f)
    process = subprocess.Popen([program, "daemon", "--offline"], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True)
    lines = queue.Queue()
    threading.Thread(target=lambda: [lines.put(line) for line in process.stdout], daemon=True).start()
    try:
        while "ready" not in lines.get(timeout=START_SECONDS):
            pass
        yield port
    finally:
        process.kill()
        process.wait(30)


def through(port, exchange, runtime, folder):
    """Runs one command; what the guest printed, and what the node sent."""
    sent = []

    def relay(connection, head):
        body = received(connection, head)
        head = head.split(b"\r\n\r\n")[0].replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
        with socket.create_connection(("127.0.0.1", port)) as there:
            there.sendall(head + b"\r\n\r\n" + body)
            answer = b"".join(iter(lambda: there.recv(65536), b""))
        sent.append(answer)
        connection.sendall(answer)
    server = Raw(relay)
    guest = IpfsGuest().command(exchange["api"], *exchange["args"])
    if "data" in exchange:
        guest.write(exchange["data"])
    file = os.path.join(folder, "guest.wat")
    with open(file, "w") as f:
        f.write(guest.read().wat())
    done = subprocess.run([runtime, "--ipfs-api", f"127.0.0.1:{server.port}", "--allow-all", file], capture_output=True, cwd=folder,
                          stdin=subprocess.DEVNULL, timeout=60, check=True)
    server.stop()
    return done.stdout.decode("latin-1"), sent[0].decode("latin-1")


def wanted(exchange):
    if "data" in exchange:
        return f"0 0\n0 {len(exchange['data'])}\n0 0 \n"
    return f"0 {exchange['status']}\n0 {len(exchange['body'])} {exchange['body']}\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--work", default="build/ipfs_node")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--install-seconds", type=int, default=900)
    options = parser.parse_args()
    exchanges = json.loads(EXCHANGES.read_text())
    program, why = install(os.path.abspath(options.work), options.install_seconds)
    if program is None:
        print(f"no node: {why}", file=sys.stderr)
        print(f"0 passed, 0 failed, {len(exchanges)} skipped")
        return 0
    failed = 0
    with tempfile.TemporaryDirectory() as folder, node(program, folder) as port:
        for exchange in exchanges:
            printed, exchange["answer"] = through(port, exchange, os.path.abspath(os.path.join(options.bin, "bls-runtime")), folder)
            if printed != wanted(exchange):
                failed += 1
                print(f"FAIL {exchange['api']} {exchange['args']}: {printed!r}, recorded {wanted(exchange)!r}", file=sys.stderr)
    if options.record and not failed:
        EXCHANGES.write_text("[\n" + ",\n".join(map(json.dumps, exchanges)) + "\n]\n")
    print(f"{len(exchanges) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
