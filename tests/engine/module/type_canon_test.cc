// Canonical types: iso-recursive equality across modules, subtyping by displays, matching of heap
// types.
#include "engine/module/type_canon.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "engine/module/module.h"
#include "tests/support/wasm_bytes.h"

namespace bls {
namespace {

using namespace testing_support;

std::unique_ptr<Loaded> typesOf(const char* list) {
  auto loaded = load(header() + section(1, hex(list)));
  EXPECT_EQ(loaded->line(), "valid") << list;
  return loaded;
}
u32 canon(const Loaded& loaded, u32 index) { return loaded.module->canonTypes[index]; }

TEST(TypeCanon, EqualTypesOfTwoModulesAreOne) {
  auto a = typesOf("02 60 01 7f 00 60 00 00");
  auto b = typesOf("02 60 00 00 60 01 7f 00");
  EXPECT_EQ(canon(*a, 0), canon(*b, 1));
  EXPECT_EQ(canon(*a, 1), canon(*b, 0));
  EXPECT_NE(canon(*a, 0), canon(*a, 1));
}

TEST(TypeCanon, ReferencesAreComparedByWhatTheyMean) {
  // (type 0) func; (type 1) func (param (ref null 0)): once with another type in between.
  auto a = typesOf("02 60 00 00 60 01 63 00 00");
  auto b = typesOf("03 60 01 7f 00 60 00 00 60 01 63 01 00");
  EXPECT_EQ(canon(*a, 1), canon(*b, 2));
  auto c = typesOf("02 60 01 7f 00 60 01 63 00 00");
  EXPECT_NE(canon(*a, 1), canon(*c, 1));
}

TEST(TypeCanon, PositionInAGroupAndItsSizeMatter) {
  auto alone = typesOf("01 5f 00");
  auto pair = typesOf("01 4e 02 5f 00 5f 00");
  EXPECT_NE(canon(*alone, 0), canon(*pair, 0));
  EXPECT_NE(canon(*pair, 0), canon(*pair, 1));
  auto samePair = typesOf("01 4e 02 5f 00 5f 00");
  EXPECT_EQ(canon(*pair, 1), canon(*samePair, 1));
}

TEST(TypeCanon, FinalityMutabilityAndSuperMatter) {
  auto plain = typesOf("01 5f 01 7f 00");
  auto open = typesOf("01 50 00 5f 01 7f 00");
  auto closed = typesOf("01 4f 00 5f 01 7f 00");
  auto mut = typesOf("01 5f 01 7f 01");
  EXPECT_EQ(canon(*plain, 0), canon(*closed, 0));
  EXPECT_NE(canon(*plain, 0), canon(*open, 0));
  EXPECT_NE(canon(*plain, 0), canon(*mut, 0));
}

TEST(TypeCanon, DeclaredSubtypingIsFoundThroughTheDisplay) {
  // 0 <- 1 <- 2, and 3 <- 0 beside them.
  auto m = typesOf("04 50 00 5f 00 50 01 00 5f 00 50 01 01 5f 00 50 01 00 5f 01 7f 00");
  TypeRegistry& types = TypeRegistry::global();
  EXPECT_TRUE(types.isSubtype(canon(*m, 2), canon(*m, 0)));
  EXPECT_TRUE(types.isSubtype(canon(*m, 2), canon(*m, 1)));
  EXPECT_TRUE(types.isSubtype(canon(*m, 3), canon(*m, 0)));
  EXPECT_FALSE(types.isSubtype(canon(*m, 3), canon(*m, 1)));
  EXPECT_FALSE(types.isSubtype(canon(*m, 0), canon(*m, 2)));
  EXPECT_EQ(types.depth(canon(*m, 2)), 2u);
}

TEST(TypeCanon, ACrossModuleMatrixMatchesStructuralExpectation) {
  // func types: [] -> [], [i32] -> [], [] -> [i32], [i32] -> [i32], and an open [] -> [].
  const char* list[] = {"01 60 00 00", "01 60 01 7f 00", "01 60 00 01 7f", "01 60 01 7f 01 7f",
                        "01 50 00 60 00 00"};
  for (size_t i = 0; i < std::size(list); ++i) {
    for (size_t k = 0; k < std::size(list); ++k) {
      EXPECT_EQ(canon(*typesOf(list[i]), 0) == canon(*typesOf(list[k]), 0), i == k)
          << i << " " << k;
    }
  }
  FuncType host;
  EXPECT_EQ(TypeRegistry::global().canonicalFunc(host), canon(*typesOf(list[0]), 0));
  host.params.push_back(ValType::I32);
  EXPECT_EQ(TypeRegistry::global().canonicalFunc(host), canon(*typesOf(list[1]), 0));
}

TEST(TypeCanon, TypesReadBackNameCanonicalIds) {
  auto m = typesOf("03 60 01 7f 00 60 00 00 60 01 63 01 00");
  const SubType& type = TypeRegistry::global().type(canon(*m, 2));
  EXPECT_EQ(type.func.params[0].heap().typeIndex(), canon(*m, 1));
  EXPECT_EQ(canonical(*m->module, m->module->type(2).func.params[0]), type.func.params[0]);
}

TEST(TypeCanon, FailedGroupsAreRefused) {
  TypeRegistry registry;
  SubType bad;
  bad.func.params.push_back(ValType::ref(HeapType::concrete(1), true));
  u32 id = kNoCanonType;
  EXPECT_FALSE(registry.canonicalise({&bad, 1}, 0, 1, {&id, 1}));
  EXPECT_EQ(registry.size(), 0u);
}

TEST(TypeCanon, ThreadsAgree) {
  const Bytes module =
      header() +
      section(1, hex("03 4e 02 5f 01 63 01 00 5f 01 63 00 00 60 02 7e 7d 01 7c 50 00 5e 78 01"));
  std::vector<std::vector<u32>> ids(4);
  std::vector<std::thread> threads;
  for (auto& slot : ids) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) slot = load(module)->module->canonTypes;
    });
  }
  for (std::thread& t : threads) t.join();
  for (const auto& slot : ids) EXPECT_EQ(slot, ids[0]);
}

