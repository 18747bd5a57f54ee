// The calls of the system for archives: reading one, writing a tree. No path is ever put together:
// every name is one component, opened below a directory's descriptor and never through a link.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "runtime/car_archive.h"

namespace bls::car {
namespace {

constexpr int kOpenDirectory = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr int kTemporaryTries = 1000;

Status ioError(Diagnostics& diag, const std::string& what, const std::string& name, int error) {
  return diag.fail(ErrorClass::Io, "cannot " + what + " '" + escapeForMessage(name, 200) +
                                       "': " + std::strerror(error));
}

class FileSource final : public ByteSource {
 public:
  FileSource(int fd, u64 size) : fd_(fd), size_(size) {}
  ~FileSource() override { close(fd_); }
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;

  u64 size() const override { return size_; }
  Status readAt(u64 offset, std::span<u8> out, Diagnostics& diag) override {
    while (!out.empty()) {
      const ssize_t got = pread(fd_, out.data(), out.size(), static_cast<off_t>(offset));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) {
        return diag.fail(ErrorClass::Io,
                         got == 0 ? "archive has become shorter while it was read"
                                  : std::string("cannot read the archive: ") + std::strerror(errno),
                         offset);
      }
      offset += static_cast<u64>(got);
      out = out.subspan(static_cast<size_t>(got));
    }
    return {};
  }

 private:
  int fd_;
  u64 size_;
};

class TreeWriter final : public TreeVisitor {
 public:
  explicit TreeWriter(int root) : way_{root} {}
  ~TreeWriter() override {
    if (file_ >= 0) {
      close(file_);
      removeTemporary();
    }
    for (int fd : way_) close(fd);
  }
  TreeWriter(const TreeWriter&) = delete;
  TreeWriter& operator=(const TreeWriter&) = delete;

  Status enterDirectory(std::string_view name, Diagnostics& diag) override {
    const std::string text(name);
    if (mkdirat(way_.back(), text.c_str(), 0755) != 0 && errno != EEXIST)
      return ioError(diag, "make the directory", text, errno);
    const int fd = openat(way_.back(), text.c_str(), kOpenDirectory);
    if (fd < 0) return ioError(diag, "open the directory", text, errno);
    way_.push_back(fd);
    return {};
  }

  Status leaveDirectory(Diagnostics&) override {
    close(way_.back());
    way_.pop_back();
    return {};
  }

  Status beginFile(std::string_view name, Diagnostics& diag) override {
    name_ = name;
    temporary_.clear();
    // Without a name until it is whole, so that nothing is left of it should the process be killed.
    if (nameless_) {
      file_ = openat(way_.back(), ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0644);
      if (file_ >= 0) return {};
      nameless_ = false;
    }
    const int error = withNewName([this](const char* temporary) {
      file_ = openat(way_.back(), temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                     0644);
      return file_ >= 0;
    });
    return error == 0 ? Status() : ioError(diag, "write", name_, error);
  }

  Status fileBytes(std::span<const u8> bytes, Diagnostics& diag) override {
    while (!bytes.empty()) {
      const ssize_t done = write(file_, bytes.data(), bytes.size());
      if (done < 0 && errno == EINTR) continue;
      if (done <= 0) return ioError(diag, "write", name_, done == 0 ? EIO : errno);
      bytes = bytes.subspan(static_cast<size_t>(done));
    }
    return {};
  }

  Status endFile(Diagnostics& diag) override {
    int error = 0;
    if (temporary_.empty()) {
      const std::string open = "/proc/self/fd/" + std::to_string(file_);
      error = withNewName([&](const char* temporary) {
        return linkat(AT_FDCWD, open.c_str(), way_.back(), temporary, AT_SYMLINK_FOLLOW) == 0;
      });
    }
    const int fd = file_;
    file_ = -1;
    if (close(fd) != 0 && errno != EINTR && error == 0) error = errno;
    if (error == 0 && renameat(way_.back(), temporary_.c_str(), way_.back(), name_.c_str()) != 0)
      error = errno;
    if (error == 0) return {};
    removeTemporary();
    return ioError(diag, "write", name_, error);
  }

 private:
  // Tries names until `take` has one; 0 or the system's error number. A name that is taken is one
  // of the archive, or was left by a run that was killed.
  template <class Take>
  int withNewName(Take take) {
    for (int i = 0; i < kTemporaryTries; ++i) {
      temporary_ = ".bls-part-" + std::to_string(getpid()) + "-" + std::to_string(++counter_);
      if (take(temporary_.c_str())) return 0;
      if (errno != EEXIST) break;
    }
    temporary_.clear();  // it is not ours
    return errno;
  }

  void removeTemporary() {
    if (!temporary_.empty()) unlinkat(way_.back(), temporary_.c_str(), 0);
    temporary_.clear();
  }

  std::vector<int> way_;  // open directories, the root first
  int file_ = -1;         // the temporary file
  bool nameless_ = access("/proc/self/fd", X_OK) == 0;
  std::string temporary_;  // its name, while it has one
  std::string name_;
  u64 counter_ = 0;
};

}  // namespace

Status ByteSource::ofFile(const char* path, Diagnostics& diag, std::unique_ptr<ByteSource>* out) {
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return diag.fail(ErrorClass::Io, std::string("cannot open: ") + std::strerror(errno));
  struct stat info{};
  if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    close(fd);
    return diag.fail(ErrorClass::Io, "an archive must be a regular file");
  }
  *out = std::make_unique<FileSource>(fd, static_cast<u64>(info.st_size));
  return {};
}

Status makeTreeWriter(const char* directory, const std::string& name, Diagnostics& diag,
                      std::unique_ptr<TreeVisitor>* out) {
  const int fd = ::open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return ioError(diag, "open the directory", directory, errno);
  auto writer = std::make_unique<TreeWriter>(fd);
  TRY(writer->enterDirectory(name, diag));
  *out = std::move(writer);
  return {};
}

int realPath(const char* path, std::string* out) {
  char* real = realpath(path, nullptr);
  if (real == nullptr) return errno;
  *out = real;
  std::free(real);
  return 0;
}

int realDirectory(const char* path, std::string* out) {
  const int failed = realPath(path, out);
  if (failed != 0) return failed;
  struct stat info{};
  if (stat(out->c_str(), &info) != 0) return errno;
  return S_ISDIR(info.st_mode) ? 0 : ENOTDIR;
}

}  // namespace bls::car
