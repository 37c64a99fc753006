/* CRC-32C: long inputs are folded over 767, 2524 and 5275 bytes, the rest takes eight bytes at a time over eight tables. */
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

enum { NEAR = 767, MIDDLE = 2524, FAR = 5275, HISTORY = 5280, SEGMENT = 8192 };

static uint32_t by_tables(const uint8_t *from, size_t length, uint32_t c) {
  for (; length >= 8; from += 8, length -= 8) {
    uint32_t low, high;
    memcpy(&low, from, 4);
    memcpy(&high, from + 4, 4);
    low ^= c;
    c = table[7][low & 255] ^ table[6][low >> 8 & 255] ^ table[5][low >> 16 & 255] ^ table[4][low >> 24] ^
        table[3][high & 255] ^ table[2][high >> 8 & 255] ^ table[1][high >> 16 & 255] ^ table[0][high >> 24];
  }
  for (; length > 0; from++, length--) c = table[0][(c ^ *from) & 255] ^ (c >> 8);
  return c;
}

uint32_t crc32c(const uint8_t *from, size_t length) {
  static uint8_t folded[HISTORY + SEGMENT], rest[HISTORY + 32];
  if (length < SEGMENT) return ~by_tables(from, length, ~0u);
  const size_t many = (length - FAR) & ~(size_t)15;
  uint8_t *next = folded + HISTORY;
  memset(folded, 0, HISTORY);
  for (size_t done = 0; done < many;) {
    const size_t some = many - done < SEGMENT ? many - done : SEGMENT;
    memcpy(next, from + done, some);
    if (done == 0) for (int i = 0; i < 4; i++) next[i] ^= 255;
    for (size_t i = 0; i < some; i += 16)
      for (int k = 0; k < 16; k++) next[i + k] ^= next[i + k - NEAR] ^ next[i + k - MIDDLE] ^ next[i + k - FAR];
    memmove(folded, folded + some, HISTORY);
    done += some;
  }
  const size_t left = length - many;
  memset(next, 0, HISTORY + 16);
  for (size_t i = 0; i < left; i++)
    rest[i] = from[many + i] ^ next[(ptrdiff_t)i - NEAR] ^ next[(ptrdiff_t)i - MIDDLE] ^ next[(ptrdiff_t)i - FAR];
  return ~by_tables(rest, left, 0);
}
