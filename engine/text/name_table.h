// NameTable: symbolic names for printing a module: from its name section, made unique, spelled as
// ids.
//
// Entry points: NameTable(module), id(space, index), local, field, given. An id that had to differ
// from the name it stands for comes with the name itself, for a @name annotation. A section that
// printing these names would not reproduce byte for byte is to be printed as it is: see
// reproducesSection. Names are guest text: the ids are escaped. Spec: appendix/custom, name
// section; text/values, identifiers.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "engine/encode/name_writer.h"
#include "engine/module/module.h"

namespace bls::text {

enum class Space : u8;

struct PrintedName {
  std::string id;     // with $, empty: none
  std::string given;  // the real name, when `id` spells another; else empty
};

class NameTable {
 public:
  explicit NameTable(const Module& m);

  const PrintedName& id(Space space, u32 index) const;
  const PrintedName& local(u32 func, u32 index) const;
  const PrintedName& field(u32 type, u32 index) const;
  const PrintedName& module() const { return module_; }
  /// True when the text parser would write the same name section, at the same place.
  bool reproducesSection() const { return reproduces_; }

 private:
  using ById = std::vector<PrintedName>;
  void spell(const NameAssoc& names, u32 count, ById* out);
  static void spellInner(const std::vector<IndirectNames>& maps,
                         std::unordered_map<u32, ById>* out);

  PrintedName module_;
  ById spaces_[8];
  std::unordered_map<u32, ById> locals_;
  std::unordered_map<u32, ById> fields_;
  bool reproduces_ = true;
};

/// True for a section the text format brings back: custom sections and sections without entries are
/// not.
bool isKeptSection(const Module& m, const SectionInfo& info);

/// The name section of `m`, ill-formed parts and entries for things that do not exist left out.
NameSection readNames(const Module& m);

/// `"…"` with everything outside printable ASCII escaped; UTF-8 in names stays as it is when
/// `utf8`.
void appendQuoted(std::string_view bytes, bool utf8, std::string* out);

}  // namespace bls::text
