/* The smallest useful guest: prints one greeting and ends.
 *
 * Freestanding on purpose (no libc): the module imports exactly two functions of WASI preview 1,
 * has one page of memory and is a few hundred bytes, so it shows process start and nothing else.
 * hello.wasm beside this file is its committed build; README.md has the recipe. */

#define WASI(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name)))

typedef struct {
  const char* data;
  unsigned long size;
} Ciovec;

WASI(fd_write) int fdWrite(int fd, const Ciovec* vectors, int count, unsigned long* written);
WASI(proc_exit) _Noreturn void procExit(int code);

static const char kGreeting[] = "Hello from Bless!\n";

__attribute__((export_name("_start"))) void _start(void) {
  Ciovec rest = {kGreeting, sizeof kGreeting - 1};
  /* A write may be short (a pipe, a full disk): go on until all is out or an error is told. */
  while (rest.size > 0) {
    unsigned long written = 0;
    if (fdWrite(1, &rest, 1, &written) != 0 || written == 0) procExit(1);
    rest.data += written;
    rest.size -= written;
  }
}
