// Directory, database and catalog brought together.
#include "extensions/cgi/discovery.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>
#include <span>

#include "engine/base/status.h"
#include "extensions/base/json.h"
#include "extensions/cgi/verify.h"
#include "extensions/digest.h"

namespace bls::extensions::cgi {
namespace {

constexpr size_t kMaxFiles = 4096;
constexpr size_t kMaxExtensions = 1024;
constexpr size_t kMaxDescription = 16 << 10;
constexpr size_t kHashPiece = size_t{1} << 20;

bool hungUp(int channel) {
  pollfd one{channel, POLLRDHUP, 0};
  return channel >= 0 && poll(&one, 1, 0) > 0 && one.revents != 0;
}

std::string shown(const std::string& name) { return "\"" + escapeForMessage(name, 100) + "\""; }

// Of SQLite's own: the database and what may lie beside it.
bool isDatabase(const std::string& name) { return name.starts_with(kDatabaseName); }

class Discovery {
 public:
  explicit Discovery(const DiscoverySetup& setup) : setup_(setup) {}
  bool run(std::vector<ExtensionRow>* out);

 private:
  struct Program {
    std::string name;
    int fd;
    Identity identity;
    std::string md5;
  };

  bool names(std::vector<std::string>* out);
  void loadDatabase();
  bool look(const std::string& name);
  void known(const Program& program, ExtensionRow row);
  bool unknown(std::span<const std::string> names);
  bool ask(std::vector<Question>* questions);
  void learned(const Program& program, Question question);
  const CatalogEntry* remembered(const std::string& name, const Identity& identity) const;
  void save();
  void log(LogLevel level, const std::string& line) const {
    if (setup_.log) setup_.log(level, line);
  }

