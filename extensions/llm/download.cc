// The file is locked by a range lock of its open description, which goes with the process.
#include "extensions/llm/download.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <vector>

namespace bls::llm {
namespace {

using net::Header;
using net::HttpError;

constexpr u64 kMostBytes = u64{256} << 30;
constexpr u64 kUnknown = ~u64{0};
constexpr u64 kLookAgainNs = 100'000'000;
constexpr size_t kPiece = size_t{256} << 10;
constexpr i32 kOk = 200, kPartial = 206;

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return fd_; }

 private:
  const int fd_;
};

bool parseSize(std::string_view text, u64* out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *out);
  return error == std::errc() && end == text.data() + text.size();
}

bool isRedirect(i32 status) { return status >= 300 && status < 400; }

class Download {
 public:
  Download(ExecCtx* cx, net::HttpClient& client, const Model& model, const char* operation,
           std::string* why)
      : cx_(cx), client_(client), model_(model), operation_(operation), why_(why) {}

  HttpError run(const std::string& folder);

 private:
  HttpError fail(std::string text) {
    *why_ = std::move(text);
    return HttpError::Protocol;
  }
  HttpError askSize();
  HttpError head(u32 redirects, std::unique_ptr<net::HttpExchange>* out);
  HttpError attempt(const std::string& folder, int directory, const char* part, bool* again);
  bool lock(int fd, HttpError* error);
  HttpError fetch(int fd);
  HttpError copy(net::HttpExchange& exchange, int fd, u64 at);

  ExecCtx* const cx_;
  net::HttpClient& client_;
  const Model& model_;
  const char* const operation_;
  std::string* const why_;
  u64 size_ = kUnknown;
};

HttpError Download::head(u32 redirects, std::unique_ptr<net::HttpExchange>* out) {
  net::HttpRequest request;
  request.unlimited = true;
  request.method = "HEAD";
  request.url = model_.url;
  request.maxRedirects = redirects;
  request.operation = operation_;
  return client_.start(cx_, request, out, why_);
}

// The first answer says how large the file is; where it only leads on, the last one does.
HttpError Download::askSize() {
  std::unique_ptr<net::HttpExchange> exchange;
  HttpError error = head(0, &exchange);
  if (error != HttpError::None) return error;
  const std::string* size = exchange->header("x-linked-size");
  if (size == nullptr && isRedirect(exchange->status)) {
    constexpr u32 kRedirects = 10;
    error = head(kRedirects, &exchange);
    if (error != HttpError::None) return error;
    size = exchange->header("x-linked-size");
  }
  if (exchange->status >= 400)
    return fail("the server answers " + std::to_string(exchange->status));
  if (size == nullptr) size = exchange->header("content-length");
  if (size == nullptr) return HttpError::None;
  if (!parseSize(*size, &size_) || size_ > kMostBytes) return fail("the file is too large");
  return HttpError::None;
}

// False when another execution writes the file; `*error` when it cannot be locked at all.
bool Download::lock(int fd, HttpError* error) {
  struct flock whole{};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  *error = HttpError::None;
  if (fcntl(fd, F_OFD_SETLK, &whole) == 0) return true;
  if (errno != EAGAIN && errno != EACCES && errno != EINTR)
    *error = fail("the file cannot be locked: " + std::string(strerror(errno)));
  return false;
}

HttpError Download::copy(net::HttpExchange& exchange, int fd, u64 at) {
  std::vector<u8> piece(kPiece);
  const u64 most = size_ == kUnknown ? kMostBytes : size_;
  for (;;) {
    size_t done = 0;
    const HttpError error = exchange.read(cx_, piece.data(), piece.size(), &done);
    if (error == HttpError::Interrupted) return error;
    if (error != HttpError::None) return fail("the download ended early");
    if (done == 0) break;
    if (done > most - at) return fail("the file is larger than announced");
    for (size_t written = 0; written < done;) {
      const ssize_t count =
          pwrite(fd, piece.data() + written, done - written, static_cast<off_t>(at));
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return fail("the file cannot be written: " + std::string(strerror(errno)));
      written += static_cast<size_t>(count);
      at += static_cast<u64>(count);
    }
  }
  return size_ == kUnknown || at == size_ ? HttpError::None : fail("the download ended early");
}

