/* Arguments, environment, clocks, random numbers, yield.
 * Run with the arguments and variables that run.py gives ("full"), or with none ("bare"). */

#include <stdlib.h>

#include "check.h"

static void arguments(int bare) {
  u32 count = 77, size = 77;
  expect("args_sizes_get", argsSizesGet(&count, &size), kSuccess);
  equal("args count", count, bare ? 1 : 5);
  static const char kPacked[] = "args.wasm\0one\0\0za\xc5\xbc\xc3\xb3\xc5\x82\xc4\x87\0with space";
  u32 wanted = bare ? sizeof "args.wasm" : sizeof kPacked;
  equal("args size counts every NUL", size, wanted);

  static u32 pointers[9];
  static char text[128];
  memset(text, 'x', sizeof text);
  pointers[count] = 0xabcd;
  expect("args_get", argsGet(pointers, text), kSuccess);
  verify("args are packed strings", memcmp(text, kPacked, wanted) == 0);
  verify("args nothing behind", text[size] == 'x' && pointers[count] == 0xabcd);
  verify("args first pointer", pointers[0] == (u32)text);
  if (!bare) {
    verify("args second pointer", pointers[1] == (u32)text + sizeof "args.wasm");
    verify("args empty argument", *(char*)pointers[2] == 0 && pointers[3] == pointers[2] + 1);
  }
}

static void environment(int bare) {
  u32 count = 77, size = 77;
  expect("environ_sizes_get", environSizesGet(&count, &size), kSuccess);
  static const char kPacked[] = "ALPHA=\xce\xb1\0EMPTY=\0EQUALS=a=b=\0ZED=last";
  equal("environ count", count, bare ? 0 : 4);
  equal("environ size", size, bare ? 0 : sizeof kPacked);
  static u32 pointers[9];
  static char text[128];
  memset(text, 'x', sizeof text);
  expect("environ_get", environGet(pointers, text), kSuccess);
  if (bare) {
    verify("environ writes nothing", text[0] == 'x' && pointers[0] == 0);
    return;
  }
  verify("environ order and form", memcmp(text, kPacked, sizeof kPacked) == 0);
  verify("environ pointers", pointers[0] == (u32)text && strcmp((char*)pointers[1], "EMPTY=") == 0);
  verify("environ nothing inherited", getenv("PATH") == NULL && getenv("HOME") == NULL);
}

static void clocks(void) {
  u64 resolution = 0, first = 0, second = 0;
  expect("clock_res_get realtime", clockResGet(kRealtime, &resolution), kSuccess);
  verify("realtime resolution above 0", resolution > 0 && resolution <= 1000000000);
  resolution = 0;
  expect("clock_res_get monotonic", clockResGet(kMonotonic, &resolution), kSuccess);
  verify("monotonic resolution above 0", resolution > 0 && resolution <= 1000000000);

  expect("clock_time_get realtime", clockTimeGet(kRealtime, 1, &first), kSuccess);
  verify("realtime is now",
         first > 1577836800ULL * 1000000000 && first < 7258118400ULL * 1000000000);
  int backwards = 0;
  expect("clock_time_get monotonic", clockTimeGet(kMonotonic, 0, &first), kSuccess);
  u64 start = first;
  for (int i = 0; i < 1000; i++) {
    /* The precision is a hint, whatever its size. */
    backwards += clockTimeGet(kMonotonic, i % 2 ? ~0ULL : 0, &second) != 0 || second < first;
    first = second;
  }
  equal("monotonic never goes back", backwards, 0);
  verify("monotonic goes on", second > start);
  for (u32 id = kProcessCpu; id <= kThreadCpu; id++) {
    int error = clockTimeGet(id, 0, &first);
    verify("cpu clock answers or refuses",
           error == 0 || error == kNotsup || error == kInval || error == kBadf);
  }
}

static void randomNumbers(void) {
  static u8 first[1 << 20], second[64], third[64];
  expect("random_get 0 bytes", randomGet(first, 0), kSuccess);
  expect("random_get 1 MiB", randomGet(first, sizeof first), kSuccess);
  u32 counts[256] = {0};
  for (u32 i = 0; i < sizeof first; i++) counts[first[i]]++;
  int fair = 1;
  for (int i = 0; i < 256; i++) fair &= counts[i] > 3500 && counts[i] < 4700;
  verify("random bytes fill the whole buffer", fair);
  expect("random_get again", randomGet(second, sizeof second), kSuccess);
  expect("random_get third", randomGet(third, sizeof third), kSuccess);
  verify("random calls differ", memcmp(second, third, sizeof second) != 0);
}

int main(int argc, char** argv) {
  (void)argv;
  arguments(argc == 1);
  environment(argc == 1);
  clocks();
  randomNumbers();
  expect("sched_yield", schedYield(), kSuccess);
  return finish();
}
