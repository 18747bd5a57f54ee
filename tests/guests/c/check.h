/* Checks of the C guests: one line `ok NAME` or `FAIL NAME detail` each, and a closing line.
 *
 *   expect(name, errno, wanted)         one answer is right
 *   expectEither(name, errno, a, b)     both are (the specification leaves it open)
 *   verify(name, condition)             anything else
 *   return finish();                    closing line `N passed, N failed`; exit status 0 or 1
 *
 * The preopened folder of a test is descriptor kRoot. P("text") is a path as pointer and length. */

#pragma once

#include <stdio.h>
#include <string.h>

#include "wasi_raw.h"

#define P(text) (text), (u32)(sizeof(text) - 1)
enum { kRoot = 3, kNoFd = 900 };

static int gPassed, gFailed;

static inline void ok(const char* name) {
  gPassed++;
  printf("ok %s\n", name);
}

static inline int expect(const char* name, int actual, int wanted) {
  if (actual == wanted) return ok(name), 1;
  gFailed++;
  printf("FAIL %s errno %d, wanted %d\n", name, actual, wanted);
  return 0;
}

static inline int expectEither(const char* name, int actual, int one, int other) {
  if (actual == one || actual == other) return ok(name), 1;
  gFailed++;
  printf("FAIL %s errno %d, wanted %d or %d\n", name, actual, one, other);
  return 0;
}

static inline int equal(const char* name, u64 actual, u64 wanted) {
  if (actual == wanted) return ok(name), 1;
  gFailed++;
  printf("FAIL %s is %llu, wanted %llu\n", name, actual, wanted);
  return 0;
}

#define verify(name, condition) \
  ((condition) ? ok(name) : (void)(gFailed++, printf("FAIL %s: %s\n", name, #condition)))

static inline int finish(void) {
  printf("%d passed, %d failed\n", gPassed, gFailed);
  return gFailed != 0;
}

/* Opens below kRoot with everything chosen; returns the errno. */
static inline int openAt(const char* path, u32 lookup, u32 oflags, u64 rights, u32 fdflags,
                         u32* fd) {
  *fd = kNoFd;
  return pathOpen(kRoot, lookup, path, (u32)strlen(path), oflags, rights, kAllRights, fdflags, fd);
}

/* Makes a file with this content; ends the guest when that does not work. */
static inline void makeFile(const char* path, const char* content) {
  u32 fd, done = 0;
  Iovec vector = {(void*)content, (u32)strlen(content)};
  int error = openAt(path, 0, kCreat | kTrunc, kReadWrite, 0, &fd);
  if (error == 0) error = fdWrite(fd, &vector, 1, &done);
  if (error != 0 || done != vector.size) {
    printf("FAIL cannot make %s: errno %d\n", path, error);
    procExit(3);
  }
  fdClose(fd);
}

/* Reads from the current position into one buffer; returns the count, or minus the errno. */
static inline int readText(u32 fd, char* buffer, u32 size) {
  Iovec vector = {buffer, size - 1};
  u32 done = 0;
  int error = fdRead(fd, &vector, 1, &done);
  if (error != 0) return -error;
  buffer[done] = 0;
  return (int)done;
}

static inline int writeText(u32 fd, const char* text, u32* done) {
  Iovec vector = {(void*)text, (u32)strlen(text)};
  *done = 0;
  return fdWrite(fd, &vector, 1, done);
}

/* The whole content of a path, "" when it cannot be opened. */
static inline const char* content(const char* path) {
  static char text[512];
  u32 fd;
  text[0] = 0;
  if (openAt(path, kFollow, 0, kForReading, 0, &fd) != 0) return text;
  if (readText(fd, text, sizeof text) < 0) text[0] = 0;
  fdClose(fd);
  return text;
}
