// Component-by-component opening that never follows a link.
#include "runtime/confined_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

namespace bls::cli {

bool directoryExists(const char* path) {
  struct stat info{};
  return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

int openConfinedAppend(const char* root, const char* path) {
  std::string rest(path);
  if (rest.empty() || rest[0] == '/' || rest.back() == '/') return -1;
  int dir = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  while (dir >= 0) {
    size_t slash = rest.find('/');
    std::string part = rest.substr(0, slash);
    bool last = slash == std::string::npos;
    int next = -1;
    if (part != ".." && part != "." && !part.empty()) {
      next = last
                 ? openat(dir, part.c_str(),
                          O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0644)
                 : openat(dir, part.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    }
    close(dir);
    if (last) return next;
    dir = next;
    rest.erase(0, slash + 1);
  }
  return -1;
}

}  // namespace bls::cli
