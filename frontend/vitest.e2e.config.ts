import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const modules = (name: string) => fileURLToPath(new URL(`./node_modules/${name}`, import.meta.url));

// The tests lie beside the Python ones, outside of this package: tell them where its packages are.
export default defineConfig({
  resolve: {
    alias: {
      "playwright-core": modules("playwright-core"),
      "@axe-core/playwright": modules("@axe-core/playwright"),
      "d3-scale-chromatic": modules("d3-scale-chromatic"),
      pngjs: modules("pngjs"),
      vitest: modules("vitest"),
    },
  },
  test: {
    root: fileURLToPath(new URL("..", import.meta.url)),
    include: ["tests/e2e/**/*.test.ts"],
    environment: "node",
    // Each worker has a TensorBoard and a browser; more of them than cores only wait for one another.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 180_000,
    // Vitest would give a page one second, which a machine that trains beside it does not always have.
    expect: { poll: { timeout: 30_000 } },
  },
});
