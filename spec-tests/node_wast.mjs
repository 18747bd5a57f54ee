// Runs `bls.wasm` once per request inside Node: the script server behind engines.py's InNode.
//
//   node node_wast.mjs BLS_WASM [HOST::GUEST]...
//
// A request is one line on stdin, a JSON list of arguments; the answer is one line on stdout, {"status", "out", "err"}.
// The module is compiled once, each request has an instance and a WASI of its own, so nothing is left over from a script.
import {closeSync, openSync, readFileSync, readSync, mkdtempSync, rmSync, writeSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {WASI} from 'node:wasi';

const [file, ...folders] = process.argv.slice(2);
const module = await WebAssembly.compile(readFileSync(file));
const preopens = Object.fromEntries(folders.map((pair) => pair.split('::').reverse()));

const scratch = mkdtempSync(join(tmpdir(), 'bls-wast-'));
process.on('exit', () => rmSync(scratch, {recursive: true, force: true}));

function contentOf(fd) {
  const parts = [];
  for (let at = 0; ;) {
    const part = Buffer.alloc(1 << 16);
    const length = readSync(fd, part, 0, part.length, at);
    if (length === 0) return Buffer.concat(parts).toString();
    parts.push(part.subarray(0, length));
    at += length;
  }
}

function answer(args) {
  const stdout = openSync(join(scratch, 'out'), 'w+');
  const stderr = openSync(join(scratch, 'err'), 'w+');
  try {
    const wasi = new WASI({version: 'preview1', args: ['bls', ...args], preopens, stdout, stderr, returnOnExit: true});
    const instance = new WebAssembly.Instance(module, {wasi_snapshot_preview1: wasi.wasiImport});
    let status = null;
    let problem = '';
    try {
      status = wasi.start(instance);
    } catch (error) {
      problem = String(error);
    }
    return {status, out: contentOf(stdout), err: problem || contentOf(stderr)};
  } finally {
    closeSync(stdout);
    closeSync(stderr);
  }
}

for await (const line of createInterface({input: process.stdin}))
  writeSync(1, JSON.stringify(answer(JSON.parse(line))) + '\n');
