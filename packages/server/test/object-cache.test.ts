import { abortedError, isFieldzipError } from "@fieldzip/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ObjectCache } from "../src/object-cache.js";

const limits = { decodedBytes: 100, decodes: 2, waiting: 5, chunkMs: 1000 };
const soon = (ms = 1) => new Promise((resolve) => setTimeout(resolve, ms));

describe("the cache of decoded chunks", () => {
  it("makes what several ask for once, and keeps it", async () => {
    const cache = new ObjectCache(limits);
    let made = 0;
    const load = async () => {
      made++;
      await soon();
      return new Uint8Array(10);
    };
    const leases = await Promise.all(Array.from({ length: 8 }, () => cache.acquire("a", 10, load)));
    for (const { release } of leases) release();
    (await cache.acquire("a", 10, load)).release();
    expect([made, cache.bytes]).toEqual([1, 10]);
  });

  it("never holds more than it may, whatever is asked for, and never forgets anybody", async () => {
    const asked = fc.array(fc.tuple(fc.nat(9), fc.nat(3), fc.boolean()), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(asked, async (requests) => {
        const cache = new ObjectCache({ ...limits, waiting: 1000 });
        let decoding = 0;
        await Promise.all(
          requests.map(async ([key, ms, fails]) => {
            const load = async () => {
              decoding++;
              expect(decoding).toBeLessThanOrEqual(limits.decodes);
              expect(cache.bytes).toBeLessThanOrEqual(limits.decodedBytes);
              await soon(ms);
              decoding--;
              if (fails) throw new Error("damaged");
              return new Uint8Array(10 * key);
            };
            try {
              const lease = await cache.acquire(`${key}`, 10 * key, load);
              expect(lease.bytes.length).toBe(10 * key);
              await soon(ms);
              lease.release();
              lease.release();
            } catch (error) {
              expect((error as Error).message).toBe("damaged");
            }
          }),
        );
        expect(cache.bytes).toBeLessThanOrEqual(limits.decodedBytes);
        cache.clear();
        expect(cache.bytes).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  it("lets wait, but not too many, nor too long, nor for what cannot be", async () => {
    const cache = new ObjectCache({ ...limits, waiting: 1, chunkMs: 50 });
    const load = async () => new Uint8Array(60);
    const first = await cache.acquire("a", 60, load);
    const second = cache.acquire("b", 60, load);
    const isBusy = (error: unknown) => isFieldzipError(error, "limit");
    await expect(cache.acquire("c", 60, load)).rejects.toSatisfy(isBusy);
    await expect(cache.acquire("d", 101, load)).rejects.toSatisfy(isBusy);
    await expect(second).rejects.toSatisfy(isBusy);
    const third = cache.acquire("e", 60, load);
    first.release();
    (await third).release();
    expect(cache.bytes).toBe(60);
  });

  it("gives up what takes too long to decode, and makes room for others", async () => {
    const cache = new ObjectCache({ ...limits, decodes: 1, chunkMs: 50 });
    const endless = (signal: AbortSignal) =>
      new Promise<Uint8Array>((_, reject) => {
        signal.addEventListener("abort", () => reject(abortedError(signal)));
      });
    const stuck = cache.acquire("a", 100, endless);
    await expect(stuck).rejects.toSatisfy((error) => isFieldzipError(error, "aborted"));
    expect(cache.bytes).toBe(0);
    (await cache.acquire("a", 100, async () => new Uint8Array(100))).release();
  });

  it("does nothing for those who went away", async () => {
    const cache = new ObjectCache(limits);
    const load = async () => new Uint8Array(60);
    const first = await cache.acquire("a", 60, load);
    const gone = AbortSignal.abort();
    const second = cache.acquire("b", 60, () => Promise.reject(new Error("was made")), gone);
    first.release();
    await expect(second).rejects.toSatisfy((error) => isFieldzipError(error, "aborted"));
    (await cache.acquire("c", 100, async () => new Uint8Array(100))).release();
  });
});
