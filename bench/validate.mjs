// Times WebAssembly.validate on a module file, for comparison with our decoder and validator:
//   node --single-threaded validate.mjs REPEATS FILE
// After one warm-up, prints {"bytes", "valid", "seconds": [CPU time of each repeat]}.
import { readFileSync } from 'node:fs';

const [repeats, file] = process.argv.slice(2);
const bytes = readFileSync(file);
let valid = WebAssembly.validate(bytes);
const seconds = [];
for (let i = 0; i < Number(repeats); i++) {
  const before = process.cpuUsage();
  valid = WebAssembly.validate(bytes) && valid;
  const used = process.cpuUsage(before);
  seconds.push((used.user + used.system) / 1e6);
}
console.log(JSON.stringify({ bytes: bytes.length, valid, seconds }));
