// Hands each walked instruction to the Translator function for its class; in dead code only the
// nesting is followed. Included by translate.cc only.
#pragma once

#include "engine/decode/walk.h"
#include "engine/interp/translate.h"

namespace bls::interp {

struct TranslateSink {
  Translator& t;
  WalkPosition position;

  template <Op O, class Imm>
  Status on(OpTag<O>, const Imm& imm) {
    if (BLS_UNLIKELY(t.dead_)) {
      inDeadCode<O>();
      if (t.dead_ || O == Op::End || O == Op::Else) return {};
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
  void inDeadCode() {
    if constexpr (opensBlock(O) || O == Op::Try) {
      ++t.deadDepth_;
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
    if constexpr (std::is_same_v<Imm, V128Imm>) {
      t.vectorConst(imm.value);
    } else if constexpr (requires { imm.bits; }) {
      t.constant(OpTag<O>::kInfo.results[0], imm.bits);
    } else {
      t.constant(OpTag<O>::kInfo.results[0], imm.value);
    }
  }

  /// Instructions with rules of their own.
  template <Op O, class Imm>
  void single([[maybe_unused]] const Imm& imm) {
    if constexpr (O == Op::Nop) {
    } else if constexpr (O == Op::Drop) {
      t.pop();
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
    } else {
      // Instantiation refuses modules that reach this (ModuleMeta::firstUnexecutable).
      UNREACHABLE("instruction without a translation");
    }
  }
};

}  // namespace bls::interp
