// Opening and closing of loops; first accesses of a local in a loop.
#include "engine/validate/loop_tracker.h"

namespace bls {

void LoopTracker::open(u32 offset, u32 calls, std::vector<LoopMeta>* loops) {
  LoopMeta meta;
  meta.offset = offset;
  meta.depth = static_cast<u32>(open_.size());
  first_ = static_cast<u32>(entries_.size());
  open_.push_back({static_cast<u32>(loops->size()), first_, calls, false});
  loops->push_back(meta);
}

void LoopTracker::add(u32 local, u8 reads, u8 writes) {
  Open& loop = open_.back();
  if (loop.many) return;
  if (entries_.size() - loop.firstEntry == kMaxLocals) {
    loop.many = true;
    return;
  }
  entries_.push_back({local, slot_[local], reads, writes});
  slot_[local] = static_cast<u32>(entries_.size() - 1);
}

void LoopTracker::close(u32 calls, std::vector<LoopMeta>* loops, std::vector<LoopLocal>* locals) {
  Open loop = open_.back();
  open_.pop_back();
  LoopMeta& meta = (*loops)[loop.loop];
  u32 callCount = calls - loop.callsBefore;
  meta.calls = static_cast<u16>(callCount < 0xffff ? callCount : 0xffff);
  meta.many = loop.many;
  meta.firstLocal = static_cast<u32>(locals->size());
  u32 count = static_cast<u32>(entries_.size()) - loop.firstEntry;
  Entry closing[kMaxLocals];
  for (u32 i = 0; i < count; ++i) {
    closing[i] = entries_[loop.firstEntry + i];
    slot_[closing[i].local] = closing[i].hidden;
  }
  entries_.resize(loop.firstEntry);
  if (!loop.many) {
    meta.localCount = static_cast<u8>(count);
    for (u32 i = 0; i < count; ++i) {
      locals->push_back({static_cast<u16>(closing[i].local), closing[i].reads, closing[i].writes});
    }
  }
  first_ = open_.empty() ? kOutside : open_.back().firstEntry;
  if (open_.empty()) return;
  if (loop.many) open_.back().many = true;
  for (u32 i = 0; i < count; ++i) {
    u32 slot = slot_[closing[i].local];
    if (slot >= first_) {
      saturate(entries_[slot].reads, closing[i].reads);
      saturate(entries_[slot].writes, closing[i].writes);
    } else {
      add(closing[i].local, closing[i].reads, closing[i].writes);
    }
  }
}

}  // namespace bls
