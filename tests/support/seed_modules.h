// A fixed set of small modules, one per instruction of opcodes.def and a few dozen for sections and
// declarations.
//
// Entry point: seedModules(). Each is valid with all features on. They are the seeds of the
// mutation tests and of the fuzz targets, and a validator test of their own: a new row in
// opcodes.def gets its seed for free unless its typing is special, in which case seedModules()
// refuses to build until a recipe is written.
#pragma once

#include <string>
#include <vector>

#include "engine/base/ints.h"

namespace bls::test {

using Bytes = std::vector<u8>;

struct SeedModule {
  std::string name;
  Bytes bytes;
  bool runnable =
      false;  // exports "run" of type () -> () and uses only what T0 executes in this build
};

/// All seeds, built once. Not thread safe on first use.
const std::vector<SeedModule>& seedModules();

/// Appends LEB128 forms.
void putU32(Bytes& out, u64 value);
void putI64(Bytes& out, i64 value);
/// Appends a section: id, size, content.
void putSection(Bytes& out, u8 id, const Bytes& content);

}  // namespace bls::test
