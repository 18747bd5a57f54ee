// Lexer: text → a list of tokens with matched parentheses.
//
// Entry points: lex, lexDeferred, Token, TokenList, decodeString, positionOf. The text is cut into
// tokens first, so that parsers can look ahead and skip forms in one step; the instructions of a
// module's functions can stay one Deferred token each, cut when the function is parsed, which keeps
// memory in proportion to the largest function. Annotations stand beside the
// tokens, in a list of their own: those nobody knows are checked for their form and dropped, the
// three known ones (@custom, @name, @metadata.code.branch_hint) keep their content and the token
// they stand before. No recursion: nesting costs no native stack. Numbers are only recognised by
// their first character; number.h reads them. Spec: text/lexical, text/values; custom annotations
// proposal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"

namespace bls::text {

enum class TokenKind : u8 {
  LParen,
  RParen,
  Keyword,   // starts with a lower-case letter; `nan` and `inf` too
  Number,    // starts like a number, may turn out to be none
  String,    // one well-formed string, with its quotes
  Id,        // $name
  QuotedId,  // $"name"
  Reserved,  // any other run of characters
  Deferred,  // the instructions of a function, not cut into tokens yet: see lexDeferred
  Eof,
};

struct Token {
  u32 pos = 0;
  u32 size = 0;
  u32 match = 0;  // LParen: index of its RParen, or of Eof
  TokenKind kind = TokenKind::Eof;
};

enum class AnnotationKind : u8 { Custom, Name, BranchHint };
/// The name with its @.
const char* annotationName(AnnotationKind kind);

struct Annotation {
  AnnotationKind kind = AnnotationKind::Custom;
  bool used = false;
  u32 before = 0;  // index of the token it stands in front of
  u32 pos = 0;
  std::vector<Token> content;  // ends with Eof; `match` counts inside it
};

struct TokenList {
  std::string_view source;
  std::vector<Token> tokens;  // ends with Eof
  std::vector<Annotation> annotations;

  std::string_view text(const Token& token) const { return source.substr(token.pos, token.size); }
};

struct Position {
  u32 line = 1;
  u32 column = 1;  // in code points
};
Position positionOf(std::string_view source, size_t pos);

/// Error at a place of the text, with its line and column.
[[gnu::cold, gnu::noinline]] Status failText(Diagnostics& diag, std::string_view source, size_t pos,
                                             std::string message,
                                             ErrorClass cls = ErrorClass::Malformed);

enum class FuncBodies : u8 { Cut, Defer };

/// `source` outlives the list. Error: Malformed, Limit (sources of 1 GiB and more).
Status lex(std::string_view source, FuncBodies bodies, Diagnostics& diag, TokenList* out);
/// The tokens of a Deferred token, a closing parenthesis and Eof; `out` is cleared first.
Status lexDeferred(std::string_view source, const Token& deferred, Diagnostics& diag,
                   TokenList* out);

/// The bytes of a well-formed string token (with quotes); appended to `out`.
void decodeString(std::string_view quoted, std::string* out);

}  // namespace bls::text
