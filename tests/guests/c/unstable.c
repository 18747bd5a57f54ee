/* Preview 0 (wasi_unstable): the three things that differ from preview 1 — filestat of 56 bytes,
 * another order of whence, subscriptions of 56 bytes — and a few that must be the same. No libc:
 * wasi-libc imports preview 1. Descriptor 3 is a fresh folder. */

#define WASI_MODULE "wasi_unstable"
#include "wasi_raw.h"

#define P(text) (text), (u32)(sizeof(text) - 1)

static u32 gPassed, gFailed;

void* memset(void* to, int byte, unsigned long size) {
  for (unsigned long i = 0; i < size; i++) ((volatile u8*)to)[i] = (u8)byte;
  return to;
}

static void put(const char* text) {
  u32 done;
  Iovec vector = {(void*)text, 0};
  while (text[vector.size]) vector.size++;
  fdWrite(1, &vector, 1, &done);
}

static void putNumber(u64 number) {
  char digits[24];
  int at = 23;
  digits[at] = 0;
  do digits[--at] = (char)('0' + number % 10);
  while (number /= 10);
  put(digits + at);
}

static void equal(const char* name, u64 actual, u64 wanted) {
  put(actual == wanted ? "ok " : "FAIL ");
  put(name);
  if (actual != wanted) put(" is "), putNumber(actual), put(", wanted "), putNumber(wanted);
  put("\n");
  *(actual == wanted ? &gPassed : &gFailed) += 1;
}

static void stats(u32 fd) {
  struct {
    FilestatUnstable stat;
    u64 canary;
  } area;
  memset(&area, 0xee, sizeof area);
  equal("fd_filestat_get", (u64)fdFilestatGet(fd, &area.stat), kSuccess);
  equal("nothing behind 56 bytes", area.canary, 0xeeeeeeeeeeeeeeee);
  equal("type at 16", area.stat.filetype, kRegularFile);
  equal("links at 20", area.stat.nlink, 1);
  equal("size at 24", area.stat.size, 10);
  u64 now = 0;
  equal("clock_time_get", (u64)clockTimeGet(kRealtime, 0, &now), kSuccess);
  equal("mtim at 40", area.stat.mtim + 60000000000 > now && area.stat.mtim < now + 60000000000, 1);
  equal("ctim at 48", area.stat.ctim + 60000000000 > now && area.stat.ctim < now + 60000000000, 1);
  u64 ino = area.stat.ino;
  memset(&area, 0xee, sizeof area);
  equal("path_filestat_get", (u64)pathFilestatGet(3, 0, P("file"), &area.stat), kSuccess);
  equal("nothing behind 56 bytes of the path form", area.canary, 0xeeeeeeeeeeeeeeee);
  equal("same file", area.stat.ino, ino);
  equal("size by path", area.stat.size, 10);
}

static void seeks(u32 fd) {
  u64 position = 77;
  equal("whence 2 is set", (u64)fdSeek(fd, 4, kUnstableSet, &position), kSuccess);
  equal("set position", position, 4);
  equal("whence 0 is current", (u64)fdSeek(fd, 2, kUnstableCur, &position), kSuccess);
  equal("current position", position, 6);
  equal("whence 1 is end", (u64)fdSeek(fd, -1, kUnstableEnd, &position), kSuccess);
  equal("end position", position, 9);
  equal("whence 3", (u64)fdSeek(fd, 0, 3, &position), kInval);
  equal("fd_tell", (u64)fdTell(fd, &position), kSuccess);
  equal("told position", position, 9);
}

static void polls(u32 fd) {
  static SubscriptionUnstable in[2];
  static struct {
    Event events[2];
    u64 canary;
  } out;
  in[0].userdata = 5;
  in[0].tag = kEventClock;
  in[0].u.clock.identifier = 0x1234567890;
  in[0].u.clock.id = kMonotonic;
  in[0].u.clock.timeout = 20000000;
  u64 before = 0, after = 0;
  u32 count = 0;
  clockTimeGet(kMonotonic, 0, &before);
  equal("poll one clock", (u64)pollOneoff(in, out.events, 1, &count), kSuccess);
  clockTimeGet(kMonotonic, 0, &after);
  equal("one event", count, 1);
  equal("its userdata", out.events[0].userdata, 5);
  equal("its error", out.events[0].error, 0);
  equal("waited 20 ms", after - before >= 20000000 && after - before < 5000000000, 1);
  in[0].u.clock.timeout = 60000000000;
  in[1].userdata = 6;
  in[1].tag = kEventRead;
  in[1].u.fd = fd;
  equal("poll clock and file", (u64)pollOneoff(in, out.events, 2, &count), kSuccess);
  equal("the second subscription is read at 56", out.events[0].userdata, 6);
  equal("only it is told", count, 1);
}

__attribute__((export_name("_start"))) void _start(void) {
  u32 fd = 0, done = 0, size = 0;
  equal("path_open",
        (u64)pathOpen(3, 0, P("file"), kCreat | kTrunc, kAllRights, kAllRights, 0, &fd), kSuccess);
  Iovec vector = {"0123456789", 10};
  equal("fd_write", (u64)fdWrite(fd, &vector, 1, &done), kSuccess);
  equal("written", done, 10);
  stats(fd);
  seeks(fd);
  polls(fd);
  Fdstat state;
  equal("fd_fdstat_get", (u64)fdFdstatGet(fd, &state), kSuccess);
  equal("type", state.filetype, kRegularFile);
  Prestat grant;
  equal("fd_prestat_get", (u64)fdPrestatGet(3, &grant), kSuccess);
  equal("grant name size", grant.nameSize, 5);
  equal("fd_prestat_get behind the last", (u64)fdPrestatGet(4, &grant), kBadf);
  equal("args_sizes_get", (u64)argsSizesGet(&done, &size), kSuccess);
  equal("argument count", done, 1);
  equal("random_get", (u64)randomGet(&size, sizeof size), kSuccess);
  equal("fd_close", (u64)fdClose(fd), kSuccess);
  equal("closed", (u64)fdClose(fd), kBadf);
  putNumber(gPassed), put(" passed, "), putNumber(gFailed), put(" failed\n");
  procExit(gFailed != 0);
}
