import { defineConfig } from "vite";

// The page is static files that lie where the server looks for them; relative, so that they work anywhere.
export default defineConfig({
  base: "./",
  resolve: { conditions: ["source", "module", "browser", "import", "default"] },
  worker: { format: "es" },
  build: {
    outDir: "../server/page",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    // three.js is one file of its own, fetched while the archive is opened.
    chunkSizeWarningLimit: 1200,
  },
});
