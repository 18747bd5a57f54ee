// Encoder of the name section.
#include "engine/encode/name_writer.h"

namespace bls {
namespace {

void writeAssoc(ByteWriter& out, const NameAssoc& names) {
  out.lebU64(names.size());
  for (const NameEntry& entry : names) {
    out.lebU32(entry.index);
    out.name(entry.name);
  }
}

void subsection(ByteWriter& out, u8 id, const ByteWriter& body) {
  out.byte(id);
  out.sized(body.span());
}

void direct(ByteWriter& out, u8 id, const NameAssoc& names) {
  if (names.empty()) return;
  ByteWriter body;
  writeAssoc(body, names);
  subsection(out, id, body);
}

void indirect(ByteWriter& out, u8 id, const std::vector<IndirectNames>& maps) {
  if (maps.empty()) return;
  ByteWriter body;
  body.lebU64(maps.size());
  for (const IndirectNames& map : maps) {
    body.lebU32(map.index);
    writeAssoc(body, map.names);
  }
  subsection(out, id, body);
}

}  // namespace

bool NameSection::empty() const {
  return !hasModule && funcs.empty() && types.empty() && tables.empty() && memories.empty() &&
         globals.empty() && elems.empty() && datas.empty() && tags.empty() && locals.empty() &&
         fields.empty();
}

std::vector<u8> NameSection::encode() const {
  ByteWriter out;
  if (hasModule) {
    ByteWriter body;
    body.name(module);
    subsection(out, 0, body);
  }
  direct(out, 1, funcs);
  indirect(out, 2, locals);
  direct(out, 4, types);
  direct(out, 5, tables);
  direct(out, 6, memories);
  direct(out, 7, globals);
  direct(out, 8, elems);
  direct(out, 9, datas);
  indirect(out, 10, fields);
  direct(out, 11, tags);
  return out.take();
}

}  // namespace bls
