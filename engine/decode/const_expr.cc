// Recognises one-instruction constant expressions without the full walk; element segments may hold
// millions of them.
#include "engine/decode/const_expr.h"

#include "engine/decode/body_decoder.h"
#include "engine/decode/type_reader.h"
#include "engine/wasm/opcodes.h"

namespace bls {
namespace {

// Reads the immediate of a one-instruction expression starting with `opcode`. kind stays Program
// when it is something else.
Status readPlain(ByteReader& in, Features features, u8 opcode, ConstExpr* out) {
  i32 number = 0;
  i64 wide = 0;
  u32 index = 0;
  HeapType heap;
  switch (opcode) {
    case opInfo(Op::I32Const).code:
      out->kind = ConstExpr::Kind::Value;
      TRY(in.lebI32(&number));
      out->value = static_cast<u32>(number);
      return {};
    case opInfo(Op::I64Const).code:
      out->kind = ConstExpr::Kind::Value;
      TRY(in.lebI64(&wide));
      out->value = static_cast<u64>(wide);
      return {};
    case opInfo(Op::F32Const).code:
      out->kind = ConstExpr::Kind::Value;
      TRY(in.fixed(&index));
      out->value = index;
      return {};
    case opInfo(Op::F64Const).code:
      out->kind = ConstExpr::Kind::Value;
      return in.fixed(&out->value);
    case opInfo(Op::GlobalGet).code:
      out->kind = ConstExpr::Kind::GlobalGet;
      TRY(in.lebU32(&index));
      out->value = index;
      return {};
    case opInfo(Op::RefFunc).code:
      if (!features.has(Feature::RefTypes)) return {};
      out->kind = ConstExpr::Kind::RefFunc;
      TRY(in.lebU32(&index));
      out->value = index;
      return {};
    case opInfo(Op::RefNull).code:
      if (!features.has(Feature::RefTypes)) return {};
      out->kind = ConstExpr::Kind::RefNull;
      return readHeapType(in, features, &heap);
    default: return {};
  }
}

}  // namespace

Status readConstExpr(ByteReader& in, Features features, ConstExpr* out) {
  const u8* start = in.pos();
  *out = {};
  out->offset = static_cast<u32>(in.offset());
  if (in.left() >= 2) {
    TRY(in.skip(1));
    TRY(readPlain(in, features, *start, out));
  }
  if (out->kind != ConstExpr::Kind::Program && in.peek() == opInfo(Op::End).code) {
    TRY(in.skip(1));
  } else {
    out->kind = ConstExpr::Kind::Program;
    out->value = 0;
    in.setPos(start);
    TRY(decodeExpr(in, features, false));
  }
  out->size = static_cast<u32>(in.pos() - start);
  return {};
}

}  // namespace bls
