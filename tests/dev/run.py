#!/usr/bin/env python3
"""Tests of the scripts in tools/dev/ and of ./dev, each on a small tree made for the test.

Run by ctest; by hand: python3 tests/dev/run.py [NAME...]. Ends with `N passed, N failed`.
The scripts are run as processes, the way the build runs them.
"""

import os
import subprocess
import sys
import tempfile

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
DEV = os.path.join(ROOT, "tools", "dev")
sys.path[:0] = [DEV, os.path.join(ROOT, "tests", "support")]
import closing  # noqa: E402  (the path is set one line above)
import run_tests  # noqa: E402


def write(root, path, text=""):
    full = os.path.join(root, path)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, "w", encoding="utf-8") as file:
        file.write(text)


def run(*command, **kwargs):
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            stdin=subprocess.DEVNULL, check=False, **kwargs)
    return result.returncode, result.stdout


def check(script, root, *args):
    return run(sys.executable, os.path.join(DEV, script), "--root", root, *args)


def expect(condition, why):
    if not condition:
        raise AssertionError(why)


def layer_tree(root, includer, line):
    """A tree with one header per layer used here, and one file that includes something."""
    for path in ("engine/base/a.h", "engine/wasm/a.h", "engine/decode/a.h", "engine/interp/a.h",
                 "engine/host/a.h", "runtime/a.h", "tests/support/a.h"):
        write(root, path, "#pragma once\n")
    write(root, includer, line + "\n")


def layer_case(includer, line, allowed, says=""):
    with tempfile.TemporaryDirectory() as root:
        layer_tree(root, includer, line)
        status, output = check("check_layers.py", root)
        expect(status == (0 if allowed else 1), f"{includer}: {line}: status {status}: {output}")
        if not allowed:
            expect(f"{includer}:1: " in output, f"no place named: {output}")
            expect(says in output, f"expected {says!r} in: {output}")


def test_layers_accept_what_the_table_allows():
    layer_case("engine/decode/b.cc", '#include "engine/wasm/a.h"', True)
    layer_case("engine/decode/b.cc", '#include "engine/decode/a.h"', True)
    layer_case("engine/decode/b.cc", "#include <vector>", True)
    layer_case("runtime/b.cc", '#include "engine/interp/a.h"', True)


def test_layers_refuse_an_upward_include():
    layer_case("engine/base/b.cc", '#include "engine/wasm/a.h"', False,
               "engine/base may not include engine/wasm")
    layer_case("engine/wasm/b.h", '#include "runtime/a.h"', False, "may not include runtime")


def test_layers_refuse_a_sideways_include():
    layer_case("wasi/b.cc", '#include "engine/interp/a.h"', False, "wasi may not include")


def test_layers_refuse_an_include_relative_to_the_file():
    layer_case("engine/wasm/b.cc", '#include "a.h"', False, "from the root")


def test_layers_find_an_indented_include():
    layer_case("engine/base/b.cc", '  #  include "engine/wasm/a.h"', False)


def test_layers_keep_system_headers_in_their_places():
    layer_case("engine/decode/b.cc", "#include <sys/mman.h>", False, "operating-system header")
    layer_case("engine/base/platform_posix.cc", "#include <sys/mman.h>", True)
    layer_case("engine/exec/trap_handler.cc", "#include <signal.h>", True)
    layer_case("wasi/path.cc", "#include <fcntl.h>", True)


def test_layers_keep_third_parties_in_their_places():
    layer_case("engine/decode/b.cc", "#include <asmjit/x86.h>", False, "belongs to")
    layer_case("codegen/x64/masm_x64.h", "#include <asmjit/x86.h>", True)
    layer_case("runtime/runtime.cc", "#include <curl/curl.h>", False, "belongs to")
    layer_case("engine/decode/b.cc", "#include <gtest/gtest.h>", False, "belongs to")


def test_layers_let_a_test_see_what_it_tests_and_below():
    layer_case("tests/engine/decode/b_test.cc", '#include "engine/decode/a.h"', True)
    layer_case("tests/engine/decode/b_test.cc", '#include "tests/support/a.h"', True)
    layer_case("tests/engine/decode/b_test.cc", '#include "runtime/a.h"', False, "may not include")
    layer_case("tests/programs/b_test.cc", '#include "runtime/a.h"', True)


def test_layers_refuse_a_table_that_names_a_later_layer():
    with tempfile.TemporaryDirectory() as root:
        write(root, "table.txt", "layer a: b\nlayer b:\n")
        status, output = check("check_layers.py", root, "--table", os.path.join(root, "table.txt"))
        expect(status == 1 and "before its own line" in output, output)


