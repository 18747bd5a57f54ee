// Runs one WASI program under Node, as the reference engine of the harness:
//   node node_run.mjs [--dir HOST::GUEST]... FILE [--] ARGS...
// It accepts the option shape of `bls run`, so that the two can be swapped by `run.py --engine`.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { WASI } from 'node:wasi';

const words = process.argv.slice(2);
const preopens = {};
while (words[0] === '--dir') {
  const [host, guest] = words[1].split('::');
  preopens[guest ?? host] = host;
  words.splice(0, 2);
}
const file = words.shift();
if (words[0] === '--') words.shift();

const wasi = new WASI({ version: 'preview1', args: [basename(file), ...words], env: {}, preopens });
const module = new WebAssembly.Module(readFileSync(file));
const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: wasi.wasiImport });
process.exitCode = wasi.start(instance);
