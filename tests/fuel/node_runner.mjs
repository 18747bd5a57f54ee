// Runs the wasm build of bls many times in one Node process. Usage: node node_runner.mjs BLS.WASM DIR < jobs.json
// Each job is {args}, for each one JSON line {status, stderr} is printed; {args, out: true}: {status, stderr, stdout} too.
// DIR is mapped at "/".
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
const outPath = path.join(scratch, 'stdout');
for (const job of jobs) {
  const errorFd = fs.openSync(errorPath, 'w+');
  const outFd = job.out ? fs.openSync(outPath, 'w+') : nullFd;
  const wasi = new WASI({
    version: 'preview1', args: ['bls', ...job.args], env: {}, preopens: { '/': dir }, returnOnExit: true,
    stdout: outFd, stderr: errorFd,
  });
  let status = 255;
  let extra = '';
  try {
    status = wasi.start(new WebAssembly.Instance(module, wasi.getImportObject())) ?? 0;
  } catch (error) {
    extra = `\nhost error: ${error}`;
  }
  fs.closeSync(errorFd);
  const line = { status, stderr: fs.readFileSync(errorPath, 'utf8') + extra };
  if (job.out) {
    fs.closeSync(outFd);
    line.stdout = fs.readFileSync(outPath, 'utf8');
  }
  console.log(JSON.stringify(line));
}
fs.rmSync(scratch, { recursive: true });
