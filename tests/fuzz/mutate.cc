// The edits of Mutator. Each is small; the mix is chosen so that a good share of inputs gets past
// the section decoder.
#include "tests/fuzz/mutate.h"

#include <algorithm>

#include "engine/wasm/opcodes.h"

namespace bls::test {
namespace {

struct Section {
  u8 id;
  Bytes content;
};

bool readU32(const Bytes& in, size_t* at, u32* out) {
  u64 value = 0;
  for (int shift = 0; shift < 35 && *at < in.size(); shift += 7) {
    u8 byte = in[(*at)++];
    value |= static_cast<u64>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) {
      *out = static_cast<u32>(value);
      return true;
    }
  }
  return false;
}

// Splits a module into sections; false when it is already too damaged.
bool split(const Bytes& module, std::vector<Section>* out) {
  size_t at = 8;
  while (at < module.size()) {
    u8 id = module[at++];
    u32 size = 0;
    if (!readU32(module, &at, &size) || size > module.size() - at) return false;
    auto begin = module.begin() + static_cast<std::ptrdiff_t>(at);
    out->push_back({id, Bytes(begin, begin + static_cast<std::ptrdiff_t>(size))});
    at += size;
  }
  return module.size() >= 8;
}

Bytes join(const Bytes& original, const std::vector<Section>& sections) {
  Bytes out(original.begin(), original.begin() + 8);
  for (const Section& s : sections) putSection(out, s.id, s.content);
  return out;
}

Section* findSection(std::vector<Section>& sections, u8 id) {
  auto it =
      std::find_if(sections.begin(), sections.end(), [&](const Section& s) { return s.id == id; });
  return it == sections.end() ? nullptr : &*it;
}

// Splits a vector of sized entries (the code section) into its entries.
bool splitBodies(const Bytes& content, std::vector<Bytes>* out) {
  size_t at = 0;
  u32 count = 0;
  if (!readU32(content, &at, &count)) return false;
  for (u32 i = 0; i < count; ++i) {
    u32 size = 0;
    if (!readU32(content, &at, &size) || size > content.size() - at) return false;
    auto begin = content.begin() + static_cast<std::ptrdiff_t>(at);
    out->push_back(Bytes(begin, begin + static_cast<std::ptrdiff_t>(size)));
    at += size;
  }
  return true;
}

Bytes joinBodies(const std::vector<Bytes>& bodies) {
  Bytes out;
  putU32(out, bodies.size());
  for (const Bytes& b : bodies) {
    putU32(out, b.size());
    out.insert(out.end(), b.begin(), b.end());
  }
  return out;
}

// Replaces one plain one-byte instruction by another of the same signature.
void swapInstruction(Bytes& body, Random& random) {
  for (int attempt = 0; attempt < 12; ++attempt) {
    size_t at = random.below(body.size());
    u16 index = lookupOp(0, body[at]);
    if (index == kNoOp) continue;
    const OpInfo& info = kOpInfo[index];
    if (info.special || info.imm != ImmKind::None) continue;
    for (int tries = 0; tries < 60; ++tries) {
      const OpInfo& other = kOpInfo[random.below(kOpCount)];
      bool same = !other.special && other.prefix == 0 && other.imm == ImmKind::None &&
                  other.paramCount == info.paramCount && other.resultCount == info.resultCount &&
                  std::equal(info.params, info.params + 4, other.params) &&
                  std::equal(info.results, info.results + 2, other.results);
      if (same) {
        body[at] = static_cast<u8>(other.code);
        return;
      }
    }
  }
}

// Wraps the instructions of a body (after its local declarations) in a construct that keeps it
// valid.
void wrapBody(Bytes& body, Random& random) {
  size_t at = 0;
  u32 groups = 0;
  if (!readU32(body, &at, &groups)) return;
  for (u32 i = 0; i < groups; ++i) {
    u32 count = 0;
    if (!readU32(body, &at, &count) || at >= body.size()) return;
    if (body[at] == 0x63 || body[at] == 0x64) ++at;
    ++at;
  }
  if (at >= body.size()) return;
  static const Bytes kPrefixes[] = {{0x01},
                                    {0x02, 0x40, 0x0b},
                                    {0x41, 0x2a, 0x1a},
                                    {0x03, 0x40, 0x0b},
                                    {0x41, 0x00, 0x04, 0x40, 0x05, 0x0b},
                                    {0x00},
                                    {0x0f},
                                    {0x42, 0x80, 0x7f, 0xa7, 0x1a},
                                    {0x02, 0x40, 0x0c, 0x00, 0x0b}};
  const Bytes& extra = kPrefixes[random.below(std::size(kPrefixes))];
  body.insert(body.begin() + static_cast<std::ptrdiff_t>(at), extra.begin(), extra.end());
}

// Changes the low bits of a constant's immediate.
void tweakConstant(Bytes& body, Random& random) {
  for (int attempt = 0; attempt < 16; ++attempt) {
    size_t at = random.below(body.size());
    if ((body[at] == 0x41 || body[at] == 0x42) && at + 1 < body.size() && body[at + 1] < 0x80) {
      body[at + 1] = static_cast<u8>(random.below(0x80));
      return;
    }
  }
}

u8 interestingByte(Random& random) {
  static constexpr u8 kBytes[] = {0x00, 0x01, 0x7f, 0x80, 0xff, 0x0b, 0x05, 0x40, 0x41, 0x60, 0x70,
                                  0x6f, 0x5f, 0x5e, 0x4e, 0x63, 0x64, 0xfb, 0xfc, 0xfd, 0xfe, 0x7b};
  return random.oneIn(2) ? static_cast<u8>(random.next()) : kBytes[random.below(std::size(kBytes))];
}

}  // namespace

