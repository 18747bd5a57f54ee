// Path resolution below a directory: openat2 where the kernel has it, else our own walk.
//
// 1. openat2(RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS) does everything in the kernel. It answers
// EAGAIN when a rename or mount
//    raced with a `..`; we repeat a few times and then take the walk, which cannot be confused by
//    renames.
// 2. The walk opens one component at a time with O_NOFOLLOW, so the kernel never follows a link for
// us, and keeps a stack of
//    the directories on the way: `..` goes back to the one we came from, not to what the name means
//    now. Links are read from the opened link itself and spliced in front of the rest, slashes
//    included: a slash behind a link, or at the end of its target, then means what it means
//    anywhere else.
// 3. Both give the same errors; tests/fuzz/wasi_paths.cc compares them.
// Never here: joining strings and comparing prefixes, realpath, cleaning `..` from text.
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string_view>
#include <vector>

#include "wasi/platform.h"

namespace bls::wasi {
namespace {

constexpr mode_t kNewFileMode = 0666;  // never executable; the umask takes more away
constexpr int kRaceRetries = 16;
constexpr size_t kMaxWalkDepth = 256;  // directories held open at once

// O_PATH takes no flags that are about opening the file itself.
int noControllingTerminal(int flags) { return (flags & O_PATH) != 0 ? 0 : O_NOCTTY; }

int sysOpenat2(int dirFd, const char* path, const open_how& how) {
  return static_cast<int>(syscall(SYS_openat2, dirFd, path, &how, sizeof how));
}

Errno openError(int error) { return error == EXDEV ? Errno::Perm : fromHost(error); }

// `racing` is set when the kernel could not answer because of concurrent renames.
Errno openByKernel(int dirFd, const char* path, int flags, bool follow, HostFd* out, bool* racing) {
  open_how how{};
  how.flags = static_cast<u64>(flags | O_CLOEXEC | noControllingTerminal(flags) |
                               (follow ? 0 : O_NOFOLLOW));
  how.mode = (flags & O_CREAT) != 0 ? kNewFileMode : 0;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  for (int tries = 0; tries < kRaceRetries;) {
    int fd = sysOpenat2(dirFd, path, how);
    if (fd >= 0) {
      out->reset(fd);
      return Errno::Success;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return openError(errno);
    ++tries;
  }
  *racing = true;
  return Errno::Again;
}

class Walk {
 public:
  Walk(int root, std::string path, int flags, bool follow)
      : root_(root), rest_(std::move(path)), flags_(flags), follow_(follow) {}

  Errno run(HostFd* out) {
    for (;;) {
      skipSlashes();
      if (at_ == rest_.size()) return openHere(out);
      size_t end = rest_.find('/', at_);
      if (end == std::string::npos) end = rest_.size();
      std::string name = rest_.substr(at_, end - at_);
      bool last = rest_.find_first_not_of('/', end) == std::string::npos;
      at_ = end;
      Errno error = Errno::Success;
      if (name == "..") {
        if (stack_.empty()) return Errno::Perm;
        stack_.pop_back();
      } else if (name == ".") {
        continue;
      } else if (!last) {
        error = enter(name);
      } else {
        bool again = false;
        error = openLast(name, end < rest_.size(), out, &again);
        if (error != Errno::Success || !again) return error;
      }
      if (error != Errno::Success) return error;
    }
  }

 private:
  int top() const { return stack_.empty() ? root_ : stack_.back().get(); }

  void skipSlashes() {
    while (at_ < rest_.size() && rest_[at_] == '/') ++at_;
  }

  static int openRetrying(int dirFd, const char* name, int flags) {
    int fd;
    do {
      fd = openat(dirFd, name, flags, kNewFileMode);
    } while (fd < 0 && errno == EINTR);
    return fd;
  }

  // A component that something follows: a directory to go into, or a link to one.
  Errno enter(const std::string& name) {
    HostFd fd(openRetrying(top(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (!fd.valid()) return fromHost(errno);
    struct stat info{};
    if (fstat(fd.get(), &info) != 0) return fromHost(errno);
    if (S_ISLNK(info.st_mode)) return splice(fd.get(), "");
    if (!S_ISDIR(info.st_mode)) return Errno::NotDir;
    if (stack_.size() >= kMaxWalkDepth) return Errno::NameTooLong;
    stack_.push_back(std::move(fd));
    return Errno::Success;
  }

  // Puts the target of the link in front of what is left of the path.
  Errno splice(int dirFd, const char* name) {
    char target[kMaxPathBytes + 1];
    ssize_t length = readlinkat(dirFd, name, target, sizeof target);
    if (length < 0) return fromHost(errno);
    if (++links_ > kMaxSymlinks) return Errno::Loop;
    if (length == 0) return Errno::NoEnt;
    if (static_cast<size_t>(length) > kMaxPathBytes) return Errno::NameTooLong;
    if (target[0] == '/') return Errno::Perm;
    rest_ = std::string(target, static_cast<size_t>(length)) + rest_.substr(at_);
    at_ = 0;
    return Errno::Success;
  }

  // The last component. *again: it was a link to follow, the walk goes on.
  Errno openLast(const std::string& name, bool slash, HostFd* out, bool* again) {
    if (slash && (flags_ & O_CREAT) != 0) return Errno::IsDir;
    bool exclusive = (flags_ & O_CREAT) != 0 && (flags_ & O_EXCL) != 0;
    bool follow = (follow_ || slash) && !exclusive;
    int flags =
        flags_ | O_NOFOLLOW | O_CLOEXEC | noControllingTerminal(flags_) | (slash ? O_DIRECTORY : 0);
    for (int tries = 0; tries < kRaceRetries; ++tries) {
      HostFd fd(openRetrying(top(), name.c_str(), flags));
      int error = fd.valid() ? 0 : errno;
      if (error == 0 && follow && (flags & O_PATH) != 0) {
        struct stat info{};
        if (fstat(fd.get(), &info) != 0) return fromHost(errno);
        if (S_ISLNK(info.st_mode)) {
          *again = true;
          return splice(fd.get(), "");
        }
      }
      if (error == 0) {
        *out = std::move(fd);
        return Errno::Success;
      }
      bool maybeLink = follow && (error == ELOOP || error == ENOTDIR);
      if (!maybeLink) return fromHost(error);
      Errno spliced = splice(top(), name.c_str());
      if (spliced != Errno::Inval) {
        *again = spliced == Errno::Success;
        return spliced;
      }
      if (error == ENOTDIR) return Errno::NotDir;
      // ELOOP, but no link any more: it was swapped in between; look again.
    }
    return Errno::Loop;
  }

  // The path ended in `.`, `..` or in a link to such: the directory we stand in.
  Errno openHere(HostFd* out) {
    if ((flags_ & O_CREAT) != 0) return (flags_ & O_EXCL) != 0 ? Errno::Exist : Errno::IsDir;
    HostFd fd(openRetrying(top(), ".", (flags_ & ~O_NOFOLLOW) | O_CLOEXEC));
    if (!fd.valid()) return fromHost(errno);
    *out = std::move(fd);
    return Errno::Success;
  }

  int root_;
  std::vector<HostFd> stack_;  // directories entered below root_, innermost last
  std::string rest_;
  size_t at_ = 0;
  int flags_;
  bool follow_;
  int links_ = 0;
};

}  // namespace

PathResolver chooseResolver(PathResolver wanted) {
  if (wanted != PathResolver::Auto) return wanted;
  const char* forced = getenv("BLS_WASI_RESOLVER");
  if (forced != nullptr && std::string_view(forced) == "manual") return PathResolver::Manual;
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  int fd = sysOpenat2(-1, ".", how);  // a kernel that knows the call complains about the descriptor
  if (fd >= 0) close(fd);
  return fd >= 0 || errno == EBADF ? PathResolver::Openat2 : PathResolver::Manual;
}

Errno openBeneath(PathResolver resolver, int dirFd, const std::string& path, int flags, bool follow,
                  HostFd* out) {
  if (resolver == PathResolver::Openat2) {
    bool racing = false;
    Errno error = openByKernel(dirFd, path.c_str(), flags, follow, out, &racing);
    if (!racing) return error;
  }
  return Walk(dirFd, path, flags, follow).run(out);
}

Errno openParent(PathResolver resolver, int dirFd, const std::string& path, ParentPath* out) {
  size_t end = path.find_last_not_of('/');
  if (end == std::string::npos) return Errno::NoEnt;
  size_t slash = path.rfind('/', end);
  size_t start = slash == std::string::npos ? 0 : slash + 1;
  out->name = path.substr(start, end + 1 - start);
  out->trailingSlash = end + 1 < path.size();
  if (out->name == "." || out->name == "..") {
    out->last = out->name == "." ? ParentPath::Last::Dot : ParentPath::Last::DotDot;
    Errno error = openBeneath(resolver, dirFd, path, O_PATH | O_DIRECTORY, true, &out->owned);
    out->dir = out->owned.get();
    return error;
  }
  if (out->trailingSlash) out->name += '/';
  if (start == 0) {
    out->dir = dirFd;
    return Errno::Success;
  }
  Errno error =
      openBeneath(resolver, dirFd, path.substr(0, start), O_PATH | O_DIRECTORY, true, &out->owned);
  out->dir = out->owned.get();
  return error;
}

}  // namespace bls::wasi
