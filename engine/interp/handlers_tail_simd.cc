// Tail back end: the handlers of handlers_simd.def.
#include "engine/interp/tail.h"

#if T0_HAS_TAIL
namespace bls::interp {

#define HB T0_HANDLER
#define HT T0_HANDLER
#include "engine/interp/handlers_simd.def"
#undef HB
#undef HT

extern const TailRow kTailSimd[];
const TailRow kTailSimd[] = {
#define HB(id, body) {H::id, &tail_##id},
#define HT(id, body) {H::id, &tail_##id},
#include "engine/interp/handlers_simd.def"
#undef HB
#undef HT
};
extern const u32 kTailSimdCount;
const u32 kTailSimdCount = sizeof kTailSimd / sizeof kTailSimd[0];

extern const HotRow kHotSimd[];
const HotRow kHotSimd[] = {T0_HOT_SIMD(T0_HOT_ROW)};
extern const u32 kHotSimdCount;
const u32 kHotSimdCount = sizeof kHotSimd / sizeof kHotSimd[0];

}  // namespace bls::interp
#endif
