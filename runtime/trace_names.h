// TraceNames: function names and source lines of modules for backtraces, from the name section and DWARF. Reads them when a
// trap is being reported, not before.
#pragma once

#include <memory>

#include "engine/exec/backtrace.h"

namespace bls {

class TraceNames : public FrameNamer {
 public:
  TraceNames();
  ~TraceNames() override;
  std::string functionName(const Module& module, u32 funcIndex) override;
  bool sourceLine(const Module& module, u32 fileOffset, std::string* file, u32* line) override;

 private:
  struct Cache;
  std::unique_ptr<Cache> cache_;
};

}  // namespace bls
