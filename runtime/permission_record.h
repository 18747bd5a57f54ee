// What a run asked for: which accesses were used and which were denied, by which calls, and the
// flags that would allow just that. Entry points: PermissionRecord, denialHint. Bounded: beyond
// kMaxEntries items of a sort, or kMaxBytes of names, accesses are only counted. Plain values, not
// thread safe; permission_gate.h is.
//
// The file of --record-permissions is one JSON object (docs/permissions.md):
//   {"version":1,"program":"…","used":[{"kind":"read","item":"/in","calls":["path_open"],"times":3}],
//    "denied":[{…,"reason":"…"}],"flags":["--allow-read=/in"],"left_out":0}
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/permission_decision.h"

namespace bls::permissions {

class PermissionRecord {
 public:
  static constexpr size_t kMaxEntries = 4096;
  static constexpr size_t kMaxRenames = 256;
  static constexpr size_t kMaxBytes = size_t{4} << 20;

  void used(Kind kind, std::string_view item, const char* call);
  /// A new name: what is read under one name must be readable under the other as well, once there
  /// are flags.
  void renamed(std::string_view from, std::string_view to, bool directory);
  /// True when this item was not yet denied to this call: the time to say so. Also false when there
  /// were too many denials to keep.
  bool denied(Kind kind, std::string_view item, const char* call, const std::string& reason);
  /// True once, when the first denial was not kept.
  bool overflowed();

  /// The fewest flags under which the same run would be allowed what it used, as arguments.
  std::vector<std::string> flags() const;
  /// Several lines for a person.
  std::string explain() const;
  /// The file's text.
  std::string json(const std::string& program) const;

 private:
  struct Entry {
    std::vector<const char*> calls;  // each once, in the order they came
    u64 times = 0;
    std::string reason;
  };
  using Key = std::pair<Kind, std::string>;
  using Entries = std::map<Key, Entry, std::less<>>;
  struct Rename {
    std::string from;
    std::string to;
    bool directory;
  };
  Entry* entry(Entries* entries, Kind kind, std::string_view item);

  Entries used_;
  Entries denied_;
  std::vector<Rename> renames_;
  size_t bytes_ = 0;
  u64 leftOut_ = 0;
  u64 deniedLeftOut_ = 0;
  bool toldOverflow_ = false;
};

/// The flag that allows exactly `items` of a kind. An item a list cannot hold, because of a comma
/// in it, is replaced by the directory above it.
std::string allowFlag(Kind kind, std::vector<std::string> items);

/// Why an access was denied and what would allow it: "not granted; try --allow-read=/x".
/// `url`: of a network access. Safe for one line.
std::string denialHint(Generation generation, Kind kind, std::string_view item,
                       std::string_view url, const Decision& decision);

/// `error: permission: …`, one line.
std::string denialLine(Kind kind, std::string_view item, const char* call,
                       const std::string& reason);

/// What the reference runtime logs at level debug: `⚠️  Granted read access to "/x"`.
std::string grantLine(Kind kind, std::string_view item);

}  // namespace bls::permissions
