// Children are read from /proc, which needs no bookkeeping that a fork could escape.
#include "extensions/helper/children.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace bls::extensions {
namespace {

bool readFile(const char* path, std::string* out) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  char piece[4096];
  ssize_t count;
  while ((count = read(fd, piece, sizeof piece)) > 0)
    out->append(piece, static_cast<size_t>(count));
  close(fd);
  return count == 0;
}

// Kernels without the list of children: every process says who its parent is.
std::vector<pid_t> childrenByScan() {
  std::vector<pid_t> out;
  DIR* proc = opendir("/proc");
  if (proc == nullptr) return out;
  const pid_t self = getpid();
  while (const dirent* entry = readdir(proc)) {
    const int pid = std::atoi(entry->d_name);
    if (pid <= 0) continue;
    std::string text;
    if (!readFile(("/proc/" + std::to_string(pid) + "/stat").c_str(), &text)) continue;
    // The name, in parentheses, may hold anything; state and parent follow the last one.
    const size_t end = text.rfind(')');
    int parent = 0;
    if (end != std::string::npos && std::sscanf(text.c_str() + end, ") %*c %d", &parent) == 1 &&
        parent == self)
      out.push_back(pid);
  }
  closedir(proc);
  return out;
}

bool isIn(std::span<const pid_t> list, pid_t pid) {
  return std::find(list.begin(), list.end(), pid) != list.end();
}

}  // namespace

bool becomeSubreaper() { return prctl(PR_SET_CHILD_SUBREAPER, 1ul, 0ul, 0ul, 0ul) == 0; }

std::vector<pid_t> children() {
  const std::string self = std::to_string(getpid());
  std::string text;
  if (!readFile(("/proc/self/task/" + self + "/children").c_str(), &text)) return childrenByScan();
  std::vector<pid_t> out;
  for (const char* at = text.c_str(); *at != 0;) {
    char* end = nullptr;
    const long pid = std::strtol(at, &end, 10);
    if (end == at) break;
    if (pid > 0) out.push_back(static_cast<pid_t>(pid));
    at = end;
    while (*at == ' ') ++at;
  }
  return out;
}

namespace {

// Reaps what has ended. False when this process has no child at all: then, as a subreaper, it has
// no descendant either. __WALL: also those that a clone made with another signal than SIGCHLD.
bool reapEnded(std::span<const pid_t> keep, std::vector<pid_t>* ended, bool* any) {
  for (;;) {
    int status;
    const pid_t pid = waitpid(-1, &status, WNOHANG | __WALL);
    if (pid < 0 && errno == EINTR) continue;
    if (pid <= 0) return pid == 0;
    *any = true;
    if (isIn(keep, pid)) ended->push_back(pid);
  }
}

}  // namespace

void endChildren(std::span<const pid_t> keep, std::vector<pid_t>* ended) {
  for (;;) {
    // Most often nothing is left, which costs one call.
    bool reaped = false;
    if (!reapEnded(keep, ended, &reaped)) return;
    bool any = false;
    for (pid_t pid : children()) {
      if (isIn(keep, pid)) continue;
      any = true;
      // Its whole group first: the kernel does that in one step, which no fork can slip through.
      const pid_t group = getpgid(pid);
      if (group > 0 && group != getpgrp()) kill(-group, SIGKILL);
      kill(pid, SIGKILL);
    }
    if (!any) return;
    if (!reaped) {
      const timespec moment{0, 200'000};
      nanosleep(&moment, nullptr);
    }
  }
}

}  // namespace bls::extensions
