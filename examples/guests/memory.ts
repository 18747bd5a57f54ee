// Prints what the request brought: its standard input, then the listed variables.
import { env_var_read, memory_read, say } from "./blockless"

const text = memory.data(4096)
const size = memory.data(4, 4)
const line = memory.data<u8>([10])

export function _start(): void {
  if (memory_read(text, 4096, size) == 0) say(text, load<u32>(size))
  say(line, 1)
  if (env_var_read(text, 4096, size) == 0) say(text, load<u32>(size))
  say(line, 1)
}
