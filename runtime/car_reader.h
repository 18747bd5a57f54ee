// CarReader: an archive of content-addressed blocks (CARv1), opened by walking over its sections
// once. Entry points: CarReader::open, block.
//
// In memory are a table of 48 bytes a block and the block asked for. A block is read when asked for
// and given out only when its bytes have the digest its CID says, so the file may change meanwhile:
// what does not fit is refused. Source: the CARv1 specification; reference page of the
// configuration file, section 4.1. Digests are an ability (abilities.h). Not thread safe.
#pragma once

#include <memory>
#include <vector>

#include "runtime/cid.h"

namespace bls::car {

/// What an archive may ask for. Beyond: ErrorClass::Limit.
struct CarLimits {
  u64 headerBytes = u64{1} << 20;
  u64 sectionBytes = u64{32} << 20;
  u32 blocks = 1u << 18;
  u32 nodes = 1u << 20;               // visited in a walk; one block may be visited often
  u32 depth = 128;                    // of directories and of the nodes of a file together
  u64 heldBytes = u64{8} << 20;       // blocks of the nodes between the root and the one visited
  u64 totalBytes = u64{16} << 30;     // of all blocks visited
  u64 ratio = 256;                    // the same, as a multiple of the archive's size,
  u64 ratioFreeBytes = u64{1} << 30;  // unless it is no more than this
  u64 configBytes = u64{1} << 20;
};

/// Where an archive's bytes come from.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  virtual u64 size() const = 0;
  /// Exactly out.size() bytes. Errors: Io.
  virtual Status readAt(u64 offset, std::span<u8> out, Diagnostics& diag) = 0;

  /// A regular file. Errors: Io.
  static Status ofFile(const char* path, Diagnostics& diag, std::unique_ptr<ByteSource>* out);
  /// `bytes` outlive it.
  static std::unique_ptr<ByteSource> ofBytes(std::span<const u8> bytes);
};

class CarReader {
 public:
  /// Reads the header and finds all blocks. Errors: Malformed, Limit, Io; Unsupported in a program
  /// without digests.
  static Status open(std::unique_ptr<ByteSource> source, const CarLimits& limits, Diagnostics& diag,
                     std::unique_ptr<CarReader>* out);

  /// In the order of the header; may be empty, may name blocks that are not there.
  const std::vector<Cid>& roots() const { return roots_; }
  u64 size() const { return source_->size(); }
  const CarLimits& limits() const { return limits_; }

  /// The number of a block, for sets of blocks; kNoBlock when it is not in the archive.
  u32 find(const Cid& cid) const;
  u32 blockCount() const { return static_cast<u32>(index_.size()); }
  static constexpr u32 kNoBlock = ~u32{0};
  /// The CID of block `number`, below blockCount().
  Cid cidOf(u32 number) const;

  /// The bytes of a block, checked. `*offset` is where they lie in the archive, or `at` when the
  /// CID holds them itself. `at`: where the CID was read, for errors. Errors: Malformed (not there,
  /// other bytes), Unsupported (codec, hash function), Io.
  Status block(const Cid& cid, u64 at, Diagnostics& diag, std::vector<u8>* out, u64* offset) const;

 private:
  struct Entry {
    u8 digest[32];
    u64 offset;
    u32 size;
    u8 kind;  // version, codec and hash function
  };

  CarReader(std::unique_ptr<ByteSource> source, const CarLimits& limits)
      : source_(std::move(source)), limits_(limits) {}
  Status readHeader(Diagnostics& diag, u64* end);
  Status readSections(u64 from, Diagnostics& diag);
  Status readSection(u64* at, Diagnostics& diag);
  static bool kindOf(const Cid& cid, u8* out);
  static int compare(const Entry& a, const Entry& b);

  std::unique_ptr<ByteSource> source_;
  CarLimits limits_;
  std::vector<Cid> roots_;
  std::vector<Entry> index_;  // sorted
};

}  // namespace bls::car
