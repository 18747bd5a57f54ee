// listCode: a disassembly with file offsets and bytes, one instruction a line, for `bls objdump`.
#pragma once

#include <string>

#include "engine/base/status.h"
#include "engine/module/module.h"
#include "engine/text/name_table.h"

namespace bls::text {

/// Appends the lines of one defined function: a heading, then `offset: bytes | instruction`,
/// indented by block. Error: Malformed code.
Status listFunction(const Module& m, const NameTable& names, u32 func, Diagnostics& diag,
                    std::string* out);

}  // namespace bls::text
