// The named walk and the questions.
#include "wasi/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <vector>

#include "engine/host/guest_path.h"

namespace bls::wasi {
namespace {

constexpr size_t kMaxDepth = 256;  // directories held open at once
constexpr int kRaceRetries = 16;

// Goes down a path, holding the directories on the way and their names: `..` returns to the one we
// came from.
class NamedWalk {
 public:
  NamedWalk(const Descriptor& root, std::string path, u8 needs, LastUse last,
            host::AccessGate& gate)
      : root_(root.host.get()),
        rootName_(root.guestPath),
        rest_(std::move(path)),
        needs_(needs),
        last_(last),
        gate_(gate) {}

  Errno run(GatedPath* out) {
    for (;;) {
      while (at_ < rest_.size() && rest_[at_] == '/') ++at_;
      if (at_ == rest_.size()) return endHere(out);
      size_t end = rest_.find('/', at_);
      if (end == std::string::npos) end = rest_.size();
      std::string name = rest_.substr(at_, end - at_);
      at_ = end;
      final_ = ParentPath::Last::Dot;
      if (name == ".") continue;
      if (name == "..") {
        final_ = ParentPath::Last::DotDot;
        if (stack_.empty()) return Errno::Perm;
        stack_.pop_back();
        continue;
      }
      bool isLast = rest_.find_first_not_of('/', end) == std::string::npos;
      bool done = false;
      Errno error = isLast ? finish(name, end < rest_.size(), out, &done) : enter(name);
      if (error != Errno::Success || done) return error;
    }
  }

  /// Where the walk was stopped by mayPass; empty when it was not.
  const std::string& stoppedAt() const { return stoppedAt_; }

 private:
  struct Step {
    HostFd fd;
    std::string guestPath;
  };

  int top() const { return stack_.empty() ? root_ : stack_.back().fd.get(); }
  const std::string& topName() const {
    return stack_.empty() ? rootName_ : stack_.back().guestPath;
  }

  bool mayPass(const std::string& path) {
    if (gate_.mayPass(needs_, path)) return true;
    stoppedAt_ = path;
    return false;
  }

  // A component that something follows: a directory to go into, or a link to one.
  Errno enter(const std::string& name) {
    std::string path = host::joinGuestPath(topName(), name);
    if (!mayPass(path)) return Errno::Perm;
    for (int tries = 0; tries < kRaceRetries; ++tries) {
      HostFd fd;
      Errno error = openToSearch(top(), name, &fd);
      if (error == Errno::Success) {
        if (stack_.size() >= kMaxDepth) return Errno::NameTooLong;
        stack_.push_back({std::move(fd), std::move(path)});
        return Errno::Success;
      }
      if (error != Errno::Loop && error != Errno::NotDir) return error;
      Errno linked = splice(name);
      if (linked != Errno::Inval) return linked;
      if (error == Errno::NotDir) return error;
      // It was a link, but no more: look again.
    }
    return Errno::Loop;
  }

  Errno finish(const std::string& name, bool slash, GatedPath* out, bool* done) {
    if (slash && last_.create) return Errno::IsDir;
    if (last_.link == LastLink::Follow || (slash && last_.link == LastLink::KeepUnlessSlash)) {
      if (!mayPass(host::joinGuestPath(topName(), name))) return Errno::Perm;
      Errno linked = splice(name);
      if (linked != Errno::Inval && linked != Errno::NoEnt) return linked;
    }
    *done = true;
    out->guestPath = host::joinGuestPath(topName(), name);
    takeTop(out);
    out->at.name = name;
    out->at.last = ParentPath::Last::Name;
    out->at.trailingSlash = slash;
    return Errno::Success;
  }

  // The path ended in `.` or `..`, or in a link to such: the directory we stand in.
  Errno endHere(GatedPath* out) {
    out->guestPath = topName();
    takeTop(out);
    out->at.name = ".";
    out->at.last = final_;
    return Errno::Success;
  }

  void takeTop(GatedPath* out) {
    out->at.dir = top();
    if (stack_.empty()) return;
    out->at.owned = std::move(stack_.back().fd);
    out->at.dir = out->at.owned.get();
  }

  // Puts the target of a link in front of what is left of the path. Inval: it is no link.
  Errno splice(const std::string& name) {
    char target[kMaxPathBytes + 1];
    ssize_t length = readlinkat(top(), name.c_str(), target, sizeof target);
    if (length < 0) return fromHost(errno);
    if (++links_ > kMaxSymlinks) return Errno::Loop;
    if (length == 0) return Errno::NoEnt;
    if (static_cast<size_t>(length) > kMaxPathBytes) return Errno::NameTooLong;
    if (target[0] == '/') return Errno::Perm;
    rest_ = std::string(target, static_cast<size_t>(length)) + rest_.substr(at_);
    at_ = 0;
    return Errno::Success;
  }

  int root_;
  std::string rootName_;
  std::vector<Step> stack_;  // directories entered below root_, innermost last
  std::string rest_;
  size_t at_ = 0;
  u8 needs_;
  LastUse last_;
  host::AccessGate& gate_;
  ParentPath::Last final_ = ParentPath::Last::Dot;
  int links_ = 0;
  std::string stoppedAt_;
};

}  // namespace

Errno gatePath(Call& call, const Descriptor& dir, const std::string& path, u8 needs, LastUse last,
               const char* operation, GatedPath* out) {
  host::AccessGate& gate = *call.ctx().gate();
  const std::string asked = host::joinGuestPath(dir.guestPath, path);
  if (!gate.permit(call.cx(), needs, asked, operation)) return refused(call);
  NamedWalk walk(dir, path, needs, last, gate);
  Errno error = walk.run(out);
  if (!walk.stoppedAt().empty()) {
    (void)gate.permit(call.cx(), needs, walk.stoppedAt(), operation);  // says why
    return Errno::Perm;
  }
  if (error != Errno::Success) return error;
  if (out->guestPath != asked && !gate.permit(call.cx(), needs, out->guestPath, operation))
    return refused(call);
  return Errno::Success;
}

Errno askGateForFd(Call& call, const Descriptor& desc, u8 needs, const char* operation) {
  return call.ctx().gate()->permit(call.cx(), needs, desc.guestPath, operation) ? Errno::Success
                                                                                : refused(call);
}

}  // namespace bls::wasi
