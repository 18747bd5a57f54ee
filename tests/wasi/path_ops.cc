// The interpreter of random path sequences; see path_ops.h.
#include "tests/wasi/path_ops.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <new>
#include <vector>

#include "engine/host/access_gate.h"
#include "wasi/preview1.h"
#include "wasi/types.h"

namespace bls::wasi {
namespace {

constexpr const char* kCanary = "canary: must never be read or changed";
constexpr u32 kMemory = 65536;
constexpr int kMaxOps = 64;

// The bytes of one input, zeros after its end.
class Input {
 public:
  Input(const u8* data, size_t size) : data_(data), size_(size) {}
  bool empty() const { return at_ >= size_; }
  u32 byte() { return at_ < size_ ? data_[at_++] : 0; }

  // Few names, so that they meet; dots, empty components and slashes in odd places.
  std::string path() {
    static constexpr const char* kParts[] = {"a",  "b", "c", "l",  "m",    "..",
                                             "..", ".", "",  "in", "grant"};
    std::string out;
    u32 shape = byte();
    u32 count = 1 + shape % 4;
    for (u32 i = 0; i < count; ++i) {
      if (i != 0) out += '/';
      out += kParts[byte() % std::size(kParts)];
    }
    if ((shape & 0x10) != 0) out += '/';
    if ((shape & 0x60) == 0x60) out += "//";
    if ((shape & 0x80) != 0 && (shape & 0x0c) == 0x0c) out = "../" + out;
    return out;
  }

