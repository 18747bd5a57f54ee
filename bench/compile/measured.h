// What the programs of this folder share: a file in memory, CPU time of this thread in seconds
// (other load on the machine counts less), and a release function for bytes that somebody else
// owns.
#pragma once

#include <cstdio>
#include <ctime>
#include <vector>

#include "engine/base/ints.h"

namespace bls {

inline void noFree(void*, const u8*, size_t) {}

inline f64 threadSeconds() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<f64>(t.tv_sec) + static_cast<f64>(t.tv_nsec) * 1e-9;
}

inline bool readFile(const char* path, std::vector<u8>* out) {
  FILE* file = std::fopen(path, "rb");
  if (file == nullptr) return false;
  u8 block[65536];
  size_t count;
  while ((count = std::fread(block, 1, sizeof block, file)) > 0) {
    out->insert(out->end(), block, block + count);
  }
  bool good = std::ferror(file) == 0;
  std::fclose(file);
  return good;
}

}  // namespace bls
