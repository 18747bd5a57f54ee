// Walking frames.
#include "engine/interp/frames.h"

#include <algorithm>

namespace bls::interp {

FrameWalk::FrameWalk(ExecCtx* cx, const CodeCells& cells, const Cell* pc, u64* fp)
    : cx_(cx), cells_(cells), record_(cx->ctl), instance_(cx->instance), firstPc_(pc), fp_(fp) {}

bool FrameWalk::next(bool acrossHost) {
  if (isNative()) instance_ = instance_->native->enteredFrom(stretch_);
  stretch_ = {};
  if (firstPc_ != nullptr) {
    const Cell* pc = firstPc_;
    firstPc_ = nullptr;
    return found(pc, fp_, false);
  }
  while (record_ > cx_->ctlBase) {
    if (record_[-1].pc == &cells_.leave && !acrossHost) return false;
    --record_;
    if (record_->pc == &cells_.leave || record_->pc == nullptr) continue;
    if (record_->pc == kNativeFrames) {
      stretch_ = NativeStretch::of(record_--);
      instance_ = stretch_.instance;
      return true;
    }
    if (record_->pc == &cells_.resume) {
      stretch_ = stretchAt(record_--, instance_);
      return true;
    }
    if (record_->pc == &cells_.restore) {
      instance_ = static_cast<Instance*>(record_->fp);
      continue;
    }
    return found(static_cast<const Cell*>(record_->pc), static_cast<u64*>(record_->fp), true);
  }
  return false;
}

bool FrameWalk::found(const Cell* pc, u64* fp, bool isReturn) {
  const Cell* inside = isReturn ? pc - 1 : pc;
  const bool here = block_ != nullptr && inside >= block_->cells.get() &&
                    inside < block_->cells.get() + block_->count;
  if (!here) block_ = static_cast<InterpModule*>(instance_->code->owner)->blockOf(inside);
  CHECK(block_ != nullptr);
  cell_ = static_cast<u32>(pc - block_->cells.get());
  fp_ = fp;
  isReturn_ = isReturn;
  return true;
}

void visitFrameRoots(ExecCtx* cx, const CodeCells& cells, RootVisitor& visitor) {
  FrameWalk walk(cx, cells, static_cast<const Cell*>(cx->gcPc), cx->gcFp);
  auto visit = [&](const FrameTables::Root& root) {
    visitor.visit(walk.fp() + root.slot, root.isExtern ? gc::RefKind::Extern : gc::RefKind::Heap);
  };
  while (walk.next(true)) {
    if (walk.isNative()) {
      walk.instance()->native->visitRoots(walk.stretch(), visitor);
      continue;
    }
    const FrameTables& tables = walk.block().tables;
    if (!tables.hasRoots()) continue;
    for (const FrameTables::Root& root : tables.locals) visit(root);
    const u32 key = FrameTables::keyOf(walk.cell(), walk.isReturn());
    auto at = std::lower_bound(tables.safepoints.begin(), tables.safepoints.end(), key,
                               [](const auto& point, u32 wanted) { return point.key < wanted; });
    if (at == tables.safepoints.end() || at->key != key) continue;
    for (u32 i = at->root; i != FrameTables::kNone; i = tables.roots[i].below) {
      visit(tables.roots[i]);
    }
  }
}

}  // namespace bls::interp
