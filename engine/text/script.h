// Scripts of the spec suite (.wast): text → commands. Entry points: Script::parse, Command.
//
// Modules are located, not assembled: assemble() does that when the command runs, so that an error
// in one module is that command's. A file whose top level holds module fields is one module. Names
// and tokens are views into the text, which the script copies. Spec: interpreter's script format.
#pragma once

#include <memory>

#include "engine/text/text_module.h"
#include "engine/wasm/types.h"

namespace bls::text {

enum class CommandKind : u8 {
  Module,
  ModuleDefinition,
  ModuleInstance,
  Register,
  Invoke,
  Get,
  AssertReturn,
  AssertTrap,
  AssertExhaustion,
  AssertException,
  AssertMalformed,
  AssertInvalid,
  AssertUnlinkable,
  AssertMalformedCustom,
  AssertInvalidCustom,
  Thread,
  Wait,
};
constexpr u32 kCommandKinds = 17;
/// "module", "assert_return", … as counts files name them.
const char* commandKindName(CommandKind kind);

enum class LaneMatch : u8 { Exact, CanonicalNan, ArithmeticNan };

/// A constant, or what a result may be.
struct Pattern {
  enum class Kind : u8 {
    Number,  // `type`, `bits`; floats may match a class of NaNs
    Vector,
    RefNull,
    RefFunc,
    RefExtern,  // of host object `bits` when `exact`
    RefHost,    // host object `bits` as anyref
    RefAny,
    RefEq,
    RefI31,
    RefStruct,
    RefArray,
    RefExn,
    Either,
  };
  Kind kind = Kind::Number;
  ValType type;
  u64 bits = 0;
  bool exact = false;
  V128 vector{};
  u8 laneBits = 0;  // Vector: 8 … 64
  LaneMatch lanes[16] = {};
  std::vector<Pattern> choices;  // Either
};

struct Action {
  bool isGet = false;
  std::string_view instance;  // empty: the latest
  std::string name;
  std::vector<Pattern> args;
};

struct Command {
  CommandKind kind = CommandKind::Module;
  u32 pos = 0;              // byte offset of its parenthesis
  bool hasModule = false;   // module and assertions on one
  bool isInstance = false;  // the module is `(module instance …)`
  ModuleForm module;
  std::string_view id;      // of the module, instance or thread
  std::string_view source;  // ModuleInstance: the definition
  std::string text;         // Register: the name; assertions: the message
  bool hasAction = false;
  Action action;
  std::vector<Pattern> results;
  std::vector<Command> children;            // Thread
  std::vector<std::string_view> sharedIds;  // Thread
};

class Script {
 public:
  /// Errors: Malformed with line and column.
  Status parse(std::string source, Diagnostics& diag);
  const std::vector<Command>& commands() const { return commands_; }
  /// The bytes of a command's module.
  Status assemble(const Command& command, const TextOptions& options, Diagnostics& diag,
                  std::vector<u8>* out);
  u32 lineOf(const Command& command) const;

 private:
  std::string source_;
  TokenList list_;
  NameArena arena_;
  std::vector<Command> commands_;
  std::vector<u32> lineStarts_;
};

}  // namespace bls::text
