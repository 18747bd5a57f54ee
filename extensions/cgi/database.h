// The SQLite file `.extsdb` in the drivers root: which alias belongs to which file, kept between
// runs. Entry point: Database. Reference: CGI, section 2, "Database". Not thread safe.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/base/ints.h"

struct sqlite3;

namespace bls::extensions::cgi {

constexpr char kDatabaseName[] = ".extsdb";

/// A row of extension_meta with status 0.
struct ExtensionRow {
  i64 id = 0;  // 0: not in the database yet
  std::string alias;
  std::string md5;
  std::string file;
  std::string description;
};

class Database {
 public:
  Database() = default;
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Opens the database at `path`, or makes it, and its table. It must be a regular file of root's
  /// or this user's that nobody else may write. False with `why`.
  bool open(const std::string& path, std::string* why);
  /// False with `why` when the table is not what it should be.
  bool load(std::vector<ExtensionRow>* out, std::string* why);
  /// In one transaction: deletes `gone`, updates those of `kept` that have an id, inserts the rest.
  bool save(const std::vector<ExtensionRow>& gone, const std::vector<ExtensionRow>& kept,
            std::string* why);

 private:
  bool run(const char* statement, std::string* why);
  sqlite3* db_ = nullptr;
};

}  // namespace bls::extensions::cgi
