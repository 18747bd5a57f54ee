// The header is DAG-CBOR: a map of exactly "roots" and "version". Only what it may hold is read
// here; nothing of it nests.
#include "runtime/car_reader.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "runtime/abilities.h"

namespace bls::car {
namespace {

constexpr size_t kMaxRoots = 256;
constexpr size_t kMaxVarint = 9;

enum Major : u8 { kUnsigned = 0, kByteString = 2, kText = 3, kArray = 4, kMap = 5, kTag = 6 };
constexpr u64 kCidTag = 42;

class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::span<const u8> bytes) : bytes_(bytes) {}
  u64 size() const override { return bytes_.size(); }
  Status readAt(u64 offset, std::span<u8> out, Diagnostics& diag) override {
    if (offset > bytes_.size() || out.size() > bytes_.size() - offset)
      return diag.fail(ErrorClass::Io, "read behind the end of the archive", offset);
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
    return {};
  }

 private:
  std::span<const u8> bytes_;
};

Status cborHead(ByteReader& in, Major* major, u64* value) {
  u8 first = 0;
  if (in.atEnd()) return in.malformed("header of the archive is cut off");
  TRY(in.byte(&first));
  *major = static_cast<Major>(first >> 5);
  const u8 info = first & 31;
  *value = info;
  if (info < 24) return {};
  if (info > 27) return in.malformed("header of the archive has an item of no fixed size");
  const size_t size = size_t{1} << (info - 24);
  if (size > in.left()) return in.malformed("header of the archive is cut off");
  *value = 0;
  for (size_t i = 0; i < size; ++i) {
    u8 byte = 0;
    TRY(in.byte(&byte));
    *value = *value << 8 | byte;
  }
  return {};
}

Status cborExpect(ByteReader& in, Major wanted, const char* what, u64* value) {
  const u64 at = in.offset();
  Major major{};
  TRY(cborHead(in, &major, value));
  if (major == wanted) return {};
  return in.diag().fail(ErrorClass::Malformed,
                        std::string("header of the archive: ") + what + " expected", at);
}

Status cborBytes(ByteReader& in, Major kind, const char* what, ByteReader* out) {
  u64 size = 0;
  TRY(cborExpect(in, kind, what, &size));
  if (size > in.left()) return in.malformed("header of the archive is cut off");
  return in.sub(size, out);
}

// A tag, and a byte string of a zero byte and the CID.
Status cborCid(ByteReader& in, Cid* out) {
  u64 tag = 0;
  ByteReader bytes;
  TRY(cborExpect(in, kTag, "a CID", &tag));
  if (tag != kCidTag)
    return in.malformed("header of the archive: a CID expected, another tag found");
  TRY(cborBytes(in, kByteString, "the bytes of a CID", &bytes));
  u8 prefix = 1;
  if (!bytes.atEnd()) TRY(bytes.byte(&prefix));
  if (prefix != 0) return bytes.malformed("CID in the header of the archive lacks its zero byte");
  TRY(Cid::read(bytes, out));
  return bytes.atEnd() ? Status() : bytes.malformed("bytes behind a CID in the header");
}

Status cborRoots(ByteReader& in, std::vector<Cid>* roots) {
  u64 count = 0;
  const u64 at = in.offset();
  TRY(cborExpect(in, kArray, "a list of roots", &count));
  if (count > kMaxRoots) {
    return in.diag().fail(ErrorClass::Limit,
                          "archive has " + std::to_string(count) + " roots, at most " +
                              std::to_string(kMaxRoots) + " are possible",
                          at);
  }
  for (u64 i = 0; i < count; ++i) {
    roots->emplace_back();
    TRY(cborCid(in, &roots->back()));
  }
  return {};
}

