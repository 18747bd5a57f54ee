// Hands each walked instruction to the Translator function for its class; in dead code only the
// nesting is followed. Included by translate.cc only.
#pragma once

#include "engine/decode/walk.h"
#include "engine/interp/translate.h"

namespace bls::interp {

struct TranslateSink {
  Translator& t;
  WalkPosition position;
  bool reached = false;  // a handler or delegate of a try in live code, met while dead

  template <Op O, class Imm>
  Status on(OpTag<O>, const Imm& imm) {
    if (BLS_UNLIKELY(t.dead_)) {
      inDeadCode<O>();
      if (!reached) {
        if (t.dead_ || O == Op::End || O == Op::Else) return {};
      }
      reached = false;
    }
    t.position_ = static_cast<u32>(position.op - t.bodyStart_);
    if (t.metered_) {
      t.cost(O);
      t.limitPending();
    }
    live<O>(imm);
    return {};
  }

 private:
  template <Op O>
  static constexpr bool kIsHandler = O == Op::Catch || O == Op::CatchAll;
  template <Op O>
  void inDeadCode() {
    if constexpr (opensBlock(O)) {
      ++t.deadDepth_;
    } else if constexpr (kIsHandler<O>) {
      if (t.deadDepth_ == 0) reached = true;
    } else if constexpr (O == Op::Delegate) {
      if (t.deadDepth_ == 0) {
        reached = true;
      } else {
        --t.deadDepth_;
      }
    } else if constexpr (O == Op::Else) {
      if (t.deadDepth_ == 0) t.elseArm();
    } else if constexpr (O == Op::End) {
      if (t.deadDepth_ == 0) {
        t.position_ = static_cast<u32>(position.op - t.bodyStart_);
        t.end();
      } else {
        --t.deadDepth_;
      }
    }
  }

  template <Op O, class Imm>
  void live(const Imm& imm) {
    constexpr OpClass kClass = OpTag<O>::kInfo.cls;
    if constexpr (kClass == OpClass::Binary) {
      t.binary(O);
    } else if constexpr (kClass == OpClass::Compare) {
      t.compare(O);
    } else if constexpr (kClass == OpClass::Test) {
      t.test(O);
    } else if constexpr (kClass == OpClass::Unary) {
      t.unary(O);
    } else if constexpr (kClass == OpClass::Wide) {
      t.wide(O);
    } else if constexpr (kClass == OpClass::Load || kClass == OpClass::VLoad) {
      t.load(O, imm);
    } else if constexpr (kClass == OpClass::Store || kClass == OpClass::VStore) {
      t.store(O, imm);
    } else if constexpr (kClass == OpClass::VLoadLane || kClass == OpClass::VStoreLane) {
      t.laneAccess(O, imm);
    } else if constexpr (kClass == OpClass::MemoryOp) {
      if constexpr (std::is_same_v<Imm, IndexPairImm>) {
        t.memoryOp(O, imm.first, imm.second);
      } else {
        t.memoryOp(O, imm.index, 0);
      }
    } else if constexpr (kClass == OpClass::TableOp) {
      if constexpr (std::is_same_v<Imm, IndexPairImm>) {
        t.tableOp(O, imm.first, imm.second);
      } else {
        t.tableOp(O, imm.index, 0);
      }
    } else if constexpr (kClass >= OpClass::AtomicLoad && kClass <= OpClass::AtomicCmpxchg) {
      t.atomicAccess(O, imm);
    } else if constexpr (kClass == OpClass::AtomicWait || kClass == OpClass::AtomicNotify) {
      t.atomicWaitOrNotify(O, imm);
    } else if constexpr (kClass == OpClass::AtomicFence) {
      t.atomicFence();
    } else if constexpr (kClass == OpClass::VBinary) {
      t.vectorBinary(O);
    } else if constexpr (kClass == OpClass::VUnary || kClass == OpClass::VTest ||
                         kClass == OpClass::VSplat) {
      t.vectorUnary(O);
    } else if constexpr (kClass == OpClass::VTernary) {
      t.vectorTernary(O);
    } else if constexpr (kClass == OpClass::VShift) {
      t.vectorShift(O);
    } else if constexpr (kClass == OpClass::VExtract) {
      t.extractLane(O, imm.lane);
    } else if constexpr (kClass == OpClass::VReplace) {
      t.replaceLane(O, imm.lane);
    } else if constexpr (kClass == OpClass::VShuffle) {
      t.shuffle(O, imm.value);
    } else if constexpr (kClass == OpClass::Const) {
      constantOf<O>(imm);
    } else {
      single<O>(imm);
    }
  }

