import { defineConfig } from "vite";

export default defineConfig({
  build: {
    outDir: "../src/witnessmark/web/static/built",
    emptyOutDir: true,
    modulePreload: false,
    target: "es2022",
    rollupOptions: { input: "src/desk.ts", output: { entryFileNames: "desk.js", chunkFileNames: "[name].js", format: "es" } },
  },
});
