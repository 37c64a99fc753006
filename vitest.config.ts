import { defineConfig } from "vitest/config";

// Tests run on the TypeScript sources of every workspace (the "source" export condition);
// what a user installs, the built output, is tested by packing and installing it (cli/test/package.test.ts).
export default defineConfig({
  resolve: { conditions: ["source", "node", "import", "default"] },
  ssr: {
    resolve: { conditions: ["source", "node", "import", "default"], externalConditions: ["node"] },
  },
  test: {
    include: ["packages/*/test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    reporters: ["default"],
  },
});
