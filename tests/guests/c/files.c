/* Regular files: opening with every flag, reading, writing, seeking, appending, sizes, descriptor
 * state. The preopened folder holds "host.txt" ("made by the host\n", 17 bytes). */

#include "check.h"

static void opening(void) {
  u32 fd, done;
  char text[64];
  expect("open missing", openAt("none.txt", 0, 0, kForReading, 0, &fd), kNoent);
  equal("open failure writes no fd", fd, kNoFd);
  expect("open existing", openAt("host.txt", 0, 0, kForReading, 0, &fd), kSuccess);
  verify("open fd above stdio", fd > kRoot);
  equal("read whole file", (u64)readText(fd, text, sizeof text), 17);
  verify("read bytes", strcmp(text, "made by the host\n") == 0);
  equal("read at end", (u64)readText(fd, text, sizeof text), 0);
  expect("write read-only fd", writeText(fd, "x", &done), kBadf);
  fdClose(fd);

  expect("creat", openAt("a.txt", 0, kCreat, kReadWrite, 0, &fd), kSuccess);
  fdClose(fd);
  expect("creat existing", openAt("a.txt", 0, kCreat, kReadWrite, 0, &fd), kSuccess);
  writeText(fd, "hello", &done);
  fdClose(fd);
  expect("creat excl existing", openAt("a.txt", 0, kCreat | kExcl, kReadWrite, 0, &fd), kExist);
  expect("creat excl new", openAt("b.txt", 0, kCreat | kExcl, kReadWrite, 0, &fd), kSuccess);
  fdClose(fd);
  expect("creat in missing folder", openAt("none/b.txt", 0, kCreat, kReadWrite, 0, &fd), kNoent);
  expect("creat read-only", openAt("ro.txt", 0, kCreat, kForReading, 0, &fd), kSuccess);
  expect("creat read-only refuses writing", writeText(fd, "x", &done), kBadf);
  fdClose(fd);

  expect("write-only", openAt("a.txt", 0, 0, kForWriting, 0, &fd), kSuccess);
  int got = readText(fd, text, sizeof text);
  expect("read write-only fd", got < 0 ? -got : 0, kBadf);
  fdClose(fd);
  verify("write-only open kept content", strcmp(content("a.txt"), "hello") == 0);

  expect("trunc without write", openAt("a.txt", 0, kTrunc, kForReading, 0, &fd), kInval);
  verify("trunc without write kept content", strcmp(content("a.txt"), "hello") == 0);
  expect("trunc", openAt("a.txt", 0, kTrunc, kReadWrite, 0, &fd), kSuccess);
  fdClose(fd);
  verify("trunc emptied", strcmp(content("a.txt"), "") == 0);

  expect("directory flag on a file", openAt("a.txt", 0, kODirectory, kForReading, 0, &fd), kNotdir);
  expect("directory opened for writing", openAt(".", 0, 0, kReadWrite, 0, &fd), kIsdir);
  expect("directory without its flag", openAt(".", 0, 0, kForReading, 0, &fd), kSuccess);
  fdClose(fd);
  /* Only reading and writing count; no other right is needed for what it names. */
  expect("open with the two rights only", openAt("a.txt", 0, 0, kRightRead | kRightWrite, 0, &fd),
         kSuccess);
  u64 position;
  expect("seek without its right", fdSeek(fd, 0, kSeekEnd, &position), kSuccess);
  expect("sync without its right", fdSync(fd), kSuccess);
  expect("resize without its right", fdFilestatSetSize(fd, 0), kSuccess);
  fdClose(fd);
  expect("directory with rights 0", openAt(".", 0, 0, 0, 0, &fd), kSuccess);
  u32 below = kNoFd;
  expect("create below a directory of rights 0",
         pathOpen(fd, 0, P("below.txt"), kCreat, kReadWrite, 0, 0, &below), kSuccess);
  fdClose(below);
  fdClose(fd);
}

