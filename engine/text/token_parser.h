// TokenParser: what module and script parsers share: a cursor over tokens, errors, numbers,
// strings.
//
// Errors carry line and column and the wording of the spec suite: `unexpected token` for a token
// that has a meaning elsewhere, `unknown operator` for one that has none.
#pragma once

#include <deque>
#include <string>

#include "engine/text/lexer.h"
#include "engine/text/number.h"

namespace bls::text {

/// Decoded names of quoted identifiers; addresses are stable.
using NameArena = std::deque<std::string>;

class TokenParser {
 public:
  TokenParser(TokenList& list, NameArena& arena, Diagnostics& diag)
      : list_(&list), tokens_(list.tokens.data()), arena_(arena), diag_(diag) {}

 protected:
  const Token& peek(u32 ahead = 0) const {
    u32 at = at_ + ahead;
    u32 last = static_cast<u32>(list_->tokens.size()) - 1;
    return tokens_[at < last ? at : last];
  }
  bool is(TokenKind kind) const { return tokens_[at_].kind == kind; }
  bool isId() const { return is(TokenKind::Id) || is(TokenKind::QuotedId); }
  std::string_view text(const Token& token) const { return list_->text(token); }
  std::string_view text() const { return list_->text(tokens_[at_]); }
  bool isWord(const Token& token, std::string_view word) const {
    return token.kind == TokenKind::Keyword && text(token) == word;
  }
  bool atWord(std::string_view word) const { return isWord(tokens_[at_], word); }
  /// At `(word`.
  bool atForm(std::string_view word) const {
    return is(TokenKind::LParen) && isWord(peek(1), word);
  }
  bool takeWord(std::string_view word) {
    if (!atWord(word)) return false;
    ++at_;
    return true;
  }
  /// Takes `(word`.
  bool takeForm(std::string_view word) {
    if (!atForm(word)) return false;
    at_ += 2;
    return true;
  }
  Status closeParen() {
    if (!is(TokenKind::RParen)) return unexpected();
    ++at_;
    return {};
  }

  Status failAt(u32 token, std::string message, ErrorClass cls = ErrorClass::Malformed) const {
    return failText(diag_, list_->source, tokens_[token].pos, std::move(message), cls);
  }
  Status fail(std::string message) const { return failAt(at_, std::move(message)); }
  /// The error for the current token where something else has to stand.
  [[gnu::cold, gnu::noinline]] Status unexpected() const;
  /// `message` with the token's text behind it.
  [[gnu::cold, gnu::noinline]] Status failNaming(u32 token, const std::string& message) const;

  /// The name of an id token, without its $.
  std::string_view idName(const Token& token);
  /// An optional id; empty when there is none.
  std::string_view takeId() {
    if (!isId()) return {};
    return idName(tokens_[at_++]);
  }
  /// A string's bytes, appended.
  Status takeString(std::string* out);
  /// A string that must be UTF-8.
  Status takeName(std::string* out);
  /// An unsigned number; `what` begins the message when it is too large: "i32 constant out of
  /// range".
  Status takeNat(u32 bits, const char* what, u64* out);
  Status takeU32(u32* out) {
    u64 value = 0;
    TRY(takeNat(32, "i32 constant out of range", &value));
    *out = static_cast<u32>(value);
    return {};
  }
  Status takeInt(u32 bits, u64* out);
  Status takeF32(u32* out);
  Status takeF64(u64* out);

  TokenList* list_;
  const Token* tokens_;
  NameArena& arena_;
  Diagnostics& diag_;
  u32 at_ = 0;

 private:
  Status numberError(NumberError error, const char* what);
};

}  // namespace bls::text