 private:
  const u8* data_;
  size_t size_;
  size_t at_ = 0;
};

void removeTree(const std::string& path) {
  if (DIR* stream = opendir(path.c_str())) {
    while (dirent* entry = readdir(stream)) {
      std::string name = entry->d_name;
      if (name == "." || name == "..") continue;
      std::string full = path + "/" + name;
      struct stat info;
      if (lstat(full.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) {
        removeTree(full);
      } else {
        unlink(full.c_str());
      }
    }
    closedir(stream);
  }
  rmdir(path.c_str());
}

// Everything there is to see of a tree, except times and numbers.
std::string describeTree(const std::string& path) {
  std::vector<std::string> lines;
  if (DIR* stream = opendir(path.c_str())) {
    while (dirent* entry = readdir(stream)) {
      std::string name = entry->d_name;
      if (name == "." || name == "..") continue;
      std::string full = path + "/" + name;
      struct stat info;
      if (lstat(full.c_str(), &info) != 0) continue;
      char text[256];
      std::string line = name;
      if (S_ISDIR(info.st_mode)) {
        line += "/{" + describeTree(full) + "}";
      } else if (S_ISLNK(info.st_mode)) {
        ssize_t n = readlink(full.c_str(), text, sizeof text);
        line += "->" + std::string(text, n < 0 ? 0 : static_cast<size_t>(n));
      } else {
        int fd = open(full.c_str(), O_RDONLY | O_NOFOLLOW);
        ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text);
        if (fd >= 0) close(fd);
        line += "=" + std::string(text, n < 0 ? 0 : static_cast<size_t>(n)) + "#" +
                std::to_string(info.st_nlink);
      }
      lines.push_back(line);
    }
    closedir(stream);
  }
  std::sort(lines.begin(), lines.end());
  std::string out;
  for (const std::string& line : lines) out += line + ";";
  return out;
}

void writeFile(const std::string& path, const char* text) {
  int fd = open(path.c_str(), O_WRONLY | O_CREAT, 0666);
  if (fd >= 0) {
    (void)!write(fd, text, strlen(text));
    close(fd);
  }
}

// The inode numbers of everything below `path` except the folder `grant`, and of `path` itself.
void collectInodes(const std::string& path, std::vector<u64>* out) {
  struct stat info;
  if (lstat(path.c_str(), &info) != 0) return;
  out->push_back(info.st_ino);
  DIR* stream = S_ISDIR(info.st_mode) ? opendir(path.c_str()) : nullptr;
  if (stream == nullptr) return;
  while (dirent* entry = readdir(stream)) {
    std::string name = entry->d_name;
    if (name != "." && name != ".." && name != "grant") collectInodes(path + "/" + name, out);
  }
  closedir(stream);
}

// Rules that allow everything: paths are then resolved by the walk that knows names (gate.h).
class OpenGate final : public host::AccessGate {
 public:
  bool permit(ExecCtx*, u8, std::string_view, const char*) override { return true; }
  bool mayPass(u8, std::string_view) override { return true; }
  bool permitNewName(ExecCtx*, std::string_view, std::string_view, bool, const char*) override {
    return true;
  }
  bool permitNet(ExecCtx*, const host::NetTarget&, const char*) override { return true; }
  bool permitAddress(ExecCtx*, const host::NetTarget&, std::string_view, const char*) override {
    return true;
  }
  bool permitCgi(ExecCtx*, std::string_view, const char*) override { return true; }
  bool permitRunModel(ExecCtx*, std::string_view, const char*) override { return true; }
  bool beginOutput(ExecCtx*) override { return true; }
  void endOutput() override {}
};
OpenGate openGate;

// One tree, outside/{a/in,b,c,in,canary,l} and outside/grant, with a guest that is granted the
// latter.
class Side {
 public:
  explicit Side(PathResolver resolver, host::AccessGate* gate = nullptr) : memory_(kMemory) {
    char name[] = "/tmp/bless-paths-XXXXXX";
    root_ = mkdtemp(name);
    for (const char* dir : {"/a", "/grant", "/grant/a", "/grant/a/b"})
      mkdir((root_ + dir).c_str(), 0777);
    for (const char* file : {"/in", "/a/in", "/a/canary", "/b", "/c", "/canary"})
      writeFile(root_ + file, kCanary);
    writeFile(root_ + "/grant/in", "inside");
    (void)!symlink("canary", (root_ + "/l").c_str());
    (void)!symlink("../a", (root_ + "/grant/m").c_str());
    ContextConfig config;
    config.in = config.out = config.err = Stdio::null();
    config.preopens.push_back({root_ + "/grant", "/", true, true});
    config.resolver = resolver;
    config.gate = gate;
    Diagnostics diag;
    auto made = makeContext(std::move(config), diag);
    CHECK(made.ok());
    ctx_ = made.take();
    module_ = std::make_unique<host::HostModule>(preview1Module(*ctx_));
    object_ = new (storage_) MemoryObj();
    object_->base = memory_.data();
    object_->size = memory_.size();
    instance_.exportedMemory = object_;
    cx_.instance = &instance_;
    outside_ = outside();
    collectInodes(root_, &outsideInodes_);
  }
  ~Side() {
    ctx_.reset();
    removeTree(root_);
  }
  Side(const Side&) = delete;

  bool outsideIsUntouched() const { return outside() == outside_; }
  bool isOutside(u64 inode) const {
    return std::find(outsideInodes_.begin(), outsideInodes_.end(), inode) != outsideInodes_.end();
  }
  std::string inside() const { return describeTree(root_ + "/grant"); }
  PathResolver resolver() const { return ctx_->resolver(); }

  u32 put(const std::string& s) {
    u32 at = next_;
    std::memcpy(memory_.data() + at, s.data(), s.size());
    next_ += static_cast<u32>(s.size()) + 1;
    return at;
  }
  template <class... A>
  u32 call(const char* name, A... args) {
    u64 slots[16] = {static_cast<u64>(args)...};
    FuncObj self;
    self.hostData = module_->context();
    Trap trap = module_->find(name)->thunk(&cx_, &self, slots);
    return trap == Trap::None ? static_cast<u32>(slots[0]) : 1000 + static_cast<u32>(trap);
  }
  void begin() { next_ = 1024; }
  u64 load(u32 at) const {
    u64 value;
    std::memcpy(&value, memory_.data() + at, 8);
    return value;
  }
  std::string text(u32 at, u64 size) const {
    return {reinterpret_cast<const char*>(memory_.data()) + at, static_cast<size_t>(size)};
  }
  void storeIov(u32 at, u32 address, u32 length) {
    std::memcpy(memory_.data() + at, &address, 4);
    std::memcpy(memory_.data() + at + 4, &length, 4);
  }

