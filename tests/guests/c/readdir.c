/* fd_readdir: packing, cookies, small buffers, changes while reading.
 * The host made folder "many" with 100 files "f000" .. "f099", "empty", and "long" with a name of
 * 255 bytes. */

#include <stdlib.h>

#include "check.h"

enum { kMax = 256 };
typedef struct {
  u64 next, ino;
  u8 type;
  char name[260];
} Entry;

static Entry gEntries[kMax];

static u32 openFolder(const char* path) {
  u32 fd;
  if (openAt(path, 0, kODirectory, kFolder, 0, &fd) != 0) {
    printf("FAIL cannot open %s\n", path);
    procExit(3);
  }
  return fd;
}

/* Reads on from a cookie with a buffer of this size, the way libc does: entries that were cut are
 * read again from the cookie before them. Returns the number of entries, or minus the errno; -1000
 * when stuck. */
static int list(u32 fd, u32 bufferSize, u64 cookie) {
  static u8 buffer[4096];
  int count = 0;
  for (;;) {
    u32 used = 0xffffffff;
    memset(buffer, 0xee, sizeof buffer);
    int error = fdReaddir(fd, buffer, bufferSize, cookie, &used);
    if (error != 0) return -error;
    if (used > bufferSize || buffer[bufferSize] != 0xee) return -1001;
    u32 at = 0;
    int whole = 0;
    while (at + sizeof(Dirent) <= used) {
      Dirent head;
      memcpy(&head, buffer + at, sizeof head);
      if (at + sizeof head + head.nameSize > used) break;
      if (count == kMax || head.nameSize > 255) return -1002;
      Entry* entry = &gEntries[count++];
      *entry = (Entry){.next = head.next, .ino = head.ino, .type = head.type};
      memcpy(entry->name, buffer + at + sizeof head, head.nameSize);
      cookie = head.next;
      at += sizeof head + head.nameSize;
      whole++;
    }
    if (used < bufferSize) return count;
    if (whole == 0) return -1000;
  }
}

static const Entry* find(int count, const char* name) {
  for (int i = 0; i < count; i++) {
    if (strcmp(gEntries[i].name, name) == 0) return &gEntries[i];
  }
  return NULL;
}

static void packing(void) {
  u32 fd = openFolder("empty");
  equal("empty folder has two entries", (u64)list(fd, 4096 - 1, 0), 2);
  const Entry* dot = find(2, ".");
  const Entry* up = find(2, "..");
  verify("dot and dot-dot", dot && up && dot->type == kDirectory && up->type == kDirectory);
  Filestat stat;
  fdFilestatGet(fd, &stat);
  verify("inode of dot is the folder's", dot && dot->ino == stat.ino);
  u32 used = 99;
  char byte;
  int error = fdReaddir(fd, &byte, 0, 0, &used);
  verify("empty buffer", (error == 0 && used == 0) || error == kInval);
  fdClose(fd);
  expect("readdir closed fd", fdReaddir(fd, &byte, 1, 0, &used), kBadf);

  fd = openFolder("many");
  int count = list(fd, 4096 - 1, 0);
  equal("all entries", (u64)count, 102);
  const Entry* entry = find(count, "f042");
  fdFilestatGet(fd, &stat);
  expect("stat of an entry", pathFilestatGet(fd, 0, P("f042"), &stat), kSuccess);
  verify("entry type", entry && (entry->type == kRegularFile || entry->type == kUnknown));
  verify("entry inode is the file's", entry && entry->ino == stat.ino);
  fdClose(fd);
}

