// Compiling a whole module ahead of its first instruction.
//
// Functions are compiled in batches of neighbours, cut by their size alone, by as many compilers as
// the executor has threads. A batch gets its place in the region only when all batches before it
// have theirs, so that code is at the same place however many threads there are, and is made known
// only after them. What is waiting for its turn is at most what the other threads have finished
// meanwhile. Copying, which takes the page faults, is done by several threads at once. One thread
// alone needs no batches.
#include <cstring>
#include <optional>

#include "codegen/native_module.h"
#include "engine/base/cpu.h"
#include "engine/base/executor.h"
#include "engine/base/platform.h"
#include "engine/object/func.h"

namespace bls::codegen {

class NativeModule::Ahead {
 public:
  static constexpr u64 kBatchBytes = 32 << 10;

  explicit Ahead(NativeModule& to) : to_(to) {
    const Module& module = to.module_;
    u64 bytes = kBatchBytes;
    for (u32 i = module.importedFuncs; i < module.funcs.size(); ++i) {
      if (bytes >= kBatchBytes) {
        firsts_.push_back(i);
        bytes = 0;
      }
      bytes += module.body(module.funcs[FuncIndex{i}]).size();
    }
    done_.resize(firsts_.size());
  }

  u32 count() const { return static_cast<u32>(firsts_.size()); }

  void run(u32 index) {
    const u64 start = platform::monotonicNs();
    std::unique_ptr<FunctionCompiler> compiler = take();
    Batch batch = compileBatch(*compiler, index);
    give(std::move(compiler));
    const u64 spent = platform::monotonicNs() - start;
    u32 first;
    u32 end;
    {
      MutexGuard guard(to_.lock_);
      to_.stats_.ns += spent;
      done_[index] = std::move(batch);
      first = placed_;
      for (; placed_ < count() && done_[placed_].has_value(); ++placed_) place(*done_[placed_]);
      end = placed_;
    }
    for (u32 i = first; i < end; ++i) fill(*done_[i]);
    MutexGuard guard(to_.lock_);
    for (u32 i = first; i < end; ++i) done_[i]->filled = true;
    for (; known_ < placed_ && done_[known_]->filled; ++known_) {
      publish(*done_[known_]);
      *done_[known_] = Batch();
    }
  }

 private:
  struct Piece {
    u32 funcIndex;
    u32 begin;  // in the batch
    u32 size;   // 0: not covered
    u32 bodyEntry;
    std::vector<LoopEntry> loops;
    const u8* at;  // its place, if there is one
  };
  struct Batch {
    std::vector<u8> bytes;
    std::vector<u8> accesses;  // as NativeModule::accesses_
    std::vector<Piece> pieces;
    const u8* base = nullptr;  // its place as a whole, if there is one
    bool filled = false;
  };
  static constexpr u32 kAlign = 16;

  Batch compileBatch(FunctionCompiler& compiler, u32 index) {
    Batch out;
    const u32 end = index + 1 < count() ? firsts_[index + 1] : to_.module_.funcs.size();
    CompiledCode made;
    out.bytes.reserve(3 * kBatchBytes);
    for (u32 i = firsts_[index]; i < end; ++i) {
      if (to_.tried(to_.cells_[i])) continue;
      Piece piece{i, 0, 0, 0, {}, nullptr};
      if (compileVerified(compiler, to_.inputFor(i), &made)) {
        out.bytes.resize((out.bytes.size() + kAlign - 1) & ~size_t{kAlign - 1});
        piece.begin = static_cast<u32>(out.bytes.size());
        piece.size = static_cast<u32>(made.bytes.size());
        piece.bodyEntry = made.bodyEntry;
        piece.loops = std::move(made.loops);
        out.bytes.insert(out.bytes.end(), made.bytes.begin(), made.bytes.end());
        out.accesses.resize(out.bytes.size() / 8 + 1);
        for (u32 access : made.accesses) setBit(out.accesses.data(), piece.begin + access);
      }
      out.pieces.push_back(std::move(piece));
    }
    return out;
  }

  // Under the module's lock: what depends on the order of batches. What does not fit as a whole is
  // tried piece by piece.
  void place(Batch& batch) {
    batch.base = to_.space_->reserve(batch.bytes.size(), kAlign);
    for (Piece& piece : batch.pieces) {
      if (piece.size == 0) continue;
      piece.at = batch.base != nullptr ? batch.base + piece.begin
                                       : to_.space_->reserve(piece.size, kAlign);
    }
  }

  // Whoever has given a batch its place copies it there.
  void fill(Batch& batch) {
    const bool whole = batch.base != nullptr;
    if (whole && copy(batch, 0, batch.bytes.size(), batch.base)) return;
    for (Piece& piece : batch.pieces) {
      if (piece.at == nullptr) continue;
      if (whole || !copy(batch, piece.begin, piece.size, piece.at)) piece.at = nullptr;
    }
  }

  // Under the module's lock.
  void publish(Batch& batch) {
    for (Piece& piece : batch.pieces) {
      FuncCode* code = to_.cells_ + piece.funcIndex;
      if (to_.tried(*code)) continue;  // somebody called it meanwhile
      if (piece.at != nullptr) {
        to_.publishLocked(code, &piece.loops, piece.at, piece.bodyEntry, piece.size);
      } else {
        to_.leaveLocked(code, piece.size == 0 ? &CompileStats::notCovered : &CompileStats::noRoom);
      }
    }
  }

  bool copy(const Batch& batch, size_t begin, size_t size, const u8* to) {
    static_assert(kAlign % 8 == 0);  // no two pieces share a byte of bits
    const u64 at = static_cast<u64>(to - to_.space_->base());
    std::memcpy(to_.accesses_ + at / 8, batch.accesses.data() + begin / 8, (size + 7) / 8);
    return to_.space_->fill(to, {batch.bytes.data() + begin, size});
  }

  std::unique_ptr<FunctionCompiler> take() {
    {
      MutexGuard guard(idleLock_);
      if (!idle_.empty()) {
        std::unique_ptr<FunctionCompiler> out = std::move(idle_.back());
        idle_.pop_back();
        return out;
      }
    }
    return makeFunctionCompiler(platform::cpuFeatures());
  }
  void give(std::unique_ptr<FunctionCompiler> compiler) {
    MutexGuard guard(idleLock_);
    idle_.push_back(std::move(compiler));
  }

  NativeModule& to_;
  std::vector<u32> firsts_;                 // by batch: its first function
  std::vector<std::optional<Batch>> done_;  // under the module's lock, but while one is filled
  u32 placed_ = 0;                          // how many have their places; the same
  u32 known_ = 0;                           // how many have been made known; the same
  Mutex idleLock_;
  std::vector<std::unique_ptr<FunctionCompiler>> idle_;
};

void NativeModule::compileAll(Executor* executor) {
  const bool alone = executor == nullptr || executor->concurrency() == 1;
  // With one view every piece of code starts on a page of its own: batches are better.
  if (alone && space_->twoViews()) {
    for (u32 i = module_.importedFuncs; i < module_.funcs.size(); ++i) compile(cells_ + i);
    return;
  }
  Ahead ahead(*this);
  if (alone) {
    for (u32 i = 0; i < ahead.count(); ++i) ahead.run(i);
    return;
  }
  executor->parallelFor(
      ahead.count(), [](void* context, u32 i) { static_cast<Ahead*>(context)->run(i); }, &ahead);
}

}  // namespace bls::codegen
