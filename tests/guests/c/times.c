/* File times and identities: setting with every flag combination, nanoseconds, links, strange host
 * times. The host made "old.txt" with a modification time in 1969 and "far.txt" with one in 2400.
 */

#include "check.h"

static Filestat statOf(const char* path) {
  Filestat stat;
  memset(&stat, 0, sizeof stat);
  pathFilestatGet(kRoot, 0, path, (u32)strlen(path), &stat);
  return stat;
}

static void setting(void) {
  u32 fd;
  makeFile("a", "content");
  openAt("a", 0, 0, kReadWrite, 0, &fd);
  expect("set both",
         fdFilestatSetTimes(fd, 1111111111123456789, 1222222222987654321, kAtim | kMtim), kSuccess);
  Filestat stat = statOf("a");
  equal("atim to the nanosecond", stat.atim, 1111111111123456789);
  equal("mtim to the nanosecond", stat.mtim, 1222222222987654321);
  expect("set atim only", fdFilestatSetTimes(fd, 5, 6, kAtim), kSuccess);
  stat = statOf("a");
  verify("mtim is left alone", stat.atim == 5 && stat.mtim == 1222222222987654321);
  expect("set mtim only", fdFilestatSetTimes(fd, 7, 8, kMtim), kSuccess);
  stat = statOf("a");
  verify("atim is left alone", stat.atim == 5 && stat.mtim == 8);
  expect("set nothing", fdFilestatSetTimes(fd, 9, 9, 0), kSuccess);
  expect("atim and now", fdFilestatSetTimes(fd, 9, 9, kAtim | kAtimNow), kInval);
  expect("mtim and now", fdFilestatSetTimes(fd, 9, 9, kMtim | kMtimNow), kInval);
  stat = statOf("a");
  verify("refusals change nothing", stat.atim == 5 && stat.mtim == 8);
  u64 now = 0;
  clockTimeGet(kRealtime, 0, &now);
  expect("mtim now", fdFilestatSetTimes(fd, 0, 0, kMtimNow), kSuccess);
  stat = statOf("a");
  verify("mtim is now",
         stat.mtim + 5000000000 > now && stat.mtim < now + 60000000000 && stat.atim == 5);
  expect("set_times bad fd", fdFilestatSetTimes(kNoFd, 0, 0, kAtim), kBadf);
  fdClose(fd);
}

static void byPath(void) {
  makeFile("target", "x");
  pathSymlink(P("target"), kRoot, P("link"));
  expect("path times",
         pathFilestatSetTimes(kRoot, 0, P("target"), 1000000001, 2000000002, kAtim | kMtim),
         kSuccess);
  expect("link times without follow",
         pathFilestatSetTimes(kRoot, 0, P("link"), 3, 4, kAtim | kMtim), kSuccess);
  Filestat target = statOf("target"), link = statOf("link");
  verify("target is untouched", target.atim == 1000000001 && target.mtim == 2000000002);
  verify("link itself changed", link.mtim == 4);
  expect("link times with follow",
         pathFilestatSetTimes(kRoot, kFollow, P("link"), 0, 7000000007, kMtim), kSuccess);
  target = statOf("target"), link = statOf("link");
  verify("follow changes the target", target.mtim == 7000000007 && link.mtim == 4);
  expect("path times contradictory",
         pathFilestatSetTimes(kRoot, 0, P("target"), 0, 0, kMtim | kMtimNow), kInval);
  expect("path times missing", pathFilestatSetTimes(kRoot, 0, P("none"), 0, 0, kMtim), kNoent);
  pathCreateDirectory(kRoot, P("dir"));
  expect("folder times", pathFilestatSetTimes(kRoot, 0, P("dir"), 0, 42, kMtim), kSuccess);
  equal("folder mtim", statOf("dir").mtim, 42);
}

static void identity(void) {
  u32 fd;
  Filestat byFd;
  openAt("target", 0, 0, kForReading, 0, &fd);
  fdFilestatGet(fd, &byFd);
  Filestat byName = statOf("target");
  verify("same identity by fd and by path",
         byFd.ino == byName.ino && byFd.dev == byName.dev && byFd.ino != 0);
  equal("one name", byFd.nlink, 1);
  pathLink(kRoot, 0, P("target"), kRoot, P("second"));
  fdFilestatGet(fd, &byFd);
  equal("two names", byFd.nlink, 2);
  pathUnlinkFile(kRoot, P("target"));
  pathUnlinkFile(kRoot, P("second"));
  fdFilestatGet(fd, &byFd);
  equal("no name", byFd.nlink, 0);
  char text[4];
  equal("an unlinked file is readable", (u64)readText(fd, text, sizeof text), 1);
  fdClose(fd);
  makeFile("one", "x");
  makeFile("two", "x");
  verify("two files differ", statOf("one").ino != statOf("two").ino);
  Filestat root;
  expect("stat of dot", pathFilestatGet(kRoot, 0, P("."), &root), kSuccess);
  fdFilestatGet(kRoot, &byFd);
  verify("dot is the folder",
         root.ino == byFd.ino && root.filetype == kDirectory && byFd.filetype == kDirectory);
}

static void strangeTimes(void) {
  Filestat stat;
  int error = pathFilestatGet(kRoot, 0, P("old.txt"), &stat);
  verify("file of 1969 clamps or overflows", (error == 0 && stat.mtim == 0) || error == kOverflow);
  error = pathFilestatGet(kRoot, 0, P("far.txt"), &stat);
  verify("file of 2400", error == 0 && stat.mtim == 13569465600ULL * 1000000000);
  makeFile("edge", "x");
  error = pathFilestatSetTimes(kRoot, 0, P("edge"), 0, ~0ULL, kMtim);
  verify("largest time is stored or refused", error == 0 || error == kInval || error == kOverflow);
}

int main(void) {
  setting();
  byPath();
  identity();
  strangeTimes();
  return finish();
}
