// Reading the branch hint section.
#include "engine/text/branch_hints.h"

#include <algorithm>

#include "engine/decode/body_decoder.h"
#include "engine/decode/walk.h"

namespace bls::text {
namespace {

// Counts the hints that stand at an instruction which may have one.
struct PlaceSink {
  static constexpr bool kCold = true;
  const u8* base;
  std::span<const HintTable::Hint> hints;
  size_t found = 0;
  WalkPosition position;
  template <Op O, class Imm>
  Status on(OpTag<O>, const Imm&) {
    if (found == hints.size()) return {};
    u32 at = static_cast<u32>(position.op - base);
    if (at == hints[found].offset && (O == Op::If || O == Op::BrIf)) ++found;
    return {};
  }
};

bool allInPlace(const Module& m, u32 func, std::span<const HintTable::Hint> hints) {
  Diagnostics diag;
  const FuncDecl& decl = m.funcs[FuncIndex{func}];
  ByteReader in(m.body(decl), decl.bodyOffset, &diag);
  std::vector<ValType> locals;
  PlaceSink sink{in.pos(), hints, 0, {}};
  return readLocals(in, m.features, &locals).ok() && walkBody(in, sink, m.features).ok() &&
         sink.found == hints.size();
}

// The only section of its name, with nothing between it and the code.
const CustomSection* hintSection(const Module& m) {
  const CustomSection* found = nullptr;
  for (const CustomSection& custom : m.customs) {
    if (custom.name != kBranchHints) continue;
    if (found != nullptr) return nullptr;
    found = &custom;
  }
  if (found == nullptr) return nullptr;
  for (size_t i = 0; i + 1 < m.sections.size(); ++i) {
    const SectionInfo& info = m.sections[i];
    bool here =
        info.id == 0 && found->offset >= info.offset && found->offset <= info.offset + info.size;
    if (here) return m.sections[i + 1].id == 10 ? found : nullptr;
  }
  return nullptr;
}

}  // namespace

HintTable::HintTable(const Module& m) {
  const CustomSection* section = hintSection(m);
  if (section == nullptr || read(m, *section)) return;
  groups_.clear();
  hints_.clear();
}

// False when there is anything that text would not bring back.
bool HintTable::read(const Module& m, const CustomSection& section) {
  Diagnostics diag;
  ByteReader in(m.bytes.span().subspan(section.offset, section.size), section.offset, &diag);
  u32 funcs = 0;
  if (!in.lebU32(&funcs).ok()) return false;
  for (u32 i = 0; i < funcs; ++i) {
    Group group;
    group.first = static_cast<u32>(hints_.size());
    if (!in.lebU32(&group.func).ok() || !in.lebU32(&group.count).ok()) return false;
    if (group.func < m.importedFuncs || group.func >= m.funcs.size()) return false;
    if (group.count == 0 || (!groups_.empty() && groups_.back().func >= group.func)) return false;
    for (u32 k = 0; k < group.count; ++k) {
      Hint hint;
      u32 size = 0;
      if (!in.lebU32(&hint.offset).ok() || !in.lebU32(&size).ok() || size != 1) return false;
      if (!in.byte(&hint.value).ok() || hint.value > 1) return false;
      if (k != 0 && hints_.back().offset >= hint.offset) return false;
      hints_.push_back(hint);
    }
    groups_.push_back(group);
    if (!allInPlace(m, group.func, of(group.func))) return false;
  }
  return in.atEnd();
}

std::span<const HintTable::Hint> HintTable::of(u32 func) const {
  auto at = std::lower_bound(groups_.begin(), groups_.end(), func,
                             [](const Group& group, u32 index) { return group.func < index; });
  if (at == groups_.end() || at->func != func) return {};
  return std::span<const Hint>(hints_).subspan(at->first, at->count);
}

}  // namespace bls::text
