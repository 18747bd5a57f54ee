// A native driver library for tests, by the ABI of hostcalls, section 9. What it is asked is appended to the file named by
// DRIVER_LOG, one line a call; URLs say what it does:
//   demo://echo          reads what was written to it, first in first out; then the end
//   demo://fail/N        open answers N
//   demo://null          its descriptor is 0
//   demo://lie/N         read and write claim N bytes
//   demo://errno/N       read and write answer N
//   demo://block         read never returns; block-write, block-open, block-close: nor do these
//   demo://blocked/N     open returns once N calls are in such a wait
//   demo://scribble      open writes over what it was given
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { Slots = 64 };
static struct {
  int open;
  uint32_t claim, error;
  char blocks;  // the first letter of the call that does; 0: none
  uint8_t data[4096];
  uint32_t size;
} slots[Slots];

static void note(const char* line) {
  const char* path = getenv("DRIVER_LOG");
  FILE* file = path != NULL ? fopen(path, "a") : NULL;
  if (file == NULL) return;
  fprintf(file, "%s\n", line);
  fclose(file);
}

static atomic_int blocked;

static void block(void) {
  atomic_fetch_add(&blocked, 1);
  for (;;) pause();
}

__attribute__((constructor)) static void loaded(void) { note("loaded"); }

uint32_t blockless_open(const uint8_t* uri, uint32_t uri_len, const uint8_t* opts, uint32_t opts_len, uint32_t* fd) {
  char text[512], line[1400];
  snprintf(text, sizeof text, "%.*s", (int)uri_len, (const char*)uri);
  snprintf(line, sizeof line, "open %s [%.*s]", text, (int)opts_len, (const char*)opts);
  note(line);
  const char* word = strstr(text, "://") + 3;
  if (strncmp(word, "fail/", 5) == 0) return (uint32_t)atoi(word + 5);
  if (strncmp(word, "null", 4) == 0) {
    *fd = 0;
    return 0;
  }
  if (strncmp(word, "blocked/", 8) == 0) {
    while (atomic_load(&blocked) < atoi(word + 8)) sched_yield();
    *fd = 0;
    return 0;
  }
  if (strcmp(word, "block-open") == 0) block();
  if (strncmp(word, "scribble", 8) == 0) memset((uint8_t*)uri, 'X', uri_len);
  uint32_t slot = 1;
  while (slot < Slots && slots[slot].open) ++slot;
  if (slot == Slots) return 11;
  memset(&slots[slot], 0, sizeof slots[slot]);
  slots[slot].open = 1;
  if (strncmp(word, "lie/", 4) == 0) slots[slot].claim = (uint32_t)strtoul(word + 4, NULL, 10);
  if (strncmp(word, "errno/", 6) == 0) slots[slot].error = (uint32_t)atoi(word + 6);
  if (strncmp(word, "block", 5) == 0) slots[slot].blocks = word[5] == '-' ? word[6] : 'r';
  *fd = slot;
  return 0;
}

uint32_t blockless_read(uint32_t fd, uint8_t* buf, uint32_t len, uint32_t* n) {
  if (slots[fd].error != 0) return slots[fd].error;
  if (slots[fd].blocks == 'r') block();
  uint32_t count = slots[fd].size < len ? slots[fd].size : len;
  memcpy(buf, slots[fd].data, count);
  slots[fd].size -= count;
  memmove(slots[fd].data, slots[fd].data + count, slots[fd].size);
  *n = slots[fd].claim != 0 ? slots[fd].claim : count;
  return 0;
}

uint32_t blockless_write(uint32_t fd, const uint8_t* buf, uint32_t len, uint32_t* n) {
  if (slots[fd].error != 0) return slots[fd].error;
  if (slots[fd].blocks == 'w') block();
  uint32_t room = (uint32_t)sizeof slots[fd].data - slots[fd].size;
  uint32_t count = len < room ? len : room;
  memcpy(slots[fd].data + slots[fd].size, buf, count);
  slots[fd].size += count;
  *n = slots[fd].claim != 0 ? slots[fd].claim : count;
  return 0;
}

#ifndef WITHOUT_CLOSE
uint32_t blockless_close(uint32_t fd) {
  char line[32];
  snprintf(line, sizeof line, "close %u", fd);
  note(line);
  if (slots[fd].blocks == 'c') block();
  slots[fd].open = 0;
  return 0;
}
#endif