Status parseHeader(ByteReader& in, std::vector<Cid>* roots) {
  u64 entries = 0;
  TRY(cborExpect(in, kMap, "a map", &entries));
  bool hasRoots = false;
  bool hasVersion = false;
  for (u64 i = 0; i < entries; ++i) {
    ByteReader key;
    TRY(cborBytes(in, kText, "a key", &key));
    const std::string_view name(reinterpret_cast<const char*>(key.pos()), key.left());
    if (name == "roots" && !hasRoots) {
      TRY(cborRoots(in, roots));
      hasRoots = true;
    } else if (name == "version" && !hasVersion) {
      u64 version = 0;
      const u64 at = in.offset();
      TRY(cborExpect(in, kUnsigned, "a version number", &version));
      if (version != 1) {
        return in.diag().fail(
            ErrorClass::Unsupported,
            "archive is of CAR version " + std::to_string(version) + ", only version 1 is read",
            at);
      }
      hasVersion = true;
    } else {
      return in.malformed("header of the archive: only `roots` and `version` are expected, once");
    }
  }
  if (!hasRoots || !hasVersion)
    return in.malformed("header of the archive: roots or version missing");
  return in.atEnd() ? Status() : in.malformed("bytes behind the header of the archive");
}

}  // namespace

std::unique_ptr<ByteSource> ByteSource::ofBytes(std::span<const u8> bytes) {
  return std::make_unique<MemorySource>(bytes);
}

Status CarReader::open(std::unique_ptr<ByteSource> source, const CarLimits& limits,
                       Diagnostics& diag, std::unique_ptr<CarReader>* out) {
  if (abilities() == nullptr)
    return diag.fail(ErrorClass::Unsupported, "this program reads no archives; run bls-full");
  std::unique_ptr<CarReader> reader(new CarReader(std::move(source), limits));
  u64 end = 0;
  TRY(reader->readHeader(diag, &end));
  TRY(reader->readSections(end, diag));
  *out = std::move(reader);
  return {};
}

Status CarReader::readHeader(Diagnostics& diag, u64* end) {
  u8 bytes[kMaxVarint];
  const size_t got = static_cast<size_t>(std::min<u64>(source_->size(), sizeof bytes));
  TRY(source_->readAt(0, {bytes, got}, diag));
  ByteReader in({bytes, got}, 0, &diag);
  u64 size = 0;
  TRY(readVarint(in, "length of the header of the archive", &size));
  const u64 start = in.offset();
  if (size > source_->size() - start) {
    return diag.fail(ErrorClass::Malformed, "archive ends within its header; is it a CAR file?", 0);
  }
  if (size > limits_.headerBytes) {
    return diag.fail(
        ErrorClass::Limit,
        "header of the archive is longer than " + std::to_string(limits_.headerBytes) + " bytes",
        0);
  }
  std::vector<u8> header(static_cast<size_t>(size));
  TRY(source_->readAt(start, header, diag));
  ByteReader body(header, start, &diag);
  TRY(parseHeader(body, &roots_));
  *end = start + size;
  return {};
}

Status CarReader::readSections(u64 from, Diagnostics& diag) {
  for (u64 at = from; at < source_->size();) TRY(readSection(&at, diag));
  index_.shrink_to_fit();
  std::sort(index_.begin(), index_.end(), [](const Entry& a, const Entry& b) {
    const int order = compare(a, b);
    return order != 0 ? order < 0 : a.offset < b.offset;
  });
  return {};
}

Status CarReader::readSection(u64* at, Diagnostics& diag) {
  u8 bytes[kMaxVarint + kMaxCidSize];
  const size_t got = static_cast<size_t>(std::min<u64>(source_->size() - *at, sizeof bytes));
  TRY(source_->readAt(*at, {bytes, got}, diag));
  // A length that the end of the file cuts off is the end: some writers leave one.
  const size_t lengthBytes = std::min(got, kMaxVarint);
  if (got < kMaxVarint && std::all_of(bytes, bytes + got, [](u8 b) { return (b & 0x80) != 0; })) {
    *at = source_->size();
    return {};
  }
  ByteReader lengthIn({bytes, lengthBytes}, *at, &diag);
  u64 length = 0;
  TRY(readVarint(lengthIn, "length of a section", &length));
  if (length > limits_.sectionBytes) {
    return diag.fail(ErrorClass::Limit,
                     "section of " + std::to_string(length) + " bytes; at most " +
                         std::to_string(limits_.sectionBytes) + " are possible",
                     *at);
  }
  const u64 start = lengthIn.offset();
  if (length > source_->size() - start)
    return diag.fail(ErrorClass::Malformed, "archive ends within a section", *at);
  const size_t head = static_cast<size_t>(start - *at);
  ByteReader in({bytes + head, static_cast<size_t>(std::min<u64>(length, got - head))}, start,
                &diag);
  Cid cid;
  TRY(Cid::read(in, &cid));
  *at = start + length;
  Entry entry{};
  if (!kindOf(cid, &entry.kind)) return {};  // nothing can follow a link to it
  if (index_.size() >= limits_.blocks) {
    return diag.fail(ErrorClass::Limit,
                     "archive has more than " + std::to_string(limits_.blocks) + " blocks", start);
  }
  std::memcpy(entry.digest, cid.digest, sizeof entry.digest);
  entry.offset = in.offset();
  entry.size = static_cast<u32>(*at - entry.offset);
  index_.push_back(entry);
  return {};
}

