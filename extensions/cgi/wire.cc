// Both sides are the same program, so nothing here has a version.
#include "extensions/cgi/wire.h"

#include <errno.h>
#include <sys/socket.h>

#include <cstring>

#include "extensions/base/json.h"
#include "extensions/cgi/bytes.h"

namespace bls::extensions::cgi {
namespace {

constexpr size_t kMostArguments = 4096;
constexpr size_t kMostVariables = 1024;

bool withinLimits(const OpenRequest& request) {
  return request.arguments.size() <= kMostArguments && request.variables.size() <= kMostVariables;
}

constexpr size_t kHead = 1 + sizeof(u32);

}  // namespace

std::string encodeOpen(const OpenRequest& request) {
  std::string out;
  putText(request.alias, &out);
  putNumber(static_cast<u32>(request.arguments.size()), &out);
  for (const std::string& argument : request.arguments) putText(argument, &out);
  putNumber(static_cast<u32>(request.variables.size()), &out);
  for (const auto& [name, value] : request.variables) {
    putText(name, &out);
    putText(value, &out);
  }
  return out;
}

bool decodeOpen(std::string_view bytes, OpenRequest* out) {
  *out = {};
  ByteReader reader(bytes);
  u32 count;
  if (!reader.text(&out->alias) || !reader.number(&count)) return false;
  for (u32 i = 0; i < count; ++i) {
    if (!reader.text(&out->arguments.emplace_back())) return false;
  }
  if (!reader.number(&count)) return false;
  for (u32 i = 0; i < count; ++i) {
    auto& [name, value] = out->variables.emplace_back();
    if (!reader.text(&name) || !reader.text(&value)) return false;
  }
  return reader.atEnd() && withinLimits(*out);
}

bool parseOpen(std::string_view json, OpenRequest* out) {
  *out = {};
  Json top;
  std::string why;
  if (!readJson(json, &top, &why)) return false;
  const std::string* command = memberText(top, "command");
  if (command == nullptr) return false;
  out->alias = *command;
  if (const Json* arguments = member(top, "args"); arguments != nullptr && arguments->is_array()) {
    for (const Json& item : *arguments) {
      if (!item.is_string()) continue;
      const std::string& text = item.get_ref<const std::string&>();
      if (text.find('\0') != std::string::npos) return false;
      out->arguments.push_back(text);
    }
  }
  const Json* variables = member(top, "envs");
  if (variables == nullptr || !variables->is_array()) return withinLimits(*out);
  for (const Json& item : *variables) {
    // The runtime's own spelling first, then that of the guest libraries.
    const std::string* name = memberText(item, "env_name");
    const std::string* value = memberText(item, "env_val");
    if (name == nullptr || value == nullptr) {
      name = memberText(item, "name");
      value = memberText(item, "value");
    }
    if (name != nullptr && value != nullptr) out->variables.emplace_back(*name, *value);
  }
  return withinLimits(*out);
}

bool sendFrame(int channel, FrameKind kind, std::string_view text) {
  std::string bytes(1, static_cast<char>(kind));
  putText(text.substr(0, kMaxFrame), &bytes);
  for (size_t at = 0; at < bytes.size();) {
    const ssize_t sent = send(channel, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    at += static_cast<size_t>(sent);
  }
  return true;
}

bool FrameReader::fill(int channel) {
  char piece[16384];
  for (;;) {
    const ssize_t got = recv(channel, piece, sizeof piece, MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return true;
    if (got <= 0) return false;
    return add({piece, static_cast<size_t>(got)});
  }
}

bool FrameReader::add(std::string_view bytes) {
  bytes_.erase(0, at_);  // else they would grow as long as the last frame is never whole
  at_ = 0;
  bytes_ += bytes;
  return bytes_.size() <= kMaxFrame + kHead + bytes.size();
}

bool FrameReader::next(Frame* out) {
  if (bytes_.size() - at_ < kHead) return false;
  const u8 kind = static_cast<u8>(bytes_[at_]);
  u32 size;
  std::memcpy(&size, bytes_.data() + at_ + 1, sizeof size);
  if (bytes_.size() - at_ - kHead < size) return false;
  out->kind = static_cast<FrameKind>(kind);
  out->text = bytes_.substr(at_ + kHead, size);
  at_ += kHead + size;
  return true;
}

}  // namespace bls::extensions::cgi
