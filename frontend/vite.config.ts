import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { colourTables } from "./scripts/colour_tables";

export default defineConfig({
  plugins: [colourTables()],
  resolve: { alias: { "#src": fileURLToPath(new URL("./src", import.meta.url)) } },
  esbuild: { jsx: "automatic", jsxImportSource: "preact", legalComments: "none" },
  define: { "process.env.NODE_ENV": '"production"' },
  build: {
    target: "es2022",
    outDir: "../tb_attribution_plugin/static",
    emptyOutDir: true,
    minify: "esbuild",
    lib: { entry: "src/index.tsx", formats: ["es"], fileName: () => "index.js" },
    rollupOptions: { output: { chunkFileNames: "[name]-[hash].js" } },
  },
});
