// Instance: function references, made when somebody first needs one.
#include "engine/object/instance.h"

#include "engine/object/store.h"

namespace bls {
namespace {

u32 slotsOf(const std::vector<ValType>& types) {
  u32 slots = 0;
  for (ValType type : types) slots += type.slots();
  return slots;
}

}  // namespace

FuncObj* Instance::funcRef(u32 funcIndex) {
  if (funcIndex < module->importedFuncs) return imports[funcIndex];
  FuncObj*& made = funcs[funcIndex];
  if (made != nullptr) return made;
  FuncObj* func = store->newFunc();
  const FuncType& type = module->funcTypeOf(funcIndex);
  func->code = &code[funcIndex];
  func->instance = this;
  func->canonType = canonTypes[module->funcs[FuncIndex{funcIndex}].type];
  func->funcIndex = funcIndex;
  func->setSlots(slotsOf(type.params), slotsOf(type.results));
  made = func;
  return func;
}

}  // namespace bls
