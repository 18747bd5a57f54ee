// Application: the expat XML parser over a generated document with namespaces, attributes,
// entities, comments, CDATA and a DTD, fed in pieces.
//
// Size: number of parses of a document of about 190 KB.
#include "bench/programs/kernels/kernel.h"
#include "expat.h"

enum { kDocumentMax = 200000 };

static char document[kDocumentMax + 512];
static u32 documentLength;

typedef struct {
  u64 sum;
  u32 depth, elements, characters, comments;
} Summary;

static u64 foldName(u64 sum, const char* s) {
  while (*s) sum = mix(sum, (u8)*s++);
  return sum;
}

static void onStart(void* data, const XML_Char* name, const XML_Char** attributes) {
  Summary* s = data;
  s->depth++;
  s->elements++;
  s->sum = foldName(s->sum, name);
  for (; attributes[0]; attributes += 2)
    s->sum = foldName(foldName(s->sum, attributes[0]), attributes[1]);
}

static void onEnd(void* data, const XML_Char* name) {
  Summary* s = data;
  s->sum = mix(s->sum, (u64)(u8)name[0] << 8 | s->depth--);
}

static void onText(void* data, const XML_Char* text, int count) {
  Summary* s = data;
  s->characters += (u32)count;
  for (int i = 0; i < count; i += 7) s->sum = mix(s->sum, (u8)text[i]);
}

static void onComment(void* data, const XML_Char* text) {
  Summary* s = data;
  s->comments += text[0] == ' ';
}

static void generate(void) {
  u64 seed = 181;
  u32 at =
      (u32)snprintf(document, 512,
                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE c:catalogue [\n"
                    "<!ELEMENT item (#PCDATA)>\n<!ATTLIST item lang CDATA \"en\">\n"
                    "<!ENTITY firm \"North &amp; Sons\">\n]>\n<c:catalogue xmlns:c=\"urn:cat\">\n");
  for (u32 i = 0; at < kDocumentMax - 1024; i++) {
    u64 r = rngNext(&seed);
    at += (u32)snprintf(document + at, 512, "  <c:group id=\"g%u\" rank='%u'>\n", i, (u32)(r & 31));
    for (u32 k = 0; k < 1 + (r >> 8 & 3); k++) {
      at += (u32)snprintf(document + at, 256,
                          "    <item code=\"%08x\" c:kind=\"k%u\">Piece &lt;%u&gt; by &firm; "
                          "caf\xc3\xa9 &#x20ac;%u</item>\n",
                          (u32)rngNext(&seed), (u32)(r >> 12 & 7), k, (u32)(r >> 16 & 1023));
    }
    if ((r >> 32 & 7) == 0) at += (u32)snprintf(document + at, 64, "    <!-- checked %u -->\n", i);
    if ((r >> 36 & 7) == 1)
      at += (u32)snprintf(document + at, 96, "    <![CDATA[raw <b>%u</b> & more]]>\n", i);
    if ((r >> 40 & 7) == 2) at += (u32)snprintf(document + at, 64, "    <?note %u?><empty/>\n", i);
    at += (u32)snprintf(document + at, 64, "  </c:group>\n");
  }
  at += (u32)snprintf(document + at, 64, "</c:catalogue>\n");
  documentLength = at;
}

static void parseOnce(Summary* s, u32 piece) {
  XML_Parser parser = XML_ParserCreateNS(NULL, '|');
  if (!parser) exit(2);
  XML_SetUserData(parser, s);
  XML_SetElementHandler(parser, onStart, onEnd);
  XML_SetCharacterDataHandler(parser, onText);
  XML_SetCommentHandler(parser, onComment);
  XML_SetHashSalt(parser, 12345);
  for (u32 at = 0; at < documentLength; at += piece) {
    u32 count = documentLength - at < piece ? documentLength - at : piece;
    if (XML_Parse(parser, document + at, (int)count, at + count == documentLength) !=
        XML_STATUS_OK) {
      fprintf(stderr, "expat: %s\n", XML_ErrorString(XML_GetErrorCode(parser)));
      exit(2);
    }
  }
  XML_ParserFree(parser);
}

static u64 run(u32 n) {
  Summary s = {0};
  generate();
  for (u32 i = 0; i < n; i++) {
    parseOnce(&s, 4096 + 1000 * (i % 16));
    s.sum = mix(s.sum, ((u64)s.elements << 32) | s.characters);
  }
  return mix(s.sum, s.comments);
}

KERNEL_MAIN(run)
