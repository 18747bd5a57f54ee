// Constant expressions: finding their end and recognising the plain ones.
//
// readConstExpr consumes one expression from a section. An expression that is one constant,
// ref.null, ref.func or global.get is kept as that; everything else is a Program, whose bytes are
// checked by the validator and evaluated at instantiation. Spec: binary/modules, valid/instructions
// (constant expressions).
#pragma once

#include "engine/base/byte_reader.h"
#include "engine/module/module.h"

namespace bls {

Status readConstExpr(ByteReader& in, Features features, ConstExpr* out);

}  // namespace bls
