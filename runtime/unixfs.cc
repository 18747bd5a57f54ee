// A protobuf field is a key (number and wire type) and a value. Fields of the dag-pb messages are
// known and others refused, as its specification says; UnixFS has grown fields, so unknown ones are
// skipped there.
#include "runtime/unixfs.h"

#include <algorithm>

namespace bls::car {
namespace {

constexpr u64 kMaxName = 255;

struct Field {
  u64 number = 0;
  u32 wire = 0;
  u64 value = 0;              // wire type 0
  std::span<const u8> bytes;  // wire type 2
  u64 offset = 0;             // of the bytes
};
constexpr u32 kVarint = 0;
constexpr u32 kFixed64 = 1;
constexpr u32 kBytes = 2;
constexpr u32 kFixed32 = 5;

Status readNumber(ByteReader& in, u64* out) {
  // Protobuf's varints may be padded, up to ten bytes.
  const u8* end = in.pos() + std::min<size_t>(in.left(), 10);
  const u8* p = in.pos();
  while (p != end && (*p & 0x80) != 0) ++p;
  if (p == end) return in.malformed("protobuf number is cut off or longer than ten bytes");
  return in.lebU64(out);
}

Status readField(ByteReader& in, Field* out) {
  u64 key = 0;
  const u64 at = in.offset();
  TRY(readNumber(in, &key));
  *out = Field();
  out->number = key >> 3;
  out->wire = static_cast<u32>(key & 7);
  if (out->number == 0) {
    return in.diag().fail(ErrorClass::Malformed, "protobuf field has number 0", at);
  }
  u64 size = 0;
  switch (out->wire) {
    case kVarint: return readNumber(in, &out->value);
    case kBytes: TRY(readNumber(in, &size)); break;
    case kFixed64: size = 8; break;
    case kFixed32: size = 4; break;
    default: return in.diag().fail(ErrorClass::Malformed, "protobuf field of unknown type", at);
  }
  if (size > in.left()) return in.malformed("protobuf field is longer than what holds it");
  out->offset = in.offset();
  return in.bytes(size, &out->bytes);
}

Status parseLink(std::span<const u8> bytes, u64 offset, Diagnostics& diag, Link* out) {
  ByteReader in(bytes, offset, &diag);
  bool hasCid = false;
  out->offset = offset;
  out->name = {};
  while (!in.atEnd()) {
    Field field;
    TRY(readField(in, &field));
    if (field.number == 1 && field.wire == kBytes) {
      ByteReader cid(field.bytes, field.offset, &diag);
      TRY(Cid::read(cid, &out->cid));
      if (!cid.atEnd()) return cid.malformed("bytes behind the CID of a link");
      hasCid = true;
    } else if (field.number == 2 && field.wire == kBytes) {
      out->name = {reinterpret_cast<const char*>(field.bytes.data()), field.bytes.size()};
    } else if (field.number != 3 || field.wire != kVarint) {
      return in.malformed("unknown field in a link of a dag-pb node");
    }
  }
  return hasCid ? Status() : in.malformed("link without a CID");
}

Status parseData(std::span<const u8> bytes, u64 offset, Diagnostics& diag, UnixFsNode* out) {
  ByteReader in(bytes, offset, &diag);
  bool hasType = false;
  while (!in.atEnd()) {
    Field field;
    TRY(readField(in, &field));
    if (field.number == 1 && field.wire == kVarint) {
      if (field.value > static_cast<u64>(UnixFsType::Shard))
        return in.malformed("UnixFS node of unknown type");
      out->type = static_cast<UnixFsType>(field.value);
      hasType = true;
    } else if (field.number == 2 && field.wire == kBytes) {
      out->data = field.bytes;
    } else if (field.number <= 2) {
      return in.malformed("UnixFS field of the wrong type");
    }
  }
  return hasType ? Status() : in.malformed("UnixFS node without a type");
}

}  // namespace

Status UnixFsNode::parse(std::span<const u8> block, u64 fileOffset, Diagnostics& diag,
                         UnixFsNode* out) {
  *out = UnixFsNode();
  ByteReader in(block, fileOffset, &diag);
  bool hasData = false;
  while (!in.atEnd()) {
    Field field;
    TRY(readField(in, &field));
    if (field.number == 2 && field.wire == kBytes) {
      Link link;
      TRY(parseLink(field.bytes, field.offset, diag, &link));
      ++out->links;
    } else if (field.number == 1 && field.wire == kBytes && !hasData) {
      TRY(parseData(field.bytes, field.offset, diag, out));
      hasData = true;
    } else {
      return in.malformed("unknown or repeated field in a dag-pb node");
    }
  }
  return hasData ? Status() : in.malformed("dag-pb node without UnixFS data");
}

bool LinkCursor::next(Link* out) {
  Diagnostics diag;  // parse() has been here: nothing fails
  while (!rest_.empty()) {
    ByteReader in(rest_, offset_, &diag);
    Field field;
    if (!readField(in, &field).ok()) break;
    rest_ = rest_.subspan(rest_.size() - in.left());
    offset_ = in.offset();
    if (field.number == 2) return parseLink(field.bytes, field.offset, diag, out).ok();
  }
  return false;
}

const char* nameProblem(std::string_view name) {
  if (name.empty()) return "is empty";
  if (name == "." || name == "..") return "is not a name";
  if (name.size() > kMaxName) return "is longer than 255 bytes";
  if (name.find('/') != name.npos || name.find('\\') != name.npos) return "contains a separator";
  if (name.find('\0') != name.npos) return "contains a NUL byte";
  if (!isValidUtf8({reinterpret_cast<const u8*>(name.data()), name.size()})) return "is not UTF-8";
  return nullptr;
}

}  // namespace bls::car