  template <Op O, class Imm>
  void constantOf(const Imm& imm) {
    t.constantEnd_ = static_cast<u32>(position.next - t.bodyStart_);
    if constexpr (std::is_same_v<Imm, V128Imm>) {
      t.vectorConst(imm.value);
    } else if constexpr (requires { imm.bits; }) {
      t.constant(OpTag<O>::kInfo.results[0], imm.bits);
    } else {
      t.constant(OpTag<O>::kInfo.results[0], imm.value);
    }
  }

  template <Op O>
  static constexpr const OpInfo& kInfoOf = OpTag<O>::kInfo;

  /// Structures, arrays, i31, casts.
  template <Op O, class Imm>
  void object(const Imm& imm) {
    constexpr ImmKind kKind = kInfoOf<O>.imm;
    if constexpr (kKind == ImmKind::StructField) {
      if constexpr (O == Op::StructSet) {
        t.structSet(imm.first, imm.second);
      } else {
        t.structGet(O, imm.first, imm.second);
      }
    } else if constexpr (kKind == ImmKind::CastLabel) {
      t.brOnCast(imm, O == Op::BrOnCastFail);
    } else if constexpr (kKind == ImmKind::HeapType) {
      constexpr bool kNullable = O == Op::RefTestNull || O == Op::RefCastNull;
      if constexpr (O == Op::RefTest || O == Op::RefTestNull) {
        t.refTestOp(imm.heap, kNullable);
      } else {
        t.refCast(imm.heap, kNullable);
      }
    } else if constexpr (kKind == ImmKind::None) {
      plainObject<O>();
    } else {
      typedObject<O>(imm);
    }
  }
  template <Op O>
  void plainObject() {
    if constexpr (O == Op::RefEq) {
      t.compare(Op::I64Eq);
    } else if constexpr (O == Op::RefI31) {
      t.refUnary(H::RefI31_S, 'g');
    } else if constexpr (O == Op::I31GetS) {
      t.refUnary(H::I31GetS_S, 'i');
    } else if constexpr (O == Op::I31GetU) {
      t.refUnary(H::I31GetU_S, 'i');
    } else if constexpr (O == Op::ArrayLen) {
      t.refUnary(H::ArrayLen_S, 'i');
    } else if constexpr (O == Op::AnyConvertExtern) {
      t.gcSlow(O, H::AnyConvertExtern, 1, 0, 0, 'g');
    } else {
      static_assert(O == Op::ExternConvertAny);
      t.gcSlow(O, H::ExternConvertAny, 1, 0, 0, 'e');
    }
  }
  template <Op O, class Imm>
  void typedObject(const Imm& imm) {
    if constexpr (O == Op::StructNew || O == Op::StructNewDefault) {
      t.structNew(imm.index, O == Op::StructNew);
    } else if constexpr (O == Op::ArrayGet || O == Op::ArrayGetS || O == Op::ArrayGetU) {
      t.arrayGet(O, imm.index);
    } else if constexpr (O == Op::ArraySet) {
      t.arraySet(imm.index);
    } else if constexpr (O == Op::ArrayNew || O == Op::ArrayNewDefault) {
      t.arrayNew(O, imm.index);
    } else if constexpr (O == Op::ArrayFill) {
      t.gcSlow(O, H::ArrayFill, 4, t.layoutAddress(imm.index), 0, 'n');
    } else if constexpr (O == Op::ArrayNewFixed) {
      t.arrayNewFixed(imm.first, imm.second);
    } else if constexpr (O == Op::ArrayNewData) {
      t.gcSlow(O, H::ArrayNewData, 2, t.layoutAddress(imm.first), imm.second, 'g');
    } else if constexpr (O == Op::ArrayNewElem) {
      t.gcSlow(O, H::ArrayNewElem, 2, t.layoutAddress(imm.first), imm.second, 'g');
    } else if constexpr (O == Op::ArrayCopy) {
      t.gcSlow(O, H::ArrayCopy, 5, t.layoutAddress(imm.first), 0, 'n');
    } else if constexpr (O == Op::ArrayInitData) {
      t.gcSlow(O, H::ArrayInitData, 4, t.layoutAddress(imm.first), imm.second, 'n');
    } else {
      static_assert(O == Op::ArrayInitElem);
      t.gcSlow(O, H::ArrayInitElem, 4, t.layoutAddress(imm.first), imm.second, 'n');
    }
  }

