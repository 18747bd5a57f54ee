/* What bench/http_calls.py compares with: COUNT requests of URL by libcurl, the way a program of its own would make them.
   http_native URL COUNT; prints nanoseconds per request. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static size_t take(char* data, size_t size, size_t count, void* total) {
  (void)data;
  *(size_t*)total += size * count;
  return size * count;
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const int count = atoi(argv[2]);
  size_t total = 0;
  curl_global_init(CURL_GLOBAL_DEFAULT);
  CURL* easy = curl_easy_init();
  curl_easy_setopt(easy, CURLOPT_URL, argv[1]);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &total);
  const double start = now();
  for (int i = 0; i < count; ++i) {
    if (curl_easy_perform(easy) != CURLE_OK) return 1;
  }
  printf("%.0f\n", (now() - start) / count);
  curl_easy_cleanup(easy);
  curl_global_cleanup();
  return total == 0;
}