static void vectors(void) {
  u32 fd, done = 0;
  openAt("vectors.txt", 0, kCreat | kTrunc, kReadWrite, 0, &fd);
  Iovec out[] = {{"ab", 2}, {"", 0}, {"cde", 3}, {NULL, 0}, {"f", 1}};
  expect("write five vectors", fdWrite(fd, out, 5, &done), kSuccess);
  verify("write takes at least one vector", done >= 2 && done <= 6);
  writeText(fd, "abcdef" + done, &done);
  done = 99;
  expect("write no vectors", fdWrite(fd, out, 0, &done), kSuccess);
  equal("write no vectors count", done, 0);

  u64 position = 0;
  fdSeek(fd, 0, kSeekSet, &position);
  char first[3] = "..", second[9] = "........";
  Iovec in[] = {{first, 0}, {first, 2}, {second, 8}};
  u32 total = 0;
  /* Short reads are allowed; the order of the vectors is not free. */
  expect("read three vectors", fdRead(fd, in, 3, &total), kSuccess);
  verify("read vectors in order", total >= 2 && memcmp(first, "ab", 2) == 0);
  verify("read vectors content", total == 2 || memcmp(second, "cdef", total - 2) == 0);
  done = 99;
  expect("read no vectors", fdRead(fd, in, 0, &done), kSuccess);
  equal("read no vectors count", done, 0);
  done = 99;
  expect("read empty vector", fdRead(fd, in, 1, &done), kSuccess);
  equal("read empty vector count", done, 0);

  static Iovec many[3000];
  static char letters[3000];
  for (int i = 0; i < 3000; i++)
    letters[i] = (char)('a' + i % 26), many[i] = (Iovec){letters + i, 1};
  fdSeek(fd, 0, kSeekSet, &position);
  u32 written = 0;
  while (written < 3000) {
    int error = fdWrite(fd, many + written, 3000 - written, &done);
    if (error != 0 || done == 0) {
      expect("write more vectors than IOV_MAX", error, kSuccess);
      break;
    }
    written += done;
  }
  equal("write more vectors than IOV_MAX", written, 3000);
  static char back[3001];
  fdSeek(fd, 0, kSeekSet, &position);
  for (u32 at = 0; at < 3000;) {
    int got = readText(fd, back + at, 3001 - at);
    if (got <= 0) break;
    at += (u32)got;
  }
  verify("content of many vectors", memcmp(back, letters, 3000) == 0);
  fdClose(fd);
}

static void seeking(void) {
  u32 fd, done;
  u64 position = 77;
  makeFile("seek.txt", "0123456789");
  openAt("seek.txt", 0, 0, kReadWrite, 0, &fd);
  expect("seek set", fdSeek(fd, 4, kSeekSet, &position), kSuccess);
  equal("seek set position", position, 4);
  expect("seek cur", fdSeek(fd, -1, kSeekCur, &position), kSuccess);
  equal("seek cur position", position, 3);
  expect("seek end", fdSeek(fd, -2, kSeekEnd, &position), kSuccess);
  equal("seek end position", position, 8);
  expect("tell", fdTell(fd, &position), kSuccess);
  equal("tell position", position, 8);
  position = 77;
  expect("seek before start", fdSeek(fd, -1, kSeekSet, &position), kInval);
  equal("failed seek writes nothing", position, 77);
  fdTell(fd, &position);
  equal("failed seek moves nothing", position, 8);
  expect("seek past end", fdSeek(fd, 20, kSeekSet, &position), kSuccess);
  writeText(fd, "x", &done);
  Filestat stat;
  fdFilestatGet(fd, &stat);
  equal("write past end extends", stat.size, 21);

  char text[32] = {0};
  Iovec vector = {text, 4};
  fdSeek(fd, 1, kSeekSet, &position);
  expect("pread", fdPread(fd, &vector, 1, 6, &done), kSuccess);
  verify("pread bytes", done == 4 && memcmp(text, "6789", 4) == 0);
  vector = (Iovec){"AB", 2};
  expect("pwrite", fdPwrite(fd, &vector, 1, 2, &done), kSuccess);
  fdTell(fd, &position);
  equal("pread and pwrite move nothing", position, 1);
  vector = (Iovec){text, 5};
  fdPread(fd, &vector, 1, 0, &done);
  verify("pwrite bytes", memcmp(text, "01AB4", 5) == 0);
  vector = (Iovec){text, 4};
  expect("pread at end", fdPread(fd, &vector, 1, 100, &done), kSuccess);
  equal("pread at end count", done, 0);
  expect("pread above i64", fdPread(fd, &vector, 1, 1ULL << 63, &done), kInval);
  expect("pwrite above i64", fdPwrite(fd, &vector, 1, ~0ULL, &done), kInval);
  fdClose(fd);
  int error = fdSeek(kRoot, 0, kSeekSet, &position);
  verify("seek on a folder",
         error == kBadf || error == kIsdir || error == kSpipe || error == kNotcapable);
}

