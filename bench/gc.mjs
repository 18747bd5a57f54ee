// Times exports of a module that imports nothing: node gc.mjs FILE RUNS NAME:N...
// One line of JSON per export, {"name", "result", "ns": [...]}; each has one uncounted run first, so that it is compiled.
import {readFileSync} from 'node:fs';

const [file, runs, ...work] = process.argv.slice(2);
const module = new WebAssembly.Module(readFileSync(file));
for (const item of work) {
  const [name, count] = item.split(':');
  const ns = [];
  let result;
  for (let i = 0; i <= Number(runs); ++i) {
    const run = new WebAssembly.Instance(module).exports[name];
    const begin = process.hrtime.bigint();
    result = run(Number(count));
    if (i > 0) ns.push(Number(process.hrtime.bigint() - begin));
  }
  console.log(JSON.stringify({name, result: String(result), ns}));
}
