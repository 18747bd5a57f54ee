// The lexer. Comments, strings and annotations are scanned by loops with counters, never by
// recursion.
#include "engine/text/lexer.h"

#include <array>
#include <span>

#include "engine/base/byte_reader.h"
#include "engine/wasm/limits.h"

namespace bls::text {
namespace {

enum CharClass : u8 { kIllegal, kIdChar, kSpace, kSymbol, kQuote, kParen };

constexpr std::array<u8, 256> makeClasses() {
  std::array<u8, 256> out{};
  for (int c = 0x21; c < 0x7f; ++c) out[static_cast<size_t>(c)] = kIdChar;
  for (char c : {',', ';', '[', ']', '{', '}'}) out[static_cast<u8>(c)] = kSymbol;
  for (char c : {' ', '\t', '\n', '\r'}) out[static_cast<u8>(c)] = kSpace;
  out['"'] = kQuote;
  out['('] = out[')'] = kParen;
  return out;
}
constexpr std::array<u8, 256> kClass = makeClasses();

// What skipForm looks at.
constexpr std::array<bool, 256> makeStops() {
  std::array<bool, 256> out{};
  for (char c : {'(', ')', '"', ';'}) out[static_cast<u8>(c)] = true;
  return out;
}
constexpr std::array<bool, 256> kStops = makeStops();

// Forms that stand in front of a function's instructions.
constexpr std::string_view kHeadWords[] = {"type", "param", "result", "local", "export", "import"};

bool isHex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
u32 hexValue(char c) {
  if (c <= '9') return static_cast<u32>(c - '0');
  return static_cast<u32>((c | 0x20) - 'a' + 10);
}

enum class StringEnd : u8 { Ok, Unclosed, Control, Escape };

class Lexer {
 public:
  Lexer(std::string_view source, FuncBodies bodies, Diagnostics& diag, TokenList* out)
      : source_(source),
        at_(source.data()),
        end_(at_ + source.size()),
        diag_(diag),
        out_(*out),
        defers_(bodies == FuncBodies::Defer) {}

  /// Reads only `size` characters from `from` on.
  void narrow(size_t from, size_t size) {
    at_ = source_.data() + from;
    end_ = at_ + size;
  }
  Status run();

 private:
  size_t pos() const { return static_cast<size_t>(at_ - source_.data()); }
  Status fail(size_t at, std::string message) {
    return failText(diag_, source_, at, std::move(message));
  }
  Status skipSpace();
  Status blockComment();
  StringEnd scanString();
  Status token(Token* out);
  Status word(Token* out);
  Status annotation();
  Status annotationId(std::string* id);
  Status annotationBody(size_t start, Annotation* keep);
  bool startsAnnotation() const { return end_ - at_ > 1 && at_[0] == '(' && at_[1] == '@'; }
  void noteFunc();
  bool startsInstructions();
  bool skipForm();
  bool deferred();

  static constexpr size_t kNoDepth = ~size_t{0};

