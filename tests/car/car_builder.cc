#include "tests/car/car_builder.h"

#include <algorithm>
#include <cstring>

namespace bls::car::test {
namespace {

class SizeDigest final : public Digest {
 public:
  void add(std::span<const u8> bytes) override { size_ += bytes.size(); }
  bool finish(u8* out) override {
    std::memset(out, 0, kMaxDigestSize);
    std::memcpy(out, &size_, sizeof size_);
    return true;
  }

 private:
  u64 size_ = 0;
};

std::unique_ptr<Digest> newSizeDigest(DigestKind) { return std::make_unique<SizeDigest>(); }
bool sizeDigestOf(DigestKind, std::span<const u8> bytes, u8* out) {
  SizeDigest digest;
  digest.add(bytes);
  return digest.finish(out);
}

std::string cborHead(unsigned major, size_t value) {
  std::string out;
  const auto head = [&](size_t info) { out += static_cast<char>(major << 5 | info); };
  if (value < 24) {
    head(value);
  } else if (value < 256) {
    head(24);
    out += static_cast<char>(value);
  } else {
    head(25);
    out += static_cast<char>(value >> 8);
    out += static_cast<char>(value);
  }
  return out;
}

}  // namespace

const Abilities& realAbilities() {
  static constexpr Abilities kTable = {&Digest::make, &digestOf, &callNativeLibrary};
  return kTable;
}

const Abilities& sizeAbilities() {
  static constexpr Abilities kTable = {&newSizeDigest, &sizeDigestOf, &callNativeLibrary};
  return kTable;
}

std::string varint(unsigned long long value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>((value & 0x7f) | 0x80);
  return out + static_cast<char>(value);
}

std::string field(int number, const std::string& bytes) {
  return varint(static_cast<unsigned long long>(number) << 3 | 2) + varint(bytes.size()) + bytes;
}

std::string field(int number, unsigned long long value) {
  return varint(static_cast<unsigned long long>(number) << 3) + varint(value);
}

std::string nodeBytes(NodeType type, const std::string& data, const std::vector<LinkSpec>& links) {
  std::string out;
  for (const LinkSpec& link : links)
    out += field(2, field(1, link.cid) + field(2, link.name) + field(3, 0ull));
  std::string unixFs = field(1, static_cast<unsigned long long>(type));
  if (!data.empty()) unixFs += field(2, data);
  return out + field(1, unixFs);
}

CidBytes CarBuilder::cidOf(const std::string& bytes, u64 codec) const {
  u8 digest[kMaxDigestSize];
  abilities_.digestOf(blake ? DigestKind::Blake2b256 : DigestKind::Sha256,
                      {reinterpret_cast<const u8*>(bytes.data()), bytes.size()}, digest);
  const std::string tail(reinterpret_cast<const char*>(digest), kMaxDigestSize);
  if (version0 && codec == 0x70 && !blake) return varint(0x12) + varint(32) + tail;
  return varint(1) + varint(codec) + varint(blake ? 0xb220 : 0x12) + varint(32) + tail;
}

CidBytes CarBuilder::identity(const std::string& bytes, u64 codec) {
  return varint(1) + varint(codec) + varint(0) + varint(bytes.size()) + bytes;
}

CidBytes CarBuilder::block(const CidBytes& cid, const std::string& bytes) {
  sections += section(cid, bytes);
  return cid;
}

CidBytes CarBuilder::node(NodeType type, const std::string& data,
                          const std::vector<LinkSpec>& links) {
  const std::string bytes = nodeBytes(type, data, links);
  return block(cidOf(bytes, 0x70), bytes);
}

CidBytes CarBuilder::file(const std::string& bytes) {
  std::vector<LinkSpec> level;
  for (size_t at = 0; at < bytes.size() || level.empty(); at += chunkBytes)
    level.push_back({"", raw(bytes.substr(at, chunkBytes))});
  while (level.size() > 1) {
    std::vector<LinkSpec> above;
    for (size_t at = 0; at < level.size(); at += fanOut) {
      const auto first = level.begin() + static_cast<std::ptrdiff_t>(at);
      const auto last =
          level.begin() + static_cast<std::ptrdiff_t>(std::min(at + fanOut, level.size()));
      above.push_back({"", node(NodeType::File, "", {first, last})});
    }
    level = std::move(above);
  }
  return level[0].cid;
}

std::string CarBuilder::section(const CidBytes& cid, const std::string& bytes) {
  return varint(cid.size() + bytes.size()) + cid + bytes;
}

std::string CarBuilder::header(const std::vector<CidBytes>& roots, unsigned version) {
  std::string map = cborHead(5, 2) + cborHead(3, 5) + "roots" + cborHead(4, roots.size());
  for (const CidBytes& root : roots)
    map += cborHead(6, 42) + cborHead(2, root.size() + 1) + std::string(1, '\0') + root;
  map += cborHead(3, 7) + "version" + cborHead(0, version);
  return varint(map.size()) + map;
}

std::string CarBuilder::archive(const std::vector<CidBytes>& roots) const {
  return header(roots) + sections;
}

}  // namespace bls::car::test
