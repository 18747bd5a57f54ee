// The script parser.
#include "engine/text/script.h"

#include <algorithm>

#include "engine/base/byte_reader.h"

namespace bls::text {
namespace {

struct KindName {
  CommandKind kind;
  const char* name;
};
constexpr KindName kKinds[] = {
    {CommandKind::Module, "module"},
    {CommandKind::ModuleDefinition, "module_definition"},
    {CommandKind::ModuleInstance, "module_instance"},
    {CommandKind::Register, "register"},
    {CommandKind::Invoke, "invoke"},
    {CommandKind::Get, "get"},
    {CommandKind::AssertReturn, "assert_return"},
    {CommandKind::AssertTrap, "assert_trap"},
    {CommandKind::AssertExhaustion, "assert_exhaustion"},
    {CommandKind::AssertException, "assert_exception"},
    {CommandKind::AssertMalformed, "assert_malformed"},
    {CommandKind::AssertInvalid, "assert_invalid"},
    {CommandKind::AssertUnlinkable, "assert_unlinkable"},
    {CommandKind::AssertMalformedCustom, "assert_malformed_custom"},
    {CommandKind::AssertInvalidCustom, "assert_invalid_custom"},
    {CommandKind::Thread, "thread"},
    {CommandKind::Wait, "wait"},
};

struct RefWord {
  const char* word;
  Pattern::Kind kind;
};
constexpr RefWord kRefWords[] = {
    {"ref", Pattern::Kind::RefAny},           {"ref.any", Pattern::Kind::RefAny},
    {"ref.null", Pattern::Kind::RefNull},     {"ref.func", Pattern::Kind::RefFunc},
    {"ref.extern", Pattern::Kind::RefExtern}, {"ref.host", Pattern::Kind::RefHost},
    {"ref.eq", Pattern::Kind::RefEq},         {"ref.i31", Pattern::Kind::RefI31},
    {"ref.struct", Pattern::Kind::RefStruct}, {"ref.array", Pattern::Kind::RefArray},
    {"ref.exn", Pattern::Kind::RefExn},
};

constexpr u32 kMaxNesting = 64;  // of threads and alternatives

class ScriptParser : private TokenParser {
 public:
  using TokenParser::TokenParser;

  Status run(std::vector<Command>* out) {
    if (startsWithField()) {
      Command command;
      command.hasModule = true;
      command.module.end = static_cast<u32>(list_->tokens.size()) - 1;
      out->push_back(std::move(command));
      return {};
    }
    while (!is(TokenKind::Eof)) TRY(command(out, 0));
    return {};
  }

 private:
  bool startsWithField() const {
    if (!is(TokenKind::LParen)) return false;
    static constexpr std::string_view kFields[] = {"type",   "rec",    "import", "func",
                                                   "table",  "memory", "global", "tag",
                                                   "export", "start",  "elem",   "data"};
    std::string_view word = text(peek(1));
    return std::find(std::begin(kFields), std::end(kFields), word) != std::end(kFields);
  }

