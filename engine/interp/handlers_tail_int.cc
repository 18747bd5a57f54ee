// Tail back end: the handlers of handlers_int.def.
#include "engine/interp/tail.h"

#if T0_HAS_TAIL
namespace bls::interp {

#define HB T0_HANDLER
#define HT T0_HANDLER
#include "engine/interp/handlers_int.def"
#undef HB
#undef HT

extern const TailRow kTailInt[];
const TailRow kTailInt[] = {
#define HB(id, body) {H::id, &tail_##id},
#define HT(id, body) {H::id, &tail_##id},
#include "engine/interp/handlers_int.def"
#undef HB
#undef HT
};
extern const u32 kTailIntCount;
const u32 kTailIntCount = sizeof kTailInt / sizeof kTailInt[0];

extern const HotRow kHotInt[];
const HotRow kHotInt[] = {T0_HOT_INT(T0_HOT_ROW)};
extern const u32 kHotIntCount;
const u32 kHotIntCount = sizeof kHotInt / sizeof kHotInt[0];

}  // namespace bls::interp
#endif
