// Assembly of a module's sections.
#include "engine/encode/module_writer.h"

namespace bls {

const char* sectionWord(SectionId id) {
  static constexpr const char* kWords[kSectionIds] = {
      "custom", "type",  "import", "func", "table", "memory",    "global",
      "export", "start", "elem",   "code", "data",  "datacount", "tag"};
  return kWords[static_cast<u32>(id)];
}

void ModuleWriter::custom(const Place& place, std::string_view name, std::vector<u8> content) {
  customs_.push_back({place, std::string(name), std::move(content)});
}

void ModuleWriter::writeCustoms(ByteWriter& out, bool after, bool edge, SectionId section) const {
  for (const Custom& custom : customs_) {
    if (custom.place.after != after || custom.place.edge != edge) continue;
    if (!edge && custom.place.section != section) continue;
    ByteWriter body;
    body.name(custom.name);
    body.append(custom.content);
    out.byte(0);
    out.sized(body.span());
  }
}

std::vector<u8> ModuleWriter::finish() {
  ByteWriter out;
  static constexpr u8 kHeader[8] = {0, 'a', 's', 'm', 1, 0, 0, 0};
  out.append(kHeader);
  writeCustoms(out, false, true, SectionId::Custom);
  for (SectionId id : kSectionOrder) {
    writeCustoms(out, false, false, id);
    Section& from = section(id);
    bool bare = id == SectionId::Start || id == SectionId::DataCount;
    if (from.count != 0) {
      out.byte(static_cast<u8>(id));
      ByteWriter count;
      if (!bare) count.lebU32(from.count);
      out.lebU64(count.size() + from.body.size());
      out.append(count.span());
      out.append(from.body.span());
      from.body = ByteWriter();  // large modules: one copy is enough
    }
    writeCustoms(out, true, false, id);
  }
  writeCustoms(out, true, true, SectionId::Custom);
  return out.take();
}

}  // namespace bls