static void smallBuffers(void) {
  static const u32 kSizes[] = {28, 29, 31, 40, 56, 57, 100, 256, 1000};
  char name[64];
  for (u32 i = 0; i < sizeof kSizes / sizeof *kSizes; i++) {
    u32 fd = openFolder("many");
    int count = list(fd, kSizes[i], 0);
    snprintf(name, sizeof name, "100 files with a buffer of %u", kSizes[i]);
    equal(name, (u64)count, 102);
    int distinct = 1;
    for (int k = 0; k < 100; k++) {
      char file[8];
      snprintf(file, sizeof file, "f%03d", k);
      distinct &= find(count, file) != NULL;
    }
    snprintf(name, sizeof name, "each file is there with a buffer of %u", kSizes[i]);
    verify(name, distinct);
    fdClose(fd);
  }
  u32 fd = openFolder("many");
  u8 buffer[64];
  for (u32 size = 1; size <= 27; size++) {
    u32 used = 0;
    int error = fdReaddir(fd, buffer, size, 0, &used);
    /* A full buffer means that more may follow, also when not even a header fits. */
    if (error != 0 || used != size) {
      printf("buffer %u: errno %d, used %u\n", size, error, used);
      verify("buffer smaller than an entry is filled", 0);
      break;
    }
    if (size == 27) ok("buffer smaller than an entry is filled");
  }
  fdClose(fd);
  fd = openFolder("long");
  int count = list(fd, 1000, 0);
  equal("folder with a long name", (u64)count, 3);
  int longest = 0;
  for (int i = 0; i < count; i++) longest |= strlen(gEntries[i].name) == 255;
  verify("name of 255 bytes", longest);
  u32 used = 0;
  static u8 large[200];
  expect("long name with a small buffer", fdReaddir(fd, large, 200, 0, &used), kSuccess);
  equal("small buffer is full", used, 200);
  fdClose(fd);
}

static void cookies(void) {
  u32 fd = openFolder("many");
  static Entry all[kMax];
  int count = list(fd, 300, 0);
  memcpy(all, gEntries, sizeof all);
  int same = list(fd, 4000, 0) == count;
  for (int i = 0; i < count && same; i++) same = strcmp(all[i].name, gEntries[i].name) == 0;
  verify("cookie 0 starts again in the same order", same);

  /* Every cookie goes on exactly behind its entry, also out of order. */
  int right = 1;
  for (int step = 0; step < count; step++) {
    int i = step * 37 % count;
    int rest = list(fd, 333, all[i].next);
    right &= rest == count - 1 - i && (rest == 0 || strcmp(gEntries[0].name, all[i + 1].name) == 0);
  }
  verify("every cookie goes on behind its entry", right);
  u32 used = 0;
  static u8 buffer[256];
  static const u64 kStrange[] = {0x7fffffffffffffff, 0x8000000000000000, ~0ULL, 1ULL << 40};
  int survived = 0;
  for (int i = 0; i < 4; i++) {
    int error = fdReaddir(fd, buffer, sizeof buffer, kStrange[i], &used);
    survived += error == 0 || error == kInval || error == kNoent || error == kOverflow;
  }
  equal("strange cookies answer", survived, 4);
  equal("and a new start works", (u64)list(fd, 500, 0), 102);
  fdClose(fd);
}

static void changes(void) {
  u32 fd = openFolder("many");
  int count = list(fd, 200, 0);
  static u8 buffer[200];
  u32 used = 0;
  /* Delete everything while walking: no entry may be lost, none may come twice. */
  u64 cookie = 0;
  int removed = 0, doubled = 0;
  for (;;) {
    if (fdReaddir(fd, buffer, sizeof buffer, cookie, &used) != 0) break;
    u32 at = 0;
    while (at + sizeof(Dirent) <= used) {
      Dirent head;
      memcpy(&head, buffer + at, sizeof head);
      if (at + sizeof head + head.nameSize > used) break;
      const char* name = (char*)buffer + at + sizeof head;
      if (name[0] == 'f') {
        int error = pathUnlinkFile(fd, name, head.nameSize);
        removed += error == 0;
        doubled += error == kNoent;
      }
      cookie = head.next;
      at += sizeof head + head.nameSize;
    }
    if (used < sizeof buffer) break;
  }
  equal("deleting while reading misses none", removed, (u64)count - 2);
  equal("deleting while reading repeats none", doubled, 0);
  equal("the folder is empty then", (u64)list(fd, 200, 0), 2);
  makeFile("many/new", "x");
  count = list(fd, 200, 0);
  verify("a new file is seen after a new start", count == 3 && find(count, "new") != NULL);
  fdClose(fd);
}

int main(void) {
  packing();
  smallBuffers();
  cookies();
  changes();
  return finish();
}
