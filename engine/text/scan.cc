// First pass: which things a module has, under which names. Bodies are stepped over.
#include "engine/text/module_parser.h"

namespace bls::text {

const char* spaceName(Space space) {
  switch (space) {
    case Space::Type: return "type";
    case Space::Func: return "function";
    case Space::Table: return "table";
    case Space::Memory: return "memory";
    case Space::Global: return "global";
    case Space::Tag: return "tag";
    case Space::Elem: return "elem segment";
    case Space::Data: return "data segment";
  }
  return "?";
}

// Counts one more thing; the id at token `at` names it when there is one.
Status ModuleParser::bind(Space space, u32 at) {
  u32 index = counts_[static_cast<u32>(space)]++;
  const Token& token = tokens_[at];
  if (token.kind != TokenKind::Id && token.kind != TokenKind::QuotedId) return {};
  if (!names_[static_cast<u32>(space)].add(idName(token), index))
    return failNaming(at, std::string("duplicate ") + spaceName(space));
  return {};
}

u32 ModuleParser::skipInlineExports(u32 at) const {
  while (tokens_[at].kind == TokenKind::LParen && isWord(tokens_[at + 1], "export")) {
    at = tokens_[at].match + 1;
    if (at >= end_) return end_;
  }
  return at;
}

// True for a table or memory definition that holds its own segment; `at` is behind the exports.
bool ModuleParser::hasInlineSegment(u32 at, Space space) const {
  const char* word = space == Space::Table ? "elem" : "data";
  for (; at < end_ && tokens_[at].kind != TokenKind::RParen; ++at) {
    if (tokens_[at].kind != TokenKind::LParen) continue;
    if (isWord(tokens_[at + 1], word)) return true;
    if (isWord(tokens_[at + 1], "import")) return false;
    at = tokens_[at].match;
  }
  return false;
}

Status ModuleParser::scanDefinition(u32 at, Space space) {
  TRY(bind(space, at + 2));
  bool segment = space == Space::Table || space == Space::Memory;
  if (!segment) return {};
  u32 behind = at + 2;
  TokenKind kind = tokens_[behind].kind;
  if (kind == TokenKind::Id || kind == TokenKind::QuotedId) ++behind;
  behind = skipInlineExports(behind);
  if (!hasInlineSegment(behind, space)) return {};
  ++counts_[static_cast<u32>(space == Space::Table ? Space::Elem : Space::Data)];
  return {};
}

Status ModuleParser::scanTypeField(u32 at) {
  typeFields_.push_back(at);
  if (isWord(tokens_[at + 1], "type")) return bind(Space::Type, at + 2);
  u32 end = tokens_[at].match;
  for (u32 i = at + 2; i < end; ++i) {
    if (tokens_[i].kind != TokenKind::LParen) continue;
    if (isWord(tokens_[i + 1], "type")) TRY(bind(Space::Type, i + 2));
    i = tokens_[i].match;
  }
  return {};
}

namespace {

bool spaceOfWord(std::string_view word, Space* out) {
  if (word == "func") {
    *out = Space::Func;
  } else if (word == "table") {
    *out = Space::Table;
  } else if (word == "memory") {
    *out = Space::Memory;
  } else if (word == "global") {
    *out = Space::Global;
  } else if (word == "tag") {
    *out = Space::Tag;
  } else {
    return false;
  }
  return true;
}

}  // namespace

Status ModuleParser::scanField(u32 at) {
  std::string_view word = text(tokens_[at + 1]);
  Space space = Space::Func;
  if (spaceOfWord(word, &space)) return scanDefinition(at, space);
  if (word == "type" || word == "rec") return scanTypeField(at);
  if (word == "elem") return bind(Space::Elem, at + 2);
  if (word == "data") return bind(Space::Data, at + 2);
  if (word == "import") {
    u32 inner = at + 4;  // behind two strings
    if (inner + 2 < end_ && tokens_[inner].kind == TokenKind::LParen &&
        spaceOfWord(text(tokens_[inner + 1]), &space)) {
      return bind(space, inner + 2);
    }
  }
  return {};
}

Status ModuleParser::scanNames() {
  for (u32 at = first_; at < end_; ++at) {
    if (tokens_[at].kind != TokenKind::LParen) continue;  // an error for the third pass
    u32 match = tokens_[at].match;
    if (tokens_[at + 1].kind == TokenKind::Keyword) TRY(scanField(at));
    at = match;
  }
  return {};
}

}  // namespace bls::text
