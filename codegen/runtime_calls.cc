// The run-time library of compiled code: ordinary functions that its stubs call. They see the frame
// of the callee, or the operands of the instruction, in slots; the stub has described the native
// frames in the control records (kNativeFrames) and published the fuel.
#include <string>

#include "codegen/frames.h"
#include "codegen/target.h"
#include "engine/exec/atomic_ops.h"
#include "engine/exec/bulk_memory.h"
#include "engine/exec/entry.h"
#include "engine/exec/gc_ops.h"
#include "engine/exec/table_ops.h"
#include "engine/gc/values.h"
#include "engine/module/type_canon.h"

namespace bls::codegen {
namespace {

Trap callHostObject(ExecCtx* cx, u64* frame, u64 func, u64, u64) {
  return callHost(cx, reinterpret_cast<FuncObj*>(func), frame);
}

BulkCost unpackCost(u64 packed) { return {0, static_cast<u32>(packed), packed >> 32 != 0}; }

// Spec: exec/instructions, call_indirect.
Trap lookUpTable(ExecCtx* cx, u64* frame, u64 index, u64 tableIndex, u64 expected) {
  const TableObj* table = cx->instance->tables[tableIndex];
  if (index >= table->size) return Trap::UndefinedElement;
  const TableEntry& entry = table->entries[index];
  if (entry.func == nullptr) {
    if (cx->trapDetail != nullptr) *cx->trapDetail = std::to_string(index);
    return Trap::UninitializedElement;
  }
  if (entry.canonType != expected &&
      !TypeRegistry::global().isSubtype(static_cast<u32>(entry.canonType),
                                        static_cast<u32>(expected))) {
    return Trap::IndirectCallMismatch;
  }
  *frame = reinterpret_cast<u64>(entry.func);
  return Trap::None;
}

u64 findInTable(ExecCtx* cx, u64 index, u64 tableIndex, u64 expected) {
  u64 func = 0;
  const Trap trap = lookUpTable(cx, &func, index, tableIndex, expected);
  return trap == Trap::None ? func : static_cast<u64>(trap);
}

Trap grow(ExecCtx* cx, u64* frame, u64 memory, u64, u64 cost) {
  return memoryGrow(cx, frame, static_cast<u32>(memory), unpackCost(cost));
}
Trap fill(ExecCtx* cx, u64* frame, u64 memory, u64, u64 cost) {
  return memoryFill(cx, frame, static_cast<u32>(memory), unpackCost(cost));
}
Trap copy(ExecCtx* cx, u64* frame, u64 to, u64 from, u64 cost) {
  return memoryCopy(cx, frame, static_cast<u32>(to), static_cast<u32>(from), unpackCost(cost));
}
Trap init(ExecCtx* cx, u64* frame, u64 segment, u64 memory, u64 cost) {
  return memoryInit(cx, frame, static_cast<u32>(segment), static_cast<u32>(memory),
                    unpackCost(cost));
}
Trap drop(ExecCtx* cx, u64*, u64 segment, u64, u64) {
  dataDrop(cx, static_cast<u32>(segment));
  return Trap::None;
}

// Objects. `a` is a layout.
const gc::GcLayout& layoutIn(u64 a) { return *reinterpret_cast<const gc::GcLayout*>(a); }

Trap newStruct(ExecCtx* cx, u64* frame, u64 layout, u64, u64) {
  return structNew(cx, frame, layoutIn(layout));
}
Trap newStructDefault(ExecCtx* cx, u64* frame, u64 layout, u64, u64) {
  return structNewDefault(cx, frame, layoutIn(layout));
}
Trap newArray(ExecCtx* cx, u64* frame, u64 layout, u64, u64 cost) {
  return arrayNew(cx, frame, layoutIn(layout), unpackCost(cost));
}
Trap newArrayDefault(ExecCtx* cx, u64* frame, u64 layout, u64, u64 cost) {
  return arrayNewDefault(cx, frame, layoutIn(layout), unpackCost(cost));
}
Trap newArrayFixed(ExecCtx* cx, u64* frame, u64 layout, u64 length, u64) {
  return arrayNewFixed(cx, frame, layoutIn(layout), static_cast<u32>(length));
}
Trap newArrayData(ExecCtx* cx, u64* frame, u64 layout, u64 segment, u64 cost) {
  return arrayNewData(cx, frame, layoutIn(layout), static_cast<u32>(segment), unpackCost(cost));
}
Trap newArrayElem(ExecCtx* cx, u64* frame, u64 layout, u64 segment, u64 cost) {
  return arrayNewElem(cx, frame, layoutIn(layout), static_cast<u32>(segment), unpackCost(cost));
}
Trap fillArray(ExecCtx* cx, u64* frame, u64 layout, u64, u64 cost) {
  return arrayFill(cx, frame, layoutIn(layout), unpackCost(cost));
}
Trap copyArray(ExecCtx* cx, u64* frame, u64 layout, u64, u64 cost) {
  return arrayCopy(cx, frame, layoutIn(layout), unpackCost(cost));
}
Trap initArrayData(ExecCtx* cx, u64* frame, u64 layout, u64 segment, u64 cost) {
  return arrayInitData(cx, frame, layoutIn(layout), static_cast<u32>(segment), unpackCost(cost));
}
Trap initArrayElem(ExecCtx* cx, u64* frame, u64 layout, u64 segment, u64 cost) {
  return arrayInitElem(cx, frame, layoutIn(layout), static_cast<u32>(segment), unpackCost(cost));
}
bool isOfType(ExecCtx* cx, u64 type, u64 nullable, u64 ref) {
  if (ref == 0) return nullable != 0;
  return gc::isInstanceOf(cx->heapBase, ref, HeapType::fromBits(static_cast<u32>(type)));
}
Trap testRef(ExecCtx* cx, u64* frame, u64 type, u64 nullable, u64 ref) {
  *frame = isOfType(cx, type, nullable, ref) ? 1 : 0;
  return Trap::None;
}
Trap castRef(ExecCtx* cx, u64* frame, u64 type, u64 nullable, u64 ref) {
  *frame = ref;
  return isOfType(cx, type, nullable, ref) ? Trap::None : Trap::CastFailure;
}
Trap anyFromExtern(ExecCtx* cx, u64* frame, u64, u64, u64) { return anyConvertExtern(cx, frame); }
Trap externFromAny(ExecCtx* cx, u64* frame, u64, u64, u64) { return externConvertAny(cx, frame); }

// Who catches an exception among the frames of the stretch on top of the control stack.
bool findHandler(const ExecCtx* cx, const TagObj* tag, NativeLanding* out) {
  const NativeStretch stretch = NativeStretch::of(cx->ctl - 1);
  return stretch.instance->native->findHandler(stretch, tag, out);
}

// Exceptions. An object is made only when somebody wants it: a clause, or frames that are not of
// this stretch.
u64 throwTag(ExecCtx* cx, u64* frame, u64 tagIndex, u64 slots, u64) {
  const TagObj* tag = cx->instance->tags[tagIndex];
  NativeLanding landing;
  const bool caught = findHandler(cx, tag, &landing);
  u64 ref = 0;
  if (!caught || landing.wantsObject()) {
    ref = makeException(cx, tag, frame, static_cast<u32>(slots));
    if (ref == 0) return static_cast<u64>(whyNoObject(cx));
  }
  if (caught) return land(cx, landing, {tag, static_cast<u32>(slots), frame}, ref);
  gc::Heap::ifAny(cx->store)->setPendingException(ref);
  return static_cast<u64>(Trap::UncaughtException);
}
Trap throwRef(ExecCtx* cx, u64* frame, u64, u64, u64) {
  if (*frame == 0) return Trap::NullExceptionRef;
  gc::Heap::ifAny(cx->store)->setPendingException(*frame);
  return Trap::UncaughtException;  // FinishTrap looks for who catches it
}

Trap growTable(ExecCtx* cx, u64* frame, u64 table, u64, u64 cost) {
  return tableGrow(cx, frame, static_cast<u32>(table), unpackCost(cost));
}
Trap fillTable(ExecCtx* cx, u64* frame, u64 table, u64, u64 cost) {
  return tableFill(cx, frame, static_cast<u32>(table), unpackCost(cost));
}
Trap copyTable(ExecCtx* cx, u64* frame, u64 to, u64 from, u64 cost) {
  return tableCopy(cx, frame, static_cast<u32>(to), static_cast<u32>(from), unpackCost(cost));
}
Trap initTable(ExecCtx* cx, u64* frame, u64 segment, u64 table, u64 cost) {
  return tableInit(cx, frame, static_cast<u32>(segment), static_cast<u32>(table), unpackCost(cost));
}
Trap dropElem(ExecCtx* cx, u64*, u64 segment, u64, u64) {
  elemDrop(cx, static_cast<u32>(segment));
  return Trap::None;
}
Trap refFunc(ExecCtx* cx, u64* frame, u64 func, u64, u64) {
  frame[0] = reinterpret_cast<u64>(cx->instance->funcRef(static_cast<u32>(func)));
  return Trap::None;
}

Trap wait(ExecCtx* cx, u64* frame, u64 offset, u64 memory, u64 width) {
  return atomicWait(cx, frame, static_cast<u32>(memory), offset, static_cast<u32>(width));
}
Trap notify(ExecCtx* cx, u64* frame, u64 offset, u64 memory, u64) {
  return atomicNotify(cx, frame, static_cast<u32>(memory), offset);
}

// Where to go on, or null: the run ends.
const void* finishTrap(ExecCtx* cx, u64 number) {
  if (number == kLanded) return cx->ctl[-1].pc;
  const Trap trap = static_cast<Trap>(number);
  if (trap == Trap::UncaughtException) {
    gc::Heap* heap = gc::Heap::ifAny(cx->store);
    const u64 ref = heap != nullptr ? heap->pendingException() : 0;
    NativeLanding landing;
    if (ref != 0) {
      const ExceptionView thrown = viewException(cx, ref);
      if (findHandler(cx, thrown.tag, &landing)) {
        heap->setPendingException(0);
        cx->trace->trap = Trap::None;
        land(cx, landing, thrown, ref);
        return cx->ctl[-1].pc;
      }
    }
  }
  settleTrap(cx, trap);
  recordTrace(cx, trap);
  return nullptr;
}

u64 entryOverflow(ExecCtx* cx) { return static_cast<u64>(whyNoFrame(cx)); }
u64 refill(ExecCtx* cx) { return static_cast<u64>(refillFuel(cx)); }

const void* compileCallee(ExecCtx* cx, FuncCode* code) {
  cx->instance->native->compile(code);
  return code->native.load(std::memory_order_acquire);
}

template <class F>
const void* address(F* function) {
  return reinterpret_cast<const void*>(function);
}
// The stub looks at the whole result register, of which a Trap is one byte.
template <Trap (*F)(ExecCtx*, u64*, u64, u64, u64)>
u64 call(ExecCtx* cx, u64* frame, u64 a, u64 b, u64 c) {
  return static_cast<u64>(F(cx, frame, a, b, c));
}

}  // namespace

void fillLibrary(const void** table) {
  const auto set = [&](RuntimeCall call, const void* function) {
    table[kRuntimeCallBase + static_cast<u32>(call)] = function;
  };
  set(RuntimeCall::CallHost, address(&call<&callHostObject>));
  set(RuntimeCall::LookUpTable, address(&call<&lookUpTable>));
  set(RuntimeCall::MemoryGrow, address(&call<&grow>));
  set(RuntimeCall::MemoryFill, address(&call<&fill>));
  set(RuntimeCall::MemoryCopy, address(&call<&copy>));
  set(RuntimeCall::MemoryInit, address(&call<&init>));
  set(RuntimeCall::DataDrop, address(&call<&drop>));
  set(RuntimeCall::StructNew, address(&call<&newStruct>));
  set(RuntimeCall::StructNewDefault, address(&call<&newStructDefault>));
  set(RuntimeCall::ArrayNew, address(&call<&newArray>));
  set(RuntimeCall::ArrayNewDefault, address(&call<&newArrayDefault>));
  set(RuntimeCall::ArrayNewFixed, address(&call<&newArrayFixed>));
  set(RuntimeCall::ArrayNewData, address(&call<&newArrayData>));
  set(RuntimeCall::ArrayNewElem, address(&call<&newArrayElem>));
  set(RuntimeCall::ArrayFill, address(&call<&fillArray>));
  set(RuntimeCall::ArrayCopy, address(&call<&copyArray>));
  set(RuntimeCall::ArrayInitData, address(&call<&initArrayData>));
  set(RuntimeCall::ArrayInitElem, address(&call<&initArrayElem>));
  set(RuntimeCall::RefTest, address(&call<&testRef>));
  set(RuntimeCall::RefCast, address(&call<&castRef>));
  set(RuntimeCall::AnyConvertExtern, address(&call<&anyFromExtern>));
  set(RuntimeCall::ExternConvertAny, address(&call<&externFromAny>));
  set(RuntimeCall::ThrowRef, address(&call<&throwRef>));
  set(RuntimeCall::Throw, address(&throwTag));
  set(RuntimeCall::TableGrow, address(&call<&growTable>));
  set(RuntimeCall::TableFill, address(&call<&fillTable>));
  set(RuntimeCall::TableCopy, address(&call<&copyTable>));
  set(RuntimeCall::TableInit, address(&call<&initTable>));
  set(RuntimeCall::ElemDrop, address(&call<&dropElem>));
  set(RuntimeCall::RefFunc, address(&call<&refFunc>));
  set(RuntimeCall::AtomicWait, address(&call<&wait>));
  set(RuntimeCall::AtomicNotify, address(&call<&notify>));
  const auto setStub = [&](StubCall call, const void* function) {
    table[kStubCallBase + static_cast<u32>(call)] = function;
  };
  setStub(StubCall::Interpret, address(&leaveFrames));
  setStub(StubCall::LookUpTable, address(&findInTable));
  setStub(StubCall::FinishTrap, address(&finishTrap));
  setStub(StubCall::EntryOverflow, address(&entryOverflow));
  setStub(StubCall::Refill, address(&refill));
  setStub(StubCall::Compile, address(&compileCallee));
  for (u32 i = 0; i < kBuiltinCount; ++i) CHECK(table[i] != nullptr);
}

}  // namespace bls::codegen
