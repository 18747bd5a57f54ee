#include "extensions/cgi/catalog.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "extensions/cgi/bytes.h"

namespace bls::extensions::cgi {
namespace {

// Coarser clocks of file systems that are still about are 2 s.
constexpr i64 kSettledNs = 2'500'000'000;
constexpr u32 kWritten = 0x43474931;

i64 nanoseconds(const timespec& time) { return i64{time.tv_sec} * 1'000'000'000 + time.tv_nsec; }

// A record lock belongs to the process and ends with it, whatever ends it.
class Lock {
 public:
  Lock(int memory, short type) : memory_(memory) { held_ = set(type); }
  ~Lock() {
    if (held_) set(F_UNLCK);
  }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  bool held() const { return held_; }

 private:
  bool set(short type) const {
    struct flock lock{};
    lock.l_type = type;
    int done;
    do {
      done = fcntl(memory_, F_SETLKW, &lock);
    } while (done != 0 && errno == EINTR);
    return done == 0;
  }
  const int memory_;
  bool held_;
};

}  // namespace

Identity identify(const struct stat& info) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  const i64 changed = nanoseconds(info.st_ctim);
  return {info.st_dev,  info.st_ino,
          info.st_size, nanoseconds(info.st_mtim),
          changed,      changed <= nanoseconds(now) - kSettledNs};
}

bool loadCatalog(int memory, std::vector<CatalogEntry>* out) {
  out->clear();
  const Lock lock(memory, F_RDLCK);
  struct stat info{};
  if (!lock.held() || fstat(memory, &info) != 0 || info.st_size <= 0) return false;
  std::string bytes(static_cast<size_t>(info.st_size), '\0');
  if (pread(memory, bytes.data(), bytes.size(), 0) != info.st_size) return false;
  ByteReader reader(bytes);
  u32 mark;
  if (!reader.number(&mark) || mark != kWritten) return false;
  while (!reader.atEnd()) {
    CatalogEntry& entry = out->emplace_back();
    if (!reader.text(&entry.file) || !reader.text(&entry.alias) || !reader.text(&entry.md5) ||
        !reader.text(&entry.description) || !reader.number(&entry.identity)) {
      out->clear();
      return false;
    }
  }
  return true;
}

bool saveCatalog(int memory, const std::vector<CatalogEntry>& entries) {
  std::string bytes;
  for (const CatalogEntry& entry : entries) {
    putText(entry.file, &bytes);
    putText(entry.alias, &bytes);
    putText(entry.md5, &bytes);
    putText(entry.description, &bytes);
    putNumber(entry.identity, &bytes);
  }
  const Lock lock(memory, F_WRLCK);
  // The mark comes last: a process may be killed in between.
  return lock.held() && ftruncate(memory, 0) == 0 &&
         pwrite(memory, bytes.data(), bytes.size(), sizeof kWritten) ==
             static_cast<ssize_t>(bytes.size()) &&
         pwrite(memory, &kWritten, sizeof kWritten, 0) == sizeof kWritten;
}

}  // namespace bls::extensions::cgi
