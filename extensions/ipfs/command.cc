// What may be asked of the node, and how it is written.
#include "extensions/ipfs/command.h"

#include <sys/random.h>

#include <algorithm>
#include <string_view>

#include "extensions/base/json.h"
#include "extensions/rpc/request.h"

namespace bls::extensions::ipfs {
namespace {

constexpr std::string_view kWrite = "files/write";
constexpr std::string_view kApis[] = {"files/ls",   "files/mkdir", "files/rm",
                                      "files/stat", "files/read",  kWrite};

CommandEnd malformed(const char* text, std::string* why) {
  *why = text;
  return CommandEnd::Malformed;
}

// A string as it is, a boolean or a number as JSON writes it. False for anything else.
bool valueText(const Json* value, std::string* out) {
  if (value == nullptr) return false;
  if (const std::string* text = value->get_ptr<const std::string*>()) {
    *out = *text;
    return true;
  }
  if (!value->is_boolean() && !value->is_number()) return false;
  *out = jsonText(*value);
  return true;
}

}  // namespace

CommandEnd takeCommand(const std::string& text, Command* out, std::string* why) {
  Json command;
  if (!readJson(text, &command, why)) return CommandEnd::Malformed;
  const std::string* api = memberText(command, "api");
  if (api == nullptr) return malformed("api is missing or no string", why);
  if (std::find(std::begin(kApis), std::end(kApis), *api) == std::end(kApis)) {
    *why = "no such api";
    return CommandEnd::NoSuchApi;
  }
  out->writes = *api == kWrite;
  out->target = "/api/v0/" + *api;
  const Json* args = member(command, "args");
  if (args == nullptr || args->is_null()) return CommandEnd::Good;
  if (!args->is_array()) return malformed("args is no array", why);
  char mark = '?';
  for (const Json& arg : *args) {
    const std::string* name = memberText(arg, "name");
    std::string value;
    if (name == nullptr) return malformed("an argument's name is missing or no string", why);
    if (!valueText(member(arg, "value"), &value))
      return malformed("an argument's value is no string, boolean or number", why);
    out->target += mark + rpc::formEscaped(*name) + "=" + rpc::formEscaped(value);
    mark = '&';
  }
  return CommandEnd::Good;
}

Envelope makeEnvelope() {
  u8 random[16] = {};
  (void)!getrandom(random, sizeof random, 0);
  constexpr char kDigits[] = "0123456789abcdef";
  Envelope out;
  out.boundary = "bless-file-";
  for (u8 byte : random) {
    out.boundary += kDigits[byte >> 4];
    out.boundary += kDigits[byte & 15];
  }
  out.head = "--" + out.boundary +
             "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"file\""
             "\r\nContent-Type: application/octet-stream\r\n\r\n";
  out.tail = "\r\n--" + out.boundary + "--\r\n";
  return out;
}

}  // namespace bls::extensions::ipfs
