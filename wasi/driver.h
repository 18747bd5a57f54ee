// Moving bytes to and from a stream of a native driver (FdKind::Driver). Entry points: readDriver,
// writeDriver. Reference: hostcalls, section 9; threat model DRV-2.
#pragma once

#include "wasi/iov.h"

namespace bls::wasi {

/// One call of the driver, with the first buffer of the list that is not empty and at most
/// kMaxDriverBytes of it. The driver sees a copy, never guest memory. Errors: what the driver says;
/// Io when it claims to have moved more than it was given; NoMem; Intr with the trap raised.
Errno readDriver(Call& call, Descriptor& desc, IovBatch& batch, u64* total);
Errno writeDriver(Call& call, Descriptor& desc, IovBatch& batch, u64* total);

constexpr u64 kMaxDriverBytes = u64{1} << 20;

}  // namespace bls::wasi
