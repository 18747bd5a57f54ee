// Element and data segments, on their own and inside table and memory definitions.
#include "engine/text/module_parser.h"

namespace bls::text {
namespace {

// Element segment flags. Spec: binary/modules, element section.
constexpr u8 kNotActive = 1, kExplicit = 2, kExprs = 4;

}  // namespace

// `(offset e)` or one folded instruction; the expression is left in body_ with its `end`.
Status ModuleParser::offsetExpr() {
  body_.clear();
  if (takeForm("offset")) {
    TRY(instructions());
    TRY(closeParen());
  } else {
    TRY(foldedInstruction());
  }
  emit(Op::End);
  return {};
}

// `func x*`, or a reference type and items. `isExprs` is false when all entries are indices.
Status ModuleParser::elemList(ByteWriter* items, u32* count, ValType* type, bool* isExprs) {
  *isExprs = false;
  *type = ValType::ref(HeapType::Func, false);
  if (atRefType()) {
    *isExprs = true;
    TRY(refType(type));
    while (is(TokenKind::LParen)) {
      body_.clear();
      if (takeForm("item")) {
        TRY(instructions());
        TRY(closeParen());
      } else {
        TRY(foldedInstruction());
      }
      emit(Op::End);
      items->append(body_.span());
      ++*count;
    }
    return {};
  }
  takeWord("func");
  while (atIndex()) {
    u32 func = 0;
    TRY(index(Space::Func, &func));
    items->lebU32(func);
    ++*count;
  }
  return {};
}

Status ModuleParser::elemField() {
  u32 elemIndex = 0;
  TRY(takeIndex(Space::Elem, &elemIndex));
  u8 flags = 0;
  u32 table = 0;
  ByteWriter offset;
  bool bareTable = atIndex() && !options_.features.has(Feature::RefTypes);
  if (takeWord("declare")) {
    flags = kNotActive | kExplicit;
  } else if (atForm("table") || bareTable || is(TokenKind::LParen)) {
    // A form in front of the list is an offset, unless it is the reference type of a passive
    // segment.
    if (bareTable) {
      TRY(index(Space::Table, &table));
    } else if (takeForm("table")) {
      TRY(index(Space::Table, &table));
      TRY(closeParen());
    } else if (atForm("ref")) {
      flags = kNotActive;
    }
    if (flags == 0) {
      TRY(offsetExpr());
      offset.append(body_.span());
    }
  } else {
    flags = kNotActive;
  }
  bool active = (flags & kNotActive) == 0;
  if (!active && !atWord("func") && !atRefType()) return unexpected();
  ByteWriter items;
  u32 count = 0;
  ValType type;
  bool isExprs = false;
  TRY(elemList(&items, &count, &type, &isExprs));
  TRY(closeParen());
  if (isExprs) flags |= kExprs;
  bool plainType = !isExprs || type == ValType::funcref();
  if (active && (table != 0 || !plainType)) flags |= kExplicit;

  ModuleWriter::Section& section = writer_.section(SectionId::Element);
  ++section.count;
  section.body.lebU32(flags);
  if (active) {
    if ((flags & kExplicit) != 0) section.body.lebU32(table);
    section.body.append(offset.span());
  }
  if ((flags & (kNotActive | kExplicit)) != 0) {
    if (isExprs) {
      writeValType(section.body, type);
    } else {
      section.body.byte(0);
    }
  }
  section.body.lebU32(count);
  section.body.append(items.span());
  return {};
}

// The offset 0 of a segment that stands inside its table or memory.
static void zeroOffset(ByteWriter& out, bool is64) {
  writeOpcode(out, is64 ? Op::I64Const : Op::I32Const);
  out.lebI64(0);
  writeOpcode(out, Op::End);
}

Status ModuleParser::inlineElems(u32 table, const TableType& type, u64* count) {
  if (!takeForm("elem")) return unexpected();
  ++next_[static_cast<u32>(Space::Elem)];
  ByteWriter items;
  u32 entries = 0;
  bool isExprs = is(TokenKind::LParen);
  // A list of indices has elements of type (ref func); tables of anything narrower need
  // expressions.
  bool asExprs =
      !(type.elem == ValType::funcref()) && !(type.elem == ValType::ref(HeapType::Func, false));
  if (isExprs) {
    while (is(TokenKind::LParen)) {
      body_.clear();
      if (takeForm("item")) {
        TRY(instructions());
        TRY(closeParen());
      } else {
        TRY(foldedInstruction());
      }
      emit(Op::End);
      items.append(body_.span());
      ++entries;
    }
  } else {
    while (atIndex()) {
      u32 func = 0;
      TRY(index(Space::Func, &func));
      if (asExprs) writeOpcode(items, Op::RefFunc);
      items.lebU32(func);
      if (asExprs) writeOpcode(items, Op::End);
      ++entries;
    }
    isExprs = asExprs;
  }
  *count = entries;
  ModuleWriter::Section& section = writer_.section(SectionId::Element);
  ++section.count;
  u8 flags = isExprs ? kExprs : 0;
  if (table != 0 || (isExprs && type.elem != ValType::funcref())) flags |= kExplicit;
  section.body.lebU32(flags);
  if ((flags & kExplicit) != 0) section.body.lebU32(table);
  zeroOffset(section.body, type.limits.is64);
  if ((flags & kExplicit) != 0) {
    if (isExprs) {
      writeValType(section.body, type.elem);
    } else {
      section.body.byte(0);
    }
  }
  section.body.lebU32(entries);
  section.body.append(items.span());
  return closeParen();
}

Status ModuleParser::stringList(ByteWriter* out) {
  std::string bytes;
  while (is(TokenKind::String)) {
    bytes.clear();
    TRY(takeString(&bytes));
    out->append(bytes);
  }
  return {};
}

Status ModuleParser::dataField() {
  u32 dataIndex = 0;
  TRY(takeIndex(Space::Data, &dataIndex));
  bool active = true;
  u32 memory = 0;
  ByteWriter head;
  bool bareMemory = atIndex() && !options_.features.has(Feature::RefTypes);
  if (bareMemory) {
    TRY(index(Space::Memory, &memory));
  } else if (takeForm("memory")) {
    TRY(index(Space::Memory, &memory));
    TRY(closeParen());
  } else {
    active = is(TokenKind::LParen);
  }
  if (active) {
    TRY(offsetExpr());
    head.lebU32(memory == 0 ? 0 : 2);
    if (memory != 0) head.lebU32(memory);
    head.append(body_.span());
  } else {
    head.lebU32(1);
  }
  ByteWriter content;
  TRY(stringList(&content));
  ModuleWriter::Section& section = writer_.section(SectionId::Data);
  ++section.count;
  section.body.append(head.span());
  section.body.sized(content.span());
  return closeParen();
}

Status ModuleParser::inlineData(u32 memory, const MemoryType& type, u64* bytes) {
  if (!takeForm("data")) return unexpected();
  ++next_[static_cast<u32>(Space::Data)];
  ByteWriter content;
  TRY(stringList(&content));
  *bytes = content.size();
  ModuleWriter::Section& section = writer_.section(SectionId::Data);
  ++section.count;
  section.body.lebU32(memory == 0 ? 0 : 2);
  if (memory != 0) section.body.lebU32(memory);
  zeroOffset(section.body, type.limits.is64);
  section.body.sized(content.span());
  return closeParen();
}

}  // namespace bls::text
