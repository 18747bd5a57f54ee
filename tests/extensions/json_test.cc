// JSON of unknown origin, and the parameters of http.request.
#include "extensions/base/json.h"

#include <gtest/gtest.h>

#include "extensions/rpc/request.h"

namespace bls::extensions {
namespace {

std::string read(std::string_view text, u32 depth = kJsonDepth, u64 values = kJsonValues) {
  Json value;
  std::string why;
  return readJson(text, &value, &why, depth, values) ? jsonText(value) : "refused: " + why;
}

TEST(ExtensionJson, ReadsAndWrites) {
  EXPECT_EQ(read(R"( {"b": [1, 2.5, null, true], "a": "x\n\u00e9"} )"),
            "{\"a\":\"x\\n\xc3\xa9\",\"b\":[1,2.5,null,true]}");
  EXPECT_EQ(read(R"({"a":1,"a":2})"), R"({"a":2})");
  EXPECT_EQ(jsonQuoted("a\"\xff"), "\"a\\\"\xef\xbf\xbd\"");
}

TEST(ExtensionJson, RefusesWithoutTrouble) {
  for (std::string_view text : {"", "{", "[1,]", "{\"a\"}", "nul", "1 2", "'a'", "\"\x01\"",
                                "\"\xff\"", "\xef\xbb\xbf{}", "{\"a\":1e999}"})
    EXPECT_TRUE(read(text).starts_with("refused")) << text;
  EXPECT_EQ(read("[1,\n2,}"), "refused: not valid JSON at byte 7: expected '[', '{', or a literal");
  EXPECT_EQ(read("{\"a\":1e999}"),
            "refused: not valid JSON at byte 10: number overflow parsing '1e999'");
  EXPECT_EQ(read(std::string(1 << 20, '[')), "refused: nested more than 128 deep");
  EXPECT_EQ(read("[[1]]", 2), "[[1]]");
  EXPECT_EQ(read("[[[1]]]", 2), "refused: nested more than 2 deep");
  EXPECT_EQ(read("[1,2]", 9, 3), "[1,2]");
  EXPECT_EQ(read("[1,2,3]", 9, 3), "refused: more than 3 values");
}

TEST(ExtensionJson, MembersMayBeMissing) {
  Json value;
  std::string why;
  ASSERT_TRUE(readJson(R"({"a":"x","b":1})", &value, &why));
  EXPECT_EQ(*memberText(value, "a"), "x");
  EXPECT_EQ(memberText(value, "b"), nullptr);
  EXPECT_EQ(memberText(value, "c"), nullptr);
  EXPECT_EQ(member(Json(5), "a"), nullptr);
}

TEST(RpcRequest, EscapesForms) {
  EXPECT_EQ(rpc::formEscaped("aZ09*-._ ~&=%\xc3\xa9"), "aZ09*-._+%7E%26%3D%25%C3%A9");
}

TEST(RpcRequest, TakesDefaults) {
  Json params;
  std::string why;
  net::HttpRequest request;
  ASSERT_TRUE(readJson(R"({"url":"http://a/"})", &params, &why));
  ASSERT_TRUE(rpc::takeRequest(params, &request, &why)) << why;
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.totalTimeoutMs, rpc::kStandardTimeoutMs);
  EXPECT_FALSE(request.hasBody);
}

}  // namespace
}  // namespace bls::extensions
