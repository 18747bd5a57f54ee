// Guest: a stand-in for a wasm program that calls WASI functions. It has 1 MiB of memory, an
// instance that exports it, and a bump allocator; calls go through the bound thunks of a HostModule
// exactly as a tier would make them. TempDir: a directory that disappears with its test.
#pragma once

#include <dirent.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include "wasi/fd_table.h"
#include "wasi/preview1.h"

namespace bls::wasi {

inline void PrintTo(Errno error, std::ostream* out) { *out << errnoName(error); }

class TempDir {
 public:
  TempDir() {
    char name[] = "/tmp/bless-wasi-XXXXXX";
    path_ = mkdtemp(name);
  }
  ~TempDir() { removeTree(path_); }
  TempDir(const TempDir&) = delete;
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  void dir(const std::string& name) const {
    ASSERT_EQ(::mkdir((*this / name).c_str(), 0777), 0) << name;
  }
  void link(const std::string& target, const std::string& name) const {
    ASSERT_EQ(::symlink(target.c_str(), (*this / name).c_str()), 0) << name;
  }
  void write(const std::string& name, const std::string& text) const {
    int fd = ::open((*this / name).c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
    ASSERT_GE(fd, 0) << name;
    ASSERT_EQ(::write(fd, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    ::close(fd);
  }
  /// "<none>" when it cannot be read.
  std::string read(const std::string& name) const {
    int fd = ::open((*this / name).c_str(), O_RDONLY);
    if (fd < 0) return "<none>";
    std::string out;
    char buffer[4096];
    for (ssize_t n; (n = ::read(fd, buffer, sizeof buffer)) > 0;)
      out.append(buffer, static_cast<size_t>(n));
    ::close(fd);
    return out;
  }
  bool exists(const std::string& name) const {
    struct stat info;
    return ::lstat((*this / name).c_str(), &info) == 0;
  }

  static void removeTree(const std::string& path) {
    if (DIR* stream = ::opendir(path.c_str())) {
      while (dirent* entry = ::readdir(stream)) {
        std::string name = entry->d_name;
        if (name == "." || name == "..") continue;
        std::string full = path + "/" + name;
        struct stat info;
        if (::lstat(full.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) {
          removeTree(full);
        } else {
          ::unlink(full.c_str());
        }
      }
      ::closedir(stream);
    }
    ::rmdir(path.c_str());
  }

 private:
  std::string path_;
};

constexpr u32 kMemoryBytes = 1 << 20;
constexpr u64 kRead = rights::kFdRead;
constexpr u64 kWrite = rights::kFdWrite;

class Guest {
 public:
  explicit Guest(ContextConfig config = quiet(), bool unstable = false) : bytes_(kMemoryBytes) {
    auto made = makeContext(std::move(config), diag_);
    EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error()->message);
    ctx_ = made.take();
    module_.emplace(unstable ? unstableModule(*ctx_) : preview1Module(*ctx_));
    // The store's objects are not needed: the memory is ours and is never grown or destroyed as one
    // of a store.
    memory_ = new (memoryStorage_) MemoryObj();
    memory_->base = bytes_.data();
    memory_->size = bytes_.size();
    instance_.exportedMemory = memory_;
    cx_.instance = &instance_;
    interrupt_.wakeFd = eventfd(0, EFD_CLOEXEC);
    cx_.interrupt = &interrupt_;
  }
  ~Guest() { ::close(interrupt_.wakeFd); }
  Guest(const Guest&) = delete;

  /// No standard streams, nothing granted.
  static ContextConfig quiet() {
    ContextConfig config;
    config.in = config.out = config.err = Stdio::null();
    return config;
  }
  static ContextConfig withDir(const TempDir& dir, PathResolver resolver = PathResolver::Auto,
                               bool write = true) {
    ContextConfig config = quiet();
    config.preopens.push_back({dir.path(), "/", true, write});
    config.resolver = resolver;
    return config;
  }

  Context& ctx() { return *ctx_; }
  ExecCtx& cx() { return cx_; }
  Instance& instance() { return instance_; }
  const host::HostModule& module() const { return *module_; }
  void setMemory(u8* base, u64 size) {
    memory_->base = base;
    memory_->size = size;
  }

  struct Outcome {
    Trap trap;
    Errno error;
  };
  template <class... A>
  Outcome run(const char* name, A... args) {
    const host::HostFunc* function = module_->find(name);
    EXPECT_NE(function, nullptr) << name;
    EXPECT_EQ(function->params.size(), sizeof...(A)) << name;
    u64 slots[16] = {static_cast<u64>(args)...};
    for (size_t i = 0; i < sizeof...(A); ++i) {
      if (function->params[i] == ValType(ValType::I32)) slots[i] = static_cast<u32>(slots[i]);
    }
    FuncObj self;
    self.hostData = module_->context();
    Trap trap = function->thunk(&cx_, &self, slots);
    return {trap, static_cast<Errno>(slots[0])};
  }
  /// Calls and expects no trap.
  template <class... A>
  Errno call(const char* name, A... args) {
    Outcome outcome = run(name, args...);
    EXPECT_EQ(outcome.trap, Trap::None) << name << ": " << trapText(outcome.trap);
    return outcome.error;
  }
  template <class... A>
  Trap trap(const char* name, A... args) {
    return run(name, args...).trap;
  }

  // --- Memory ---
  u32 alloc(u64 size, u32 align = 8) {
    next_ = (next_ + align - 1) / align * align;
    u32 at = next_;
    next_ += static_cast<u32>(size);
    EXPECT_LE(next_, kMemoryBytes);
    return at;
  }
  void resetAllocator() { next_ = 64; }
  template <class T>
  T load(u32 at) const {
    T value;
    std::memcpy(&value, bytes_.data() + at, sizeof value);
    return value;
  }
  template <class T>
  void store(u32 at, T value) {
    std::memcpy(bytes_.data() + at, &value, sizeof value);
  }
  std::string text(u32 at, u64 size) const {
    return {reinterpret_cast<const char*>(bytes_.data()) + at, size};
  }
  u32 put(std::string_view s) {
    u32 at = alloc(s.size() + 1, 1);
    std::memcpy(bytes_.data() + at, s.data(), s.size());
    return at;
  }
  u8* base() { return bytes_.data(); }
  /// An iovec array over (address, length) pairs.
  u32 iovs(std::initializer_list<std::pair<u32, u32>> list) {
    u32 at = alloc(list.size() * 8, 4);
    u32 i = 0;
    for (auto [address, length] : list) {
      store<u32>(at + 8 * i, address);
      store<u32>(at + 8 * i + 4, length);
      ++i;
    }
    return at;
  }

  // --- Calls with the plumbing done ---
  struct Opened {
    Errno error;
    u32 fd;
  };
  Opened open(u32 dir, std::string_view path, u32 flags, u64 rightsBase, u32 lookup = 0,
              u32 fdflags = 0) {
    resetAllocator();
    u32 out = alloc(4);
    store<u32>(out, 0xeeeeeeee);
    Errno error = call("path_open", dir, lookup, put(path), path.size(), flags, rightsBase, u64{0},
                       fdflags, out);
    return {error, load<u32>(out)};
  }
  /// Opens, closes again, returns the error.
  Errno tryOpen(u32 dir, std::string_view path, u32 flags = 0, u64 rightsBase = kRead,
                u32 lookup = 0) {
    Opened opened = open(dir, path, flags, rightsBase, lookup);
    if (opened.error == Errno::Success) call("fd_close", opened.fd);
    return opened.error;
  }
  Errno write(u32 fd, std::string_view s, u32* written = nullptr) {
    resetAllocator();
    u32 out = alloc(4);
    u32 data = put(s);
    Errno error = call("fd_write", fd, iovs({{data, static_cast<u32>(s.size())}}), 1, out);
    if (written != nullptr) *written = load<u32>(out);
    if (written == nullptr) {
      EXPECT_TRUE(error != Errno::Success || load<u32>(out) == s.size()) << "short write";
    }
    return error;
  }
  /// What fd_read gives, or the error's name in <>.
  std::string read(u32 fd, u32 size = 4096) {
    resetAllocator();
    u32 out = alloc(4);
    u32 data = alloc(size);
    Errno error = call("fd_read", fd, iovs({{data, size}}), 1, out);
    if (error != Errno::Success) return std::string("<") + errnoName(error) + ">";
    return text(data, load<u32>(out));
  }
  std::string readFile(u32 dir, std::string_view path, u32 lookup = 0) {
    Opened opened = open(dir, path, 0, kRead, lookup);
    if (opened.error != Errno::Success) return std::string("<") + errnoName(opened.error) + ">";
    std::string s = read(opened.fd);
    call("fd_close", opened.fd);
    return s;
  }
  Errno path1(const char* name, u32 dir, std::string_view path) {
    resetAllocator();
    return call(name, dir, put(path), path.size());
  }
  Errno path2(const char* name, u32 dir, std::string_view from, u32 toDir, std::string_view to) {
    resetAllocator();
    u32 a = put(from);
    u32 b = put(to);
    if (std::string_view(name) == "path_link")
      return call(name, dir, 0, a, from.size(), toDir, b, to.size());
    return call(name, dir, a, from.size(), toDir, b, to.size());
  }
  Errno symlink(std::string_view target, u32 dir, std::string_view path) {
    resetAllocator();
    u32 a = put(target);
    u32 b = put(path);
    return call("path_symlink", a, target.size(), dir, b, path.size());
  }
  std::string readlink(u32 dir, std::string_view path, u32 size = 4096) {
    resetAllocator();
    u32 out = alloc(4);
    u32 buffer = alloc(size, 1);
    Errno error = call("path_readlink", dir, put(path), path.size(), buffer, size, out);
    if (error != Errno::Success) return std::string("<") + errnoName(error) + ">";
    return text(buffer, load<u32>(out));
  }
  struct Stat {
    Errno error;
    u64 dev, ino, nlink, size, atim, mtim, ctim;
    u8 type;
  };
  Stat takeStat(Errno error, u32 at) {
    return {error,
            load<u64>(at),
            load<u64>(at + 8),
            load<u64>(at + 24),
            load<u64>(at + 32),
            load<u64>(at + 40),
            load<u64>(at + 48),
            load<u64>(at + 56),
            load<u8>(at + 16)};
  }
  Stat stat(u32 dir, std::string_view path, u32 lookup = 0) {
    resetAllocator();
    u32 out = alloc(64);
    Errno error = call("path_filestat_get", dir, lookup, put(path), path.size(), out);
    return takeStat(error, out);
  }
  Stat fstat(u32 fd) {
    resetAllocator();
    u32 out = alloc(64);
    Errno error = call("fd_filestat_get", fd, out);
    return takeStat(error, out);
  }
  struct FdStatus {
    Errno error;
    u8 type;
    u16 flags;
    u64 base, inheriting;
  };
  FdStatus fdstat(u32 fd) {
    resetAllocator();
    u32 out = alloc(24);
    Errno error = call("fd_fdstat_get", fd, out);
    return {error, load<u8>(out), load<u16>(out + 2), load<u64>(out + 8), load<u64>(out + 16)};
  }
  struct Position {
    Errno error;
    u64 at;
  };
  Position seek(u32 fd, i64 offset, u32 whence) {
    resetAllocator();
    u32 out = alloc(8);
    Errno error = call("fd_seek", fd, offset, whence, out);
    return {error, load<u64>(out)};
  }
  Position tell(u32 fd) {
    resetAllocator();
    u32 out = alloc(8);
    Errno error = call("fd_tell", fd, out);
    return {error, load<u64>(out)};
  }

  InterruptState& interrupt() { return interrupt_; }
  /// As a watchdog thread would.
  void requestInterrupt(Trap trap) {
    interrupt_.requested.store(static_cast<u8>(trap));
    u64 one = 1;
    ASSERT_EQ(::write(interrupt_.wakeFd, &one, sizeof one), static_cast<ssize_t>(sizeof one));
  }

 private:
  Diagnostics diag_;
  std::unique_ptr<Context> ctx_;
  std::optional<host::HostModule> module_;
  std::vector<u8> bytes_;
  alignas(MemoryObj) u8 memoryStorage_[sizeof(MemoryObj)];
  MemoryObj* memory_;
  Instance instance_;
  InterruptState interrupt_;
  ExecCtx cx_;
  u32 next_ = 64;
};

}  // namespace bls::wasi
