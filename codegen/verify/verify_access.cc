// The verifier: decoding, the ways through the code, and what each instruction does to a State.
#include "codegen/verify/verify_access.h"

#include <Zydis/Zydis.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <map>
#include <optional>
#include <set>

#include "codegen/verify/state.h"
#include "engine/decode/body_decoder.h"
#include "engine/decode/walk.h"
#include "engine/module/module.h"
#include "engine/object/layout.h"
#include "engine/object/memory.h"

namespace bls::codegen {
namespace {

using namespace verify;

// Roles of registers, as the design gives them, and not taken from the compiler's header.
constexpr u32 kRax = 0, kRbx = 3, kRsp = 4, kR11 = 11, kR12 = 12, kR14 = 14, kR15 = 15;
constexpr u32 kNoReg = 16;

/// What a wasm instruction demands of the code made for it.
struct Wanted {
  bool access = false;
  u32 width = 0;
  u32 memory = 0;
  u64 offset = 0;
  bool lowResult = false;  // the first result is an i32
  bool isTableSize = false;
};

constexpr bool accesses(OpClass cls) {
  switch (cls) {
    case OpClass::Load:
    case OpClass::Store:
    case OpClass::VLoad:
    case OpClass::VStore:
    case OpClass::VLoadLane:
    case OpClass::VStoreLane:
    case OpClass::AtomicLoad:
    case OpClass::AtomicStore:
    case OpClass::AtomicRmw:
    case OpClass::AtomicCmpxchg: return true;
    default: return false;
  }
}

struct WantedSink {
  static constexpr bool kCold = true;
  const Module& module;
  const u8* body;
  std::map<u32, Wanted>& out;
  WalkPosition position;

