"""Guests that make a list of host calls, of any import module, and print each one's code: for tests of extensions.

  script(steps, memory=True) -> text of a module

A step is a tuple: "module.function" (WASI by its name alone), then arguments: an int, ("i64", n), a str or bytes (pushed as pointer
and length), OUT (that step's result address), ("got", n) (the u32 that step n stored there), VEC (one buffer description over
BUFFER, 64 bytes), ("text", data) (a description of that text). Other steps:
  ("say", text)       to standard output       ("show", n)         what step n's count says was stored at BUFFER
  ("wait", fd)        until fd can be read     ("trap",)           the guest traps            ("spin",)  forever
After the last step standard output gets one line: the codes of all calls, in order, separated by blanks.
"""

OUT, VEC = object(), object()
BUFFER = 4096
WASI = "wasi_snapshot_preview1"
ONE, TWO, THREE, FOUR, FIVE, SIX = ("i32 " * n for n in range(1, 7))
SIGNATURES = {
    WASI: {"fd_read": FOUR, "fd_write": FOUR, "fd_close": ONE, "fd_fdstat_get": TWO, "fd_filestat_get": TWO,
           "fd_seek": "i32 i64 i32 i32", "sock_accept": THREE, "sock_recv": SIX, "sock_send": FIVE, "sock_shutdown": TWO,
           "poll_oneoff": FOUR, "environ_get": TWO, "environ_sizes_get": TWO, "random_get": TWO, "fd_renumber": TWO},
    "blockless_drivers": {"blockless_open": FIVE},
    "blockless_memory": {"memory_read": THREE, "env_var_read": THREE},
    "blockless_socket": {"create_tcp_bind_socket": THREE, "tcp_connect": THREE},
    "blockless_http": {"http_req": SIX, "http_close": ONE, "http_read_header": SIX, "http_read_body": FOUR},
    "blockless_ipfs": {"ipfs_command": FOUR, "ipfs_read": FOUR, "ipfs_write": FOUR, "ipfs_close": ONE},
    "blockless_s3": {"bucket_command": FOUR, "bucket_put_object": FOUR, "s3_read": FOUR, "s3_close": ONE},
    "blockless_cgi": {"cgi_list_exec": ONE, "cgi_open": THREE, "cgi_list_read": FOUR, "cgi_stdout_read": FOUR,
                      "cgi_stderr_read": FOUR, "cgi_stdin_write": FOUR, "cgi_close": ONE},
    "blockless_llm": {"llm_set_model_request": THREE, "llm_get_model_response": FOUR, "llm_get_model_options": FOUR,
                      "llm_read_prompt_response": FOUR, "llm_set_model_options_request": THREE, "llm_prompt_request": THREE,
                      "llm_close": ONE},
    "bless": {"rpc_call": FIVE},
}
CODES, RESULTS, STRINGS = 1024, 2048, 65536


def quoted(data):
    return "".join(chr(b) if 32 <= b < 127 and b not in (34, 92) else f"\\{b:02x}" for b in data)


class Writer:
    def __init__(self):
        self.at, self.data, self.code, self.used, self.calls = STRINGS, [], [], {}, []

    def text(self, text):
        data = text.encode() if isinstance(text, str) else text
        where, self.at = self.at, self.at + len(data) + 8
        self.data.append(f'(data (i32.const {where}) "{quoted(data)}")')
        return where, len(data)

    def describe(self, data):
        where, size = self.text(data)
        at = (self.at + 7) & ~7
        self.at = at + 8
        vector = where.to_bytes(4, "little") + size.to_bytes(4, "little")
        self.data.append(f'(data (i32.const {at}) "{quoted(vector)}")')
        return at

    def value(self, value, step):
        if value is OUT:
            return [f"i32.const {RESULTS + 64 * step}"]
        if value is VEC:
            return ["i32.const 64", "i32.const 1"]
        if isinstance(value, (str, bytes)):
            return [f"i32.const {n}" for n in self.text(value)]
        if isinstance(value, tuple) and value[0] == "got":
            return [f"(i32.load (i32.const {RESULTS + 64 * value[1]}))"]
        if isinstance(value, tuple) and value[0] == "text":
            return [f"i32.const {self.describe(value[1])}", "i32.const 1"]
        if isinstance(value, tuple):
            return [f"i64.const {value[1]}"]
        return [f"i32.const {value}"]

    def call(self, step, name, arguments, kept=True):
        module, name = name.split(".") if "." in name else (WASI, name)
        self.used[name] = (module, SIGNATURES[module][name])
        code = [f"i32.const {CODES + 4 * step}"] if kept else []
        for value in arguments:
            code += self.value(value, step)
        self.code += code + [f"call ${name}", "i32.store" if kept else "drop"]
        if kept:
            self.calls.append(step)

    def say(self, where, size):
        self.used["fd_write"] = (WASI, FOUR)
        self.code += [f"(i32.store (i32.const 80) (i32.const {where}))", f"(i32.store (i32.const 84) {size})",
                      "(drop (call $fd_write (i32.const 1) (i32.const 80) (i32.const 1) (i32.const 96)))"]

    def step(self, number, name, *arguments):
        if name == "say":
            where, size = self.text(arguments[0])
            self.say(where, f"(i32.const {size})")
        elif name == "show":
            self.say(BUFFER, f"(i32.load (i32.const {RESULTS + 64 * arguments[0]}))")
        elif name == "wait":
            self.code += ["(i32.store8 (i32.const 520) (i32.const 1))", "i32.const 528", *self.value(arguments[0], number), "i32.store"]
            self.call(number, "poll_oneoff", (512, 640, 1, 800), kept=False)
        elif name in ("trap", "spin"):
            self.code.append("unreachable" if name == "trap" else "(loop $spin (br $spin))")
        else:
            self.call(number, name, arguments)

    def module(self, memory):
        line = "\n".join(f"    (call $digits (i32.load (i32.const {CODES + 4 * step})) (i32.const {STRINGS // 2 + 4 * i}))"
                         for i, step in enumerate(self.calls))
        self.say(STRINGS // 2, f"(i32.const {4 * len(self.calls)})")
        show = self.code[-3:]
        code = "\n    ".join(self.code[:-3])
        imports = "\n".join(f'  (import "{module}" "{name}" (func ${name} (param {types}) (result i32)))'
                            for name, (module, types) in self.used.items())
        return f"""(module
{imports}
  (memory {'(export "memory")' if memory else ''} 4)
  (data (i32.const 64) "\\00\\10\\00\\00\\40\\00\\00\\00")
  {chr(10).join(self.data)}
  (func $digit (param $value i32) (param $at i32)
    (i32.store8 (local.get $at) (i32.add (i32.const 48) (i32.rem_u (local.get $value) (i32.const 10)))))
  (func $digits (param $value i32) (param $at i32)
    (call $digit (i32.div_u (local.get $value) (i32.const 100)) (local.get $at))
    (call $digit (i32.div_u (local.get $value) (i32.const 10)) (i32.add (local.get $at) (i32.const 1)))
    (call $digit (local.get $value) (i32.add (local.get $at) (i32.const 2)))
    (i32.store8 (i32.add (local.get $at) (i32.const 3)) (i32.const 32)))
  (func (export "_start")
    {code}
{line}
    {chr(10).join(show)}))
"""


def script(steps, memory=True):
    writer = Writer()
    for number, step in enumerate(steps):
        writer.step(number, *step)
    return writer.module(memory)


def codes(line):
    """The codes a guest printed, as ints."""
    return [int(word) for word in line.split()]
