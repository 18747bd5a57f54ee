/* poll_oneoff: sleeping, deadlines, readiness, faults of one subscription. Stdin is a pipe that
 * holds "waiting" and is then closed by its writer; with the argument "open", a pipe that stays
 * open and empty. */

#include "check.h"

static const u64 kMs = 1000000;

static u64 now(u32 id) {
  u64 time = 0;
  clockTimeGet(id, 0, &time);
  return time;
}

static Subscription onClock(u64 userdata, u32 id, u64 timeout, u16 flags) {
  Subscription subscription;
  memset(&subscription, 0, sizeof subscription);
  subscription.userdata = userdata;
  subscription.tag = kEventClock;
  subscription.u.clock.id = id;
  subscription.u.clock.timeout = timeout;
  subscription.u.clock.flags = flags;
  return subscription;
}

static Subscription onFd(u64 userdata, u8 tag, u32 fd) {
  Subscription subscription;
  memset(&subscription, 0, sizeof subscription);
  subscription.userdata = userdata;
  subscription.tag = tag;
  subscription.u.fd = fd;
  return subscription;
}

/* Polls one subscription; the event must carry its userdata and type. Returns the event's errno;
 * a fault of the call itself, which no fault of a subscription may be, as 1000 + errno. */
static int one(const char* name, Subscription subscription, Event* event) {
  u32 count = 99;
  memset(event, 0xee, sizeof *event);
  int error = pollOneoff(&subscription, event, 1, &count);
  if (error != 0) return 1000 + error;
  if (count != 1 || event->userdata != subscription.userdata || event->type != subscription.tag) {
    printf("FAIL %s: %u events, userdata %llu, type %u\n", name, count, event->userdata,
           event->type);
    gFailed++;
    return -1;
  }
  return event->error;
}

static void sleeping(void) {
  Event event;
  u64 start = now(kMonotonic);
  expect("sleep 30 ms", one("sleep", onClock(0x1122334455667788, kMonotonic, 30 * kMs, 0), &event),
         0);
  u64 slept = now(kMonotonic) - start;
  verify("slept the whole time", slept >= 30 * kMs && slept < 5000 * kMs);
  verify("event beyond the header is zero", event.nbytes == 0 && event.flags == 0);
  start = now(kMonotonic);
  expect("sleep 0", one("sleep 0", onClock(1, kMonotonic, 0, 0), &event), 0);
  expect("sleep realtime", one("realtime", onClock(2, kRealtime, 5 * kMs, 0), &event), 0);
  expect("absolute monotonic",
         one("absolute", onClock(3, kMonotonic, now(kMonotonic) + 20 * kMs, 1), &event), 0);
  verify("absolute waited", now(kMonotonic) - start >= 25 * kMs);
  start = now(kRealtime);
  expect("absolute realtime", one("absolute", onClock(4, kRealtime, start + 20 * kMs, 1), &event),
         0);
  verify("absolute realtime waited", now(kRealtime) - start >= 20 * kMs);
  start = now(kMonotonic);
  expect("absolute in the past", one("past", onClock(5, kMonotonic, 1, 1), &event), 0);
  expect("absolute realtime in the past", one("past", onClock(6, kRealtime, 1, 1), &event), 0);
  verify("the past does not wait", now(kMonotonic) - start < 1000 * kMs);
}

static void faults(void) {
  Event events[4];
  u32 count = 99;
  Subscription subscription = onClock(1, kMonotonic, 0, 0);
  expect("no subscriptions", pollOneoff(&subscription, events, 0, &count), kInval);
  expect("bad fd for reading", one("bad fd", onFd(8, kEventRead, kNoFd), events), kBadf);
  expect("bad fd for writing", one("bad fd", onFd(9, kEventWrite, 0xffffffff), events), kBadf);
  /* A fault of one does not hide another that is ready. */
  Subscription mixed[2] = {onFd(10, kEventRead, kNoFd), onFd(11, kEventWrite, 1)};
  expect("bad fd beside a good one", pollOneoff(mixed, events, 2, &count), kSuccess);
  int bad = 0, good = 0;
  for (u32 i = 0; i < count && i < 2; i++) {
    bad += events[i].userdata == 10 && events[i].error == kBadf;
    good += events[i].userdata == 11 && events[i].error == 0;
  }
  verify("the fault is told", bad == 1 && bad + good == (int)count);
}

