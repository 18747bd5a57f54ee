// The walk over a body that notes what each instruction demands.
#include "codegen/verify/wanted.h"

#include "engine/base/check.h"
#include "engine/decode/body_decoder.h"
#include "engine/decode/walk.h"

namespace bls::codegen::verify {
namespace {

// memory.copy and memory.fill of at most so many bytes need no call (baseline_bulk.h).
constexpr u64 kMostInLine = 64;

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

struct Sink {
  static constexpr bool kCold = true;
  const Module& module;
  const u8* body;
  std::map<u32, Wanted>& out;
  WalkPosition position;

  static bool startsLow(const std::vector<ValType>& types) {
    return !types.empty() && types[0].kind() == ValType::I32;
  }

  template <Op O, class Imm>
  Status on(OpTag<O>, [[maybe_unused]] const Imm& imm) {
    constexpr const OpInfo& kInfo = OpTag<O>::kInfo;
    Wanted wanted;
    wanted.name = kInfo.text;
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
    if constexpr (O == Op::MemoryCopy) wanted.pieces = inLine(imm.first, imm.second);
    if constexpr (O == Op::MemoryFill) wanted.pieces = inLine(imm.index, imm.index);
    if (wanted.pieces != 0) wanted.access = true;
    wanted.lowResult = lowResult<O>(imm);
    wanted.isTableSize = O == Op::TableSize;
    if constexpr (O == Op::Call) wanted.callsImport = imm.index < module.importedFuncs;
    wanted.throws = O == Op::Throw || O == Op::ThrowRef || O == Op::Rethrow;
    out[static_cast<u32>(position.op - body)] = wanted;
    return {};
  }

  // Short ones are done in place, in memory 0.
  static u64 inLine(u32 to, u32 from) { return to == 0 && from == 0 ? kMostInLine : 0; }

  template <Op O, class Imm>
  bool lowResult([[maybe_unused]] const Imm& imm) const {
    constexpr const OpInfo& kInfo = OpTag<O>::kInfo;
    if constexpr (O == Op::Call) {
      return startsLow(module.funcTypeOf(imm.index).results);
    } else if constexpr (O == Op::CallIndirect) {
      return startsLow(module.type(imm.first).func.results);
    } else if constexpr (O == Op::CallRef) {
      return startsLow(module.type(imm.index).func.results);
    } else if constexpr (O == Op::MemoryGrow) {
      return !module.memories[MemoryIndex{imm.index}].limits.is64;
    } else if constexpr (O == Op::TableGrow || O == Op::TableSize) {
      return !module.tables[TableIndex{imm.index}].type.limits.is64;
    } else if constexpr (O == Op::RefTest || O == Op::RefTestNull) {
      return true;
    } else {
      return kInfo.resultCount != 0 && kInfo.results[0] == 'i';
    }
  }
};

}  // namespace

std::map<u32, Wanted> readWanted(const Module& module, u32 funcIndex) {
  std::map<u32, Wanted> out;
  const FuncDecl& decl = module.funcs[FuncIndex{funcIndex}];
  const std::span<const u8> body = module.body(decl);
  Diagnostics diag;
  ByteReader reader(body, decl.bodyOffset, &diag);
  std::vector<ValType> locals = module.funcTypeOf(funcIndex).params;
  CHECK(readLocals(reader, module.features, &locals).ok());
  Sink sink{module, body.data(), out, {}};
  CHECK((walkBody<false>(reader, sink, module.features).ok()));
  return out;
}

}  // namespace bls::codegen::verify