 private:
  // The outside without the grant.
  std::string outside() const {
    std::string all = describeTree(root_);
    size_t at = all.find("grant/{");
    int depth = 0;
    size_t end = at + 6;
    do {
      depth += all[end] == '{' ? 1 : all[end] == '}' ? -1 : 0;
      ++end;
    } while (depth > 0 && end < all.size());
    return all.erase(at, end - at);
  }

  std::string root_;
  std::vector<u8> memory_;
  std::unique_ptr<Context> ctx_;
  std::unique_ptr<host::HostModule> module_;
  alignas(MemoryObj) u8 storage_[sizeof(MemoryObj)];
  MemoryObj* object_;
  Instance instance_;
  ExecCtx cx_;
  std::string outside_;
  std::vector<u64> outsideInodes_;
  u32 next_ = 1024;
};

constexpr u32 kOut = 64;   // results
constexpr u32 kIov = 128;  // one buffer description
constexpr u32 kBuffer = 4096;
constexpr u32 kBufferBytes = 256;
constexpr const char* kEscape = "saw something outside the grant";

std::string number(u64 n) { return " " + std::to_string(n); }

// Opens, reads or writes, closes; the bytes are part of the result.
std::string openAndUse(Side& side, u32 dir, u32 lookup, const std::string& path, u32 oflags,
                       u64 rights) {
  u32 error =
      side.call("path_open", dir, lookup, side.put(path), path.size(), oflags, rights, 0, 0, kOut);
  std::string result = number(error);
  if (error != 0) return result;
  u32 fd = static_cast<u32>(side.load(kOut) & 0xffffffff);
  result += number(fd);
  side.storeIov(kIov, kBuffer, kBufferBytes);
  u32 got = side.call("fd_read", fd, kIov, 1, kOut);
  result += number(got);
  if (got == 0) {
    std::string bytes = side.text(kBuffer, side.load(kOut) & 0xffffffff);
    result += ":" + bytes;
    if (bytes.find("canary") != std::string::npos) return kEscape;
  }
  if (side.call("fd_filestat_get", fd, kOut) == 0 && side.isOutside(side.load(kOut + 8)))
    return kEscape;
  // The order of names differs between two folders, so a listing is only searched.
  u32 listed = side.call("fd_readdir", fd, kBuffer, kBufferBytes, u64{0}, kOut);
  result += number(listed);
  if (listed == 0 &&
      side.text(kBuffer, side.load(kOut) & 0xffffffff).find("canary") != std::string::npos)
    return kEscape;
  side.storeIov(kIov, side.put("overwritten"), 11);
  result += number(side.call("fd_write", fd, kIov, 1, kOut));
  result += number(side.call("fd_close", fd));
  return result;
}

std::string oneOp(Side& side, Input in) {
  u32 op = in.byte() % 11;
  u32 bits = in.byte();
  u32 dir = (bits & 0x80) != 0 ? 4 : 3;  // 4: grant/a
  u32 lookup = bits & 1;
  std::string path = in.path();
  std::string other = in.path();
  side.begin();
  switch (op) {
    case 0:
    case 1: {
      static constexpr u64 kModes[] = {0, rights::kFdRead, rights::kFdWrite,
                                       rights::kFdRead | rights::kFdWrite};
      return openAndUse(side, dir, lookup, path, (bits >> 1) & 15, kModes[(bits >> 5) & 3]);
    }
    case 2: return number(side.call("path_create_directory", dir, side.put(path), path.size()));
    case 3: return number(side.call("path_remove_directory", dir, side.put(path), path.size()));
    case 4: return number(side.call("path_unlink_file", dir, side.put(path), path.size()));
    case 5:
    case 6:
      return number(side.call("path_symlink", side.put(other), other.size(), dir, side.put(path),
                              path.size()));
    case 7:
      return number(side.call("path_rename", dir, side.put(path), path.size(), 3, side.put(other),
                              other.size()));
    case 8:
      return number(side.call("path_link", dir, 0, side.put(path), path.size(), 3, side.put(other),
                              other.size()));
    case 9: {
      u32 error = side.call("path_filestat_get", dir, lookup, side.put(path), path.size(), kOut);
      bool isDir =
          error == 0 && (side.load(kOut + 16) & 0xff) == static_cast<u8>(FileType::Directory);
      std::string result = number(error);
      if (error == 0 && side.isOutside(side.load(kOut + 8))) return kEscape;
      if (error == 0)
        result += number(side.load(kOut + 16)) +
                  (isDir ? "" : number(side.load(kOut + 24)) + number(side.load(kOut + 32)));
      return result;
    }
    default: {
      u32 error =
          side.call("path_readlink", dir, side.put(path), path.size(), kBuffer, kBufferBytes, kOut);
      std::string target = error == 0 ? side.text(kBuffer, side.load(kOut) & 0xffffffff) : "";
      if (target.find("canary") != std::string::npos) return kEscape;
      return number(error) + ":" + target;
    }
  }
}

std::string describeOp(Input in) {
  u32 op = in.byte() % 11;
  u32 bits = in.byte();
  std::string path = in.path();
  return "op " + std::to_string(op) + " bits " + std::to_string(bits) + " '" + path + "' '" +
         in.path() + "'";
}

}  // namespace

bool canComparePathResolvers() {
  return Side(PathResolver::Auto).resolver() == PathResolver::Openat2;
}

std::string runPathOps(const u8* data, size_t size) {
  static const bool kCompare = canComparePathResolvers();
  Side walk(PathResolver::Manual);
  Side kernel(kCompare ? PathResolver::Openat2 : PathResolver::Manual);
  Side named(PathResolver::Auto, &openGate);
  for (Side* side : {&kernel, &walk, &named}) {
    side->begin();
    side->call("path_open", 3, 0, side->put("a"), 1, oflags::kDirectory, 0, 0, 0, kOut);
  }
  constexpr size_t kOpBytes = 12;
  for (size_t at = 0, n = 0; at < size && n < kMaxOps; at += kOpBytes, ++n) {
    Input in(data + at, std::min(kOpBytes, size - at));
    std::string a = oneOp(kernel, in);
    std::string b = oneOp(walk, in);
    std::string c = oneOp(named, in);
    if (a == kEscape) return "openat2: " + a + " by " + describeOp(in);
    if (b == kEscape) return "walk: " + b + " by " + describeOp(in);
    if (c == kEscape) return "named walk: " + c + " by " + describeOp(in);
    if (c != b)
      return "the named walk gave" + c + ", the walk" + b + " for " + describeOp(in) + " in " +
             named.inside() + " / " + walk.inside();
    if (a != b)
      return "openat2 gave" + a + ", the walk" + b + " for " + describeOp(in) + " in " +
             kernel.inside() + " / " + walk.inside();
    if (!kernel.outsideIsUntouched()) return "openat2: outside changed by " + describeOp(in);
    if (!named.outsideIsUntouched()) return "named walk: outside changed by " + describeOp(in);
    if (!walk.outsideIsUntouched()) return "walk: outside changed by " + describeOp(in);
  }
  if (named.inside() != walk.inside())
    return "trees differ: named walk " + named.inside() + " / " + walk.inside();
  return kernel.inside() == walk.inside()
             ? ""
             : "trees differ: " + kernel.inside() + " / " + walk.inside();
}

}  // namespace bls::wasi