static void appending(void) {
  u32 fd, done;
  u64 position;
  Fdstat stat;
  makeFile("log.txt", "one ");
  expect("open append", openAt("log.txt", 0, 0, kReadWrite, kAppend, &fd), kSuccess);
  fdFdstatGet(fd, &stat);
  equal("append is reported", stat.flags & kAppend, kAppend);
  fdSeek(fd, 0, kSeekSet, &position);
  writeText(fd, "two ", &done);
  verify("append writes at end", strcmp(content("log.txt"), "one two ") == 0);
  expect("clear append", fdFdstatSetFlags(fd, 0), kSuccess);
  fdFdstatGet(fd, &stat);
  equal("append is gone", stat.flags, 0);
  fdSeek(fd, 0, kSeekSet, &position);
  writeText(fd, "ONE", &done);
  verify("cleared append obeys position", strcmp(content("log.txt"), "ONE two ") == 0);
  expect("set append", fdFdstatSetFlags(fd, kAppend), kSuccess);
  writeText(fd, "six", &done);
  verify("set append writes at end", strcmp(content("log.txt"), "ONE two six") == 0);
  expect("set nonblock and append", fdFdstatSetFlags(fd, kNonblock | kAppend), kSuccess);
  fdFdstatGet(fd, &stat);
  equal("both are reported", stat.flags, kNonblock | kAppend);
  fdClose(fd);
  expect("open nonblock", openAt("log.txt", 0, 0, kForReading, kNonblock, &fd), kSuccess);
  fdFdstatGet(fd, &stat);
  equal("nonblock is reported", stat.flags, kNonblock);
  fdClose(fd);
}

static void sizes(void) {
  u32 fd, done;
  u64 position;
  Filestat stat;
  makeFile("size.txt", "0123456789");
  openAt("size.txt", 0, 0, kReadWrite, 0, &fd);
  fdSeek(fd, 7, kSeekSet, &position);
  expect("shrink", fdFilestatSetSize(fd, 4), kSuccess);
  expect("grow", fdFilestatSetSize(fd, 8), kSuccess);
  fdTell(fd, &position);
  equal("resizing moves nothing", position, 7);
  char text[16] = {0};
  Iovec vector = {text, 8};
  fdPread(fd, &vector, 1, 0, &done);
  verify("growth is zeros", done == 8 && memcmp(text, "0123\0\0\0\0", 8) == 0);
  expectEither("size above i64", fdFilestatSetSize(fd, 1ULL << 63), kInval, kFbig);
  int error = fdAllocate(fd, 0, 100);
  fdFilestatGet(fd, &stat);
  verify("allocate extends or is refused",
         (error == 0 && stat.size == 100) || (error == kNotsup && stat.size == 8));
  fdAllocate(fd, 0, 2);
  u64 before = stat.size;
  fdFilestatGet(fd, &stat);
  equal("allocate never shrinks", stat.size, before);
  fdClose(fd);
  openAt("size.txt", 0, 0, kForReading, 0, &fd);
  expectEither("resize read-only fd", fdFilestatSetSize(fd, 0), kBadf, kInval);
  fdClose(fd);
}

