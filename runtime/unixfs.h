// UnixFS: how files and directories are made of dag-pb nodes. Entry points: UnixFsNode::parse,
// LinkCursor.
//
// A dag-pb node is a protobuf message of links (CID, name, size) and data; the data of a UnixFS
// node is a message again: type, bytes, and figures we do not need. Nothing is copied: everything
// points into the block. Only what is walked is kept; sizes that a node claims are not believed.
// Source: the dag-pb and UnixFS specifications.
#pragma once

#include <string_view>

#include "runtime/cid.h"

namespace bls::car {

struct Link {
  Cid cid;
  std::string_view name;  // any bytes; empty in files
  u64 offset = 0;         // in the archive
};

enum class UnixFsType : u8 {
  Raw = 0,
  Directory = 1,
  File = 2,
  Metadata = 3,
  Symlink = 4,
  Shard = 5
};

struct UnixFsNode {
  UnixFsType type = UnixFsType::Raw;
  std::span<const u8> data;  // bytes of the file itself
  u32 links = 0;

  /// Checks the whole of a dag-pb block, links included. `fileOffset`: where it lies in the
  /// archive. Errors: Malformed.
  static Status parse(std::span<const u8> block, u64 fileOffset, Diagnostics& diag,
                      UnixFsNode* out);
};

/// Goes through the links of a block that UnixFsNode::parse has accepted, in order.
class LinkCursor {
 public:
  LinkCursor() = default;
  LinkCursor(std::span<const u8> block, u64 fileOffset) : rest_(block), offset_(fileOffset) {}
  /// False behind the last one.
  bool next(Link* out);

 private:
  std::span<const u8> rest_;
  u64 offset_ = 0;
};

/// What is wrong with the name of a directory entry, as the end of a sentence; null when nothing
/// is. A name is one component: not empty, `.`, `..`, over 255 bytes, with a separator, a NUL byte,
/// or not UTF-8.
const char* nameProblem(std::string_view name);

}  // namespace bls::car
