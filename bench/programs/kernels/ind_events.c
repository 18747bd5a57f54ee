// Indirect calls: discrete-event simulation of a packet network: a binary heap of timed events,
// each dispatched to a handler through a function pointer; nodes have queueing policies that are
// function pointers too.
//
// Size: thousands of events handled.
#include "bench/programs/kernels/kernel.h"

enum { kNodes = 64, kHeap = 4096, kQueue = 32 };

typedef struct Simulation Simulation;
typedef struct Event Event;
typedef void (*Handler)(Simulation*, const Event*);

struct Event {
  u64 time;
  Handler handler;
  u32 node, packet;
};

typedef struct Node Node;
typedef u32 (*Policy)(const Node*);

struct Node {
  u32 queue[kQueue];
  u32 head, length, rate, drops, served;
  Policy policy;
  u8 busy;
};

struct Simulation {
  Event heap[kHeap];
  u32 count;
  u64 now, seed, sum, handled;
  Node nodes[kNodes];
};

static void schedule(Simulation* s, Event e) {
  if (s->count == kHeap) return;
  u32 i = s->count++;
  while (i > 0 && s->heap[(i - 1) / 2].time > e.time) {
    s->heap[i] = s->heap[(i - 1) / 2];
    i = (i - 1) / 2;
  }
  s->heap[i] = e;
}

static Event next(Simulation* s) {
  Event top = s->heap[0], last = s->heap[--s->count];
  u32 i = 0;
  for (;;) {
    u32 child = 2 * i + 1;
    if (child >= s->count) break;
    if (child + 1 < s->count && s->heap[child + 1].time < s->heap[child].time) child++;
    if (s->heap[child].time >= last.time) break;
    s->heap[i] = s->heap[child];
    i = child;
  }
  s->heap[i] = last;
  return top;
}

static u32 firstIn(const Node* n) { return n->head; }

static u32 lastIn(const Node* n) { return (n->head + n->length - 1) % kQueue; }

static u32 smallest(const Node* n) {
  u32 best = n->head;
  for (u32 i = 1; i < n->length; i++) {
    u32 at = (n->head + i) % kQueue;
    if ((n->queue[at] & 255) < (n->queue[best] & 255)) best = at;
  }
  return best;
}

static u32 oddFirst(const Node* n) {
  for (u32 i = 0; i < n->length; i++) {
    u32 at = (n->head + i) % kQueue;
    if (n->queue[at] & 1) return at;
  }
  return n->head;
}

static void onDeparture(Simulation* s, const Event* e);

static void startService(Simulation* s, u32 index) {
  Node* n = &s->nodes[index];
  if (n->length == 0) {
    n->busy = 0;
    return;
  }
  u32 at = n->policy(n);
  u32 packet = n->queue[at];
  n->queue[at] = n->queue[n->head];
  n->head = (n->head + 1) % kQueue;
  n->length--;
  n->busy = 1;
  u64 duration = 1 + (packet & 255) * n->rate / 64;
  schedule(s, (Event){s->now + duration, onDeparture, index, packet});
}

static void onArrival(Simulation* s, const Event* e) {
  Node* n = &s->nodes[e->node];
  if (n->length == kQueue) {
    n->drops++;
    return;
  }
  n->queue[(n->head + n->length++) % kQueue] = e->packet;
  if (!n->busy) startService(s, e->node);
}

static void onDeparture(Simulation* s, const Event* e) {
  Node* n = &s->nodes[e->node];
  n->served++;
  u32 hops = e->packet >> 24;
  if (hops > 0) {
    u32 target = (e->node * 5 + (e->packet >> 8 & 255)) % kNodes;
    schedule(s, (Event){s->now + 3 + (target & 7), onArrival, target, e->packet - (1u << 24)});
  } else {
    s->sum = mix(s->sum, s->now + e->packet);
  }
  startService(s, e->node);
}

static void onSource(Simulation* s, const Event* e) {
  u64 r = rngNext(&s->seed);
  u32 packet = ((u32)(r & 7) << 24) | ((u32)(r >> 8) & 0xffffffu);
  Event arrival = {s->now, onArrival, e->node, packet};
  onArrival(s, &arrival);
  schedule(s, (Event){s->now + 40 + (r >> 56), onSource, e->node, 0});
}

static void onAudit(Simulation* s, const Event* e) {
  u32 queued = 0, drops = 0;
  for (u32 i = 0; i < kNodes; i++) {
    queued += s->nodes[i].length;
    drops += s->nodes[i].drops;
  }
  s->sum = mix(s->sum, ((u64)queued << 32) | drops);
  schedule(s, (Event){s->now + 5000, onAudit, e->node, 0});
}

static u64 run(u32 n) {
  static const Policy policies[4] = {firstIn, lastIn, smallest, oddFirst};
  static Simulation s;
  s.seed = 109;
  for (u32 i = 0; i < kNodes; i++) {
    s.nodes[i].policy = policies[i % 4];
    s.nodes[i].rate = 20 + rngBelow(&s.seed, 20);
    schedule(&s, (Event){i, onSource, i, 0});
  }
  schedule(&s, (Event){1000, onAudit, 0, 0});
  u64 limit = (u64)n * 1000;
  while (s.handled < limit) {
    Event e = next(&s);
    s.now = e.time;
    e.handler(&s, &e);
    s.handled++;
  }
  for (u32 i = 0; i < kNodes; i++) s.sum = mix(s.sum, s.nodes[i].served);
  return mix(s.sum, s.now);
}

KERNEL_MAIN(run)
