// Prints what the request brought: its standard input, then the listed variables.
#include "blockless.h"

static char text[4096];

void _start(void) {
  uint32_t size = 0;
  if (memory_read(text, sizeof text, &size) == 0) bls_say(text, size);
  bls_say(BLS_TEXT("\n"));
  if (env_var_read(text, sizeof text, &size) == 0) bls_say(text, size);
  bls_say(BLS_TEXT("\n"));
}