  std::string_view source_;
  const char* at_;
  const char* end_;
  Diagnostics& diag_;
  TokenList& out_;
  std::vector<u32> open_;  // indices of the parentheses that are not closed yet
  bool defers_;
  size_t headDepth_ = kNoDepth;  // depth inside the function whose head is being read
};

// Spaces and comments.
Status Lexer::skipSpace() {
  for (;;) {
    while (at_ != end_ && kClass[static_cast<u8>(*at_)] == kSpace) ++at_;
    if (end_ - at_ < 2) return {};
    if (at_[0] == ';' && at_[1] == ';') {
      while (at_ != end_ && *at_ != '\n' && *at_ != '\r') ++at_;
    } else if (at_[0] == '(' && at_[1] == ';') {
      TRY(blockComment());
    } else {
      return {};
    }
  }
}

Status Lexer::blockComment() {
  size_t start = pos();
  u32 depth = 0;
  while (end_ - at_ >= 2) {
    if (at_[0] == '(' && at_[1] == ';') {
      ++depth;
      at_ += 2;
    } else if (at_[0] == ';' && at_[1] == ')') {
      at_ += 2;
      if (--depth == 0) return {};
    } else {
      ++at_;
    }
  }
  return fail(start, "unclosed comment");
}

// at_ is on the opening quote; ends behind the closing one, or at what is wrong.
StringEnd Lexer::scanString() {
  ++at_;
  for (;;) {
    while (at_ != end_ && static_cast<u8>(*at_) >= 0x20 && *at_ != '"' && *at_ != '\\' &&
           *at_ != 0x7f) {
      ++at_;
    }
    if (at_ == end_ || *at_ == '\n' || *at_ == '\r') return StringEnd::Unclosed;
    if (*at_ == '"') {
      ++at_;
      return StringEnd::Ok;
    }
    if (*at_ != '\\') return StringEnd::Control;
    if (end_ - at_ < 2) return StringEnd::Unclosed;
    char c = at_[1];
    if (c == 't' || c == 'n' || c == 'r' || c == '"' || c == '\'' || c == '\\') {
      at_ += 2;
    } else if (c == 'u') {
      const char* p = at_ + 2;
      if (p == end_ || *p != '{') return StringEnd::Escape;
      u64 code = 0;
      const char* first = ++p;
      while (p != end_ && (isHex(*p) || (*p == '_' && p != first && p[-1] != '_'))) {
        if (*p != '_') code = code * 16 + hexValue(*p);
        if (code > 0x10ffff) return StringEnd::Escape;
        ++p;
      }
      if (p == first || p == end_ || *p != '}' || p[-1] == '_') return StringEnd::Escape;
      if (code >= 0xd800 && code < 0xe000) return StringEnd::Escape;
      at_ = p + 1;
    } else if (end_ - at_ > 2 && isHex(c) && isHex(at_[2])) {
      at_ += 3;
    } else {
      return StringEnd::Escape;
    }
  }
}

// A run of id characters and strings: keyword, number, string, id or reserved.
Status Lexer::word(Token* out) {
  size_t start = pos();
  bool sigil = *at_ == '$';
  u32 strings = 0;
  size_t plain = 0;
  const char* chars = at_;
  while (at_ != end_) {
    u8 cls = kClass[static_cast<u8>(*at_)];
    if (cls == kIdChar) {
      ++at_;
    } else if (cls == kQuote) {
      plain += static_cast<size_t>(at_ - chars);
      StringEnd end = scanString();
      if (end != StringEnd::Ok) {
        if (sigil && strings == 0 && plain == 1) return fail(start, "empty identifier");
        if (end == StringEnd::Unclosed) return fail(start, "unclosed string");
        if (end == StringEnd::Control) return fail(pos(), "illegal control character in string");
        return fail(pos(), "illegal escape in string");
      }
      ++strings;
      chars = at_;
    } else {
      break;
    }
  }
  plain += static_cast<size_t>(at_ - chars);
  out->pos = static_cast<u32>(start);
  out->size = static_cast<u32>(pos() - start);
  char first = source_[start];
  if (strings == 0) {
    if (first >= 'a' && first <= 'z') {
      out->kind = TokenKind::Keyword;
    } else if ((first >= '0' && first <= '9') || first == '-' || first == '+') {
      out->kind = TokenKind::Number;
    } else if (sigil) {
      if (plain == 1) return fail(start, "empty identifier");
      out->kind = TokenKind::Id;
    } else {
      out->kind = TokenKind::Reserved;
    }
  } else if (strings == 1 && plain == 0) {
    out->kind = TokenKind::String;
  } else if (strings == 1 && sigil && plain == 1 && source_[start + 1] == '"') {
    std::string name;
    decodeString(source_.substr(start + 1, out->size - 1), &name);
    if (name.empty()) return fail(start, "empty identifier");
    if (!isValidUtf8({reinterpret_cast<const u8*>(name.data()), name.size()}))
      return fail(start, "malformed UTF-8 encoding");
    out->kind = TokenKind::QuotedId;
  } else {
    out->kind = TokenKind::Reserved;
  }
  return {};
}

// One token, not at a space and not at the end.
Status Lexer::token(Token* out) {
  char c = *at_;
  switch (kClass[static_cast<u8>(c)]) {
    case kParen:
    case kSymbol:
      out->kind = c == '(' ? TokenKind::LParen : c == ')' ? TokenKind::RParen : TokenKind::Reserved;
      out->pos = static_cast<u32>(pos());
      out->size = 1;
      ++at_;
      return {};
    case kIdChar:
    case kQuote: return word(out);
    default: return fail(pos(), "illegal character");
  }
}

// at_ is behind `(@`.
Status Lexer::annotationId(std::string* id) {
  size_t start = pos() - 2;
  if (at_ == end_) return fail(start, "empty annotation id");
  if (*at_ == '"') {
    const char* quote = at_;
    if (scanString() != StringEnd::Ok) return fail(start, "empty annotation id");
    decodeString({quote, static_cast<size_t>(at_ - quote)}, id);
    if (id->empty()) return fail(start, "empty annotation id");
    if (!isValidUtf8({reinterpret_cast<const u8*>(id->data()), id->size()}))
      return fail(start, "malformed UTF-8 encoding");
    return {};
  }
  while (at_ != end_ && kClass[static_cast<u8>(*at_)] == kIdChar) id->push_back(*at_++);
  if (id->empty()) return fail(start, "empty annotation id");
  return {};
}

Status Lexer::annotationBody(size_t start, Annotation* keep) {
  std::vector<u32> open;
  u64 depth = 1;
  for (;;) {
    TRY(skipSpace());
    if (at_ == end_) return fail(start, "unclosed annotation");
    Token next;
    TRY(token(&next));
    if (next.kind == TokenKind::LParen) ++depth;
    if (next.kind == TokenKind::RParen && --depth == 0) break;
    if (keep == nullptr) continue;
    u32 index = static_cast<u32>(keep->content.size());
    if (next.kind == TokenKind::LParen) open.push_back(index);
    if (next.kind == TokenKind::RParen) {
      keep->content[open.back()].match = index;
      open.pop_back();
    }
    keep->content.push_back(next);
  }
  if (keep != nullptr) {
    Token eof;
    eof.pos = static_cast<u32>(pos() - 1);
    keep->content.push_back(eof);
  }
  return {};
}

Status Lexer::annotation() {
  size_t start = pos();
  at_ += 2;
  std::string id;
  TRY(annotationId(&id));
  Annotation known;
  known.before = static_cast<u32>(out_.tokens.size());
  known.pos = static_cast<u32>(start);
  bool keep = true;
  if (id == "custom") {
    known.kind = AnnotationKind::Custom;
  } else if (id == "name") {
    known.kind = AnnotationKind::Name;
  } else if (id == "metadata.code.branch_hint") {
    known.kind = AnnotationKind::BranchHint;
  } else {
    keep = false;
  }
  TRY(annotationBody(start, keep ? &known : nullptr));
  if (keep) out_.annotations.push_back(std::move(known));
  return {};
}

// ---- functions whose instructions are left for later

// The last token is a keyword near the top: `(func` of a module begins a head.
void Lexer::noteFunc() {
  const std::vector<Token>& tokens = out_.tokens;
  size_t last = tokens.size() - 1;
  if (last == 0 || tokens[last - 1].kind != TokenKind::LParen) return;
  if (open_.back() != last - 1 || out_.text(tokens[last]) != "func") return;
  bool inModule = open_.size() == 2 && out_.text(tokens[open_[0] + 1]) == "module";
  if (open_.size() == 1 || inModule) headDepth_ = open_.size();
}

// Directly inside a function, behind spaces: do its instructions begin here?
bool Lexer::startsInstructions() {
  auto isLetter = [](char c) { return c >= 'a' && c <= 'z'; };
  if (isLetter(*at_)) return true;
  if (*at_ != '(') return false;
  const char* p = at_ + 1;
  bool isName = end_ - p > 5 && p[0] == '@' && p[1] == 'n';
  if (isName) return false;
  if (p == end_ || !isLetter(*p)) {
    headDepth_ = kNoDepth;  // an unusual head: better cut into tokens as a whole
    return false;
  }
  while (p != end_ && kClass[static_cast<u8>(*p)] == kIdChar) ++p;
  std::string_view word(at_ + 1, static_cast<size_t>(p - at_ - 1));
  for (std::string_view head : kHeadWords) {
    if (word == head) return false;
  }
  return true;
}

// Moves at_ to the parenthesis that closes the form it is in. False when that cannot be told: what
// is wrong will be found token by token.
bool Lexer::skipForm() {
  u64 depth = 0;
  for (;;) {
    while (at_ != end_ && !kStops[static_cast<u8>(*at_)]) ++at_;
    if (at_ == end_) return false;
    char next = end_ - at_ > 1 ? at_[1] : '\0';
    if (*at_ == '"') {
      if (scanString() != StringEnd::Ok) return false;
      continue;
    }
    if (*at_ == '(' && next == ';') {
      if (!blockComment().ok()) return false;
      continue;
    }
    if (*at_ == ';' && next == ';') {
      while (at_ != end_ && *at_ != '\n' && *at_ != '\r') ++at_;
      continue;
    }
    if (*at_ == '(') ++depth;
    if (*at_ == ')' && depth-- == 0) return true;
    ++at_;
  }
}

// Makes one token of a function's instructions.
bool Lexer::deferred() {
  headDepth_ = kNoDepth;
  const char* start = at_;
  if (!skipForm()) {
    at_ = start;
    return false;
  }
  Token token;
  token.kind = TokenKind::Deferred;
  token.pos = static_cast<u32>(start - source_.data());
  token.size = static_cast<u32>(at_ - start);
  out_.tokens.push_back(token);
  return true;
}

Status Lexer::run() {
  out_.source = source_;
  for (;;) {
    TRY(skipSpace());
    if (at_ == end_) break;
    if (open_.size() == headDepth_ && startsInstructions() && deferred()) continue;
    if (startsAnnotation()) {
      TRY(annotation());
      continue;
    }
    Token next;
    TRY(token(&next));
    u32 index = static_cast<u32>(out_.tokens.size());
    if (next.kind == TokenKind::LParen) open_.push_back(index);
    if (next.kind == TokenKind::RParen && !open_.empty()) {
      out_.tokens[open_.back()].match = index;
      if (open_.size() == headDepth_) headDepth_ = kNoDepth;
      open_.pop_back();
    }
    out_.tokens.push_back(next);
    if (defers_ && next.kind == TokenKind::Keyword && open_.size() - 1 < 2) noteFunc();
  }
  u32 eofIndex = static_cast<u32>(out_.tokens.size());
  for (u32 unmatched : open_) out_.tokens[unmatched].match = eofIndex;
  Token eof;
  eof.pos = static_cast<u32>(end_ - source_.data());
  out_.tokens.push_back(eof);
  return {};
}

// First byte that is not part of well-formed UTF-8, by halving.
size_t firstBadUtf8(std::string_view source) {
  auto valid = [&](size_t from, size_t size) {
    return isValidUtf8({reinterpret_cast<const u8*>(source.data()) + from, size});
  };
  size_t from = 0;
  while (from < source.size()) {
    size_t line = source.find('\n', from);
    size_t end = line == std::string_view::npos ? source.size() : line + 1;
    if (!valid(from, end - from)) {
      while (from < end && static_cast<u8>(source[from]) < 0x80) ++from;
      return from;
    }
    from = end;
  }
  return 0;
}

void appendUtf8(u32 code, std::string* out) {
  auto put = [&](u32 byte) { out->push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6);
    put(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  } else {
    put(0xf0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3f));
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  }
}

}  // namespace

