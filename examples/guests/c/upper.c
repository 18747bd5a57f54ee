/* Sends its input through the CGI extension `up` (../extensions/up), which turns it to upper case. */
#include <stdio.h>

#include "bless.h"

int main(void) {
  static const char kOpen[] = "{\"command\":\"up\"}";
  char input[4096], output[4096];
  uint32_t handle, count = 0, code;
  const size_t size = fread(input, 1, sizeof input, stdin);
  if ((code = bless_cgi_open(kOpen, sizeof kOpen - 1, &handle)) != 0) {
    fprintf(stderr, "cgi_open: code %u\n", code);
    return 1;
  }
  code = bless_cgi_write_all(handle, input, (uint32_t)size);
  /* The extension answers line by line: as many bytes as it was sent. */
  while (code == 0 && count < size) {
    uint32_t got = 0;
    code = bless_cgi_stdout_read(handle, output + count, (uint32_t)size - count, &got);
    if (got == 0) break;
    count += got;
  }
  fwrite(output, 1, count, stdout);
  bless_cgi_close(handle);
  return code == 0 && count == size ? 0 : 1;
}
