// Sends its standard input (the fixed one) to the first line's address, host:port, and prints the
// answer.
#include "blockless.h"

static char text[4096];

static void fail(const char* what, uint32_t length, uint32_t code) {
  const char digits[2] = {(char)('0' + code / 10 % 10), (char)('0' + code % 10)};
  bls_say(what, length);
  bls_say(digits, 2);
  bls_say(BLS_TEXT("\n"));
}

void _start(void) {
  uint32_t size = 0, line = 0, fd = 0, code;
  if ((code = memory_read(text, sizeof text, &size)) != 0)
    return fail(BLS_TEXT("memory_read: "), code);
  while (line < size && text[line] != '\n') ++line;
  if ((code = tcp_connect(text, line, &fd)) != 0) return fail(BLS_TEXT("tcp_connect: "), code);
  bls_buffer rest = {text + line + 1, line < size ? size - line - 1 : 0};
  if ((code = fd_write(fd, &rest, 1, &size)) != 0) return fail(BLS_TEXT("fd_write: "), code);
  bls_buffer all = {text, sizeof text};
  if ((code = fd_read(fd, &all, 1, &size)) != 0) return fail(BLS_TEXT("fd_read: "), code);
  bls_say(text, size);
  fd_close(fd);
}
