// What the last listing of this run found, for the processes of the helper: opening by alias needs
// no database, and a file that was looked at is not looked at again while it stays the same. Entry
// points: loadCatalog, saveCatalog, identify.
//
// It is kept in the file that requests share (HelperRequest::memory), which the runtime cannot
// reach. Thread rule: single-threaded processes, at once.
#pragma once

#include <sys/stat.h>

#include <string>
#include <vector>

#include "engine/base/ints.h"

namespace bls::extensions::cgi {

/// Which content of which file. Two that are the same are the same bytes if they are settled.
struct Identity {
  u64 device = 0;
  u64 inode = 0;
  i64 size = 0;
  i64 modifiedNs = 0;
  i64 changedNs = 0;
  /// The last change was long enough before it was looked at that a later one has another time.
  bool settled = false;

  bool sameAs(const Identity& other) const {
    return device == other.device && inode == other.inode && size == other.size &&
           modifiedNs == other.modifiedNs && changedNs == other.changedNs;
  }
};

Identity identify(const struct stat& info);

struct CatalogEntry {
  std::string file;
  std::string alias;  // empty: looked at, no extension
  std::string md5;
  std::string description;
  Identity identity;
};

/// False when there was no listing yet.
bool loadCatalog(int memory, std::vector<CatalogEntry>* out);
bool saveCatalog(int memory, const std::vector<CatalogEntry>& entries);

}  // namespace bls::extensions::cgi