const char* annotationName(AnnotationKind kind) {
  switch (kind) {
    case AnnotationKind::Custom: return "@custom";
    case AnnotationKind::Name: return "@name";
    case AnnotationKind::BranchHint: return "@metadata.code.branch_hint";
  }
  return "@";
}

Position positionOf(std::string_view source, size_t pos) {
  Position at;
  for (size_t i = 0; i < pos && i < source.size(); ++i) {
    u8 c = static_cast<u8>(source[i]);
    if (c == '\n' || (c == '\r' && !(i + 1 < source.size() && source[i + 1] == '\n'))) {
      ++at.line;
      at.column = 1;
    } else if ((c & 0xc0) != 0x80) {
      ++at.column;
    }
  }
  return at;
}

Status failText(Diagnostics& diag, std::string_view source, size_t pos, std::string message,
                ErrorClass cls) {
  Position at = positionOf(source, pos);
  Error error;
  error.cls = cls;
  error.message = std::move(message);
  error.line = at.line;
  error.column = at.column;
  return diag.fail(std::move(error));
}

Status lex(std::string_view source, FuncBodies bodies, Diagnostics& diag, TokenList* out) {
  if (source.size() >= limits::kModuleBytes) {
    return diag.fail(ErrorClass::Limit, "limit: text bytes " + std::to_string(source.size()) +
                                            " > " + std::to_string(limits::kModuleBytes - 1));
  }
  if (!isValidUtf8({reinterpret_cast<const u8*>(source.data()), source.size()}))
    return failText(diag, source, firstBadUtf8(source), "malformed UTF-8 encoding");
  if (bodies == FuncBodies::Cut) out->tokens.reserve(source.size() / 5 + 16);
  return Lexer(source, bodies, diag, out).run();
}

