// Asking a program what it is: run with --ext_verify, for a limited time, with limited output.
// Entry point: verifyProgram. For processes of the helper. Reference: CGI, section 3; CGI-2.
#pragma once

#include <string>

#include "extensions/base/extension.h"
#include "extensions/cgi/database.h"

namespace bls::extensions::cgi {

enum class Verified : u8 { Yes, No, Cancelled };

constexpr size_t kMaxVerifyOutput = size_t{64} << 10;

/// Runs the open file and ends everything that it started. Yes: alias and description are in
/// `*out`. No: `*why` is empty when it is simply no extension. Cancelled when `channel` hung up.
Verified verifyProgram(const Settings& settings, int program, const std::string& name, int channel,
                       ExtensionRow* out, std::string* why);

}  // namespace bls::extensions::cgi
