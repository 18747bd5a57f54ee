// ByteWriter and the section order of ModuleWriter: what is written reads back.
#include <gtest/gtest.h>

#include "engine/base/byte_reader.h"
#include "engine/encode/module_writer.h"
#include "engine/encode/name_writer.h"
#include "engine/encode/type_writer.h"

namespace bls {
namespace {

TEST(ByteWriter, unsignedNumbersReadBackInShortestForm) {
  for (u64 value : {u64{0}, u64{127}, u64{128}, u64{16383}, u64{16384}, u64{1} << 32, ~u64{0}}) {
    ByteWriter out;
    out.lebU64(value);
    Diagnostics diag;
    ByteReader in(out.span(), 0, &diag);
    u64 back = 1;
    ASSERT_TRUE(in.lebU64(&back).ok());
    EXPECT_EQ(back, value);
    EXPECT_TRUE(in.atEnd());
    if (out.size() > 1) EXPECT_NE(out.span().back(), 0) << "padded";
  }
}

TEST(ByteWriter, signedNumbersReadBackInShortestForm) {
  for (i64 value : {i64{0}, i64{63}, i64{64}, i64{-64}, i64{-65}, i64{-1}, i64{1} << 40, INT64_MIN,
                    INT64_MAX}) {
    ByteWriter out;
    out.lebI64(value);
    Diagnostics diag;
    ByteReader in(out.span(), 0, &diag);
    i64 back = 1;
    ASSERT_TRUE(in.lebI64(&back).ok());
    EXPECT_EQ(back, value);
    EXPECT_TRUE(in.atEnd());
  }
  ByteWriter minusOne;
  minusOne.lebI64(-1);
  EXPECT_EQ(minusOne.size(), 1u);
}

TEST(TypeWriter, nullableAbstractReferencesTakeOneByte) {
  ByteWriter out;
  writeValType(out, ValType::funcref());
  EXPECT_EQ(out.take(), (std::vector<u8>{0x70}));
  ByteWriter nonNull;
  writeValType(nonNull, ValType::ref(HeapType::Func, false));
  EXPECT_EQ(nonNull.take(), (std::vector<u8>{0x64, 0x70}));
  ByteWriter concrete;
  writeValType(concrete, ValType::ref(HeapType::concrete(64), true));
  EXPECT_EQ(concrete.take(), (std::vector<u8>{0x63, 0xc0, 0x00}));
}

TEST(ModuleWriter, putsTheTagSectionBetweenMemoryAndGlobal) {
  ModuleWriter writer;
  for (SectionId id : {SectionId::Global, SectionId::Tag, SectionId::Memory}) {
    writer.section(id).count = 1;
    writer.section(id).body.byte(0x55);
  }
  std::vector<u8> bytes = writer.finish();
  EXPECT_EQ((std::vector<u8>(bytes.begin() + 8, bytes.end())),
            (std::vector<u8>{5, 2, 1, 0x55, 13, 2, 1, 0x55, 6, 2, 1, 0x55}));
}

TEST(ModuleWriter, customSectionsStandWhereTheyWerePut) {
  ModuleWriter writer;
  writer.section(SectionId::Code).count = 1;
  writer.section(SectionId::Code).body.byte(0x55);
  writer.custom({true, true, SectionId::Custom}, "z", {});
  writer.custom({false, false, SectionId::Code}, "b", {});
  writer.custom({false, true, SectionId::Custom}, "a", {});
  std::vector<u8> bytes = writer.finish();
  EXPECT_EQ((std::vector<u8>(bytes.begin() + 8, bytes.end())),
            (std::vector<u8>{0, 2, 1, 'a', 0, 2, 1, 'b', 10, 2, 1, 0x55, 0, 2, 1, 'z'}));
}

TEST(NameSection, emptyMapsAreLeftOut) {
  NameSection names;
  EXPECT_TRUE(names.empty());
  names.funcs.push_back({3, "f"});
  EXPECT_EQ(names.encode(), (std::vector<u8>{1, 4, 1, 3, 1, 'f'}));
}

}  // namespace
}  // namespace bls