  template <Op O, class Imm>
  Status on(OpTag<O>, [[maybe_unused]] const Imm& imm) {
    constexpr const OpInfo& kInfo = OpTag<O>::kInfo;
    Wanted wanted;
    if constexpr (accesses(kInfo.cls)) {
      wanted.access = true;
      wanted.width = u32{1} << kInfo.aux;
    }
    if constexpr (std::is_same_v<Imm, MemImm>) {
      wanted.memory = imm.memory;
      wanted.offset = imm.offset;
    } else if constexpr (std::is_same_v<Imm, MemLaneImm>) {
      wanted.memory = imm.mem.memory;
      wanted.offset = imm.mem.offset;
    }
    const FuncType* type = nullptr;
    if constexpr (O == Op::Call) {
      type = &module.funcTypeOf(imm.index);
    } else if constexpr (O == Op::CallIndirect) {
      type = &module.type(imm.type).func;
    } else if constexpr (O == Op::CallRef) {
      type = &module.type(imm.index).func;
    } else if constexpr (O == Op::MemoryGrow) {
      wanted.lowResult = !module.memories[MemoryIndex{imm.index}].limits.is64;
    } else if constexpr (O == Op::TableGrow || O == Op::TableSize) {
      wanted.lowResult = !module.tables[TableIndex{imm.index}].type.limits.is64;
      wanted.isTableSize = O == Op::TableSize;
    } else {
      wanted.lowResult = kInfo.resultCount != 0 && kInfo.results[0] == 'i';
    }
    if (type != nullptr) {
      wanted.lowResult = !type->results.empty() && type->results[0].kind() == ValType::I32;
    }
    out[static_cast<u32>(position.op - body)] = wanted;
    return {};
  }
};

struct Inst {
  ZydisDecodedInstruction head;
  ZydisDecodedOperand ops[ZYDIS_MAX_OPERAND_COUNT];
  u32 at;
  u32 next() const { return at + head.length; }
};

u32 numberOf(ZydisRegister reg) {
  const ZydisRegister whole = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg);
  if (ZydisRegisterGetClass(whole) != ZYDIS_REGCLASS_GPR64) return kNoReg;
  return static_cast<u32>(ZydisRegisterGetId(whole));
}
bool isReg(const ZydisDecodedOperand& op, u32 bits) {
  return op.type == ZYDIS_OPERAND_TYPE_REGISTER && op.size == bits &&
         numberOf(op.reg.value) != kNoReg;
}

class Verifier {
 public:
  Verifier(const CompileInput& input, const CompiledCode& code)
      : in_(input), module_(*input.module), code_(code) {
    ZydisDecoderInit(&decoder_, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
  }

  std::string run() {
    readBody();
    findTargets();
    arrive(0, entryState(0));
    arrive(code_.bodyEntry, entryState(code_.bodyEntry));
    for (const LoopEntry& loop : code_.loops) arrive(loop.at, entryState(loop.at));
    for (const FrameMaps::Region& region : code_.maps.regions) {
      for (const FrameMaps::Handler& handler : region.handlers) {
        if (handler.delegateTo == FrameMaps::kNone) {
          arrive(handler.landing, entryState(handler.landing));
        }
      }
    }
    while (!work_.empty() && problem_.empty()) {
      const u32 at = *work_.begin();
      work_.erase(work_.begin());
      follow(at);
    }
    for (u32 at : code_.accesses) {
      if (problem_.empty() && seen_.contains(at) && !proved_.contains(at)) {
        fail(at, "is listed as an access that may fault, and is none");
      }
    }
    return problem_;
  }

 private:
  void fail(u32 at, const char* what) {
    if (!problem_.empty()) return;
    char text[200];
    std::snprintf(text, sizeof text, "function %u: the code at 0x%x %s", in_.funcIndex, at, what);
    problem_ = text;
  }

  // ---- What is known beforehand

  void readBody() {
    const FuncDecl& decl = module_.funcs[FuncIndex{in_.funcIndex}];
    const std::span<const u8> body = module_.body(decl);
    Diagnostics diag;
    ByteReader reader(body, decl.bodyOffset, &diag);
    std::vector<ValType> locals = module_.funcTypeOf(in_.funcIndex).params;
    CHECK(readLocals(reader, module_.features, &locals).ok());
    WantedSink sink{module_, body.data(), wanted_, {}};
    CHECK((walkBody<false>(reader, sink, module_.features).ok()));
  }

  const CodeOrigin* originOf(u32 at) const {
    auto after = std::upper_bound(code_.origins.begin(), code_.origins.end(), at,
                                  [](u32 place, const CodeOrigin& o) { return place < o.at; });
    return after == code_.origins.begin() ? nullptr : &*(after - 1);
  }
  Wanted wantedAt(u32 at) const {
    const CodeOrigin* origin = originOf(at);
    if (origin == nullptr || origin->kind != CodeOrigin::Code) return {};
    const auto found = wanted_.find(origin->offset);
    return found != wanted_.end() ? found->second : Wanted{};
  }

  bool decode(u32 at, Inst* out) {
    out->at = at;
    return at < code_.bytes.size() &&
           ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder_, code_.bytes.data() + at,
                                               code_.bytes.size() - at, &out->head, out->ops));
  }

  i32 word(u32 at) const {
    i32 value = 0;
    if (at + 4 <= code_.bytes.size()) std::memcpy(&value, code_.bytes.data() + at, 4);
    return value;
  }

  /// Where blocks begin: targets of jumps, and of the tables between the code.
  void findTargets() {
    for (size_t i = 0; i < code_.origins.size() && problem_.empty(); ++i) {
      const u32 begin = code_.origins[i].at;
      const bool last = i + 1 == code_.origins.size();
      const u32 end = last ? static_cast<u32>(code_.bytes.size()) : code_.origins[i + 1].at;
      if (code_.origins[i].kind == CodeOrigin::Data) {
        if (last) continue;
        for (u32 at = begin; at + 4 <= end; at += 4) {
          tables_[begin].push_back(at + 4 + static_cast<u32>(word(at)));
        }
        for (u32 target : tables_[begin]) starts_.insert(target);
        continue;
      }
      Inst inst;
      for (u32 at = begin; at < end; at = inst.next()) {
        if (!decode(at, &inst)) return fail(at, "is no instruction");
        if (const auto target = jumpTarget(inst)) starts_.insert(*target);
      }
    }
  }

