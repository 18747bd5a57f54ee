// poll_oneoff: waiting for clocks and descriptors at once.
//
// 1. The subscriptions are copied before anything is written: input and output may overlap.
// 2. What can be answered without waiting (errors, files, elapsed clocks) is marked; if anything
// is, the rest is only looked at.
// 3. Otherwise wait for the descriptors until the nearest deadline; interruptible. Deadlines are
// kept on the clock they were
//    given for, so an absolute one follows its own clock. With a virtual clock nothing sleeps: time
//    moves to the deadline.
// 4. An error of one subscription is its event; the call succeeds. Spec: wasi snapshot preview1,
// poll_oneoff.
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "wasi/functions.h"
#include "wasi/platform.h"

namespace bls::wasi {
namespace {

// A wall clock may be set while we wait for an absolute time on it; look again at least this often.
constexpr u64 kRealtimeLookNs = 1'000'000'000;

struct Item {
  Subscription sub;
  bool fired = false;
  Errno error = Errno::Success;
  u64 nbytes = 0;
  u16 flags = 0;
  // Clocks: the time on `clock` at which it fires; kWaitForever never.
  ClockId clock = ClockId::Monotonic;
  u64 deadlineNs = host::kWaitForever;
  // Descriptors.
  FdRef fd;
  size_t waitIndex = 0;
  bool waits = false;
};

void fire(Item& item, Errno error = Errno::Success, u64 nbytes = 0) {
  item.fired = true;
  item.error = error;
  item.nbytes = nbytes;
}

class Poll {
 public:
  Poll(Call& call, std::vector<Item>& items)
      : call_(call), clock_(call.ctx().clock()), items_(items) {}

  Errno run() {
    for (Item& item : items_) {
      if (item.sub.tag == static_cast<u8>(EventType::Clock)) {
        prepareClock(item);
      } else {
        prepareFd(item);
      }
    }
    fireClocks();
    return anyFired() ? lookAtFds() : waitForSomething();
  }

 private:
  bool anyFired() const {
    return std::any_of(items_.begin(), items_.end(), [](const Item& item) { return item.fired; });
  }

  void prepareClock(Item& item) {
    const Subscription& sub = item.sub;
    if (sub.clockId >= kClockCount || hasUnknown(sub.flags, subclockflags::kAll))
      return fire(item, Errno::Inval);
    item.clock = static_cast<ClockId>(sub.clockId);
    if (item.clock != ClockId::Realtime && item.clock != ClockId::Monotonic)
      return fire(item, Errno::NotSup);
    if ((sub.flags & subclockflags::kAbstime) != 0) {
      item.deadlineNs = sub.timeoutNs;
      return;
    }
    // A duration is measured on the clock that cannot be set.
    item.clock = ClockId::Monotonic;
    u64 now = clock_.nowNs(ClockId::Monotonic);
    item.deadlineNs =
        sub.timeoutNs > host::kWaitForever - now ? host::kWaitForever : now + sub.timeoutNs;
    if (sub.timeoutNs == 0) fire(item);
  }

  void prepareFd(Item& item) {
    bool writing = item.sub.tag == static_cast<u8>(EventType::FdWrite);
    item.fd = call_.fd(item.sub.fd);
    if (!item.fd || item.fd->isDir()) return fire(item, Errno::Badf);
    Descriptor& fd = *item.fd;
    bool allowed = fd.kind == FdKind::Listener ? !writing : writing ? fd.canWrite : fd.canRead;
    if (!allowed) return fire(item, Errno::Badf);
    switch (fd.kind) {
      case FdKind::File: return fire(item, Errno::Success, writing ? 0 : bytesToEnd(fd));
      case FdKind::Null:
      case FdKind::Sink:
      case FdKind::Driver:  // a driver cannot be asked; its read or write waits, if it has to
        return fire(item);
      case FdKind::Bytes:
        // Input that nobody has asked for yet is not waited for here: the read does.
        if (fd.input != nullptr) return fire(item);
        return fire(item, Errno::Success,
                    fd.bytes.size() - fd.bytesRead.load(std::memory_order_relaxed));
      default: break;
    }
    item.waits = true;
    item.waitIndex = waits_.size();
    host::WaitFd wait;
    wait.fd = fd.host.get();
    wait.wantRead = !writing;
    wait.wantWrite = writing;
    waits_.push_back(wait);
  }