TEST(HeapMatching, FollowsTheFourHierarchies) {
  auto m = typesOf("03 5f 00 5e 7f 00 60 00 00");  // 0 struct, 1 array, 2 func
  const Module& module = *m->module;
  using H = HeapType;
  const H all[] = {H::Any,  H::Eq,    H::I31,         H::Struct,      H::Array,
                   H::None, H::Func,  H::NoFunc,      H::Extern,      H::NoExtern,
                   H::Exn,  H::NoExn, H::concrete(0), H::concrete(1), H::concrete(2)};
  auto expected = [&](H sub, H super) {
    if (sub == super) return true;
    auto under = [&](std::initializer_list<H> list) {
      return std::find(list.begin(), list.end(), sub) != list.end();
    };
    if (super == H::Any)
      return under({H::Eq, H::I31, H::Struct, H::Array, H::None, H::concrete(0), H::concrete(1)});
    if (super == H::Eq)
      return under({H::I31, H::Struct, H::Array, H::None, H::concrete(0), H::concrete(1)});
    if (super == H::Struct) return under({H::None, H::concrete(0)});
    if (super == H::Array) return under({H::None, H::concrete(1)});
    if (super == H::I31 || super == H::concrete(0) || super == H::concrete(1))
      return under({H::None});
    if (super == H::Func) return under({H::NoFunc, H::concrete(2)});
    if (super == H::concrete(2)) return under({H::NoFunc});
    if (super == H::Extern) return under({H::NoExtern});
    if (super == H::Exn) return under({H::NoExn});
    return false;
  };
  for (H sub : all) {
    for (H super : all) {
      EXPECT_EQ(isHeapSubtype(module, sub, super), expected(sub, super))
          << toString(sub) << " <: " << toString(super);
      ValType a = canonical(module, ValType::ref(sub, false));
      ValType b = canonical(module, ValType::ref(super, false));
      EXPECT_EQ(isCanonicalSubtype(a, b), expected(sub, super))
          << toString(sub) << " <: " << toString(super);
    }
  }
  EXPECT_TRUE(isSubtype(module, ValType::ref(H::Eq, false), ValType::ref(H::Eq, true)));
  EXPECT_FALSE(isSubtype(module, ValType::ref(H::Eq, true), ValType::ref(H::Eq, false)));
  EXPECT_EQ(topOf(module, H::concrete(2)), HeapType(H::Func));
  EXPECT_EQ(topOf(module, H::None), HeapType(H::Any));
}

}  // namespace
}  // namespace bls
