/* Bits and numbers that mean nothing are refused with EINVAL, not ignored, and change nothing.
 * (Some engines trap here, so these checks stand apart from the others.) */

#include "check.h"

static void opening(void) {
  u32 fd;
  makeFile("a", "content");
  expect("unknown oflags", openAt("a", 0, 16, kForReading, 0, &fd), kInval);
  expect("unknown oflags beside known ones", openAt("new", 0, 0x8000 | kCreat, kReadWrite, 0, &fd),
         kInval);
  expect("unknown fdflags", openAt("a", 0, 0, kForReading, 32, &fd), kInval);
  expect("unknown lookupflags", openAt("a", 2, 0, kForReading, 0, &fd), kInval);
  expect("high lookupflags", openAt("a", 0x80000000 | kFollow, 0, kForReading, 0, &fd), kInval);
  Filestat stat;
  expect("nothing was made", pathFilestatGet(kRoot, 0, P("new"), &stat), kNoent);
  expect("stat unknown lookup", pathFilestatGet(kRoot, 2, P("a"), &stat), kInval);
  expect("link unknown lookup", pathLink(kRoot, 2, P("a"), kRoot, P("x")), kInval);
  expect("path times unknown lookup", pathFilestatSetTimes(kRoot, 4, P("a"), 0, 0, kMtim), kInval);
  expect("path times unknown flag", pathFilestatSetTimes(kRoot, 0, P("a"), 0, 0, 32 | kMtim),
         kInval);
}

static void descriptors(void) {
  u32 fd;
  u64 position = 77;
  Fdstat state;
  openAt("a", 0, 0, kReadWrite, kAppend, &fd);
  expect("whence 3", fdSeek(fd, 0, 3, &position), kInval);
  expect("whence 255", fdSeek(fd, 0, 255, &position), kInval);
  equal("position is not written", position, 77);
  expect("set_flags unknown", fdFdstatSetFlags(fd, 64), kInval);
  expect("set_flags unknown beside known", fdFdstatSetFlags(fd, 32 | kNonblock), kInval);
  fdFdstatGet(fd, &state);
  equal("flags stay", state.flags, kAppend);
  expect("advice 6", fdAdvise(fd, 0, 10, 6), kInval);
  expect("advice 255", fdAdvise(fd, 0, 10, 255), kInval);
  expect("set_times unknown flag", fdFilestatSetTimes(fd, 9, 9, 16 | kMtim), kInval);
  Filestat stat;
  fdFilestatGet(fd, &stat);
  verify("times stay", stat.mtim != 9);
  fdClose(fd);
}

static void clocks(void) {
  u64 time = 77;
  expect("clock_res_get 9", clockResGet(9, &time), kInval);
  expect("clock_time_get 4", clockTimeGet(4, 0, &time), kInval);
  expect("clock_time_get 2^32-1", clockTimeGet(0xffffffff, 0, &time), kInval);
  equal("time is not written", time, 77);

  Subscription subscription;
  Event event;
  u32 count = 99;
  memset(&subscription, 0, sizeof subscription);
  subscription.userdata = 5;
  subscription.u.clock.id = 17;
  expect("poll unknown clock", pollOneoff(&subscription, &event, 1, &count), kSuccess);
  verify("its event tells", count == 1 && event.error == kInval && event.userdata == 5);
  subscription.u.clock.id = kMonotonic;
  subscription.tag = 3;
  expect("poll unknown tag", pollOneoff(&subscription, &event, 1, &count), kInval);
  subscription.tag = 255;
  expect("poll tag 255", pollOneoff(&subscription, &event, 1, &count), kInval);
}

int main(void) {
  opening();
  descriptors();
  clocks();
  return finish();
}
