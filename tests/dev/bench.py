#!/usr/bin/env python3
"""Tests of the tools in bench/ that compare engines: adapters, driver, comparison (bench_report.py: what is made of results).

Run by ctest; by hand: python3 tests/dev/bench.py [NAME...]. Ends with `N passed, N failed`. Nothing here depends on time. Engines are
scripts or stand-ins, packages are never fetched; bench_samples.json holds CPU seconds recorded from one build on a busy machine.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BENCH = ROOT / "bench"
sys.path[:0] = [str(BENCH), str(BENCH / "report"), str(ROOT / "tests" / "support")]
SAMPLES = json.loads((ROOT / "tests" / "dev" / "bench_samples.json").read_text())
# Of the recorded ones those whose noise allows 5 % to be seen; in the others (mem_lru_cache moves by a half) nothing may be told.
STEADY = [("int_dct", "t0"), ("int_dct", "t1"), ("f64_fft", "t0"), ("rec_sudoku", "t0"), ("rec_sudoku", "t1"), ("rec_treap", "t0"), ("rec_treap", "t1"),
          ("ind_events", "t0"), ("ind_events", "t1")]
ADAPTERS = ("bun", "wasmtime_wheel", "wasm3_source", "wasmi_crate", "wazero_go")

import closing  # noqa: E402  (the path is set above)
import common  # noqa: E402
import compare  # noqa: E402
import counts  # noqa: E402
import peers  # noqa: E402
import results  # noqa: E402
import run  # noqa: E402
import sections  # noqa: E402
import side_by_side  # noqa: E402


def scratch():
    return tempfile.TemporaryDirectory(prefix="bless-bench-test-")


class FakePlan:
    quick, rounds, slow_cap, timeout = False, 4, 5, 10

    def __init__(self, engines):
        self.engines, self.failures = engines, []

    def rounds_of(self, kind):
        del kind
        return self.rounds

    def limit(self, factor=1):
        return self.timeout * factor

    def out_of_time(self):
        return False

    def fail(self, reason):
        self.failures.append(reason)


def engine(key, kind="interpreter", **more):
    return peers.Engine(key, key.upper(), kind, "1", "this tree" if key == "t0" else "npm fake", (key, "run"), (), **more)


def empty_results(engines=()):
    return results.Results("quick", engines, [], facts={"cpu": "a", "cpus": 2, "features": [], "kernel": "k", "compiler": "c",
                                                        "commit": "0123456789ab", "load": 0})


def measured(answers):
    """A stand-in for run.measure: answers[first word] is (seconds, output, error); `calls` lists what was started."""
    calls = []

    def fake(words, timeout, env=None, **_):
        del timeout, env
        if str(words[-1]) == "--" or "empty" in words[2]:
            return run.Sample(0.001, 0.001, 100, "", None)
        calls.append(words[0])
        seconds, output, error = answers[words[0]]
        return run.Sample(seconds, seconds, 100, output, error)
    return fake, calls


def run_kernel(answers, engines, group="integer"):
    plan, out = FakePlan(engines), empty_results(engines)
    fake, calls = measured(answers)
    saved, run.measure = run.measure, fake
    with scratch() as folder:
        module = pathlib.Path(folder) / "k.wasm"
        module.write_bytes(b"x")
        product, sections.build.product = sections.build.product, lambda name, target: module
        try:
            sections.kernel(plan, out, "kernels.interpreter", {"name": "k", "group": group, "small": {"args": ["7"], "checksum": "abc"}},
                            engines, "small", {})
        finally:
            run.measure, sections.build.product = saved, product
    return plan, out, calls


def test_engines_take_turns_and_start_is_taken_off():
    plan, out, calls = run_kernel({"t0": (0.101, "abc", None), "b": (0.201, "abc", None)}, [engine("t0"), engine("b")])
    assert calls == ["t0", "b", "b", "t0"] * 2 + ["t0", "b"], calls
    records = results.by_key(out.data)
    assert records["kernels.interpreter", "k", "t0", "cpu"]["samples"] == [0.1] * 4, records
    assert records["kernels.interpreter", "k", "b", "cpu"]["samples"] == [0.2] * 4
    assert not plan.failures and out.data["inputs"][0]["bytes"] == 1 and len(out.data["inputs"][0]["sha256"]) == 64


def test_a_wrong_answer_fails_the_run():
    plan, out, _ = run_kernel({"t0": (0.1, "abc", None), "b": (0.1, "abd", None)}, [engine("t0"), engine("b")])
    assert len(plan.failures) == 1 and "abd" in plan.failures[0] and "B" in plan.failures[0]
    assert {r["engine"] for r in out.data["records"]} == {"t0"}


def test_an_engine_that_cannot_is_left_out_with_a_reason():
    plan, out, calls = run_kernel({"t0": (0.1, "abc", None), "b": (0, "", "exit 1: no such thing")}, [engine("t0"), engine("b")])
    assert not plan.failures and calls.count("b") == 1, calls
    assert out.data["missing"] == [{"section": "kernels.interpreter", "case": "k", "engine": "b", "reason": "exit 1: no such thing"}]
    _, out, calls = run_kernel({"t0": (0.1, "abc", None)}, [engine("t0", can=frozenset({"simd"})), engine("b")], "simd")
    assert "b" not in calls and out.data["missing"][0]["reason"] == "no SIMD"


def test_long_runs_are_fewer():
    _, out, calls = run_kernel({"t0": (0.1, "abc", None), "b": (2.0, "abc", None)}, [engine("t0"), engine("b")])
    assert calls.count("b") == 2 and calls.count("t0") == 5, calls
    assert len(results.by_key(out.data)["kernels.interpreter", "k", "b", "cpu"]["samples"]) == 2


def test_command_lines_of_the_adapters():
    own = peers.Engine("a", "A", "", "1", "p", ("a", "run"), can=frozenset())
    assert own.run("m.wasm", ["1"], [("/h", "/g")], ["K=a b"]).words == ["a", "run", "--dir", "/h::/g", "--env", "K=a b", "m.wasm", "--", "1"]
    go = peers.Engine("a", "A", "", "1", "p", ("a",), dashes=False, dir_style="-mount={0}:{1}", env_style="-env={0}")
    assert go.run("m.wasm", ["1"], [("/h", "/g")], ["K=V"]).words == ["a", "-mount=/h:/g", "-env=K=V", "m.wasm", "1"]
    host = peers.Engine("a", "A", "", "1", "p", ("a",), ("h",), {"E": "1"}, parallel=(("-o", "threads"), (("P", "1"),)))
    assert host.inside("compile", 2, "m") == (["h", "compile", "2", "m"], {"E": "1"})
    assert host.inside("compile", 2, "m", parallel=True) == (["h", "-o", "threads", "compile", "2", "m"], {"E": "1", "P": "1"})


def test_the_cache_is_where_the_environment_says():
    saved = dict(os.environ)
    try:
        os.environ["BLESS_PEERS"] = "/somewhere/else"
        assert str(peers.cache_folder()) == "/somewhere/else"
        del os.environ["BLESS_PEERS"]
        os.environ["XDG_CACHE_HOME"] = "/caches"
        assert str(peers.cache_folder()) == "/caches/bless/peers"
        os.environ.pop("XDG_CACHE_HOME")
        os.environ["HOME"] = "/home/u"
        assert str(peers.cache_folder()) == "/home/u/.cache/bless/peers"
    finally:
        os.environ.clear()
        os.environ.update(saved)


def test_a_peer_that_cannot_be_had_is_skipped_with_a_notice():
    def refuse(words, **_):
        raise peers.Unavailable(f"{words[0]} failed: not available")
    with scratch() as folder:
        said = []
        engines, skipped = peers.obtain(log=said.append, place=peers.Place(folder, refuse), adapters=ADAPTERS)
        assert engines == [] and [name for name, _ in skipped] == list(ADAPTERS)
        assert len(said) == len(ADAPTERS) and all("left out" in line and "not available" in line for line in said), said
        assert list(pathlib.Path(folder).iterdir()) == []  # nothing half made stays
        said.clear()
        peers.obtain(["bun"], said.append, peers.Place(folder, refuse), ADAPTERS)
        assert len(said) == 1 and "bun" in said[0]


def test_peers_are_installed_once_by_name_and_version():
    asked = []

    def client(words, env=None, **_):
        asked.append([str(word) for word in words])
        folder = pathlib.Path(next((w for w in map(str, words) if w.startswith(place_folder) and "/" in w), env and env.get("GOBIN")))
        for made in ("bin/wasmi", "wazero", "node_modules/@oven/bun-linux-x64/bin/bun"):
            path = folder / made
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("#!/bin/sh\necho 1.2.3\n")
            path.chmod(0o755)
    with scratch() as place_folder:
        place = peers.Place(place_folder, client)
        names = ("bun", "wasmi_crate", "wazero_go")
        engines, skipped = peers.obtain(place=place, adapters=names)
        assert skipped == [] and [e.key for e in engines] == ["jsc-interp", "jsc-bbq", "jsc", "wasmi", "wazero-interp", "wazero"]
        text = " ".join(" ".join(words) for words in asked)
        assert re.search(r"bun@\d", text) and re.search(r"wasmi_cli@\d", text) and re.search(r"cmd/wazero@v\d", text), text
        assert len(asked) == 3
        peers.obtain(place=place, adapters=names)
        assert len(asked) == 3, "installed again"
        assert {e.kind for e in engines} == {"interpreter", "baseline", "optimizing"}
        assert [e.key for e in peers.obtain(["jsc-bbq"], print, place, names)[0]] == ["jsc-bbq"]


FAKE_HOST = r"""
#include <stdlib.h>
#include <string.h>
#include "host.h"
struct HostModule { int x; };
struct HostInstance { int x; };
struct HostFunction { char name[16]; };
bool hostSetup(char** options, int count) { return count == 0 || strcmp(options[0], "known") == 0; }
const char* hostVersion(void) { return "fake 1"; }
bool hostValidate(const uint8_t* bytes, size_t size) { return size > 0 && bytes[0] == 'x'; }
HostModule* hostCompile(const uint8_t* bytes, size_t size) { return hostValidate(bytes, size) ? calloc(1, sizeof(HostModule)) : NULL; }
HostModule* hostLoad(const uint8_t* bytes, size_t size) { return hostCompile(bytes, size); }
void hostFreeModule(HostModule* module) { free(module); }
HostInstance* hostInstantiate(HostModule* module) { (void)module; return calloc(1, sizeof(HostInstance)); }
void hostFreeInstance(HostInstance* instance) { free(instance); }
HostFunction* hostFunction(HostInstance* instance, const char* name) {
  (void)instance;
  HostFunction* out = calloc(1, sizeof *out);
  strncpy(out->name, name, 15);
  return strcmp(name, "none") == 0 ? NULL : out;
}
bool hostCall(HostFunction* function, int32_t argument, int32_t* result) {
  *result = argument + 1;
  return strcmp(function->name, "trap") != 0;
}
int hostRun(HostModule* module, int argc, char** argv, char** dirs, char** envs) {
  (void)module; (void)argv;
  return argc * 10 + (dirs[0] != NULL) + (envs[0] != NULL);
}
"""


def test_the_host_program_speaks_its_language():
    with scratch() as folder:
        source, program, module = (os.path.join(folder, name) for name in ("fake.c", "fake", "m.wasm"))
        pathlib.Path(source).write_text(FAKE_HOST)
        pathlib.Path(module).write_text("xyz")
        hosts = BENCH / "peers" / "hosts"
        subprocess.run(["cc", "-Wall", "-Wextra", "-Werror", "-I", hosts, source, hosts / "host_main.c", "-o", program, "-lpthread"], check=True)

        def call(*words):
            return subprocess.run([program, *words], capture_output=True, text=True)
        assert call("version").stdout == "fake 1\n" and call("-o", "other", "version").returncode == 1
        said = json.loads(call("compile", "3", module).stdout)
        assert said["bytes"] == 3 and len(said["seconds"]) == len(said["wall"]) == 3
        lines = [json.loads(x) for x in call("tasks", module, "call:f:41:2", "entry:f:5:3", "trap:trap:4:1", "instantiate:f:1:6", "idle:f:9:1",
                                             "threads:f:7:2").stdout.splitlines()]
        assert [x.get("result") for x in lines] == [42, 5, 0 if lines[2].get("result") == 0 else lines[2]["result"], None, None, 8], lines
        assert [len(x["ns"]) for x in lines if "ns" in x] == [2, 3, 1, 6, 1] and "bytes" in lines[4]
        assert call("tasks", module, "trap:f:1:1").returncode == 1  # no trap
        assert call("tasks", module, "call:none:1:1").returncode == 1 and call("tasks", module, "nonsense").returncode == 1
        assert call("run", "--dir", "a::b", "--env", "K=V", module, "--", "1", "2").returncode == 32
        assert call("run", module, "1").returncode == 20


class Clock:
    """A clock and a terminal that tests move."""

    def __init__(self):
        self.now, self.text = 0.0, ""

    def __call__(self):
        return self.now

    def isatty(self):
        return True

    def write(self, text):
        self.text += text

    def flush(self):
        pass


def test_progress_tells_the_time_left():
    clock = Clock()
    progress = side_by_side.Progress([("a", 20), ("b", 20)], 600, clock, clock)
    progress.enter("a")
    assert progress.left() == 40 and not progress.late()
    clock.now = 100.0
    progress.step(10)
    progress.show("next")
    assert "25 %" in clock.text and "next" in clock.text and 100 < progress.left() < 300, progress.left()
    progress.step(10)
    progress.enter("b")
    progress.step(20)
    assert progress.left() == 0 and not progress.section_over()
    clock.now = 601.0
    assert progress.section_over() and progress.remaining() == -1


def test_each_section_has_its_share_of_the_time():
    clock = Clock()
    progress = side_by_side.Progress([("a", 10), ("b", 10), ("c", 20)], 80, clock, clock)
    progress.enter("a")
    assert progress.deadline == 20
    clock.now = 50.0  # a step that took far too long: those after it share what is left
    progress.step(10)
    progress.enter("b")
    assert progress.deadline == 60 and not progress.late()
    clock.now = 56.0
    progress.step(5)
    assert progress.late() and not progress.section_over()
    progress.step(5)
    progress.enter("c")
    assert progress.deadline == 80  # what b left goes to c
    # Installing counts.
    progress = side_by_side.Progress([("a", 10)], 80, clock, clock, begin=-24.0)
    progress.enter("a")
    assert progress.remaining() == 0 and progress.section_over()


def planned_run(lengths, budget):
    """A run of sections whose steps take the given seconds and are thought to take 10 each: what was done, results, the end's time."""
    clock, done, plan, out = Clock(), [], FakePlan([]), empty_results()
    plan.sections, plan.full_rounds, rounds = list(lengths), 4, []

    def section(name):
        def work(number):
            clock.now += lengths[name][number] * plan.rounds / 4
            done.append((name, number))
            rounds.append(plan.rounds)
        return lambda plan, out: [(10, f"{name}: {i}", lambda i=i: work(i)) for i in range(len(lengths[name]))]
    saved = dict(sections.SECTIONS)
    sections.SECTIONS.update({name: section(name) for name in lengths})
    try:
        shares = [(name, 10 * len(taken)) for name, taken in lengths.items()]
        side_by_side.measure(plan, out, budget / 60, side_by_side.Progress(shares, budget, clock, clock))
    finally:
        sections.SECTIONS.clear()
        sections.SECTIONS.update(saved)
    return done, out, clock.now, rounds


