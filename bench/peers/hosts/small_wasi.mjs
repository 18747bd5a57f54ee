// A WASI that is enough for the corpus, for JavaScript engines without a complete one: arguments, environment, standard
// output and error, a clock, random numbers, an exit code. There are no files: every other import answers `nosys` (52), a
// descriptor that is not one of the three `badf` (8).
import { writeSync } from 'node:fs';

const kSuccess = 0, kBadDescriptor = 8, kNotSupported = 52, kSeekOnPipe = 70;
const encoder = new TextEncoder();

class Exit {
  constructor(code) {
    this.code = code;
  }
}

export class SmallWasi {
  #memory;

  constructor({ args = [], env = {}, preopens = {} }) {
    if (Object.keys(preopens).length > 0) throw new Error('this WASI has no files');
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const known = { ...this.#list('args', args), ...this.#list('environ', variables), ...this.#others() };
    this.wasiImport = new Proxy(known, { get: (functions, name) => functions[name] ?? (() => kNotSupported), has: () => true });
  }

  start(instance) {
    this.#memory = instance.exports.memory;
    try {
      instance.exports._start();
    } catch (reason) {
      if (!(reason instanceof Exit)) throw reason;
      return reason.code;
    }
    return 0;
  }

  get #view() {
    return new DataView(this.#memory.buffer);
  }

  #list(name, items) {
    const encoded = items.map((item) => encoder.encode(`${item}\0`));
    return {
      [`${name}_sizes_get`]: (countAt, sizeAt) => {
        this.#view.setUint32(countAt, items.length, true);
        this.#view.setUint32(sizeAt, encoded.reduce((total, item) => total + item.length, 0), true);
        return kSuccess;
      },
      [`${name}_get`]: (pointersAt, textAt) => {
        encoded.forEach((item, index) => {
          this.#view.setUint32(pointersAt + 4 * index, textAt, true);
          new Uint8Array(this.#memory.buffer).set(item, textAt);
          textAt += item.length;
        });
        return kSuccess;
      },
    };
  }

  #others() {
    const open = (descriptor) => descriptor <= 2;
    return {
      clock_time_get: (clock, precision, at) => {
        const ns = clock === 0 ? BigInt(Date.now()) * 1000000n : process.hrtime.bigint();
        this.#view.setBigUint64(at, ns, true);
        return kSuccess;
      },
      random_get: (at, length) => {
        crypto.getRandomValues(new Uint8Array(this.#memory.buffer, at, length));
        return kSuccess;
      },
      fd_fdstat_get: (descriptor, at) => {
        if (!open(descriptor)) return kBadDescriptor;
        new Uint8Array(this.#memory.buffer, at, 24).fill(0xff, 8).fill(0, 0, 8)[0] = 2;  // a character device, every right
        return kSuccess;
      },
      fd_write: (descriptor, vectors, count, writtenAt) => {
        if (descriptor < 1 || descriptor > 2) return kBadDescriptor;
        let written = 0;
        for (let index = 0; index < count; ++index) {
          const start = this.#view.getUint32(vectors + 8 * index, true);
          const length = this.#view.getUint32(vectors + 8 * index + 4, true);
          for (let done = 0; done < length;) {
            done += writeSync(descriptor, new Uint8Array(this.#memory.buffer, start + done, length - done));
          }
          written += length;
        }
        this.#view.setUint32(writtenAt, written, true);
        return kSuccess;
      },
      fd_seek: (descriptor) => (open(descriptor) ? kSeekOnPipe : kBadDescriptor),
      fd_close: (descriptor) => (open(descriptor) ? kSuccess : kBadDescriptor),
      fd_prestat_get: () => kBadDescriptor,
      proc_exit: (code) => {
        throw new Exit(code);
      },
    };
  }
}
