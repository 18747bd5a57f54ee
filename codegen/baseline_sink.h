// Hands each walked instruction to the Baseline member for its class; in dead code only the nesting
// is followed. Included by the instantiating source.
#pragma once

#include "codegen/baseline.h"

namespace bls::codegen {

template <class M>
struct BaselineSink {
  Baseline<M>& b;
  const u8* body;
  WalkPosition position;
  static constexpr bool kCold = true;  // one instruction emits more code than reading it takes

  template <Op O, class Imm>
  Status on(OpTag<O>, const Imm& imm) {
    if (BLS_UNLIKELY(b.dead_)) {
      inDeadCode<O>(imm);
      return {};
    }
    b.offset_ = static_cast<u32>(position.op - body);
    b.next_ = position.next;
    b.origin(b.offset_);
    b.v_.done();
    if (b.condition_.kind != Baseline<M>::Condition::None) {
      b.v_.hold(b.condition_.a);
      if (b.condition_.b != kNoReg) b.v_.hold(b.condition_.b);
    }
    b.cost(O);
    live<O>(imm);
    return {};
  }

 private:
  template <Op O, class Imm>
  void inDeadCode([[maybe_unused]] const Imm& imm) {
    if (b.failed_) return;
    if constexpr (opensBlock(O)) {
      if constexpr (O == Op::Loop) ++b.loop_;
      ++b.deadDepth_;
    } else if constexpr (O == Op::Else || O == Op::Catch || O == Op::CatchAll) {
      if (b.deadDepth_ == 0) live<O>(imm);
    } else if constexpr (O == Op::End || O == Op::Delegate) {
      if (b.deadDepth_ == 0) {
        b.offset_ = static_cast<u32>(position.op - body);
        b.next_ = position.next;
        b.origin(b.offset_);
        b.v_.done();
        live<O>(imm);
      } else {
        --b.deadDepth_;
      }
    }
  }

  template <Op O, class Imm>
  void live(const Imm& imm) {
    constexpr OpClass kClass = OpTag<O>::kInfo.cls;
    if constexpr (kClass == OpClass::Binary) {
      b.template binary<SemOf<O>>();
    } else if constexpr (kClass == OpClass::Compare) {
      b.template compare<SemOf<O>>();
    } else if constexpr (kClass == OpClass::Test) {
      test<O>();
    } else if constexpr (kClass == OpClass::Unary) {
      b.template unary<SemOf<O>>();
    } else if constexpr (kClass == OpClass::Wide) {
      b.template wide<SemOf<O>>();
    } else if constexpr (kClass == OpClass::Load) {
      using S = SemOf<O>;
      b.template load<typename S::Res, typename S::Mem>(imm.offset, imm.memory);
    } else if constexpr (kClass == OpClass::Store) {
      using S = SemOf<O>;
      b.template store<typename S::Arg, typename S::Mem>(imm.offset, imm.memory);
    } else if constexpr (kClass == OpClass::Const) {
      constantOf<O>(imm);
    } else if constexpr (kClass == OpClass::MemoryOp) {
      memoryOp<O>(imm);
    } else if constexpr (kClass >= OpClass::VLoad && kClass <= OpClass::VShift) {
      if constexpr (M::kVectors) {
        b.template vector<O>(imm);
      } else {
        b.unsupported();
      }
    } else if constexpr (kClass == OpClass::Gc) {
      object<O>(imm);
    } else if constexpr (kClass == OpClass::Exception) {
      exception<O>(imm);
    } else if constexpr (kClass == OpClass::AtomicLoad || kClass == OpClass::AtomicStore ||
                         kClass == OpClass::AtomicRmw || kClass == OpClass::AtomicCmpxchg ||
                         kClass == OpClass::AtomicWait || kClass == OpClass::AtomicNotify) {
      b.template atomic<O>(imm);
    } else if constexpr (kClass == OpClass::AtomicFence) {
      b.m_.fence();
    } else if constexpr (kClass == OpClass::TableOp) {
      b.template tableOp<O>(imm);
    } else if constexpr (kClass == OpClass::Ref) {
      b.template reference<O>(imm);
    } else {
      single<O>(imm);
    }
  }

