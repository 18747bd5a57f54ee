// One input of the permission fuzzers: bytes → flag lists, URLs and questions, whose answers are
// checked against properties that must hold for all of them.
#pragma once

#include <string>

#include "engine/base/ints.h"

namespace bls::test {

struct PermissionTally {
  u64 accepted = 0;  // lists that parsed
  u64 rejected = 0;
  u64 answers[3] = {};  // by permissions::Answer
  u64 urlsAllowed = 0;
};

/// Empty when everything held; else what did not.
std::string checkPermissions(const u8* data, size_t size, PermissionTally* tally);

}  // namespace bls::test
