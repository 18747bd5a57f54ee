// Byte ownership and small look-ups of Module.
#include "engine/module/module.h"

#include <cstdlib>

namespace bls {

ModuleBytes ModuleBytes::copyOf(std::span<const u8> bytes) {
  u8* copy = new u8[bytes.size() + 1];
  if (!bytes.empty()) std::memcpy(copy, bytes.data(), bytes.size());
  return ModuleBytes(
      copy, bytes.size(), [](void*, const u8* data, size_t) { delete[] data; }, nullptr);
}

ModuleBytes& ModuleBytes::operator=(ModuleBytes&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  std::swap(free_, other.free_);
  std::swap(context_, other.context_);
  return *this;
}

ModuleBytes::~ModuleBytes() {
  if (free_ != nullptr) free_(context_, data_, size_);
}

const char* externKindName(ExternKind kind) {
  switch (kind) {
    case ExternKind::Func: return "function";
    case ExternKind::Table: return "table";
    case ExternKind::Memory: return "memory";
    case ExternKind::Global: return "global";
    case ExternKind::Tag: return "tag";
  }
  return "?";
}

const ExportDecl* Module::findExport(std::string_view name) const {
  for (const ExportDecl& e : exports) {
    if (e.name == name) return &e;
  }
  return nullptr;
}

}  // namespace bls
