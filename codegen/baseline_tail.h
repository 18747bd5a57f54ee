// Baseline: tail calls. Arguments take the place of the frame and the callee is jumped to: what it
// returns to is our caller, so chains take no stack. Callees of other instances are the business of
// the TailFar stub. Included by the instantiating source.
#pragma once

#include "codegen/baseline.h"
#include "codegen/check_site.h"

namespace bls::codegen {

/// The arguments, on top, to the frame's first slots. Each goes down, or stays: none is overwritten
/// before it is read. Clobbers kScratch.
template <class M>
void Baseline<M>::moveArguments(const FuncType& type) {
  const u32 count = static_cast<u32>(type.params.size());
  u32 to = 0;
  for (u32 i = 0; i < count; ++i) {
    const Val& value = v_.top(count - 1 - i);
    v_.emitCopy(value, to);
    to += slotsOf(value.type);
  }
}

/// To the function whose FuncObj is in kStubArgument, whatever it is. The host's are called and
/// returned from: this frame is still there when they trap.
template <class M>
void Baseline<M>::jumpFar() {
  Label wasm;
  m_.compareMemoryImm(Width::W64, Address::at(M::kStubArgument, layout::func::host), 0);
  m_.branchOnFlags(Cond::Eq, wasm);
  m_.move(Width::W64, M::kArguments[0], M::kStubArgument);
  replaced_ = true;
  callRuntime(RuntimeCall::CallHost);
  replaced_ = false;
  m_.ret();
  m_.bind(wasm);
  m_.leaveFrame();
  m_.load(Access::U64, M::kScratch, Address::at(M::kContext, layout::cx::builtins));
  m_.jumpAt(Address::at(M::kScratch, static_cast<i32>(Builtin::TailFar) * 8));
}

template <class M>
void Baseline<M>::beginTail() {
  chargeAll();
  saveFuel(0);
}

template <class M>
void Baseline<M>::returnCall(u32 funcIndex) {
  const FuncType& type = module_.funcTypeOf(funcIndex);
  beginTail();
  moveArguments(type);
  const Reg callee = M::kStubArgument;
  if (funcIndex < module_.importedFuncs) {
    loadImport(callee, funcIndex);
    jumpFar();
  } else if (funcIndex == in_.funcIndex) {
    m_.leaveFrame();
    m_.jump(entry_);
  } else {
    loadOwnCode(funcIndex);
    m_.leaveFrame();
    m_.jumpAt(Address::at(callee, layout::code::native));
  }
  setDead();
}

template <class M>
void Baseline<M>::returnCallIndirect(u32 typeIndex, u32 table) {
  const FuncType& type = module_.type(typeIndex).func;
  const u32 canon = module_.canonTypes[typeIndex];
  Val index = v_.pop();
  const RegId reg = v_.inReg(index);
  beginTail();
  v_.flushTop(static_cast<u32>(type.params.size()));  // the look-up needs registers
  Label slow;
  m_.move(widthOfType(indexLetter(tableLimits(table))), M::kArguments[0], general(reg));
  findCallee(table, canon, slow);
  moveArguments(type);
  m_.leaveFrame();
  m_.jumpAt(Address::at(M::kStubArgument, layout::code::native));
  m_.bind(slow);
  // The answer goes to the link's slots, which compiled frames do not use.
  const i32 frame = static_cast<i32>(in_.funcMeta().localSlots + in_.funcMeta().exceptionSlots);
  constantArgument(1, table);
  constantArgument(2, canon);
  moveFrame(frame);
  callRuntime(RuntimeCall::LookUpTable);
  moveFrame(-frame);
  if (M::kStubArgument != M::kResult) m_.move(Width::W64, M::kStubArgument, M::kResult);
  moveArguments(type);
  jumpFar();
  setDead();
}

template <class M>
void Baseline<M>::returnCallRef(u32 typeIndex) {
  const FuncType& type = module_.type(typeIndex).func;
  Val ref = v_.pop();
  const RegId reg = v_.inReg(ref);
  beginTail();
  v_.flushTop(static_cast<u32>(type.params.size()));
  const Reg func = M::kArguments[0];
  const Reg instance = M::kArguments[1];
  m_.move(Width::W64, func, general(reg));
  m_.compareImm(Width::W64, func, 0);
  CHECK_SITE(TailRefNull) m_.branchOnFlags(Cond::Eq, trap(Trap::NullFunctionRef));
  moveArguments(type);
  Label slow;
  m_.load(Access::U64, instance, Address::at(M::kContext, layout::cx::instance));
  m_.compareMemory(Width::W64, Address::at(func, layout::func::instance), instance);
  CHECK_SITE(TailRefInstance) m_.branchOnFlags(Cond::Ne, slow);  // the host's have no instance
  m_.load(Access::U64, M::kStubArgument, Address::at(func, layout::func::code));
  m_.leaveFrame();
  m_.jumpAt(Address::at(M::kStubArgument, layout::code::native));
  m_.bind(slow);
  m_.move(Width::W64, M::kStubArgument, func);
  jumpFar();
  setDead();
}

}  // namespace bls::codegen
