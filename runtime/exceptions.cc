// References and uncaught exceptions in the hands of the embedder.
#include <cstring>

#include "engine/gc/values.h"
#include "engine/instance/extern.h"
#include "engine/module/type_canon.h"
#include "runtime/runtime.h"

namespace bls::embed {

void Store::release(const Value& reference) {
  gc::Heap* heap = gc::Heap::ifAny(&objects());
  if (heap == nullptr || !reference.type.isRef()) return;
  const gc::RefKind kind = gc::refKindOf(reference.type);
  const bool isHandle = kind == gc::RefKind::Heap ||
                        (kind == gc::RefKind::Extern && (reference.lo & gc::kExternTag) != 0);
  if (isHandle) heap->releaseHandle(reference.lo & ~gc::kExternTag);
}

Expected<ThrownException> Store::takeException() {
  gc::Heap* heap = gc::Heap::ifAny(&objects());
  if (heap == nullptr || heap->pendingException() == 0)
    return Failure::of(ErrorClass::Config, "no exception has left a call of this store");
  const u64 ref = heap->pendingException();
  heap->setPendingException(0);
  ThrownException thrown;
  const u8* object = heap->base() + ref;
  thrown.tag = gc::exceptionTag(object);
  const u8* slot = object + gc::kExceptionPayload;
  for (ValType type : TypeRegistry::global().type(thrown.tag->canonType).func.params) {
    Value value{type, 0, 0};
    std::memcpy(&value.lo, slot, sizeof value.lo);
    if (type.slots() == 2) std::memcpy(&value.hi, slot + sizeof value.lo, sizeof value.hi);
    if (type.isRef()) value.lo = gc::toHost(&objects(), type, value.lo);
    thrown.payload.push_back(value);
    slot += size_t{8} * type.slots();
  }
  return thrown;
}

bool ThrownException::hasTag(const Instance& instance, std::string_view exportName) const {
  Extern found;
  return instance.object() != nullptr && findExport(instance.object(), exportName, &found) &&
         found.kind == ExternKind::Tag && found.tag == tag;
}

}  // namespace bls::embed
