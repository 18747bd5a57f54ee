"""The worked examples of the fuel rules as modules, with an independent model of what each budget must give.

An Example knows its module, the export to call and its arguments, and per schedule the list of check points (fuel used
so far at each check), the total, and how the run ends. From these follow outcome and remainder for every budget:
a check with used >= budget ends the run out of fuel with 0 left; otherwise the run ends as it would with ample fuel,
with max(0, budget - total) left.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from wasm_asm import FUNCREF, I32, Module, i32, leb  # noqa: E402

DROP, NOP, RETURN, UNREACHABLE, END, ELSE = b"\x1a", b"\x01", b"\x0f", b"\x00", b"\x0b", b"\x05"
BLOCK, LOOP, IF = b"\x02\x40", b"\x03\x40", b"\x04\x40"
DIV_S, ADD, SUB, LT_U = b"\x6d", b"\x6a", b"\x6b", b"\x49"
OK, UNREACHABLE_TRAP, DIVIDE_TRAP = "ok", "unreachable", "integer divide by zero"
COMPAT = ["--fuel-at-traps=compat"]
MEMORY_TRAP = "out of bounds memory access"


def get(n):
    return b"\x20" + leb(n)


def call(n):
    return b"\x10" + leb(n)


class Example:
    def __init__(self, number, module, checks, total, end=OK, args=(), wt_next=None, export="run", flags=()):
        self.number = number
        self.module = module.encode() if isinstance(module, Module) else module
        self.args = [str(a) for a in args]
        self.export = export
        self.flags = list(flags)
        self.end = end
        self.models = {"wt31": (checks, total), "wt-next": wt_next or (checks, total)}

    def expect(self, schedule, budget):
        """(outcome, remaining) for a budget; outcome is "fuel" or self.end."""
        checks, total = self.models[schedule]
        if any(used >= budget for used in checks):
            return "fuel", 0
        return self.end, max(0, budget - total)

    def total(self, schedule):
        return self.models[schedule][1]


def single(body, **kw):
    m = Module()
    m.func(body, export="run", **kw)
    return m


def with_callee(body, callee_params=()):
    """Function 0 is an empty $g or $x, function 1 the example."""
    m = Module()
    m.func(b"", params=callee_params)
    m.table(1)
    m.elems.append(b"\x00" + i32(0) + END + leb(1) + leb(0))
    m.func(body, export="run")
    return m


def with_memory(body):
    m = Module()
    m.memory(1)
    m.func(body, export="run")
    return m


def fib_checks(n, used, checks):
    """Walks the recursive Fibonacci of the table; returns the fuel used after the call."""
    used += 1
    checks.append(used)
    used += 4
    if n < 2:
        return used + 1
    used += 4
    used = fib_checks(n - 1, used, checks)
    used += 4
    used = fib_checks(n - 2, used, checks)
    return used + 1


def fib(n):
    body = (get(0) + i32(2) + LT_U + b"\x04\x7f" + get(0) + ELSE + get(0) + i32(1) + SUB + call(0) + get(0) + i32(2) +
            SUB + call(0) + ADD + END)
    m = Module()
    m.func(body, params=[I32], results=[I32], export="run")
    checks = []
    total = fib_checks(n, 0, checks)
    return m, checks, total


def started(body, locals_=()):
    """A module whose start function has the body; the export called afterwards does nothing."""
    m = Module()
    m.start = m.func(body, locals_=locals_)
    m.func(b"", export="run")
    return m


LOOP_BODY = i32(10) + b"\x21\x00" + LOOP + get(0) + i32(1) + SUB + b"\x22\x00" + b"\x0d\x00" + END
LOOP_CHECKS = [1] + [3 + 5 * i for i in range(10)]


def after_start(offset, checks, total):
    """Instantiation with a start function and then the empty export (entry 1): check points and total."""
    moved = [c + offset for c in checks]
    return moved + [total + offset + 1], total + offset + 1


def start_example(number, body, checks, total, locals_=()):
    next_checks, next_total = after_start(2, checks, total)
    return Example(number, started(body, locals_), *after_start(0, checks, total),
                   wt_next=([1] + next_checks, next_total))


def examples():
    br_if_block = lambda c: BLOCK + i32(c) + b"\x0d\x00" + i32(0) + DROP + END  # noqa: E731
    table_body = (BLOCK + BLOCK + BLOCK + get(0) + b"\x0e" + leb(2) + leb(0) + leb(1) + leb(2) + END + i32(7) + DROP +
                  END + i32(8) + DROP + END)
    zeros = i32(0) + i32(0)
    out = [
        Example("1", single(b""), [1], 1),
        Example("2", single(i32(0) + DROP), [1], 2),
        Example("3", single(BLOCK + END + NOP), [1], 1),
        Example("4", single(get(0) + i32(2) + ADD, params=[I32], results=[I32]), [1], 4, args=[5]),
        Example("5", with_callee(i32(0) + IF + call(0) + END), [1], 3),
        Example("6", with_callee(i32(1) + IF + i32(0) + DROP + ELSE + call(0) + END), [1], 4),
        Example("7", single(br_if_block(1)), [1], 3),
        Example("8", single(br_if_block(0)), [1], 4),
        Example("9", single(i32(0) + RETURN + i32(0) + UNREACHABLE), [1], 2),
        Example("10", single(LOOP_BODY, locals_=[I32]), LOOP_CHECKS, 53),
        Example("11", with_callee(call(0)), [1, 3], 3),
        Example("12", with_callee(i32(0) + b"\x11\x00\x00"), [1, 4], 4),
        Example("13", with_callee(i32(0) + call(0) + i32(0) + DROP, [I32]), [1, 4], 5),
        Example("14", single(i32(0) * 6 + UNREACHABLE), [1], 7, end=UNREACHABLE_TRAP),
        Example("15", single(i32(1) + i32(0) + DIV_S + DROP), [1], 4, end=DIVIDE_TRAP),
        Example("16", with_callee(call(0) + i32(1) + i32(0) + DIV_S + DROP), [1, 3], 6, end=DIVIDE_TRAP),
        Example("14 trap-compat", single(i32(0) * 6 + UNREACHABLE), [1], 7, end=UNREACHABLE_TRAP, flags=COMPAT),
        Example("15 trap-compat", single(i32(1) + i32(0) + DIV_S + DROP), [1], 0, end=DIVIDE_TRAP, flags=COMPAT),
        Example("16 trap-compat", with_callee(call(0) + i32(1) + i32(0) + DIV_S + DROP), [1, 3], 3, end=DIVIDE_TRAP,
                flags=COMPAT),
        Example("17", with_memory(i32(1) + b"\x40\x00" + DROP), [1], 3),
        Example("18 copy", with_memory(zeros + i32(100) + b"\xfc\x0a\x00\x00"), [1], 5, wt_next=([1], 105)),
        Example("18 fill", with_memory(zeros + i32(100) + b"\xfc\x0b\x00"), [1], 5, wt_next=([1], 105)),
        Example("18 local length", with_memory_local(zeros + get(0) + b"\xfc\x0a\x00\x00"), [1], 5,
                args=[100], wt_next=([1, 105], 105)),
        Example("18 long constant", with_memory(zeros + i32(200) + b"\xfc\x0a\x00\x00"), [1], 5,
                wt_next=([1, 205], 205)),
        Example("18 table.copy", table_copy(), [1], 5, wt_next=([1], 105)),
        Example("19", with_table(b"\xd0\x70" + i32(100) + b"\xfc\x0f\x00" + DROP), [1], 4, wt_next=([1], 104)),
        Example("20", memory_init(), [1], 5, wt_next=([1], 25)),
    ]
    for n in (0, 1, 2, 5, 10):
        m, checks, total = fib(n)
        out.append(Example(f"21 fib({n})", m, checks, total, args=[n]))
    for arg, used in ((0, 5), (1, 4), (2, 3), (9, 3)):
        out.append(Example(f"22 arg {arg}", single(table_body, params=[I32]), [1], used, args=[arg]))
    out += [
        start_example("23 #1", b"", [1], 1),
        start_example("23 #2", i32(0) + DROP, [1], 2),
        start_example("23 #10", LOOP_BODY, LOOP_CHECKS, 53, [I32]),
        Example("24", plain_instance(), [1], 1),
    ]
    return out + bulk_rules() + startup_rules()


def bulk_rules():
    """Section 3 and 4 beyond the table: computed lengths, the limit of 128 units, growth that fails."""
    fill, grow, table_grow = b"\xfc\x0b\x00", b"\x40\x00", b"\xfc\x0f\x00"
    null = b"\xd0\x70"
    zeros = i32(0) + i32(0)
    out = [
        # A computed delta is a check point even where a page costs nothing.
        Example("4 memory.grow computed", with_memory_local(get(0) + grow + DROP), [1], 3, args=[1], wt_next=([1, 3], 3)),
        Example("4 memory.grow refused", with_memory(i32(65536) + grow + DROP), [1], 3),
        Example("19 refused", with_full_table(null + i32(100) + table_grow + DROP), [1], 4, wt_next=([1], 104)),
        Example("19 computed", with_table_local(null + get(0) + table_grow + DROP), [1], 4, args=[30],
                wt_next=([1, 34], 34)),
        Example("3 table.fill", table_user(i32(0) + null + i32(60) + b"\xfc\x11\x00"), [1], 5, args=[0], wt_next=([1], 65)),
        Example("3 table.fill computed", table_user(i32(0) + null + get(0) + b"\xfc\x11\x00"), [1], 5, args=[60],
                wt_next=([1, 65], 65)),
        Example("3 table.init", table_user(zeros + i32(2) + b"\xfc\x0c\x00\x00"), [1], 5, args=[0], wt_next=([1], 7)),
        Example("3 table.init computed", table_user(zeros + get(0) + b"\xfc\x0c\x00\x00"), [1], 5, args=[2],
                wt_next=([1, 7], 7)),
        Example("20 computed", memory_init(get(0)), [1], 5, args=[20], wt_next=([1, 25], 25)),
        # The requested length is paid before the bounds are looked at.
        Example("3 fill out of bounds", with_memory_local(i32(65536) + i32(0) + get(0) + fill), [1], 5, args=[40],
                end=MEMORY_TRAP, wt_next=([1, 45], 45)),
    ]
    for length in (128, 129):
        checks = [1] if length == 128 else [1, 5 + length]
        out.append(Example(f"4 constant {length}", with_memory(zeros + i32(length) + fill), [1], 5,
                           wt_next=(checks, 5 + length)))
    return out


def startup_rules():
    """Section 6: what the synthetic startup function of wt-next costs. The export called afterwards is empty."""
    def example(name, module, units, start_checks=(), start_total=0):
        """units: of the startup function after its entry; then the start function, if any."""
        wt31_checks = list(start_checks) + [start_total + 1]
        wt_next_checks = [1] + [1 + units + c for c in start_checks] + [1 + units + start_total + 1]
        return Example("6 " + name, module, wt31_checks, start_total + 1,
                       wt_next=(wt_next_checks, 1 + units + start_total + 1))

    three = i32(1) + i32(2) + ADD + END  # a computed initialiser: three operators

    def base():
        m = Module()
        m.memory(1)
        m.table(10)
        m.func(b"", export="run")
        return m

    computed_global, computed_data, computed_elem, global_offset, both = base(), base(), base(), base(), base()
    computed_global.globals.append(bytes([I32, 0]) + three)
    computed_data.datas.append(b"\x00" + three + leb(20) + b"x" * 20)
    computed_elem.elems.append(b"\x00" + three + leb(3) + leb(0) * 3)
    global_offset.globals.append(bytes([I32, 0]) + i32(4) + END)
    global_offset.datas.append(b"\x00" + b"\x23\x00" + END + leb(5) + b"x" * 5)
    both.globals.append(bytes([I32, 0]) + three)
    both.start = both.func(i32(0) + DROP)
    return [
        example("computed global", computed_global, 3),
        example("computed data offset", computed_data, 3 + 20),
        example("computed element offset", computed_elem, 3 + 3),
        example("offset from a global", global_offset, 1 + 5),
        example("computed global and start", both, 3 + 1, [1], 2),
    ]


def with_memory_local(body):
    m = Module()
    m.memory(1)
    m.func(body, params=[I32], export="run")
    return m


def with_table(body):
    m = Module()
    m.table(1)
    m.func(body, export="run")
    return m


def with_table_local(body):
    m = Module()
    m.table(1)
    m.func(body, params=[I32], export="run")
    return m


def with_full_table(body):
    """A table that cannot grow."""
    m = Module()
    m.tables.append(bytes([FUNCREF]) + b"\x01" + leb(1) + leb(1))
    m.func(body, export="run")
    return m


def table_user(body):
    """A table of 100 and a passive segment of two functions."""
    m = Module()
    m.table(100)
    m.func(body, params=[I32], export="run")
    m.elems.append(b"\x01\x00" + leb(2) + leb(0) + leb(0))
    return m


def table_copy():
    m = Module()
    m.table(200)
    m.func(i32(0) + i32(0) + i32(100) + b"\xfc\x0e\x00\x00", export="run")
    return m


def memory_init(length=None):
    """Length 20, constant or (with code that takes it from the parameter) computed."""
    m = Module()
    m.memory(1)
    m.datas.append(b"\x01" + leb(20) + b"x" * 20)
    m.func(i32(0) + i32(0) + (length or i32(20)) + b"\xfc\x08\x00\x00", params=[I32] if length else [], export="run")
    return m


def plain_instance():
    """Constant-offset segments and globals cost nothing; the export called is empty."""
    m = with_callee(b"")
    m.memory(1)
    m.globals.append(bytes([I32, 0]) + i32(7) + END)
    m.datas.append(b"\x00" + i32(8) + END + leb(3) + b"abc")
    return m


def endless():
    """#29: budget B executes exactly B - 1 branches; every budget ends out of fuel with 0 left."""
    return single(LOOP + b"\x0c\x00" + END).encode()


__all__ = ["Example", "examples", "endless", "fib", "FUNCREF"]