def test_a_slow_section_does_not_starve_the_others():
    done, out, end, rounds = planned_run({"slow": [40, 40, 40, 40], "last": [10, 10]}, 66)
    assert [name for name, _ in done].count("last") == 2 and ("slow", 3) not in done, done
    assert min(rounds) == 2 and rounds[0] == 4, rounds  # fewer rounds before anything is left out
    assert end <= 66 + 10, end
    assert out.data["missing"] == [{"section": "slow", "case": f"slow: {n}", "engine": "", "reason": sections.NO_TIME} for n in range(4)
                                   if ("slow", n) not in done]
    left = {item["section"]: item["left out"] for item in out.data["time"]}
    assert left == {"slow": 4 - len([1 for name, _ in done if name == "slow"]), "last": 0}, left
    # Enough time: nothing is left out and all rounds are run.
    done, out, end, rounds = planned_run({"slow": [10, 10], "last": [10, 10]}, 66)
    assert len(done) == 4 and set(rounds) == {4} and out.data["missing"] == []


def test_a_run_ends_within_its_budget_and_a_step():
    for length in (1, 15, 60, 200):
        _, _, end, _ = planned_run({name: [length] * 3 for name in "abc"}, 60)
        assert end <= 60 + length, (length, end)


def test_a_step_ends_early_when_the_time_is_used_up():
    over = iter([False, False, True, True, True, True])
    engines = [engine("t0"), engine("b"), engine("c")]
    plan, out = FakePlan(engines), empty_results(engines)
    plan.out_of_time = lambda: next(over, True)
    fake, calls = measured({key: (0.1, "abc", None) for key in ("t0", "b", "c")})
    saved, run.measure = run.measure, fake
    with scratch() as folder:
        module = pathlib.Path(folder) / "k.wasm"
        module.write_bytes(b"x")
        product, sections.build.product = sections.build.product, lambda name, target: module
        try:
            sections.kernel(plan, out, "kernels.optimizing", {"name": "k", "group": "g", "large": {"args": ["7"], "checksum": "abc"}},
                            engines, "large", {})
        finally:
            run.measure, sections.build.product = saved, product
    assert calls == ["t0", "b"], calls
    assert [(m["engine"], m["reason"]) for m in out.data["missing"]] == [("c", sections.NO_TIME)]
    assert {r["engine"] for r in out.data["records"]} == {"t0", "b"}


