// Module: everything a binary declares, immutable after decoding. Entry point: Module; made by
// decode/module_decoder.h.
//
// The module owns its bytes; names, bodies and segment contents are views or offsets into them.
// Index spaces hold imports first. Nothing here is validated until validate/module_validator.h has
// accepted it. Safe to share between threads. Spec: syntax/modules.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "engine/base/index.h"
#include "engine/wasm/features.h"
#include "engine/wasm/types.h"

namespace bls {

/// The bytes of a module and how to give them back. Move-only.
class ModuleBytes {
 public:
  using FreeFn = void (*)(void* context, const u8* data, size_t size);
  ModuleBytes() = default;
  ModuleBytes(const u8* data, size_t size, FreeFn freeFn, void* context)
      : data_(data), size_(size), free_(freeFn), context_(context) {}
  /// Takes a private copy.
  static ModuleBytes copyOf(std::span<const u8> bytes);
  ModuleBytes(ModuleBytes&& other) noexcept { *this = std::move(other); }
  ModuleBytes& operator=(ModuleBytes&& other) noexcept;
  ModuleBytes(const ModuleBytes&) = delete;
  ModuleBytes& operator=(const ModuleBytes&) = delete;
  ~ModuleBytes();
  std::span<const u8> span() const { return {data_, size_}; }

 private:
  const u8* data_ = nullptr;
  size_t size_ = 0;
  FreeFn free_ = nullptr;
  void* context_ = nullptr;
};

enum class ExternKind : u8 { Func = 0, Table = 1, Memory = 2, Global = 3, Tag = 4 };
/// "function", "table", …
const char* externKindName(ExternKind kind);

/// A constant expression: its bytes (with the final `end`) and, when it is one plain instruction,
/// its value.
struct ConstExpr {
  enum class Kind : u8 { Value, RefNull, RefFunc, GlobalGet, Program };
  Kind kind = Kind::Program;
  u64 value = 0;   // Value: bits of i32/i64/f32/f64; RefFunc, GlobalGet: index
  u32 offset = 0;  // file offset of the first instruction
  u32 size = 0;    // bytes, including `end`
};

struct ImportDecl {
  std::string_view module;
  std::string_view name;
  ExternKind kind = ExternKind::Func;
  u32 index = 0;   // in the index space of its kind, where the type is found
  u32 offset = 0;  // file offset of the entry
};
struct ExportDecl {
  std::string_view name;
  ExternKind kind = ExternKind::Func;
  u32 index = 0;
  u32 offset = 0;  // file offset of the entry
};
struct FuncDecl {
  u32 type = 0;        // type index
  u32 bodyOffset = 0;  // file offset of the local declarations; 0 for imports
  u32 bodySize = 0;    // bytes from there to the end of the body
};
struct TableDecl {
  TableType type;
  bool hasInit = false;
  u32 offset = 0;  // file offset of the entry
  ConstExpr init;
};
struct GlobalDecl {
  GlobalType type;
  ConstExpr init;  // unused for imports
  u32 offset = 0;  // file offset of the entry
};
struct TagDecl {
  u32 type = 0;    // type index of a function type
  u32 offset = 0;  // file offset of the entry
};
enum class SegmentMode : u8 { Active, Passive, Declarative };
struct ElemDecl {
  SegmentMode mode = SegmentMode::Passive;
  u32 table = 0;
  ConstExpr offset;  // Active
  ValType type = ValType::funcref();
  bool isExprs = false;  // true: `exprs`; false: `funcs`
  std::vector<u32> funcs;
  std::vector<ConstExpr> exprs;
  u32 fileOffset = 0;
  u32 count() const { return static_cast<u32>(isExprs ? exprs.size() : funcs.size()); }
};
struct DataDecl {
  SegmentMode mode = SegmentMode::Passive;
  u32 memory = 0;
  ConstExpr offset;     // Active
  u32 bytesOffset = 0;  // file offset of the content
  u32 bytesSize = 0;
  u32 fileOffset = 0;
};
struct CustomSection {
  std::string_view name;
  u32 offset = 0;  // file offset of the content behind the name
  u32 size = 0;
};
/// A section as it stands in the file, for inspect and dumpers.
struct SectionInfo {
  u8 id = 0;
  u32 offset = 0;  // file offset of the payload
  u32 size = 0;
};

struct Module {
  ModuleBytes bytes;
  Features features;  // switches it was decoded with
  IndexVector<TypeIndex, SubType> types;
  std::vector<u32>
      canonTypes;  // type index → canonical id (module/type_canon.h); by the decoder; kNoCanonType
                   // from the first group on that refers to a type that does not exist
  std::vector<u32> typeOffsets;  // type index → file offset of the entry
  std::vector<u32>
      funcTypeOffsets;             // defined functions: file offset of the function section's entry
  std::vector<u32> memoryOffsets;  // memory index → file offset of the entry
  std::vector<ImportDecl> imports;
  IndexVector<FuncIndex, FuncDecl> funcs;
  IndexVector<TableIndex, TableDecl> tables;
  IndexVector<MemoryIndex, MemoryType> memories;
  IndexVector<GlobalIndex, GlobalDecl> globals;
  IndexVector<TagIndex, TagDecl> tags;
  std::vector<ExportDecl> exports;
  IndexVector<ElemIndex, ElemDecl> elems;
  IndexVector<DataIndex, DataDecl> datas;
  std::vector<CustomSection> customs;
  std::vector<SectionInfo> sections;
  u32 importedFuncs = 0, importedTables = 0, importedMemories = 0, importedGlobals = 0,
      importedTags = 0;
  u32 startFunc = kNoFunc32;
  u32 startOffset = 0;  // file offset of the start section's payload
  bool hasDataCount = false;
  u32 dataCount = 0;
  u32 codeOffset = 0;  // file offset of the code section's payload (DWARF address 0)
  u32 codeSize = 0;
  // First thing that is well-formed but has no place in this model because no valid module has it
  // (two supertypes, page size 2^3): the validator reports it. Null when there is none.
  const char* deferredInvalid = nullptr;
  const char* deferredSection = nullptr;
  u32 deferredOffset = 0;

  static constexpr u32 kNoFunc32 = ~u32{0};

  const SubType& type(u32 typeIndex) const { return types[TypeIndex{typeIndex}]; }
  const FuncType& funcTypeOf(u32 funcIndex) const {
    return types[TypeIndex{funcs[FuncIndex{funcIndex}].type}].func;
  }
  /// The body of a defined function, from its local declarations to its final `end`.
  std::span<const u8> body(const FuncDecl& f) const {
    return bytes.span().subspan(f.bodyOffset, f.bodySize);
  }
  std::span<const u8> content(const DataDecl& d) const {
    return bytes.span().subspan(d.bytesOffset, d.bytesSize);
  }
  /// First export with this name, null when there is none. Linear.
  const ExportDecl* findExport(std::string_view name) const;
};

}  // namespace bls
