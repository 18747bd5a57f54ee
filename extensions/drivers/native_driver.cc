// Finding, checking and loading libraries; calls into them.
#include "extensions/drivers/native_driver.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/status.h"
#include "extensions/digest.h"

namespace bls::drivers {
namespace {

// Where a name without a slash is looked for, as the loader does by itself. LD_LIBRARY_PATH is not
// asked: it may come from whoever sends requests to a node.
constexpr const char* kFolders[] = {"/usr/local/lib",
                                    "/usr/lib",
#if defined(__x86_64__)
                                    "/usr/lib/x86_64-linux-gnu",
                                    "/lib/x86_64-linux-gnu",
#elif defined(__aarch64__)
                                    "/usr/lib/aarch64-linux-gnu",
                                    "/lib/aarch64-linux-gnu",
#endif
                                    "/lib",
                                    "/usr/lib64",
                                    "/lib64"};

int openFile(const std::string& path) { return open(path.c_str(), O_RDONLY | O_CLOEXEC); }

// -1 with errno. A name with a slash is relative to the current directory.
int openLibrary(const std::string& name) {
  if (name.find('/') != name.npos) return openFile(name);
  for (const char* folder : kFolders) {
    const int fd = openFile(std::string(folder) + "/" + name);
    if (fd >= 0) return fd;
  }
  errno = ENOENT;
  return -1;
}

bool hasDigest(int fd, u64 size, const std::string& wanted, std::string* why) {
  u8 digest[kMaxDigestSize];
  void* bytes = size == 0 ? MAP_FAILED : mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (bytes == MAP_FAILED) {
    *why = "it cannot be read";
    return false;
  }
  const bool done = digestOf(DigestKind::Sha256, {static_cast<const u8*>(bytes), size}, digest);
  munmap(bytes, size);
  if (done && hexOf({digest, digestSize(DigestKind::Sha256)}) == wanted) return true;
  *why = "its SHA-256 is not the one in the configuration";
  return false;
}

bool isTrusted(int fd, const std::string& sha256, std::string* why) {
  struct stat info{};
  if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    *why = "it is no regular file";
    return false;
  }
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    *why = "others may write to it; try chmod go-w";
    return false;
  }
  if (info.st_uid != 0 && info.st_uid != geteuid()) {
    *why = "it belongs to another user";
    return false;
  }
  return sha256.empty() || hasDigest(fd, static_cast<u64>(info.st_size), sha256, why);
}

// What the loader says, with the name the operator knows.
std::string loaderText(const std::string& loaded, const std::string& path) {
  const char* said = dlerror();
  std::string text = said != nullptr ? said : "unknown error";
  for (size_t at = text.find(loaded); at != text.npos; at = text.find(loaded, at + path.size()))
    text.replace(at, loaded.size(), path);
  return escapeForMessage(text, 300);
}

template <class F>
bool symbol(void* library, const char* name, F* out, std::string* why) {
  *out = reinterpret_cast<F>(dlsym(library, name));
  if (*out == nullptr) *why = std::string("it has no symbol ") + name;
  return *out != nullptr;
}

}  // namespace

std::shared_ptr<NativeDriver> NativeDriver::load(const extensions::DriverChoice& choice,
                                                 std::string* why) {
  const std::string about = "driver library '" + escapeForMessage(choice.path, 200) + "': ";
  const int fd = openLibrary(choice.path);
  if (fd < 0) {
    *why = about + strerror(errno);
    return nullptr;
  }
  auto driver = std::make_shared<NativeDriver>();
  driver->scheme_ = choice.scheme;
  bool good = isTrusted(fd, choice.sha256, why);
  if (good) {
    // The file that was looked at, whatever its name leads to by now.
    const std::string loaded = "/proc/self/fd/" + std::to_string(fd);
    void* library = dlopen(loaded.c_str(), RTLD_NOW | RTLD_LOCAL);
    good = library != nullptr;
    if (!good) *why = loaderText(loaded, choice.path);
    good = good && symbol(library, "blockless_open", &driver->open_, why) &&
           symbol(library, "blockless_read", &driver->read_, why) &&
           symbol(library, "blockless_write", &driver->write_, why) &&
           symbol(library, "blockless_close", &driver->close_, why);
  }
  close(fd);
  if (good) return driver;
  *why = about + *why;
  return nullptr;
}

u32 NativeDriver::open(std::string_view uri, std::string_view options,
                       std::shared_ptr<NativeHandle>* out) const {
  // Copies, so that what a driver writes over is its own.
  std::string ownUri(uri);
  std::string ownOptions(options);
  u32 fd = 0;
  const u32 result = open_(
      reinterpret_cast<const u8*>(ownUri.data()), static_cast<u32>(ownUri.size()),
      reinterpret_cast<const u8*>(ownOptions.data()), static_cast<u32>(ownOptions.size()), &fd);
  if (result == 0) *out = std::make_shared<NativeHandle>(shared_from_this(), fd);
  return result;
}

int NativeHandle::result(u32 code, u32 size, u32* done) const {
  if (code != 0) return code <= 4095 ? static_cast<int>(code) : EIO;
  return *done <= size ? 0 : EIO;
}

int NativeHandle::read(u8* data, u32 size, u32* done) {
  if (busy_.test_and_set(std::memory_order_acquire)) return EBUSY;
  u32 count = 0;
  int error = EBADF;
  if (open_) error = result(driver_->read_(fd_, data, size, &count), size, &count);
  *done = error == 0 ? count : 0;
  busy_.clear(std::memory_order_release);
  return error;
}

int NativeHandle::write(const u8* data, u32 size, u32* done) {
  if (busy_.test_and_set(std::memory_order_acquire)) return EBUSY;
  u32 count = 0;
  int error = EBADF;
  if (open_) error = result(driver_->write_(fd_, data, size, &count), size, &count);
  *done = error == 0 ? count : 0;
  busy_.clear(std::memory_order_release);
  return error;
}

void NativeHandle::close() {
  if (busy_.test_and_set(std::memory_order_acquire)) return;
  if (open_ && fd_ != 0) (void)driver_->close_(fd_);  // 0 is what drivers without state answer
  open_ = false;
  busy_.clear(std::memory_order_release);
}

}  // namespace bls::drivers