  static std::optional<u32> jumpTarget(const Inst& inst) {
    const auto category = inst.head.meta.category;
    if (category != ZYDIS_CATEGORY_COND_BR && category != ZYDIS_CATEGORY_UNCOND_BR) return {};
    if (inst.ops[0].type != ZYDIS_OPERAND_TYPE_IMMEDIATE) return {};
    return inst.next() + static_cast<u32>(inst.ops[0].imm.value.s);
  }

  static State entryState(u32 at) {
    State state;
    for (u32 i = 0; i < 16; ++i) state.regs[i].id = State::merged(at, i);
    state.regs[kR15].kind = Value::Base;
    return state;
  }

  // ---- Ways

  void arrive(u32 at, const State& state) {
    if (at >= code_.bytes.size()) return fail(at, "is outside");
    const auto [known, fresh] = states_.try_emplace(at, state);
    known->second.stack.clear();
    starts_.insert(at);
    if (fresh || known->second.merge(state, at)) work_.insert(at);
  }

  void follow(u32 at) {
    State state = states_.at(at);
    while (problem_.empty()) {
      Inst inst;
      if (!decode(at, &inst)) return fail(at, "is no instruction");
      const CodeOrigin* origin = originOf(at);
      if (origin != nullptr && origin->kind == CodeOrigin::Data) return fail(at, "is data");
      seen_.insert(at);
      if (!step(inst, &state)) return;
      at = inst.next();
      if (starts_.contains(at)) return arrive(at, state);
    }
  }

  /// False when nothing goes on behind it.
  bool step(const Inst& inst, State* state) {
    checkOperands(inst, *state);
    switch (inst.head.meta.category) {
      case ZYDIS_CATEGORY_COND_BR: return branch(inst, state);
      case ZYDIS_CATEGORY_UNCOND_BR: return jump(inst, *state);
      case ZYDIS_CATEGORY_CALL: return call(inst, state);
      case ZYDIS_CATEGORY_RET: return leave(inst, *state);
      default: break;
    }
    if (inst.head.mnemonic == ZYDIS_MNEMONIC_UD2) return false;
    if (!known(inst, state)) other(inst, state);
    return true;
  }

  bool branch(const Inst& inst, State* state) {
    arrive(*jumpTarget(inst), *state);
    if (inst.head.mnemonic != ZYDIS_MNEMONIC_JB) return true;
    for (Value& value : state->regs) {
      if (value.kind != Value::Sum || value.id != state->flags.sum) continue;
      if (state->flags.kind == Flags::SumWithPart) value.exact = true;
      if (state->flags.kind == Flags::SizeWithSum) {
        value.checked = true;
        value.memory = state->flags.memory;
      }
    }
    return true;
  }

  bool jump(const Inst& inst, const State& state) {
    if (const auto target = jumpTarget(inst)) {
      arrive(*target, state);
    } else if (inst.ops[0].type == ZYDIS_OPERAND_TYPE_REGISTER) {
      const auto table = tables_.lower_bound(inst.next());
      if (table == tables_.end()) {
        fail(inst.at, "jumps to nowhere known");
        return false;
      }
      for (u32 target : table->second) arrive(target, state);
    }
    return false;
  }

  bool leave(const Inst& inst, const State& state) {
    const std::vector<ValType>& results = module_.funcTypeOf(in_.funcIndex).results;
    if (!results.empty() && results[0].kind() == ValType::I32 && !state.regs[kRax].low &&
        !replaced(inst.at)) {
      fail(inst.at, "returns an i32 whose upper half may not be zero");
    }
    return false;
  }
  /// Behind a tail call of the host the result is the library's.
  bool replaced(u32 at) const {
    const auto& sites = code_.maps.sites;
    return std::any_of(sites.begin(), sites.end(),
                       [&](const CodeSite& s) { return s.at == at && s.replaced; });
  }

