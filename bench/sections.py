"""The sections of a side-by-side run. Each is a function (plan, out) -> [(estimated seconds, label, work)].

  kernels   the corpus by class: interpreters and baseline compilers at size small, optimizing compilers and native at large;
            CPU seconds less what the engine needs for a module that does nothing, peak memory
  phases    decode + validate, and compile, of whole real modules: CPU on one thread, wall on all cores
  start     process start to exit, to the first byte of output of a large module, peak memory
  inside    in one process: instances, calls in both directions, traps, memory, references, exceptions, objects
  overhead  fuel, a deadline, checked memory: each mode against itself without
  threads   1, 2, ... instances at once
  real      large programs from start to exit, outputs compared
  counts    instructions under callgrind (counts.py)
"""

import json
import os
import pathlib
import subprocess
import tempfile

import baseline
import build
import common
import counts
import peers
import peers.node
import run

SIZES = {"interpreter": "small", "baseline": "small", "optimizing": "large"}
# Seconds of a run, for the plan: of size small, and of large for optimizing compilers (without an optimizing compiler's own 0.2).
GUESS = {"interpreter": 0.55, "baseline": 0.24, "optimizing": 0.85}
GUESS_SMALL = GUESS | {"optimizing": 0.2}
FEW_PROGRAMS = ("int_dct", "f64_nbody", "mem_hashjoin", "rec_calls", "ind_sort", "vm_stack", "hash_crc", "simd_gemm", "app_lua")
FEW_QUICK = ("int_dct", "rec_calls", "vm_stack")
NO_TIME = "left out: the section's share of the time was used up"
INSIDE = common.BENCH / "inside"


def first_error(text):
    lines = [line for line in text.strip().splitlines() if line.strip()]
    named = [line for line in lines if "rror" in line]
    return (named or lines or ["failed"])[0].strip()


def in_turn(items, number):
    turn = number % len(items) if items else 0
    return items[turn:] + items[:turn]


def empty_module():
    path = common.BUILD / "empty.wasm"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(baseline.EMPTY)
    return path


# --- kernels ------------------------------------------------------------------------------------------------

def start_cost(plan, engine, cache):
    """The least CPU seconds of an engine's process with a module that does nothing."""
    if engine.native is not None:
        return 0.0
    if engine.key not in cache:
        call = engine.run(empty_module())
        samples = [run.measure(call.words, plan.limit(), call.env) for _ in range(3 if plan.quick else 5)]
        good = [s.cpu for s in samples if s.error is None]
        cache[engine.key] = min(good) if good else None
    return cache[engine.key]


def kernel(plan, out, section, program, engines, size, starts):
    """All rounds of one program under some engines."""
    case, left, samples = program[size], [], {}
    module = build.product(program["name"], "wasm")
    out.input(program["name"], module)
    for engine in engines:
        if program["group"] == "simd" and "simd" not in engine.can:
            out.missing(section, program["name"], engine.key, "no SIMD")
        elif start_cost(plan, engine, starts) is None:
            out.missing(section, program["name"], engine.key, "does not run an empty module")
        else:
            left.append(engine)
    rounds = plan.rounds_of(section.split(".")[-1])
    runs, failed = {engine.key: rounds for engine in left}, set()
    # At size large what is warmed up is a small part of a run.
    first = 0 if size == "large" else -1
    for number in range(first, rounds):
        for engine in in_turn(left, number - first):
            if number >= runs[engine.key] or engine.key in failed:
                continue
            if plan.out_of_time():
                if engine.key not in samples:
                    out.missing(section, program["name"], engine.key, NO_TIME)
                    failed.add(engine.key)
                continue
            call = engine.run(module, case["args"])
            sample = run.measure(call.words, plan.limit(), call.env)
            if sample.error is not None:
                out.missing(section, program["name"], engine.key, sample.error)
                failed.add(engine.key)
            elif sample.output != case["checksum"]:
                plan.fail(f"{program['name']} under {engine.name}: {sample.output[:40]!r}, expected {case['checksum']}")
                failed.add(engine.key)
            else:
                if number < 0 and sample.cpu > plan.slow_cap / rounds:
                    # A long run needs no warm-up: it counts, and there are fewer.
                    samples.setdefault(engine.key, []).append(sample)
                    runs[engine.key] = max(0 if plan.quick else 1, int(plan.slow_cap / sample.cpu) - 1)
                elif number >= 0:
                    samples.setdefault(engine.key, []).append(sample)
    for engine in left:
        if engine.key in failed or engine.key not in samples:
            continue
        start, taken = starts.get(engine.key) or 0.0, samples[engine.key]
        common_part = {"group": program["group"], "size": size}
        out.add(section, program["name"], engine.key, "cpu", "s", [max(s.cpu - start, 1e-4) for s in taken], start=round(start, 6), **common_part)
        out.add(section, program["name"], engine.key, "rss", "KiB", [s.rss for s in taken], **common_part)


