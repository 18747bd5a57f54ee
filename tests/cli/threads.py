#!/usr/bin/env python3
"""Threads of guests (`--feature-thread`, wasi.thread-spawn) through the programs, in every tier.

Usage: threads.py --bin DIR [--only WORD]
The guests are written in the text format below. Every run has a watchdog; nothing is asserted about time. The last line is
`N passed, N failed`.
"""

import os
import subprocess
import sys
import tempfile

import driver

# Memory: 0 finished threads, 4 shared counter, 8 a word nobody changes, 16.. ids; 64 an active data segment, 96 iovec.
HEAD = """(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (import "env" "memory" (memory 2 16 shared))
  (export "memory" (memory 0))
  (data (i32.const 64) "unchanged")
  (func $wait_for (param $n i32)          ;; until $n threads have finished
    (local $seen i32)
    (loop $again
      (local.set $seen (i32.atomic.load (i32.const 0)))
      (if (i32.lt_u (local.get $seen) (local.get $n))
        (then
          (drop (memory.atomic.wait32 (i32.const 0) (local.get $seen) (i64.const -1)))
          (br $again)))))
  (func $done
    (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))
    (drop (memory.atomic.notify (i32.const 0) (i32.const -1))))
  (func $forever (drop (memory.atomic.wait32 (i32.const 8) (i32.const 0) (i64.const -1))))
  (func $spin (loop $again (br $again)))
  (func $sleep                            ;; an hour, by poll_oneoff on a clock
    (i32.store (i32.const 1040) (i32.const 1))
    (i64.store (i32.const 1048) (i64.const 3600000000000))
    (drop (call $poll (i32.const 1024) (i32.const 1080) (i32.const 1) (i32.const 1120))))
  (func $input                            ;; a byte of standard input
    (i32.store (i32.const 1200) (i32.const 1300))
    (i32.store (i32.const 1204) (i32.const 1))
    (drop (call $read (i32.const 0) (i32.const 1200) (i32.const 1) (i32.const 1212))))
"""

ADDER = """
  (func (export "wasi_thread_start") (param $id i32) (param $times i32)
    (loop $again
      (drop (i32.atomic.rmw.add (i32.const 4) (i32.const 1)))
      (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
    (call $done))
"""

WAYS = (("interp", ["--tier=interp"]), ("loop", ["--tier=interp", "--dispatch=loop"]),
        ("checked", ["--memory-mode=checked"]), ("baseline", ["--tier=baseline"]),
        ("auto", ["--tier=auto", "--compile-at-call=1", "--compile-at-loop=1"]),
        ("eager", ["--tier=baseline", "--compile=eager", "--memory-mode=checked"]))
BLOCKS = ("forever", "spin", "sleep", "input")


def module(*parts):
    return HEAD + "\n".join(parts) + ")\n"