  bool call(const Inst& inst, State* state) {
    const ZydisDecodedOperand& to = inst.ops[0];
    std::optional<Builtin> stub;
    if (to.type == ZYDIS_OPERAND_TYPE_MEMORY) {
      const u32 base = numberOf(to.mem.base);
      if (base != kNoReg && state->regs[base].kind == Value::Builtins) {
        stub = static_cast<Builtin>(to.mem.disp.value / 8);
      }
    }
    state->flags = {};
    if (stub == Builtin::Raise) return false;
    if (stub && *stub != Builtin::Runtime) {
      state->set(kR11, {}, inst.at);
      return true;
    }
    for (u32 i = 0; i < 16; ++i) {
      if (i != kRbx && i != kRsp && i != kR12 && i != kR14 && i != kR15) state->set(i, {}, inst.at);
    }
    state->regs[kRax].low = wantedAt(inst.at).lowResult;
    return true;
  }

  // ---- Memory

  void checkOperands(const Inst& inst, const State& state) {
    if (inst.head.mnemonic == ZYDIS_MNEMONIC_LEA || inst.head.mnemonic == ZYDIS_MNEMONIC_NOP)
      return;
    for (u32 i = 0; i < inst.head.operand_count; ++i) {
      const ZydisDecodedOperand& op = inst.ops[i];
      if (op.type != ZYDIS_OPERAND_TYPE_MEMORY) continue;
      const u32 base = numberOf(op.mem.base);
      const u32 index = numberOf(op.mem.index);
      const auto isGuest = [&](u32 reg) {
        return reg != kNoReg &&
               (state.regs[reg].kind == Value::Base || state.regs[reg].kind == Value::Place);
      };
      if (isGuest(index)) return fail(inst.at, "has a memory's base as an index");
      if (isGuest(base)) access(inst, op, state.regs[base], state);
    }
  }

  void access(const Inst& inst, const ZydisDecodedOperand& op, const Value& base,
              const State& state) {
    const Wanted wanted = wantedAt(inst.at);
    if (!wanted.access) return fail(inst.at, "accesses memory for an instruction that does not");
    if (op.size != wanted.width * 8) return fail(inst.at, "has not the opcode's width");
    const i64 disp = op.mem.disp.has_displacement ? op.mem.disp.value : 0;
    const u32 number = numberOf(op.mem.index);
    proved_.insert(inst.at);
    if (base.kind == Value::Place) {
      if (number != kNoReg || disp != 0) return fail(inst.at, "goes beside what was checked");
      if (base.memory != wanted.memory) return fail(inst.at, "is in another memory");
      if (base.n < wanted.width) return fail(inst.at, "is wider than what was checked");
      return;
    }
    if (base.n != wanted.memory) return fail(inst.at, "has another memory's base");
    if (number != kNoReg && op.mem.scale != 1) return fail(inst.at, "scales its index");
    if (number != kNoReg && state.regs[number].kind == Value::Sum && state.regs[number].checked) {
      if (const char* wrong = checkedPlace(state.regs[number], disp, wanted, wanted.width)) {
        fail(inst.at, wrong);
      }
      return;
    }
    guarded(inst.at, number == kNoReg ? nullptr : &state.regs[number], disp, wanted);
  }

  /// base + sum + disp with `width` bytes: null when they are in the memory the sum was compared
  /// with.
  const char* checkedPlace(const Value& sum, i64 disp, const Wanted& wanted, u32 width) const {
    if (!sum.checked || sum.memory != wanted.memory)
      return "was compared with another memory's size";
    if (!sum.exact) return "has an index that may have wrapped";
    if (disp != -i64{width}) return "is not where the comparison was";
    if (sum.n != wanted.offset + width) return "has not the instruction's offset";
    return nullptr;
  }

