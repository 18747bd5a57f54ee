// What the tests of the text format share: parse or fail, print, validate.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/decode/module_decoder.h"
#include "engine/text/printer.h"
#include "engine/text/text_module.h"
#include "engine/validate/module_validator.h"

namespace bls::text {

/// Bytes, or the error as `message (line:column)`.
struct Parsed {
  std::vector<u8> bytes;
  std::string error;
};
inline Parsed parse(std::string_view source, const TextOptions& options = {}) {
  Parsed out;
  Diagnostics diag;
  Status status = parseText(source, options, diag, &out.bytes);
  if (!status.ok()) {
    const Error& error = *status.error();
    out.error = error.message;
    if (error.line != 0)
      out.error += " (" + std::to_string(error.line) + ":" + std::to_string(error.column) + ")";
  }
  return out;
}

/// The module as text; fails the test when the bytes are not valid.
inline std::string print(std::span<const u8> bytes, bool folded) {
  Diagnostics diag;
  std::unique_ptr<Module> module;
  ModuleMeta meta;
  Status status = decodeModule(ModuleBytes::copyOf(bytes), Features(), diag, &module);
  if (status.ok()) status = validateModule(*module, ValidateOptions(), &meta, diag);
  std::string out;
  PrintOptions options;
  options.folded = folded;
  if (status.ok()) status = printModule(*module, options, diag, &out);
  EXPECT_TRUE(status.ok()) << (status.ok() ? "" : status.error()->format(""));
  return out;
}

}  // namespace bls::text
