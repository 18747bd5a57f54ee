#include "extensions/llm/sse.h"

#include <algorithm>

namespace bls::llm {

bool EventReader::add(std::string_view bytes) {
  bytes_.erase(0, at_);
  searched_ -= at_;
  at_ = 0;
  bytes_ += bytes;
  return bytes_.size() + event_.data.size() <= kMostBytes;
}

// Lines end with CR, LF or both; a CR at the very end may be half of one.
bool EventReader::line(std::string_view* out) {
  const size_t end = std::min(bytes_.find_first_of("\r\n", searched_), bytes_.size());
  searched_ = end;
  if (end == bytes_.size() || (bytes_[end] == '\r' && end + 1 == bytes_.size())) return false;
  *out = std::string_view(bytes_).substr(at_, end - at_);
  at_ = end + (bytes_[end] == '\r' && bytes_[end + 1] == '\n' ? 2 : 1);
  searched_ = at_;
  return true;
}

void EventReader::field(std::string_view text) {
  const size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  std::string_view value = colon == text.npos ? "" : text.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (name == "event") event_.type = value;
  if (name != "data") return;
  if (hasData_) event_.data += '\n';
  event_.data += value;
  hasData_ = true;
}

bool EventReader::next(Event* out) {
  std::string_view text;
  while (line(&text)) {
    if (!started_ && text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    started_ = true;
    if (!text.empty()) {
      field(text);
      continue;
    }
    const bool whole = hasData_;
    *out = std::move(event_);
    event_ = {};
    hasData_ = false;
    if (out->type.empty()) out->type = "message";
    if (whole) return true;
  }
  return false;
}

}  // namespace bls::llm