  void guarded(u32 at, const Value* index, i64 disp, const Wanted& wanted) {
    const MemoryType& type = module_.memories[MemoryIndex{wanted.memory}];
    if (!in_.options.guardMemory || wanted.memory != 0 || type.limits.is64 || type.pageLog2 != 16) {
      return fail(at, "is not checked, in a memory without a guard");
    }
    if (!std::binary_search(code_.accesses.begin(), code_.accesses.end(), at)) {
      return fail(at, "may fault and is not listed");
    }
    if (index == nullptr) {
      // Index and offset together: within the reservation.
      if (disp < 0 || static_cast<u64>(disp) < wanted.offset ||
          static_cast<u64>(disp) - wanted.offset > ~u32{0}) {
        fail(at, "is outside the reservation");
      }
      return;
    }
    if (!index->low) return fail(at, "has an index whose upper half may not be zero");
    if (disp < 0 || static_cast<u64>(disp) != wanted.offset) {
      return fail(at, "has not the instruction's offset");
    }
    if (wanted.offset + wanted.width > kGuardBytes) fail(at, "reaches beyond the guard");
  }

  // ---- Instructions

  /// Those that make something this verifier follows. False: treat it like any other.
  bool known(const Inst& inst, State* state) {
    const ZydisDecodedOperand* ops = inst.ops;
    switch (inst.head.mnemonic) {
      case ZYDIS_MNEMONIC_MOV: return move(inst, state);
      case ZYDIS_MNEMONIC_LEA: return isReg(ops[0], 64) && lea(inst, state);
      case ZYDIS_MNEMONIC_ADD: return isReg(ops[0], 64) && isReg(ops[1], 64) && add(inst, state);
      case ZYDIS_MNEMONIC_CMP: compare(inst, state); return true;
      case ZYDIS_MNEMONIC_SHR: return isReg(ops[0], 64) && shift(inst, state);
      case ZYDIS_MNEMONIC_PUSH:
        if (!isReg(ops[0], 64)) return false;
        state->stack.push_back(state->regs[numberOf(ops[0].reg.value)]);
        return true;
      case ZYDIS_MNEMONIC_POP:
        if (!isReg(ops[0], 64) || state->stack.empty()) return false;
        state->copy(numberOf(ops[0].reg.value), state->stack.back());
        state->stack.pop_back();
        return true;
      case ZYDIS_MNEMONIC_CMOVB:
      case ZYDIS_MNEMONIC_CMOVNB:
      case ZYDIS_MNEMONIC_CMOVZ:
      case ZYDIS_MNEMONIC_CMOVNZ:
      case ZYDIS_MNEMONIC_CMOVL:
      case ZYDIS_MNEMONIC_CMOVNL:
      case ZYDIS_MNEMONIC_CMOVLE:
      case ZYDIS_MNEMONIC_CMOVNLE:
      case ZYDIS_MNEMONIC_CMOVBE:
      case ZYDIS_MNEMONIC_CMOVNBE: {  // one of the two
        if (!isReg(ops[0], 64) || !isReg(ops[1], 64)) return false;
        Value either;
        either.low = state->regs[numberOf(ops[0].reg.value)].low &&
                     state->regs[numberOf(ops[1].reg.value)].low;
        state->set(numberOf(ops[0].reg.value), either, inst.at);
        return true;
      }
      default: return false;
    }
  }

  bool move(const Inst& inst, State* state) {
    const ZydisDecodedOperand& to = inst.ops[0];
    const ZydisDecodedOperand& from = inst.ops[1];
    if (to.type != ZYDIS_OPERAND_TYPE_REGISTER) return true;  // a store
    const u32 d = numberOf(to.reg.value);
    Value value;
    if (from.type == ZYDIS_OPERAND_TYPE_IMMEDIATE && to.size >= 32) {
      value.kind = Value::Const;
      value.n = to.size == 32 ? static_cast<u32>(from.imm.value.u) : from.imm.value.u;
      value.low = value.n >> 32 == 0;
    } else if (isReg(to, 64) && isReg(from, 64)) {
      state->copy(d, state->regs[numberOf(from.reg.value)]);
      return true;
    } else if (isReg(to, 64) && from.type == ZYDIS_OPERAND_TYPE_MEMORY) {
      value = loaded(inst, from, *state);
    } else if (isReg(to, 32) && from.type == ZYDIS_OPERAND_TYPE_REGISTER &&
               state->regs[numberOf(from.reg.value)].low) {
      state->copy(d, state->regs[numberOf(from.reg.value)]);
      return true;
    } else {
      return false;
    }
    state->set(d, value, inst.at);
    return true;
  }

