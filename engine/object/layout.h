// Where compiled code finds the fields of run-time objects: byte offsets, generated from the same
// tables as the structs (exec_ctx.def, instance.def) or taken from the struct itself.
#pragma once

#include <cstddef>

#include "engine/object/instance.h"

namespace bls::layout {

static_assert(std::is_standard_layout_v<ExecCtx> && std::is_standard_layout_v<Instance> &&
              std::is_standard_layout_v<FuncCode> && std::is_standard_layout_v<FuncObj>);

/// Offsets in ExecCtx: layout::cx::fuel …
namespace cx {
#define CX_FIELD(name, type, meaning) constexpr i32 name = offsetof(ExecCtx, name);
#include "engine/object/exec_ctx.def"
#undef CX_FIELD
}  // namespace cx

/// Offsets in Instance: layout::instance::tables …
namespace instance {
#define INST_FIELD(name, type, meaning) constexpr i32 name = offsetof(Instance, name);
#include "engine/object/instance.def"
#undef INST_FIELD
}  // namespace instance

namespace code {
constexpr i32 native = offsetof(FuncCode, native);
}
namespace func {
constexpr i32 host = offsetof(FuncObj, host);
constexpr i32 code = offsetof(FuncObj, code);
constexpr i32 instance = offsetof(FuncObj, instance);
constexpr i32 canonType = offsetof(FuncObj, canonType);
constexpr i32 slots = offsetof(FuncObj, slots);
}  // namespace func
namespace table {
constexpr i32 entries = offsetof(TableObj, entries);
constexpr i32 refs = offsetof(TableObj, refs);
constexpr i32 size = offsetof(TableObj, size);
}  // namespace table
namespace entry {
constexpr i32 code = offsetof(TableEntry, code);
constexpr i32 instance = offsetof(TableEntry, instance);
constexpr i32 canonType = offsetof(TableEntry, canonType);
constexpr i32 func = offsetof(TableEntry, func);
constexpr u32 kShift = 5;
static_assert(sizeof(TableEntry) == 1 << kShift);
}  // namespace entry

namespace memory {
constexpr i32 base = offsetof(MemoryObj, base);
constexpr i32 size = offsetof(MemoryObj, size);
}  // namespace memory

}  // namespace bls::layout
