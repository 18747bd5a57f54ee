// A tiny stack machine over the bytes of constant expressions; the plain forms never get here.
#include "engine/instance/const_eval.h"

#include <string_view>

#include "engine/base/byte_reader.h"
#include "engine/gc/values.h"
#include "engine/module/type_canon.h"
#include "engine/wasm/opcodes.h"

namespace bls {
namespace {

// Values wait on a stack that the collector sees: any allocation may move what they refer to.
class Evaluator final : private gc::RootSource {
 public:
  Evaluator(Instance* instance, const ConstExpr& expr, Diagnostics& diag, u64* elements)
      : instance_(instance),
        in_(instance->module->bytes.span().subspan(expr.offset, expr.size), expr.offset, &diag),
        elements_(elements) {}
  ~Evaluator() {
    if (registered_) heap_->removeSource(this);
  }
  Evaluator(const Evaluator&) = delete;
  Evaluator& operator=(const Evaluator&) = delete;

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
    *out = stack_.back().value;
    return {};
  }

 private:
  struct Entry {
    GlobalCell value;
    gc::RefKind kind;
  };
  void trace(RootVisitor& visitor) override {
    for (Entry& entry : stack_) {
      if (entry.kind != gc::RefKind::None) visitor.visit(&entry.value.lo, entry.kind);
    }
  }
  void push(GlobalCell value, gc::RefKind kind = gc::RefKind::None) {
    stack_.push_back({value, kind});
  }

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
      case OpClass::Gc: return object(info, at);
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
    push(value);
    return {};
  }

  Status globalGet() {
    u32 index = 0;
    TRY(in_.lebU32(&index));
    const Module& m = *instance_->module;
    const ValType type = m.globals[GlobalIndex{index}].type.type;
    push(*instance_->globalCell(index), gc::refKindOf(canonical(m, type)));
    return {};
  }

  Status refFunc() {
    u32 index = 0;
    TRY(in_.lebU32(&index));
    push({reinterpret_cast<u64>(instance_->funcRef(index)), 0});
    return {};
  }

  Status refNull() {
    i64 heap = 0;
    TRY(in_.lebI33(&heap));
    push({0, 0});
    return {};
  }

  // Structures, arrays, i31 and conversions. Spec: valid/instructions, constant expressions.
  Status object(const OpInfo& info, u64 at) {
    const std::string_view text = info.text;
    if (text == "ref.i31") {
      Entry& top = stack_.back();
      top = {{gc::makeI31(static_cast<u32>(top.value.lo)), 0}, gc::RefKind::Heap};
      return {};
    }
    heap_ = heap_ != nullptr ? heap_ : gc::Heap::of(instance_->store);
    if (heap_ == nullptr) return heapFull(at);
    if (!registered_) heap_->addSource(this);
    registered_ = true;
    if (text == "extern.convert_any") {
      Entry& top = stack_.back();
      top = {{gc::externFromAny(heap_->base(), top.value.lo), 0}, gc::RefKind::Extern};
      return {};
    }
    if (text == "any.convert_extern") {
      u64 ref = 0;
      if (!gc::anyFromExtern(instance_->store, stack_.back().value.lo, &ref)) return heapFull(at);
      stack_.back() = {{ref, 0}, gc::RefKind::Heap};
      return {};
    }
    u32 type = 0, count = 0;
    TRY(in_.lebU32(&type));
    const gc::GcLayout& layout = gc::layoutOf(instance_->module->canonTypes[type]);
    if (info.imm == ImmKind::TypeCount) TRY(in_.lebU32(&count));
    const bool isDefault = text.ends_with("_default");
    if (layout.kind == CompKind::Struct) return newStruct(layout, isDefault, at);
    if (info.imm == ImmKind::TypeCount) return newFixed(layout, count, at);
    return newArray(layout, isDefault, at);
  }
  Status heapFull(u64 at) {
    return in_.diag().fail(ErrorClass::Limit, "no room for an object of a constant expression", at);
  }
  static void store(u8* object, const gc::FieldLayout& field, const GlobalCell& value) {
    std::memcpy(object + field.offset, &value, size_t{1} << gc::log2Of(field.storage));
  }
  void replaceTop(size_t count, u32 ref) {
    stack_.resize(stack_.size() - count);
    push({ref, 0}, gc::RefKind::Heap);
  }
  Status newStruct(const gc::GcLayout& layout, bool isDefault, u64 at) {
    const u32 ref = heap_->newStruct(layout);
    if (ref == 0) return heapFull(at);
    const size_t count = isDefault ? 0 : layout.fields.size();
    for (size_t i = 0; i < count; ++i)
      store(heap_->base() + ref, layout.fields[i], stack_[stack_.size() - count + i].value);
    replaceTop(count, ref);
    return {};
  }
  Status newFixed(const gc::GcLayout& layout, u32 count, u64 at) {
    const u32 ref = heap_->newArray(layout, count);
    if (ref == 0) return heapFull(at);
    gc::FieldLayout element = layout.fields[0];
    for (size_t i = 0; i < count; ++i, element.offset += layout.bytes)
      store(heap_->base() + ref, element, stack_[stack_.size() - count + i].value);
    replaceTop(count, ref);
    return {};
  }
  Status newArray(const gc::GcLayout& layout, bool isDefault, u64 at) {
    const u32 length = static_cast<u32>(stack_.back().value.lo);
    if (elements_ != nullptr) *elements_ += length;
    const u32 ref = heap_->newArray(layout, length);
    if (ref == 0) return heapFull(at);
    gc::FieldLayout element = layout.fields[0];
    for (u32 i = 0; !isDefault && i < length; ++i, element.offset += layout.bytes)
      store(heap_->base() + ref, element, stack_[stack_.size() - 2].value);
    replaceTop(isDefault ? 1 : 2, ref);
    return {};
  }

  // Addition, subtraction and multiplication of i32 and i64: all that extended constants have.
  Status arithmetic(const OpInfo& info, u64 at) {
    std::string_view text = info.text;
    std::string_view verb = text.substr(text.find('.') + 1);
    bool narrow = info.params[0] == 'i';
    if (stack_.size() < 2 || (!narrow && info.params[0] != 'l')) return unsupported(info, at);
    u64 rhs = stack_.back().value.lo;
    stack_.pop_back();
    u64& lhs = stack_.back().value.lo;
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
  u64* elements_;
  gc::Heap* heap_ = nullptr;
  bool registered_ = false;
  std::vector<Entry> stack_;
};

}  // namespace

Status evalConst(Instance* instance, const ConstExpr& expr, Diagnostics& diag, GlobalCell* out,
                 u64* elements) {
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
  return Evaluator(instance, expr, diag, elements).run(out);
}

}  // namespace bls
