// What the verbs that translate one module share: wat, wasm, objdump.
#pragma once

#include "runtime/cli_text.h"
#include "tools/commands.h"

namespace bls::tools {

/// Parses the options of `place` and fills `request` with its one file and its features. False when
/// the verb ends here, with
/// `*status` set: help was shown, or the usage was wrong (`oneFile` is the message for any number
/// of files but one). One thread.
bool parseConversion(Invocation& call, OptionPlace place, std::string (*help)(),
                     const char* oneFile, ParsedOptions* options, cli::ConvertRequest* request,
                     int* status);

}  // namespace bls::tools