static void readiness(int stdinStaysOpen) {
  Event event;
  u32 fd;
  makeFile("file", "0123456789");
  openAt("file", 0, 0, kReadWrite, 0, &fd);
  expect("file is readable", one("file", onFd(1, kEventRead, fd), &event), 0);
  verify("file bytes left", event.nbytes <= 10);
  expect("file is writable", one("file", onFd(2, kEventWrite, fd), &event), 0);
  u64 position;
  fdSeek(fd, 0, kSeekEnd, &position);
  expect("file at its end is readable", one("file", onFd(3, kEventRead, fd), &event), 0);
  fdClose(fd);
  expect("stdout is writable", one("stdout", onFd(4, kEventWrite, 1), &event), 0);

  Subscription two[2] = {onFd(5, kEventRead, 0), onClock(6, kMonotonic, 40 * kMs, 0)};
  Event events[2];
  u32 count = 99;
  u64 start = now(kMonotonic);
  expect("stdin with a time limit", pollOneoff(two, events, 2, &count), kSuccess);
  u64 waited = now(kMonotonic) - start;
  if (stdinStaysOpen) {
    verify("an empty pipe gives the time limit",
           count == 1 && events[0].userdata == 6 && waited >= 40 * kMs);
    return;
  }
  verify("a full pipe is ready",
         count >= 1 && (events[0].userdata == 5 || events[1].userdata == 5));
  verify("and does not wait", waited < 40 * kMs);
  expect("stdin bytes", one("stdin", onFd(7, kEventRead, 0), &event), 0);
  equal("stdin byte count", event.nbytes, 7);
  char text[16];
  equal("stdin content", (u64)readText(0, text, sizeof text), 7);
  expect("stdin at its end is ready", one("stdin", onFd(8, kEventRead, 0), &event), 0);
  equal("stdin at its end count", event.nbytes, 0);
  equal("stdin at its end hangs up", event.flags, 1);
}

static void several(void) {
  Subscription three[3] = {onClock(1, kMonotonic, 5000 * kMs, 0),
                           onClock(2, kMonotonic, 10 * kMs, 0),
                           onClock(3, kMonotonic, 9000 * kMs, 0)};
  Event events[3];
  u32 count = 0;
  u64 start = now(kMonotonic);
  expect("three clocks", pollOneoff(three, events, 3, &count), kSuccess);
  verify("the shortest clock fires", count == 1 && events[0].userdata == 2);
  verify("in its time", now(kMonotonic) - start < 4000 * kMs);
  Subscription past[2] = {onClock(4, kMonotonic, 0, 0), onClock(5, kRealtime, 1, 1)};
  expect("two expired clocks", pollOneoff(past, events, 2, &count), kSuccess);
  verify("all that expired are told", count == 2 && events[0].userdata + events[1].userdata == 9);
  /* Waiting for ever beside something ready must not overflow. */
  Subscription forever[2] = {onClock(6, kMonotonic, ~0ULL, 0), onFd(7, kEventWrite, 1)};
  expect("endless clock beside stdout", pollOneoff(forever, events, 2, &count), kSuccess);
  verify("stdout is told", count == 1 && events[0].userdata == 7);

  /* Input and output may be the same memory. */
  static union {
    Subscription in[2];
    Event out[2];
  } both;
  both.in[0] = onFd(21, kEventWrite, 1);
  both.in[1] = onFd(22, kEventWrite, 2);
  expect("overlapping areas", pollOneoff(both.in, both.out, 2, &count), kSuccess);
  verify("overlapping events", count == 2 && both.out[0].userdata + both.out[1].userdata == 43);

  static Subscription lots[500];
  static Event answers[500];
  for (u32 i = 0; i < 500; i++) lots[i] = onFd(i, kEventWrite, 1);
  expect("500 subscriptions", pollOneoff(lots, answers, 500, &count), kSuccess);
  equal("500 events", count, 500);
}

int main(int argc, char** argv) {
  (void)argv;
  sleeping();
  faults();
  readiness(argc > 1);
  several();
  return finish();
}
