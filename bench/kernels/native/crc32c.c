/* CRC-32C, eight bytes at a time over eight tables. */
#include "kernels.h"

static uint32_t table[8][256];

void build_crc_tables(void) {
  for (uint32_t n = 0; n < 256; n++) {
    uint32_t c = n;
    for (int k = 0; k < 8; k++) c = c & 1 ? (c >> 1) ^ 0x82f63b78 : c >> 1;
    table[0][n] = c;
  }
  for (int n = 0; n < 256; n++)
    for (int k = 1; k < 8; k++) table[k][n] = table[0][table[k - 1][n] & 255] ^ (table[k - 1][n] >> 8);
}

uint32_t crc32c(const uint8_t *from, size_t length) {
  uint32_t c = ~0u;
  for (; length >= 8; from += 8, length -= 8) {
    uint32_t low, high;
    memcpy(&low, from, 4);
    memcpy(&high, from + 4, 4);
    low ^= c;
    c = table[7][low & 255] ^ table[6][low >> 8 & 255] ^ table[5][low >> 16 & 255] ^ table[4][low >> 24] ^
        table[3][high & 255] ^ table[2][high >> 8 & 255] ^ table[1][high >> 16 & 255] ^ table[0][high >> 24];
  }
  for (; length > 0; from++, length--) c = table[0][(c ^ *from) & 255] ^ (c >> 8);
  return ~c;
}