  Value loaded(const Inst& inst, const ZydisDecodedOperand& from, const State& state) const {
    Value value;
    const i64 disp = from.mem.disp.value;
    if (from.mem.base == ZYDIS_REGISTER_RIP) {  // the pool
      const u64 at = inst.next() + static_cast<u64>(disp);
      if (at + 8 <= code_.bytes.size()) {
        std::memcpy(&value.n, code_.bytes.data() + at, 8);
        value.kind = Value::Const;
      }
      return value;
    }
    const u32 base = numberOf(from.mem.base);
    if (base == kNoReg || from.mem.index != ZYDIS_REGISTER_NONE) return value;
    const Value& object = state.regs[base];
    if (base == kR14) {
      if (disp == layout::cx::instance) value.kind = Value::Instance;
      if (disp == layout::cx::builtins) value.kind = Value::Builtins;
      if (disp == layout::cx::mem0Base) value.kind = Value::Base;
      if (disp == layout::cx::mem0Size) value.kind = Value::Size;
    } else if (object.kind == Value::Instance) {
      if (disp == layout::instance::memories) value.kind = Value::Memories;
    } else if (object.kind == Value::Memories) {
      value.kind = Value::Memory;
      value.n = static_cast<u64>(disp) / 8;
    } else if (object.kind == Value::Memory) {
      value.n = object.n;
      if (disp == layout::memory::base) value.kind = Value::Base;
      if (disp == layout::memory::size) value.kind = Value::Size;
    }
    // A table with 32-bit indices has no more entries than they can name.
    const Wanted wanted = wantedAt(inst.at);
    if (wanted.isTableSize && disp == layout::table::size) value.low = wanted.lowResult;
    return value;
  }

  static Value sumOf(const Value& part, u64 n) {
    Value sum;
    sum.kind = Value::Sum;
    sum.of = part.id;
    sum.n = n;
    sum.exact = part.low && n <= u64{1} << 63;
    return sum;
  }

  bool lea(const Inst& inst, State* state) {
    const ZydisDecodedOperand& from = inst.ops[1];
    const u32 d = numberOf(inst.ops[0].reg.value);
    const u32 base = numberOf(from.mem.base);
    const u32 index = numberOf(from.mem.index);
    const i64 disp = from.mem.disp.has_displacement ? from.mem.disp.value : 0;
    if (base == kNoReg) return false;
    const Value& part = state->regs[base];
    if (part.kind == Value::Base) {
      Wanted wanted = wantedAt(inst.at);
      const bool indexed = index != kNoReg && from.mem.scale == 1;
      const char* wrong = !wanted.access || part.n != wanted.memory || !indexed
                              ? "makes an address nobody asked for"
                              : checkedPlace(state->regs[index], disp, wanted, wanted.width);
      if (wrong != nullptr) {
        fail(inst.at, wrong);
        return true;
      }
      Value place;
      place.kind = Value::Place;
      place.memory = wanted.memory;
      place.n = wanted.width;
      state->set(d, place, inst.at);
      return true;
    }
    if (index != kNoReg || disp <= 0) return false;
    state->set(d, sumOf(part, static_cast<u64>(disp)), inst.at);
    return true;
  }

  bool add(const Inst& inst, State* state) {
    const u32 d = numberOf(inst.ops[0].reg.value);
    const Value a = state->regs[d];
    const Value b = state->regs[numberOf(inst.ops[1].reg.value)];
    for (const Value* v : {&a, &b}) {
      if (v->kind == Value::Base || v->kind == Value::Place) {
        fail(inst.at, "adds to a memory's base");
        return true;
      }
    }
    state->flags = {};
    if (a.kind != Value::Const) return false;
    state->set(d, sumOf(b, a.n), inst.at);
    return true;
  }

