// SectionReader: what all section decoders share: the module being made, counts under limits,
// names, limits records. Internal to engine/decode. Spec: binary/values (vectors, names),
// binary/types.
#pragma once

#include "engine/base/byte_reader.h"
#include "engine/decode/type_reader.h"
#include "engine/module/module.h"

namespace bls {

/// Whether this is the first error of a module depends on the sections that follow.
inline constexpr char kCodeCountMessage[] = "function and code section have inconsistent lengths";

class SectionReader {
 public:
  SectionReader(Module& module, ByteReader& file)
      : m(module), in(file), features(module.features) {}

  Module& m;
  ByteReader in;  // over the section's payload
  Features features;

  /// Section decoders; each consumes what it knows and leaves the exact-size check to the caller.
  Status types();
  Status imports();
  Status functions();
  Status tables();
  Status memories();
  Status tags();
  Status globals();
  Status exports();
  Status start();
  Status elements();
  Status dataCount();
  Status code();
  Status data();
  Status custom();

 private:
  /// A number of bytes, or of elements of at least a byte each, that are left in the section.
  Status length(u32* out);
  /// A vector's length: at most what is left (each element takes at least a byte) and `max` minus
  /// `already`.
  Status count(const char* item, u64 max, u64 already, u32* out);
  /// How many elements to reserve for: never more than the bytes left can hold.
  u32 reserveFor(u32 n, u32 minBytes) const;
  Status name(std::string_view* out);
  Status limits(bool isMemory, Limits* out, u8* pageLog2);
  Status tableType(TableType* out);
  Status memoryType(MemoryType* out);
  Status globalType(GlobalType* out);
  Status tagType(TagDecl* out);
  Status import();
  Status recGroup();
  Status subType(u32 groupStart, u32 groupSize);
  Status compType(SubType* out);
  Status funcType(FuncType* out);
  Status field(FieldType* out);
  Status table();
  Status element();
  Status dataSegment();
  Status valTypes(const char* item, u32 max, std::vector<ValType>* out);
  Status malformed(const char* text, u64 at) {
    return in.diag().fail(ErrorClass::Malformed, text, at);
  }
  Status need(Feature feature, const char* text, u64 at);
  /// Notes something invalid that Module cannot hold.
  void defer(const char* section, const char* text, u64 at);
};

}  // namespace bls