// Everything of a CID but the digest in one byte. False for what is never asked for: CIDs that hold
// their bytes, and those of functions and codecs we do not know.
bool CarReader::kindOf(const Cid& cid, u8* out) {
  if (cid.isIdentity() || !cid.isVerifiable()) return false;
  if (cid.codec != kCodecRaw && cid.codec != kCodecDagPb) return false;
  *out = static_cast<u8>(cid.version | (cid.codec == kCodecRaw ? 2 : 0) |
                         (cid.hash == kHashBlake2b256 ? 4 : 0));
  return true;
}

Cid CarReader::cidOf(u32 number) const {
  const Entry& entry = index_[number];
  Cid cid;
  cid.version = entry.kind & 1;
  cid.codec = (entry.kind & 2) != 0 ? kCodecRaw : kCodecDagPb;
  cid.hash = (entry.kind & 4) != 0 ? kHashBlake2b256 : kHashSha256;
  cid.digestSize = sizeof entry.digest;
  std::memcpy(cid.digest, entry.digest, sizeof entry.digest);
  return cid;
}

int CarReader::compare(const Entry& a, const Entry& b) {
  const int order = std::memcmp(a.digest, b.digest, sizeof a.digest);
  return order != 0 ? order : a.kind - b.kind;
}

u32 CarReader::find(const Cid& cid) const {
  Entry wanted{};
  if (!kindOf(cid, &wanted.kind)) return kNoBlock;
  std::memcpy(wanted.digest, cid.digest, sizeof wanted.digest);
  // The last of equal ones: of blocks that come twice the later counts.
  const auto behind =
      std::upper_bound(index_.begin(), index_.end(), wanted,
                       [](const Entry& a, const Entry& b) { return compare(a, b) < 0; });
  if (behind == index_.begin() || compare(*(behind - 1), wanted) != 0) return kNoBlock;
  return static_cast<u32>(behind - index_.begin() - 1);
}

Status CarReader::block(const Cid& cid, u64 at, Diagnostics& diag, std::vector<u8>* out,
                        u64* offset) const {
  if (cid.codec != kCodecRaw && cid.codec != kCodecDagPb) {
    return diag.fail(ErrorClass::Unsupported,
                     "block " + cid.text() + " is neither raw nor a dag-pb node", at);
  }
  if (!cid.isVerifiable()) {
    return diag.fail(ErrorClass::Unsupported,
                     "block " + cid.text() +
                         " is named by a hash function that is neither sha2-256 nor blake2b-256",
                     at);
  }
  *offset = at;
  if (cid.isIdentity()) {
    out->assign(cid.digest, cid.digest + cid.digestSize);
    return {};
  }
  const u32 number = find(cid);
  if (number == kNoBlock) {
    return diag.fail(ErrorClass::Malformed,
                     "block " + cid.text() + " is linked to and not in the archive", at);
  }
  const Entry& entry = index_[number];
  *offset = entry.offset;
  out->resize(entry.size);
  TRY(source_->readAt(entry.offset, *out, diag));
  u8 digest[kMaxDigestSize];
  const DigestKind kind = cid.hash == kHashSha256 ? DigestKind::Sha256 : DigestKind::Blake2b256;
  if (!abilities()->digestOf(kind, *out, digest))
    return diag.fail(ErrorClass::Unsupported, "the system's library computes no sha2-256 digests");
  if (std::memcmp(digest, cid.digest, digestSize(kind)) != 0) {
    return diag.fail(ErrorClass::Malformed,
                     "block " + cid.text() + " has other bytes than its name says", entry.offset);
  }
  return {};
}

}  // namespace bls::car
