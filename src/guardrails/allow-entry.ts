import { z } from "zod";
import type { AllowEntry } from "../admission/ports.ts";

/** An entry of `params.allow`, the same in every rule. */
export const allowEntry = z.strictObject({
  namespace: z.string().exactOptional(),
  serviceAccount: z.string().exactOptional(),
  user: z.string().exactOptional(),
  owner: z.strictObject({ kind: z.string(), name: z.string() }).exactOptional(),
  imagePrefix: z.string().exactOptional(),
  container: z.string().exactOptional(),
  capabilities: z.array(z.string()).exactOptional(),
  reason: z.string().min(1),
  expires: z.iso.datetime({ offset: true }).exactOptional(),
}) satisfies z.ZodType<AllowEntry>;