  const DiscoverySetup& setup_;
  int root_ = -1;
  Database database_;
  bool stored_ = false;  // there is a database
  std::map<std::string, ExtensionRow>
      rows_;                           // of the database, by file; those left at the end are gone
  std::vector<ExtensionRow> surplus_;  // further rows for the same file
  std::vector<CatalogEntry> before_;
  std::vector<CatalogEntry> now_;
  std::vector<std::string> left_;  // files that no row knows
  std::set<std::string> aliases_;
  std::vector<ExtensionRow> found_;
  bool changed_ = false;
};

bool Discovery::names(std::vector<std::string>* out) {
  root_ = openRoot(*setup_.settings);
  const auto failed = [&] {
    if (errno != ENOENT)
      log(LogLevel::Error, "error list_cgi_directory: " + shown(setup_.settings->driversRoot) +
                               ": " + strerror(errno));
    return false;
  };
  if (root_ < 0) return failed();
  const int copy = openat(root_, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* folder = copy < 0 ? nullptr : fdopendir(copy);
  if (folder == nullptr) return failed();
  while (const dirent* entry = readdir(folder)) {
    const std::string name = entry->d_name;
    if (name == "." || name == ".." || isDatabase(name)) continue;
    if (out->size() == kMaxFiles) {
      log(LogLevel::Warn, "more than " + std::to_string(kMaxFiles) +
                              " files in the directory of extensions; the rest is left out");
      break;
    }
    out->push_back(name);
  }
  closedir(folder);
  std::sort(out->begin(), out->end());
  return true;
}

void Discovery::loadDatabase() {
  std::string why;
  const std::string path = setup_.settings->driversRoot + "/" + kDatabaseName;
  if (!database_.open(path, &why)) {
    log(LogLevel::Error, "error open db " + shown(path) + ": " + escapeForMessage(why, 200));
    return;
  }
  std::vector<ExtensionRow> rows;
  if (!database_.load(&rows, &why)) {
    log(LogLevel::Error, "error list extensions: " + escapeForMessage(why, 200));
    return;
  }
  stored_ = true;
  for (ExtensionRow& row : rows) {
    const std::string file = row.file;
    const bool usable = isAlias(row.alias) && rows_.find(file) == rows_.end();
    if (usable) {
      rows_[file] = std::move(row);
    } else {
      surplus_.push_back(std::move(row));
      changed_ = true;
    }
  }
}

const CatalogEntry* Discovery::remembered(const std::string& name, const Identity& identity) const {
  for (const CatalogEntry& entry : before_) {
    if (entry.file == name && entry.identity.sameAs(identity)) return &entry;
  }
  return nullptr;
}

// What a row of the database knows; the rest waits, because an alias that is stored goes first.
bool Discovery::look(const std::string& name) {
  if (hungUp(setup_.channel)) return false;
  Program program{name, -1, {}, {}};
  std::string why;
  program.fd = openProgram(root_, name, &program.identity, &why);
  const CatalogEntry* seen = remembered(name, program.identity);
  if (program.fd < 0) {
    if (why.empty()) return true;
    if (seen == nullptr)
      log(LogLevel::Warn, "the file " + shown(name) + " is not taken as an extension: " + why);
    now_.push_back({name, {}, {}, {}, program.identity});
    return true;
  }
  const auto row = rows_.find(name);
  if (row == rows_.end()) {
    left_.push_back(name);
    close(program.fd);
    return true;
  }
  const bool sure = seen != nullptr && seen->identity.settled && !seen->md5.empty();
  program.md5 = sure ? seen->md5 : digestOfProgram(program.fd, setup_.channel);
  close(program.fd);
  if (program.md5.empty()) return !hungUp(setup_.channel);
  ExtensionRow have = std::move(row->second);
  rows_.erase(row);
  known(program, std::move(have));
  return true;
}

void Discovery::known(const Program& program, ExtensionRow row) {
  if (found_.size() >= kMaxExtensions) return;
  changed_ = changed_ || row.md5 != program.md5;
  row.md5 = program.md5;
  aliases_.insert(row.alias);
  now_.push_back({program.name, row.alias, program.md5, row.description, program.identity});
  found_.push_back(std::move(row));
}

// Asks those that are not remembered, all at once. False when the request was cancelled.
bool Discovery::unknown(std::span<const std::string> names) {
  std::vector<Program> programs;
  std::vector<Question> questions;
  for (const std::string& name : names) {
    Program program{name, -1, {}, {}};
    Question question;
    program.fd = openProgram(root_, name, &program.identity, &question.why);
    if (program.fd < 0) continue;  // changed since
    const CatalogEntry* seen = remembered(name, program.identity);
    if (seen != nullptr && seen->alias.empty()) {
      now_.push_back(*seen);
      close(program.fd);
      continue;
    }
    question.name = name;
    if (seen != nullptr && seen->identity.settled) {
      // Without a database that could remember it.
      program.md5 = seen->md5;
      question.row.alias = seen->alias;
      question.row.description = seen->description;
      question.isExtension = true;
    } else {
      program.md5 = digestOfProgram(program.fd, setup_.channel);
      if (!program.md5.empty()) question.program = program.fd;
    }
    programs.push_back(std::move(program));
    questions.push_back(std::move(question));
  }
  const bool whole = ask(&questions);
  for (size_t i = 0; i < programs.size(); ++i) {
    close(programs[i].fd);
    if (whole) learned(programs[i], std::move(questions[i]));
  }
  return whole && !hungUp(setup_.channel);
}

bool Discovery::ask(std::vector<Question>* questions) {
  std::vector<Question> open;
  for (const Question& one : *questions) {
    if (one.program >= 0) open.push_back(one);
  }
  if (!askPrograms(*setup_.settings, open, setup_.channel)) return false;
  auto next = open.begin();
  for (Question& one : *questions) {
    if (one.program >= 0) one = std::move(*next++);
  }
  return true;
}

void Discovery::learned(const Program& program, Question question) {
  ExtensionRow& row = question.row;
  bool taken = question.isExtension;
  if (taken && found_.size() >= kMaxExtensions) {
    question.why = "there are too many";
    taken = false;
  } else if (taken && !aliases_.insert(row.alias).second) {
    question.why = "its alias " + shown(row.alias) + " belongs to another file";
    taken = false;
  }
  if (!taken && !question.why.empty())
    log(LogLevel::Warn,
        "the file " + shown(program.name) + " is not taken as an extension: " + question.why);
  now_.push_back({program.name, taken ? row.alias : std::string(), program.md5,
                  taken ? row.description : std::string(), program.identity});
  if (!taken) return;
  row.file = program.name;
  row.md5 = program.md5;
  found_.push_back(std::move(row));
  changed_ = true;
}

void Discovery::save() {
  changed_ = changed_ || !rows_.empty();
  if (!stored_ || !changed_) return;
  std::vector<ExtensionRow> gone = std::move(surplus_);
  for (auto& [file, row] : rows_) gone.push_back(std::move(row));
  std::string why;
  if (!database_.save(gone, found_, &why))
    log(LogLevel::Error, "save extensions error: " + escapeForMessage(why, 200));
}

bool Discovery::run(std::vector<ExtensionRow>* out) {
  loadCatalog(setup_.memory, &before_);
  std::vector<std::string> all;
  bool whole = true;
  if (names(&all)) {
    loadDatabase();
    for (const std::string& name : all) whole = whole && look(name);
    for (std::span<const std::string> left = left_; whole && !left.empty();) {
      const size_t some = std::min(left.size(), kMaxQuestions);
      whole = unknown(left.first(some));
      left = left.subspan(some);
    }
    if (whole) save();
  }
  if (root_ >= 0) close(root_);
  if (!whole) return false;
  std::sort(found_.begin(), found_.end(),
            [](const ExtensionRow& a, const ExtensionRow& b) { return a.file < b.file; });
  saveCatalog(setup_.memory, now_);
  *out = std::move(found_);
  return true;
}

}  // namespace

bool discover(const DiscoverySetup& setup, std::vector<ExtensionRow>* out) {
  return Discovery(setup).run(out);
}

std::string listJson(const std::vector<ExtensionRow>& extensions) {
  std::string out = "[";
  for (const ExtensionRow& row : extensions) {
    if (out.size() > 1) out += ',';
    out += "{\"fileName\":" + jsonQuoted(row.file) + ",\"alias\":" + jsonQuoted(row.alias) +
           ",\"md5\":" + jsonQuoted(row.md5) + ",\"description\":" + jsonQuoted(row.description) +
           "}";
  }
  return out + "]";
}

int openRoot(const Settings& settings) {
  return open(settings.driversRoot.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int openProgram(int root, const std::string& name, Identity* identity, std::string* why) {
  why->clear();
  *identity = {};
  if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos ||
      name.find('\0') != std::string::npos)
    return -1;
  struct stat info{};
  const auto refused = [&] {
    *identity = identify(info);
    if (!S_ISREG(info.st_mode) || (info.st_mode & 0111) == 0) return true;
    if (info.st_uid != 0 && info.st_uid != geteuid()) {
      *why = "it belongs to another user";
    } else if ((info.st_mode & 022) != 0) {
      *why = "others may write it (chmod go-w)";
    } else if (!isUtf8(name)) {
      *why = "its name is not UTF-8";
    }
    return !why->empty();
  };
  // Looked at before it is opened: opening a device may do something.
  if (fstatat(root, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0 || refused()) return -1;
  const int fd =
      openat(root, name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) {
    *why = strerror(errno);
    return -1;
  }
  if (fstat(fd, &info) == 0 && !refused()) return fd;
  close(fd);
  return -1;
}

std::string digestOfProgram(int program, int channel) {
  const std::unique_ptr<Digest> digest = Digest::make(DigestKind::Md5);
  if (digest == nullptr) return {};
  std::vector<u8> piece(kHashPiece);
  for (i64 at = 0;;) {
    const ssize_t got = pread(program, piece.data(), piece.size(), at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 || hungUp(channel)) return {};
    if (got == 0) break;
    digest->add({piece.data(), static_cast<size_t>(got)});
    at += got;
  }
  u8 out[kMaxDigestSize];
  if (!digest->finish(out)) return {};
  return hexOf({out, digestSize(DigestKind::Md5)});
}

bool isAlias(std::string_view text) {
  constexpr size_t kMost = 128;
  if (text.empty() || text.size() > kMost || text == "." || text == ".." || !isUtf8(text))
    return false;
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return c == '/' || static_cast<u8>(c) < 0x20 || c == 0x7f; });
}

bool parseVerification(std::string_view output, ExtensionRow* out, std::string* why) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t first = output.find_first_not_of(kSpace);
  const size_t last = output.find_last_not_of(kSpace);
  Json top;
  if (first == std::string_view::npos) {
    *why = "it printed nothing";
    return false;
  }
  if (!readJson(output.substr(first, last - first + 1), &top, why)) return false;
  why->clear();
  const Json* mark = member(top, "is_cgi");
  if (mark == nullptr || !mark->is_boolean() || !mark->get<bool>()) return false;
  const std::string* alias = memberText(top, "alias");
  const std::string* description = memberText(top, "description");
  if (alias == nullptr || description == nullptr) {
    *why = "it says no \"alias\" or no \"description\"";
  } else if (!isAlias(*alias)) {
    *why = "its alias " + shown(*alias) + " cannot be one";
  } else if (description->size() > kMaxDescription) {
    *why = "its description is longer than " + std::to_string(kMaxDescription) + " bytes";
  }
  if (!why->empty()) return false;
  out->alias = *alias;
  out->description = *description;
  return true;
}

}  // namespace bls::extensions::cgi
