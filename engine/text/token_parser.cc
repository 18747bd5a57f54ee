// Tokens to values and errors.
#include "engine/text/token_parser.h"

#include "engine/base/byte_reader.h"
#include "engine/text/mnemonics.h"

namespace bls::text {

Status TokenParser::failNaming(u32 token, const std::string& message) const {
  std::string_view word = text(tokens_[token]);
  return failAt(token, message + " " + escapeForMessage(word.data(), word.size(), 80));
}

Status TokenParser::unexpected() const {
  const Token& token = tokens_[at_];
  if (token.kind == TokenKind::Deferred) return fail("unexpected token: an instruction");
  bool unknown = token.kind == TokenKind::Reserved ||
                 (token.kind == TokenKind::Keyword && !isKnownWord(text(token))) ||
                 (token.kind == TokenKind::Number && !looksLikeNumber(text(token)));
  if (unknown) return failNaming(at_, "unknown operator");
  if (token.kind == TokenKind::Eof) return fail("unexpected token: end of text");
  return failNaming(at_, "unexpected token");
}

std::string_view TokenParser::idName(const Token& token) {
  std::string_view word = text(token);
  if (token.kind == TokenKind::Id) return word.substr(1);
  arena_.emplace_back();
  decodeString(word.substr(1), &arena_.back());
  return arena_.back();
}

Status TokenParser::takeString(std::string* out) {
  if (!is(TokenKind::String)) return unexpected();
  decodeString(text(), out);
  ++at_;
  return {};
}

Status TokenParser::takeName(std::string* out) {
  if (!is(TokenKind::String)) return unexpected();
  decodeString(text(), out);
  if (!isValidUtf8({reinterpret_cast<const u8*>(out->data()), out->size()}))
    return fail("malformed UTF-8 encoding");
  ++at_;
  return {};
}

Status TokenParser::numberError(NumberError error, const char* what) {
  if (error == NumberError::None) {
    ++at_;
    return {};
  }
  if (error == NumberError::OutOfRange) return fail(what);
  return unexpected();
}

Status TokenParser::takeNat(u32 bits, const char* what, u64* out) {
  if (!is(TokenKind::Number)) return unexpected();
  return numberError(parseNat(text(), bits, out), what);
}

Status TokenParser::takeInt(u32 bits, u64* out) {
  if (!is(TokenKind::Number)) return unexpected();
  return numberError(parseInt(text(), bits, out), "constant out of range");
}

Status TokenParser::takeF32(u32* out) {
  if (!is(TokenKind::Number) && !is(TokenKind::Keyword)) return unexpected();
  return numberError(parseFloat32(text(), out), "constant out of range");
}

Status TokenParser::takeF64(u64* out) {
  if (!is(TokenKind::Number) && !is(TokenKind::Keyword)) return unexpected();
  return numberError(parseFloat64(text(), out), "constant out of range");
}

}  // namespace bls::text