Status lexDeferred(std::string_view source, const Token& deferred, Diagnostics& diag,
                   TokenList* out) {
  out->tokens.clear();
  out->annotations.clear();
  Lexer lexer(source, FuncBodies::Cut, diag, out);
  lexer.narrow(deferred.pos, deferred.size);
  TRY(lexer.run());
  Token close = out->tokens.back();
  close.kind = TokenKind::RParen;
  close.size = 1;
  out->tokens.back() = close;
  close.kind = TokenKind::Eof;
  close.size = 0;
  out->tokens.push_back(close);
  return {};
}

void decodeString(std::string_view quoted, std::string* out) {
  const char* p = quoted.data() + 1;
  const char* end = quoted.data() + quoted.size() - 1;
  while (p != end) {
    if (*p != '\\') {
      const char* run = p;
      while (p != end && *p != '\\') ++p;
      out->append(run, p);
      continue;
    }
    char c = p[1];
    p += 2;
    switch (c) {
      case 't': out->push_back('\t'); break;
      case 'n': out->push_back('\n'); break;
      case 'r': out->push_back('\r'); break;
      case '"':
      case '\'':
      case '\\': out->push_back(c); break;
      case 'u': {
        u32 code = 0;
        for (++p; *p != '}'; ++p) {
          if (*p != '_') code = code * 16 + hexValue(*p);
        }
        ++p;
        appendUtf8(code, out);
        break;
      }
      default: out->push_back(static_cast<char>(hexValue(c) * 16 + hexValue(*p++))); break;
    }
  }
}

}  // namespace bls::text
