// For `bls extensions`: what a listing of the drivers root would give a guest, and what it would
// log.
#include "extensions/cgi/inspect.h"

#include <poll.h>
#include <unistd.h>

#include "extensions/base/json.h"
#include "extensions/cgi/service.h"
#include "extensions/cgi/wire.h"
#include "extensions/helper/helper_process.h"

namespace bls::extensions::cgi {
namespace {

constexpr int kSilenceMs = 60'000;  // more than any one program may take

void addListed(const std::string& text, std::vector<Installed>* out) {
  Json list;
  std::string why;
  if (!readJson(text, &list, &why) || !list.is_array()) return;
  for (const Json& item : list) {
    const std::string* alias = memberText(item, "alias");
    const std::string* file = memberText(item, "fileName");
    const std::string* description = memberText(item, "description");
    if (alias == nullptr || file == nullptr || description == nullptr) continue;
    out->push_back({*alias, *file + (description->empty() ? "" : ": " + *description), true});
  }
}

// Log lines are what is wrong; the result ends it.
bool takeFrames(int channel, std::vector<Installed>* out) {
  FrameReader reader;
  Frame frame;
  pollfd wait{channel, POLLIN, 0};
  for (bool more = true; more && poll(&wait, 1, kSilenceMs) > 0;) {
    more = reader.fill(channel);
    while (reader.next(&frame)) {
      if (frame.text.empty()) continue;
      if (frame.kind == FrameKind::Log)
        out->push_back(
            {"", frame.text.substr(1), frame.text[0] > static_cast<char>(LogLevel::Warn)});
      if (frame.kind != FrameKind::Result) continue;
      if (frame.text[0] == static_cast<char>(Code::Success)) addListed(frame.text.substr(1), out);
      return frame.text[0] == static_cast<char>(Code::Success);
    }
  }
  return false;
}

}  // namespace

void inspectPrograms(const Settings& settings, bool, std::vector<Installed>* out) {
  if (settings.driversRoot.empty()) return;
  std::string why;
  const std::unique_ptr<HelperProcess> helper = startHelper(settings, &why);
  const int channel = helper == nullptr ? -1 : helper->request(HelperService::CgiList, {}, {});
  if (channel < 0 || !takeFrames(channel, out))
    out->push_back({"", settings.driversRoot + ": cannot be listed", false});
  if (channel >= 0) close(channel);
  if (helper != nullptr) helper->end();
}

}  // namespace bls::extensions::cgi
