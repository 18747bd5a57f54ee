#!/usr/bin/env python3
"""What a request costs through blockless_http, beside libcurl in a program of its own; what calls of bless.rpc_call and
blockless_memory.memory_read cost, the latter beside memcpy of as many bytes.

    bench/http_calls.py [--runs N] [--count N] [--bin FOLDER] [--json OUT]

The server is an nginx here, one request after the other, a body of six bytes. Both sides measure with their own monotonic
clock from the first request to the last, so that no process start is in it. The least of the runs counts.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import common
from common import ROOT

sys.path.insert(0, str(ROOT / "tests" / "cli"))
import http_guest  # noqa: E402
import http_servers  # noqa: E402

GOAL_PART, GOAL_NS = 0.10, 20_000  # over libcurl or memcpy, whichever is more; and for a ping
READ_BYTES = (64, 65536)


class MemoryGuest(http_guest.Guest):
    IMPORTS = """(import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32)))
      (import "blockless_memory" "memory_read" (func $input (param i32 i32 i32) (result i32)))"""


def guest(body, count, made):
    """A guest that does `body` count times and prints the nanoseconds of each."""
    steps = body(made)
    made.step(f"""(drop (call $clock (i32.const 1) (i64.const 1) (i32.const 32)))
      (local.set $c (i32.const {count})) (loop $l {steps} (br_if $l (local.tee $c (i32.sub (local.get $c) (i32.const 1)))))
      (drop (call $clock (i32.const 1) (i64.const 1) (i32.const 40)))
      (call $num (i32.wrap_i64 (i64.div_u (i64.sub (i64.load (i32.const 40)) (i64.load (i32.const 32))) (i64.const {count})))) (call $nl)""")
    clock = '(import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))'
    return made.wat().replace("(module ", "(module " + clock, 1)


def request(url):
    def body(made):
        return f"""(if (call $req {made.text(url)} {made.text('{"method":"get"}')} (i32.const 0) (i32.const 4)) (then (unreachable)))
          (drop (call $body (i32.load (i32.const 0)) (i32.const 1048576) (i32.const 4096) (i32.const 8)))
          (if (i32.ne (i32.load (i32.const 8)) (i32.const 6)) (then (unreachable)))
          (drop (call $close (i32.load (i32.const 0))))"""
    return body


def ping(made):
    text = made.text('{"jsonrpc":"2.0","method":"ping","id":1}')
    return f"(if (call $rpc {text} (i32.const 1048576) (i32.const 4096) (i32.const 8)) (then (unreachable)))"


def memory_read(size):
    def body(_):
        return f"""(if (call $input (i32.const 1048576) (i32.const {size}) (i32.const 8)) (then (unreachable)))
          (if (i32.ne (i32.load (i32.const 8)) (i32.const {size})) (then (unreachable)))"""
    return body


def least(commands, runs, cwd):
    """The least of the runs of each command; they take turns, so that what else the machine does meets all."""
    found = [[] for _ in commands]
    for _ in range(runs):
        for command, numbers in zip(commands, found):
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=cwd)
            if done.returncode != 0:
                raise common.BenchError(f"{command[0]}: {done.stderr.strip()[-200:]}")
            numbers.append(float(done.stdout.split()[-1]))
    return [min(numbers) for numbers in found]


def main():
    parser = argparse.ArgumentParser(description="Measure requests and calls through the extensions.")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--bin", default=str(ROOT / "build" / "release" / "bin"))
    parser.add_argument("--json", metavar="OUT")
    options = parser.parse_args()
    common.print_machine(common.describe_machine())
    runtime, results, met = os.path.join(os.path.abspath(options.bin), "bls-runtime"), {}, True
    with tempfile.TemporaryDirectory() as folder:
        native = os.path.join(folder, "http_native")
        subprocess.run(["cc", "-O2", str(ROOT / "bench" / "http_native.c"), "-o", native, "-lcurl"], check=True)
        ca = http_servers.TestCa(folder)
        os.makedirs(os.path.join(folder, "ng"))
        http_servers.Nginx.CONF = http_servers.Nginx.CONF.replace(
            "location /none", "location /once { keepalive_timeout 0; return 200 \"hello\\n\"; } location /none").replace(
            "keepalive_timeout 60;", "keepalive_timeout 60; keepalive_requests 1000000;")
        nginx = http_servers.Nginx(os.path.join(folder, "ng"), ca)
        try:
            print(f"\n  ns for one, least of {options.runs}\n  {'':<28} {'libcurl':>9} {'bls':>9} {'more':>9}")
            for name, path in (("http_req, kept connection", "/hello"), ("http_req, new connection", "/once")):
                url = nginx.url(path)
                pathlib.Path(folder, "guest.wat").write_text(guest(request(url), options.count, http_guest.Guest()))
                own, other = least([[runtime, "--permission", url, "guest.wat"], [native, url, str(options.count)]], options.runs,
                                   folder)
                results[name] = {"bls": own, "libcurl": other}
                good = own - other <= max(other * GOAL_PART, GOAL_NS)
                met = met and good
                print(f"  {name:<28} {other:9.0f} {own:9.0f} {own - other:+9.0f}  {'' if good else 'over the goal'}")
        finally:
            nginx.stop()
        pathlib.Path(folder, "guest.wat").write_text(guest(ping, options.count * 10, http_guest.Guest(rpc=True)))
        own, = least([[runtime, "guest.wat"]], options.runs, folder)
        results["rpc_call ping"] = {"bls": own}
        met = met and own <= GOAL_NS
        print(f"  {'rpc_call ping':<28} {'':>9} {own:9.0f} {'':>9}  {'' if own <= GOAL_NS else 'over the goal'}")
        copies = os.path.join(folder, "copy_native")
        subprocess.run(["cc", "-O2", str(ROOT / "bench" / "copy_native.c"), "-o", copies], check=True)
        print(f"\n  {'':<28} {'memcpy':>9} {'bls':>9} {'more':>9}")
        for size in READ_BYTES:
            name, count = f"memory_read, {size} bytes", options.count * 100
            pathlib.Path(folder, "guest.wat").write_text(guest(memory_read(size), count, MemoryGuest()))
            own, other = least([[runtime, "--stdin", "x" * size, "guest.wat"], [copies, str(size), str(count)]], options.runs, folder)
            results[name] = {"bls": own, "memcpy": other}
            good = own - other <= max(other * GOAL_PART, GOAL_NS)
            met = met and good
            print(f"  {name:<28} {other:9.0f} {own:9.0f} {own - other:+9.0f}  {'' if good else 'over the goal'}")
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(results, indent=1) + "\n")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
