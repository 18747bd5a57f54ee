// Zydis behind disassemble.
#include "codegen/disasm/disasm.h"

#include <Zydis/Zydis.h>

#include <algorithm>
#include <cstdio>

namespace bls::codegen {
namespace {

constexpr size_t kDataBytes = 8;

MachineLine dataLine(std::span<const u8> bytes, u32 at) {
  MachineLine line{at, static_cast<u32>(bytes.size()), ".byte"};
  char text[8];
  for (u8 byte : bytes) {
    std::snprintf(text, sizeof text, " %02x", byte);
    line.text += text;
  }
  return line;
}

}  // namespace

std::vector<MachineLine> listData(std::span<const u8> code, u32 at) {
  std::vector<MachineLine> lines;
  for (size_t i = 0; i < code.size(); i += kDataBytes) {
    lines.push_back(
        dataLine(code.subspan(i, std::min(kDataBytes, code.size() - i)), at + static_cast<u32>(i)));
  }
  return lines;
}

std::vector<MachineLine> disassemble(std::span<const u8> code, u32 at) {
  ZydisDecoder decoder;
  ZydisFormatter formatter;
  ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
  ZydisFormatterInit(&formatter, ZYDIS_FORMATTER_STYLE_INTEL);
  ZydisFormatterSetProperty(&formatter, ZYDIS_FORMATTER_PROP_ADDR_PADDING_ABSOLUTE,
                            ZYDIS_PADDING_DISABLED);
  std::vector<MachineLine> lines;
  for (size_t i = 0; i < code.size();) {
    ZydisDecodedInstruction instruction;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
    const u32 here = at + static_cast<u32>(i);
    char text[160];
    if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, code.data() + i, code.size() - i,
                                             &instruction, operands)) ||
        !ZYAN_SUCCESS(ZydisFormatterFormatInstruction(&formatter, &instruction, operands,
                                                      instruction.operand_count_visible, text,
                                                      sizeof text, here, nullptr))) {
      lines.push_back(dataLine(code.subspan(i, 1), here));
      ++i;
      continue;
    }
    lines.push_back({here, instruction.length, text});
    i += instruction.length;
  }
  return lines;
}

}  // namespace bls::codegen
