// Application: cmark: generated Markdown parsed to a tree and rendered as HTML, XML and Markdown.
//
// Size: number of documents of about 30 KB.
#include "bench/programs/kernels/kernel.h"
#include "cmark.h"

enum { kDocumentMax = 30000 };

static char document[kDocumentMax + 512];
static u32 used;

static void put(const char* s) {
  while (*s && used < kDocumentMax) document[used++] = *s++;
}

static void putWords(u64* seed, u32 count) {
  static const char* const kWords[16] = {"meadow",
                                         "*lantern*",
                                         "harbour",
                                         "`code()`",
                                         "**granite**",
                                         "echo",
                                         "[link](http://example.org/a?b=1 \"t\")",
                                         "cloud &amp; sky",
                                         "<b>tag</b>",
                                         "under_score_word",
                                         "![alt](pic.png)",
                                         "quiet",
                                         "[ref]",
                                         "\\*escaped\\*",
                                         "***both***",
                                         "plain"};
  for (u32 i = 0; i < count; i++) {
    put(kWords[rngBelow(seed, 16)]);
    put(i % 11 == 10 ? "\n" : " ");
  }
  put("\n");
}

static void generate(u64* seed) {
  used = 0;
  put("[ref]: <http://example.org/reference> 'a title'\n\n");
  while (used < kDocumentMax) {
    switch (rngBelow(seed, 9)) {
      case 0:
        put("# Heading ");
        putWords(seed, 4);
        break;
      case 1:
        put("\nSetext ");
        putWords(seed, 3);
        put("=====\n\n");
        break;
      case 2:
        for (u32 i = 0; i < 5; i++) {
          put(i == 3 ? "  - " : "- ");
          putWords(seed, 6);
        }
        put("\n");
        break;
      case 3:
        for (u32 i = 0; i < 4; i++) {
          put("1. ");
          putWords(seed, 5);
          put("\n");
        }
        break;
      case 4:
        put("> quoted ");
        putWords(seed, 12);
        put("> > deeper\n\n");
        break;
      case 5:
        put("```c\nint x = a < b ? 1 : 0; /* & */\nreturn x;\n```\n\n");
        break;
      case 6:
        put("    indented code\n    more\n\n");
        break;
      case 7:
        put("<div class=\"x\">\nraw *html*\n</div>\n\n---\n\n");
        break;
      default:
        putWords(seed, 40);
        put("\n");
        break;
    }
  }
}

static u64 foldText(u64 sum, char* text) {
  if (!text) exit(2);
  size_t length = strlen(text);
  for (size_t i = 0; i < length; i += 5) sum = mix(sum, (u8)text[i]);
  free(text);
  return mix(sum, length);
}

static u64 run(u32 n) {
  u64 seed = 191, sum = 0;
  for (u32 i = 0; i < n; i++) {
    generate(&seed);
    cmark_node* tree = cmark_parse_document(document, used, CMARK_OPT_SMART);
    u32 nodes = 0;
    cmark_iter* walk = cmark_iter_new(tree);
    while (cmark_iter_next(walk) != CMARK_EVENT_DONE)
      nodes += (u32)cmark_node_get_type(cmark_iter_get_node(walk)) & 255;
    cmark_iter_free(walk);
    sum = mix(sum, nodes);
    sum = foldText(sum, cmark_render_html(tree, CMARK_OPT_UNSAFE));
    if (i % 2)
      sum = foldText(sum, cmark_render_xml(tree, CMARK_OPT_SOURCEPOS));
    else
      sum = foldText(sum, cmark_render_commonmark(tree, CMARK_OPT_DEFAULT, 72));
    cmark_node_free(tree);
  }
  return sum;
}

KERNEL_MAIN(run)
