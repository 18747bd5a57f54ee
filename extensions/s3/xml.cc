// The reader: a loop over markup and text, with a stack of open names.
#include "extensions/s3/xml.h"

#include "engine/base/byte_reader.h"

namespace bls::s3 {
namespace {

bool isBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// Not the whole of what XML allows, but everything that separates a name from what follows.
bool isNameByte(char c) {
  const u8 byte = static_cast<u8>(c);
  return byte >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == ':';
}

std::string_view withoutPrefix(std::string_view name) {
  const size_t colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

bool appendCodePoint(u32 code, std::string* out) {
  const bool allowed = code == 9 || code == 10 || code == 13 || (code >= 0x20 && code <= 0xd7ff) ||
                       (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff);
  if (!allowed) return false;
  const auto tail = [&](u32 shift) { *out += static_cast<char>(0x80 | ((code >> shift) & 0x3f)); };
  if (code < 0x80) {
    *out += static_cast<char>(code);
  } else if (code < 0x800) {
    *out += static_cast<char>(0xc0 | (code >> 6));
    tail(0);
  } else if (code < 0x10000) {
    *out += static_cast<char>(0xe0 | (code >> 12));
    tail(6);
    tail(0);
  } else {
    *out += static_cast<char>(0xf0 | (code >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
  return true;
}

// `digits` is what stands between "&#" and ";".
bool characterReference(std::string_view digits, std::string* out) {
  const bool hex = digits.starts_with('x');
  if (hex) digits.remove_prefix(1);
  if (digits.empty() || digits.size() > 8) return false;
  u32 code = 0;
  for (char c : digits) {
    u32 value = 16;
    if (c >= '0' && c <= '9') value = static_cast<u32>(c - '0');
    if (hex && c >= 'a' && c <= 'f') value = static_cast<u32>(c - 'a' + 10);
    if (hex && c >= 'A' && c <= 'F') value = static_cast<u32>(c - 'A' + 10);
    if (value == 16) return false;
    code = code * (hex ? 16 : 10) + value;
  }
  return appendCodePoint(code, out);
}

struct Entity {
  std::string_view name;
  char character;
};
constexpr Entity kEntities[] = {
    {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};

}  // namespace

bool decodeEntities(std::string_view text, std::string* out) {
  constexpr size_t kLongest = 12;
  out->clear();
  while (!text.empty()) {
    const size_t at = text.find('&');
    *out += text.substr(0, at);
    if (at == std::string_view::npos) return true;
    text.remove_prefix(at + 1);
    const size_t end = text.substr(0, kLongest).find(';');
    if (end == std::string_view::npos) return false;
    const std::string_view name = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (name.starts_with('#')) {
      if (!characterReference(name.substr(1), out)) return false;
      continue;
    }
    bool known = false;
    for (const Entity& entity : kEntities) {
      if (entity.name != name) continue;
      *out += entity.character;
      known = true;
    }
    if (!known) return false;
  }
  return true;
}

XmlReader::XmlReader(std::string_view text) : rest_(text) {
  const std::span<const u8> bytes(reinterpret_cast<const u8*>(text.data()), text.size());
  failed_ = !isValidUtf8(bytes) || text.find('\0') != std::string_view::npos;
  if (has("\xef\xbb\xbf")) rest_.remove_prefix(3);
}

XmlReader::Event XmlReader::fail() {
  failed_ = true;
  return Event::Malformed;
}

XmlReader::Event XmlReader::next() {
  if (failed_) return Event::Malformed;
  if (pendingEnd_) {
    pendingEnd_ = false;
    open_.pop_back();
    return Event::End;
  }
  while (!rest_.empty()) {
    if (rest_.front() != '<' || has("<![CDATA[")) {
      if (!open_.empty()) {
        const Event event = characters();
        if (event == Event::Text && decoded_.empty()) continue;  // <![CDATA[]]>
        return event;
      }
      if (!isBlank(rest_.front())) return fail();
      rest_.remove_prefix(1);
    } else if (has("<!--")) {
      rest_.remove_prefix(4);
      if (!skipPast("-->")) return fail();
    } else if (has("<?")) {
      if (!skipPast("?>")) return fail();
    } else {
      return markup();
    }
  }
  return open_.empty() && sawRoot_ ? Event::Finished : fail();
}

XmlReader::Event XmlReader::markup() {
  rest_.remove_prefix(1);
  if (has("!")) return fail();  // a document type
  if (!has("/")) return startTag();
  rest_.remove_prefix(1);
  return endTag();
}

XmlReader::Event XmlReader::startTag() {
  std::string_view name;
  bool closed = false;
  if (!readName(&name) || !skipAttributes(&closed)) return fail();
  if (open_.empty() && sawRoot_) return fail();
  if (open_.size() == kMaxXmlDepth) return fail();
  sawRoot_ = true;
  open_.push_back(name);
  name_ = withoutPrefix(name);
  pendingEnd_ = closed;
  return Event::Start;
}

XmlReader::Event XmlReader::endTag() {
  std::string_view name;
  if (!readName(&name) || open_.empty() || open_.back() != name) return fail();
  skipBlanks();
  if (!has(">")) return fail();
  rest_.remove_prefix(1);
  open_.pop_back();
  name_ = withoutPrefix(name);
  return Event::End;
}

XmlReader::Event XmlReader::characters() {
  constexpr std::string_view kOpen = "<![CDATA[";
  constexpr std::string_view kClose = "]]>";
  if (has(kOpen)) {
    rest_.remove_prefix(kOpen.size());
    const size_t end = rest_.find(kClose);
    if (end == std::string_view::npos) return fail();
    decoded_ = rest_.substr(0, end);
    rest_.remove_prefix(end + kClose.size());
    return Event::Text;
  }
  const std::string_view piece = rest_.substr(0, rest_.find('<'));
  if (!decodeEntities(piece, &decoded_)) return fail();
  rest_.remove_prefix(piece.size());
  return Event::Text;
}

bool XmlReader::skipPast(std::string_view end) {
  const size_t at = rest_.find(end);
  if (at == std::string_view::npos) return false;
  rest_.remove_prefix(at + end.size());
  return true;
}

bool XmlReader::readName(std::string_view* out) {
  size_t size = 0;
  while (size < rest_.size() && isNameByte(rest_[size])) ++size;
  *out = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return size != 0 && out->back() != ':';  // something is left without the prefix
}

void XmlReader::skipBlanks() {
  while (!rest_.empty() && isBlank(rest_.front())) rest_.remove_prefix(1);
}

// Up to and with the `>` of a start tag.
bool XmlReader::skipAttributes(bool* closed) {
  for (;;) {
    skipBlanks();
    if (has("/>") || has(">")) {
      *closed = has("/");
      rest_.remove_prefix(*closed ? 2 : 1);
      return true;
    }
    std::string_view name;
    if (!readName(&name)) return false;
    skipBlanks();
    if (!has("=")) return false;
    rest_.remove_prefix(1);
    skipBlanks();
    if (!has("\"") && !has("'")) return false;
    const char quote = rest_.front();
    rest_.remove_prefix(1);
    if (!skipPast(std::string_view(&quote, 1))) return false;
  }
}

}  // namespace bls::s3
