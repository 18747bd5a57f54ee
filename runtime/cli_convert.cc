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
#include "engine/wasm/limits.h"
#include "runtime/cli.h"
#include "runtime/cli_text.h"
#include "runtime/json_text.h"
#include "runtime/load.h"

namespace bls::cli {
namespace {

// Standard output or a file; put may be called any number of times.
class Delivery {
 public:
  Delivery(const std::string& output, Console& console) : output_(output), console_(console) {
    if (output.empty() || output == "-") return;
    file_ = std::fopen(output.c_str(), "wb");
    ok_ = file_ != nullptr;
  }
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;
  ~Delivery() {
    if (file_ != nullptr) std::fclose(file_);
  }
  void put(std::string_view content) {
    if (output_.empty() || output_ == "-") {
      console_.out(content);
    } else if (ok_) {
      ok_ = std::fwrite(content.data(), 1, content.size(), file_) == content.size();
    }
  }
  /// The exit status; says what went wrong.
  int finish() {
    if (file_ != nullptr) ok_ = std::fclose(file_) == 0 && ok_;
    file_ = nullptr;
    if (ok_) return 0;
    console_.problem("error: io: cannot write " + escapeForMessage(output_) + ": " +
                     std::strerror(errno));
    return kExitFailure;
  }

 private:
  const std::string& output_;
  Console& console_;
  std::FILE* file_ = nullptr;
  bool ok_ = true;
};

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
  TRY(embed::readModuleFile(file.c_str(), limits::kModuleBytes, diag, &out->bytes));
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
  Delivery delivery(request.output, console);
  delivery.put({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  return delivery.finish();
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
  if (!status.ok()) return refused(status, request.file, console);
  Delivery delivery(request.output, console);
  form.context = &delivery;
  form.take = [](void* context, std::string_view piece) {
    static_cast<Delivery*>(context)->put(piece);
  };
  status = text::printModule(*loaded.module, form, diag, &out);
  if (!status.ok()) return refused(status, request.file, console);
  return delivery.finish();
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