class Threads:
    def __init__(self, folder):
        folder = os.path.abspath(folder)
        self.bls = os.path.join(folder, "bls")
        self.runtime = os.path.join(folder, "bls-runtime")
        self.temp = tempfile.TemporaryDirectory()
        self.dir = self.temp.name
        version = subprocess.run([self.bls, "--version"], capture_output=True, check=True).stdout.decode()
        self.ways = [(name, flags) for name, flags in WAYS if "baseline" in version or "--tier=interp" in flags
                     or name == "checked"]
        self.files = 0

    def write(self, text):
        self.files += 1
        path = os.path.join(self.dir, f"g{self.files}.wat")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def run(self, path, *flags, program=None):
        """Standard input stays open and empty: a read of it blocks until the guest is ended."""
        words = [self.bls, "run"] if program is None else [program]
        with subprocess.Popen([*words, "--feature-thread", *flags, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, cwd=self.dir) as child:
            try:
                child.wait(timeout=60)
            except subprocess.TimeoutExpired:
                child.kill()
                raise AssertionError(f"still running: {flags}") from None
            return child.returncode, child.stdout.read(), child.stderr.read().decode()

    def expect(self, path, status, *flags, out=b"", err=None, program=None):
        got = self.run(path, *flags, program=program)
        assert got[0] == status, f"status {got[0]}, expected {status}: {got[2]!r} {flags}"
        assert got[1] == out, f"stdout {got[1]!r}, expected {out!r} {flags}"
        if err is not None:
            assert err in got[2], f"{err!r} not in {got[2]!r} {flags}"
            assert got[2].count("trap: ") + got[2].count("error: ") == 1, got[2]
        return got[2]

    def everywhere(self, path, status, *flags, **more):
        for _, way in self.ways:
            self.expect(path, status, *way, *flags, **more)

    # -- working together ---------------------------------------------------------------------------------------------

    def test_threads_add_to_one_counter(self):
        path = self.write(module(ADDER, """
  (func (export "_start") (local $left i32)
    (local.set $left (i32.const 6))
    (loop $again
      (if (i32.le_s (call $spawn (i32.const 5000)) (i32.const 0)) (then (call $exit (i32.const 99))))
      (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (call $wait_for (i32.const 6))
    (call $exit (i32.add (i32.const 20) (i32.eq (i32.atomic.load (i32.const 4)) (i32.const 30000)))))"""))
        self.everywhere(path, 21)
        self.expect(path, 21, program=self.runtime)

    def test_ids_are_positive_and_differ(self):
        path = self.write(module("""
  (func (export "wasi_thread_start") (param $id i32) (param $argument i32)
    (i32.atomic.store (i32.add (i32.const 16) (i32.mul (local.get $argument) (i32.const 4))) (local.get $id))
    (call $done) (call $forever))
  (func $told (param $n i32) (result i32)
    (i32.atomic.load (i32.add (i32.const 16) (i32.mul (local.get $n) (i32.const 4)))))
  (func (export "_start") (local $a i32) (local $b i32)
    (local.set $a (call $spawn (i32.const 1)))
    (local.set $b (call $spawn (i32.const 2)))
    (call $wait_for (i32.const 2))
    (if (i32.ne (local.get $a) (call $told (i32.const 1))) (then (call $exit (i32.const 90))))
    (if (i32.ne (local.get $b) (call $told (i32.const 2))) (then (call $exit (i32.const 91))))
    (if (i32.eq (local.get $a) (local.get $b)) (then (call $exit (i32.const 92))))
    (if (i32.le_s (local.get $a) (i32.const 0)) (then (call $exit (i32.const 93))))
    (call $exit (i32.const 7)))"""))
        self.everywhere(path, 7)

    def test_memory_is_shared_and_globals_are_not(self):
        path = self.write(module("""
  (global $own (mut i32) (i32.const 5))
  (func (export "wasi_thread_start") (param $id i32) (param $argument i32)
    (if (i32.ne (global.get $own) (i32.const 5)) (then (call $exit (i32.const 90))))
    (if (i32.ne (i32.load8_u (i32.const 64)) (i32.const 88)) (then (call $exit (i32.const 91))))
    (if (i32.ne (memory.grow (i32.const 3)) (i32.const 2)) (then (call $exit (i32.const 92))))
    (i32.store (i32.const 0x40000) (i32.const 1234))
    (call $done))
  (func (export "_start")
    (global.set $own (i32.const 6))
    (i32.store8 (i32.const 64) (i32.const 88))
    (if (i32.le_s (call $spawn (i32.const 0)) (i32.const 0)) (then (call $exit (i32.const 93))))
    (call $wait_for (i32.const 1))
    (if (i32.ne (memory.size) (i32.const 5)) (then (call $exit (i32.const 94))))
    (if (i32.ne (i32.load (i32.const 0x40000)) (i32.const 1234)) (then (call $exit (i32.const 95))))
    (call $exit (i32.const 8)))"""))
        self.everywhere(path, 8)

    def test_descriptors_are_shared(self):
        path = self.write(module("""
  (data (i32.const 1500) "from a thread\\0a")
  (func (export "wasi_thread_start") (param $id i32) (param $argument i32)
    (i32.store (i32.const 96) (i32.const 1500)) (i32.store (i32.const 100) (i32.const 14))
    (drop (call $write (i32.const 1) (i32.const 96) (i32.const 1) (i32.const 104)))
    (call $done))
  (func (export "_start")
    (drop (call $spawn (i32.const 0)))
    (call $wait_for (i32.const 1)))"""))
        self.everywhere(path, 0, out=b"from a thread\n")

    def test_the_first_thread_does_not_wait_for_the_others(self):
        for block in BLOCKS:
            path = self.write(module(f"""
  (func (export "wasi_thread_start") (param i32 i32) (call $done) (call ${block}))
  (func (export "_start")
    (drop (call $spawn (i32.const 0))) (drop (call $spawn (i32.const 0)))
    (call $wait_for (i32.const 2)))"""))
            self.everywhere(path, 0)

    # -- one thread ends all ------------------------------------------------------------------------------------------

    def test_an_exit_in_a_thread_ends_the_guest(self):
        for block in BLOCKS:
            path = self.write(module(f"""
  (func (export "wasi_thread_start") (param $id i32) (param $last i32)
    (call $done)
    (if (local.get $last) (then (call $wait_for (i32.const 2)) (call $exit (i32.const 7))))
    (call ${block}))
  (func (export "_start")
    (drop (call $spawn (i32.const 0))) (drop (call $spawn (i32.const 1)))
    (call ${block}) (call $exit (i32.const 99)))"""))
            self.everywhere(path, 7)
        self.expect(path, 7, program=self.runtime)

    def test_a_trap_in_a_thread_ends_the_guest(self):
        for block in BLOCKS:
            path = self.write(module(f"""
  (func (export "wasi_thread_start") (param i32 i32) (drop (i32.div_u (i32.const 1) (i32.load (i32.const 8)))))
  (func (export "_start") (drop (call $spawn (i32.const 0))) (call ${block}) (call $exit (i32.const 99)))"""))
            self.everywhere(path, 9, err="trap: integer divide by zero")

    def test_an_exit_in_the_first_thread_ends_the_others(self):
        for block in BLOCKS:
            path = self.write(module(f"""
  (func (export "wasi_thread_start") (param i32 i32) (call $done) (call ${block}))
  (func (export "_start")
    (drop (call $spawn (i32.const 0)))
    (call $wait_for (i32.const 1)) (call $exit (i32.const 6)))"""))
            self.everywhere(path, 6)

    # -- limits -------------------------------------------------------------------------------------------------------

    def test_the_time_limit_ends_all_threads(self):
        for block in BLOCKS:
            path = self.write(module(f"""
  (func (export "wasi_thread_start") (param i32 i32) (call ${block}))
  (func (export "_start") (drop (call $spawn (i32.const 0))) (call ${block}))"""))
            for _, way in self.ways:
                self.expect(path, 15, "--run-time", "200", *way, err="time limit reached")

    def test_fuel_is_for_all_threads_together(self):
        path = self.write(module("""
  (func (export "wasi_thread_start") (param i32 i32) (call $spin))
  (func (export "_start") (drop (call $spawn (i32.const 0))) (call $forever))"""))
        self.everywhere(path, 1, "--limited-fuel", "3000000", err="trap: all fuel consumed")
        # 6 threads of 10,000 rounds use some 400,000 units: twice that is enough, half is not.
        path = self.write(module(ADDER, """
  (func (export "_start") (local $left i32)
    (local.set $left (i32.const 6))
    (loop $again
      (drop (call $spawn (i32.const 10000)))
      (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (call $wait_for (i32.const 6)))"""))
        self.everywhere(path, 0, "--limited-fuel", "1200000")
        self.everywhere(path, 1, "--limited-fuel", "200000")

    def test_fuel_of_one_thread_counts_as_without_threads(self):
        path = self.write(module("""
  (func (export "wasi_thread_start") (param i32 i32))
  (func (export "_start") (local $n i32)
    (local.set $n (i32.const 150000))
    (loop $again (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))"""))
        seen = 1 + 2 + 149999 * 5  # used when the loop header looks for the last time
        for _, way in self.ways:
            for spare, status in ((-1, 1), (0, 1), (1, 0)):
                self.expect(path, status, f"--limited-fuel={seen + spare}", *way)

    def test_the_number_of_threads_is_limited(self):
        path = self.write(module("""
  (func (export "wasi_thread_start") (param i32 i32) (call $forever))
  (func (export "_start") (local $n i32)
    (loop $again
      (if (i32.gt_s (call $spawn (i32.const 0)) (i32.const 0))
        (then (local.set $n (i32.add (local.get $n) (i32.const 1))) (br $again))))
    (call $exit (local.get $n)))"""))
        self.everywhere(path, 5, "--max-threads", "5")
        self.expect(path, 64)
        self.expect(path, 0, "--max-threads=0")
        self.expect(path, 2, "--max-threads=10001", err="--max-threads must be between")
        alone = subprocess.run([self.bls, "run", "--max-threads=1", path], capture_output=True, timeout=60, check=False)
        assert alone.returncode == 2 and b"--max-threads needs --feature-thread" in alone.stderr, alone

    def test_many_short_threads(self):
        path = self.write(module("""
  (func (export "wasi_thread_start") (param i32 i32) (call $done))
  (func (export "_start") (local $left i32) (local $n i32)
    (local.set $left (i32.const 4000))
    (loop $again
      (if (i32.gt_s (call $spawn (i32.const 0)) (i32.const 0))
        (then (local.set $n (i32.add (local.get $n) (i32.const 1)))))
      (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (call $wait_for (local.get $n))
    (call $exit (i32.gt_u (local.get $n) (i32.const 3)))) """))
        self.everywhere(path, 1, "--max-threads=4")

    def test_memory_limits_hold_for_shared_memories(self):
        path = self.write(module("""
  (func (export "wasi_thread_start") (param i32 i32) (call $exit (i32.eq (memory.grow (i32.const 2)) (i32.const -1))))
  (func (export "_start") (drop (call $spawn (i32.const 0))) (call $forever))"""))
        self.everywhere(path, 0)
        self.everywhere(path, 1, "--limited-memory=3")
        self.everywhere(path, 1, f"--total-memory={3 * 65536}")
        self.everywhere(path, 16, "--limited-memory=1", err="memory minimum size of 2 pages")

    # -- what cannot start --------------------------------------------------------------------------------------------

    def test_threads_must_be_asked_for(self):
        path = self.write(module("""(func (export "_start"))"""))
        self.expect(path, 0)
        done = subprocess.run([self.bls, "run", path], capture_output=True, timeout=60, check=False)
        assert done.returncode == 255 and b'unknown import: ' in done.stderr and b'--feature-thread' in done.stderr, done

    def test_a_module_without_a_start_or_shared_memory_gets_none(self):
        start = """(func (export "_start") (call $exit (i32.eq (call $spawn (i32.const 0)) (i32.const -1))))"""
        self.everywhere(self.write(module(start)), 1)
        wrong = """(func (export "wasi_thread_start") (param i32))"""
        self.everywhere(self.write(module(wrong, start)), 1)
        own = module("""(func (export "wasi_thread_start") (param i32 i32))""", start)
        own = own.replace('(import "env" "memory" (memory 2 16 shared))', "").replace(
            '(export "memory" (memory 0))', '(memory (export "memory") 2 16 shared)')
        self.everywhere(self.write(own), 1)


if __name__ == "__main__":
    sys.exit(driver.main(Threads))