# --- comparison ----------------------------------------------------------------------------------------------

def recorded(which, slower=(), factor=1.05):
    """A result file's content from the even or odd recorded samples; `slower` are (program, engine)."""
    out = empty_results([engine("t0"), engine("t1", "baseline")])
    for program, by_engine in SAMPLES.items():
        for key, taken in by_engine.items():
            scale = factor if (program, key) in slower else 1
            section = "kernels.baseline" if key == "t1" else "kernels.interpreter"
            out.add(section, program, key, "cpu", "s", [x * scale for x in taken[which::2]])
    out.data["engines"] += [{"key": "native-O2", "name": "n", "class": "native", "version": "1", "package": "clang-22", "command": ""}]
    return out.data


def told(old, new):
    return [(key[1], key[2], worse) for worse, _, key in compare.compare(old, new)[0]]


def test_two_runs_of_one_build_are_alike():
    assert told(recorded(0), recorded(0)) == []
    assert told(recorded(0), recorded(1)) == []
    assert told(recorded(1), recorded(0)) == []


def test_a_slowdown_of_five_percent_is_found():
    for program, key in STEADY:
        old, new = recorded(0), recorded(0, [(program, key)])
        assert told(old, new) == [(program, key, True)], (program, key, told(old, new))
    # A gain is told as one; where the samples say nothing, nothing is told.
    assert told(recorded(0), recorded(0, STEADY[:1], 0.92)) == [(*STEADY[0], False)]
    assert told(recorded(0), recorded(0, [("mem_lru_cache", "t1")])) == []


