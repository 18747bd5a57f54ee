// blockless_memory: the fixed standard input and listed variables as one text each. Reference:
// hostcalls, section 4, "Target".
#include <algorithm>
#include <cstring>

#include "extensions/base/extension.h"

namespace bls::extensions {
namespace {

using host::Capability;
using host::GuestAddress;
using host::GuestPtr;

enum class Code : u32 { Success, InvalidHandle, RuntimeError, InvalidParameter };

struct Memory final : Extension {
  explicit Memory(const Services& given) : services(given) {}
  const Services services;
};
using MemoryCall = Call<Memory>;

// As much of `text` as fits.
Code copyOut(MemoryCall& call, std::string_view text, GuestAddress buffer, u32 size,
             GuestPtr<u32> written) {
  const host::GuestMemory guest = call.memory();
  if (!guest.contains(buffer.value, size)) return Code::RuntimeError;
  const size_t count = std::min<size_t>(text.size(), size);
  if (count != 0) std::memcpy(guest.base + buffer.value, text.data(), count);
  written.store(static_cast<u32>(count));
  return Code::Success;
}

Code memoryRead(MemoryCall& call, GuestAddress buffer, u32 size, GuestPtr<u32> written) {
  if (size == 0) return Code::InvalidParameter;
  std::string_view text;
  const Services& services = call.state().services;
  // In the inherit mode there is no fixed text; descriptor 0 is where the input is.
  if (services.input != nullptr && services.input->text(call.cx(), &text) != host::WaitEnd::Ready) {
    call.interrupted();
    return Code::RuntimeError;
  }
  return copyOut(call, text, buffer, size, written);
}

// Bytes that are not UTF-8 become U+FFFD.
void appendJsonText(std::string_view text, std::string* out) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (size_t i = 0; i < text.size();) {
    const u8 byte = static_cast<u8>(text[i]);
    if (byte >= 0x80) {
      size_t length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      if (i + length > text.size() || !isUtf8(text.substr(i, length))) {
        *out += "\xef\xbf\xbd";
        ++i;
        continue;
      }
      *out += text.substr(i, length);
      i += length;
      continue;
    }
    ++i;
    switch (byte) {
      case '"': *out += "\\\""; break;
      case '\\': *out += "\\\\"; break;
      case '\n': *out += "\\n"; break;
      case '\r': *out += "\\r"; break;
      case '\t': *out += "\\t"; break;
      default:
        if (byte < 0x20 || byte == 0x7f) {
          *out += "\\u00";
          *out += kDigits[byte >> 4];
          *out += kDigits[byte & 15];
        } else {
          *out += static_cast<char>(byte);
        }
    }
  }
}

Code envVarRead(MemoryCall& call, GuestAddress buffer, u32 size, GuestPtr<u32> written) {
  if (size == 0) return Code::InvalidParameter;
  std::string text = "{";
  for (const auto& [name, value] : call.state().services.listedVariables) {
    if (text.size() > 1) text += ',';
    text += '"';
    appendJsonText(name, &text);
    text += "\": \"";
    appendJsonText(value, &text);
    text += '"';
  }
  if (text.size() == 1) text += "\"\": \"\"";
  text += '}';
  return copyOut(call, text, buffer, size, written);
}

constexpr host::HostFunc kFunctions[] = {
    host::bind<memoryRead>("memory_read", Capability::Arguments, "hostcalls, section 4"),
    host::bind<envVarRead>("env_var_read", Capability::Environment, "hostcalls, section 4"),
};

}  // namespace

const ExtensionInfo& memoryExtension() {
  static constexpr ExtensionInfo kInfo = {
      "blockless_memory",
      "the request's input and variables as text",
      {},
      kFunctions,
      [](const Services& services) -> std::unique_ptr<Extension> {
        return std::make_unique<Memory>(services);
      }};
  return kInfo;
}

}  // namespace bls::extensions
