// x86-64 for the verifier, decoded by Zydis.
#include <Zydis/Zydis.h>

#include "codegen/verify/machine.h"

namespace bls::codegen::verify {

// rbx, r14, r15, r12, rsp, r11, rax
const Roles kRoles{3, 14, 15, 12, 4, 11, 0};

namespace {

struct Decoded {
  ZydisDecodedInstruction head;
  ZydisDecodedOperand ops[ZYDIS_MAX_OPERAND_COUNT];
};

u32 numberOf(ZydisRegister reg) {
  const ZydisRegister whole = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg);
  if (ZydisRegisterGetClass(whole) != ZYDIS_REGCLASS_GPR64) return kNoReg;
  return static_cast<u32>(ZydisRegisterGetId(whole));
}
bool isReg(const ZydisDecodedOperand& op, u32 bits) {
  return op.type == ZYDIS_OPERAND_TYPE_REGISTER && op.size == bits &&
         numberOf(op.reg.value) != kNoReg;
}
u32 regOf(const ZydisDecodedOperand& op) { return numberOf(op.reg.value); }
bool isImm(const ZydisDecodedOperand& op) { return op.type == ZYDIS_OPERAND_TYPE_IMMEDIATE; }
bool isMem(const ZydisDecodedOperand& op) { return op.type == ZYDIS_OPERAND_TYPE_MEMORY; }

Place placeOf(const ZydisDecodedOperand& op, u32 next) {
  Place place;
  place.bytes = op.size / 8;
  place.disp = op.mem.disp.has_displacement ? op.mem.disp.value : 0;
  if (op.mem.base == ZYDIS_REGISTER_RIP) {
    place.inCode = true;
    place.disp += next;
    return place;
  }
  place.base = op.mem.base == ZYDIS_REGISTER_NONE ? kNoReg : numberOf(op.mem.base);
  if (op.mem.index != ZYDIS_REGISTER_NONE) {
    place.index = numberOf(op.mem.index);
    place.scale = op.mem.scale;
  }
  return place;
}

void flowOf(const Decoded& in, Inst* out) {
  const ZydisDecodedOperand& to = in.ops[0];
  switch (in.head.meta.category) {
    case ZYDIS_CATEGORY_COND_BR:
      out->flow = Inst::Branch;
      out->onBelow = in.head.mnemonic == ZYDIS_MNEMONIC_JB;
      break;
    case ZYDIS_CATEGORY_UNCOND_BR:
      out->flow = isImm(to) ? Inst::Jump : isMem(to) ? Inst::Leave : Inst::JumpReg;
      break;
    case ZYDIS_CATEGORY_CALL: out->flow = Inst::Call; return;
    case ZYDIS_CATEGORY_RET: out->flow = Inst::Return; return;
    default:
      if (in.head.mnemonic == ZYDIS_MNEMONIC_UD2) out->flow = Inst::Stop;
      return;
  }
  if (isImm(to)) out->target = out->next + static_cast<u32>(to.imm.value.s);
}

void moveOf(const Decoded& in, Inst* out) {
  const ZydisDecodedOperand& to = in.ops[0];
  const ZydisDecodedOperand& from = in.ops[1];
  if (isImm(from) && (isReg(to, 64) || isReg(to, 32))) {
    out->effect = Inst::Constant;
    out->n = to.size == 32 ? static_cast<u32>(from.imm.value.u) : from.imm.value.u;
  } else if (isReg(to, 64) && isReg(from, 64)) {
    out->effect = Inst::Copy;
    out->a = regOf(from);
  } else if (isReg(to, 32) && isReg(from, 32)) {
    out->effect = Inst::CopyLow;
    out->a = regOf(from);
  } else if (isReg(to, 64) && isMem(from)) {
    out->effect = Inst::Load;
  } else {
    return;
  }
  out->d = regOf(to);
}

/// d plus or minus a constant.
void stepOf(const Decoded& in, Inst* out) {
  out->effect = Inst::Address;
  out->d = regOf(in.ops[0]);
  out->address.base = out->d;
  const i64 by = in.ops[1].imm.value.s;
  out->address.disp = in.head.mnemonic == ZYDIS_MNEMONIC_ADD ? by : -by;
}

void effectOf(const Decoded& in, Inst* out) {
  const ZydisDecodedOperand* ops = in.ops;
  switch (in.head.mnemonic) {
    case ZYDIS_MNEMONIC_MOV: moveOf(in, out); break;
    case ZYDIS_MNEMONIC_LEA:
      if (!isReg(ops[0], 64)) break;
      out->effect = Inst::Address;
      out->d = regOf(ops[0]);
      out->address = placeOf(ops[1], out->next);
      break;
    case ZYDIS_MNEMONIC_ADD:
    case ZYDIS_MNEMONIC_SUB:
      if (isReg(ops[0], 64) && isImm(ops[1])) {
        stepOf(in, out);
      } else if (in.head.mnemonic == ZYDIS_MNEMONIC_ADD && isReg(ops[0], 64) && isReg(ops[1], 64)) {
        out->effect = Inst::Sum;
        out->d = out->a = regOf(ops[0]);
        out->b = regOf(ops[1]);
      }
      break;
    case ZYDIS_MNEMONIC_SHR:
      if (!isReg(ops[0], 64) || !isImm(ops[1])) break;
      out->effect = Inst::ShiftRight;
      out->d = out->a = regOf(ops[0]);
      out->n = ops[1].imm.value.u;
      break;
    case ZYDIS_MNEMONIC_CMP:
      if (!isReg(ops[1], 64)) break;
      out->b = regOf(ops[1]);
      if (isReg(ops[0], 64)) {
        out->effect = Inst::CompareReg;
        out->a = regOf(ops[0]);
      } else if (isMem(ops[0])) {
        out->effect = Inst::CompareMem;
      }
      break;
    case ZYDIS_MNEMONIC_PUSH:
      if (!isReg(ops[0], 64)) break;
      out->effect = Inst::Push;
      out->a = regOf(ops[0]);
      break;
    case ZYDIS_MNEMONIC_POP:
      if (!isReg(ops[0], 64)) break;
      out->effect = Inst::Pop;
      out->d = regOf(ops[0]);
      break;
    default:
      if (in.head.meta.category == ZYDIS_CATEGORY_CMOV && isReg(ops[0], 64) && isReg(ops[1], 64)) {
        out->effect = Inst::Pick;
        out->d = out->a = regOf(ops[0]);
        out->b = regOf(ops[1]);
      }
  }
}

/// The stack pointer of push, pop, call and ret is not listed.
bool writesOf(const Decoded& in, Inst* out) {
  const bool movesStack =
      in.head.meta.category == ZYDIS_CATEGORY_PUSH || in.head.meta.category == ZYDIS_CATEGORY_POP ||
      in.head.meta.category == ZYDIS_CATEGORY_CALL || in.head.meta.category == ZYDIS_CATEGORY_RET;
  for (u32 i = 0; i < in.head.operand_count; ++i) {
    const ZydisDecodedOperand& op = in.ops[i];
    if (op.type != ZYDIS_OPERAND_TYPE_REGISTER) continue;
    if ((op.actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) == 0) continue;
    const u32 reg = numberOf(op.reg.value);
    if (reg == kNoReg || (movesStack && reg == kRoles.stack)) continue;
    if (out->writeCount == std::size(out->writes)) return false;
    // A conditional move of 32 bits clears the upper half either way; cmpxchg may leave it.
    const bool always = (op.actions & ZYDIS_OPERAND_ACTION_CONDWRITE) == 0 ||
                        in.head.meta.category == ZYDIS_CATEGORY_CMOV;
    const auto high = op.size == 32 && always ? Inst::Write::Zero
                      : op.size <= 32         ? Inst::Write::Kept
                                              : Inst::Write::Any;
    out->writes[out->writeCount++] = {reg, high};
  }
  return true;
}

}  // namespace

