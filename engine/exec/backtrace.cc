// Formatting of traps and their frames.
#include "engine/exec/backtrace.h"

#include <algorithm>
#include <cstdio>

#include "engine/base/status.h"
#include "engine/module/module.h"

namespace bls {
namespace {

constexpr size_t kNameBytes = 200;

std::string place(const FramePlace& frame, FrameNamer* namer) {
  std::string out = "function " + std::to_string(frame.funcIndex);
  std::string name = namer != nullptr ? namer->functionName(*frame.module, frame.funcIndex) : std::string();
  if (!name.empty()) out += " (" + escapeForMessage(name, kNameBytes) + ")";
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, " offset 0x%x", fileOffsetOf(frame));
  out += buffer;
  std::string file;
  u32 line = 0;
  if (namer != nullptr && namer->sourceLine(*frame.module, fileOffsetOf(frame), &file, &line)) {
    out += " at " + escapeForMessage(file, kNameBytes) + ":" + std::to_string(line);
  }
  return out;
}

}  // namespace

u32 fileOffsetOf(const FramePlace& frame) {
  return frame.module->funcs[FuncIndex{frame.funcIndex}].bodyOffset + frame.bodyOffset;
}

std::string formatTrap(Trap trap, const TrapTrace& trace, const std::string& detail, FrameNamer* namer) {
  std::string out = "trap: ";
  out += trapText(trap);
  if (!detail.empty()) out += ": " + escapeForMessage(detail, kNameBytes);
  if (trace.count == 0) return out;
  u32 listed = std::min(trace.count, TrapTrace::kMaxFrames);
  for (u32 i = 0; i < listed; ++i) {
    std::string where = place(trace.frames[i], namer);
    if (i == 0) out += " at " + where;
    out += "\n  " + std::to_string(i) + ": " + where;
    if (i + 1 == listed && trace.total > listed) {
      out += " (" + std::to_string(trace.total - listed) + " more)";
    }
  }
  return out;
}

}  // namespace bls
