// What the wasm instructions of a function demand of the code made for them, read from the body
// anew.
#pragma once

#include <map>

#include "engine/base/ints.h"
#include "engine/module/module.h"

namespace bls::codegen::verify {

struct Wanted {
  const char* name = nullptr;  // of the instruction
  bool access = false;         // it reads or writes `width` bytes at its index plus `offset`
  u32 width = 0;
  u32 memory = 0;
  u64 offset = 0;
  u64 pieces = 0;          // instead: pieces among so many bytes behind an index, behind the guard
  bool lowResult = false;  // the first result is an i32
  bool isTableSize = false;
  bool callsImport = false;  // perhaps of the host, in line
  bool throws = false;       // nothing goes on behind its call of the library
};

/// By offset in the body. The module is valid.
std::map<u32, Wanted> readWanted(const Module& module, u32 funcIndex);

}  // namespace bls::codegen::verify