def kernels(plan, out):
    starts, steps = {}, []
    for kind in peers.CLASSES:
        engines = [e for e in plan.engines if e.kind == kind]
        if kind == "optimizing":
            engines += [e for e in plan.engines if e.kind == "native"]
        elif engines:
            engines += [e for e in plan.engines if e.key == "native-O2"]
        size = "small" if plan.quick else SIZES[kind]
        # The system's Node is another version of what is measured by package; it is for start and large programs.
        engines = [e for e in engines if e.key != "node-system" or e.key in plan.named]
        rounds = plan.rounds_of(kind) + (size == "small")
        for program in plan.programs:
            chosen = [e for e in engines if not (e.few and plan.few) or program["name"] in (FEW_QUICK if plan.quick else FEW_PROGRAMS)]
            weight = (sum(4 if e.few else 0.1 if e.kind == "native" and size == "small" else 1 for e in chosen)
                      * (GUESS_SMALL if size == "small" else GUESS)[kind] * rounds)
            steps.append((weight, f"kernels, {kind}: {program['name']}",
                          lambda p=program, e=chosen, k=kind, s=size: kernel(plan, out, f"kernels.{k}", p, e, s, starts)))
    return steps


MEGABYTES = {"esbuild": 20, "clang": 75, "sql.js": 0.7, "ffmpeg": 32, "yosys": 31, "ruby": 17, "pandoc": 58}  # for the plan
# What optimizing compilers compile whole (they take a second for one or two MB); quick, whole.
LARGEST_OPTIMIZED = {True: 5, False: 40}

# --- whole modules ------------------------------------------------------------------------------------------

def real_modules():
    """name -> path of real modules, fetched when asked for."""
    corpus, more = common.load_corpus(), json.loads((common.BENCH / "modules.json").read_text())
    found = {"esbuild": (corpus, "@esbuild/wasi-preview1", "esbuild.wasm"), "clang": (corpus, "@yowasp/clang", "gen/llvm.core.wasm")}
    for name, module in more["modules"].items():
        found[name] = (more, module["package"], module["file"])
    return {name: lambda pin=pin, package=package, file=file: common.fetch_npm(pin, package) / "package" / file
            for name, (pin, package, file) in found.items()}


def phase_call(engine, verb, repeats, module, parallel):
    if verb == "compile" and engine.package.startswith("npm node"):
        words = [*peers.node.phase_words(engine, parallel), verb, str(repeats), str(module)]
        return peers.Call([str(w) for w in words], engine.env | ({"HOST_PARALLEL": "1"} if parallel else {}))
    if verb == "validate" and engine.package.startswith("npm node"):
        return peers.Call([str(w) for w in [*engine.host[:-1], "--single-threaded", engine.host[-1], verb, repeats, module]], engine.env)
    return engine.inside(verb, repeats, module, parallel=parallel)


