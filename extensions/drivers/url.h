// URLs of drivers. Entry point: parseDriverUrl. Reference: hostcalls, section 2; threat model
// DRV-3.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bls::drivers {

struct DriverUrl {
  std::string scheme;  // lower case
  std::vector<std::string> segments;

  /// `scheme://segment/segment`, as drivers get it.
  std::string text() const;
};

constexpr size_t kMaxDriverUrlBytes = 65536;

/// Scheme, `://`, segments between runs of `/`; bytes 0x21–0x7E except `<` and `>`. No segment at
/// all is fine. False with `why`, a word or two.
bool parseDriverUrl(std::string_view text, DriverUrl* out, std::string* why);

}  // namespace bls::drivers
