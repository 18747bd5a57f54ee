// No compiled code, nothing to announce.
#include "runtime/profile.h"

namespace bls::cli {

Profile profileOf(std::string_view) { return Profile::None; }

bool startProfile(Profile, std::string* why) {
  *why = "this build has no compiler";
  return false;
}

}  // namespace bls::cli
