// No second thread in the wasm build, so no wall-clock limit.
#include "runtime/deadline.h"

namespace bls {

struct Deadline::Watch {};

Deadline::Deadline() = default;
Deadline::~Deadline() = default;
bool Deadline::arm(u64, Expired, void*) { return false; }
void Deadline::disarm() {}

}  // namespace bls
