// Runs one WASI program under JavaScriptCore's shell, as a reference engine of the harness:
//   jsc -m jsc_run.mjs -- FILE [--] ARGS...
// It gives a corpus program what it asks for: its arguments, standard output and error, a clock, an exit code. There are no
// files: every other import answers `nosys` (52), a descriptor that is not one of the three `badf` (8).
const kSuccess = 0, kBadDescriptor = 8, kNotSupported = 52, kSeekOnPipe = 70;
const words = [...globalThis.arguments];
const file = words.shift();
if (words[0] === '--') words.shift();
const args = [file.replace(/.*\//, ''), ...words];

class Exit { constructor(code) { this.code = code; } }

let memory;
const view = () => new DataView(memory.buffer);
const bytes = () => new Uint8Array(memory.buffer);
const sum = (list) => list.reduce((total, word) => total + word.length + 1, 0);

// The shell prints whole lines only: what follows the last line end waits for the next write or the end.
const pending = ['', '', ''];
const emit = (descriptor, line) => (descriptor === 2 ? printErr : print)(line);
const flush = () => pending.forEach((rest, descriptor) => rest && emit(descriptor, rest));

const functions = {
  args_sizes_get(countAt, sizeAt) {
    view().setUint32(countAt, args.length, true);
    view().setUint32(sizeAt, sum(args), true);
    return kSuccess;
  },
  args_get(pointersAt, textAt) {
    for (const [index, word] of args.entries()) {
      view().setUint32(pointersAt + 4 * index, textAt, true);
      for (const letter of word + '\0') bytes()[textAt++] = letter.charCodeAt(0);
    }
    return kSuccess;
  },
  environ_sizes_get(countAt, sizeAt) {
    view().setUint32(countAt, 0, true);
    view().setUint32(sizeAt, 0, true);
    return kSuccess;
  },
  environ_get: () => kSuccess,
  clock_time_get(clock, precision, at) {
    view().setBigUint64(at, BigInt(Math.round((clock === 0 ? Date.now() / 1e3 : preciseTime()) * 1e9)), true);
    return kSuccess;
  },
  fd_fdstat_get(descriptor, at) {
    if (descriptor > 2) return kBadDescriptor;
    bytes().fill(0, at, at + 24);
    bytes()[at] = 2;  // a character device, with every right
    bytes().fill(0xff, at + 8, at + 24);
    return kSuccess;
  },
  fd_write(descriptor, vectors, count, writtenAt) {
    if (descriptor < 1 || descriptor > 2) return kBadDescriptor;
    let written = 0;
    for (let index = 0; index < count; ++index) {
      const start = view().getUint32(vectors + 8 * index, true);
      const length = view().getUint32(vectors + 8 * index + 4, true);
      for (const byte of bytes().subarray(start, start + length)) pending[descriptor] += String.fromCharCode(byte);
      written += length;
    }
    const lines = pending[descriptor].split('\n');
    pending[descriptor] = lines.pop();
    for (const line of lines) emit(descriptor, line);
    view().setUint32(writtenAt, written, true);
    return kSuccess;
  },
  fd_seek: (descriptor) => (descriptor > 2 ? kBadDescriptor : kSeekOnPipe),
  fd_close: (descriptor) => (descriptor > 2 ? kBadDescriptor : kSuccess),
  fd_prestat_get: () => kBadDescriptor,
  proc_exit(code) { throw new Exit(code); },
};

const module = new WebAssembly.Module(readFile(file, 'binary'));
const imports = {};
for (const { module: space, name } of WebAssembly.Module.imports(module)) {
  (imports[space] ??= {})[name] = functions[name] ?? (() => kNotSupported);
}
const instance = new WebAssembly.Instance(module, imports);
memory = instance.exports.memory;
let code = 0;
try {
  instance.exports._start();
} catch (reason) {
  if (!(reason instanceof Exit)) throw reason;
  code = reason.code;
}
flush();
if (code !== 0) quit(code);