  static u64 bytesToEnd(Descriptor& fd) {
    HostStat info;
    off_t at = lseek(fd.host.get(), 0, SEEK_CUR);
    if (at < 0 || statOpen(fd.host.get(), &info) != Errno::Success) return 0;
    u64 position = static_cast<u64>(at);
    return info.stat.size > position ? info.stat.size - position : 0;
  }

  // Marks every clock whose time has come. Returns true when there is one.
  bool fireClocks() {
    bool any = false;
    for (Item& item : items_) {
      if (item.fired || item.waits || item.deadlineNs == host::kWaitForever) continue;
      if (clock_.nowNs(item.clock) >= item.deadlineNs) fire(item);
      any = any || item.fired;
    }
    return any;
  }

  // Nanoseconds until the first deadline; kWaitForever when there is none.
  u64 untilFirst() {
    u64 first = host::kWaitForever;
    for (const Item& item : items_) {
      if (item.fired || item.waits || item.deadlineNs == host::kWaitForever) continue;
      u64 now = clock_.nowNs(item.clock);
      u64 left = item.deadlineNs > now ? item.deadlineNs - now : 0;
      if (item.clock == ClockId::Realtime && !clock_.isVirtual())
        left = std::min(left, kRealtimeLookNs);
      first = std::min(first, left);
    }
    return first;
  }

  void takeFds() {
    for (Item& item : items_) {
      if (!item.waits || item.fired) continue;
      const host::WaitFd& wait = waits_[item.waitIndex];
      if (!wait.ready()) continue;
      bool reading = item.sub.tag == static_cast<u8>(EventType::FdRead);
      bool listener = item.fd->kind == FdKind::Listener;
      fire(item, Errno::Success, reading && !listener ? bytesReadable(wait.fd) : 0);
      if (wait.hangup || wait.error) item.flags = kEventHangup;
    }
  }

  Errno lookAtFds() {
    if (waits_.empty()) return Errno::Success;
    host::WaitEnd end;
    Errno error = call_.wait(waits_, 0, &end);
    if (error == Errno::Success) takeFds();
    return error;
  }

  Errno waitForSomething() {
    for (;;) {
      u64 left = untilFirst();
      bool sleepVirtually = clock_.isVirtual() && left != host::kWaitForever;
      host::WaitEnd end;
      Errno error = call_.wait(waits_, sleepVirtually ? 0 : left, &end);
      if (error != Errno::Success) return error;
      if (end == host::WaitEnd::Ready) takeFds();
      if (end == host::WaitEnd::TimedOut && sleepVirtually) clock_.advance(left);
      fireClocks();
      if (anyFired()) return Errno::Success;
    }
  }

  Call& call_;
  Clock& clock_;
  std::vector<Item>& items_;
  std::vector<host::WaitFd> waits_;
};

template <class Sub>
Errno poll(Call& call, GuestAddress in, GuestAddress out, u32 count, GuestPtr<u32> eventCount) {
  GuestSpan<Sub> subs;
  GuestSpan<Event> events;
  if (!GuestSpan<Sub>::make(call.memory(), in.value, count, &subs) ||
      !GuestSpan<Event>::make(call.memory(), out.value, count, &events)) {
    return call.badPointer();
  }
  if (count == 0 || count > call.ctx().limits().pollSubscriptions) return Errno::Inval;
  std::vector<Item> items(count);
  for (u32 i = 0; i < count; ++i) {
    items[i].sub = subs.load(i);
    if (items[i].sub.tag > static_cast<u8>(EventType::FdWrite)) return Errno::Inval;
  }
  Errno error = Poll(call, items).run();
  if (error != Errno::Success) return error;
  u32 written = 0;
  for (const Item& item : items) {
    if (!item.fired) continue;
    events.store(written++, {item.sub.userdata, item.error, static_cast<EventType>(item.sub.tag),
                             item.nbytes, item.flags});
  }
  eventCount.store(written);
  return Errno::Success;
}

}  // namespace

Errno pollOneoff(Call& call, GuestAddress in, GuestAddress out, u32 count,
                 GuestPtr<u32> eventCount) {
  return poll<Subscription>(call, in, out, count, eventCount);
}

Errno pollOneoff0(Call& call, GuestAddress in, GuestAddress out, u32 count,
                  GuestPtr<u32> eventCount) {
  return poll<Subscription0>(call, in, out, count, eventCount);
}

}  // namespace bls::wasi
