// The instructions that the macro assembler's vector sources name themselves, beside those of the
// table's rows.
#pragma once

#include "codegen/x64/vector_x64.h"

namespace bls::codegen::x64 {

inline constexpr VectorInst kPand = BLS_VECTOR_INST(Pand, Vpand);
inline constexpr VectorInst kPandn = BLS_VECTOR_INST(Pandn, Vpandn);
inline constexpr VectorInst kPor = BLS_VECTOR_INST(Por, Vpor);
inline constexpr VectorInst kPxor = BLS_VECTOR_INST(Pxor, Vpxor);
inline constexpr VectorInst kPaddb = BLS_VECTOR_INST(Paddb, Vpaddb);
inline constexpr VectorInst kPaddd = BLS_VECTOR_INST(Paddd, Vpaddd);
inline constexpr VectorInst kPaddq = BLS_VECTOR_INST(Paddq, Vpaddq);
inline constexpr VectorInst kPaddusb = BLS_VECTOR_INST(Paddusb, Vpaddusb);
inline constexpr VectorInst kPsubb = BLS_VECTOR_INST(Psubb, Vpsubb);
inline constexpr VectorInst kPsubq = BLS_VECTOR_INST(Psubq, Vpsubq);
inline constexpr VectorInst kPsubsw = BLS_VECTOR_INST(Psubsw, Vpsubsw);
inline constexpr VectorInst kPcmpeqd = BLS_VECTOR_INST(Pcmpeqd, Vpcmpeqd);
inline constexpr VectorInst kPcmpeqw = BLS_VECTOR_INST(Pcmpeqw, Vpcmpeqw);
inline constexpr VectorInst kPcmpgtd = BLS_VECTOR_INST(Pcmpgtd, Vpcmpgtd);
inline constexpr VectorInst kPcmpgtq = BLS_VECTOR_INST(Pcmpgtq, Vpcmpgtq);
inline constexpr VectorInst kPmullw = BLS_VECTOR_INST(Pmullw, Vpmullw);
inline constexpr VectorInst kPmuludq = BLS_VECTOR_INST(Pmuludq, Vpmuludq);
inline constexpr VectorInst kPmulhrsw = BLS_VECTOR_INST(Pmulhrsw, Vpmulhrsw);
inline constexpr VectorInst kPmaddwd = BLS_VECTOR_INST(Pmaddwd, Vpmaddwd);
inline constexpr VectorInst kPmaddubsw = BLS_VECTOR_INST(Pmaddubsw, Vpmaddubsw);
inline constexpr VectorInst kPmaxsd = BLS_VECTOR_INST(Pmaxsd, Vpmaxsd);
inline constexpr VectorInst kPacksswb = BLS_VECTOR_INST(Packsswb, Vpacksswb);
inline constexpr VectorInst kPackuswb = BLS_VECTOR_INST(Packuswb, Vpackuswb);
inline constexpr VectorInst kPblendw = BLS_VECTOR_INST(Pblendw, Vpblendw);
inline constexpr VectorInst kPalignr = BLS_VECTOR_INST(Palignr, Vpalignr);
inline constexpr VectorInst kPsllw = BLS_VECTOR_INST(Psllw, Vpsllw);
inline constexpr VectorInst kPsllq = BLS_VECTOR_INST(Psllq, Vpsllq);
inline constexpr VectorInst kPsraw = BLS_VECTOR_INST(Psraw, Vpsraw);
inline constexpr VectorInst kPsrad = BLS_VECTOR_INST(Psrad, Vpsrad);
inline constexpr VectorInst kPsrlw = BLS_VECTOR_INST(Psrlw, Vpsrlw);
inline constexpr VectorInst kPsrld = BLS_VECTOR_INST(Psrld, Vpsrld);
inline constexpr VectorInst kPsrlq = BLS_VECTOR_INST(Psrlq, Vpsrlq);
inline constexpr VectorInst kPshufb = BLS_VECTOR_INST(Pshufb, Vpshufb);
inline constexpr VectorInst kPshufd = BLS_VECTOR_INST(Pshufd, Vpshufd);
inline constexpr VectorInst kPshuflw = BLS_VECTOR_INST(Pshuflw, Vpshuflw);
inline constexpr VectorInst kShufps = BLS_VECTOR_INST(Shufps, Vshufps);
inline constexpr VectorInst kMovddup = BLS_VECTOR_INST(Movddup, Vmovddup);
inline constexpr VectorInst kMovsd = BLS_VECTOR_INST(Movsd, Vmovsd);
inline constexpr VectorInst kInsertps = BLS_VECTOR_INST(Insertps, Vinsertps);
inline constexpr VectorInst kPtest = BLS_VECTOR_INST(Ptest, Vptest);
inline constexpr VectorInst kPunpcklbw = BLS_VECTOR_INST(Punpcklbw, Vpunpcklbw);
inline constexpr VectorInst kPunpcklwd = BLS_VECTOR_INST(Punpcklwd, Vpunpcklwd);
inline constexpr VectorInst kPunpckldq = BLS_VECTOR_INST(Punpckldq, Vpunpckldq);
inline constexpr VectorInst kPunpcklqdq = BLS_VECTOR_INST(Punpcklqdq, Vpunpcklqdq);
inline constexpr VectorInst kPunpckhbw = BLS_VECTOR_INST(Punpckhbw, Vpunpckhbw);
inline constexpr VectorInst kPunpckhwd = BLS_VECTOR_INST(Punpckhwd, Vpunpckhwd);
inline constexpr VectorInst kPunpckhdq = BLS_VECTOR_INST(Punpckhdq, Vpunpckhdq);
inline constexpr VectorInst kPunpckhqdq = BLS_VECTOR_INST(Punpckhqdq, Vpunpckhqdq);
inline constexpr VectorInst kPinsrb = BLS_VECTOR_INST(Pinsrb, Vpinsrb);
inline constexpr VectorInst kPinsrw = BLS_VECTOR_INST(Pinsrw, Vpinsrw);
inline constexpr VectorInst kMovss = BLS_VECTOR_INST(Movss, Vmovss);
inline constexpr VectorInst kAndps = BLS_VECTOR_INST(Andps, Vandps);
inline constexpr VectorInst kAndnps = BLS_VECTOR_INST(Andnps, Vandnps);
inline constexpr VectorInst kOrps = BLS_VECTOR_INST(Orps, Vorps);
inline constexpr VectorInst kCmpps = BLS_VECTOR_INST(Cmpps, Vcmpps);
inline constexpr VectorInst kCmppd = BLS_VECTOR_INST(Cmppd, Vcmppd);
inline constexpr VectorInst kAddps = BLS_VECTOR_INST(Addps, Vaddps);
inline constexpr VectorInst kAddpd = BLS_VECTOR_INST(Addpd, Vaddpd);
inline constexpr VectorInst kSubps = BLS_VECTOR_INST(Subps, Vsubps);
inline constexpr VectorInst kSubpd = BLS_VECTOR_INST(Subpd, Vsubpd);
inline constexpr VectorInst kMulps = BLS_VECTOR_INST(Mulps, Vmulps);
inline constexpr VectorInst kMaxps = BLS_VECTOR_INST(Maxps, Vmaxps);
inline constexpr VectorInst kMaxpd = BLS_VECTOR_INST(Maxpd, Vmaxpd);
inline constexpr VectorInst kMinpd = BLS_VECTOR_INST(Minpd, Vminpd);
inline constexpr VectorInst kRoundpd = BLS_VECTOR_INST(Roundpd, Vroundpd);
inline constexpr VectorInst kUnpcklps = BLS_VECTOR_INST(Unpcklps, Vunpcklps);
inline constexpr VectorInst kCvtdq2ps = BLS_VECTOR_INST(Cvtdq2ps, Vcvtdq2ps);
inline constexpr VectorInst kCvttps2dq = BLS_VECTOR_INST(Cvttps2dq, Vcvttps2dq);
inline constexpr VectorInst kCvttpd2dq = BLS_VECTOR_INST(Cvttpd2dq, Vcvttpd2dq);

}  // namespace bls::codegen::x64
