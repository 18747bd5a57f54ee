// A tiny stack machine over the bytes of constant expressions; the plain forms never get here.
#include "engine/instance/const_eval.h"

#include <string_view>

#include "engine/base/byte_reader.h"
#include "engine/wasm/opcodes.h"

namespace bls {
namespace {

class Evaluator {
 public:
  Evaluator(Instance* instance, const ConstExpr& expr, Diagnostics& diag)
      : instance_(instance),
        in_(instance->module->bytes.span().subspan(expr.offset, expr.size), expr.offset, &diag) {}

  Status run(GlobalCell* out) {
    while (!in_.atEnd()) {
      u64 at = in_.offset();
      u8 prefix = 0;
      u32 code = 0;
      u8 first = 0;
      TRY(in_.byte(&first));
      code = first;
      if (first >= 0xfb && first <= 0xfe) {
        prefix = first;
        TRY(in_.lebU32(&code));
      }
      u16 op = lookupOp(prefix, code);
      if (op == kNoOp) return in_.malformed("illegal opcode");
      if (static_cast<Op>(op) == Op::End) break;
      TRY(step(opInfo(static_cast<Op>(op)), at));
    }
    if (stack_.size() != 1) return in_.malformed("constant expression required");
    *out = stack_.back();
    return {};
  }

 private:
  Status step(const OpInfo& info, u64 at) {
    switch (info.cls) {
      case OpClass::Const: return constant(info);
      case OpClass::Variable:
        if (info.imm == ImmKind::Global) return globalGet();
        break;
      case OpClass::Ref:
        if (info.imm == ImmKind::Func) return refFunc();
        if (info.imm == ImmKind::HeapType) return refNull();
        break;
      case OpClass::Binary: return arithmetic(info, at);
      default: break;
    }
    return unsupported(info, at);
  }

  Status constant(const OpInfo& info) {
    GlobalCell value{};
    if (info.imm == ImmKind::I32) {
      i32 v = 0;
      TRY(in_.lebI32(&v));
      value.lo = static_cast<u32>(v);
    } else if (info.imm == ImmKind::I64) {
      i64 v = 0;
      TRY(in_.lebI64(&v));
      value.lo = static_cast<u64>(v);
    } else if (info.imm == ImmKind::F32) {
      u32 bits = 0;
      TRY(in_.fixed(&bits));
      value.lo = bits;
    } else if (info.imm == ImmKind::F64) {
      TRY(in_.fixed(&value.lo));
    } else {
      TRY(in_.fixed(&value));
    }
    stack_.push_back(value);
    return {};
  }

  Status globalGet() {
    u32 index = 0;
    TRY(in_.lebU32(&index));
    stack_.push_back(*instance_->globalCell(index));
    return {};
  }

  Status refFunc() {
    u32 index = 0;
    TRY(in_.lebU32(&index));
    stack_.push_back({reinterpret_cast<u64>(instance_->funcRef(index)), 0});
    return {};
  }

  Status refNull() {
    i64 heap = 0;
    TRY(in_.lebI33(&heap));
    stack_.push_back({0, 0});
    return {};
  }

  // Addition, subtraction and multiplication of i32 and i64: all that extended constants have.
  Status arithmetic(const OpInfo& info, u64 at) {
    std::string_view text = info.text;
    std::string_view verb = text.substr(text.find('.') + 1);
    bool narrow = info.params[0] == 'i';
    if (stack_.size() < 2 || (!narrow && info.params[0] != 'l')) return unsupported(info, at);
    u64 rhs = stack_.back().lo;
    stack_.pop_back();
    u64& lhs = stack_.back().lo;
    if (verb == "add") {
      lhs += rhs;
    } else if (verb == "sub") {
      lhs -= rhs;
    } else if (verb == "mul") {
      lhs *= rhs;
    } else {
      return unsupported(info, at);
    }
    if (narrow) lhs = static_cast<u32>(lhs);
    return {};
  }

  Status unsupported(const OpInfo& info, u64 at) {
    return in_.diag().fail(ErrorClass::Unsupported,
                           std::string("constant expression uses ") + info.text +
                               ", which this build does not execute yet",
                           at);
  }

  Instance* instance_;
  ByteReader in_;
  std::vector<GlobalCell> stack_;
};

}  // namespace

Status evalConst(Instance* instance, const ConstExpr& expr, Diagnostics& diag, GlobalCell* out) {
  *out = {};
  switch (expr.kind) {
    case ConstExpr::Kind::Value: out->lo = expr.value; return {};
    case ConstExpr::Kind::RefNull: return {};
    case ConstExpr::Kind::RefFunc:
      out->lo = reinterpret_cast<u64>(instance->funcRef(static_cast<u32>(expr.value)));
      return {};
    case ConstExpr::Kind::GlobalGet:
      *out = *instance->globalCell(static_cast<u32>(expr.value));
      return {};
    case ConstExpr::Kind::Program: break;
  }
  return Evaluator(instance, expr, diag).run(out);
}

}  // namespace bls
