// A program that cannot change between the check of its content and its start: what was verified is
// what runs, whatever is done to the file meanwhile. Entry point: HeldProgram. For processes of the
// helper; SIGIO is blocked while one is held. Threat model CGI-1.
#pragma once

#include <string>

namespace bls::extensions::cgi {

/// A script becomes a sealed copy, which its interpreter reads as well. Another file is leased: who
/// wants to write it waits until it runs (and then gets ETXTBSY, as always). Where a file system
/// has no leases, or the file is another user's (root's), it is only open.
class HeldProgram {
 public:
  HeldProgram() = default;
  ~HeldProgram() { release(); }
  HeldProgram(const HeldProgram&) = delete;
  HeldProgram& operator=(const HeldProgram&) = delete;

  /// Holds the open file, which stays the caller's and open. False with `why`.
  bool hold(int program, std::string* why);
  /// What is to be checked and started.
  int file() const { return file_; }
  bool isCopy() const { return copied_; }
  void release();

 private:
  bool copy(int program, std::string* why);
  int file_ = -1;
  bool copied_ = false;
  bool leased_ = false;
};

}  // namespace bls::extensions::cgi
