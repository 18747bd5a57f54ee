// Immediates as text.
#include "engine/text/instr_printer.h"

#include <bit>
#include <charconv>
#include <cstdio>

#include "engine/text/module_parser.h"

namespace bls::text {
namespace {

std::string nanText(bool negative, u64 payload, u64 canonical) {
  std::string out = negative ? "-nan" : "nan";
  if (payload == canonical) return out;
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, ":0x%llx", static_cast<unsigned long long>(payload));
  return out + buffer;
}

template <class F>
std::string shortest(F value) {
  char buffer[64];
  auto end = std::to_chars(buffer, buffer + sizeof buffer, value);
  return std::string(buffer, end.ptr);
}

Space spaceOf(ImmKind kind) {
  switch (kind) {
    case ImmKind::Func: return Space::Func;
    case ImmKind::Global: return Space::Global;
    case ImmKind::Table: return Space::Table;
    case ImmKind::Memory: return Space::Memory;
    case ImmKind::Data: return Space::Data;
    case ImmKind::Elem: return Space::Elem;
    case ImmKind::Tag: return Space::Tag;
    default: return Space::Type;
  }
}

}  // namespace

std::string floatText(u32 bits) {
  u32 payload = bits & 0x7fffff;
  bool negative = bits >> 31 != 0;
  if ((bits >> 23 & 0xff) == 0xff) {
    if (payload != 0) return nanText(negative, payload, 0x400000);
    return negative ? "-inf" : "inf";
  }
  return shortest(std::bit_cast<f32>(bits));
}

std::string doubleText(u64 bits) {
  u64 payload = bits & 0xfffffffffffff;
  bool negative = bits >> 63 != 0;
  if ((bits >> 52 & 0x7ff) == 0x7ff) {
    if (payload != 0) return nanText(negative, payload, 0x8000000000000);
    return negative ? "-inf" : "inf";
  }
  return shortest(std::bit_cast<f64>(bits));
}

void InstrPrinter::index(Space space, u32 number) {
  const PrintedName& name = names_.id(space, number);
  if (name.id.empty()) {
    this->number(number);
  } else {
    out_ += name.id;
  }
}

void InstrPrinter::local(u32 number) {
  const PrintedName& name = names_.local(func_, number);
  if (name.id.empty()) {
    this->number(number);
  } else {
    out_ += name.id;
  }
}

void InstrPrinter::heapType(HeapType heap) {
  if (heap.isConcrete()) {
    index(Space::Type, heap.typeIndex());
  } else {
    out_ += toString(heap);
  }
}

void InstrPrinter::valType(ValType type) {
  if (type.isRef() && type.heap().isConcrete()) {
    out_ += type.nullable() ? "(ref null " : "(ref ";
    heapType(type.heap());
    out_ += ')';
  } else {
    out_ += toString(type);
  }
}

void InstrPrinter::signature(const FuncType& type) {
  auto group = [&](const char* word, const std::vector<ValType>& types) {
    if (types.empty()) return;
    out_ += word;
    for (ValType one : types) {
      space();
      valType(one);
    }
    out_ += ')';
  };
  group(" (param", type.params);
  group(" (result", type.results);
}

void InstrPrinter::blockType(const BlockImm& block) {
  if (block.kind == BlockImm::Kind::Result) {
    out_ += " (result ";
    valType(block.result);
    out_ += ')';
  } else if (block.kind == BlockImm::Kind::Type) {
    out_ += " (type ";
    index(Space::Type, block.typeIndex);
    out_ += ')';
    bool known =
        block.typeIndex < m_.types.size() && m_.type(block.typeIndex).kind == CompKind::Func;
    if (known) signature(m_.type(block.typeIndex).func);
  }
}

void InstrPrinter::indexPair(Space first, u32 a, Space second, u32 b) {
  space();
  index(first, a);
  space();
  index(second, b);
}

void InstrPrinter::immediate(Op, const BlockImm& imm) { blockType(imm); }

void InstrPrinter::immediate(Op op, const IndexImm& imm) {
  ImmKind kind = opInfo(op).imm;
  bool optional = kind == ImmKind::Memory || kind == ImmKind::Table;
  if (optional && imm.index == 0) return;
  space();
  if (kind == ImmKind::Label) {
    number(imm.index);
  } else if (kind == ImmKind::Local) {
    local(imm.index);
  } else {
    index(spaceOf(kind), imm.index);
  }
}