  Status command(std::vector<Command>* out, u32 depth);
  Status moduleForm(Command* command);
  Status assertion(Command* command);
  Status action(Action* action);
  Status constant(Pattern* out, bool isResult, u32 depth);
  Status number(Pattern* out, bool isResult);
  Status vector(Pattern* out, bool isResult);
  Status lane(Pattern* out, u32 at, u32 bits, bool isFloat, bool isResult);
  Status floatBits(u32 bits, bool isResult, LaneMatch* match, u64* out);
  Status reference(Pattern* out, const RefWord& row);
  Status thread(Command* command, u32 depth);
};

Status ScriptParser::command(std::vector<Command>* out, u32 depth) {
  if (!is(TokenKind::LParen)) return unexpected();
  Command made;
  made.pos = tokens_[at_].pos;
  std::string_view word = text(peek(1));
  if (word == "module") {
    TRY(moduleForm(&made));
    out->push_back(std::move(made));
    return {};
  }
  const KindName* row = nullptr;
  for (const KindName& known : kKinds) {
    if (word == known.name) row = &known;
  }
  bool isKeyword = peek(1).kind == TokenKind::Keyword;
  if (row == nullptr || !isKeyword || word.find("module_") == 0) {
    ++at_;
    return unexpected();
  }
  made.kind = row->kind;
  if (row->kind == CommandKind::Invoke || row->kind == CommandKind::Get) {
    made.hasAction = true;
    TRY(action(&made.action));
  } else if (row->kind == CommandKind::Register) {
    at_ += 2;
    TRY(takeName(&made.text));
    made.id = takeId();
    TRY(closeParen());
  } else if (row->kind == CommandKind::Thread) {
    TRY(thread(&made, depth));
  } else if (row->kind == CommandKind::Wait) {
    at_ += 2;
    made.id = takeId();
    TRY(closeParen());
  } else {
    TRY(assertion(&made));
  }
  out->push_back(std::move(made));
  return {};
}

// `(module …)` in all its forms; the content is stepped over.
Status ScriptParser::moduleForm(Command* command) {
  u32 match = tokens_[at_].match;
  if (!takeForm("module")) return unexpected();
  command->hasModule = true;
  command->kind = CommandKind::Module;
  if (takeWord("instance")) {
    command->kind = CommandKind::ModuleInstance;
    command->isInstance = true;
    std::string_view first = takeId();
    std::string_view second = takeId();
    command->id = second.empty() ? std::string_view() : first;
    command->source = second.empty() ? first : second;
    return closeParen();
  }
  if (takeWord("definition")) command->kind = CommandKind::ModuleDefinition;
  command->id = command->module.id = takeId();
  if (takeWord("binary")) {
    command->module.kind = ModuleFormKind::Binary;
  } else if (takeWord("quote")) {
    command->module.kind = ModuleFormKind::Quote;
  }
  command->module.nameAt = command->module.first = at_;
  command->module.end = match;
  at_ = match;
  return closeParen();
}

Status ScriptParser::assertion(Command* command) {
  at_ += 2;
  bool onModule = atForm("module");
  bool wantsModule = command->kind >= CommandKind::AssertMalformed;
  if (onModule) {
    Command inner;
    TRY(moduleForm(&inner));
    bool allowed = wantsModule || command->kind == CommandKind::AssertTrap;
    if (!allowed) return unexpected();
    command->hasModule = true;
    command->isInstance = inner.isInstance;
    command->module = inner.module;
    command->source = inner.source;
  } else {
    if (wantsModule) return unexpected();
    command->hasAction = true;
    TRY(action(&command->action));
  }
  if (command->kind == CommandKind::AssertReturn) {
    while (is(TokenKind::LParen)) {
      Pattern pattern;
      TRY(constant(&pattern, true, 0));
      command->results.push_back(std::move(pattern));
    }
  } else if (command->kind != CommandKind::AssertException) {
    TRY(takeString(&command->text));
  }
  return closeParen();
}

Status ScriptParser::action(Action* action) {
  if (takeForm("get")) {
    action->isGet = true;
  } else if (!takeForm("invoke")) {
    return is(TokenKind::LParen) ? (++at_, unexpected()) : unexpected();
  }
  action->instance = takeId();
  TRY(takeName(&action->name));
  while (is(TokenKind::LParen)) {
    Pattern arg;
    TRY(constant(&arg, false, 0));
    action->args.push_back(std::move(arg));
  }
  return closeParen();
}

Status ScriptParser::constant(Pattern* out, bool isResult, u32 depth) {
  if (depth > kMaxNesting) return fail("limit: nesting of alternatives");
  if (!is(TokenKind::LParen)) return unexpected();
  ++at_;
  if (isResult && takeWord("either")) {
    out->kind = Pattern::Kind::Either;
    while (is(TokenKind::LParen)) {
      Pattern choice;
      TRY(constant(&choice, true, depth + 1));
      out->choices.push_back(std::move(choice));
    }
    return closeParen();
  }
  if (takeWord("v128.const")) {
    TRY(vector(out, isResult));
    return closeParen();
  }
  for (const RefWord& row : kRefWords) {
    if (takeWord(row.word)) {
      TRY(reference(out, row));
      return closeParen();
    }
  }
  TRY(number(out, isResult));
  return closeParen();
}

Status ScriptParser::reference(Pattern* out, const RefWord& row) {
  out->kind = row.kind;
  bool host = row.kind == Pattern::Kind::RefExtern || row.kind == Pattern::Kind::RefHost;
  if (row.kind == Pattern::Kind::RefNull && !is(TokenKind::RParen)) {
    ++at_;  // the heap type says nothing: all nulls are one
  } else if (host && is(TokenKind::Number)) {
    u32 id = 0;
    TRY(takeU32(&id));
    out->bits = id;
    out->exact = true;
  } else if (row.kind == Pattern::Kind::RefFunc && is(TokenKind::Number)) {
    ++at_;
  }
  return {};
}

Status ScriptParser::floatBits(u32 bits, bool isResult, LaneMatch* match, u64* out) {
  if (isResult && takeWord("nan:canonical")) {
    *match = LaneMatch::CanonicalNan;
    return {};
  }
  if (isResult && takeWord("nan:arithmetic")) {
    *match = LaneMatch::ArithmeticNan;
    return {};
  }
  if (bits == 64) return takeF64(out);
  u32 value = 0;
  TRY(takeF32(&value));
  *out = value;
  return {};
}

Status ScriptParser::number(Pattern* out, bool isResult) {
  out->kind = Pattern::Kind::Number;
  if (takeWord("i32.const")) {
    out->type = ValType::I32;
    return takeInt(32, &out->bits);
  }
  if (takeWord("i64.const")) {
    out->type = ValType::I64;
    return takeInt(64, &out->bits);
  }
  if (takeWord("f32.const")) {
    out->type = ValType::F32;
    return floatBits(32, isResult, &out->lanes[0], &out->bits);
  }
  if (takeWord("f64.const")) {
    out->type = ValType::F64;
    return floatBits(64, isResult, &out->lanes[0], &out->bits);
  }
  return unexpected();
}

Status ScriptParser::lane(Pattern* out, u32 at, u32 bits, bool isFloat, bool isResult) {
  u64 value = 0;
  if (isFloat) {
    TRY(floatBits(bits, isResult, &out->lanes[at], &value));
  } else {
    TRY(takeInt(bits, &value));
  }
  for (u32 b = 0; b < bits / 8; ++b)
    out->vector.bytes[at * (bits / 8) + b] = static_cast<u8>(value >> (8 * b));
  return {};
}

Status ScriptParser::vector(Pattern* out, bool isResult) {
  struct Shape {
    const char* word;
    u8 bits;
    bool isFloat;
  };
  static constexpr Shape kShapes[] = {{"i8x16", 8, false},  {"i16x8", 16, false},
                                      {"i32x4", 32, false}, {"i64x2", 64, false},
                                      {"f32x4", 32, true},  {"f64x2", 64, true}};
  out->kind = Pattern::Kind::Vector;
  out->type = ValType::V128;
  for (const Shape& shape : kShapes) {
    if (!takeWord(shape.word)) continue;
    out->laneBits = shape.bits;
    for (u32 i = 0; i < 128u / shape.bits; ++i)
      TRY(lane(out, i, shape.bits, shape.isFloat, isResult));
    return {};
  }
  return unexpected();
}

Status ScriptParser::thread(Command* command, u32 depth) {
  if (depth > kMaxNesting) return fail("limit: nesting of threads");
  at_ += 2;
  command->id = takeId();
  while (takeForm("shared")) {
    if (!takeForm("module")) return unexpected();
    command->sharedIds.push_back(takeId());
    TRY(closeParen());
    TRY(closeParen());
  }
  while (is(TokenKind::LParen)) TRY(this->command(&command->children, depth + 1));
  return closeParen();
}

}  // namespace

const char* commandKindName(CommandKind kind) {
  for (const KindName& row : kKinds) {
    if (row.kind == kind) return row.name;
  }
  return "?";
}

Status Script::parse(std::string source, Diagnostics& diag) {
  source_ = std::move(source);
  for (size_t i = 0; i < source_.size(); ++i) {
    if (source_[i] == '\n') lineStarts_.push_back(static_cast<u32>(i + 1));
  }
  TRY(lex(source_, FuncBodies::Cut, diag, &list_));
  return ScriptParser(list_, arena_, diag).run(&commands_);
}

Status Script::assemble(const Command& command, const TextOptions& options, Diagnostics& diag,
                        std::vector<u8>* out) {
  return text::assemble(list_, arena_, command.module, options, diag, out);
}

u32 Script::lineOf(const Command& command) const {
  auto behind = std::upper_bound(lineStarts_.begin(), lineStarts_.end(), command.pos);
  return static_cast<u32>(behind - lineStarts_.begin()) + 1;
}

}  // namespace bls::text
