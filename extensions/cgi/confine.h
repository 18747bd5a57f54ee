// The profile of children for the operator who asks for it: the drivers root to read, a folder of
// its own to write. Entry point: Confinement. Threat model CGI-3.
#pragma once

#include <string>

#include "extensions/helper/spawn.h"

namespace bls::extensions::cgi {

class Confinement {
 public:
  Confinement() = default;
  /// Removes the folder.
  ~Confinement();
  Confinement(const Confinement&) = delete;
  Confinement& operator=(const Confinement&) = delete;

  /// Does nothing without Settings::childrenConfined. Else sets the profile of `*request`, and with
  /// a `scratch` path makes a folder below it, which the child is in and has as TMPDIR. False with
  /// `why`. Must outlive the spawn.
  bool prepare(const Settings& settings, const std::string& scratch, SpawnRequest* request,
               std::string* why);

 private:
  ChildProfile profile_;
  std::string folder_;
};

}  // namespace bls::extensions::cgi
