// Evaluation of constant expressions at instantiation, including extended constants. Entry point:
// evalConst.
//
// The expressions have been validated, so types and indices are right. Structures and arrays go to
// the store's heap, which may run a collection; nothing here can trap. Spec: exec/modules,
// instantiation; valid/instructions, constant expressions.
#pragma once

#include "engine/object/instance.h"

namespace bls {

/// The value of `expr` in the context of an instance whose earlier globals are set. v128 uses both
/// halves; references are slot images. `elements`, when given, is increased by the elements of
/// arrays made by length. Errors: Limit when the heap is full; Unsupported, naming the instruction.
Status evalConst(Instance* instance, const ConstExpr& expr, Diagnostics& diag, GlobalCell* out,
                 u64* elements = nullptr);

}  // namespace bls
