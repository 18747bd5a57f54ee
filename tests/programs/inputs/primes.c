#include <stdio.h>
#include <string.h>

static unsigned sieve(unsigned limit) {
  static unsigned char composite[10000];
  unsigned count = 0;
  for (unsigned i = 2; i < limit; i++) {
    if (composite[i]) continue;
    count++;
    for (unsigned j = i * i; j < limit; j += i) composite[j] = 1;
  }
  return count;
}

int main(int argc, char** argv) {
  printf("hello from a guest compiled by a guest\n");
  printf("primes below 10000: %u\n", sieve(10000));
  for (int i = 1; i < argc; i++) printf("arg %d: %s (%zu)\n", i, argv[i], strlen(argv[i]));
  return argc;
}
