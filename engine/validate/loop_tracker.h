// LoopTracker: which locals each open loop reads and writes, in O(1) per access.
//
// Entries of all open loops form one stack; `slot_[local]` is the entry of the innermost open loop
// that has the local (0: none). An inner loop's entry remembers the slot it hid and gives it back
// at the loop's end, when its counts are added to the loop around it. Outside loops an access costs
// one compare.
#pragma once

#include <vector>

#include "engine/validate/func_meta.h"

namespace bls {

class LoopTracker {
 public:
  static constexpr u32 kMaxLocals = 64;

  /// Starts a function; forgets what a failed one left.
  void begin(u32 localCount) {
    if (!open_.empty() || entries_.size() != 1) {
      slot_.assign(slot_.size(), 0);
      open_.clear();
      entries_.assign(1, {});
    }
    first_ = kOutside;
    if (slot_.size() < localCount) slot_.resize(localCount, 0);
  }

  void read(u32 local) {
    u32 slot = slot_[local];
    if (slot >= first_) {
      saturate(entries_[slot].reads, 1);
    } else if (first_ != kOutside) {
      add(local, 1, 0);
    }
  }
  void write(u32 local) {
    u32 slot = slot_[local];
    if (slot >= first_) {
      saturate(entries_[slot].writes, 1);
    } else if (first_ != kOutside) {
      add(local, 0, 1);
    }
  }

  /// A loop opens at body offset `offset`; `calls` is the number of call sites so far.
  void open(u32 offset, u32 calls, std::vector<LoopMeta>* loops);
  /// The innermost loop ends.
  void close(u32 calls, std::vector<LoopMeta>* loops, std::vector<LoopLocal>* locals);

 private:
  struct Entry {
    u32 local = 0;
    u32 hidden = 0;  // slot_[local] before
    u8 reads = 0;
    u8 writes = 0;
  };
  struct Open {
    u32 loop = 0;  // index into the loops
    u32 firstEntry = 0;
    u32 callsBefore = 0;
    bool many = false;
  };
  static constexpr u32 kOutside = ~u32{0};
  static void saturate(u8& count, u32 by) {
    u32 sum = count + by;
    count = static_cast<u8>(sum < 255 ? sum : 255);
  }
  [[gnu::noinline]] void add(u32 local, u8 reads, u8 writes);

  u32 first_ = kOutside;  // first entry of the innermost loop
  std::vector<u32> slot_;
  std::vector<Entry> entries_ = std::vector<Entry>(1);  // entry 0 stands for "none"
  std::vector<Open> open_;
};

}  // namespace bls
