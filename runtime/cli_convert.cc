// `bls wasm`, `bls wat` and `bls objdump`: one format to the other, and a listing of both.
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "engine/decode/module_decoder.h"
#include "engine/encode/module_writer.h"
#include "engine/text/listing.h"
#include "engine/text/printer.h"
#include "engine/text/text_module.h"
#include "engine/validate/module_validator.h"
#include "runtime/cli.h"
#include "runtime/cli_text.h"
#include "runtime/json_text.h"
#include "runtime/load.h"

namespace bls::cli {
namespace {

// To standard output, or to a file that is written as a whole.
int deliver(std::string_view content, const std::string& output, Console& console) {
  if (output.empty() || output == "-") {
    console.out(content);
    return 0;
  }
  std::FILE* file = std::fopen(output.c_str(), "wb");
  bool ok = file != nullptr;
  if (ok) ok = std::fwrite(content.data(), 1, content.size(), file) == content.size();
  if (file != nullptr) ok = std::fclose(file) == 0 && ok;
  if (ok) return 0;
  console.problem("error: io: cannot write " + escapeForMessage(output) + ": " +
                  std::strerror(errno));
  return kExitFailure;
}

int refused(Status status, const std::string& file, Console& console) {
  console.problem(withAdvice(embed::Failure::of(*status.error()), file));
  return kExitFailure;
}

// A file in either format, decoded and validated.
struct Loaded {
  ModuleBytes bytes;
  ModuleBytes text;  // what it was translated from, may be empty
  std::unique_ptr<bls::Module> module;
};

Status load(const std::string& file, const text::TextOptions& options, Diagnostics& diag,
            Loaded* out) {
  TRY(embed::readModuleFile(file.c_str(), embed::EngineConfig().maxModuleBytes, diag, &out->bytes));
  TRY(embed::textToBinary(&out->bytes, options, diag, &out->text));
  std::span<const u8> bytes = out->bytes.span();
  TRY(decodeModule(ModuleBytes(bytes.data(), bytes.size(), nullptr, nullptr), options.features,
                   diag, &out->module));
  ModuleMeta meta;
  Status valid = validateModule(*out->module, ValidateOptions(), &meta, diag);
  return valid.ok() ? valid : embed::placeInText(out->text, *out->module, diag);
}

}  // namespace

int assembleFile(const ConvertRequest& request, Console& console) {
  Diagnostics diag;
  Loaded loaded;
  text::TextOptions options;
  options.features = request.features;
  options.names = request.names;
  Status status = load(request.file, options, diag, &loaded);
  if (!status.ok()) return refused(status, request.file, console);
  std::span<const u8> bytes = loaded.bytes.span();
  return deliver({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, request.output,
                 console);
}

int printFile(const ConvertRequest& request, Console& console) {
  Diagnostics diag;
  Loaded loaded;
  text::TextOptions options;
  options.features = request.features;
  std::string out;
  Status status = load(request.file, options, diag, &loaded);
  text::PrintOptions form;
  form.folded = request.folded;
  if (status.ok()) status = text::printModule(*loaded.module, form, diag, &out);
  if (!status.ok()) return refused(status, request.file, console);
  return deliver(out, request.output, console);
}

namespace {

const char* sectionTitle(u8 id) {
  return id <= 13 ? sectionWord(static_cast<SectionId>(id)) : "unknown";
}

// Name of the custom section that starts at this payload.
std::string customName(const bls::Module& m, const SectionInfo& info) {
  for (const CustomSection& custom : m.customs) {
    if (custom.offset >= info.offset && custom.offset <= info.offset + info.size)
      return std::string(custom.name);
  }
  return {};
}

Status dumpJson(const bls::Module& m, const std::string& file, Diagnostics& diag,
                std::string* out) {
  JsonText json;
  json.open('{').key("file").string(file).key("bytes").number(m.bytes.span().size());
  json.key("sections").open('[');
  for (const SectionInfo& info : m.sections) {
    json.open('{').key("id").number(info.id).key("name");
    json.string(info.id == 0 ? customName(m, info) : sectionTitle(info.id));
    json.key("offset").number(info.offset).key("size").number(info.size).close('}');
  }
  json.close(']').key("functions").open('[');
  text::NameTable names(m);
  for (u32 i = m.importedFuncs; i < m.funcs.size(); ++i) {
    std::string listing;
    TRY(text::listFunction(m, names, i, diag, &listing));
    const FuncDecl& decl = m.funcs[FuncIndex{i}];
    json.open('{').key("index").number(i).key("offset").number(decl.bodyOffset);
    json.key("size").number(decl.bodySize).key("listing").string(listing).close('}');
  }
  json.close(']').close('}');
  *out = json.text() + "\n";
  return {};
}

Status dumpText(const bls::Module& m, Diagnostics& diag, std::string* out) {
  *out += "sections:\n";
  char buffer[96];
  for (const SectionInfo& info : m.sections) {
    std::snprintf(buffer, sizeof buffer, "  %06x..%06x %9u bytes  ", info.offset,
                  info.offset + info.size, info.size);
    *out += buffer;
    *out += sectionTitle(info.id);
    if (info.id == 0) *out += " \"" + escapeForMessage(customName(m, info)) + "\"";
    *out += "\n";
  }
  text::NameTable names(m);
  for (u32 i = m.importedFuncs; i < m.funcs.size(); ++i) {
    *out += "\n";
    TRY(text::listFunction(m, names, i, diag, out));
  }
  return {};
}

}  // namespace

int dumpFile(const std::string& file, const Features& features, bool json, Console& console) {
  Diagnostics diag;
  Loaded loaded;
  text::TextOptions options;
  options.features = features;
  std::string out;
  Status status = load(file, options, diag, &loaded);
  if (status.ok())
    status =
        json ? dumpJson(*loaded.module, file, diag, &out) : dumpText(*loaded.module, diag, &out);
  if (!status.ok()) return refused(status, file, console);
  console.out(out);
  return 0;
}

}  // namespace bls::cli
