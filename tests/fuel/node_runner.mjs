// Runs the wasm build of bls many times in one Node process. Usage: node node_runner.mjs BLS.WASM DIR < jobs.json
// Each job is {args}; for each, one JSON line {status, stderr} is printed. DIR is mapped at "/".
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { WASI } from 'node:wasi';

const [wasmPath, dir] = process.argv.slice(2);
const module = new WebAssembly.Module(fs.readFileSync(wasmPath));
const jobs = JSON.parse(fs.readFileSync(0, 'utf8'));
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'bls-node-'));
const nullFd = fs.openSync('/dev/null', 'w');
const errorPath = path.join(scratch, 'stderr');
for (const job of jobs) {
  const errorFd = fs.openSync(errorPath, 'w+');
  const wasi = new WASI({
    version: 'preview1', args: ['bls', ...job.args], env: {}, preopens: { '/': dir }, returnOnExit: true,
    stdout: nullFd, stderr: errorFd,
  });
  let status = 255;
  let extra = '';
  try {
    status = wasi.start(new WebAssembly.Instance(module, wasi.getImportObject())) ?? 0;
  } catch (error) {
    extra = `\nhost error: ${error}`;
  }
  fs.closeSync(errorFd);
  console.log(JSON.stringify({ status, stderr: fs.readFileSync(errorPath, 'utf8') + extra }));
}
fs.rmSync(scratch, { recursive: true });
