// Whole modules: the three forms and the file around them.
#include "engine/text/text_module.h"

#include "engine/text/module_parser.h"

namespace bls::text {
namespace {

// Finds the module of a file or of a quoted text: one `(module …)`, or bare fields.
class FileParser : private TokenParser {
 public:
  using TokenParser::TokenParser;

  Status find(bool quoted, ModuleForm* out) {
    if (!atForm("module")) {
      out->end = static_cast<u32>(list_->tokens.size()) - 1;
      return {};
    }
    u32 match = tokens_[at_].match;
    at_ += 2;
    out->id = takeId();
    if (!quoted && takeWord("binary")) out->kind = ModuleFormKind::Binary;
    if (!quoted && takeWord("quote")) out->kind = ModuleFormKind::Quote;
    out->nameAt = out->first = at_;
    out->end = match;
    if (tokens_[match].kind == TokenKind::Eof) {
      // Not closed: the fields are read for their own errors, the end is one in any case.
      unclosed_ = true;
      return {};
    }
    at_ = match + 1;
    return is(TokenKind::Eof) ? Status() : unexpected();
  }
  /// The error of a module form without its closing parenthesis.
  Status checkClosed() {
    if (!unclosed_) return {};
    at_ = static_cast<u32>(list_->tokens.size()) - 1;
    return unexpected();
  }

 private:
  bool unclosed_ = false;
};

class StringJoiner : private TokenParser {
 public:
  using TokenParser::TokenParser;
  Status join(u32 first, u32 end, std::string* out) {
    at_ = first;
    while (is(TokenKind::String)) TRY(takeString(out));
    return at_ == end ? Status() : unexpected();
  }
};

Status parseSource(std::string_view source, const TextOptions& options, bool quoted,
                   Diagnostics& diag, std::vector<u8>* out, PlaceQuery* query = nullptr) {
  TokenList list;
  NameArena arena;
  TRY(lex(source, FuncBodies::Defer, diag, &list));
  ModuleForm form;
  FileParser file(list, arena, diag);
  TRY(file.find(quoted, &form));
  TRY(assemble(list, arena, form, options, diag, out, query));
  return file.checkClosed();
}

}  // namespace

Status assemble(TokenList& list, NameArena& arena, const ModuleForm& form,
                const TextOptions& options, Diagnostics& diag, std::vector<u8>* out,
                PlaceQuery* query) {
  if (form.kind == ModuleFormKind::Fields) {
    ModuleParser parser(list, arena, options, diag);
    parser.setQuery(query);
    return parser.parse(form.first, form.end, form.id, form.nameAt, out);
  }
  std::string joined;
  TRY(StringJoiner(list, arena, diag).join(form.first, form.end, &joined));
  if (form.kind == ModuleFormKind::Binary) {
    out->assign(joined.begin(), joined.end());
    return {};
  }
  return parseSource(joined, options, true, diag, out);
}

Status parseText(std::string_view source, const TextOptions& options, Diagnostics& diag,
                 std::vector<u8>* out) {
  return parseSource(source, options, false, diag, out);
}

namespace {

bool locate(std::string_view source, const TextOptions& options, PlaceQuery query, Position* out) {
  Diagnostics ignored;
  std::vector<u8> bytes;
  bool parsed = parseSource(source, options, false, ignored, &bytes, &query).ok();
  if (parsed && query.found) *out = query.at;
  return parsed && query.found;
}

}  // namespace

bool locateInstruction(std::string_view source, const TextOptions& options, u32 func,
                       u32 bodyOffset, Position* out) {
  PlaceQuery query;
  query.func = func;
  query.offset = bodyOffset;
  return locate(source, options, query, out);
}

bool locateField(std::string_view source, const TextOptions& options, u8 section, u64 entryOffset,
                 Position* out) {
  PlaceQuery query;
  query.offset = entryOffset;
  query.section = section;
  return locate(source, options, query, out);
}

bool looksLikeText(std::span<const u8> bytes) {
  size_t at = 0;
  if (bytes.size() >= 3 && bytes[0] == 0xef && bytes[1] == 0xbb && bytes[2] == 0xbf) return false;
  while (at < bytes.size() &&
         (bytes[at] == ' ' || bytes[at] == '\n' || bytes[at] == '\r' || bytes[at] == '\t')) {
    ++at;
  }
  return at < bytes.size() && (bytes[at] == '(' || bytes[at] == ';');
}

}  // namespace bls::text
