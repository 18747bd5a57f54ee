/* The descriptor table: preopens, closing, renumbering, strange numbers, many descriptors.
 * Descriptor 3 is the grant "/root", 4 the grant "other", stdin a pipe that is at its end. */

#include "check.h"

static void preopens(void) {
  Prestat stat;
  memset(&stat, 0xee, sizeof stat);
  expect("prestat 3", fdPrestatGet(3, &stat), kSuccess);
  verify("prestat 3 is a folder with its guest name", stat.tag == 0 && stat.nameSize == 5);
  verify("prestat padding is zero",
         ((u8*)&stat)[1] == 0 && ((u8*)&stat)[2] == 0 && ((u8*)&stat)[3] == 0);
  char name[16];
  memset(name, '#', sizeof name);
  expect("dir_name 3", fdPrestatDirName(3, name, 5), kSuccess);
  verify("dir_name bytes, no NUL", memcmp(name, "/root#", 6) == 0);
  expectEither("dir_name short buffer", fdPrestatDirName(3, name, 4), kNametoolong, kInval);
  memset(name, '#', sizeof name);
  expect("dir_name long buffer", fdPrestatDirName(3, name, 12), kSuccess);
  verify("dir_name long buffer bytes", memcmp(name, "/root#", 6) == 0);
  expect("prestat 4", fdPrestatGet(4, &stat), kSuccess);
  equal("prestat 4 name size", stat.nameSize, 5);
  fdPrestatDirName(4, name, 5);
  verify("name exactly as given", memcmp(name, "other", 5) == 0);
  expect("prestat behind the last", fdPrestatGet(5, &stat), kBadf);
  verify("prestat stdio", fdPrestatGet(0, &stat) != 0);
  expect("prestat 2^32-1", fdPrestatGet(0xffffffff, &stat), kBadf);
  u32 fd;
  openAt(".", 0, kODirectory, kFolder, 0, &fd);
  int error = fdPrestatGet(fd, &stat);
  verify("prestat of an opened folder", error == kBadf || error == kNotsup || error == kInval);
  fdClose(fd);
}

static void closing(void) {
  static const u32 kStrange[] = {5, 100, 0x7fffffff, 0x80000000, 0xffffffff};
  u64 number;
  u32 done;
  char byte;
  Iovec vector = {&byte, 1};
  Fdstat state;
  Filestat stat;
  int bad = 0;
  for (int i = 0; i < 5; i++) {
    u32 fd = kStrange[i];
    bad += fdClose(fd) != kBadf;
    bad += fdRead(fd, &vector, 1, &done) != kBadf;
    bad += fdWrite(fd, &vector, 1, &done) != kBadf;
    bad += fdPread(fd, &vector, 1, 0, &done) != kBadf;
    bad += fdPwrite(fd, &vector, 1, 0, &done) != kBadf;
    bad += fdSeek(fd, 0, kSeekSet, &number) != kBadf;
    bad += fdTell(fd, &number) != kBadf;
    bad += fdSync(fd) != kBadf;
    bad += fdDatasync(fd) != kBadf;
    bad += fdFdstatGet(fd, &state) != kBadf;
    bad += fdFdstatSetFlags(fd, 0) != kBadf;
    bad += fdFilestatGet(fd, &stat) != kBadf;
    bad += fdFilestatSetSize(fd, 0) != kBadf;
    bad += fdFilestatSetTimes(fd, 0, 0, kAtimNow) != kBadf;
    bad += fdAdvise(fd, 0, 0, 0) != kBadf;
    bad += fdAllocate(fd, 0, 1) != kBadf;
    bad += fdReaddir(fd, &byte, 1, 0, &done) != kBadf;
    bad += fdRenumber(fd, 3) != kBadf;
    bad += pathCreateDirectory(fd, P("x")) != kBadf;
    bad += pathSymlink(P("x"), fd, P("y")) != kBadf;
    bad += pathLink(fd, 0, P("x"), 3, P("y")) != kBadf;
    bad += pathRename(3, P("x"), fd, P("y")) == 0;
  }
  equal("functions that do not answer BADF for strange numbers", bad, 0);
  u32 fd;
  makeFile("file", "0123456789");
  openAt("file", 0, 0, kForReading, 0, &fd);
  expect("close", fdClose(fd), kSuccess);
  expect("close again", fdClose(fd), kBadf);
}

