// disassemble: machine code as text, for listings.
//
// Entry point: disassemble. The text is an independent disassembler's (Zydis), so that a listing
// also shows when the macro assemblers' encoder and the CPU's manual disagree. Distances are shown
// as offsets from the start of the code. Bytes that are no instruction become `.byte`. Only
// programs for developers are linked with this. Thread rule: none.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/base/ints.h"

namespace bls::codegen {

struct MachineLine {
  u32 at = 0;  // offset in the code
  u32 size = 0;
  std::string text;
};

/// The instructions of `code`, whose first byte is at offset `at` of its function.
std::vector<MachineLine> disassemble(std::span<const u8> code, u32 at);
/// `code` as data, eight bytes a line at most.
std::vector<MachineLine> listData(std::span<const u8> code, u32 at);

}  // namespace bls::codegen
