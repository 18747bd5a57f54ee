// Translation of numeric instructions, select and constants.
#include <algorithm>

#include "engine/interp/translate.h"

namespace bls::interp {
namespace {

template <class Sem, class... Any>
constexpr bool kIsOneOf = (std::is_same_v<Sem, Any> || ...);
template <class Sem>
constexpr bool kCommutes =
    kIsOneOf<Sem, sem::Add<u32>, sem::Add<u64>, sem::Mul<u32>, sem::Mul<u64>, sem::And<u32>,
             sem::And<u64>, sem::Or<u32>, sem::Or<u64>, sem::Xor<u32>, sem::Xor<u64>>;
// Same slot image before and after: i32 slots are zero-extended, floats keep their bits.
template <class Sem>
constexpr bool kKeepsBits =
    kIsOneOf<Sem, sem::Extend<u32, u64>, sem::Reinterpret<u32, f32>, sem::Reinterpret<u64, f64>,
             sem::Reinterpret<f32, u32>, sem::Reinterpret<f64, u64>>;

// What the translator knows about an instruction beyond its class, told from its semantics.
struct Traits {
  bool commutes = false;
  bool keepsBits = false;
  bool fuses = false;  // worth remembering as Last: address sums and bit tests
};
constexpr std::array<Traits, kOpCount> makeTraits() {
  std::array<Traits, kOpCount> t{};
#define T0_Binary(name, sig, ...)                                  \
  t[static_cast<u32>(Op::name)].commutes = kCommutes<__VA_ARGS__>; \
  t[static_cast<u32>(Op::name)].fuses =                            \
      kIsOneOf<__VA_ARGS__, sem::Add<u32>, sem::And<u32>, sem::Shl<u32>>;
#define T0_Unary(name, sig, ...) t[static_cast<u32>(Op::name)].keepsBits = kKeepsBits<__VA_ARGS__>;
#include "engine/interp/op_rows.inc"
  return t;
}
constexpr std::array<Traits, kOpCount> kTraits = makeTraits();
constexpr const Traits& traitsOf(Op op) { return kTraits[static_cast<u32>(op)]; }

}  // namespace

void Translator::setLast(u32 cell, Op op, Form form, u32 x, u32 y, u64 imm, const AccState& acc,
                         const AccState& facc) {
  if (wide_ || deterministic_) {
    last_.cell = kNone;
    if (wide_ || kNanBits[static_cast<u32>(op)] != 0) return;
  }
  last_ = {cell, cellCount(), height() - 1, op, form, x, y, imm, false, acc, facc, 0};
}

// Emits a two-operand instruction. `row` is its SS row, in the order of Form; with `twin` each form
// is followed by its accumulator-only row.
void Translator::emitTwo(Op op, H row, bool twin, Operand x, Operand y, char result) {
  const bool isFloat = !isInt(x.value.type);
  const u32 home = nextHome();
  if (x.src == A && y.src == A) y.src = S;  // two aliases of one local
  if (x.src == I && (!isFloat || y.src == I)) slotOf(x);
  Form form;
  u32 slotX = 0, slotY = 0;
  if (x.src == I) {
    form = y.src == A ? Form::IA : Form::IS;
    slotY = y.slot;
  } else if (y.src == I) {
    form = x.src == A ? Form::AI : Form::SI;
    slotX = x.slot;
  } else {
    form = x.src == A ? Form::AS : y.src == A ? Form::SA : Form::SS;
    slotX = x.slot;
    slotY = y.slot;
  }
  if (x.src == A) takeFromAcc(x);
  if (y.src == A) takeFromAcc(y);
  const AccState acc = acc_, facc = facc_;
  const H h = plus(row, static_cast<u32>(form) * (twin ? 2 : 1));
  const u64 imm = x.src == I ? x.bits : y.bits;
  const u64* data = x.value.type == 'd' && (x.src == I || y.src == I) ? &imm : nullptr;
  const u32 slots = slotsOf(result);
  u32 cell = kNone;
  switch (form) {
    case Form::SS: cell = emitOp(h, w(home), r(slotX), r(slotY), n(0), slots); break;
    case Form::SI:
      cell = emitOpImm(h, w(home), r(slotX), static_cast<u32>(imm), slots, data);
      break;
    case Form::AS: cell = emitOp(h, w(home), r(slotY), n(0), n(0), slots); break;
    case Form::AI: cell = emitOpImm(h, w(home), n(0), static_cast<u32>(imm), slots, data); break;
    case Form::SA: cell = emitOp(h, w(home), r(slotX), n(0), n(0), slots); break;
    case Form::IS:
      cell = emitOpImm(h, w(home), r(slotY), static_cast<u32>(imm), slots, data);
      break;
    case Form::IA: cell = emitOpImm(h, w(home), n(0), static_cast<u32>(imm), slots, data); break;
  }
  pushResult(result, cell, twin);
  setLast(cell, op, form, slotX, slotY, imm, acc, facc);
}

// base + (index << 1..3), where the shift is the last instruction. True when it was made.
bool Translator::scaledSum() {
  const u32 top = height() - 1;
  const bool shiftOnTop = lastMakes(top);
  if (!shiftOnTop && !(lastMakes(top - 1) && stack_[top].kind != Value::Home)) return false;
  if (last_.op != Op::I32Shl || (last_.form != Form::SI && last_.form != Form::AI)) return false;
  const u32 shift = static_cast<u32>(last_.imm) & 31;
  if (shift < 1 || shift > 3) return false;
  const Last shl = last_;
  Operand base;
  if (!shiftOnTop) base = pop();
  stack_.pop_back();
  flushed_ = std::min(flushed_, height());
  mapped_ = std::min(mapped_, height());
  undo(shl);
  if (shiftOnTop) base = pop();
  if (base.src == A) base.src = S;
  const bool inAcc = shl.form == Form::AI;
  const u32 home = nextHome();
  const H h = plus(H::ShlAdd1_SS, (shift - 1) * 8 + (base.src == I ? 4 : 0) + (inAcc ? 2 : 0));
  u32 cell;
  if (base.src == I) {
    cell = emitImm(h, home, inAcc ? 0 : shl.x, static_cast<u32>(base.bits));
  } else {
    cell = emit(h, home, base.slot, inAcc ? 0 : shl.x);
  }
  const AccState acc = acc_, facc = facc_;
  pushResult('i', cell, true);
  last_.cell = kNone;
  if (base.src == S && !inAcc) {
    setLast(cell, Op::I32Shl, Form::SS, base.slot, shl.x, 0, acc, facc);
    last_.shift = shift;
  }
  return true;
}

void Translator::binary(Op op) {
  if (useAcc_ && op == kAdd32 && scaledSum()) return;
  Operand y = pop(), x = pop();
  const char type = x.value.type;
  if (isInt(type)) {
    const bool commutes = traitsOf(op).commutes;
    if (commutes && (x.src == I || (y.src == A && x.src != A))) std::swap(x, y);
    if (y.src == I && y.value.type == 'l' &&
        y.bits != static_cast<u64>(static_cast<i64>(static_cast<i32>(y.bits)))) {
      if (x.src == I) slotOf(x);
      const u64 bits = y.bits;
      const bool inAcc = x.src == A;
      takeFromAcc(x);
      const H h = plus(rowOf(op), 2 * static_cast<u32>(inAcc ? kFormAW : kFormSW));
      u32 cell = emitOp(h, w(nextHome()), inAcc ? n(0) : r(x.slot), n(0), n(0), 1, &bits);
      pushResult(type, cell, true);
      last_.cell = kNone;
      return;
    }
  }
  emitTwo(op, rowOf(op), true, x, y, type);
  if (!traitsOf(op).fuses) last_.cell = kNone;
  canonicalise(op);
}

void Translator::compare(Op op) {
  Operand y = pop(), x = pop();
  if (x.src == I || (y.src == A && x.src != A)) {
    if (!(x.src == A && y.src == A)) {
      std::swap(x, y);
      op = mirrored(op);
    }
  }
  if (y.src == I && y.value.type == 'l' &&
      y.bits != static_cast<u64>(static_cast<i64>(static_cast<i32>(y.bits))))
    slotOf(y);
  if (x.src == I) slotOf(x);  // both constant
  emitTwo(op, rowOf(op), false, x, y, 'i');
}

void Translator::test(Op op) {
  // eqz of a comparison is another comparison; of a float comparison, the same one negated.
  if (lastMakes(height() - 1)) {
    const Last before = last_;
    const OpClass cls = opInfo(before.op).cls;
    if (cls == OpClass::Compare && !detail::isFloatCompare(before.op)) {
      stack_.pop_back();
      flushed_ = std::min(flushed_, height());
      mapped_ = std::min(mapped_, height());
      undo(before);
      const Op op2 = inverted(before.op);
      const AccState acc = acc_, facc = facc_;
      const H h = plus(rowOf(op2), static_cast<u32>(before.form));
      const u32 home = nextHome();
      u32 cell = kNone;
      switch (before.form) {
        case Form::SS: cell = emit(h, home, before.x, before.y); break;
        case Form::SI: cell = emitImm(h, home, before.x, static_cast<u32>(before.imm)); break;
        case Form::AS: cell = emit(h, home, before.y); break;
        case Form::AI: cell = emitImm(h, home, 0, static_cast<u32>(before.imm)); break;
        default: UNREACHABLE("form of a comparison");
      }
      pushResult('i', cell, false);
      setLast(cell, op2, before.form, before.x, before.y, before.imm, acc, facc);
      return;
    }
    if (cls == OpClass::Compare) {
      unary(op);
      if (wide_) return;
      last_ = before;
      last_.end = cellCount();
      last_.negated = !before.negated;
      return;
    }
  }
  const AccState acc = acc_, facc = facc_;
  Operand x = pop();
  if (x.src == I) slotOf(x);
  takeFromAcc(x);
  const AccState accAfter = acc_, faccAfter = facc_;
  (void)acc;
  (void)facc;
  const bool inAcc = x.src == A;
  u32 cell = emitOp(plus(rowOf(op), inAcc ? 2 : 0), w(nextHome()), inAcc ? n(0) : r(x.slot), n(0),
                    n(0), 1);
  pushResult('i', cell, true);
  setLast(cell, op, inAcc ? Form::AS : Form::SS, x.slot, 0, 0, accAfter, faccAfter);
}

void Translator::unary(Op op) {
  const char result = opInfo(op).results[0];
  if (traitsOf(op).keepsBits) {
    // Only the type changes. An accumulator of the other kind does not hold the value.
    Value& value = stack_.back();
    if (isInt(value.type) != isInt(result)) {
      AccState& acc = accFor(value.type);
      if (acc.entry == height() - 1) acc.entry = acc.cell = kNone;
      last_.cell = kNone;
    }
    value.type = result;
    return;
  }
  Operand x = pop();
  if (x.src == I) slotOf(x);
  takeFromAcc(x);
  const bool inAcc = x.src == A;
  u32 cell = emitOp(plus(rowOf(op), inAcc ? 2 : 0), w(nextHome()), inAcc ? n(0) : r(x.slot), n(0),
                    n(0), slotsOf(result));
  pushResult(result, cell, true);
  last_.cell = kNone;
  canonicalise(op);
}

// Deterministic mode: an extra instruction behind each one whose NaNs are not fixed by the spec.
void Translator::canonicalise(Op op) {
  const u8 bits = kNanBits[static_cast<u32>(op)];
  if (BLS_LIKELY(!deterministic_) || bits == 0) return;
  Operand x = pop();
  const char type = x.value.type;
  const H h = type == 'v' ? (bits == 32 ? H::CanonF32x4 : H::CanonF64x2)
                          : (bits == 32 ? H::CanonF32 : H::CanonF64);
  u32 cell = emitOp(h, w(nextHome()), r(x.slot), n(0), n(0), slotsOf(type));
  pushResult(type, cell, false);
  last_.cell = kNone;
}

void Translator::wide(Op op) {
  const u32 operands = opInfo(op).paramCount;
  flushTop(operands);
  const u32 home = stack_[height() - operands].home;
  dropTo(height() - operands);
  CHECK(home <= 0xffff || wide_);
  if (home > 0xffff) {
    // Operands are contiguous: the scratch frame takes two slots a field, so they are passed as
    // pairs.
    emit(H::WideIn, home & 0xffff, home >> 16, (home + 2) & 0xffff, (home + 2) >> 16);
    emitData(0);
    emit(rowOf(op), 8, 0);
    emit(H::WideOut, home & 0xffff, home >> 16, 2);
  } else {
    emit(rowOf(op), home, home);
  }
  push('l');
  push('l');
  acc_.clear();
  producer_ = kNone;
  last_.cell = kNone;
}

void Translator::select() {
  Cond cond = popCond(true);
  Operand no = pop(), yes = pop();
  const char type = yes.value.type;
  if (cond.negate) std::swap(no, yes);
  const u32 home = yes.value.home < no.value.home ? yes.value.home : no.value.home;
  const u32 slotYes = slotOf(yes), slotNo = slotOf(no);
  u32 cell = kNone;
  if (cond.kind == Cond::Compare) {
    const H h = plus(selectRowOf(cond.op), static_cast<u32>(cond.form));
    const u32 imm = static_cast<u32>(cond.imm) & 0xffff;
    switch (cond.form) {
      case Form::SS: cell = emit(h, home, cond.x, cond.y); break;
      case Form::SI: cell = emit(h, home, cond.x, imm); break;
      case Form::AS: cell = emit(h, home, cond.y); break;
      case Form::AI: cell = emit(h, home, 0, imm); break;
      default: UNREACHABLE("form of a comparison");
    }
    emitData(0, slotYes | static_cast<u64>(slotNo) << 16);
  } else {
    const H h = type == 'v' ? (cond.inAcc ? H::SelectVec_A : H::SelectVec_S)
                            : (cond.inAcc ? H::Select_A : H::Select_S);
    cell = emitOp(h, w(home), r(slotYes), r(slotNo), cond.inAcc ? n(0) : r(cond.x), slotsOf(type));
  }
  pushResult(type, cell, false);
  if (!isInt(type) && type != 'v') {
    facc_.entry = facc_.cell =
        kNone;  // chosen as a word: the float accumulator is untouched, the other is not
    acc_.clear();
  }
  last_.cell = kNone;
}

void Translator::refNull(HeapType heap) { pushConst(letterOf(heap), 0); }

}  // namespace bls::interp
