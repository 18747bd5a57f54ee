// Name section reader; see names.h.
#include "engine/module/names.h"

#include <algorithm>

#include "engine/base/byte_reader.h"

namespace bls {
namespace {

constexpr u8 kModuleSubsection = 0, kFunctionSubsection = 1;

Status readName(ByteReader& in, std::string_view* out) {
  u32 length = 0;
  std::span<const u8> bytes;
  TRY(in.lebU32(&length));
  TRY(in.bytes(length, &bytes));
  if (!isValidUtf8(bytes)) return in.malformed("malformed UTF-8 encoding");
  *out = {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  return {};
}

}  // namespace

FuncNames::FuncNames(const Module& m) : m_(m) {
  for (const CustomSection& section : m.customs) {
    if (section.name != "name") continue;
    Diagnostics ignored;
    ByteReader in(m.bytes.span().subspan(section.offset, section.size), section.offset, &ignored);
    u8 id = 0;
    u32 size = 0;
    ByteReader part;
    while (!in.atEnd() && in.byte(&id).ok() && in.lebU32(&size).ok() && in.sub(size, &part).ok()) {
      if (id == kModuleSubsection && !readName(part, &moduleName_).ok()) break;
      if (id == kFunctionSubsection) readFunctions(part);
    }
    break;  // the first one counts
  }
  std::stable_sort(entries_.begin(), entries_.end(),
                   [](const Entry& a, const Entry& b) { return a.func < b.func; });
}

void FuncNames::readFunctions(ByteReader& in) {
  u32 count = 0;
  if (!in.lebU32(&count).ok()) return;
  entries_.reserve(std::min<size_t>(count, in.left() / 2));
  for (u32 i = 0; i < count; ++i) {
    Entry entry{};
    if (!in.lebU32(&entry.func).ok() || !readName(in, &entry.name).ok()) return;
    entries_.push_back(entry);
  }
}

std::string_view FuncNames::find(u32 funcIndex) const {
  auto it = std::lower_bound(entries_.begin(), entries_.end(), funcIndex,
                             [](const Entry& entry, u32 func) { return entry.func < func; });
  return it != entries_.end() && it->func == funcIndex ? it->name : std::string_view();
}

std::string FuncNames::display(u32 funcIndex) const {
  std::string_view name = find(funcIndex);
  if (!name.empty()) return escapeForMessage(name.data(), name.size());
  for (const ExportDecl& e : m_.exports) {
    if (e.kind == ExternKind::Func && e.index == funcIndex)
      return escapeForMessage(e.name.data(), e.name.size());
  }
  for (const ImportDecl& import : m_.imports) {
    if (import.kind != ExternKind::Func || import.index != funcIndex) continue;
    return escapeForMessage(import.module.data(), import.module.size(), 128) + "." +
           escapeForMessage(import.name.data(), import.name.size(), 128);
  }
  return {};
}

}  // namespace bls
