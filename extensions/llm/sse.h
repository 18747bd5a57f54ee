// Server-sent events: the lines of a text/event-stream, as they come. Entry points:
// EventReader::add, next. Plain values. Source: HTML standard, section "Server-sent events".
#pragma once

#include <string>
#include <string_view>

#include "engine/base/ints.h"

namespace bls::llm {

struct Event {
  std::string type;  // "message" where the stream names none
  std::string data;  // lines joined by line feeds
};

class EventReader {
 public:
  static constexpr size_t kMostBytes = size_t{4} << 20;
  /// False when an event is longer than kMostBytes.
  bool add(std::string_view bytes);
  /// Takes the next whole event out; false when there is none yet.
  bool next(Event* out);

 private:
  bool line(std::string_view* out);
  void field(std::string_view text);

  std::string bytes_;
  size_t at_ = 0;
  size_t searched_ = 0;  // no line ends between at_ and here
  Event event_;
  bool hasData_ = false;
  bool started_ = false;
};

}  // namespace bls::llm
