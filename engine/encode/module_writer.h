// ModuleWriter: puts sections together into a binary module, in the order the format wants.
//
// Entry points: section(id) gives a section's entry count and bytes to append to; custom() adds a
// custom section at a place; finish() makes the module. Sections without entries are left out.
// Nothing is checked: the result goes through decodeModule like any other bytes. Spec:
// binary/modules.
#pragma once

#include <string>

#include "engine/encode/byte_writer.h"

namespace bls {

enum class SectionId : u8 {
  Custom = 0,
  Type = 1,
  Import = 2,
  Function = 3,
  Table = 4,
  Memory = 5,
  Global = 6,
  Export = 7,
  Start = 8,
  Element = 9,
  Code = 10,
  Data = 11,
  DataCount = 12,
  Tag = 13,
};
constexpr u32 kSectionIds = 14;

/// The sections in file order, custom sections apart.
inline constexpr SectionId kSectionOrder[] = {
    SectionId::Type,   SectionId::Import,  SectionId::Function,  SectionId::Table,
    SectionId::Memory, SectionId::Tag,     SectionId::Global,    SectionId::Export,
    SectionId::Start,  SectionId::Element, SectionId::DataCount, SectionId::Code,
    SectionId::Data};
/// "type", "func", … as the text format's @custom annotation names them.
const char* sectionWord(SectionId id);

class ModuleWriter {
 public:
  struct Section {
    u32 count = 0;
    ByteWriter body;  // the entries; for Start and DataCount the only number
  };
  Section& section(SectionId id) { return sections_[static_cast<u32>(id)]; }

  /// Where a custom section stands. Several at one place keep the order they were added in, those
  /// behind a section before those in front of the next.
  struct Place {
    bool after = true;
    bool edge = true;                       // before the first or after the last section
    SectionId section = SectionId::Custom;  // when not `edge`
  };
  void custom(const Place& place, std::string_view name, std::vector<u8> content);

  std::vector<u8> finish();

 private:
  struct Custom {
    Place place;
    std::string name;
    std::vector<u8> content;
  };
  void writeCustoms(ByteWriter& out, bool after, bool edge, SectionId section) const;

  Section sections_[kSectionIds];
  std::vector<Custom> customs_;
};

}  // namespace bls
