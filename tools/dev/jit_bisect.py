#!/usr/bin/env python3
"""Finds the functions whose compilation makes a program misbehave.

  jit_bisect.py [--seconds N] [--stderr] [--status] -- bls run --tier=baseline prog.wasm
  jit_bisect.py -- ./is_it_right.sh {}

The command compiles; `{}` in it, or the place behind its second word, gets --compile-only=RANGES, so that all other
functions stay interpreted. Right is how it ends and what it prints with nothing compiled; --stderr looks at that output
too, --status at the exit status alone. A run longer than --seconds is another way to end. A module's functions are counted
from 0, imported ones first; every module of the process is meant.

First the shortest prefix 0-N of the functions that goes wrong is searched: N is one of them. If N alone is right, the
shortest prefix that goes wrong together with N, and so on, then each one found is left out again: what is printed is a
set of functions of which none can be left out. About 20 runs for each. Last a line for machines: `functions: 7,12`.
Exit status: 0 found, 1 there is nothing to find, 2 the command does not do the same every time.

Next: `bls explain --func N prog.wasm` shows what the function became.
"""

import argparse
import subprocess
import sys

MOST = 1 << 20  # more functions than a module may have


def ranges(functions, prefix=0):
    """Of 0 … prefix-1 and `functions`, as an option's value."""
    words = [f"0-{prefix - 1}"] if prefix else []
    return ",".join(words + [str(index) for index in sorted(functions) if index >= prefix]) or "none"


class Search:
    """goes_wrong(value): whether the program misbehaves with --compile-only=value."""

    def __init__(self, goes_wrong):
        self.goes_wrong = goes_wrong
        self.known = {}

    def wrong(self, functions, prefix=0):
        value = ranges(functions, prefix)
        if value not in self.known:
            self.known[value] = self.goes_wrong(value)
        return self.known[value]

    def last_of_prefix(self, found):
        """The last function of the shortest prefix that goes wrong together with `found`; None: none does."""
        high = 1
        while not self.wrong(found, high):
            if high >= MOST:
                return None
            high *= 2
        low = high // 2  # right
        while high - low > 1:
            middle = (low + high) // 2
            if self.wrong(found, middle):
                high = middle
            else:
                low = middle
        return high - 1

    def run(self):
        """The functions, ascending; None when everything compiled is right."""
        if not self.wrong((), MOST):
            return None
        found = []
        while not self.wrong(found):
            last = self.last_of_prefix(found)
            if last is None or last in found:
                return []  # not twice the same
            found.append(last)
        for index in list(found):
            without = [other for other in found if other != index]
            if self.wrong(without):
                found = without
        return sorted(found)


class Command:
    def __init__(self, words, args):
        if "{}" not in words:
            words = words[:2] + ["{}"] + words[2:]
        self.words, self.args = words, args
        self.runs = 0

    def outcome(self, value):
        words = [f"--compile-only={value}" if word == "{}" else word for word in self.words]
        self.runs += 1
        try:
            done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  timeout=self.args.seconds, check=False)
        except subprocess.TimeoutExpired:
            return "did not end"
        except OSError as why:
            sys.exit(f"jit_bisect: {words[0]}: {why}")
        if self.args.status:
            return (done.returncode,)
        return (done.returncode, done.stdout) + ((done.stderr,) if self.args.stderr else ())


def shown(outcome):
    return outcome if isinstance(outcome, str) else f"status {outcome[0]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60, help="for one run")
    parser.add_argument("--stderr", action="store_true", help="compare standard error too")
    parser.add_argument("--status", action="store_true", help="compare the exit status alone")
    parser.add_argument("command", nargs="+")
    args = parser.parse_args()
    command = Command(args.command, args)
    right = command.outcome("none")
    if command.outcome("none") != right:
        print("jit_bisect: it does not do the same every time, with nothing compiled")
        return 2

    def goes_wrong(value):
        outcome = command.outcome(value)
        wrong = outcome != right
        print(f"{'wrong' if wrong else 'right'}  {value}" + (f"  ({shown(outcome)})" if wrong else ""), flush=True)
        return wrong

    found = Search(goes_wrong).run()
    if found is None:
        print(f"jit_bisect: nothing to find, it ends right with everything compiled ({shown(right)})")
        return 1
    if not found:
        print("jit_bisect: it does not do the same every time, with the same functions compiled")
        return 2
    print(f"{command.runs} runs; {'this one' if len(found) == 1 else 'these together'} compiled, and it goes wrong")
    print("functions: " + ",".join(map(str, found)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
