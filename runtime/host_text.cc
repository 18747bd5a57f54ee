#include "runtime/host_text.h"

#include <algorithm>

#include "engine/base/status.h"
#include "extensions/base/json.h"
#include "wasi/errno.h"

namespace bls::cli {
namespace {

using extensions::Json;
using extensions::readJson;

constexpr size_t kMaxShown = 300;
constexpr size_t kMaxJson = 1 << 16;
constexpr u32 kMaxJsonDepth = 16;
constexpr u64 kMaxJsonValues = 4096;

struct Shape {
  std::string_view function;
  std::string_view letters;
};
constexpr Shape kShapes[] = {
#define HOST_SHAPE(function, letters) {#function, letters},
#include "runtime/host_shapes.def"
#undef HOST_SHAPE
};

bool isPair(char letter) {
  return std::string_view("sujbv").find(letter) != std::string_view::npos;
}

// Empty, as of a function without parameters, where the letters do not fit its type.
std::string_view lettersOf(const host::HostFunc& function, bool* known) {
  for (const Shape& shape : kShapes) {
    if (shape.function != function.name) continue;
    size_t slots = 0;
    for (const char letter : shape.letters) slots += isPair(letter) ? 2 : 1;
    *known = slots == function.params.size();
    return *known ? shape.letters : std::string_view();
  }
  *known = false;
  return {};
}

std::string hex(u64 value) {
  char digits[19];
  char* at = digits + sizeof digits;
  do {
    *--at = "0123456789abcdef"[value & 15];
  } while ((value >>= 4) != 0);
  return "0x" + std::string(at, digits + sizeof digits);
}

std::string sized(u64 bytes) { return "<" + std::to_string(bytes) + " bytes>"; }

std::string quotedText(std::string_view text) {
  return "\"" + escapeForMessage(text.data(), text.size(), kMaxShown) + "\"";
}

bool loadU32(const host::GuestMemory& memory, u64 address, u32* out) {
  if (!memory.contains(address, 4)) return false;
  std::memcpy(out, memory.base + address, 4);
  return true;
}

std::string vectorText(const host::GuestMemory& memory, u64 address, u64 count) {
  u64 bytes = 0;
  for (u64 i = 0; i < std::min<u64>(count, 1024); ++i) {
    u32 length = 0;
    if (!loadU32(memory, address + 8 * i + 4, &length)) return "<bad list>";
    bytes += length;
  }
  return sized(bytes);
}

std::string pairText(char letter, const host::GuestMemory& memory, u64 address, u64 length) {
  if (letter == 'b') return sized(length);
  if (letter == 'v') return vectorText(memory, address, length);
  if (!memory.contains(address, length)) return "<bad pointer>";
  const std::string_view text(reinterpret_cast<const char*>(memory.base) + address,
                              static_cast<size_t>(length));
  if (letter == 'j') return withoutSecrets(text);
  if (letter == 's') return quotedText(text.substr(0, kMaxShown + 1));
  return quotedText(urlWithoutSecrets(text.substr(0, kMaxShown + 1)));
}

std::string numberText(char letter, ValType type, u64 slot) {
  const bool wide = type == ValType(ValType::I64);
  const u64 value = wide ? slot : static_cast<u32>(slot);
  switch (letter) {
    case 'S': return std::to_string(static_cast<i64>(value));
    case 'x':
    case 'h': return hex(value);
    default: return std::to_string(value);
  }
}

bool isSecretName(std::string name) {
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  for (const char* part : {"key", "secret", "token", "auth", "pass", "cookie", "credential",
                           "signature", "session", "env_val"}) {
    if (name.find(part) != std::string::npos) return true;
  }
  return name == "value";  // of a variable, in the spelling of two libraries
}

// The text's nesting is bounded by readJson, and so are texts in texts.
void mask(Json& value, u32 depth) {
  if (value.is_string()) {
    std::string& text = value.get_ref<std::string&>();
    if (text.starts_with('{') || text.starts_with('[')) {
      text = depth == 0 ? "***" : withoutSecrets(text);
    } else if (text.find("://") != std::string::npos) {
      text = urlWithoutSecrets(text);
    }
    return;
  }
  if (value.is_array()) {
    for (Json& item : value) mask(item, depth);
  }
  if (!value.is_object()) return;
  for (auto member = value.begin(); member != value.end(); ++member) {
    if (isSecretName(member.key())) {
      *member = "***";
    } else if (member.key() == "body" && !member->is_null()) {
      *member = member->is_string() ? sized(member->get_ref<std::string&>().size()) : "***";
    } else {
      mask(*member, depth);
    }
  }
}

}  // namespace

std::string urlWithoutSecrets(std::string_view url) {
  const size_t query = url.find_first_of("?#");
  std::string out(url.substr(0, query));
  const size_t scheme = out.find("://");
  if (scheme != std::string::npos) {
    const size_t authority = scheme + 3;
    const size_t end = std::min(out.find('/', authority), out.size());
    const size_t at = out.rfind('@', end);
    if (at != std::string::npos && at > authority) out.replace(authority, at - authority, "***");
  }
  return query == url.npos ? out : out + "?***";
}

std::string withoutSecrets(std::string_view json) {
  Json value;
  std::string why;
  if (json.empty()) return "\"\"";
  if (json.size() > kMaxJson || !readJson(json, &value, &why, kMaxJsonDepth, kMaxJsonValues))
    return sized(json.size());
  mask(value, 4);
  const std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  return escapeForMessage(text.data(), text.size(), kMaxShown);
}

std::string hostCallText(const host::HostFunc& function, const host::GuestMemory& memory,
                         const u64* slots) {
  bool known = false;
  const std::string_view letters = lettersOf(function, &known);
  std::string out = function.name;
  out += '(';
  const size_t count = known ? letters.size() : function.params.size();
  size_t at = 0;
  bool first = true;
  for (size_t i = 0; i < count; ++i) {
    const char letter = known ? letters[i] : 'i';
    const size_t used = known && isPair(letter) ? 2 : 1;
    if (letter != 'o' && letter != 'n' && letter != 'O') {
      if (!first) out += ", ";
      first = false;
      out += used == 2 ? pairText(letter, memory, static_cast<u32>(slots[at]),
                                  static_cast<u32>(slots[at + 1]))
                       : numberText(letter, function.params[at], slots[at]);
    }
    at += used;
  }
  return out + ")";
}

std::string hostResultText(const char* module, const host::HostFunc& function,
                           const host::GuestMemory& memory, const u64* parameters,
                           const u64* slots) {
  if (function.results.empty()) return "";
  const u32 result = static_cast<u32>(slots[0]);
  std::string out = " = " + std::to_string(result);
  if (result != 0) {  // a thread's number stores nothing either
    if (std::string_view(module).starts_with("wasi_") && result <= 76)
      out += std::string(" (") + wasi::errnoName(static_cast<wasi::Errno>(result)) + ")";
    return out;
  }
  bool known = false;
  size_t at = 0;
  for (const char letter : lettersOf(function, &known)) {
    u32 low = 0;
    u32 high = 0;
    const u64 address = static_cast<u32>(parameters[at]);
    if ((letter == 'o' || letter == 'n') && loadU32(memory, address, &low))
      out += ", " + std::to_string(low);
    if (letter == 'O' && loadU32(memory, address, &low) && loadU32(memory, address + 4, &high))
      out += ", " + std::to_string(u64{high} << 32 | low);
    at += isPair(letter) ? 2 : 1;
  }
  return out;
}

bool hostCallFailed(const host::HostFunc& function, u32 result) {
  // The one that gives a number of its own: of the thread, or a negative one.
  if (std::string_view(function.name) == "thread-spawn") return static_cast<i32>(result) < 0;
  return result != 0;
}

u64 hostBytesMoved(const host::HostFunc& function, const host::GuestMemory& memory,
                   const u64* parameters) {
  bool known = false;
  size_t at = 0;
  for (const char letter : lettersOf(function, &known)) {
    u32 bytes = 0;
    if (letter == 'n' && loadU32(memory, static_cast<u32>(parameters[at]), &bytes)) return bytes;
    at += isPair(letter) ? 2 : 1;
  }
  return 0;
}

}  // namespace bls::cli
