// Decode-only walks: is an expression or a function body well-formed? No types, no index ranges.
//
// Used for constant expressions (to find their end) and when validation has failed, to see whether
// the rest of the module is malformed, which outranks invalid. The validator does the same checks
// in its own walk over a good module. Spec: binary/instructions, binary/modules (code section).
#pragma once

#include <vector>

#include "engine/base/byte_reader.h"
#include "engine/module/module.h"

namespace bls {

/// Reads one expression including its `end`. `needDataCount`: fail where an instruction needs the
/// data count section.
Status decodeExpr(ByteReader& in, Features features, bool needDataCount);

/// Reads the local declarations and appends the types of the locals to `locals`, which holds the
/// parameters already; their number is checked against limits::kLocals.
Status readLocals(ByteReader& in, Features features, std::vector<ValType>* locals);

/// Decodes body `index` (a function index, with a body) of the module completely.
Status decodeBody(const Module& m, u32 index, Diagnostics& diag);

/// Fails when `in` is not used up ("section size mismatch").
Status expectBodyEnd(ByteReader& in);

}  // namespace bls