  /// Instructions with rules of their own.
  template <Op O, class Imm>
  void single([[maybe_unused]] const Imm& imm) {
    if constexpr (O == Op::Nop) {
    } else if constexpr (O == Op::Drop) {
      t.pop();
      // A local or constant pushed next stands in the same place without an instruction of its own.
      t.last_.cell = Translator::kNone;
      t.producer_ = Translator::kNone;
    } else if constexpr (O == Op::Select || O == Op::SelectTyped) {
      t.select();
    } else if constexpr (O == Op::LocalGet) {
      t.localGet(imm.index);
    } else if constexpr (O == Op::LocalSet) {
      t.localSet(imm.index, false);
    } else if constexpr (O == Op::LocalTee) {
      t.localSet(imm.index, true);
    } else if constexpr (O == Op::GlobalGet) {
      t.globalGet(imm.index);
    } else if constexpr (O == Op::GlobalSet) {
      t.globalSet(imm.index);
    } else if constexpr (O == Op::Block) {
      t.block(Translator::Control::Block, imm);
    } else if constexpr (O == Op::Loop) {
      t.block(Translator::Control::Loop, imm);
    } else if constexpr (O == Op::If) {
      t.block(Translator::Control::If, imm);
    } else if constexpr (O == Op::Else) {
      t.elseArm();
    } else if constexpr (O == Op::End) {
      t.end();
    } else if constexpr (O == Op::Br) {
      t.br(imm.index);
    } else if constexpr (O == Op::BrIf) {
      t.brIf(imm.index);
    } else if constexpr (O == Op::BrTable) {
      t.brTable(imm);
    } else if constexpr (O == Op::Return) {
      t.returnOp();
    } else if constexpr (O == Op::Unreachable) {
      t.unreachable();
    } else if constexpr (O == Op::Call) {
      t.call(imm.index);
    } else if constexpr (O == Op::CallIndirect) {
      t.callIndirect(imm.first, imm.second);
    } else if constexpr (O == Op::ReturnCall) {
      t.returnCall(imm.index);
    } else if constexpr (O == Op::ReturnCallIndirect) {
      t.returnCallIndirect(imm.first, imm.second);
    } else if constexpr (O == Op::RefNull) {
      t.refNull(imm.heap);
    } else if constexpr (O == Op::RefIsNull) {
      t.test(Op::I64Eqz);
    } else if constexpr (O == Op::RefFunc) {
      t.refFunc(imm.index);
    } else if constexpr (O == Op::CallRef) {
      t.callRef(imm.index);
    } else if constexpr (O == Op::ReturnCallRef) {
      t.returnCallRef(imm.index);
    } else if constexpr (O == Op::RefAsNonNull) {
      t.refAsNonNull();
    } else if constexpr (O == Op::BrOnNull) {
      t.brOnNull(imm.index);
    } else if constexpr (O == Op::BrOnNonNull) {
      t.brOnNonNull(imm.index);
    } else if constexpr (O == Op::TryTable) {
      t.tryTable(imm);
    } else if constexpr (O == Op::Try) {
      t.legacyTry(imm);
    } else if constexpr (O == Op::Catch) {
      t.legacyCatch(imm.index);
    } else if constexpr (O == Op::CatchAll) {
      t.legacyCatch(Translator::kNone);
    } else if constexpr (O == Op::Delegate) {
      t.delegate(imm.index);
    } else if constexpr (O == Op::Throw) {
      t.throwTag(imm.index);
    } else if constexpr (O == Op::ThrowRef) {
      t.throwRef();
    } else if constexpr (O == Op::Rethrow) {
      t.rethrow(imm.index);
    } else if constexpr (kInfoOf<O>.cls == OpClass::Gc || kInfoOf<O>.feature == Feature::Gc) {
      object<O>(imm);
    } else {
      UNREACHABLE("instruction without a translation");
    }
  }
};

}  // namespace bls::interp
