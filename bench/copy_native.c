/* What bench/http_calls.py compares memory_read with: COUNT copies of SIZE bytes.
   copy_native SIZE COUNT; prints nanoseconds per copy. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const size_t size = (size_t)atoll(argv[1]);
  const int count = atoi(argv[2]);
  char* from = malloc(size + 1);
  char* to = malloc(size + 1);
  if (from == NULL || to == NULL) return 1;
  memset(from, 'x', size);
  /* Neither made shorter nor left out by the compiler. */
  void* (*volatile copy)(void*, const void*, size_t) = memcpy;
  const double start = now();
  for (int i = 0; i < count; ++i) copy(to, from, size);
  printf("%.1f\n", (now() - start) / count);
  return memcmp(from, to, size) != 0;
}
