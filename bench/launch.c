// Measures processes from start to exit: wall time, CPU time, peak memory, first byte of output.
//
//   launch [-n RUNS] [-w WARMUP] [-f] -- COMMAND...   repeats it, prints one JSON object
//   launch --once FD -- COMMAND...                    runs it once with our own standard streams
//   and
//                                                     writes "WALL CPU RSS STATUS" to descriptor FD
//
// With -f the output is read through a pipe and the time to its first byte is measured too;
// otherwise it goes to /dev/null. Times are in seconds, memory in KiB, STATUS as wait(2) reports
// it. Built static and kept tiny on purpose: a child made by vfork inherits the peak memory of its
// parent, so a large launcher would hide a small program.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char** environ;

enum { kMaxRuns = 100000 };

typedef struct {
  double wall, cpu, rss, firstByte;
  int status;
} Sample;

static void die(const char* what) {
  fprintf(stderr, "launch: %s: %s\n", what, strerror(errno));
  exit(127);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double seconds(struct timeval t) { return (double)t.tv_sec + (double)t.tv_usec * 1e-6; }

// Reads a pipe to its end; returns the moment of its first byte.
static double drain(int fd) {
  char buffer[4096];
  double first = 0;
  for (;;) {
    ssize_t count = read(fd, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return first;
    if (first == 0) first = now();
  }
}

static void collect(pid_t pid, double start, Sample* s) {
  struct rusage usage;
  while (wait4(pid, &s->status, 0, &usage) < 0) {
    if (errno != EINTR) die("wait4");
  }
  s->wall = now() - start;
  s->cpu = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  s->rss = (double)usage.ru_maxrss;
}

// One run with the output thrown away or, when `wantFirstByte`, read through a pipe.
static Sample runSilent(char** command, int wantFirstByte) {
  Sample s = {0};
  int ends[2] = {-1, -1};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  if (wantFirstByte) {
    if (pipe2(ends, O_CLOEXEC) != 0) die("pipe");
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  } else {
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  }
  pid_t pid;
  double start = now();
  errno = posix_spawnp(&pid, command[0], &actions, NULL, command, environ);
  if (errno != 0) die(command[0]);
  if (wantFirstByte) {
    close(ends[1]);
    double first = drain(ends[0]);
    s.firstByte = first > 0 ? first - start : 0;
    close(ends[0]);
  }
  collect(pid, start, &s);
  posix_spawn_file_actions_destroy(&actions);
  return s;
}

static int runOnce(int reportFd, char** command) {
  Sample s = {0};
  pid_t pid;
  fcntl(reportFd, F_SETFD, FD_CLOEXEC);
  double start = now();
  errno = posix_spawnp(&pid, command[0], NULL, NULL, command, environ);
  if (errno != 0) die(command[0]);
  collect(pid, start, &s);
  dprintf(reportFd, "%.6f %.6f %.0f %d\n", s.wall, s.cpu, s.rss, s.status);
  return 0;
}

static int ascending(const void* a, const void* b) {
  double x = *(const double*)a, y = *(const double*)b;
  return x < y ? -1 : x > y;
}

static void printField(const char* name, double* values, int count, const char* end) {
  qsort(values, (size_t)count, sizeof *values, ascending);
  printf("\"%s\": {\"min\": %.6f, \"median\": %.6f, \"p90\": %.6f, \"max\": %.6f}%s", name,
         values[0], values[count / 2], values[(int)(count * 0.9)], values[count - 1], end);
}

static int repeat(int runs, int warmUp, int wantFirstByte, char** command) {
  static double fields[4][kMaxRuns];
  for (int i = -warmUp; i < runs; i++) {
    Sample s = runSilent(command, wantFirstByte);
    if (!WIFEXITED(s.status) || WEXITSTATUS(s.status) != 0) {
      fprintf(stderr, "launch: %s ended with status %#x\n", command[0], (unsigned)s.status);
      return 1;
    }
    if (i < 0) continue;
    fields[0][i] = s.wall;
    fields[1][i] = s.cpu;
    fields[2][i] = s.rss;
    fields[3][i] = s.firstByte;
  }
  printf("{\"runs\": %d, ", runs);
  printField("wall", fields[0], runs, ", ");
  printField("cpu", fields[1], runs, ", ");
  printField("rssKiB", fields[2], runs, ", ");
  printField("firstByte", fields[3], runs, "}\n");
  return 0;
}

int main(int argc, char** argv) {
  int runs = 200, warmUp = 5, wantFirstByte = 0, reportFd = -1, at = 1;
  for (; at < argc && strcmp(argv[at], "--") != 0; at++) {
    if (strcmp(argv[at], "-f") == 0) {
      wantFirstByte = 1;
    } else if (at + 1 < argc && strcmp(argv[at], "-n") == 0) {
      runs = atoi(argv[++at]);
    } else if (at + 1 < argc && strcmp(argv[at], "-w") == 0) {
      warmUp = atoi(argv[++at]);
    } else if (at + 1 < argc && strcmp(argv[at], "--once") == 0) {
      reportFd = atoi(argv[++at]);
    } else {
      break;
    }
  }
  if (at + 1 >= argc || strcmp(argv[at], "--") != 0 || runs < 1 || runs > kMaxRuns) {
    fprintf(stderr, "usage: launch [-n RUNS] [-w WARMUP] [-f] [--once FD] -- COMMAND...\n");
    return 2;
  }
  char** command = argv + at + 1;
  return reportFd >= 0 ? runOnce(reportFd, command) : repeat(runs, warmUp, wantFirstByte, command);
}
