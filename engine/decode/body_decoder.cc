// Decode-only walk: tracks only which kind of block is open, to place `else`, `catch` and
// `delegate`.
#include "engine/decode/body_decoder.h"

#include "engine/decode/walk.h"
#include "engine/wasm/limits.h"

namespace bls {
namespace {

class DecodeSink {
 public:
  DecodeSink(ByteReader& in, bool needDataCount) : in_(in), needDataCount_(needDataCount) {}
  static constexpr bool kCold = true;
  WalkPosition position;

  template <Op O>
  Status on(OpTag<O>, const ImmOf<O>&) {
    if constexpr (O == Op::MemoryInit || O == Op::DataDrop ||
                  OpTag<O>::kInfo.imm == ImmKind::TypeData) {
      if (needDataCount_) return fail(ErrorClass::Malformed, "data count section required");
    }
    if constexpr (opensBlock(O)) {
      if (open_.size() >= limits::kControlDepth) {
        return fail(ErrorClass::Limit, "nested blocks 1000001 > 1000000");
      }
      open_.push_back(O);
    }
    return {};
  }
  Status on(OpTag<Op::End>, NoImm) {
    if (!open_.empty()) open_.pop_back();
    return {};
  }
  Status on(OpTag<Op::Else>, NoImm) { return replace(Op::If, Op::If, Op::Else); }
  Status on(OpTag<Op::Catch>, IndexImm) { return replace(Op::Try, Op::Catch, Op::Catch); }
  Status on(OpTag<Op::CatchAll>, NoImm) { return replace(Op::Try, Op::Catch, Op::CatchAll); }
  Status on(OpTag<Op::Delegate>, IndexImm) {
    TRY(replace(Op::Try, Op::Try, Op::Delegate));
    open_.pop_back();
    return {};
  }

 private:
  // The innermost block must be `a` or `b`; it becomes `next`.
  Status replace(Op a, Op b, Op next) {
    if (open_.empty() || (open_.back() != a && open_.back() != b)) {
      return fail(ErrorClass::Malformed, "END opcode expected");
    }
    open_.back() = next;
    return {};
  }
  Status fail(ErrorClass cls, const char* text) {
    in_.setPos(position.op);
    return in_.fail(cls, text);
  }

  ByteReader& in_;
  std::vector<Op> open_;
  bool needDataCount_;
};

}  // namespace

Status decodeExpr(ByteReader& in, Features features, bool needDataCount) {
  DecodeSink sink(in, needDataCount);
  return walkBody(in, sink, features);
}

Status readLocals(ByteReader& in, Features features, std::vector<ValType>* locals) {
  u64 at = in.offset();
  u32 groups = 0;
  TRY(in.lebU32(&groups));
  if (BLS_UNLIKELY(groups > in.left()))
    return in.diag().fail(ErrorClass::Malformed, "length out of bounds", at);
  u64 declared = 0;
  u64 overflow = 0;  // locals beyond the limit
  for (u32 i = 0; i < groups; ++i) {
    u64 groupAt = in.offset();
    u32 count = 0;
    ValType type;
    TRY(in.lebU32(&count));
    TRY(readValType(in, features, &type));
    declared += count;
    if (BLS_UNLIKELY(declared > 0xffffffffu)) {
      return in.diag().fail(ErrorClass::Malformed, "too many locals", groupAt);
    }
    u64 room =
        limits::kLocals - (locals->size() < limits::kLocals ? locals->size() : limits::kLocals);
    overflow += count > room ? count - room : 0;
    locals->insert(locals->end(), count < room ? count : static_cast<size_t>(room), type);
  }
  if (BLS_UNLIKELY(overflow != 0)) {
    u64 found = overflow + locals->size();
    return in.diag().fail(
        ErrorClass::Limit,
        "locals " + std::to_string(found) + " > " + std::to_string(limits::kLocals), at);
  }
  return {};
}

Status expectBodyEnd(ByteReader& in) {
  if (BLS_LIKELY(in.atEnd())) return {};
  return in.malformed("section size mismatch");
}

Status decodeBody(const Module& m, u32 index, Diagnostics& diag) {
  const FuncDecl& func = m.funcs[FuncIndex{index}];
  ByteReader file(m.bytes.span().subspan(func.bodyOffset), func.bodyOffset, &diag);
  ByteReader in;
  std::vector<ValType> locals;
  Status status = file.sub(func.bodySize, &in);
  if (status.ok()) status = readLocals(in, m.features, &locals);
  if (status.ok()) status = decodeExpr(in, m.features, !m.hasDataCount);
  if (status.ok()) status = expectBodyEnd(in);
  if (!status.ok()) {
    diag.mutableFirst()->section = "code";
    diag.mutableFirst()->func = index;
  }
  return status;
}

}  // namespace bls