  template <Op O, class Imm>
  void exception([[maybe_unused]] const Imm& imm) {
    if constexpr (O == Op::TryTable) {
      b.tryTable(imm);
    } else if constexpr (O == Op::Try) {
      b.legacyTry(imm);
    } else if constexpr (O == Op::Catch) {
      b.legacyCatch(imm.index);
    } else if constexpr (O == Op::CatchAll) {
      b.legacyCatch(FrameMaps::kNone);
    } else if constexpr (O == Op::Delegate) {
      b.delegate(imm.index);
    } else if constexpr (O == Op::Throw) {
      b.throwTag(imm.index);
    } else if constexpr (O == Op::ThrowRef) {
      b.throwRef();
    } else {
      static_assert(O == Op::Rethrow);
      b.rethrow(imm.index);
    }
  }

  // Structures, arrays, i31, casts.
  template <Op O, class Imm>
  void object([[maybe_unused]] const Imm& imm) {
    if constexpr (O == Op::StructNew || O == Op::StructNewDefault) {
      b.structNew(imm.index, O == Op::StructNew);
    } else if constexpr (O == Op::StructGet || O == Op::StructGetS || O == Op::StructGetU) {
      b.structGet(imm.first, imm.second, O == Op::StructGetS);
    } else if constexpr (O == Op::StructSet) {
      b.structSet(imm.first, imm.second);
    } else if constexpr (O == Op::ArrayGet || O == Op::ArrayGetS || O == Op::ArrayGetU) {
      b.arrayGet(imm.index, O == Op::ArrayGetS);
    } else if constexpr (O == Op::ArraySet) {
      b.arraySet(imm.index);
    } else if constexpr (O == Op::ArrayLen) {
      b.arrayLen();
    } else if constexpr (O == Op::RefI31) {
      b.refI31();
    } else if constexpr (O == Op::I31GetS || O == Op::I31GetU) {
      b.i31Get(O == Op::I31GetS);
    } else if constexpr (O == Op::RefTest || O == Op::RefTestNull) {
      b.refTest(imm.heap, O == Op::RefTestNull);
    } else if constexpr (O == Op::RefCast || O == Op::RefCastNull) {
      b.refCast(imm.heap, O == Op::RefCastNull);
    } else if constexpr (O == Op::BrOnCast || O == Op::BrOnCastFail) {
      b.brOnCast(imm, O == Op::BrOnCastFail);
    } else if constexpr (O == Op::AnyConvertExtern) {
      b.gcRuntime(RuntimeCall::AnyConvertExtern, 1, 0, 0, 0, 'g');
    } else if constexpr (O == Op::ExternConvertAny) {
      b.gcRuntime(RuntimeCall::ExternConvertAny, 1, 0, 0, 0, 'e');
    } else {
      array<O>(imm);
    }
  }
  template <Op O, class Imm>
  void array(const Imm& imm) {
    if constexpr (O == Op::ArrayNew) {
      b.gcBulk(O, RuntimeCall::ArrayNew, 2, imm.index, 0, 'g');
    } else if constexpr (O == Op::ArrayNewDefault) {
      b.gcBulk(O, RuntimeCall::ArrayNewDefault, 1, imm.index, 0, 'g');
    } else if constexpr (O == Op::ArrayNewFixed) {
      b.arrayNewFixed(imm.first, imm.second);
    } else if constexpr (O == Op::ArrayNewData) {
      b.gcBulk(O, RuntimeCall::ArrayNewData, 2, imm.first, imm.second, 'g');
    } else if constexpr (O == Op::ArrayNewElem) {
      b.gcBulk(O, RuntimeCall::ArrayNewElem, 2, imm.first, imm.second, 'g');
    } else if constexpr (O == Op::ArrayFill) {
      b.gcBulk(O, RuntimeCall::ArrayFill, 4, imm.index, 0, 'n');
    } else if constexpr (O == Op::ArrayCopy) {
      b.gcBulk(O, RuntimeCall::ArrayCopy, 5, imm.first, 0, 'n');
    } else if constexpr (O == Op::ArrayInitData) {
      b.gcBulk(O, RuntimeCall::ArrayInitData, 4, imm.first, imm.second, 'n');
    } else {
      static_assert(O == Op::ArrayInitElem);
      b.gcBulk(O, RuntimeCall::ArrayInitElem, 4, imm.first, imm.second, 'n');
    }
  }

