#include "extensions/cgi/held_program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <vector>

#include "engine/base/ints.h"
#include "extensions/helper/spawn.h"

namespace bls::extensions::cgi {
namespace {

constexpr i64 kMaxScript = i64{64} << 20;
constexpr size_t kPiece = size_t{64} << 10;

sigset_t leaseSignal() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGIO);
  return set;
}

bool writeAll(int fd, const char* bytes, size_t size) {
  while (size > 0) {
    const ssize_t done = write(fd, bytes, size);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    bytes += done;
    size -= static_cast<size_t>(done);
  }
  return true;
}

}  // namespace

bool HeldProgram::copy(int program, std::string* why) {
  file_ = memfd_create("script", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  copied_ = file_ >= 0;
  std::vector<char> piece(kPiece);
  bool whole = false;
  for (i64 at = 0; copied_ && !whole;) {
    const ssize_t got = pread(program, piece.data(), piece.size(), at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 || !writeAll(file_, piece.data(), static_cast<size_t>(got))) break;
    whole = got == 0;
    at += got;
    if (at > kMaxScript) {
      *why = "as a script it is too large";
      return false;
    }
  }
  constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  if (whole && fcntl(file_, F_ADD_SEALS, kSeals) == 0) return true;
  *why = strerror(errno);
  return false;
}

bool HeldProgram::hold(int program, std::string* why) {
  release();
  if (isScript(program)) return copy(program, why);
  file_ = program;
  const sigset_t signal = leaseSignal();
  sigprocmask(SIG_BLOCK, &signal, nullptr);
  leased_ = fcntl(program, F_SETLEASE, F_RDLCK) == 0;
  if (leased_) return true;
  const bool written = errno == EAGAIN;
  sigprocmask(SIG_UNBLOCK, &signal, nullptr);
  if (written) *why = "somebody has it open to write";
  return !written;
}

void HeldProgram::release() {
  if (copied_) close(file_);
  if (leased_) {
    fcntl(file_, F_SETLEASE, F_UNLCK);
    // Who asked for it meanwhile has it now.
    const sigset_t signal = leaseSignal();
    const timespec none{};
    while (sigtimedwait(&signal, nullptr, &none) > 0) {
    }
    sigprocmask(SIG_UNBLOCK, &signal, nullptr);
  }
  file_ = -1;
  copied_ = leased_ = false;
}

}  // namespace bls::extensions::cgi
