"""blockless_llm with the real program in its sandbox: models that are scripts, one that is mock-llm, downloads, tools, every code,
every ending.

  llm.py --bin FOLDER [--only WORD]

Which codes its functions have: host_codes.py.
"""

import json
import os
import shutil
import stat
import struct
import subprocess
import sys
import threading
import time

import driver
from host_script import BUFFER, OUT, codes, script
from llm_servers import MOCK_LLM, Downloads, Tools, mock_llm, model_script
from s3_servers import npm_tree
from thread_guest import FIRST, ThreadGuest

SET, GET, CLOSE = (f"blockless_llm.llm_{name}" for name in ("set_model_request", "get_model_response", "close"))
SET_OPTIONS, GET_OPTIONS = "blockless_llm.llm_set_model_options_request", "blockless_llm.llm_get_model_options"
PROMPT, READ = "blockless_llm.llm_prompt_request", "blockless_llm.llm_read_prompt_response"
MODEL = "Llama-3.2-1B-Instruct"
FILE = "Llama-3.2-1B-Instruct.Q6_K.llamafile"
H = ("got", 0)
TRAP = 255
START, TEXT = (SET, OUT, MODEL), (READ, H, BUFFER, 65535, OUT)


def ended(pid):
    """True when there is no such process, or nothing but its exit status."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


class Llm(driver.Driver):
    MODULES = ("blockless_llm",)

    def __init__(self, folder):
        super().__init__(folder)
        self.log, self.models, self.number = self.path("model.log"), self.path("models"), 0
        self.tools = Tools()

    # -- the model, and a run of a guest -------------------------------------------------------------------------------

    def install(self, mode="", name=FILE, permissions=0o755, content=None):
        """A folder with one model in it, and an empty log."""
        shutil.rmtree(self.models, ignore_errors=True)
        os.makedirs(self.models)
        if os.path.exists(self.log):
            os.unlink(self.log)
        path = os.path.join(self.models, name)
        with open(path, "w") as f:
            f.write(model_script(self.log, mode) if content is None else content)
        os.chmod(path, permissions)

    def empty(self):
        self.install()
        os.unlink(os.path.join(self.models, FILE))

    def rows(self, key=None):
        """What the model wrote down, or the values of one kind."""
        if not os.path.exists(self.log):
            return []
        with open(self.log) as f:
            rows = [json.loads(line) for line in f]
        return rows if key is None else [row[key] for row in rows if key in row]

    def guest(self, steps):
        self.number += 1
        return self.write(f"guest{self.number}.wat", script(steps))

    def words(self, *words, run=True):
        return [*(["--allow-run-model"] if run else []), "--model-folder", self.models, *words]

    def run(self, steps, *words, status=0, run=True, env=None):
        """The codes of the calls, then what was said, as lines. Afterwards no model is left."""
        env = {k: v for k, v in {**os.environ, **(env or {})}.items() if k != "ENV_ROOT_PATH"}
        done = self.call(*self.words(*words, run=run), self.guest(steps), env=env)
        with open(self.path(f"guest{self.number}.log")) as f:
            self.err = done.err + f.read()
        self.expect(done, status, None)
        assert "sandbox" not in done.err, done.err
        for pid in self.rows("pid"):
            assert ended(pid), pid
        lines = done.stdout.split(b"\n")
        return (codes(lines[-1]) if status == 0 else None), lines[:-1]

    def asked(self, *prompts, options=None, words=()):
        """The answers to prompts, one after the other; the messages of the last request."""
        steps = [START] + ([(SET_OPTIONS, H, json.dumps(options))] if options is not None else [])
        for prompt in prompts:
            steps += [(PROMPT, H, prompt), TEXT, ("show", len(steps) + 1), ("say", "\n")]
        got, lines = self.run(steps, *words)
        assert set(got) == {0}, (got, self.err)
        return [line.decode() for line in lines], [row for row in self.rows() if "post" in row][-1]

    # -- a model that is there -----------------------------------------------------------------------------------------

    def test_a_conversation(self):
        self.install()
        got, lines = self.run([START, (GET, H, BUFFER, 255, OUT), ("show", 1), ("say", "\n"), (PROMPT, H, "héllo"), TEXT, ("show", 5),
                               ("say", "\n"), (PROMPT, H, "again"), TEXT, ("show", 9), ("say", "\n"), (CLOSE, H), (CLOSE, H), (CLOSE, 77)])
        assert got == [0] * 9 and lines == [MODEL.encode(), "héllo".encode(), b"again"], (got, lines, self.err)
        first = self.rows()[0]
        assert first["arguments"][:-1] == ["--server", "--nobrowser", "--host", "127.0.0.1", "--port"], first
        assert first["descriptors"] == [0, 1, 2, 3], first  # 3: the script itself
        posts = [row for row in self.rows() if "post" in row]
        assert [post["post"] for post in posts] == ["/v1/chat/completions"] * 2 and posts[0]["type"] == "application/json"
        assert posts[0]["model"] == MODEL and posts[0]["keys"] == ["messages", "model"], posts
        said = [("user", "héllo"), ("assistant", "héllo"), ("user", "again")]
        assert [(m["role"], m["content"]) for m in posts[1]["messages"]] == said, posts

    def test_names(self):
        for name, file in ((MODEL, FILE), (MODEL + "-Q6_K", FILE), (MODEL + "_Q6_K", FILE), (MODEL + ".Q6_K", FILE),
                           (MODEL + "-q4f16_1", MODEL + ".q4f16_1.llamafile"), (MODEL + ".q4f16_1", MODEL + ".q4f16_1.llamafile"),
                           ("gemma-2-27b-it.q4f16_1", "gemma-2-27b-it.q4f16_1.llamafile"),
                           ("Mistral-7B-Instruct-v0.3", "Mistral-7B-Instruct-v0.3.Q6_K.llamafile"),
                           ("Mixtral-8x7B-Instruct-v0.1", "Mixtral-8x7B-Instruct-v0.1.Q6_K.llamafile"),
                           ("gemma-2-2b-it", "gemma-2-2b-it.Q6_K.llamafile"), ("gemma-2-9b-it", "gemma-2-9b-it.Q6_K.llamafile"),
                           ("Llama-3.2-3B-Instruct", "Llama-3.2-3B-Instruct.Q6_K.llamafile")):
            self.install(mode="ends", name=file)
            assert self.run([(SET, OUT, name)])[0] == [3] and self.rows("pid"), name

    def test_what_is_no_model(self):
        self.empty()
        names = ["", "llama", MODEL + "-", MODEL + "-q6_k", MODEL + "_q4f16_1", "gemma-2-2b-it-Q6_K", "gemma-2-2b-it_Q6_K", " " + MODEL,
                 "http://github.com/a.llamafile", "https://example.com/a.llamafile", "https://github.com.evil.com/a.llamafile",
                 "https://evilgithub.com/a.llamafile", "https://github.com/a.llama", "https://github.com/.llamafile",
                 "https://github.com/../a.llamafile", "https://github.com/b/%2e%2e/a.llamafile", "https://github.com/a%0a.llamafile",
                 "https://github.com/a\n.llamafile", "https://u@github.com/a.llamafile", "file:///a.llamafile", "../" + FILE, FILE,
                 "https://github.com/a.llamafile/", "https://github.com/a?b=.llamafile", "https://github.com/" + "a" * 300 + ".llamafile"]
        assert self.run([(SET, OUT, name) for name in names], "--allow-all")[0] == [2] * len(names)
        assert os.listdir(self.models) == []

    def test_what_does_not_start(self):
        for mode, permissions, why in (("ends", 0o755, "has ended"), ("", 0o775, "others may write"), ("", 0o757, "others may write"),
                                       ("", 0o644, "no program")):
            self.install(mode, permissions=permissions)
            assert self.run([START])[0] == [3] and why in self.err, self.err
        self.install(content="neither a script nor a program")
        assert self.run([START])[0] == [3] and "cannot be started" in self.err, self.err

    def test_a_program_of_another_user_is_not_started(self):
        if os.geteuid() != 0:
            return
        self.install()
        os.chown(os.path.join(self.models, FILE), 65534, 65534)
        assert self.run([START])[0] == [3] and "another user" in self.err and not self.rows()

    def test_a_link_is_no_model(self):
        self.install(name="other.llamafile")
        os.symlink("other.llamafile", os.path.join(self.models, FILE))
        assert self.run([START])[0] == [10] and not self.rows(), self.err

    def test_an_executable_for_several_systems(self):
        """One that is a shell script without saying so, as the real ones are."""
        self.install(name="x.llamafile")
        body = os.path.join(self.models, "x.llamafile")
        with open(os.path.join(self.models, FILE), "w") as f:
            f.write(f"MZqFpD='\n'\nexec {body} \"$@\"\n")
        os.chmod(os.path.join(self.models, FILE), 0o755)
        assert self.run([START, (PROMPT, H, "a"), TEXT])[0] == [0, 0, 0], self.err

    def test_a_model_that_loads_for_a_while(self):
        self.install("loads")
        assert self.run([START])[0] == [0] and self.rows("ready") == [False, False, False, True], self.rows()

    def test_two_models_at_once_have_ports_of_their_own(self):
        self.install()
        got, lines = self.run([START, START, (PROMPT, ("got", 1), "two"), (READ, ("got", 1), BUFFER, 99, OUT), ("show", 3), ("say", "\n"),
                               (PROMPT, H, "one"), (READ, H, BUFFER, 99, OUT), ("show", 7), ("say", "\n")])
        assert got == [0] * 6 and lines == [b"two", b"one"], (got, lines)
        assert len({arguments[-1] for arguments in self.rows("arguments")}) == 2

    def test_no_more_than_eight(self):
        self.install()
        got = self.run([START] * 9 + [(CLOSE, H), START])[0]
        assert got == [0] * 8 + [3, 0, 0], got

    def test_our_own_server_needs_no_net_grant_and_no_proxy(self):
        self.install()
        for words in (["--deny-net"], ["--deny-net=127.0.0.1"], ["--allow-net=example.com"]):
            got = self.run([START, (PROMPT, H, "x"), TEXT], *words, env={"http_proxy": "http://127.0.0.1:1", "all_proxy": "http://127.0.0.1:1"})[0]
            assert got == [0, 0, 0], (words, got, self.err)

    def test_the_environment_of_a_model(self):
        self.install()
        self.run([START], "--cgi-inherit-env", "--cgi-env=SET=1", env={"SECRET": "x", "LD_PRELOAD_X": "y"})
        names = set(self.rows("environment")[0])
        assert names <= {"PATH", "HOME", "LANG", "TZ", "TMPDIR", "LC_CTYPE"} | {n for n in names if n.lower().endswith("_proxy")}, names

    # -- lengths ------------------------------------------------------------------------------------------------------

    def test_lengths(self):
        long = "gemma-2-2b-it"
        self.install(name=long + ".Q6_K.llamafile")
        for step, wanted in (((GET, H, BUFFER, 5, OUT), 5), ((GET, H, BUFFER, 0, OUT), 0), ((GET, H, BUFFER, 255, OUT), len(long))):
            got, lines = self.run([(SET, OUT, long), step, ("show", 1), ("say", "\n")])
            assert got == [0, 0] and lines == [long[:wanted].encode()], (got, lines)
        # Text lengths count modulo 65,536 before they are cut, as the reference's do.
        for size, most, wanted in ((65535, 65535, 65535), (65536, 65535, 0), (65540, 65535, 4), (100, 7, 7), (100, 0, 0)):
            steps = [(SET, OUT, long), (PROMPT, H, f"size {size}"), (READ, H, 131072, most, OUT), ("show", 2)]
            done = self.call(*self.words(), self.guest(steps))
            assert done.stdout.endswith(b"000 000 000 ") and len(done.stdout) == wanted + 12, (size, most, len(done.stdout))

    def test_values_out_of_range_trap(self):
        self.install()
        for step in ((GET, H, BUFFER, 256, OUT), (GET, 9, BUFFER, 256, OUT), (GET_OPTIONS, H, BUFFER, 65536, OUT),
                     (READ, H, BUFFER, 65536, OUT), (READ, H, BUFFER, -1, OUT), (GET, H, 262143, 2, OUT), (READ, H, 0x7FFFFFFF, 2, OUT),
                     (READ, H, BUFFER, 9, 2049), (GET_OPTIONS, H, BUFFER, 9, -1), (SET, 2050, MODEL), (SET, -4, MODEL)):
            self.run([START, step], status=TRAP)
        assert not [row for row in self.rows() if "post" in row]

    # -- options ------------------------------------------------------------------------------------------------------

    def test_options_come_back_as_they_were_set(self):
        self.install()
        nothing = {"system_message": None, "tools_sse_urls": None, "temperature": None, "top_p": None}
        steps, wanted = [START, (GET_OPTIONS, H, BUFFER, 65535, OUT), ("show", 1), ("say", "\n")], [nothing]
        for options in ({}, {"system_message": 'a "b"\n\u00e9'}, {"temperature": 0.7, "top_p": 1}, {"tools_sse_urls": []},
                        {"temperature": 0.1, "top_p": 3.4028234663852886e38, "unknown": 5}, {"temperature": None, "top_p": 1e-40},
                        {"temperature": -0.30000001192092896, "top_p": 16777217}):
            steps += [(SET_OPTIONS, H, json.dumps(options)), (GET_OPTIONS, H, BUFFER, 65535, OUT), ("show", len(steps) + 1), ("say", "\n")]
            wanted.append({**nothing, **{k: v for k, v in options.items() if k in nothing}})
        got, lines = self.run(steps)
        assert set(got) == {0}, got
        for line, want in zip(lines, wanted):
            have = json.loads(line)
            assert list(have) == list(nothing), line
            for name, value in want.items():
                if isinstance(value, (int, float)):
                    # The same f32, however it is written; and written like one.
                    assert struct.pack("f", have[name]) == struct.pack("f", value) and isinstance(have[name], float), (line, want)
                else:
                    assert have[name] == value, (line, want)
        assert lines[3].endswith(b'"temperature":0.7,"top_p":1.0}'), lines[3]
        cut, text = self.run([START, (GET_OPTIONS, H, BUFFER, 16, OUT), ("show", 1), ("say", "\n")])
        assert cut == [0, 0] and text == [b'{"system_message'], text

    def test_texts_that_are_none(self):
        self.install()
        bad = ["", "{", "[]", "5", '{"system_message":5}', '{"tools_sse_urls":"a"}', '{"tools_sse_urls":[5]}', '{"temperature":"a"}',
               '{"top_p":1e39}', '{"temperature":[]}', "[" * 5000]
        got = self.run([START] + [(SET_OPTIONS, H, text) for text in bad])[0]
        assert got == [0] + [5] * len(bad), got
        got = self.run([START, (SET_OPTIONS, H, b"{\xff}"), (SET_OPTIONS, H, 0x7FFFFFFF, 8), (PROMPT, H, b"\xc0\xaf"), (PROMPT, H, 262143, 2),
                        (PROMPT, H, 4096, -1), (SET, OUT, b"\xff"), (SET, OUT, 262143, 9)])[0]
        assert got == [0] + [7] * 7, got

    def test_handles_that_name_nothing(self):
        self.install()
        for handle in (0, 2, 4000000000):
            got = self.run([START, (GET, handle, BUFFER, 9, OUT), (SET_OPTIONS, handle, "{}"), (GET_OPTIONS, handle, BUFFER, 9, OUT),
                            (PROMPT, handle, "a"), (READ, handle, BUFFER, 9, OUT), (CLOSE, handle)])[0]
            assert got == [0, 1, 1, 1, 1, 1, 0], got
        got = self.run([START, (CLOSE, H), (GET, H, BUFFER, 9, OUT), (PROMPT, H, "a"), (READ, H, BUFFER, 9, OUT), START])[0]
        assert got == [0, 0, 1, 1, 1, 0], got

    def test_options_start_the_conversation_anew(self):
        self.install()
        got, _ = self.run([START, (PROMPT, H, "old"), TEXT, (SET_OPTIONS, H, '{"system_message":"Be brief."}'), (PROMPT, H, "new"), TEXT])
        assert set(got) == {0}
        first, last = self.rows("messages")
        assert [m["content"] for m in first] == ["old"] and [m["role"] for m in last] == ["system", "user"], last
        system = last[0]["content"]
        today = {time.strftime("Today Date: %B %d, %Y", time.gmtime(time.time() - ago)) for ago in (0, 60)}
        assert system.split("\n")[0] in today and "Be brief." in system and "function" not in system, system
        _, row = self.asked("x", options={})
        assert "helpful assistant" in row["messages"][0]["content"] and "temperature" not in row["keys"]

    # -- completions --------------------------------------------------------------------------------------------------

    def test_completions_that_fail(self):
        self.install()
        prompts = ["status 500", "status 302", "raw {", "raw {}", 'raw {"choices":[]}', 'raw {"choices":[{"message":{"content":null}}]}',
                   'raw {"choices":{"message":5}}', "raw " + "[" * 3000, "size 17000000"]
        steps = [START]
        for prompt in prompts:
            steps += [(PROMPT, H, prompt), TEXT]
        got = self.run(steps + [(PROMPT, H, "fine"), TEXT])[0]
        assert got == [0] + [0, 4] * len(prompts) + [0, 0], got
        got = self.run([START, (PROMPT, H, "exit "), TEXT, (PROMPT, H, "x"), TEXT, (CLOSE, H)])[0]
        assert got == [0, 0, 4, 0, 4, 0], got

    def test_a_conversation_has_an_end(self):
        self.install()
        piece = 131072
        got = self.run([START] + [(PROMPT, H, 65536, piece)] * 128)[0]
        full = got.index(8)
        assert 120 <= full and set(got[full:]) == {8}, full
        got = self.run([START] + [(PROMPT, H, 65536, piece)] * 127 + [(PROMPT, H, "size 200000"), TEXT, (CLOSE, H)])[0]
        assert got == [0] * 129 + [8, 0], got[-3:]

    # -- permissions ---------------------------------------------------------------------------------------------------

    def test_nothing_runs_without_a_grant(self):
        self.install()
        for words in ([], ["--allow-net"], ["--allow-read", "--allow-cgi"], ["--permission=https://huggingface.co"]):
            assert self.run([START, (SET, OUT, "https://github.com/a/b.llamafile")], *words, run=False)[0] == [10, 10], words
        assert self.rows() == [] and os.listdir(self.models) == [FILE]

    def test_without_a_grant_no_folder_is_made(self):
        home = self.path("home")
        shutil.rmtree(home, ignore_errors=True)
        os.makedirs(home)
        guest, env = self.guest([START]), {**os.environ, "HOME": home}
        self.expect(self.call(guest, env=env), 0, b"010 ")
        assert os.listdir(home) == []
        self.expect(self.call("--allow-run-model", guest, env=env), 0, b"010 ")
        folder = os.path.join(home, ".blessnet", "models")
        assert os.listdir(folder) == []
        with open(os.path.join(folder, FILE), "w") as f:
            f.write(model_script(self.log))
        os.chmod(f.name, 0o755)
        self.expect(self.call("--allow-run-model", guest, env=env), 0, b"000 ")
        self.expect(self.call("--allow-run-model", guest, env={k: v for k, v in env.items() if k != "HOME"}), 0, b"003 ")

    # -- downloads ----------------------------------------------------------------------------------------------------

    def download(self, mode="", part=None, wanted=0, model=MODEL, permissions=0o755, **keys):
        self.empty()
        data = model_script(self.log).encode()
        server = Downloads(data, mode, **keys)
        if part is not None:
            with open(os.path.join(self.models, FILE + ".part"), "wb") as f:
                f.write(part(data))
            os.chmod(f.name, permissions)
        got = self.run([(SET, OUT, model), (PROMPT, H, "x"), TEXT] if wanted == 0 else [(SET, OUT, model)], "--model-source", server.url(),
                       server.grant)[0]
        assert got[0] == wanted and set(got[1:]) <= {0}, (mode, got, self.err)
        return server

    def test_a_download(self):
        place = f"/Mozilla/{MODEL}-llamafile/resolve/main/{FILE}?download=true"
        for mode in ("", "linked", "led", "unsized", "whole"):
            server = self.download(mode)
            assert os.listdir(self.models) == [FILE], os.listdir(self.models)
            path = os.path.join(self.models, FILE)
            assert stat.S_IMODE(os.stat(path).st_mode) == 0o755
            with open(path, "rb") as f:
                assert f.read() == server.data
            heads = [seen for seen in server.seen if seen[0] == "HEAD"]
            assert server.seen[0] == ("HEAD", place, None) and len(heads) == (3 if mode == "led" else 1), server.seen
            assert [seen for seen in server.seen if seen[0] == "GET"][0] == ("GET", place, None), server.seen
        # By the list of URLs, which holds for known models too.
        for urls, wanted in ((server.url("/Mozilla/other"), 10), (server.url(place), 0)):
            self.empty()
            assert self.run([START], "--model-source", server.url(), "--permission", urls)[0] == [wanted], (urls, self.err)
        # What is there is not asked for again.
        count = len(server.seen)
        assert self.run([START], "--model-source", server.url())[0] == [0] and len(server.seen) == count

    def test_an_interrupted_download_goes_on(self):
        server = self.download(part=lambda data: data[:100])
        assert server.seen[-1][2] == "bytes=100-", server.seen
        server = self.download("whole", part=lambda data: b"z" * 100)
        assert server.seen[-1][2] == "bytes=100-", server.seen
        server = self.download(part=lambda data: data)
        assert [seen[0] for seen in server.seen] == ["HEAD"], server.seen
        for permissions in (0o644, 0o775):  # of another program: begun anew
            server = self.download(part=lambda data: data[:100], permissions=permissions)
            assert server.seen[-1][2] is None and os.listdir(self.models) == [FILE], server.seen
        server = self.download(part=lambda data: data + b"more")
        assert server.seen[-1][2] is None, server.seen
        server = self.download("short", wanted=3)
        with open(os.path.join(self.models, FILE + ".part"), "rb") as f:
            assert f.read() == server.data[:len(server.data) // 2] and os.listdir(self.models) == [FILE + ".part"]

    def test_two_runs_download_one_model_once(self):
        self.empty()
        server = Downloads(model_script(self.log).encode())
        server.gate = threading.Event()
        guest = self.guest([START])
        words = [self.runtime, *self.words("--model-source", server.url(), server.grant), guest]
        both = [subprocess.Popen(words, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, cwd=self.dir) for _ in range(2)]
        for _ in range(3000):
            if len(server.seen) >= 3:  # two that ask for the size, and one for the file
                break
            time.sleep(0.01)
        server.gate.set()
        got = [process.communicate(timeout=60)[0] for process in both]
        assert got == [b"000 "] * 2, (got, server.seen)
        assert sorted(seen[0] for seen in server.seen) == ["GET", "HEAD", "HEAD"], server.seen
        assert os.listdir(self.models) == [FILE]

    def test_downloads_that_fail(self):
        for mode, why in (("missing", "404"), ("longer", "larger than announced"), ("short", "early")):
            self.download(mode, wanted=3)
            assert why in self.err and FILE not in os.listdir(self.models), (mode, self.err)
        self.download("shifted", part=lambda data: data[:100], wanted=3)
        assert "another part" in self.err, self.err
        away = Downloads(b"")
        self.download("away", wanted=10, other=away.url("/x"))
        assert away.seen == [] and os.listdir(self.models) == [], self.err

    def test_a_download_needs_the_net(self):
        self.empty()
        server = Downloads(b"")
        for words in ([], ["--deny-net"], ["--allow-net=example.com"], ["--allow-net"], ["--permission", server.url("/Other")]):
            assert self.run([START], "--model-source", server.url(), *words)[0] == [10], (words, self.err)
        assert server.seen == [] and os.listdir(self.models) == []

    def test_a_model_by_url(self):
        self.empty()
        run = lambda *words: subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=self.dir)
        run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", "/CN=x", "-addext",
            "subjectAltName=DNS:github.com,DNS:x.huggingface.co", "-keyout", "tls.key", "-out", "tls.pem")
        data = model_script(self.log).encode()
        server = Downloads(data, tls=(self.path("tls.pem"), self.path("tls.key")))
        names = self.write("names.txt", "github.com 127.0.0.1\nx.huggingface.co 127.0.0.1\n")
        words = ["--hosts-file", names, "--ca-file", self.path("tls.pem")]
        urls = [f"https://github.com:{server.port}/a/{FILE}", f"https://x.huggingface.co:{server.port}/a/{FILE}?x"]
        assert self.run([(SET, OUT, urls[0])], *words)[0] == [10] and server.seen == [], self.err
        grant = "--allow-net=github.com,x.huggingface.co,127.0.0.1"
        got, lines = self.run([(SET, OUT, urls[0]), (SET, OUT, urls[1]), (GET, H, BUFFER, 255, OUT), ("show", 2), ("say", "\n"),
                               (PROMPT, H, "a"), TEXT], *words, grant)
        assert set(got) == {0} and lines == [urls[0].encode()] and self.rows("model") == [urls[0]], (got, lines, self.err)
        # Each has a file of its own, which is not that of the known model.
        files = sorted(os.listdir(self.models))
        assert len(files) == 2 and FILE not in files and all(file.endswith("-" + FILE) for file in files), files
        assert self.run([(SET, OUT, urls[0])])[0] == [0]

    # -- tools --------------------------------------------------------------------------------------------------------

    def test_the_call_of_a_tool(self):
        for path in ("/sse", "/pages", "/absolute"):
            self.install()
            tools = Tools()
            options = {"tools_sse_urls": [tools.url(path)]}
            lines, row = self.asked('tool {"name":"add","arguments":{"a":2,"b":3}}', options=options, words=[tools.grant])
            assert lines == ["heard: 5 done"], (path, lines)
            assert [m["role"] for m in row["messages"]] == ["system", "user", "assistant", "tool"], row
            system = row["messages"][0]["content"]
            assert all(f'"name":"{tool}"' in system for tool in ("add", "fails", "errs")) and "<function>" in system, system
            assert [m["method"] for m in tools.asked if m["method"] != "tools/list"] == \
                ["initialize", "notifications/initialized"] * 2 + ["tools/call"], tools.asked
            greeting = tools.asked[0]["params"]
            assert greeting["clientInfo"] == {"name": "blockless-mcp-client", "version": "1.0.0"}, greeting

    def test_what_is_no_call(self):
        self.install()
        options = {"tools_sse_urls": [self.tools.url("/sse")]}
        for text in ("plain", "{", "} {", '{"name":"add"}', '{"name":5,"arguments":{}}', "{}"):
            lines, _ = self.asked(text, options=options, words=[self.tools.grant])
            assert lines == [text], lines
        lines, _ = self.asked('tool {"name":"add","arguments":{}}', options={})
        assert lines == ['I call <function>{"name":"add","arguments":{}}</function>'], lines

    def test_tools_that_fail(self):
        self.install()
        setting = (SET_OPTIONS, H, json.dumps({"tools_sse_urls": [self.tools.url("/sse")]}))
        for name in ("fails", "errs", "silent", "unknown"):
            got = self.run([START, setting, (PROMPT, H, 'tool {"name":"%s","arguments":null}' % name), TEXT, (PROMPT, H, "x"), TEXT],
                           self.tools.grant)[0]
            assert got == [0, 0, 0, 9, 0, 0], (name, got)

    def test_tool_servers_that_are_left_out(self):
        self.install()
        other = Tools()
        tools = Tools(other=other.url())
        urls = [tools.url("/" + mode) for mode in ("missing", "odd", "closed", "elsewhere", "unfriendly", "garbage", "refuses",
                                                   "endless")]
        urls += ["nonsense", "", "http://127.0.0.1:1/"]
        _, row = self.asked("x", options={"tools_sse_urls": urls}, words=["--allow-net=127.0.0.1"])
        assert "# Tools" not in row["messages"][0]["content"] and self.err.count("are left out") == len(urls), self.err
        assert other.seen == []

    def test_tools_need_the_net(self):
        self.install()
        tools = Tools()
        setting = (SET_OPTIONS, H, json.dumps({"tools_sse_urls": [tools.url("/sse")]}))
        steps = [START, (SET_OPTIONS, H, '{"temperature":0.5}'), setting, (GET_OPTIONS, H, BUFFER, 999, OUT), ("show", 3), ("say", "\n")]
        for words in ([], ["--allow-net"], ["--deny-net=127.0.0.1"], ["--allow-net=example.com"]):
            got, lines = self.run(steps, *words)
            assert got == [0, 0, 10, 0] and b'"temperature":0.5' in lines[0], (words, got)  # nothing has changed
        assert tools.seen == []
        moving = Tools(other=tools.url("/sse"))
        setting = (SET_OPTIONS, H, json.dumps({"tools_sse_urls": [moving.url("/moves")]}))
        got = self.run([START, setting, (PROMPT, H, 'tool {"name":"add","arguments":{}}'), TEXT], moving.grant)[0]
        assert got == [0, 0, 0, 10] and tools.seen == [], (got, self.err)

    # -- a server that others have written: mock-llm -------------------------------------------------------------------

    def mocked(self, steps, *words):
        """The codes, the lines said, and the requests that mock-llm has had."""
        log = self.path("mock.log")
        if os.path.exists(log):
            os.unlink(log)
        self.install(content=mock_llm(npm_tree(MOCK_LLM), log, self.path("mock.yaml")))
        got, lines = self.run(steps, *words)
        with open(log) as f:
            text = f.read()
        assert "mock-llm v0.1.29 server running on 127.0.0.1:" in text, text
        asked = [line for line in text.split("\n") if line.startswith(("GET ", "POST "))]
        assert asked[0] == "GET /health" and set(asked[1:]) <= {"POST /v1/chat/completions"}, text
        return got, [line.decode() for line in lines], len(asked) - 1

    @staticmethod
    def turns(*prompts, first=(START,)):
        """START and what else comes first; then each prompt and its answer, which is said."""
        steps = list(first)
        for prompt in prompts:
            steps += [(PROMPT, H, prompt), TEXT, ("show", len(steps) + 1), ("say", "\n")]
        return steps

    def test_mock_llm_answers_a_prompt(self):
        got, lines, asked = self.mocked(self.turns("What is a héllo?", "Who are you?") + [(CLOSE, H)])
        assert set(got) == {0} and asked == 2, (got, self.err)
        assert lines == ["What is a héllo?", f"I am {MODEL}, asked with messages+model"], lines

    def test_mock_llm_sees_a_conversation(self):
        got, lines, asked = self.mocked(self.turns("First.", "Second.", "And before?"))
        assert set(got) == {0} and asked == 3, (got, self.err)
        assert lines == ["First.", "Second.", "5 messages: user said Second., assistant said Second."], lines

    def test_mock_llm_sees_the_system_prompt(self):
        setting = (SET_OPTIONS, H, json.dumps({"system_message": "Answer in French.", "temperature": 0.5}))
        got, lines, asked = self.mocked(self.turns("Hello", "Hello", first=(START, setting)))
        assert set(got) == {0} and lines == ["Bonjour à 2", "Bonjour à 4"] and asked == 2, (got, lines, self.err)

    def test_mock_llm_answers_with_errors(self):
        steps = [START]
        # The last is an answer that mock-llm makes no JSON of: 500.
        for prompt in ("error-401", "error-429", "no choice", 'a "quote'):
            steps += [(PROMPT, H, prompt), TEXT]
        got, lines, asked = self.mocked(steps + [(PROMPT, H, "fine"), TEXT, ("show", 10), ("say", "\n")])
        assert got == [0] + [0, 4] * 4 + [0, 0] and lines == ["fine"] and asked == 5, (got, lines, self.err)
        for status in ("401", "429", "500"):
            assert f"the model answers {status}" in self.err, self.err

    def test_mock_llm_calls_a_tool(self):
        tools = Tools()
        setting = (SET_OPTIONS, H, json.dumps({"tools_sse_urls": [tools.url("/sse")]}))
        got, lines, asked = self.mocked(self.turns("How much?", first=(START, setting)), tools.grant)
        assert set(got) == {0} and lines == ["The sum is 42 done"] and asked == 2, (got, lines, self.err)
        assert [m["params"] for m in tools.asked if m["method"] == "tools/call"] == [{"name": "add", "arguments": {"a": 20, "b": 22}}]

    def test_two_of_mock_llm_are_two_conversations(self):
        second = ("got", 1)
        steps = [START, START, (PROMPT, H, "One."), (PROMPT, second, "Two."), (READ, second, BUFFER, 99, OUT), (PROMPT, second, "And before?"),
                 (READ, second, BUFFER, 999, OUT), ("show", 6), ("say", "\n"), TEXT, ("show", 9), ("say", "\n")]
        log = self.path("mock.log")
        self.install(content=mock_llm(npm_tree(MOCK_LLM), log, self.path("mock.yaml")))
        got, lines = self.run(steps)
        assert set(got) == {0} and lines == [b"3 messages: user said Two., assistant said Two.", b"One."], (got, lines, self.err)

    # -- endings ------------------------------------------------------------------------------------------------------

    def test_every_ending_takes_the_server_along(self):
        for mode in ("", "forks"):
            for ending, status, words in ((None, 0, []), (("trap",), 11, []), (("spin",), 15, ["--run-time=4000"]),
                                          (("spin",), 1, ["--limited-fuel=1000000"])):
                self.install(mode)
                self.run([START, *([ending] if ending else [])], *words, status=status)  # looks for what is left
                assert len(self.rows("pid")) == (2 if mode else 1), self.rows()

    def test_close_takes_the_server_along(self):
        for mode in ("", "forks"):
            self.install(mode)
            process = subprocess.Popen([self.runtime, *self.words(), self.guest([START, (CLOSE, H), ("say", "closed\n"), ("spin",)])],
                                       stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, cwd=self.dir)
            try:
                killer = threading.Timer(60, process.kill)
                killer.start()
                assert process.stdout.readline() == b"closed\n"
                assert self.rows("pid") and all(ended(pid) for pid in self.rows("pid"))
            finally:
                process.kill()
                process.communicate()
                killer.cancel()

    def test_a_killed_run_takes_the_server_along(self):
        self.install("forks")
        process = subprocess.Popen([self.runtime, *self.words(), self.guest([START, ("say", "started\n"), ("spin",)])],
                                   stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, cwd=self.dir)
        assert process.stdout.readline() == b"started\n"
        process.kill()
        process.communicate()
        for _ in range(500):
            if all(ended(pid) for pid in self.rows("pid")):
                return
            time.sleep(0.01)
        raise AssertionError("a model outlives the run")

    def test_the_time_limit_ends_every_call_that_waits(self):
        self.install("hangs")
        self.run([START], "--run-time=700", status=15)
        self.install()
        self.run([START, (PROMPT, H, "wait "), TEXT], "--run-time=1500", status=15)
        setting = (SET_OPTIONS, H, json.dumps({"tools_sse_urls": [self.tools.url("/mute")]}))
        self.run([START, setting], "--run-time=1500", self.tools.grant, status=15)
        self.empty()
        server = Downloads(b"data")
        server.gate = threading.Event()
        self.run([START], "--run-time=700", "--model-source", server.url(), server.grant, status=15)

    def test_a_handle_that_another_thread_is_using(self):
        calls = (SET, GET, GET_OPTIONS, SET_OPTIONS, PROMPT, READ, CLOSE)
        guest = ThreadGuest(*calls)
        handle, buffer = "(i32.load (i32.const 16))", f"(i32.const {FIRST + 64}) (i32.const 200) (i32.const {FIRST + 4})"
        name = {call: "$" + call.split(".")[1] for call in calls}
        # A try of the first thread may be what the other one meets.
        thread = f"""(loop $l (br_if $l (i32.eq (i32.const 8)
          (call {name[READ]} {handle} (i32.add (local.get $area) (i32.const 64)) (i32.const 200) (i32.add (local.get $area) (i32.const 4))))))"""
        inside = f"(loop $l (br_if $l (i32.ne (i32.const 8) (call {name[GET_OPTIONS]} {handle} {buffer}))))"
        start = f"""(call $must (call {name[SET]} (i32.const 16) {guest.text(MODEL)}))
          (call $must (call {name[PROMPT]} {handle} {guest.text("wait ")})) (call $start_threads (i32.const 1)) {inside}
          (call $num (call {name[READ]} {handle} {buffer})) (call $num (call {name[PROMPT]} {handle} {guest.text("x")}))
          (call $num (call {name[SET_OPTIONS]} {handle} {guest.text("{}")})) (call $num (call {name[CLOSE]} {handle}))
          (call $num (call {name[GET]} {handle} {buffer}))"""
        for ending, status, words in (("", 0, []), ("(unreachable)", 11, []), ("(call $forever)", 15, ["--run-time=3000"])):
            self.install()
            module = self.write("threads.wat", guest.wat(start + ending, thread))
            done = self.call(*self.words("--feature-thread", *words), module)
            self.expect(done, status, b"8\n8\n8\n6\n0\n")
            assert self.rows("pid") and all(ended(pid) for pid in self.rows("pid")), ending


if __name__ == "__main__":
    sys.exit(driver.main(Llm))
