// HandleTable, Using: the numbers a guest holds for objects of an extension. One counter per
// extension and execution, from 1, never used again: a number that was never given out, or was
// closed, names nothing. Thread rule: every member on any thread; an object in use by one thread
// stays alive when another closes it.
#pragma once

#include <atomic>
#include <memory>
#include <unordered_map>

#include "engine/base/ints.h"
#include "engine/base/spin_lock.h"

namespace bls::extensions {

template <class T>
class HandleTable {
 public:
  /// Takes the next number; also for an open that fails afterwards, where the reference counts it.
  u32 reserve() {
    SpinGuard guard(&lock_);
    return ++last_;
  }
  void put(u32 handle, std::shared_ptr<T> object) {
    SpinGuard guard(&lock_);
    objects_[handle] = std::move(object);
  }
  u32 add(std::shared_ptr<T> object) {
    SpinGuard guard(&lock_);
    objects_[++last_] = std::move(object);
    return last_;
  }
  /// Null for a number that names nothing.
  std::shared_ptr<T> get(u32 handle) {
    SpinGuard guard(&lock_);
    const auto found = objects_.find(handle);
    return found == objects_.end() ? nullptr : found->second;
  }
  /// Takes it out; null as with get.
  std::shared_ptr<T> take(u32 handle) {
    SpinGuard guard(&lock_);
    const auto found = objects_.find(handle);
    if (found == objects_.end()) return nullptr;
    std::shared_ptr<T> object = std::move(found->second);
    objects_.erase(found);
    return object;
  }
  size_t size() {
    SpinGuard guard(&lock_);
    return objects_.size();
  }

 private:
  SpinLock lock_;
  std::unordered_map<u32, std::shared_ptr<T>> objects_;
  u32 last_ = 0;
};

/// Holds an object that one thread at a time may use, for one call; `object.busy` is an atomic
/// bool, false when nobody does. Who is not `mine` must leave the object alone.
template <class T>
class Using {
 public:
  explicit Using(T& object) : object_(object), mine_(!object.busy.exchange(true)) {}
  ~Using() {
    if (mine_) object_.busy = false;
  }
  Using(const Using&) = delete;
  Using& operator=(const Using&) = delete;
  bool mine() const { return mine_; }

 private:
  T& object_;
  const bool mine_;
};

}  // namespace bls::extensions
