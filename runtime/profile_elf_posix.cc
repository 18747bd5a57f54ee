// The smallest ELF file that gives a debugger a symbol for code it did not load.
#include <cstring>

#include "runtime/profile.h"

namespace bls::cli {
namespace {

struct FileHeader {
  u8 ident[16] = {0x7f, 'E', 'L', 'F', 2, 1, 1};  // 64 bits, little endian
  u16 type = 2;                                   // ET_EXEC: addresses are final
#if defined(__aarch64__)
  u16 machine = 183;
#else
  u16 machine = 62;
#endif
  u32 version = 1;
  u64 entry = 0;
  u64 programHeaders = 0;
  u64 sectionHeaders = 0;
  u32 flags = 0;
  u16 headerSize = 64;
  u16 programHeaderSize = 0;
  u16 programHeaderCount = 0;
  u16 sectionHeaderSize = 64;
  u16 sectionHeaderCount = 0;
  u16 sectionNames = 0;
};
static_assert(sizeof(FileHeader) == 64);

struct SectionHeader {
  u32 name = 0;
  u32 type = 0;
  u64 flags = 0;
  u64 address = 0;
  u64 offset = 0;
  u64 size = 0;
  u32 link = 0;
  u32 info = 0;
  u64 align = 1;
  u64 entrySize = 0;
};
static_assert(sizeof(SectionHeader) == 64);

struct Symbol {
  u32 name = 0;
  u8 info = 0;
  u8 other = 0;
  u16 section = 0;
  u64 value = 0;
  u64 size = 0;
};
static_assert(sizeof(Symbol) == 24);

constexpr u32 kSymtab = 2, kStrtab = 3, kNobits = 8;
constexpr u64 kAlloc = 2, kExecute = 4;
constexpr u8 kGlobalFunction = 1 << 4 | 2;

}  // namespace

std::vector<u8> makeCodeElf(std::string_view name, u64 address, u64 size) {
  constexpr char kNames[] = "\0.text\0.symtab\0.strtab\0";  // and the symbol's behind them
  constexpr u32 kText = 1, kSymbols = 7, kStrings = 15, kOwn = 23;
  struct Image {
    FileHeader header;
    SectionHeader sections[4];
    Symbol symbols[2];
  } image;
  const u64 stringsAt = sizeof image;
  const u64 stringBytes = kOwn + name.size() + 1;
  image.header.sectionHeaders = sizeof image.header;
  image.header.sectionHeaderCount = 4;
  image.header.sectionNames = 3;
  image.sections[1] = {kText, kNobits, kAlloc | kExecute, address, stringsAt, size, 0, 0, 16, 0};
  const u64 symbolsAt = sizeof image.header + sizeof image.sections;
  image.sections[2] = {kSymbols, kSymtab,       0, 0, symbolsAt, sizeof image.symbols, 3, 1,
                       8,        sizeof(Symbol)};
  image.sections[3] = {kStrings, kStrtab, 0, 0, stringsAt, stringBytes, 0, 0, 1, 0};
  image.symbols[1] = {kOwn, kGlobalFunction, 0, 1, address, size};
  std::vector<u8> out(stringsAt + stringBytes);
  std::memcpy(out.data(), &image, sizeof image);
  std::memcpy(out.data() + stringsAt, kNames, kOwn);
  std::memcpy(out.data() + stringsAt + kOwn, name.data(), name.size());
  return out;
}

}  // namespace bls::cli