  template <Op O, class Imm>
  void constantOf(const Imm& imm) {
    b.constantEnd_ = static_cast<u32>(position.next - body);
    if constexpr (std::is_same_v<Imm, V128Imm>) {
      if constexpr (M::kVectors) {
        const u8* bytes = imm.value.bytes;
        b.vectorConstant(sem::readLe<u64>(bytes), sem::readLe<u64>(bytes + 8));
      } else {
        b.unsupported();
      }
    } else if constexpr (requires { imm.bits; }) {
      b.v_.pushConst(OpTag<O>::kInfo.results[0], imm.bits);
    } else {
      b.v_.pushConst(OpTag<O>::kInfo.results[0], imm.value);
    }
  }

  template <Op O>
  void test() {
    using Condition = typename Baseline<M>::Condition;
    Condition c = b.condition_;
    b.condition_.kind = Condition::None;
    if (c.kind == Condition::Float) {
      c.negated = !c.negated;
    } else if (c.kind != Condition::None) {
      c.cond = negate(c.cond);
    } else {
      const Width w = widthOfType(OpTag<O>::kInfo.params[0]);
      b.v_.pushConst(OpTag<O>::kInfo.params[0], 0);
      b.compareInt(Cond::Eq, w);
      return;
    }
    b.setCondition(c);
  }

  template <Op O, class Imm>
  void memoryOp(const Imm& imm) {
    if constexpr (O == Op::MemorySize) {
      b.memorySize(imm.index);
    } else if constexpr (O == Op::MemoryGrow) {
      const bool is64 = b.module_.memories[MemoryIndex{imm.index}].limits.is64;
      b.bulk(O, RuntimeCall::MemoryGrow, 1, imm.index, 0, is64 ? 'l' : 'i');
    } else if constexpr (O == Op::MemoryFill) {
      b.memoryFill(imm.index);
    } else if constexpr (O == Op::MemoryCopy) {
      b.memoryCopy(imm.first, imm.second);
    } else if constexpr (O == Op::MemoryInit) {
      b.bulk(O, RuntimeCall::MemoryInit, 3, imm.first, imm.second, 'n');
    } else {
      static_assert(O == Op::DataDrop);
      b.bulk(O, RuntimeCall::DataDrop, 0, imm.index, 0, 'n');
    }
  }

  /// Instructions with rules of their own.
  template <Op O, class Imm>
  void single([[maybe_unused]] const Imm& imm) {
    using Control = typename Baseline<M>::Control;
    if constexpr (O == Op::Nop) {
    } else if constexpr (O == Op::Drop) {
      b.v_.pop();
    } else if constexpr (O == Op::Select || O == Op::SelectTyped) {
      b.select();
    } else if constexpr (O == Op::LocalGet) {
      b.v_.localGet(imm.index);
    } else if constexpr (O == Op::LocalSet) {
      b.v_.localSet(imm.index, false);
    } else if constexpr (O == Op::LocalTee) {
      b.v_.localSet(imm.index, true);
    } else if constexpr (O == Op::GlobalGet) {
      b.globalGet(imm.index);
    } else if constexpr (O == Op::GlobalSet) {
      b.globalSet(imm.index);
    } else if constexpr (O == Op::Block) {
      b.block(Control::Block, imm);
    } else if constexpr (O == Op::Loop) {
      b.block(Control::Loop, imm);
    } else if constexpr (O == Op::If) {
      b.block(Control::If, imm);
    } else if constexpr (O == Op::Else) {
      b.elseArm();
    } else if constexpr (O == Op::End) {
      b.end();
    } else if constexpr (O == Op::Br) {
      b.br(imm.index);
    } else if constexpr (O == Op::BrIf) {
      b.brIf(imm.index);
    } else if constexpr (O == Op::BrTable) {
      b.brTable(imm);
    } else if constexpr (O == Op::Return) {
      b.returnOp();
    } else if constexpr (O == Op::Unreachable) {
      b.unreachable();
    } else if constexpr (O == Op::Call) {
      b.call(imm.index);
    } else if constexpr (O == Op::CallIndirect) {
      b.callIndirect(imm.first, imm.second);
    } else if constexpr (O == Op::ReturnCall) {
      b.returnCall(imm.index);
    } else if constexpr (O == Op::ReturnCallIndirect) {
      b.returnCallIndirect(imm.first, imm.second);
    } else if constexpr (O == Op::ReturnCallRef) {
      b.returnCallRef(imm.index);
    } else if constexpr (O == Op::CallRef) {
      b.callRef(imm.index);
    } else {
      b.unsupported();
    }
  }
};

}  // namespace bls::codegen
