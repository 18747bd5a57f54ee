// Runs a WASI command module under Node with the command line of `bls run`, so that the drivers can
// put Node in our engine's place: to record expected output, and to check the checks.
//
//   node node_wasi.mjs run [--dir HOST::GUEST]... [--env K=V]... FILE -- args...
//   node node_wasi.mjs validate FILE
//
// Exit status: the guest's; 134 when it trapped (message on stderr, after the guest's own output);
// 70 when the guest could not be started.
// argv[0] is the last component of FILE, as with our engine.
import {readFileSync} from 'node:fs';
import {basename} from 'node:path';
import {WASI} from 'node:wasi';

process.on('uncaughtException', (error) => {
  process.stderr.write(`node_wasi: ${error.message}\n`);
  process.exit(70);
});

const words = process.argv.slice(2);
const verb = words.shift();

function take(what) {
  if (words.length === 0) throw new Error(`node_wasi: ${what} is missing`);
  return words.shift();
}

function split(text, mark) {
  const at = text.indexOf(mark);
  if (at < 0) throw new Error(`node_wasi: no ${mark} in ${text}`);
  return [text.slice(0, at), text.slice(at + mark.length)];
}

const preopens = {};
const env = {};
while (words.length > 0 && words[0].startsWith('--')) {
  const flag = words.shift();
  if (flag === '--dir') {
    const [host, guest] = split(take('HOST::GUEST'), '::');
    preopens[guest] = host;
  } else if (flag === '--env') {
    const [key, value] = split(take('K=V'), '=');
    env[key] = value;
  } else {
    throw new Error(`node_wasi: unknown flag ${flag}`);
  }
}
const file = take('FILE');
if (words[0] === '--') words.shift();

const bytes = readFileSync(file);
if (verb === 'validate') process.exit(WebAssembly.validate(bytes) ? 0 : 1);

const module = new WebAssembly.Module(bytes);
const imports = {};
for (const version of ['preview1', 'unstable']) {
  const name = version === 'preview1' ? 'wasi_snapshot_preview1' : 'wasi_unstable';
  if (!WebAssembly.Module.imports(module).some((entry) => entry.module === name)) continue;
  const wasi = new WASI({version, args: [basename(file), ...words], env, preopens, returnOnExit: true});
  imports[name] = wasi.wasiImport;
  imports.start = (instance) => wasi.start(instance);
}
const start = imports.start;
delete imports.start;
const instance = new WebAssembly.Instance(module, imports);
try {
  process.exitCode = start(instance);
} catch (error) {
  process.stderr.write(`trap: ${error.message}\n`);
  process.exit(134);
}
