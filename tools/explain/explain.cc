// Gathering: the module, its instructions, their cells and their machine code.
#include "tools/explain/explain.h"

#include <cstdio>
#include <cstring>

#include "engine/decode/body_decoder.h"
#include "engine/decode/walk.h"
#include "engine/interp/translate.h"
#include "engine/text/instr_printer.h"
#include "engine/text/module_parser.h"
#include "engine/wasm/limits.h"
#include "runtime/config.h"
#include "tools/explain/cell_names.h"

namespace bls::tools {
namespace {

constexpr bool endsBlock(Op op) {
  const OpInfo& info = opInfo(op);
  if (info.cls == OpClass::Exception || op == Op::Loop) return true;
  if (info.cls == OpClass::Control) return op != Op::Block && op != Op::Nop;
  // Calls that do not come back, and branches among the reference instructions.
  const std::string_view text = info.text;
  return text.starts_with("return_call") || text.starts_with("br_on");
}

struct StepSink {
  static constexpr bool kCold = true;
  text::InstrPrinter& instr;
  std::string& words;
  const u8* body;
  const FuelSchedule& schedule;
  std::vector<Step>& steps;
  u32 depth = 0;
  u64 run = 0;
  WalkPosition position;

  template <Op O, class Imm>
  Status on(OpTag<O>, const Imm& imm) {
    const bool closes = closesBlock(O) || O == Op::Else || O == Op::Catch || O == Op::CatchAll;
    if (closes && depth > 0) --depth;
    Step step;
    step.offset = static_cast<u32>(position.op - body);
    step.depth = depth;
    words.clear();
    instr.print(O, imm);
    step.text = words;
    step.fuel = schedule.costOf(O);
    run += step.fuel;
    if (endsBlock(O)) {
      step.endsBlock = true;
      step.blockFuel = run;
      run = 0;
    }
    steps.push_back(std::move(step));
    if (opensBlock(O) || (closes && !closesBlock(O))) ++depth;
    return {};
  }
};

}  // namespace

Status Explainer::open(Diagnostics& diag) {
  embed::Expected<embed::Engine> engine = embed::Engine::make(request_.engine);
  if (!engine.ok()) return diag.fail(engine.failure().error);
  ModuleBytes bytes;
  TRY(embed::readModuleFile(request_.file.c_str(), limits::kModuleBytes, diag, &bytes));
  TRY(embed::loadModule(engine.value().state(), std::move(bytes), diag, &loaded_));
  const bls::Module& m = *loaded_->module;
  options_ = engine.value().state()->codeOptions();
  const Dispatch dispatch = request_.engine.dispatch == embed::Dispatch::Default
                                ? Interpreter::defaultDispatch()
                            : request_.engine.dispatch == embed::Dispatch::Tail ? Dispatch::Tail
                                                                                : Dispatch::Loop;
  cells_ = std::make_unique<interp::InterpModule>(m, loaded_->meta, options_, dispatch);
  names_ = std::make_unique<text::NameTable>(m);
  if (request_.code) compiler_ = codegen::makeFunctionCompiler(request_.cpu);
  return choose(diag);
}

Status Explainer::choose(Diagnostics& diag) {
  const bls::Module& m = *loaded_->module;
  u64 number = 0;
  const bool byNumber = parseU64(request_.func.c_str(), &number);
  for (u32 i = m.importedFuncs; i < m.funcs.size(); ++i) {
    const std::string& id = names_->id(text::Space::Func, i).id;
    const bool named = !id.empty() && (id == request_.func || id.substr(1) == request_.func);
    if (request_.func.empty() || (byNumber && i == number) || named) functions_.push_back(i);
  }
  if (!functions_.empty() || request_.func.empty()) return {};
  const ExportDecl* exported = m.findExport(request_.func);
  if (exported != nullptr && exported->kind == ExternKind::Func &&
      exported->index >= m.importedFuncs) {
    functions_.push_back(exported->index);
    return {};
  }
  const std::string shown = escapeForMessage(request_.func, 100);
  if (byNumber && number < m.importedFuncs) {
    return diag.fail(ErrorClass::Config, "function " + shown + " is imported: it has no code");
  }
  return diag.fail(ErrorClass::Config, "no function '" + shown + "'; there are " +
                                           std::to_string(m.importedFuncs) + " to " +
                                           std::to_string(m.funcs.size()) +
                                           " less one, and bls objdump lists their names");
}

Status Explainer::explain(u32 func, Diagnostics& diag, FunctionReport* out) {
  const bls::Module& m = *loaded_->module;
  const FuncDecl& decl = m.funcs[FuncIndex{func}];
  const FuncType& type = m.type(decl.type).func;
  std::string text;
  text::InstrPrinter instr(m, *names_, &text);
  instr.setFunc(func);
  instr.signature(type);
  out->index = func;
  out->bodyOffset = decl.bodyOffset;
  out->bodySize = decl.bodySize;
  out->frameSlots = cells_->cells()[func].frameSlots;
  out->name = names_->id(text::Space::Func, func).id;
  out->signature = text;
  const FuelSchedule& schedule = cells_->schedule();
  out->entryFuel = schedule.entryCost;
  const std::span<const u8> body = m.body(decl);
  ByteReader in(body, decl.bodyOffset, &diag);
  std::vector<ValType> locals = type.params;
  TRY(readLocals(in, m.features, &locals));
  StepSink sink{instr, text, body.data(), schedule, out->steps, 0, 0, {}};
  TRY(walkBody(in, sink, m.features));
  std::vector<u64> places;
  places.reserve(out->steps.size());
  for (const Step& step : out->steps) places.push_back(u64{decl.bodyOffset} + step.offset);
  const std::vector<SourceLine> lines = resolveLines(m, places);
  for (size_t i = 0; i < lines.size() && i < out->steps.size(); ++i) {
    out->steps[i].source = lines[i];
  }
  if (request_.cells) addCells(out);
  if (request_.code) addCode(out);
  return {};
}

void Explainer::addCells(FunctionReport* out) const {
  const interp::Translation made =
      interp::translateFunction(*cells_, out->index, cells_->variants(), true);
  out->cellCount = static_cast<u32>(made.cells.size());
  char buffer[160];
  for (u32 i = 0; i < out->cellCount; ++i) {
    const interp::Cell& cell = made.cells[i];
    if (made.isData[i]) {
      std::snprintf(buffer, sizeof buffer, "data 0x%llx 0x%llx",
                    static_cast<unsigned long long>(cell.h),
                    static_cast<unsigned long long>(cell.word()));
    } else {
      std::snprintf(buffer, sizeof buffer, "%s %u %u %u %u", cellName(cell.h), cell.a, cell.b,
                    cell.c, cell.d);
    }
    out->cells.push_back({made.origins[i].offset, i, buffer});
  }
}

void Explainer::addCode(FunctionReport* out) {
  codegen::CompileInput input;
  input.module = loaded_->module.get();
  input.meta = &loaded_->meta;
  input.options = options_;
  input.funcIndex = out->index;
  input.frameSlots = out->frameSlots;
  input.cpu = request_.cpu;
  input.wantOrigins = true;
  codegen::CompiledCode made;
  out->compiled = compiler_->compile(input, false, &made);
  if (!out->compiled) return;
  const u32 size = static_cast<u32>(made.bytes.size());
  out->codeBytes = size;
  for (size_t i = 0; i < made.origins.size(); ++i) {
    const codegen::CodeOrigin& origin = made.origins[i];
    const u32 end = i + 1 < made.origins.size() ? made.origins[i + 1].at : size;
    if (end <= origin.at) continue;
    const std::span<const u8> bytes = made.bytes.subspan(origin.at, end - origin.at);
    CodePiece piece{origin.offset, origin.kind, {}};
    piece.lines = origin.kind == codegen::CodeOrigin::Data ? codegen::listData(bytes, origin.at)
                                                           : codegen::disassemble(bytes, origin.at);
    out->code.push_back(std::move(piece));
  }
}

}  // namespace bls::tools
