// The readers of what storage servers send, and the escapes of what they are sent.
#include <gtest/gtest.h>

#include "extensions/s3/listing.h"
#include "extensions/s3/sigv4.h"
#include "extensions/s3/xml.h"

namespace bls::s3 {
namespace {

// The events in one line; `!` for malformed.
std::string events(std::string_view text) {
  XmlReader reader(text);
  std::string out;
  for (;;) {
    switch (reader.next()) {
      case XmlReader::Event::Start: out += "<" + std::string(reader.name()) + ">"; break;
      case XmlReader::Event::End: out += "</" + std::string(reader.name()) + ">"; break;
      case XmlReader::Event::Text: out += reader.text(); break;
      case XmlReader::Event::Finished: return out;
      case XmlReader::Event::Malformed: return out + "!";
    }
  }
}

TEST(S3Xml, ElementsTextAndWhatIsSkipped) {
  EXPECT_EQ(
      events("<?xml version='1.0'?> <!-- c --><a x='>' y = \"<\"><n:b/>t<!-- - --><?p?></a >\n"),
      "<a><b></b>t</a>");
  EXPECT_EQ(events("<a>x<![CDATA[<&]]>y<![CDATA[]]></a>"), "<a>x<&y</a>");
  EXPECT_EQ(events("\xef\xbb\xbf<a/>"), "<a></a>");
}

TEST(S3Xml, Entities) {
  EXPECT_EQ(events("<a>&amp;&lt;&gt;&quot;&apos;&#65;&#x4a;&#xe9;&#x20AC;&#x1f600;</a>"),
            "<a>&<>\"'AJ\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80</a>");
  for (const char* bad :
       {"&", "&;", "&x;", "&#;", "&#x;", "&#0;", "&#xd800;", "&#x110000;", "&#x;", "&#999999999;",
        "&#xffff;", "&#1", "&amp", "&#6a;", "&longername12345;"}) {
    EXPECT_EQ(events("<a>" + std::string(bad) + "</a>"), "<a>!") << bad;
  }
}

TEST(S3Xml, MalformedEndsTheReading) {
  for (const char* bad : {"",
                          " ",
                          "x",
                          "<",
                          "<>",
                          "<a",
                          "<a>",
                          "</a>",
                          "<a></b>",
                          "<a:></a:>",
                          "<a/><b/>",
                          "<a/>x",
                          "<a b></a>",
                          "<a b=c></a>",
                          "<a b='></a>",
                          "<!DOCTYPE a><a/>",
                          "<a><!ENTITY x 'y'></a>",
                          "<a><![CDATA[x</a>",
                          "<a><!-- </a>",
                          "<a><?x</a>",
                          "<a>\xff</a>"}) {
    const std::string found = events(bad);
    EXPECT_TRUE(found.ends_with('!')) << bad << " " << found;
  }
  EXPECT_TRUE(events(std::string("<a>\0</a>", 8)).ends_with('!'));
}

TEST(S3Xml, DepthIsBoundedAndEmptySectionsDoNotRecurse) {
  const auto nested = [](size_t depth) {
    std::string text;
    for (size_t i = 0; i < depth; ++i) text += "<a>";
    for (size_t i = 0; i < depth; ++i) text += "</a>";
    return text;
  };
  EXPECT_FALSE(events(nested(kMaxXmlDepth)).ends_with('!'));
  EXPECT_TRUE(events(nested(kMaxXmlDepth + 1)).ends_with('!'));
  std::string many = "<a>";
  for (int i = 0; i < 300000; ++i) many += "<![CDATA[]]>";
  EXPECT_EQ(events(many + "</a>"), "<a></a>");
}

TEST(S3Listing, PagesAsJson) {
  Page page;
  ASSERT_TRUE(readListing(
      "<ListBucketResult xmlns='x'><Name>b</Name><Prefix/><IsTruncated>true</IsTruncated>"
      "<NextContinuationToken>t&amp;</NextContinuationToken><Contents><Key>k&quot;</Key><ETag>e</"
      "ETag>"
      "<Size>18446744073</Size><Owner><ID>1</ID><Key>no</Key></Owner></"
      "Contents><CommonPrefixes><Prefix>no"
      "</Prefix></CommonPrefixes></ListBucketResult>",
      &page));
  EXPECT_TRUE(page.truncated);
  EXPECT_EQ(page.continuation, "t&");
  EXPECT_EQ(page.json,
            "{\"name\":\"b\",\"is_truncated\":true,\"prefix\":\"\",\"contents\":[{\"last_"
            "modified\":null,\"e_tag\":"
            "\"e\",\"storage_class\":null,\"key\":\"k\\\"\",\"size\":18446744073}]}");
  EXPECT_FALSE(readListing("<Error/>", &page));
  EXPECT_FALSE(readListing(
      "<ListBucketResult><Contents><Size>-1</Size></Contents></ListBucketResult>", &page));
}

TEST(S3Signature, RecordedRequest) {
  Signature out;
  ASSERT_TRUE(sign(
      {"S3RVER", "S3RVER", "us-east-1"},
      {"GET", "127.0.0.1:14568", "/test/a.txt", {}, {}, sha256Hex(""), "20260101T000000Z"}, &out));
  EXPECT_EQ(out.signature, "4568b36a53f0b8e5851a72807564f26229b409b4d4c753272cf3c3a0132f2d99");
}

TEST(S3Signature, TimesAndEscapes) {
  EXPECT_EQ(signingTime(0), "19700101T000000Z");
  EXPECT_EQ(signingTime(951782399), "20000228T235959Z");
  EXPECT_EQ(signingTime(951782400), "20000229T000000Z");
  EXPECT_EQ(signingTime(4107542400), "21000301T000000Z");
  EXPECT_EQ(signingTime(1767225599), "20251231T235959Z");
  EXPECT_EQ(uriEscape("a/ ~\xc3\xa4+", false), "a/%20~%C3%A4%2B");
  EXPECT_EQ(uriEscape("/", true), "%2F");
  EXPECT_EQ(canonicalQuery({{"b", "2"}, {"a", "x y"}, {"a", ""}}), "a=&a=x%20y&b=2");
}

}  // namespace
}  // namespace bls::s3
