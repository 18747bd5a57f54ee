// Asking programs what they are: run with --ext_verify, for a limited time, with limited output.
// Entry point: askPrograms. For processes of the helper. Reference: CGI, section 3; CGI-2.
#pragma once

#include <span>
#include <string>

#include "extensions/base/extension.h"
#include "extensions/cgi/database.h"

namespace bls::extensions::cgi {

constexpr size_t kMaxVerifyOutput = size_t{64} << 10;
/// Programs that run at once: a few that hang hold up a listing no longer than one.
constexpr size_t kMaxQuestions = 16;

struct Question {
  int program = -1;  // the open file
  std::string name;

  bool isExtension = false;  // the answer: then alias and description are in `row`
  ExtensionRow row;
  std::string why;  // it is none, and that is worth a word
};

/// Runs the files of all questions at once, and ends everything that they started. False when
/// `channel` hung up or this process is to end.
bool askPrograms(const Settings& settings, std::span<Question> questions, int channel);

}  // namespace bls::extensions::cgi
