// Loading: bytes → decoded, validated, prepared module, with the time of each phase. Entry point:
// loadModule.
//
// Also holds the states behind the handles of runtime.h. Large modules (over 1 MiB) are validated
// on several threads.
#pragma once

#include <memory>
#include <string>

#include "engine/base/spin_lock.h"
#include "engine/exec/backtrace.h"
#include "engine/exec/tier.h"
#include "engine/instance/linker.h"
#include "engine/text/text_module.h"
#include "engine/validate/func_meta.h"
#include "runtime/deadline.h"
#include "runtime/executor.h"
#include "runtime/runtime.h"

namespace bls::embed {

struct EngineState {
  EngineConfig config;
  MemoryStrategy memory = MemoryStrategy::Checked;
  bool guardedCode = false;  // code leaves bounds checks to the guards
  std::unique_ptr<Tier> tier;
  std::unique_ptr<ThreadPool> pool;         // made by the first large module
  std::unique_ptr<ThreadPool> compilePool;  // by the first one that is compiled whole
  SpinLock poolLock;

  CodeOptions codeOptions() const;
};

struct LoadedModule {
  std::shared_ptr<EngineState> engine;
  std::unique_ptr<bls::Module> module;
  ModuleMeta meta;
  std::unique_ptr<CodeModule> code;
  LoadTimes times;

  static Module handle(std::shared_ptr<LoadedModule> state) {
    Module out;
    out.state_ = std::move(state);
    return out;
  }
};

/// The whole pipeline. Errors as Module::compile.
Status loadModule(const std::shared_ptr<EngineState>& engine, ModuleBytes bytes, Diagnostics& diag,
                  std::shared_ptr<LoadedModule>* out);

/// Replaces bytes in the text format by the binary module they stand for; others stay. Told apart
/// by content. Errors: Malformed with line and column; Unsupported for a component, in both
/// formats.
/// `*source` keeps the text.
Status textToBinary(ModuleBytes* bytes, const text::TextOptions& options, Diagnostics& diag,
                    ModuleBytes* source);
/// Gives the first error of `diag`, found in a module made from the text `source`, its line and
/// column there. Does nothing when `source` is empty. Returns the error.
Status placeInText(const ModuleBytes& source, const bls::Module& m, Diagnostics& diag);

/// A file's bytes, or standard input for "-". Errors: Io, Limit; the message names what the system
/// said.
Status readModuleFile(const char* path, u64 maxBytes, Diagnostics& diag, ModuleBytes* out);

struct StoreState {
  std::shared_ptr<EngineState> engine;
  bls::Store store;
  bls::Linker linker;
  std::shared_ptr<InterruptHandle::State> interrupt;
  std::unique_ptr<Deadline> deadline;
  u64 instantiateNs = 0;
  u64 runNs = 0;
  HostObserver* observer = nullptr;  // Linker::observe

  StoreState(std::shared_ptr<EngineState> from, const StoreConfig& config)
      : engine(std::move(from)), store(config), linker(store) {}
  ~StoreState();
};

struct InterruptHandle::State {
  SpinLock lock;
  bls::Store* store = nullptr;  // null once the store is gone
};

/// The Failure of a trap that `store` has just had: trace, names, exit code.
Failure trapFailure(bls::Store& store, Trap trap);

}  // namespace bls::embed
