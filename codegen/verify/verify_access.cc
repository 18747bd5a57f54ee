// The verifier: the ways through the code, and the rules about what registers hold and what an
// access may be. Instructions come from decode (machine.h), demands from readWanted (wanted.h).
#include "codegen/verify/verify_access.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <set>

#include "codegen/verify/machine.h"
#include "codegen/verify/state.h"
#include "codegen/verify/wanted.h"
#include "engine/object/layout.h"
#include "engine/object/memory.h"

namespace bls::codegen {
namespace {

using namespace verify;

class Verifier {
 public:
  Verifier(const CompileInput& input, const CompiledCode& code)
      : in_(input),
        module_(*input.module),
        code_(code),
        wanted_(readWanted(*input.module, input.funcIndex)) {}

  std::string run() {
    findTargets();
    enterAt(0);
    enterAt(code_.bodyEntry);
    for (const LoopEntry& loop : code_.loops) enterAt(loop.at);
    for (const FrameMaps::Region& region : code_.maps.regions) {
      for (const FrameMaps::Handler& handler : region.handlers) {
        if (handler.delegateTo == FrameMaps::kNone) enterAt(handler.landing);
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
    char text[256];
    const CodeOrigin* origin = originOf(at);
    if (origin == nullptr || origin->offset == CodeOrigin::kNone) {
      std::snprintf(text, sizeof text, "function %u: the code at 0x%x %s", in_.funcIndex, at, what);
    } else {
      const auto wanted = wanted_.find(origin->offset);
      const u32 body = module_.funcs[FuncIndex{in_.funcIndex}].bodyOffset;
      std::snprintf(text, sizeof text, "function %u: the code at 0x%x, for %s at offset 0x%x, %s",
                    in_.funcIndex, at, wanted != wanted_.end() ? wanted->second.name : "nothing",
                    body + origin->offset, what);
    }
    problem_ = text;
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

  // ---- Ways

  /// Where blocks begin: targets of jumps, and of the tables between the code.
  void findTargets() {
    for (size_t i = 0; i < code_.origins.size() && problem_.empty(); ++i) {
      const u32 begin = code_.origins[i].at;
      const bool last = i + 1 == code_.origins.size();
      const u32 end = last ? static_cast<u32>(code_.bytes.size()) : code_.origins[i + 1].at;
      if (code_.origins[i].kind == CodeOrigin::Data) {
        if (!last) readTable(begin, end);
        continue;
      }
      Inst inst;
      for (u32 at = begin; at < end; at = inst.next) {
        if (!decode(code_.bytes, at, &inst)) return fail(at, "is no instruction");
        if (inst.flow == Inst::Branch || inst.flow == Inst::Jump) starts_.insert(inst.target);
      }
    }
  }
  /// Entries are distances from their own ends.
  void readTable(u32 begin, u32 end) {
    std::vector<u32>& targets = tables_[begin];
    for (u32 at = begin; at + 4 <= end; at += 4) {
      i32 distance;
      std::memcpy(&distance, code_.bytes.data() + at, sizeof distance);
      targets.push_back(at + 4 + static_cast<u32>(distance));
    }
    starts_.insert(targets.begin(), targets.end());
  }

  /// Code may be entered at `at`, with nothing known but the memory's base.
  void enterAt(u32 at) {
    State state;
    for (u32 i = 0; i < kRegs; ++i) state.regs[i].id = State::merged(at, i);
    state.regs[kRoles.memory].kind = Value::Base;
    arrive(at, state);
  }

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
      const CodeOrigin* origin = originOf(at);
      if (origin != nullptr && origin->kind == CodeOrigin::Data) return fail(at, "is data");
      Inst inst;
      if (!decode(code_.bytes, at, &inst)) return fail(at, "is no instruction");
      seen_.insert(at);
      if (!step(inst, &state)) return;
      at = inst.next;
      if (starts_.contains(at)) return arrive(at, state);
    }
  }

  /// False when nothing goes on behind it.
  bool step(const Inst& inst, State* state) {
    checkPlaces(inst, *state);
    checkPinned(inst);
    switch (inst.flow) {
      case Inst::Branch: branch(inst, state); return true;
      case Inst::Jump: arrive(inst.target, *state); return false;
      case Inst::JumpReg: jumpByTable(inst, *state); return false;
      case Inst::Leave:
      case Inst::Stop: return false;
      case Inst::Call: return call(inst, state);
      case Inst::Return: leave(inst, *state); return false;
      case Inst::Next: break;
    }
    const bool compares = inst.effect == Inst::CompareReg || inst.effect == Inst::CompareMem;
    if (inst.setsFlags && !compares) state->flags = {};
    apply(inst, state);
    const Value& memory = state->regs[kRoles.memory];
    if (memory.kind != Value::Base || memory.n != 0) fail(inst.at, "changes the memory's register");
    return true;
  }

  void branch(const Inst& inst, State* state) {
    arrive(inst.target, *state);
    if (!inst.onBelow) return;
    for (Value& value : state->regs) {
      if (value.kind != Value::Sum || value.id != state->flags.sum) continue;
      if (state->flags.kind == Flags::SumWithPart) value.exact = true;
      if (state->flags.kind == Flags::SizeWithSum) {
        value.checked = true;
        value.memory = state->flags.memory;
      }
    }
  }

  void jumpByTable(const Inst& inst, const State& state) {
    const auto table = tables_.lower_bound(inst.next);
    if (table == tables_.end()) return fail(inst.at, "jumps to nowhere known");
    for (u32 target : table->second) arrive(target, state);
  }

  void leave(const Inst& inst, const State& state) {
    const std::vector<ValType>& results = module_.funcTypeOf(in_.funcIndex).results;
    if (!results.empty() && results[0].kind() == ValType::I32 && !state.regs[kRoles.result].low &&
        !replaced(inst.at)) {
      fail(inst.at, "returns an i32 whose upper half may not be zero");
    }
  }
  /// Behind a tail call of the host the result is the library's.
  bool replaced(u32 at) const {
    const auto& sites = code_.maps.sites;
    return std::any_of(sites.begin(), sites.end(),
                       [&](const CodeSite& s) { return s.at == at && s.replaced; });
  }

  bool call(const Inst& inst, State* state) {
    const Place& to = inst.places[0];
    const bool toStub = inst.placeCount != 0 && to.base != kNoReg &&
                        state->regs[to.base].kind == Value::Builtins && to.index == kNoReg;
    const Builtin stub = toStub ? static_cast<Builtin>(to.disp / 8) : Builtin::Runtime;
    state->flags = {};
    const Wanted wanted = wantedAt(inst.at);
    if (stub == Builtin::Raise || (toStub && wanted.throws)) return false;
    if (stub == Builtin::EntryOverflow || stub == Builtin::EntryFuel ||
        stub == Builtin::LoopFuel) {  // those keep what values live in
      state->set(kRoles.scratch, {}, inst.at);
      return true;
    }
    for (u32 i = 0; i < kRegs; ++i) {
      if (!isPinned(i)) state->set(i, {}, inst.at);
    }
    // Of a host function in line, called by register, the result is in its slot.
    state->regs[kRoles.result].low = wanted.lowResult && inst.placeCount != 0;
    return true;
  }

  // ---- Memory

  static bool isPinned(u32 reg) {
    return reg == kRoles.slots || reg == kRoles.context || reg == kRoles.memory ||
           reg == kRoles.fuel || reg == kRoles.stack;
  }
  void checkPinned(const Inst& inst) {
    for (u32 i = 0; i < inst.writeCount; ++i) {
      const u32 reg = inst.writes[i].reg;
      const bool steps =
          inst.effect == Inst::Address && inst.address.base == reg && inst.address.index == kNoReg;
      // A host call in line aligns the stack for it.
      const bool mayStack = reg == kRoles.stack && wantedAt(inst.at).callsImport;
      if (reg == kRoles.context || (reg == kRoles.stack && !mayStack) ||
          (reg == kRoles.slots && !steps)) {
        fail(inst.at, "changes a pinned register");
      }
    }
  }

  void checkPlaces(const Inst& inst, const State& state) {
    const bool inAccess = wantedAt(inst.at).access;
    for (u32 i = 0; i < inst.placeCount; ++i) {
      const Place& place = inst.places[i];
      if (isGuest(place.index, state)) return fail(inst.at, "has a memory's base as an index");
      if (isGuest(place.base, state)) {
        access(inst, place, state);
      } else if (inAccess && !isEngines(place, state)) {
        fail(inst.at, "accesses what is neither the guest's memory nor a known field");
      }
    }
  }
  static bool isGuest(u32 reg, const State& state) {
    return reg != kNoReg &&
           (state.regs[reg].kind == Value::Base || state.regs[reg].kind == Value::Checked);
  }
  /// A slot, or a field of the objects that lead to memories.
  static bool isEngines(const Place& place, const State& state) {
    if (place.inCode) return true;
    if (place.base == kNoReg || place.index != kNoReg) return false;
    if (isPinned(place.base) && place.base != kRoles.fuel) return true;
    const Value::Kind kind = state.regs[place.base].kind;
    return kind == Value::Instance || kind == Value::Memories || kind == Value::Memory ||
           kind == Value::Builtins;
  }

  void access(const Inst& inst, const Place& place, const State& state) {
    const Wanted wanted = wantedAt(inst.at);
    const Value& base = state.regs[place.base];
    if (!wanted.access) return fail(inst.at, "accesses memory for an instruction that does not");
    if (wanted.pieces != 0) return piece(inst.at, place, state, wanted);
    if (place.bytes != wanted.width) return fail(inst.at, "has not the opcode's width");
    if (wanted.offset > ~u64{0} - wanted.width) return fail(inst.at, "has an offset no memory has");
    proved_.insert(inst.at);
    if (base.kind == Value::Checked) {
      if (place.index != kNoReg || place.disp != 0)
        return fail(inst.at, "goes beside what was checked");
      if (base.memory != wanted.memory) return fail(inst.at, "is in another memory");
      if (base.n < wanted.width) return fail(inst.at, "is wider than what was checked");
      return;
    }
    if (base.n != wanted.memory) return fail(inst.at, "has another memory's base");
    if (place.index == kNoReg) return guarded(inst.at, nullptr, place.disp, wanted);
    if (place.scale != 1) return fail(inst.at, "scales its index");
    const Value& index = state.regs[place.index];
    if (index.kind != Value::Sum || !index.checked) {
      return guarded(inst.at, &index, place.disp, wanted);
    }
    if (const char* wrong = whyOutside(index, place.disp, wanted)) fail(inst.at, wrong);
  }

  /// A part of a short memory.copy or memory.fill.
  void piece(u32 at, const Place& place, const State& state, Wanted wanted) {
    proved_.insert(at);
    const Value& base = state.regs[place.base];
    if (base.kind != Value::Base || base.n != wanted.memory)
      return fail(at, "has another memory's base");
    wanted.width = place.bytes;
    if (place.index == kNoReg) return guarded(at, nullptr, place.disp, wanted);
    if (place.scale != 1) return fail(at, "scales its index");
    if (place.disp < 0 || static_cast<u64>(place.disp) + place.bytes > wanted.pieces)
      return fail(at, "is none of the pieces");
    wanted.offset = static_cast<u64>(place.disp);
    guarded(at, &state.regs[place.index], place.disp, wanted);
  }

  /// base + sum + disp: null when the access there is in the memory the sum was compared with.
  static const char* whyOutside(const Value& sum, i64 disp, const Wanted& wanted) {
    if (!sum.checked) return "is not checked";
    if (sum.memory != wanted.memory) return "was compared with another memory's size";
    if (!sum.exact) return "has an index that may have wrapped";
    if (disp != -i64{wanted.width}) return "is not where the comparison was";
    if (sum.n != wanted.offset + wanted.width) return "has not the instruction's offset";
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
    if (wanted.offset + wanted.width > kGuardBytes) return fail(at, "reaches beyond the guard");
    const u64 ahead = static_cast<u64>(disp) - wanted.offset;
    if (disp < 0 || static_cast<u64>(disp) < wanted.offset) return fail(at, "has not the offset");
    // A constant index stands in the displacement.
    if (index == nullptr ? ahead > ~u32{0} : ahead != 0) return fail(at, "has not the offset");
    if (index != nullptr && !index->low) {
      fail(at, "has an index whose upper half may not be zero");
    }
  }

  // ---- What registers hold

  void apply(const Inst& inst, State* state) {
    Value made;
    switch (inst.effect) {
      case Inst::Constant:
        made.kind = Value::Const;
        made.n = inst.n;
        made.low = inst.n >> 32 == 0;
        return state->set(inst.d, made, inst.at);
      case Inst::Copy: return state->copy(inst.d, state->regs[inst.a]);
      case Inst::CopyLow:
        if (state->regs[inst.a].low) return state->copy(inst.d, state->regs[inst.a]);
        break;
      case Inst::Load: return state->set(inst.d, loaded(inst, *state), inst.at);
      case Inst::Address: return address(inst, state);
      case Inst::Sum: return sum(inst, state);
      case Inst::ShiftRight: return state->set(inst.d, shifted(inst, *state), inst.at);
      case Inst::CompareReg:
      case Inst::CompareMem: return compare(inst, state);
      case Inst::Push: state->stack.push_back(state->regs[inst.a]); return;
      case Inst::Pop:
        if (state->stack.empty()) return state->set(inst.d, made, inst.at);
        state->copy(inst.d, state->stack.back());
        state->stack.pop_back();
        return;
      case Inst::Pick:
        made.low = state->regs[inst.a].low && state->regs[inst.b].low;
        return state->set(inst.d, made, inst.at);
      case Inst::Other: break;
    }
    for (u32 i = 0; i < inst.writeCount; ++i) {
      const Inst::Write& write = inst.writes[i];
      Value written;
      written.low = write.high == Inst::Write::Zero ||
                    (write.high == Inst::Write::Kept && state->regs[write.reg].low);
      state->set(write.reg, written, inst.at);
    }
  }

  Value loaded(const Inst& inst, const State& state) const {
    Value value;
    const Place& from = inst.places[0];
    if (from.inCode) {  // the pool
      if (from.disp >= 0 && static_cast<u64>(from.disp) + 8 <= code_.bytes.size()) {
        std::memcpy(&value.n, code_.bytes.data() + from.disp, 8);
        value.kind = Value::Const;
      }
      return value;
    }
    if (from.base == kNoReg || from.index != kNoReg) return value;
    const Value& object = state.regs[from.base];
    if (from.base == kRoles.context) {
      if (from.disp == layout::cx::instance) value.kind = Value::Instance;
      if (from.disp == layout::cx::builtins) value.kind = Value::Builtins;
      if (from.disp == layout::cx::mem0Base) value.kind = Value::Base;
      if (from.disp == layout::cx::mem0Size) value = sizeOf(0);
    } else if (object.kind == Value::Instance) {
      if (from.disp == layout::instance::memories) value.kind = Value::Memories;
    } else if (object.kind == Value::Memories) {
      value.kind = Value::Memory;
      value.n = static_cast<u64>(from.disp) / 8;
    } else if (object.kind == Value::Memory) {
      value.n = object.n;
      if (from.disp == layout::memory::base) value.kind = Value::Base;
      if (from.disp == layout::memory::size) value = sizeOf(object.n);
    }
    // A table with 32-bit indices has no more entries than they can name.
    const Wanted wanted = wantedAt(inst.at);
    if (wanted.isTableSize && from.disp == layout::table::size) value.low = wanted.lowResult;
    return value;
  }

  Value sizeOf(u64 memory) const {
    Value size;
    size.kind = Value::Size;
    size.n = memory;
    size.low = isPages(size, 0);
    return size;
  }
  /// True when this size, shifted by that much, is the number of pages of a memory that counts them
  /// in 32 bits.
  bool isPages(const Value& size, u64 shift) const {
    if (size.n >= module_.memories.size()) return false;
    const MemoryType& type = module_.memories[MemoryIndex{static_cast<u32>(size.n)}];
    return !type.limits.is64 && shift == type.pageLog2;
  }

  static Value sumOf(const Value& part, u64 n) {
    Value sum;
    sum.kind = Value::Sum;
    sum.of = part.id;
    sum.n = n;
    sum.exact = part.low && n <= u64{1} << 63;
    return sum;
  }

  void address(const Inst& inst, State* state) {
    const Place& from = inst.address;
    Value made;
    if (isGuest(from.index, *state)) return fail(inst.at, "has a memory's base as an index");
    if (isGuest(from.base, *state)) {
      const Wanted wanted = wantedAt(inst.at);
      const Value& base = state->regs[from.base];
      const bool good = wanted.access && wanted.pieces == 0 && base.kind == Value::Base &&
                        base.n == wanted.memory && from.index != kNoReg && from.scale == 1;
      if (!good) return fail(inst.at, "makes an address nobody asked for");
      if (const char* wrong = whyOutside(state->regs[from.index], from.disp, wanted)) {
        return fail(inst.at, wrong);
      }
      made.kind = Value::Checked;
      made.memory = wanted.memory;
      made.n = wanted.width;
    } else if (from.base != kNoReg && from.index == kNoReg && from.disp > 0) {
      made = sumOf(state->regs[from.base], static_cast<u64>(from.disp));
    }
    state->set(inst.d, made, inst.at);
  }

  void sum(const Inst& inst, State* state) {
    const Value& a = state->regs[inst.a];
    const Value& b = state->regs[inst.b];
    if (isGuest(inst.a, *state) || isGuest(inst.b, *state)) {
      return fail(inst.at, "adds to a memory's base");
    }
    Value made;
    if (a.kind == Value::Const) made = sumOf(b, a.n);
    state->set(inst.d, made, inst.at);
  }

  Value shifted(const Inst& inst, const State& state) const {
    const Value& before = state.regs[inst.a];
    Value after;
    after.low = before.low || inst.n >= 32;
    if (before.kind == Value::Size) after.low = after.low || isPages(before, inst.n);
    return after;
  }

  /// Notes the comparisons a check is made of: [size] with a sum, a sum with what it was made from.
  void compare(const Inst& inst, State* state) {
    state->flags = {};
    const Value& right = state->regs[inst.b];
    if (inst.effect == Inst::CompareReg) {
      const Value& left = state->regs[inst.a];
      if (left.kind == Value::Sum && left.of == right.id) {
        state->flags = {Flags::SumWithPart, 0, left.id};
      }
      return;
    }
    if (right.kind != Value::Sum) return;
    const Value size = loaded(inst, *state);
    if (size.kind == Value::Size) {
      state->flags = {Flags::SizeWithSum, static_cast<u32>(size.n), right.id};
    }
  }

  const CompileInput& in_;
  const Module& module_;
  const CompiledCode& code_;
  const std::map<u32, Wanted> wanted_;  // by offset in the body
  std::string problem_;
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
