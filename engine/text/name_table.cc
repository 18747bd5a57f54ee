// Reading the name section and spelling ids.
#include "engine/text/name_table.h"

#include <algorithm>
#include <unordered_set>

#include "engine/base/byte_reader.h"
#include "engine/decode/type_reader.h"
#include "engine/text/module_parser.h"

namespace bls::text {
namespace {

class Reader {
 public:
  explicit Reader(const Module& m) : m_(m) {}

  NameSection read(const CustomSection& section) {
    ByteReader in(m_.bytes.span().subspan(section.offset, section.size), section.offset, &diag_);
    while (!in.atEnd()) {
      u8 id = 0;
      u32 size = 0;
      ByteReader body;
      if (!in.byte(&id).ok() || !in.lebU32(&size).ok() || !in.sub(size, &body).ok()) break;
      if (!subsection(id, body).ok()) break;
    }
    return std::move(out_);
  }

 private:
  // Parameters and locals of a defined function; 0 for imports, whose locals have no place in text.
  u64 localsOf(u32 func) {
    if (func < m_.importedFuncs) return 0;
    const FuncDecl& decl = m_.funcs[FuncIndex{func}];
    u64 count = m_.type(decl.type).func.params.size();
    ByteReader in(m_.body(decl), decl.bodyOffset, &diag_);
    u32 groups = 0;
    if (!in.lebU32(&groups).ok()) return count;
    for (u32 i = 0; i < groups; ++i) {
      u32 size = 0;
      ValType type;
      if (!in.lebU32(&size).ok() || !readValType(in, m_.features, &type).ok()) return count;
      count += size;
    }
    return count;
  }
  Status name(ByteReader& in, std::string* out) {
    u32 size = 0;
    std::span<const u8> bytes;
    TRY(in.lebU32(&size));
    TRY(in.bytes(size, &bytes));
    if (!isValidUtf8(bytes)) return in.malformed("malformed UTF-8 encoding");
    out->assign(bytes.begin(), bytes.end());
    return {};
  }
  // Entries out of order, of things that do not exist, or empty are passed over.
  Status assoc(ByteReader& in, u64 limit, NameAssoc* out) {
    u32 count = 0;
    TRY(in.lebU32(&count));
    for (u32 i = 0; i < count; ++i) {
      NameEntry entry;
      TRY(in.lebU32(&entry.index));
      TRY(name(in, &entry.name));
      bool ordered = out->empty() || out->back().index < entry.index;
      if (entry.index < limit && ordered && !entry.name.empty()) out->push_back(std::move(entry));
    }
    return {};
  }
  template <class Limit>
  Status indirect(ByteReader& in, u32 outers, Limit limit, std::vector<IndirectNames>* out) {
    u32 count = 0;
    TRY(in.lebU32(&count));
    for (u32 i = 0; i < count; ++i) {
      IndirectNames map;
      TRY(in.lebU32(&map.index));
      bool usable = map.index < outers && (out->empty() || out->back().index < map.index);
      TRY(assoc(in, usable ? limit(map.index) : 0, &map.names));
      if (usable && !map.names.empty()) out->push_back(std::move(map));
    }
    return {};
  }
  Status subsection(u8 id, ByteReader& in) {
    auto size = [](const auto& space) { return static_cast<u64>(space.size()); };
    switch (id) {
      case 0:
        TRY(name(in, &out_.module));
        out_.hasModule = !out_.module.empty();
        return {};
      case 1: return assoc(in, size(m_.funcs), &out_.funcs);
      case 2:
        return indirect(
            in, static_cast<u32>(m_.funcs.size()), [&](u32 func) { return localsOf(func); },
            &out_.locals);
      case 4: return assoc(in, size(m_.types), &out_.types);
      case 5: return assoc(in, size(m_.tables), &out_.tables);
      case 6: return assoc(in, size(m_.memories), &out_.memories);
      case 7: return assoc(in, size(m_.globals), &out_.globals);
      case 8: return assoc(in, size(m_.elems), &out_.elems);
      case 9: return assoc(in, size(m_.datas), &out_.datas);
      case 10:
        return indirect(
            in, static_cast<u32>(m_.types.size()),
            [&](u32 type) -> u64 {
              const SubType& t = m_.type(type);
              return t.kind == CompKind::Struct ? t.fields.size() : 0;
            },
            &out_.fields);
      case 11: return assoc(in, size(m_.tags), &out_.tags);
      default: return {};
    }
  }

