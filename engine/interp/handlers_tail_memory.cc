// Tail back end: the handlers of handlers_memory.def.
#include "engine/interp/tail.h"

#if T0_HAS_TAIL
namespace bls::interp {

#define HB T0_HANDLER
#define HT T0_HANDLER
#include "engine/interp/handlers_memory.def"
#undef HB
#undef HT

extern const TailRow kTailMemory[];
const TailRow kTailMemory[] = {
#define HB(id, body) {H::id, &tail_##id},
#define HT(id, body) {H::id, &tail_##id},
#include "engine/interp/handlers_memory.def"
#undef HB
#undef HT
};
extern const u32 kTailMemoryCount;
const u32 kTailMemoryCount = sizeof kTailMemory / sizeof kTailMemory[0];

extern const HotRow kHotMemory[];
const HotRow kHotMemory[] = {T0_HOT_MEMORY(T0_HOT_ROW)};
extern const u32 kHotMemoryCount;
const u32 kHotMemoryCount = sizeof kHotMemory / sizeof kHotMemory[0];

}  // namespace bls::interp
#endif