def host_lines(call, timeout):
    """JSON lines of a host, or a reason."""
    try:
        done = subprocess.run(call.words, env=os.environ | call.env, capture_output=True, text=True, timeout=timeout)
    except subprocess.TimeoutExpired:
        return None, f"timeout after {timeout} s"
    if done.returncode != 0:
        return None, first_error(done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")], None


def process_phase(plan, words, module, env, runs=2):
    """CPU and wall seconds of a command that compiles a module and ends, less what it takes for a module that does nothing."""
    least = [run.measure([*words, str(empty_module())], plan.limit(), env) for _ in range(3)]
    if any(sample.error for sample in least):
        return None, next(sample.error for sample in least if sample.error)
    taken = []
    while len(taken) < runs and not (taken and taken[0].wall > 3):
        taken.append(run.measure([*words, str(module)], plan.limit(3), env))
        if taken[-1].error:
            return None, taken[-1].error
    return {"seconds": [s.cpu - min(x.cpu for x in least) for s in taken], "wall": [s.wall - min(x.wall for x in least) for s in taken]}, None


def phase_engines(plan, verb):
    """Validation is of the engine, not of its modes: one of each package."""
    engines, seen = [], set()
    for engine in plan.engines:
        family = (engine.package, engine.version)
        if engine.kind and (verb in engine.can or verb == "compile" and engine.compile_words) and (verb == "compile" or family not in seen):
            seen.add(family)
            engines.append(engine)
    return engines


def phase(plan, out, verb, name, path, parallel, engines):
    path = path()
    out.input(name, path)
    section = f"phases.{verb}" + (".parallel" if parallel else "")
    size = path.stat().st_size
    # One process each with up to two passes: the long ones take minutes.
    for engine in engines:
        if plan.out_of_time():
            out.missing(section, name, engine.key, NO_TIME)
            continue
        if engine.compile_words and verb == "compile":
            words = [str(w) for w in engine.compile_words]
            said, reason = process_phase(plan, words, path, engine.env | ({} if parallel else {"GOMAXPROCS": "1"}))
            lines = [said]
        else:
            lines, reason = host_lines(phase_call(engine, verb, 2, path, parallel), plan.limit(3))
        if reason is not None:
            out.missing(section, name, engine.key, reason)
            continue
        out.add(section, name, engine.key, "wall" if parallel else "cpu", "MB/s",
                [size / 1e6 / max(s, 1e-6) for s in lines[-1]["wall" if parallel else "seconds"]], better="more", bytes=size)


def phases(plan, out):
    steps = []
    for name, path in real_modules().items():
        if plan.modules is not None and name not in plan.modules:
            continue
        size = MEGABYTES.get(name, 20)
        slow = [e for e in phase_engines(plan, "compile") if e.kind == "optimizing"]
        fast = [e for e in phase_engines(plan, "compile") if e.kind != "optimizing"]
        for verb, parallel, engines, each in (("validate", False, phase_engines(plan, "validate"), 0.07), ("compile", False, fast, 0.45),
                                              ("compile", True, fast, 0.25), ("compile", False, slow, 1.4), ("compile", True, slow, 0.8)):
            label = f"phases: {verb} {name}" + (", all cores" if parallel else "") + (", optimizing" if engines is slow else "")
            if engines is slow and size > LARGEST_OPTIMIZED[plan.quick]:
                for engine in engines:
                    out.missing("phases.compile" + (".parallel" if parallel else ""), name, engine.key,
                                f"not tried: optimizing compilers get modules of at most {LARGEST_OPTIMIZED[plan.quick]} MB")
                continue
            steps.append((1 + size * each, label, lambda v=verb, n=name, p=path, a=parallel, e=engines: phase(plan, out, v, n, p, a, e)))
    return steps


# --- process start ------------------------------------------------------------------------------------------

def start_case(plan, out, case, module, args, first_byte, runs):
    launcher = run.launcher()
    engines = [e for e in plan.engines if e.kind and e.native is None]
    def launch(call, count, warm):
        """What the launcher says, or a reason."""
        options = ["-n", str(count), "-w", str(warm)] + (["-f"] if first_byte else [])
        try:
            done = subprocess.run([str(launcher), *options, "--", *call.words], env=os.environ | call.env, capture_output=True, text=True,
                                  timeout=plan.limit(2))
        except subprocess.TimeoutExpired:
            return None, "timeout"
        return (json.loads(done.stdout), None) if done.returncode == 0 else (None, first_error(done.stderr))

    for engine in engines:
        if plan.out_of_time():
            out.missing("start", case, engine.key, NO_TIME)
            continue
        call = engine.run(module, args)
        # Some compile a large module for a minute first: one such run is enough.
        said, reason = launch(call, 1, 0) if runs <= 3 else launch(call, runs, 2)
        if runs <= 3 and said and said["wall"]["median"] < 5:
            said, reason = launch(call, runs, 0)
        if reason is not None:
            out.missing("start", case, engine.key, reason)
            continue
        for metric, field, unit in (("wall", "wall", "s"), ("rss", "rssKiB", "KiB"), ("first", "firstByte", "s")):
            if field != "firstByte" or first_byte:
                # The quartiles' neighbours stand for the samples, which the launcher keeps to itself.
                values = said[field]
                out.add("start", case, engine.key, metric, unit, [values["median"]], low=values["min"], high=values["p90"], runs=runs)


def start(plan, out):
    hello = common.ROOT / "examples" / "hello.wasm"
    runs = 10 if plan.quick else 60
    steps = [(runs * 0.6, "start: empty module", lambda: start_case(plan, out, "empty", empty_module(), [], False, runs)),
             (runs * 0.6, "start: hello", lambda: start_case(plan, out, "hello", hello, [], True, runs))]
    if not plan.quick:
        clang = real_modules()["clang"]
        steps.append((150, "start: clang --version", lambda: start_case(plan, out, "clang --version", clang(), ["--version"], True, 2)))
    return steps


# --- inside one process --------------------------------------------------------------------------------------

# case: module, task kind, export, operations, what it needs. Operations of T0's scale; the time of one is told.
CASES = (
    ("call direct", "core", "call", "direct", 1_000_000, None), ("call_indirect", "core", "call", "indirect", 1_000_000, None),
    ("call to host", "core", "call", "host", 300_000, None), ("call from host", "core", "entry", "leaf", 300_000, None),
    ("trap unreachable", "core", "trap", "stop", 3_000, None), ("trap memory", "core", "trap", "outside", 3_000, None),
    ("memory.grow", "core", "call", "grow", 100, None), ("memory.copy 16", "core", "call", "copy16", 300_000, None),
    ("memory.copy 4096", "core", "call", "copy4k", 30_000, None), ("memory.fill 4096", "core", "call", "fill4k", 30_000, None),
    ("call_ref", "references", "call", "callref", 1_000_000, "refs"), ("throw and catch", "references", "call", "exceptions", 30_000, "exceptions"),
    ("struct.new", "references", "call", "objects", 1_000_000, "gc"),
)


GUESTS = {}  # name -> file that stands for the one in bench/inside (counts.py --guest)


def guest_module(name):
    """A module of bench/inside as binary, made by our own text parser."""
    source, target = GUESTS.get(name, INSIDE / f"{name}.wat"), common.BUILD / "inside" / f"{name}.wasm"
    if source.suffix == ".wasm":
        return source
    if name in GUESTS:
        target = source.with_suffix(".guest.wasm")
    if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
        target.parent.mkdir(parents=True, exist_ok=True)
        common.run_quiet([common.ENGINE, "wasm", source, "--output", target])
    return target


def task_call(engine, module, task):
    if "gc" in engine.can and engine.package == "PyPI wasmtime" and module.stem == "references":
        return peers.Call([*map(str, engine.host), "-o", "gc", "tasks", str(module), task], engine.env)
    return engine.inside("tasks", module, task)


def inside_case(plan, out, case, module, task, need, per=1, unit="ns"):
    engines = [e for e in plan.engines if "tasks" in e.can and e.host and e.kind and e.key != "node-system"]
    path, answers, samples = guest_module(module), {}, {}
    out.input(f"inside/{module}", path)
    for number in range(1 if plan.quick else 3):
        for engine in in_turn(engines, number):
            if need and need not in engine.can:
                continue
            lines, reason = host_lines(task_call(engine, path, task), plan.limit())
            if reason is not None or not lines:
                if number == 0:
                    out.missing("inside", case, engine.key, reason or "said nothing")
                continue
            if "result" in lines[0]:
                answers[engine.key] = lines[0]["result"]
            if "bytes" in lines[0]:
                samples.setdefault(engine.key, []).append(max(lines[0]["bytes"], 1))
            else:
                samples.setdefault(engine.key, []).extend(ns / per for ns in lines[0]["ns"])
    expected = next((answers[e.key] for e in engines if e.key in answers), None)
    for key, answer in answers.items():
        if answer != expected:
            plan.fail(f"{case} under {key}: {answer}, others {expected}")
    for key, taken in samples.items():
        if task.startswith("instantiate"):
            ordered = sorted(taken)
            out.add("inside", case, key, "median", unit, [common.median(ordered)], runs=len(ordered))
            out.add("inside", case, key, "p99", unit, [ordered[int(len(ordered) * 0.99)]], runs=len(ordered))
        else:
            out.add("inside", case, key, "each", unit, taken)


def inside(plan, out):
    runs = 3 if plan.quick else 5
    steps = []
    for case, module, kind, export, count, need in CASES:
        count = count // 10 if plan.quick and count > 1000 else count
        steps.append((3 if plan.quick else 10, f"inside: {case}", lambda c=case, m=module, t=f"{kind}:{export}:{count}:{runs}", n=need, p=count:
                      inside_case(plan, out, c, m, t, n, p)))
    steps.append((12, "inside: instantiate", lambda: inside_case(plan, out, "instantiate", "core", f"instantiate:leaf:1:{200 if plan.quick else 1000}", None)))
    for alive in (1000,) if plan.quick else (1000, 10000):
        steps.append((20, f"inside: {alive} instances", lambda a=alive: inside_case(
            plan, out, f"idle instance of {a}", "core", f"idle:leaf:{a}:1", None, unit="bytes")))
    return steps


# --- overhead, threads ---------------------------------------------------------------------------------------

OVERHEAD = ("int_dct", "mem_hashjoin", "rec_calls", "vm_stack", "hash_sha256", "app_lua")


def overhead_case(plan, out, variant, engine, program, starts):
    other, module = engine.variants[variant], build.product(program["name"], "wasm")
    base, ratios = [], []
    cost = [start_cost(plan, e, starts) for e in (engine, other)]
    if None in cost:
        out.missing(f"overhead.{variant}", program["name"], engine.key, "does not run an empty module")
        return
    for number in range(-1, min(max(plan.rounds, 3), 4)):
        pair = {}
        if number > 0 and plan.out_of_time():
            break
        for which in in_turn([0, 1], number + 1):
            call = (engine, other)[which].run(module, program["small"]["args"])
            sample = run.measure(call.words, plan.limit(), call.env)
            # wasmi tells its fuel on standard output too.
            if sample.error is not None or program["small"]["checksum"] not in sample.output.split():
                out.missing(f"overhead.{variant}", program["name"], engine.key, sample.error or "wrong checksum")
                return
            pair[which] = max(sample.cpu - cost[which], 1e-4)
        if number >= 0:
            base.append(pair[0])
            ratios.append(pair[1] / pair[0])
    out.add(f"overhead.{variant}", program["name"], engine.key, "ratio", "x", ratios, group=program["group"], base=common.median(base))


def overhead(plan, out):
    names = OVERHEAD[:1] if plan.quick else OVERHEAD
    starts, steps = {}, []
    chosen = {p["name"] for p in plan.programs}
    for program in build.select(plan.corpus, [n for n in names if n in chosen] or list(names[:1])):
        for engine in plan.engines:
            for variant in engine.variants:
                if plan.quick and engine.key not in ("t0", "t1", "cranelift", "winch", "wasmi", "v8-liftoff"):
                    continue
                steps.append((GUESS_SMALL.get(engine.kind, 1) * 2.2 * (min(plan.rounds, 4) + 1), f"overhead of {variant}: {engine.name}, {program['name']}",
                              lambda v=variant, e=engine, p=program: overhead_case(plan, out, v, e, p, starts)))
    return steps


def threads(plan, out):
    cpus = len(os.sched_getaffinity(0))
    many = sorted({1, 2, cpus} & set(range(1, max(cpus, 2) + 1)))
    steps = []
    for number in many:
        def work(number=number):
            path = guest_module("core")
            for engine in [e for e in plan.engines if "threads" in e.can and e.host and e.kind]:
                # An interpreter's time is some ten times that of compiled code.
                count = 10_000_000 if engine.kind == "interpreter" else 100_000_000
                count = count // 10 if plan.quick else count
                taken = []
                for _ in range(3):
                    lines, reason = host_lines(engine.inside("tasks", path, f"threads:spin:{count}:{number}"), plan.limit())
                    if reason is not None or not lines:
                        out.missing("threads", f"{number} at once", engine.key, reason or "said nothing")
                        break
                    taken.append(number * count / lines[0]["ns"][0] * 1e3)
                out.add("threads", f"{number} at once", engine.key, "rate", "M rounds/s", taken, better="more", threads=number)
        steps.append((5 if plan.quick else 25, f"threads: {number}", work))
    return steps


# --- real programs -------------------------------------------------------------------------------------------

def real_cases(folder):
    """name -> (module, arguments, directories, environment, standard input, output file)."""
    modules = real_modules()
    source = "\n".join(f"int f{i}(int a, int b) {{ int s = {i}; for (int k = 0; k < b; k++) s += (a ^ k) * (s >> 3); return s; }}"
                       for i in range(120)) + "\n"
    (folder / "a.c").write_text(source)
    (folder / "a.ts").write_text("".join(f"export function add{i}(first: number, second: number): number {{ const sum = first + second * {i}; return sum; }}\n"
                                         for i in range(3000)))
    (folder / "a.md").write_text("".join(f"# Part {i}\n\nSome *words* with `code` and a [link](x{i}).\n\n- one\n- two\n\n" for i in range(200)))  # below what a pipe holds: Node loses the rest
    return {
        "clang -O2 -c": (modules["clang"], ["clang", "-O2", "-c", "/w/a.c", "-o", "/w/a.o"], [(folder, "/w")], [], None, "a.o"),
        "esbuild --minify": (modules["esbuild"], ["--minify", "/a.ts", "--outfile=/a.js", "--log-level=error"], [(folder, "/")], ["PWD=/"], None, "a.js"),
        "pandoc": (modules["pandoc"], ["-f", "markdown", "-t", "html"], [(folder, "/")], ["PWD=/", "HOME=/"], "a.md", None),
    }


def real_case(plan, out, name):
    with tempfile.TemporaryDirectory(prefix="bless-bench-") as scratch:
        folder = pathlib.Path(scratch)
        module, args, dirs, env, stdin, product = real_cases(folder)[name]
        module, answers = module(), {}
        engines = [e for e in plan.engines if "files" in e.can and e.kind not in ("", "native") and e.key not in ("wazero-interp",)]
        rounds, slow = 1 if plan.quick else 2, set()
        for number in range(rounds):
            for engine in in_turn(engines, number):
                if engine.key in slow or engine.key in answers and answers[engine.key] is None:
                    continue
                if plan.out_of_time():
                    if engine.key not in answers:
                        out.missing("real", name, engine.key, NO_TIME)
                    continue
                call = engine.run(module, args, dirs, env)
                if product:
                    (folder / product).unlink(missing_ok=True)
                with open(folder / stdin if stdin else os.devnull, "rb") as stream:
                    sample = run.measure(call.words, plan.limit(), call.env, stdin=stream)
                if sample.error is None and product and not (folder / product).exists():
                    sample = sample._replace(error=f"made no {product}")
                if sample.error is not None:
                    answers[engine.key] = None
                    out.missing("real", name, engine.key, sample.error)
                    continue
                answer = common.file_hash(folder / product) if product else sample.output
                answers.setdefault(engine.key, answer)
                if sample.wall > 15:
                    slow.add(engine.key)  # once is enough
                out.add("real", name, engine.key, f"cpu{number}", "s", [sample.cpu])
                out.add("real", name, engine.key, f"wall{number}", "s", [sample.wall])
        merge_rounds(out, name)
        good = {key: answer for key, answer in answers.items() if answer is not None}
        expected = next(iter(good.values()), None)
        for key, answer in good.items():
            if answer != expected:
                plan.fail(f"{name} under {key} has another output than {next(iter(good))}")


def merge_rounds(out, name):
    """cpu0, cpu1, ... of a case become the samples of cpu."""
    kept, merged = [], {}
    for record in out.data["records"]:
        if record["section"] == "real" and record["case"] == name and record["metric"][-1].isdigit():
            metric = record["metric"].rstrip("0123456789")
            merged.setdefault((record["engine"], metric), record | {"metric": metric, "samples": []})["samples"] += record["samples"]
        else:
            kept.append(record)
    out.data["records"] = kept + list(merged.values())


def real(plan, out):
    names = ["esbuild --minify"] if plan.quick else ["clang -O2 -c", "esbuild --minify", "pandoc"]
    return [(50 if plan.quick else 150, f"real: {name}", lambda n=name: real_case(plan, out, n)) for name in names]


SECTIONS = {"kernels": kernels, "phases": phases, "start": start, "inside": inside, "overhead": overhead, "threads": threads, "real": real,
            "counts": counts.steps}