def test_a_slowdown_between_separate_runs_is_found():
    """The samples of the other half, one program of them slower: where the noise allows it, and nothing else ever."""
    found = 0
    for program, key in STEADY:
        said = told(recorded(0), recorded(1, [(program, key)]))
        assert said in ([], [(program, key, True)]), said
        found += bool(said)
    assert found >= len(STEADY) * 3 // 4, (found, len(STEADY))


def test_a_slower_machine_is_no_regression():
    old, new = recorded(0), recorded(1)
    for record in new["records"]:
        record["samples"] = [x * 1.3 for x in record["samples"]]
    assert told(old, new) == []
    _, _, factors = compare.compare(old, new)
    assert all(1.2 < factor < 1.4 for factor in factors.values()), factors


def counted(**changes):
    out = empty_results([engine("t0")])
    for case, value in {"call": 24.01, "spin": 10.0, "instantiate": 9321.4}.items():
        out.add("counts", case, "t0", "instructions", "each", [value * changes.get(case, 1)])
    return out.data


def test_counts_of_instructions_are_compared_sharply():
    assert told(counted(), counted()) == [] and told(counted(), counted(call=1.001)) == []
    assert told(counted(), counted(spin=1.05)) == [("spin", "t0", True)]
    assert told(counted(), counted(instantiate=0.95)) == [("instantiate", "t0", False)]


