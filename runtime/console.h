// Console: where the commands write. Errors, help on errors and statistics go to standard error,
// results the user asked for to standard output. Entry points: Console::standard, and the capturing
// one for tests.
//
// An error is one line: what, where, why, and what to try. Colour is used on terminals only, and
// not with NO_COLOR set.
#pragma once

#include <string>
#include <string_view>

namespace bls::cli {

class Console {
 public:
  virtual ~Console() = default;
  virtual void out(std::string_view text) = 0;
  virtual void err(std::string_view text) = 0;
  virtual bool colourErrors() const { return false; }
  /// False when err would have to wait for a reader.
  virtual bool errReady() const { return true; }

  /// As much of `text` as can be written without waiting.
  void errWhileReady(std::string_view text);

  /// `line` begins with "error:" or "trap:"; a final newline is added.
  void problem(const std::string& line);

  /// `[2025-05-09T03:23:32Z ERROR] message`: what the reference runtime says before and outside its
  /// log (command line description, 6.2), but on standard error.
  void logLine(const std::string& message);

  /// File descriptors 1 and 2.
  static Console& standard();
};

class CapturedConsole : public Console {
 public:
  void out(std::string_view text) override { outText.append(text); }
  void err(std::string_view text) override { errText.append(text); }
  std::string outText;
  std::string errText;
};

}  // namespace bls::cli
