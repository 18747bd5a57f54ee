// Printing what the doctor found.
#include "runtime/doctor.h"

#include <algorithm>

#include "runtime/json_text.h"

namespace bls::cli {

const char* healthName(Health health) {
  static constexpr const char* kNames[] = {"ok", "missing", "off"};
  return kNames[static_cast<u8>(health)];
}

int runDoctor(bool sandbox, bool json, Console& console) {
  const std::vector<Finding> findings = examine(sandbox);
  u32 missing = 0;
  for (const Finding& finding : findings) missing += finding.health == Health::Missing ? 1 : 0;
  std::string out;
  if (json) {
    JsonText text;
    text.open('{').key("missing").number(missing).key("findings").open('[');
    for (const Finding& finding : findings) {
      text.open('{').key("name").string(finding.name);
      text.key("verdict").string(healthName(finding.health));
      text.key("text").string(finding.text).close('}');
    }
    out = text.close(']').close('}').text() + "\n";
  } else {
    for (const Finding& finding : findings) {
      std::string line =
          finding.name + std::string(20 - std::min<size_t>(finding.name.size(), 19), ' ');
      line += healthName(finding.health);
      line.resize(28, ' ');
      out += line + finding.text + "\n";
    }
  }
  console.out(out);
  return missing == 0 ? 0 : 1;
}

}  // namespace bls::cli
