// Line number programs, read front to back; a target is found when the row before it and the row
// after it are seen.
#include "engine/module/dwarf_lines.h"

#include "engine/base/byte_reader.h"

namespace bls {
namespace {

// Forms and content types that occur in line tables. DWARF 5, 7.5.6 and 6.2.4.1.
enum Form : u64 {
  kBlock = 0x09,
  kData1 = 0x0b,
  kData2 = 0x05,
  kData4 = 0x06,
  kData8 = 0x07,
  kData16 = 0x1e,
  kString = 0x08,
  kStrp = 0x0e,
  kUdata = 0x0f,
  kLineStrp = 0x1f,
};
constexpr u64 kContentPath = 1, kContentDirectory = 2;
constexpr u32 kMaxNameBytes = 1024;

std::span<const u8> customSection(const Module& m, std::string_view name) {
  for (const CustomSection& section : m.customs) {
    if (section.name == name) return m.bytes.span().subspan(section.offset, section.size);
  }
  return {};
}

Status readCString(ByteReader& in, std::string_view* out) {
  const u8* end =
      in.left() == 0 ? nullptr : static_cast<const u8*>(std::memchr(in.pos(), 0, in.left()));
  if (end == nullptr) return in.malformed("unterminated string");
  *out = {reinterpret_cast<const char*>(in.pos()), static_cast<size_t>(end - in.pos())};
  return in.skip(out->size() + 1);
}

std::string_view stringAt(std::span<const u8> section, u64 offset) {
  if (offset >= section.size()) return {};
  Diagnostics ignored;
  ByteReader in(section.subspan(static_cast<size_t>(offset)), 0, &ignored);
  std::string_view text;
  return readCString(in, &text).ok() ? text : std::string_view();
}

struct Target {
  u64 address = 0;
  bool found = false;
};

/// One unit of .debug_line.
class LineUnit {
 public:
  LineUnit(std::span<const u8> str, std::span<const u8> lineStr, std::vector<Target>& targets,
           std::vector<SourceLine>& results)
      : str_(str), lineStr_(lineStr), targets_(targets), results_(results) {}

  /// `unit` is what follows the unit's length.
  Status read(ByteReader unit, bool is64) {
    is64_ = is64;
    TRY(unit.fixed(&version_));
    if (version_ < 2 || version_ > 5) return {};
    if (version_ >= 5) TRY(unit.skip(2));  // address size, segment selector size
    u64 headerLength = 0;
    TRY(offset(unit, &headerLength));
    TRY(unit.sub(headerLength, &header_));
    TRY(header_.byte(&minInstruction_));
    u8 unused = 0;
    if (version_ >= 4) TRY(header_.byte(&unused));  // operations per instruction: 1 in wasm
    TRY(header_.byte(&unused));                     // default is_stmt
    u8 base = 0;
    TRY(header_.byte(&base));
    lineBase_ = static_cast<i8>(base);
    TRY(header_.byte(&lineRange_));
    TRY(header_.byte(&opcodeBase_));
    if (lineRange_ == 0 || opcodeBase_ == 0) return {};
    TRY(header_.bytes(opcodeBase_ - 1u, &operandCounts_));
    return run(unit);
  }

 private:
  struct Row {
    u64 address = 0;
    u64 file = 1;
    u64 line = 1;
    u64 column = 0;
  };

  Status offset(ByteReader& in, u64* out) const {
    if (is64_) return in.fixed(out);
    u32 narrow = 0;
    TRY(in.fixed(&narrow));
    *out = narrow;
    return {};
  }

  Status run(ByteReader& in) {
    while (!in.atEnd()) {
      u8 opcode = 0;
      TRY(in.byte(&opcode));
      if (opcode >= opcodeBase_) {
        u32 adjusted = static_cast<u32>(opcode) - opcodeBase_;
        row_.address += static_cast<u64>(adjusted / lineRange_) * minInstruction_;
        row_.line +=
            static_cast<u64>(static_cast<i64>(lineBase_) + static_cast<i64>(adjusted % lineRange_));
        emit(false);
      } else if (opcode == 0) {
        TRY(extended(in));
      } else {
        TRY(standard(in, opcode));
      }
    }
    return {};
  }

