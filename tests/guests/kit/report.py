"""Progress and result of a driver: one line per case, a closing line `N passed, N failed`, exit status.

Lines go to stdout at once, so that a driver that is killed shows how far it came.
"""

import json
import sys


class Report:
    def __init__(self, as_json: bool = False):
        self.as_json = as_json
        self.cases = []

    def add(self, name: str, problems, seconds: float | None = None, note: str = ""):
        """problems: list of texts, empty when the case passed."""
        problems = list(problems)
        self.cases.append({"name": name, "passed": not problems, "seconds": seconds, "problems": problems,
                           "note": note})
        if self.as_json:
            return
        took = f"{seconds:8.2f} s" if seconds is not None else " " * 10
        tail = f"  ({note})" if note else ""
        print(f"{'ok  ' if not problems else 'FAIL'} {took}  {name}{tail}")
        for problem in problems:
            print("\n".join("       " + line for line in problem.splitlines()))
        sys.stdout.flush()

    def finish(self) -> int:
        """Prints the closing line; returns the exit status. No case at all is a failure too."""
        passed = sum(case["passed"] for case in self.cases)
        failed = len(self.cases) - passed
        if self.as_json:
            print(json.dumps({"cases": self.cases, "passed": passed, "failed": failed}, indent=1))
        else:
            print(f"{passed} passed, {failed} failed")
        return 0 if passed and not failed else 1
