// String escaping for JSON output.
#include "runtime/json_text.h"

#include <cstdio>

#include "engine/base/byte_reader.h"

namespace bls::cli {

void JsonText::quote(std::string_view value) {
  bool utf8 = isValidUtf8({reinterpret_cast<const u8*>(value.data()), value.size()});
  text_ += '"';
  for (char c : value) {
    u8 byte = static_cast<u8>(c);
    if (c == '"' || c == '\\') {
      text_ += '\\';
      text_ += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      char buffer[8];
      std::snprintf(buffer, sizeof buffer, "\\u%04x", byte);
      text_ += buffer;
    } else if (byte >= 0x80 && !utf8) {
      text_ += "\xef\xbf\xbd";
    } else {
      text_ += c;
    }
  }
  text_ += '"';
}

}  // namespace bls::cli
