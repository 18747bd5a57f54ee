"""Guests that make a list of WASI calls and print each one's errno: for tests of what a guest may do.

  script(steps, module="wasi_snapshot_preview1") -> text of a module

A step is a tuple: function name, then arguments: an int, ("i64", int), a str (pushed as pointer and length), or ("fd", n): what
step n stored at its result address. OUT as an argument is that step's result address. Standard output gets one line of errnos,
separated by blanks. `say(text)` as a step writes to standard output instead.
"""

OUT = object()
SIGNATURES = {
    "path_open": "i32 i32 i32 i32 i32 i64 i64 i32 i32", "path_filestat_get": "i32 i32 i32 i32 i32",
    "path_readlink": "i32 i32 i32 i32 i32 i32", "path_create_directory": "i32 i32 i32", "path_unlink_file": "i32 i32 i32",
    "path_remove_directory": "i32 i32 i32", "path_symlink": "i32 i32 i32 i32 i32",
    "path_filestat_set_times": "i32 i32 i32 i32 i64 i64 i32", "path_rename": "i32 i32 i32 i32 i32 i32",
    "path_link": "i32 i32 i32 i32 i32 i32 i32", "fd_read": "i32 i32 i32 i32", "fd_pread": "i32 i32 i32 i64 i32",
    "fd_write": "i32 i32 i32 i32", "fd_pwrite": "i32 i32 i32 i64 i32", "fd_filestat_get": "i32 i32",
    "fd_filestat_set_size": "i32 i64", "fd_filestat_set_times": "i32 i64 i64 i32", "fd_allocate": "i32 i64 i64",
    "fd_readdir": "i32 i32 i32 i64 i32", "fd_renumber": "i32 i32", "fd_close": "i32",
    "fd_sync": "i32", "fd_datasync": "i32", "fd_advise": "i32 i64 i64 i32", "fd_seek": "i32 i64 i32 i32", "fd_tell": "i32 i32",
    "fd_fdstat_get": "i32 i32", "fd_fdstat_set_flags": "i32 i32", "fd_prestat_get": "i32 i32",
    "fd_prestat_dir_name": "i32 i32 i32",
}
IOV = 64          # one buffer description, over BUFFER
BUFFER = 4096
ERRNOS = 1024     # a u32 for each step
RESULTS = 2048    # 64 bytes for each step
STRINGS = 16384


def say(text):
    return ("say", text)


def quoted(data):
    return "".join(chr(b) if 32 <= b < 127 and b not in (34, 92) else f"\\{b:02x}" for b in data)


class Writer:
    def __init__(self, module):
        self.module, self.at, self.data, self.code = module, STRINGS, [], []
        self.used = {"fd_write": None}

    def string(self, text):
        data = text.encode()
        where, self.at = self.at, self.at + len(data) + 1
        self.data.append(f'(data (i32.const {where}) "{quoted(data)}")')
        return where, len(data)

    def argument(self, value, kind, step):
        if value is OUT:
            return [f"i32.const {RESULTS + 64 * step}"]
        if isinstance(value, tuple) and value[0] == "fd":
            return [f"(i32.load (i32.const {RESULTS + 64 * value[1]}))"]
        return [f"{kind}.const {value}"]

    def call(self, step, name, arguments):
        self.used[name] = None
        kinds = SIGNATURES[name].split()
        code = []
        at = 0
        for value in arguments:
            if isinstance(value, str):
                where, size = self.string(value)
                code += [f"i32.const {where}", f"i32.const {size}"]
                at += 2
            else:
                code += self.argument(value, kinds[at], step)
                at += 1
        assert at == len(kinds), (name, arguments)
        self.code += [f"i32.const {ERRNOS + 4 * step}"] + code + [f"call ${name}", "i32.store"]

    def say(self, text):
        where, size = self.string(text)
        self.code += [f"(i32.store (i32.const 80) (i32.const {where}))", f"(i32.store (i32.const 84) (i32.const {size}))",
                      "(drop (call $fd_write (i32.const 1) (i32.const 80) (i32.const 1) (i32.const 96)))"]

    def text(self, steps):
        imports = "\n".join(f'  (import "{self.module}" "{n}" (func ${n} (param {SIGNATURES[n]}) (result i32)))' for n in self.used)
        # Errnos are below 100: two digits and a blank each.
        report = [f"""(i32.store8 (i32.const {BUFFER + 3 * i}) (i32.add (i32.const 48) (i32.div_u (i32.load (i32.const {ERRNOS + 4 * i})) (i32.const 10))))
    (i32.store8 (i32.const {BUFFER + 3 * i + 1}) (i32.add (i32.const 48) (i32.rem_u (i32.load (i32.const {ERRNOS + 4 * i})) (i32.const 10))))
    (i32.store8 (i32.const {BUFFER + 3 * i + 2}) (i32.const 32))""" for i in range(steps)]
        code = "\n    ".join(self.code + report)
        return f"""(module
{imports}
  (memory (export "memory") 1)
  (data (i32.const {IOV}) "\\00\\10\\00\\00\\04\\00\\00\\00")
  {chr(10).join(self.data)}
  (func (export "_start")
    {code}
    (i32.store (i32.const 80) (i32.const {BUFFER}))
    (i32.store (i32.const 84) (i32.const {3 * steps}))
    (drop (call $fd_write (i32.const 1) (i32.const 80) (i32.const 1) (i32.const 96)))))
"""


def script(steps, module="wasi_snapshot_preview1"):
    writer = Writer(module)
    for step, (name, *arguments) in enumerate(steps):
        if name == "say":
            writer.say(arguments[0])
        else:
            writer.call(step, name, arguments)
    return writer.text(len(steps))


CREAT, DIRECTORY, EXCL, TRUNC = 1, 2, 4, 8
READ, WRITE = 2, 64
FOLLOW = 1


def opened(path, rights=READ, oflags=0, dir=3, lookup=FOLLOW, fdflags=0):
    return ("path_open", dir, lookup, path, oflags, rights, 0, fdflags, OUT)