  Status standard(ByteReader& in, u8 opcode) {
    u64 value = 0;
    i64 change = 0;
    u16 wide = 0;
    switch (opcode) {
      case 1: emit(false); return {};  // copy
      case 2:                          // advance_pc
        TRY(in.lebU64(&value));
        row_.address += value * minInstruction_;
        return {};
      case 3:  // advance_line
        TRY(in.lebI64(&change));
        row_.line += static_cast<u64>(change);
        return {};
      case 4: return in.lebU64(&row_.file);    // set_file
      case 5: return in.lebU64(&row_.column);  // set_column
      case 8:                                  // const_add_pc
        row_.address += static_cast<u64>((255u - opcodeBase_) / lineRange_) * minInstruction_;
        return {};
      case 9:  // fixed_advance_pc
        TRY(in.fixed(&wide));
        row_.address += wide;
        return {};
      default:
        for (u32 i = 0; i < operandCounts_[opcode - 1u]; ++i) TRY(in.lebU64(&value));
        return {};
    }
  }

  Status extended(ByteReader& in) {
    u64 size = 0;
    ByteReader op;
    u8 code = 0;
    TRY(in.lebU64(&size));
    TRY(in.sub(size, &op));
    if (op.atEnd()) return {};
    TRY(op.byte(&code));
    if (code == 1) {  // end_sequence
      emit(true);
      row_ = {};
      inSequence_ = false;
    } else if (code == 2 && op.left() == 8) {  // set_address
      return op.fixed(&row_.address);
    } else if (code == 2 && op.left() == 4) {
      u32 narrow = 0;
      TRY(op.fixed(&narrow));
      row_.address = narrow;
    }
    return {};
  }

  // A row is complete. Targets between the row before and this one belong to the row before.
  void emit(bool end) {
    if (!inSequence_) {
      live_ = row_.address != 0;
      lined_ = row_;
    } else if (live_ && before_.address < row_.address) {
      for (size_t i = 0; i < targets_.size(); ++i) {
        Target& t = targets_[i];
        if (!t.found && t.address >= before_.address && t.address < row_.address) {
          t.found = true;
          // Line 0 marks code of no line of its own: the last real one says more.
          const Row& row = before_.line != 0 ? before_ : lined_;
          results_[i] = {fileName(row.file), static_cast<u32>(row.line),
                         static_cast<u32>(row.column)};
        }
      }
    }
    before_ = row_;
    if (row_.line != 0) lined_ = row_;
    inSequence_ = !end;
  }

  std::string join(std::string_view dir, std::string_view name) const {
    std::string path;
    if (!dir.empty() && (name.empty() || name[0] != '/'))
      path = std::string(dir.substr(0, kMaxNameBytes)) + "/";
    path += name.substr(0, kMaxNameBytes);
    return escapeForMessage(path, kMaxNameBytes);
  }

  std::string fileName(u64 file) const {
    ByteReader in = header_;
    std::string_view name;
    std::string_view dir;
    Status status = version_ >= 5 ? entry5(in, file, &name, &dir) : entry4(in, file, &name, &dir);
    return status.ok() && !name.empty() ? join(dir, name) : std::string();
  }

  // Versions 2 to 4: directories, then files counted from 1.
  Status entry4(ByteReader& in, u64 file, std::string_view* name, std::string_view* dir) const {
    std::vector<std::string_view> dirs;
    std::string_view text;
    for (;;) {
      TRY(readCString(in, &text));
      if (text.empty()) break;
      dirs.push_back(text);
    }
    u64 dirIndex = 0;
    u64 unused = 0;
    for (u64 i = 1;; ++i) {
      TRY(readCString(in, &text));
      if (text.empty()) return {};
      TRY(in.lebU64(&dirIndex));
      TRY(in.lebU64(&unused));
      TRY(in.lebU64(&unused));
      if (i != file) continue;
      *name = text;
      if (dirIndex > 0 && dirIndex <= dirs.size()) *dir = dirs[static_cast<size_t>(dirIndex - 1)];
      return {};
    }
  }

