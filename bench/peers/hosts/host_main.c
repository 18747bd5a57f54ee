// Measures one engine inside one process, for bench/peers: the engine is behind host.h.
//
//   HOST [-o OPTION]... version
//   HOST [-o OPTION]... run [--dir HOST::GUEST]... [--env NAME=VALUE]... FILE [--] ARGS...
//   HOST [-o OPTION]... validate|compile REPEATS FILE
//   HOST [-o OPTION]... tasks FILE TASK...
//
// validate and compile do one pass that is not counted and print {"bytes", "seconds": [CPU of the
// process], "wall": [...]}; a pass of more than three seconds counts and is the only one. A task is KIND:EXPORT:COUNT:RUNS, and each prints {"task", "result",
// "ns": [...]}:
//   call         EXPORT(COUNT), RUNS times; one uncounted before
//   entry        COUNT calls of EXPORT from here, each with the result of the last
//   trap         COUNT calls of EXPORT that end with a trap
//   instantiate  RUNS new instances, each freed again; the time of each
//   idle         COUNT instances that stay alive: "bytes", their share of the resident memory
//   threads      EXPORT(COUNT) in RUNS threads at once, an instance each: one time, wall, of all
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host.h"

enum { kMaxWords = 64, kMaxThreads = 64 };
static const double kLongPass = 3;

char hostError[400];

static void die(const char* what) {
  fprintf(stderr, "host: %s: %s\n", what, hostError[0] != 0 ? hostError : "failed");
  exit(1);
}

