// Measures a JavaScript engine inside one process, for bench/peers: Node (V8) and Bun (JavaScriptCore).
// The words are those of host_main.c:
//   host.mjs version
//   host.mjs run [--dir HOST::GUEST]... [--env NAME=VALUE]... FILE [--] ARGS...
//   host.mjs validate|compile REPEATS FILE
//   host.mjs tasks FILE TASK...
// A trap costs what the exception costs that a program has to catch; `idle` counts instances that JavaScript holds.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

const words = process.argv.slice(2);
const verb = words.shift();
const now = () => Number(process.hrtime.bigint());

function line(object) {
  console.log(JSON.stringify(object));
}

function version() {
  const { node, v8, bun, webkit } = process.versions;
  line(bun ? { bun, webkit } : { node, v8 });
}

// Bun's own WASI is for its command line; one that is enough for the corpus is used in its place.
async function wasiFor(options) {
  if (!process.versions.bun) return new (await import('node:wasi')).WASI({ version: 'preview1', ...options });
  return new (await import('./small_wasi.mjs')).SmallWasi(options);
}

async function run() {
  const preopens = {}, env = {};
  for (; words[0] === '--dir' || words[0] === '--env'; words.splice(0, 2)) {
    const [key, value] = words[1].split(words[0] === '--dir' ? '::' : /=(.*)/s);
    if (words[0] === '--dir') preopens[value] = key;
    else env[key] = value;
  }
  const file = words.shift();
  if (words[0] === '--') words.shift();
  const wasi = await wasiFor({ args: [basename(file), ...words], env, preopens, returnOnExit: true });
  const module = new WebAssembly.Module(readFileSync(file));
  process.exitCode = wasi.start(new WebAssembly.Instance(module, { wasi_snapshot_preview1: wasi.wasiImport }));
}

// Every pass has other bytes, with a custom section of its own, so that nothing is found in a cache of modules.
async function phase(once) {
  const [repeats, file] = words;
  const original = readFileSync(file);
  const bytes = new Uint8Array(original.length + 6);
  bytes.set(original);
  const seconds = [], wall = [];
  const awake = setInterval(() => {}, 1000);  // Node ends while V8 compiles if nothing else is waited for
  for (let i = -1; i < Number(repeats); ++i) {
    bytes.set([0, 4, 2, 0x6e, 0x6f, (i + 1) & 127], original.length);
    const begin = now(), before = process.cpuUsage();
    await once(bytes);
    const used = process.cpuUsage(before), end = now();
    const long = i < 0 && end - begin > 3e9;  // counts, and is the only one
    if (i < 0 && !long) continue;
    seconds.push((used.user + used.system) / 1e6);
    wall.push((end - begin) / 1e9);
    if (long) break;
  }
  clearInterval(awake);
  line({ bytes: original.length, seconds, wall });
}

function validate(bytes) {
  if (!WebAssembly.validate(bytes)) throw new Error('not valid');
}

const parallel = process.env.HOST_PARALLEL !== undefined;  // compile off the main thread, on all that the engine uses
async function compile(bytes) {
  if (parallel) await WebAssembly.compile(bytes);
  else new WebAssembly.Module(bytes);
}

const imports = { env: { step: (x) => (x + 1) | 0 } };

function timed(module, kind, name, count, runs) {
  const called = new WebAssembly.Instance(module, imports).exports[name];
  const ns = [];
  let result;
  for (let i = -1; i < runs; ++i) {
    result = 0;
    const begin = now();
    if (kind === 'call') {
      result = called(count);
    } else if (kind === 'entry') {
      for (let k = 0; k < count; ++k) result = called(result);
    } else {
      for (let k = 0; k < count; ++k) {
        try {
          called(0);
        } catch {
          ++result;
        }
      }
      if (result !== count) throw new Error(`${name}: no trap`);
      result = 0;
    }
    if (i >= 0) ns.push(now() - begin);
  }
  return { result: Number(result), ns };
}

function instances(module, runs) {
  const ns = [];
  for (let i = -10; i < runs; ++i) {
    const begin = now();
    new WebAssembly.Instance(module, imports);
    if (i >= 0) ns.push(now() - begin);
  }
  return { ns };
}

const residentBytes = () => Number(readFileSync('/proc/self/statm', 'latin1').split(' ')[1]) * 4096;

function idle(module, count) {
  const alive = [new WebAssembly.Instance(module, imports)];
  const before = residentBytes();
  for (let i = 0; i < count; ++i) alive.push(new WebAssembly.Instance(module, imports));
  const bytes = Math.round((residentBytes() - before) / count);
  return { bytes, alive: alive.length - 1 };
}

async function inThreads(file, name, count, threads) {
  const { Worker } = await import('node:worker_threads');
  const shared = new Int32Array(new SharedArrayBuffer(8));  // how many are ready; the start signal
  const source = `
    const { workerData, parentPort } = require('node:worker_threads');
    const { bytes, name, count, shared } = workerData;
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { step: (x) => x + 1 } });
    instance.exports[name](1);
    Atomics.add(shared, 0, 1);
    Atomics.notify(shared, 0);
    Atomics.wait(shared, 1, 0);
    parentPort.postMessage(Number(instance.exports[name](count)));`;
  const workers = Array.from({ length: threads }, () => new Worker(source, {
    eval: true, workerData: { bytes: readFileSync(file), name, count, shared },
  }));
  const ends = workers.map((worker) => new Promise((resolve, reject) => worker.on('message', resolve).on('error', reject)));
  while (Atomics.load(shared, 0) < threads) await new Promise((resolve) => setTimeout(resolve, 1));
  const begin = now();
  Atomics.store(shared, 1, 1);
  Atomics.notify(shared, 1);
  const results = await Promise.all(ends);
  const ns = [now() - begin];
  if (results.some((result) => result !== results[0])) throw new Error(`${name}: threads differ`);
  for (const worker of workers) await worker.terminate();
  return { result: results[0], ns };
}

async function tasks() {
  const file = words.shift();
  const module = new WebAssembly.Module(readFileSync(file));
  for (const task of words) {
    const [kind, name, amount, runs] = task.split(':');
    const work = { instantiate: () => instances(module, Number(runs)), idle: () => idle(module, Number(amount)),
      threads: () => inThreads(file, name, Number(amount), Number(runs)) }[kind]
      ?? (() => timed(module, kind, name, Number(amount), Number(runs)));
    line({ task, ...await work() });
  }
}

const verbs = { version, run, validate: () => phase(validate), compile: () => phase(compile), tasks };
if (!(verb in verbs)) {
  console.error('usage: host.mjs version | run FILE ARGS | validate|compile REPEATS FILE | tasks FILE TASK...');
  process.exit(2);
}
await verbs[verb]();
