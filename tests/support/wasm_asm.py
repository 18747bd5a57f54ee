"""A small assembler for test modules: sections from Python values, no text format.

Entry points: Module (add functions, memories, tables …, then .encode()), leb, sleb, and the opcode constants the
process-level tests need. Nothing is checked: tests want to write wrong modules too.
"""

I32, I64, F32, F64, V128, FUNCREF, EXTERNREF = 0x7F, 0x7E, 0x7D, 0x7C, 0x7B, 0x70, 0x6F


def leb(value):
    out = bytearray()
    while True:
        byte = value & 0x7F
        value >>= 7
        if value:
            out.append(byte | 0x80)
        else:
            out.append(byte)
            return bytes(out)


def sleb(value):
    out = bytearray()
    while True:
        byte = value & 0x7F
        value >>= 7
        if (value == 0 and not byte & 0x40) or (value == -1 and byte & 0x40):
            out.append(byte)
            return bytes(out)
        out.append(byte | 0x80)


def name(text):
    data = text.encode()
    return leb(len(data)) + data


def vector(items):
    return leb(len(items)) + b"".join(items)


def i32(value):
    return b"\x41" + sleb(value)


def i64(value):
    return b"\x42" + sleb(value)


class Module:
    """Sections in order; functions are (params, results, locals, body without its end)."""

    def __init__(self):
        self.types, self.imports, self.funcs, self.exports = [], [], [], []
        self.tables, self.memories, self.globals, self.elems, self.datas = [], [], [], [], []
        self.start = None
        self.customs = []

    def type(self, params, results):
        entry = b"\x60" + vector([bytes([p]) for p in params]) + vector([bytes([r]) for r in results])
        if entry not in self.types:
            self.types.append(entry)
        return self.types.index(entry)

    def import_func(self, module, field, params=(), results=()):
        self.imports.append(name(module) + name(field) + b"\x00" + leb(self.type(params, results)))
        return len(self.imports) - 1

    def func(self, body, params=(), results=(), locals_=(), export=None):
        index = len(self.imports) + len(self.funcs)
        self.funcs.append((self.type(params, results), locals_, body))
        if export is not None:
            self.exports.append(name(export) + b"\x00" + leb(index))
        return index

    def memory(self, minimum, maximum=None, export=None):
        limits = b"\x00" + leb(minimum) if maximum is None else b"\x01" + leb(minimum) + leb(maximum)
        self.memories.append(limits)
        if export is not None:
            self.exports.append(name(export) + b"\x02" + leb(len(self.memories) - 1))

    def table(self, minimum, elem=FUNCREF):
        self.tables.append(bytes([elem]) + b"\x00" + leb(minimum))

    def encode(self):
        out = bytearray(b"\x00asm\x01\x00\x00\x00")

        def section(number, payload):
            out.append(number)
            out.extend(leb(len(payload)) + payload)

        if self.types:
            section(1, vector(self.types))
        if self.imports:
            section(2, vector(self.imports))
        if self.funcs:
            section(3, vector([leb(f[0]) for f in self.funcs]))
        if self.tables:
            section(4, vector(self.tables))
        if self.memories:
            section(5, vector(self.memories))
        if self.globals:
            section(6, vector(self.globals))
        if self.exports:
            section(7, vector(self.exports))
        if self.start is not None:
            section(8, leb(self.start))
        if self.elems:
            section(9, vector(self.elems))
        if self.datas:
            section(12, leb(len(self.datas)))
        if self.funcs:
            bodies = []
            for _, locals_, body in self.funcs:
                code = vector([leb(1) + bytes([t]) for t in locals_]) + body + b"\x0b"
                bodies.append(leb(len(code)) + code)
            section(10, vector(bodies))
        if self.datas:
            section(11, vector(self.datas))
        for custom in self.customs:
            section(0, custom)
        return bytes(out)
