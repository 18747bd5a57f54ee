// Lookup and type assembly of host modules.
#include "engine/host/host_module.h"

namespace bls::host {
namespace {

u32 slotsOf(std::span<const ValType> types) {
  u32 slots = 0;
  for (ValType type : types) slots += type.slots();
  return slots;
}

}  // namespace

FuncType HostFunc::type() const {
  return {{params.begin(), params.end()}, {results.begin(), results.end()}};
}

u32 HostFunc::paramSlots() const { return slotsOf(params); }
u32 HostFunc::resultSlots() const { return slotsOf(results); }

const HostFunc* HostModule::find(std::string_view name) const {
  for (const HostFunc& function : functions_) {
    if (name == function.name) return &function;
  }
  return nullptr;
}

void HostModule::add(const HostFunc& function) {
  if (own_.empty()) own_.assign(functions_.begin(), functions_.end());
  own_.push_back(function);
  functions_ = own_;
}

}  // namespace bls::host
