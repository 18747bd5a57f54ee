// MasmA64: buffer, moves, constants, jumps. Memory is in masm_a64_memory.cc, integer operations in
// masm_a64_int.cc, floats in masm_a64_float.cc, vectors in masm_a64_vector*.cc.
#include "codegen/a64/masm_a64.h"

#include <asmjit/arm/a64utils.h>

#include <algorithm>
#include <cstring>

#include "codegen/a64/operands_a64.h"
#include "codegen/check_site.h"
#include "engine/object/layout.h"

namespace bls::codegen::a64 {

using namespace asmjit;

struct MasmA64::Patcher {
  MasmA64& m;

  u32 readLink(u32 fix) const { return m.fixes_[fix].link; }
  void writeLink(u32 fix, u32 link) { m.fixes_[fix].link = link; }
  void writeTarget(u32 fix, u32 target) { m.patch(m.fixes_[fix], target); }
};

MasmA64::MasmA64(u32 cpu) : cpu_(cpu) { reset(); }
MasmA64::~MasmA64() = default;

void MasmA64::reset() {
  failed_ = false;
  constants_.clear();
  fixes_.clear();
  vectorConstants_.clear();
  vectorUses_.clear();
  code_.reset(ResetPolicy::kSoft);
  check(code_.init(Environment(Arch::kAArch64)));
  check(code_.attach(&a_));
}

std::span<const u8> MasmA64::finish() {
  constexpr size_t kReach = 1 << 20;  // of the narrowest fields: then every distance fits
  emitVectorConstants();
  if (!constants_.empty()) align(8);
  for (Constant& constant : constants_) {
    bind(constant.place);
    check(a_.embedUInt64(constant.bits));
  }
  constants_.clear();
  if (failed_ || a_.offset() > kReach) return {};
  return {a_.bufferData(), a_.offset()};
}

// ---- Moves and constants

void MasmA64::move(Width w, Reg d, Reg s) {
  if (d == kSp || s == kSp) {
    check(a_.add(x64(d), x64(s), 0));
  } else if (w == Width::W32 || d != s) {
    check(a_.mov(gp(w, d), gp(w, s)));
  }
}

// Sixteen bits at a time, upon all zeros or all ones.
void MasmA64::loadImmediate(Width w, Reg d, u64 value) {
  const u32 wide = w == Width::W64 ? 1 : 0;
  const u32 halves = wide != 0 ? 4 : 2;
  const auto half = [&](u32 i) { return static_cast<u32>(value >> 16 * i) & 0xffff; };
  u32 zeros = 0;
  u32 ones = 0;
  for (u32 i = 0; i < halves; ++i) {
    zeros += half(i) == 0 ? 1 : 0;
    ones += half(i) == 0xffff ? 1 : 0;
  }
  const bool inverted = ones > zeros;
  const u32 skipped = inverted ? 0xffff : 0;
  if (std::max(zeros, ones) + 1 < halves &&
      asmjit::a64::Utils::isLogicalImm(value, wide != 0 ? 64 : 32)) {
    check(a_.orr(gp(w, d), gp(w, kZero), value));
    return;
  }
  u32 i = 0;
  while (i + 1 < halves && half(i) == skipped) ++i;
  if (half(i) == skipped) i = 0;
  const u32 begin = inverted ? 0x12800000 : 0x52800000;  // movn, movz
  word(begin | wide << 31 | i << 21 | (half(i) ^ skipped) << 5 | field(d));
  while (++i < halves) {  // movk
    if (half(i) != skipped) word(0x72800000 | wide << 31 | i << 21 | half(i) << 5 | field(d));
  }
}

void MasmA64::loadConstant(Reg d, u64 value) {
  if (value <= ~u32{0}) {
    loadImmediate(Width::W32, d, value);
  } else if ((static_cast<i64>(value) >= INT32_MIN && static_cast<i64>(value) < 0) ||
             asmjit::a64::Utils::isLogicalImm(value, 64)) {
    loadImmediate(Width::W64, d, value);
  } else {
    refer(0x58000000 | field(d), Fix::Field19, constant(value));  // ldr d, literal
  }
}

Label& MasmA64::constant(u64 bits) {
  constexpr size_t kLookedAt = 16;  // a function may hold any number of constants
  const size_t first = constants_.size() > kLookedAt ? constants_.size() - kLookedAt : 0;
  for (size_t i = first; i < constants_.size(); ++i) {
    if (constants_[i].bits == bits) return constants_[i].place;
  }
  constants_.push_back({bits, {}});
  return constants_.back().place;
}

void MasmA64::moveF(FReg d, FReg s) {
  if (d != s) check(a_.mov(asmjit::a64::VecV(d.code).b16(), asmjit::a64::VecV(s.code).b16()));
}

void MasmA64::loadConstantF(Width w, FReg d, u64 bits) {
  if (bits == 0) {
    word(0x2f00e400 | d.code);  // movi d, #0
    return;
  }
  const u32 opcode = w == Width::W32 ? 0x1c000000 : 0x5c000000;  // ldr s or d, literal
  refer(opcode | d.code, Fix::Field19, constant(bits));
}

void MasmA64::moveToF(Width w, FReg d, Reg s) { check(a_.fmov(fp(w, d), gp(w, s))); }
void MasmA64::moveFromF(Width w, Reg d, FReg s) { check(a_.fmov(gp(w, d), fp(w, s))); }

// ---- Jumps

void MasmA64::refer(u32 instruction, Fix::Kind kind, Label& target, u32 base) {
  const u32 site = position();
  word(instruction);
  if (failed_) return;
  const Fix fix{site, base == ~u32{0} ? site : base, 0, kind};
  if (target.bound()) {
    patch(fix, target.position());
    return;
  }
  fixes_.push_back(fix);
  Patcher patcher{*this};
  LabelChain<Patcher>::add(patcher, target, static_cast<u32>(fixes_.size() - 1));
}

void MasmA64::patch(const Fix& fix, u32 target) {
  u8* at = a_.bufferData() + fix.site;
  u32 bits;
  std::memcpy(&bits, at, sizeof bits);
  const u32 distance = target - fix.base;
  const u32 words = static_cast<u32>(static_cast<i32>(distance) >> 2);
  switch (fix.kind) {
    case Fix::Branch26: bits |= words & 0x3ffffff; break;
    case Fix::Field19: bits |= (words & 0x7ffff) << 5; break;
    case Fix::Adr: bits |= (distance & 3) << 29 | (words & 0x7ffff) << 5; break;
    case Fix::Word: bits = distance; break;
  }
  std::memcpy(at, &bits, sizeof bits);
}

void MasmA64::bind(Label& label, u32 at) {
  if (failed_) return;
  Patcher patcher{*this};
  LabelChain<Patcher>::bind(patcher, label, at);
}

void MasmA64::forward(Label& label, Label& target) {
  if (failed_) return;
  Patcher patcher{*this};
  LabelChain<Patcher>::forward(patcher, label, target);
}

void MasmA64::jump(Label& target) { refer(0x14000000, Fix::Branch26, target); }
void MasmA64::call(Label& target) { refer(0x94000000, Fix::Branch26, target); }
void MasmA64::branch(Flag flag, Label& target) {
  refer(0x54000000 | static_cast<u32>(flag), Fix::Field19, target);
}
void MasmA64::branchOnFlags(Cond cond, Label& target) { branch(flagOf(cond), target); }

void MasmA64::callTo(Reg target) { check(a_.blr(x64(target))); }
void MasmA64::jumpTo(Reg target) { check(a_.br(x64(target))); }
void MasmA64::callAt(const Address& at) {
  load(Access::U64, kTemp, at);
  callTo(kTemp);
}
void MasmA64::jumpAt(const Address& at) {
  load(Access::U64, kTemp, at);
  jumpTo(kTemp);
}
void MasmA64::callBuiltin(u32 number) {
  load(Access::U64, kTemp, Address::at(kContext, layout::cx::builtins));
  callAt(Address::at(kTemp, static_cast<i32>(number * 8)));
}

// Entries are distances from the table.
void MasmA64::addressOf(Reg d, Label& label) { refer(0x10000000 | field(d), Fix::Adr, label); }

void MasmA64::jumpTable(Reg index, Reg temp, std::span<Label* const> targets) {
  Label table;
  loadImmediate(Width::W32, kTemp, CHECK_SITE_OR(JumpTable, targets.size() - 1, ~u32{0}));
  compare(Width::W32, index, kTemp);
  select(Flag::Lo, Width::W32, kScratch, index, kTemp);
  speculationBarrier();
  addressOf(temp, table);
  load(Access::S32To64, kScratch, Address::indexed(temp, kScratch, 0, 2));
  check(a_.add(x64(temp), x64(temp), x64(kScratch)));
  jumpTo(temp);
  bind(table);
  if (failed_) return;
  const u32 base = table.position();
  for (Label* target : targets) refer(0, Fix::Word, *target, base);
}

void MasmA64::ret() {
  popPair(kLink, kZero);
  leave();
}
void MasmA64::leave() { check(a_.ret(x64(kLink))); }

namespace {
// stp and ldp with the stack pointer moved by the size of the pair.
constexpr u32 pair(u32 opcode, u32 first, u32 second) {
  return opcode | second << 10 | field(kSp) << 5 | first;
}
}  // namespace

void MasmA64::pushPair(Reg a, Reg b) { word(pair(0xa9bf0000, field(a), field(b))); }
void MasmA64::pushPairF(FReg a, FReg b) { word(pair(0xadbf0000, a.code, b.code)); }
void MasmA64::popPairF(FReg a, FReg b) { word(pair(0xacc10000, a.code, b.code)); }
void MasmA64::popPair(Reg a, Reg b) {
  if (b == kZero) {  // the two of a pair must differ from each other, not from the zero register
    word(0xf8410400 | field(kSp) << 5 | field(a));  // ldr a, [sp], #16
  } else {
    word(pair(0xa8c10000, field(a), field(b)));
  }
}

void MasmA64::align(u32 to) { check(a_.align(AlignMode::kCode, to)); }

}  // namespace bls::codegen::a64
