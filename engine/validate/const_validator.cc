// Constant expressions: the few instructions they may hold, checked by the same rules as in bodies.
// Spec: valid/instructions, constant expressions.
#include "engine/validate/func_validator.h"

namespace bls {
namespace {

constexpr bool isConstant(Op op) {
  switch (op) {
    case Op::End:
    case Op::GlobalGet:
    case Op::RefNull:
    case Op::RefFunc:
    case Op::RefI31:
    case Op::StructNew:
    case Op::StructNewDefault:
    case Op::ArrayNew:
    case Op::ArrayNewDefault:
    case Op::ArrayNewFixed:
    case Op::AnyConvertExtern:
    case Op::ExternConvertAny: return true;
    default: return opInfo(op).cls == OpClass::Const;
  }
}

// add, sub and mul of i32 and i64.
constexpr bool isExtendedConstant(Op op) {
  const OpInfo& info = opInfo(op);
  if (info.cls != OpClass::Binary) return false;
  return (info.code >= 0x6a && info.code <= 0x6c) || (info.code >= 0x7c && info.code <= 0x7e);
}

}  // namespace

class ConstSink {
 public:
  static constexpr bool kCold = true;
  WalkPosition position;
  explicit ConstSink(FuncValidator& v) : v_(v) {}

  template <Op O>
  Status on(OpTag<O> tag, const ImmOf<O>& imm) {
    v_.position = position;
    if constexpr (isConstant(O) && OpTag<O>::kInfo.special) {
      return v_.on(tag, imm);
    } else if constexpr (isConstant(O)) {
      return v_.simple(O, nullptr);
    } else if constexpr (isExtendedConstant(O)) {
      if (v_.m_.features.has(Feature::ExtendedConst)) return v_.simple(O, nullptr);
      return v_.invalid("constant expression required (feature extended-const is off)");
    } else {
      return v_.invalid("constant expression required");
    }
  }
  Status on(OpTag<Op::GlobalGet> tag, IndexImm imm) {
    v_.position = position;
    if (imm.index >= v_.visibleGlobals_) return v_.unknown("global", imm.index);
    if (v_.m_.globals[GlobalIndex{imm.index}].type.isMutable)
      return v_.invalid("constant expression required");
    return v_.on(tag, imm);
  }

 private:
  FuncValidator& v_;
};

Status FuncValidator::validateConstExpr(const ConstExpr& expr, ValType type, u32 visibleGlobals,
                                        std::vector<bool>* declared) {
  ByteReader in(m_.bytes.span().subspan(expr.offset, expr.size), expr.offset, &diag_);
  func_ = kNoFunc;
  begin_ = in.pos();
  end_ = in.end();
  fileOffset_ = expr.offset;
  position = {begin_, begin_};
  visibleGlobals_ = visibleGlobals;
  collect_ = declared;
  startStack(expr.size);
  setLocals_.clear();
  openCatches_.clear();
  frames.clear();
  Frame f;
  f.single = type;
  f.labelCount = 1;
  frames.push_back(f);
  ConstSink sink(*this);
  return walkBody(in, sink, m_.features);
}

}  // namespace bls
