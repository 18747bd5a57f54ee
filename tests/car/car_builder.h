// Writes archives for tests, good and bad ones: blocks, UnixFS nodes, header. Written from the
// specifications on its own; shares nothing with the reader but digests.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "runtime/abilities.h"

namespace bls::car::test {

/// The abilities of bls-full.
const Abilities& realAbilities();
/// Digests that say only how many bytes there were: what is damaged in place still passes, and a
/// block can be made to contain its own name.
const Abilities& sizeAbilities();

/// A CID in bytes.
using CidBytes = std::string;

struct LinkSpec {
  std::string name;
  CidBytes cid;
};

enum class NodeType { Raw = 0, Directory = 1, File = 2, Metadata = 3, Symlink = 4, Shard = 5 };

std::string varint(unsigned long long value);
/// A protobuf field of bytes, and one of a number.
std::string field(int number, const std::string& bytes);
std::string field(int number, unsigned long long value);
std::string nodeBytes(NodeType type, const std::string& data, const std::vector<LinkSpec>& links);

class CarBuilder {
 public:
  /// Digests for names come from `from`.
  explicit CarBuilder(const Abilities& from = realAbilities()) : abilities_(from) {}

  bool blake = false;     // names by blake2b-256 instead of sha2-256
  bool version0 = false;  // of dag-pb nodes
  size_t chunkBytes = 262144;
  size_t fanOut = 174;

  /// The name of bytes; adds nothing.
  CidBytes cidOf(const std::string& bytes, u64 codec) const;
  static CidBytes identity(const std::string& bytes, u64 codec);

  /// Each adds blocks and returns the name of the last one.
  CidBytes raw(const std::string& bytes) { return block(cidOf(bytes, 0x55), bytes); }
  CidBytes node(NodeType type, const std::string& data, const std::vector<LinkSpec>& links);
  CidBytes file(const std::string& bytes);
  CidBytes directory(const std::vector<LinkSpec>& entries) {
    return node(NodeType::Directory, "", entries);
  }
  /// A block under any name.
  CidBytes block(const CidBytes& cid, const std::string& bytes);

  /// The archive. Blocks come in the order they were added.
  std::string archive(const std::vector<CidBytes>& roots) const;
  static std::string header(const std::vector<CidBytes>& roots, unsigned version = 1);
  static std::string section(const CidBytes& cid, const std::string& bytes);
  /// `archive` on its way: the sections alone.
  std::string sections;

 private:
  const Abilities& abilities_;
};

}  // namespace bls::car::test
