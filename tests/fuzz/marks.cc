// withMarks(): a module with a call of function 0 before every instruction, which is told the
// instruction. Works on the bytes of generated modules, whose function 0 is an import.
#include "engine/base/check.h"
#include "engine/decode/walk.h"
#include "tests/fuzz/agree.h"

namespace bls::test {
namespace {

struct Marker {
  WalkPosition position;
  const u8* copied;
  Bytes* out;
  template <Op O, class Imm>
  Status on(OpTag<O>, const Imm&) {
    out->push_back(0x41);
    putI64(*out, static_cast<i64>(O));
    out->push_back(0x10);
    out->push_back(0);
    out->insert(out->end(), position.op, position.next);
    copied = position.next;
    return {};
  }
};

Bytes markedBody(ByteReader body) {
  Bytes out;
  const u8* begin = body.pos();
  u32 groups = 0, count = 0;
  ValType type;
  CHECK(body.lebU32(&groups).ok());
  for (u32 i = 0; i < groups; ++i) {
    CHECK(body.lebU32(&count).ok());
    CHECK(readValType(body, Features::all(), &type).ok());
  }
  out.insert(out.end(), begin, body.pos());
  Marker sink{{}, body.pos(), &out};
  CHECK(walkBody<false>(body, sink, Features::all()).ok());
  return out;
}

}  // namespace

Bytes withMarks(const Bytes& module) {
  Diagnostics diag;
  ByteReader in(module, 0, &diag);
  Bytes out(module.begin(), module.begin() + 8);
  in.setPos(module.data() + 8);
  while (in.pos() != in.end()) {
    u8 id = 0;
    u32 size = 0;
    CHECK(in.byte(&id).ok() && in.lebU32(&size).ok());
    Bytes content(in.pos(), in.pos() + size);
    in.setPos(in.pos() + size);
    if (id == 10) {
      ByteReader code(content, 0, &diag);
      Bytes marked;
      u32 bodies = 0;
      CHECK(code.lebU32(&bodies).ok());
      putU32(marked, bodies);
      for (u32 i = 0; i < bodies; ++i) {
        CHECK(code.lebU32(&size).ok());
        Bytes body = markedBody(ByteReader({code.pos(), size}, 0, &diag));
        code.setPos(code.pos() + size);
        putU32(marked, body.size());
        marked.insert(marked.end(), body.begin(), body.end());
      }
      content = marked;
    }
    putSection(out, id, content);
  }
  return out;
}

}  // namespace bls::test