static void hints(void) {
  u32 fd;
  makeFile("hint.txt", "0123456789");
  openAt("hint.txt", 0, 0, kReadWrite, 0, &fd);
  for (u32 advice = 0; advice < 6; advice++) {
    if (fdAdvise(fd, 0, 10, advice) != 0) expect("advise", fdAdvise(fd, 0, 10, advice), kSuccess);
  }
  expect("advise bad fd", fdAdvise(kNoFd, 0, 10, 0), kBadf);
  int error = fdAdvise(fd, ~0ULL - 3, ~0ULL - 3, 0);
  verify("advise huge range", error == 0 || error == kInval);
  expect("sync", fdSync(fd), kSuccess);
  expect("datasync", fdDatasync(fd), kSuccess);
  expect("sync bad fd", fdSync(kNoFd), kBadf);
  fdClose(fd);
}

static void descriptorState(void) {
  u32 fd;
  Fdstat stat;
  memset(&stat, 0xee, sizeof stat);
  openAt("host.txt", 0, 0, kForReading, 0, &fd);
  expect("fdstat file", fdFdstatGet(fd, &stat), kSuccess);
  equal("fdstat file type", stat.filetype, kRegularFile);
  equal("fdstat file flags", stat.flags, 0);
  verify("fdstat file may read", (stat.base & kRightRead) != 0);
  verify("fdstat padding is zero", ((u8*)&stat)[1] == 0 && ((u32*)&stat)[1] == 0);
  expect("set_rights is not supported", fdFdstatSetRights(fd, stat.base, stat.inheriting), kNotsup);
  expect("set_rights bad fd", fdFdstatSetRights(kNoFd, 0, 0), kBadf);
  fdClose(fd);
  expect("fdstat folder", fdFdstatGet(kRoot, &stat), kSuccess);
  equal("fdstat folder type", stat.filetype, kDirectory);
  equal("fdstat folder flags", stat.flags, 0);
  verify("fdstat folder may open", (stat.base & kRightPathOpen) != 0);
  verify("fdstat folder inherits file rights",
         (~stat.inheriting & (kRightRead | kRightWrite)) == 0);
  verify("fdstat folder cannot set sizes",
         (stat.base & (kRightPathSetSize | kRightFdSetSize)) == 0);
  Filestat file;
  memset(&file, 0xee, sizeof file);
  openAt("host.txt", 0, 0, kForReading, 0, &fd);
  expect("filestat file", fdFilestatGet(fd, &file), kSuccess);
  verify("filestat", file.filetype == kRegularFile && file.size == 17 && file.nlink == 1);
  verify("filestat padding is zero", ((u8*)&file)[17] == 0 && ((u32*)&file)[5] == 0);
  fdClose(fd);
}

static void folderAsFile(void) {
  u32 done;
  char byte;
  Iovec vector = {&byte, 1};
  int error = fdRead(kRoot, &vector, 1, &done);
  verify("read a folder", error == kIsdir || error == kBadf || error == kNotcapable);
  error = fdWrite(kRoot, &vector, 1, &done);
  verify("write a folder", error == kIsdir || error == kBadf || error == kNotcapable);
  error = fdFilestatSetSize(kRoot, 0);
  verify("resize a folder", error != 0);
  u32 fd;
  openAt("host.txt", 0, 0, kForReading, 0, &fd);
  char buffer[64];
  error = fdReaddir(fd, buffer, sizeof buffer, 0, &done);
  verify("readdir a file", error == kNotdir || error == kBadf || error == kNotcapable);
  fdClose(fd);
}

int main(void) {
  opening();
  vectors();
  seeking();
  appending();
  sizes();
  hints();
  descriptorState();
  folderAsFile();
  return finish();
}
