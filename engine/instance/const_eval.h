// Evaluation of constant expressions at instantiation, including extended constants. Entry point:
// evalConst.
//
// The expressions have been validated, so types and indices are right. What needs a heap
// (structures, arrays) is refused as unsupported; nothing here can trap. Spec: exec/modules,
// instantiation; valid/instructions, constant expressions.
#pragma once

#include "engine/object/instance.h"

namespace bls {

/// The value of `expr` in the context of an instance whose earlier globals are set. v128 uses both
/// halves; references are addresses. Error: Unsupported, naming the instruction.
Status evalConst(Instance* instance, const ConstExpr& expr, Diagnostics& diag, GlobalCell* out);

}  // namespace bls
