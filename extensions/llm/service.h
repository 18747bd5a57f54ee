// What the helper does for blockless_llm: starts a model executable as a server and watches over
// it. Entry point: serveModel, as HelperServe. The service trusts nothing: it starts regular files
// directly in Settings::modelFolder that end in `.llamafile`, are root's or this user's and nobody
// else may write, with arguments of its own. Threat model CGI-1, CGI-3, CGI-4.
#pragma once

#include "extensions/helper/helper_process.h"

namespace bls::llm {

/// First byte of a result (cgi/wire.h, FrameKind::Result).
enum class Started : u8 {
  Yes,  // then the port in decimal digits
  No,   // then why, one line
};

/// Body: the name of the file. Answers once the program runs, and with FrameKind::Gone when it has
/// ended, and when nothing of it is left after the channel was closed.
bool serveModel(const extensions::HelperRequest& request);

}  // namespace bls::llm
