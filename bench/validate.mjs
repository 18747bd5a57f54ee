// Times WebAssembly.validate on module files, for comparison with our decoder and validator:
//   node validate.mjs REPEATS FILE...
// Prints one JSON line per file: {"file", "bytes", "valid", "seconds": [one per repeat]}.
// Run with --single-threaded-ish flags by validate.py, so that one thread does the work.
import { readFileSync } from 'node:fs';

const [repeats, ...files] = process.argv.slice(2);
for (const file of files) {
  const bytes = readFileSync(file);
  const seconds = [];
  let valid = false;
  for (let i = 0; i < Number(repeats); i++) {
    const start = process.hrtime.bigint();
    valid = WebAssembly.validate(bytes);
    seconds.push(Number(process.hrtime.bigint() - start) / 1e9);
  }
  console.log(JSON.stringify({ file, bytes: bytes.length, valid, seconds }));
}
