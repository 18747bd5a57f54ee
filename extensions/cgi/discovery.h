// Finding the extensions of the drivers root: which files may be one at all, what they say about
// themselves, what the database remembers. Entry points: discover, openProgram, digestOfProgram,
// parseVerification. For processes of the helper. Reference: CGI, sections 2 and 3; threat model
// CGI-1, CGI-2.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "extensions/base/extension.h"
#include "extensions/cgi/catalog.h"
#include "extensions/cgi/database.h"

namespace bls::extensions::cgi {

/// What discovery works with.
struct DiscoverySetup {
  const Settings* settings = nullptr;
  int memory = -1;   // HelperRequest::memory
  int channel = -1;  // stops when it hangs up; -1: never
  std::function<void(LogLevel, const std::string&)> log;
};

/// The extensions there are, by file name. Never fails: what is wrong is logged and left out. False
/// only when the request was cancelled.
bool discover(const DiscoverySetup& setup, std::vector<ExtensionRow>* out);

/// As JSON, compact. Reference: CGI, section 2, step 5.
std::string listJson(const std::vector<ExtensionRow>& extensions);

/// The drivers root; -1 with errno.
int openRoot(const Settings& settings);

/// Opens the regular file `name` directly in `root`, if it is executable and root's or this user's
/// and nobody else may write it. -1 otherwise; `*why` says what is wrong, and is empty for what is
/// simply no program (a folder, a link, no execute bit).
int openProgram(int root, const std::string& name, Identity* identity, std::string* why);

/// MD5 of an open file in lower-case digits; empty when it cannot be read or `channel` hung up.
std::string digestOfProgram(int program, int channel);

/// What a program printed when asked with --ext_verify. False when that makes it no extension;
/// `*why` is empty when it does not say that it is one.
bool parseVerification(std::string_view output, ExtensionRow* out, std::string* why);

/// True for what may be an alias: 1 to 128 bytes of UTF-8 without slash and control bytes.
bool isAlias(std::string_view text);

}  // namespace bls::extensions::cgi
