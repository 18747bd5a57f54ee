// Getting a model executable into the model folder. Entry points: haveModel, downloadModel.
// Reference: hostcalls, section 10, "Download". Thread rule: any thread; two executions that get
// the same model wait for each other.
#pragma once

#include <string>

#include "extensions/llm/model.h"
#include "extensions/net/http_client.h"

namespace bls::llm {

/// True when a regular file of that name lies in the folder.
bool haveModel(const std::string& folder, const Model& model);

/// Gets model.url, every hop of it permitted by the client, into a file `.part` beside the model's
/// own, going on where an earlier one ended, and gives it its name once it is whole.
/// HttpError::None also when another execution has done so meanwhile; Protocol for what is wrong
/// with the answers or the folder. `*why` is one line.
net::HttpError downloadModel(ExecCtx* cx, net::HttpClient& client, const std::string& folder,
                             const Model& model, const char* operation, std::string* why);

}  // namespace bls::llm
