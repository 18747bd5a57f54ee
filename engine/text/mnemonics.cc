// An open-addressed table over the instruction names, built at compile time.
#include "engine/text/mnemonics.h"

#include <array>

#include "engine/text/word_hash.h"

namespace bls::text {
namespace {

constexpr u32 kSlots = 2048;
static_assert(kOpCount * 2 < kSlots);

constexpr std::array<u16, kSlots> makeTable() {
  std::array<u16, kSlots> table{};
  for (u16& slot : table) slot = kNoOp;
  for (u32 i = 0; i < kOpCount; ++i) {
    std::string_view word = kOpInfo[i].text;
    u32 at = wordHash(word) % kSlots;
    while (table[at] != kNoOp && word != kOpInfo[table[at]].text) at = (at + 1) % kSlots;
    if (table[at] == kNoOp) table[at] = static_cast<u16>(i);
  }
  return table;
}
constinit const std::array<u16, kSlots> kTable = makeTable();

constexpr std::array<u8, kOpCount> makeSizes() {
  std::array<u8, kOpCount> sizes{};
  for (u32 i = 0; i < kOpCount; ++i)
    sizes[i] = static_cast<u8>(std::string_view(kOpInfo[i].text).size());
  return sizes;
}
constinit const std::array<u8, kOpCount> kSizes = makeSizes();

constexpr std::string_view kWords[] = {"module",
                                       "definition",
                                       "instance",
                                       "binary",
                                       "quote",
                                       "type",
                                       "rec",
                                       "sub",
                                       "final",
                                       "func",
                                       "param",
                                       "result",
                                       "local",
                                       "struct",
                                       "array",
                                       "field",
                                       "mut",
                                       "import",
                                       "export",
                                       "table",
                                       "memory",
                                       "global",
                                       "tag",
                                       "start",
                                       "elem",
                                       "data",
                                       "offset",
                                       "item",
                                       "declare",
                                       "shared",
                                       "pagesize",
                                       "then",
                                       "do",
                                       "catch_ref",
                                       "catch_all_ref",
                                       "ref",
                                       "null",
                                       "i8",
                                       "i16",
                                       "i32",
                                       "i64",
                                       "f32",
                                       "f64",
                                       "v128",
                                       "any",
                                       "eq",
                                       "i31",
                                       "none",
                                       "nofunc",
                                       "extern",
                                       "noextern",
                                       "exn",
                                       "noexn",
                                       "anyref",
                                       "eqref",
                                       "i31ref",
                                       "structref",
                                       "arrayref",
                                       "funcref",
                                       "externref",
                                       "exnref",
                                       "nullref",
                                       "nullfuncref",
                                       "nullexternref",
                                       "nullexnref",
                                       "i8x16",
                                       "i16x8",
                                       "i32x4",
                                       "i64x2",
                                       "f32x4",
                                       "f64x2",
                                       "inf",
                                       "nan",
                                       "register",
                                       "invoke",
                                       "get",
                                       "assert_return",
                                       "assert_trap",
                                       "assert_exhaustion",
                                       "assert_exception",
                                       "assert_malformed",
                                       "assert_invalid",
                                       "assert_unlinkable",
                                       "assert_malformed_custom",
                                       "assert_invalid_custom",
                                       "thread",
                                       "wait",
                                       "either",
                                       "script",
                                       "input",
                                       "output",
                                       "first",
                                       "last",
                                       "before",
                                       "after"};

}  // namespace

bool findMnemonic(std::string_view word, Op* out) {
  u32 at = wordHash(word) % kSlots;
  while (kTable[at] != kNoOp) {
    u32 op = kTable[at];
    if (word == std::string_view(kOpInfo[op].text, kSizes[op])) {
      *out = static_cast<Op>(kTable[at]);
      return true;
    }
    at = (at + 1) % kSlots;
  }
  return false;
}

bool isKnownWord(std::string_view word) {
  Op ignored;
  if (findMnemonic(word, &ignored)) return true;
  for (std::string_view known : kWords) {
    if (word == known) return true;
  }
  return word.substr(0, 7) == "offset=" || word.substr(0, 6) == "align=" ||
         word.substr(0, 6) == "nan:0x" || word == "nan:canonical" || word == "nan:arithmetic";
}

}  // namespace bls::text
