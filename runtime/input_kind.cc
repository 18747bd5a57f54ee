// Pipes and devices are not looked into: what is read from them is gone.
#include "runtime/input_kind.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <string_view>

namespace bls::cli {
namespace {

bool equalsIgnoringCase(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

// The binary magic, or what text modules begin with: a parenthesis or a comment.
bool beginsAsModule(const char* path) {
  struct stat info{};
  if (stat(path, &info) != 0 || !S_ISREG(info.st_mode)) return false;
  const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return false;
  char bytes[64];
  const ssize_t size = read(fd, bytes, sizeof bytes);
  close(fd);
  std::string_view text(bytes, size < 0 ? 0 : static_cast<size_t>(size));
  if (text.starts_with(std::string_view("\0asm", 4))) return true;
  const size_t first = text.find_first_not_of(" \t\r\n");
  return first != text.npos && (text[first] == '(' || text[first] == ';');
}

}  // namespace

InputKind inputKindOf(const char* path) {
  const std::string_view whole(path);
  if (whole == "-") return InputKind::Module;
  const std::string_view name = whole.substr(whole.rfind('/') + 1);  // npos + 1 is 0
  const size_t dot = name.rfind('.');
  const std::string_view ending = dot == name.npos || dot == 0 ? "" : name.substr(dot + 1);
  if (equalsIgnoringCase(ending, "car")) return InputKind::Car;
  for (const char* known : {"wasm", "wasi", "wat"}) {
    if (equalsIgnoringCase(ending, known)) return InputKind::Module;
  }
  return beginsAsModule(path) ? InputKind::Module : InputKind::Config;
}

}  // namespace bls::cli
