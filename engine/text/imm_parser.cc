// Immediates: one reader per kind of the opcode table.
#include <bit>

#include "engine/text/module_parser.h"

namespace bls::text {

Status ModuleParser::index(Space space, u32* out) {
  if (!isId()) return takeU32(out);
  u32 at = at_;
  u32 found = names_[static_cast<u32>(space)].find(takeId());
  if (found == NameMap::kMissing) return failNaming(at, std::string("unknown ") + spaceName(space));
  *out = found;
  return {};
}

Status ModuleParser::optionalIndex(Space space, u32* out) {
  *out = 0;
  return atIndex() ? index(space, out) : Status();
}

Status ModuleParser::localIndex(u32* out) {
  if (!isId()) return takeU32(out);
  u32 at = at_;
  *out = locals_.find(takeId());
  if (*out == NameMap::kMissing) return failNaming(at, "unknown local");
  return {};
}

Status ModuleParser::labelIndex(u32* out) {
  if (!isId()) return takeU32(out);
  u32 at = at_;
  *out = labels_.find(takeId());
  if (*out == LabelScope::kMissing) return failNaming(at, "unknown label");
  return {};
}

Status ModuleParser::fieldIndex(u32 type, u32* out) {
  if (!isId()) return takeU32(out);
  u32 at = at_;
  auto names = fieldNames_.find(type);
  std::string_view id = takeId();
  *out = names == fieldNames_.end() ? NameMap::kMissing : names->second.find(id);
  if (*out == NameMap::kMissing) return failNaming(at, "unknown field");
  return {};
}

// Nothing, one result, or a type. Spec: text/instructions, block types.
Status ModuleParser::blockType(BlockImm* out) {
  if (!is(TokenKind::LParen)) return {};
  TypeUse use;
  TRY(typeUse(&use, ParamNames::None));
  bool isSimple = !use.hasIndex && use.sig.params.empty() && use.sig.results.size() <= 1;
  if (!isSimple) {
    out->kind = BlockImm::Kind::Type;
    out->typeIndex = typeIndexOf(use);
  } else if (!use.sig.results.empty()) {
    out->kind = BlockImm::Kind::Result;
    out->result = use.sig.results[0];
  }
  return {};
}

Status ModuleParser::labelTable(ByteWriter& out) {
  std::vector<u32> labels;
  do {
    u32 label = 0;
    TRY(labelIndex(&label));
    labels.push_back(label);
  } while (atIndex());
  out.lebU64(labels.size() - 1);
  for (u32 label : labels) out.lebU32(label);
  return {};
}

// Block type and catch clauses, whose labels count from outside.
Status ModuleParser::tryTable(ByteWriter& out) {
  BlockImm block;
  TRY(blockType(&block));
  writeBlockType(out, block);
  static constexpr std::string_view kWords[] = {"catch", "catch_ref", "catch_all", "catch_all_ref"};
  ByteWriter clauses;
  u32 count = 0;
  for (;;) {
    u8 kind = 0;
    while (kind < 4 && !atForm(kWords[kind])) ++kind;
    if (kind == 4) break;
    at_ += 2;
    clauses.byte(kind);
    u32 value = 0;
    if (kind < 2) {
      TRY(index(Space::Tag, &value));
      clauses.lebU32(value);
    }
    TRY(labelIndex(&value));
    clauses.lebU32(value);
    TRY(closeParen());
    ++count;
  }
  out.lebU32(count);
  out.append(clauses.span());
  return {};
}

Status ModuleParser::callIndirect(ByteWriter& out) {
  u32 table = 0;
  TRY(optionalIndex(Space::Table, &table));
  TypeUse use;
  TRY(typeUse(&use, ParamNames::None));
  out.lebU32(typeIndexOf(use));
  out.lebU32(table);
  return {};
}

// Both indices are written in binary order; in text the table or memory comes first and may be left
// out.
Status ModuleParser::twoIndices(Op op, ByteWriter& out) {
  u32 first = 0, second = 0;
  switch (opInfo(op).imm) {
    case ImmKind::TableTable:
    case ImmKind::MemoryMemory: {
      Space space = opInfo(op).imm == ImmKind::TableTable ? Space::Table : Space::Memory;
      if (atIndex()) {
        TRY(index(space, &first));
        TRY(index(space, &second));
      }
      break;
    }
    case ImmKind::DataMemory:
    case ImmKind::ElemTable: {
      bool data = opInfo(op).imm == ImmKind::DataMemory;
      u32 start = at_;
      const Token& next = peek(1);
      bool two = atIndex() && (next.kind == TokenKind::Id || next.kind == TokenKind::QuotedId ||
                               next.kind == TokenKind::Number);
      at_ = start;
      if (two) TRY(index(data ? Space::Memory : Space::Table, &second));
      TRY(index(data ? Space::Data : Space::Elem, &first));
      usesDataIndex_ |= data;
      break;
    }
    case ImmKind::StructField:
      TRY(index(Space::Type, &first));
      TRY(fieldIndex(first, &second));
      break;
    case ImmKind::TypeCount:
      TRY(index(Space::Type, &first));
      TRY(takeU32(&second));
      break;
    case ImmKind::TypeData:
      TRY(index(Space::Type, &first));
      TRY(index(Space::Data, &second));
      usesDataIndex_ = true;
      break;
    case ImmKind::TypeElem:
      TRY(index(Space::Type, &first));
      TRY(index(Space::Elem, &second));
      break;
    default:
      TRY(index(Space::Type, &first));
      TRY(index(Space::Type, &second));
      break;
  }
  out.lebU32(first);
  out.lebU32(second);
  return {};
}

Status ModuleParser::memArg(Op op, ByteWriter& out, bool hasLane) {
  u32 memory = 0;
  bool takesMemory = atIndex();
  if (takesMemory && hasLane && is(TokenKind::Number)) {
    // A single number is the lane.
    const Token& next = peek(1);
    bool more = next.kind == TokenKind::Number ||
                (next.kind == TokenKind::Keyword &&
                 (text(next).substr(0, 7) == "offset=" || text(next).substr(0, 6) == "align="));
    takesMemory = more;
  }
  if (takesMemory) TRY(index(Space::Memory, &memory));
  u64 offset = 0;
  u32 align = opInfo(op).aux;
  auto value = [&](std::string_view key, u64* number) -> Status {
    bool wide = options_.features.has(Feature::Memory64);
    NumberError error = parseNat(text().substr(key.size()), wide ? 64 : 32, number);
    if (error == NumberError::Malformed) return failNaming(at_, "unknown operator");
    if (error == NumberError::OutOfRange)
      return fail(wide ? "i64 constant out of range" : "i32 constant out of range");
    ++at_;
    return {};
  };
  if (is(TokenKind::Keyword) && text().substr(0, 7) == "offset=") TRY(value("offset=", &offset));
  if (is(TokenKind::Keyword) && text().substr(0, 6) == "align=") {
    u32 at = at_;
    u64 bytes = 0;
    TRY(value("align=", &bytes));
    if (!std::has_single_bit(bytes)) return failAt(at, "alignment must be a power of two");
    align = static_cast<u32>(std::countr_zero(bytes));
  }
  out.lebU32(memory == 0 ? align : align | 0x40);
  if (memory != 0) out.lebU32(memory);
  out.lebU64(offset);
  return {};
}

Status ModuleParser::laneIndex(ByteWriter& out) {
  u64 lane = 0;
  TRY(takeNat(8, "i8 constant out of range", &lane));
  out.byte(static_cast<u8>(lane));
  return {};
}

Status ModuleParser::shuffle(ByteWriter& out) {
  u32 count = 0;
  for (; is(TokenKind::Number) || (is(TokenKind::Keyword) && looksLikeNumber(text())); ++count) {
    u64 lane = 0;
    if (parseNat(text(), 8, &lane) != NumberError::None) return fail("i8 constant out of range");
    out.byte(static_cast<u8>(lane));
    ++at_;
  }
  return count == 16 ? Status() : fail("invalid lane length");
}

namespace {

struct Shape {
  std::string_view word;
  u32 lanes;
  bool isFloat;
};
constexpr Shape kShapes[] = {{"i8x16", 16, false}, {"i16x8", 8, false}, {"i32x4", 4, false},
                             {"i64x2", 2, false},  {"f32x4", 4, true},  {"f64x2", 2, true}};

}  // namespace

Status ModuleParser::vectorConst(ByteWriter& out) {
  const Shape* shape = nullptr;
  for (const Shape& known : kShapes) {
    if (takeWord(known.word)) shape = &known;
    if (shape != nullptr) break;
  }
  if (shape == nullptr) return unexpected();
  u32 bytes = 16 / shape->lanes;
  for (u32 i = 0; i < shape->lanes; ++i) {  // their number is wrong before any of them is
    if (peek(i).kind == TokenKind::LParen || peek(i).kind == TokenKind::RParen)
      return fail("wrong number of lane literals");
  }
  for (u32 i = 0; i < shape->lanes; ++i) {
    u64 value = 0;
    if (!shape->isFloat) {
      TRY(takeInt(bytes * 8, &value));
    } else if (bytes == 8) {
      TRY(takeF64(&value));
    } else {
      u32 bits = 0;
      TRY(takeF32(&bits));
      value = bits;
    }
    for (u32 b = 0; b < bytes; ++b) out.byte(static_cast<u8>(value >> (8 * b)));
  }
  return is(TokenKind::Number) ? fail("wrong number of lane literals") : Status();
}

// ref.test and ref.cast: one name, two instructions by nullability.
Status ModuleParser::refTypeOp(Op op, ByteWriter& out) {
  ValType type;
  TRY(refType(&type));
  bool test = op == Op::RefTest;
  if (type.nullable()) op = test ? Op::RefTestNull : Op::RefCastNull;
  writeOpcode(out, op);
  writeHeapType(out, type.heap());
  return {};
}

Status ModuleParser::castLabel(ByteWriter& out) {
  u32 label = 0;
  ValType source, target;
  TRY(labelIndex(&label));
  TRY(refType(&source));
  TRY(refType(&target));
  out.byte(static_cast<u8>((source.nullable() ? 1 : 0) | (target.nullable() ? 2 : 0)));
  out.lebU32(label);
  writeHeapType(out, source.heap());
  writeHeapType(out, target.heap());
  return {};
}

// `select` with a (result …) is the typed one.
Status ModuleParser::select(ByteWriter& out) {
  if (!atForm("result")) {
    writeOpcode(out, Op::Select);
    return {};
  }
  std::vector<ValType> types;
  while (takeForm("result")) TRY(valTypeGroup(&types, false));
  writeOpcode(out, Op::SelectTyped);
  out.lebU64(types.size());
  for (ValType type : types) writeValType(out, type);
  return {};
}

// An instruction that is no block, behind its name: opcode and immediates.
Status ModuleParser::plain(Op op, ByteWriter& out) {
  if (op == Op::Select) return select(out);
  if (op == Op::RefTest || op == Op::RefCast) return refTypeOp(op, out);
  writeOpcode(out, op);
  return immediates(op, out);
}

Status ModuleParser::immediates(Op op, ByteWriter& out) {
  u32 number = 0;
  switch (opInfo(op).imm) {
    case ImmKind::None: return {};
    case ImmKind::Label: TRY(labelIndex(&number)); break;
    case ImmKind::Local: TRY(localIndex(&number)); break;
    case ImmKind::Func: TRY(index(Space::Func, &number)); break;
    case ImmKind::Type: TRY(index(Space::Type, &number)); break;
    case ImmKind::Global: TRY(index(Space::Global, &number)); break;
    case ImmKind::Table: TRY(optionalIndex(Space::Table, &number)); break;
    case ImmKind::Memory: TRY(optionalIndex(Space::Memory, &number)); break;
    case ImmKind::Data:
      TRY(index(Space::Data, &number));
      usesDataIndex_ = true;
      break;
    case ImmKind::Elem: TRY(index(Space::Elem, &number)); break;
    case ImmKind::Tag: TRY(index(Space::Tag, &number)); break;
    case ImmKind::LabelTable: return labelTable(out);
    case ImmKind::TypeTable: return callIndirect(out);
    case ImmKind::Mem: return memArg(op, out, false);
    case ImmKind::MemLane: TRY(memArg(op, out, true)); return laneIndex(out);
    case ImmKind::Lane: return laneIndex(out);
    case ImmKind::Shuffle: return shuffle(out);
    case ImmKind::V128: return vectorConst(out);
    case ImmKind::I32: {
      u64 value = 0;
      TRY(takeInt(32, &value));
      out.lebI64(static_cast<i32>(static_cast<u32>(value)));
      return {};
    }
    case ImmKind::I64: {
      u64 value = 0;
      TRY(takeInt(64, &value));
      out.lebI64(static_cast<i64>(value));
      return {};
    }
    case ImmKind::F32:
      TRY(takeF32(&number));
      out.fixed(number);
      return {};
    case ImmKind::F64: {
      u64 bits = 0;
      TRY(takeF64(&bits));
      out.fixed(bits);
      return {};
    }
    case ImmKind::HeapType: {
      HeapType heap;
      TRY(heapType(&heap));
      writeHeapType(out, heap);
      return {};
    }
    case ImmKind::CastLabel: return castLabel(out);
    case ImmKind::Fence: out.byte(0); return {};
    case ImmKind::Block:
    case ImmKind::TryTable:
    case ImmKind::SelectTypes: return unexpected();  // handled by their instructions
    default: return twoIndices(op, out);
  }
  out.lebU32(number);
  return {};
}

}  // namespace bls::text
