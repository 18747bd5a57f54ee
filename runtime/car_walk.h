// Walking the trees of an archive. Entry points: CarWalk (files and directories of one root, in
// order, to a visitor), findConfigFile (the first link named config.json, breadth first).
//
// No recursion: the way from the root to the node visited is a list of limited length, and the
// blocks on it have a limited size together. A tree cannot contain itself as long as digests hold;
// where they do not, the limits end the walk. Names are checked before the visitor sees them.
#pragma once

#include "runtime/car_reader.h"
#include "runtime/unixfs.h"

namespace bls::car {

/// Told of a tree in order; a failed Status ends the walk and becomes its result.
class TreeVisitor {
 public:
  virtual ~TreeVisitor() = default;
  virtual Status enterDirectory(std::string_view name, Diagnostics& diag) = 0;
  virtual Status leaveDirectory(Diagnostics& diag) = 0;
  virtual Status beginFile(std::string_view name, Diagnostics& diag) = 0;
  virtual Status fileBytes(std::span<const u8> bytes, Diagnostics& diag) = 0;
  virtual Status endFile(Diagnostics& diag) = 0;
};

/// One pass over trees of an archive; the limits count for all of them together.
class CarWalk {
 public:
  explicit CarWalk(const CarReader& reader);

  /// The tree below a root, which is a directory and itself not reported. Errors: Malformed,
  /// Unsupported, Limit, Io, the visitor's.
  Status directory(const Cid& root, TreeVisitor& visitor, Diagnostics& diag);
  /// The bytes of one file: fileBytes() of the visitor only. `at`: where its CID was read.
  Status file(const Cid& cid, u64 at, TreeVisitor& visitor, Diagnostics& diag);

 private:
  struct Frame {
    std::vector<u8> block;
    LinkCursor links;
    bool isDirectory = false;
    bool reported = false;  // its end is an event
  };

  Status load(const Cid& cid, u64 at, Diagnostics& diag, UnixFsNode* node, u64* offset);
  Status push(const UnixFsNode& node, u64 offset, bool reported, Diagnostics& diag);
  Status run(TreeVisitor& visitor, Diagnostics& diag);
  Status pop(TreeVisitor& visitor, Diagnostics& diag);
  Status entry(const Link& link, TreeVisitor& visitor, Diagnostics& diag);
  Status part(const Cid& cid, u64 at, bool reported, TreeVisitor& visitor, Diagnostics& diag);
  Status contents(const UnixFsNode& node, u64 offset, bool reported, TreeVisitor& visitor,
                  Diagnostics& diag);

  const CarReader& reader_;
  u64 byteLimit_;
  u64 bytes_ = 0;
  u64 held_ = 0;
  u32 nodes_ = 0;
  std::vector<u8> block_;  // the node being visited
  std::vector<Frame> way_;
};

/// The text of the configuration file, UTF-8. Errors: Config when there is none; Malformed, Limit,
/// Unsupported, Io.
Status findConfigFile(const CarReader& reader, Diagnostics& diag, std::string* text);

}  // namespace bls::car