static double clockNs(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static uint8_t* readAll(const char* path, size_t* size) {
  FILE* file = fopen(path, "rb");
  if (file == NULL || fseek(file, 0, SEEK_END) != 0) die(path);
  long length = ftell(file);
  rewind(file);
  uint8_t* bytes = length > 0 ? malloc((size_t)length) : NULL;
  if (bytes == NULL || fread(bytes, 1, (size_t)length, file) != (size_t)length) die(path);
  fclose(file);
  *size = (size_t)length;
  return bytes;
}

static void printList(const char* name, const double* values, int count, const char* format) {
  printf("\"%s\": [", name);
  for (int i = 0; i < count; i++) {
    if (i > 0) printf(", ");
    printf(format, values[i]);
  }
  printf("]");
}

static double* numbers(int count) {
  double* values = malloc(sizeof *values * (size_t)(count > 0 ? count : 1));
  if (values == NULL) die("no memory");
  return values;
}

static int phase(int validateOnly, int repeats, const char* path) {
  size_t size;
  uint8_t* bytes = readAll(path, &size);
  double* cpu = numbers(repeats);
  double* wall = numbers(repeats);
  for (int i = -1; i < repeats; i++) {
    double cpuStart = clockNs(CLOCK_PROCESS_CPUTIME_ID), wallStart = clockNs(CLOCK_MONOTONIC);
    HostModule* module = NULL;
    if (validateOnly) {
      if (!hostValidate(bytes, size)) die(path);
    } else if ((module = hostCompile(bytes, size)) == NULL) {
      die(path);
    }
    double cpuTime = (clockNs(CLOCK_PROCESS_CPUTIME_ID) - cpuStart) * 1e-9;
    double wallTime = (clockNs(CLOCK_MONOTONIC) - wallStart) * 1e-9;
    if (i < 0 && wallTime > kLongPass && repeats > 0) {
      i = 0;
      repeats = 1;
    }
    if (i >= 0) {
      cpu[i] = cpuTime;
      wall[i] = wallTime;
    }
    if (module != NULL) hostFreeModule(module);
  }
  printf("{\"bytes\": %zu, ", size);
  printList("seconds", cpu, repeats, "%.6f");
  printf(", ");
  printList("wall", wall, repeats, "%.6f");
  printf("}\n");
  return 0;
}

static double residentBytes(void) {
  long pages = 0, resident = 0;
  FILE* file = fopen("/proc/self/statm", "r");
  if (file == NULL || fscanf(file, "%ld %ld", &pages, &resident) != 2) die("/proc/self/statm");
  fclose(file);
  return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

static HostInstance* instantiate(HostModule* module) {
  HostInstance* instance = hostInstantiate(module);
  if (instance == NULL) die("instantiate");
  return instance;
}

static HostFunction* function(HostInstance* instance, const char* name) {
  HostFunction* found = hostFunction(instance, name);
  if (found == NULL) die(name);
  return found;
}

static void idle(HostModule* module, int count) {
  HostInstance** alive = calloc((size_t)count, sizeof *alive);
  if (alive == NULL) die("no memory");
  HostInstance* first = instantiate(module);  // what all share is there from now on
  double before = residentBytes();
  for (int i = 0; i < count; i++) alive[i] = instantiate(module);
  printf("\"bytes\": %.0f", (residentBytes() - before) / count);
  for (int i = 0; i < count; i++) hostFreeInstance(alive[i]);
  hostFreeInstance(first);
  free(alive);
}

typedef struct {
  HostInstance* instance;
  HostFunction* function;
  int32_t count, result;
  bool good;
  pthread_barrier_t* start;
} Worker;

static void* work(void* argument) {
  Worker* worker = argument;
  pthread_barrier_wait(worker->start);
  worker->good = hostCall(worker->function, worker->count, &worker->result);
  return NULL;
}

static void inThreads(HostModule* module, const char* name, int count, int threads) {
  Worker workers[kMaxThreads];
  pthread_t ids[kMaxThreads];
  pthread_barrier_t start;
  if (threads > kMaxThreads) die("too many threads");
  pthread_barrier_init(&start, NULL, (unsigned)threads + 1);
  for (int i = 0; i < threads; i++) {
    HostInstance* instance = instantiate(module);
    workers[i] = (Worker){instance, function(instance, name), count, 0, false, &start};
    hostCall(workers[i].function, 1, &workers[i].result);
    if (pthread_create(&ids[i], NULL, work, &workers[i]) != 0) die("pthread_create");
  }
  double begin = clockNs(CLOCK_MONOTONIC);
  pthread_barrier_wait(&start);
  for (int i = 0; i < threads; i++) pthread_join(ids[i], NULL);
  double ns = clockNs(CLOCK_MONOTONIC) - begin;
  for (int i = 0; i < threads; i++) {
    if (!workers[i].good || workers[i].result != workers[0].result) die(name);
    hostFreeInstance(workers[i].instance);
  }
  pthread_barrier_destroy(&start);
  printf("\"result\": %d, \"ns\": [%.0f]", workers[0].result, ns);
}

static void timed(HostModule* module, const char* kind, const char* name, int count, int runs) {
  HostInstance* instance = instantiate(module);
  HostFunction* called = function(instance, name);
  double* ns = numbers(runs);
  int32_t result = 0;
  for (int run = -1; run < runs; run++) {
    double begin = clockNs(CLOCK_MONOTONIC);
    result = 0;
    if (strcmp(kind, "call") == 0) {
      if (!hostCall(called, count, &result)) die(name);
    } else if (strcmp(kind, "entry") == 0) {
      for (int i = 0; i < count; i++) {
        if (!hostCall(called, result, &result)) die(name);
      }
    } else {
      for (int i = 0; i < count; i++) {
        if (hostCall(called, 0, &result)) die("no trap");
      }
    }
    if (run >= 0) ns[run] = clockNs(CLOCK_MONOTONIC) - begin;
  }
  printf("\"result\": %d, ", result);
  printList("ns", ns, runs, "%.0f");
  free(ns);
  hostFreeInstance(instance);
}

static void instances(HostModule* module, int runs) {
  double* ns = numbers(runs);
  for (int run = -10; run < runs; run++) {
    double begin = clockNs(CLOCK_MONOTONIC);
    HostInstance* instance = instantiate(module);
    if (run >= 0) ns[run] = clockNs(CLOCK_MONOTONIC) - begin;
    hostFreeInstance(instance);
  }
  printList("ns", ns, runs, "%.0f");
  free(ns);
}

static int tasks(const char* path, char** list, int count) {
  size_t size;
  uint8_t* bytes = readAll(path, &size);
  HostModule* module = hostLoad(bytes, size);
  if (module == NULL) die(path);
  for (int i = 0; i < count; i++) {
    char kind[32], name[64];
    int amount, runs;
    if (sscanf(list[i], "%31[a-z]:%63[^:]:%d:%d", kind, name, &amount, &runs) != 4 || runs < 1) {
      die(list[i]);
    }
    printf("{\"task\": \"%s\", ", list[i]);
    if (strcmp(kind, "idle") == 0) {
      idle(module, amount);
    } else if (strcmp(kind, "threads") == 0) {
      inThreads(module, name, amount, runs);
    } else if (strcmp(kind, "instantiate") == 0) {
      instances(module, runs);
    } else {
      timed(module, kind, name, amount, runs);
    }
    printf("}\n");
    fflush(stdout);
  }
  hostFreeModule(module);
  return 0;
}

// FILE and the words before and after it.
static int run(char** words, int count) {
  char* dirs[kMaxWords] = {NULL};
  char* envs[kMaxWords] = {NULL};
  int dirCount = 0, envCount = 0, at = 0;
  for (; at + 1 < count; at += 2) {
    if (strcmp(words[at], "--dir") == 0 && dirCount + 1 < kMaxWords) {
      dirs[dirCount++] = words[at + 1];
    } else if (strcmp(words[at], "--env") == 0 && envCount + 1 < kMaxWords) {
      envs[envCount++] = words[at + 1];
    } else {
      break;
    }
  }
  if (at >= count) return 2;
  char** argv = words + at;
  int argc = count - at;
  size_t size;
  uint8_t* bytes = readAll(argv[0], &size);
  HostModule* module = hostLoad(bytes, size);
  if (module == NULL) die(argv[0]);
  if (argc > 1 && strcmp(argv[1], "--") == 0) {  // the program sees FILE ARGS...
    argv[1] = argv[0];
    argv++;
    argc--;
  }
  int code = hostRun(module, argc, argv, dirs, envs);
  if (code < 0) die("run");
  fflush(stdout);
  _exit(code);  // no time for taking down what the system takes down
}

int main(int argc, char** argv) {
  char* options[kMaxWords];
  int optionCount = 0, at = 1;
  for (; at + 1 < argc && strcmp(argv[at], "-o") == 0 && optionCount < kMaxWords; at += 2) {
    options[optionCount++] = argv[at + 1];
  }
  if (!hostSetup(options, optionCount)) die("options");
  int left = argc - at - 1;
  const char* verb = at < argc ? argv[at] : "";
  char** words = argv + at + 1;
  if (strcmp(verb, "version") == 0) return puts(hostVersion()) < 0;
  if (strcmp(verb, "run") == 0 && left >= 1) return run(words, left);
  if (strcmp(verb, "validate") == 0 && left == 2) return phase(1, atoi(words[0]), words[1]);
  if (strcmp(verb, "compile") == 0 && left == 2) return phase(0, atoi(words[0]), words[1]);
  if (strcmp(verb, "tasks") == 0 && left >= 2) return tasks(words[0], words + 1, left - 1);
  fprintf(stderr, "usage: HOST [-o OPTION]... version | run FILE ARGS | validate|compile REPEATS FILE | tasks FILE TASK...\n");
  return 2;
}
