// Times compiling a whole module in Node, for comparison with our baseline compiler:
//   node --liftoff-only --no-wasm-lazy-compilation --single-threaded compile.mjs REPEATS FILE
// After one warm-up, prints {"bytes", "seconds": [CPU time of each repeat]}. Each repeat compiles other bytes, with a
// custom section of its own, so that nothing is found in V8's cache of modules.
import { readFileSync } from 'node:fs';

const [repeats, file] = process.argv.slice(2);
const original = readFileSync(file);
const bytes = new Uint8Array(original.length + 6);
bytes.set(original);
const seconds = [];
for (let i = 0; i <= Number(repeats); i++) {
  bytes.set([0, 4, 2, 0x6e, 0x6f, i & 127], original.length);
  const before = process.cpuUsage();
  new WebAssembly.Module(bytes);
  const used = process.cpuUsage(before);
  if (i > 0) seconds.push((used.user + used.system) / 1e6);
}
console.log(JSON.stringify({ bytes: original.length, seconds }));