def test_layers_of_this_tree_are_in_order():
    status, output = check("check_layers.py", ROOT)
    expect(status == 0, output)


def opcode_case(files, text, expected):
    with tempfile.TemporaryDirectory() as root:
        for number in range(files):
            write(root, f"engine/wasm/f{number}.cc", text)
        write(root, "tests/engine/wasm/a_test.cc", text)
        status, output = check("check_opcodes.py", root)
        expect(status == expected, output)


def test_opcodes_count_files_that_name_an_instruction():
    opcode_case(4, '"i32.add"\n', 0)
    opcode_case(5, '"i32.add"\n', 1)
    opcode_case(5, "case Op::I32Add:\n", 1)
    opcode_case(5, "OP(I32Add, 0, 0x6a)\n", 1)


def test_opcodes_do_not_count_longer_names():
    opcode_case(5, "kI32AddImm I32AddLocal\n", 0)


def test_sizes_refuse_a_file_over_the_limit():
    for lines, path, head, expected in (
            (900, "engine/base/a.cc", "", 0), (901, "engine/base/a.cc", "", 1),
            (901, "engine/wasm/a.def", "", 0), (901, "tests/a/a_test.cc", "", 1),
            (901, "engine/base/a.cc", "// Generated by tools/x.py\n", 0)):
        with tempfile.TemporaryDirectory() as root:
            write(root, path, head + "\n" * (lines - (1 if head else 0)))
            status, output = check("check_sizes.py", root)
            expect(status == expected, f"{path} {lines}: {output}")


JUNIT = """<testsuite>
<testcase name="base.A.x" status="run"><system-out>ok</system-out></testcase>
<testcase name="base.A.y" status="fail"><failure/><system-out>bad</system-out></testcase>
<testcase name="base.A.z" status="notrun"><skipped/></testcase>
<testcase name="cli" status="run"><system-out>noise
12 passed, 0 failed
</system-out></testcase>
<testcase name="crash" status="fail"><failure/><system-out>3 passed, 0 failed</system-out></testcase>
</testsuite>"""


def test_results_count_suites_by_their_closing_line():
    with tempfile.TemporaryDirectory() as root:
        write(root, "r.xml", JUNIT)
        tally = run_tests.Tally()
        run_tests.read_junit(os.path.join(root, "r.xml"), tally)
        expect(tally.passed == 1 + 12 + 3, f"passed {tally.passed}")
        expect(tally.failed == 2, f"failed {tally.failed}: {tally.failures}")
        expect(tally.skipped == 1, f"skipped {tally.skipped}")
        expect(tally.suites == {"base": 1, "cli": 12, "crash": 3}, str(tally.suites))


def test_counts_below_the_minimum_fail():
    tally = run_tests.Tally()
    tally.add("base", 5, 0)
    run_tests.check_counts("unit", tally, {"unit": 5, "unit/base": 5, "program": 9})
    expect(tally.failed == 0, str(tally.failures))
    run_tests.check_counts("unit", tally, {"unit": 6})
    run_tests.check_counts("unit", tally, {"unit/gone": 1})
    expect(tally.failed == 2, str(tally.failures))


def test_a_suite_that_is_skipped_is_not_below_its_minimum():
    tally = run_tests.Tally()
    tally.add("base", 5, 0)
    tally.add("wanted", 0, 0, 1)
    run_tests.check_counts("unit", tally, {"unit": 9, "unit/wanted": 5})
    expect(tally.failed == 0, str(tally.failures))
    expect(tally.not_run() == {"wanted"}, str(tally.not_run()))
    run_tests.check_counts("unit", tally, {"unit/base": 6})
    run_tests.check_counts("unit", tally, {"unit": 11, "unit/wanted": 5})
    expect(tally.failed == 2, str(tally.failures))


def test_a_stage_without_tests_fails():
    tally = run_tests.Tally()
    run_tests.check_counts("unit", tally, {})
    expect(tally.failed == 1, "an empty stage passed")


def test_a_stage_whose_packages_cannot_be_had_is_not_run():
    tally, started = run_tests.Tally(), []
    original = run_tests.run

    def no_packages(command, **_):
        started.append(command)
        return subprocess.CompletedProcess(command, run_tests.NO_PACKAGES)

    run_tests.run = no_packages
    try:
        run_tests.ctest_stage("a64", "a64-cross", "a64", tally)
    finally:
        run_tests.run = original
    run_tests.check_counts("a64", tally, {"a64": 100, "a64/spec_emulated": 50})
    expect(len(started) == 1 and started[0][:3] == ["./dev", "build", "a64-cross"], str(started))
    expect((tally.passed, tally.failed, tally.skipped) == (0, 0, 1), str(tally.failures))


