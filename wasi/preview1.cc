// The two function tables, made from preview1.def at compile time.
#include "wasi/preview1.h"

#include <iterator>

#include "engine/host/bind.h"
#include "wasi/functions.h"

namespace bls::wasi {
namespace {

using host::Capability;

constexpr host::HostFunc kPreview1[] = {
#define WASI_FN(name, entry, entry0, capability) \
  host::bind<&entry>(#name, Capability::capability, "wasi snapshot preview1, " #name),
#define WASI_P1(name, entry, capability) WASI_FN(name, entry, entry, capability)
#include "wasi/preview1.def"
#undef WASI_P1
#undef WASI_FN
};

constexpr host::HostFunc kUnstable[] = {
#define WASI_FN(name, entry, entry0, capability) \
  host::bind<&entry0>(#name, Capability::capability, "wasi unstable preview0, " #name),
#define WASI_P1(name, entry, capability)
#include "wasi/preview1.def"
#undef WASI_P1
#undef WASI_FN
};

static_assert(std::size(kPreview1) == 46);
static_assert(std::size(kUnstable) == 45);

}  // namespace

host::HostModule preview1Module(Context& context) { return {kPreview1Name, kPreview1, &context}; }
host::HostModule unstableModule(Context& context) { return {kUnstableName, kUnstable, &context}; }

}  // namespace bls::wasi
