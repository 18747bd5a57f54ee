// The rows of all handler tables again, as text.
#include "tools/explain/cell_names.h"

#include <iterator>

namespace bls::tools {
namespace {

constexpr const char* kNames[] = {
#define HB(id, body) #id,
#define HT(id, body) #id,
#include "engine/interp/handlers_all.def"
#undef HB
#undef HT
};

}  // namespace

const char* cellName(u64 handler) { return handler < std::size(kNames) ? kNames[handler] : "?"; }

}  // namespace bls::tools
