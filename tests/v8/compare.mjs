// Runs the programs that v8_programs writes to standard input in this Node's V8 and compares what can be observed:
// how the calls end, results and globals to the last bit, sizes and contents of memories. Usage:
//   v8_programs … | node --expose-gc compare.mjs [PREFIX]     with a PREFIX the memories of the last program are written
// Divergences go to standard error, one line each; the last line of standard output is JSON with the totals.
import fs from 'node:fs';

const dump = process.argv[2];

// What V8 says (messages of WebAssembly.RuntimeError), by the kinds of v8_programs.cc.
const KINDS = [
  ['unreachable', 'unreachable'],
  ['memory access out of bounds', 'memory'],
  ['data segment out of bounds', 'memory'],
  ['operation does not support unaligned accesses', 'unaligned'],
  ['divide by zero', 'zero'],
  ['remainder by zero', 'zero'],
  ['divide result unrepresentable', 'overflow'],
  ['float unrepresentable in integer range', 'conversion'],
  ['table index is out of bounds', 'table'],
  ['table access out of bounds', 'table'],
  ['element segment out of bounds', 'table'],
  ['function signature mismatch', 'signature'],
  ['null function', 'signature'],
  ['rethrowing null value', 'null'],
  ['dereferencing a null pointer', 'null'],
  ['illegal cast', 'cast'],
  ['array element access out of bounds', 'array'],
  ['requested new array is too large', 'size'],
  ['Atomics.wait cannot be called in this context', 'shared'],
  ['Maximum call stack size exceeded', 'stack'],
];

function kindOf(error) {
  if (error instanceof WebAssembly.Exception) return 'exception';
  const text = String(error?.message ?? error);
  for (const [words, kind] of KINDS) if (text.includes(words)) return kind;
  return `${error?.name}: ${text}`;
}

function* records() {
  let rest = Buffer.alloc(0);
  const take = (size) => {
    const parts = [rest];
    let have = rest.length;
    while (have < size) {
      const part = Buffer.allocUnsafe(1 << 20);
      const got = fs.readSync(0, part);
      if (got === 0) return null;
      parts.push(part.subarray(0, got));
      have += got;
    }
    const all = parts.length === 1 ? rest : Buffer.concat(parts);
    rest = all.subarray(size);
    return all.subarray(0, size);
  };
  for (;;) {
    const length = take(4);
    if (length === null) return;
    const header = JSON.parse(take(length.readUInt32LE(0)).toString());
    yield { ...header, modules: header.sizes.map((size) => new Uint8Array(take(size))) };
  }
}

// (module (func (export "mark") (param i32)) (func (export "mix") (param i64 f64) (result i64) a * 31 ^ bits of b))
const env = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from([
  0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 11, 2, 0x60, 1, 0x7f, 0, 0x60, 2, 0x7e, 0x7c, 1, 0x7e, 3, 3, 2, 0, 1,
  7, 14, 2, 4, 0x6d, 0x61, 0x72, 0x6b, 0, 0, 3, 0x6d, 0x69, 0x78, 0, 1,
  10, 16, 2, 2, 0, 0x0b, 11, 0, 0x20, 0, 0x42, 31, 0x7e, 0x20, 1, 0xbd, 0x85, 0x0b,
]))).exports;

// An atomic access that is neither aligned nor inside: V8 looks at the alignment first, the specification leaves it open.
// A number too large for an integer and one that is none are the same to V8.
const alike = (want, have) => want === have || (want === 'memory' && have === 'unaligned')
  || (want === 'overflow' && have === 'conversion');

// What differs, as text; empty when nothing does.
function differences(want, have) {
  const found = [];
  for (const key of Object.keys(want)) {
    const same = key === 'run' || key === 'compute' ? alike(want[key], have[key])
      : JSON.stringify(want[key]) === JSON.stringify(have[key]);
    if (!same) found.push(`${key}: bless ${JSON.stringify(want[key])}, v8 ${JSON.stringify(have[key])}`);
  }
  return found.join('; ');
}

function call(func) {
  try {
    func();
    return 'ok';
  } catch (error) {
    return kindOf(error);
  }
}

function hashOf(buffer) {
  const words = new Int32Array(buffer);
  let hash = 0;
  for (let i = 0; i < words.length; ++i) {
    hash = Math.imul(hash ^ words[i], 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
}

function runProgram(modules, valueBytes) {
  const instances = [];
  const names = ['lib', 'main', 'observer'];
  const imports = { env };
  for (let i = 0; i < 3; ++i) {
    try {
      instances[i] = new WebAssembly.Instance(new WebAssembly.Module(modules[i]), imports);
    } catch (error) {
      return { problem: `${names[i]}: ${error}` };
    }
    imports[names[i]] = instances[i].exports;
  }
  const [, main, observer] = instances.map((instance) => instance.exports);
  const out = { problem: '', compute: call(observer.compute), run: call(main.run), values: '', memories: [] };
  const stored = call(observer.globals);
  if (stored !== 'ok') out.problem = `globals: ${stored}`;
  out.values = Buffer.from(observer.out.buffer, 0, valueBytes).toString('hex');
  for (const name of ['memory', 'memory1', 'memory2', 'memory3']) {
    if (!(name in main)) break;
    out.memories.push([name, main[name].buffer.byteLength, hashOf(main[name].buffer)]);
    if (dump) fs.writeFileSync(`${dump}-${name}.v8`, new Uint8Array(main[name].buffer));
  }
  return out;
}

const totals = { programs: 0, failed: 0, bytes: 0, ends: {} };
for (const { seed, expected, modules } of records()) {
  ++totals.programs;
  for (const module of modules) totals.bytes += module.length;
  totals.ends[expected.run] = (totals.ends[expected.run] ?? 0) + 1;
  const text = expected.problem || differences(expected, runProgram(modules, expected.values.length / 2));
  if (text && ++totals.failed <= 20) console.error(`seed ${seed}: ${text}`);
  if (totals.programs % 100 === 0) globalThis.gc();
}
console.log(JSON.stringify(totals));
