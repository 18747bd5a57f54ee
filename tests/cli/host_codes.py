"""The codes of the extensions' imports, and the count of those that a suite has seen.

MODULES repeats the tables of the reference page on host calls: the codes of each import module, which of them the page calls unused, and
which of the others a call of each function can end with. Entry point: Watch, which a suite makes for its modules. It adds
--trace=host:FILE to every run and notes the results that the guest got; at the end of the suite every code of every function was seen
in some run, or stands in `hard` with the reason why no run gives it.
"""

import os
import re

LINE = re.compile(r"host [0-9.]+ (\w+)\.(\w+)\(.* = (\d+)")
IN_USE = "another thread is in a call with the same handle"


class Module:
    """names: by code, from 0. unused: of the whole module. functions: the codes of each. hard: {function: {code: why no run gives it}}."""

    def __init__(self, names, unused, functions, hard=None):
        self.names, self.unused, self.functions, self.hard = names, set(unused), functions, hard or {}
        given = {code for codes in functions.values() for code in codes}
        assert given | self.unused == set(range(len(names))) and not given & self.unused, names


MODULES = {
    "blockless_socket": Module(
        ("success", "parameter error", "connection refused", "connection reset", "address in use"), {3},
        {"create_tcp_bind_socket": (0, 1, 2, 4), "tcp_connect": (0, 1, 2)}),
    "blockless_drivers": Module(
        ("success", "end of file", "argument list too long", "access", "address in use", "address not available", "address family", "again",
         "bad file descriptor", "connect error", "driver not registered", "driver open error", "bad parameters", "unknown", "permission denied"),
        {2, 4, 6, 7}, {"blockless_open": (0, 1, 3, 5, 8, 9, 10, 11, 12, 13, 14)}),
    "blockless_memory": Module(
        ("success", "invalid handle", "runtime error", "invalid parameter"), {1}, {"memory_read": (0, 2, 3), "env_var_read": (0, 2, 3)}),
    # Of the page's unused ones 12 is ours for too many open responses; 13 is for builds without a client.
    "blockless_http": Module(
        ("success", "invalid handle", "memory access error", "buffer too small", "header not found", "UTF-8 error", "destination not allowed",
         "invalid method", "invalid encoding", "invalid URL", "request error", "runtime error", "too many sessions", "invalid driver",
         "permission denied", "malformed headers"), {3, 6, 7, 13},
        {"http_req": (0, 5, 9, 10, 11, 12, 14, 15), "http_read_header": (0, 1, 2, 4, 5, 8, 11), "http_read_body": (0, 1, 2, 11),
         "http_close": (0, 1)},
        {"http_read_body": {11: IN_USE}}),
    "blockless_cgi": Module(
        ("success", "invalid handle", "runtime error", "invalid parameter", "invalid extension"), (),
        {"cgi_list_exec": (0, 2, 4), "cgi_list_read": (0, 1, 3), "cgi_open": (0, 2, 3, 4), "cgi_stdout_read": (0, 1, 2, 3),
         "cgi_stderr_read": (0, 1, 2, 3), "cgi_stdin_write": (0, 1, 2, 3), "cgi_close": (0, 1, 2)},
        {"cgi_stdout_read": {2: IN_USE}, "cgi_stderr_read": {2: IN_USE}, "cgi_close": {2: "the helper process is gone"}}),
    # Of the page's table 5 is never ours: a node's answer is bytes.
    "blockless_ipfs": Module(
        ("success", "invalid handle", "UTF-8", "invalid method", "invalid parameter", "invalid encoding", "request error", "runtime error",
         "too many sessions", "invalid driver", "permission denied"), {5},
        {"ipfs_command": (0, 2, 3, 4, 6, 8, 9, 10), "ipfs_read": (0, 1, 4, 6, 7), "ipfs_write": (0, 1, 4, 6, 7), "ipfs_close": (0,)}),
    # 3: an unknown command is 4; 11: the client is part of the program.
    "blockless_s3": Module(
        ("success", "invalid handle", "UTF-8", "invalid method", "invalid parameter", "invalid encoding", "credentials", "region",
         "request error", "runtime error", "too many sessions", "invalid driver", "permission denied"), {3, 11},
        {"bucket_command": (0, 2, 4, 5, 6, 7, 8, 9, 10, 12), "bucket_put_object": (0, 2, 4, 6, 7, 8, 12), "s3_read": (0, 1, 4, 9),
         "s3_close": (0,)}),
    "blockless_llm": Module(
        ("success", "model not set", "model not supported", "initialization failed", "completion failed", "options not set", "shutdown failed",
         "UTF-8", "runtime error", "function call error", "permission denied"), (),
        {"llm_set_model_request": (0, 2, 3, 7, 8, 10), "llm_get_model_response": (0, 1), "llm_set_model_options_request": (0, 1, 5, 7, 8, 10),
         "llm_get_model_options": (0, 1, 8), "llm_prompt_request": (0, 1, 7, 8), "llm_read_prompt_response": (0, 1, 4, 8, 9, 10),
         "llm_close": (0, 6)},
        {"llm_set_model_request": {8: "a text of more than 16 MiB"}}),
    "bless": Module(
        ("success", "not parsable", "method not found", "invalid params", "internal error", "buffer too small"), {2, 3},
        {"rpc_call": (0, 1, 4, 5)}),
}


class Watch:
    """What the runs of one suite have seen of the codes of some modules."""

    def __init__(self, folder, *modules):
        self.file, self.modules, self.seen = os.path.join(folder, "codes.trace"), modules, set()

    def words(self, words):
        """The words of a run of bls-runtime, or of `run ...` of bls, with the trace asked for."""
        at = 1 if words and words[0] == "run" else 0
        return [*words[:at], f"--trace=host:{self.file}", *words[at:]]

    def note(self):
        """Reads the trace of the run before."""
        try:
            with open(self.file, encoding="utf-8", errors="replace") as lines:
                for line in lines:
                    found = LINE.match(line)
                    if found and found[1] in self.modules:
                        self.seen.add((f"{found[1]}.{found[2]}", int(found[3])))
            os.unlink(self.file)
        except FileNotFoundError:
            pass

    def missing(self, functions):
        """Sentences on what the runs did not give, and on what they gave although the table says otherwise. `functions`: all there are."""
        said = []
        for module in self.modules:
            table, known = MODULES[module], {name.split(".")[1] for name in functions if name.startswith(module + ".")}
            assert set(table.functions) == known, f"{module} has {sorted(known)}, the table {sorted(table.functions)}"
            for function, codes in table.functions.items():
                seen, hard = {code for name, code in self.seen if name == f"{module}.{function}"}, table.hard.get(function, {})
                said += [f"{function}: no run gave {code} ({table.names[code]})" for code in codes if code not in seen and code not in hard]
                said += [f"{function}: a run gave {code}" for code in sorted(seen) if code not in codes or code in hard]
        return said
