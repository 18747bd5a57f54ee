int main(void) {
  int count = "three";
  return cuont;
}
