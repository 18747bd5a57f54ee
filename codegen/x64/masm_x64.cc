// MasmX64: buffer, moves, constants, jumps, memory. Integer operations are in masm_x64_int.cc,
// floats in masm_x64_float.cc, vectors in masm_x64_vector*.cc.
#include "codegen/x64/masm_x64.h"

#include <cstring>

#include "codegen/check_site.h"
#include "codegen/x64/operands_x64.h"
#include "engine/base/cpu.h"
#include "engine/object/layout.h"

namespace bls::codegen::x64 {

using namespace asmjit;

/// Distances are 32 bits, counted from the end of the field.
struct MasmX64::Patcher {
  u8* code;

  u32 readLink(u32 site) const {
    u32 link;
    std::memcpy(&link, code + site, sizeof link);
    return link;
  }
  void writeLink(u32 site, u32 link) { std::memcpy(code + site, &link, sizeof link); }
  void writeTarget(u32 site, u32 target) { writeLink(site, target - (site + 4)); }
};

MasmX64::MasmX64(u32 cpu) : cpu_(cpu) { reset(); }
MasmX64::~MasmX64() = default;

void MasmX64::reset() {
  failed_ = false;
  constants_.clear();
  vectorConstants_.clear();
  vectorUses_.clear();
  code_.reset(ResetPolicy::kSoft);
  check(code_.init(Environment(Arch::kX64)));
  check(code_.attach(&a_));
}

void MasmX64::rewind(u32 position) {
  while (!vectorUses_.empty() && vectorUses_.back().site >= position) vectorUses_.pop_back();
  check(a_.setOffset(position));
}

std::span<const u8> MasmX64::finish() {
  emitVectorConstants();
  if (!constants_.empty()) align(8);
  for (Constant& constant : constants_) {
    bind(constant.place);
    check(a_.embedUInt64(constant.bits));
  }
  constants_.clear();
  if (failed_) return {};
  return {a_.bufferData(), a_.offset()};
}

u8* MasmX64::makeRoom() {
  check(code_.growBuffer(&a_._section->_buffer, kInstructionRoom));
  return failed_ ? spare_ : a_._bufferPtr;
}

void MasmX64::move(Width w, Reg d, Reg s) {
  if (w == Width::W32 || d != s) put(encodeMove(w, d, s));
}

void MasmX64::loadConstant(Reg d, u64 value) {
  if (value == 0) {
    put(encodeAlu(Alu::Xor, Width::W32, d, d));
  } else if (value <= ~u32{0}) {
    put(encodeMoveImm32(d, static_cast<u32>(value)));
  } else if (static_cast<i64>(value) >= INT32_MIN && static_cast<i64>(value) < 0) {
    EncodedRegs move = encodeRegs(0xc7, true, 0, d.code);
    move.imm = {static_cast<i32>(value), 4};
    put(move);
  } else {
    // mov d, [rip + distance]
    const u8 rex = static_cast<u8>(0x48 | (d.code >= 8 ? 4 : 0));
    rel32({rex, 0x8b, static_cast<u8>(0x05 | (d.code & 7) << 3)}, constant(value));
  }
}

Label& MasmX64::constant(u64 bits) {
  constexpr size_t kLookedAt = 16;  // a function may hold any number of constants
  const size_t first = constants_.size() > kLookedAt ? constants_.size() - kLookedAt : 0;
  for (size_t i = first; i < constants_.size(); ++i) {
    if (constants_[i].bits == bits) return constants_[i].place;
  }
  constants_.push_back({bits, {}});
  return constants_.back().place;
}

void MasmX64::moveF(FReg d, FReg s) {
  if (d != s) put(encodeRegs(0x128, false, d.code, s.code));  // movaps
}

void MasmX64::loadConstantF(Width w, FReg d, u64 bits) {
  if (bits == 0) {
    put(encodeRegs(0x157, false, d.code, d.code));  // xorps
    return;
  }
  // movss or movsd d, [rip + distance]
  const u8 prefix = w == Width::W32 ? 0xf3 : 0xf2;
  const u8 modrm = static_cast<u8>(0x05 | (d.code & 7) << 3);
  if (d.code >= 8) {
    rel32({prefix, 0x44, 0x0f, 0x10, modrm}, constant(bits));
  } else {
    rel32({prefix, 0x0f, 0x10, modrm}, constant(bits));
  }
}

void MasmX64::moveToF(Width w, FReg d, Reg s) {
  check(w == Width::W32 ? a_.movd(xmm(d), r32(s)) : a_.movq(xmm(d), r64(s)));
}
void MasmX64::moveFromF(Width w, Reg d, FReg s) {
  check(w == Width::W32 ? a_.movd(r32(d), xmm(s)) : a_.movq(r64(d), xmm(s)));
}

void MasmX64::address(Reg d, const Address& at) { put(encodeMemory(0x8d, true, d.code, at)); }

void MasmX64::addressOf(Reg d, Label& label) {
  const u8 rex = static_cast<u8>(0x48 | (d.code >= 8 ? 4 : 0));
  rel32({rex, 0x8d, static_cast<u8>(0x05 | (d.code & 7) << 3)}, label);
}

// Jumps.

void MasmX64::rel32(std::initializer_list<u8> opcode, Label& target) {
  u8* p = room();
  for (u8 byte : opcode) *p++ = byte;
  distance(p, target);
}

// The end of an instruction.
inline void MasmX64::distance(u8* field, Label& target) {
  append(field + 4);
  if (failed_) return;
  Patcher patcher{a_.bufferData()};
  const u32 site = position() - 4;
  if (target.bound()) {
    patcher.writeTarget(site, target.position());
  } else {
    LabelChain<Patcher>::add(patcher, target, site);
  }
}

void MasmX64::bind(Label& label, u32 at) {
  if (failed_) return;
  Patcher patcher{a_.bufferData()};
  LabelChain<Patcher>::bind(patcher, label, at);
}

void MasmX64::forward(Label& label, Label& target) {
  if (failed_) return;
  Patcher patcher{a_.bufferData()};
  LabelChain<Patcher>::forward(patcher, label, target);
}

// Near enough backward jumps are two bytes.
void MasmX64::jump(Label& target) {
  const i64 back = target.bound() ? i64{target.position()} - (i64{position()} + 2) : -129;
  u8* p = room();
  if (back >= -128) {
    p[0] = 0xeb;
    p[1] = static_cast<u8>(back);
    append(p + 2);
  } else {
    p[0] = 0xe9;
    distance(p + 1, target);
  }
}

void MasmX64::jcc(u8 code, Label& target) {
  const i64 back = target.bound() ? i64{target.position()} - (i64{position()} + 2) : -129;
  u8* p = room();
  if (back >= -128) {
    p[0] = static_cast<u8>(0x70 | code);
    p[1] = static_cast<u8>(back);
    append(p + 2);
  } else {
    p[0] = 0x0f;
    p[1] = static_cast<u8>(0x80 | code);
    distance(p + 2, target);
  }
}

void MasmX64::branchOnFlags(Cond cond, Label& target) { jcc(conditionCode(cond), target); }
void MasmX64::call(Label& target) { rel32({0xe8}, target); }
void MasmX64::callAt(const Address& at) { put(encodeMemory(0xff, false, 2, at)); }
void MasmX64::jumpAt(const Address& at) { check(a_.jmp(mem(at))); }
void MasmX64::jumpTo(Reg target) { check(a_.jmp(r64(target))); }
void MasmX64::callBuiltin(u32 number) {
  load(Access::U64, kScratch, Address::at(kContext, layout::cx::builtins));
  callAt(Address::at(kScratch, static_cast<i32>(number * 8)));
}

void MasmX64::jumpBuiltin(u32 number) {
  load(Access::U64, kScratch, Address::at(kContext, layout::cx::builtins));
  jumpAt(Address::at(kScratch, static_cast<i32>(number * 8)));
}

// A return address on the stack makes it look as if a stub had been called: those who walk frames
// find it, and AfterHost returns to it. Arguments and results fit: they are operands of the frame,
// which has been found to fit. What may come in between is a request to stop.
void MasmX64::callHost(const HostCall& call) {
  constexpr Reg kFunction = kR8;
  load(Access::U64, kFunction, Address::at(kCallee, layout::func::host));
  test(Width::W64, kFunction, kFunction);
  branchOnFlags(Cond::Eq, *call.notHost);
  compareMemory(Width::W64, Address::at(kContext, layout::cx::slotLimit), kSlots);
  branchOnFlags(Cond::LtU, *call.notHost);
  addressOf(kRax, *call.back);
  push(kRax);
  address(kRdx, Address::at(kSlots, call.frame * 8));
  store(8, Address::at(kContext, layout::cx::openSp), kRsp);
  store(8, Address::at(kContext, layout::cx::openSlots), kRdx);
  store(8, Address::at(kContext, layout::cx::openFunc), kCallee);
  if (call.metered) store(8, Address::at(kContext, layout::cx::fuel), kFuel);
  move(Width::W64, kRdi, kContext);
  move(Width::W64, kRbp, kRsp);
  intOpImm(IntOp::And, Width::W64, kRsp, kRsp, -16);
  callTo(kFunction);
  probeFloats(kR10);
  branchOnFlags(Cond::Ne, *call.afterHost);
  check(a_.test(x86::al, x86::al));
  branchOnFlags(Cond::Ne, *call.afterHost);
  if (call.metered) load(Access::U64, kFuel, Address::at(kContext, layout::cx::fuel));
  address(kRsp, Address::at(kRbp, 8));
  bind(*call.back);
}

// Entries are distances from their own ends, as those of jumps are.
void MasmX64::jumpTable(Reg index, Reg temp, std::span<Label* const> targets) {
  Label table;
  const u32 last = static_cast<u32>(targets.size()) - 1;
  check(a_.mov(r32(kScratch), CHECK_SITE_OR(JumpTable, last, ~u32{0})));
  check(a_.cmp(r32(index), r32(kScratch)));
  check(a_.cmovb(r32(kScratch), r32(index)));
  addressOf(temp, table);
  check(a_.lea(r64(temp), x86::ptr(r64(temp), r64(kScratch), 2)));
  check(a_.movsxd(r64(kScratch), x86::dword_ptr(r64(temp))));
  check(a_.lea(r64(kScratch), x86::ptr(r64(kScratch), r64(temp), 0, 4)));
  check(a_.jmp(r64(kScratch)));
  align(4);
  bind(table);
  for (Label* target : targets) rel32({}, *target);
}
void MasmX64::callTo(Reg target) { check(a_.call(r64(target))); }
void MasmX64::pushAt(const Address& at) { check(a_.push(sized(mem(at), 8))); }
void MasmX64::popAt(const Address& at) { check(a_.pop(sized(mem(at), 8))); }
void MasmX64::push(Reg r) { check(a_.push(r64(r))); }
void MasmX64::pop(Reg r) { check(a_.pop(r64(r))); }
void MasmX64::ret() {
  u8* p = room();
  *p = 0xc3;
  append(p + 1);
}
void MasmX64::unreachable() { check(a_.ud2()); }
void MasmX64::align(u32 to) { check(a_.align(AlignMode::kCode, to)); }
void MasmX64::landingPad() {
  static constexpr u8 kEndbr64[] = {0xf3, 0x0f, 0x1e, 0xfa};
  u8* p = room();
  std::memcpy(p, kEndbr64, sizeof kEndbr64);
  append(p + sizeof kEndbr64);
}

// Memory.

u32 MasmX64::load(Access access, Reg d, const Address& at) {
  const u32 site = position();
  put(encodeLoad(access, d, at));
  return site;
}
u32 MasmX64::store(u32 bytes, const Address& at, Reg s) {
  const u32 site = position();
  put(encodeStore(bytes, at, s));
  return site;
}
u32 MasmX64::loadF(Width w, FReg d, const Address& at) {
  const u32 site = position();
  put(encodeLoadF(w, d, at));
  return site;
}
u32 MasmX64::storeF(Width w, const Address& at, FReg s) {
  const u32 site = position();
  put(encodeStoreF(w, at, s));
  return site;
}

void MasmX64::storeConstant(const Address& at, u64 bits) {
  if (static_cast<i64>(bits) == static_cast<i32>(bits)) {
    put(encodeStoreImm(at, static_cast<i32>(bits)));
  } else {
    loadConstant(kScratch, bits);
    put(encodeStore(8, at, kScratch));
  }
}

void MasmX64::clearSlots(const Address& at, u32 count) {
  constexpr u32 kUnrolled = 64;
  if (count > kUnrolled) {
    address(kRdi, at);
    loadConstant(kRcx, count);
    loadConstant(kRax, 0);
    static constexpr u8 kRepStosq[] = {0xf3, 0x48, 0xab};
    check(a_.embed(kRepStosq, sizeof kRepStosq));
    return;
  }
  check(a_.xorps(xmm(kFScratch), xmm(kFScratch)));
  Address slot = at;
  for (u32 i = 0; i + 2 <= count; i += 2) {
    check(a_.movups(mem(slot), xmm(kFScratch)));
    slot.disp += 16;
  }
  if (count % 2 != 0) check(a_.movsd(mem(slot), xmm(kFScratch)));
}

void MasmX64::compareMemoryImm(Width w, const Address& at, i32 imm) {
  put(encodeAluMemoryImm(Alu::Cmp, w, at, imm));
}

void MasmX64::clampIndex(Reg d, Reg index, const Address& size) {
  DCHECK(d != size.base);
  check(a_.xor_(r32(kScratch), r32(kScratch)));
  check(a_.mov(r64(d), r64(index)));
  check(a_.cmp(r64(d), mem(size)));
  CHECK_SITE(IndexClamp) check(a_.cmovae(r64(d), r64(kScratch)));
}

void MasmX64::compareMemory(Width w, const Address& at, Reg b) {
  put(encodeMemory(0x39, isWide(w), b.code, at));
}
void MasmX64::subtractMemory(Width w, const Address& at, i32 imm) {
  put(encodeAluMemoryImm(Alu::Sub, w, at, imm));
}

}  // namespace bls::codegen::x64
