// Index<Tag>: a u32 that belongs to one index space; IndexVector<I, T>: a vector only that index
// opens. Mixing index spaces (a type index into the function list) does not compile.
#pragma once

#include <compare>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/ints.h"

namespace bls {

template <class Tag>
struct Index {
  u32 value = 0;
  constexpr Index() = default;
  constexpr explicit Index(u32 v) : value(v) {}
  friend constexpr auto operator<=>(Index, Index) = default;
};

template <class I, class T>
class IndexVector {
 public:
  T& operator[](I i) {
    DCHECK(i.value < items_.size());
    return items_[i.value];
  }
  const T& operator[](I i) const {
    DCHECK(i.value < items_.size());
    return items_[i.value];
  }
  u32 size() const { return static_cast<u32>(items_.size()); }
  bool empty() const { return items_.empty(); }
  bool contains(I i) const { return i.value < items_.size(); }
  void reserve(u32 n) { items_.reserve(n); }
  void resize(u32 n) { items_.resize(n); }
  T& push(T item) {
    items_.push_back(std::move(item));
    return items_.back();
  }
  T& back() { return items_.back(); }
  auto begin() { return items_.begin(); }
  auto end() { return items_.end(); }
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }
  std::vector<T>& raw() { return items_; }
  const std::vector<T>& raw() const { return items_; }

 private:
  std::vector<T> items_;
};

using TypeIndex = Index<struct TypeTag>;
using FuncIndex = Index<struct FuncTag>;
using TableIndex = Index<struct TableTag>;
using MemoryIndex = Index<struct MemoryTag>;
using GlobalIndex = Index<struct GlobalTag>;
using TagIndex = Index<struct TagTag>;
using ElemIndex = Index<struct ElemTag>;
using DataIndex = Index<struct DataTag>;

}  // namespace bls
