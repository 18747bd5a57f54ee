// Formatting of traps and their frames.
#include "engine/exec/backtrace.h"

#include <algorithm>
#include <cstdio>
#include <memory>

#include "engine/base/status.h"
#include "engine/module/dwarf_lines.h"
#include "engine/module/names.h"

namespace bls {
namespace {

constexpr size_t kNameBytes = 200;

// Longer guest text, already escaped, is cut at a byte that does not split a UTF-8 sequence.
std::string cut(std::string text) {
  if (text.size() <= kNameBytes) return text;
  size_t end = kNameBytes;
  while (end > 0 && (static_cast<u8>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

// The listed frames as text: all frames of one module are resolved together.
std::vector<std::string> describe(std::span<const FramePlace> frames) {
  std::vector<std::string> out(frames.size());
  std::vector<bool> done(frames.size());
  for (size_t first = 0; first < frames.size(); ++first) {
    if (done[first]) continue;
    const Module& module = *frames[first].module;
    FuncNames names(module);
    std::vector<u64> offsets;
    std::vector<size_t> places;
    for (size_t i = first; i < frames.size(); ++i) {
      if (frames[i].module != &module) continue;
      offsets.push_back(fileOffsetOf(frames[i]));
      places.push_back(i);
      done[i] = true;
    }
    std::vector<SourceLine> lines = resolveLines(module, offsets);
    for (size_t k = 0; k < places.size(); ++k) {
      const FramePlace& frame = frames[places[k]];
      std::string& text = out[places[k]];
      text = "function " + std::to_string(frame.funcIndex);
      std::string name = names.display(frame.funcIndex);
      if (!name.empty()) text += " (" + cut(std::move(name)) + ")";
      char buffer[32];
      std::snprintf(buffer, sizeof buffer, " offset 0x%x", fileOffsetOf(frame));
      text += buffer;
      if (!lines[k].file.empty())
        text += " at " + cut(lines[k].file) + ":" + std::to_string(lines[k].line);
    }
  }
  return out;
}

}  // namespace

u32 fileOffsetOf(const FramePlace& frame) {
  return frame.module->funcs[FuncIndex{frame.funcIndex}].bodyOffset + frame.bodyOffset;
}

std::string formatTrap(Trap trap, const TrapTrace& trace, const std::string& detail) {
  std::string out = "trap: ";
  out += trapText(trap);
  // The index of an element is part of the wording: "uninitialized element 2".
  const char* join = trap == Trap::UninitializedElement ? " " : ": ";
  if (!detail.empty()) out += join + escapeForMessage(detail, kNameBytes);
  u32 listed = std::min(trace.count, TrapTrace::kMaxFrames);
  std::vector<std::string> frames = describe({trace.frames, listed});
  for (u32 i = 0; i < listed; ++i) {
    if (i == 0) out += " at " + frames[0];
    out += "\n  " + std::to_string(i) + ": " + frames[i];
    if (i + 1 == listed && trace.total > listed)
      out += " (" + std::to_string(trace.total - listed) + " more)";
  }
  return out;
}

}  // namespace bls
