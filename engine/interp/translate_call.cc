// Translation of calls and tail calls. Arguments are brought into their home slots, which are the
// callee's first slots.
#include "engine/interp/translate.h"
#include "engine/module/type_canon.h"

namespace bls::interp {

// Puts everything into its home slot and returns the slot of the first argument.
u32 Translator::argumentsStart(const FuncType& type) {
  flushAll();
  savePoint();
  const u32 count = static_cast<u32>(type.params.size());
  return count == 0 ? nextHome() : stack_[height() - count].home;
}

void Translator::afterCall(const FuncType& type) {
  dropTo(height() - static_cast<u32>(type.params.size()));
  safepoint(cellCount(), true, height());
  acc_.clear();
  facc_.clear();
  last_.cell = kNone;
  producer_ = kNone;
  const u32 first = height();
  pushTypes(type.results);
  pending_ = 0;
  if (useAcc_ && !type.results.empty()) accFor(stack_[first].type).entry = first;
}

void Translator::call(u32 funcIndex) {
  const FuncType& type = m_.funcTypeOf(funcIndex);
  const u32 frame = argumentsStart(type);
  if (funcIndex < m_.importedFuncs) {
    emitSlow(H::CallImport, frame, funcIndex, static_cast<u32>(pending_));
  } else if (frame > 0xffff) {
    emitSlow(H::CallFar, frame, funcIndex, static_cast<u32>(pending_));
  } else {
    const u32 charge = metered_ ? static_cast<u32>(pending_) + schedule_.entryCost : 0;
    emitImm(metered_ ? H::CallOwnM : H::CallOwn, frame, charge,
            funcIndex * static_cast<u32>(sizeof(FuncCode)));
  }
  afterCall(type);
}

void Translator::callIndirect(u32 typeIndex, u32 table) {
  const FuncType& type = m_.type(typeIndex).func;
  const bool is64 = tableLetter(table) == 'l';
  Operand index = pop();
  const bool inAcc = index.src == A && !is64;
  if (!inAcc) {
    if (index.src == A) index.src = S;
    slotOf(index);
  }
  const u64 canon = m_.canonTypes[typeIndex];
  // The index may stand in a local; an alias among the arguments is only copied, never overwritten,
  // by the flush.
  const u32 frame = argumentsStart(type);
  if (inAcc) takeFromAcc(index);
  if (is64 || frame > 0xffff || (!inAcc && index.slot > 0xffff)) {
    emitSlow(H::CallTableFar, frame, canon, static_cast<u32>(pending_));
    at(cellCount() - 1).c = static_cast<u16>(table);
    at(cellCount() - 1).d = static_cast<u16>(table >> 16);
    emitData(index.slot);
  } else {
    const u32 charge = metered_ ? static_cast<u32>(pending_) + schedule_.entryCost : 0;
    emit(plus(H::CallTable_S, (metered_ ? 2 : 0) + (inAcc ? 1 : 0)), frame, charge,
         inAcc ? 0 : index.slot);
    emitData(canon, static_cast<u64>(table) << 32);
  }
  afterCall(type);
}

void Translator::returnCall(u32 funcIndex) {
  const FuncType& type = m_.funcTypeOf(funcIndex);
  const u32 from = argumentsStart(type);
  const H h = funcIndex < m_.importedFuncs ? H::TailCallImport : H::TailCall;
  emitSlow(h, from, funcIndex, static_cast<u32>(pending_));
  pending_ = 0;
  setDead();
}

void Translator::returnCallIndirect(u32 typeIndex, u32 table) {
  const FuncType& type = m_.type(typeIndex).func;
  Operand index = pop();
  index.src = index.src == A ? S : index.src;
  slotOf(index);
  const u32 from = argumentsStart(type);
  emitSlow(H::TailCallTable, from, m_.canonTypes[typeIndex], static_cast<u32>(pending_));
  at(cellCount() - 1).c = static_cast<u16>(table);
  at(cellCount() - 1).d = static_cast<u16>(table >> 16);
  emitData(index.slot);
  pending_ = 0;
  setDead();
}

void Translator::refFunc(u32 funcIndex) { slowOp(Op::RefFunc, H::RefFunc, 0, funcIndex, 0, 'r'); }

}  // namespace bls::interp