void Mutator::damageBytes(Bytes& module) {
  if (module.size() <= 8) return;
  size_t at = 8 + random_.below(module.size() - 8);
  auto where = module.begin() + static_cast<std::ptrdiff_t>(at);
  switch (random_.below(6)) {
    case 0: module[at] ^= static_cast<u8>(1u << random_.below(8)); break;
    case 1: module[at] = interestingByte(random_); break;
    case 2: module.insert(where, interestingByte(random_)); break;
    case 3: module.erase(where); break;
    case 4: {  // a huge LEB number
      Bytes big = {0xff, 0xff, 0xff, 0xff, static_cast<u8>(random_.below(16))};
      module.insert(where, big.begin(), big.end());
      break;
    }
    default: module.resize(at); break;
  }
}

void Mutator::editStructure(Bytes& module) {
  std::vector<Section> sections;
  if (!split(module, &sections) || sections.empty()) return damageBytes(module);
  size_t pick = random_.below(sections.size());
  Section* code = findSection(sections, 10);
  std::vector<Bytes> bodies;
  bool haveBodies = code != nullptr && splitBodies(code->content, &bodies) && !bodies.empty();
  u64 kind = random_.below(haveBodies ? 14 : 7);
  switch (kind) {
    case 0: sections.erase(sections.begin() + static_cast<std::ptrdiff_t>(pick)); break;
    case 1:
      sections.insert(sections.begin() + static_cast<std::ptrdiff_t>(pick), sections[pick]);
      break;
    case 2: std::swap(sections[pick], sections[random_.below(sections.size())]); break;
    case 3:
    case 4: {  // damage inside one section, sizes kept right
      Bytes& content = sections[pick].content;
      if (!content.empty()) content[random_.below(content.size())] = interestingByte(random_);
      break;
    }
    case 5: {  // a section of another seed
      const Bytes& donor = seedModules()[random_.below(seedModules().size())].bytes;
      std::vector<Section> others;
      if (split(donor, &others) && !others.empty())
        sections[pick] = others[random_.below(others.size())];
      break;
    }
    case 6:  // an unknown custom section anywhere
      sections.insert(sections.begin() + static_cast<std::ptrdiff_t>(pick),
                      {0, Bytes{2, 'x', static_cast<u8>('a' + random_.below(26)), 1, 2, 3}});
      break;
    default: {
      Bytes& body = bodies[random_.below(bodies.size())];
      if (body.empty()) return damageBytes(module);
      if (kind <= 9) {
        swapInstruction(body, random_);
      } else if (kind == 10) {
        tweakConstant(body, random_);
      } else if (kind == 11) {
        wrapBody(body, random_);
      } else if (kind == 12) {
        body[random_.below(body.size())] = interestingByte(random_);
      } else {
        body.insert(body.begin() + static_cast<std::ptrdiff_t>(random_.below(body.size())),
                    interestingByte(random_));
      }
      code->content = joinBodies(bodies);
      break;
    }
  }
  module = join(module, sections);
}

Bytes Mutator::next(const char** seedName) {
  const SeedModule& seed = seedModules()[random_.below(seedModules().size())];
  *seedName = seed.name.c_str();
  Bytes module = seed.bytes;
  u64 edits = 1 + random_.below(4);
  bool byBytes = random_.oneIn(3);
  for (u64 i = 0; i < edits; ++i) {
    if (byBytes) {
      damageBytes(module);
    } else {
      editStructure(module);
    }
  }
  return module;
}

}  // namespace bls::test
