// Which model a guest means: the file it lies in and where that comes from. Entry points:
// resolveModel, isModelFile. Plain values. Reference: hostcalls, section 10, "Models".
#pragma once

#include <string>
#include <string_view>

#include "engine/base/ints.h"

namespace bls::llm {

struct Model {
  std::string given;  // as the guest wrote it
  std::string name;   // what the server is told: a base name, or the URL
  std::string file;   // in the model folder
  std::string url;    // where it is downloaded from
};

constexpr size_t kMaxModelBytes = 4096;

/// The model that `given` names. `source` is the origin of the known models. The file of a model
/// given by URL begins with a digest of the URL, so that no URL can stand for a known model, or for
/// another URL. False for what is no model.
bool resolveModel(std::string_view given, std::string_view source, Model* out);

/// True for what may be the name of a model executable in the model folder.
bool isModelFile(std::string_view name);

}  // namespace bls::llm