bool decode(std::span<const u8> code, u32 at, Inst* out) {
  if (at >= code.size()) return false;
  ZydisDecoder decoder;
  ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
  Decoded in;
  if (!ZYAN_SUCCESS(
          ZydisDecoderDecodeFull(&decoder, code.data() + at, code.size() - at, &in.head, in.ops))) {
    return false;
  }
  if (in.head.address_width != 64) return false;
  *out = {};
  out->at = at;
  out->next = at + in.head.length;
  flowOf(in, out);
  effectOf(in, out);
  if (in.head.cpu_flags != nullptr) {
    const ZydisAccessedFlags& flags = *in.head.cpu_flags;
    out->setsFlags = (flags.modified | flags.undefined | flags.set_0 | flags.set_1) != 0;
  }
  for (u32 i = 0; i < in.head.operand_count; ++i) {
    const ZydisDecodedOperand& op = in.ops[i];
    if (!isMem(op) || op.mem.type == ZYDIS_MEMOP_TYPE_AGEN) continue;
    if (in.head.mnemonic == ZYDIS_MNEMONIC_NOP) continue;
    if (op.mem.segment == ZYDIS_REGISTER_FS || op.mem.segment == ZYDIS_REGISTER_GS) return false;
    if (out->placeCount == std::size(out->places)) return false;
    out->places[out->placeCount++] = placeOf(op, out->next);
  }
  return writesOf(in, out);
}

}  // namespace bls::codegen::verify