void InstrPrinter::immediate(Op op, const IndexPairImm& imm) {
  switch (opInfo(op).imm) {
    case ImmKind::TypeTable: {
      if (imm.second != 0) {
        space();
        index(Space::Table, imm.second);
      }
      BlockImm use;
      use.kind = BlockImm::Kind::Type;
      use.typeIndex = imm.first;
      return blockType(use);
    }
    case ImmKind::TableTable:
      if ((imm.first | imm.second) != 0)
        indexPair(Space::Table, imm.first, Space::Table, imm.second);
      return;
    case ImmKind::MemoryMemory:
      if ((imm.first | imm.second) != 0)
        indexPair(Space::Memory, imm.first, Space::Memory, imm.second);
      return;
    case ImmKind::DataMemory:
    case ImmKind::ElemTable: {
      bool data = opInfo(op).imm == ImmKind::DataMemory;
      if (imm.second != 0) {
        space();
        index(data ? Space::Memory : Space::Table, imm.second);
      }
      space();
      return index(data ? Space::Data : Space::Elem, imm.first);
    }
    case ImmKind::StructField: {
      space();
      index(Space::Type, imm.first);
      space();
      const PrintedName& field = names_.field(imm.first, imm.second);
      if (field.id.empty()) return number(imm.second);
      out_ += field.id;
      return;
    }
    case ImmKind::TypeCount:
      space();
      index(Space::Type, imm.first);
      space();
      return number(imm.second);
    case ImmKind::TypeData: return indexPair(Space::Type, imm.first, Space::Data, imm.second);
    case ImmKind::TypeElem: return indexPair(Space::Type, imm.first, Space::Elem, imm.second);
    default: return indexPair(Space::Type, imm.first, Space::Type, imm.second);
  }
}

void InstrPrinter::immediate(Op, const LabelTableImm& imm) {
  Diagnostics ignored;
  (void)forEachTarget(imm, &ignored, [&](u32 label) -> Status {
    space();
    number(label);
    return {};
  });
}

void InstrPrinter::immediate(Op op, const MemImm& imm) {
  if (imm.memory != 0) {
    space();
    index(Space::Memory, imm.memory);
  }
  if (imm.offset != 0) {
    out_ += " offset=";
    number(imm.offset);
  }
  if (imm.align != opInfo(op).aux && imm.align < 64) {
    out_ += " align=";
    number(u64{1} << imm.align);
  }
}

void InstrPrinter::immediate(Op op, const MemLaneImm& imm) {
  immediate(op, imm.mem);
  space();
  number(imm.lane);
}

void InstrPrinter::immediate(Op, const LaneImm& imm) {
  space();
  number(imm.lane);
}

void InstrPrinter::immediate(Op op, const V128Imm& imm) {
  if (opInfo(op).imm == ImmKind::Shuffle) {
    for (u8 lane : imm.value.bytes) {
      space();
      number(lane);
    }
    return;
  }
  out_ += " i32x4";
  for (u32 i = 0; i < 4; ++i) {
    u32 lane = 0;
    std::memcpy(&lane, imm.value.bytes + 4 * i, 4);
    char buffer[16];
    std::snprintf(buffer, sizeof buffer, " 0x%08x", lane);
    out_ += buffer;
  }
}

void InstrPrinter::immediate(Op, const I32Imm& imm) { signedNumber(static_cast<i32>(imm.value)); }
void InstrPrinter::immediate(Op, const I64Imm& imm) { signedNumber(static_cast<i64>(imm.value)); }
void InstrPrinter::immediate(Op, const F32Imm& imm) {
  space();
  out_ += floatText(imm.bits);
}
void InstrPrinter::immediate(Op, const F64Imm& imm) {
  space();
  out_ += doubleText(imm.bits);
}

void InstrPrinter::immediate(Op, const SelectImm& imm) {
  if (imm.count == 0) {
    out_ += " (result)";
    return;
  }
  out_ += " (result ";
  valType(imm.first);
  out_ += ')';
}

void InstrPrinter::immediate(Op op, const HeapTypeImm& imm) {
  space();
  bool nullable = op == Op::RefTestNull || op == Op::RefCastNull;
  if (!nullable && op != Op::RefTest && op != Op::RefCast) return heapType(imm.heap);
  valType(ValType::ref(imm.heap, nullable));
}

void InstrPrinter::immediate(Op, const TryTableImm& imm) {
  blockType(imm.block);
  static constexpr const char* kWords[] = {" (catch ", " (catch_ref ", " (catch_all ",
                                           " (catch_all_ref "};
  Diagnostics ignored;
  (void)forEachCatch(imm, &ignored, [&](const CatchClause& clause) -> Status {
    out_ += kWords[static_cast<u32>(clause.kind)];
    if (clause.kind == CatchKind::Catch || clause.kind == CatchKind::CatchRef) {
      index(Space::Tag, clause.tag);
      space();
    }
    number(clause.label);
    out_ += ')';
    return {};
  });
}

void InstrPrinter::immediate(Op, const CastLabelImm& imm) {
  space();
  number(imm.label);
  space();
  valType(ValType::ref(imm.source, imm.sourceNullable));
  space();
  valType(ValType::ref(imm.target, imm.targetNullable));
}

}  // namespace bls::text
