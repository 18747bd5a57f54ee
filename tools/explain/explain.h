// What `bls explain` knows of a function: each instruction with its source line and cost, the cells
// the interpreter rewrites it to, and the machine code the baseline compiler makes of it.
//
// Entry points: Explainer (gathers), printText, printJson. Nothing here runs guest code. Work and
// memory are in proportion to the function at hand; one is gathered after the other.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "codegen/disasm/disasm.h"
#include "codegen/target.h"
#include "engine/interp/interpreter.h"
#include "engine/module/dwarf_lines.h"
#include "engine/text/name_table.h"
#include "runtime/json_text.h"
#include "runtime/load.h"

namespace bls::tools {

struct ExplainRequest {
  std::string file;
  std::string func;  // empty: all
  embed::EngineConfig engine;
  u32 cpu = 0;  // engine/base/cpu.h
  bool cells = true;
  bool code = true;
  bool json = false;
};

/// Machine code in one piece.
struct CodePiece {
  u32 offset = 0;  // of its instruction in the body, or CodeOrigin::kNone
  codegen::CodeOrigin::Kind kind = codegen::CodeOrigin::Code;
  std::vector<codegen::MachineLine> lines;
};
struct CellLine {
  u32 offset = 0;  // of its instruction in the body
  u32 index = 0;
  std::string text;
};
struct Step {
  u32 offset = 0;  // in the body
  u32 depth = 0;   // of blocks around it
  std::string text;
  u32 fuel = 0;
  bool endsBlock = false;  // of instructions that run one after the other
  u64 blockFuel = 0;       // of that block, set at its end
  SourceLine source;
};
struct FunctionReport {
  u32 index = 0;
  u32 bodyOffset = 0;  // in the file
  u32 bodySize = 0;
  u32 frameSlots = 0;
  std::string name;  // with $, or empty
  std::string signature;
  u32 entryFuel = 0;
  std::vector<Step> steps;
  u32 cellCount = 0;
  std::vector<CellLine> cells;  // in order of the cells
  bool compiled = false;
  u32 codeBytes = 0;
  std::vector<CodePiece> code;  // in order of addresses
};

class Explainer {
 public:
  explicit Explainer(const ExplainRequest& request) : request_(request) {}
  /// Loads the module and finds the functions. Errors: of loading, and Config.
  Status open(Diagnostics& diag);
  const std::vector<u32>& functions() const { return functions_; }
  Status explain(u32 func, Diagnostics& diag, FunctionReport* out);

 private:
  Status choose(Diagnostics& diag);
  void addCells(FunctionReport* out) const;
  void addCode(FunctionReport* out);

  const ExplainRequest& request_;
  std::shared_ptr<embed::LoadedModule> loaded_;
  CodeOptions options_;
  std::unique_ptr<interp::InterpModule> cells_;
  std::unique_ptr<text::NameTable> names_;
  std::unique_ptr<codegen::FunctionCompiler> compiler_;
  std::vector<u32> functions_;
};

/// Appends the listing of one function.
void printText(const FunctionReport& report, const ExplainRequest& request, std::string* out);
/// Appends one function as a JSON object.
void printJson(const FunctionReport& report, const ExplainRequest& request, cli::JsonText* out);

}  // namespace bls::tools
