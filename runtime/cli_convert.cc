// `bls wasm` and `bls wat`: one format to the other.
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "engine/decode/module_decoder.h"
#include "engine/text/text_module.h"
#include "engine/validate/module_validator.h"
#include "runtime/cli.h"
#include "runtime/cli_text.h"
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

Status checkModule(std::span<const u8> bytes, Features features, Diagnostics& diag,
                   std::unique_ptr<bls::Module>* out) {
  ModuleMeta meta;
  TRY(decodeModule(ModuleBytes(bytes.data(), bytes.size(), nullptr, nullptr), features, diag, out));
  return validateModule(**out, ValidateOptions(), &meta, diag);
}

}  // namespace

int assembleFile(const ConvertRequest& request, Console& console) {
  Diagnostics diag;
  ModuleBytes bytes;
  Status status = embed::readModuleFile(request.file.c_str(), embed::EngineConfig().maxModuleBytes,
                                        diag, &bytes);
  std::vector<u8> binary;
  if (status.ok() && text::looksLikeText(bytes.span())) {
    text::TextOptions options;
    options.features = request.features;
    options.names = request.names;
    std::string_view source(reinterpret_cast<const char*>(bytes.span().data()),
                            bytes.span().size());
    status = text::parseText(source, options, diag, &binary);
  } else if (status.ok()) {
    binary.assign(bytes.span().begin(), bytes.span().end());
  }
  std::unique_ptr<bls::Module> module;
  if (status.ok()) status = checkModule(binary, request.features, diag, &module);
  if (!status.ok()) {
    console.problem(withAdvice(embed::Failure::of(*status.error()), request.file));
    return kExitFailure;
  }
  return deliver({reinterpret_cast<const char*>(binary.data()), binary.size()}, request.output,
                 console);
}

}  // namespace bls::cli