def test_compare_as_a_program():
    with scratch() as folder:
        paths = [os.path.join(folder, name) for name in ("a.json", "b.json", "c.json")]
        name = STEADY[0][0]
        for path, data in zip(paths, (recorded(0), recorded(1), recorded(0, STEADY[:1]))):
            pathlib.Path(path).write_text(json.dumps(data))
        run_it = lambda *words: subprocess.run([str(BENCH / "compare"), *words], capture_output=True, text=True)
        same, worse = run_it(paths[0], paths[1]), run_it(paths[0], paths[2])
        assert same.returncode == 0 and "0 worse" in same.stdout, same
        assert worse.returncode == 1 and f"{name} " in worse.stdout and "+5.0 %" in worse.stdout, worse
        pathlib.Path(paths[1]).write_text("{}")
        bad = run_it(paths[0], paths[1])
        assert bad.returncode == 1 and "not a result" in bad.stderr and "Traceback" not in bad.stderr


def with_native(data, which):
    """Recorded samples of native code beside them, so that there are geometric means; without mem_lru_cache, which has two speeds that
    native code has in other rounds: seven of them do not tell its spread."""
    out = empty_results([])
    data["records"] = [r for r in data["records"] if r["case"] != "mem_lru_cache"]
    out.data = data
    for program, by_engine in SAMPLES.items():
        if program == "mem_lru_cache":
            continue
        for kind in ("interpreter", "baseline"):
            out.add(f"kernels.{kind}", program, "native-O2", "cpu", "s", by_engine["native-O2"][which::2])
    return out.data


