// The listing, as text and as JSON.
#include <algorithm>
#include <cstdio>

#include "engine/base/status.h"
#include "tools/explain/explain.h"

namespace bls::tools {
namespace {

using codegen::CodeOrigin;
constexpr u32 kMaxIndent = 30;
constexpr size_t kSourceColumn = 56;

// What belongs to an instruction, by its offset: indices into the report, in order.
template <class T>
std::vector<u32> byOffset(const std::vector<T>& items) {
  std::vector<u32> order(items.size());
  for (u32 i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](u32 a, u32 b) { return items[a].offset < items[b].offset; });
  return order;
}
// Hands out the items of ascending offsets.
template <class T>
class Groups {
 public:
  explicit Groups(const std::vector<T>& items) : items_(items), order_(byOffset(items)) {}
  template <class F>
  void at(u32 offset, F use) {
    // What belongs to no listed instruction is shown with the next one.
    while (next_ < order_.size() && items_[order_[next_]].offset <= offset) {
      use(items_[order_[next_++]]);
    }
  }

 private:
  const std::vector<T>& items_;
  std::vector<u32> order_;
  size_t next_ = 0;
};

const char* tagOf(const CodePiece& piece) {
  if (piece.kind == CodeOrigin::Cold) return "T1 cold";
  return piece.kind == CodeOrigin::Data ? "T1 data" : "T1     ";
}

void printPiece(const CodePiece& piece, std::string* out) {
  char buffer[64];
  for (const codegen::MachineLine& line : piece.lines) {
    std::snprintf(buffer, sizeof buffer, "    %s %04x  ", tagOf(piece), line.at);
    *out += buffer + line.text + "\n";
  }
}

void printStep(const Step& step, const FunctionReport& report, std::string* out) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%06x  ", report.bodyOffset + step.offset);
  std::string line = buffer;
  line.append(2 * size_t{std::min(step.depth, kMaxIndent)}, ' ');
  line += step.text;
  if (step.source.line != 0) {
    if (line.size() < kSourceColumn) line.append(kSourceColumn - line.size(), ' ');
    line += "  ; " + step.source.file + ":" + std::to_string(step.source.line);
  }
  *out += line + "\n";
}

void printHeading(const FunctionReport& report, const ExplainRequest& request, std::string* out) {
  *out += "function " + std::to_string(report.index);
  if (!report.name.empty()) *out += " " + report.name;
  *out += report.signature + "\n";
  char buffer[96];
  std::snprintf(buffer, sizeof buffer, "  body at 0x%06x, %u bytes; frame %u slots",
                report.bodyOffset, report.bodySize, report.frameSlots);
  *out += buffer;
  if (request.cells) *out += "; T0 " + std::to_string(report.cellCount) + " cells";
  if (request.code) {
    *out += report.compiled ? "; T1 " + std::to_string(report.codeBytes) + " bytes"
                            : std::string("; T1 nothing: it is interpreted");
  }
  *out += "\n";
}

std::string units(u64 fuel) { return std::to_string(fuel) + (fuel == 1 ? " unit" : " units"); }

}  // namespace

void printText(const FunctionReport& report, const ExplainRequest& request, std::string* out) {
  printHeading(report, request, out);
  *out += "entry: fuel " + units(report.entryFuel) + "\n";
  for (const CodePiece& piece : report.code) {
    if (piece.offset == CodeOrigin::kNone && piece.kind == CodeOrigin::Code) printPiece(piece, out);
  }
  Groups<CellLine> cells(report.cells);
  Groups<CodePiece> code(report.code);
  char buffer[32];
  for (const Step& step : report.steps) {
    printStep(step, report, out);
    cells.at(step.offset, [&](const CellLine& cell) {
      std::snprintf(buffer, sizeof buffer, "    T0      %04u  ", cell.index);
      *out += buffer + cell.text + "\n";
    });
    code.at(step.offset, [&](const CodePiece& piece) { printPiece(piece, out); });
    if (step.endsBlock) *out += "  -- fuel of the block: " + units(step.blockFuel) + "\n";
  }
  for (const CodePiece& piece : report.code) {
    if (piece.offset != CodeOrigin::kNone || piece.kind == CodeOrigin::Code) continue;
    *out += piece.kind == CodeOrigin::Data ? "constants\n" : "ways of the entry\n";
    printPiece(piece, out);
  }
}

namespace {

void jsonCode(const CodePiece& piece, cli::JsonText* out) {
  static constexpr const char* kKinds[] = {"code", "cold", "data"};
  for (const codegen::MachineLine& line : piece.lines) {
    out->open('{').key("at").number(line.at).key("size").number(line.size);
    out->key("kind").string(kKinds[piece.kind]).key("text").string(line.text).close('}');
  }
}

}  // namespace

void printJson(const FunctionReport& report, const ExplainRequest& request, cli::JsonText* out) {
  cli::JsonText& json = *out;
  json.open('{').key("index").number(report.index).key("name").string(report.name);
  json.key("offset").number(report.bodyOffset).key("size").number(report.bodySize);
  json.key("frame_slots").number(report.frameSlots).key("entry_fuel").number(report.entryFuel);
  if (request.cells) json.key("cells").number(report.cellCount);
  if (request.code) {
    json.key("compiled").boolean(report.compiled).key("code_bytes").number(report.codeBytes);
    json.key("other_code").open('[');
    for (const CodePiece& piece : report.code) {
      if (piece.offset == CodeOrigin::kNone) jsonCode(piece, out);
    }
    json.close(']');
  }
  Groups<CellLine> cells(report.cells);
  Groups<CodePiece> code(report.code);
  json.key("instructions").open('[');
  for (const Step& step : report.steps) {
    json.open('{').key("offset").number(u64{report.bodyOffset} + step.offset);
    json.key("text").string(step.text).key("fuel").number(step.fuel);
    if (step.endsBlock) json.key("block_fuel").number(step.blockFuel);
    if (step.source.line != 0) {
      json.key("file").string(step.source.file).key("line").number(step.source.line);
    }
    if (request.cells) {
      json.key("cells").open('[');
      cells.at(step.offset, [&](const CellLine& cell) {
        json.open('{').key("index").number(cell.index).key("text").string(cell.text).close('}');
      });
      json.close(']');
    }
    if (request.code) {
      json.key("code").open('[');
      code.at(step.offset, [&](const CodePiece& piece) { jsonCode(piece, out); });
      json.close(']');
    }
    json.close('}');
  }
  json.close(']').close('}');
}

}  // namespace bls::tools
