// LabelScope: the labels in force, innermost last, found by name in constant time.
//
// A hash table whose chains run from inner to outer labels, so that shadowing and leaving a block
// are one store each, however deep and however many. Spec: text/instructions, labels.
#pragma once

#include <string_view>
#include <vector>

#include "engine/base/ints.h"
#include "engine/text/word_hash.h"

namespace bls::text {

class LabelScope {
 public:
  static constexpr u32 kMissing = ~u32{0};

  u32 depth() const { return static_cast<u32>(labels_.size()); }
  /// `name` is empty for a label without one.
  void push(std::string_view name) {
    labels_.push_back({name, kMissing});
    if (name.empty()) return;
    if (++named_ > heads_.size()) {
      heads_.assign(heads_.empty() ? 64 : heads_.size() * 4, kMissing);
      for (u32 i = 0; i < depth(); ++i) link(i);
    } else {
      link(depth() - 1);
    }
  }
  void pop() {
    const Label& label = labels_.back();
    if (!label.name.empty()) {
      heads_[slotOf(label.name)] = label.outer;
      --named_;
    }
    labels_.pop_back();
  }
  std::string_view innermost() const { return labels_.back().name; }
  /// Relative depth of the innermost label of that name, or kMissing.
  u32 find(std::string_view name) const {
    if (named_ == 0) return kMissing;
    for (u32 i = heads_[slotOf(name)]; i != kMissing; i = labels_[i].outer) {
      if (labels_[i].name == name) return depth() - 1 - i;
    }
    return kMissing;
  }
  void clear() {
    while (!labels_.empty()) pop();
  }

 private:
  struct Label {
    std::string_view name;
    u32 outer;  // next label of the chain
  };
  size_t slotOf(std::string_view name) const { return wordHash(name) & (heads_.size() - 1); }
  void link(u32 index) {
    if (labels_[index].name.empty()) return;
    u32& head = heads_[slotOf(labels_[index].name)];
    labels_[index].outer = head;
    head = index;
  }

  std::vector<Label> labels_;
  std::vector<u32> heads_;
  u32 named_ = 0;
};

}  // namespace bls::text
