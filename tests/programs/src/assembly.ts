// An AssemblyScript program over @assemblyscript/wasi-shim: console, arguments, environment, stdin,
// clock and random number, and one raw preview 1 call beside them.

import { args_sizes_get } from "@assemblyscript/wasi-shim/assembly/bindings/wasi_snapshot_preview1";

class Counter {
  private counts: Map<string, i32> = new Map();
  add(word: string): void {
    this.counts.set(word, this.counts.has(word) ? this.counts.get(word) + 1 : 1);
  }
  top(): string[] {
    const words = this.counts.keys();
    words.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    return words.map<string>((word) => word);
  }
  get(word: string): i32 {
    return this.counts.get(word);
  }
}

function fibonacci(n: i32): i64 {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

const buffer = new ArrayBuffer(256);
const size = process.stdin.read(buffer);
const text = String.UTF8.decode(buffer.slice(0, size)).trim();

const counter = new Counter();
const words = text.split(" ");
for (let i = 0; i < words.length; i++) counter.add(words[i]);
const top = counter.top();
for (let i = 0; i < top.length; i++) console.log(`${top[i]}: ${counter.get(top[i])}`);

console.log(`fib(20) = ${fibonacci(20)}`);
console.log(`1/3 = ${1.0 / 3.0}, 2^53 = ${Math.pow(2, 53)}, pi = ${Math.PI}`);

const argv = process.argv;
console.log(`arguments: ${argv.slice(1).join(" ")}`);
const env = process.env;
console.log(`NAME=${env.has("NAME") ? env.get("NAME") : "(none)"}`);

const count = memory.data(8);
args_sizes_get(count, count + 4);
console.log(`raw argument count: ${load<u32>(count)}`);
console.log(`clock runs: ${Date.now() > 1577836800000}`);
const random = Math.random();
console.log(`random in range: ${random >= 0.0 && random < 1.0}`);
console.error("on stderr: zażółć 🎈");
process.exit(top.length);
