// Baseline: arithmetic, comparisons, conversions, select. Included by the instantiating source.
#pragma once

#include "codegen/baseline.h"

namespace bls::codegen {

// ---- What a functor of the opcode table becomes

/// Binary functors that are one operation of the macro assembler.
template <class S>
struct BinaryOf {
  static constexpr char kKind = 0;
};
#define BLS_BINARY(functor, type, kind, enumerator)  \
  template <>                                        \
  struct BinaryOf<sem::functor<type>> {              \
    static constexpr char kKind = kind;              \
    static constexpr auto kOp = enumerator;          \
    static constexpr char kType = letterFor<type>(); \
  };
#define BLS_BINARY_UNSIGNED(functor, kind, op) \
  BLS_BINARY(functor, u32, kind, op) BLS_BINARY(functor, u64, kind, op)
#define BLS_BINARY_SIGNED(functor, kind, op) \
  BLS_BINARY(functor, i32, kind, op) BLS_BINARY(functor, i64, kind, op)
#define BLS_BINARY_FLOAT(functor, op) \
  BLS_BINARY(functor, f32, 'f', op) BLS_BINARY(functor, f64, 'f', op)
BLS_BINARY_UNSIGNED(Add, 'i', IntOp::Add)
BLS_BINARY_UNSIGNED(Sub, 'i', IntOp::Sub)
BLS_BINARY_UNSIGNED(Mul, 'i', IntOp::Mul)
BLS_BINARY_UNSIGNED(And, 'i', IntOp::And)
BLS_BINARY_UNSIGNED(Or, 'i', IntOp::Or)
BLS_BINARY_UNSIGNED(Xor, 'i', IntOp::Xor)
BLS_BINARY_UNSIGNED(Shl, 's', ShiftOp::Shl)
BLS_BINARY_SIGNED(Shr, 's', ShiftOp::ShrS)
BLS_BINARY_UNSIGNED(Shr, 's', ShiftOp::ShrU)
BLS_BINARY_UNSIGNED(Rotl, 's', ShiftOp::Rotl)
BLS_BINARY_UNSIGNED(Rotr, 's', ShiftOp::Rotr)
BLS_BINARY_SIGNED(DivS, 'd', DivOp::DivS)
BLS_BINARY_UNSIGNED(DivU, 'd', DivOp::DivU)
BLS_BINARY_SIGNED(RemS, 'd', DivOp::RemS)
BLS_BINARY_UNSIGNED(RemU, 'd', DivOp::RemU)
BLS_BINARY_FLOAT(Add, FloatOp::Add)
BLS_BINARY_FLOAT(Sub, FloatOp::Sub)
BLS_BINARY_FLOAT(Mul, FloatOp::Mul)
BLS_BINARY_FLOAT(Div, FloatOp::Div)
BLS_BINARY_FLOAT(Min, FloatOp::Min)
BLS_BINARY_FLOAT(Max, FloatOp::Max)
BLS_BINARY_FLOAT(Copysign, FloatOp::Copysign)
#undef BLS_BINARY_FLOAT
#undef BLS_BINARY_SIGNED
#undef BLS_BINARY_UNSIGNED
#undef BLS_BINARY

/// Comparisons.
template <class S>
struct CompareOf;
#define BLS_COMPARE(functor, ofSigned, ofUnsigned, ofFloat)                                \
  template <class T>                                                                       \
  struct CompareOf<sem::functor<T>> {                                                      \
    using Arg = T;                                                                         \
    static constexpr Cond kCond = std::is_signed_v<T> ? Cond::ofSigned : Cond::ofUnsigned; \
    static constexpr FCond kFCond = FCond::ofFloat;                                        \
  };
BLS_COMPARE(Eq, Eq, Eq, Eq)
BLS_COMPARE(Ne, Ne, Ne, Ne)
BLS_COMPARE(Lt, LtS, LtU, Lt)
BLS_COMPARE(Gt, GtS, GtU, Gt)
BLS_COMPARE(Le, LeS, LeU, Le)
BLS_COMPARE(Ge, GeS, GeU, Ge)
#undef BLS_COMPARE

/// The value of a constant operand as the functor's argument.
template <class T>
T constantAs(const Val& value) {
  T out;
  std::memcpy(&out, &value.bits, sizeof out);
  return out;
}
template <class T>
u64 bitsOf(T value) {
  u64 out = 0;
  std::memcpy(&out, &value, sizeof value);
  return out;
}

// ---- Results

template <class M>
RegId Baseline<M>::resultFor(char type, const Val* a, const Val* b) {
  // `local.set` or `local.tee` next: straight into the local's register.
  const u8 next = next_[0];
  if ((next == kByteOf<Op::LocalSet> || next == kByteOf<Op::LocalTee>) && next_[1] < 0x80) {
    const RegId own = v_.ownRegister(next_[1]);
    if (own != kNoReg && isFloatReg(own) == isFloatType(type)) {
      v_.hold(own);
      return own;
    }
  }
  return v_.resultReg(isFloatType(type), a, b);
}

// ---- Binary

template <class M>
template <class S>
void Baseline<M>::binary() {
  using B = BinaryOf<S>;
  if constexpr (B::kKind == 0) {
    unsupported();
  } else {
    if constexpr (B::kKind == 'i' || B::kKind == 's') {
      using T = typename S::Arg;
      if (v_.top(0).kind == Val::Const && v_.top(1).kind == Val::Const) {
        const Val b = v_.pop();
        const Val a = v_.pop();
        v_.pushConst(B::kType, bitsOf(S::eval(constantAs<T>(a), constantAs<T>(b))));
        return;
      }
    }
    if constexpr (B::kKind == 'i') intBinary(B::kOp, B::kType);
    if constexpr (B::kKind == 's') shift(B::kOp, B::kType);
    if constexpr (B::kKind == 'd') divide(B::kOp, B::kType);
    if constexpr (B::kKind == 'f') floatBinary(B::kOp, B::kType);
    if constexpr (S::kNanBits != 0) canonicalise(B::kType);
  }
}

/// --deterministic: NaN results have one form.
template <class M>
void Baseline<M>::canonicalise(char type) {
  if (in_.options.deterministic) m_.canonicalNan(widthOfType(type), floating(v_.top().reg));
}

template <class M>
void Baseline<M>::intBinary(IntOp op, char type) {
  const Width w = widthOfType(type);
  Val b = v_.pop();
  Val a = v_.pop();
  if (a.kind == Val::Const && op != IntOp::Sub) std::swap(a, b);
  const i64 value = w == Width::W32 ? static_cast<i32>(b.bits) : static_cast<i64>(b.bits);
  if (b.kind == Val::Const && value == static_cast<i32>(value)) {
    const RegId ra = v_.inReg(a);
    const RegId d = resultFor(type, &a, nullptr);
    const u64 bits = w == Width::W32 ? static_cast<u32>(value) : static_cast<u64>(value);
    if (op == IntOp::Mul && bits != 0 && (bits & (bits - 1)) == 0) {
      m_.shiftImm(ShiftOp::Shl, w, general(d), general(ra),
                  static_cast<u32>(__builtin_ctzll(bits)));
    } else {
      m_.intOpImm(op, w, general(d), general(ra), static_cast<i32>(value));
    }
    v_.pushReg(type, d);
    return;
  }
  const RegId ra = v_.inReg(a);
  const RegId rb = v_.inReg(b);
  const RegId d = resultFor(type, &a, &b);
  m_.intOp(op, w, general(d), general(ra), general(rb));
  v_.pushReg(type, d);
}

template <class M>
void Baseline<M>::shift(ShiftOp op, char type) {
  const Width w = widthOfType(type);
  Val b = v_.pop();
  Val a = v_.pop();
  if (b.kind == Val::Const) {
    const RegId ra = v_.inReg(a);
    const RegId d = resultFor(type, &a, nullptr);
    m_.shiftImm(op, w, general(d), general(ra), static_cast<u32>(b.bits));
    v_.pushReg(type, d);
    return;
  }
  RegId ra = v_.inReg(a);
  RegId rb = v_.inReg(b);
  if (m_.needsShiftCount(op) && rb != idOf(M::kShiftCount)) {
    const RegId count = idOf(M::kShiftCount);
    if (ra == count) {
      ra = v_.take(false);
      m_.move(w, general(ra), general(count));
      a.reg = ra;
    }
    v_.takeThis(count);
    m_.move(w, general(count), general(rb));
    rb = count;
  }
  const RegId d = resultFor(type, &a, nullptr);
  m_.shift(op, w, general(d), general(ra), general(rb));
  v_.pushReg(type, d);
}

template <class M>
void Baseline<M>::divide(DivOp op, char type) {
  const Width w = widthOfType(type);
  const bool isUnsigned = op == DivOp::DivU || op == DivOp::RemU;
  Val b = v_.pop();
  Val a = v_.pop();
  const u64 by = w == Width::W32 ? static_cast<u32>(b.bits) : b.bits;
  if (isUnsigned && b.kind == Val::Const && by != 0 && (by & (by - 1)) == 0 && by <= 1u << 30) {
    const RegId ra = v_.inReg(a);
    const RegId d = resultFor(type, &a, nullptr);
    if (op == DivOp::DivU) {
      m_.shiftImm(ShiftOp::ShrU, w, general(d), general(ra), static_cast<u32>(__builtin_ctzll(by)));
    } else {
      m_.intOpImm(IntOp::And, w, general(d), general(ra), static_cast<i32>(by - 1));
    }
    v_.pushReg(type, d);
    return;
  }
  Label& zero = trap(Trap::DivideByZero);
  Label& overflow = op == DivOp::DivS ? trap(Trap::IntegerOverflow) : zero;
  const RegId ra = v_.inReg(a);
  const RegId rb = v_.inReg(b);
  if constexpr (M::kFixedDivide) {
    const RegId dividend = idOf(M::kDividend);
    const RegId rest = idOf(M::kDivideRest);
    RegId divisor = rb;
    v_.takeThis(dividend);
    v_.takeThis(rest);
    if (rb == dividend || rb == rest) {
      divisor = v_.take(false);
      m_.move(w, general(divisor), general(rb));
    }
    m_.move(w, general(dividend), general(ra));
    m_.divide(op, w, general(divisor), zero, overflow);
    v_.pushReg(type, op == DivOp::DivS || op == DivOp::DivU ? dividend : rest);
  } else {
    const RegId d = resultFor(type, nullptr, nullptr);
    m_.divide(op, w, general(d), general(ra), general(rb), zero, overflow);
    v_.pushReg(type, d);
  }
}

template <class M>
void Baseline<M>::floatBinary(FloatOp op, char type) {
  Val b = v_.pop();
  Val a = v_.pop();
  const RegId ra = v_.inReg(a);
  const RegId rb = v_.inReg(b);
  const RegId d = resultFor(type, &a, nullptr);
  m_.floatOp(op, widthOfType(type), floating(d), floating(ra), floating(rb));
  v_.pushReg(type, d);
}

// ---- Unary

template <class M>
template <class F>
void Baseline<M>::unaryInt(char from, char to, F emit) {
  (void)from;
  Val a = v_.pop();
  const RegId ra = v_.inReg(a);
  const RegId d = resultFor(to, &a, nullptr);
  emit(d, ra);
  v_.pushReg(to, d);
}

/// The first two template arguments of a functor.
template <class>
struct UnaryArgs;
template <template <class...> class F, class A>
struct UnaryArgs<F<A>> {
  using First = A;
};
template <template <class...> class F, class A, class B, class... C>
struct UnaryArgs<F<A, B, C...>> {
  using First = A;
  using Second = B;
};
template <class S, template <class...> class F>
constexpr bool kIs = false;
template <template <class...> class F, class... A>
constexpr bool kIs<F<A...>, F> = true;

template <class M>
template <class S>
void Baseline<M>::unary() {
  if constexpr (std::is_same_v<S, sem::Wrap>) {
    unaryInt('l', 'i', [&](RegId d, RegId a) {
      m_.bitOp(BitOp::ZeroExtend32, Width::W32, general(d), general(a));
    });
  } else if constexpr (std::is_same_v<S, sem::Demote>) {
    unaryInt('d', 'f', [&](RegId d, RegId a) { m_.demote(floating(d), floating(a)); });
  } else if constexpr (std::is_same_v<S, sem::Promote>) {
    unaryInt('f', 'd', [&](RegId d, RegId a) { m_.promote(floating(d), floating(a)); });
  } else if constexpr (kIs<S, sem::Clz> || kIs<S, sem::Ctz> || kIs<S, sem::Popcnt>) {
    constexpr char kType = letterFor<typename UnaryArgs<S>::First>();
    constexpr BitOp kOp = kIs<S, sem::Clz>   ? BitOp::Clz
                          : kIs<S, sem::Ctz> ? BitOp::Ctz
                                             : BitOp::Popcnt;
    unaryInt(kType, kType,
             [&](RegId d, RegId a) { m_.bitOp(kOp, widthOfType(kType), general(d), general(a)); });
  } else if constexpr (kIs<S, sem::Extend>) {
    using From = typename UnaryArgs<S>::First;
    using To = typename UnaryArgs<S>::Second;
    constexpr BitOp kOp = std::is_same_v<From, i8>    ? BitOp::Extend8S
                          : std::is_same_v<From, i16> ? BitOp::Extend16S
                          : std::is_same_v<From, i32> ? BitOp::Extend32S
                                                      : BitOp::ZeroExtend32;
    constexpr char kTo = letterFor<To>();
    unaryInt('i', kTo,
             [&](RegId d, RegId a) { m_.bitOp(kOp, widthOfType(kTo), general(d), general(a)); });
  } else if constexpr (kIs<S, sem::Abs> || kIs<S, sem::Neg> || kIs<S, sem::Sqrt> ||
                       kIs<S, sem::Ceil> || kIs<S, sem::Floor> || kIs<S, sem::Trunc> ||
                       kIs<S, sem::Nearest>) {
    constexpr char kType = letterFor<typename UnaryArgs<S>::First>();
    constexpr FloatUnary kOp = kIs<S, sem::Abs>     ? FloatUnary::Abs
                               : kIs<S, sem::Neg>   ? FloatUnary::Neg
                               : kIs<S, sem::Sqrt>  ? FloatUnary::Sqrt
                               : kIs<S, sem::Ceil>  ? FloatUnary::Ceil
                               : kIs<S, sem::Floor> ? FloatUnary::Floor
                               : kIs<S, sem::Trunc> ? FloatUnary::Trunc
                                                    : FloatUnary::Nearest;
    unaryInt(kType, kType, [&](RegId d, RegId a) {
      m_.floatUnary(kOp, widthOfType(kType), floating(d), floating(a));
    });
  } else if constexpr (kIs<S, sem::ConvertTo>) {
    using To = typename UnaryArgs<S>::First;
    using From = typename UnaryArgs<S>::Second;
    constexpr char kFrom = letterFor<From>();
    constexpr char kTo = letterFor<To>();
    unaryInt(kFrom, kTo, [&](RegId d, RegId a) {
      m_.intToFloat(widthOfType(kTo), widthOfType(kFrom), std::is_signed_v<From>, floating(d),
                    general(a));
    });
  } else if constexpr (kIs<S, sem::Reinterpret>) {
    constexpr char kTo = letterFor<typename UnaryArgs<S>::First>();
    constexpr char kFrom = letterFor<typename UnaryArgs<S>::Second>();
    unaryInt(kFrom, kTo, [&](RegId d, RegId a) {
      if constexpr (isFloatType(kTo)) {
        m_.moveToF(widthOfType(kTo), floating(d), general(a));
      } else {
        m_.moveFromF(widthOfType(kTo), general(d), floating(a));
      }
    });
  } else if constexpr (kIs<S, sem::TruncTo>) {
    using I = typename UnaryArgs<S>::First;
    truncate(letterFor<typename UnaryArgs<S>::Second>(), letterFor<I>(), std::is_signed_v<I>);
  } else if constexpr (kIs<S, sem::TruncSat>) {
    using I = typename UnaryArgs<S>::First;
    truncateSaturating(letterFor<typename UnaryArgs<S>::Second>(), letterFor<I>(),
                       std::is_signed_v<I>);
  } else {
    unsupported();
  }
  if constexpr (S::kNanBits != 0) canonicalise(letterFor<typename S::Res>());
}

// A value that does not fit is looked at again out of the way: NaN is one trap, the rest another.
template <class M>
void Baseline<M>::truncate(char from, char to, bool isSigned) {
  Label& nan = trap(Trap::InvalidConversion);
  Label& range = trap(Trap::IntegerOverflow);
  Val a = v_.pop();
  const RegId ra = v_.inReg(a);
  const RegId d = v_.take(false);
  Label bad;
  Label done;
  m_.truncate(widthOfType(to), isSigned, widthOfType(from), general(d), floating(ra), bad);
  m_.jump(done);
  m_.bind(bad);
  m_.branchF(FCond::Ne, widthOfType(from), floating(ra), floating(ra), nan);
  m_.jump(range);
  m_.bind(done);
  v_.pushReg(to, d);
}

template <class M>
void Baseline<M>::truncateSaturating(char from, char to, bool isSigned) {
  const Width w = widthOfType(to);
  Val a = v_.pop();
  const RegId ra = v_.inReg(a);
  const RegId d = v_.take(false);
  Label bad;
  Label done;
  m_.truncate(w, isSigned, widthOfType(from), general(d), floating(ra), bad);
  m_.jump(done);
  m_.bind(bad);
  const u64 most = isSigned ? (w == Width::W32 ? 0x7fffffff : 0x7fffffffffffffff)
                            : (w == Width::W32 ? 0xffffffff : ~u64{0});
  const u64 least = !isSigned ? 0 : (w == Width::W32 ? 0x80000000 : u64{1} << 63);
  m_.loadConstant(general(d), 0);
  m_.branchF(FCond::Ne, widthOfType(from), floating(ra), floating(ra), done);
  m_.loadConstantF(widthOfType(from), M::kFScratch, 0);
  m_.loadConstant(general(d), most);
  m_.branchF(FCond::Gt, widthOfType(from), floating(ra), M::kFScratch, done);
  m_.loadConstant(general(d), least);
  m_.bind(done);
  v_.pushReg(to, d);
}

// ---- Conditions

template <class M>
bool Baseline<M>::conditionIsConsumed() const {
  const auto takes = [](u8 opcode) {
    return opcode == kByteOf<Op::BrIf> || opcode == kByteOf<Op::If> ||
           opcode == kByteOf<Op::Select>;
  };
  return takes(next_[0]) || (next_[0] == kByteOf<Op::I32Eqz> && takes(next_[1]));
}

template <class M>
template <class S>
void Baseline<M>::compare() {
  using C = CompareOf<S>;
  using T = typename C::Arg;
  if constexpr (std::is_floating_point_v<T>) {
    compareFloat(C::kFCond, widthOfType(letterFor<T>()));
  } else {
    compareInt(C::kCond, widthOfType(letterFor<T>()));
  }
}

template <class M>
void Baseline<M>::compareInt(Cond cond, Width w) {
  Val b = v_.pop();
  Val a = v_.pop();
  if (a.kind == Val::Const) {
    std::swap(a, b);
    cond = swapOperands(cond);
  }
  Condition c;
  c.cond = cond;
  c.width = w;
  c.a = v_.inReg(a);
  const i64 value = w == Width::W32 ? static_cast<i32>(b.bits) : static_cast<i64>(b.bits);
  if (b.kind == Val::Const && value == static_cast<i32>(value)) {
    c.kind = Condition::IntImm;
    c.imm = static_cast<i32>(value);
  } else {
    c.kind = Condition::Int;
    c.b = v_.inReg(b);
  }
  setCondition(c);
}

template <class M>
void Baseline<M>::compareFloat(FCond cond, Width w) {
  Val b = v_.pop();
  Val a = v_.pop();
  Condition c;
  c.kind = Condition::Float;
  c.fcond = cond;
  c.width = w;
  c.a = v_.inReg(a);
  c.b = v_.inReg(b);
  setCondition(c);
}

/// The condition is what the instruction leaves: for the next instruction, or as a number.
template <class M>
void Baseline<M>::setCondition(const Condition& c) {
  if (conditionIsConsumed()) {
    condition_ = c;
    return;
  }
  if (c.kind == Condition::Float) {
    const RegId d = resultFor('i', nullptr, nullptr);
    m_.setF(c.fcond, c.width, general(d), floating(c.a), floating(c.b));
    if (c.negated) m_.intOpImm(IntOp::Xor, Width::W32, general(d), general(d), 1);
    v_.pushReg('i', d);
    return;
  }
  emitCompare(c);
  const RegId d = resultFor('i', nullptr, nullptr);  // may spill: stores leave the flags alone
  m_.setOnFlags(c.cond, general(d));
  v_.pushReg('i', d);
}

template <class M>
void Baseline<M>::emitCompare(const Condition& c) {
  if (c.kind == Condition::IntImm) {
    m_.compareImm(c.width, general(c.a), c.imm);
  } else {
    m_.compare(c.width, general(c.a), general(c.b));
  }
}

template <class M>
typename Baseline<M>::Condition Baseline<M>::popCondition() {
  Condition c = condition_;
  condition_.kind = Condition::None;
  if (c.kind != Condition::None) return c;
  Val value = v_.pop();
  c.kind = Condition::IntImm;
  c.cond = Cond::Ne;
  c.width = Width::W32;
  c.imm = 0;
  c.a = v_.inReg(value);
  return c;
}

template <class M>
void Baseline<M>::emitBranch(const Condition& c, bool negated, Label& target) {
  if (c.kind != Condition::Float) {
    emitCompare(c);
    m_.branchOnFlags(negated ? negate(c.cond) : c.cond, target);
    return;
  }
  if (negated == c.negated) {
    m_.branchF(c.fcond, c.width, floating(c.a), floating(c.b), target);
    return;
  }
  // No condition says "not less": NaN.
  Label holds;
  m_.branchF(c.fcond, c.width, floating(c.a), floating(c.b), holds);
  m_.jump(target);
  m_.bind(holds);
}

template <class M>
void Baseline<M>::select() {
  const Condition c = popCondition();
  Val b = v_.pop();
  Val a = v_.pop();
  const char type = a.type;
  const RegId ra = v_.inReg(a);
  const RegId rb = v_.inReg(b);
  if (!isFloatType(type) && c.kind != Condition::Float) {
    const RegId d = resultFor(type, &a, &b);
    emitCompare(c);
    m_.selectOnFlags(c.cond, Width::W64, general(d), general(ra), general(rb));
    v_.pushReg(type, d);
    return;
  }
  RegId d = ra;
  Label taken;
  if (!v_.isFree(ra) || ra == c.a || ra == c.b) {
    d = v_.take(isFloatType(type));
    v_.emitMove(type, d, ra);
  }
  emitBranch(c, false, taken);
  v_.emitMove(type, d, rb);
  m_.bind(taken);
  v_.pushReg(type, d);
}

}  // namespace bls::codegen
