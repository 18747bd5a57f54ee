// The disassembly.
#include "engine/text/listing.h"

#include <algorithm>
#include <cstdio>

#include "engine/decode/body_decoder.h"
#include "engine/text/instr_printer.h"
#include "engine/text/module_parser.h"

namespace bls::text {
namespace {

constexpr size_t kBytesShown = 10;
constexpr u32 kMaxIndent = 40;

struct Lister {
  static constexpr bool kCold = true;
  const Module& m;
  InstrPrinter& instr;
  std::string& out;
  u32 depth = 0;
  WalkPosition position;

  template <Op O, class Imm>
  Status on(OpTag<O>, const Imm& imm) {
    bool closes = closesBlock(O) || O == Op::Else || O == Op::Catch || O == Op::CatchAll;
    if (closes && depth > 0) --depth;
    prefix();
    instr.print(O, imm);
    out += '\n';
    if (opensBlock(O) || (closes && !closesBlock(O))) ++depth;
    return {};
  }

  void prefix() {
    char buffer[32];
    auto at = static_cast<unsigned long>(position.op - m.bytes.span().data());
    std::snprintf(buffer, sizeof buffer, "  %06lx:", at);
    out += buffer;
    size_t size = static_cast<size_t>(position.next - position.op);
    for (size_t i = 0; i < kBytesShown; ++i) {
      if (i < size) {
        std::snprintf(buffer, sizeof buffer, " %02x", position.op[i]);
        out += buffer;
      } else {
        out += "   ";
      }
    }
    out += size > kBytesShown ? "+ | " : "  | ";
    out.append(2 * static_cast<size_t>(std::min(depth, kMaxIndent)), ' ');
  }
};

}  // namespace

Status listFunction(const Module& m, const NameTable& names, u32 func, Diagnostics& diag,
                    std::string* out) {
  const FuncDecl& decl = m.funcs[FuncIndex{func}];
  InstrPrinter instr(m, names, out);
  instr.setFunc(func);
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%06lx func ", static_cast<unsigned long>(decl.bodyOffset));
  *out += buffer;
  *out += std::to_string(func);
  const PrintedName& name = names.id(Space::Func, func);
  if (!name.id.empty()) *out += " " + name.id;
  instr.signature(m.type(decl.type).func);
  *out += '\n';
  std::vector<ValType> types = m.type(decl.type).func.params;
  size_t params = types.size();
  ByteReader in(m.body(decl), decl.bodyOffset, &diag);
  TRY(readLocals(in, m.features, &types));
  if (types.size() > params) *out += "  " + std::to_string(types.size() - params) + " locals\n";
  Lister lister{m, instr, *out, 0, {}};
  return walkBody(in, lister, m.features);
}

}  // namespace bls::text
