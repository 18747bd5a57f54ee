// Native driver libraries: loading one, and the streams it opens. Entry points: NativeDriver::load,
// open. Reference: hostcalls, section 9; threat model DRV-1, DRV-2.
//
// A library is code of the operator's choice that runs in this process with nothing in between. Its
// file is opened once, looked at (owner, mode, SHA-256 when pinned) and loaded from that very
// descriptor. It is never unloaded. What it says about lengths is not believed.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "extensions/base/extension.h"

namespace bls::drivers {

class NativeDriver;

/// One open descriptor of a driver; closed exactly once, by whoever comes first: the guest's
/// descriptor or the end of the execution.
class NativeHandle {
 public:
  NativeHandle(std::shared_ptr<const NativeDriver> driver, u32 fd)
      : driver_(std::move(driver)), fd_(fd) {}
  ~NativeHandle() { close(); }
  NativeHandle(const NativeHandle&) = delete;
  NativeHandle& operator=(const NativeHandle&) = delete;

  int read(u8* data, u32 size, u32* done);
  int write(const u8* data, u32 size, u32* done);
  /// Waits for nobody: a call that another thread has in the driver keeps it open (the process is
  /// about to end then).
  void close();

 private:
  int result(u32 code, u32 size, u32* done) const;

  std::shared_ptr<const NativeDriver> driver_;
  u32 fd_;
  std::atomic_flag busy_ = ATOMIC_FLAG_INIT;
  bool open_ = true;
};

class NativeDriver : public std::enable_shared_from_this<NativeDriver> {
 public:
  /// Null with `why`, one line that names the file.
  static std::shared_ptr<NativeDriver> load(const extensions::DriverChoice& choice,
                                            std::string* why);
  const std::string& scheme() const { return scheme_; }

  /// 0 with `*out`, or what the driver returned.
  u32 open(std::string_view uri, std::string_view options,
           std::shared_ptr<NativeHandle>* out) const;

 private:
  friend class NativeHandle;
  using Open = u32 (*)(const u8* uri, u32 uriLength, const u8* options, u32 optionsLength, u32* fd);
  using Read = u32 (*)(u32 fd, u8* data, u32 size, u32* done);
  using Write = u32 (*)(u32 fd, const u8* data, u32 size, u32* done);
  using Close = u32 (*)(u32 fd);

  std::string scheme_;
  Open open_ = nullptr;
  Read read_ = nullptr;
  Write write_ = nullptr;
  Close close_ = nullptr;
};

}  // namespace bls::drivers
