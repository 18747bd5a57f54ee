// Reading the section, and comparing it with what the text parser would make of the annotations.
#include "engine/text/branch_hints.h"

#include <algorithm>

#include "engine/decode/body_decoder.h"
#include "engine/decode/walk.h"
#include "engine/encode/byte_writer.h"

namespace bls::text {
namespace {

// Counts the hints whose offset is that of an `if` or `br_if`.
struct TargetSink {
  static constexpr bool kCold = true;
  const u8* begin;
  const std::vector<BranchHint>& hints;
  size_t next = 0;
  size_t found = 0;
  WalkPosition position;

  template <Op O, class Imm>
  Status on(OpTag<O>, const Imm&) {
    const u64 offset = static_cast<u64>(position.op - begin);
    while (next < hints.size() && hints[next].offset < offset) ++next;
    if (O == Op::If || O == Op::BrIf)
      found += next < hints.size() && hints[next].offset == offset ? 1 : 0;
    return {};
  }
};

bool allAtBranches(const Module& m, u32 func, const std::vector<BranchHint>& hints) {
  const FuncDecl& decl = m.funcs[FuncIndex{func}];
  Diagnostics unused;
  ByteReader in(m.body(decl), decl.bodyOffset, &unused);
  TargetSink sink{in.pos(), hints, 0, 0, {}};
  std::vector<ValType> locals;
  return readLocals(in, m.features, &locals).ok() && walkBody(in, sink, m.features).ok() &&
         sink.found == hints.size();
}

}  // namespace

BranchHints::BranchHints(const Module& m) {
  constexpr u8 kCode = 10;
  u32 customs = 0, named = 0;
  for (size_t i = 0; i < m.sections.size(); ++i) {
    if (m.sections[i].id != 0) continue;
    const u32 index = customs++;
    if (index >= m.customs.size() || m.customs[index].name != kBranchHints) continue;
    ++named;
    if (i + 1 < m.sections.size() && m.sections[i + 1].id == kCode) section_ = index;
  }
  const bool usable = named == 1 && section_ != ~u32{0} && read(m, m.customs[section_]);
  if (usable) return;
  funcs_.clear();
  section_ = ~u32{0};
}

bool BranchHints::read(const Module& m, const CustomSection& custom) {
  Diagnostics unused;
  const std::span<const u8> bytes = m.bytes.span().subspan(custom.offset, custom.size);
  ByteReader in(bytes, custom.offset, &unused);
  ByteWriter again;
  u32 funcs = 0;
  if (!in.lebU32(&funcs).ok() || funcs == 0) return false;
  again.lebU32(funcs);
  for (u32 i = 0; i < funcs; ++i) {
    u32 func = 0, count = 0;
    if (!in.lebU32(&func).ok() || !in.lebU32(&count).ok() || count == 0 || count > in.left())
      return false;
    const bool ascends = funcs_.empty() || funcs_.rbegin()->first < func;
    if (!ascends || func < m.importedFuncs || func >= m.funcs.size()) return false;
    again.lebU32(func);
    again.lebU32(count);
    std::vector<BranchHint>& hints = funcs_[func];
    for (u32 j = 0; j < count; ++j) {
      BranchHint hint;
      u32 size = 0;
      if (!in.lebU32(&hint.offset).ok() || !in.lebU32(&size).ok() || !in.byte(&hint.value).ok())
        return false;
      const bool isNext = hints.empty() || hints.back().offset < hint.offset;
      if (!isNext || size != 1 || hint.value > 1) return false;
      again.lebU32(hint.offset);
      again.lebU32(1);
      again.byte(hint.value);
      hints.push_back(hint);
    }
    if (!allAtBranches(m, func, hints)) return false;
  }
  const std::span<const u8> made = again.span();
  return std::equal(bytes.begin(), bytes.end(), made.begin(), made.end());
}

const std::vector<BranchHint>& BranchHints::of(u32 func) const {
  static const std::vector<BranchHint> kNone;
  auto found = funcs_.find(func);
  return found == funcs_.end() ? kNone : found->second;
}

}  // namespace bls::text