  bool shift(const Inst& inst, State* state) {
    const u32 d = numberOf(inst.ops[0].reg.value);
    const Value before = state->regs[d];
    if (inst.ops[1].type != ZYDIS_OPERAND_TYPE_IMMEDIATE) return false;
    const u64 by = inst.ops[1].imm.value.u;
    Value after;
    after.low = before.low || by >= 32;
    if (before.kind == Value::Size) {  // pages: an i32 when the memory's indices are
      const MemoryType& type = module_.memories[MemoryIndex{static_cast<u32>(before.n)}];
      after.low = after.low || (!type.limits.is64 && by == type.pageLog2);
    }
    state->flags = {};
    state->set(d, after, inst.at);
    return true;
  }

  /// Notes the comparisons a check is made of: [size] with a sum, a sum with what it was made from.
  void compare(const Inst& inst, State* state) {
    const ZydisDecodedOperand& a = inst.ops[0];
    const ZydisDecodedOperand& b = inst.ops[1];
    state->flags = {};
    if (!isReg(b, 64)) return;
    const Value& right = state->regs[numberOf(b.reg.value)];
    if (isReg(a, 64)) {
      const Value& left = state->regs[numberOf(a.reg.value)];
      if (left.kind == Value::Sum && left.of == right.id) {
        state->flags = {Flags::SumWithPart, 0, left.id};
      }
    } else if (a.type == ZYDIS_OPERAND_TYPE_MEMORY && right.kind == Value::Sum &&
               a.mem.index == ZYDIS_REGISTER_NONE) {
      const Value size = loaded(inst, a, *state);
      if (size.kind == Value::Size) {
        state->flags = {Flags::SizeWithSum, static_cast<u32>(size.n), right.id};
      }
    }
  }

  /// Whatever an instruction writes is unknown; 32-bit results have a zero upper half.
  void other(const Inst& inst, State* state) {
    if ((inst.head.attributes & ZYDIS_ATTRIB_CPUFLAG_ACCESS) != 0 &&
        inst.head.cpu_flags->modified != 0) {
      state->flags = {};
    }
    if (inst.head.cpu_flags != nullptr &&
        (inst.head.cpu_flags->modified | inst.head.cpu_flags->undefined |
         inst.head.cpu_flags->set_0 | inst.head.cpu_flags->set_1) != 0) {
      state->flags = {};
    }
    for (u32 i = 0; i < inst.head.operand_count; ++i) {
      const ZydisDecodedOperand& op = inst.ops[i];
      if (op.type != ZYDIS_OPERAND_TYPE_REGISTER) continue;
      if ((op.actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) == 0) continue;
      const u32 reg = numberOf(op.reg.value);
      if (reg == kNoReg || reg == kRsp) continue;
      if (reg == kR15 || reg == kR14) return fail(inst.at, "changes a pinned register");
      const bool always = (op.actions & ZYDIS_OPERAND_ACTION_CONDWRITE) == 0;
      Value value;
      value.low =
          op.size == 32 ? always || state->regs[reg].low : op.size < 32 && state->regs[reg].low;
      // A conditional move of 32 bits clears the upper half either way; cmpxchg may leave it.
      if (op.size == 32 && inst.head.meta.category == ZYDIS_CATEGORY_CMOV) value.low = true;
      state->set(reg, value, inst.at);
    }
  }

  const CompileInput& in_;
  const Module& module_;
  const CompiledCode& code_;
  ZydisDecoder decoder_;
  std::string problem_;
  std::map<u32, Wanted> wanted_;            // by offset in the body
  std::map<u32, std::vector<u32>> tables_;  // targets, by the table's offset
  std::set<u32> starts_;
  std::map<u32, State> states_;  // at the starts of blocks
  std::set<u32> work_;
  std::set<u32> seen_;
  std::set<u32> proved_;
};

}  // namespace

std::string verifyAccesses(const CompileInput& input, const CompiledCode& code) {
  return Verifier(input, code).run();
}

}  // namespace bls::codegen
