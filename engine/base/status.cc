// Error formatting and escaping.
#include "engine/base/status.h"

#include <cstdio>

namespace bls {
namespace {

// Length of the well-formed UTF-8 sequence at data[0..size), or 0. Decodes it into *out.
size_t utf8Sequence(const u8* data, size_t size, u32* out) {
  u8 b0 = data[0];
  if (b0 < 0x80) {
    *out = b0;
    return 1;
  }
  size_t length = b0 >= 0xf0 ? 4 : b0 >= 0xe0 ? 3 : 2;
  if (b0 < 0xc2 || b0 > 0xf4 || length > size) return 0;
  u32 code = b0 & (0x7fu >> length);
  for (size_t i = 1; i < length; ++i) {
    if ((data[i] & 0xc0) != 0x80) return 0;
    code = (code << 6) | (data[i] & 0x3fu);
  }
  static constexpr u32 kMin[5] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kMin[length] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return 0;
  *out = code;
  return length;
}

bool isUnsafeToPrint(u32 code) {
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return true;
  return code == 0x200e || code == 0x200f || (code >= 0x2028 && code <= 0x202e) ||
         (code >= 0x2066 && code <= 0x2069) || code == 0x61c || code == 0xfeff;
}

}  // namespace

const char* errorClassName(ErrorClass cls) {
  switch (cls) {
    case ErrorClass::Malformed: return "malformed";
    case ErrorClass::Invalid: return "invalid";
    case ErrorClass::Unsupported: return "unsupported";
    case ErrorClass::Limit: return "limit";
    case ErrorClass::Link: return "link";
    case ErrorClass::Config: return "config";
    case ErrorClass::Permission: return "permission";
    case ErrorClass::Io: return "io";
    case ErrorClass::Internal: return "internal";
  }
  return "internal";
}

std::string Error::format(const std::string& file) const {
  std::string out = "error: ";
  out += errorClassName(cls);
  out += ": ";
  out += message;
  bool open = false;
  auto part = [&](const std::string& text) {
    out += open ? ", " : " [";
    out += text;
    open = true;
  };
  if (offset != kNoOffset) {
    char buffer[40];
    std::snprintf(buffer, sizeof buffer, "at offset 0x%llx",
                  static_cast<unsigned long long>(offset));
    part(buffer);
  }
  if (section != nullptr) part(std::string(section) + " section");
  if (func != kNoFunc) part("function " + std::to_string(func));
  if (open) out += "]";
  std::string place = file.empty() ? file : escapeForMessage(file);
  if (line != 0) {
    if (!place.empty()) place += ':';
    place += std::to_string(line) + ":" + std::to_string(column);
  }
  if (!place.empty()) out += " (" + place + ")";
  if (out.size() > 1024) {
    out.resize(1021);
    out += "...";
  }
  return out;
}

Status Diagnostics::fail(ErrorClass cls, std::string message, u64 offset) {
  Error error;
  error.cls = cls;
  error.message = std::move(message);
  error.offset = offset;
  return fail(std::move(error));
}

Status Diagnostics::fail(Error error) {
  if (!first_) first_ = std::make_unique<Error>(std::move(error));
  return Status(first_.get());
}

std::string escapeForMessage(const char* data, size_t size, size_t maxBytes) {
  const u8* bytes = reinterpret_cast<const u8*>(data);
  std::string out;
  char buffer[16];
  for (size_t i = 0; i < size;) {
    if (i >= maxBytes) return out + "…";
    u32 code = 0;
    size_t length = utf8Sequence(bytes + i, size - i, &code);
    if (length == 0) {
      std::snprintf(buffer, sizeof buffer, "\\x%02x", bytes[i]);
      out += buffer;
      i += 1;
    } else if (isUnsafeToPrint(code)) {
      if (length == 1) {
        std::snprintf(buffer, sizeof buffer, "\\x%02x", code);
      } else {
        std::snprintf(buffer, sizeof buffer, "\\u{%x}", code);
      }
      out += buffer;
      i += length;
    } else {
      out.append(data + i, length);
      i += length;
    }
  }
  return out;
}

}  // namespace bls
