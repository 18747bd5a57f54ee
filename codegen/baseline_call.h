// Baseline: calls. Arguments go to their home slots, which are the callee's first slots; the slot
// base is moved up for the call and back behind it. Result 0 also comes in a register. Tail calls
// are in baseline_tail.h.
#pragma once

#include "codegen/baseline.h"
#include "codegen/check_site.h"

namespace bls::codegen {

template <class M>
void Baseline<M>::moveFrame(i32 slots) {
  moved_ += static_cast<u32>(slots);
  if (slots != 0) m_.intOpImm(IntOp::Add, Width::W64, M::kSlots, M::kSlots, slots * 8);
}

template <class M>
void Baseline<M>::constantArgument(u32 number, u64 value) {
  m_.loadConstant(M::kArguments[number], value);
}

/// Calls the library: arguments are in kArguments.
template <class M>
void Baseline<M>::callRuntime(RuntimeCall call) {
  m_.loadConstant(M::kStubArgument, static_cast<u64>(call));
  m_.callBuiltin(static_cast<u32>(Builtin::Runtime));
  site(m_.position());
}

/// Everything to its slot, and paid for. Returns the slot of the callee's frame.
template <class M>
u32 Baseline<M>::beginCall(const FuncType& type) {
  chargeAll();
  saveFuel(0);
  v_.flushAll();
  const u32 count = static_cast<u32>(type.params.size());
  v_.dropTo(v_.height() - count);
  return v_.nextHome();
}

template <class M>
void Baseline<M>::endCall(const FuncType& type, u32 frame) {
  moveFrame(-static_cast<i32>(frame));
  if (!in_.options.guardMemory && !module_.memories.empty()) {
    m_.load(Access::U64, M::kMemory, Address::at(M::kContext, layout::cx::mem0Base));
  }
  for (u32 i = 0; i < type.results.size(); ++i) {
    const char letter = letterOf(type.results[i]);
    if (i != 0 || !comesInRegister(letter)) {
      v_.pushSlot(letter);
    } else {
      v_.pushReg(letter, resultRegister(letter), true);
    }
  }
}

/// Calls the FuncObj in kArguments[0], whatever it is.
template <class M>
void Baseline<M>::callFar() {
  m_.callBuiltin(static_cast<u32>(Builtin::CallFar));
  site(m_.position());
}

/// The FuncCode of a function of this instance to kStubArgument.
template <class M>
void Baseline<M>::loadOwnCode(u32 funcIndex) {
  m_.load(Access::U64, M::kStubArgument, Address::at(M::kContext, layout::cx::code));
  m_.intOpImm(IntOp::Add, Width::W64, M::kStubArgument, M::kStubArgument,
              static_cast<i32>(funcIndex * sizeof(FuncCode)));
}

template <class M>
void Baseline<M>::callOwn(u32 funcIndex) {
  if (funcIndex == in_.funcIndex) {
    m_.call(entry_);
    site(m_.position());
    return;
  }
  loadOwnCode(funcIndex);
  m_.callAt(Address::at(M::kStubArgument, layout::code::native));
  site(m_.position());
}

template <class M>
void Baseline<M>::call(u32 funcIndex) {
  const FuncType& type = module_.funcTypeOf(funcIndex);
  if (!supportedTypes(type.params) || !supportedTypes(type.results)) return unsupported();
  const u32 frame = beginCall(type);
  if (funcIndex < module_.importedFuncs) return callImport(type, funcIndex, frame);
  moveFrame(static_cast<i32>(frame));
  callOwn(funcIndex);
  endCall(type, frame);
}

/// True when memory 0 has another base after it has grown.
template <class M>
bool Baseline<M>::memoryMoves() const {
  if (module_.memories.empty()) return false;
  const MemoryType& type = module_.memories[MemoryIndex{0}];
  return !in_.options.guardMemory || type.limits.is64 || type.pageLog2 != 16;
}

/// The FuncObj of an import of this instance.
template <class M>
void Baseline<M>::loadImport(Reg d, u32 funcIndex) {
  m_.load(Access::U64, d, Address::at(M::kContext, layout::cx::imports));
  m_.load(Access::U64, d, Address::at(d, static_cast<i32>(funcIndex * 8)));
}

/// Most imports are the host's. What they may do to memory 0 the context knows; other threads do
/// not tell it.
template <class M>
void Baseline<M>::callImport(const FuncType& type, u32 funcIndex, u32 frame) {
  const bool shared = !module_.memories.empty() && module_.memories[MemoryIndex{0}].limits.shared;
  const Reg callee = shared ? M::kArguments[0] : M::kCallee;
  loadImport(callee, funcIndex);
  if (shared) {
    moveFrame(static_cast<i32>(frame));
    callFar();
    return endCall(type, frame);
  }
  if constexpr (M::kHostCallsInLine) {
    callHost(frame);
  } else {
    moveFrame(static_cast<i32>(frame));
    callImportBuiltin();
    site(m_.position());
    moveFrame(-static_cast<i32>(frame));
  }
  if (memoryMoves())
    m_.load(Access::U64, M::kMemory, Address::at(M::kContext, layout::cx::mem0Base));
  for (ValType result : type.results) v_.pushSlot(letterOf(result));
}

template <class M>
void Baseline<M>::callImportBuiltin() {
  m_.callBuiltin(static_cast<u32>(metered_ ? Builtin::CallImportMetered : Builtin::CallImport));
}

template <class M>
void Baseline<M>::callHost(u32 frame) {
  imports_.push_back({{}, {}, frame, {}});
  ImportCall& call = imports_.back();
  m_.callHost({.frame = static_cast<i32>(frame),
               .metered = metered_,
               .notHost = &call.notHost,
               .afterHost = &afterHost_,
               .back = &call.back});
  const u32 at = m_.position();
  call.site.offset = offset_;
  if (!wantMaps_) return;
  call.site = {at, offset_, pending_, moved_ + frame, rootsHere(), replaced_, at};
  out_.maps.sites.push_back(call.site);
}

/// What calls of imports do not do in line.
template <class M>
void Baseline<M>::finishImports() {
  if constexpr (M::kHostCallsInLine) {
    for (ImportCall& call : imports_) {
      origin(call.site.offset, CodeOrigin::Cold);
      m_.bind(call.notHost);
      moveFrame(static_cast<i32>(call.frame));
      callImportBuiltin();
      call.site.at = m_.position();
      if (wantMaps_) out_.maps.sites.push_back(call.site);
      moveFrame(-static_cast<i32>(call.frame));
      m_.jump(call.back);
    }
    if (imports_.empty()) return;
    origin(CodeOrigin::kNone, CodeOrigin::Cold);
    m_.bind(afterHost_);
    m_.jumpBuiltin(static_cast<u32>(Builtin::AfterHost));
  }
}

template <class M>
void Baseline<M>::callIndirect(u32 typeIndex, u32 table) {
  const FuncType& type = module_.type(typeIndex).func;
  if (!supportedTypes(type.params) || !supportedTypes(type.results)) return unsupported();
  Val index = v_.pop();
  const RegId reg = v_.inReg(index);
  const u32 canon = module_.canonTypes[typeIndex];
  // The index must outlive the flush, which frees all registers: nothing is taken in between.
  const u32 frame = beginCall(type);
  const Reg at = M::kArguments[0];
  m_.move(widthOfType(indexLetter(tableLimits(table))), at, general(reg));
  moveFrame(static_cast<i32>(frame));
  Label slow;
  Label done;
  findCallee(table, canon, slow);
  m_.callAt(Address::at(M::kStubArgument, layout::code::native));
  site(m_.position());
  m_.jump(done);
  m_.bind(slow);
  constantArgument(1, table);
  constantArgument(2, canon);
  m_.callBuiltin(static_cast<u32>(Builtin::CallTable));
  site(m_.position());
  m_.bind(done);
  endCall(type, frame);
}

/// The FuncCode behind the index in kArguments[0], which stays there, to kStubArgument; or to
/// `slow` when it is not there, of another type or of another instance.
template <class M>
void Baseline<M>::findCallee(u32 table, u32 canon, Label& slow) {
  const Reg at = M::kArguments[0];
  const Reg entry = M::kArguments[1];
  const Reg instance = M::kArguments[2];
  m_.load(Access::U64, instance, Address::at(M::kContext, layout::cx::instance));
  m_.load(Access::U64, entry, Address::at(instance, layout::instance::tables));
  m_.load(Access::U64, entry, Address::at(entry, static_cast<i32>(table * 8)));
  m_.compareMemory(Width::W64, Address::at(entry, layout::table::size), at);
  CHECK_SITE(CallBounds) m_.branchOnFlags(Cond::LeU, slow);
  // No read beyond the table, not even a speculative one (threat model JIT-9).
  m_.clampIndex(M::kStubArgument, at, Address::at(entry, layout::table::size));
  m_.load(Access::U64, entry, Address::at(entry, layout::table::entries));
  m_.shiftImm(ShiftOp::Shl, Width::W64, M::kStubArgument, M::kStubArgument, layout::entry::kShift);
  m_.intOp(IntOp::Add, Width::W64, entry, entry, M::kStubArgument);
  m_.compareMemoryImm(Width::W64, Address::at(entry, layout::entry::canonType),
                      static_cast<i32>(canon));
  CHECK_SITE(CallSignature) m_.branchOnFlags(Cond::Ne, slow);
  m_.compareMemory(Width::W64, Address::at(entry, layout::entry::instance), instance);
  CHECK_SITE(CallInstance) m_.branchOnFlags(Cond::Ne, slow);
  m_.load(Access::U64, M::kStubArgument, Address::at(entry, layout::entry::code));
}

}  // namespace bls::codegen
