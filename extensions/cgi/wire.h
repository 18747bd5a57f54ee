// What the runtime and the processes of the helper say to each other about CGI extensions: the body
// of an open request, and the answers on its channel. Entry points: encodeOpen, decodeOpen,
// sendFrame, FrameReader. Both sides check everything: either may have been taken over.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/ints.h"

namespace bls::extensions::cgi {

/// What a guest asks for: an alias, arguments behind argv[0], variables.
struct OpenRequest {
  std::string alias;
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> variables;
};

std::string encodeOpen(const OpenRequest& request);
/// False when the bytes are not what encodeOpen makes.
bool decodeOpen(std::string_view bytes, OpenRequest* out);

/// The JSON text of cgi_open. False when it is no JSON object with a string at `command`, an
/// argument has a zero byte, or there are more than 4,096 arguments or 1,024 variables. Reference:
/// CGI, section 4.
bool parseOpen(std::string_view json, OpenRequest* out);

enum class FrameKind : u8 {
  Log,     // a severity (LogLevel) and a line
  Result,  // a code (Code), then the text of a list
  Gone,    // nothing of the program is left
};

struct Frame {
  FrameKind kind{};
  std::string text;
};

/// Answers longer than this are not made.
constexpr size_t kMaxFrame = size_t{4} << 20;

/// Blocks until it is sent. False when the other side has gone.
bool sendFrame(int channel, FrameKind kind, std::string_view text);

/// Takes bytes as they come.
class FrameReader {
 public:
  /// Reads what is there. False at the end of the stream, or when it makes no sense.
  bool fill(int channel);
  /// The same with bytes that were read already.
  bool add(std::string_view bytes);
  /// Takes the next whole frame out; false when there is none.
  bool next(Frame* out);

 private:
  std::string bytes_;
  size_t at_ = 0;
};

}  // namespace bls::extensions::cgi
