// What the helper does for blockless_cgi, each in a process of its own: listing, and opening with
// watching over what was opened. Entry points: serveList, serveOpen, as HelperServe.
#pragma once

#include "extensions/helper/helper_process.h"

namespace bls::extensions::cgi {

/// Numeric results of every function of the module. Reference: hostcalls, section 5.
enum class Code : u32 {
  Success,
  InvalidHandle,
  RuntimeError,
  InvalidParameter,
  InvalidExtension,
};

/// No body. Answers with the JSON text of the list.
bool serveList(const HelperRequest& request);
/// Body: wire.h, encodeOpen. Descriptors: the child's standard streams. Answers once the program
/// runs, and again when nothing of it is left, after the channel was closed.
bool serveOpen(const HelperRequest& request);

}  // namespace bls::extensions::cgi
