// An archive as the programs use it: its configuration, and its files put below a directory. Entry
// points: CarArchive::open, findConfig, extract.
//
// Before anything is written all trees have been gone through once: names, blocks, digests, limits.
// What is written is checked again on the way, so a file that changes meanwhile gains nothing.
// Every file is written under another name and renamed, every directory is opened by its own name
// below the one it is in, and no link is followed; what is there from an earlier run is replaced or
// used again. Source: reference page of the configuration file, section 4; threat model CAC-5.
#pragma once

#include "runtime/car_walk.h"

namespace bls::car {

class CarArchive {
 public:
  /// Errors: as CarReader::open, ByteSource::ofFile.
  static Status open(const char* path, Diagnostics& diag, std::unique_ptr<CarArchive>* out);
  /// An archive that is not a file of its own; for tests.
  static Status over(std::unique_ptr<ByteSource> source, const CarLimits& limits, Diagnostics& diag,
                     std::unique_ptr<CarArchive>* out);

  const std::vector<Cid>& roots() const { return reader_->roots(); }
  /// What `$ROOT` ends in: the canonical text of the first root; empty without roots.
  std::string firstRoot() const { return roots().empty() ? std::string() : roots()[0].text(); }
  const CarReader& reader() const { return *reader_; }

  /// As findConfigFile.
  Status findConfig(Diagnostics& diag, std::string* text) const;

  /// Goes through the trees of all roots. Errors: as CarWalk::directory.
  Status check(Diagnostics& diag) const;

  /// check(), then the tree of each root into `<directory>/<text of its CID>`, which is made where
  /// it is missing; `directory` exists. Errors: as check; Io with the name in question. After an
  /// error there are whole files and no temporary ones.
  Status extract(const char* directory, Diagnostics& diag) const;

 private:
  explicit CarArchive(std::unique_ptr<CarReader> reader) : reader_(std::move(reader)) {}

  std::unique_ptr<CarReader> reader_;
};

/// A visitor that writes below `directory`/`name` (made where missing), as described above. Errors:
/// Io; Unsupported in the wasm build.
Status makeTreeWriter(const char* directory, const std::string& name, Diagnostics& diag,
                      std::unique_ptr<TreeVisitor>* out);

/// A path without links, `.` and `..`; realDirectory: that of a directory. 0 or the system's error
/// number.
int realPath(const char* path, std::string* out);
int realDirectory(const char* path, std::string* out);

}  // namespace bls::car
