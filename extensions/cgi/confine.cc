#include "extensions/cgi/confine.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

namespace bls::extensions::cgi {

Confinement::~Confinement() {
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

bool Confinement::prepare(const Settings& settings, const std::string& scratch,
                          SpawnRequest* request, std::string* why) {
  if (!settings.childrenConfined) return true;
  std::vector<std::string> writable;
  if (!scratch.empty()) {
    const std::string folder = scratch + "/" + std::to_string(getpid());
    if ((mkdir(scratch.c_str(), 0700) != 0 && errno != EEXIST) ||
        mkdir(folder.c_str(), 0700) != 0) {
      *why = "no folder for its files: " + std::string(strerror(errno));
      return false;
    }
    folder_ = folder;
    writable.push_back(folder);
    std::erase_if(request->environment,
                  [](const std::string& row) { return row.starts_with("TMPDIR="); });
    request->environment.push_back("TMPDIR=" + folder);
    request->directory = folder_.c_str();
  }
  const std::string readable[] = {settings.driversRoot};
  if (!profile_.make(readable, writable, why)) return false;
  request->profile = &profile_;
  return true;
}

}  // namespace bls::extensions::cgi
