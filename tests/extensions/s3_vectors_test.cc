// Our signatures against those of two independent signers, recorded by signers/record.py.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "extensions/base/json.h"
#include "extensions/s3/sigv4.h"

namespace bls::s3 {
namespace {

TEST(S3Signature, RecordedVectors) {
  std::ifstream file(BLS_SOURCE_DIR "/tests/extensions/data/sigv4_vectors.json");
  std::stringstream text;
  text << file.rdbuf();
  extensions::Json rows;
  std::string why;
  ASSERT_TRUE(extensions::readJson(text.str(), &rows, &why)) << why;
  ASSERT_GE(rows.size(), 55u);
  for (const extensions::Json& row : rows) {
    const auto field = [&](const char* name) {
      const std::string* value = extensions::memberText(row, name);
      EXPECT_NE(value, nullptr) << name;
      return value == nullptr ? std::string() : *value;
    };
    Unsigned request;
    request.method = field("method");
    request.host = field("host");
    request.path = field("path");
    request.payloadHash = field("payload");
    request.time = field("time");
    for (const extensions::Json& pair : *extensions::member(row, "query"))
      request.query.emplace_back(pair[0].get<std::string>(), pair[1].get<std::string>());
    for (const auto& [name, value] : extensions::member(row, "headers")->items())
      request.headers.emplace_back(name, value.get<std::string>());
    Signature out;
    ASSERT_TRUE(sign({field("access"), field("secret"), field("region")}, request, &out));
    EXPECT_EQ(out.signature, field("signature")) << field("name") << '\n' << out.canonicalRequest;
  }
}

}  // namespace
}  // namespace bls::s3
