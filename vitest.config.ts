import { defineConfig } from "vitest/config";

/** The units run side by side; what boots a control plane runs two at a time, each file on its own cluster. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: [
            "src/**/*.test.ts",
            "tools/**/*.test.ts",
            "test/contract/**/*.test.ts",
            "test/property/**/*.test.ts",
            "test/packs/**/*.test.ts",
            "test/cli/**/*.test.ts",
          ],
          globalSetup: ["test/setup-packs.ts"],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: "apiserver",
          include: ["test/apiserver/**/*.test.ts"],
          globalSetup: ["test/setup-packs.ts", "test/setup-control-plane.ts"],
          testTimeout: 180_000,
          hookTimeout: 300_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
