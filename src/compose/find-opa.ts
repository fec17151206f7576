import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { FirebreakError } from "../model/errors.ts";
import type { Environment } from "./environment.ts";

/**
 * OPA as it was named, or as it stands where Firebreak is installed, or on the PATH.
 *
 * @throws FirebreakError FBR_TOOL_MISSING
 */
export async function findOpa({ opa, root, path }: Environment): Promise<string> {
  if (opa !== undefined) return opa;
  for (const folder of [join(root, "bin"), ...path.split(delimiter)]) {
    const candidate = join(folder, "opa");
    const there = await access(candidate).then(
      () => true,
      () => false,
    );
    if (folder !== "" && there) return candidate;
  }
  throw new FirebreakError("FBR_TOOL_MISSING", "this needs OPA to compile Rego: install it, or name it by --opa or FIREBREAK_OPA");
}