static void renumbering(void) {
  u32 one, two, done;
  u64 position;
  char text[16];
  makeFile("one", "one");
  makeFile("two", "two");
  openAt("one", 0, 0, kReadWrite, kAppend, &one);
  openAt("two", 0, 0, kReadWrite, 0, &two);
  expect("renumber onto itself", fdRenumber(one, one), kSuccess);
  verify("and it still works", readText(one, text, sizeof text) == 3);
  expect("renumber onto a closed number", fdRenumber(one, 500), kBadf);
  expect("renumber a closed number", fdRenumber(500, one), kBadf);
  expect("renumber a closed number onto itself", fdRenumber(500, 500), kBadf);
  expect("renumber onto 2^32-1", fdRenumber(one, 0xffffffff), kBadf);
  fdSeek(one, 1, kSeekSet, &position);
  expect("renumber", fdRenumber(one, two), kSuccess);
  Fdstat state;
  expect("source is closed", fdFdstatGet(one, &state), kBadf);
  expect("target state", fdFdstatGet(two, &state), kSuccess);
  equal("flags move along", state.flags, kAppend);
  fdTell(two, &position);
  equal("position moves along", position, 1);
  verify("content moves along", readText(two, text, sizeof text) == 2 && text[0] == 'n');
  u32 fresh[20];
  int opened = 0;
  for (int i = 0; i < 20; i++) {
    opened +=
        openAt("one", 0, 0, kForReading, 0, &fresh[i]) == 0 && fresh[i] != two && fresh[i] > 4;
  }
  equal("opening works after renumbering", opened, 20);
  int distinct = 1;
  for (int i = 0; i < 20; i++) {
    for (int k = 0; k < i; k++) distinct &= fresh[i] != fresh[k];
  }
  verify("descriptors are distinct", distinct);
  for (int i = 0; i < 20; i++) fdClose(fresh[i]);
  fdClose(two);

  openAt("one", 0, 0, kForReading, 0, &one);
  expect("renumber onto stdin", fdRenumber(one, 0), kSuccess);
  verify("stdin is the file now", readText(0, text, sizeof text) == 3 && strcmp(text, "one") == 0);
  openAt("two", 0, kCreat | kTrunc, kReadWrite, 0, &two);
  expect("renumber onto stderr", fdRenumber(two, 2), kSuccess);
  writeText(2, "to the file", &done);
  verify("stderr is the file now", strcmp(content("two"), "to the file") == 0);
}

static void many(void) {
  static u32 fds[300];
  int opened = 0;
  for (int i = 0; i < 300; i++) opened += openAt("one", 0, 0, kForReading, 0, &fds[i]) == 0;
  equal("300 descriptors at once", opened, 300);
  int distinct = 1;
  for (int i = 0; i < 300; i++) {
    for (int k = 0; k < i; k++) distinct &= fds[i] != fds[k];
  }
  verify("all distinct", distinct);
  int closed = 0;
  for (int i = 0; i < 300; i++) closed += fdClose(fds[(i * 7) % 300]) == 0;
  equal("all closed", closed, 300);
  /* Numbers may be reused or grow for ever; either way the table must not fill up. */
  int good = 0;
  u32 fd;
  for (int i = 0; i < 20000; i++)
    good += openAt("one", 0, 0, kForReading, 0, &fd) == 0 && fdClose(fd) == 0;
  equal("20000 times open and close", good, 20000);
}

static void closingGrants(void) {
  Prestat stat;
  Filestat file;
  u32 folder, fd;
  openAt(".", 0, kODirectory, kFolder, 0, &folder);
  expect("close a grant", fdClose(4), kSuccess);
  expect("its prestat", fdPrestatGet(4, &stat), kBadf);
  expect("renumber a folder onto a grant", fdRenumber(folder, 3), kSuccess);
  expect("stat below it", pathFilestatGet(3, 0, P("one"), &file), kSuccess);
  openAt("one", 0, 0, kForReading, 0, &fd);
  expect("close the other grant", fdClose(3), kSuccess);
  expect("open below a closed grant", openAt("one", 0, 0, kForReading, 0, &folder), kBadf);
  char text[8];
  equal("an open file survives its grant", (u64)readText(fd, text, sizeof text), 3);
  fdClose(fd);
  expect("close stdin", fdClose(0), kSuccess);
  u32 done;
  Iovec vector = {text, 1};
  expect("read closed stdin", fdRead(0, &vector, 1, &done), kBadf);
}

int main(void) {
  char byte;
  Iovec vector = {&byte, 1};
  u32 done = 9;
  u64 position;
  expect("read stdin at its end", fdRead(0, &vector, 1, &done), kSuccess);
  equal("read stdin at its end count", done, 0);
  expect("seek a pipe", fdSeek(0, 0, kSeekCur, &position), kSpipe);
  expect("tell a pipe", fdTell(0, &position), kSpipe);
  expect("pread a pipe", fdPread(0, &vector, 1, 0, &done), kSpipe);
  preopens();
  closing();
  renumbering();
  many();
  closingGrants();
  return finish();
}
