// HostModule: a named set of host functions, the unit a linker takes imports from. Rows come from
// bind.h; each one declares the capability it needs. A HostModule owns no function state: `context`
// is what the functions find in FuncObj::hostData, and outlives every store the module is linked
// into. Entry points: find, functions, defineAll-style loops over functions().
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "engine/host/capability.h"
#include "engine/object/func.h"
#include "engine/wasm/types.h"

namespace bls::host {

/// One host function: everything a linker needs to compare the import's type and to make the
/// FuncObj.
struct HostFunc {
  const char* name;
  HostThunk thunk;
  std::span<const ValType> params;
  std::span<const ValType> results;
  Capability capability;
  const char* spec;  // where its behaviour is specified

  FuncType type() const;
  u32 paramSlots() const;
  u32 resultSlots() const;
};

class HostModule {
 public:
  /// A module over a static table.
  HostModule(const char* name, std::span<const HostFunc> functions, void* context)
      : name_(name), functions_(functions), context_(context) {}
  /// An empty module to `add` to.
  HostModule(const char* name, void* context) : name_(name), context_(context) {}
  HostModule(HostModule&&) = default;
  HostModule& operator=(HostModule&&) = default;

  const char* name() const { return name_; }
  void* context() const { return context_; }
  std::span<const HostFunc> functions() const { return functions_; }
  /// Null when there is no function of that name. Linear: tables are short and looked up once per
  /// import.
  const HostFunc* find(std::string_view name) const;
  /// Adds a row; a later row of the same name is not found.
  void add(const HostFunc& function);

 private:
  const char* name_;
  std::span<const HostFunc> functions_;
  std::vector<HostFunc> own_;
  void* context_;
};

}  // namespace bls::host
