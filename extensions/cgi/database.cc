// The file may hold anything: nothing in it is run, sizes are bounded, and what it says only counts
// for files that pass every check of their own (discovery.cc).
#include "extensions/cgi/database.h"

#include <errno.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

namespace bls::extensions::cgi {
namespace {

constexpr int kBusyMs = 1000;
constexpr int kMaxText = 1 << 20;
constexpr u32 kMaxRows = 65536;

// A prepared statement, finished at the end of the scope.
class Statement {
 public:
  Statement(sqlite3* db, const char* text) {
    if (sqlite3_prepare_v2(db, text, -1, &statement_, nullptr) != SQLITE_OK) statement_ = nullptr;
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  bool ok() const { return statement_ != nullptr; }
  void bind(int index, const std::string& text) {
    sqlite3_bind_text(statement_, index, text.data(), static_cast<int>(text.size()),
                      SQLITE_TRANSIENT);
  }
  void bind(int index, i64 number) { sqlite3_bind_int64(statement_, index, number); }
  int step() { return sqlite3_step(statement_); }
  void reset() { sqlite3_reset(statement_); }
  i64 number(int column) { return sqlite3_column_int64(statement_, column); }
  std::string text(int column) {
    const unsigned char* bytes = sqlite3_column_text(statement_, column);
    const int size = sqlite3_column_bytes(statement_, column);
    return bytes == nullptr
               ? std::string()
               : std::string(reinterpret_cast<const char*>(bytes), static_cast<size_t>(size));
  }

 private:
  sqlite3_stmt* statement_ = nullptr;
};

bool isOurs(const std::string& path, std::string* why) {
  struct stat info{};
  if (lstat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return true;
    *why = strerror(errno);
    return false;
  }
  if (!S_ISREG(info.st_mode)) {
    *why = "not a regular file";
    return false;
  }
  if ((info.st_uid == 0 || info.st_uid == geteuid()) && (info.st_mode & 022) == 0) return true;
  *why = "another user may write it";
  return false;
}

}  // namespace

Database::~Database() { sqlite3_close(db_); }

bool Database::run(const char* statement, std::string* why) {
  if (sqlite3_exec(db_, statement, nullptr, nullptr, nullptr) == SQLITE_OK) return true;
  *why = sqlite3_errmsg(db_);
  return false;
}

bool Database::open(const std::string& path, std::string* why) {
  if (!isOurs(path, why)) return false;
  const int flags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX;
  // A name that begins with a dash or `file:` is a path too.
  const std::string name = path.starts_with('/') ? path : "./" + path;
  const mode_t before = umask(022);
  const int opened = sqlite3_open_v2(name.c_str(), &db_, flags, nullptr);
  if (opened != SQLITE_OK) {
    umask(before);
    *why = db_ != nullptr ? sqlite3_errmsg(db_) : "out of memory";
    return false;
  }
  sqlite3_busy_timeout(db_, kBusyMs);
  sqlite3_limit(db_, SQLITE_LIMIT_LENGTH, kMaxText);
  sqlite3_db_config(db_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db_, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(db_, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_db_config(db_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  // Looked for first: a file that may only be read is then no problem.
  bool ready = false;
  {
    Statement there(db_,
                    "SELECT 1 FROM sqlite_master WHERE type='table' AND name='extension_meta'");
    ready = there.ok() && there.step() == SQLITE_ROW;
  }
  if (!ready) {
    ready =
        run("CREATE TABLE IF NOT EXISTS extension_meta (id INTEGER PRIMARY KEY, "
            "alias TEXT NOT NULL UNIQUE, md5 TEXT NOT NULL, filename TEXT NOT NULL, "
            "status INTEGER DEFAULT 0, description TEXT NOT NULL)",
            why);
  }
  umask(before);
  return ready;
}

bool Database::load(std::vector<ExtensionRow>* out, std::string* why) {
  out->clear();
  Statement select(db_,
                   "SELECT id, alias, md5, filename, description FROM extension_meta "
                   "WHERE status = 0 ORDER BY id");
  int got = SQLITE_ERROR;
  while (select.ok() && out->size() < kMaxRows && (got = select.step()) == SQLITE_ROW)
    out->push_back(
        {select.number(0), select.text(1), select.text(2), select.text(3), select.text(4)});
  if (got == SQLITE_DONE || got == SQLITE_ROW) return true;
  *why = sqlite3_errmsg(db_);
  out->clear();
  return false;
}

bool Database::save(const std::vector<ExtensionRow>& gone, const std::vector<ExtensionRow>& kept,
                    std::string* why) {
  if (!run("BEGIN IMMEDIATE", why)) return false;
  const auto failed = [&] {
    *why = sqlite3_errmsg(db_);
    std::string ignored;
    run("ROLLBACK", &ignored);
    return false;
  };
  {
    Statement remove(db_, "DELETE FROM extension_meta WHERE id = ? AND filename = ?");
    Statement update(db_,
                     "UPDATE extension_meta SET alias = ?, md5 = ?, description = ? "
                     "WHERE filename = ? AND id = ?");
    Statement insert(
        db_,
        "INSERT OR IGNORE INTO extension_meta (alias, md5, filename, status, description) "
        "VALUES (?, ?, ?, 0, ?)");
    if (!remove.ok() || !update.ok() || !insert.ok()) return failed();
    for (const ExtensionRow& row : gone) {
      remove.bind(1, row.id);
      remove.bind(2, row.file);
      if (remove.step() != SQLITE_DONE) return failed();
      remove.reset();
    }
    for (const ExtensionRow& row : kept) {
      Statement& statement = row.id != 0 ? update : insert;
      statement.bind(1, row.alias);
      statement.bind(2, row.md5);
      if (row.id != 0) {
        statement.bind(3, row.description);
        statement.bind(4, row.file);
        statement.bind(5, row.id);
      } else {
        statement.bind(3, row.file);
        statement.bind(4, row.description);
      }
      if (statement.step() != SQLITE_DONE) return failed();
      statement.reset();
    }
  }
  return run("COMMIT", why) || failed();
}

}  // namespace bls::extensions::cgi