HttpError Download::fetch(int fd) {
  struct stat info{};
  if (fstat(fd, &info) != 0) return fail(strerror(errno));
  u64 at = static_cast<u64>(info.st_size);
  if (size_ != kUnknown && at == size_) return HttpError::None;
  if (size_ == kUnknown || at > size_) at = 0;
  net::HttpRequest request;
  request.unlimited = true;
  request.url = model_.url;
  request.operation = operation_;
  if (at != 0) request.headers.push_back({"Range", "bytes=" + std::to_string(at) + "-"});
  std::unique_ptr<net::HttpExchange> exchange;
  const HttpError error = client_.start(cx_, request, &exchange, why_);
  if (error != HttpError::None) return error;
  if (exchange->status == kPartial && at != 0) {
    const std::string* range = exchange->header("content-range");
    if (range == nullptr || !range->starts_with("bytes " + std::to_string(at) + "-"))
      return fail("the server sends another part of the file");
  } else if (exchange->status == kOk) {
    at = 0;  // all of it, whatever was asked for
  } else {
    return fail("the server answers " + std::to_string(exchange->status));
  }
  if (ftruncate(fd, static_cast<off_t>(at)) != 0) return fail(strerror(errno));
  return copy(*exchange, fd, at);
}

HttpError Download::run(const std::string& folder) {
  const File directory(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0)
    return fail("the model folder cannot be opened: " + std::string(strerror(errno)));
  // Before a file appears: nothing is left behind by what is not permitted.
  HttpError error = askSize();
  if (error != HttpError::None) return error;
  const std::string part = model_.file + ".part";
  for (bool again = true; again;) {
    again = false;
    error = attempt(folder, directory.get(), part.c_str(), &again);
    // Not with the file open: nobody could start it meanwhile.
    if (again && host::blockingWait(cx_, {}, kLookAgainNs) == host::WaitEnd::Interrupted)
      return HttpError::Interrupted;
  }
  return error;
}

// Who holds the lock of the file that has the name may remove or rename it, and nobody else.
HttpError Download::attempt(const std::string& folder, int directory, const char* part,
                            bool* again) {
  constexpr mode_t kMode = 0755;
  const File file(openat(directory, part, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, kMode));
  if (file.get() < 0) return fail("the file cannot be made: " + std::string(strerror(errno)));
  HttpError error;
  *again = !lock(file.get(), &error);
  if (error != HttpError::None) *again = false;
  if (*again || error != HttpError::None) return error;
  struct stat info{};
  struct stat named{};
  *again = fstat(file.get(), &info) != 0 ||
           fstatat(directory, part, &named, AT_SYMLINK_NOFOLLOW) != 0 ||
           info.st_dev != named.st_dev || info.st_ino != named.st_ino;
  if (*again) return HttpError::None;
  if (haveModel(folder, model_)) {
    unlinkat(directory, part, 0);
    return HttpError::None;
  }
  // Of another program, and no model as it is: the sandbox has no way to change its mode.
  if (!S_ISREG(info.st_mode) || (info.st_mode & 0100) == 0 || (info.st_mode & 022) != 0) {
    *again = unlinkat(directory, part, 0) == 0;
    return *again ? HttpError::None : fail("what an earlier download left cannot be removed");
  }
  error = fetch(file.get());
  if (error != HttpError::None) return error;
  if (fsync(file.get()) != 0 || renameat(directory, part, directory, model_.file.c_str()) != 0)
    return fail("the file cannot be put in place: " + std::string(strerror(errno)));
  return HttpError::None;
}

}  // namespace

bool haveModel(const std::string& folder, const Model& model) {
  struct stat info{};
  return lstat((folder + "/" + model.file).c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

HttpError downloadModel(ExecCtx* cx, net::HttpClient& client, const std::string& folder,
                        const Model& model, const char* operation, std::string* why) {
  return Download(cx, client, model, operation, why).run(folder);
}

}  // namespace bls::llm