def test_two_runs_agree_within_their_spreads():
    first, second = with_native(recorded(0), 0), with_native(recorded(1), 1)
    told, means = compare.agree(first, second)
    good = sum(agrees for agrees, *_ in told)
    assert len(told) == 4 * (len(SAMPLES) - 1) and good >= 0.75 * len(told), (good, [t for t in told if not t[0]])
    assert {key for _, key, _, _ in means} == {(kind, key) for kind, key in (("interpreter", "t0"), ("baseline", "t1"),
                                                                             ("interpreter", "native-O2"), ("baseline", "native-O2"))}
    assert all(agrees for agrees, *_ in means), means
    # Everything 20 % slower does not agree, whatever the spreads.
    slower = with_native(recorded(1, [(program, key) for program in SAMPLES for key in ("t0", "t1")], 1.2), 1)
    told, means = compare.agree(first, slower)
    assert not [agrees for agrees, key, *_ in means if agrees and key[1] != "native-O2"], means
    with scratch() as folder:
        paths = [os.path.join(folder, name) for name in ("a.json", "b.json", "c.json")]
        for path, data in zip(paths, (first, second, slower)):
            pathlib.Path(path).write_text(json.dumps(data))
        run_it = lambda *words: subprocess.run([str(BENCH / "compare"), "--agree", *words], capture_output=True, text=True)
        same, other = run_it(paths[0], paths[1]), run_it(paths[0], paths[2])
        assert same.returncode == 0 and f"{good} of {len(told)} figures agree" in same.stdout, same
        assert other.returncode == 1 and "DIFFER  mean of interpreter t0" in other.stdout, other


def test_instructions_of_one_operation():
    # 1000 to start, 7 for each operation.
    assert counts.per_operation((["a"], 10), (["b"], 30), lambda words: 1000 + 7 * (10 if words == ["a"] else 30)) == 7


if __name__ == "__main__":
    sys.exit(closing.run_all(closing.module_tests(globals(), sys.argv[1:])))
