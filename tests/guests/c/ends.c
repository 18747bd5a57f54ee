/* Ways to end: run.py knows the status and output each must give. A case that must not come back
 * prints "survived" when it does. */

#include <stdlib.h>

#include "check.h"

static void late(void) { printf("at exit\n"); }

static int deep(int depth, int status) {
  if (depth == 0) procExit((u32)status);
  volatile int here = deep(depth - 1, status);
  return here + 1;
}

/* Called through a volatile pointer so that no compiler makes a loop of it; needs no stack in
 * memory. */
static u64 recurse(u64 depth);
static u64 (*volatile gRecurse)(u64) = recurse;
static u64 recurse(u64 depth) { return depth == 0 ? 0 : gRecurse(depth - 1) * 3 + depth; }

static u32 end(void) { return (u32)(__builtin_wasm_memory_size(0) << 16); }

/* Each of these hands a pointer to the host that is not in memory: the guest must trap. */
static void wild(const char* which) {
  u32 done, last = end(), wrap = 0xfffffff0;
  Iovec vector = {"x", 1};
  static Iovec huge[1] = {{(void*)16, 0xfffffff0}};
  printf("before\n");
  if (strcmp(which, "vector") == 0) fdWrite(1, (Iovec*)(last - 4), 1, &done);
  if (strcmp(which, "vectors") == 0) fdWrite(1, (Iovec*)(last - 64), 0x20000000, &done);
  if (strcmp(which, "buffer") == 0)
    vector = (Iovec){(void*)(last - 1), 2}, fdWrite(1, &vector, 1, &done);
  if (strcmp(which, "bufferwrap") == 0) fdWrite(1, huge, 1, &done);
  if (strcmp(which, "result") == 0) fdWrite(1, &vector, 1, (u32*)(last - 2));
  if (strcmp(which, "read") == 0) vector = (Iovec){(void*)wrap, 32}, fdRead(0, &vector, 1, &done);
  if (strcmp(which, "clock") == 0) clockTimeGet(kMonotonic, 0, (u64*)(last - 4));
  if (strcmp(which, "random") == 0) randomGet((void*)(last - 8), 9);
  if (strcmp(which, "randomwrap") == 0) randomGet((void*)16, 0xffffffff);
  if (strcmp(which, "args") == 0) argsGet((u32*)last, (char*)last);
  if (strcmp(which, "path") == 0) pathOpen(kRoot, 0, (char*)(last - 2), 3, 0, 0, 0, 0, &done);
  if (strcmp(which, "pathwrap") == 0) pathUnlinkFile(kRoot, (char*)wrap, 0x20);
  if (strcmp(which, "oldpath") == 0) pathSymlink((char*)(last - 2), 8, kRoot, P("x"));
  if (strcmp(which, "stat") == 0) fdFilestatGet(kRoot, (void*)(last - 32));
  if (strcmp(which, "poll") == 0) pollOneoff((void*)(last - 40), huge, 1, &done);
  if (strcmp(which, "pollcount") == 0)
    pollOneoff((void*)64, (void*)64, 0x10000000, &done), printf("answered\n"), procExit(0);
  if (strcmp(which, "readdir") == 0) fdReaddir(kRoot, (void*)(last - 8), 64, 0, &done);
  printf("survived\n");
}

/* Length 0 is fine at any address up to and including the size of memory. */
static void edges(void) {
  u32 done = 9;
  Iovec vector = {(void*)end(), 0};
  expect("random 0 at the end of memory", randomGet((void*)end(), 0), kSuccess);
  expect("write 0 from the end of memory", fdWrite(1, &vector, 1, &done), kSuccess);
  equal("write 0 count", done, 0);
  expect("no vectors at the end of memory", fdWrite(1, (Iovec*)end(), 0, &done), kSuccess);
  u8* last = (u8*)end() - 8;
  expect("random up to the last byte", randomGet(last, 8), kSuccess);
  /* The stack is at the low end: with more than 2 GiB addresses above 2^31 are plain addresses. */
  if (__builtin_wasm_memory_grow(0, 0x8800 - __builtin_wasm_memory_size(0)) != (unsigned long)-1) {
    u8* high = (u8*)0x87ff0000u;
    expect("random above 2 GiB", randomGet(high, 64), kSuccess);
    int any = 0;
    for (int i = 0; i < 64; i++) any |= high[i];
    verify("bytes above 2 GiB", any != 0);
    vector = (Iovec){high, 0};
    expect("vector above 2 GiB", fdWrite(1, &vector, 1, &done), kSuccess);
  }
}

int main(int argc, char** argv) {
  setvbuf(stdout, NULL, _IONBF, 0);
  if (argc < 2) return 2;
  const char* how = argv[1];
  int status = argc > 2 ? atoi(argv[2]) : 0;
  if (strcmp(how, "return") == 0) {
    atexit(late);
    return status;
  }
  if (strcmp(how, "exit") == 0) {
    atexit(late);
    exit(status);
  }
  if (strcmp(how, "proc_exit") == 0) {
    atexit(late); /* must not run */
    printf("before\n");
    procExit((u32)status);
  }
  if (strcmp(how, "deep") == 0) deep(1000, status);
  if (strcmp(how, "abort") == 0) abort();
  if (strcmp(how, "trap") == 0) {
    printf("before\n");
    __builtin_trap();
  }
  if (strcmp(how, "divide") == 0) {
    volatile int seven = 7, zero = 0;
    printf("before\n");
    printf("%d\n", seven / zero);
  }
  if (strcmp(how, "null") == 0) {
    void (*volatile call)(void) = NULL;
    printf("before\n");
    call();
  }
  if (strcmp(how, "load") == 0) {
    volatile u32* address = (u32*)(end() - 3);
    printf("before\n");
    printf("%u\n", *address);
  }
  if (strcmp(how, "stack") == 0) {
    /* Deeper than any stack: an engine must trap, not crash. */
    printf("before\n");
    printf("%llu\n", recurse(1ULL << 60));
  }
  if (strcmp(how, "raise") == 0) {
    int error = procRaise(6);
    verify("proc_raise is refused", error == kNotsup || error == 52);
    return finish();
  }
  if (strcmp(how, "edges") == 0) {
    edges();
    return finish();
  }
  if (strcmp(how, "wild") == 0) {
    wild(argv[2]);
    return 0;
  }
  printf("survived\n");
  return 0;
}
