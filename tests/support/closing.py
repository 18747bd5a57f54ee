"""The loop every suite in Python ends with: its tests one after the other, and the closing line `N passed, N failed`.

Entry points: run_all(tests, counted), module_tests(names). A test that fails tells its line on standard error, and the others still run.
"""

import sys
import traceback


def module_tests(names, only=()):
    """[(name, function)] of a module's globals in the order written; `only` are whole names."""
    return [(name, test) for name, test in list(names.items()) if name.startswith("test_") and (not only or name in only)]


def run_all(tests, counted=lambda: 0):
    """The exit status after running [(name, callable)]; `counted()` is asked in the end for what passed besides them.

    No test at all is a failure too: a name that nothing has must not look like success.
    """
    passed = failed = 0
    for name, test in tests:
        try:
            test()
            passed += 1
        except Exception as problem:  # a test may fail in any way; the others still run
            failed += 1
            home = test.__code__.co_filename
            frames = traceback.extract_tb(problem.__traceback__)
            place = [frame for frame in frames if frame.filename == home][-1]
            print(f"FAIL {name} (line {place.lineno}): {type(problem).__name__} {problem}", file=sys.stderr)
            if frames[-1] is not place:
                print(f"  raised at {frames[-1].filename}:{frames[-1].lineno}", file=sys.stderr)
    sys.stderr.flush()
    passed += counted()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0
