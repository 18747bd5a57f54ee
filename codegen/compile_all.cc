// Compiling a whole module ahead of its first instruction.
//
// Functions are compiled in batches of neighbours, cut by their size alone, by as many compilers as
// the executor has threads. A batch goes into the region as one piece and only when all batches
// before it are there, so that code is at the same place however many threads there are. What is
// waiting for its turn is at most what the other threads have finished meanwhile.
#include <optional>

#include "codegen/native_module.h"
#include "engine/base/cpu.h"
#include "engine/base/executor.h"
#include "engine/base/platform.h"
#include "engine/object/func.h"

namespace bls::codegen {

class NativeModule::Ahead {
 public:
  explicit Ahead(NativeModule& to) : to_(to) {
    constexpr u64 kBatchBytes = 32 << 10;
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
    MutexGuard guard(to_.lock_);
    to_.stats_.ns += spent;
    done_[index] = std::move(batch);
    for (; next_ < count() && done_[next_].has_value(); ++next_) {
      publish(*done_[next_]);
      done_[next_] = Batch();
    }
  }

 private:
  struct Piece {
    u32 funcIndex;
    u32 begin;  // in the batch
    u32 size;   // 0: not covered
    CompiledCode code;
  };
  struct Batch {
    std::vector<u8> bytes;
    std::vector<Piece> pieces;
  };

  Batch compileBatch(FunctionCompiler& compiler, u32 index) {
    constexpr size_t kAlign = 16;
    Batch out;
    const u32 end = index + 1 < count() ? firsts_[index + 1] : to_.module_.funcs.size();
    for (u32 i = firsts_[index]; i < end; ++i) {
      if (to_.tried(to_.cells_[i])) continue;
      Piece piece{i, 0, 0, {}};
      if (compileVerified(compiler, to_.inputFor(i), &piece.code)) {
        out.bytes.resize((out.bytes.size() + kAlign - 1) & ~(kAlign - 1));
        piece.begin = static_cast<u32>(out.bytes.size());
        piece.size = static_cast<u32>(piece.code.bytes.size());
        out.bytes.insert(out.bytes.end(), piece.code.bytes.begin(), piece.code.bytes.end());
        piece.code.bytes = {};
      }
      out.pieces.push_back(std::move(piece));
    }
    return out;
  }

  // Under the module's lock. What does not fit as a whole is tried piece by piece.
  void publish(Batch& batch) {
    const u8* base = to_.space_->add(batch.bytes);
    for (Piece& piece : batch.pieces) {
      FuncCode* code = to_.cells_ + piece.funcIndex;
      if (to_.tried(*code)) continue;  // somebody called it meanwhile
      if (piece.size == 0) {
        to_.leaveLocked(code, &CompileStats::notCovered);
        continue;
      }
      const u8* at = base != nullptr
                         ? base + piece.begin
                         : to_.space_->add({batch.bytes.data() + piece.begin, piece.size});
      to_.publishLocked(code, &piece.code, at, piece.size);
    }
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
  std::vector<std::optional<Batch>> done_;  // under the module's lock
  u32 next_ = 0;                            // the batch whose turn it is; the same
  Mutex idleLock_;
  std::vector<std::unique_ptr<FunctionCompiler>> idle_;
};

void NativeModule::compileAll(Executor* executor) {
  Ahead ahead(*this);
  if (executor == nullptr) {
    for (u32 i = 0; i < ahead.count(); ++i) ahead.run(i);
    return;
  }
  executor->parallelFor(
      ahead.count(), [](void* context, u32 i) { static_cast<Ahead*>(context)->run(i); }, &ahead);
}

}  // namespace bls::codegen
