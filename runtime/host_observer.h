// HostObserver: sees every call of the host modules of a linker, WASI and extensions. Entry point:
// Linker::observe. Without one nothing stands between a guest and its host functions.
#pragma once

#include "engine/host/host_module.h"

namespace bls::embed {

/// One import that a module uses. What it points to lives as long as the store.
struct ObservedImport {
  const char* module;
  const host::HostFunc* function;
  void* context;   // what the function finds in FuncObj::hostData
  void* observer;  // HostObserver::linked's own
};

class HostObserver {
 public:
  /// A module of a store imports `function`; what it returns is kept in ObservedImport::observer.
  /// Any thread that links.
  virtual void* linked(const char* module, const host::HostFunc& function) = 0;
  /// Instead of import.function->thunk(cx, self, slots), which it calls. Any guest thread.
  virtual Trap call(const ObservedImport& import, ExecCtx* cx, FuncObj* self, u64* slots) = 0;

 protected:
  ~HostObserver() = default;
};

}  // namespace bls::embed