  // Version 5: both tables describe their own format; files and directories count from 0.
  Status entry5(ByteReader& in, u64 file, std::string_view* name, std::string_view* dir) const {
    ByteReader dirs = in;
    u64 unused = 0;
    std::string_view ignored;
    TRY(table5(in, ~u64{0}, &ignored, &unused));  // skip the directories
    u64 dirIndex = 0;
    TRY(table5(in, file, name, &dirIndex));
    return table5(dirs, dirIndex, dir, &unused);
  }

  // Reads one table, keeping entry `wanted`; stops behind it when it is found.
  Status table5(ByteReader& in, u64 wanted, std::string_view* path, u64* directory) const {
    u8 formatCount = 0;
    TRY(in.byte(&formatCount));
    ByteReader formats = in;
    u64 type = 0;
    u64 form = 0;
    for (u32 i = 0; i < formatCount; ++i) {
      TRY(in.lebU64(&type));
      TRY(in.lebU64(&form));
    }
    u64 count = 0;
    TRY(in.lebU64(&count));
    if (formatCount == 0) return {};
    for (u64 i = 0; i < count; ++i) {
      const u8* start = in.pos();
      ByteReader format = formats;
      for (u32 k = 0; k < formatCount; ++k) {
        std::string_view text;
        u64 number = 0;
        TRY(format.lebU64(&type));
        TRY(format.lebU64(&form));
        TRY(value(in, form, &text, &number));
        if (i != wanted) continue;
        if (type == kContentPath) *path = text;
        if (type == kContentDirectory) *directory = number;
      }
      if (i == wanted || in.pos() == start) return {};
    }
    return {};
  }

  Status value(ByteReader& in, u64 form, std::string_view* text, u64* number) const {
    u8 n1 = 0;
    u16 n2 = 0;
    u32 n4 = 0;
    switch (form) {
      case kString: return readCString(in, text);
      case kStrp:
      case kLineStrp:
        TRY(offset(in, number));
        *text = stringAt(form == kStrp ? str_ : lineStr_, *number);
        return {};
      case kUdata: return in.lebU64(number);
      case kData1:
        TRY(in.fixed(&n1));
        *number = n1;
        return {};
      case kData2:
        TRY(in.fixed(&n2));
        *number = n2;
        return {};
      case kData4:
        TRY(in.fixed(&n4));
        *number = n4;
        return {};
      case kData8: return in.fixed(number);
      case kData16: return in.skip(16);
      case kBlock: TRY(in.lebU64(number)); return in.skip(*number);
      default: return in.malformed("unknown form");
    }
  }

  std::span<const u8> str_;
  std::span<const u8> lineStr_;
  std::vector<Target>& targets_;
  std::vector<SourceLine>& results_;
  ByteReader header_;  // at the directory table once run() starts
  std::span<const u8> operandCounts_;
  Row row_;
  Row before_;
  Row lined_;  // last row of the sequence with a line
  u16 version_ = 0;
  u8 minInstruction_ = 1;
  u8 lineRange_ = 1;
  u8 opcodeBase_ = 1;
  i8 lineBase_ = 0;
  bool is64_ = false;
  bool inSequence_ = false;
  bool live_ = false;
};

}  // namespace

std::vector<SourceLine> resolveLines(const Module& m, std::span<const u64> fileOffsets) {
  std::vector<SourceLine> results(fileOffsets.size());
  std::vector<Target> targets;
  targets.reserve(fileOffsets.size());
  for (u64 offset : fileOffsets) {
    bool inCode = offset >= m.codeOffset && offset - m.codeOffset < m.codeSize;
    targets.push_back({inCode ? offset - m.codeOffset : 0, !inCode});
  }
  Diagnostics ignored;
  ByteReader in(customSection(m, ".debug_line"), 0, &ignored);
  std::span<const u8> str = customSection(m, ".debug_str");
  std::span<const u8> lineStr = customSection(m, ".debug_line_str");
  while (!in.atEnd()) {
    u32 length32 = 0;
    if (!in.fixed(&length32).ok()) break;
    u64 length = length32;
    bool is64 = length32 == 0xffffffffu;
    if (is64 && !in.fixed(&length).ok()) break;
    ByteReader unit;
    if (!in.sub(length, &unit).ok()) break;
    // An ill-formed unit ends where its length says.
    if (!LineUnit(str, lineStr, targets, results).read(unit, is64).ok()) continue;
  }
  return results;
}

}  // namespace bls