def test_dev_explains_its_verbs_and_refuses_others():
    status, output = run(os.path.join(ROOT, "dev"), "help")
    expect(status == 0, output)
    for verb in ("run", "test", "build", "bench", "format", "lint", "clean", "help"):
        expect(f"\n  {verb}" in output, f"{verb} is missing in: {output}")
    status, output = run(os.path.join(ROOT, "dev"), "frobnicate")
    expect(status == 1 and "no verb frobnicate" in output, output)


FAKE_ENGINE = """import sys
only = next(word.split("=", 1)[1] for word in sys.argv if word.startswith("--compile-only="))
pairs = [] if only == "none" else [(word.split("-") * 2)[:2] for word in only.split(",")]
compiled = lambda index: any(int(first) <= index <= int(last) for first, last in pairs)
print("hello")
"""


def bisect(root, engine, *options):
    """What jit_bisect.py says about an engine that is a script: status, its last line, all lines."""
    write(root, "engine.py", FAKE_ENGINE + engine)
    status, output = run(sys.executable, os.path.join(DEV, "jit_bisect.py"), *options, "--", sys.executable, "-S",
                         os.path.join(root, "engine.py"), "run", "{}")
    return status, output.splitlines()[-1], output


def test_bisect_finds_the_function():
    with tempfile.TemporaryDirectory() as root:
        for index in (0, 1, 37, 1000):
            status, last, output = bisect(root, f"sys.exit(compiled({index}))")
            expect((status, last) == (0, f"functions: {index}"), output)
        expect(output.count("\n") < 40, output)
        status, last, output = bisect(root, "if compiled(5): print('more')")
        expect((status, last) == (0, "functions: 5"), output)


def test_bisect_finds_the_smallest_set():
    with tempfile.TemporaryDirectory() as root:
        status, last, output = bisect(root, "sys.exit(compiled(12) and compiled(40) and compiled(41))")
        expect((status, last) == (0, "functions: 12,40,41"), output)
        # Either will do: one of them is found, and not both.
        status, last, output = bisect(root, "sys.exit(compiled(9) or compiled(20))")
        expect((status, last) == (0, "functions: 9"), output)
        # What hides another's fault does not mislead it.
        status, last, output = bisect(root, "sys.exit(compiled(30) and (not compiled(3) or compiled(31)))")
        expect(status == 0 and last in ("functions: 30", "functions: 30,31"), output)


def test_bisect_says_when_there_is_nothing_to_find():
    with tempfile.TemporaryDirectory() as root:
        status, last, _ = bisect(root, "")
        expect(status == 1 and "nothing to find" in last, last)
        status, last, _ = bisect(root, "import os; print(os.getpid())")
        expect(status == 2 and "not do the same" in last, last)
        status, last, _ = bisect(root, "import os; print(os.getpid())", "--status")
        expect(status == 1, last)
        status, last, output = bisect(root, "import signal; compiled(4) and signal.pause()", "--seconds=3")
        expect((status, last) == (0, "functions: 4") and "did not end" in output, output)


def test_shell_scripts_parse():
    # Found by walking: the sources may be an unpacked archive, and git need not be installed.
    scripts = [os.path.join(ROOT, "dev"), os.path.join(ROOT, ".ci", "run")]
    for folder in ("tests", "bench", "spec-tests", "tools"):
        for here, _, names in os.walk(os.path.join(ROOT, folder)):
            scripts += [os.path.join(here, name) for name in names if name.endswith(".sh")]
    expect(len(scripts) > 5, f"only {scripts}")
    for name in scripts:
        status, output = run("sh", "-n", name)
        expect(status == 0, f"{name}: {output}")


def test_python_scripts_parse():
    scripts = []
    for folder in ("bench", "spec-tests", "tests", "tools"):
        for here, folders, names in os.walk(os.path.join(ROOT, folder)):
            folders[:] = [name for name in folders if name != "__pycache__"]
            scripts += [os.path.join(here, name) for name in names if name.endswith(".py")]
    expect(len(scripts) > 30, f"only {scripts}")
    for name in scripts:
        with open(name, encoding="utf-8") as file:
            compile(file.read(), name, "exec")


if __name__ == "__main__":
    sys.exit(closing.run_all(closing.module_tests(globals(), sys.argv[1:])))
