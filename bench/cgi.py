#!/usr/bin/env python3
"""What starting a program through blockless_cgi costs beside posix_spawn, and how long a run takes to end with what it started.

    bench/cgi.py [--runs N] [--cycles N] [--engine CMD] [--json OUT]

A cycle is: start an echo program written in C, send it 64 bytes, read them back, end it and wait until it is gone. The guest
does that N times in one run; a run of one cycle is taken off, which leaves N - 1 cycles. Natively the same is done by a C
program with posix_spawn, kill and waitpid. The delay at the end is from the guest's last instruction to the end of the process,
with a child that ignores SIGTERM.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile
import time

import common
import run
from common import ROOT

sys.path.insert(0, str(ROOT / "tests" / "cli"))
import cgi_guests as g  # noqa: E402

GOAL_SHARE, GOAL_SECONDS, GOAL_DELAY = 0.10, 20e-6, 200e-3
ECHO = r"""
#include <string.h>
#include <unistd.h>
int main(int argc, char** argv) {
  static const char info[] = "{\"alias\":\"echo\",\"description\":\"echo\",\"is_cgi\":true}";
  char piece[4096];
  long n;
  if (argc > 1 && !strcmp(argv[1], "--ext_verify")) return write(1, info, sizeof info - 1) < 0;
  while ((n = read(0, piece, sizeof piece)) > 0)
    if (write(1, piece, n) != n) return 1;
  return 0;
}
"""
NATIVE = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
int main(int argc, char** argv) {
  int count = atoi(argv[2]);
  char piece[64] = {0}, *words[] = {argv[1], 0}, *none[] = {0};
  struct timespec a, b;
  clock_gettime(CLOCK_MONOTONIC, &a);
  for (int i = 0; i < count; ++i) {
    int in[2], out[2], err[2];
    if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC)) return 1;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    posix_spawn_file_actions_adddup2(&actions, err[1], 2);
    pid_t pid;
    if (posix_spawn(&pid, argv[1], &actions, 0, words, none)) return 1;
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]), close(out[1]), close(err[1]);
    if (write(in[1], piece, sizeof piece) < 0 || read(out[0], piece, sizeof piece) <= 0) return 1;
    kill(pid, SIGKILL);
    if (waitpid(pid, 0, 0) != pid) return 1;
    close(in[1]), close(out[0]), close(err[0]);
  }
  clock_gettime(CLOCK_MONOTONIC, &b);
  printf("%f\n", (b.tv_sec - a.tv_sec) + (b.tv_nsec - a.tv_nsec) / 1e9);
}
"""
STUBBORN = """#!/bin/sh
if [ "$1" = "--ext_verify" ]; then echo '{"alias":"stubborn","description":"d","is_cgi":true}'; exit 0; fi
trap '' TERM; setsid sh -c 'trap "" TERM; while :; do sleep 9; done' </dev/null >/dev/null 2>&1 & echo; while :; do sleep 9; done
"""


def compile_c(folder, name, text):
    source = folder / (name + ".c")
    source.write_text(text)
    subprocess.run(["cc", "-O2", "-static", "-o", folder / name, source], check=True)
    return folder / name


def seconds(command):
    start = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - start


def ending(command):
    """From the guest's last output to the end of the process."""
    child = subprocess.Popen(command, stdout=subprocess.PIPE)
    while child.stdout.read(1) != b"!":
        pass
    start = time.monotonic()
    child.wait()
    child.stdout.close()
    return time.monotonic() - start


def main():
    parser = argparse.ArgumentParser(description="Measure blockless_cgi beside posix_spawn.")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--cycles", type=int, default=500)
    parser.add_argument("--engine", help="command put before the options and FILE")
    parser.add_argument("--json", metavar="OUT")
    options = parser.parse_args()
    engine = run.resolve_engine(common.load_corpus(), options.engine)
    common.print_machine(common.describe_machine() | {"engine": " ".join(engine)})
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        root = folder / "extensions"
        root.mkdir()
        echo = compile_c(root, "echo", ECHO)
        (root / "echo.c").unlink()
        native = compile_c(folder, "native", NATIVE)
        (root / "stubborn").write_text(STUBBORN)
        (root / "stubborn").chmod(0o755)
        time.sleep(3)  # until the file's times are settled (extensions/cgi/catalog.h)
        cycle = [g.opens({"command": "echo"}, loud=False), g.writes("x" * 64, loud=False), g.read_once("cgi_stdout_read"),
                 f"(if (call $cgi_close {g.HANDLE}) (then (unreachable)))"]

        def guest(count):
            path = folder / f"{count}.wat"
            path.write_text(g.guest(g.times(count, *cycle)))
            return [*engine, "--drivers-root-path", str(root), str(path)]
        one, many = guest(1), guest(options.cycles)
        seconds(one)  # the first run makes the database
        ours, theirs = [], []
        for _ in range(options.runs):
            ours.append((seconds(many) - seconds(one)) / (options.cycles - 1))
            theirs.append(float(subprocess.run([native, echo, str(options.cycles)], check=True, capture_output=True).stdout) / options.cycles)
        path = folder / "end.wat"
        path.write_text(g.guest(g.opens({"command": "stubborn"}, loud=False), g.read_once("cgi_stdout_read"), g.prints("!")))
        delays = sorted(ending([*engine, "--drivers-root-path", str(root), str(path)]) for _ in range(options.runs))
    ours_one, theirs_one = common.median(ours), common.median(theirs)
    more = ours_one - theirs_one
    goal = max(GOAL_SECONDS, GOAL_SHARE * theirs_one)
    print(f"\n  one cycle      guest {ours_one * 1e6:8.1f} us   posix_spawn {theirs_one * 1e6:8.1f} us   more {more * 1e6:8.1f} us "
          f"(goal {goal * 1e6:.1f}: {'met' if more <= goal else 'not met'})")
    print(f"  end of a run with a stubborn child: median {common.median(delays) * 1e3:.1f} ms, worst {delays[-1] * 1e3:.1f} ms "
          f"(goal {GOAL_DELAY * 1e3:.0f}: {'met' if delays[-1] <= GOAL_DELAY else 'not met'})")
    common.save_json(options.json, {"guest": ours, "posix_spawn": theirs, "delays": delays})


if __name__ == "__main__":
    common.start(main)