  const Module& m_;
  Diagnostics diag_;
  NameSection out_;
};

const CustomSection* nameSectionOf(const Module& m) {
  for (const CustomSection& custom : m.customs) {
    if (custom.name == "name") return &custom;
  }
  return nullptr;
}

// True when only the last non-custom section stands in front of it, and no other `name` exists.
bool standsBehindData(const Module& m, const CustomSection& names) {
  u32 sections = 0;
  for (const CustomSection& custom : m.customs) sections += custom.name == "name" ? 1 : 0;
  if (sections != 1) return false;
  // Our own place for it: directly behind the last section that is no custom section.
  const SectionInfo* previous = nullptr;
  bool seen = false;
  for (const SectionInfo& info : m.sections) {
    if (seen && isKeptSection(m, info)) return false;
    bool here =
        info.id == 0 && names.offset >= info.offset && names.offset <= info.offset + info.size;
    if (here) {
      if (previous != nullptr && previous->id == 0) return false;
      seen = true;
    }
    previous = &info;
  }
  return seen;
}

bool isPlainId(std::string_view name) {
  for (char c : name) {
    u8 b = static_cast<u8>(c);
    bool plain =
        b > 0x20 && b < 0x7f && std::string_view("\"(),;[]{}").find(c) == std::string_view::npos;
    if (!plain) return false;
  }
  return !name.empty();
}

std::string spelled(std::string_view name) {
  std::string id = "$";
  if (isPlainId(name)) {
    id += name;
  } else {
    appendQuoted(name, true, &id);
  }
  return id;
}

const PrintedName kNone;

const PrintedName& at(const std::vector<PrintedName>& names, u32 index) {
  return index < names.size() ? names[index] : kNone;
}

std::vector<PrintedName> spellUnique(const NameAssoc& names) {
  std::vector<PrintedName> out;
  std::unordered_set<std::string> taken;
  std::unordered_map<std::string, u32> next;
  for (const NameEntry& entry : names) taken.insert(entry.name);
  std::unordered_set<std::string> used;
  for (const NameEntry& entry : names) {
    if (entry.index >= out.size()) out.resize(entry.index + 1);
    PrintedName& made = out[entry.index];
    if (used.insert(entry.name).second) {
      made.id = spelled(entry.name);
      continue;
    }
    std::string other;
    do {
      other = entry.name + "." + std::to_string(++next[entry.name]);
    } while (!taken.insert(other).second);
    made.id = spelled(other);
    made.given = entry.name;
  }
  return out;
}

}  // namespace

bool isKeptSection(const Module& m, const SectionInfo& info) {
  if (info.id == 0) return false;
  bool isNumber = info.id == static_cast<u8>(SectionId::Start) ||
                  info.id == static_cast<u8>(SectionId::DataCount);
  return isNumber || info.size != 1 || m.bytes.span()[info.offset] != 0;
}

NameSection readNames(const Module& m) {
  const CustomSection* section = nameSectionOf(m);
  return section == nullptr ? NameSection() : Reader(m).read(*section);
}

NameTable::NameTable(const Module& m) {
  const CustomSection* section = nameSectionOf(m);
  if (section == nullptr) return;
  NameSection names = Reader(m).read(*section);
  std::vector<u8> again = names.encode();
  std::span<const u8> bytes = m.bytes.span().subspan(section->offset, section->size);
  reproduces_ = !names.empty() &&
                std::equal(again.begin(), again.end(), bytes.begin(), bytes.end()) &&
                standsBehindData(m, *section);
  if (names.hasModule) module_.id = spelled(names.module);
  const NameAssoc* spaces[8] = {&names.types,   &names.funcs, &names.tables, &names.memories,
                                &names.globals, &names.tags,  &names.elems,  &names.datas};
  for (u32 i = 0; i < 8; ++i) spaces_[i] = spellUnique(*spaces[i]);
  for (const IndirectNames& map : names.locals) locals_[map.index] = spellUnique(map.names);
  for (const IndirectNames& map : names.fields) fields_[map.index] = spellUnique(map.names);
}

const PrintedName& NameTable::id(Space space, u32 index) const {
  return at(spaces_[static_cast<u32>(space)], index);
}
const PrintedName& NameTable::local(u32 func, u32 index) const {
  auto found = locals_.find(func);
  return found == locals_.end() ? kNone : at(found->second, index);
}
const PrintedName& NameTable::field(u32 type, u32 index) const {
  auto found = fields_.find(type);
  return found == fields_.end() ? kNone : at(found->second, index);
}

void appendQuoted(std::string_view bytes, bool utf8, std::string* out) {
  static constexpr char kHex[] = "0123456789abcdef";
  auto plain = [utf8](char c) {
    u8 b = static_cast<u8>(c);
    return (b >= 0x20 && b < 0x7f && c != '"' && c != '\\') || (utf8 && b >= 0x80);
  };
  out->push_back('"');
  // Runs of either kind, written through a buffer: data segments are mostly escapes.
  char buffer[768];
  for (size_t at = 0; at < bytes.size();) {
    size_t end = at;
    while (end < bytes.size() && plain(bytes[end])) ++end;
    out->append(bytes.substr(at, end - at));
    size_t used = 0;
    for (at = end; at < bytes.size() && used + 3 <= sizeof buffer && !plain(bytes[at]); ++at) {
      u8 b = static_cast<u8>(bytes[at]);
      buffer[used++] = '\\';
      buffer[used++] = kHex[b >> 4];
      buffer[used++] = kHex[b & 15];
    }
    out->append(buffer, used);
  }
  out->push_back('"');
}

}  // namespace bls::text
