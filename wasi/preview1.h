// The two WASI import modules as sets of host functions over one Context: `wasi_snapshot_preview1`
// (46 functions) and `wasi_unstable`, preview 0 (45, other structure layouts). Both may be linked
// into the same guest and share descriptors. The list is preview1.def. Spec: wasi snapshot preview1
// (witx), wasi unstable.
#pragma once

#include "engine/host/host_module.h"
#include "wasi/context.h"

namespace bls::wasi {

constexpr const char* kPreview1Name = "wasi_snapshot_preview1";
constexpr const char* kUnstableName = "wasi_unstable";

/// `context` outlives every store the module is linked into.
host::HostModule preview1Module(Context& context);
host::HostModule unstableModule(Context& context);

}  // namespace bls::wasi
